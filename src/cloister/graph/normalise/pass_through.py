"""Drops nodes that hand their input on: Identity, Dropout at inference, and shape operators that
change nothing.
"""

from __future__ import annotations

import onnx_ir as ir

from cloister.graph.normalise.rewrite import take_place

# Operators that copy the order of elements: nothing happens where input and output have one shape.
RESHAPING = {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Expand"}


def drop_pass_through(model: ir.Model) -> None:
    """Removes them from the way; one that joins a graph input or constant to a graph output stays,
    as Identity.
    """
    graph = model.graph
    for node in list(graph):
        if not _passes_through(node):
            continue
        source, result = node.inputs[0], node.outputs[0]
        assert source is not None
        if result.is_graph_output():
            producer = source.producer()
            if producer is None or source.is_graph_output():
                node.op_type = "Identity"
                node.attributes.clear()
                node.resize_inputs(1)
                continue
            take_place(graph, result, source)
        else:
            ir.convenience.replace_all_uses_with(result, source)
            graph.remove(node, safe=True)


def _passes_through(node: ir.Node) -> bool:
    if node.domain != "" or not node.inputs or node.inputs[0] is None:
        return False
    if any(v.uses() or v.is_graph_output() for v in node.outputs[1:]):
        return False  # Dropout's mask is wanted
    if node.op_type == "Dropout":
        return not _trains(node)
    if node.op_type in RESHAPING:
        old, new = node.inputs[0].shape, node.outputs[0].shape
        return old is not None and new is not None and old.is_static() and old == new
    return node.op_type == "Identity"


def _trains(dropout: ir.Node) -> bool:
    mode = dropout.inputs[2] if len(dropout.inputs) > 2 else None
    return mode is not None and (mode.const_value is None or bool(mode.const_value.numpy().any()))
