"""Conv: panels of 32 channels, or depthwise; a batch is one operator an item, on the same
pages.
"""

from __future__ import annotations

import math

import numpy as np
import onnx_ir as ir

from cloister.lower import winograd
from cloister.lower.builder import Builder, Padded, need
from cloister.lower.fuse import Fusion
from cloister.lower.paging import panel_paging, wide_bytes
from cloister.lower.program import (
    PANEL,
    TAPS_MAX,
    Clip,
    Conv,
    ConvParams,
    DwconvParams,
    FloatArray,
    Kind,
    Unary,
    Weights,
    align,
)
from cloister.lower.views import Map
from cloister.lower.window import Window, window

ROWS_MAX = 16  # CLO_ROWS_MAX
POINTER_BYTES = 8
LEAST_ROWS = 6  # of the lowest micro-kernel's tile
MERGE_FLOATS = 64  # of kernels_gemm.c
BYTE_TILES = 16  # share what a panel of bytes was widened for: it is widened for each block


def conv(b: Builder, node: ir.Node) -> None:
    """Conv with one or two spatial axes."""
    weight = b.constant(need(node, 1))
    bias = b.constant(node.inputs[2]) if len(node.inputs) > 2 else None
    if weight is None or (bias is None and len(node.inputs) > 2 and node.inputs[2] is not None):
        raise b.unsupported(node, "its weights are computed at run time")
    if weight.ndim not in (3, 4):
        raise b.unsupported(node, f"{weight.ndim - 2} spatial axes; one and two are supported")
    value = need(node)
    win = window(node, weight.shape[2:], b.shape(value)[2:], b.shape(node.outputs[0])[2:])
    lazy = b.lazy.get(value.name or "")
    if isinstance(lazy, Padded):
        value = lazy.source
        win = _pad_more(win, lazy)
    if win.taps > TAPS_MAX:
        raise b.unsupported(node, f"{win.taps} kernel positions; {TAPS_MAX} are supported")
    groups = node.attributes.get_int("group", 1) or 1
    fusion = b.fused(node)
    if groups == weight.shape[0] and weight.shape[1] == 1 and groups > 1:
        _depthwise(b, node, value, win, fusion)
    else:
        _panels(b, node, value, win, fusion)


def _pad_more(win: Window, pad: Padded) -> Window:
    begins = (0,) * (2 - len(pad.begins)) + pad.begins
    ends = (0,) * (2 - len(pad.ends)) + pad.ends
    return Window(
        win.kernel,
        win.stride,
        win.dilation,
        (win.before[0] + begins[0], win.before[1] + begins[1]),
        (win.after[0] + ends[0], win.after[1] + ends[1]),
    )


