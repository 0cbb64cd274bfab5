"""The spectrum bound is what theory says of linear heads, and never a verdict."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.spectrum import block_of, least_error, shrunk_covariance, spectrum
from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.preprocess import Preprocess, imagenet_default
from cloister.report.page import render

from audit_kit import small_task  # isort: skip

SIDE = 8
SIZE = 3 * SIDE * SIDE
Verb = Callable[..., tuple[int, dict[str, Any]]]


def covariance(seed: int = 1, size: int = SIZE) -> np.ndarray[Any, Any]:
    root = np.random.default_rng(seed).standard_normal((size, size))
    return np.asarray(root @ root.T / size + 0.1 * np.eye(size))


def conditional(prior: np.ndarray[Any, Any], weights: np.ndarray[Any, Any]) -> float:
    """Mean variance of x given `weights @ x`, of a Gaussian: the textbook's form."""
    cross = prior @ weights.T
    left = prior - cross @ np.linalg.solve(weights @ cross, cross.T)
    return float(np.trace(left)) / len(prior)


def linear(weights: np.ndarray[Any, Any], tail: str = "Relu") -> Graph:
    """Pictures [3, 8, 8] to `weights` @ them, the cut `y`."""
    rows, size = weights.shape
    side = round((size / 3) ** 0.5)
    graph = helper.make_graph(
        [
            helper.make_node("Flatten", ["image"], ["flat"], "flat"),
            helper.make_node("MatMul", ["flat", "w"], ["y"], "y"),
            helper.make_node(tail, ["y"], ["out"], "out"),
        ],
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, rows])],
        [numpy_helper.from_array(weights.T.astype(np.float32), "w")],
    )
    opsets = [helper.make_opsetid("", 18)]
    return from_proto(helper.make_model(graph, opset_imports=opsets, ir_version=9), name="linear")


def pixels(count: int, side: int, seed: int = 3) -> np.ndarray[Any, Any]:
    return np.asarray(
        np.random.default_rng(seed).integers(0, 256, (count, side, side, 3)).astype(np.uint8)
    )


