"""Reductions over any axes: the kept axes outside and inside of the reduced ones, or a copy
that puts them so.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import onnx_ir as ir

from cloister.lower.builder import Builder, need
from cloister.lower.elementwise import binary_into
from cloister.lower.program import Binary, Kind, Reduce, ReduceParams, Unary
from cloister.lower.views import Axes, View, coalesce, strides_in_order

Lower = Callable[[Builder, ir.Node], None]


def global_pool(fn: Reduce) -> Lower:
    """Lowering of GlobalAveragePool and GlobalMaxPool."""

    def lower(b: Builder, node: ir.Node) -> None:
        axes = tuple(range(2, len(b.shape(need(node)))))
        _reduce(b, node, fn, axes, keep=True)

    return lower


def reduce(fn: Reduce, before: str = "", after: Unary | None = None) -> Lower:
    """Lowering of a Reduce operator.

    Args:
        fn: What is done along the axes.
        before: What is done to each element first: "" nothing, "square", "abs".
        after: What is done to each result.
    """

    def lower(b: Builder, node: ir.Node) -> None:
        rank = len(b.shape(need(node)))
        axes = b.ints(node, 1)
        if axes is None:
            axes = [int(a) for a in node.attributes.get_ints("axes", ()) or ()]
        if not axes:
            noop = node.attributes.get_int("noop_with_empty_axes", 0)
            axes = [] if noop else list(range(rank))
        keep = bool(node.attributes.get_int("keepdims", 1))
        sorted_axes = tuple(sorted(a % rank for a in axes))
        _reduce(b, node, fn, sorted_axes, keep=keep, before=before, after=after)

    return lower


def _reduce(
    b: Builder,
    node: ir.Node,
    fn: Reduce,
    axes: Axes,
    *,
    keep: bool,
    before: str = "",
    after: Unary | None = None,
) -> None:
    x = b.view(need(node))
    if before:
        made = b.fresh(f"{node.outputs[0].name}_{before}", x.shape, x.order)
        if before == "square":
            binary_into(b, Binary.MUL, x, x, made)
        else:
            dense = x if x.dense else b.dense(x, x.order, made.buffer.name)
            b.unary(Unary.ABS, dense, made)
        x = made
    if not all(s >= 0 for s in x.strides) or _arrange(x, axes) is None:
        kept = [a for a in range(len(x.shape)) if a not in axes]
        x = b.dense(x, [*kept, *axes], x.buffer.name)
    arranged = _arrange(x, axes)
    assert arranged is not None
    params, order = arranged
    out = node.outputs[0]
    full = tuple(1 if a in axes else d for a, d in enumerate(x.shape))
    y = View(b.fresh(f"{out.name}_reduced", full).buffer, 0, full, strides_in_order(full, order))
    shaped = y if keep else _drop(y, axes)
    place = None
    if after is None:
        place = b.place(out, None, lambda v: v.strides_like(shaped) and v.buffer is not x.buffer)
    if place is not None:
        b.define(out, place)
        b.emit(Kind.REDUCE, params, x=x.span, y=place.span, fn=fn)
        return
    b.emit(Kind.REDUCE, params, x=x.span, y=y.span, fn=fn)
    if after is not None:
        b.unary(after, shaped, shaped)
    b.define(out, shaped)


def _drop(view: View, axes: Axes) -> View:
    kept = [a for a in range(len(view.shape)) if a not in axes]
    return View(
        view.buffer,
        view.at,
        tuple(view.shape[a] for a in kept),
        tuple(view.strides[a] for a in kept),
    )


def _arrange(x: View, axes: Axes) -> tuple[ReduceParams, Axes] | None:
    """Parameters and the order of the output's axes; None where no [outer, n, inner] says it."""
    order = x.order
    reduced = [a for a in order if a in axes]
    kept = [a for a in order if a not in axes]
    along = coalesce([x.shape[a] for a in reduced], [[x.strides[a] for a in reduced]])
    if len(along) > 1:
        return None
    n, (x_n,) = along[0] if along else (1, (1,))
    for split in range(len(kept) + 1):
        outside, inside = kept[:split], kept[split:]
        inner = coalesce([x.shape[a] for a in inside], [[x.strides[a] for a in inside]])
        outer = coalesce([x.shape[a] for a in outside], [[x.strides[a] for a in outside]])
        if len(inner) > 1 or len(outer) > 1 or (inner and inner[0][1] != (1,)):
            continue
        if any(s == 0 for _, (s,) in (*inner, *outer, *along)):
            continue
        inner_n = math.prod(x.shape[a] for a in inside)
        outer_n, (x_o,) = outer[0] if outer else (1, (max(n * x_n, inner_n),))
        params = ReduceParams(outer_n, n, inner_n, x_o, x_n if n > 1 else inner_n)
        return params, (*kept, *axes)
    return None
