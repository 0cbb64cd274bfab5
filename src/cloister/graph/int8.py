"""Numbers of 8 bits: weights, a byte for each and a scale for each output channel; and activations
between QuantizeLinear and DequantizeLinear.

`Int8Tensor` is what such weights are everywhere: to whoever reads it an ordinary float32 tensor,
codes times scales, so that cuts, tails and references need not know; lowering finds the codes in
it. Two ways lead to one: a model that stores its weights so, behind DequantizeLinear (a pass of
normalise), and `rounding.with_int8_weights`, which rounds the weights of a float32 network.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

Codes = npt.NDArray[np.int8]
Floats = npt.NDArray[np.float32]
CODE_MAX: Final = 127


class Int8Tensor(ir.LazyTensor):
    """float32 weights that are `codes` times `steps`.

    Args:
        codes: The bytes, in the weights' shape.
        steps: What one is worth: one float, or one for each index of `axis`.
        axis: Along which the steps lie; None: there is one.
        name: Of the tensor.
    """

    def __init__(self, codes: Codes, steps: Floats, axis: int | None, name: str) -> None:
        self.codes, self.steps, self.axis = codes, steps, axis
        super().__init__(
            lambda: ir.tensor(_times(codes, steps, axis), name=name),
            ir.DataType.FLOAT,
            ir.Shape(codes.shape),
            cache=True,
            name=name,
        )

    def steps_along(self, axis: int) -> Floats | None:
        """A step for each index of `axis`; None where they lie along another."""
        if self.axis not in (None, axis):
            return None
        return np.broadcast_to(self.steps.reshape(-1), (self.codes.shape[axis],))


def _times(codes: Codes, steps: Floats, axis: int | None) -> Floats:
    if axis is not None:
        steps = steps.reshape([-1 if a == axis else 1 for a in range(codes.ndim)])
    return codes.astype(np.float32) * steps


def rounded(weights: Floats, axis: int, name: str) -> Int8Tensor:
    """Weights as codes of -127 to 127, the largest of each channel at the end of the range."""
    others = tuple(a for a in range(weights.ndim) if a != axis)
    largest = np.abs(weights).max(axis=others)
    steps = np.where(largest > 0, largest / np.float32(CODE_MAX), 1).astype(np.float32)
    steps = np.where(steps > 0, steps, np.finfo(np.float32).tiny)  # of denormal weights
    along = steps.reshape([-1 if a == axis else 1 for a in range(weights.ndim)])
    codes = np.clip(np.rint(weights / along), -CODE_MAX, CODE_MAX).astype(np.int8)
    return Int8Tensor(codes, steps, axis, name)


def channel_axis(node: ir.Node) -> int | None:
    """Along which axis of a product's weights (its second input) the output channels lie; None
    where the operator is none, or its weights are no matrix.
    """
    weights = node.inputs[1] if len(node.inputs) > 1 else None
    rank = 0 if weights is None or weights.shape is None else len(weights.shape)
    if node.domain != "" or rank < 2:
        return None
    if node.op_type == "Gemm":
        return 0 if node.attributes.get_int("transB", 0) else 1
    return {"Conv": 0, "MatMul": 1 if rank == 2 else None}.get(node.op_type)


# -------------------------------------------------------------------------------- activations
RANGES: Final = {ir.DataType.INT8: (-128, 127), ir.DataType.UINT8: (0, 255)}


def pair_problem(node: ir.Node) -> str | None:
    """Why a QuantizeLinear, or a DequantizeLinear, is not half of a pair that rounds a tensor to 8
    bits; None where it is.
    """
    if node.op_type == "QuantizeLinear":
        return _step_problem(node) or _codes_problem(node)
    source = node.inputs[0].producer() if node.inputs[0] is not None else None
    if source is None or (source.domain, source.op_type) != ("", "QuantizeLinear"):
        return "its input is not what a QuantizeLinear gave"
    return pair_problem(source)


def _step_problem(node: ir.Node) -> str | None:
    if len(node.inputs) > 2 and node.inputs[2] is not None and _elements(node, 2) is None:
        return "its zero point is computed at run time"
    step = _elements(node, 1)
    if step is None or step.size != 1 or step.dtype != np.float32:
        return "its scale must be one constant float32 number for the whole tensor"
    number = float(np.asarray(step, np.float32).reshape(-1)[0])
    return None if 0 < number < np.inf else f"its scale is {number}; it must be finite and above 0"


def _codes_problem(node: ir.Node) -> str | None:
    codes = node.outputs[0]
    if codes.dtype not in RANGES:
        got = "of no type" if codes.dtype is None else codes.dtype.name.lower()
        return f"its output {codes.name!r} is {got}; the enclave rounds to int8 or uint8"
    if codes.is_graph_output() or not all(_undoes(u.node, u.idx, node) for u in codes.uses()):
        return "its output must be read by DequantizeLinear alone, with its scale and zero point"
    return None


def lowest_code(node: ir.Node) -> float:
    """The lowest code of a QuantizeLinear's output above its zero point, which is 0 or below."""
    dtype = node.outputs[0].dtype
    assert dtype is not None
    return float(RANGES[dtype][0] - _zero_point(node))


def _elements(node: ir.Node, index: int) -> npt.NDArray[np.generic] | None:
    value = node.inputs[index] if index < len(node.inputs) else None
    return None if value is None or value.const_value is None else value.const_value.numpy()


def _zero_point(node: ir.Node) -> int:
    zero = _elements(node, 2)
    return 0 if zero is None else int(zero.reshape(-1)[0])


def _undoes(reader: ir.Node, index: int, node: ir.Node) -> bool:
    """True for a DequantizeLinear with the scale and zero point of ``node``."""
    if (reader.domain, reader.op_type, index) != ("", "DequantizeLinear", 0):
        return False
    own, its = _elements(node, 1), _elements(reader, 1)
    if own is None or its is None or _step_problem(reader) is not None:
        return False
    return bool(own.reshape(-1) == its.reshape(-1)) and _zero_point(node) == _zero_point(reader)
