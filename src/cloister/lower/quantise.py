"""QuantizeLinear and what undoes it: between the two stands the number that the code means, in
float32, so the first is one element-wise operator and the second nothing.
"""

from __future__ import annotations

import onnx_ir as ir

from cloister.graph.int8 import lowest_code, pair_problem
from cloister.lower.builder import Builder, need
from cloister.lower.elementwise import emit_unary, operand
from cloister.lower.program import Unary


def quantise(b: Builder, node: ir.Node) -> None:
    """QuantizeLinear to 8 bits: step * clip(round(x / step), lowest, lowest + 255)."""
    why = pair_problem(node)
    if why is not None:
        raise b.unsupported(node, why)
    step = b.constant(node.inputs[1])
    assert step is not None
    x = operand(b, need(node))
    emit_unary(b, Unary.QUANTISE, x, node.outputs[0], float(step.reshape(-1)[0]), lowest_code(node))


def dequantise(b: Builder, node: ir.Node) -> None:
    """DequantizeLinear of what QuantizeLinear gave."""
    why = pair_problem(node)
    if why is not None:
        raise b.unsupported(node, why)
    b.reshape(node.outputs[0], need(node))
