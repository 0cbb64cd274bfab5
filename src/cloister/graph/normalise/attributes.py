"""One form for each operator: defaults that depend on shapes are spelt out, the mean of a map is
GlobalAveragePool.
"""

from __future__ import annotations

import numpy as np
import onnx_ir as ir

REDUCTIONS = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"}


def plain_attributes(model: ir.Model) -> None:
    """Writes Split's sizes and the reductions' axes as constant inputs, and means of whole maps as
    pooling.
    """
    for node in model.graph:
        if node.domain != "":
            continue
        if node.op_type == "Split":
            _split_sizes(model, node)
        elif node.op_type in REDUCTIONS:
            _reduction_axes(model, node)
            _mean_of_maps(node)


def _split_sizes(model: ir.Model, node: ir.Node) -> None:
    if len(node.inputs) > 1 and node.inputs[1] is not None:
        return
    axis = node.attributes.get_int("axis", 0)
    sizes = []
    for value in node.outputs:
        if value.shape is None or not value.shape.is_static():
            return
        sizes.append(int(value.shape.numpy()[axis]))
    node.attributes.pop("num_outputs", None)
    _set_input(model, node, 1, sizes, "split")


def _reduction_axes(model: ir.Model, node: ir.Node) -> None:
    if len(node.inputs) > 1 and node.inputs[1] is not None:
        return
    shape = node.inputs[0].shape if node.inputs[0] is not None else None
    if shape is None or node.attributes.get_int("noop_with_empty_axes"):
        return
    axes = node.attributes.pop("axes", None)
    _set_input(model, node, 1, list(axes.as_ints()) if axes else list(range(len(shape))), "axes")


def _mean_of_maps(node: ir.Node) -> None:
    """ReduceMean over the last two of four axes, kept as 1, is GlobalAveragePool."""
    if len(node.inputs) < 2:
        return
    x, axes = node.inputs[0], node.inputs[1]
    if node.op_type != "ReduceMean" or x is None or x.shape is None or len(x.shape) != 4:
        return
    if axes is None or axes.const_value is None or not node.attributes.get_int("keepdims", 1):
        return
    if sorted(int(a) % 4 for a in axes.const_value.numpy()) == [2, 3]:
        node.op_type = "GlobalAveragePool"
        node.attributes.clear()
        node.resize_inputs(1)


def _set_input(model: ir.Model, node: ir.Node, index: int, ints: list[int], what: str) -> None:
    name = f"{node.outputs[0].name}_{what}"
    value = ir.Value(name=name, const_value=ir.tensor(np.array(ints, np.int64), name=name))
    value.shape, value.dtype = ir.Shape([len(ints)]), ir.DataType.INT64
    model.graph.register_initializer(value)
    if len(node.inputs) <= index:
        node.resize_inputs(index + 1)
    node.replace_input_with(index, value)
