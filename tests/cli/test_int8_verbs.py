"""pack --weights int8, quantise: what they print, keep and refuse."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from cli_kit import Json
from pack.test_bundle import disk_of

from cloister.cli.main import run
from cloister.errors import UserError
from cloister.pack.bundle import load_bundle
from cloister.pack.description import parse
from cloister.pack.manifest import Manifest

CUT = "res1.relu2"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    rows = np.random.default_rng(3).standard_normal((12, 4)).astype(np.float32)
    np.savez(tmp_path / "rows.npz", x=rows)
    return tmp_path / "rows.npz"


def test_pack_rounds_the_heads_weights_and_says_what_that_changed(
    as_json: Json, cifar: Path, photos: Path, tmp_path: Path
) -> None:
    sizes = {}
    for weights in ("float32", "int8"):
        code, found = as_json(
            "pack", cifar, "--cut", CUT, "--images", photos, "--weights", weights,
            "-o", tmp_path / weights / "bundle",
        )  # fmt: skip
        assert code == 0
        sizes[weights] = sum(p.plain for p in parse(_head(found)).pages)
    assert sizes["int8"] < 0.35 * sizes["float32"]
    assert found["int8_weights"] == sum(op.int8 for op in parse(_head(found)).ops) > 1
    assert found["parity"]["max_rel_error"] <= found["parity"]["tolerance"] == 1e-4
    rounding = found["rounding"]
    assert rounding["inputs"] == 3 and 0 < rounding["max_rel_error"] < 0.1
    manifest = load_bundle(Path(found["bundle"])).manifest
    assert manifest.weights is not None
    assert (manifest.weights.dtype, manifest.weights.same_answers) == (
        "int8",
        rounding["same_answers"],
    )
    plain = load_bundle(tmp_path / "float32" / "bundle").manifest
    assert plain.weights is None and "weights" not in json.loads(plain.to_bytes())
    assert plain.tail is not None and manifest.tail is not None
    assert plain.tail.sha256 == manifest.tail.sha256  # the tail keeps its weights


def _head(found: dict[str, object]) -> bytes:
    return (Path(str(found["bundle"])) / "head.clo").read_bytes()


def test_the_text_of_pack_names_the_rounding(
    records: Path, inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "bundle"
    assert (
        run(["pack", str(records), "--whole", "--inputs", str(inputs), "--weights", "int8",
             "-o", str(out)])
        == 0
    )  # fmt: skip
    assert "rounded here: 12 of 12 answers" in " ".join(capsys.readouterr().out.split())


def test_pack_refuses_other_weights(as_json: Json, records: Path, tmp_path: Path) -> None:
    code, found = as_json("pack", records, "--whole", "--weights", "int4", "-o", tmp_path / "b")
    assert code == 2 and found["error"]["code"] == "usage"
    assert "int4" in found["error"]["message"] and not (tmp_path / "b").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda w: {**w, "dtype": "int4"},
        lambda w: {**w, "same_answers": -1},
        lambda w: {**w, "more": 1},
        lambda w: {"dtype": w["dtype"]},
        lambda w: None,
    ],
)
def test_a_manifest_with_other_weights_is_refused(
    as_json: Json, records: Path, inputs: Path, tmp_path: Path, change: object
) -> None:
    _, found = as_json(
        "pack", records, "--whole", "--inputs", inputs, "--weights", "int8", "-o", tmp_path / "b"
    )
    content = (tmp_path / "b" / "manifest.json").read_bytes()
    assert Manifest.from_bytes(content).digest == found["manifest_sha256"]
    fields = json.loads(content)
    fields["weights"] = change(fields["weights"])  # type: ignore[operator]
    with pytest.raises(UserError) as caught:
        Manifest.from_bytes(json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n")
    assert caught.value.code == "bad-manifest" and "weights" in caught.value.message


def test_quantise_then_pack(as_json: Json, records: Path, inputs: Path, tmp_path: Path) -> None:
    code, found = as_json("quantise", records, "--inputs", inputs, "-o", tmp_path / "r.int8.onnx")
    assert code == 0
    assert (found["calibrated"], found["compared"]) == (6, 6)
    assert found["same_answers"] >= 5 and 0 < found["max_rel_error"] < 1
    assert found["output_bytes"] == (tmp_path / "r.int8.onnx").stat().st_size
    code, packed = as_json(
        "pack", tmp_path / "r.int8.onnx", "--whole", "--inputs", inputs, "-o", tmp_path / "bundle"
    )
    assert code == 0 and packed["int8_weights"] == 2 and packed["rounding"] is None
    assert packed["parity"]["max_rel_error"] <= packed["parity"]["tolerance"] == 0.25
    code, checked = as_json("check", tmp_path / "r.int8.onnx", "--inputs", inputs)
    assert code == 0 and checked["ok"] and checked["tolerance"] == 0.25
    code, again = as_json("quantise", tmp_path / "r.int8.onnx", "--inputs", inputs,
                          "-o", tmp_path / "twice.onnx")  # fmt: skip
    assert code == 2 and again["error"]["code"] == "already-quantised"


def test_quantise_by_photographs(as_json: Json, cifar: Path, photos: Path, tmp_path: Path) -> None:
    code, found = as_json("quantise", cifar, "--images", photos, "-o", tmp_path / "c.onnx")
    assert code == 0
    assert (found["calibrated"], found["compared"], found["preprocess"]) == (2, 1, "default")
    assert found["output_bytes"] < 0.5 * found["model_bytes"]


def test_quantise_refuses(as_json: Json, records: Path, inputs: Path, tmp_path: Path) -> None:
    one = tmp_path / "one.npz"
    np.savez(one, x=np.zeros((1, 4), np.float32))
    code, found = as_json("quantise", records, "--inputs", one, "-o", tmp_path / "q.onnx")
    assert code == 2 and found["error"]["code"] == "too-few-inputs"
    for place in (tmp_path / "no" / "q.onnx", tmp_path):
        code, found = as_json("quantise", records, "--inputs", inputs, "-o", place)
        assert code == 2 and found["error"]["code"] == "not-writable"
    assert not (tmp_path / "q.onnx").exists()


def test_quantise_on_a_full_disk_leaves_nothing(
    as_json: Json, records: Path, inputs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with disk_of(100):
        code, found = as_json("quantise", records, "--inputs", inputs, "-o", out / "q.onnx")
    assert code == 3, found
    assert list(out.iterdir()) == []
