"""The torch form of a head computes what ONNX Runtime computes, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch", reason="trained attackers need torch")

from cloister.audit import torch_head
from cloister.audit.torch_head import RULES, Head, checked_head, parity
from cloister.errors import UserError
from cloister.graph.calibrate import calibrated
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto, load
from cloister.graph.operators import OPERATORS
from cloister.graph.reference import Reference
from cloister.graph.rounding import rounds
from cloister.graph.split import extract

CLOSE = 2e-5  # of the largest number: both compute in float32, in other orders


def test_every_operator_of_the_enclave_has_a_row() -> None:
    assert OPERATORS.keys() <= RULES.keys()


def node_cases() -> Iterator[tuple[str, Any]]:
    from onnx.backend.test.case.node import collect_testcases

    seen: set[str] = set()
    for case in collect_testcases(None):
        graph = case.model.graph
        ops = {node.op_type for node in graph.node}
        arrays = case.data_sets[0][0]
        fits = (
            len(graph.node) == 1
            and ops <= RULES.keys()
            and not graph.node[0].domain
            and len(arrays) >= 1
            and all(isinstance(a, np.ndarray) for a in arrays)
            and arrays[0].dtype == np.float32
            and len(graph.output) == 1
            and arrays[0].size
        )
        if fits and case.name not in seen:
            seen.add(case.name)
            yield case.name, case


def fixed(case: Any) -> onnx.ModelProto:  # noqa: ANN401
    """The case with all inputs but the first as constants."""
    model = onnx.ModelProto()
    model.CopyFrom(case.model)
    arrays = case.data_sets[0][0]
    names = [i.name for i in model.graph.input]
    for name, array in list(zip(names, arrays, strict=False))[1:]:
        model.graph.initializer.append(onnx.numpy_helper.from_array(array, name))
    del model.graph.input[1:]
    return model


@pytest.mark.filterwarnings("ignore")
def test_onnx_node_cases_agree_with_onnx_runtime() -> None:
    compared, ops = 0, set()
    for name, case in node_cases():
        try:
            graph = from_proto(fixed(case), name=name)
            if not graph.nodes or any(n.op_type not in RULES for n in graph.nodes):
                continue
            reference = Reference(graph)
        except UserError:
            continue  # not ours to judge: ONNX Runtime or the loader does not take the case
        x = case.data_sets[0][0][0]
        try:
            wanted = reference.run([x])
        except UserError:
            continue
        try:
            got = Head(graph)(torch.from_numpy(np.array(x)))
        except UserError as error:
            assert error.code == "no-torch-head", name
            continue
        for a, b in zip(got, wanted, strict=True):
            assert tuple(a.shape) == b.shape, name
            assert np.allclose(a.numpy(), b, rtol=1e-4, atol=1e-5, equal_nan=True), name
        compared += 1
        ops |= {n.op_type for n in graph.nodes}
    assert compared >= 200 and len(ops) >= 45, (compared, sorted(ops))


@pytest.fixture(scope="module")
def shipped() -> Graph:
    from cloister.demo.network import shipped_network

    return load(shipped_network().path)


def pictures(graph: Graph, count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, *graph.inputs[0].shape[1:]), np.float32)


def test_the_shipped_network_agrees_at_every_node(shipped: Graph) -> None:
    names = [v.name for n in shipped.nodes for v in n.outputs if v.name]
    head = Head(extract(shipped, [shipped.inputs[0].name], names))
    assert parity(head, Reference(head.graph), pictures(shipped, 3)) < CLOSE


def test_a_network_of_8_bits_agrees_and_lets_gradients_through(network: Path) -> None:
    plain = load(network)
    few = pictures(plain, 8)
    graph = from_proto(onnx.load_from_string(calibrated(plain, [[x[None]] for x in few])), name="q")
    assert rounds(graph)
    head = checked_head(graph, few)
    with torch.no_grad():
        ours = head.batch(torch.from_numpy(few))[0][:, 0].numpy()
    wanted = np.concatenate([Reference(graph).run([x[None]])[0] for x in few])
    assert np.abs(ours - wanted).max() < 0.02 * np.abs(wanted).max()
    x = torch.from_numpy(few).requires_grad_()
    head.batch(x)[0].square().sum().backward()
    assert x.grad is not None and float(x.grad.abs().max()) > 0


def test_a_batch_is_its_pictures_one_by_one(shipped: Graph) -> None:
    head = Head(shipped)
    x = torch.from_numpy(pictures(shipped, 3))
    both = head.batch(x)[0]
    assert torch.allclose(both[1], head(x[1:2])[0], atol=1e-5)


def test_gradients_reach_the_picture(shipped: Graph) -> None:
    x = torch.from_numpy(pictures(shipped, 2)).requires_grad_()
    Head(shipped).batch(x)[0].square().sum().backward()
    assert x.grad is not None and float(x.grad.abs().max()) > 0


def test_a_head_that_differs_is_refused(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = load(network)
    monkeypatch.setitem(RULES, "Relu", torch_head._one(torch.abs))  # a wrong rule
    with pytest.raises(UserError, match="differs from ONNX Runtime") as error:
        checked_head(graph, pictures(graph, 2))
    assert error.value.code == "no-torch-head"


def test_an_operator_without_a_row_is_named(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = load(network)
    monkeypatch.delitem(RULES, "MaxPool")
    with pytest.raises(UserError, match="MaxPool has no torch form"):
        checked_head(graph, pictures(graph, 1))
