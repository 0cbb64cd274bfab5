"""Networks drawn at random: what fusing, hoisting and writing in place must not break."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lower_kit import Net, agree

Shape = tuple[int, ...]
Values = dict[str, Shape]
Step = Callable[[st.DataObject, Net, Values], None]


def one(data: st.DataObject, values: Values) -> tuple[str, Shape]:
    name = data.draw(st.sampled_from(sorted(values)))
    return name, values[name]


def pair(data: st.DataObject, values: Values) -> tuple[str, str, Shape]:
    a, shape = one(data, values)
    b = data.draw(st.sampled_from(sorted(n for n, s in values.items() if s == shape)))
    return a, b, shape


def conv(data: st.DataObject, net: Net, values: Values) -> None:
    x, (n, c, h, w) = one(data, values)
    outs, k = data.draw(st.sampled_from([c, c, 4, 34])), data.draw(st.sampled_from([1, 3]))
    values[net.conv(x, c, outs, k=k)] = (n, outs, h, w)


def depthwise(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    values[net.conv(x, shape[1], shape[1], group=shape[1])] = shape


def function(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    op = data.draw(st.sampled_from(["Relu", "Sigmoid", "Tanh", "HardSwish", "Abs"]))
    values[net.add(op, x)] = shape


def clip(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    bounds = [net.const(np.float32(v)) for v in (-0.5, 0.75)]
    values[net.add("Clip", x, *bounds)] = shape


def arithmetic(data: st.DataObject, net: Net, values: Values) -> None:
    a, b, shape = pair(data, values)
    op = data.draw(st.sampled_from(["Add", "Add", "Add", "Mul", "Sub", "Max"]))
    values[net.add(op, a, b)] = shape


def silu(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    values[net.add("Mul", net.add("Sigmoid", x), x)] = shape


def gate(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    pooled = net.add("GlobalAveragePool", x)
    values[net.add("Mul", x, net.conv(pooled, shape[1], shape[1], k=1))] = shape


def batch_norm(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    parts = [net.const(net.random.random(shape[1]) + 0.5) for _ in range(4)]
    values[net.add("BatchNormalization", x, *parts)] = shape


def concat(data: st.DataObject, net: Net, values: Values) -> None:
    _, (n, _, h, w) = one(data, values)
    fitting = sorted(v for v, s in values.items() if (s[0], *s[2:]) == (n, h, w))
    names = data.draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=4))
    if data.draw(st.booleans()) and net.nodes and net.nodes[-1].op_type == "Concat":
        names = [*net.nodes[-1].input, *names]  # DenseNet's: a longer one after a shorter one
        fitting_shapes = [(values[v][0], *values[v][2:]) for v in names]
        if len(set(fitting_shapes)) > 1:
            return
    shapes = [values[v] for v in names]
    channels = sum(s[1] for s in shapes)
    if channels <= 96:
        values[net.add("Concat", *names, axis=1)] = (n, channels, *shapes[0][2:])


def split(data: st.DataObject, net: Net, values: Values) -> None:
    x, (n, c, h, w) = one(data, values)
    if c < 2:
        return
    sizes = [c // 2, c - c // 2]
    y = net.add("Split", x, net.const(sizes, np.int64), axis=1, outputs=2)
    values[y], values[f"{y}_1"] = (n, sizes[0], h, w), (n, sizes[1], h, w)


def pool(data: st.DataObject, net: Net, values: Values) -> None:
    x, shape = one(data, values)
    op = data.draw(st.sampled_from(["MaxPool", "AveragePool"]))
    same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    values[net.add(op, x, **same)] = shape


def shortcut(data: st.DataObject, net: Net, values: Values) -> None:
    """Every second pixel, with zero channels around."""
    x, (n, c, h, w) = one(data, values)
    if h < 4 or w < 4 or c > 40:
        return
    ints = [net.const(v, np.int64) for v in ([0, 0], [99, 99], [2, 3], [2, 2])]
    y = net.add("Slice", x, *ints)
    values[net.add("Pad", y, net.const([0, 1, 0, 0, 0, 2, 0, 0], np.int64))] = (
        n,
        c + 3,
        (h + 1) // 2,
        (w + 1) // 2,
    )


STEPS: list[Step] = [
    conv, conv, depthwise, function, clip, arithmetic, arithmetic, silu, gate, batch_norm, concat,
    concat, split, pool, shortcut,
]  # fmt: skip


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.data())
def test_any_network_agrees(data: st.DataObject) -> None:
    shape = (data.draw(st.sampled_from([1, 1, 2])), data.draw(st.sampled_from([1, 3, 8])), 5, 6)
    net, values = Net(shape), {"x0": shape}
    for _ in range(data.draw(st.integers(2, 14))):
        data.draw(st.sampled_from(STEPS))(data, net, values)
    computed = sorted(v for v in values if v != "x0")
    if not computed:
        return
    picked = data.draw(st.lists(st.sampled_from(computed), min_size=1, max_size=3, unique=True))
    outputs = list(dict.fromkeys([*picked, computed[-1]]))
    agree(net.graph(*outputs), absolute=1e-4)
