"""Liveness and placement: nothing that is still needed is overwritten, and the peak is exact."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloister.graph.graph import TensorInfo
from cloister.lower.program import (
    Binary,
    BinaryParams,
    Buffer,
    Io,
    Kind,
    Op,
    Program,
    Role,
    Span,
    Unary,
    UnaryParams,
)
from cloister.memory import Placement, check_placement, place
from cloister.memory.liveness import in_place, intervals, overwritable

MESSAGE_FLOATS = 32  # prefix and one record


def whole(buffer: Buffer) -> Span:
    return Span(buffer, 0, buffer.n)


def unary(x: Buffer, y: Buffer, scratch: int = 0) -> Op:
    n = min(x.n, y.n)
    params = UnaryParams(1, n, n, n, 0.0, 0.0)
    return Op(
        Kind.UNARY, "n", "Relu", params, whole(y), whole(x), fn=Unary.RELU, scratch_bytes=scratch
    )


def binary(x: Buffer, z: Buffer, y: Buffer) -> Op:
    n = min(x.n, y.n, z.n)
    one = (0, 0, 0, 0, 1)
    params = BinaryParams((1, 1, 1, 1, n), one, one, one)
    return Op(Kind.BINARY, "n", "Add", params, whole(y), whole(x), whole(z), fn=Binary.ADD)


def message(name: str, role: Role, n: int) -> tuple[Buffer, Io]:
    buffer = Buffer(name, MESSAGE_FLOATS + -(-n // 16) * 16, role)
    return buffer, Io(TensorInfo(name, "float32", (n,)), Span(buffer, MESSAGE_FLOATS, n))


def program(ops: list[Op], request: Io, response: Io, mode: str, crossing: list[Buffer]) -> Program:
    infos = [TensorInfo(b.name, "float32", (b.n,)) for b in crossing]
    ios = tuple(Io(info, whole(b)) for info, b in zip(infos, crossing, strict=True))
    buffers = request.span.buffer, response.span.buffer
    return Program(mode, tuple(ops), (request,), ios, (response,), *buffers)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Chains and joins over buffers of few sizes, so that results fit where operands lay."""
    sizes = st.sampled_from([16, 17, 64, 100, 1000])
    request, first = message("request", Role.REQUEST, draw(sizes))
    response, last = message("response", Role.RESPONSE, draw(sizes))
    values, ops = [request], []
    for i in range(draw(st.integers(1, 12))):
        x = draw(st.sampled_from(values))
        y = Buffer(f"v{i}", draw(st.one_of(st.just(x.n), sizes)))
        if draw(st.booleans()):
            ops.append(unary(x, y, draw(st.sampled_from([0, 0, 64, 300]))))
        else:
            ops.append(binary(x, draw(st.sampled_from(values)), y))
        values.append(y)
    mode = draw(st.sampled_from(["split", "whole"]))
    if mode == "whole":
        ops.append(unary(values[-1], response))
    crossing = [values[-1]] if mode == "split" else []
    return program(ops, first, last, mode, crossing)


def simulate(one: Program, offsets: dict[Buffer, int], scratch_at: int, arena_bytes: int) -> int:
    """Runs the program on an arena that knows who wrote each byte last; gives the highest byte
    written.
    """
    owner = np.zeros(arena_bytes, np.int64)
    names = {b: i + 1 for i, b in enumerate(offsets)}
    highest = -1

    def place_of(span: Span) -> slice:
        start = offsets[span.buffer] + 4 * span.at
        assert start + 4 * span.n <= arena_bytes
        return slice(start, start + 4 * span.n)

    def write(span: Span) -> int:
        owner[place_of(span)] = names[span.buffer]
        return place_of(span).stop - 1

    def holds(span: Span) -> bool:
        return bool((owner[place_of(span)] == names[span.buffer]).all())

    highest = max(highest, write(whole(one.request)))
    for op in one.ops:
        if op.scratch_bytes:
            owner[scratch_at : scratch_at + op.scratch_bytes] = -1
        assert all(holds(s) for s in (op.x, op.z) if s is not None)
        highest = max(highest, write(op.y))
        assert (
            op.scratch_bytes == 0
            or not (owner[scratch_at : scratch_at + op.scratch_bytes] == names[op.y.buffer]).any()
        )
    assert all(holds(io.span) for io in one.crossing)
    if one.mode == "whole":
        assert all(holds(op.y) for op in one.ops if op.y.buffer is one.response)
    return max(highest, write(whole(one.response)))


@st.composite
def banded_programs(draw: st.DrawFn) -> Program:
    """Chains of maps of some rows, each band of which is made from two bands of the map before,
    as soon as they are there; some maps are made whole.
    """
    bands, floats = draw(st.integers(2, 6)), draw(st.sampled_from([16, 1000, 1024, 2500]))
    request, first = message("request", Role.REQUEST, bands * floats - 16)
    _, last = message("response", Role.RESPONSE, 16)
    maps = [request] + [Buffer(f"m{i}", bands * floats) for i in range(draw(st.integers(1, 4)))]
    done = [bands] + [0] * (len(maps) - 1)
    ops: list[Op] = []

    def make(index: int, upto: int) -> None:
        while done[index] < upto:
            low = done[index]
            reads = min(bands, low + 2)
            make(index - 1, reads)
            x = Span(maps[index - 1], low * floats, (reads - low) * floats)
            y = Span(maps[index], low * floats, floats)
            op = unary(maps[index - 1], maps[index], draw(st.sampled_from([0, 64, 5000])))
            ops.append(replace(op, x=x, y=y))
            done[index] += 1

    for index in range(1, len(maps)):
        if index == len(maps) - 1 or draw(st.booleans()):
            make(index, bands)
    return program(ops, first, last, "split", [maps[-1]])


