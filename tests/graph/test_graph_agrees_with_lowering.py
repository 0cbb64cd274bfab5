"""The table of operators and the compiler say the same: what one takes, the other takes."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator

import numpy as np
import onnx
from graph_nets import Net
from onnx import TensorProto, numpy_helper

from cloister.errors import CloisterError
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.graph.operators import OPERATORS, unsupported
from cloister.lower.lower import lower

LEAST_CASES = 250  # that the enclave takes; fewer means that the test lost its subject


def node_cases() -> Iterator[tuple[str, Graph]]:
    """ONNX's own node cases, with all inputs but the first as constants."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy's, about the cases' own arithmetic
        from onnx.backend.test.case.node import collect_testcases

        cases = collect_testcases(None)
    for case in cases:
        if "_expanded" in case.name or not any(
            n.op_type in OPERATORS for n in case.model.graph.node
        ):
            continue
        model = onnx.ModelProto()
        model.CopyFrom(case.model)
        inputs = case.data_sets[0][0] if case.data_sets else []
        if not inputs or model.graph.input[0].type.tensor_type.elem_type != TensorProto.FLOAT:
            continue
        if not all(isinstance(a, np.ndarray) for a in inputs):
            continue
        if any(o.type.tensor_type.elem_type != TensorProto.FLOAT for o in model.graph.output):
            continue  # refused at the door, whatever the operator
        for info, array in list(zip(model.graph.input, inputs, strict=False))[1:]:
            model.graph.initializer.append(numpy_helper.from_array(array, info.name))
        del model.graph.input[1:]
        try:
            yield case.name, from_proto(model)
        except CloisterError:
            continue  # ONNX Runtime does not take it


def other_cases() -> Iterator[tuple[str, Graph]]:
    """Operators whose node cases ONNX Runtime does not take yet, or that have further outputs."""
    for op, attributes in {
        "Celu": {},
        "DepthToSpace": {"blocksize": 2},
        "SpaceToDepth": {"blocksize": 2},
        "LayerNormalization": {"axis": -1},
        "PRelu": {},
        "Swish": {},
        "Pad": {"mode": "reflect"},
        "ConvTranspose": {},
    }.items():
        net = Net([1, 4, 4, 4], opset=24 if op == "Swish" else 20)
        weights = {"LayerNormalization": [4], "PRelu": [4, 1, 1], "ConvTranspose": [4, 2, 3, 3]}
        inputs = [net.draw("w", *weights[op])] if op in weights else []
        if op == "Pad":
            inputs = [net.constant("pads", np.array([0, 0, 1, 0, 0, 0, 1, 2]))]
        net.add(op, "y", "x", *inputs, **attributes)
        yield op, from_proto(net.finish())
    net = Net([1, 4, 4, 4])
    codes = [net.constant("step", np.float32(0.1)), net.constant("zero", np.uint8(7))]
    net.add("QuantizeLinear", "q", "x", *codes)
    net.add("DequantizeLinear", "y", "q", *codes)
    yield "a pair that rounds", from_proto(net.finish())


def lowers(graph: Graph) -> bool:
    try:
        lower(graph, mode="whole", answers=graph.outputs)
    except CloisterError:
        return False
    return True


def test_the_table_and_the_compiler_take_the_same() -> None:
    taken, seen, differ = 0, set(), []
    for name, graph in itertools.chain(node_cases(), other_cases()):
        fine = not unsupported(graph)
        if fine != lowers(graph):
            differ.append(name)
        taken += fine
        seen |= {node.op_type for node in graph.nodes} if fine else set()
    assert differ == []
    assert taken >= LEAST_CASES
    assert set(OPERATORS) - seen <= {"Dropout"}  # gone before lowering
