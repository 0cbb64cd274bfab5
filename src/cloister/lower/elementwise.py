"""Element by element: unary functions, arithmetic with broadcasting, and what is made of them.

Results lie in the order of the operand they come from, so a map stays a map. Arithmetic with one
number is an affine function; with one number per channel it is a depthwise convolution of 1 x 1,
whose weights need no arena.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import onnx_ir as ir

from cloister.graph.graph import value_name
from cloister.lower.builder import (
    BINARY_DIMS,
    Builder,
    five,
    need,
    padded,
)
from cloister.lower.conv import emit_depthwise
from cloister.lower.fuse import clip_bounds
from cloister.lower.program import (
    INF,
    NO_CLIP,
    Binary,
    BinaryParams,
    Clip,
    FloatArray,
    Kind,
    Unary,
    Weights,
)
from cloister.lower.views import Map, View, coalesce
from cloister.lower.window import Window

POINT = Window((1, 1), (1, 1), (1, 1), (0, 0), (0, 0))
Lower = Callable[[Builder, ir.Node], None]


def _plain(view: View) -> bool:
    """True where every element is there once, at ascending addresses along every axis."""
    dims = sorted((s, d) for d, s in zip(view.shape, view.strides, strict=True) if d > 1)
    reach = 0
    for s, d in dims:
        if s <= reach:
            return False
        reach += s * (d - 1)
    return True


def _similar(x: View, y: View) -> bool:
    """True where one UNARY takes x to y."""
    axes = sorted(range(len(y.shape)), key=lambda a: -y.strides[a])
    dims = coalesce([y.shape[a] for a in axes], [[v.strides[a] for a in axes] for v in (x, y)])
    return len(dims) <= 2 and (not dims or dims[-1][1] == (1, 1))


def operand(b: Builder, value: ir.Value) -> View:
    """A view of ``value`` that element-wise kernels can walk; a copy of it where it is a
    broadcast or a reversal.
    """
    return b.acceptable(value, lambda v: _plain(v) and _similar(v, v), range(len(b.shape(value))))


def emit_unary(b: Builder, fn: Unary, x: View, out: ir.Value, *p: float) -> None:
    """Emits out = f(x), with the function's parameters."""
    y = b.out(out, x.order, lambda v: _similar(x, v))
    b.unary(fn, x, y, *p)


def _like(b: Builder, x: View, name: str) -> View:
    return b.fresh(name, x.shape, x.order)


def unary(fn: Unary, *params: tuple[str, float]) -> Lower:
    """Lowering of an operator that is one unary function with float attributes."""

    def lower(b: Builder, node: ir.Node) -> None:
        values = [node.attributes.get_float(name, default) for name, default in params]
        p = [0.0 if v is None else float(v) for v in values]
        emit_unary(b, fn, operand(b, need(node)), node.outputs[0], *p)

    return lower


def sigmoid(b: Builder, node: ir.Node) -> None:
    """Sigmoid; with the product by its input, SiLU."""
    fusion = b.fused(node)
    fn = Unary.SILU if fusion.silu else Unary.SIGMOID
    emit_unary(b, fn, operand(b, need(node)), fusion.out)


def gelu(b: Builder, node: ir.Node) -> None:
    """Gelu, exact or by tanh."""
    tanh = node.attributes.get_string("approximate", "none") == "tanh"
    fn = Unary.GELU_TANH if tanh else Unary.GELU
    emit_unary(b, fn, operand(b, need(node)), node.outputs[0])


def clip(b: Builder, node: ir.Node) -> None:
    """Clip with constant bounds."""
    bounds = clip_bounds(b.graph, node)
    if bounds is None:
        raise b.unsupported(node, "its bounds are computed at run time")
    lo, hi = bounds
    x, out = operand(b, need(node)), node.outputs[0]
    if lo > hi:  # ONNX: min(max(x, lo), hi) = hi
        emit_unary(b, Unary.CLIP, x, out, hi, hi)
    else:
        emit_unary(b, Unary.CLIP, x, out, lo, hi)


def selu(b: Builder, node: ir.Node) -> None:
    """Selu: gamma * elu(x, alpha)."""
    alpha = node.attributes.get_float("alpha", 1.67326319217681884765625)
    gamma = node.attributes.get_float("gamma", 1.05070102214813232421875)
    x = operand(b, need(node))
    y = b.out(node.outputs[0], x.order, lambda v: _similar(x, v))
    b.unary(Unary.ELU, x, y, float(alpha or 0.0))
    b.unary(Unary.AFFINE, y, y, float(gamma or 0.0))


