"""Networks in: an ONNX file, a PyTorch module, or a name such as ``torchvision:resnet50``.

Every failure is a UserError that names the thing and says what to do. torch is imported only for
modules and names.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnx_ir as ir
from onnx_ir.passes.common import RemoveInitializersFromInputsPass

from cloister.errors import UserError
from cloister.graph.graph import Graph, value_name
from cloister.graph.normalise import normalise, set_input_shapes
from cloister.graph.normalise.names import fix_names
from cloister.graph.normalise.opset import NEWEST_IR_VERSION
from cloister.graph.normalise.quiet import quiet
from cloister.graph.normalise.shapes import forget_shapes, try_model
from cloister.graph.normalise.unused import remove_unused

if TYPE_CHECKING:
    import torch

ZOO = "torchvision:"
IMAGE_SHAPE = (1, 3, 224, 224)
INPUT_DTYPE = ir.DataType.FLOAT

# Field numbers of ModelProto that hold bytes, and the wire types of protocol buffers.
_VARINT, _BYTES = 0, 2
_FIXED = {1: 8, 5: 4}  # bytes


def load(
    source: str | Path | torch.nn.Module,
    *,
    shapes: Mapping[str, int] | None = None,
    random_weights: bool = False,
    input_shape: Sequence[int] | None = None,
) -> Graph:
    """Loads and normalises a network.

    Args:
        source: Path of an ONNX file, ``torchvision:NAME``, or a PyTorch module (put into eval mode
            for the export).
        shapes: Lengths of open axes, by the axis' name or ``INPUT.AXIS``. An open first axis
            becomes 1.
        random_weights: For names: do not fetch the published weights, draw them (always the same).
        input_shape: For modules and names: shape of the image batch that is exported, N C H W.

    Raises:
        UserError: The source is missing, damaged, open, or of a kind that Cloister does not take.
        OutsideError: The published weights of a named network cannot be fetched.
    """
    if isinstance(source, str) and source.startswith(ZOO):
        module, shape = _with_torch("zoo").module(
            source.removeprefix(ZOO), random_weights=random_weights
        )
        return _load_module(module, input_shape or shape, shapes or {}, name=source)
    if isinstance(source, str | Path):
        return _load_file(Path(source), shapes or {})
    return _load_module(
        source, input_shape or IMAGE_SHAPE, shapes or {}, name=type(source).__name__
    )


def from_proto(
    proto: onnx.ModelProto, *, name: str = "model", shapes: Mapping[str, int] | None = None
) -> Graph:
    """Normalises a model that is in memory already (its weights too)."""
    data = proto.SerializeToString()
    with _invalid(name):
        model = ir.from_proto(proto)
    return _finish(model, shapes or {}, name, hashlib.sha256(data).hexdigest())


@contextlib.contextmanager
def _invalid(name: str) -> Iterator[None]:
    """Turns whatever onnx-ir raises of a broken model into a UserError."""
    try:
        with quiet("onnx_ir"):
            yield
    except UserError:
        raise
    except Exception as error:
        cause: BaseException = error
        while cause.__cause__ is not None:  # onnx-ir wraps the reason once for each level
            cause = cause.__cause__
        raise UserError(
            f"{name} is not a valid ONNX model: {cause}",
            code="invalid-model",
            hint="export it again; onnx.checker.check_model may say more",
        ) from error


def _load_file(path: Path, shapes: Mapping[str, int]) -> Graph:
    if path.is_dir():
        raise UserError(
            f"{path} is a folder, not an ONNX file", code="not-a-file", hint="name the .onnx file"
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(
            f"cannot read {path}: {error.strerror or error}",
            code="file-missing",
            hint="give the path of an ONNX file, or torchvision:NAME",
        ) from error
    digest = hashlib.sha256(data)
    proto = _parse(path, data)
    del data  # a large network lies in memory twice at most
    for file in _external_files(path, proto):
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
    with _invalid(str(path)):
        model = ir.from_proto(proto)
        ir.external_data.set_base_dir(model.graph, path.parent)
        ir.external_data.load_to_model(model)
        del proto
        _own(model)
    name = os.fsencode(path.stem).decode(errors="replace")
    graph = _finish(model, shapes, name, digest.hexdigest())
    graph.source = None if shapes else path
    return graph


def _own(model: ir.Model) -> None:
    """Takes the weights out of the file's parsed form, which goes with the last of them."""
    for graph in model.graphs():
        for value in graph.initializers.values():
            if value.const_value is not None:
                value.const_value = _copy(value.const_value)
    for node in ir.traversal.RecursiveGraphIterator(model.graph):
        for name, attribute in node.attributes.items():
            if attribute.type == ir.AttributeType.TENSOR and not attribute.is_ref():
                node.attributes[name] = ir.AttrTensor(name, _copy(attribute.value))


def _copy(tensor: ir.TensorProtocol) -> ir.TensorProtocol:
    if not isinstance(tensor, ir.TensorProtoTensor) or tensor.dtype == ir.DataType.STRING:
        return tensor
    return ir.Tensor(tensor.numpy(), dtype=tensor.dtype, shape=tensor.shape, name=tensor.name)


