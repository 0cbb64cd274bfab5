"""Roughly how many cycles an operator takes: enough to compare plans, not to promise a time.

Counted in vectors of 16 floats on a core with AVX-512; the constants were fitted to single layers
(docs/design/0011). Only ratios are used.
"""

from __future__ import annotations

import math

from cloister.lower import winograd
from cloister.lower.program import (
    FLOAT_BYTES,
    PANEL,
    BinaryParams,
    Conv,
    ConvParams,
    CopyParams,
    DwconvParams,
    MatmulParams,
    NormParams,
    Op,
    Params,
    PoolParams,
    ReduceParams,
    UnaryParams,
)

CALL = 1500.0  # of any operator
TAP, DEPTHWISE_TAP, POOL_TAP = winograd.DIRECT, 1.5, 1.0  # of one vector
VECTOR = 2.0  # element-wise work and copies of whole rows
FLOAT = 1.0  # copies that change the order
WEIGHTS_BYTE = 0.2  # of a panel, from memory
LANES = winograd.LANES


def cycles(op: Op, params: Params | None = None, *, tiles: int | None = None) -> float:
    """Estimated cycles.

    Args:
        op: The operator.
        params: Its parameters where they are others (a band of it).
        tiles: Winograd: at most so many tiles in a block.
    """
    return CALL + _work(op, op.params if params is None else params, tiles)


def _work(op: Op, p: Params, tiles: int | None) -> float:
    if isinstance(p, ConvParams):
        return winograd.cycles(p, tiles) if op.fn == Conv.WINOGRAD else _direct(p)
    if isinstance(p, DwconvParams | PoolParams):
        tap = DEPTHWISE_TAP if isinstance(p, DwconvParams) else POOL_TAP
        return tap * p.kh * p.kw * p.oh * p.ow * -(-p.c // LANES)
    if isinstance(p, MatmulParams):
        return TAP * p.b0 * p.b1 * p.m * p.k * -(-p.n // LANES)
    if isinstance(p, CopyParams):
        return math.prod(p.d) * (VECTOR / LANES if p.xs[-1] == p.ys[-1] == 1 else FLOAT)
    return VECTOR / LANES * _elements(op, p)


def _direct(p: ConvParams) -> float:
    k, panels = p.kh * p.kw * p.c, p.groups * -(-p.n // PANEL)
    products = TAP * k * p.oh * p.ow * p.groups * -(-p.n // LANES)
    return products + WEIGHTS_BYTE * FLOAT_BYTES * PANEL * k * panels


def _elements(op: Op, p: Params) -> int:
    if isinstance(p, BinaryParams):
        return math.prod(p.d)
    if isinstance(p, UnaryParams | NormParams):
        return p.rows * p.cols
    if isinstance(p, ReduceParams):
        return p.outer * p.n * p.inner
    return op.y.n