def celu(b: Builder, node: ir.Node) -> None:
    """Celu: alpha * elu(x / alpha, 1)."""
    alpha = float(node.attributes.get_float("alpha", 1.0) or 1.0)
    x = operand(b, need(node))
    y = b.out(node.outputs[0], x.order, lambda v: _similar(x, v))
    b.unary(Unary.AFFINE, x, y, 1.0 / alpha)
    b.unary(Unary.ELU, y, y, 1.0)
    b.unary(Unary.AFFINE, y, y, alpha)


def softsign(b: Builder, node: ir.Node) -> None:
    """Softsign: x / (1 + |x|)."""
    x = operand(b, need(node))
    t = _like(b, x, f"{node.outputs[0].name}_below")
    b.unary(Unary.ABS, x, t)
    b.unary(Unary.AFFINE, t, t, 1.0, 1.0)
    emit_binary(b, Binary.DIV, x, t, node.outputs[0])


def mish(b: Builder, node: ir.Node) -> None:
    """Mish: x * tanh(softplus(x))."""
    x = operand(b, need(node))
    t = _like(b, x, f"{node.outputs[0].name}_gate")
    b.unary(Unary.SOFTPLUS, x, t)
    b.unary(Unary.TANH, t, t)
    emit_binary(b, Binary.MUL, x, t, node.outputs[0])


def swish(b: Builder, node: ir.Node) -> None:
    """Swish (opset 24): x * sigmoid(alpha * x)."""
    alpha = float(node.attributes.get_float("alpha", 1.0) or 0.0)
    x = operand(b, need(node))
    if alpha == 1.0:
        emit_unary(b, Unary.SILU, x, node.outputs[0])
        return
    t = _like(b, x, f"{node.outputs[0].name}_gate")
    b.unary(Unary.AFFINE, x, t, alpha)
    b.unary(Unary.SIGMOID, t, t)
    emit_binary(b, Binary.MUL, x, t, node.outputs[0])


def pow_(b: Builder, node: ir.Node) -> None:
    """Pow with a constant exponent that is a small whole number, a half, or the negative of
    one.
    """
    exponent = b.constant(need(node, 1))
    if exponent is None or exponent.size != 1 or len(exponent.shape) > len(b.shape(need(node))):
        raise b.unsupported(node, "the exponent is not one constant number")
    e = float(np.asarray(exponent).reshape(-1)[0])
    x, out = operand(b, need(node)), node.outputs[0]
    if e == 0.5:
        emit_unary(b, Unary.SQRT, x, out)
    elif e == 1.0:
        emit_unary(b, Unary.AFFINE, x, out, 1.0, 0.0)
    elif e == -1.0:
        emit_unary(b, Unary.RECIPROCAL, x, out)
    elif e == 2.0:
        emit_binary(b, Binary.MUL, x, x, out)
    elif e in (-2.0, -0.5, 3.0, 4.0):
        t = _like(b, x, f"{out.name}_part")
        if e == -0.5:
            b.unary(Unary.SQRT, x, t)
        else:
            binary_into(b, Binary.MUL, x, x, t)
        if e < 0:
            emit_unary(b, Unary.RECIPROCAL, t, out)
        else:
            emit_binary(b, Binary.MUL, t, x if e == 3.0 else t, out)
    else:
        raise b.unsupported(
            node, f"the exponent {e:g}; -2, -1, -0.5, 0.5, 1, 2, 3, 4 are supported"
        )


# ---------------------------------------------------------------------- two operands


def binary_into(b: Builder, fn: Binary, x: View, z: View, y: View, *, clip: Clip = NO_CLIP) -> None:
    """Emits y = clip(f(x, z)) with ONNX broadcasting of views to y's shape."""
    axes = sorted(range(len(y.shape)), key=lambda a: (y.shape[a] > 1, -y.strides[a]))
    x, z = (_walkable(b, v, y, axes) for v in (x, z))
    views = [x.broadcast(y.shape), z.broadcast(y.shape), y]
    dims = coalesce([y.shape[a] for a in axes], [[v.strides[a] for a in axes] for v in views])
    if len(dims) > BINARY_DIMS:
        longest = max(axes, key=lambda a: (y.shape[a] > 1, y.strides[a]))
        for i in range(y.shape[longest]):
            parts = [v.slice(longest, i, 1) for v in views]
            binary_into(b, fn, parts[0], parts[1], parts[2], clip=clip)
        return
    d, xs, zs, ys = padded(dims, 3, BINARY_DIMS)
    params = BinaryParams(five(d), five(xs), five(zs), five(ys))
    b.emit(Kind.BINARY, params, x=views[0].span, z=views[1].span, y=y.span, fn=fn, clip=clip)


