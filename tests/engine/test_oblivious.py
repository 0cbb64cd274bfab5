"""What valgrind sees of a run. How many instructions it takes does not depend on what is in the
input: counted for zeros, NaN, infinities, denormals and random numbers of all sizes. And nothing
that was never written decides a branch, makes an address or reaches an output.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.pack.container import compile_container
from tests.enclave.containers import codes, every_kind, winograd
from tests.engine.banded import banded
from tests.engine.kernel import NAMES, Floats

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "enclave" / "src"
WIDTHS = {"portable": ("4", "6", []), "avx2": ("8", "6", ["-mavx2", "-mfma"])}
CONTAINERS: dict[str, Callable[[], bytes]] = {
    "every kind of operator": lambda: every_kind().to_bytes(),
    "codes between layers": lambda: codes().to_bytes(),
    "winograd": lambda: winograd().to_bytes(),
    "bands of rows, weights streamed": lambda: banded().to_bytes(),
}


RUNNER = (ROOT / "enclave" / "test" / "run_container.c").read_text()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`run_container` with the kernels that valgrind can run."""
    if shutil.which("valgrind") is None or shutil.which("gcc") is None:
        pytest.skip("valgrind or gcc is not installed")
    if "avx2" not in NAMES:
        pytest.skip("this machine has no AVX2")
    folder = tmp_path_factory.mktemp("oblivious")
    include = [f"-I{ROOT / 'enclave' / part}" for part in ("include", "src", "ports/posix")]
    common = ["gcc", "-std=gnu11", "-O3", *include]
    objects: list[Path] = []
    for name, (lanes, rows, machine) in WIDTHS.items():
        for file in ("kernels", "kernels_gemm"):
            objects.append(folder / f"{file}_{name}.o")
            tile = [f"-DCLO_NAME={name}", f"-DCLO_VL={lanes}", f"-DCLO_ROWS={rows}", "-DCLO_NV=2"]
            flags = ["-ffp-contract=fast", "-fno-math-errno", *machine, *tile]
            source = SOURCE / f"{file}.c"
            subprocess.run([*common, *flags, "-c", source, "-o", objects[-1]], check=True)
    # Tables of wider vectors are named by cpu.c, and not taken under valgrind.
    stub = folder / "stub.c"
    stub.write_text(
        '#include "clo.h"\n'
        'const clo_kernels clo_kernels_avx512 = {.name = "avx512"};\n'
        'const clo_kernels clo_kernels_avx512vnni = {.name = "avx512vnni"};\n'
    )
    files = [
        ROOT / "enclave" / "test" / "run_container.c",
        ROOT / "enclave" / "ports" / "posix" / "cpu.c",
        SOURCE / "plan.c",
        SOURCE / "message.c",
        stub,
    ]
    subprocess.run([*common, *files, *objects, "-o", folder / "run"], check=True)
    return folder / "run"


def inputs(n: int) -> list[Floats]:
    """Twenty inputs of n numbers."""
    random = np.random.default_rng(3)
    filled = [0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e-45, -1e-40, 3e38, 1e-20, 100.0]
    found = [np.full(n, value, np.float32) for value in filled]
    found += [random.normal(0, scale, n).astype(np.float32) for scale in (1e-41, 1e-3, 1.0, 1e3)]
    mixed = random.choice(np.array(filled, np.float32), n)
    bits = random.integers(0, 1 << 32, n, np.uint64).astype(np.uint32).view(np.float32)
    return [*found, mixed, bits, np.sort(mixed), np.arange(n, dtype=np.float32)]


def instructions(program: Path, container: Path, x: Floats, folder: Path) -> int:
    data = folder / "input"
    data.write_bytes(x.tobytes())
    command = [
        "valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'counts'}",
        "--toggle-collect=clo_*_avx2", program, container, data,
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "LC_ALL": "C"}
    )
    assert b"avx2\n" in done.stderr
    found = re.search(rb"Collected : (\d+)", done.stderr)
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("name", CONTAINERS)
def test_every_input_takes_the_same_instructions(program: Path, tmp_path: Path, name: str) -> None:
    container = tmp_path / "head.clo"
    container.write_bytes(CONTAINERS[name]())
    n = sum(t.n for t in Engine(container).inputs)
    counts = {instructions(program, container, x, tmp_path) for x in inputs(n)}
    assert len(inputs(n)) == 20
    assert len(counts) == 1 and counts.pop() > 40_000


def demo() -> bytes:
    """The demo network, wholly inside."""
    path = Path(str(resources.files("cloister.demo") / "cifar.onnx"))
    graph = load(path)
    return compile_container(graph, mode="whole", answers=graph.outputs).to_bytes()


def complaints(program: Path, folder: Path, container: bytes) -> tuple[int, str]:
    """memcheck's exit code and words on a run whose arena was never written but for the inputs."""
    (folder / "head.clo").write_bytes(container)
    n = sum(t.n for t in Engine(container).inputs)
    (folder / "input").write_bytes(np.linspace(-1, 1, n, dtype=np.float32).tobytes())
    command = [
        "valgrind",
        "-q",
        "--error-exitcode=99",
        program,
        *(folder / "head.clo", folder / "input"),
    ]
    done = subprocess.run(command, capture_output=True, check=False)
    assert b"avx2\n" in done.stderr and len(done.stdout) > 0
    return done.returncode, done.stderr.decode()


@pytest.mark.parametrize("name", [*CONTAINERS, "the demo network"])
def test_no_uninitialised_byte_reaches_an_output(program: Path, tmp_path: Path, name: str) -> None:
    container = CONTAINERS[name]() if name in CONTAINERS else demo()
    assert complaints(program, tmp_path, container) == (0, "avx2\n")


def test_an_uninitialised_byte_would_be_seen(program: Path, tmp_path: Path) -> None:
    """The same programs with a last number of the input that is never copied."""
    whole, part = "plan.inputs[i].n * sizeof", "(plan.inputs[i].n - 1) * sizeof"
    assert RUNNER.count(whole) == 1
    planted = tmp_path / "planted.c"
    planted.write_text(RUNNER.replace(whole, part))
    include = [f"-I{ROOT / 'enclave' / p}" for p in ("include", "src", "ports/posix")]
    others = [*program.parent.glob("*.o"), program.parent / "stub.c"]
    files = [ROOT / "enclave/ports/posix/cpu.c", SOURCE / "plan.c", SOURCE / "message.c", *others]
    command = ["gcc", "-std=gnu11", "-O3", *include, planted, *files, "-o", tmp_path / "planted"]
    subprocess.run(command, check=True)
    code, words = complaints(tmp_path / "planted", tmp_path, winograd().to_bytes())
    assert code == 99 and "uninitialised byte" in words
