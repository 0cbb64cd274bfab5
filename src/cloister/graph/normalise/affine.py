"""Folds y = scale * x + shift, channel by channel, into the convolution or Gemm before or after it.

Affine nodes are BatchNormalization and Add, Sub, Mul, Div with a constant per channel. Into the
node before (a batch norm that stays, too): always, where nothing else reads its output. Into the
node after: only without padding, since padded zeros would be shifted too. New weights are computed
in float64 and rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from cloister.graph.normalise.rewrite import (
    add_constant,
    constant,
    only_consumer,
    static_shape,
    take_place,
)

Vector = npt.NDArray[np.float64]
# A large shift is taken from large numbers: folded, both sums would lose the digits that matter.
SHIFT_MAX = 16.0  # in units of the result, which is of order 1 after a batch norm: 4 bits of 24
LINEAR = {"Conv", "Gemm"}


class Affine(NamedTuple):
    """y = scale_C * x + shift_C along axis 1 of x."""

    x: ir.Value
    scale: Vector
    shift: Vector


def fold_affine(model: ir.Model) -> None:
    """Folds until nothing is left to fold."""
    graph = model.graph
    for node in list(graph):
        affine = _affine(node)
        if affine is not None:
            _into_producer(graph, node, affine)
    for node in reversed(list(graph)):
        affine = _affine(node)
        if affine is not None and np.abs(affine.shift).max() <= SHIFT_MAX:
            _into_consumer(graph, node, affine)


def _affine(node: ir.Node) -> Affine | None:
    read = AFFINES.get(node.op_type) if node.domain == "" and node.graph is not None else None
    if read is None or node.outputs[0].dtype != ir.DataType.FLOAT:
        return None
    return read(node)


def _batch_norm(node: ir.Node) -> Affine | None:
    if node.attributes.get_int("training_mode", 0) or any(v.uses() for v in node.outputs[1:]):
        return None
    parts = [constant(v) for v in node.inputs[1:5]]
    if node.inputs[0] is None or len(parts) != 4 or any(p is None for p in parts):
        return None
    gamma, beta, mean, variance = (np.asarray(p, np.float64) for p in parts)
    scale = gamma / np.sqrt(variance + node.attributes.get_float("epsilon", 1e-5))
    return Affine(node.inputs[0], scale, beta - mean * scale)


def _arithmetic(node: ir.Node) -> Affine | None:
    left, right = node.inputs
    if left is None or right is None:
        return None
    at = 1 if right.const_value is not None else 0
    value, x = node.inputs[at], node.inputs[1 - at]
    assert value is not None
    if x is None or x.const_value is not None or (at == 0 and node.op_type == "Div"):
        return None
    z = _per_channel(value, x, node.outputs[0])
    if z is None or (node.op_type == "Div" and not z.all()):
        return None
    one, zero = np.ones_like(z), np.zeros_like(z)
    if node.op_type == "Sub" and at == 0:
        return Affine(x, -one, z)
    return {
        "Add": Affine(x, one, z),
        "Sub": Affine(x, one, -z),
        "Mul": Affine(x, z, zero),
        "Div": Affine(x, one / z if z.all() else one, zero),
    }[node.op_type]


def _per_channel(value: ir.Value, x: ir.Value, y: ir.Value) -> Vector | None:
    """``value`` as one number per channel (axis 1) of x, where broadcasting means that and leaves
    x's shape.
    """
    shape, z = static_shape(x), constant(value)
    if shape is None or z is None or len(shape) < 2 or static_shape(y) != shape:
        return None
    if z.ndim > len(shape):
        return None
    full = z.reshape((1,) * (len(shape) - z.ndim) + z.shape)
    if any(n != 1 for axis, n in enumerate(full.shape) if axis != 1):
        return None
    return np.broadcast_to(full.reshape(-1).astype(np.float64), (shape[1],)).copy()


AFFINES: dict[str, Callable[[ir.Node], Affine | None]] = {
    "BatchNormalization": _batch_norm,
    "Add": _arithmetic,
    "Sub": _arithmetic,
    "Mul": _arithmetic,
    "Div": _arithmetic,
}


class Linear(NamedTuple):
    """Weight with its output (axis 0) and input channels (axis 1) in front, and the bias, of a
    Conv or Gemm.
    """

    weight: Vector
    bias: Vector


def _read_linear(node: ir.Node) -> Linear | None:
    weight = constant(node.inputs[1])
    has_bias = len(node.inputs) > 2 and node.inputs[2] is not None
    bias = constant(node.inputs[2]) if has_bias else np.zeros(1)
    if weight is None or bias is None or weight.dtype != np.float32:
        return None
    w = np.asarray(weight, np.float64)
    b = np.asarray(bias, np.float64)
    if node.op_type == "Gemm":
        if node.attributes.get_int("transA", 0):
            return None
        w = w * node.attributes.get_float("alpha", 1.0)
        w = w if node.attributes.get_int("transB", 0) else w.T
        b = b * node.attributes.get_float("beta", 1.0)
    if b.size not in (1, w.shape[0]) or (b.ndim == 2 and b.shape[0] != 1):
        return None
    return Linear(w, np.broadcast_to(b.reshape(-1), (w.shape[0],)))


def _write_linear(graph: ir.Graph, node: ir.Node, name: str, new: Linear) -> None:
    weight = new.weight
    if node.op_type == "Gemm":
        weight = weight if node.attributes.get_int("transB", 0) else weight.T
        node.attributes.pop("alpha", None)
        node.attributes.pop("beta", None)
    if len(node.inputs) < 3:
        node.resize_inputs(3)
    node.replace_input_with(1, add_constant(graph, f"{name}_weight", weight.astype(np.float32)))
    node.replace_input_with(2, add_constant(graph, f"{name}_bias", new.bias.astype(np.float32)))


def _is_linear(node: ir.Node | None) -> bool:
    return node is not None and node.domain == "" and node.op_type in LINEAR


def _into_producer(graph: ir.Graph, node: ir.Node, affine: Affine) -> None:
    linear = affine.x.producer()
    if linear is None or only_consumer(affine.x) is not node:
        return
    if linear.op_type == "BatchNormalization":
        _into_batch_norm(graph, node, affine, linear)
    if not _is_linear(linear):
        return
    old = _read_linear(linear)
    if old is None or old.weight.shape[0] != affine.scale.size:
        return
    weight = old.weight * affine.scale.reshape((-1,) + (1,) * (old.weight.ndim - 1))
    take_place(graph, node.outputs[0], affine.x)
    _write_linear(
        graph, linear, str(affine.x.name), Linear(weight, old.bias * affine.scale + affine.shift)
    )


def _into_batch_norm(graph: ir.Graph, node: ir.Node, affine: Affine, norm: ir.Node) -> None:
    first = _batch_norm(norm) if norm.domain == "" else None
    if first is None or first.scale.size != affine.scale.size:
        return
    take_place(graph, node.outputs[0], affine.x)
    name, size = affine.x.name, first.scale.size
    parts = {
        "scale": first.scale * affine.scale,
        "bias": first.shift * affine.scale + affine.shift,
        "mean": np.zeros(size),
        "variance": np.ones(size),
    }
    norm.attributes["epsilon"] = ir.AttrFloat32("epsilon", 0.0)
    for index, (what, array) in enumerate(parts.items(), start=1):
        norm.replace_input_with(
            index, add_constant(graph, f"{name}_{what}", array.astype(np.float32))
        )


def _into_consumer(graph: ir.Graph, node: ir.Node, affine: Affine) -> None:
    linear = only_consumer(node.outputs[0])
    if linear is None or not _is_linear(linear) or linear.inputs[0] is not node.outputs[0]:
        return
    pads = linear.attributes.get_ints("pads", [])
    padded = any(pads or []) or linear.attributes.get_string("auto_pad", "NOTSET") not in (
        "NOTSET",
        "VALID",
    )
    old = _read_linear(linear)
    if old is None or (padded and affine.shift.any()):
        return
    groups = linear.attributes.get_int("group", 1) or 1
    outs, ins = old.weight.shape[:2]
    if ins * groups != affine.scale.size:
        return
    # Row o of the weights reads the channels of its own group.
    group_of = np.repeat(np.arange(groups), outs // groups)
    scale = affine.scale.reshape(groups, ins)[group_of]
    shift = affine.shift.reshape(groups, ins)[group_of]
    taps = old.weight.reshape(outs, ins, -1)
    new = Linear(
        (taps * scale[:, :, None]).reshape(old.weight.shape),
        old.bias + (taps.sum(axis=2) * shift).sum(axis=1),
    )
    _write_linear(graph, linear, str(linear.outputs[0].name), new)
    linear.replace_input_with(0, affine.x)
    graph.remove(node, safe=True)
