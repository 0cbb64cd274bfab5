"""Multiply-accumulates of single nodes, from their static shapes.

Counted: the products of convolutions, matrix products and recurrent layers. Not counted, as usual:
activations, pooling, norms, element-wise arithmetic, data movement.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import onnx_ir as ir


def _dims(value: ir.Value | None) -> tuple[int, ...]:
    if value is None or value.shape is None or not value.shape.is_static():
        return ()
    return tuple(int(d) for d in value.shape.numpy())


def _conv(node: ir.Node) -> int:
    weight = _dims(node.inputs[1])  # M, C / group, k...
    return math.prod(_dims(node.outputs[0])) * math.prod(weight[1:])


def _conv_transpose(node: ir.Node) -> int:
    weight = _dims(node.inputs[1])  # C, M / group, k...
    return math.prod(_dims(node.inputs[0])) * math.prod(weight[1:])


def _gemm(node: ir.Node) -> int:
    a = _dims(node.inputs[0])
    depth = a[0 if node.attributes.get_int("transA", 0) else 1] if len(a) == 2 else 0
    return math.prod(_dims(node.outputs[0])) * depth


def _matmul(node: ir.Node) -> int:
    a = _dims(node.inputs[0])
    return math.prod(_dims(node.outputs[0])) * (a[-1] if a else 0)


def _recurrent(node: ir.Node) -> int:
    """X and the state before, each times its matrix, at each step and in each direction."""
    steps, batch, _ = _dims(node.inputs[0]) or (0, 0, 0)
    if node.attributes.get_int("layout", 0):
        steps, batch = batch, steps
    return steps * batch * sum(math.prod(_dims(weight)) for weight in node.inputs[1:3])


MACS: dict[str, Callable[[ir.Node], int]] = {
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "Gemm": _gemm,
    "MatMul": _matmul,
    **dict.fromkeys(("LSTM", "GRU", "RNN"), _recurrent),
}


def node_macs(node: ir.Node) -> int:
    """Multiply-accumulates of one run of ``node``; 0 for operators that have none."""
    count = MACS.get(node.op_type)
    return count(node) if count is not None and node.domain == "" else 0
