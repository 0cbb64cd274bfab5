"""Bands of rows: the same bits as whole maps, in exactly the memory that was predicted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lower_kit import Net, assert_exact, drawn

from cloister.enclaves.engine import Engine
from cloister.graph.graph import Graph
from cloister.lower import lower
from cloister.lower.conv import scratch_bytes
from cloister.lower.program import Conv, ConvParams, Op, Program
from cloister.memory import check_placement, place
from cloister.memory.bands import RowMap, Stage
from cloister.memory.streaming import Streaming
from cloister.pack.budget import Plan, draft
from cloister.pack.container import Container, assemble
from cloister.pack.room import Room


def direct(op: Op) -> Op:
    """Without the transform domain, whose tiles bands may not meet."""
    if not isinstance(op.params, ConvParams) or op.fn != Conv.WINOGRAD:
        return op
    return replace(op, fn=Conv.DIRECT, scratch_bytes=scratch_bytes(op.params))


def packed(program: Program) -> Container:
    container = assemble(draft(Plan(program, place(program), (), 0.0), Room(None), 64))
    check_placement(program, container.placement)
    return container


def banded(stage: Stage, forms: dict[int, Op]) -> Program:
    """The whole program, one stage of it in bands."""
    program = stage.map.program
    ops = [forms.get(i, op) for i, op in enumerate(program.ops)]
    ops[stage.first : stage.end] = stage.ops(forms)
    return replace(program, ops=tuple(ops))


def assert_same(stage: Stage, graph: Graph) -> Container:
    """Engine runs of both programs give the same bits, and the arena is written to its end."""
    ops = stage.map.program.ops
    forms = {
        i: direct(op)
        for i, op in enumerate(ops)
        if not (stage.first <= i < stage.end and stage.tiled(i))
    }
    whole = replace(stage.map.program, ops=tuple(forms.get(i, op) for i, op in enumerate(ops)))
    container = packed(banded(stage, forms))
    x = drawn(graph)
    expected = Engine(packed(whole).to_bytes()).run(x)
    engine = Engine(container.to_bytes(), guard=True)
    for fill in (0x00, 0xFF):
        for got, wanted in zip(engine.run(x, poison=fill), expected, strict=True):
            np.testing.assert_array_equal(got, wanted)
    assert_exact(container, engine.highest_byte_written(x))
    return container


def stages(program: Program, chunk: int) -> list[Stage]:
    """Every stage that the program may have."""
    rows, n = RowMap(program), len(program.ops)
    found = [Stage(rows, i, j, chunk) for i in range(n) for j in range(i + 2, n + 1)]
    return [stage for stage in found if stage.possible]


# ---------------------------------------------------------------------- networks drawn at random


def window(data: st.DataObject, size: int, *, pool: bool) -> dict[str, Sequence[int]]:
    """Kernel, stride, dilation and padding; one output row at least."""
    k = data.draw(st.integers(1, 4))
    d = data.draw(st.integers(1, 3)) if k > 1 else 1
    reach = (k - 1) * d
    most = k - 1 if pool else reach + 2
    before, after = data.draw(st.integers(0, most)), data.draw(st.integers(0, most))
    assume(size + before + after > reach)
    s = data.draw(st.integers(1, 4))
    return {
        "kernel_shape": [k, k],
        "strides": [s, s],
        "dilations": [d, d],
        "pads": [before, before, after, after],
    }


def out_size(size: int, w: dict[str, Sequence[int]]) -> int:
    reach = (w["kernel_shape"][0] - 1) * w["dilations"][0] + 1
    return (size + w["pads"][0] + w["pads"][2] - reach) // w["strides"][0] + 1


@st.composite
def chains(draw: st.DrawFn) -> Graph:
    """Convolutions and pools of any window, element-wise work, residuals, concats."""
    data = draw(st.data())
    size, c = draw(st.integers(3, 14)), draw(st.sampled_from([1, 3, 18, 33]))
    net = Net((1, c, size, size))
    x, older = "x0", [("x0", c, size)]
    for _ in range(draw(st.integers(2, 6))):
        step = draw(st.sampled_from(["conv", "3x3", "depthwise", "pool", "average", "act", "add",
                                     "concat"]))  # fmt: skip
        if step in ("conv", "depthwise", "pool", "average"):
            w = window(data, size, pool=step in ("pool", "average"))
            new = out_size(size, w)
            assume(0 < new <= 24)
        if step == "conv":
            outs = draw(st.sampled_from([4, 32, 35]))
            weights = net.draw(outs, c, *w["kernel_shape"])
            x, c, size = net.add("Conv", x, weights, net.draw(outs), **w), outs, new
        elif step == "3x3":
            x, c = net.conv(x, c, 32), 32
        elif step == "depthwise":
            x, size = net.add("Conv", x, net.draw(c, 1, *w["kernel_shape"]), group=c, **w), new
        elif step == "pool":
            x, size = net.add("MaxPool", x, **w), new
        elif step == "average":
            count = draw(st.integers(0, 1))
            x, size = net.add("AveragePool", x, count_include_pad=count, **w), new
        elif step == "act":
            x = net.add(draw(st.sampled_from(["Relu", "Sigmoid", "HardSwish"])), x)
        else:
            fitting = [v for v in older if v[2] == size and (step == "concat" or v[1] == c)]
            other, outs, _ = draw(st.sampled_from(fitting or [(x, c, size)]))
            if step == "add":
                x = net.add("Add", x, other)
            else:
                x, c = net.add("Concat", x, other, axis=1), c + outs
                assume(c <= 128)
        older.append((x, c, size))
    return net.graph(net.add("Relu", x))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(chains(), st.integers(1, 16), st.sampled_from(["split", "whole"]), st.data())
def test_bands_have_the_bits_of_whole_maps(
    graph: Graph, chunk: int, mode: str, data: st.DataObject
) -> None:
    program = lower(graph, mode=mode, answers=graph.outputs)
    found = stages(program, chunk)
    assume(found)
    assert_same(data.draw(st.sampled_from(found)), graph)


# ---------------------------------------------------------------------- cases


def tower(size: int = 24, c: int = 32) -> Graph:
    """Convolutions in the transform domain, a residual, a pool."""
    net = Net((1, c, size, size))
    x = net.add("Relu", net.conv("x0", c, 64))
    y = net.add("Relu", net.conv(x, 64, 64))
    x = net.add("Add", net.conv(y, 64, 64), x)
    return net.graph(net.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]))


@pytest.mark.parametrize("chunk", range(1, 25))
def test_any_number_of_rows_has_the_same_bits(chunk: int) -> None:
    graph = tower()
    program = lower(graph, mode="whole", answers=graph.outputs)
    assert any(op.fn == Conv.WINOGRAD for op in program.ops if isinstance(op.params, ConvParams))
    largest = max(stages(program, chunk), key=lambda s: s.end - s.first)
    assert_same(largest, graph)


def test_bands_of_four_rows_keep_the_transform_domain() -> None:
    program = lower(tower(), mode="whole", answers=tower().outputs)
    tiled = {chunk: sum(map(s.tiled, s.indices)) for chunk in (2, 4, 6, 8)
             for s in [max(stages(program, chunk), key=lambda s: s.end - s.first)]}  # fmt: skip
    assert tiled[2] == tiled[6] == 0 < tiled[4] == tiled[8]


def test_a_smaller_arena_gives_the_same_bits() -> None:
    graph = tower(size=40)
    program = lower(graph, mode="whole", answers=graph.outputs)
    x = drawn(graph)
    expected = Engine(packed(program).to_bytes()).run(x)[0]
    streaming, whole = Streaming(program), place(program).arena_bytes
    found = [f for share in (0.9, 0.7, 0.6) if (f := streaming.fit(int(share * whole)))]
    assert len(found) == 3
    for plan in found:
        container = packed(plan.program)
        assert container.arena_bytes < whole
        got = Engine(container.to_bytes()).run(x)[0]
        if all(op.fn == Conv.WINOGRAD for op in plan.program.ops if op.op_type == "Conv"):
            np.testing.assert_array_equal(got, expected)
        np.testing.assert_allclose(got, expected, 1e-4, 1e-4)


def test_no_arena_is_smaller_than_the_request() -> None:
    graph = tower()
    program = lower(graph, mode="whole", answers=graph.outputs)
    assert Streaming(program).fit(program.request.size_bytes) is None


@pytest.mark.parametrize("chunk", [1, 3, 8])
def test_tokens_are_rows(chunk: int) -> None:
    net = Net((1, 17, 24))
    x = net.add("Gelu", net.add("MatMul", "x0", net.draw(24, 96)))
    x = net.add("Add", net.add("MatMul", x, net.draw(96, 24)), "x0")
    x = net.add("LayerNormalization", x, net.draw(24), net.draw(24))
    graph = net.graph(net.add("MatMul", x, net.draw(24, 8)))
    program = lower(graph, mode="whole", answers=graph.outputs)
    largest = max(stages(program, chunk), key=lambda s: s.end - s.first)
    assert len(largest.indices) >= 4
    assert_same(largest, graph)


@pytest.mark.parametrize("op", ["Softmax", "GlobalAveragePool"])
def test_what_sees_the_whole_map_is_in_no_stage(op: str) -> None:
    net = Net((1, 4, 8, 8))
    x = net.conv(net.conv("x0", 4, 4), 4, 4)
    x = net.add(op, x)
    graph = net.graph(net.conv(x, 4, 4, k=1))
    program = lower(graph, mode="whole", answers=graph.outputs)
    at = next(i for i, o in enumerate(program.ops) if o.op_type == op)
    assert all(s.end <= at or s.first > at for s in stages(program, 2))
