"""Some rows of an operator: what it reads for them, and the operator that computes just them.

An operator that goes over a map row by row (a convolution, a pool, element-wise work, a copy) can
be cut into bands of rows. Each band is an operator of the same kind on fewer rows; every output is
computed as it is in the whole operator, so the bits are the same. Winograd keeps its bits where a
band begins at a multiple of four rows.

Softmax, reductions and products of two computed values see a whole map: they have no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cloister.lower.program import (
    BinaryParams,
    Buffer,
    ConvParams,
    CopyParams,
    DwconvParams,
    NormParams,
    Op,
    Params,
    PoolParams,
    Span,
    Unary,
    UnaryParams,
)

Range = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """Rows of a map, and floats from one to the next."""

    rows: int
    floats: int


@dataclass(frozen=True)
class Window:
    """Rows of the input for rows of the output: row r reads r * stride - before + i * dilation."""

    size: int
    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0

    def reads(self, rows: Range) -> Range:
        """Input rows that output rows [first, end) read; at least one."""
        first, end = rows
        low = max(0, first * self.stride - self.before)
        reach = (end - 1) * self.stride - self.before + (self.kernel - 1) * self.dilation + 1
        return low, max(low + 1, min(self.size, reach))

    def starts(self, row: int) -> bool:
        """True where a band may begin at this row: its windows begin above the input's end."""
        return row * self.stride - self.before < self.size


@dataclass(frozen=True)
class RowOp:
    """An operator that can be cut into bands.

    Args:
        op: The operator.
        rows: Rows of its output.
        window: Rows of x that it reads for them.
        grids: Of its operands x, y, z where they have one row for each row of a map; an operand
            that all rows read whole (a constant) is missing.
    """

    op: Op
    rows: int
    window: Window
    grids: Mapping[str, Grid]

    def reads(self, name: str, rows: Range) -> Range:
        """Rows of operand x or z that are read for some rows of y."""
        return self.window.reads(rows) if name == "x" else rows

    def band(self, rows: Range, at: Mapping[str, tuple[Buffer, int]]) -> Op:
        """The operator that computes rows [first, end) of y.

        Args:
            rows: The rows.
            at: For operands that lie elsewhere now: the buffer, and the row of the map that its
                first row holds.
        """
        x, y, z = (self._span(n, rows, at.get(n)) for n in ("x", "y", "z"))
        assert y is not None
        return replace(self.op, params=self.params(rows), x=x, y=y, z=z)

    def params(self, rows: Range) -> Params:
        """The parameters of a band."""
        p, n = self.op.params, rows[1] - rows[0]
        if isinstance(p, ConvParams | DwconvParams | PoolParams):
            low, high = self.window.reads(rows)
            pt = max(0, p.pt - rows[0] * p.sh)
            if isinstance(p, PoolParams):
                return replace(p, h=high - low, oh=n, pt=pt, pb=p.pb if high == p.h else 0)
            return replace(p, h=high - low, oh=n, pt=pt)
        if isinstance(p, UnaryParams) and p.rows == 1:
            cols = p.cols // self.rows * n
            return replace(p, cols=cols, x_ld=cols, y_ld=cols)
        if isinstance(p, UnaryParams | NormParams):
            return replace(p, rows=p.rows // self.rows * n)
        assert isinstance(p, BinaryParams | CopyParams)
        axis = _outermost(p)
        d = (*p.d[:axis], p.d[axis] // self.rows * n, *p.d[axis + 1 :])
        return replace(p, d=d)  # type: ignore[arg-type]  # as many axes as before

    def _span(self, name: str, rows: Range, at: tuple[Buffer, int] | None) -> Span | None:
        span = getattr(self.op, name)
        if span is None or name not in self.grids:
            assert at is None
            return None if span is None else Span(span.buffer, span.at, span.n)
        grid = self.grids[name]
        low, high = rows if name == "y" else self.reads(name, rows)
        buffer, base = (span.buffer, 0) if at is None else at
        n = span.n - (grid.rows - (high - low)) * grid.floats
        return Span(buffer, span.at + (low - base) * grid.floats, n)


def of_windows(op: Op) -> RowOp | None:
    """Convolutions and pools: their parameters say what a row is."""
    p = op.params
    if not isinstance(p, ConvParams | DwconvParams | PoolParams):
        return None
    grids = {"x": Grid(p.h, p.w * p.x_ld), "y": Grid(p.oh, p.ow * p.y_ld)}
    if isinstance(p, ConvParams) and op.z is not None:
        grids["z"] = Grid(p.oh, p.ow * p.z_ld)
    return RowOp(op, p.oh, Window(p.h, p.kh, p.sh, p.dh, p.pt), grids)


def of_elements(op: Op, rows: int) -> RowOp | None:
    """Element-wise work and copies, over so many rows; None where they cannot be cut so."""
    p = op.params
    strides: dict[str, int]
    if isinstance(p, NormParams) or (isinstance(p, UnaryParams) and p.rows > 1):
        length, strides = p.rows, {"x": p.x_ld, "y": p.y_ld}
    elif op.fn in (Unary.CODES, Unary.NUMBERS) and isinstance(p, UnaryParams):
        return None  # of one pixel
    elif isinstance(p, UnaryParams):
        length, strides = p.cols, {"x": 1, "y": 1}
    elif isinstance(p, BinaryParams):
        axis = _outermost(p)
        length, strides = p.d[axis], {"x": p.xs[axis], "z": p.zs[axis], "y": p.ys[axis]}
    elif isinstance(p, CopyParams):
        axis = _outermost(p)
        length, strides = p.d[axis], {"x": p.xs[axis], "y": p.ys[axis]}
    else:
        return None
    if length % rows or strides["y"] <= 0 or min(strides.values()) < 0:
        return None
    step = length // rows
    grids = {n: Grid(rows, step * stride) for n, stride in strides.items() if stride}
    return RowOp(op, rows, Window(rows), grids)


def _outermost(p: BinaryParams | CopyParams) -> int:
    """The first axis that is longer than 1."""
    return next((i for i, d in enumerate(p.d) if d > 1), len(p.d) - 1)