def exactly_placed(one: Program) -> Placement:
    """The placement, of which the checker and a simulation agree that it is right and tight."""
    placement = place(one)
    check_placement(one, placement)
    highest = simulate(one, placement.offsets, placement.scratch_at, placement.arena_bytes)
    assert highest == placement.arena_bytes - 1
    assert placement.lower_bound_bytes <= placement.arena_bytes
    return placement


@settings(max_examples=200, deadline=None)
@given(banded_programs())
def test_rows_make_room_before_their_map_ends_and_are_never_overwritten(one: Program) -> None:
    exactly_placed(one)


def test_a_map_that_is_written_as_another_dies_lies_over_it() -> None:
    bands, floats = 8, 1024
    request, first = message("request", Role.REQUEST, 16)
    _, last = message("response", Role.RESPONSE, 16)
    a, b = Buffer("a", bands * floats), Buffer("b", bands * floats)
    ops = [unary(request, a)]
    for i in range(bands):
        spans = Span(a, i * floats, floats), Span(b, i * floats, floats)
        ops.append(replace(unary(a, b), x=spans[0], y=spans[1]))
    one = program(ops, first, last, "split", [b])
    assert place(one).arena_bytes <= (bands + 1) * floats * 4 + 256


@settings(max_examples=200, deadline=None)
@given(programs())
def test_placement_never_overwrites_what_is_needed_and_its_peak_is_exact(one: Program) -> None:
    placement = exactly_placed(one)
    total = sum(-(-b.size_bytes // 64) * 64 for b in placement.offsets)
    assert placement.arena_bytes <= total + one.scratch_bytes + 63


@settings(max_examples=200, deadline=None)
@given(st.one_of(programs(), banded_programs()), st.data())
def test_checker_accepts_no_shift_that_the_simulation_refuses(
    one: Program, data: st.DataObject
) -> None:
    placement = place(one)
    buffer = data.draw(st.sampled_from(list(placement.offsets)))
    room = placement.arena_bytes - buffer.size_bytes
    shifted = data.draw(st.integers(0, max(0, room // 64))) * 64
    moved = replace(placement, offsets={**placement.offsets, buffer: shifted})
    try:
        check_placement(one, moved)
    except AssertionError:
        return
    simulate(one, moved.offsets, moved.scratch_at, moved.arena_bytes)


def chain(*sizes: int, scratch: int = 0) -> Program:
    request, first = message("request", Role.REQUEST, sizes[0])
    _, last = message("response", Role.RESPONSE, 1)
    values = [request, *(Buffer(f"v{i}", n) for i, n in enumerate(sizes[1:]))]
    ops = [unary(x, y, scratch) for x, y in itertools.pairwise(values)]
    return program(ops, first, last, "split", [values[-1]])


def test_element_wise_results_take_their_operands_place() -> None:
    one = chain(16, 500, 500, 500)
    placement = place(one)
    assert len({placement.offsets[op.y.buffer] for op in one.ops}) == 1
    assert len(placement.in_place) == 2


def test_an_operand_that_is_read_again_is_not_overwritten() -> None:
    request, first = message("request", Role.REQUEST, 16)
    _, last = message("response", Role.RESPONSE, 16)
    a, b, c = (Buffer(n, 64) for n in "abc")
    one = program([unary(request, a), unary(a, b), binary(a, b, c)], first, last, "split", [c])
    assert [(x.name, y.name) for x, y in in_place(one)] == [("a", "c")]


def test_one_operand_twice_may_be_overwritten_but_not_two_parts_of_it() -> None:
    a, y = Buffer("a", 64), Buffer("y", 64)
    same = binary(a, a, y)
    assert len(list(overwritable(same))) == 2
    parts = replace(same, x=Span(a, 0, 32), z=Span(a, 32, 32), y=Span(y, 0, 32))
    assert list(overwritable(parts)) == []


def test_split_answers_reuse_everything() -> None:
    request, first = message("request", Role.REQUEST, 1000)
    response, last = message("response", Role.RESPONSE, 900)
    a = Buffer("a", 16)
    one = program([unary(request, a)], first, last, "split", [a])
    placement = place(one)
    assert placement.offsets[response] == 0
    live = intervals(one)
    assert live[request].end < live[response].start and live[a].end < live[response].start


def test_scratch_lies_below_what_is_live_while_it_is_used() -> None:
    one = chain(16, 100, 200, scratch=320)
    placement = place(one)
    assert placement.scratch_at == 0
    assert min(placement.offsets[op.y.buffer] for op in one.ops) >= 320


def test_arena_is_not_rounded() -> None:
    one = chain(16, 1001)
    assert place(one).arena_bytes % 64 == 1001 * 4 % 64


@pytest.mark.parametrize("change", ["overlap", "misaligned", "outside", "below the top"])
def test_checker_refuses(change: str) -> None:
    one = chain(64, 500, 500, 100)
    placement = place(one)
    offsets = dict(placement.offsets)
    buffer = one.ops[-1].y.buffer
    arena = placement.arena_bytes
    if change == "overlap":
        offsets[buffer] = offsets[one.ops[-2].y.buffer]
    elif change == "misaligned":
        offsets[buffer] += 4
    elif change == "outside":
        offsets[buffer] = -(-arena // 64) * 64
    else:
        arena += 64
    with pytest.raises(AssertionError):
        check_placement(one, replace(placement, offsets=offsets, arena_bytes=arena))
