"""Cuts of several tensors: all of them are attacked together, and inclusion is of sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from audit_kit import SIDE
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import make_sets
from cloister.audit.store import Store
from cloister.audit.task import Task
from cloister.audit.verdict import Limits, Measured, judge
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load
from cloister.preprocess import imagenet_default

Verb = Callable[..., tuple[int, dict[str, Any]]]
BOTH = "main+skip"


def residual_network(path: Path) -> Path:
    """A block with a projection as its shortcut: two branches of 64 numbers, then their sum."""
    random = np.random.default_rng(3)

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        values = random.standard_normal(shape) / np.prod(shape[1:]) ** 0.5
        return numpy_helper.from_array(values.astype(np.float32), name)

    def node(op: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
        return helper.make_node(op, inputs.split(), [output], output, **attributes)

    strided = {"kernel_shape": [4, 4], "strides": [4, 4]}
    graph = helper.make_graph(
        [
            node("Conv", "image w1", "main", **strided),
            node("Conv", "image w2", "skip", **strided),
            node("Add", "main skip", "sum"),
            node("GlobalAveragePool", "sum", "gap"),
            node("Flatten", "gap", "flat"),
            node("Gemm", "flat w3", "logits"),
        ],
        "residual",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 5])],
        [weights("w1", 4, 3, 4, 4), weights("w2", 4, 3, 4, 4), weights("w3", 4, 5)],
    )
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


@pytest.fixture(scope="module")
def residual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return residual_network(tmp_path_factory.mktemp("residual") / "residual.onnx")


@pytest.fixture(scope="module")
def every(residual: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    graph = load(residual)
    how = imagenet_default((1, 3, SIDE, SIDE))
    sets = make_sets(drawn_pictures(700, 5), seed=0)
    task = Task(graph, how, sets, find_cuts(graph, all_cuts=True))
    return run(task, tmp_path_factory.mktemp("every") / "run")


def test_two_tensors_of_a_residual_block_leak_more_than_their_sum(every: Store) -> None:
    found = {cut.judged.cut: cut for cut in outcome(every).cuts}
    assert list(found) == [BOTH, "sum", "gap", "flat"]
    assert [len(found[cut].crossing) for cut in found] == [2, 1, 1, 1]
    both, one = (found[cut].cell.arrays["mse"] for cut in (BOTH, "sum"))
    assert both.mean() < 0.8 * one.mean()
    assert found[BOTH].cell.facts["width"] == 2 * found["sum"].cell.facts["width"]


def test_what_only_the_set_gives_away_is_no_leak_of_the_later_tensor(every: Store) -> None:
    cuts = {cut.judged.cut: cut for cut in outcome(every).cuts}
    middle = (cuts[BOTH].quantile("thumbnail", 0.9) + cuts["sum"].quantile("thumbnail", 0.98)) / 2
    judged = {c.judged.cut: c.judged for c in outcome(every, Limits(thumbnail=middle)).cuts}
    assert judged[BOTH].verdict == "LEAKS" and judged[BOTH].worst_cut == BOTH
    assert judged["sum"].verdict != "LEAKS" and judged["sum"].worst_cut != BOTH


def test_inclusion_is_of_sets(residual: Path) -> None:
    """A later tensor's leak counts at the set it is computed from, and not the other way round."""
    heads = {
        cut.id: frozenset(str(n.name) for n in cut.head_nodes)
        for cut in find_cuts(load(residual), all_cuts=True)
    }

    def measured(cut: str, leaks: int) -> Measured:
        thumbnail, error = np.zeros(400), np.full(400, 0.05)
        thumbnail[:leaks], error[:leaks] = 9, 0.01
        return Measured(
            cut, heads[cut], thumbnail, error, np.full(400, 0.05),
            {"reconstruction": 0, "changed": 0}, True, 8, False, 0, False,
        )  # fmt: skip

    weak, strong = judge([measured(BOTH, 0), measured("sum", 100)], Limits())
    assert (weak.verdict, weak.worst_cut) == ("LEAKS", "sum")
    assert weak.flags == ("under-trained: sum gives more",)
    alone, later = judge([measured(BOTH, 100), measured("sum", 0)], Limits())
    assert (alone.verdict, later.verdict) == ("LEAKS", "NOT SHOWN TO LEAK")
    assert strong.worst_cut == later.worst_cut == "sum"


def test_every_is_more_than_all_and_a_set_has_a_name(
    verb: Verb, residual: Path, pictures: Path, tmp_path: Path
) -> None:
    names = {}
    for cuts in ("all", "every", BOTH):
        code, found = verb(
            "audit", residual, "--images", pictures, "--cuts", cuts, "--run", tmp_path / cuts
        )
        assert code == 0, found
        names[cuts] = [cut["id"] for cut in found["cuts"]]
    assert names["every"] == [BOTH, *names["all"]] and names[BOTH] == [BOTH]
