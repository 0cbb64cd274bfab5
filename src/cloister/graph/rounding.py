"""Networks with more, or less, rounded to 8 bits: weights of the head, activations."""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

from cloister.graph.cuts import Cut, find_cut
from cloister.graph.graph import Graph, value_name
from cloister.graph.int8 import Int8Tensor, channel_axis, pair_problem, rounded
from cloister.graph.normalise.unused import remove_unused


def with_int8_weights(graph: Graph, cut: Cut | None) -> tuple[Graph, Cut | None]:
    """The network with the weights of its head rounded to 8 bits; the tail keeps what is its own.

    Args:
        graph: The network; it stays as it is.
        cut: Where the head ends; None: all of the network.

    Returns:
        The network that the enclave will run, as a graph of its own, and the cut in it.
    """
    heads = {n.name for n in (graph.nodes if cut is None else cut.head_nodes)}
    model = graph.model.clone()
    for node in model.graph:
        axis = channel_axis(node) if node.name in heads else None
        value = None if axis is None else node.inputs[1]
        tensor = None if value is None else value.const_value
        if tensor is None or isinstance(tensor, Int8Tensor):
            continue
        array = tensor.numpy()
        if array.size and np.isfinite(array).all():
            assert value is not None and axis is not None
            value.const_value = rounded(array, axis, value_name(value))
    new = Graph(model, name=graph.name, sha256=graph.sha256)
    return new, None if cut is None else find_cut(new, cut.id)


def rounds(graph: Graph) -> bool:
    """True where activations are rounded to 8 bits."""
    return any(node.op_type == "QuantizeLinear" and node.domain == "" for node in graph.nodes)


def without_rounding(graph: Graph) -> Graph:
    """The network with its activations as they are: what a pair gave is what it was given, under
    the same name.
    """
    model = graph.model.clone()
    for node in list(model.graph):
        if node.op_type != "DequantizeLinear" or node.domain or pair_problem(node) is not None:
            continue
        codes, old = node.inputs[0], node.outputs[0]
        pair = None if codes is None else codes.producer()
        assert pair is not None
        same = ir.Node("", "Identity", [pair.inputs[0]], name=node.name)
        ir.convenience.replace_nodes_and_values(
            model.graph, node, [node], [same], [old], list(same.outputs)
        )
    remove_unused(model)
    return Graph(model, name=graph.name, sha256=graph.sha256)
