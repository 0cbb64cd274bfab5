"""Which ONNX nodes become one enclave operator.

A group has a head (Conv, Gemm, MatMul, an element-wise pair, Sigmoid) and takes in what follows
it while nothing else reads the value between: a bias (MatMul + Add of a vector), a residual (Add
of a value that is there before the head runs), a clip (Relu, Clip with constants), after a product
by constants a function (`ACTS`, SiLU), or for Sigmoid the product with its own input (SiLU). The
head then writes the last one's output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from cloister.graph.graph import Graph, value_name
from cloister.graph.int8 import pair_problem
from cloister.graph.patterns import silu_input
from cloister.lower.codes import on_integers, rounded_by
from cloister.lower.program import INF, Clip, Unary

UNSLICED_K = (
    8191  # rows of weights that fit a page with their bias: more are sliced, and take no residual
)


@dataclass
class Fusion:
    """What a head takes in.

    Args:
        out: The value that it writes in the end.
        lo, hi: Clip.
        z: Residual that is added before the clip.
        bias: Constant vector that is added along the last axis (MatMul).
        scale: MatMul of two computed values: factor of the product.
        silu: Sigmoid: multiply by the input.
        act: Function that is applied last.
        rounds: QuantizeLinear that rounds the product before the residual is added.
        codes: QuantizeLinear that gives what is written, as codes.
    """

    out: ir.Value
    lo: float = -INF
    hi: float = INF
    z: ir.Value | None = None
    bias: np.ndarray | None = None
    scale: float = 1.0
    silu: bool = False
    act: Unary | None = None
    rounds: ir.Node | None = None
    codes: ir.Node | None = None

    @property
    def clip(self) -> Clip:
        """Lower and upper bound."""
        return self.lo, self.hi

    @property
    def clipped(self) -> bool:
        """True once a clip is taken in: only a function may follow."""
        return self.lo != -INF or self.hi != INF


def schedule(graph: Graph) -> list[ir.Node]:
    """The nodes in an order in which more residuals are there before the convolution that adds
    them.

    What Add's other operand needs and is cheap (Slice and Pad of a shortcut) goes before the
    convolution where it does not depend on it.
    """
    nodes = list(graph.nodes)
    for add in graph.nodes:
        if add.op_type != "Add" or len(add.inputs) != 2:
            continue
        heads = [v.producer() if v is not None else None for v in add.inputs]
        for head, value in (heads[0], add.inputs[1]), (heads[1], add.inputs[0]):
            if head is None or head.op_type not in ("Conv", "Gemm") or value is None:
                continue
            at = nodes.index(head)
            late = _late(value, set(nodes[:at]))
            if late and all(n.op_type in CHEAP for n in late) and head not in late:
                late.sort(key=nodes.index)
                nodes = [
                    *nodes[:at], *late, *(n for n in nodes[at:] if n not in late)
                ]  # fmt: skip
    return nodes


def _late(value: ir.Value, early: set[ir.Node]) -> list[ir.Node]:
    """The nodes that ``value`` needs and that are not among ``early``."""
    found: list[ir.Node] = []
    stack = [value.producer()]
    while stack:
        node = stack.pop()
        if node is None or node in early or node in found:
            continue
        found.append(node)
        stack += [v.producer() for v in node.inputs if v is not None]
    return found


CHEAP = {
    "Slice", "Pad", "Concat", "Split", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity",
    "MaxPool", "AveragePool",
}  # fmt: skip


def fusions(
    graph: Graph, nodes: Sequence[ir.Node], coded: Set[ir.Node]
) -> tuple[dict[ir.Node, Fusion], set[ir.Node]]:
    """The groups of a graph whose nodes run in this order: fusion by head, and all nodes that
    are not heads. ``coded``: see codes.py.
    """
    found: dict[ir.Node, Fusion] = {}
    absorbed: set[ir.Node] = set()
    there = {info.name: -1 for info in graph.inputs}  # when a value is there: its writer's index
    for index, node in enumerate(nodes):
        if node not in absorbed and node.domain in ("", "ai.onnx") and node.op_type in HEADS:
            head = Head(graph, node, index, there, Fusion(node.outputs[0]), coded)
            while (next_ := _followers(head.fusion.out)) and absorbed.isdisjoint(next_):
                if not head.take(next_):
                    next_ = next_[: next_[0].op_type == "QuantizeLinear"]  # without the sum
                    if not next_ or not head.take(next_):
                        break
                absorbed.update(next_)
                head.fusion.out = next_[-1].outputs[0]
            if head.fusion.out is not node.outputs[0]:
                found[node] = head.fusion
                there[value_name(head.fusion.out)] = index
        for value in node.outputs:
            if value.name:
                there.setdefault(value.name, index)
    return found, absorbed


def _followers(value: ir.Value) -> tuple[ir.Node, ...]:
    """The only node that reads ``value``, or the two of a SiLU."""
    nodes = {use.node for use in value.uses()}
    if value.is_graph_output():
        return ()
    rounded = _rounded_sum(value)
    if rounded:
        return rounded
    product = next((n for n in nodes if silu_input(n) is value), None)
    gate = next((n for n in nodes if n.op_type == "Sigmoid"), None)
    if product is not None and gate is not None and nodes == {gate, product}:
        alone = _followers(gate.outputs[0]) == (product,)
        return (gate, product) if alone else ()
    return tuple(nodes) if len(value.uses()) == 1 else ()


def _rounded_sum(value: ir.Value) -> tuple[ir.Node, ...]:
    """QuantizeLinear, DequantizeLinear and Add that alone read ``value``, one after the other."""
    found: list[ir.Node] = []
    for op_type in ("QuantizeLinear", "DequantizeLinear", "Add"):
        uses = list(value.uses())
        if len(uses) != 1 or uses[0].node.op_type != op_type or value.is_graph_output():
            return ()
        found.append(uses[0].node)
        value = found[-1].outputs[0]
    return tuple(found)


@dataclass
class Head:
    """A head while its group grows.

    Args:
        graph: The graph.
        node: The head.
        index: When it runs.
        there: When each value is there.
        fusion: What it has taken in.
        coded: QuantizeLinear nodes whose results lie as codes.
    """

    graph: Graph
    node: ir.Node
    index: int
    there: dict[str, int]
    fusion: Fusion
    coded: Set[ir.Node]

    def take(self, nodes: tuple[ir.Node, ...]) -> bool:
        """Takes in ``nodes``, one or those of a SiLU or of a rounded sum, where the head can do
        their work.
        """
        node = nodes[-1]
        if nodes[0].op_type == "QuantizeLinear":
            return self._take_rounding(nodes)
        done = self.fusion.silu or self.fusion.act is not None or self.fusion.codes is not None
        if done or node.domain not in ("", "ai.onnx"):
            return False
        by_constant = self._by_constant()
        act = Unary.SILU if len(nodes) > 1 else _activation(node)
        if act is not None and by_constant and _takes_act(self.graph, self.node):
            self.fusion.act = act
            return True
        return len(nodes) == 1 and not self.fusion.clipped and self._take_sum(node)

    def _take_sum(self, node: ir.Node) -> bool:
        """Takes in a bias, residual, clip or scale; for Sigmoid the product."""
        op, by_constant = self.node.op_type, self._by_constant()
        if op == "Sigmoid":
            self.fusion.silu = node.op_type == "Mul" and self.node.inputs[0] in node.inputs
            return self.fusion.silu
        if node.op_type in ("Relu", "Clip"):
            clips = op not in PAIRS or _computed_pair(self.graph, self.node)
            return clips and _take_clip(self.graph, self.fusion, node)
        if node.op_type == "Add" and by_constant:
            other = node.inputs[1] if node.inputs[0] is self.fusion.out else node.inputs[0]
            return other is not None and (self._take_bias(other) or self._take_residual(other))
        scales = op == "MatMul" and not by_constant and node.op_type in ("Mul", "Div")
        return scales and _take_scale(self.graph, self.fusion, node)

    def _take_rounding(self, nodes: tuple[ir.Node, ...]) -> bool:
        """Takes in what rounds the product, and the sum that follows."""
        fusion, rounds = self.fusion, nodes[0]
        if fusion.codes is not None or not on_integers(self.graph, self.node):
            return False
        if len(nodes) > 1 and not fusion.clipped and fusion.act is None and fusion.z is None:
            add, own = nodes[-1], nodes[1].outputs[0]
            other = add.inputs[1] if add.inputs[0] is own else add.inputs[0]
            fits = other is not None and pair_problem(nodes[1]) is None
            if fits and other is not None and other is not own and self._take_residual(other):
                fusion.rounds = rounds
                return True
        if len(nodes) == 1 and rounds in self.coded:
            fusion.codes = rounds
            return True
        return False

    def _by_constant(self) -> bool:
        return self.node.op_type in ("Conv", "Gemm") or _times_constant(self.graph, self.node)

    def _take_bias(self, other: ir.Value) -> bool:
        array, shape = self.graph.constant(other), self.graph.shape(self.fusion.out)
        if array is None or self.node.op_type != "MatMul" or self.fusion.z is not None:
            return False
        if array.size not in (1, shape[-1]) or array.ndim > len(shape):
            return False
        if array.ndim and array.shape[-1] != array.size:
            return False
        bias = np.broadcast_to(np.asarray(array, np.float32).reshape(-1), (shape[-1],))
        self.fusion.bias = bias if self.fusion.bias is None else self.fusion.bias + bias
        return True

    def _take_residual(self, other: ir.Value) -> bool:
        fits = (
            self.fusion.z is None
            and other is not self.fusion.out
            and self.graph.constant(other) is None
            and self.graph.shape(other) == self.graph.shape(self.fusion.out)
            and self._is_there(other)
            and _takes_z(self.graph, self.node)
        )
        if fits:
            self.fusion.z = other
        return fits

    def _is_there(self, value: ir.Value) -> bool:
        rounds = rounded_by(value)  # numbers that lie as codes: theirs is the time
        source = rounds.outputs[0] if rounds in self.coded and rounds is not None else value
        return self.there.get(value_name(source), self.index) < self.index


def _times_constant(graph: Graph, node: ir.Node) -> bool:
    """MatMul of a computed value by a constant matrix."""
    if node.op_type != "MatMul":
        return False
    left, right = node.inputs[0], node.inputs[1]
    return (
        graph.constant(left) is None
        and graph.constant(right) is not None
        and right is not None
        and len(graph.shape(right)) == 2
        and left is not None
        and len(graph.shape(left)) >= 2
    )


def _computed_pair(graph: Graph, node: ir.Node) -> bool:
    return len(node.inputs) == 2 and all(graph.constant(v) is None for v in node.inputs)


def _take_clip(graph: Graph, fusion: Fusion, node: ir.Node) -> bool:
    if node.op_type == "Relu":
        fusion.lo = 0.0
        return True
    bounds = clip_bounds(graph, node)
    if bounds is None or bounds[0] > bounds[1] or bounds == (-INF, INF):
        return False
    fusion.lo, fusion.hi = bounds
    return True


def clip_bounds(graph: Graph, node: ir.Node) -> tuple[float, float] | None:
    """Bounds of a Clip; None where one is computed at run time."""
    bounds = []
    for index, default in ((1, -INF), (2, INF)):
        value = node.inputs[index] if index < len(node.inputs) else None
        if value is None:
            bounds.append(default)
            continue
        array = graph.constant(value)
        if array is None:
            return None
        bounds.append(float(np.asarray(array).reshape(-1)[0]))
    # The largest finite numbers are how exporters write "no bound".
    lo, hi = (math.copysign(INF, b) if abs(b) >= FLT_MAX else b for b in bounds)
    return None if math.isnan(lo) or math.isnan(hi) else (lo, hi)


FLT_MAX = float(np.finfo(np.float32).max)


def _takes_z(graph: Graph, head: ir.Node) -> bool:
    weight = head.inputs[1]
    if weight is None or graph.constant(weight) is None:
        return False
    shape = graph.shape(weight)
    if head.op_type == "Conv":
        group = head.attributes.get_int("group", 1) or 1
        depthwise = group == shape[0] and shape[1] == 1
        return math.prod(shape[1:]) <= UNSLICED_K and not depthwise
    if head.op_type == "Gemm":
        c = head.inputs[2] if len(head.inputs) > 2 else None
        if c is not None:
            bias = graph.constant(c)
            if bias is None or not is_row(bias):
                return False
        k = shape[1] if head.attributes.get_int("transB", 0) else shape[0]
        return k <= UNSLICED_K and graph.constant(head.inputs[0]) is None
    return shape[-2] <= UNSLICED_K


ACTS = {
    "Sigmoid": Unary.SIGMOID, "Tanh": Unary.TANH, "HardSwish": Unary.HARD_SWISH,
    "Softplus": Unary.SOFTPLUS,
}  # fmt: skip


def _activation(node: ir.Node) -> Unary | None:
    """The function of a node that a product by constants can apply."""
    if node.op_type == "Gelu":
        tanh = node.attributes.get_string("approximate", "none") == "tanh"
        return Unary.GELU_TANH if tanh else Unary.GELU
    return ACTS.get(node.op_type)


def _takes_act(graph: Graph, head: ir.Node) -> bool:
    """Whether the head's product is one operator, to which the function can be added."""
    if head.op_type != "Gemm":
        return True
    c = head.inputs[2] if len(head.inputs) > 2 else None
    bias = graph.constant(c) if c is not None else None
    computed = graph.constant(head.inputs[0]) is None and graph.constant(head.inputs[1]) is not None
    return computed and (c is None or (bias is not None and is_row(bias)))


def is_row(bias: np.ndarray) -> bool:
    """True where broadcasting adds the same vector to every row of a matrix."""
    return bias.ndim < 2 or bias.shape[0] == 1


def _take_scale(graph: Graph, fusion: Fusion, node: ir.Node) -> bool:
    other = node.inputs[1] if node.inputs[0] is fusion.out else node.inputs[0]
    array = graph.constant(other)
    if array is None or array.size != 1 or array.ndim > len(graph.shape(fusion.out)):
        return False
    if node.op_type == "Div" and node.inputs[0] is not fusion.out:
        return False
    factor = float(np.asarray(array).reshape(-1)[0])
    if node.op_type == "Div":
        factor = 1.0 / factor if factor else INF
    if not math.isfinite(factor * fusion.scale):
        return False
    fusion.scale *= factor
    return True


PAIRS = {"Add", "Sub", "Mul", "Div", "Min", "Max"}
HEADS = {"Conv", "Gemm", "MatMul", "Sigmoid", "BatchNormalization", *PAIRS}
