"""Runs a container in this process, operator by operator, with the enclave's own validator and
kernels.

For tools (`profile`, `check`, tests): it PROTECTS NOTHING. Inputs, features and weights lie in
this process's memory.

Rules: the header is accepted by the enclave's validator and every page has the digest of the page
table before anything runs; the arena has exactly the predicted size; results are those of the
enclave, bit for bit.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import mmap
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from cloister._clo import ffi, lib
from cloister.errors import Refused, UserError
from cloister.pack.sealing import TAG_BYTES, page_cipher

Floats = npt.NDArray[np.float32]
THREADS_MAX: Final = int(lib.CLO_THREADS_MAX)
_POOL: Final = threading.Lock()  # the worker threads of this process take one plan at a time

ERRORS: Final = {
    lib.CLO_E_FORMAT: "not a container",
    lib.CLO_E_BOUNDS: "a field of the plan is out of range",
    lib.CLO_E_MEMORY: "the plan needs more memory than it says",
}


@dataclass(frozen=True)
class Tensor:
    """An input, crossing tensor or output of a plan."""

    shape: tuple[int, ...]
    at: int  # floats into the arena
    n: int  # floats


def kernel_names() -> list[str]:
    """The kernels that this machine can run, widest first."""
    names = ("avx512vnni", "avx512", "avx2", "neon", "portable")
    return [name for name in names if lib.clo_kernels_best(name.encode()) != ffi.NULL]


class Memory:
    """Anonymous memory whose last byte lies before a page that cannot be touched.

    Args:
        size: Bytes; the start is aligned to 64 bytes.
        guard: Whether the pages on both sides may not be touched: an access there ends the process.
    """

    def __init__(self, size: int, *, guard: bool) -> None:
        page = mmap.PAGESIZE
        body = -(-size // page) * page
        self._map = mmap.mmap(-1, body + 2 * page, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._map.madvise(mmap.MADV_HUGEPAGE)  # as the enclave's process does
        whole = np.frombuffer(self._map, np.uint8)
        start = page + (body - -(-size // 64) * 64)
        self.bytes: npt.NDArray[np.uint8] = whole[start : start + size]
        if guard:
            protect = ctypes.CDLL(None, use_errno=True).mprotect
            base = whole.ctypes.data
            for address in (base, base + page + body):
                if protect(ctypes.c_void_p(address), ctypes.c_size_t(page), 0):
                    raise OSError(ctypes.get_errno(), "mprotect")


@contextlib.contextmanager
def _pool() -> Iterator[None]:
    """The worker threads of this process are ours, and the calling thread's processors are its own
    again afterwards.
    """
    with _POOL:
        processors = os.sched_getaffinity(0)
        try:
            yield
        finally:
            os.sched_setaffinity(0, processors)


class Engine:
    """One container, ready to run in this process.

    Args:
        container: The bytes of `head.clo`, or its path (then pages are mapped, not read).
        kernels: ``"auto"`` or one of `kernel_names()`.
        guard: Put pages that cannot be touched around the arena (tests).
        page_key: Of a sealed container, 32 bytes; its pages are then held open in memory.
        threads: How many threads work on one operator; the bits are the same for any number.

    Raises:
        Refused: The validator refuses the header, a page does not have its digest, or does not open
            with the key.
        UserError: This machine has no such kernels; the container is sealed and there is no key.
    """

    def __init__(
        self,
        container: bytes | Path,
        *,
        kernels: str = "auto",
        guard: bool = False,
        page_key: bytes | None = None,
        threads: int = 1,
    ) -> None:
        self._kernels = lib.clo_kernels_best(kernels.encode())
        if self._kernels == ffi.NULL:
            raise UserError(
                f"kernels {kernels!r} do not run on this machine",
                code="unknown-kernels",
                hint=f"use auto or one of {', '.join(kernel_names())}",
            )
        self._file = _aligned(container)
        self._plan = ffi.new("clo_plan *")
        header = int.from_bytes(self._file[12:16].tobytes(), "little")
        size = min(header, self._file.size)
        code = lib.clo_plan_open(self._plan, self._pointer("uint8_t *"), size)
        if code != lib.CLO_OK:
            why = ERRORS.get(code, f"error {code}")
            raise Refused(f"container refused by the validator: {why}", code="container-refused")
        self._header = self._plan.header
        self._check_pages()
        self._weights = self._file
        if self._header.sealed:
            self._open_pages(page_key)
        self._memory = Memory(self._header.arena_bytes, guard=guard)
        self._arena = ffi.cast("float *", self._memory.bytes.ctypes.data)
        self.threads = threads
        self._more = Memory((threads - 1) * -(-self._header.scratch_bytes // 64) * 64, guard=guard)
        self.inputs = _tensors(self._plan.inputs, self._header.n_inputs)  # what `run` takes
        self.results = self._results()  # what `run` gives, in ONNX order
        self._floats = self._memory.bytes[: self._memory.bytes.size // 4 * 4].view(np.float32)
        self._places = [self._floats[t.at : t.at + t.n].reshape(t.shape) for t in self.inputs]
        self._found = [self._floats[t.at : t.at + t.n].reshape(t.shape) for t in self.results]
        self._gaps = self._around_inputs()

    @property
    def kernels(self) -> str:
        """The name of the kernels in use."""
        return str(ffi.string(self._kernels.name).decode())

    @property
    def arena_bytes(self) -> int:
        """Bytes of the arena, as the plan predicts them."""
        return int(self._header.arena_bytes)

    @property
    def n_ops(self) -> int:
        """Operators of the plan."""
        return int(self._header.n_ops)

    def run(self, inputs: Sequence[npt.ArrayLike], *, poison: int | None = None) -> list[Floats]:
        """Runs all operators.

        Args:
            inputs: One array for each input, of its shape; converted to float32.
            poison: A byte that fills the arena before the inputs are placed (tests).

        Returns:
            Copies of the crossing tensors (split) or outputs (whole).

        Raises:
            UserError: Number or shape of the inputs is not that of the plan.
        """
        self._place(inputs, poison)
        self._run(ffi.NULL)
        return [found.copy() for found in self._found]

    def profile(self, inputs: Sequence[npt.ArrayLike], runs: int = 10) -> npt.NDArray[np.uint64]:
        """Times each operator.

        Args:
            inputs: As in `run`.
            runs: How often, >= 1, after one run that is not counted.

        Returns:
            Nanoseconds, shape [runs, n_ops].
        """
        times = np.zeros((runs + 1, self.n_ops), np.uint64)
        for row in times:
            self._place(inputs, None)
            self._run(ffi.cast("uint64_t *", row.ctypes.data))
        return times[1:]

    def _run(self, ns: Any) -> None:  # noqa: ANN401 cffi has no types
        more = ffi.NULL
        with _pool() if self.threads > 1 else contextlib.nullcontext():
            if self.threads > 1:
                if lib.clo_threads_start(self.threads):
                    raise UserError(
                        f"{self.threads} threads cannot be started, at most {THREADS_MAX} can",
                        code="threads",
                    )
                more = ffi.cast("float *", self._more.bytes.ctypes.data)
            pages = self._pages_pointer()
            lib.clo_run_plan(self._kernels, self._plan, self._arena, pages, ns, more)

    def highest_byte_written(self, inputs: Sequence[npt.ArrayLike]) -> int:
        """The highest byte of the arena that a run changes, messages and scratch included, by two
        fills.

        Returns:
            Bytes from the start of the arena; -1 when nothing was written.
        """
        highest = -1
        for fill in (0xA5, 0x5A):
            self.run(inputs, poison=fill)
            changed = np.flatnonzero(self._memory.bytes != fill)
            highest = max(highest, int(changed[-1]) if changed.size else -1)
        return highest

    def _place(self, inputs: Sequence[npt.ArrayLike], poison: int | None) -> None:
        if len(inputs) != len(self._places):
            raise UserError(
                f"{len(inputs)} inputs, expected {len(self._places)}", code="wrong-inputs"
            )
        if poison is not None:
            self._memory.bytes[:] = poison
        for gap in self._gaps:
            gap[:] = 0
        for value, place in zip(inputs, self._places, strict=True):
            array = np.asarray(value, np.float32)
            if array.shape != place.shape:
                raise UserError(
                    f"input of shape {array.shape}, expected {place.shape}", code="wrong-shape"
                )
            place[...] = array

    def _results(self) -> list[Tensor]:
        """Crossing tensors (split) or outputs (whole)."""
        if self._header.mode == lib.CLO_MODE_WHOLE:
            return _tensors(self._plan.outputs, self._header.n_outputs)
        return _tensors(self._plan.crossing, self._header.n_crossing)

    def _around_inputs(self) -> list[Floats]:
        """Prefix and padding of the request message, which a request writes too."""
        first, floats = self._header.request_at, self._plan.request_bytes // 4
        inputs = sorted(self.inputs, key=lambda t: t.at)
        starts = [first, *(t.at + t.n for t in inputs)]
        ends = [*(t.at for t in inputs), first + floats]
        return [self._floats[a:b] for a, b in zip(starts, ends, strict=True) if a < b]

    def _pointer(self, kind: str) -> Any:  # noqa: ANN401 cffi has no types
        return ffi.cast(kind, self._file.ctypes.data)

    def _pages_pointer(self) -> Any:  # noqa: ANN401 cffi has no types
        return ffi.cast("uint8_t *", self._weights.ctypes.data)

    def _check_pages(self) -> None:
        for i in range(self._header.n_pages):
            page = self._plan.pages[i]
            stored = self._file[page.offset : page.offset + page.stored]
            if hashlib.sha256(stored.data).digest() != bytes(page.digest):
                raise Refused(f"page {i} does not have its digest", code="page-digest")

    def _open_pages(self, page_key: bytes | None) -> None:
        """Puts a copy in the file's place that has the plain pages where the sealed ones were."""
        if page_key is None:
            raise UserError(
                "the container is sealed, and there is no key to open it",
                code="sealed-container",
                hint="Use the container as it was packed, before it was sealed.",
            )
        cipher = page_cipher(self._file[: self._header.header_bytes].tobytes(), page_key)
        copy = Memory(self._file.size, guard=False)
        for i in range(self._header.n_pages):
            page = self._plan.pages[i]
            stored = self._file[page.offset : page.offset + page.stored].tobytes()
            plain = np.frombuffer(cipher.open(i, stored), np.uint8)
            copy.bytes[page.offset : page.offset + page.stored - TAG_BYTES] = plain
        self._weights = copy.bytes


def _tensors(io: Any, count: int) -> list[Tensor]:  # noqa: ANN401 cffi has no types
    return [Tensor(tuple(io[i].dims[0 : io[i].rank]), io[i].at, io[i].n) for i in range(count)]


def _aligned(container: bytes | Path) -> npt.NDArray[np.uint8]:
    """The container's bytes, 64-byte aligned: a map of the file, or a copy."""
    if isinstance(container, Path) and container.stat().st_size > 0:
        return np.memmap(container, np.uint8, mode="r")
    if isinstance(container, Path):
        container = b""
    memory = Memory(max(len(container), 64), guard=False)
    memory.bytes[: len(container)] = np.frombuffer(container, np.uint8)
    return memory.bytes[: max(len(container), 16)]
