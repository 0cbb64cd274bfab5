"""The normalised model computes what the source computes, and has the form that is promised."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import onnx
import pytest
from graph_nets import Net, draw_input

from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.graph.patterns import silu_input
from cloister.graph.reference import Reference


def normalised(model: onnx.ModelProto) -> Graph:
    """Loads; checks that the result is valid and that ONNX Runtime computes the same."""
    graph = from_proto(model)
    onnx.checker.check_model(graph.to_bytes(), full_check=True)
    inputs = [draw_input(info.shape, seed) for seed, info in enumerate(graph.inputs)]
    got = Reference(graph).run(inputs)
    expected = Reference(model.SerializeToString()).run(inputs)
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * max(1.0, float(np.abs(b).max())))
    return graph


def ops(graph: Graph) -> list[str]:
    return [node.op_type for node in graph.nodes]


def test_batch_norm_goes_into_the_convolution_before_it_and_keeps_its_name() -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.batch_norm("bn", "conv", 4)
    net.add("Relu", "y")
    graph = normalised(net.finish())
    assert ops(graph) == ["Conv", "Relu"]
    assert graph.nodes[0].outputs[0].name == "bn"


def test_batch_norm_goes_into_a_grouped_convolution_without_bias() -> None:
    net = Net([1, 4, 6, 6])
    net.add("Conv", "conv", "x", net.draw("w", 4, 1, 3, 3), group=4)
    net.batch_norm("bn", "conv", 4)
    assert ops(normalised(net.finish())) == ["Conv"]


@pytest.mark.parametrize("trans", [0, 1])
def test_batch_norm_goes_into_a_gemm_with_factors(trans: int) -> None:
    net = Net([2, 5])
    shape = (4, 5) if trans else (5, 4)
    net.add(
        "Gemm",
        "fc",
        "x",
        net.draw("w", *shape),
        net.draw("b", 4),
        transB=trans,
        alpha=0.5,
        beta=2.0,
    )
    net.batch_norm("bn", "fc", 4)
    assert ops(normalised(net.finish())) == ["Gemm"]


def test_batch_norm_goes_into_the_convolution_after_it_where_nothing_is_padded() -> None:
    net = Net([1, 4, 6, 6])
    net.batch_norm("bn", "x", 4)
    net.add("Conv", "y", "bn", net.draw("w", 6, 2, 3, 3), group=2)
    assert ops(normalised(net.finish())) == ["Conv"]


def test_a_large_shift_stays_before_the_gemm() -> None:
    net = Net([1, 4])
    net.add("Sub", "centred", "x", net.constant("mean", np.full((1, 4), 1e6)))
    net.add("Gemm", "y", "centred", net.draw("w", 4, 3))
    assert ops(normalised(net.finish())) == ["Sub", "Gemm"]


def test_batch_norm_stays_before_a_padded_convolution() -> None:
    net = Net([1, 4, 6, 6])
    net.batch_norm("bn", "x", 4)
    net.conv("y", "bn", 4, 2)
    assert ops(normalised(net.finish())) == ["BatchNormalization", "Conv"]


def test_batch_norm_stays_where_the_convolutions_output_is_read_twice() -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.batch_norm("bn", "conv", 4)
    net.add("Add", "y", "bn", "conv")
    assert "BatchNormalization" in ops(normalised(net.finish()))


def test_batch_norm_stays_where_the_convolutions_output_is_an_output() -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.batch_norm("bn", "conv", 4)
    assert "BatchNormalization" in ops(normalised(net.finish("conv", "bn")))


def test_weights_shared_by_two_convolutions_are_scaled_apart() -> None:
    net = Net([1, 4, 6, 6])
    weight = net.draw("w", 4, 4, 3, 3)
    net.add("Conv", "a", "x", weight)
    net.batch_norm("an", "a", 4)
    net.add("Conv", "b", "an", weight)
    assert ops(normalised(net.finish())) == ["Conv", "Conv"]


@pytest.mark.parametrize(
    ("op", "first"), [("Mul", 0), ("Add", 1), ("Sub", 0), ("Sub", 1), ("Div", 0)]
)
def test_arithmetic_per_channel_goes_into_the_convolution(op: str, first: int) -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    constant = net.constant("k", np.array([1.5, -2.0, 0.5, 3.0]).reshape(4, 1, 1))
    net.add(op, "y", *((constant, "conv") if first else ("conv", constant)))
    assert ops(normalised(net.finish())) == ["Conv"]


def test_a_constant_divided_by_the_convolution_stays() -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.add("Div", "y", net.constant("k", np.array(2.0)), "conv")
    assert ops(normalised(net.finish())) == ["Conv", "Div"]


def test_arithmetic_along_another_axis_stays() -> None:
    net = Net([1, 3, 4, 4])
    net.conv("conv", "x", 3, 4)
    net.add("Mul", "y", "conv", net.draw("k", 4))
    assert ops(normalised(net.finish())) == ["Conv", "Mul"]


def test_arithmetic_after_a_batch_norm_that_stays_goes_into_it() -> None:
    net = Net([1, 4, 6, 6])
    net.add("Relu", "r", "x")
    net.batch_norm("bn", "r", 4)
    net.add("Mul", "m", "bn", net.draw("k", 4, 1, 1))
    net.add("Add", "y", "m", net.draw("l", 1, 4, 1, 1))
    assert ops(normalised(net.finish())) == ["Relu", "BatchNormalization"]


def test_identity_and_dropout_go_and_the_outputs_name_stays() -> None:
    net = Net([1, 4])
    net.add("Identity", "i")
    net.add("Relu", "r")
    net.add("Dropout", "d")
    net.add("Identity", "y")
    graph = normalised(net.finish())
    assert ops(graph) == ["Relu"]
    assert graph.outputs[0].name == "y"


def test_dropout_of_old_opsets_goes() -> None:
    net = Net([1, 4], opset=9)
    net.add("Dropout", "d", ratio=0.4)
    net.add("Relu", "y")
    assert ops(normalised(net.finish())) == ["Relu"]


def test_an_identity_from_input_to_output_stays() -> None:
    net = Net([1, 4])
    net.add("Identity", "y")
    assert ops(normalised(net.finish())) == ["Identity"]


def test_shapes_computed_in_the_graph_become_constants() -> None:
    net = Net(["n", 3, 4, 4])
    net.add("Relu", "r")
    net.add("Shape", "shape", "r")
    net.add("Gather", "n_", "shape", net.constant("zero", np.array([0])), axis=0)
    net.add("Concat", "target", "n_", net.constant("rest", np.array([-1])), axis=0)
    net.add("Reshape", "y", "r", "target")
    graph = normalised(net.finish())
    assert ops(graph) == ["Relu", "Reshape"]
    assert graph.constant(graph.nodes[1].inputs[1]).tolist() == [1, -1]


def test_weights_made_by_nodes_become_initializers() -> None:
    net = Net([1, 4])
    fill = onnx.helper.make_tensor("v", onnx.TensorProto.FLOAT, [1], [0.25])
    net.add("ConstantOfShape", "w", net.constant("s", np.array([4, 600])), value=fill)
    net.add("MatMul", "y", "x", "w")
    graph = normalised(net.finish())
    assert ops(graph) == ["MatMul"]
    assert graph.constant("w").shape == (4, 600)


@pytest.mark.parametrize(
    ("op", "count"), [("Sum", 1), ("Sum", 2), ("Sum", 4), ("Max", 3), ("Mean", 3)]
)
def test_operators_of_many_tensors_become_pairs(op: str, count: int) -> None:
    net = Net([1, 4])
    parts = [net.add(f, f, "x") for f in ("Relu", "Exp", "Tanh", "Neg")][:count]
    net.add(op, "y", *parts)
    graph = normalised(net.finish())
    assert op not in ops(graph) or op == "Max"
    assert all(len(n.inputs) <= 2 for n in graph.nodes)
    assert graph.outputs[0].name == "y"


def hard_sigmoid(net: Net, x: str, divide: bool = True) -> str:
    net.add("Add", "plus", x, net.constant("three", np.array(3.0)))
    net.add(
        "Clip",
        "clip",
        "plus",
        net.constant("low", np.array(0.0)),
        net.constant("high", np.array(6.0)),
    )
    if not divide:
        return "clip"
    return net.add("Div", "gate", "clip", net.constant("six", np.array(6.0)))


def test_hard_sigmoid_is_recognised() -> None:
    net = Net([1, 4])
    hard_sigmoid(net, "x")
    assert ops(normalised(net.finish())) == ["HardSigmoid"]


@pytest.mark.parametrize("gate", ["arithmetic", "operator", "product first"])
def test_hard_swish_is_recognised(gate: str) -> None:
    net = Net([1, 4])
    if gate == "arithmetic":
        net.add("Mul", "y", "x", hard_sigmoid(net, "x"))
    elif gate == "operator":
        net.add("HardSigmoid", "gate", "x", alpha=1 / 6, beta=0.5)
        net.add("Mul", "y", "gate", "x")
    else:
        net.add("Mul", "product", "x", hard_sigmoid(net, "x", divide=False))
        net.add("Div", "y", "product", net.constant("six", np.array(6.0)))
    assert ops(normalised(net.finish())) == ["HardSwish"]


@pytest.mark.parametrize("order", ["half last", "half first", "half within", "times root"])
def test_gelu_by_erf_is_recognised(order: str) -> None:
    net = Net([1, 4])
    half, one = net.constant("half", np.array(0.5)), net.constant("one", np.array(1.0))
    if order == "times root":
        net.add("Mul", "scaled", "x", net.constant("root", np.array(math.sqrt(0.5))))
    else:
        net.add("Div", "scaled", "x", net.constant("root", np.array(math.sqrt(2))))
    net.add("Erf", "erf", "scaled")
    inner = net.add("Add", "inner", "erf", one)
    if order == "half first":
        net.add("Mul", "y", net.add("Mul", "h", "x", half), inner)
    elif order == "half within":
        net.add("Mul", "y", "x", net.add("Mul", "h", inner, half))
    else:
        net.add("Mul", "y", net.add("Mul", "h", "x", inner), half)
    graph = normalised(net.finish())
    assert ops(graph) == ["Gelu"]
    assert graph.nodes[0].attributes.get_string("approximate", "none") == "none"


@pytest.mark.parametrize("cube", ["pow", "products"])
def test_gelu_by_tanh_is_recognised(cube: str) -> None:
    net = Net([1, 4])
    number = {
        n: net.constant(n, np.array(v))
        for n, v in {
            "half": 0.5,
            "one": 1.0,
            "k": 0.044715,
            "r": math.sqrt(2 / math.pi),
            "three": 3.0,
        }.items()
    }
    if cube == "pow":
        net.add("Pow", "cube", "x", number["three"])
    else:
        net.add("Mul", "cube", net.add("Mul", "square", "x", "x"), "x")
    net.add("Mul", "kcube", number["k"], "cube")
    net.add("Add", "sum", "x", "kcube")
    net.add("Mul", "scaled", "sum", number["r"])
    net.add("Tanh", "tanh", "scaled")
    net.add("Add", "inner", "tanh", number["one"])
    net.add("Mul", "product", "x", "inner")
    net.add("Mul", "y", "product", number["half"])
    graph = normalised(net.finish())
    assert ops(graph) == ["Gelu"]
    assert graph.nodes[0].attributes.get_string("approximate") == "tanh"


@pytest.mark.parametrize("square", ["Mul", "Pow"])
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("axis", [-1, 2])
def test_layer_normalization_is_recognised(square: str, affine: bool, axis: int) -> None:
    net = Net([1, 5, 8])
    axes = net.constant("axes", np.array([axis]))
    net.add("ReduceMean", "mean", "x", axes)
    net.add("Sub", "centred", "x", "mean")
    two = net.constant("two", np.array(2.0))
    net.add(square, "square", "centred", "centred" if square == "Mul" else two)
    net.add("ReduceMean", "variance", "square", axes)
    net.add("Add", "safe", "variance", net.constant("eps", np.array(1e-5)))
    net.add("Sqrt", "root", "safe")
    net.add("Div", "normed", "centred", "root")
    if affine:
        net.add("Mul", "scaled", "normed", net.draw("gamma", 8))
        net.add("Add", "y", "scaled", net.draw("beta", 8))
    graph = normalised(net.finish())
    assert ops(graph) == ["LayerNormalization"]
    assert graph.outputs[0].name == ("y" if affine else "normed")
    assert math.isclose(graph.nodes[0].attributes.get_float("epsilon"), 1e-5, rel_tol=1e-6)


def test_means_over_other_axes_are_no_layer_normalization() -> None:
    net = Net([1, 5, 8])
    axes = net.constant("axes", np.array([1]))
    net.add("ReduceMean", "mean", "x", axes)
    net.add("Sub", "centred", "x", "mean")
    net.add("Mul", "square", "centred", "centred")
    net.add("ReduceMean", "variance", "square", axes)
    net.add("Add", "safe", "variance", net.constant("eps", np.array(1e-5)))
    net.add("Sqrt", "root", "safe")
    net.add("Div", "y", "centred", "root")
    assert "LayerNormalization" not in ops(normalised(net.finish()))


def test_silu_stays_apart_and_is_found_by_its_pattern() -> None:
    net = Net([1, 4])
    net.add("Sigmoid", "gate")
    net.add("Mul", "y", "gate", "x")
    graph = normalised(net.finish())
    assert ops(graph) == ["Sigmoid", "Mul"]
    assert silu_input(graph.nodes[1]) is graph.value("x")
    assert silu_input(graph.nodes[0]) is None


def test_the_gate_of_another_tensor_is_no_silu() -> None:
    net = Net([1, 4])
    net.add("Relu", "r")
    net.add("Sigmoid", "gate")
    net.add("Mul", "y", "gate", "x")
    assert silu_input(normalised(net.finish()).nodes[2]) is None


def test_the_mean_of_a_map_is_global_average_pool() -> None:
    net = Net([1, 4, 5, 5])
    net.add("ReduceMean", "y", "x", net.constant("axes", np.array([-1, 2])), keepdims=1)
    assert ops(normalised(net.finish())) == ["GlobalAveragePool"]


@pytest.mark.parametrize("opset", [9, 12, 13, 17])
def test_attributes_of_old_opsets_become_inputs(opset: int) -> None:
    net = Net([1, 6, 4], opset=opset)
    net.add("ReduceMax", "r", "x", axes=[2], keepdims=1)
    if opset < 13:
        net.add("Squeeze", "s", "r", axes=[2])
        net.add("Split", "a", "s", axis=1, split=[2, 4])
        net.nodes[-1].output.append("b")
        net.add("Concat", "y", "b", "a", axis=1)
    else:
        net.add("Squeeze", "y", "r", net.constant("axes", np.array([2])))
    graph = normalised(net.finish())
    found = {node.op_type: node for node in graph.nodes}
    assert graph.constant(found["ReduceMax"].inputs[1]).tolist() == [2]
    assert graph.constant(found["Squeeze"].inputs[1]).tolist() == [2]
    if opset < 13:
        assert graph.constant(found["Split"].inputs[1]).tolist() == [2, 4]


def test_split_without_sizes_gets_them() -> None:
    net = Net([1, 7])
    net.add("Split", "a", num_outputs=2, axis=1)
    net.nodes[-1].output.append("b")
    net.add("Concat", "y", "b", "a", axis=1)
    graph = normalised(net.finish())
    assert graph.constant(graph.nodes[0].inputs[1]).tolist() == [4, 3]


def test_functions_are_written_out() -> None:
    function = onnx.parser.parse_function(
        '<domain: "own", opset_import: ["": 20]> Twice (a) => (b) { c = Relu(a) b = Add(c, c) }'
    )
    net = Net([1, 4])
    net.add("Twice", "y", domain="own")
    assert ops(normalised(net.finish(functions=[function]))) == ["Relu", "Add"]


def test_nodes_without_names_get_unique_ones() -> None:
    net = Net([1, 4])
    for i in range(3):
        net.add("Relu", f"r{i}")
        net.nodes[-1].name = "same"
    net.add("Exp", "y")
    names = [n.name for n in from_proto(net.finish()).nodes]
    assert all(names)
    assert max(Counter(names).values()) == 1


def test_what_no_output_needs_goes() -> None:
    net = Net([1, 4])
    net.add("Relu", "unused")
    net.draw("spare", 9)
    net.add("Exp", "y", "x")
    graph = normalised(net.finish())
    assert ops(graph) == ["Exp"]
    assert not graph.model.graph.initializers


def test_loading_twice_gives_the_same_bytes() -> None:
    net = Net([1, 3, 6, 6], opset=12)
    net.conv("conv", "x", 3, 4)
    net.batch_norm("bn", "conv", 4)
    net.add("Softmax", "y", axis=1)
    model = net.finish()
    assert from_proto(model).to_bytes() == from_proto(model).to_bytes()


def test_a_normalised_model_stays_as_it_is() -> None:
    net = Net([1, 3, 6, 6])
    net.conv("conv", "x", 3, 4)
    net.batch_norm("bn", "conv", 4)
    net.add("Relu", "y")
    once = from_proto(net.finish())
    again = from_proto(onnx.load_from_string(once.to_bytes()))
    assert [(n.op_type, n.name) for n in once.nodes] == [(n.op_type, n.name) for n in again.nodes]
