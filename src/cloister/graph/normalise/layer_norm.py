"""Recognises LayerNormalization written as means, a square root and a division.

onnxscript's rule asks for the axis -1 by that name and for a scale; this one takes any way to name
the last axes.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from cloister.graph.normalise.rewrite import add_constant, constant, only_consumer, static_shape


def fuse_layer_norm(model: ir.Model) -> None:
    """Writes LayerNormalization for its decomposition: (x - mean) / sqrt(variance + eps) * scale +
    bias.
    """
    graph = model.graph
    for node in list(graph):
        if node.graph is not None and node.op_type == "Div" and node.domain == "":
            _fuse_from_division(graph, node)


def _fuse_from_division(graph: ir.Graph, division: ir.Node) -> None:
    found = _match(division)
    if found is None:
        return
    x, shape, epsilon = found
    scale, last = _trailing(division, "Mul", shape)
    bias, last = _trailing(last, "Add", shape)
    old = last.outputs[0]
    if scale is None:
        scale = add_constant(graph, f"{old.name}_scale", np.ones(shape, np.float32))
    norm = ir.Node(
        "",
        "LayerNormalization",
        [x, scale] if bias is None else [x, scale, bias],
        [ir.AttrInt64("axis", -len(shape)), ir.AttrFloat32("epsilon", epsilon)],
        name=last.name,
    )
    ir.convenience.replace_nodes_and_values(graph, last, [], [norm], [old], list(norm.outputs))
    for node in (last, division):  # what feeds them goes with the unused nodes
        if node.graph is not None and not any(v.uses() for v in node.outputs):
            graph.remove(node, safe=True)


def _match(division: ir.Node) -> tuple[ir.Value, tuple[int, ...], float] | None:
    """x, the shape of its normalised axes, and epsilon, where ``division`` ends a normalisation."""
    centred, root = (_producer(v) for v in division.inputs)
    if centred is None or root is None or centred.op_type != "Sub" or root.op_type != "Sqrt":
        return None
    x, mean = centred.inputs[0], _producer(centred.inputs[1])
    added = _producer(root.inputs[0])
    if x is None or mean is None or added is None or added.op_type != "Add":
        return None
    variance, epsilon = _producer(added.inputs[0]), constant(added.inputs[1])
    if variance is None:
        variance, epsilon = _producer(added.inputs[1]), constant(added.inputs[0])
    if variance is None or epsilon is None or epsilon.size != 1:
        return None
    square = _producer(variance.inputs[0])
    if mean.inputs[0] is not x or not _is_square(square, division.inputs[0]):
        return None
    shape, first = static_shape(x), _first_axis(mean)
    if shape is None or first is None or _first_axis(variance) != first:
        return None
    return x, shape[first:], float(epsilon.reshape(-1)[0])


def _producer(value: ir.Value | None) -> ir.Node | None:
    node = value.producer() if value is not None else None
    return node if node is not None and node.domain == "" else None


def _is_square(node: ir.Node | None, of: ir.Value | None) -> bool:
    if node is None or node.inputs[0] is not of:
        return False
    if node.op_type == "Mul":
        return node.inputs[1] is of
    exponent = constant(node.inputs[1]) if node.op_type == "Pow" else None
    return exponent is not None and bool(np.all(exponent == 2))


def _first_axis(mean: ir.Node) -> int | None:
    """The first of the axes of a ReduceMean, where they are the last ones and stay as 1."""
    shape = static_shape(mean.inputs[0])
    axes = constant(mean.inputs[1]) if len(mean.inputs) > 1 else None
    if mean.op_type != "ReduceMean" or shape is None or axes is None:
        return None
    if not mean.attributes.get_int("keepdims", 1):
        return None
    rank = len(shape)
    sorted_axes = sorted(int(a) % rank for a in axes)
    first = rank - len(sorted_axes)
    return first if sorted_axes == list(range(first, rank)) else None


def _trailing(
    node: ir.Node, op_type: str, shape: tuple[int, ...]
) -> tuple[ir.Value | None, ir.Node]:
    """The constant of ``shape`` that the only reader of ``node`` multiplies or adds, and that
    reader.
    """
    reader = only_consumer(node.outputs[0])
    if reader is None or reader.op_type != op_type or reader.domain != "":
        return None, node
    for value in reader.inputs:
        if value is not None and value.const_value is not None and static_shape(value) == shape:
            return value, reader
    return None, node
