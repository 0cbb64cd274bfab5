"""The parity gate: right engines pass, wrong ones are refused and nothing is written."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from cloister.demo.network import shipped_network
from cloister.enclaves.engine import Engine
from cloister.errors import Refused, UserError
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.pack.packing import pack, served_name
from cloister.pack.parity import TOLERANCE, check, compare, margin, rel_error
from cloister.pack.samples import sample_inputs
from cloister.preprocess import Inputs

CUT = "res1.relu2"


@pytest.fixture(scope="module")
def graph() -> Graph:
    return load(shipped_network().path)


class Off:
    """An engine whose results are off by a factor, or not numbers."""

    def __init__(self, container: bytes, factor: float) -> None:
        self.engine, self.factor = Engine(container), np.float32(factor)

    def run(self, inputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        return [tensor * self.factor for tensor in self.engine.run(inputs)]


def test_every_cut_of_a_right_engine_is_within_the_tolerance(graph: Graph) -> None:
    inputs = sample_inputs(graph, shipped_network().preprocess)
    for parity in check(graph, find_cuts(graph), inputs.items, Engine):
        assert parity.ok, parity


@pytest.mark.parametrize("factor", [1.01, -1.0, math.nan, math.inf])
def test_pack_refuses_a_wrong_engine_and_writes_nothing(
    graph: Graph, tmp_path: Path, factor: float
) -> None:
    with np.errstate(invalid="ignore"), pytest.raises(Refused, match="Nothing was written") as e:
        pack(graph, CUT, tmp_path / "bundle", engine=lambda head: Off(head, factor))
    assert e.value.code == "parity-failed"
    assert list(tmp_path.iterdir()) == []


def test_the_manifest_names_where_the_inputs_came_from(graph: Graph, tmp_path: Path) -> None:
    how = shipped_network().preprocess
    photos = pack(graph, CUT, tmp_path / "one", engine=Engine, preprocess=how)
    assert photos.bundle.manifest.parity.source == "photographs of scikit-image"
    drawn = pack(graph, CUT, tmp_path / "b" / "two", engine=Engine)
    assert "drawn numbers" in drawn.bundle.manifest.parity.source


def test_an_input_of_another_shape_is_named(graph: Graph) -> None:
    wrong = [np.zeros((1, 3, 30, 30), np.float32)]
    with pytest.raises(UserError, match=r"'image' is float32 \[1, 3, 30, 30\]"):
        list(check(graph, [find_cut(graph, CUT)], [wrong], Engine))
    with pytest.raises(UserError, match="float64"):
        list(check(graph, [find_cut(graph, CUT)], [[np.zeros((1, 3, 32, 32))]], Engine))
    with pytest.raises(UserError, match="takes 1"):
        pack(graph, CUT, "never", engine=Engine, inputs=Inputs("none", ("x",), ([],)))


# ---------------------------------------------------------------------------------------- figures
def test_error_is_relative_to_the_largest_reference() -> None:
    reference = np.array([[1.0, -4.0]], np.float32)
    assert rel_error(reference, reference) == 0
    assert rel_error(reference, np.array([[1.0, -3.0]], np.float32)) == 0.25
    assert rel_error(np.zeros(2), np.zeros(2)) == 0
    assert rel_error(np.zeros(2), np.array([0, 1e-30])) == math.inf


def test_one_number_near_zero_is_measured_by_the_usual_size_of_that_output() -> None:
    # A regression's sum of large terms that cancel: float32 leaves 1e-7 of the terms, not of it.
    # The second ends in Relu: 0 here, a trifle there.
    expected = [[np.array([2.0]), np.array([1.0])], [np.array([-1e-4]), np.array([0.0])]]
    close = [[np.array([2.0]), np.array([1.0])], [np.array([-1.01e-4]), np.array([1e-7])]]
    assert compare("x", expected, iter(close)).max_rel_error == pytest.approx(1e-6, rel=1e-3)
    wrong = [close[0], [np.array([-2e-3]), np.array([0.0])]]
    assert not compare("x", expected, iter(wrong)).ok


def test_what_is_not_finite_must_be_so_in_the_same_places() -> None:
    nan, inf = math.nan, math.inf
    assert rel_error(np.array([nan, 1, inf]), np.array([nan, 1, inf])) == 0
    for other in ([1, 1, inf], [nan, 1, -inf], [nan, nan, inf], [nan, inf, inf]):
        assert rel_error(np.array([nan, 1, inf]), np.array(other)) == inf
    assert rel_error(np.zeros(3), np.zeros(4)) == inf


def test_argmax_is_compared_only_where_the_margin_exceeds_the_tolerance() -> None:
    close = np.array([[1.0, 1.0 + TOLERANCE / 2]])
    clear = np.array([[1.0, 2.0]])
    turned = [[np.flip(reference)] for reference in (close, clear)]
    parity = compare("x", [[close]], iter(turned[:1]))
    assert parity.argmax_compared == 0 and parity.argmax_equal
    parity = compare("x", [[close], [clear]], iter(turned))
    assert parity.argmax_compared == 1 and not parity.argmax_equal and not parity.ok


def test_margin_is_best_minus_second() -> None:
    assert margin(np.array([[3.0, 1.0, 2.5]])) == 0.5
    assert margin(np.array([[3.0, 3.0]])) == 0
    assert margin(np.array([1.0])) == 0
    assert margin(np.array([1.0, math.nan])) == 0


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("resnet50", "resnet50"), ("torchvision:resnet50", "torchvision-resnet50"), ("??", "model")],
)
def test_names_are_made_fit_for_a_url(wanted: str, name: str) -> None:
    assert served_name(wanted, explicit=False) == name
