"""ONNX Runtime limited to AVX2, or to AVX-512 without AMX, on a machine that has more: in a process
of its own, in which the CPUID instruction answers without the rest.

ONNX Runtime asks CPUID itself and has no switch. Linux on processors with CPUID faulting lets a
thread trap its own CPUID (`arch_prctl(ARCH_SET_CPUID, 0)`); a handler, compiled here by the
system's C compiler, answers with those bits cleared. That it holds is read from the processor:
XINUSE (XGETBV 1) says whether any register beyond has been written by the thread.

The process speaks over pipes: inputs come, answers and the time of the run go, so that the pipe
itself is not timed. Nothing but the standard library is imported before CPUID is trapped.
"""

from __future__ import annotations

import ctypes
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.data import Floats


@dataclass(frozen=True)
class Limit:
    """What a process is not to know of.

    Attributes:
        rows: CPUID's leaf and part, and which bits of eax, ebx, ecx and edx stay, in C.
        beyond: Bits of XINUSE that must stay 0.
        tunables: glibc's; it chose its functions before anything could be trapped.
    """

    rows: str
    beyond: int
    tunables: str = ""


NO_TILES = "{0x1d, 0, {0}}, {0x1d, 1, {0}}, {0x1e, 0, {0}},"
LIMITS = {
    "avx2": Limit(
        "{7, 0, {~0u, ~0xdc230000u, ~0x00005842u, ~0x03c0010cu}},"
        "{7, 1, {~0x00a00030u, ~0u, ~0u, ~0x00000530u}},"
        "{0xd, 0, {~0x000600e0u, ~0u, ~0u, ~0u}}," + NO_TILES,
        0b111 << 5 | 0b11 << 17,  # opmasks, upper halves of zmm0-15, zmm16-31; tiles
        "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD,-EVEX",
    ),
    "no-amx": Limit(
        "{7, 0, {~0u, ~0u, ~0u, ~0x03400000u}}, {7, 1, {~0x00200000u, ~0u, ~0u, ~0x00000100u}},"
        "{0xd, 0, {~0x00060000u, ~0u, ~0u, ~0u}}," + NO_TILES,
        0b11 << 17,
    ),
    "": Limit("{0}", 0),
}
SOURCE = r"""
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012 };
static const struct { uint32_t leaf, part, keep[4]; } LIMITS[] = {
    ROWS
};

static void answer(int signal, siginfo_t *info, void *context) {
    (void)info;
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (memcmp((const void *)r[REG_RIP], "\x0f\xa2", 2) != 0) {
        struct sigaction usual = {.sa_handler = SIG_DFL};
        sigaction(signal, &usual, 0);
        return;
    }
    uint32_t leaf = (uint32_t)r[REG_RAX], part = (uint32_t)r[REG_RCX], found[4];
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 1);
    __asm__ volatile("cpuid"
                     : "=a"(found[0]), "=b"(found[1]), "=c"(found[2]), "=d"(found[3])
                     : "a"(leaf), "c"(part));
    syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
    for (unsigned i = 0; i < sizeof LIMITS / sizeof *LIMITS; i++)
        for (int j = 0; LIMITS[i].leaf == leaf && LIMITS[i].part == part && j < 4; j++)
            found[j] &= LIMITS[i].keep[j];
    r[REG_RAX] = found[0], r[REG_RBX] = found[1], r[REG_RCX] = found[2], r[REG_RDX] = found[3];
    r[REG_RIP] += 2;
}

long limit(void) {
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (sigaction(SIGSEGV, &action, 0) != 0)
        return -1;
    return syscall(SYS_arch_prctl, ARCH_SET_CPUID, 0);
}

uint64_t in_use(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    return (uint64_t)high << 32 | low;
}
"""


class Limited:
    """An ONNX Runtime session in a process that knows less than the machine has.

    Args:
        model: ONNX.
        limit: One of `LIMITS`; empty: in such a process, but not limited (a control).

    Raises:
        RuntimeError: The machine cannot trap CPUID, or more was used.
    """

    def __init__(self, model: bytes, *, limit: str = "avx2") -> None:
        self.limit = LIMITS[limit]
        tunables = {"GLIBC_TUNABLES": self.limit.tunables} if self.limit.tunables else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.limited", limit],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **tunables},
        )  # fmt: skip
        self.in_use = 0
        self._ask(model)

    def __call__(self, x: list[Floats]) -> list[Floats]:
        """Answers to inputs."""
        return self._ask(x)[1]  # type: ignore[no-any-return]

    def timed_ms(self, x: list[Floats]) -> float:
        """Milliseconds of one run, without the way there and back."""
        return float(self._ask(x)[0])

    def close(self) -> None:
        """Ends the process."""
        self._process.communicate()

    def _ask(self, what: object) -> Any:  # noqa: ANN401 whatever was asked for
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(what, self._process.stdin)
            self._process.stdin.flush()
            answer = pickle.load(self._process.stdout)
        except (EOFError, OSError) as error:
            raise RuntimeError("the process with trapped CPUID ended") from error
        if isinstance(answer, str):
            raise RuntimeError(answer)
        self.in_use = answer[2] & LIMITS["avx2"].beyond
        if self.in_use & self.limit.beyond:
            raise RuntimeError(f"more was used than the limit allows: XINUSE {self.in_use:#x}")
        return answer


def as_it_comes(model: bytes) -> Callable[[list[Floats]], list[Floats]]:
    """ONNX Runtime on one thread; pairs of QuantizeLinear and DequantizeLinear become int8
    arithmetic.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    return lambda x: list(session.run(None, dict(zip(names, x, strict=True))))


def _library(rows: str) -> ctypes.CDLL:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("there is no C compiler")
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "limit.c"), Path(folder, "limit.so")
        source.write_text(SOURCE.replace("ROWS", rows))
        command = [compiler, "-O2", "-shared", "-fPIC", str(source), "-o", str(library)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{source.name} does not compile here: {done.stderr[:200]}")
        found = ctypes.CDLL(str(library))
    found.limit.restype, found.in_use.restype = ctypes.c_long, ctypes.c_uint64
    return found


def main() -> None:
    """The process: a model comes, then inputs until the pipe ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what others print

    def say(what: object) -> None:
        pickle.dump(what, answers)
        answers.flush()

    try:
        limit = LIMITS[sys.argv[1]]
        library = _library(limit.rows)
        if limit.beyond and library.limit() != 0:
            raise RuntimeError("this machine or kernel cannot trap CPUID")
        run = as_it_comes(pickle.load(requests))
    except Exception as error:  # whatever it is, the other process says it
        say(str(error))
        return
    say((0.0, [], 0))
    while True:
        try:
            x = pickle.load(requests)
        except EOFError:
            return
        start = time.perf_counter_ns()
        y = run(x)
        say(((time.perf_counter_ns() - start) / 1e6, y, library.in_use()))


if __name__ == "__main__":
    main()
