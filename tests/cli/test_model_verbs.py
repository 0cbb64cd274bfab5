"""inspect, check, profile, pack: what they print, and what they refuse."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from cli_kit import Json

from cloister.cli.main import run
from cloister.demo.network import shipped_network
from cloister.pack.bundle import load_bundle

CUT = "res1.relu2"


# --------------------------------------------------------------------------------------- inspect
def test_inspect_lists_cuts_with_memory(as_json: Json, cifar: Path) -> None:
    code, found = as_json("inspect", cifar)
    assert code == 0
    assert found["unsupported"] == []
    ids = [cut["id"] for cut in found["cuts"]]
    assert CUT in ids
    for cut in found["cuts"]:
        # An arena holds at least the request and what crosses.
        crossing = 4 * sum(int(np.prod(tensor["shape"])) for tensor in cut["crossing"])
        assert cut["head_arena_bytes"] >= 4 * 3 * 32 * 32 + crossing
        assert cut["head_weight_bytes"] > 0
    macs = [cut["head_macs"] for cut in found["cuts"]]
    assert macs == sorted(macs)


def test_inspect_and_profile_agree_on_the_memory_of_each_head(as_json: Json, cifar: Path) -> None:
    _, inspected = as_json("inspect", cifar)
    _, profiled = as_json("profile", cifar, "--runs", 1)
    for seen, measured in zip(inspected["cuts"], profiled["cuts"], strict=True):
        assert seen["id"] == measured["id"]
        assert seen["head_weight_bytes"] == measured["weight_bytes"]
        assert seen["head_arena_bytes"] == measured["arena_bytes"]


def test_inspect_names_what_cannot_run(as_json: Json, odd: Path) -> None:
    code, found = as_json("inspect", odd)
    assert code == 0
    assert [(row["node"], row["op"]) for row in found["unsupported"]] == [("det", "Det")]
    heads = {cut["id"]: cut["head_arena_bytes"] for cut in found["cuts"]}
    assert heads["r"] is not None and heads["d"] is None


@pytest.mark.parametrize("verb", ["inspect", "profile"])
def test_text_form_is_printed(verb: str, cifar: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--runs", "1"] if verb == "profile" else []
    assert run([verb, str(cifar), *options]) == 0
    assert CUT in capsys.readouterr().out


# ----------------------------------------------------------------------------------------- check
def test_check_passes_every_cut_of_a_good_network(as_json: Json, cifar: Path, photos: Path) -> None:
    code, found = as_json("check", cifar, "--images", photos)
    assert code == 0 and found["ok"]
    assert found["inputs"] == 3
    assert [entry["file"] for entry in found["skipped"]] == ["notes.txt"]
    assert found["preprocess"] == "default"
    assert len(found["cuts"]) > 10
    assert all(cut["max_rel_error"] <= 1e-4 and cut["argmax_equal"] for cut in found["cuts"])


def test_check_serves_networks_that_take_no_images(
    as_json: Json, records: Path, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("1,2,3,4\n5,6,7,8\n")
    code, found = as_json("check", records, "--inputs", tmp_path / "x.csv")
    assert code == 0 and found["inputs"] == 2 and found["preprocess"] == "none"
    np.savez(tmp_path / "x.npz", x=np.ones((5, 4), np.float32))
    code, found = as_json("check", records, "--inputs", tmp_path / "x.npz", "--cut", "r")
    assert code == 0 and [cut["id"] for cut in found["cuts"]] == ["r"]


def test_check_passes_nan_on_and_still_agrees(as_json: Json, records: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("1,nan,3,4\n1,2,3,4\n")
    code, found = as_json("check", records, "--inputs", tmp_path / "x.csv")
    assert code == 0 and found["ok"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--images", "{photos}"], "takes-no-images"),
        (["--inputs", "{photos}/notes.txt"], "bad-inputs"),
        (["--inputs", "/none.csv"], "no-such-file"),
        (["--cut", "rr"], "unknown-cut"),
    ],
)
def test_check_refuses(
    as_json: Json, records: Path, photos: Path, options: list[str], code: str
) -> None:
    exit_code, found = as_json(
        "check", records, *(option.format(photos=photos) for option in options)
    )
    assert exit_code == 2
    assert found["error"]["code"] == code


def test_a_cut_that_does_not_exist_lists_the_nearest(as_json: Json, cifar: Path) -> None:
    code, found = as_json("check", cifar, "--cut", "res1.relu")
    assert code == 2
    assert found["error"]["code"] == "unknown-cut"
    assert CUT in found["error"]["hint"]


def test_an_input_of_another_shape_is_refused(as_json: Json, records: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.ones((5, 3), np.float32))
    code, found = as_json("check", records, "--inputs", tmp_path / "x.npz")
    assert code == 2
    assert "[5, 3], expected [1, 4]" in found["error"]["message"]


def test_a_preprocess_of_another_size_is_refused(
    as_json: Json, cifar: Path, photos: Path, tmp_path: Path
) -> None:
    fields = shipped_network().preprocess.to_manifest() | {"size": [30, 30]}
    (tmp_path / "p.json").write_text(json.dumps(fields))
    code, found = as_json("check", cifar, "--images", photos, "--preprocess", tmp_path / "p.json")
    assert code == 2 and found["error"]["code"] == "bad-preprocess"


# --------------------------------------------------------------------------------------- profile
def test_profile_has_layers_cuts_and_a_ratio(as_json: Json, cifar: Path) -> None:
    code, found = as_json("profile", cifar, "--runs", "1")
    assert code == 0
    total = found["total"]
    assert total["part"] == "whole"
    assert total["ratio"] == pytest.approx(total["enclave_ms"] / total["onnxruntime_ms"])
    assert sum(layer["macs"] for layer in found["layers"]) >= 18_000_000
    assert max(layer["arena_bytes"] for layer in found["layers"]) <= total["arena_bytes"]
    assert CUT in [cut["id"] for cut in found["cuts"]]
    assert found["versions"].keys() >= {"onnxruntime", "cloister"}


def test_profile_measures_the_largest_head_where_the_whole_cannot_run(
    as_json: Json, odd: Path
) -> None:
    code, found = as_json("profile", odd, "--runs", "1")
    assert code == 0 and found["total"]["part"] == "r"


# ------------------------------------------------------------------------------------------ pack
def test_pack_writes_a_bundle_and_a_policy_beside_it(
    as_json: Json, cifar: Path, photos: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps(shipped_network().labels))
    out = tmp_path / "bundle"
    code, found = as_json(
        "pack", cifar, "--cut", CUT, "--images", photos, "--labels", labels, "-o", out
    )
    assert code == 0
    bundle = load_bundle(out)
    assert bundle.manifest.digest == found["manifest_sha256"]
    assert bundle.manifest.labels == shipped_network().labels
    assert bundle.manifest.preprocess is not None
    assert bundle.manifest.cut == CUT
    assert Path(found["policy"]) == tmp_path / "policy.toml"
    assert found["manifest_sha256"] in Path(found["policy"]).read_text()
    assert found["parity"]["max_rel_error"] <= 1e-4


def test_pack_leaves_a_policy_that_may_be_in_use_elsewhere(
    as_json: Json, records: Path, tmp_path: Path
) -> None:
    """A broker reads it anew for each release: another network's pack must not end that."""
    policy = tmp_path / "policy.toml"
    code, first = as_json("pack", records, "--whole", "-o", tmp_path / "one")
    assert code == 0
    before = policy.read_bytes()
    other = ("pack", records, "--cut", "r", "-o", tmp_path / "two")
    code, refused = as_json(*other)
    assert (code, refused["error"]["code"]) == (2, "policy-in-use")
    assert first["manifest_sha256"] in refused["error"]["message"]
    assert "--replace-policy" in refused["error"]["hint"]
    assert policy.read_bytes() == before and not (tmp_path / "two").exists()
    # In the place of the bundle that it accepts, it follows.
    code, second = as_json("pack", records, "--cut", "r", "-o", tmp_path / "one")
    assert code == 0 and second["manifest_sha256"] in policy.read_text()
    assert (tmp_path / "policy.toml.bak").read_bytes() == before
    # And where its owner says so.
    code, third = as_json(*other, "--name", "other", "--replace-policy")
    assert code == 0 and third["manifest_sha256"] in policy.read_text()
    assert second["manifest_sha256"] in (tmp_path / "policy.toml.bak2").read_text()


