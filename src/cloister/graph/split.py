"""Splits a network at a cut: the head for the enclave, the tail as a standard ONNX model for any
server.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import onnx_ir as ir

from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph, TensorInfo, value_name


@dataclass(frozen=True)
class Split:
    """Both halves.

    Args:
        cut: Where they part.
        head: From the network's inputs to the crossing tensors (its outputs, in the cut's order).
        tail: From the crossing tensors (its inputs, in the cut's order) to the network's outputs.
    """

    cut: Cut
    head: Graph
    tail: Graph

    @property
    def crossing(self) -> tuple[TensorInfo, ...]:
        """What crosses, in order."""
        return self.cut.crossing

    def tail_bytes(self) -> bytes:
        """The tail as an ONNX file: inputs in ONNX's axis order, only the weights that it reads."""
        return self.tail.to_bytes()


def split(graph: Graph, cut: Cut) -> Split:
    """Splits ``graph`` at ``cut``; the graph stays as it is."""
    crossing = [info.name for info in cut.crossing]
    inputs = [info.name for info in graph.inputs]
    outputs = [info.name for info in graph.outputs]
    return Split(cut, extract(graph, inputs, crossing), extract(graph, crossing, outputs))


def extract(graph: Graph, inputs: Sequence[str], outputs: Sequence[str]) -> Graph:
    """The part of ``graph`` from ``inputs`` to ``outputs``, as a graph of its own that shares the
    weights.
    """
    source = graph.model.graph
    part = ir.convenience.extract(source, list(inputs), list(outputs))
    part.name = source.name
    # extract() collects the initializers in a set: in the source's order, so that the same cut
    # gives the same bytes.
    for name in source.initializers:
        if name in part.initializers:
            part.initializers[name] = part.initializers.pop(name)
    model = ir.Model(part, ir_version=graph.model.ir_version, producer_name="cloister")
    part.opset_imports.update(source.opset_imports)
    for value in part.outputs:
        original = graph.value(value_name(value))
        value.shape, value.type = original.shape, original.type
    return Graph(model, name=graph.name, sha256=graph.sha256)
