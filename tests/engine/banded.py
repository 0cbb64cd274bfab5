"""A network that runs in bands of rows, with weights that are streamed, and its container."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from cloister.graph.load import from_proto
from cloister.lower import lower
from cloister.memory import place
from cloister.memory.streaming import Streaming
from cloister.pack.budget import Plan, draft, header_bytes
from cloister.pack.container import Container, assemble
from cloister.pack.records import SEALING_BYTES
from cloister.pack.room import Room

REPLAY = 64
SIZE, CHANNELS = 24, (3, 16, 32, 32)


def banded() -> Container:
    """Three convolutions, pools and softmax: in bands, with room for some of the weights."""
    random = np.random.default_rng(4)
    nodes, weights, x = [], [], "x"
    for i, (c, n) in enumerate(itertools.pairwise(CHANNELS)):
        w = random.standard_normal((n, c, 3, 3)).astype(np.float32) / 9
        weights.append(numpy_helper.from_array(w, f"w{i}"))
        nodes.append(helper.make_node("Conv", [x, f"w{i}"], [f"c{i}"], pads=[1] * 4))
        nodes.append(helper.make_node("Relu", [f"c{i}"], [f"r{i}"]))
        x = f"r{i}"
    nodes += [
        helper.make_node("MaxPool", [x], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("GlobalAveragePool", ["p"], ["g"]),
        helper.make_node("Softmax", ["g"], ["y"], axis=1),
    ]
    ends = [
        helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, CHANNELS[0], SIZE, SIZE]),
        helper.make_tensor_value_info("y", TensorProto.FLOAT, None),
    ]
    graph = helper.make_graph(nodes, "banded", ends[:1], ends[1:], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    read = from_proto(onnx.shape_inference.infer_shapes(model))
    program = lower(read, mode="whole", answers=read.outputs)
    found = Streaming(program).fit(place(program).arena_bytes * 3 // 5)
    assert found is not None
    plan = Plan(found.program, place(found.program), found.stages, found.cycles)
    fixed = header_bytes(found.program, 8) + 16 * REPLAY + SEALING_BYTES
    room = fixed + plan.placement.arena_bytes + 4096 + sum(w.ByteSize() for w in weights) * 2 // 3
    made = assemble(draft(plan, Room(room), REPLAY))
    assert made.stages and made.streamed_bytes > made.resident_bytes > 0
    return made
