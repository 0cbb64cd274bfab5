"""LPIPS from weight files is the package's, and is refused where it cannot be computed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.lpips import FIRES, Distance, Lpips
from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import make_sets
from cloister.audit.task import Task
from cloister.errors import UserError
from cloister.graph.cuts import find_cuts
from cloister.graph.load import from_proto
from cloister.preprocess import imagenet_default
from cloister.report.page import render

Verb = Callable[..., tuple[int, dict[str, Any]]]
Arrays = dict[str, np.ndarray[Any, Any]]
SIDE = 32
CHANNELS = (64, 128, 256, 384, 384, 512, 512)
SQUEEZED = (16, 16, 32, 32, 48, 48, 64, 64)
SHARED = Path(os.environ.get("CLOISTER_SHARED", Path(__file__).parents[2].parent / "shared"))
WEIGHTS = SHARED / "data" / "weights"
NAMES = ("squeezenet1_1_imagenet_fp32.npz", "lpips_v0.1_linear_heads.npz")


def drawn_weights() -> Arrays:
    """SqueezeNet's shapes and the heads', drawn."""
    random = np.random.default_rng(7)
    arrays: Arrays = {}

    def conv(name: str, *shape: int) -> None:
        values = random.standard_normal(shape) * (2 / np.prod(shape[1:])) ** 0.5
        arrays[f"features.{name}.weight"] = values.astype(np.float32)
        arrays[f"features.{name}.bias"] = np.zeros(shape[0], np.float32)

    conv("0", 64, 3, 3, 3)
    taken = 64
    for place, small in zip(FIRES, SQUEEZED, strict=True):
        conv(f"{place}.squeeze", small, taken, 1, 1)
        conv(f"{place}.expand1x1", 4 * small, small, 1, 1)
        conv(f"{place}.expand3x3", 4 * small, small, 3, 3)
        taken = 8 * small
    for tap, channels in enumerate(CHANNELS):
        arrays[f"lin{tap}.model.1.weight"] = random.random((1, channels, 1, 1), np.float32)
    return arrays


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lpips") / "weights.npz"
    np.savez(path, **drawn_weights())
    return path


def noise(seed: int, side: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).random((1, 3, side, side), np.float32)


@pytest.mark.parametrize(
    ("made", "truth", "side", "said"),
    [(2, 1, 64, 0.17681549), (3, 1, 64, 0.18559413), (1, 2, 32, 0.17504217)],
)
def test_the_distance_is_the_packages(made: int, truth: int, side: int, said: float) -> None:
    """Expected: lpips 0.1.4, `LPIPS(net="squeeze")` in torch 2.13 with the same weights."""
    files = [WEIGHTS / name for name in NAMES]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no weights in {WEIGHTS}")
    found = Distance(Lpips.read(files))(noise(made, side), noise(truth, side))
    assert found == pytest.approx([said], abs=2e-6)


def test_equal_pictures_have_no_distance_and_others_have_one(weights: Path) -> None:
    distance = Distance(Lpips.read([weights]))
    one, other = noise(1, SIDE), noise(2, SIDE)
    assert distance(one, one) == pytest.approx([0], abs=1e-7)
    assert distance(other, one)[0] == pytest.approx(distance(one, other)[0])
    assert distance(other, one)[0] > distance(one + 0.01 * (other - one), one)[0] > 0


def test_gray_pictures_count_as_three_equal_colours(weights: Path) -> None:
    distance = Distance(Lpips.read([weights]))
    gray = [noise(seed, SIDE)[:, :1] for seed in (1, 2)]
    colours = [np.repeat(picture, 3, 1) for picture in gray]
    assert distance(*gray) == pytest.approx(distance(*colours))


def test_a_missing_or_misshapen_weight_is_named(tmp_path: Path) -> None:
    arrays = drawn_weights()
    lacking = {k: v for k, v in arrays.items() if not k.startswith("lin")}
    np.savez(tmp_path / "lacking.npz", **lacking)
    with pytest.raises(UserError, match="lin0"):
        Lpips.read([tmp_path / "lacking.npz"])
    wrong = arrays | {"features.3.squeeze.weight": np.zeros((16, 65, 1, 1), np.float32)}
    np.savez(tmp_path / "wrong.npz", **wrong)
    with pytest.raises(UserError, match="do not fit"):
        Lpips.read([tmp_path / "wrong.npz"])
    (tmp_path / "text.npz").write_text("no arrays")
    with pytest.raises(UserError, match="no npz"):
        Lpips.read([tmp_path / "text.npz"])


def test_pictures_too_small_for_it_are_refused(
    verb: Verb, network: Path, pictures: Path, weights: Path, tmp_path: Path
) -> None:
    options = ["--images", pictures, "--run", tmp_path / "run", "--lpips", weights]
    code, found = verb("audit", network, *options)
    assert code == 2 and "28 pixels or more, 16 are rebuilt" in found["error"]["message"]


def test_a_run_shows_it_beside_floors_and_oracles(weights: Path, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    kernel = (random.standard_normal((4, 3, 4, 4)) / 7).astype(np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "w"], ["conv"], "conv", strides=[4, 4]),
            helper.make_node("GlobalAveragePool", ["conv"], ["gap"], "gap"),
            helper.make_node("Flatten", ["gap"], ["out"], "out"),
        ],
        "one",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 4])],
        [numpy_helper.from_array(kernel, "w")],
    )
    opsets = [helper.make_opsetid("", 18)]
    made: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    network = from_proto(made, name="one")
    how = imagenet_default((1, 3, SIDE, SIDE))
    sets = make_sets(drawn_pictures(120, 5, SIDE), seed=0)
    facts = {"skipped": [], "command": "cloister audit"}
    task = Task(network, how, sets, find_cuts(network), lpips=Lpips.read([weights]), facts=facts)
    found = outcome(run(task, tmp_path / "run"))
    values = {cut.judged.cut: cut.mean("lpips") for cut in found.cuts}
    rows = {row["name"]: row["lpips"] for row in found.references()}
    assert 0 < (values["conv"] or 0) < (values["gap"] or 0)
    assert rows["own 16 x 16 thumbnail"] < rows["own 4 x 4 thumbnail"] < rows["mean picture"]
    assert "LPIPS" in render([found])
    with pytest.raises(UserError, match="lpips"):
        run(replace(task, lpips=None), tmp_path / "run")