def conv_weights(b: Builder, node: ir.Node, groups: int) -> Weights:
    """Weights of a Conv as [groups, n, taps, c]; made once for all items of a batch and all
    nodes that share them.
    """
    value, bias = need(node, 1), node.inputs[2] if len(node.inputs) > 2 else None
    key = ("conv", value.name, bias.name if bias is not None else None, groups)
    if key not in b.weights:
        array, steps = b.weights_of(value, 0)
        outs, c = array.shape[:2]
        taps = array.reshape(groups, outs // groups, c, -1).transpose(0, 1, 3, 2)
        b.weights[key] = Weights(Kind.CONV, taps, _vector(b, bias), steps=steps)
    return b.weights[key]


def _vector(b: Builder, value: ir.Value | None) -> FloatArray | None:
    array = b.constant(value)
    return None if array is None else np.asarray(array, np.float32).reshape(-1)


def _panels(b: Builder, node: ir.Node, value: ir.Value, win: Window, fusion: Fusion) -> None:
    weights = conv_weights(b, node, node.attributes.get_int("group", 1) or 1)
    x = b.map(value)
    z = b.map(fusion.z) if fusion.z is not None else None
    y = b.map_out(fusion.out)
    emit_conv(b, node, (x, y, z), win, weights, fusion=fusion)


def emit_conv(
    b: Builder,
    node: ir.Node,
    maps: tuple[Map, Map, Map | None],
    win: Window,
    weights: Weights,
    *,
    fusion: Fusion,
) -> None:
    """Emits one CONV for each item of the batch; ``maps`` are x, y and the residual."""
    x, y, z = maps
    groups, n = weights.array.shape[:2]
    k = math.prod(weights.array.shape[2:])
    c, taps = k // win.taps, win.taps
    paging = panel_paging(k, groups * -(-n // PANEL), c=c, taps=taps)
    if paging is None:
        raise b.unsupported(node, f"{c} input channels in one kernel position")
    params = ConvParams(
        x.h, x.w, c, n, groups, *win.kernel, *win.stride, *win.dilation, *win.before,
        y.h, y.w, x.ld, y.ld, z.ld if z else 0, paging.panels, paging.slice,
    )  # fmt: skip
    algorithm = winograd.algorithm(params)
    scratch = scratch_bytes(params)
    if algorithm is Conv.WINOGRAD:
        scratch = max(scratch, winograd.scratch_bytes(params))
    elif weights.int8:
        scratch = scratch_bytes(params, BYTE_TILES)
    scratch += wide_bytes(params.slice or k, int8=weights.int8)
    for item in range(x.items):
        b.emit(
            Kind.CONV,
            params,
            x=x.span(item),
            y=y.span(item),
            z=z.span(item) if z else None,
            fn=algorithm,
            clip=fusion.clip,
            weights=weights,
            scratch_bytes=scratch,
            act=fusion.act,
        )


def scratch_bytes(p: ConvParams, tiles: int = 1) -> int:
    """A row of zeros and the pointers of the tallest tile; more where kernel rows are short.
    Weights that are bytes need `wide_bytes` beside it.

    Where a kernel row reads few floats that lie side by side, the kernel takes it in one piece if
    there is room for copies of what reaches into the padding (kernels_gemm.c, layout_of).

    Args:
        p: The convolution.
        tiles: So many tiles are prepared at a time, where there are so many.
    """
    tiles = min(tiles, -(-p.oh * p.ow // LEAST_ROWS))
    least = align(4 * p.c) + tiles * POINTER_BYTES * ROWS_MAX * p.kh * p.kw
    run = p.kw * p.c
    if p.kw == 1 or p.dw > 1 or p.x_ld != p.c or run > MERGE_FLOATS:
        return least
    a_tile = p.kh * (POINTER_BYTES * ROWS_MAX + 4 * ROWS_MAX * run)
    return max(least, align(4 * run) + tiles * a_tile)


def _depthwise(b: Builder, node: ir.Node, value: ir.Value, win: Window, fusion: Fusion) -> None:
    weight, bias = need(node, 1), node.inputs[2] if len(node.inputs) > 2 else None
    key = ("dwconv", weight.name, bias.name if bias is not None else None)
    if key not in b.weights:
        array, steps = b.weights_of(weight, 0)
        flat = array.reshape(array.shape[0], -1)
        b.weights[key] = Weights(Kind.DWCONV, flat, _vector(b, bias), steps=steps)
    x = b.map(value)
    y = b.map_out(fusion.out)
    for item in range(x.items):
        emit_depthwise(b, (x, y), item, win, b.weights[key], clip=fusion.clip, act=fusion.act)


def emit_depthwise(
    b: Builder,
    maps: tuple[Map, Map],
    item: int,
    win: Window,
    weights: Weights,
    *,
    clip: Clip,
    act: Unary | None = None,
) -> None:
    """Emits the DWCONV of one item of the batch; ``maps`` are x and y."""
    x, y = maps
    paging = panel_paging(win.taps, -(-x.c // PANEL), c=1, taps=win.taps)
    assert paging is not None  # TAPS_MAX rows fit a page
    params = DwconvParams(
        x.h, x.w, x.c, *win.kernel, *win.stride, *win.dilation, *win.before,
        y.h, y.w, x.ld, y.ld, paging.panels,
    )  # fmt: skip
    b.emit(
        Kind.DWCONV,
        params,
        x=x.span(item),
        y=y.span(item),
        clip=clip,
        weights=weights,
        scratch_bytes=paging.panels * wide_bytes(1 + win.taps, int8=weights.int8),
        act=act,
    )
