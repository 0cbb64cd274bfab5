"""Small networks, drawn pictures and a table that the tests of audit, plan and report share."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import make_sets
from cloister.audit.task import Task
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load
from cloister.preprocess import imagenet_default

SIDE = 16
COLUMNS = [f"column {i}" for i in range(12)]


def small_network(path: Path, seed: int = 3) -> Path:
    """Conv, Relu, MaxPool, Conv, Relu, GlobalAveragePool, Flatten, Gemm on 3 x 16 x 16."""
    random = np.random.default_rng(seed)

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        size = (2 / np.prod(shape[1:])) ** 0.5 if len(shape) > 1 else 0.1
        return numpy_helper.from_array(
            (random.standard_normal(shape) * size).astype(np.float32), name
        )

    def node(op: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
        return helper.make_node(op, inputs.split(), [output], output, **attributes)

    graph = helper.make_graph(
        [
            node("Conv", "image w1 b1", "conv1", pads=[1] * 4),
            node("Relu", "conv1", "relu1"),
            node("MaxPool", "relu1", "pool", kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", "pool w2 b2", "conv2", pads=[1] * 4),
            node("Relu", "conv2", "relu2"),
            node("GlobalAveragePool", "relu2", "gap"),
            node("Flatten", "gap", "flat"),
            node("Gemm", "flat w3 b3", "logits"),
        ],
        "small",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 5])],
        [
            weights("w1", 8, 3, 3, 3), weights("b1", 8), weights("w2", 8, 8, 3, 3),
            weights("b2", 8), weights("w3", 8, 5), weights("b3", 5),
        ],
    )  # fmt: skip
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9), path
    )
    return path


def write_pictures(folder: Path, count: int, seed: int = 5) -> Path:
    """A folder of drawn PNG files."""
    folder.mkdir(parents=True, exist_ok=True)
    for place, pixels in enumerate(drawn_pictures(count, seed).pixels_NHWC):
        Image.fromarray(pixels).save(folder / f"{place:04d}.png")
    return folder


def small_task(network: Path, count: int = 700, seed: int = 0) -> Task:
    """An audit of three cuts of the small network."""
    graph = load(network)
    cuts = [cut for cut in find_cuts(graph) if cut.id in ("relu1", "relu2", "gap")]
    how = imagenet_default((1, 3, SIDE, SIDE))
    return Task(graph, how, make_sets(drawn_pictures(count, 5), seed=seed), cuts, seed=seed)


def table_network(path: Path) -> Path:
    """Gemm to 24 numbers, Tanh, Gemm to one, Sigmoid on records of 12 numbers."""
    random = np.random.default_rng(0)

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        scale = 0.25 if len(shape) > 1 else 0.1
        values = random.standard_normal(shape) * scale
        return numpy_helper.from_array(values.astype(np.float32), name)

    count = len(COLUMNS)
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["record", "w1", "b1"], ["fc1"]),
            helper.make_node("Tanh", ["fc1"], ["hidden"]),
            helper.make_node("Gemm", ["hidden", "w2", "b2"], ["one"]),
            helper.make_node("Sigmoid", ["one"], ["answer"]),
        ],
        "table",
        [helper.make_tensor_value_info("record", TensorProto.FLOAT, [1, count])],
        [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 1])],
        [weights("w1", count, 24), weights("b1", 24), weights("w2", 24, 1), weights("b2", 1)],
    )
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return path


def write_table(path: Path, count: int) -> Path:
    """Records of normal columns, and two flags."""
    rows = np.random.default_rng(1).standard_normal((count, len(COLUMNS)))
    rows[:, :2] = rows[:, :2] > 0.5
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows.round(5).tolist())
    return path
