"""Lowering against ONNX Runtime over drawn shapes and attributes; interpreter and engine each."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lower_kit import Net, agree, compiled, kinds

Data = st.DataObject
Shape = tuple[int, ...]
Step = tuple[str, Shape]

SETTINGS = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
small = st.integers(1, 3)


@SETTINGS
@given(
    one=st.builds(
        SimpleNamespace,
        batch=st.integers(1, 2),
        groups=st.sampled_from([1, 2, 3]),
        ins=st.integers(1, 5),
        outs=st.sampled_from([1, 3, 33]),
        size=st.tuples(st.integers(3, 9), st.integers(3, 9)),
        kernel=st.tuples(small, small),
        stride=st.tuples(small, small),
        dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
        pads=st.tuples(*[st.integers(0, 2)] * 4),
        auto=st.sampled_from(["NOTSET", "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]),
        bias=st.booleans(),
        relu=st.booleans(),
    )
)
def test_conv(one: SimpleNamespace) -> None:
    batch, groups, ins, outs, size, kernel, stride, dilation, pads, auto, bias, relu = (
        one.batch,
        one.groups,
        one.ins,
        one.outs,
        one.size,
        one.kernel,
        one.stride,
        one.dilation,
        one.pads,
        one.auto,
        one.bias,
        one.relu,
    )
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    pads = pads if auto == "NOTSET" else (0, 0, 0, 0)
    assume(
        all(
            r <= s + pads[i] + pads[2 + i] for i, (r, s) in enumerate(zip(reach, size, strict=True))
        )
    )
    assume(auto == "NOTSET" or dilation == (1, 1))
    net = Net((batch, groups * ins, *size))
    inputs = ["x0", net.draw(groups * outs, ins, *kernel)]
    attributes = {"pads": pads} if auto == "NOTSET" else {"auto_pad": auto}
    y = net.add(
        "Conv", *inputs, *([net.draw(groups * outs)] if bias else []),
        strides=stride, dilations=dilation, group=groups, **attributes,
    )  # fmt: skip
    if relu:
        net.add("Relu", y)
    agree(net.graph())


@SETTINGS
@given(
    one=st.builds(
        SimpleNamespace,
        channels=st.sampled_from([1, 4, 33]),
        size=st.tuples(st.integers(3, 9), st.integers(3, 9)),
        kernel=st.tuples(small, small),
        stride=st.tuples(small, small),
        dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
        pads=st.tuples(*[st.integers(0, 1)] * 4),
        op=st.sampled_from(["MaxPool", "AveragePool", "DepthwiseConv"]),
        ceil=st.booleans(),
        count=st.booleans(),
    )
)
def test_windows(one: SimpleNamespace) -> None:
    channels, size, kernel, stride, dilation, pads, op, ceil, count = (
        one.channels,
        one.size,
        one.kernel,
        one.stride,
        one.dilation,
        one.pads,
        one.op,
        one.ceil,
        one.count,
    )
    assume(all(p < k for p, k in zip(pads, kernel * 2, strict=True)))
    reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    assume(all(r <= s for r, s in zip(reach, size, strict=True)))
    if ceil:  # ONNX's shape inference counts windows that lie outside; ONNX Runtime does not
        for i, (n, r, s) in enumerate(zip(size, reach, stride, strict=True)):
            windows = -(-(n + pads[i] + pads[2 + i] - r) // s)
            assume(windows * s < n + pads[i])
    net = Net((1, channels, *size))
    shared = {"strides": stride, "dilations": dilation, "pads": pads}
    if op == "DepthwiseConv":
        y = net.add("Conv", "x0", net.draw(channels, 1, *kernel), group=channels, **shared)
        net.add("Clip", y, net.const(np.float32(-0.5)), net.const(np.float32(0.5)))
    else:
        extra = {"count_include_pad": int(count)} if op == "AveragePool" else {}
        net.add(op, "x0", kernel_shape=kernel, ceil_mode=int(ceil), **shared, **extra)
    agree(net.graph())


@SETTINGS
@given(
    one=st.builds(
        SimpleNamespace,
        m=st.integers(1, 5),
        k=st.integers(1, 9),
        n=st.sampled_from([1, 7, 40]),
        trans=st.tuples(st.booleans(), st.booleans()),
        alpha=st.sampled_from([1.0, 0.5]),
        beta=st.sampled_from([1.0, 2.0, 0.0]),
        c=st.sampled_from(["none", "scalar", "row", "column", "matrix"]),
        b_constant=st.booleans(),
        clip=st.booleans(),
    )
)
def test_gemm(one: SimpleNamespace) -> None:
    m, k, n, trans, alpha, beta, c, b_constant, clip = (
        one.m,
        one.k,
        one.n,
        one.trans,
        one.alpha,
        one.beta,
        one.c,
        one.b_constant,
        one.clip,
    )
    a_shape = (k, m) if trans[0] else (m, k)
    b_shape = (n, k) if trans[1] else (k, n)
    net = Net(a_shape, *([] if b_constant else [b_shape]))
    shapes = {"scalar": (1,), "row": (n,), "column": (m, 1), "matrix": (m, n)}
    inputs = ["x0", net.draw(*b_shape) if b_constant else "x1"]
    inputs += [] if c == "none" else [net.draw(*shapes[c])]
    y = net.add("Gemm", *inputs, transA=int(trans[0]), transB=int(trans[1]), alpha=alpha, beta=beta)
    if clip:
        net.add("Clip", y, net.const(np.float32(-0.2)), net.const(np.float32(0.4)))
    agree(net.graph())


BATCHES = [((), ()), ((3,), (3,)), ((2, 3), (2, 3)), ((2, 1), (1, 3)), ((3,), ()), ((), (2, 3))]


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("left", "right"), [*BATCHES, ((2, 1, 3), (1, 2, 1))])
def test_matmul(left: tuple[int, ...], right: tuple[int, ...], transposed: bool) -> None:
    net = Net((*left, 4, 5), (*right, 5, 33) if not transposed else (*right, 33, 5))
    z = "x1"
    if transposed:
        rank = len(right) + 2
        z = net.add("Transpose", "x1", perm=[*range(rank - 2), rank - 1, rank - 2])
    y = net.add("MatMul", "x0", z)
    y = net.add("Mul", y, net.const(np.float32(0.25)))
    net.add("Relu", y)
    container = agree(net.graph())
    assert set(kinds(container)) == {"MATMUL"}


@pytest.mark.parametrize(("left", "right"), [((5,), (5,)), ((5,), (5, 4)), ((3, 5), (5,))])
def test_matmul_of_vectors(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    net = Net(left, right)
    net.add("MatMul", "x0", "x1")
    agree(net.graph())


SHAPES = [
    ((2, 3, 4, 5), (2, 3, 4, 5)),
    ((2, 3, 4, 5), (3, 1, 1)),
    ((2, 3, 4, 5), (5,)),
    ((2, 3, 4, 5), (1, 3, 1, 5)),
    ((2, 1, 4, 1), (1, 3, 1, 5)),
    ((4,), (2, 3, 4)),
    ((2, 1, 3, 1, 2, 1, 2), (1, 2, 1, 3, 1, 2, 1)),
    ((2, 3), ()),
]


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Div", "Min", "Max"])
@pytest.mark.parametrize(("left", "right"), SHAPES)
@pytest.mark.parametrize("form", ["computed", "right constant", "left constant"])
def test_arithmetic(op: str, left: tuple[int, ...], right: tuple[int, ...], form: str) -> None:
    net = Net(*([left, right] if form == "computed" else [left]))
    other = "x1" if form == "computed" else net.const(net.random.uniform(0.5, 2.0, right))
    pair = [other, "x0"] if form == "left constant" else ["x0", other]
    net.add(op, *pair)
    random = np.random.default_rng(1)
    graph = net.graph()
    inputs = [random.uniform(0.5, 2.0, i.shape).astype(np.float32) for i in graph.inputs]
    agree(graph, inputs)


@pytest.mark.parametrize("op", ["Add", "Mul", "PRelu"])
@pytest.mark.parametrize("right", [(1, 6, 5, 4), (6, 1, 1), (4,), (1, 6, 5, 1), (1,)])
def test_arithmetic_of_maps_and_constants(op: str, right: tuple[int, ...]) -> None:
    net = Net((1, 3, 5, 4))
    y = net.conv("x0", 3, 6)
    y = net.add("Sigmoid", y)
    y = net.add(op, y, net.draw(*right))
    net.add("Relu", y)
    agree(net.graph())


AXES = [axes for n in range(1, 5) for axes in itertools.combinations(range(4), n)]


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("keep", [0, 1])
@pytest.mark.parametrize("map_first", [False, True])
def test_reductions(axes: tuple[int, ...], keep: int, map_first: bool) -> None:
    net = Net((2, 3, 4, 5))
    y = net.conv("x0", 3, 6) if map_first else "x0"
    results = [
        net.add(op, y, net.const(axes, np.int64), keepdims=keep)
        for op in ("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2")
    ]
    agree(net.graph(*results))


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1])
@pytest.mark.parametrize("op", ["Softmax", "LogSoftmax"])
@pytest.mark.parametrize("map_first", [False, True])
def test_softmax_over_any_axis(op: str, axis: int, map_first: bool) -> None:
    net = Net((2, 3, 4, 5))
    net.add(op, net.conv("x0", 3, 6) if map_first else "x0", axis=axis)
    agree(net.graph())


@pytest.mark.parametrize("opset", [11, 12, 13])
def test_softmax_of_every_opset(opset: int) -> None:
    net = Net((2, 3, 4, 5), opset=opset)
    net.add("Softmax", "x0", axis=1)
    agree(net.graph())


@pytest.mark.parametrize("axis", [1, 2, 3])
@pytest.mark.parametrize("scale_axes", [0, 1])
def test_layer_norm(axis: int, scale_axes: int) -> None:
    net = Net((2, 3, 4, 5))
    shape = (2, 3, 4, 5)[axis:] if scale_axes == 0 else (5,)
    y = net.add("Relu", "x0")
    net.add("LayerNormalization", y, net.draw(*shape), net.draw(*shape), axis=axis)
    agree(net.graph())


@pytest.mark.parametrize("perm", list(itertools.permutations(range(4))))
def test_transpose_of_a_map(perm: tuple[int, ...]) -> None:
    net = Net((2, 3, 4, 5))
    y = net.add("Transpose", net.conv("x0", 3, 6), perm=perm)
    net.add("Exp", y)
    agree(net.graph())


@SETTINGS
@given(data=st.data())
def test_shape_operators_in_any_order(data: st.DataObject) -> None:
    net = Net((2, 6, 4, 4))
    y, shape = (
        ("x0", (2, 6, 4, 4)) if data.draw(st.booleans()) else (net.conv("x0", 6, 6), (2, 6, 4, 4))
    )
    outputs = []
    for _ in range(data.draw(st.integers(1, 5))):
        op = data.draw(st.sampled_from(STEPS))
        y, shape = op(data, net, y, shape)
        if data.draw(st.integers(0, 4)) == 0:
            outputs.append(net.add("Neg", y))
    outputs.append(net.add("Relu", y))
    agree(net.graph(*outputs))


def _transpose(data: Data, net: Net, y: str, shape: Shape) -> Step:
    perm = data.draw(st.permutations(range(len(shape))))
    return net.add("Transpose", y, perm=perm), tuple(shape[p] for p in perm)


def _reshape(data: Data, net: Net, y: str, shape: Shape) -> Step:
    total = int(np.prod(shape))
    first = data.draw(st.sampled_from([d for d in (1, 2, 3, 4, 6, 8) if total % d == 0]))
    second = data.draw(st.sampled_from([d for d in (1, 2, 4) if total // first % d == 0]))
    new = (first, second, total // first // second)
    return net.add("Reshape", y, net.const(new, np.int64)), new


def _slice(data: Data, net: Net, y: str, shape: Shape) -> Step:
    axis = data.draw(st.integers(0, len(shape) - 1))
    step = data.draw(st.sampled_from([1, 1, 2, -1]))
    start, end = (0, shape[axis]) if step > 0 else (shape[axis] - 1, -(1 << 40))
    start += step if shape[axis] > 2 else 0
    length = len(range(shape[axis])[slice(start, end if step > 0 else None, step)])
    ints = [net.const([v], np.int64) for v in (start, end, axis, step)]
    return net.add("Slice", y, *ints), (*shape[:axis], length, *shape[axis + 1 :])


def _pad(data: Data, net: Net, y: str, shape: Shape) -> Step:
    rank = len(shape)
    pads = data.draw(st.lists(st.integers(0, 1), min_size=2 * rank, max_size=2 * rank))
    mode = data.draw(st.sampled_from(["constant", "edge", "wrap"]))
    new = tuple(d + pads[i] + pads[rank + i] for i, d in enumerate(shape))
    return net.add("Pad", y, net.const(pads, np.int64), mode=mode), new


def _concat(data: Data, net: Net, y: str, shape: Shape) -> Step:
    axis = data.draw(st.integers(0, len(shape) - 1))
    other = net.add(data.draw(st.sampled_from(["Abs", "Tanh", "Relu"])), y)
    new = (*shape[:axis], 2 * shape[axis], *shape[axis + 1 :])
    order = data.draw(st.sampled_from([[y, other], [other, y], [other, other]]))
    return net.add("Concat", *order, axis=axis), new


def _split(data: Data, net: Net, y: str, shape: Shape) -> Step:
    axis = data.draw(st.integers(0, len(shape) - 1))
    first = (shape[axis] + 1) // 2
    if first == shape[axis]:
        return y, shape
    sizes = net.const([first, shape[axis] - first], np.int64)
    y = net.add("Split", y, sizes, axis=axis, outputs=2)
    return y, (*shape[:axis], first, *shape[axis + 1 :])


def _gather(data: Data, net: Net, y: str, shape: Shape) -> Step:
    axis = data.draw(st.integers(0, len(shape) - 1))
    indices = data.draw(
        st.lists(st.integers(-shape[axis], shape[axis] - 1), min_size=1, max_size=4)
    )
    new = (*shape[:axis], len(indices), *shape[axis + 1 :])
    return net.add("Gather", y, net.const(indices, np.int64), axis=axis), new


def _expand(data: Data, net: Net, y: str, shape: Shape) -> Step:
    new = (2, *shape) if len(shape) < 5 else tuple(3 if d == 1 else d for d in shape)
    return net.add("Expand", y, net.const(new, np.int64)), new


def _tile(data: Data, net: Net, y: str, shape: Shape) -> Step:
    repeats = data.draw(st.lists(st.integers(1, 2), min_size=len(shape), max_size=len(shape)))
    new = tuple(d * r for d, r in zip(shape, repeats, strict=True))
    return net.add("Tile", y, net.const(repeats, np.int64)), new


def _reduce(data: Data, net: Net, y: str, shape: Shape) -> Step:
    axis = data.draw(st.integers(0, len(shape) - 1))
    y = net.add("ReduceMean", y, net.const([axis], np.int64), keepdims=1)
    return y, (*shape[:axis], 1, *shape[axis + 1 :])


def _add(data: Data, net: Net, y: str, shape: Shape) -> Step:
    return net.add("Add", y, net.add("Sigmoid", y)), shape


STEPS = [
    _transpose, _reshape, _slice, _pad, _concat, _split, _gather, _expand, _tile, _reduce, _add,
]  # fmt: skip


@pytest.mark.parametrize("modes", ["constant", "reflect", "edge"])
def test_pad_before_a_convolution(modes: str) -> None:
    net = Net((1, 3, 6, 7))
    pads = net.const([0, 0, 1, 0, 0, 0, 2, 1], np.int64)
    y = net.add("Pad", "x0", pads, mode=modes)
    net.conv(y, 3, 8)
    container = agree(net.graph())
    assert (kinds(container) == ["COPY", "CONV", "COPY"]) == (modes == "constant")


def test_one_dimensional_convolution_and_pools() -> None:
    net = Net((2, 3, 20))
    y = net.add("Conv", "x0", net.draw(8, 3, 5), net.draw(8), pads=[2, 2], strides=[2])
    y = net.add("MaxPool", y, kernel_shape=[3], strides=[2], pads=[1, 1])
    y = net.add("AveragePool", y, kernel_shape=[2])
    net.add("GlobalAveragePool", y)
    agree(net.graph())


def test_k_slices_of_a_wide_layer_give_the_same_sums() -> None:
    net = Net((1, 9000))
    y = net.add("Gemm", "x0", net.draw(40, 9000, scale=0.01), net.draw(40), transB=1)
    net.add("Relu", y)
    graph = net.graph()
    container = agree(graph)
    assert container.program.ops[0].params.slice == 4500
    assert len(container.pages) == 4
    assert kinds(compiled(graph)) == ["CONV"]


@pytest.mark.parametrize("pads", [(0, 0, 1, 0), (0, 0, 3, 0), (1, 0, 0, 0), (0, 0, 0, 2)])
def test_point_convolution_with_padding_on_one_side(pads: Shape) -> None:
    net = Net((2, 8, 5, 8))
    net.add("Conv", "x0", net.draw(66, 4, 1, 1), net.draw(66), pads=pads, group=2)
    agree(net.graph(), every_kernel=True)
