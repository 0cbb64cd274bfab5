"""Which ONNX nodes become one enclave operator.

A group has a head (Conv, Gemm, MatMul, an element-wise pair, Sigmoid) and takes in what follows it while nothing else reads the
value between: a bias (MatMul + Add of a vector), a residual (Add of a value that is there before the head runs), a
clip (Relu, Clip with constants), or for Sigmoid the product with its own input (SiLU). The head then writes the last one's output.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx_ir as ir

from cloister.graph.graph import Graph, value_name

INF = math.inf
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
    """

    out: ir.Value
    lo: float = -INF
    hi: float = INF
    z: ir.Value | None = None
    bias: np.ndarray | None = None
    scale: float = 1.0
    silu: bool = False

    @property
    def clipped(self) -> bool:
        """True once a clip is taken in: nothing may follow."""
        return self.lo != -INF or self.hi != INF


def schedule(graph: Graph) -> list[ir.Node]:
    """The nodes in an order in which more residuals are there before the convolution that adds them.

    What Add's other operand needs and is cheap (Slice and Pad of a shortcut) goes before the convolution where it does not
    depend on it.
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


def fusions(graph: Graph, nodes: Sequence[ir.Node]) -> tuple[dict[ir.Node, Fusion], set[ir.Node]]:
    """The groups of a graph whose nodes run in this order: fusion by head, and all nodes that are not heads."""
    found: dict[ir.Node, Fusion] = {}
    absorbed: set[ir.Node] = set()
    there = {info.name: -1 for info in graph.inputs}  # when a value is there: its writer's index
    for index, node in enumerate(nodes):
        if node not in absorbed and node.domain in ("", "ai.onnx") and node.op_type in HEADS:
            fusion = Fusion(node.outputs[0])
            while True:
                follower = _only_consumer(fusion.out)
                if follower is None or follower in absorbed:
                    break
                if not _take(graph, node, index, fusion, follower, there):
                    break
                absorbed.add(follower)
                fusion.out = follower.outputs[0]
            if fusion.out is not node.outputs[0]:
                found[node] = fusion
                there[value_name(fusion.out)] = index
        for value in node.outputs:
            if value.name:
                there.setdefault(value.name, index)
    return found, absorbed


def _only_consumer(value: ir.Value) -> ir.Node | None:
    uses = list(value.uses())
    if len(uses) != 1 or value.is_graph_output():
        return None
    return uses[0].node


def _take(
    graph: Graph,
    head: ir.Node,
    index: int,
    fusion: Fusion,
    node: ir.Node,
    there: dict[str, int],
) -> bool:
    """Takes ``node`` into the fusion where the head can do its work."""
    if fusion.clipped or fusion.silu or node.domain not in ("", "ai.onnx"):
        return False
    if head.op_type == "Sigmoid":
        fusion.silu = node.op_type == "Mul" and head.inputs[0] in node.inputs
        return fusion.silu
    if head.op_type == "BatchNormalization":
        return node.op_type in ("Relu", "Clip") and _take_clip(graph, fusion, node)
    if head.op_type not in ("Conv", "Gemm", "MatMul") and not _computed_pair(graph, head):
        return False
    if node.op_type in ("Relu", "Clip"):
        return _take_clip(graph, fusion, node)
    constant_side = head.op_type in ("Conv", "Gemm") or _times_constant(graph, head)
    if node.op_type == "Add" and constant_side:
        other = node.inputs[1] if node.inputs[0] is fusion.out else node.inputs[0]
        if other is None:
            return False
        return _take_bias(graph, head, fusion, other) or _take_residual(
            graph, head, index, fusion, other, there
        )
    if head.op_type == "MatMul" and not constant_side and node.op_type in ("Mul", "Div"):
        return _take_scale(graph, fusion, node)
    return False


def _times_constant(graph: Graph, node: ir.Node) -> bool:
    """MatMul of a computed value by a constant matrix."""
    left, right = node.inputs[0], node.inputs[1]
    return (
        node.op_type == "MatMul"
        and graph.constant(left) is None
        and graph.constant(right) is not None
        and right is not None
        and len(graph.shape(right)) == 2
        and left is not None
        and len(graph.shape(left)) >= 2
    )


def _computed_pair(graph: Graph, node: ir.Node) -> bool:
    if node.op_type not in PAIRS:
        return False
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


def _take_bias(graph: Graph, head: ir.Node, fusion: Fusion, other: ir.Value) -> bool:
    array = graph.constant(other)
    if array is None or head.op_type != "MatMul" or fusion.z is not None:
        return False
    n = graph.shape(fusion.out)[-1]
    if array.size not in (1, n) or (array.ndim and array.shape[-1] not in (1, n)):
        return False
    if array.ndim > len(graph.shape(fusion.out)):
        return False
    bias = np.broadcast_to(np.asarray(array, np.float32).reshape(-1), (n,))
    fusion.bias = bias if fusion.bias is None else fusion.bias + bias
    return True


def _take_residual(
    graph: Graph,
    head: ir.Node,
    index: int,
    fusion: Fusion,
    other: ir.Value,
    there: dict[str, int],
) -> bool:
    if fusion.z is not None or other is fusion.out or graph.constant(other) is not None:
        return False
    if graph.shape(other) != graph.shape(fusion.out):
        return False
    if there.get(value_name(other), index) >= index:
        return False  # computed later
    if not _takes_z(graph, head):
        return False
    fusion.z = other
    return True


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
