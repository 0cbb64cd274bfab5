"""Weights that a model stores as bytes stay so: DequantizeLinear of constants becomes one constant,
an `Int8Tensor`.

What does not fit (blocks, 16 bits, codes that a zero point takes out of 8 bits) is left to constant
folding, which makes floats of it.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from cloister.graph.int8 import Int8Tensor
from cloister.graph.normalise.rewrite import constant

BYTES = (ir.DataType.INT8, ir.DataType.UINT8)


def keep_stored_bytes(model: ir.Model) -> None:
    """Replaces each DequantizeLinear of constant bytes by a constant."""
    for node in list(model.graph):
        tensor = _stored(node) if (node.domain, node.op_type) == ("", "DequantizeLinear") else None
        if tensor is None:
            continue
        old = node.outputs[0]
        new = ir.Value(name=old.name, const_value=tensor)
        new.shape, new.dtype = tensor.shape, ir.DataType.FLOAT
        ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
        model.graph.remove(node, safe=True)
        old.name = None
        model.graph.register_initializer(new)


def _stored(node: ir.Node) -> Int8Tensor | None:
    """What the node gives, where 8 bits hold its codes."""
    value, scale = node.inputs[0], constant(node.inputs[1])
    codes = constant(value)
    zero = constant(node.inputs[2]) if len(node.inputs) > 2 else None
    if value is None or codes is None or scale is None or node.outputs[0].is_graph_output():
        return None
    axis = node.attributes.get_int("axis", 1) % max(1, codes.ndim)
    per_channel = scale.ndim == 1 and scale.size == codes.shape[axis]
    if value.dtype not in BYTES or scale.dtype != np.float32:
        return None
    if scale.size != 1 and (not per_channel or node.attributes.get_int("block_size")):
        return None
    shift = np.zeros(1, np.int16) if zero is None else zero.astype(np.int16).reshape(-1)
    if shift.size != 1:
        shift = shift.reshape([-1 if a == axis else 1 for a in range(codes.ndim)])
    centred = codes.astype(np.int16) - shift
    if centred.size == 0 or centred.min() < -128 or centred.max() > 127:
        return None
    steps = np.asarray(scale, np.float32).reshape(-1)
    name = node.outputs[0].name or ""
    return Int8Tensor(centred.astype(np.int8), steps, None if scale.size == 1 else axis, name)