@pytest.mark.parametrize("text", ["", "x = [", "[model]\nname = 'a'\n", "model = 1", "\0"])
def test_pack_leaves_a_policy_toml_that_is_no_policy(
    as_json: Json, records: Path, tmp_path: Path, text: str
) -> None:
    (tmp_path / "policy.toml").write_text(text)
    code, refused = as_json("pack", records, "--whole", "-o", tmp_path / "bundle")
    assert (code, refused["error"]["code"]) == (2, "bad-policy")
    assert (tmp_path / "policy.toml").read_text() == text


def test_pack_twice_gives_the_same_bundle(as_json: Json, cifar: Path, tmp_path: Path) -> None:
    digests = set()
    for name in ("one", "two"):
        code, found = as_json("pack", cifar, "--cut", CUT, "-o", tmp_path / name / "bundle")
        assert code == 0
        digests.add(found["manifest_sha256"])
    assert len(digests) == 1


def test_pack_whole_needs_no_tail(as_json: Json, records: Path, tmp_path: Path) -> None:
    code, found = as_json("pack", records, "--whole", "-o", tmp_path / "bundle")
    assert code == 0 and found["tail_bytes"] == 0 and found["cut"] is None
    assert load_bundle(tmp_path / "bundle").tail is None


def test_pack_within_a_budget_streams(as_json: Json, cifar: Path, tmp_path: Path) -> None:
    code, roomy = as_json("pack", cifar, "--cut", "flatten", "-o", tmp_path / "one")
    assert code == 0
    budget = roomy["memory_bytes"] - (512 << 10)
    code, tight = as_json(
        "pack", cifar, "--cut", "flatten", "-o", tmp_path / "b" / "two", "--memory", budget
    )
    assert code == 0 and tight["memory_bytes"] <= budget


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "usage"),
        (["--cut", CUT, "--whole"], "usage"),
        (["--cut", "res9"], "unknown-cut"),
        (["--cut", CUT, "--memory", "lots"], "usage"),
        (["--cut", CUT, "--name", "a/b"], "bad-name"),
        (["--cut", CUT, "--labels", "{tmp}/two.txt"], "bad-labels"),
        (["--cut", CUT, "--labels", "{tmp}/none.txt"], "no-such-file"),
        (["--cut", CUT, "--preprocess", "{tmp}/two.txt"], "bad-preprocess"),
        (["--cut", CUT, "--shape", "batch"], "usage"),
    ],
)
def test_pack_refuses_and_writes_nothing(
    as_json: Json, cifar: Path, tmp_path: Path, options: list[str], code: str
) -> None:
    (tmp_path / "two.txt").write_text("cat\ndog\n")
    exit_code, found = as_json(
        "pack", cifar, "-o", tmp_path / "bundle", *(o.format(tmp=tmp_path) for o in options)
    )
    assert exit_code == 2
    assert found["error"]["code"] == code
    assert [path.name for path in tmp_path.iterdir()] == ["two.txt"]