def _parse(path: Path, data: bytes) -> onnx.ModelProto:
    proto = onnx.ModelProto()
    try:
        proto.ParseFromString(data)
        parsed = proto.ir_version > 0 and proto.HasField("graph")
    except Exception:  # DecodeError; protobuf brings no types
        parsed = False
    if parsed and (len(proto.graph.node) > 0 or len(proto.graph.output) > 0):
        return proto
    if _is_cut_short(data):
        raise UserError(
            f"{path} is ONNX cut short or damaged: its {len(data):,} bytes end inside a field",
            code="truncated-model",
            hint="copy or download it again",
        )
    raise UserError(
        f"{path} is not an ONNX file ({len(data):,} bytes)",
        code="not-onnx",
        hint="give a file that torch.onnx.export, tf2onnx or the like wrote",
    )


def _is_cut_short(data: bytes) -> bool:
    """True where ``data`` begins as ModelProto does (field 1, ir_version) but does not fit.

    Data whose fields all fit, but that hold no graph, end before it and are cut short too.
    """
    at = 0 if data.startswith(b"\x08") else -1
    while 0 <= at < len(data):
        tag, at = _varint(data, at)
        wire = tag & 7
        if at < 0 or wire == _VARINT:
            _, at = _varint(data, at)
        elif wire == _BYTES:
            length, at = _varint(data, at)
            at = at + length if at >= 0 else at
        elif wire in _FIXED:
            at += _FIXED[wire]
        else:
            return False
        if at < 0:
            return True
    return at >= 0


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at`` and where the next thing begins; -1 where the data ends inside it."""
    value = 0
    if at < 0:
        return 0, -1
    for shift in range(0, 70, 7):
        if at >= len(data):
            return 0, -1
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    return 0, -1


def _external_files(path: Path, proto: onnx.ModelProto) -> list[Path]:
    """The files beside ``path`` that hold its weights; all are there, inside its folder, and long
    enough.
    """
    folder = path.parent.resolve()
    ends: dict[Path, int] = {}
    for tensor in proto.graph.initializer:
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        entries = {e.key: e.value for e in tensor.external_data}
        file = (folder / entries.get("location", "")).resolve()
        if not file.is_relative_to(folder):
            raise UserError(
                f"{path}: the weights {tensor.name!r} lie outside the model's folder",
                code="external-data-outside",
                hint="keep the external data file beside the model",
            )
        if not file.is_file():
            raise UserError(
                f"{path}: the weights {tensor.name!r} are in {file.name}, which is missing",
                code="external-data-missing",
                hint=f"copy {file.name} into {folder}",
            )
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", 0))
        ends[file] = max(ends.get(file, 0), offset + length)
    for file, end in ends.items():
        if file.stat().st_size < end:
            raise UserError(
                f"{file} has {file.stat().st_size:,} bytes, but the model needs {end:,}",
                code="external-data-truncated",
                hint="copy or download it again",
            )
    return sorted(ends)


def _load_module(
    module: torch.nn.Module, input_shape: Sequence[int], shapes: Mapping[str, int], *, name: str
) -> Graph:
    return from_proto(
        _with_torch("export").export_module(module, input_shape), name=name, shapes=shapes
    )


def _with_torch(part: str) -> types.ModuleType:
    """One of the two files of this package that import torch."""
    try:
        return importlib.import_module(f"cloister.graph.{part}")
    except ImportError as error:
        raise UserError(
            f"PyTorch modules and torchvision: names need PyTorch: {error}",
            code="torch-missing",
            hint='pip install "cloister[audit]", and torchvision for its names',
        ) from error


def _finish(model: ir.Model, shapes: Mapping[str, int], name: str, sha256: str) -> Graph:
    with _invalid(name):  # until ONNX Runtime has taken it, anything can be wrong
        RemoveInitializersFromInputsPass()(model)
        _check_inputs(model)
        set_input_shapes(model, shapes)
        forget_shapes(model)
        # A newer IR has types that no float32 network needs; ONNX Runtime would refuse its number.
        model.ir_version = min(model.ir_version, NEWEST_IR_VERSION)
        fix_names(model)
        remove_unused(model)  # ONNX Runtime stumbles over some unused weights of old files
        try_model(model)
    normalise(model)
    _check_weights(model)
    return Graph(model, name=name, sha256=sha256)


def _check_inputs(model: ir.Model) -> None:
    if not model.graph.inputs or not model.graph.outputs:
        raise UserError(
            "the model has no input or no output", code="invalid-model", hint="export it again"
        )
    for value in model.graph.inputs:
        if value.dtype != INPUT_DTYPE:
            got = "no tensor" if value.dtype is None else value.dtype.name.lower()
            raise UserError(
                f"input {value.name!r} is {got}; Cloister runs float32 networks",
                code="unsupported-dtype",
                hint="export the network in float32, with float32 inputs",
            )


def _check_weights(model: ir.Model) -> None:
    for value in model.graph.initializers.values():
        tensor = value.const_value
        if tensor is None or not tensor.dtype.is_floating_point():
            continue
        if tensor.dtype == INPUT_DTYPE and np.isnan(tensor.numpy()).any():
            raise UserError(
                f"the weights {value_name(value)!r} hold NaN",
                code="nan-weights",
                hint="the training diverged, or the file is damaged",
            )
