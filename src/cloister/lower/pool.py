"""Windows over maps: MaxPool, AveragePool, and pooling over the whole map."""

from __future__ import annotations

import onnx_ir as ir

from cloister.lower.builder import Builder, need
from cloister.lower.program import TAPS_MAX, Kind, Pool, PoolParams, Reduce, ReduceParams, Span
from cloister.lower.views import Map
from cloister.lower.window import Pair, Window, window

SINGLE = Window((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


def max_pool(b: Builder, node: ir.Node) -> None:
    """MaxPool without indices."""
    if any(v.uses() or v.is_graph_output() for v in node.outputs[1:]):
        raise b.unsupported(node, "its second output (indices)")
    _pool(b, node, Pool.MAX, count_pad=0)


def average_pool(b: Builder, node: ir.Node) -> None:
    """AveragePool."""
    count = node.attributes.get_int("count_include_pad", 0) or 0
    _pool(b, node, Pool.AVERAGE, count_pad=count)


def _pool(b: Builder, node: ir.Node, fn: Pool, count_pad: int) -> None:
    value, out = need(node), node.outputs[0]
    kernel = tuple(node.attributes.get_ints("kernel_shape", ()) or ())
    if len(kernel) not in (1, 2):
        raise b.unsupported(node, f"{len(kernel)} spatial axes; one and two are supported")
    win = window(node, kernel, b.shape(value)[2:], b.shape(out)[2:])
    if win.taps > TAPS_MAX:
        raise b.unsupported(node, f"{win.taps} kernel positions; {TAPS_MAX} are supported")
    if win == SINGLE and b.shape(value) == b.shape(out):
        b.reshape(out, value)  # AdaptiveAvgPool of what has that size already
        return
    x = b.map(value)
    y = b.map_out(out)
    if not _reaches(win, (x.h, x.w), (y.h, y.w)):
        raise b.unsupported(node, "one of its windows lies wholly outside of the input")
    if fn == Pool.AVERAGE and _whole(win, x, y):
        for item in range(x.items):
            _reduce_map(b, x, x.span(item), y.span(item), Reduce.MEAN)
        return
    params = PoolParams(
        x.h, x.w, x.c, *win.kernel, *win.stride, *win.dilation, *win.before, *win.after,
        y.h, y.w, x.ld, y.ld, count_pad,
    )  # fmt: skip
    for item in range(x.items):
        b.emit(Kind.POOL, params, x=x.span(item), y=y.span(item), fn=fn)


def _reaches(win: Window, size: Pair, out: Pair) -> bool:
    """True where the first and the last window touch the input, along both axes."""
    return all(
        before <= (k - 1) * d and (o - 1) * s < n + before
        for k, s, d, before, n, o in zip(
            win.kernel, win.stride, win.dilation, win.before, size, out, strict=True
        )
    )


def _whole(win: Window, x: Map, y: Map) -> bool:
    """True where the only window is the map."""
    return (
        (y.h, y.w) == (1, 1)
        and win.kernel == (x.h, x.w)
        and win.dilation == (1, 1)
        and (win.before, win.after) == ((0, 0), (0, 0))
    )


def _reduce_map(b: Builder, x: Map, x_span: Span, y_span: Span, fn: Reduce) -> None:
    params = ReduceParams(1, x.h * x.w, x.c, x.extent, x.ld)
    b.emit(Kind.REDUCE, params, x=x_span, y=y_span, fn=fn)
