"""Weights cut into pages: docs/formats/container.md, "Weights in pages"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cloister.lower.paging import CONST_PAGE_FLOATS
from cloister.lower.program import (
    FLOAT_BYTES,
    PANEL,
    ConvParams,
    DwconvParams,
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
            rows = [min(params.slice, k - at) + (at == 0) for at in range(0, k, params.slice)]
            return [n * PANEL * FLOAT_BYTES for n in rows] * n_panels
        return _shares(n_panels, params.panels, (1 + k) * PANEL * FLOAT_BYTES)
    if isinstance(params, DwconvParams):
        unit = (1 + params.kh * params.kw) * PANEL * FLOAT_BYTES
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
    array, per_group = weights.array, -(-params.n // PANEL)
    k = params.kh * params.kw * params.c
    n_panels = params.groups * per_group
    for first in range(0, n_panels, params.panels):
        panels = range(first, min(first + params.panels, n_panels))
        page = np.zeros((len(panels), 1 + k, PANEL), "<f4")
        for i, q in enumerate(panels):
            group, low = q // per_group, q % per_group * PANEL
            block = array[group, low : low + PANEL]
            width = block.shape[0]
            page[i, 1:, :width].reshape(*block.shape[1:], width)[...] = block.transpose(1, 2, 0)
            _scale(page[i, 1:], weights.scale)
            if weights.bias is not None:
                at = group * params.n + low
                page[i, 0, :width] = weights.bias[at : at + width]
        if params.slice == 0:
            yield page.tobytes()
            continue
        for start in range(0, k, params.slice):
            rows = page[0, start + (start > 0) : 1 + min(k, start + params.slice)]
            yield rows.tobytes()


def _dwconv_pages(weights: Weights, params: Params) -> Iterator[bytes]:
    assert isinstance(params, DwconvParams)
    c, taps = weights.array.shape
    n_panels = -(-c // PANEL)
    full = np.zeros((n_panels * PANEL, 1 + taps), "<f4")
    full[:c, 1:] = weights.array
    _scale(full[:, 1:], weights.scale)
    if weights.bias is not None:
        full[:c, 0] = weights.bias
    panels = full.reshape(n_panels, PANEL, 1 + taps).transpose(0, 2, 1)
    for first in range(0, n_panels, params.panels):
        yield panels[first : first + params.panels].tobytes()


def _const_pages(weights: Weights, _: Params) -> Iterator[bytes]:
    flat = np.ascontiguousarray(weights.array, "<f4").reshape(-1)
    for first in range(0, flat.size, CONST_PAGE_FLOATS):
        yield flat[first : first + CONST_PAGE_FLOATS].tobytes()


def _scale(array: npt.NDArray[np.float32], scale: float) -> None:
    if scale != 1.0:
        array *= np.float32(scale)


PACKERS: dict[Kind, Callable[[Weights, Params], Iterator[bytes]]] = {
    Kind.CONV: _conv_pages,
    Kind.DWCONV: _dwconv_pages,
    Kind.CONST: _const_pages,
}
