"""The caller's arrays, compared with what the network takes, before they are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloister.channel.message import Array
from cloister.errors import UserError
from cloister.pack.manifest import Tensor

Inputs = NDArray[Any] | Sequence[NDArray[Any]] | Mapping[str, NDArray[Any]]


def fitting(inputs: Inputs, expected: Sequence[Tensor]) -> list[Array]:
    """The inputs in the network's order.

    Args:
        inputs: By order, by name, or the one array of a network with one input.
        expected: The manifest's inputs.

    Raises:
        UserError: Number, name, dtype or shape differs, or one holds NaN. Nothing is cast.
    """
    arrays = _in_order(inputs, expected)
    for array, tensor in zip(arrays, expected, strict=True):
        _compare(array, tensor)
    return arrays


def _in_order(inputs: Inputs, expected: Sequence[Tensor]) -> list[Any]:
    names = [tensor.name for tensor in expected]
    if isinstance(inputs, Mapping):
        if set(inputs) != set(names):
            raise UserError(
                f"inputs are named {sorted(map(str, inputs))}, the network's are {names}",
                code="wrong-inputs",
            )
        return [inputs[name] for name in names]
    arrays = [inputs] if isinstance(inputs, np.ndarray) else list(inputs)
    if len(arrays) != len(names):
        raise UserError(
            f"{len(arrays)} input(s) were given, the network takes {len(names)}: {names}",
            code="wrong-inputs",
        )
    return arrays


def _compare(array: object, tensor: Tensor) -> None:
    if not isinstance(array, np.ndarray):
        raise UserError(
            f"input {tensor.name!r} is {type(array).__name__}, expected a NumPy array",
            code="wrong-inputs",
        )
    if array.dtype != np.float32:
        raise UserError(
            f"input {tensor.name!r} is {array.dtype}, expected float32",
            code="wrong-dtype",
            hint="Convert it yourself, so that nothing is lost unseen: x.astype(numpy.float32).",
        )
    if array.shape != tensor.shape:
        raise UserError(
            f"input {tensor.name!r} has shape {list(array.shape)}, expected {list(tensor.shape)}",
            code="wrong-shape",
        )
    if np.isnan(array).any():
        raise UserError(
            f"input {tensor.name!r} holds NaN ({int(np.isnan(array).sum())} of {array.size})",
            code="nan-input",
            hint="Every answer would be NaN; find where it comes from.",
        )
