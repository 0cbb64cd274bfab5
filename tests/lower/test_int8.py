"""Weights that are bytes and activations rounded to 8 bits, from ONNX to the engine."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from cloister._clo import lib
from hypothesis import given, settings
from hypothesis import strategies as st
from lower_kit import Net, agree, compiled, drawn
from onnx import TensorProto, helper, numpy_helper

from cloister.enclaves.engine import Engine
from cloister.errors import UserError
from cloister.graph.calibrate import calibrated
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.int8 import Int8Tensor
from cloister.graph.load import from_proto
from cloister.graph.operators import unsupported
from cloister.graph.reference import Reference
from cloister.graph.rounding import with_int8_weights, without_rounding
from cloister.lower.program import Conv
from cloister.memory.streaming import Streaming
from cloister.pack.container import Container, compile_container


def weighty() -> Net:
    """Each operator with weights: direct, strided, grouped, depthwise, transform domain, Gemm."""
    net = Net((1, 3, 24, 24))
    x = net.add("Relu", net.conv("x0", 3, 24, stride=2))
    x = net.add("Sigmoid", net.conv(x, 24, 24, group=24))
    x = net.add("Relu", net.conv(x, 24, 48, group=2))
    y = net.conv(x, 48, 48)
    x = net.add("Relu", net.add("Add", y, x))
    x = net.add("Flatten", net.add("GlobalAveragePool", x))
    x = net.add("Gemm", x, net.draw(48, 40), net.draw(40))
    net.add("Gemm", x, net.draw(10, 40), net.draw(10), transB=1, alpha=0.5)
    return net


def floats_of(graph: Graph) -> Graph:
    """The same weights, forgotten that they are bytes."""
    return from_proto(onnx.load_from_string(graph.to_bytes()))


def stored(container: Container) -> list[bool]:
    return [op.int8 for op in container.program.ops if op.weights is not None]


def test_rounded_weights_agree_with_onnx_runtime_on_the_rounded_network() -> None:
    graph, _ = with_int8_weights(weighty().graph(), None)
    container = agree(graph, every_kernel=True)
    assert all(stored(container)) and len(stored(container)) == 6


def test_rounded_weights_give_the_bits_of_their_floats_on_every_table_of_kernels() -> None:
    graph, _ = with_int8_weights(weighty().graph(), None)
    as_bytes, as_floats = compiled(graph), compiled(floats_of(graph))
    assert not any(stored(as_floats))
    inputs = drawn(graph)
    for threads in (1, 3):
        got = Engine(as_bytes.to_bytes(), threads=threads).run(inputs)
        expected = Engine(as_floats.to_bytes(), threads=threads).run(inputs)
        assert [g.tobytes() for g in got] == [e.tobytes() for e in expected]


def test_bytes_take_about_a_quarter() -> None:
    net = Net((1, 64, 8, 8))
    net.conv(net.conv("x0", 64, 256), 256, 256)
    graph, _ = with_int8_weights(net.graph(), None)
    pages = [sum(map(len, compiled(g).pages)) for g in (net.graph(), graph)]
    assert pages[1] < 0.26 * pages[0]


def test_slices_of_large_layers() -> None:
    net = Net((1, 9000))
    net.add("Gemm", "x0", net.draw(9000, 40, scale=0.01), net.draw(40))
    graph, _ = with_int8_weights(net.graph(), None)
    container = agree(graph)
    assert container.program.ops[0].params.slice > 0 and stored(container) == [True]


def test_the_transform_domain_and_bands_of_rows_take_bytes() -> None:
    net = Net((1, 16, 48, 48))
    net.add("Relu", net.conv(net.add("Relu", net.conv("x0", 16, 32)), 32, 32))
    graph, _ = with_int8_weights(net.graph(), None)
    program = compiled(graph).program
    assert Conv.WINOGRAD in [op.fn for op in program.ops if op.int8]
    inputs = drawn(graph)
    whole = Engine(compiled(graph).to_bytes()).run(inputs)[0]
    banded = compile_container(graph, mode="whole", answers=graph.outputs, rows=True)
    assert banded.arena_bytes < compiled(graph).arena_bytes
    np.testing.assert_allclose(Engine(banded.to_bytes()).run(inputs)[0], whole, 1e-3, 1e-4)
    assert Streaming(program).cycles > 0


def test_a_channel_of_zeros_and_one_of_denormals() -> None:
    net = Net((1, 4, 6, 6))
    weights = net.random.standard_normal((3, 4, 3, 3)).astype(np.float32)
    weights[0], weights[1] = 0, 1e-44
    net.constants.append(numpy_helper.from_array(weights, "w"))
    net.add("Conv", "x0", "w")
    graph, _ = with_int8_weights(net.graph(), None)
    assert stored(agree(graph)) == [True]


def test_only_the_head_is_rounded() -> None:
    net = Net((1, 3, 12, 12))
    first = net.add("Relu", net.conv("x0", 3, 8))
    net.conv(first, 8, 8)
    graph = net.graph()
    new, cut = with_int8_weights(graph, find_cut(graph, first))
    assert cut is not None and cut.id == first
    kinds = [
        isinstance(n.inputs[1].const_value, Int8Tensor) for n in new.nodes if n.op_type == "Conv"
    ]
    assert kinds == [True, False]
    before = [n.inputs[1].const_value for n in graph.nodes if n.op_type == "Conv"]
    assert not any(isinstance(t, Int8Tensor) for t in before)


# -------------------------------------------------------------------- weights in a model
def dequantised(
    codes: np.ndarray,
    scale: object,
    zero: object = None,
    *,
    op: str = "Conv",
    shape: tuple[int, ...] = (1, 4, 7, 7),
    more: dict[str, object] | None = None,
    **attributes: object,
) -> Graph:
    """A product by weights behind a DequantizeLinear."""
    parts = {"codes": codes, "scale": np.asarray(scale)}
    if zero is not None:
        parts["zero"] = np.asarray(zero)
    nodes = [
        helper.make_node("DequantizeLinear", list(parts), ["w"], **attributes),
        helper.make_node(op, ["x", "w"], ["y"], **(more or {})),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "net", [value("x", TensorProto.FLOAT, shape)],
        [value("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(v, n) for n, v in parts.items()],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 21)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    return from_proto(onnx.shape_inference.infer_shapes(model))


def draw_codes(*shape: int, dtype: type = np.int8) -> np.ndarray:
    limits = np.iinfo(dtype)
    return np.random.default_rng(1).integers(limits.min, limits.max + 1, shape).astype(dtype)


STEPS = np.linspace(0.001, 0.02, 6, dtype=np.float32)
STORED = {
    "per channel": (draw_codes(6, 4, 3, 3), STEPS, None, {"axis": 0}),
    "per channel, zero points of zero": (
        draw_codes(6, 4, 3, 3), STEPS, np.zeros(6, np.int8), {"axis": 0},
    ),
    "one scale": (draw_codes(6, 4, 3, 3), np.float32(0.01), np.int8(0), {}),
    "unsigned": (draw_codes(6, 4, 3, 3, dtype=np.uint8), np.float32(0.01), np.uint8(128), {}),
    "one scale in a vector": (draw_codes(6, 4, 3, 3), STEPS[:1], None, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", STORED)
def test_stored_bytes_stay_bytes(name: str) -> None:
    codes, scale, zero, attributes = STORED[name]
    container = agree(dequantised(codes, scale, zero, **attributes))
    assert stored(container) == [True]


FLOATS = {
    "a zero point that leaves 8 bits": (
        draw_codes(6, 4, 3, 3, dtype=np.uint8), np.float32(0.01), np.uint8(3), {},
    ),
    "a zero point at the edge": (
        draw_codes(6, 4, 3, 3), STEPS, np.full(6, 127, np.int8), {"axis": 0},
    ),
    "steps along another axis": (draw_codes(6, 4, 3, 3), STEPS[:4], None, {"axis": 1}),
    "blocks": (draw_codes(6, 4, 3, 3), np.full((6, 2, 3, 3), 0.01, np.float32), None,
               {"axis": 1, "block_size": 2}),
    "16 bits": (draw_codes(6, 4, 3, 3, dtype=np.int16), np.float32(1e-5), np.int16(0), {}),
    "32 bits": (draw_codes(6, 4, 3, 3, dtype=np.int32) % 999, np.float32(1e-3), np.int32(0), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOATS)
def test_what_bytes_and_steps_cannot_hold_runs_as_floats(name: str) -> None:
    codes, scale, zero, attributes = FLOATS[name]
    container = agree(dequantised(codes, scale, zero, **attributes))
    assert stored(container) == [False]


@pytest.mark.parametrize(("op", "more", "axis"), [
    ("Gemm", {}, 1), ("Gemm", {"transB": 1}, 0), ("Gemm", {"alpha": 0.3}, 1), ("MatMul", {}, 1),
])  # fmt: skip
def test_matrices_of_bytes(op: str, more: dict[str, object], axis: int) -> None:
    shape = (6, 9) if axis == 0 else (9, 6)
    graph = dequantised(draw_codes(*shape), STEPS, None, op=op, shape=(2, 9), more=more, axis=axis)
    assert stored(agree(graph)) == [True]
    other = dequantised(
        draw_codes(*shape), np.resize(STEPS, 9), None, op=op, shape=(2, 9), more=more, axis=1 - axis
    )
    assert stored(agree(other)) == [False]


# -------------------------------------------------------------------- activations in a model
def rounding_net(
    *,
    dtype: int = TensorProto.UINT8,
    scale: object = np.float32(0.05),
    zero: object = None,
    second: dict[str, object] | None = None,
    output: str = "z",
    between: str = "",
) -> onnx.ModelProto:
    """x -> Relu -> Q -> DQ -> Neg -> z."""
    kind = helper.tensor_dtype_to_np_dtype(dtype)
    parts = {"s": np.asarray(scale), "o": np.asarray(kind.type(100) if zero is None else zero)}
    parts |= {"s2": parts["s"], "o2": parts["o"]} | (second or {})
    nodes = [helper.make_node("Relu", ["x"], ["r"]),
             helper.make_node("QuantizeLinear", ["r", "s", "o"], ["q"])]  # fmt: skip
    if between:
        nodes.append(helper.make_node(between, ["q"], ["p"]))
    nodes += [helper.make_node("DequantizeLinear", ["p" if between else "q", "s2", "o2"], ["d"]),
              helper.make_node("Neg", ["d"], ["z"])]  # fmt: skip
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "net", [value("x", TensorProto.FLOAT, (1, 3, 5))],
        [value(output, dtype if output == "q" else TensorProto.FLOAT, (1, 3, 5))],
        [numpy_helper.from_array(np.asarray(v), n) for n, v in parts.items()],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 21)]
    return helper.make_model(graph, opset_imports=opset, ir_version=10)


@pytest.mark.parametrize("dtype", [TensorProto.UINT8, TensorProto.INT8])
def test_a_pair_is_one_operator_with_the_numbers_of_onnx_runtime(dtype: int) -> None:
    graph = from_proto(rounding_net(dtype=dtype))
    container = agree(graph, [3 * v for v in drawn(graph)], relative=0, absolute=0)
    functions = [op.fn for op in container.program.ops]
    assert functions.count(lib.CLO_FN_QUANTISE) == 1 and len(functions) == 3
    assert not unsupported(graph)


def test_codes_never_cross() -> None:
    graph = from_proto(rounding_net())
    assert [cut.id for cut in find_cuts(graph)] == ["r", "d"]


PROBLEMS = {
    "another scale after": (rounding_net(second={"s2": np.float32(0.06)}), "its scale"),
    "another zero point after": (rounding_net(second={"o2": np.uint8(3)}), "zero point"),
    "codes are the output": (rounding_net(output="q"), "is uint8"),
    "work on codes": (rounding_net(between="Abs", dtype=TensorProto.INT8),
                      "DequantizeLinear"),
    "16 bits": (rounding_net(dtype=TensorProto.UINT16), "uint16"),
    "a scale of zero": (rounding_net(scale=np.float32(0)), "above 0"),
    "a scale for each channel": (
        rounding_net(scale=np.full(3, 0.05, np.float32), zero=np.full(3, 9, np.uint8)),
        "whole tensor",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PROBLEMS)
def test_other_pairs_are_refused_with_the_reason(name: str) -> None:
    proto, words = PROBLEMS[name]
    try:
        graph = from_proto(proto)
    except UserError as error:  # ONNX Runtime does not take it
        assert error.code in ("invalid-model", "unsupported-dtype")
        return
    assert unsupported(graph)
    with pytest.raises(UserError) as caught:
        compile_container(graph, mode="whole", answers=graph.outputs)
    assert caught.value.code in ("unsupported-operator", "unsupported-interface")
    assert words in caught.value.message


def quantised(net: Net, count: int = 8) -> Graph:
    """By onnxruntime's quantiser, QDQ, per channel."""
    graph = net.graph()
    return from_proto(
        onnx.load_from_string(calibrated(graph, [drawn(graph, seed) for seed in range(count)]))
    )


