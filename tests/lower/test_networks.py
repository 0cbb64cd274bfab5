"""Whole networks: parity with ONNX Runtime, and that what costs nothing off line costs nothing
in the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from lower_kit import Net, agree, compiled, drawn, kinds

from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.graph.split import split


def lenet() -> Net:
    net = Net((1, 1, 28, 28))
    y = net.add("Relu", net.conv("x0", 1, 6, k=5))
    y = net.add("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    y = net.add("Relu", net.conv(y, 6, 16))
    y = net.add("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2])
    y = net.add("Flatten", y)
    y = net.add("Gemm", y, net.draw(84, 784), net.draw(84), transB=1)
    y = net.add("Relu", y)
    y = net.add("Gemm", y, net.draw(84, 10), net.draw(10))
    net.add("Softmax", y)
    return net


def resnet() -> Net:
    """Residual blocks with option A: the shortcut is every second pixel, padded with zero
    channels.
    """
    net = Net((1, 3, 16, 16))
    y, width = net.add("Relu", net.conv("x0", 3, 8)), 8
    for stride, outs in ((1, 8), (2, 16), (1, 16), (2, 32)):
        z = net.add("Relu", net.conv(y, width, outs, stride=stride))
        z = net.conv(z, outs, outs)
        shortcut = y
        if stride == 2:
            ints = [net.const(v, np.int64) for v in ([0, 0], [99, 99], [2, 3], [2, 2])]
            shortcut = net.add("Slice", y, *ints)
            extra = (outs - width) // 2
            pads = net.const([0, extra, 0, 0, 0, extra, 0, 0], np.int64)
            shortcut = net.add("Pad", shortcut, pads)
        y, width = net.add("Relu", net.add("Add", z, shortcut)), outs
    y = net.add("GlobalAveragePool", y)
    y = net.add("Reshape", y, net.const([1, -1], np.int64))
    net.add("Gemm", y, net.draw(10, 32), net.draw(10), transB=1)
    return net


def fire() -> Net:
    """SqueezeNet's modules: two convolutions side by side, then Concat."""
    net = Net((1, 3, 15, 15))
    y, ins = net.add("Relu", net.conv("x0", 3, 16, stride=2)), 16
    for squeeze, expand in ((4, 8), (4, 12)):
        s = net.add("Relu", net.conv(y, ins, squeeze, k=1))
        sides = [net.add("Relu", net.conv(s, squeeze, expand, k=k)) for k in (1, 3)]
        y, ins = net.add("Concat", *sides, axis=1), 2 * expand
        y = net.add("MaxPool", y, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
    y = net.add("GlobalAveragePool", net.conv(y, ins, 10, k=1))
    net.add("Flatten", y)
    return net


def mbconv() -> Net:
    """EfficientNet's block: SiLU, depthwise, squeeze and excitation, residual."""
    net = Net((1, 8, 12, 12))

    def silu(x: str) -> str:
        return net.add("Mul", x, net.add("Sigmoid", x))

    x = net.conv("x0", 8, 8)
    e = silu(net.conv(x, 8, 40, k=1))
    d = silu(net.conv(e, 40, 40, k=5, group=40))
    s = net.add("GlobalAveragePool", d)
    s = silu(net.conv(s, 40, 4, k=1))
    s = net.add("Sigmoid", net.conv(s, 4, 40, k=1))
    y = net.conv(net.add("Mul", s, d), 40, 8, k=1)
    net.add("Add", y, x)
    return net


def dense_block() -> Net:
    """DenseNet: each layer reads the concatenation of all before it, through a batch norm that
    cannot be folded.
    """
    net = Net((1, 3, 10, 10))
    features = [net.conv("x0", 3, 8)]
    for i in range(3):
        x = net.add("Concat", *features, axis=1) if i else features[0]
        c = 8 + 4 * i
        statistics = [net.const(net.random.random(c) + 0.5) for _ in range(4)]
        x = net.add("Relu", net.add("BatchNormalization", x, *statistics))
        features.append(net.conv(x, c, 4))
    net.add("Concat", *features, axis=1)
    return net


def channel_shuffle() -> Net:
    net = Net((1, 8, 6, 6))
    sizes = net.const([4, 4], np.int64)
    left = net.add("Split", net.conv("x0", 8, 8), sizes, axis=1, outputs=2)
    right = net.add("Relu", net.conv(f"{left}_1", 4, 4))
    y = net.add("Concat", left, right, axis=1)
    y = net.add("Reshape", y, net.const([1, 2, 4, 6, 6], np.int64))
    y = net.add("Transpose", y, perm=[0, 2, 1, 3, 4])
    y = net.add("Reshape", y, net.const([1, 8, 6, 6], np.int64))
    net.conv(y, 8, 8)
    return net


def transformer() -> Net:
    """A vision transformer's first block as exporters write it: patches, class token,
    attention, MLP.
    """
    net, d, heads = Net((1, 3, 16, 16)), 24, 3
    w, b = net.draw(d, 3, 4, 4), net.draw(d)
    y = net.add("Conv", "x0", w, b, strides=[4, 4], kernel_shape=[4, 4])
    y = net.add("Reshape", y, net.const([1, d, 16], np.int64))
    y = net.add("Transpose", y, perm=[0, 2, 1])
    y = net.add("Concat", net.draw(1, 1, d), y, axis=1)
    y = net.add("Add", y, net.draw(1, 17, d))
    n = net.add("LayerNormalization", y, net.draw(d), net.draw(d))
    qkv = net.add("Add", net.add("MatMul", n, net.draw(d, 3 * d)), net.draw(3 * d))
    q = net.add("Split", qkv, net.const([d, d, d], np.int64), axis=2, outputs=3)
    parts = []
    for name, perm in ((q, [0, 2, 1, 3]), (f"{q}_1", [0, 2, 3, 1]), (f"{q}_2", [0, 2, 1, 3])):
        r = net.add("Reshape", name, net.const([1, 17, heads, d // heads], np.int64))
        parts.append(net.add("Transpose", r, perm=perm))
    a = net.add("MatMul", parts[0], parts[1])
    a = net.add("Softmax", net.add("Div", a, net.const(np.float32(8**0.5))))
    a = net.add("Transpose", net.add("MatMul", a, parts[2]), perm=[0, 2, 1, 3])
    a = net.add("Reshape", a, net.const([1, 17, d], np.int64))
    a = net.add("Add", net.add("MatMul", a, net.draw(d, d)), net.draw(d))
    y = net.add("Add", y, a)
    m = net.add("LayerNormalization", y, net.draw(d), net.draw(d))
    m = net.add("Gelu", net.add("Add", net.add("MatMul", m, net.draw(d, 2 * d)), net.draw(2 * d)))
    m = net.add("Add", net.add("MatMul", m, net.draw(2 * d, d)), net.draw(d))
    y = net.add("Add", y, m)
    y = net.add("Gather", y, net.const(0, np.int64), axis=1)
    net.add("Gemm", y, net.draw(10, d), net.draw(10), transB=1)
    return net


# What the plan consists of; COPY at the start is NCHW to NHWC of the input.
NETS: dict[str, tuple[Callable[[], Net], dict[str, int]]] = {
    "lenet": (lenet, {"CONV": 4, "POOL": 2, "SOFTMAX": 1}),
    "resnet": (resnet, {"COPY": 3, "FILL": 2, "CONV": 10, "REDUCE": 1}),
    "fire": (fire, {"COPY": 1, "CONV": 8, "POOL": 2, "REDUCE": 1}),
    "mbconv": (
        mbconv,
        {"COPY": 2, "CONV": 5, "DWCONV": 1, "REDUCE": 1, "BINARY": 1},
    ),
    "dense_block": (dense_block, {"COPY": 2, "CONV": 4, "DWCONV": 3}),
    "transformer": (
        transformer,
        {
            "COPY": 1, "CONST": 4, "CONV": 6, "BINARY": 1, "NORM": 2, "MATMUL": 2, "SOFTMAX": 1,
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NETS)
def test_network_agrees_and_costs_no_more_operators_than_it_must(name: str) -> None:
    build, expected = NETS[name]
    container = agree(build().graph())
    assert Counter(kinds(container)) == expected


def test_channel_shuffle_agrees() -> None:
    agree(channel_shuffle().graph())


@pytest.mark.parametrize("name", [*NETS, "channel_shuffle"])
def test_every_head_and_its_tail_are_the_whole(name: str) -> None:
    graph = (NETS[name][0] if name in NETS else channel_shuffle)().graph()
    cuts = find_cuts(graph, all_cuts=True)
    assert cuts
    for cut in cuts:
        head = split(graph, cut).head
        agree(head, drawn(head), interpret=False)


def test_crossing_tensors_leave_in_onnx_order() -> None:
    net = Net((1, 3, 8, 8))
    net.conv("x0", 3, 6)
    graph = net.graph()
    container = compiled(graph, "split")
    crossing = container.program.crossing[0]
    assert crossing.info.shape == (1, 6, 8, 8)
    assert crossing.span.n == 6 * 8 * 8
    assert kinds(container)[-1] == "COPY"


def test_an_output_that_is_the_input_is_copied() -> None:
    net = Net((2, 3))
    y = net.add("Identity", "x0")
    agree(net.graph(y))


def test_one_value_as_output_twice_removed() -> None:
    net = Net((1, 3, 6, 6))
    y = net.conv("x0", 3, 8)
    net.add("Relu", y)
    z = net.add("Flatten", y)
    agree(net.graph(y, net.nodes[1].output[0], z))


def test_residual_of_a_value_computed_later_is_added_by_the_later_convolution() -> None:
    net = Net((1, 8, 6, 6))
    first = net.conv("x0", 8, 8)
    second = net.conv("x0", 8, 8, k=1)
    net.add("Relu", net.add("Add", first, second))
    container = agree(net.graph())
    assert Counter(kinds(container)) == {"COPY": 2, "CONV": 2}
    last = [op for op in container.program.ops if op.kind.name == "CONV"][-1]
    assert last.z is not None and last.lo == 0.0


def test_a_value_with_two_readers_is_not_swallowed() -> None:
    net = Net((1, 8, 6, 6))
    y = net.conv("x0", 8, 8)
    net.add("Add", net.add("Relu", y), y)
    agree(net.graph())


def test_several_inputs_and_outputs() -> None:
    net = Net((2, 3), (2, 3), (3, 4))
    a = net.add("Add", "x0", "x1")
    b = net.add("MatMul", a, "x2")
    c = net.add("Mul", a, "x0")
    container = agree(net.graph(b, c, a))
    assert len(container.program.inputs) == 3


def test_a_batch_shares_its_pages() -> None:
    net = Net((3, 4, 6, 6))
    net.conv("x0", 4, 8)
    container = agree(net.graph())
    convs = [op for op in container.program.ops if op.kind.name == "CONV"]
    assert len(convs) == 3 and len(container.pages) == 1


def test_flattened_map_permutes_the_next_layers_rows() -> None:
    net = Net((2, 3, 5, 6))
    y = net.add("Flatten", net.conv("x0", 3, 4))
    net.add("Gemm", y, net.draw(7, 120), transB=1)
    container = agree(net.graph())
    assert Counter(kinds(container)) == {"COPY": 1, "CONV": 3}


def test_relu_between_flatten_and_gemm() -> None:
    net = Net((1, 3, 5, 6))
    y = net.add("Relu", net.add("Flatten", net.conv("x0", 3, 4)))
    net.add("Gemm", y, net.draw(7, 120), transB=1)
    agree(net.graph())


@pytest.mark.parametrize("name", ["lenet", "resnet20"])
def test_real_network_agrees(name: str, real_network: Callable[[str], bytes]) -> None:
    graph: Graph = from_proto(onnx.load_from_string(real_network(name)))
    agree(graph, interpret=False)
