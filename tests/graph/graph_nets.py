"""Small ONNX networks made by hand, with drawn weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"


class Net:
    """Writes a graph node by node; a node's result is named as asked."""

    def __init__(self, shape: Sequence[int | str | None], name: str = "x", opset: int = 20) -> None:
        self.inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.opset = opset
        self.random = np.random.default_rng(len(shape))
        self.last = name

    def constant(self, name: str, array: object) -> str:
        value = np.asarray(array)
        if value.dtype == np.float64:
            value = value.astype(np.float32)
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def draw(self, name: str, *shape: int) -> str:
        return self.constant(name, self.random.standard_normal(shape) * 0.3)

    def add(self, op: str, result: str, *inputs: str, **attributes: object) -> str:
        domain = str(attributes.pop("domain", ""))
        node = helper.make_node(op, list(inputs) or [self.last], [result], domain=domain)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
        self.nodes.append(node)
        self.last = result
        return result

    def conv(self, result: str, x: str, ins: int, outs: int, **attributes: object) -> str:
        weight = self.draw(f"{result}.w", outs, ins, 3, 3)
        bias = self.draw(f"{result}.b", outs)
        attributes.setdefault("pads", [1, 1, 1, 1])
        return self.add("Conv", result, x, weight, bias, **attributes)

    def batch_norm(self, result: str, x: str, channels: int) -> str:
        draw = self.random.random
        parts = [self.constant(f"{result}.{i}", draw(channels) + 0.5) for i in range(4)]
        return self.add("BatchNormalization", result, x, *parts)

    def finish(
        self, *outputs: str, functions: Sequence[onnx.FunctionProto] = ()
    ) -> onnx.ModelProto:
        names = outputs or (self.last,)
        infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names]
        graph = helper.make_graph(self.nodes, "net", self.inputs, infos, self.constants)
        domains = {n.domain for n in self.nodes if n.domain}
        opsets = [
            helper.make_opsetid("", self.opset),
            *(helper.make_opsetid(d, 1) for d in domains),
        ]
        return helper.make_model(
            graph, opset_imports=opsets, ir_version=8, functions=list(functions)
        )


def chain() -> onnx.ModelProto:
    """x → conv → relu → pool → flatten → fc."""
    net = Net([1, 3, 8, 8])
    net.conv("conv", "x", 3, 4)
    net.add("Relu", "relu")
    net.add("MaxPool", "pool", kernel_shape=[2, 2], strides=[2, 2])
    net.add("Flatten", "flat")
    net.add("Gemm", "fc", "flat", net.draw("fc.w", 64, 5), net.draw("fc.b", 5))
    return net.finish()


def residual() -> onnx.ModelProto:
    """A block around which its input goes (identity), then one with a convolution on the way
    round.
    """
    net = Net([1, 4, 6, 6])
    net.conv("stem", "x", 4, 4)
    net.conv("a1", "stem", 4, 4)
    net.add("Relu", "a2")
    net.conv("a3", "a2", 4, 4)
    net.add("Add", "a", "a3", "stem")
    net.conv("b1", "a", 4, 4)
    net.add("Relu", "b2")
    net.conv("b3", "b2", 4, 4)
    net.conv("short", "a", 4, 4)
    net.add("Add", "b", "b3", "short")
    net.add("GlobalAveragePool", "mean", "b")
    return net.finish()


def branched() -> onnx.ModelProto:
    """Three ways from one tensor, joined by Concat."""
    net = Net([1, 3, 6, 6])
    net.conv("stem", "x", 3, 4)
    net.conv("p1", "stem", 4, 2)
    net.conv("q1", "stem", 4, 2)
    net.add("Relu", "q2", "q1")
    net.add("AveragePool", "r1", "stem", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    net.add("Concat", "join", "p1", "q2", "r1", axis=1)
    net.add("Relu", "out")
    return net.finish()


def draw_input(shape: Sequence[int], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)
