"""Gemm and MatMul: by a constant they are convolutions of 1 x 1 on h = M, w = 1; of two
computed values, MATMUL.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import onnx_ir as ir

from cloister.lower.builder import Builder, Reshaped, need
from cloister.lower.conv import emit_conv
from cloister.lower.elementwise import emit_binary
from cloister.lower.fuse import Fusion, is_row
from cloister.lower.program import (
    INF,
    Binary,
    ByteArray,
    Clip,
    FloatArray,
    Kind,
    MatmulParams,
    Unary,
    Weights,
    align,
)
from cloister.lower.views import Map, Rows, View, coalesce
from cloister.lower.window import Window


class Linear(NamedTuple):
    """y = scale * (x . weight_nk') + bias; steps: of each n, where the weights are bytes."""

    weight_nk: FloatArray | ByteArray
    steps: FloatArray | None
    bias: FloatArray | None
    scale: float


POINT = Window((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))


def gemm(b: Builder, node: ir.Node) -> None:
    """Gemm: alpha * A' B' + beta * C."""
    weight = b.constant(need(node, 1))
    fusion = b.fused(node)
    beta = node.attributes.get_float("beta", 1.0) or 0.0
    c = node.inputs[2] if len(node.inputs) > 2 and beta else None
    bias = b.constant(c)
    by_constant = weight is not None and b.constant(need(node)) is None
    # C is in the product where it is nothing, or a row beside constant weights; else a sum
    # follows, and clips.
    own = c is None or (by_constant and bias is not None and is_row(bias))
    inner = fusion if own else replace(fusion, lo=-INF, hi=INF)
    if by_constant:
        vector = None
        if own and bias is not None:
            n = b.shape(node.outputs[0])[1]
            vector = np.broadcast_to(np.asarray(bias, np.float32).reshape(-1) * beta, (n,))
        y = _gemm_by_constant(b, node, inner, vector, own=own)
    else:
        y = _gemm_of_computed(b, node, inner, own=own)
    if not own:
        assert c is not None
        _add(b, c, beta, y, fusion)


def _add(b: Builder, c: ir.Value, beta: float, y: View, fusion: Fusion) -> None:
    """Adds beta * C to what is in y, into the fusion's output."""
    view = b.view(c)
    if beta != 1.0:
        dense = view if view.dense else b.dense(view, range(len(view.shape)), str(c.name))
        scaled = b.fresh(f"{c.name}_beta", view.shape, dense.order)
        b.unary(Unary.AFFINE, dense, scaled, beta, 0.0)
        view = scaled
    emit_binary(b, Binary.ADD, y, view, fusion.out, clip=fusion.clip)


def _gemm_by_constant(
    b: Builder, node: ir.Node, fusion: Fusion, bias: FloatArray | None, *, own: bool
) -> View:
    weight = need(node, 1)
    trans_b = bool(node.attributes.get_int("transB", 0))
    alpha = node.attributes.get_float("alpha", 1.0) or 0.0
    array, steps = b.weights_of(weight, 0 if trans_b else 1)
    rows_nk = array if trans_b else array.T
    trans_a = bool(node.attributes.get_int("transA", 0))
    if steps is not None:
        alpha, steps = 1.0, steps * np.float32(alpha)
    linear = Linear(rows_nk, steps, bias, alpha)
    return _by_constant(b, node, linear, fusion, own=own, trans=trans_a)


def _by_constant(
    b: Builder,
    node: ir.Node,
    linear: Linear,
    fusion: Fusion,
    *,
    own: bool,
    trans: bool = False,
) -> View:
    """y = x . weight' + bias (+ z), x's rows along all but its last axis.

    Args:
        own: False: the product goes to a buffer of its own, for an operator that follows.
        trans: x is transposed first.
    """
    value, weight_nk = need(node), linear.weight_nk
    source = None if trans else _flattened_map(b, value)
    n, k = weight_nk.shape
    if source is not None:  # rows of the weights go in the order in which the map lies
        taps = weight_nk.reshape(1, n, source.c, source.h * source.w).transpose(0, 1, 3, 2)
        x_view, x_rows = source.view, Rows(source.items, k, source.item or k)
    else:
        taps = weight_nk.reshape(1, n, 1, k)
        x_view, x_rows = b.matrix(_operand(b, value, trans))
    key = ("gemm", node.name)
    made = Weights(Kind.CONV, taps, linear.bias, linear.scale, linear.steps)
    weights = b.weights.setdefault(key, made)
    z = None
    if fusion.z is not None:
        z = _as_map(*b.matrix(b.view(fusion.z)))
    if own:
        y_view, y_rows = b.rows_out(fusion.out)
    else:
        y_view = b.fresh(f"{fusion.out.name}_product", b.shape(node.outputs[0]))
        found = y_view.rows()
        assert found is not None
        y_rows = found
    maps = (_as_map(x_view, x_rows), _as_map(y_view, y_rows), z)
    emit_conv(b, node, maps, POINT, weights, fusion=fusion)
    return y_view


def _operand(b: Builder, value: ir.Value, trans: bool) -> View:
    view = b.view(value)
    return view.permute((1, 0)) if trans else view


def _as_map(view: View, rows: Rows) -> Map:
    return Map(view, 1, rows.cols, rows.rows, 1, rows.ld, 0)


def _flattened_map(b: Builder, value: ir.Value) -> Map | None:
    """The map of which ``value`` [N, C * H * W] is the flattening, where reading it as it lies
    saves a copy.
    """
    lazy = b.lazy.get(value.name or "")
    if not isinstance(lazy, Reshaped) or (value.name or "") in b.views:
        return None
    shape, flat = b.shape(lazy.source), b.shape(value)
    if len(shape) not in (3, 4) or len(flat) < 2 or math.prod(flat[:-1]) != shape[0]:
        return None
    view = b.view(lazy.source)
    found = Map.of(view)
    if found is None or found.ld != found.c or view.reshape(flat) is not None:
        return None
    return found if found.items == 1 or found.item >= found.extent else None


def matmul(b: Builder, node: ir.Node) -> None:
    """MatMul, as numpy.matmul has it."""
    fusion = b.fused(node)
    left, right = need(node), need(node, 1)
    array = b.constant(right)
    if array is not None and array.ndim == 2 and len(b.shape(left)) >= 2:
        weights, steps = b.weights_of(right, 1)
        linear = Linear(weights.T, steps, fusion.bias, 1.0)
        _by_constant(b, node, linear, fusion, own=True)
        return
    x, z = b.view(left), b.view(right)
    squeeze = [axis for axis, view in ((-2, x), (-1, z)) if len(view.shape) == 1]
    x = x.insert(0) if len(x.shape) == 1 else x
    z = z.insert(1) if len(z.shape) == 1 else z
    x = _k_contiguous(b, x)
    if squeeze:
        y = _fresh_product(b, fusion.out, x, z)
    else:
        buffers = (x.buffer, z.buffer)
        y = b.out(
            fusion.out,
            _hint(b, fusion.out),
            lambda v: _n_contiguous(v) and v.buffer not in buffers,
        )
    _emit_matmul(b, (x, z, y), fusion.scale, fusion.clip)
    if squeeze:
        reshaped = y.reshape(b.shape(fusion.out))
        assert reshaped is not None
        b.define(fusion.out, reshaped)


def _gemm_of_computed(b: Builder, node: ir.Node, fusion: Fusion, *, own: bool) -> View:
    x, z = b.view(need(node)), b.view(need(node, 1))
    x = x.permute((1, 0)) if node.attributes.get_int("transA", 0) else x
    z = z.permute((1, 0)) if node.attributes.get_int("transB", 0) else z
    x = _k_contiguous(b, x)
    if own:
        buffers = (x.buffer, z.buffer)
        y = b.out(fusion.out, None, lambda v: _n_contiguous(v) and v.buffer not in buffers)
    else:
        y = b.fresh(f"{fusion.out.name}_product", b.shape(node.outputs[0]))
    alpha = node.attributes.get_float("alpha", 1.0)
    _emit_matmul(b, (x, z, y), 1.0 if alpha is None else alpha, fusion.clip)
    return y


def _n_contiguous(view: View) -> bool:
    *_, m, n = range(len(view.shape))
    return (view.shape[n] == 1 or view.strides[n] == 1) and (
        view.shape[m] == 1 or view.strides[m] >= view.shape[n]
    )


def _hint(b: Builder, value: ir.Value) -> Sequence[int] | None:
    """The order in which the only consumer, a Transpose, wants the axes."""
    uses = list(value.uses())
    if len(uses) != 1 or uses[0].node.op_type != "Transpose" or value.is_graph_output():
        return None
    perm = uses[0].node.attributes.get_ints("perm", None)
    rank = len(b.shape(value))
    return tuple(perm) if perm is not None and perm[-1] == rank - 1 else None


def _k_contiguous(b: Builder, x: View) -> View:
    bad_batch = any(s < 0 for s in x.strides)
    if not bad_batch and (x.shape[-1] == 1 or x.strides[-1] == 1):
        return x
    return b.dense(x, range(len(x.shape)), x.buffer.name)


def _fresh_product(b: Builder, value: ir.Value, x: View, z: View) -> View:
    batch = np.broadcast_shapes(x.shape[:-2], z.shape[:-2])
    return b.fresh(str(value.name), (*batch, x.shape[-2], z.shape[-1]))


def _emit_matmul(b: Builder, views: tuple[View, View, View], alpha: float, clip: Clip) -> None:
    """y = clip(alpha * x . z) for the views x, z, y."""
    x, z, y = views
    if any(s < 0 for s in z.strides):
        z = b.dense(z, range(len(z.shape)), z.buffer.name)
    batch = y.shape[:-2]
    x = x.broadcast((*batch, *x.shape[-2:]))
    z = z.broadcast((*batch, *z.shape[-2:]))
    dims = coalesce(batch, [v.strides[:-2] for v in (x, z, y)])
    if len(dims) > 2:
        axis = next(a for a, d in enumerate(batch) if d > 1)
        for i in range(batch[axis]):
            parts = [v.slice(axis, i, 1) for v in (x, z, y)]
            _emit_matmul(b, (parts[0], parts[1], parts[2]), alpha, clip)
        return
    dims = [(1, (0, 0, 0))] * (2 - len(dims)) + dims
    (b0, (x0, z0, y0)), (b1, (x1, z1, y1)) = dims
    (m, k), n = x.shape[-2:], z.shape[-1]
    params = MatmulParams(
        b0, b1, m, k, n,
        x0, x1, x.strides[-2] if m > 1 else k,
        z0, z1, z.strides[-2] if k > 1 else n, z.strides[-1] if n > 1 else 1,
        y0, y1, y.strides[-2] if m > 1 else n, alpha,
    )  # fmt: skip
    b.emit(
        Kind.MATMUL,
        params,
        x=x.span,
        z=z.span,
        y=y.span,
        clip=clip,
        scratch_bytes=align(128 * k),
    )
