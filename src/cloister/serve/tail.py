"""The tail: the layers after the cut, in ONNX Runtime, in the open.

What it computes is checked against the manifest before it is framed; the enclave, to which the
tail is hostile, checks again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime as ort

from cloister.channel.message import Array
from cloister.errors import OutsideError, UserError
from cloister.pack.manifest import Manifest, Tensor


class Tail(Protocol):
    """Computes outputs from crossing tensors."""

    def run(self, crossing: list[Array]) -> list[Array]:
        """Runs the layers after the cut.

        Args:
            crossing: In the manifest's order.

        Returns:
            The outputs, in the manifest's order, of its shapes.

        Raises:
            OutsideError: It failed, or gave something else.
        """


class LocalTail:
    """The tail in this process.

    Args:
        path: tail.onnx.
        manifest: Says what goes in and what comes out.
        threads: Of ONNX Runtime; 0: one for each core.

    Raises:
        UserError: The file is no network that fits the manifest.
    """

    def __init__(self, path: Path, manifest: Manifest, *, threads: int = 1) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = ort.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's errors share no narrower base
            raise UserError(
                f"tail {path}: ONNX Runtime does not take it ({type(error).__name__})",
                code="bad-tail",
                hint="Pack the network again with this version.",
            ) from error
        self._inputs = [tensor.name for tensor in manifest.crossing]
        self._outputs = manifest.outputs
        _same(path, "input", manifest.crossing, self._session.get_inputs())
        _same(path, "output", manifest.outputs, self._session.get_outputs())

    def run(self, crossing: list[Array]) -> list[Array]:
        """See `Tail`."""
        names = [tensor.name for tensor in self._outputs]
        try:
            found = self._session.run(names, dict(zip(self._inputs, crossing, strict=True)))
        except Exception as error:  # ONNX Runtime's errors share no narrower base
            raise OutsideError(
                f"the tail failed in ONNX Runtime ({type(error).__name__})", code="tail-failed"
            ) from error
        return check_outputs(found, self._outputs)


def check_outputs(found: list[object], expected: tuple[Tensor, ...]) -> list[Array]:
    """Takes a tail's outputs if they are what the manifest says, in count, dtype and shape.

    Raises:
        OutsideError: They are not.
    """
    if len(found) != len(expected):
        raise OutsideError(
            f"the tail gave {len(found)} outputs, expected {len(expected)}", code="bad-tail-output"
        )
    taken = []
    for value, tensor in zip(found, expected, strict=True):
        if (
            not isinstance(value, np.ndarray)
            or value.dtype != np.float32
            or value.shape != tensor.shape
        ):
            raise OutsideError(
                f"the tail's output {tensor.name} is not float32 of shape {list(tensor.shape)}",
                code="bad-tail-output",
            )
        taken.append(value)
    return taken


def _same(path: Path, what: str, expected: tuple[Tensor, ...], found: list[ort.NodeArg]) -> None:
    """Compares names and shapes once, so that a mismatch is an error of the start."""
    there = {arg.name: arg.shape for arg in found}
    for tensor in expected:
        if there.get(tensor.name) != list(tensor.shape):
            raise UserError(
                f"tail {path}: {what} {tensor.name} has shape {there.get(tensor.name)}, the "
                f"manifest says {list(tensor.shape)}",
                code="bad-tail",
                hint="Pack the network again with this version.",
            )
