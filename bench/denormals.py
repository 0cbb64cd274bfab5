"""What time do denormal numbers cost? Number and order of instructions stay the same; processors
are slower at some of them.

Each row: a layer or a whole network on ordinary numbers, on zeros, and on the same numbers times
1e-40, in turns on one core; and that what ran before changes nothing: ordinary numbers give the
same bits after a run on denormal ones.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bench import results
from bench.data import Absent, Floats
from bench.networks import networks
from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.pack.container import compile_container

TINY = np.float32(1e-40)
SIZE, CHANNELS = 28, 64
LAYERS = {"convolution 3x3": 1, "depthwise 3x3": CHANNELS}  # groups


def layer(groups: int) -> bytes:
    """One convolution."""
    random = np.random.default_rng(0)
    w = random.standard_normal((CHANNELS, CHANNELS // groups, 3, 3)).astype(np.float32)
    shape = [1, CHANNELS, SIZE, SIZE]
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1] * 4, group=groups)],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(w, "w")],
    )
    opsets = [helper.make_opsetid("", 17)]
    return bytes(helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString())


def subjects(names: str) -> Iterator[tuple[str, bytes, Floats]]:
    """(name, model, an ordinary input)."""
    random = np.random.default_rng(1)
    for name, groups in LAYERS.items():
        x = random.standard_normal((1, CHANNELS, SIZE, SIZE)).astype(np.float32)
        yield name, layer(groups), x
    for network in networks(names):
        try:
            yield network.name, network.build(), network.inputs(1).inputs[0]
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)


def measure(name: str, model: bytes, x: Floats, runs: int) -> dict[str, object]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "net.onnx").write_bytes(model)
        graph = load(Path(folder, "net.onnx"))
    engine = Engine(compile_container(graph, mode="whole", answers=graph.outputs).to_bytes())
    inputs = {"ordinary": x, "zeros": np.zeros_like(x), "denormal": x * TINY}
    times: dict[str, list[float]] = {kind: [] for kind in inputs}
    answers = set()
    for _ in range(runs):
        for kind, value in inputs.items():
            start = time.perf_counter_ns()
            y = engine.run([value])
            times[kind].append((time.perf_counter_ns() - start) / 1e6)
            if kind == "ordinary":
                answers.add(b"".join(one.tobytes() for one in y))
    ms = {kind: statistics.median(taken) for kind, taken in times.items()}
    return {
        "what": name,
        "kernels": engine.kernels,
        "runs": runs,
        **{f"{kind}_ms": round(value, 3) for kind, value in ms.items()},
        "zeros_ratio": round(ms["zeros"] / ms["ordinary"], 2),
        "denormal_ratio": round(ms["denormal"] / ms["ordinary"], 2),
        "same_bits_after": len(answers) == 1,
    }


def main() -> int:
    """Prints and stores the table; returns 1 where what ran before changes a bit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default="squeezenet1_1,mobilenet_v2,efficientnet_b0,resnet50")
    parser.add_argument("--runs", type=int, default=9)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = []
    for subject in subjects(arguments.nets):
        rows.append(measure(*subject, arguments.runs))
        print(rows[-1], file=sys.stderr, flush=True)
    results.write("denormals", rows)
    return int(not all(row["same_bits_after"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
