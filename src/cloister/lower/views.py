"""Tensors as strides over a buffer: what makes reshape, transpose, slice, split and concat free.

A View has the axes of the ONNX value and, for each, a stride in floats. The layout of a map
(NHWC) is nothing but strides; so is a channel slice, a transposed matrix, a broadcast (stride 0).
Kernels take fewer shapes: `rows`, `Map.of` and `coalesce` say whether a view has one of them, and
the caller copies it where not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cloister.lower.program import Buffer, Span

Axes = tuple[int, ...]


def row_major(shape: Sequence[int]) -> Axes:
    """Strides of the contiguous tensor in ONNX order."""
    return strides_in_order(shape, range(len(shape)))


def strides_in_order(shape: Sequence[int], order: Sequence[int]) -> Axes:
    """Strides of the contiguous tensor whose axes lie in ``order``, outermost first."""
    strides, step = [0] * len(shape), 1
    for axis in reversed(order):
        strides[axis] = step
        step *= shape[axis]
    return tuple(strides)


def map_order(rank: int) -> Axes:
    """Axes of a map [N, C, spatial...] with channels innermost."""
    return (0, *range(2, rank), 1)


@dataclass(frozen=True)
class View:
    """A tensor inside a buffer.

    Args:
        buffer: Where it lies.
        at: Floats into the buffer of element (0, ..., 0).
        shape: As ONNX says.
        strides: Floats between neighbours along each axis; may be 0 (broadcast) or negative.
    """

    buffer: Buffer
    at: int
    shape: Axes
    strides: Axes

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def span(self) -> Span:
        """The smallest span that holds all elements."""
        low = sum(min(0, (d - 1) * s) for d, s in self._dims)
        high = sum(max(0, (d - 1) * s) for d, s in self._dims)
        return Span(self.buffer, self.at + low, high - low + 1)

    @property
    def _dims(self) -> list[tuple[int, int]]:
        return list(zip(self.shape, self.strides, strict=True))

    @property
    def order(self) -> Axes:
        """Axes from the largest stride to the smallest; axes of length 1 as ONNX orders them,
        in front.
        """
        return tuple(
            sorted(
                range(len(self.shape)),
                key=lambda a: (0, 0, a) if self.shape[a] == 1 else (1, -abs(self.strides[a]), a),
            )
        )

    @property
    def dense(self) -> bool:
        """True where the elements fill the span, whatever their order, each once."""
        step = 1
        for axis in reversed(self.order):
            if self.shape[axis] == 1:
                continue
            if self.strides[axis] != step:
                return False
            step *= self.shape[axis]
        return True

    @property
    def contiguous(self) -> bool:
        """True where the elements lie in ONNX order without gaps."""
        step = 1
        for d, s in reversed(self._dims):
            if d != 1 and s != step:
                return False
            step *= d
        return True

    def strides_like(self, other: View) -> bool:
        """True where both have the same strides along every axis longer than 1."""
        return all(
            d == 1 or s == t
            for d, s, t in zip(self.shape, self.strides, other.strides, strict=True)
        )

    def permute(self, axes: Sequence[int]) -> View:
        """Axis i of the result is axis ``axes[i]``."""
        return View(
            self.buffer,
            self.at,
            tuple(self.shape[a] for a in axes),
            tuple(self.strides[a] for a in axes),
        )

    def slice(self, axis: int, start: int, length: int, step: int = 1) -> View:
        """Elements start, start + step, ... along one axis."""
        shape, strides = list(self.shape), list(self.strides)
        shape[axis], strides[axis] = length, self.strides[axis] * step
        return View(self.buffer, self.at + start * self.strides[axis], tuple(shape), tuple(strides))

    def index(self, axis: int, at: int) -> View:
        """The element ``at`` of one axis; the axis goes."""
        return View(
            self.buffer,
            self.at + at * self.strides[axis],
            self.shape[:axis] + self.shape[axis + 1 :],
            self.strides[:axis] + self.strides[axis + 1 :],
        )

    def insert(self, axis: int) -> View:
        """A new axis of length 1."""
        return View(
            self.buffer,
            self.at,
            (*self.shape[:axis], 1, *self.shape[axis:]),
            (*self.strides[:axis], 0, *self.strides[axis:]),
        )

    def broadcast(self, shape: Sequence[int]) -> View:
        """The view repeated, with stride 0, as ONNX broadcasts it to ``shape`` (which it may
        also have).
        """
        missing = len(shape) - len(self.shape)
        own = (1,) * missing + self.shape
        strides = (0,) * missing + self.strides
        return View(
            self.buffer,
            self.at,
            tuple(shape),
            tuple(s if d == n else 0 for d, n, s in zip(own, shape, strides, strict=True)),
        )

    def reshape(self, shape: Sequence[int]) -> View | None:
        """The same elements in ONNX order under another shape; None where strides cannot say
        it.
        """
        strides = _reshaped(self.shape, self.strides, tuple(shape))
        return None if strides is None else View(self.buffer, self.at, tuple(shape), strides)

    def rows(self, last: int = 1) -> Rows | None:
        """As a matrix whose columns are the last ``last`` axes, contiguous; None where it is
        none.
        """
        cut = len(self.shape) - last
        cols = math.prod(self.shape[cut:])
        dims = coalesce(self.shape[:cut], [self.strides[:cut]])
        inner = View(self.buffer, self.at, self.shape[cut:], self.strides[cut:])
        if not inner.contiguous or len(dims) > 1:
            return None
        n, ld = (dims[0][0], dims[0][1][0]) if dims else (1, cols)
        return None if ld < cols else Rows(n, cols, ld)


@dataclass(frozen=True)
class Rows:
    """A matrix: row i begins at i * ld."""

    rows: int
    cols: int
    ld: int

    @property
    def extent(self) -> int:
        """Floats from the first to the last element."""
        return (self.rows - 1) * self.ld + self.cols


@dataclass(frozen=True)
class Map:
    """Items of h x w pixels of c channels: pixel (i, j) of item b at at + b * item + (i * w +
    j) * ld.
    """

    view: View
    items: int
    c: int
    h: int
    w: int
    ld: int
    item: int

    @property
    def extent(self) -> int:
        """Floats from the first to the last element of one item."""
        return (self.h * self.w - 1) * self.ld + self.c

    def span(self, item: int) -> Span:
        """The span of one item."""
        return Span(self.view.buffer, self.view.at + item * self.item, self.extent)

    @staticmethod
    def of(view: View) -> Map | None:
        """A view [N, C], [N, C, W] or [N, C, H, W] as map; None where its strides are not of
        that kind.
        """
        if not 2 <= len(view.shape) <= 4:
            return None
        while len(view.shape) < 4:
            view = view.insert(2)
        (items, c, h, w), (s_item, s_c, s_h, s_w) = view.shape, view.strides
        if c > 1 and s_c != 1:
            return None
        if h > 1 and w > 1 and s_h != w * s_w:
            return None
        ld = s_w if w > 1 else s_h if h > 1 else c
        if ld < c or (items > 1 and s_item < 0):
            return None
        return Map(view, items, c, h, w, ld, s_item if items > 1 else 0)


Dim = tuple[int, tuple[int, ...]]


def coalesce(shape: Sequence[int], strides: Sequence[Sequence[int]]) -> list[Dim]:
    """Merges neighbouring axes that are one axis for every operand; axes of length 1 go.

    Args:
        shape: Lengths, outermost first.
        strides: For each operand, its strides.

    Returns:
        For each axis that is left its length and the operands' strides.
    """
    merged: list[Dim] = []
    for axis, d in enumerate(shape):
        if d == 1:
            continue
        own = tuple(s[axis] for s in strides)
        if merged:
            d0, s0 = merged[-1]
            if all(a == d * b for a, b in zip(s0, own, strict=True)):
                merged[-1] = (d0 * d, own)
                continue
        merged.append((d, own))
    return merged


def _reshaped(old: Axes, strides: Axes, new: Axes) -> Axes | None:
    """Strides of ``new`` over the same elements; None where there are none (the rule of
    numpy.reshape).
    """
    dims = [(d, s) for d, s in zip(old, strides, strict=True) if d != 1]
    result, i, j = [0] * len(new), 0, 0
    while i < len(dims):
        while new[j] == 1:
            j += 1
        i_end, j_end, have, want = i + 1, j + 1, dims[i][0], new[j]
        while have != want:
            if have < want:
                have *= dims[i_end][0]
                i_end += 1
            else:
                want *= new[j_end]
                j_end += 1
        for a in range(i, i_end - 1):
            if dims[a][1] != dims[a + 1][0] * dims[a + 1][1]:
                return None
        step = dims[i_end - 1][1]
        for b in reversed(range(j, j_end)):
            result[b] = step
            step *= new[b]
        i, j = i_end, j_end
    return tuple(result)
