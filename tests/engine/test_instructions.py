"""How many instructions the kernels take for a multiply-add: counted, so that a loss of speed shows
on a machine whose clock says nothing.

64-bit Arm by an emulator's plugin (what one more run of the same container costs), AVX2 by
callgrind. The numbers hold for the compiler that they were counted with; another one only has to
stay within the goal of 64-bit Arm.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from cloister.graph.load import load
from cloister.optee.count import Counter
from cloister.pack.container import compile_container
from tests.engine import test_neon, test_oblivious

neon = test_neon.program
avx2 = test_oblivious.program
COUNTED_WITH = "12"  # gcc
TOLERANCE = 0.03
NEON_GOAL = 0.40  # instructions for a multiply-add, in convolutions with 64 channels and more
# c, n, kernel, stride, size of the map, groups: instructions of NEON and of AVX2.
LAYERS = {
    "1x1": ((64, 64, 1, 1, 28, 1), 0.370, 0.286),
    "1x1 deep": ((256, 64, 1, 1, 7, 1), 0.331, 0.289),
    "1x1 narrow": ((96, 24, 1, 1, 28, 1), 0.351, 0.296),
    "3x3 by Winograd": ((64, 64, 3, 1, 28, 1), 0.171, 0.121),
    "3x3 strided": ((128, 128, 3, 2, 14, 1), 0.322, 0.285),
    "3x3 of 16 channels": ((16, 16, 3, 1, 32, 1), 0.395, 0.313),
    "first layer": ((3, 32, 3, 2, 64, 1), 0.721, 0.453),
    "depthwise 3x3": ((96, 96, 3, 1, 28, 96), 0.884, 0.469),
    "depthwise 5x5": ((96, 96, 5, 1, 28, 96), 0.630, 0.335),
    "fully connected": ((512, 1000, 1, 1, 1, 1), 0.461, 0.411),
}


def layer(name: str, folder: Path) -> tuple[Path, Path, int]:
    """The container of one convolution on a map that lies as the enclave has it; an input; the
    multiply-adds.
    """
    c, n, k, s, size, groups = LAYERS[name][0]
    random = np.random.default_rng(1)
    w = random.standard_normal((n, c // groups, k, k)).astype(np.float32)
    out = (size + 2 * (k // 2) - k) // s + 1
    nodes = [
        helper.make_node("Transpose", ["x"], ["a"], perm=[0, 3, 1, 2]),
        helper.make_node(
            "Conv", ["a", "w", "b"], ["c"], strides=[s, s], pads=[k // 2] * 4, group=groups
        ),
        helper.make_node("Transpose", ["c"], ["y"], perm=[0, 2, 3, 1]),
    ]
    graph = helper.make_graph(
        nodes,
        "layer",
        [helper.make_tensor_value_info("x", 1, [1, size, size, c])],
        [helper.make_tensor_value_info("y", 1, [1, out, out, n])],
        [numpy_helper.from_array(w, "w"), numpy_helper.from_array(np.zeros(n, np.float32), "b")],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), folder / "layer.onnx")
    read = load(folder / "layer.onnx")
    container = compile_container(read, mode="whole", answers=read.outputs)
    (folder / "head.clo").write_bytes(container.to_bytes())
    random.standard_normal((size, size, c)).astype(np.float32).tofile(folder / "input")
    return folder / "head.clo", folder / "input", out * out * n * (c // groups) * k * k


def version(compiler: str) -> str:
    done = subprocess.run([compiler, "-dumpversion"], capture_output=True, text=True, check=True)
    return done.stdout.split(".")[0].strip()


@pytest.mark.parametrize("name", LAYERS)
def test_neon_takes_the_instructions_that_were_counted(
    neon: Path, tmp_path: Path, name: str
) -> None:
    container, x, macs = layer(name, tmp_path)
    with Counter() as counter:
        totals = []
        for times in ("1", "2"):
            before = sum(vars(counter.read()).values())
            command = [test_neon.EMULATOR, *counter.qemu, neon, container, x, times]
            subprocess.run(command, check=True, capture_output=True)
            totals.append(sum(vars(counter.read()).values()) - before)
    taken = (totals[1] - totals[0]) / macs
    channels, _, kernel, *_, groups = LAYERS[name][0]
    if channels >= 64 and kernel <= 3 and groups == 1 and name != "fully connected":
        assert taken <= NEON_GOAL
    if version(test_neon.COMPILER) == COUNTED_WITH:
        assert taken == pytest.approx(LAYERS[name][1], rel=TOLERANCE)


@pytest.mark.parametrize("name", LAYERS)
def test_avx2_takes_the_instructions_that_were_counted(
    avx2: Path, tmp_path: Path, name: str
) -> None:
    if shutil.which("gcc") is None or version("gcc") != COUNTED_WITH:
        pytest.skip(f"counted with gcc {COUNTED_WITH}")
    container, x, macs = layer(name, tmp_path)
    command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={tmp_path / 'counts'}",
        "--toggle-collect=clo_*_avx2", avx2, container, x,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=True)
    found = re.search(rb"Collected : (\d+)", done.stderr)
    assert found is not None
    assert int(found[1]) / macs == pytest.approx(LAYERS[name][2], rel=TOLERANCE)
