"""Softmax and layer normalisation."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import onnx_ir as ir

from cloister.lower.builder import Builder, input_of, need
from cloister.lower.elementwise import binary_into
from cloister.lower.program import Binary, Kind, NormParams, Softmax, SoftmaxParams
from cloister.lower.views import View

SOFTMAX_BY_AXIS = 13  # from this opset on the axis alone; before it, all axes from it on


def softmax(fn: Softmax) -> Callable[[Builder, ir.Node], None]:
    """Lowering of Softmax and LogSoftmax."""

    def lower(b: Builder, node: ir.Node) -> None:
        value, out = need(node), node.outputs[0]
        rank = len(b.shape(value))
        opset = b.graph.model.graph.opset_imports.get("", SOFTMAX_BY_AXIS)
        old = opset < SOFTMAX_BY_AXIS
        axis = (node.attributes.get_int("axis", 1 if old else -1) or 0) % max(rank, 1)
        if old:
            x = b.contiguous(value)
            y = b.out(out, None, lambda v: v.contiguous)
            outer = math.prod(x.shape[:axis])
            params = SoftmaxParams(outer, math.prod(x.shape[axis:]), 1)
        else:
            x = b.acceptable(value, lambda v: v.dense, range(rank))
            y = b.out(out, x.order, lambda v: v.dense and v.strides_like(x))
            params = _around(x, axis)
        b.emit(Kind.SOFTMAX, params, x=x.span, y=y.span, fn=fn)

    return lower


def _around(x: View, axis: int) -> SoftmaxParams:
    if not x.shape:
        return SoftmaxParams(1, 1, 1)
    order = x.order
    at = order.index(axis)
    outer = math.prod(x.shape[a] for a in order[:at])
    inner = math.prod(x.shape[a] for a in order[at + 1 :])
    return SoftmaxParams(outer, x.shape[axis], inner)


def layer_norm(b: Builder, node: ir.Node) -> None:
    """LayerNormalization over the last axes."""
    if any(v.uses() or v.is_graph_output() for v in node.outputs[1:]):
        raise b.unsupported(node, "its outputs mean and inverse deviation")
    value, out = need(node), node.outputs[0]
    shape = b.shape(value)
    axis = (node.attributes.get_int("axis", -1) or 0) % len(shape)
    last = len(shape) - axis
    cols = math.prod(shape[axis:])
    gamma, beta = b.constant(need(node, 1)), b.constant(input_of(node, 2))
    if gamma is None or (beta is None and input_of(node, 2) is not None):
        raise b.unsupported(node, "scale or bias is computed at run time")
    inside = gamma.ndim <= last and (beta is None or beta.ndim <= last)
    if inside:
        scale = np.broadcast_to(gamma, shape[axis:]).reshape(-1)
        shift = np.zeros(cols) if beta is None else np.broadcast_to(beta, shape[axis:]).reshape(-1)
    else:
        scale, shift = np.ones(cols), np.zeros(cols)
    epsilon = node.attributes.get_float("epsilon", 1e-5)
    rank = len(shape)
    x = b.acceptable(value, lambda v: v.rows(last) is not None, range(rank))
    x_rows = x.rows(last)
    z = b.constant_view(
        f"{node.name}.scale_bias", np.concatenate([scale, shift]).astype(np.float32)
    )
    if inside:
        y, y_rows = b.rows_out(out, last)
    else:
        y = b.fresh(f"{out.name}_normal", shape)
        found = y.rows(last)
        assert found is not None
        y_rows = found
    assert x_rows is not None
    params = NormParams(x_rows.rows, cols, x_rows.ld, y_rows.ld, float(epsilon or 0.0))
    b.emit(Kind.NORM, params, x=x.span, y=y.span, z=z.span)
    if not inside:
        _scale_and_shift(b, node, y, np.asarray(gamma), beta)


def _scale_and_shift(
    b: Builder, node: ir.Node, y: View, gamma: np.ndarray, beta: np.ndarray | None
) -> None:
    """Scale and bias that also vary along the outer axes."""
    out = node.outputs[0]
    scaled = b.out(out) if beta is None else b.fresh(f"{out.name}_scaled", y.shape)
    binary_into(b, Binary.MUL, y, b.constant_view(f"{node.name}.scale", gamma), scaled)
    if beta is not None:
        shift = b.constant_view(f"{node.name}.bias", np.asarray(beta))
        binary_into(b, Binary.ADD, scaled, shift, b.out(out))
