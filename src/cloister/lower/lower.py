"""From a graph to a program: which operator becomes what, and in what order.

`TABLE` has one function for each ONNX operator; a new operator is a row and a function. A node
that is part of a fused group (fuse.py) has been done by the group's head.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import onnx_ir as ir

from cloister.errors import UserError
from cloister.graph.graph import Graph, TensorInfo, value_name
from cloister.lower import conv, elementwise, gemm, normalise, pool, quantise, reduce, shape
from cloister.lower.builder import Builder
from cloister.lower.program import (
    ALIGN_BYTES,
    FLOAT_BYTES,
    IO_MAX,
    Binary,
    Buffer,
    Io,
    Op,
    Program,
    Reduce,
    Role,
    Softmax,
    Span,
    Unary,
    align,
)
from cloister.lower.views import View, row_major

Lower = Callable[[Builder, ir.Node], None]

RECORD_BYTES = 64  # prefix and each record of a message (docs/formats/message.md)
RANK_MAX = 8

TABLE: dict[str, Lower] = {
    # linear
    "Conv": conv.conv,
    "Gemm": gemm.gemm,
    "MatMul": gemm.matmul,
    "BatchNormalization": elementwise.batch_norm,
    # element by element
    "Relu": elementwise.unary(Unary.RELU),
    "LeakyRelu": elementwise.unary(Unary.LEAKY_RELU, ("alpha", 0.01)),
    "PRelu": elementwise.prelu,
    "Clip": elementwise.clip,
    "Elu": elementwise.unary(Unary.ELU, ("alpha", 1.0)),
    "Selu": elementwise.selu,
    "Celu": elementwise.celu,
    "Sigmoid": elementwise.sigmoid,
    "Tanh": elementwise.unary(Unary.TANH),
    "Swish": elementwise.swish,
    "HardSigmoid": elementwise.unary(Unary.HARD_SIGMOID, ("alpha", 0.2), ("beta", 0.5)),
    "HardSwish": elementwise.unary(Unary.HARD_SWISH),
    "Gelu": elementwise.gelu,
    "Erf": elementwise.unary(Unary.ERF),
    "Exp": elementwise.unary(Unary.EXP),
    "Log": elementwise.unary(Unary.LOG),
    "Sqrt": elementwise.unary(Unary.SQRT),
    "Reciprocal": elementwise.unary(Unary.RECIPROCAL),
    "Abs": elementwise.unary(Unary.ABS),
    "Neg": elementwise.unary(Unary.NEG),
    "Softplus": elementwise.unary(Unary.SOFTPLUS),
    "Softsign": elementwise.softsign,
    "Mish": elementwise.mish,
    "Pow": elementwise.pow_,
    "Add": elementwise.binary(Binary.ADD),
    "Sub": elementwise.binary(Binary.SUB),
    "Mul": elementwise.binary(Binary.MUL),
    "Div": elementwise.binary(Binary.DIV),
    "Min": elementwise.binary(Binary.MIN),
    "Max": elementwise.binary(Binary.MAX),
    "Sum": elementwise.binary(Binary.ADD),
    "Mean": elementwise.mean,
    "QuantizeLinear": quantise.quantise,
    "DequantizeLinear": quantise.dequantise,
    # windows, rows, reductions
    "MaxPool": pool.max_pool,
    "AveragePool": pool.average_pool,
    "GlobalAveragePool": reduce.global_pool(Reduce.MEAN),
    "GlobalMaxPool": reduce.global_pool(Reduce.MAX),
    "Softmax": normalise.softmax(Softmax.SOFTMAX),
    "LogSoftmax": normalise.softmax(Softmax.LOG_SOFTMAX),
    "LayerNormalization": normalise.layer_norm,
    "ReduceMean": reduce.reduce(Reduce.MEAN),
    "ReduceSum": reduce.reduce(Reduce.SUM),
    "ReduceMax": reduce.reduce(Reduce.MAX),
    "ReduceMin": reduce.reduce(Reduce.MIN),
    "ReduceSumSquare": reduce.reduce(Reduce.SUM, "square"),
    "ReduceL1": reduce.reduce(Reduce.SUM, "abs"),
    "ReduceL2": reduce.reduce(Reduce.SUM, "square", Unary.SQRT),
    "ReduceLogSum": reduce.reduce(Reduce.SUM, "", Unary.LOG),
    # shape
    "Reshape": shape.reshape,
    "Flatten": shape.reshape,
    "Squeeze": shape.reshape,
    "Unsqueeze": shape.reshape,
    "Identity": shape.reshape,
    "Dropout": shape.reshape,
    "Transpose": shape.transpose,
    "Concat": shape.concat,
    "Split": shape.split,
    "Slice": shape.slice_,
    "Pad": shape.pad,
    "Expand": shape.expand,
    "Tile": shape.tile,
    "Gather": shape.gather,
    "DepthToSpace": shape.depth_to_space,
    "SpaceToDepth": shape.space_to_depth,
}
SUPPORTED = frozenset(TABLE)


def lower(graph: Graph, *, mode: str, answers: Sequence[TensorInfo]) -> Program:
    """Lowers a head (``split``) or a whole network (``whole``).

    Args:
        graph: Normalised. In ``split`` its outputs are the crossing tensors.
        mode: ``"split"`` or ``"whole"``.
        answers: The outputs of the whole network, as the response carries them.

    Raises:
        UserError: An operator or tensor that the enclave cannot run; the message names it.
    """
    assert mode in ("split", "whole")
    b = Builder(graph)
    for what, infos in (("input", graph.inputs), ("output", graph.outputs), ("output", answers)):
        _check_io(what, list(infos))
    request, inputs = _message("request", Role.REQUEST, graph.inputs)
    response, outputs = _message("response", Role.RESPONSE, answers)
    for io in inputs:
        shape = io.info.shape
        b.views[io.info.name] = [View(request, io.span.at, shape, row_major(shape))]
    if mode == "whole":
        for value, io in zip(graph.model.graph.outputs, outputs, strict=True):
            target = View(response, io.span.at, io.info.shape, row_major(io.info.shape))
            b.targets.setdefault(value_name(value), target)
    lower_nodes(b)
    b.node = None
    if mode == "whole":
        for value, io in zip(graph.model.graph.outputs, outputs, strict=True):
            _deliver(b, value, View(response, io.span.at, io.info.shape, row_major(io.info.shape)))
        crossing: tuple[Io, ...] = ()
    else:
        crossing = tuple(
            Io(info, b.contiguous(value).span)
            for value, info in zip(graph.model.graph.outputs, graph.outputs, strict=True)
        )
        if not b.ops:  # what crosses is the input itself: a plan has at least one operator
            value = graph.model.graph.outputs[0]
            moved = b.dense(b.view(value), range(len(b.shape(value))), str(value.name))
            crossing = (Io(crossing[0].info, moved.span), *crossing[1:])
    return Program(
        mode, _needed(b.ops, crossing, response), inputs, crossing, outputs, request, response
    )


def lower_nodes(b: Builder) -> None:
    """Lowers all nodes in order."""
    for node in b.nodes:
        if node in b.absorbed:
            continue
        b.node = node
        row = TABLE.get(node.op_type) if node.domain in ("", "ai.onnx") else None
        if row is None:
            raise b.unsupported(node, "there is no such operator in the enclave")
        check_types(b, node)
        row(b, node)


def check_types(b: Builder, node: ir.Node) -> None:
    """Refuses values that are not float32, or are empty; codes of 8 bits stand for float32."""
    for value in node.outputs:
        if not value.name or not (value.uses() or value.is_graph_output()):
            continue
        info = b.graph.info(value)
        if info.dtype != "float32" and node.op_type != "QuantizeLinear":
            raise b.unsupported(node, f"its output {info.name!r} is {info.dtype}, not float32")
        if info.elements == 0:
            raise b.unsupported(node, f"its output {info.name!r} is empty: shape {info.shape}")


def _check_io(what: str, infos: list[TensorInfo]) -> None:
    if not 1 <= len(infos) <= IO_MAX:
        raise UserError(
            f"{len(infos)} {what}s; the enclave takes 1 to {IO_MAX}",
            code="unsupported-interface",
            hint="cut the network where fewer tensors cross",
        )
    for info in infos:
        if info.dtype != "float32" or len(info.shape) > RANK_MAX or info.elements == 0:
            raise UserError(
                f"{what} {info.name!r} is {info.dtype} {info.shape}; the enclave takes float32 "
                f"tensors of up to {RANK_MAX} axes with at least one element",
                code="unsupported-interface",
                hint="cut the network elsewhere",
            )


def _message(name: str, role: Role, infos: Sequence[TensorInfo]) -> tuple[Buffer, tuple[Io, ...]]:
    """The buffer of a message with these tensors, and where their data lie in it
    (docs/formats/message.md).
    """
    at = RECORD_BYTES * (1 + len(infos))
    places = []
    for info in infos:
        places.append(at // FLOAT_BYTES)
        at += align(info.size_bytes)
    assert at % ALIGN_BYTES == 0
    buffer = Buffer(name, at // FLOAT_BYTES, role)
    spans = [
        Span(buffer, place, math.prod(info.shape))
        for place, info in zip(places, infos, strict=True)
    ]
    return buffer, tuple(Io(info, span) for info, span in zip(infos, spans, strict=True))


def _deliver(b: Builder, value: ir.Value, target: View) -> None:
    """Copies an output into the response, where its producer did not write it there."""
    view = b.view(value)
    there = any(
        v.buffer is target.buffer and v.at == target.at and v.contiguous
        for v in b.views.get(value_name(value), [view])
    )
    if not there:
        b.copy(view, target)


def _needed(ops: list[Op], crossing: Sequence[Io], response: Buffer) -> tuple[Op, ...]:
    """Drops operators whose result nobody reads (say an unread output of Split)."""
    wanted = {io.span.buffer for io in crossing} | {response}
    kept: list[Op] = []
    for op in reversed(ops):
        if op.y.buffer in wanted:
            kept.append(op)
            wanted |= {s.buffer for s in (op.x, op.z) if s is not None}
    return tuple(reversed(kept))
