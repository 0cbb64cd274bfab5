"""Which operators run band by band, so that the arena is as small as is asked for.

A plan is a sequence of single operators and stages (`bands`). For an arena of so many bytes the
cheapest sequence is found by dynamic programming over the places between operators; the cost is
`lower.cost`, the bytes are those needed at one time. A convolution in the transform domain takes
the blocks for which there is room, and is direct where there is none or where its bands do not
begin at tiles.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cloister.lower import winograd
from cloister.lower.conv import scratch_bytes
from cloister.lower.cost import VECTOR, cycles
from cloister.lower.paging import wide_bytes
from cloister.lower.program import (
    Buffer,
    Conv,
    ConvParams,
    Op,
    Params,
    Program,
    Span,
    align,
)
from cloister.memory.bands import WHOLE, RowMap, Stage
from cloister.memory.liveness import Interval, intervals, parts_of, touches
from cloister.memory.placement import blocks_of

CHUNKS = (32, 16, 12, 8, 4, 2, 1)  # rows of a band; the first ones that fit are tried
TRIED = 3
BLOCKS = (56, 28, 14, 7, 4, 2, 1)  # tiles of a Winograd block
REACH = 48  # operators of a stage, at most


@dataclass(frozen=True)
class Banded:
    """A stage, for people: its first and last ONNX node, and the rows of a band."""

    first: str
    last: str
    rows: int


@dataclass(frozen=True)
class Streamed:
    """A plan that needs at most so much at one time.

    Args:
        program: The operators.
        cycles: Estimated.
        stages: Which operators run in bands.
    """

    program: Program
    cycles: float
    stages: tuple[Banded, ...]


@dataclass(frozen=True)
class Piece:
    """Operators [first, end), how each is computed, and what that costs."""

    cost: float
    first: int
    end: int
    stage: Stage | None
    forms: tuple[tuple[int, Op], ...]


@dataclass(frozen=True)
class Bands:
    """One operator inside of a stage: how often it computes so many rows, beside how much else.

    Scratch lies at the bottom of the arena, and most of what a stage keeps lives across all of its
    operators: so beside a convolution with scratch stands what stands beside any of them.
    """

    op: Op
    params: tuple[tuple[Params, int], ...]
    beside_bytes: int
    aligned: bool

    def form(self, arena_bytes: int) -> tuple[float, Op] | None:
        """The fastest way that fits, and its cycles; None where none does."""
        return cheapest(self.op, self.params, arena_bytes - self.beside_bytes, self.aligned)


def cheapest(
    op: Op, params: Sequence[tuple[Params, int]], room_bytes: int, aligned: bool
) -> tuple[float, Op] | None:
    """An operator's fastest form whose scratch fits, and the cycles of all its bands."""
    found = []
    for form, tiles in forms(op, params[0][0], aligned):
        if align(form.scratch_bytes) <= room_bytes:
            own = [(_as(p, form.params), n) for p, n in params]
            cost = sum(n * cycles(form, p, tiles=tiles) for p, n in own)
            found.append((cost, form))
    return min(found, key=lambda f: f[0], default=None)


def _as(band: Params, form: Params) -> Params:
    """A band's parameters, with as many panels in a page as the form has."""
    if isinstance(band, ConvParams) and isinstance(form, ConvParams):
        return replace(band, panels=form.panels)
    return band


def forms(op: Op, largest: Params, aligned: bool) -> Iterator[tuple[Op, int | None]]:
    """An operator with each algorithm and block that it may have, and pages of one panel: the
    transform domain needs less scratch with them.
    """
    if not isinstance(largest, ConvParams) or op.fn != Conv.WINOGRAD:
        yield op, None
        return
    assert isinstance(op.params, ConvParams)
    wide = wide_bytes(9 * op.params.c, int8=op.int8)
    least = wide + scratch_bytes(op.params)
    yield replace(op, fn=Conv.DIRECT, scratch_bytes=least), None
    for tiles in BLOCKS if aligned else ():
        for panels in {op.params.panels, 1}:
            form = replace(op, params=replace(op.params, panels=panels))
            own = wide + winograd.scratch_bytes(replace(largest, panels=panels), tiles)
            yield replace(form, scratch_bytes=max(least, own)), tiles


