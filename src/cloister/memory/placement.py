"""Where in the arena each buffer lies: greedy, the best of a few orders, exact to the byte.

Rules kept: offsets are multiples of 64; what is needed of buffers at one time does not overlap
(`check_placement` proves it another way); the scratch region lies at the bottom, as long as the
operator that runs needs it, so that the topmost byte belongs to a tensor or message, which is
written to its end: `arena_bytes` is then one past the highest byte that is ever written.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from cloister.errors import UserError
from cloister.lower.program import FLOAT_BYTES, Buffer, Program, align
from cloister.memory.liveness import (
    Interval,
    Part,
    in_place,
    intervals,
    operands,
    overwritable,
    parts,
    scratch_sizes,
)

MOVES = 24  # more gain nothing on the networks of bench/
SWAPS, SWAPS_BLOCKS = 600, 80_000  # tries; of large programs fewer
ARENA_MAX_BYTES = 1 << 32  # offsets are unsigned 32-bit numbers of floats, with room


@dataclass(eq=False)
class Block:
    """Buffers that share one place, one after the other; below `floor` lies scratch that is in use
    while they are needed. `parts`: what of it is needed when.
    """

    buffers: list[Buffer]
    size_bytes: int
    live: Interval
    parts: list[Part]
    floor: int = 0
    offset: int = -1


@dataclass(frozen=True)
class Placement:
    """Offsets in bytes from the arena's start.

    Args:
        offsets: Of each buffer that is used.
        scratch_at: Of the scratch region.
        arena_bytes: One past the highest byte that may be written.
        lower_bound_bytes: No placement with these intervals and pairs can be smaller.
        in_place: Pairs (operand, result) that share a place.
    """

    offsets: dict[Buffer, int]
    scratch_at: int
    arena_bytes: int
    lower_bound_bytes: int
    in_place: tuple[tuple[Buffer, Buffer], ...]


def place(program: Program) -> Placement:
    """Places all buffers of a program.

    Raises:
        UserError: The arena would not be addressable.
    """
    pairs = in_place(program)
    blocks = blocks_of(program)
    bound = lower_bound(blocks, scratch_sizes(program))
    best, order = -1, blocks
    for tried in _orders(blocks):
        peak = _greedy(tried)
        if best < 0 or peak < best:
            best, order = peak, tried
        if best == bound:
            break
    best = _improve(order, best, bound)
    offsets = [block.offset for block in blocks]
    if best > ARENA_MAX_BYTES:
        raise UserError(
            f"the arena would need {best:,} bytes; {ARENA_MAX_BYTES:,} are addressable",
            code="arena-too-large",
            hint="Cut the network earlier, or use smaller inputs."
            if program.mode == "split"
            else "Use smaller inputs.",
        )
    by_buffer = {
        buffer: offset
        for block, offset in zip(blocks, offsets, strict=True)
        for buffer in block.buffers
    }
    return Placement(by_buffer, 0, best, bound, tuple(pairs))


def blocks_of(program: Program) -> list[Block]:
    """What is placed: buffers, those in one place together, above the scratch of their time."""
    live, scratch, pieces = intervals(program), scratch_sizes(program), parts(program)
    of = {
        buffer: Block([buffer], buffer.size_bytes, Interval(i.start, i.end), pieces[buffer])
        for buffer, i in live.items()
    }
    for operand, result in in_place(program):
        first, second = of[operand], of[result]
        first.buffers += second.buffers
        first.size_bytes = max(first.size_bytes, second.size_bytes)
        first.live.end = max(first.live.end, second.live.end)
        first.parts = _joined(first.parts, second.parts)
        for buffer in second.buffers:
            of[buffer] = first
    blocks = list(dict.fromkeys(of.values()))
    for block in blocks:
        block.floor = max(0, *(scratch_floor(p.live, scratch) - p.at for p in block.parts))
    return blocks


def _joined(before: list[Part], after: list[Part]) -> list[Part]:
    """What is needed of a place that two buffers have, one after the other."""
    if [(p.at, p.end) for p in before] != [(p.at, p.end) for p in after]:
        at, end = min(before[0].at, after[0].at), max(before[-1].end, after[-1].end)
        lives = [p.live for p in (*before, *after)]
        return [Part(at, end, Interval(min(i.start for i in lives), max(i.end for i in lives)))]
    return [
        Part(p.at, p.end, Interval(p.live.start, q.live.end))
        for p, q in zip(before, after, strict=True)
    ]


Key = Callable[[Block], tuple[int, ...]]
ORDERS: tuple[Key, ...] = (
    lambda b: (-b.size_bytes, b.live.start),
    lambda b: (-b.size_bytes * (b.live.end - b.live.start + 1), b.live.start),
    lambda b: (b.live.start, -b.size_bytes),
    lambda b: (-(b.live.end - b.live.start), -b.size_bytes, b.live.start),
)


def _orders(blocks: list[Block]) -> Iterator[list[Block]]:
    """Orders to try: sorted in a few ways; then the topmost block of the last try goes first,
    again and again.
    """
    order = blocks
    for key in ORDERS:
        order = sorted(blocks, key=key)
        yield order
    order = sorted(blocks, key=ORDERS[0])
    yield order
    for _ in range(MOVES):
        top = max(order, key=lambda b: (b.offset + b.size_bytes, b.size_bytes))
        order = [top, *(b for b in order if b is not top)]
        yield order


def _improve(order: list[Block], best: int, bound: int) -> int:
    """Moves blocks to other places in the order, at random with a fixed seed, as long as the
    peak does not grow; leaves the blocks where the best order puts them, and returns its peak.

    The topmost block, one that is needed beside it, or any goes before another one.
    """
    random = Random(len(order))
    peak = _greedy(order)
    beside: list[Block] = []
    for _ in range(min(SWAPS, SWAPS_BLOCKS // len(order)) if best > bound else 0):
        if peak <= best:
            best = peak
            top = max(order, key=lambda b: (b.offset + b.size_bytes, b.size_bytes))
            beside = [b for b in order if b.live.meets(top.live)]
        if best == bound:
            break
        block = random.choice(([top], beside, order)[random.randrange(3)])
        moved = [b for b in order if b is not block]
        moved.insert(random.randrange(len(order)), block)
        peak = _greedy(moved)
        order = moved if peak <= best else order
    return _greedy(order)


def _greedy(blocks: list[Block]) -> int:
    """Gives each block, in this order, the lowest offset that is free for its interval;
    returns the peak.
    """
    placed: list[Placed] = []
    peak = 0
    for block in blocks:
        at, tried = block.floor, -1
        while tried != at:
            tried = at
            for part in block.parts:
                at = _free(placed, part, at)
        block.offset = at
        peak = max(peak, at + block.size_bytes)
        for part in block.parts:
            insort(placed, (at + part.at, at + part.end, part.live.start, part.live.end))
    return peak


Placed = tuple[int, int, int, int]  # offset, end, first and last time


def _free(placed: Sequence[Placed], part: Part, at: int) -> int:
    """The lowest offset of a block, from `at` on, where one of its parts meets nothing."""
    start, end = part.live.start, part.live.end
    low, high = at + part.at, at + part.end
    for offset, to, born, dead in placed:  # ascending by offset
        if to <= low or born > end or dead < start:
            continue
        if offset >= high:
            break
        low, high = align(to), high - low + align(to)
    return low - part.at


def scratch_floor(live: Interval, scratch: Mapping[int, int]) -> int:
    """Bytes at the bottom that some operator of the interval uses as scratch."""
    return max(
        (align(n) for time, n in scratch.items() if live.start <= time <= live.end), default=0
    )


def lower_bound(blocks: Sequence[Block], scratch: Mapping[int, int]) -> int:
    """The most bytes that are needed at one time: all in 64-byte units but the one that ends
    highest.
    """
    change: dict[int, list[tuple[int, int, int]]] = {}
    sizes = [(p.end - p.at, p.live.start, p.live.end) for b in blocks for p in b.parts]
    for size, start, end in sizes:
        change.setdefault(start, []).append((1, align(size), align(size) - size))
        change.setdefault(end + 1, []).append((-1, align(size), align(size) - size))
    best, now, slack = 0, 0, dict[int, int]()
    for time in sorted(set(change) | set(scratch)):
        for sign, size, rest in change.get(time, ()):
            now += sign * size
            slack[rest] = slack.get(rest, 0) + sign
        most = max((rest for rest, n in slack.items() if n > 0), default=0)
        best = max(best, now + align(scratch.get(time, 0)) - most)
    return best


def check_placement(program: Program, placement: Placement) -> None:
    """Proves, operator by operator and without `_greedy`, that nothing overwrites what is still
    needed.

    1. Every offset is a multiple of 64, and every buffer ends inside the arena.
    2. At each time, the buffers that are needed do not overlap, but for a result that takes its
    operand's place.
    3. The scratch region overlaps nothing that is needed while an operator uses it.
    4. The topmost byte belongs to a buffer, not to the scratch region.

    Raises:
        AssertionError: One of them does not hold.
    """
    live, pieces = intervals(program), parts(program)
    # (1)
    for buffer in live:
        offset = placement.offsets[buffer]
        assert offset % 64 == 0 and offset >= 0
        assert offset + buffer.size_bytes <= placement.arena_bytes
    # (2), (3)
    pairs = set(placement.in_place)
    needed: list[list[tuple[int, int, Buffer]]] = [[] for _ in range(len(program.ops) + 3)]
    for buffer, at in placement.offsets.items():
        for part in pieces[buffer]:
            for time in range(part.live.start, part.live.end + 1):
                needed[time].append((at + part.at, at + part.end, buffer))
    for time, ranges in enumerate(needed):
        op = program.ops[time - 1] if 1 <= time <= len(program.ops) else None
        if op is not None and op.scratch_bytes:
            at = placement.scratch_at
            assert all(end <= at or start >= at + op.scratch_bytes for start, end, _ in ranges)
        ranges.sort(key=lambda r: r[:2])
        end, farthest = 0, ranges[0][2] if ranges else None  # what ends last so far
        for first, last, buffer in ranges:
            if first < end:
                assert op is not None and farthest is not None
                other = farthest
                operand, result = (other, buffer) if buffer is op.y.buffer else (buffer, other)
                assert (operand, result) in pairs and result is op.y.buffer
                assert placement.offsets[operand] == placement.offsets[result]
                assert operand.n == result.n
                assert any(s.buffer is operand for s in overwritable(op))
                assert live[operand].end == time == live[result].start
            if last > end:
                end, farthest = last, buffer
    # (4)
    top = max(placement.offsets[b] + b.size_bytes for b in live)
    assert top == placement.arena_bytes
    assert {s.buffer for op in program.ops for s in operands(op)} <= set(placement.offsets)


def floats(offset_bytes: int) -> int:
    """An offset in floats."""
    assert offset_bytes % FLOAT_BYTES == 0
    return offset_bytes // FLOAT_BYTES