def test_a_quantised_network_is_within_a_step_of_the_reference() -> None:
    graph = quantised(weighty())
    container = compiled(graph)
    assert all(stored(container)) and len(stored(container)) == 6
    engine, reference = Engine(container.to_bytes()), Reference(graph)
    steps = [op.params.p0 for op in container.program.ops if op.fn == lib.CLO_FN_QUANTISE]
    for seed in range(20, 26):
        inputs = drawn(graph, seed)
        got, expected = engine.run(inputs)[0], reference.run(inputs)[0]
        assert np.abs(got - expected).max() <= 1.01 * steps[-1]


def test_without_rounding_it_is_the_network_of_rounded_weights() -> None:
    graph = quantised(weighty())
    plain = without_rounding(graph)
    assert not any(n.op_type in ("QuantizeLinear", "DequantizeLinear") for n in plain.nodes)
    assert {c.id for c in find_cuts(graph)} <= {c.id for c in find_cuts(plain)}
    assert all(stored(agree(plain)))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(data=st.data())
def test_rounded_convolutions_of_any_geometry(data: st.DataObject) -> None:
    draw = data.draw
    groups = draw(st.integers(1, 3))
    ins, outs = groups * draw(st.integers(1, 20)), groups * draw(st.integers(1, 40))
    net = Net((1, ins, draw(st.integers(3, 20)), draw(st.integers(3, 20))))
    k, stride = draw(st.sampled_from([1, 3, 5])), draw(st.integers(1, 2))
    net.conv("x0", ins, outs, k=k, stride=stride, group=groups)
    graph, _ = with_int8_weights(net.graph(), None)
    agree(graph)
