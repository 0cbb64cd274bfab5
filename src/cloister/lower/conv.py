"""Conv: panels of 32 channels, or depthwise; a batch is one operator an item, on the same
pages.
"""

from __future__ import annotations

import math

import numpy as np
import onnx_ir as ir

from cloister.lower import winograd
from cloister.lower.builder import Builder, Padded, need
from cloister.lower.codes import FLOATS, FOUR, Coding, coding_of, on_integers, rounded_by
from cloister.lower.fuse import Fusion
from cloister.lower.paging import CODES_HEADS, panel_paging, wide_bytes
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


def conv_weights(b: Builder, node: ir.Node, groups: int, x: Coding = FLOATS) -> Weights:
    """Weights of a Conv as [groups, n, taps, c]; made once for all items of a batch and all
    nodes that share them. x: what its codes are worth, where it is codes.
    """
    value, bias = need(node, 1), node.inputs[2] if len(node.inputs) > 2 else None
    key = ("conv", value.name, bias.name if bias is not None else None, groups, x)
    if key not in b.weights:
        array, steps = b.weights_of(value, 0)
        zero = None
        if x != FLOATS and steps is not None:
            steps, zero = steps * np.float32(x.step), x.zero
        outs, c = array.shape[:2]
        taps = array.reshape(groups, outs // groups, c, -1).transpose(0, 1, 3, 2)
        b.weights[key] = Weights(Kind.CONV, taps, _vector(b, bias), steps=steps, zero=zero)
    return b.weights[key]


def _vector(b: Builder, value: ir.Value | None) -> FloatArray | None:
    array = b.constant(value)
    return None if array is None else np.asarray(array, np.float32).reshape(-1)


def _panels(b: Builder, node: ir.Node, value: ir.Value, win: Window, fusion: Fusion) -> None:
    groups = node.attributes.get_int("group", 1) or 1
    integers = on_integers(b.graph, node)
    x, coding = _coded(b, value, integers)
    weights = conv_weights(b, node, groups, coding)
    z, z_coding = (None, FLOATS) if fusion.z is None else _coded(b, fusion.z, integers)
    codes = FLOATS if fusion.codes is None else coding_of(fusion.codes)
    rounds = FLOATS if fusion.rounds is None else coding_of(fusion.rounds)
    y = b.map_out(fusion.out) if fusion.codes is None else b.codes_out(fusion.codes)
    emit_conv(b, node, (x, y, z), win, weights, fusion=fusion, codings=(codes, z_coding, rounds))


def _coded(b: Builder, value: ir.Value, integers: bool) -> tuple[Map, Coding]:
    """The map of a value: of codes, with a quarter of the channels, where it lies so and
    ``integers`` are asked for.
    """
    writer = rounded_by(value) if integers else None
    found = None if writer is None else b.codes.get(writer)
    codes = None if found is None else Map.of(found.view)
    return (b.map(value), FLOATS) if codes is None or found is None else (codes, found.coding)


def emit_conv(
    b: Builder,
    node: ir.Node,
    maps: tuple[Map, Map, Map | None],
    win: Window,
    weights: Weights,
    *,
    fusion: Fusion,
    codings: tuple[Coding, Coding, Coding] = (FLOATS, FLOATS, FLOATS),
) -> None:
    """Emits one CONV for each item of the batch; ``maps`` are x, y and the residual, ``codings``
    those of y, of the residual, and of the product before the residual is added.
    """
    x, y, z = maps
    groups, n = weights.array.shape[:2]
    k = math.prod(weights.array.shape[2:]) // (1 if weights.zero is None else FOUR)
    c, taps = k // win.taps, win.taps
    heads = 1 if weights.zero is None else CODES_HEADS
    paging = panel_paging(k, groups * -(-n // PANEL), c=c, taps=taps, heads=heads)
    if paging is None:
        raise b.unsupported(node, f"{c} input channels in one kernel position")
    params = ConvParams(
        x.h, x.w, c, n, groups, *win.kernel, *win.stride, *win.dilation, *win.before,
        y.h, y.w, x.ld, y.ld, z.ld if z else 0, paging.panels, paging.slice, weights.zero or 0,
        *(number for coding in codings for number in (coding.step, coding.low)),
    )  # fmt: skip
    algorithm = winograd.algorithm(params) if weights.zero is None else Conv.DIRECT
    scratch = scratch_bytes(params)
    if algorithm is Conv.WINOGRAD:
        scratch = max(scratch, winograd.scratch_bytes(params))
    elif weights.int8 == 1:
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
