"""ONNX Runtime as the reference: what the network computes where nothing is hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime

from cloister.errors import UserError
from cloister.graph.graph import Graph

Array = npt.NDArray[np.generic]


class Reference:
    """One ONNX Runtime session on the CPU.

    Args:
        model: A graph, an ONNX file's bytes, or its path.
        threads: Threads within one operator.
        intermediates: Names of inner tensors that `run` gives as well, after the outputs.

    Raises:
        UserError: ONNX Runtime does not take the model.
    """

    def __init__(
        self,
        model: Graph | bytes | str | Path,
        *,
        threads: int = 1,
        intermediates: Sequence[str] = (),
    ) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # refusals come as exceptions
        # Rounds to 8 bits as ONNX has it, and does not compute in them.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        source = model.to_bytes() if isinstance(model, Graph) else model
        if intermediates:
            source = _with_outputs(source, intermediates)
        try:
            self.session = onnxruntime.InferenceSession(
                source if isinstance(source, bytes) else _taken(source),
                options,
                providers=["CPUExecutionProvider"],
            )
        except Exception as error:
            raise UserError(
                f"ONNX Runtime does not take the model: {error}",
                code="invalid-model",
                hint="onnx.checker.check_model may say more",
            ) from error
        self.input_names: list[str] = [i.name for i in self.session.get_inputs()]
        self.output_names: list[str] = [o.name for o in self.session.get_outputs()]

    def run(self, inputs: Sequence[Array] | Mapping[str, Array]) -> list[Array]:
        """One run; inputs by name or in the model's order, outputs in its order."""
        if not isinstance(inputs, Mapping):
            inputs = dict(zip(self.input_names, inputs, strict=True))
        try:
            return list(self.session.run(None, dict(inputs)))
        except Exception as error:
            shapes = {name: (str(a.dtype), a.shape) for name, a in inputs.items()}
            raise UserError(
                f"ONNX Runtime cannot run the model on {shapes}: {error}",
                code="bad-input",
                hint="give inputs of the model's names, shapes and dtypes",
            ) from error


def _taken(path: str | Path) -> str | bytes:
    """What ONNX Runtime takes for a file: its path, or its bytes where the path is not UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return Path(path).read_bytes()
    return str(path)


def _with_outputs(source: bytes | str | Path, names: Sequence[str]) -> bytes:
    proto = onnx.load_from_string(source) if isinstance(source, bytes) else onnx.load(str(source))
    there = {o.name for o in proto.graph.output}
    proto.graph.output.extend(onnx.ValueInfoProto(name=n) for n in names if n not in there)
    return bytes(proto.SerializeToString())
