"""How weights are cut into pages: docs/formats/container.md, "Weights in pages"."""

from __future__ import annotations

from typing import NamedTuple

from cloister.lower.program import FLOAT_BYTES, PAGE_MAX_BYTES, PANEL

ROW_BYTES = PANEL * FLOAT_BYTES
PAGE_ROWS = PAGE_MAX_BYTES // ROW_BYTES  # rows of 32 floats in the largest page
CODES_HEADS = 3  # rows before weights of sums of integers: bias, scales, what sums begin with
CODES_ROWS = PAGE_ROWS - CODES_HEADS  # of fours of codes in the largest page
CONST_PAGE_FLOATS = PAGE_MAX_BYTES // FLOAT_BYTES


class Paging(NamedTuple):
    """Whole panels in a page; rows of one K-slice (0: none); pages in all."""

    panels: int
    slice: int
    n_pages: int


def panel_paging(k: int, n_panels: int, *, c: int, taps: int, heads: int = 1) -> Paging | None:
    """Pages of panels with ``heads`` rows (of bias, and more where sums are integers) before ``k``
    rows of weights; None where no page can hold a slice.
    """
    if k + heads <= PAGE_ROWS:
        panels = min(PAGE_ROWS // (k + heads), n_panels)
        return Paging(panels, 0, -(-n_panels // panels))
    step = 1 if taps == 1 else c  # slices hold whole kernel positions
    longest = (PAGE_ROWS - 1) // step * step
    if longest == 0:
        return None
    pieces = -(-k // longest)
    rows = -(-k // (pieces * step)) * step  # as even as possible
    pieces = -(-k // rows)
    return Paging(1, rows, n_panels * pieces)


def unit_bytes(rows: int, *, int8: int, bias: bool = True) -> int:
    """Bytes of one panel, or of a slice of it: bias, scales of bytes, what sums of integers begin
    with, rows. int8: as in clo_op.
    """
    return ROW_BYTES * (bias + int8) + (PANEL if int8 == 1 else ROW_BYTES) * rows


def wide_bytes(rows: int, *, int8: int) -> int:
    """Scratch in which so many rows of a panel become floats."""
    return ROW_BYTES * rows if int8 == 1 else 0
