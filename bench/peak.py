"""The machine's peak: fused multiply-adds that never wait, measured in the run that names it.

A loop of 24 independent chains over vectors of the width that the engine uses, compiled here by
the system's C compiler; without one there is no peak, and no fractions of it.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHAINS, ROUNDS, REPEATS = 24, 200_000, 5
FLAGS = {
    "avx512": ["-mavx512f", "-mfma"],
    "avx512vnni": ["-mavx512f", "-mfma"],
    "avx2": ["-mavx2", "-mfma"],
    "neon": [],
    "portable": [],
}
SOURCE = """
typedef float v __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));
float run(long rounds) {
    v a[CHAINS], x = {1.0f}, m = {0};
    for (int i = 0; i < WIDTH; i++) m[i] = 0.999999f;
    for (int i = 0; i < CHAINS; i++) a[i] = x + (float)i;
    for (long r = 0; r < rounds; r++)
        #pragma GCC unroll 32
        for (int i = 0; i < CHAINS; i++) a[i] = a[i] * m + x;
    for (int i = 1; i < CHAINS; i++) a[0] += a[i];
    float sum = 0;
    for (int i = 0; i < WIDTH; i++) sum += a[0][i];
    return sum;
}
"""


def peak(kernels: str, width: int) -> Callable[[], float] | None:
    """A function that measures the peak of this moment, in 1e9 operations a second (a fused
    multiply-add is two).

    Args:
        kernels: The engine's: which instructions.
        width: Floats in one of its vectors.
    """
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "peak.c"), Path(folder, "peak.so")
        source.write_text(SOURCE)
        command = [
            compiler, "-O3", "-ffp-contract=fast", *FLAGS[kernels], f"-DWIDTH={width}",
            f"-DCHAINS={CHAINS}", "-shared", "-fPIC", str(source), "-o", str(library),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        run = ctypes.CDLL(str(library)).run
    run.argtypes, run.restype = [ctypes.c_long], ctypes.c_float

    def measure() -> float:
        best = 0.0
        for _ in range(REPEATS):
            start = time.perf_counter_ns()
            run(ROUNDS)
            ns = time.perf_counter_ns() - start
            best = max(best, 2 * CHAINS * width * ROUNDS / ns)
        return best

    return measure
