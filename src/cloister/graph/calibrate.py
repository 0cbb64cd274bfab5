"""Static quantisation to 8 bits, by ONNX Runtime's quantiser."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from cloister.graph.graph import Graph

Array = npt.NDArray[np.float32]
LOUD: Final = logging.CRITICAL


class _Inputs(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime has no types
    """Hands out inputs one by one."""

    def __init__(self, names: Sequence[str], items: Sequence[Sequence[Array]]) -> None:
        self._rest = iter([dict(zip(names, item, strict=True)) for item in items])

    def get_next(self) -> dict[str, Array] | None:
        return next(self._rest, None)


def calibrated(graph: Graph, items: Sequence[Sequence[Array]]) -> bytes:
    """The network with QuantizeLinear and DequantizeLinear around what it computes.

    Activations become uint8 with a zero point, their ranges those that the inputs show; weights
    int8 with a scale for each output channel.

    Args:
        graph: A float32 network.
        items: Real inputs, each a list of tensors in the order of the network's inputs.

    Returns:
        An ONNX file.
    """
    root, level = logging.getLogger(), logging.getLogger().level
    with tempfile.TemporaryDirectory() as folder:
        plain, made = Path(folder, "float32.onnx"), Path(folder, "int8.onnx")
        plain.write_bytes(graph.to_bytes())
        try:
            root.setLevel(LOUD)  # it asks for a preparation that normalising has done
            quantize_static(
                plain,
                made,
                _Inputs([info.name for info in graph.inputs], items),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )
        finally:
            root.setLevel(level)
        return made.read_bytes()
