"""What the enclave does not run is named: node, operator, attributes, reason, last cut before."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from graph_nets import Net

from cloister.errors import UserError
from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.graph.inspect import Memory, inspect
from cloister.graph.load import from_proto
from cloister.graph.operators import OPERATORS, blockers, unsupported
from cloister.graph.reference import Reference

PROMISED = {
    "Conv",
    "Gemm",
    "MatMul",
    "BatchNormalization",
    "Relu",
    "LeakyRelu",
    "PRelu",
    "Clip",
    "Elu",
    "Sigmoid",
    "Tanh",
    "HardSigmoid",
    "HardSwish",
    "Gelu",
    "Erf",
    "Exp",
    "Sqrt",
    "Softmax",
    "Add",
    "Sub",
    "Mul",
    "Div",
    "MaxPool",
    "AveragePool",
    "GlobalAveragePool",
    "ReduceMean",
    "Concat",
    "Split",
    "Slice",
    "Pad",
    "Flatten",
    "Reshape",
    "Squeeze",
    "Unsqueeze",
    "Transpose",
    "LayerNormalization",
    "Gather",
    "Identity",
    "Dropout",
}


def reasons(model: onnx.ModelProto) -> list[tuple[str, str]]:
    return [(one.op, one.why) for one in unsupported(from_proto(model))]


def with_lrn() -> Graph:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.add("Relu", "relu")
    net.add("LRN", "lrn", size=5)
    net.add("Tanh", "tanh")
    net.add("Exp", "y")
    return from_proto(net.finish())


def test_the_table_holds_what_is_promised() -> None:
    assert set(OPERATORS) >= PROMISED


def test_names_node_operator_attributes_and_the_last_cut_that_works() -> None:
    (one,) = unsupported(with_lrn())
    assert (one.node, one.op, one.last_cut) == ("lrn", "LRN", "relu")
    assert "size=5" in one.attributes
    text = one.to_json()
    assert set(text) == {"node", "op", "why"}
    assert "no such operator" in text["why"]
    assert "size=5" in text["why"]
    assert "relu" in text["why"]


def test_says_so_where_no_cut_before_it_works() -> None:
    net = Net([1, 3, 6, 6])
    net.add("LRN", "lrn", size=5)
    net.add("Relu", "y")
    (one,) = unsupported(from_proto(net.finish()))
    assert one.last_cut is None
    assert "no cut before it works" in one.to_json()["why"]


def test_the_head_of_a_cut_after_it_is_flagged() -> None:
    graph = with_lrn()
    assert [n.name for n in blockers(find_cut(graph, "tanh"))] == ["lrn"]
    assert blockers(find_cut(graph, "relu")) == []


def test_operators_of_other_domains_are_named_with_their_domain() -> None:
    net = Net([1, 4])
    net.add("Gelu", "g", domain="com.microsoft")
    net.add("Relu", "y")
    assert reasons(net.finish()) == [("com.microsoft::Gelu", "the enclave has no such operator")]


def limited(op: str, shape: list[int], **attributes: object) -> onnx.ModelProto:
    net = Net(shape)
    net.add("Relu", "r")
    net.add(op, "y", "r", **attributes)
    return net.finish()


@pytest.mark.parametrize(
    ("model", "word"),
    [
        (limited("MaxPool", [1, 3, 64, 64], kernel_shape=[40, 40]), "1600 positions"),
        (limited("MaxPool", [1, 3, 6, 6, 6], kernel_shape=[2, 2, 2]), "5 axes"),
    ],
)
def test_limits_are_told(model: onnx.ModelProto, word: str) -> None:
    ((_, why),) = reasons(model)
    assert word in why


def test_weights_must_be_constant() -> None:
    net = Net([1, 3, 6, 6])
    net.add("Reshape", "w", "x", net.constant("shape", np.array([4, 3, 3, 3])))
    net.add("Conv", "y", "x", "w")
    ((op, why),) = reasons(net.finish())
    assert op == "Conv"
    assert "weights and bias must be constant" in why


@pytest.mark.parametrize(("exponent", "fine"), [(2.0, True), (0.5, True), (2.5, False)])
def test_powers_are_small_whole_numbers_and_roots(exponent: float, fine: bool) -> None:
    net = Net([1, 4])
    net.add("Pow", "y", "x", net.constant("e", np.array(exponent)))
    assert (reasons(net.finish()) == []) is fine


def test_only_float32_is_run() -> None:
    net = Net([1, 4])
    net.add("Cast", "d", to=onnx.TensorProto.DOUBLE)
    net.add("Exp", "e")
    net.add("Cast", "y", to=onnx.TensorProto.FLOAT)
    assert [op for op, _ in reasons(net.finish())] == ["Cast", "Exp", "Cast"]
    assert "double" in dict(reasons(net.finish()))["Exp"]


@pytest.mark.parametrize(
    ("back", "refused"), [(0.1, []), (0.2, ["QuantizeLinear", "DequantizeLinear"])]
)
def test_codes_that_mean_other_numbers_afterwards_are_told_apart(
    back: float, refused: list[str]
) -> None:
    net = Net([1, 4])
    zero = net.constant("z", np.array(0, np.uint8))
    net.add("QuantizeLinear", "q", "x", net.constant("s", np.array(0.1)), zero)
    net.add("DequantizeLinear", "d", "q", net.constant("t", np.array(back)), zero)
    net.add("Relu", "y")
    assert [op for op, _ in reasons(net.finish())] == refused


def test_inspect_tells_all_that_its_schema_promises() -> None:
    report = inspect(with_lrn(), plan=lambda _, cut: Memory(7, len(cut.id)))
    assert set(report) == {"format", "model", "operators", "unsupported", "cuts"}
    assert report["format"] == "cloister-inspect/1"
    assert report["model"]["macs"] == 4 * 36 * 27
    assert report["operators"][0] == {
        "op": "Conv",
        "count": 1,
        "macs": 4 * 36 * 27,
        "supported": True,
    }
    assert {"op": "LRN", "count": 1, "macs": 0, "supported": False} in report["operators"]
    conv, relu, lrn, tanh = report["cuts"]
    assert conv == {
        "id": "conv",
        "crossing": [{"name": "conv", "dtype": "float32", "shape": [1, 4, 6, 6]}],
        "head_macs": 4 * 36 * 27,
        "head_weight_bytes": 7,
        "head_arena_bytes": 4,
    }
    assert relu["head_arena_bytes"] == 4
    assert lrn["head_arena_bytes"] is tanh["head_arena_bytes"] is None
    assert tanh["head_weight_bytes"] is None


def test_inspect_leaves_out_the_arena_of_a_head_that_the_compiler_refuses() -> None:
    def refuse(*_: object) -> int:
        raise UserError("no", code="no")

    assert inspect(with_lrn(), plan=refuse)["cuts"][0]["head_arena_bytes"] is None


def test_the_reference_gives_inner_tensors_too() -> None:
    graph = with_lrn()
    reference = Reference(graph, intermediates=["conv", "relu"])
    _, conv, relu = reference.run([np.ones((1, 3, 6, 6), np.float32)])
    np.testing.assert_array_equal(np.maximum(conv, 0), relu)


def test_the_reference_refuses_inputs_that_do_not_fit() -> None:
    reference = Reference(with_lrn())
    with pytest.raises(UserError) as caught:
        reference.run([np.ones((1, 3, 6, 5), np.float32)])
    assert caught.value.code == "bad-input"


def test_the_reference_refuses_what_is_no_model() -> None:
    with pytest.raises(UserError, match="does not take the model"):
        Reference(b"no model")
