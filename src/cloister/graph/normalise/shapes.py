"""Static shapes for every value: ONNX's inference first, one run in ONNX Runtime where that is
silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt
import onnx
import onnx_ir as ir
import onnxruntime
from onnx_ir.passes.common import ShapeInferencePass

from cloister.errors import UserError
from cloister.graph.normalise.quiet import quiet

Array = npt.NDArray[np.generic]

# Weights from here on are not copied for a run.
WEIGHTS_BYTES = 1 << 16
# Operators whose output shape depends on the data: a shape seen in one run says nothing about the
# next.
DATA_DEPENDENT = {"NonZero", "Unique", "Compress", "NonMaxSuppression", "Loop", "Scan", "If"}


def set_input_shapes(model: ir.Model, shapes: Mapping[str, int]) -> None:
    """Closes the open axes of the inputs, in place.

    An axis goes by its name in the model, or by ``INPUT.AXIS`` (``image.2``), which also changes a
    fixed one. An open first axis is the batch and becomes 1.

    Raises:
        UserError: An axis stays open, a name in ``shapes`` is no axis, or a length is not positive.
    """
    unused = dict(shapes)
    known = ", ".join(_axis_names(model)) or "none"
    open_axes: list[str] = []
    for value in model.graph.inputs:
        if value.name in model.graph.initializers:
            continue
        if value.shape is None:
            raise UserError(
                f"input {value.name!r} has no shape, not even a rank",
                code="open-axes",
                hint="export the model with the shapes of its inputs",
            )
        dims = [_length(value, axis, shapes, unused) for axis in range(len(value.shape))]
        open_axes += [d for d in dims if isinstance(d, str)]
        value.shape = ir.Shape([d if isinstance(d, int) else None for d in dims])
    if unused:
        raise UserError(
            f"no input has an axis named {', '.join(sorted(unused))}; axes: {known}",
            code="unknown-axis",
            hint="--shape takes NAME=LENGTH, with NAME of the model's or INPUT.AXIS",
        )
    if open_axes:
        example = " ".join(f"--shape {name}=LENGTH" for name in dict.fromkeys(open_axes))
        raise UserError(
            f"open axes: {', '.join(dict.fromkeys(open_axes))}", code="open-axes", hint=example
        )


def _length(
    value: ir.Value, axis: int, shapes: Mapping[str, int], unused: dict[str, int]
) -> int | str:
    """The length of one axis, or the name by which it can be given."""
    assert value.shape is not None
    dim = value.shape[axis]
    place = f"{value.name}.{axis}"
    name = place if isinstance(dim, int) or dim.value is None else dim.value
    for key in (place, name):
        if key in shapes:
            unused.pop(key, None)
            if shapes[key] < 1:
                raise UserError(
                    f"axis {key} cannot have length {shapes[key]}",
                    code="bad-shape",
                    hint="lengths are 1 or more",
                )
            return int(shapes[key])
    if isinstance(dim, int) and dim > 0:
        return dim
    return 1 if axis == 0 else name


def _axis_names(model: ir.Model) -> Iterator[str]:
    for value in model.graph.inputs:
        for axis, dim in enumerate(value.shape or ()):
            named = not isinstance(dim, int) and dim.value is not None
            yield str(dim) if named else f"{value.name}.{axis}"


def forget_shapes(model: ir.Model) -> None:
    """Drops what the file says about computed values: it was written for open or other input
    shapes.
    """
    for node in model.graph:
        for value in node.outputs:
            value.shape = None


def infer_shapes(model: ir.Model) -> None:
    """Infers what ONNX can infer; what it cannot stays open."""
    with quiet("onnx_ir.passes.common.shape_inference"):
        ShapeInferencePass(check_type=False, strict_mode=False, data_prop=True)(model)


def try_model(model: ir.Model) -> None:
    """Runs ``model`` once on zeros: what ONNX Runtime takes, Cloister takes.

    ONNX's own checker is no judge: it refuses files that run everywhere (outputs without a shape),
    and passes some that run nowhere (channels that do not fit).

    Raises:
        UserError: ONNX Runtime refuses the model.
    """
    names = [v.name for v in model.graph.outputs if v.name]
    _run(model, names, 0.0)


def complete_shapes(model: ir.Model) -> None:
    """Types what inference left open (operators outside the standard) by looking at two runs in
    ONNX Runtime.

    Raises:
        UserError: ONNX Runtime refuses the model, or an axis depends on the data.
    """
    infer_shapes(model)
    missing = [v for v in _computed(model) if not _is_typed(v)]
    if not missing:
        return
    first, second = _run(model, [v.name for v in missing if v.name], 0.0, 0.5)
    data_dependent = any(n.op_type in DATA_DEPENDENT for n in model.graph)
    for value, a, b in zip(missing, first, second, strict=True):
        if not isinstance(a, np.ndarray) or a.shape != b.shape or data_dependent:
            node = value.producer()
            raise UserError(
                f"the shape of {value.name!r} (node {node.name if node else None!r}, operator "
                f"{node.op_type if node else None}) depends on the data",
                code="open-axes",
                hint="cut the part with data-dependent shapes off before handing the model in",
            )
        value.shape, value.dtype = ir.Shape(a.shape), ir.DataType.from_numpy(a.dtype)


def _computed(model: ir.Model) -> Iterator[ir.Value]:
    for node in model.graph:
        yield from (v for v in node.outputs if v.name and (v.uses() or v.is_graph_output()))


def _is_typed(value: ir.Value) -> bool:
    return value.dtype is not None and value.shape is not None and value.shape.is_static()


def _run(model: ir.Model, wanted: list[str], *fills: float) -> list[list[Array]]:
    """Values of these names with inputs full of each of these numbers."""
    options = onnxruntime.SessionOptions()
    # The session reads the weights where they lie: they live as long as it does.
    proto, _weights = _without_weights(model, options)
    del proto.graph.output[:]
    proto.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.disable_prepacking", "1")  # for one run: a copy
    try:
        session = onnxruntime.InferenceSession(
            bytes(proto.SerializeToString()), options, providers=["CPUExecutionProvider"]
        )
        return [list(session.run(None, _inputs(model, fill))) for fill in fills]
    except Exception as error:
        raise UserError(
            f"ONNX Runtime does not take the model: {error}",
            code="invalid-model",
            hint="check the model with onnx.checker, or with other input shapes (--shape)",
        ) from error


def _inputs(model: ir.Model, fill: float) -> dict[str, Array]:
    return {
        value.name: np.full(value.shape.numpy(), fill, value.dtype.numpy())
        for value in model.graph.inputs
        if value.name
        and value.name not in model.graph.initializers
        and value.dtype
        and value.shape is not None
    }


def _without_weights(
    model: ir.Model, options: onnxruntime.SessionOptions
) -> tuple[onnx.ModelProto, list[onnxruntime.OrtValue]]:
    """The model without its large weights, and these, which ONNX Runtime reads where they lie."""
    large = {
        name: tensor
        for name, value in model.graph.initializers.items()
        if (tensor := value.const_value) is not None
        and tensor.nbytes >= WEIGHTS_BYTES
        and tensor.dtype == ir.DataType.FLOAT
    }
    try:
        for name, tensor in large.items():
            model.graph.initializers[name].const_value = ir.ExternalTensor(
                "weights",
                0,
                tensor.nbytes,
                tensor.dtype,
                shape=ir.Shape(tensor.shape.numpy()),
                name=name,
            )
        proto = ir.to_proto(model)
    finally:
        for name, tensor in large.items():
            model.graph.initializers[name].const_value = tensor
    arrays = [np.ascontiguousarray(tensor.numpy()) for tensor in large.values()]
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in arrays]
    if large:
        options.add_external_initializers(list(large), values)
    return proto, values
