"""Sum, Max, Min and Mean of any number of tensors become nodes of two, which is what the enclave
runs.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from cloister.graph.normalise.rewrite import add_constant, take_place

PAIRWISE = {"Sum": "Add", "Max": "Max", "Min": "Min", "Mean": "Add"}


def pair_variadic(model: ir.Model) -> None:
    """Writes each as a chain, in the order of the inputs; the last node keeps the name of the
    result.
    """
    for node in list(model.graph):
        if node.domain != "" or node.op_type not in PAIRWISE:
            continue
        if len(node.inputs) != 2 or node.op_type not in ("Max", "Min"):
            _chain(model.graph, node)


def _chain(graph: ir.Graph, node: ir.Node) -> None:
    result, parts = node.outputs[0], [v for v in node.inputs if v is not None]
    if not parts or result.dtype is None:
        return
    pair, made = PAIRWISE[node.op_type], []
    total = parts[0]
    for i, part in enumerate(parts[1:]):
        made.append(ir.Node("", pair, [total, part], name=f"{node.name}_{i}"))
        total = _named(made[-1], f"{result.name}_{i}", result)
    if node.op_type == "Mean" and len(parts) > 1:
        share = np.array(len(parts), result.dtype.numpy())
        made.append(ir.Node("", "Div", [total, add_constant(graph, f"{result.name}_n", share)]))
        total = _named(made[-1], f"{result.name}_mean", result)
    if not made:
        made.append(ir.Node("", "Identity", parts, name=f"{node.name}_0"))
        total = _named(made[-1], f"{result.name}_0", result)
    graph.insert_before(node, made)
    take_place(graph, result, total)


def _named(node: ir.Node, name: str, like: ir.Value) -> ir.Value:
    value = node.outputs[0]
    value.name, value.type = name, like.type
    return value
