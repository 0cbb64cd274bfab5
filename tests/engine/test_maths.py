"""The elementary functions against float64, in units in the last place; special values; the same
bits on every width.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cloister._clo import ffi, lib

from tests.engine.kernel import FUSED, NAMES, Floats

COUNT = 400_000
UNFUSED = 2.0  # times the bound: without fused operations, what is rounded off is rounded again
TINY = 2.0**-40  # below, GELU's error is bounded absolutely
ERF = np.vectorize(math.erf, otypes=[np.float64])
ERFC = np.vectorize(math.erfc, otypes=[np.float64])

# name: reference in float64, largest error in units in the last place that `maths.h` states
EXACT: dict[str, tuple[Callable[[np.ndarray], np.ndarray], float]] = {
    "EXP": (np.exp, 1.0),
    "LOG": (np.log, 1.0),
    "TANH": (np.tanh, 1.0),
    "ERF": (ERF, 1.0),
    "SIGMOID": (lambda x: np.exp(-np.logaddexp(0, -x)), 1.0),
    "SILU": (lambda x: x * np.exp(-np.logaddexp(0, -x)), 2.0),
    "SOFTPLUS": (lambda x: np.logaddexp(0, x), 2.0),
    "SQRT": (np.sqrt, 0.5),
    "RECIPROCAL": (lambda x: 1 / x, 0.5),
}


def apply(kernels: str, name: str, x: Floats) -> Floats:
    """f(x) by UNARY."""
    n = -(-x.size // 16) * 16
    arena = np.zeros(2 * n + 32, np.float32)
    start = -(arena.ctypes.data // 4) % 16
    arena = arena[start:]
    arena[: x.size] = x
    op = ffi.new("clo_op *", {"kind": lib.CLO_UNARY, "fn": getattr(lib, f"CLO_FN_{name}")})
    op.y.at = n
    op.u.unary = {"rows": 1, "cols": x.size, "x_ld": x.size, "y_ld": x.size}
    pointer = ffi.cast("float *", arena.ctypes.data)
    lib.clo_run(lib.clo_kernels_best(kernels.encode()), op, pointer, pointer, ffi.NULL, 0, 0, 1)
    return arena[n : n + x.size].copy()


def samples(name: str) -> Floats:
    """Random bit patterns of all finite floats, and a normal spread where networks live."""
    random = np.random.default_rng(7)
    bits = random.integers(0, 1 << 32, COUNT, np.uint64).astype(np.uint32).view(np.float32)
    x = np.concatenate([bits[np.isfinite(bits)], random.normal(0, 5, COUNT).astype(np.float32)])
    return np.abs(x) if name in ("LOG", "SQRT") else x


def error_ulp(got: Floats, exact: np.ndarray) -> np.ndarray:
    """Distance in units in the last place of the exact result; denormals have the smallest unit."""
    with np.errstate(over="ignore"):
        nearest = exact.astype(np.float32)
    same = got == nearest
    with np.errstate(invalid="ignore", over="ignore"):
        unit = np.spacing(
            np.abs(np.where(np.isfinite(nearest), nearest, np.float32(3.4e38)))
        ).astype(np.float64)
        error = np.abs(got.astype(np.float64) - exact) / unit
    return np.where(same, np.minimum(np.nan_to_num(error), 0.5), error)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", EXACT)
def test_error_is_within_the_stated_bound(kernels: str, name: str) -> None:
    reference, bound = EXACT[name]
    x = samples(name)
    with np.errstate(all="ignore"):
        exact = reference(x.astype(np.float64))
    error = error_ulp(apply(kernels, name, x), exact)
    worst = int(np.argmax(error))
    bound *= 1.0 if kernels in FUSED else UNFUSED
    assert error[worst] <= bound, f"{name}({x[worst]!r}): {error[worst]:.2f} ulp"


@pytest.mark.parametrize("kernels", NAMES)
def test_gelu_is_within_two_units_where_it_is_not_tiny(kernels: str) -> None:
    x = np.random.default_rng(1).normal(0, 3, COUNT).astype(np.float32)
    wide = x.astype(np.float64)
    exact = 0.5 * wide * ERFC(-wide / math.sqrt(2))
    got = apply(kernels, "GELU", x)
    tiny = np.abs(exact) < TINY
    bound = 2.0 if kernels in FUSED else 2.0 * UNFUSED
    assert error_ulp(got, exact)[~tiny].max() <= bound
    assert np.abs(got - exact)[tiny].max(initial=0) <= TINY


ROOT = Path(__file__).resolve().parents[2]
FUNCTIONS = ("exp", "log", "tanh", "erf", "sqrt", "sigmoid", "silu", "gelu")


@pytest.fixture(scope="module")
def all_floats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that goes over all inputs, for AVX-512 or AVX2."""
    compiler = shutil.which("gcc")
    if compiler is None or not FUSED or "avx2" not in NAMES:
        pytest.skip("needs gcc and a machine with AVX2")
    folder = tmp_path_factory.mktemp("maths")
    test = ROOT / "enclave" / "test"
    if "avx512" in NAMES:
        machine = ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma", "-DCLO_VL=16"]
    else:
        machine = ["-mavx2", "-mfma", "-DCLO_VL=8"]
    include = [f"-I{ROOT / 'enclave' / part}" for part in ("include", "src")]
    exact = [compiler, "-Ofast", *machine, "-c", test / "all_floats_exact.c"]
    subprocess.run([*exact, "-o", folder / "exact.o"], check=True)
    # Linked without -Ofast, which would make the machine flush denormals.
    ours = [
        compiler, "-std=gnu11", "-O3", "-Wall", "-Wextra", "-Werror", "-ffp-contract=fast",
        "-fno-math-errno", *machine, "-DCLO_NAME=test", "-DCLO_ROWS=6", "-DCLO_NV=2", *include,
        test / "all_floats.c", folder / "exact.o", "-lmvec", "-lm", "-o", folder / "all_floats",
    ]  # fmt: skip
    subprocess.run(ours, check=True)
    return folder / "all_floats"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_over_every_1009th_input(all_floats: Path, name: str) -> None:
    done = subprocess.run([all_floats, name, "1009"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_error_over_all_inputs(all_floats: Path, name: str) -> None:
    done = subprocess.run([all_floats, name, "1"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


INF, NAN = math.inf, math.nan
SPECIAL = {
    "EXP": {INF: INF, -INF: 0.0, NAN: NAN, 0.0: 1.0, 89.0: INF, -104.0: 0.0},
    "LOG": {INF: INF, -1.0: NAN, -INF: NAN, NAN: NAN, 0.0: -INF, 1.0: 0.0},
    "TANH": {INF: 1.0, -INF: -1.0, NAN: NAN, 0.0: 0.0},
    "ERF": {INF: 1.0, -INF: -1.0, NAN: NAN, 0.0: 0.0},
    "SIGMOID": {INF: 1.0, -INF: 0.0, NAN: NAN, 0.0: 0.5},
    "SILU": {INF: INF, -INF: 0.0, NAN: NAN},
    "GELU": {INF: INF, -INF: 0.0, NAN: NAN},
    "GELU_TANH": {INF: INF, -INF: 0.0, NAN: NAN},
    "SOFTPLUS": {INF: INF, -INF: 0.0, NAN: NAN},
    "ELU": {INF: INF, NAN: NAN},
    "RELU": {INF: INF, -INF: 0.0, NAN: NAN},
    "SQRT": {INF: INF, -1.0: NAN, NAN: NAN, 0.0: 0.0},
    "RECIPROCAL": {INF: 0.0, 0.0: INF, NAN: NAN},
    "HARD_SWISH": {NAN: NAN, INF: INF},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", SPECIAL)
def test_infinities_and_nan_give_what_ieee_754_names(kernels: str, name: str) -> None:
    x = np.array(list(SPECIAL[name]), np.float32)
    expected = np.array(list(SPECIAL[name].values()), np.float32)
    assert np.array_equal(apply(kernels, name, x), expected, equal_nan=True)


@pytest.mark.parametrize("name", [*EXACT, "GELU", "GELU_TANH", "ELU", "HARD_SWISH"])
def test_every_width_gives_the_same_bits(name: str) -> None:
    x = samples(name)
    assert len({apply(kernels, name, x).tobytes() for kernels in FUSED}) <= 1
