"""Which tensors stay codes of 8 bits, and which products run on integers (docs/design/0014).

Between QuantizeLinear and DequantizeLinear a tensor may lie in the arena as the bytes that it is:
four where a float would lie, so that a map of n channels is one of n / 4. A convolution reads such
a map where its weights are bytes too and its channels come in fours; it adds another such map, and
rounds what it writes. Whoever else reads the tensor gets its numbers, once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from cloister.graph.graph import Graph
from cloister.graph.int8 import Int8Tensor, lowest_code, pair_problem
from cloister.lower.paging import CODES_ROWS
from cloister.lower.views import View

FOUR = 4  # codes where one float lies


@dataclass(frozen=True)
class Coding:
    """What codes are worth: code q stands for step * (q + low)."""

    step: float
    low: float

    @property
    def zero(self) -> int:
        """The code of 0."""
        return round(-self.low)


FLOATS = Coding(0.0, 0.0)  # of a tensor that is none


@dataclass(frozen=True)
class Coded:
    """A tensor of codes: a view with a quarter of its channels, and what they are worth."""

    view: View
    coding: Coding


def coding_of(node: ir.Node) -> Coding:
    """Of a QuantizeLinear."""
    step = node.inputs[1]
    assert step is not None and step.const_value is not None
    return Coding(float(np.asarray(step.const_value.numpy()).reshape(-1)[0]), lowest_code(node))


def rounded_by(value: ir.Value | None) -> ir.Node | None:
    """The QuantizeLinear whose numbers ``value`` holds, behind its DequantizeLinear."""
    node = None if value is None else value.producer()
    if node is None or (node.domain, node.op_type) != ("", "DequantizeLinear"):
        return None
    if pair_problem(node) is not None or node.inputs[0] is None:
        return None
    return node.inputs[0].producer()


def on_integers(graph: Graph, node: ir.Node) -> bool:
    """True for a Conv of codes by bytes that the enclave's integers can do."""
    if (node.domain, node.op_type) != ("", "Conv") or rounded_by(node.inputs[0]) is None:
        return False
    weight = node.inputs[1]
    tensor = None if weight is None else weight.const_value
    if not isinstance(tensor, Int8Tensor) or tensor.steps_along(0) is None:
        return False
    bias = node.inputs[2] if len(node.inputs) > 2 else None
    outs, c, *kernel = tensor.codes.shape
    groups = node.attributes.get_int("group", 1) or 1
    fits = c % FOUR == 0 and math.prod(kernel) * c // FOUR <= CODES_ROWS
    fours = groups == 1 or (outs // groups) % FOUR == 0
    return fits and fours and (bias is None or graph.constant(bias) is not None)


def coded(graph: Graph) -> set[ir.Node]:
    """The QuantizeLinear nodes whose results lie as codes: those that a product on integers reads,
    or adds to what it makes.
    """
    found: set[ir.Node] = set()
    for node in graph.nodes:
        if on_integers(graph, node):
            found.add(_writer(node.inputs[0]))
        if node.op_type == "Add" and len(node.inputs) == 2:
            writers = [rounded_by(v) for v in node.inputs]
            for own, other in (writers, writers[::-1]):
                head = None if own is None or own.inputs[0] is None else own.inputs[0].producer()
                if other is not None and head is not None and on_integers(graph, head):
                    found.add(other)
    return {node for node in found if _in_fours(graph, node)}


def _writer(value: ir.Value | None) -> ir.Node:
    node = rounded_by(value)
    assert node is not None
    return node


def _in_fours(graph: Graph, node: ir.Node) -> bool:
    """True where the tensor is a map whose channels come in fours."""
    shape = graph.shape(node.outputs[0])
    return len(shape) in (3, 4) and shape[1] % FOUR == 0
