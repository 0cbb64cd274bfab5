"""Reads a container back: for people, `inspect` and tests.

It refuses what it cannot read, but leaves the proofs to the enclave's validator.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

import numpy as np

from cloister.errors import UserError
from cloister.lower.program import Kind, Params, align
from cloister.pack.records import (
    HEADER,
    HEADER_MAX_BYTES,
    IO,
    MAGIC,
    MODES,
    OP,
    PAGE,
    SEALING_BYTES,
    VERSION,
    words_to_params,
)
from cloister.pack.room import REPLAY_ENTRY_BYTES


@dataclass(frozen=True)
class OpDescription:
    """One operator as the container has it; spans are (first float, floats) of the arena."""

    kind: Kind
    fn: int
    lo: float
    hi: float
    x: tuple[int, int]
    y: tuple[int, int]
    z: tuple[int, int]
    first_page: int
    n_pages: int
    scratch_bytes: int
    act: int
    int8: bool
    params: Params


@dataclass(frozen=True)
class IoDescription:
    """An input, crossing tensor or output: shape, first float, floats."""

    shape: tuple[int, ...]
    at: int
    n: int


@dataclass(frozen=True)
class PageDescription:
    """A page: where it lies in the file, its bytes, and whether it is kept in trusted memory."""

    offset: int
    plain: int
    stored: int
    resident: bool
    digest: bytes


@dataclass(frozen=True)
class Description:
    """A container's header in Python's words; fields as in clo_header."""

    mode: str
    sealed: bool
    key_id: bytes
    header_bytes: int
    page_slot: int
    resident_bytes: int
    arena_bytes: int
    request_at: int
    response_at: int
    scratch_at: int
    scratch_bytes: int
    ops: tuple[OpDescription, ...]
    inputs: tuple[IoDescription, ...]
    crossing: tuple[IoDescription, ...]
    outputs: tuple[IoDescription, ...]
    pages: tuple[PageDescription, ...]
    model_digest: str

    @property
    def file_bytes(self) -> int:
        """Length of the file."""
        last = self.pages[-1] if self.pages else None
        return self.header_bytes if last is None else last.offset + align(last.stored)

    def memory_bytes(self, replay: int) -> int:
        """Trusted memory of an instance: clo_plan_memory()."""
        parts = (
            self.header_bytes,
            REPLAY_ENTRY_BYTES * replay,
            self.resident_bytes,
            self.page_slot,
            self.arena_bytes,
        )
        return sum(align(part) for part in parts) + SEALING_BYTES


def parse(data: bytes) -> Description:
    """Reads a container, or its header alone.

    Raises:
        UserError: It is no container of this version, is cut short, or names an unknown operator.
    """
    if len(data) < HEADER.itemsize or data[:8] != MAGIC:
        raise _damaged("it does not begin with CLOISTER")
    head = np.frombuffer(data, HEADER, 1)[0]
    if int(head["version"]) != VERSION:
        raise _damaged(f"version {int(head['version'])}, expected {VERSION}")
    size = int(head["header_bytes"])
    counts = [int(head[n]) for n in ("n_ops", "n_inputs", "n_crossing", "n_outputs", "n_pages")]
    n_io = sum(counts[1:4])
    needed = align(128 + counts[0] * OP.itemsize + n_io * IO.itemsize + counts[4] * PAGE.itemsize)
    if size != needed or size > len(data) or size > HEADER_MAX_BYTES:
        raise _damaged(f"header of {size} bytes, expected {needed}; the file has {len(data)}")
    if int(head["mode"]) >= len(MODES):
        raise _damaged(f"mode {int(head['mode'])}")
    at = HEADER.itemsize
    ops = np.frombuffer(data, OP, counts[0], at)
    at += ops.nbytes
    ios = np.frombuffer(data, IO, n_io, at)
    at += ios.nbytes
    pages = np.frombuffer(data, PAGE, counts[4], at)
    described = [_io(record) for record in ios]
    first, second = counts[1], counts[1] + counts[2]
    return Description(
        MODES[int(head["mode"])],
        bool(head["sealed"]),
        head["key_id"].tobytes(),
        size,
        int(head["page_slot"]),
        int(head["resident_bytes"]),
        int(head["arena_bytes"]),
        int(head["request_at"]),
        int(head["response_at"]),
        int(head["scratch_at"]),
        int(head["scratch_bytes"]),
        tuple(_op(record) for record in ops),
        tuple(described[:first]),
        tuple(described[first:second]),
        tuple(described[second:]),
        tuple(_page(record) for record in pages),
        hashlib.sha256(data[:size]).hexdigest(),
    )


def _op(record: np.void) -> OpDescription:
    number = int(record["kind"])
    if number not in list(Kind):
        raise _damaged(f"operator of kind {number}")
    kind = Kind(number)
    x, y, z = ((int(record[s]["at"]), int(record[s]["n"])) for s in "xyz")
    return OpDescription(
        kind,
        int(record["fn"]),
        float(record["lo"]),
        float(record["hi"]),
        x,
        y,
        z,
        int(record["first_page"]),
        int(record["n_pages"]),
        int(record["scratch"]),
        int(record["act"]),
        bool(record["int8"]),
        words_to_params(kind, np.array(record["words"], np.uint32)),
    )


def _io(record: np.void) -> IoDescription:
    rank = min(int(record["rank"]), 8)
    shape = tuple(int(d) for d in record["dims"][:rank])
    if math.prod(shape) != int(record["n"]):
        raise _damaged(f"a tensor of shape {shape} with {int(record['n'])} elements")
    return IoDescription(shape, int(record["at"]), int(record["n"]))


def _page(record: np.void) -> PageDescription:
    return PageDescription(
        int(record["offset"]),
        int(record["plain"]),
        int(record["stored"]),
        bool(record["resident"]),
        record["digest"].tobytes(),
    )


def _damaged(why: str) -> UserError:
    return UserError(
        f"this is not a container that can be read: {why}",
        code="bad-container",
        hint="pack it again",
    )