class Streaming:
    """Finds plans of one program for arenas of any size.

    Args:
        program: As it was lowered.
    """

    def __init__(self, program: Program) -> None:
        self.map = RowMap(program)
        self.program = self.map.program
        self.live = intervals(self.program)
        self.blocks = blocks_of(self.program)
        self.of = {b: block for block in self.blocks for b in block.buffers}
        n = len(self.program.ops)
        self.bytes_at = [0] * (n + 3)
        for block in self.blocks:
            for time in range(block.live.start, block.live.end + 1):
                self.bytes_at[time] += align(block.size_bytes)
        self.between = [
            sum(align(b.size_bytes) for b in self.blocks if b.live.start <= i < b.live.end)
            for i in range(n + 1)
        ]
        self._stages: dict[tuple[int, int, int], Measured | None] = {}

    @cached_property
    def cycles(self) -> float:
        """Of the program as it is."""
        return sum(cycles(op) for op in self.program.ops)

    def fit(self, arena_bytes: int) -> Streamed | None:
        """The cheapest plan that needs at most so much at one time; None where there is none."""
        n = len(self.program.ops)
        if max(self.bytes_at[0], *self.bytes_at[n + 1 :]) > arena_bytes:
            return None
        singles = [self._single(i, arena_bytes) for i in range(n)]
        best: list[tuple[float, Piece | None] | None] = [(0.0, None), *[None] * n]
        for first in range(n):
            here = best[first]
            if here is None:
                continue
            for piece in self._pieces(first, singles, arena_bytes):
                there = best[piece.end]
                if there is None or here[0] + piece.cost < there[0]:
                    best[piece.end] = here[0] + piece.cost, piece
        if best[n] is None:
            return None
        return self._assemble(best)

    def _assemble(self, best: Sequence[tuple[float, Piece | None] | None]) -> Streamed:
        pieces: list[Piece] = []
        at = len(best) - 1
        total = best[at]
        assert total is not None
        while at:
            step = best[at]
            assert step is not None and step[1] is not None
            pieces.append(step[1])
            at = step[1].first
        pieces.reverse()
        ops: list[Op] = []
        for piece in pieces:
            chosen = dict(piece.forms)
            if piece.stage is None:
                ops.append(chosen[piece.first])
            else:
                ops += piece.stage.ops(chosen)
        names = [op.name for op in self.program.ops]
        stages = tuple(
            Banded(names[p.first], names[p.end - 1], p.stage.chunk) for p in pieces if p.stage
        )
        return Streamed(replace(self.program, ops=tuple(ops)), total[0], stages)

    def _single(self, index: int, arena_bytes: int) -> Piece | None:
        op = self.program.ops[index]
        room = arena_bytes - self.bytes_at[index + 1]
        found = cheapest(op, [(op.params, 1)], room, aligned=True) if room >= 0 else None
        if found is None:
            return None
        return Piece(found[0], index, index + 1, None, ((index, found[1]),))

    def _pieces(
        self, first: int, singles: Sequence[Piece | None], arena_bytes: int
    ) -> Iterator[Piece]:
        single = singles[first]
        if single is not None:
            yield single
        hot = [piece is None or not self._fast(piece) for piece in singles]
        if not self._may_begin(first, hot):
            return
        for end in range(first + 1, min(first + REACH, len(singles)) + 1):
            last = self.program.ops[end - 1]
            if self.map.rows[end - 1] is None and last.kind not in WHOLE:
                return
            fits = self.between[end] <= arena_bytes and self._may_begin(end, hot)
            if not fits or not any(hot[first:end]):
                continue
            fitting = (self._stage(first, end, chunk, arena_bytes) for chunk in CHUNKS)
            yield from itertools.islice((piece for piece in fitting if piece), TRIED)

    def _fast(self, piece: Piece) -> bool:
        """True where a single operator keeps the algorithm and block that it was lowered with."""
        return piece.forms[0][1].scratch_bytes == self.program.ops[piece.first].scratch_bytes

    def _may_begin(self, place: int, hot: Sequence[bool]) -> bool:
        """True where a stage is tried from, or up to, a place between operators: where less lies
        than beside both, and where those begin or end that have too much beside them.
        """
        if place in (0, 1, len(hot)) or hot[place - 1] != hot[place]:
            return True
        return self.between[place] == min(self.between[place - 1 : place + 2])

    def _stage(self, first: int, end: int, chunk: int, arena_bytes: int) -> Piece | None:
        key = (first, end, chunk)
        if key not in self._stages:
            self._stages[key] = self._measure(*key)
        measured = self._stages[key]
        if measured is None or measured.peak_bytes > arena_bytes:
            return None
        cost, chosen = measured.copied_cycles, []
        for index, bands in measured.bands:
            found = bands.form(arena_bytes)
            if found is None:
                return None
            cost += found[0]
            chosen.append((index, found[1]))
        return Piece(cost, first, end, measured.stage, tuple(chosen))

    def _measure(self, first: int, end: int, chunk: int) -> Measured | None:
        """What a stage needs at each time, and the bands of its operators."""
        stage = Stage(self.map, first, end, chunk)
        if not stage.possible:
            return None
        change: Counter[int] = Counter()
        for start, last, size in itertools.chain(self._outer(stage), stage.live_bytes):
            change[start] += align(size)
            change[last + 1] -= align(size)
        now, needed = 0, []
        for time in range(3 * len(stage.events)):
            now += change[time]
            needed.append(now)
        times_of: dict[int, list[int]] = {}
        for t, event in enumerate(stage.events):
            times_of.setdefault(event.op, []).append(t)
        bands, beside = [], 0
        for index, times in times_of.items():
            row = stage.row(index)
            sizes: dict[int, list[int]] = {}
            for t in times:
                event = stage.events[t]
                sizes.setdefault(event.rows[1] - event.rows[0], []).append(event.rows[0])
            params = tuple(
                (row.params((starts[len(starts) // 2], starts[len(starts) // 2] + n)), len(starts))
                for n, starts in sorted(sizes.items(), reverse=True)
            )
            if stage.tiled(index):
                beside = max(beside, *(needed[3 * t + 1] for t in times))
            bands.append((index, Bands(row.op, params, beside, stage.tiled(index))))
        bands = [(i, replace(b, beside_bytes=beside)) for i, b in bands]
        copied = VECTOR * stage.copied_bytes / 64
        return Measured(stage, max(needed), copied, tuple(bands))

    def _outer(self, stage: Stage) -> Iterator[tuple[int, int, int]]:
        """(first time, last time, bytes) of what is there before a stage or after it: rows that it
        has read make room, rows that it has not written take none.
        """
        own = Interval(stage.first + 1, stage.end)
        used: dict[Buffer, list[tuple[Span, int]]] = {}
        for t, event in enumerate(stage.events):
            buffers = [span.buffer for _, span in self.map.spans[event.op]]
            used.update((b, []) for b in buffers if b not in used)
            if not stage.inner.issuperset(buffers):
                for span in touches(stage.row(event.op).band(event.rows, {})):
                    used[span.buffer].append((span, 3 * t + 1))
        for op in stage.whole:
            used.setdefault(op.y.buffer, []).append((op.y, 0))
        end = 3 * len(stage.events)
        for buffer, times in used.items():
            if buffer in stage.inner:
                continue
            live, whole = self.live[buffer], Span(buffer, 0, buffer.n)
            before = [(whole, 0)] * (live.start < own.start)
            after = [(whole, end)] * (live.end > own.end)
            for part in parts_of(buffer, [*before, *times, *after]):
                yield part.live.start, part.live.end, part.end - part.at
        for block in self.blocks:
            if block.live.meets(own) and not any(b in used for b in block.buffers):
                yield 0, end, block.size_bytes


@dataclass(frozen=True)
class Measured:
    """What is known of a stage, whatever the arena: see `Streaming._measure`."""

    stage: Stage
    peak_bytes: int
    copied_cycles: float
    bands: tuple[tuple[int, Bands], ...]