@pytest.mark.parametrize(
    "options", [["pack", "--whole", "-o"], ["pack", "--cut", "d", "-o"], ["check", "--cut", "d"]]
)
def test_a_head_that_cannot_run_names_the_node_and_the_last_cut_that_works(
    as_json: Json, odd: Path, tmp_path: Path, options: list[str]
) -> None:
    verb, *rest = options
    rest += [str(tmp_path / "bundle")] if verb == "pack" else []
    code, found = as_json(verb, odd, *rest)
    assert code == 2 and found["error"]["code"] == "unsupported-operator"
    assert "'det' (Det)" in found["error"]["message"]
    assert "--cut r" in found["error"]["hint"]
    assert list(tmp_path.iterdir()) == []


def test_labels_of_another_count_say_both_numbers(
    as_json: Json, cifar: Path, tmp_path: Path
) -> None:
    (tmp_path / "two.txt").write_text("cat\ndog\n")
    _, found = as_json(
        "pack", cifar, "--cut", CUT, "-o", tmp_path / "b", "--labels", tmp_path / "two.txt"
    )
    assert "2 label(s), the network has 10" in found["error"]["message"]


@contextmanager
def disk_of(size_bytes: int) -> Iterator[None]:
    """No file can grow beyond this: write() fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_while_packing_leaves_nothing(
    as_json: Json, cifar: Path, tmp_path: Path
) -> None:
    with disk_of(1 << 20):
        code, found = as_json("pack", cifar, "--cut", CUT, "-o", tmp_path / "bundle")
    assert code == 3
    assert found["error"]["code"] == "disk-full"
    assert list(tmp_path.iterdir()) == []