def by_pixel(weights: np.ndarray[Any, Any], how: Preprocess) -> np.ndarray[Any, Any]:
    """The same map, of pixels in 0..1."""
    place = np.repeat(np.asarray(how.std), weights.shape[1] // 3)
    return np.asarray(weights / place * (255 * how.scale))


# ------------------------------------------------------------------------------------- the algebra
def test_a_known_null_space_gives_the_closed_form() -> None:
    prior, weights = covariance(), np.random.default_rng(2).standard_normal((40, SIZE))
    found = least_error(weights.T @ weights, prior)
    assert found.rank == 40
    assert found.mse == pytest.approx(conditional(prior, weights), rel=1e-8)
    assert found.rtc == pytest.approx(np.log(np.trace(prior) / SIZE / found.mse))


def test_an_injective_head_gives_zero() -> None:
    found = least_error(np.diag(np.linspace(1, 2, SIZE)), covariance())
    assert (found.mse, found.rank, found.rtc) == (0.0, SIZE, None)


def test_a_constant_head_gives_the_priors_variance() -> None:
    prior = covariance()
    found = least_error(np.zeros((SIZE, SIZE)), prior)
    assert found.mse == pytest.approx(found.ceiling_mse) and found.rank == 0
    assert found.rtc == pytest.approx(0, abs=1e-9)


def test_noise_dimensions_keep_their_own_variance() -> None:
    """Independent numbers that the head drops are not told by those that it passes on."""
    prior = np.eye(SIZE)
    prior[:50, :50] = covariance(size=50)
    prior[50:, 50:] *= 0.3
    told = np.diag(np.arange(SIZE) < 50).astype(float)
    found = least_error(told, prior)
    assert found.mse * SIZE == pytest.approx(0.3 * (SIZE - 50))


def test_eigenvalues_below_the_threshold_tell_nothing() -> None:
    gram = np.diag(np.r_[np.ones(10), np.full(SIZE - 10, 0.9e-4)])
    assert least_error(gram, covariance()).rank == 10
    assert least_error(gram, covariance(), null=0.8e-4).rank == SIZE


def test_the_covariance_is_scikit_learns_ledoit_wolf_and_keeps_the_variance() -> None:
    rows = np.random.default_rng(0).standard_normal((60, 90)) * np.linspace(1, 3, 90)
    ours = shrunk_covariance(rows)
    assert np.trace(ours) == pytest.approx(float(rows.var(0).sum()))
    assert np.linalg.eigvalsh(ours)[0] > 0
    if importlib.util.find_spec("sklearn"):
        from sklearn.covariance import ledoit_wolf

        np.testing.assert_allclose(ours, ledoit_wolf(rows)[0], rtol=1e-6, atol=1e-9)


# --------------------------------------------------------------------------------- through the head
def test_the_head_of_a_linear_network_gives_the_closed_form() -> None:
    """Jacobians are taken by input, errors by pixel: the preprocessing lies between."""
    pytest.importorskip("torch")
    how = imagenet_default((1, 3, SIDE, SIDE))
    weights = np.random.default_rng(2).standard_normal((40, SIZE))
    pictures = pixels(300, SIDE)
    graph = linear(weights)
    found, facts = spectrum(graph, find_cut(graph, "y"), how, pictures)
    rows = pictures.transpose(0, 3, 1, 2).reshape(300, -1) / 255
    prior = shrunk_covariance(rows)
    assert (found.rank, facts["block"]) == (40, 1)
    assert found.mse == pytest.approx(conditional(prior, by_pixel(weights, how)), rel=1e-3)


def test_a_sketch_of_a_tall_jacobian_finds_the_same_null_space() -> None:
    pytest.importorskip("torch")
    how = imagenet_default((1, 3, SIDE, SIDE))
    random = np.random.default_rng(2)
    narrow = random.standard_normal((40, SIZE))
    tall = random.standard_normal((600, 40)) @ narrow
    graph, pictures = linear(tall), pixels(120, SIDE)
    found, facts = spectrum(graph, find_cut(graph, "y"), how, pictures)
    assert facts["rows"] < 120 * 600 and found.rank == 40
    again, _ = spectrum(graph, find_cut(graph, "y"), how, pictures)
    assert again == found
    wide = linear(random.standard_normal((600, SIZE)))
    assert spectrum(wide, find_cut(wide, "y"), how, pictures)[0].mse == 0.0


def test_large_pictures_are_bounded_by_their_blocks() -> None:
    """A head that sees block averages alone tells them all; one that sees none tells nothing."""
    pytest.importorskip("torch")
    side, block = 40, 2
    how = imagenet_default((1, 3, side, side))
    assert block_of(how) == block
    corner = np.zeros((3, 3, side, side))
    corner[range(3), range(3), :block, :block] = 1
    graph, pictures = linear(corner.reshape(3, -1)), pixels(40, side)
    found, facts = spectrum(graph, find_cut(graph, "y"), how, pictures)
    assert (facts["block"], found.rank, found.dimensions) == (block, 3, 3 * (side // block) ** 2)
    means = pictures.reshape(40, 20, 2, 20, 2, 3).mean((2, 4)).transpose(0, 3, 1, 2) / 255
    ceiling = means.reshape(40, -1).var(0).mean()
    assert found.ceiling_mse == pytest.approx(ceiling) and found.mse < found.ceiling_mse


# ---------------------------------------------------------------------------------------- in a run
def test_the_bound_is_a_column_and_no_verdict(network: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    facts = {"skipped": [], "command": "cloister audit"}
    plain = replace(small_task(network, 200), facts=facts)
    bare = outcome(run(plain, tmp_path / "run"))
    assert {cut.spectrum["refused"] for cut in bare.cuts} == {"not asked for"}
    found = outcome(run(replace(plain, spectrum=True), tmp_path / "run"))
    assert [c.judged for c in found.cuts] == [c.judged for c in bare.cuts]
    by_cut = {cut.judged.cut: cut.spectrum for cut in found.cuts}
    assert by_cut["relu1"]["rank"] > by_cut["gap"]["rank"] > 0
    assert by_cut["relu1"]["mse"] <= by_cut["gap"]["mse"] < by_cut["gap"]["ceiling_mse"]
    # The bound lies below what was reached, or the prior is wrong; drawn pictures are smooth.
    assert by_cut["relu1"]["mse"] < float(found.cuts[0].cell.arrays["mse"].mean())
    assert "least error" in render([found]) and "least error" not in render([bare])


def test_without_torch_the_column_is_null_with_its_reason(
    verb: Verb, network: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    code, found = verb(
        "audit", network, "--images", pictures, "--cuts", "gap", "--run", tmp_path / "run",
        "--spectrum",
    )  # fmt: skip
    assert code == 0
    assert found["cuts"][0]["spectrum"] is None
    assert found["cuts"][0]["no_spectrum"] == "torch is not installed"


def test_a_constant_prior_is_refused_with_its_reason() -> None:
    from cloister.errors import UserError

    with pytest.raises(UserError, match="all alike"):
        shrunk_covariance(np.ones((20, 5)))