def _walkable(b: Builder, v: View, y: View, axes: Sequence[int]) -> View:
    """v, or a copy, whose stride along y's innermost axis is 0 or 1 and nowhere negative."""
    full = v.broadcast(y.shape)
    inner = next((a for a in reversed(axes) if y.shape[a] > 1), None)
    if all(s >= 0 for s in full.strides) and (inner is None or full.strides[inner] in (0, 1)):
        return v
    missing = len(y.shape) - len(v.shape)
    order = [a - missing for a in axes if a >= missing]
    return b.dense(v, order, v.buffer.name)


def emit_binary(
    b: Builder,
    fn: Binary,
    x: View,
    z: View,
    out: ir.Value,
    *,
    clip: Clip = NO_CLIP,
) -> None:
    """Emits out = clip(f(x, z)), in the order of the operand that is not broadcast."""
    shape = b.shape(out)
    leading = next((v for v in (x, z) if v.shape == shape and _plain(v)), None)
    order = leading.order if leading is not None else range(len(shape))
    y = b.out(out, order, _inner_contiguous)
    binary_into(b, fn, x, z, y, clip=clip)


def _inner_contiguous(view: View) -> bool:
    strides = [s for d, s in zip(view.shape, view.strides, strict=True) if d > 1]
    return not strides or min(strides) == 1


def binary(fn: Binary) -> Lower:
    """Lowering of an arithmetic operator of two or (Sum, Min, Max) more operands."""

    def lower(b: Builder, node: ir.Node) -> None:
        values = [v for v in node.inputs if v is not None]
        fusion = b.fused(node)
        if len(values) == 1:
            emit_unary(b, Unary.AFFINE, operand(b, values[0]), node.outputs[0], 1.0, 0.0)
            return
        if len(values) == 2:
            left, right = (b.constant(v) for v in values)
            if left is not None and _with_constant(b, node, fn, left, first=True):
                return
            if right is not None and _with_constant(b, node, fn, right, first=False):
                return
        x = _read(b, values[0], values)
        for i, value in enumerate(values[1:-1]):
            z = _read(b, value, values)
            shape = np.broadcast_shapes(x.shape, z.shape)
            order = x.order if x.shape == shape and _plain(x) else None
            part = b.fresh(f"{node.outputs[0].name}_part{i}", shape, order)
            binary_into(b, fn, x, z, part)
            x = part
        emit_binary(b, fn, x, _read(b, values[-1], values), fusion.out, clip=fusion.clip)

    return lower


def _read(b: Builder, value: ir.Value, values: list[ir.Value]) -> View:
    """A view of an operand, laid out like another operand where one of its layouts is."""
    array = b.constant(value)
    if array is None:
        others = [v for v in values if v is not value and b.constant(v) is None]
        return _matching(b, value, others[0]) if others else b.view(value)
    for other in values:
        shape = b.shape(other)
        if b.constant(other) is None and len(shape) == array.ndim:
            order = b.view(other).order
            return b.constant_view(value_name(value), np.asarray(array, np.float32), order)
    return b.view(value)


def _matching(b: Builder, value: ir.Value, other: ir.Value) -> View:
    first = b.view(value)
    if b.shape(value) != b.shape(other):
        return first
    theirs = b.view(other).strides
    return next((v for v in b.views[value_name(value)] if v.strides == theirs), first)


def _with_constant(
    b: Builder, node: ir.Node, fn: Binary, array: np.ndarray, *, first: bool
) -> bool:
    """f(x, constant), or f(constant, x) where ``first``, without putting the constant into the
    arena.
    """
    value, out = need(node, 1 if first else 0), node.outputs[0]
    shape = b.shape(value)
    if b.shape(out) != shape or not np.isfinite(array).all():
        return False
    c = np.asarray(array, np.float64)
    if c.size == 1:
        return _with_number(b, fn, value, out, float(c.reshape(-1)[0]), first=first)
    affine = _affine(fn, c, first=first)
    if affine is None or c.ndim > len(shape):
        return False
    full = (1,) * (len(shape) - c.ndim) + c.shape
    axes = [a for a, d in enumerate(full) if d > 1]
    if len(axes) != 1:
        return False
    scale, shift = (np.asarray(v.reshape(-1), np.float32) for v in affine)
    if not np.isfinite(scale).all():
        return False
    return per_channel(b, value, axes[0], (scale, shift), out)


def _affine(fn: Binary, c: np.ndarray, *, first: bool) -> tuple[np.ndarray, np.ndarray] | None:
    one, zero = np.ones_like(c), np.zeros_like(c)
    if fn == Binary.ADD:
        return one, c
    if fn == Binary.SUB:
        return (-one, c) if first else (one, -c)
    if fn == Binary.MUL:
        return c, zero
    if fn == Binary.DIV and not first and c.all():
        return 1.0 / c, zero
    return None


