"""QuantizeLinear and what undoes it: between the two stands the number that the code means, in
float32, so the first is one element-wise operator and the second nothing; or the codes themselves,
where products on integers read them (codes.py).
"""

from __future__ import annotations

import onnx_ir as ir

from cloister.graph.graph import value_name
from cloister.graph.int8 import lowest_code, pair_problem
from cloister.lower.builder import Builder, Numbers, need
from cloister.lower.codes import coding_of
from cloister.lower.elementwise import emit_unary, operand
from cloister.lower.program import Kind, Unary, UnaryParams


def quantise(b: Builder, node: ir.Node) -> None:
    """QuantizeLinear to 8 bits: step * clip(round(x / step), lowest, lowest + 255)."""
    why = pair_problem(node)
    if why is not None:
        raise b.unsupported(node, why)
    if node in b.in_codes:
        _codes(b, node)
        return
    step = b.constant(node.inputs[1])
    assert step is not None
    x = operand(b, need(node))
    emit_unary(b, Unary.QUANTISE, x, node.outputs[0], float(step.reshape(-1)[0]), lowest_code(node))


def dequantise(b: Builder, node: ir.Node) -> None:
    """DequantizeLinear of what QuantizeLinear gave."""
    why = pair_problem(node)
    if why is not None:
        raise b.unsupported(node, why)
    writer = need(node).producer()
    if writer in b.codes and writer is not None:
        b.lazy[value_name(node.outputs[0])] = Numbers(b.codes[writer])
    else:
        b.reshape(node.outputs[0], need(node))


def _codes(b: Builder, node: ir.Node) -> None:
    x, coding = b.map(need(node)), coding_of(node)
    y = b.codes_out(node)
    for item in range(x.items):
        params = UnaryParams(x.h * x.w, x.c, x.ld, y.ld, coding.step, coding.low)
        b.emit(Kind.UNARY, params, x=x.span(item), y=y.span(item), fn=Unary.CODES)
