"""A stage: consecutive operators that run band by band, so that what lies between them is never
whole.

Rules kept:
* A stage's last operators ask for bands; an operator computes a band once all rows that it reads
  are there (rows that nothing reads are not computed). A band is `chunk` rows, of every map alike.
* Of what lies between, a buffer holds only rows that are still needed. When new rows are due and
  some old ones are needed too (the overlap of two windows, the wait of a residual), these are
  copied in front of the new ones; while others run, they alone stay.
* What only moves or maps single elements of a value that lies whole (the request, put into another
  order) is done again where two bands overlap: that costs as much as one copy of the rows.
* The results are the same bits as without bands: see `lower.rows`.

The stage's operators and buffers are ordinary ones: placement, its checker, the container and the
enclave do not know of stages.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from cloister.lower.program import (
    Buffer,
    Conv,
    CopyParams,
    Kind,
    Op,
    Program,
    Role,
    Span,
    UnaryParams,
)
from cloister.lower.rows import Grid, Range, RowOp, of_elements, of_windows
from cloister.lower.winograd import TILE
from cloister.memory.liveness import in_place, operands

READ = ("x", "z")
CHEAP = frozenset({Kind.COPY, Kind.UNARY, Kind.BINARY})
WHOLE = frozenset({Kind.CONST, Kind.FILL})


def spans(op: Op) -> Iterator[tuple[str, Span]]:
    """Operands that are there, by name; y last."""
    yield from ((n, s) for n, s in (("x", op.x), ("z", op.z), ("y", op.y)) if s is not None)


class RowMap:
    """Rows of all maps of a program, and which operators can be cut into bands of them.

    Args:
        program: As it was lowered.
    """

    def __init__(self, program: Program) -> None:
        self.program = _in_place_once(program)
        self.first: dict[Buffer, int] = {}
        self.last: dict[Buffer, int] = {}
        for index, op in enumerate(self.program.ops):
            for span in operands(op):
                self.first.setdefault(span.buffer, index)
                self.last[span.buffer] = index
        self.spans = [tuple(spans(op)) for op in self.program.ops]
        self.outside = {io.span.buffer for io in self.program.crossing}
        self.grids: dict[Buffer, Grid | None] = {}
        self.rows: list[RowOp | None] = [of_windows(op) for op in self.program.ops]
        for row in self.rows:
            self._note(row)
        for order in (1, -1, 1):
            for index in list(range(len(self.rows)))[::order]:
                if self.rows[index] is None:
                    self.rows[index] = self._of_elements(self.program.ops[index])
                    self._note(self.rows[index])

    def _note(self, row: RowOp | None) -> None:
        """The grids of an operator's operands; a buffer with two has none."""
        for name, span in spans(row.op) if row else ():
            assert row is not None
            grid = row.grids.get(name)
            if grid is not None and span.buffer.role is Role.VALUE:
                known = self.grids.setdefault(span.buffer, grid)
                self.grids[span.buffer] = grid if known == grid else None

    def _of_elements(self, op: Op) -> RowOp | None:
        for name in ("y", "x"):
            span = getattr(op, name)
            grid = None if span is None else self.grids.get(span.buffer)
            if grid is not None:
                return of_elements(op, grid.rows)
        return None

    def conforms(self, row: RowOp, name: str) -> bool:
        """True where the operand lies in its buffer as the buffer's rows do."""
        span = getattr(row.op, name)
        grid = self.grids.get(span.buffer)
        return (
            grid is not None
            and row.grids.get(name) == grid
            and span.at < grid.floats
            and span.buffer.n == grid.rows * grid.floats
        )

    def inside(self, buffer: Buffer, first: int, end: int) -> bool:
        """True where operators [first, end) alone use the buffer."""
        return (
            buffer.role is Role.VALUE
            and buffer not in self.outside
            and self.first[buffer] >= first
            and self.last[buffer] < end
        )


def _in_place_once(program: Program) -> Program:
    """Element-wise results that take their only operand's place, in one buffer with it: a buffer
    of rows is then made once for both.
    """
    readers: dict[Buffer, int] = {}
    for op in program.ops:
        for buffer in {s.buffer for s in (op.x, op.z) if s is not None}:
            readers[buffer] = readers.get(buffer, 0) + 1
    pairs = dict(in_place(program))
    ops: list[Op] = []
    now: dict[Buffer, Buffer] = {}

    def moved(span: Span | None) -> Span | None:
        return None if span is None else replace(span, buffer=now.get(span.buffer, span.buffer))

    for op in program.ops:
        if isinstance(op.params, UnaryParams) and op.x is not None:
            x, y = op.x, op.y
            if (
                pairs.get(x.buffer) is y.buffer
                and readers[x.buffer] == 1
                and x == replace(y, buffer=x.buffer)
            ):
                now[y.buffer] = now.get(x.buffer, x.buffer)
        y_span = moved(op.y)
        assert y_span is not None
        ops.append(replace(op, x=moved(op.x), z=moved(op.z), y=y_span))
    crossing = tuple(
        replace(io, span=replace(io.span, buffer=now.get(io.span.buffer, io.span.buffer)))
        for io in program.crossing
    )
    return replace(program, ops=tuple(ops), crossing=crossing)


