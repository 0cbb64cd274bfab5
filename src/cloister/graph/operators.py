"""The operators that the enclave runs, each with the limits on its attributes and inputs.

OPERATORS is the one list: lowering has a rule for every row, and what is not here, or breaks a
row's limit, is named by `unsupported` with the node, its attributes, the reason, and the last cut
before it that works.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import onnx_ir as ir

from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.int8 import pair_problem

TAPS_MAX = 1024  # kernel positions of a convolution or pool (CLO_TAPS_MAX)
EXPONENTS = (-2.0, -1.0, -0.5, 0.5, 1.0, 2.0, 3.0, 4.0)
PAD_MODES = ("constant", "edge", "reflect", "wrap")

Limit = Callable[[ir.Node], str | None]


@dataclass(frozen=True)
class Unsupported:
    """A node that the enclave does not run.

    Args:
        node: The node's name.
        op: Its operator, with the domain where that is not ONNX's.
        attributes: What it was given, as text.
        why: The reason, as a sentence without the node's name.
        last_cut: Id of the largest head that runs, or None.
    """

    node: str
    op: str
    attributes: str
    why: str
    last_cut: str | None

    def to_json(self) -> dict[str, str]:
        """``{"node", "op", "why"}``; attributes and last cut are in the reason."""
        given = f" [{self.attributes}]" if self.attributes else ""
        before = (
            f"the last cut before it that works: {self.last_cut}"
            if self.last_cut
            else "no cut before it works"
        )
        return {"node": self.node, "op": self.op, "why": f"{self.why}{given}; {before}"}


def unsupported(graph: Graph) -> list[Unsupported]:
    """Every node that the enclave does not run, in the order of the graph."""
    reasons = [(node, why) for node in graph.nodes if (why := reason(node)) is not None]
    if not reasons:
        return []
    last = last_working_cut(find_cuts(graph))
    return [
        Unsupported(
            node=node.name or "",
            op=f"{node.domain}::{node.op_type}" if node.domain else node.op_type,
            attributes=_attributes(node),
            why=why,
            last_cut=last.id if last else None,
        )
        for node, why in reasons
    ]


def blockers(cut: Cut) -> list[ir.Node]:
    """The nodes in the head of ``cut`` that the enclave does not run."""
    return [node for node in cut.head_nodes if reason(node) is not None]


def last_working_cut(cuts: Iterable[Cut]) -> Cut | None:
    """The one with the most nodes among the cuts whose head runs."""
    working = [cut for cut in cuts if not blockers(cut)]
    return max(working, key=lambda cut: len(cut.head_nodes), default=None)


def reason(node: ir.Node) -> str | None:
    """Why the enclave does not run ``node``; None where it does."""
    limits = OPERATORS.get(node.op_type) if node.domain == "" else None
    if limits is None:
        return "the enclave has no such operator"
    for limit in limits if node.op_type in PAIRS else (_float32, *limits):
        why = limit(node)
        if why is not None:
            return why
    return None


# -------------------------------------------------------------------------------- limits
def _shape(value: ir.Value | None) -> tuple[int, ...]:
    if value is None or value.shape is None or not value.shape.is_static():
        return ()
    return tuple(int(d) for d in value.shape.numpy())


def _input(node: ir.Node, index: int) -> ir.Value | None:
    return node.inputs[index] if index < len(node.inputs) else None


def _is_computed(value: ir.Value | None) -> bool:
    return value is not None and value.const_value is None


def _float32(node: ir.Node) -> str | None:
    used = (v for v in node.outputs if v.uses() or v.is_graph_output())
    for value in (*node.inputs, *used):
        if value is None or (value.const_value is not None and value not in node.inputs[:1]):
            continue
        if value.dtype != ir.DataType.FLOAT:
            got = "of no type" if value.dtype is None else value.dtype.name.lower()
            return f"tensor {value.name!r} is {got}; the enclave computes in float32"
    return None


def _constant(*indices: int, what: str) -> Limit:
    def limit(node: ir.Node) -> str | None:
        if any(_is_computed(_input(node, i)) for i in indices):
            return f"its {what} must be constant"
        return None

    return limit


def _rank(*ranks: int) -> Limit:
    def limit(node: ir.Node) -> str | None:
        rank = len(_shape(node.inputs[0]))
        if rank not in ranks:
            wanted = " or ".join(map(str, ranks))
            return f"its input has {rank} axes; the enclave runs it on {wanted}"
        return None

    return limit


def _attribute(name: str, default: int, wanted: int) -> Limit:
    def limit(node: ir.Node) -> str | None:
        value = node.attributes.get_int(name, default)
        return f"{name}={value}; the enclave runs {name}={wanted}" if value != wanted else None

    return limit


def _one_output(node: ir.Node) -> str | None:
    used = [v.name for v in node.outputs[1:] if v.uses() or v.is_graph_output()]
    return f"its further outputs are used: {', '.join(map(str, used))}" if used else None


def _taps(node: ir.Node) -> str | None:
    kernel = node.attributes.get_ints("kernel_shape") or _shape(_input(node, 1))[2:]
    taps = math.prod(kernel)
    return f"its kernel has {taps} positions; at most {TAPS_MAX}" if taps > TAPS_MAX else None


def _exponent(node: ir.Node) -> str | None:
    value = _input(node, 1)
    if value is None or value.const_value is None:
        return "its exponent must be constant"
    exponents = value.const_value.numpy().reshape(-1)
    if exponents.size != 1 or float(exponents[0]) not in EXPONENTS:
        return f"exponent {exponents.tolist()[:3]}; the enclave runs one of {EXPONENTS}"
    return None


def _pad_mode(node: ir.Node) -> str | None:
    mode = node.attributes.get_string("mode", "constant")
    return (
        f"mode={mode}; the enclave runs {', '.join(PAD_MODES)}" if mode not in PAD_MODES else None
    )


def _training(node: ir.Node) -> str | None:
    mode = _input(node, 2)
    if mode is not None and (mode.const_value is None or mode.const_value.numpy().any()):
        return "it is in training mode"
    return None


def _not_empty(node: ir.Node) -> str | None:
    return "its result is empty" if 0 in _shape(node.outputs[0]) else None


_ANY: tuple[Limit, ...] = ()
_MAP: tuple[Limit, ...] = (_rank(3, 4),)
_POOL: tuple[Limit, ...] = (*_MAP, _taps, _one_output)
_REDUCE: tuple[Limit, ...] = (_constant(1, what="axes"),)
_RESHAPE: tuple[Limit, ...] = (_constant(1, what="shape or axes"),)

PAIRS = {"QuantizeLinear", "DequantizeLinear"}  # codes of 8 bits stand for float32
OPERATORS: dict[str, tuple[Limit, ...]] = {
    # products
    "Conv": (*_MAP, _constant(1, 2, what="weights and bias"), _taps),
    "Gemm": _ANY,
    "MatMul": _ANY,
    # norms
    "BatchNormalization": (
        _rank(2, 3, 4),
        _attribute("training_mode", 0, 0),
        _constant(1, 2, 3, 4, what="statistics"),
        _one_output,
    ),
    "LayerNormalization": (_constant(1, 2, what="scale and bias"), _one_output),
    # functions of one number
    "Relu": _ANY,
    "LeakyRelu": _ANY,
    "PRelu": _ANY,
    "Clip": (_constant(1, 2, what="bounds"),),
    "Celu": _ANY,
    "Elu": _ANY,
    "Selu": _ANY,
    "Sigmoid": _ANY,
    "Tanh": _ANY,
    "HardSigmoid": _ANY,
    "HardSwish": _ANY,
    "Gelu": _ANY,
    "Erf": _ANY,
    "Exp": _ANY,
    "Log": _ANY,
    "Sqrt": _ANY,
    "Reciprocal": _ANY,
    "Abs": _ANY,
    "Neg": _ANY,
    "Softplus": _ANY,
    "Softsign": _ANY,
    "Mish": _ANY,
    "Swish": _ANY,
    "Pow": (_exponent,),
    "QuantizeLinear": (pair_problem,),
    "DequantizeLinear": (pair_problem,),
    "Softmax": _ANY,
    "LogSoftmax": _ANY,
    # functions of two
    "Add": _ANY,
    "Sub": _ANY,
    "Mul": _ANY,
    "Div": _ANY,
    "Min": _ANY,
    "Max": _ANY,
    # pooling and reductions
    "MaxPool": _POOL,
    "AveragePool": _POOL,
    "GlobalAveragePool": _ANY,
    "GlobalMaxPool": _ANY,
    "ReduceMean": _REDUCE,
    "ReduceSum": _REDUCE,
    "ReduceMax": _REDUCE,
    "ReduceMin": _REDUCE,
    "ReduceL1": _REDUCE,
    "ReduceL2": _REDUCE,
    "ReduceSumSquare": _REDUCE,
    # moving numbers
    "Concat": _ANY,
    "Split": (_constant(1, what="sizes"),),
    "Slice": (_constant(1, 2, 3, 4, what="bounds"), _not_empty),
    "Pad": (_constant(1, 2, 3, what="pads and value"), _pad_mode),
    "Gather": (_constant(1, what="indices"),),
    "Tile": (_constant(1, what="repeats"),),
    "DepthToSpace": (_rank(4),),
    "SpaceToDepth": (_rank(4),),
    "Expand": (_constant(1, what="shape"),),
    "Transpose": _ANY,
    "Flatten": _ANY,
    "Reshape": _RESHAPE,
    "Squeeze": _RESHAPE,
    "Unsqueeze": _RESHAPE,
    "Identity": _ANY,
    "Dropout": (_one_output, _training),
}


def _attributes(node: ir.Node) -> str:
    parts = []
    for name, attribute in sorted(node.attributes.items()):
        simple = attribute.type in (
            ir.AttributeType.INT,
            ir.AttributeType.INTS,
            ir.AttributeType.FLOAT,
            ir.AttributeType.FLOATS,
            ir.AttributeType.STRING,
            ir.AttributeType.STRINGS,
        )
        value = attribute.value if simple else f"<{attribute.type.name.lower()}>"
        parts.append(f"{name}={list(value) if isinstance(value, tuple) else value}")
    return ", ".join(parts)