def _with_number(
    b: Builder, fn: Binary, value: ir.Value, out: ir.Value, c: float, *, first: bool
) -> bool:
    affine = _affine(fn, np.array(c), first=first)
    if affine is not None:
        scale, shift = (float(np.float32(v)) for v in affine)
        if not math.isfinite(scale):
            return False
        emit_unary(b, Unary.AFFINE, operand(b, value), out, scale, shift)
        return True
    if fn == Binary.DIV and first:
        x = operand(b, value)
        y = b.out(out, x.order, lambda v: _similar(x, v))
        b.unary(Unary.RECIPROCAL, x, y)
        if c != 1.0:
            b.unary(Unary.AFFINE, y, y, c, 0.0)
        return True
    if fn in (Binary.MIN, Binary.MAX):
        bounds = (-INF, c) if fn == Binary.MIN else (c, INF)
        emit_unary(b, Unary.CLIP, operand(b, value), out, *bounds)
        return True
    return False


def per_channel(
    b: Builder,
    value: ir.Value,
    axis: int,
    affine: tuple[FloatArray, FloatArray],
    out: ir.Value,
    *,
    clip: Clip = NO_CLIP,
) -> bool:
    """Emits out = clip(scale * x + shift), with a scale and a shift for each index of ``axis``.

    Returns:
        False, and nothing emitted, where a broadcast is better.
    """
    scale, shift = affine
    rank = len(b.shape(value))
    order = (*(a for a in range(rank) if a != axis), axis)
    view = b.view(value)
    if view.permute(order).rows() is None and rank > 4:
        return False
    x = b.acceptable(value, lambda v: v.permute(order).rows() is not None, order)
    y = b.out(out, order, lambda v: v.permute(order).rows() is not None)
    x_rows, y_rows = (v.permute(order).rows() for v in (x, y))
    assert x_rows is not None and y_rows is not None
    weights = Weights(Kind.DWCONV, scale.reshape(-1, 1), shift)
    x_map = Map(x, 1, x_rows.cols, x_rows.rows, 1, x_rows.ld, 0)
    y_map = Map(y, 1, y_rows.cols, y_rows.rows, 1, y_rows.ld, 0)
    emit_depthwise(b, (x_map, y_map), 0, POINT, weights, clip=clip)
    return True


def batch_norm(b: Builder, node: ir.Node) -> None:
    """BatchNormalization that could not be folded into a convolution."""
    if node.attributes.get_int("training_mode", 0) or any(
        v.uses() or v.is_graph_output() for v in node.outputs[1:]
    ):
        raise b.unsupported(node, "training mode")
    parts = [b.constant(need(node, i)) for i in range(1, 5)]
    if any(p is None for p in parts):
        raise b.unsupported(node, "its statistics are computed at run time")
    gamma, beta, mean, variance = (np.asarray(p, np.float64) for p in parts)
    epsilon = node.attributes.get_float("epsilon", 1e-5)
    scale = gamma / np.sqrt(variance + (epsilon or 0.0))
    shift = beta - mean * scale
    scale32, shift32 = np.asarray(scale, np.float32), np.asarray(shift, np.float32)
    fusion = b.fused(node)
    if not per_channel(b, need(node), 1, (scale32, shift32), fusion.out, clip=fusion.clip):
        raise b.unsupported(node, f"{len(b.shape(need(node)))} axes")


def prelu(b: Builder, node: ir.Node) -> None:
    """PRelu with any slope that broadcasts to x."""
    values = [need(node), need(node, 1)]
    slope = b.constant(values[1])
    if slope is not None and slope.size == 1:
        x = operand(b, values[0])
        number = float(np.asarray(slope).reshape(-1)[0])
        emit_unary(b, Unary.LEAKY_RELU, x, node.outputs[0], number)
        return
    x, z = (_read(b, v, values) for v in values)
    emit_binary(b, Binary.PRELU, x, z, node.outputs[0])


def mean(b: Builder, node: ir.Node) -> None:
    """Mean of several tensors, element by element."""
    values = [v for v in node.inputs if v is not None]
    views = [_read(b, v, values) for v in values]
    out = node.outputs[0]
    shape = b.shape(out)
    leading = next((v for v in views if v.shape == shape and _plain(v)), None)
    order = leading.order if leading is not None else None
    total = views[0]
    for i, view in enumerate(views[1:]):
        part = b.fresh(f"{out.name}_part{i}", np.broadcast_shapes(total.shape, view.shape), order)
        binary_into(b, Binary.ADD, total, view, part)
        total = part
    emit_unary(b, Unary.AFFINE, total, out, 1.0 / len(views), 0.0)
