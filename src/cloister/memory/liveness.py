"""When each buffer of a program is needed, and which results may take the place of an operand.

Time: 0 the request is there, 1..n the operators, n + 1 the crossing message leaves (``split``) or
the response is sealed (``whole``), n + 2 (``split``) the tail's answer is in the response
message. A buffer's interval goes from its first write to its last read, both ends included.

Parts: where operators touch a buffer piece by piece (bands of rows), each piece has an interval of
its own: rows of a map whose reader is done make room before the map's last rows are read.

In place: an element-wise result may lie where a dying operand lay, when both have the same
offset, size and strides; so may a convolution's result where its dying residual lay (each element
of z is read before its y is written).
"""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cloister.lower.program import (
    ALIGN_BYTES,
    FLOAT_BYTES,
    BinaryParams,
    Buffer,
    ConvParams,
    CopyParams,
    Kind,
    NormParams,
    Op,
    Program,
    Role,
    Span,
    Unary,
    UnaryParams,
)

PART_BYTES = 4096  # smaller pieces go with their neighbours


@dataclass
class Interval:
    """First and last time at which something is needed."""

    start: int
    end: int

    def meets(self, other: Interval) -> bool:
        """True where both are needed at one time."""
        return self.start <= other.end and other.start <= self.end


def intervals(program: Program) -> dict[Buffer, Interval]:
    """The interval of each buffer; operators' scratch aside (`scratch_sizes`)."""
    n = len(program.ops)
    found: dict[Buffer, Interval] = {program.request: Interval(0, 0)}

    def touch(buffer: Buffer, time: int) -> None:
        interval = found.setdefault(buffer, Interval(time, time))
        interval.end = max(interval.end, time)

    for index, op in enumerate(program.ops):
        for span in operands(op):
            touch(span.buffer, index + 1)
    for io in program.crossing:
        touch(io.span.buffer, n + 1)
    touch(program.response, n + 1 if program.mode == "whole" else n + 2)
    return found


@dataclass(frozen=True)
class Part:
    """Bytes [at, end) of a buffer, and when they are needed."""

    at: int
    end: int
    live: Interval


def parts(program: Program) -> dict[Buffer, list[Part]]:
    """Of each buffer the pieces that are needed, and at different times, in order; multiples of 64
    bytes but for the last.
    """
    n = len(program.ops)
    touched: dict[Buffer, list[tuple[Span, int]]] = {b: [] for b in intervals(program)}
    for buffer, time in (
        (program.request, 0),
        (program.response, n + 1 if program.mode == "whole" else n + 2),
    ):
        touched[buffer].append((Span(buffer, 0, buffer.n), time))
    for index, op in enumerate(program.ops):
        for span in touches(op):
            touched[span.buffer].append((span, index + 1))
    for io in program.crossing:
        touched[io.span.buffer].append((io.span, n + 1))
    return {buffer: parts_of(buffer, found) for buffer, found in touched.items()}


def parts_of(buffer: Buffer, touched: Sequence[tuple[Span, int]]) -> list[Part]:
    """The parts of a buffer of which spans are touched at times."""
    unit = ALIGN_BYTES // FLOAT_BYTES
    ranges = [
        (span.at // unit * unit, min(-(-(span.at + span.n) // unit) * unit, buffer.n), time)
        for span, time in touched
    ]
    cuts = sorted({0, buffer.n}.union(*(r[:2] for r in ranges)))
    lives: list[Interval | None] = [None] * (len(cuts) - 1)
    for low, high, time in ranges:
        for i in range(bisect_left(cuts, low), bisect_left(cuts, high)):
            lives[i] = _hull(Interval(time, time), lives[i])
    found: list[Part] = []
    for (low, high), live in zip(itertools.pairwise(cuts), lives, strict=True):
        if live is None:
            continue
        part = Part(low * FLOAT_BYTES, high * FLOAT_BYTES, live)
        last = found[-1] if found else None
        small = last and min(part.end - part.at, last.end - last.at) < PART_BYTES
        if last and last.end == part.at and (small or last.live == live):
            found[-1] = Part(last.at, part.end, _hull(live, last.live))
        else:
            found.append(part)
    return found


def _hull(a: Interval, b: Interval | None) -> Interval:
    return a if b is None else Interval(min(a.start, b.start), max(a.end, b.end))


def operands(op: Op) -> Iterator[Span]:
    """Spans that an operator reads or writes."""
    yield from (s for s in (op.x, op.z, op.y) if s is not None)


def touches(op: Op) -> Iterator[Span]:
    """What of its operands an operator touches: all, but where a copy takes the same rows of
    several planes.
    """
    yield from (s for s in (op.z, op.y) if s is not None)
    if op.x is None:
        return
    p = op.params
    if isinstance(p, CopyParams) and min(p.xs) >= 0:
        stride, planes = max((s, d) for s, d in zip(p.xs, p.d, strict=True) if d > 1 or s == 0)
        reach = 1 + sum((d - 1) * s for d, s in zip(p.d, p.xs, strict=True)) - (planes - 1) * stride
        if stride > reach + PART_BYTES // FLOAT_BYTES:
            for i in range(planes):
                yield Span(op.x.buffer, op.x.at + p.x_first + i * stride, reach)
            return
    yield op.x


def scratch_sizes(program: Program) -> dict[int, int]:
    """Bytes of scratch at each time at which an operator uses some, ascending."""
    return {i + 1: op.scratch_bytes for i, op in enumerate(program.ops) if op.scratch_bytes}


def in_place(program: Program) -> list[tuple[Buffer, Buffer]]:
    """Pairs (dying operand, result) that may share their place; each buffer at most once on
    each side.
    """
    live = intervals(program)
    pairs = []
    for index, op in enumerate(program.ops):
        time = index + 1
        for span in overwritable(op):
            dies = live[span.buffer].end == time
            born = live[op.y.buffer].start == time
            ordinary = span.buffer.role is Role.VALUE and op.y.buffer.role is Role.VALUE
            if dies and born and ordinary and span.buffer.n == op.y.buffer.n:
                pairs.append((span.buffer, op.y.buffer))
                break
    return pairs


def overwritable(op: Op) -> Iterator[Span]:
    """Operands in whose place an operator may write its result, element for element."""
    others = {Kind.BINARY, Kind.CONV}
    for span, other in ((op.x, op.z), (op.z, op.x)):
        if span is None or span.at != op.y.at or span.buffer is op.y.buffer:
            continue
        if op.kind in others and other is not None and other.buffer is span.buffer:
            same = op.kind is Kind.BINARY and other == span and _same_strides(op)
            if not same:
                continue
        if _same_place(op, span is op.z):
            yield span


def _same_strides(op: Op) -> bool:
    return isinstance(op.params, BinaryParams) and op.params.xs == op.params.zs


def _same_place(op: Op, is_z: bool) -> bool:
    """True where element i of the operand has the address of element i of the result."""
    p = op.params
    if isinstance(p, UnaryParams | NormParams):
        codes = op.kind is Kind.UNARY and op.fn in (Unary.CODES, Unary.NUMBERS)
        return not is_z and not codes and (p.rows == 1 or p.x_ld == p.y_ld)
    if op.kind is Kind.SOFTMAX:
        return True
    if isinstance(p, BinaryParams):
        strides = p.zs if is_z else p.xs
        return all(d == 1 or s == t for d, s, t in zip(p.d, strides, p.ys, strict=True))
    if isinstance(p, ConvParams):
        alike = (p.oh * p.ow == 1 or p.z_ld == p.y_ld) and (p.y_step > 0) == (p.z_step > 0)
        return is_z and alike and p.slice == 0
    return False
