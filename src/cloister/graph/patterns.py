"""Patterns of several nodes that the enclave runs as one, but that stay apart in the graph (see
normalise/).
"""

from __future__ import annotations

import onnx_ir as ir


def silu_input(node: ir.Node) -> ir.Value | None:
    """x where ``node`` is the Mul of x * Sigmoid(x); None elsewhere."""
    if node.op_type != "Mul" or node.domain != "":
        return None
    for x, gate in (tuple(node.inputs), tuple(reversed(node.inputs))):
        maker = gate.producer() if gate is not None else None
        if maker is None or maker.op_type != "Sigmoid" or maker.domain != "":
            continue
        if x is not None and maker.inputs[0] is x:
            return x
    return None
