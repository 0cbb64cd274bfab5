"""Weights cut into pages: docs/formats/container.md, "Weights in pages"."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from cloister.lower.codes import FOUR
from cloister.lower.paging import CONST_PAGE_FLOATS, unit_bytes
from cloister.lower.program import (
    FLOAT_BYTES,
    PANEL,
    ByteArray,
    ConvParams,
    DwconvParams,
    FloatArray,
    Kind,
    Op,
    Params,
    Program,
    Weights,
)


@dataclass(frozen=True)
class Pack:
    """Weights and the pages that hold them; ``op`` is the first operator that uses them."""

    weights: Weights
    op: Op
    first_page: int
    n_pages: int


def packs(program: Program) -> list[Pack]:
    """One Pack for each Weights object, in the order of first use."""
    found: dict[int, Pack] = {}
    first = 0
    for op in program.ops:
        if op.weights is None or id(op.weights) in found:
            continue
        n = page_count(op.weights, op.params)
        found[id(op.weights)] = Pack(op.weights, op, first, n)
        first += n
    return list(found.values())


def page_count(weights: Weights, params: Params) -> int:
    """Pages that an operator reads."""
    return len(page_sizes(weights, params))


def page_sizes(weights: Weights, params: Params) -> list[int]:
    """Bytes of each page that an operator reads, without packing it."""
    if isinstance(params, ConvParams):
        n_panels, k = params.groups * -(-params.n // PANEL), params.kh * params.kw * params.c
        if params.slice:
            return [
                unit_bytes(min(params.slice, k - at), int8=weights.int8, bias=at == 0)
                for at in range(0, k, params.slice)
            ] * n_panels
        return _shares(n_panels, params.panels, unit_bytes(k, int8=weights.int8))
    if isinstance(params, DwconvParams):
        unit = unit_bytes(params.kh * params.kw, int8=weights.int8)
        return _shares(-(-params.c // PANEL), params.panels, unit)
    return _shares(weights.array.size, CONST_PAGE_FLOATS, FLOAT_BYTES)


def _shares(total: int, most: int, unit: int) -> list[int]:
    return [min(most, total - at) * unit for at in range(0, total, most)]


def weight_bytes(program: Program) -> int:
    """Bytes of all pages, without padding and without packing them."""
    return sum(sum(page_sizes(pack.weights, pack.op.params)) for pack in packs(program))


def pack_pages(weights: Weights, op: Op) -> Iterator[bytes]:
    """The pages of one operator's weights."""
    return PACKERS[weights.kind](weights, op.params)


def _conv_pages(weights: Weights, params: Params) -> Iterator[bytes]:
    assert isinstance(params, ConvParams)
    per_group = -(-params.n // PANEL)
    n_panels, k = params.groups * per_group, math.prod(weights.array.shape[2:])

    def unit(q: int) -> Unit:
        group, low = q // per_group, q % per_group * PANEL
        block = weights.array[group, low : low + PANEL]
        width = block.shape[0]
        rows = np.zeros((k, PANEL), _stored(weights))
        rows[:, :width].reshape(*block.shape[1:], width)[...] = block.transpose(1, 2, 0)
        return _unit(weights, group * params.n + low, width, rows)

    for first in range(0, n_panels, params.panels):
        units = [unit(q) for q in range(first, min(first + params.panels, n_panels))]
        if params.slice == 0:
            yield b"".join(one.slice(0, k) for one in units)
            continue
        for start in range(0, k, params.slice):
            yield units[0].slice(start, min(k, start + params.slice))


def _dwconv_pages(weights: Weights, params: Params) -> Iterator[bytes]:
    assert isinstance(params, DwconvParams)
    c, taps = weights.array.shape
    units = []
    for low in range(0, c, PANEL):
        block = weights.array[low : low + PANEL]
        rows = np.zeros((taps, PANEL), _stored(weights))
        rows[:, : len(block)] = block.T
        units.append(_unit(weights, low, len(block), rows).slice(0, taps))
    for first in range(0, len(units), params.panels):
        yield b"".join(units[first : first + params.panels])


@dataclass(frozen=True)
class Unit:
    """One panel: its bias, the scales of its channels where weights are bytes, what sums of
    integers begin with, its rows.
    """

    bias: bytes
    steps: bytes
    rows: FloatArray | ByteArray

    def slice(self, start: int, stop: int) -> bytes:
        """These rows of it, as they lie in a page."""
        return (b"" if start else self.bias) + self.steps + self.rows[start:stop].tobytes()


def _stored(weights: Weights) -> str:
    return "i1" if weights.int8 else "<f4"


def _unit(weights: Weights, first: int, width: int, rows: FloatArray | ByteArray) -> Unit:
    """The panel with these rows; `width` of its channels exist, from `first` on."""

    def vector(of: FloatArray | None) -> bytes:
        held = np.zeros(PANEL, "<f4")
        if of is not None:
            held[:width] = of[first : first + width]
        return held.tobytes()

    if weights.scale != 1.0:
        rows = rows * np.float32(weights.scale)
    heads = vector(weights.steps) if weights.int8 else b""
    if weights.zero is not None:  # code 0 stands for less than 0: what it adds goes beforehand
        heads += (-weights.zero * rows.sum(axis=0, dtype=np.int64)).astype("<i4").tobytes()
        rows = rows.reshape(-1, FOUR, PANEL).transpose(0, 2, 1)
    return Unit(vector(weights.bias), heads, rows)


def _const_pages(weights: Weights, _: Params) -> Iterator[bytes]:
    flat = np.ascontiguousarray(weights.array, "<f4").reshape(-1)
    for first in range(0, flat.size, CONST_PAGE_FLOATS):
        yield flat[first : first + CONST_PAGE_FLOATS].tobytes()


PACKERS: dict[Kind, Callable[[Weights, Params], Iterator[bytes]]] = {
    Kind.CONV: _conv_pages,
    Kind.DWCONV: _dwconv_pages,
    Kind.CONST: _const_pages,
}
