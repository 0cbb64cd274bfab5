"""The shape in which the numbers of a crossing tensor have places.

A flattened map holds the map's numbers in the map's order: whoever attacks it knows the graph, and
lays them out as the map again. Reshapes are followed back to a map, and so is what acts on each
number alone, for it moves none. Nothing is followed through a transposition, and a tensor whose
channels were moved last is no map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import onnx_ir as ir

from cloister.graph.cuts import Cut
from cloister.graph.graph import TensorInfo, tensor_info

Shape = tuple[int, ...]

RESHAPES: Final = frozenset({"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Dropout"})
# Of one computed tensor; the others that they read are constants.
ON_EACH_NUMBER: Final = frozenset({
    "Abs", "Add", "Cast", "Clip", "DequantizeLinear", "Div", "Elu", "Erf", "Exp", "Gelu",
    "HardSigmoid", "HardSwish", "LeakyRelu", "Mul", "Neg", "PRelu", "QuantizeLinear", "Relu",
    "Selu", "Sigmoid", "Softplus", "Softsign", "Sqrt", "Sub", "Tanh",
})  # fmt: skip
_MAP: Final = 4  # axes: batch, channels, height, width


def layouts(cut: Cut) -> list[Shape]:
    """The shape of each crossing tensor, without the batch axis; a flattened map's is the map's."""
    made = {v.name: v for node in cut.head_nodes for v in node.outputs}
    return [_layout(info, made.get(info.name)) for info in cut.crossing]


def _layout(info: TensorInfo, value: ir.Value | None) -> Shape:
    own = without_batch(info.shape)
    flat = len(own) < _MAP and max(own, default=1) == math.prod(own)
    before = _before(value) if value is not None else iter(())
    for other in before:
        shape = tensor_info(other).shape
        if _is_map(shape) and math.prod(shape) == math.prod(own):
            folded = own == (shape[1], shape[2] * shape[3])
            return shape[1:] if (flat or folded) and not _channels_last(other) else own
    return own


def without_batch(shape: Shape) -> Shape:
    """A tensor's shape for one picture."""
    return tuple(shape[1:]) if len(shape) > 1 and shape[0] == 1 else tuple(shape)


def _is_map(shape: Shape) -> bool:
    return len(shape) == _MAP and shape[0] == 1 and shape[2] * shape[3] > 1


def _before(value: ir.Value) -> Iterator[ir.Value]:
    """Tensors with the same places in the same order, the nearest first."""
    while (node := value.producer()) is not None and not node.domain:
        read = [v for v in node.inputs if v is not None and v.const_value is None]
        if len(read) != 1 or not (
            node.op_type in RESHAPES
            or (node.op_type in ON_EACH_NUMBER and _same_shape(value, read[0]))
        ):
            return
        value = read[0]
        yield value


def _channels_last(value: ir.Value) -> bool:
    for one in (value, *_before(value)):
        if not _same_shape(one, value):
            return False
        node = one.producer()
        if node is not None and node.op_type == "Transpose":
            order = node.attributes.get("perm")
            return order is None or list(order.as_ints())[-1] == 1
    return False


def _same_shape(a: ir.Value, b: ir.Value) -> bool:
    return tensor_info(a).shape == tensor_info(b).shape
