"""The kernels for 64-bit Arm, run in an emulator, give the bits of the kernels for x86-64."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from cloister.enclaves.engine import Engine, kernel_names
from cloister.graph.load import load
from cloister.pack.container import compile_container
from tests.enclave.containers import every_kind, int8_weights, winograd

ROOT = Path(__file__).resolve().parents[2]
COMPILER, EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64"
FLAGS = [
    "-std=gnu11", "-O3", "-fno-schedule-insns", "-static", "-Wall", "-Wextra", "-Werror",
    "-Wno-unused-parameter",
    *(f"-I{ROOT / 'enclave' / folder}" for folder in ("include", "src", "ports/posix")),
]  # fmt: skip
TILES = {"portable": (6, 2), "neon": (9, 2)}  # rows, vectors: as in CMakeLists.txt


def make(*arguments: str | Path) -> None:
    subprocess.run([COMPILER, *FLAGS, *arguments], check=True)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`run_container` for 64-bit Arm."""
    for tool in (COMPILER, EMULATOR):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (Debian: gcc-aarch64-linux-gnu, qemu-user)")
    if "avx2" not in kernel_names():
        pytest.skip("nothing to compare with: this machine has no AVX2")
    folder = tmp_path_factory.mktemp("neon")
    source = ROOT / "enclave" / "src"

    def compiled(name: str, file: str) -> Path:
        made = folder / f"{name}_{file}.o"
        rows, vectors = TILES[name]
        make(
            "-ffp-contract=fast", "-fno-math-errno", f"-DCLO_NAME={name}", "-DCLO_VL=4",
            f"-DCLO_ROWS={rows}", f"-DCLO_NV={vectors}", "-c", source / f"{file}.c", "-o", made,
        )  # fmt: skip
        return made

    kinds = [(name, file) for name in TILES for file in ("kernels", "kernels_gemm")]
    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(lambda kind: compiled(*kind), kinds))
    main = ROOT / "enclave" / "test" / "run_container.c"
    cpu = ROOT / "enclave" / "ports" / "posix" / "cpu.c"
    core = [source / "plan.c", source / "message.c"]
    make("-ffp-contract=off", main, cpu, *core, *objects, "-o", folder / "run")
    return folder / "run"


def demo_network(folder: Path) -> bytes:
    """The demo network, wholly inside."""
    path = folder / "cifar.onnx"
    path.write_bytes((resources.files("cloister.demo") / "cifar.onnx").read_bytes())
    graph = load(path)
    return compile_container(graph, mode="whole", answers=graph.outputs).to_bytes()


CONTAINERS: dict[str, Callable[[Path], bytes]] = {
    "demo network": demo_network,
    "every kind of operator": lambda _: every_kind().to_bytes(),
    "winograd": lambda _: winograd().to_bytes(),
    "weights of bytes": lambda _: int8_weights().to_bytes(),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_neon_gives_the_bits_of_avx2(program: Path, tmp_path: Path, name: str) -> None:
    container = tmp_path / "head.clo"
    container.write_bytes(CONTAINERS[name](tmp_path))
    engine = Engine(container, kernels="avx2")
    random = np.random.default_rng(5)
    inputs = [random.standard_normal(t.shape, np.float32) for t in engine.inputs]
    (tmp_path / "input").write_bytes(b"".join(x.tobytes() for x in inputs))
    command = [EMULATOR, program, container, tmp_path / "input"]
    done = subprocess.run(
        command, check=True, capture_output=True, env={**os.environ, "LC_ALL": "C"}
    )
    assert done.stderr == b"neon\n"
    assert done.stdout == b"".join(y.tobytes() for y in engine.run(inputs))
