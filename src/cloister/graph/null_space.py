"""A defence that costs nothing in accuracy: send only what the next linear layers read.

Where all that reads a crossing tensor z are linear layers, with joint matrix W = [W1; W2; ...] of
rank r below z's number of channels C, the C - r directions of W's null space change no answer and
need not leave. The head then ends with V' z, r numbers a pixel, where the columns of V are an
orthonormal basis of W's row space (its right singular vectors), and the layers become W V: in real
numbers the same function, for W V V' = W. (Samragh et al., Unsupervised information obfuscation
for split inference of neural networks, use the same subspace.)

What is left reveals as much as the outputs of those layers, no less: V' z and W z determine each
other. The audit of the new network shows it. A kernel larger than 1 x 1 counts all of its taps,
so that what is kept is enough at each pixel.

Rounding: V' z is computed in float32 from rounded V, which mixes about 1e-7 of what was removed
into each number, below the rounding of the number itself.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import onnx_ir as ir

from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph, value_name

Matrix = npt.NDArray[np.float64]
SUFFIX: Final = "/projected"
CHANNELS_MAX: Final = 8192


@dataclass(frozen=True)
class Projected:
    """A network whose cut sends less.

    Args:
        graph: The new network; it computes the same, rounding aside.
        cut: Name of its crossing tensor.
        channels: Numbers a place that left before.
        rank: Numbers a place that leave now.
        places: Pixels or tokens of the crossing tensor; 1: a vector.
        readers: The layers that read them.
    """

    graph: Graph
    cut: str
    channels: int
    rank: int
    places: int
    readers: tuple[str, ...]


@dataclass(frozen=True)
class _Reader:
    """A linear layer.

    Args:
        node: Its node.
        rows: Its matrix, [anything, C].
    """

    node: ir.Node
    rows: Matrix


def project(graph: Graph, cut: Cut) -> Projected:
    """Ends the head of a cut with the projection on what its readers read.

    Args:
        graph: The network; stays as it is.
        cut: With one crossing tensor, [1, C, H, W] or [.., C].

    Raises:
        UserError: The cut has several crossing tensors, other readers than linear layers, or
            nothing that is not read.
    """
    if len(cut.crossing) != 1:
        raise _refused(cut, f"it has {len(cut.crossing)} crossing tensors, expected 1")
    model = ir.from_proto(onnx.load_from_string(graph.to_bytes()))
    copy = Graph(model, name=graph.name, sha256=graph.sha256)
    z = copy.value(cut.crossing[0].name)
    if z.is_graph_output():
        raise _refused(cut, "it is an answer of the network: all of it must leave")
    shape = cut.crossing[0].shape
    channels = shape[1] if len(shape) == 4 else shape[-1]
    if channels > CHANNELS_MAX:
        raise _refused(cut, f"it has {channels} channels, more than {CHANNELS_MAX}")
    readers = [_reader(copy, z, node, cut) for node in dict.fromkeys(u.node for u in z.uses())]
    basis = _row_space(np.concatenate([reader.rows for reader in readers]))
    rank = basis.shape[1]
    if rank == channels:
        raise _refused(cut, f"the layers after it read all of its {channels} channels")
    projected = _insert(model, z, basis, shape)
    for reader in readers:
        _narrow(model, reader, z, projected, basis)
    data = ir.to_proto(model).SerializeToString()
    made = Graph(model, name=f"{graph.name}-projected", sha256=hashlib.sha256(data).hexdigest())
    return Projected(
        made,
        value_name(projected),
        channels,
        rank,
        math.prod(shape) // channels,
        tuple(str(r.node.name) for r in readers),
    )


def _refused(cut: Cut, why: str) -> UserError:
    return UserError(
        f"the cut {cut.id} cannot be projected: {why}",
        code="no-null-space",
        hint="It helps before layers that take in more channels than they give out, and nothing "
        "else (no skip) may read the tensor.",
    )


def _reader(graph: Graph, z: ir.Value, node: ir.Node, cut: Cut) -> _Reader:
    rows = READERS[node.op_type](graph, node) if node.op_type in READERS else None
    if rows is None or node.inputs[0] is not z or z in node.inputs[1:]:
        raise _refused(cut, f"{node.name} ({node.op_type}) reads it, and is no linear layer of it")
    return _Reader(node, rows)


def _conv(graph: Graph, node: ir.Node) -> Matrix | None:
    """Weights [O, C, kh, kw] as [O * kh * kw, C]."""
    weights = graph.constant(node.inputs[1])
    if weights is None or node.attributes.get_int("group", 1) != 1:
        return None
    return np.moveaxis(np.asarray(weights, np.float64), 1, -1).reshape(-1, weights.shape[1])


def _gemm(graph: Graph, node: ir.Node) -> Matrix | None:
    weights = graph.constant(node.inputs[1])
    if weights is None or _flag(node, "transA"):
        return None
    matrix = np.asarray(weights, np.float64)
    return matrix if _flag(node, "transB") else matrix.T


def _flag(node: ir.Node, name: str) -> bool:
    return bool(node.attributes.get_int(name, 0))


def _matmul(graph: Graph, node: ir.Node) -> Matrix | None:
    weights = graph.constant(node.inputs[1])
    return None if weights is None or weights.ndim != 2 else np.asarray(weights, np.float64).T


READERS: Final = {"Conv": _conv, "Gemm": _gemm, "MatMul": _matmul}


def _row_space(rows: Matrix) -> Matrix:
    """Orthonormal basis [C, r] of the rows' span; the threshold is `numpy.linalg.matrix_rank`'s."""
    _, values, vectors = np.linalg.svd(rows, full_matrices=False)
    rank = int((values > values[0] * max(rows.shape) * np.finfo(np.float64).eps).sum())
    return np.asarray(vectors[: max(rank, 1)].T)


def _insert(model: ir.Model, z: ir.Value, basis: Matrix, shape: tuple[int, ...]) -> ir.Value:
    """V' z after z's producer: a 1 x 1 convolution of a map, else a product."""
    name = f"{z.name}{SUFFIX}"
    rank = basis.shape[1]
    if len(shape) == 4:
        weights, op, dims = basis.T[:, :, None, None], "Conv", (shape[0], rank, *shape[2:])
    else:
        weights, op, dims = basis, "MatMul", (*shape[:-1], rank)
    constant = _constant(model, f"{name}/weights", weights)
    node = ir.Node("", op, [z, constant], name=name)
    value = node.outputs[0]
    value.name, value.shape, value.type = name, ir.Shape(dims), z.type
    producer = z.producer()
    if producer is None:
        model.graph.insert_before(model.graph[0], node)
    else:
        model.graph.insert_after(producer, node)
    return value


def _narrow(
    model: ir.Model, reader: _Reader, z: ir.Value, projected: ir.Value, basis: Matrix
) -> None:
    """W becomes W V, in the layout of the operator."""
    node = reader.node
    weights = node.inputs[1]
    assert weights is not None and weights.const_value is not None
    old = np.asarray(weights.const_value.numpy(), np.float64)
    if node.op_type == "Conv":
        new = np.moveaxis(np.moveaxis(old, 1, -1) @ basis, -1, 1)
    elif node.op_type == "Gemm" and _flag(node, "transB"):
        new = old @ basis
    else:
        new = basis.T @ old
    at = [i for i, value in enumerate(node.inputs) if value is z]
    for i in at:
        node.replace_input_with(i, projected)
    node.replace_input_with(1, _constant(model, f"{weights.name}{SUFFIX}/{node.name}", new))
    if not weights.uses() and not weights.is_graph_output():
        model.graph.initializers.pop(value_name(weights), None)


def _constant(model: ir.Model, name: str, values: Matrix) -> ir.Value:
    tensor = ir.tensor(np.ascontiguousarray(values, np.float32), name=name)
    value = ir.Value(
        name=name,
        shape=ir.Shape(values.shape),
        type=ir.TensorType(ir.DataType.FLOAT),
        const_value=tensor,
    )
    model.graph.register_initializer(value)
    return value
