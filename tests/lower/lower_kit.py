"""Runs a network in every way that there is, and compares with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence

import interpreter
import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from cloister.enclaves.engine import Engine, kernel_names
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.graph.reference import Reference
from cloister.memory import check_placement
from cloister.pack.container import Container, compile_container

Array = npt.NDArray[np.float32]

# Rounding of float32 sums of up to some thousand products; absolute: of the largest result.
RELATIVE, ABSOLUTE = 1e-4, 2e-5


class Net:
    """A network of one input, written node by node; results go by numbers."""

    def __init__(self, *shapes: Sequence[int], opset: int = 20, seed: int = 0) -> None:
        self.inputs = [
            helper.make_tensor_value_info(f"x{i}", TensorProto.FLOAT, s)
            for i, s in enumerate(shapes)
        ]
        self.opset = opset
        self.random = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def const(self, array: npt.ArrayLike, dtype: type | None = None) -> str:
        value = np.asarray(array, dtype)
        value = value.astype(np.float32) if value.dtype == np.float64 else value
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def draw(self, *shape: int, scale: float = 0.3) -> str:
        return self.const(self.random.standard_normal(shape) * scale)

    def add(self, op: str, *inputs: str, outputs: int = 1, **attributes: object) -> str:
        names = [f"t{len(self.nodes)}" + (f"_{i}" if i else "") for i in range(outputs)]
        self.nodes.append(
            helper.make_node(op, inputs, names, name=f"n{len(self.nodes)}", **attributes)
        )
        return names[0]

    def conv(
        self, x: str, ins: int, outs: int, *, k: int = 3, stride: int = 1, group: int = 1
    ) -> str:
        p = k // 2
        return self.add(
            "Conv", x, self.draw(outs, ins // group, k, k, scale=(k * k * ins / group) ** -0.5),
            self.draw(outs),
            pads=[p, p, p, p], strides=[stride, stride], group=group,
        )  # fmt: skip

    def proto(self, *outputs: str) -> onnx.ModelProto:
        names = outputs or (self.nodes[-1].output[0],)
        infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in names]
        graph = helper.make_graph(self.nodes, "net", self.inputs, infos, self.constants)
        opsets = [helper.make_opsetid("", self.opset)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return onnx.shape_inference.infer_shapes(model)

    def graph(self, *outputs: str) -> Graph:
        return from_proto(self.proto(*outputs))


def drawn(graph: Graph, seed: int = 0) -> list[Array]:
    random = np.random.default_rng(seed)
    return [random.standard_normal(i.shape).astype(np.float32) for i in graph.inputs]


def kinds(container: Container) -> list[str]:
    return [op.kind.name for op in container.program.ops]


def compiled(graph: Graph, mode: str = "whole") -> Container:
    container = compile_container(graph, mode=mode, answers=graph.outputs)
    check_placement(container.program, container.placement)
    return container


def assert_exact(container: Container, highest: int) -> None:
    """The highest byte written is the one below arena_bytes.

    The engine runs operators only; where a message is on top, its padding to 64 bytes is written
    by the session.
    """
    offsets, program = container.placement.offsets, container.program
    ends = [offsets[m] + m.size_bytes for m in (program.request, program.response)]
    padding = 63 if container.arena_bytes in ends else 0
    assert container.arena_bytes - padding <= highest + 1 <= container.arena_bytes


def agree(
    graph: Graph,
    inputs: Sequence[Array] | None = None,
    expected: Sequence[Array] | None = None,
    *,
    relative: float = RELATIVE,
    absolute: float = ABSOLUTE,
    interpret: bool = True,
    every_kernel: bool = False,
) -> Container:
    """Both modes, by the interpreter and by the engine, agree with ONNX Runtime; the arena is
    exact.

    Returns:
        The container of mode ``whole``.
    """
    inputs = drawn(graph) if inputs is None else inputs
    if expected is None:
        expected = Reference(graph).run(list(inputs))
    containers = {mode: compiled(graph, mode) for mode in ("split", "whole")}
    for mode, container in containers.items():
        data = container.to_bytes()
        runs = {}
        if interpret:
            runs["interpreter"] = interpreter.Container(data).run(inputs)
        for name in kernel_names() if every_kernel else ("auto",):
            engine = Engine(data, kernels=name, guard=True)
            runs[name] = engine.run(inputs, poison=0xFF)
            if mode == "whole":
                assert_exact(container, engine.highest_byte_written(inputs))
        for who, got in runs.items():
            for result, wanted in zip(got, expected, strict=True):
                assert result.shape == wanted.shape
                np.testing.assert_allclose(
                    result,
                    wanted,
                    relative,
                    absolute * max(1.0, float(np.abs(wanted).max(initial=0.0))),
                    err_msg=f"{who}, {mode}",
                )
    return containers["whole"]