@dataclass(frozen=True)
class Event:
    """One band of one operator: rows of its y."""

    op: int
    rows: Range


class Way(enum.Enum):
    """How rows come from one epoch of a buffer to the next."""

    KEPT = "kept"  # by way of a buffer that holds them alone while other operators run
    ROLLED = "rolled"  # to the front of the same buffer
    COPIED = "copied"  # from one buffer to the other: all of its rows are needed on


@dataclass
class Epoch:
    """Rows [low, high) of a buffer, in one place from event `start` to event `last`.

    Args:
        carried: Rows of it that are copied from the epoch before.
        way: How they come.
    """

    start: int
    last: int
    low: int
    high: int
    carried: int = 0
    way: Way = Way.KEPT


@dataclass(frozen=True)
class Access:
    """What an event does with a buffer."""

    event: int
    rows: Range
    reads: bool
    writes: bool


@dataclass
class Stage:
    """Operators [first, end) of a program in bands of `chunk` rows.

    Args:
        map: Of the program.
        first, end: The operators.
        chunk: Rows of a band.
        writers: Of each buffer, the operators that write it.
        epoch_at: In which epoch a buffer is that an event uses.
    """

    map: RowMap
    first: int
    end: int
    chunk: int
    writers: dict[Buffer, list[int]] = field(init=False)
    epoch_at: dict[tuple[Buffer, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writers = {}
        for i in self.indices:
            self.writers.setdefault(self.map.program.ops[i].y.buffer, []).append(i)

    @cached_property
    def indices(self) -> list[int]:
        """Operators that run in bands."""
        ops = self.map.program.ops
        return [i for i in range(self.first, self.end) if ops[i].kind not in WHOLE]

    @property
    def whole(self) -> list[Op]:
        """Constants: they run first, and whole."""
        ops = self.map.program.ops[self.first : self.end]
        return [op for op in ops if op.kind in WHOLE]

    def row(self, index: int) -> RowOp:
        """An operator's rows."""
        found = self.map.rows[index]
        assert found is not None
        return found

    @cached_property
    def possible(self) -> bool:
        """True where every operator can be cut into bands of the maps that lie between."""
        read = {
            span.buffer for i in self.indices for name, span in self.map.spans[i] if name in READ
        }
        return bool(self.indices) and all(self._possible(i, read) for i in self.indices)

    def _possible(self, index: int, read: set[Buffer]) -> bool:
        row = self.map.rows[index]
        if row is None:
            return False
        for name, span in spans(row.op):
            bound = span.buffer in self.writers and (name in READ or span.buffer in read)
            bound = bound or (name == "y" and span.buffer in self.inner)
            if bound and not self.map.conforms(row, name):
                return False
            if name == "y" and name not in row.grids:
                return False
        return True

    @cached_property
    def inner(self) -> set[Buffer]:
        """Buffers that live inside of the stage only: those that need not be whole."""
        return {b for b in self.writers if self.map.inside(b, self.first, self.end)}

    @cached_property
    def again(self) -> set[int]:
        """Operators that are done again where bands overlap."""
        readers: dict[Buffer, int] = {}
        for i in self.indices:
            for name, span in self.map.spans[i]:
                readers[span.buffer] = readers.get(span.buffer, 0) + (name in READ)
        found = set()
        for i in self.indices:
            op = self.map.program.ops[i]
            own = op.y.buffer in self.inner and len(self.writers[op.y.buffer]) == 1
            outer = all(s.buffer not in self.writers for n, s in spans(op) if n in READ)
            if op.kind in CHEAP and own and outer and readers[op.y.buffer] == 1:
                found.add(i)
        return found

    # ------------------------------------------------------------------ what runs when

    @cached_property
    def events(self) -> list[Event]:
        """Bands, in the order in which they run."""
        done = dict.fromkeys(self.indices, 0)
        events: list[Event] = []

        def emit(index: int, rows: Range) -> None:
            last = events[-1] if events else None
            if last and last.op == index and last.rows[1] == rows[0]:
                events[-1] = Event(index, (last.rows[0], rows[1]))
            else:
                events.append(Event(index, rows))

        def produce(index: int, upto: int) -> None:
            while done[index] < upto:
                rows = (done[index], self._band_end(index, done[index], upto))
                for before, needed in self._needs(index, rows):
                    if before in self.again:
                        emit(before, needed)
                    else:
                        produce(before, needed[1])
                emit(index, rows)
                done[index] = rows[1]

        sinks = [i for i in self.indices if self.map.program.ops[i].y.buffer not in self.inner]
        while sinks:
            sink = min(sinks, key=lambda i: done[i] / self.row(i).rows)
            produce(sink, min(done[sink] + self._step(sink), self.row(sink).rows))
            sinks = [i for i in sinks if done[i] < self.row(i).rows]
        return events

    def _band_end(self, index: int, start: int, upto: int) -> int:
        """Where the band ends that begins at a row: so many rows of the input on, about; at tiles
        where the operator has some.
        """
        row, unit = self.row(index), TILE if self.tiled(index) else 1
        due = -(-(upto - start) // unit)
        end = start + unit * -(-due // max(1, round(due * unit / self._step(index))))
        while end < row.rows and not row.window.starts(end):
            end += 1
        return min(end, row.rows)

    def _step(self, index: int) -> int:
        """Rows of y for a band's rows of x."""
        return max(1, self.chunk // self.row(index).window.stride)

    def tiled(self, index: int) -> bool:
        """True where all bands of an operator begin at tiles of the transform domain."""
        op = self.map.program.ops[index]
        return op.kind is Kind.CONV and op.fn == Conv.WINOGRAD and self.chunk % TILE == 0

    def _needs(self, index: int, rows: Range) -> Iterator[tuple[int, Range]]:
        """Operators before this one whose rows it reads."""
        row = self.row(index)
        for name, writers in self.feeds[index]:
            needed = row.reads(name, rows)
            for before in writers:
                yield before, needed

    @cached_property
    def feeds(self) -> dict[int, list[tuple[str, list[int]]]]:
        """For each operator: operands that operators before it in the stage write, and these."""
        return {
            index: [
                (name, [i for i in self.writers.get(span.buffer, ()) if i < index])
                for name, span in self.map.spans[index]
                if name in READ and name in self.row(index).grids
            ]
            for index in self.indices
        }

    # ------------------------------------------------------------------ what lies where

    @cached_property
    def epochs(self) -> dict[Buffer, list[Epoch]]:
        """Of each inner buffer: which rows it holds when."""
        accesses: dict[Buffer, list[Access]] = {b: [] for b in self.inner}
        for t, event in enumerate(self.events):
            row = self.row(event.op)
            for name, span in self.map.spans[event.op]:
                if span.buffer not in accesses:
                    continue
                found, own = accesses[span.buffer], name == "y"
                rows = event.rows if own else row.reads(name, event.rows)
                if found and found[-1].event == t:  # in place, or one operand twice
                    was = found.pop()
                    rows = min(was.rows[0], rows[0]), max(was.rows[1], rows[1])
                    found.append(Access(t, rows, True, was.writes or own))
                else:
                    found.append(Access(t, rows, not own, own))
        return {b: self._epochs(b, found) for b, found in accesses.items()}

    def _epochs(self, buffer: Buffer, accesses: Sequence[Access]) -> list[Epoch]:
        """One epoch ends where rows are written that it has no room for, after some were read."""
        fresh = self.writers[buffer][0] in self.again
        epochs: list[Epoch] = []
        read = False
        for access in accesses:
            (low, high), t = access.rows, access.event
            fills = access.writes and not access.reads
            if fills and (not epochs or fresh or (read and high > epochs[-1].high)):
                before = epochs[-1].high if epochs and not fresh else high
                epochs.append(Epoch(t, t, low, max(high, before)))
                read = False
            now = epochs[-1]
            self.epoch_at[buffer, t] = len(epochs) - 1
            now.last, now.low = t, min(now.low, low)
            if access.writes:
                now.high = max(now.high, high)
            else:
                read = True
        for one, after in zip(epochs[-2::-1], epochs[:0:-1], strict=True):
            if not fresh:
                one.low = min(one.low, after.low)
                after.carried = max(0, one.high - after.low)
                after.way = _way(one, after)
        return epochs

    @cached_property
    def live_bytes(self) -> list[tuple[int, int, int]]:
        """(first time, last time, bytes) of what lies between; event t runs at 3 t + 1, rows are
        copied in before and out after it.
        """
        found = []
        for buffer, epochs in self.epochs.items():
            row_bytes = self.row_floats(buffer) * 4
            for epoch, after in zip(epochs, [*epochs[1:], None], strict=True):
                start = 3 * epoch.start + (not epoch.carried)
                end = 3 * epoch.last + 1
                if after is not None and after.carried:
                    if after.way is Way.KEPT:
                        end += 1
                        found.append((end, 3 * after.start, after.carried * row_bytes))
                    else:
                        end = 3 * after.start - (after.way is Way.ROLLED)
                found.append((start, end, (epoch.high - epoch.low) * row_bytes))
        return found

    @property
    def copied_bytes(self) -> int:
        """Bytes of rows that are copied."""
        return sum(
            epoch.carried * (1 + (epoch.way is Way.KEPT)) * self.row_floats(buffer) * 4
            for buffer, epochs in self.epochs.items()
            for epoch in epochs
        )

    def row_floats(self, buffer: Buffer) -> int:
        """Floats from one row of a map to the next."""
        grid = self.map.grids[buffer]
        assert grid is not None
        return grid.floats

    # ------------------------------------------------------------------ operators

    def ops(self, forms: Mapping[int, Op]) -> list[Op]:
        """The operators of the stage, band by band.

        Args:
            forms: For an operator, the one that is cut instead of it (another algorithm).
        """
        return Writing(self, forms).run()


@dataclass
class Writing:
    """Writes the operators of a stage, and makes the buffers of its epochs on the way.

    Args:
        stage: The stage.
        forms: For an operator, the one that is cut instead of it.
        made: The buffer of each epoch of each buffer.
        kept: Rows that wait for the next epoch.
        ops: What is written.
    """

    stage: Stage
    forms: Mapping[int, Op]
    made: dict[tuple[Buffer, int], Buffer] = field(default_factory=dict)
    kept: dict[Buffer, Buffer] = field(default_factory=dict)
    ops: list[Op] = field(default_factory=list)

    def run(self) -> list[Op]:
        """All operators, band by band."""
        stage, epochs = self.stage, self.stage.epochs
        self.ops += stage.whole
        for t, event in enumerate(stage.events):
            row = stage.row(event.op)
            inner = [(n, s.buffer) for n, s in stage.map.spans[event.op] if s.buffer in epochs]
            touched = {b: stage.epoch_at[b, t] for _, b in inner}
            for buffer, index in touched.items():
                if epochs[buffer][index].start == t:
                    self._begin(buffer, index, row.op)
            at = {n: (self.made[b, touched[b]], epochs[b][touched[b]].low) for n, b in inner}
            form = self.forms.get(event.op, row.op)
            self.ops.append(replace(row, op=form).band(event.rows, at))
            for buffer, index in touched.items():
                if index + 1 < len(epochs[buffer]) and epochs[buffer][index].last == t:
                    self._keep(buffer, index, row.op)
        return self.ops

    def _begin(self, buffer: Buffer, index: int, op: Op) -> None:
        """Makes the buffer of an epoch, with the rows that it takes over in front."""
        epoch, floats = self.stage.epochs[buffer][index], self.stage.row_floats(buffer)
        n = epoch.carried * floats
        if n and epoch.way is Way.ROLLED:
            self.made[buffer, index] = self.made[buffer, index - 1]
        else:
            self.made[buffer, index] = Buffer(buffer.name, self._rows(buffer, index) * floats)
        if not n:
            return
        if epoch.way is Way.KEPT:
            source, at = self.kept.pop(buffer), 0
        else:
            source = self.made[buffer, index - 1]
            at = (epoch.low - self.stage.epochs[buffer][index - 1].low) * floats
        self.ops.append(_copy(op, Span(source, at, n), Span(self.made[buffer, index], 0, n)))

    def _rows(self, buffer: Buffer, index: int) -> int:
        """Rows of the buffer that an epoch makes: enough for those after it that roll in it."""
        epochs = self.stage.epochs[buffer]
        rows = epochs[index].high - epochs[index].low
        for after in epochs[index + 1 :]:
            if not after.carried or after.way is not Way.ROLLED:
                break
            rows = max(rows, after.high - after.low)
        return rows

    def _keep(self, buffer: Buffer, index: int, op: Op) -> None:
        """Keeps the rows that the next epoch takes over, where it is not about to begin."""
        now, after = self.stage.epochs[buffer][index : index + 2]
        floats = self.stage.row_floats(buffer)
        if after.carried and after.way is Way.KEPT:
            n = after.carried * floats
            self.kept[buffer] = Buffer(f"{buffer.name} (rows kept)", n)
            source = Span(self.made[buffer, index], (after.low - now.low) * floats, n)
            self.ops.append(_copy(op, source, Span(self.kept[buffer], 0, n)))


def _way(one: Epoch, after: Epoch) -> Way:
    if after.carried == one.high - one.low:
        return Way.COPIED
    apart = after.carried <= after.low - one.low
    return Way.ROLLED if apart and after.start == one.last + 1 else Way.KEPT


def _copy(op: Op, source: Span, target: Span) -> Op:
    n, zero = source.n, (0, 0, 0, 0, 0)
    params = CopyParams((1, 1, 1, 1, 1, n), (*zero, 1), (*zero, 1), 0)
    return Op(Kind.COPY, op.name, op.op_type, params, target, source)
