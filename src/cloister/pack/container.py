"""`head.clo`: the plan and the weights, as docs/formats/container.md has them, to the byte.

`compile_container` lowers, places and packs; the same graph gives the same bytes. `budget` says
which plan, and which pages are resident.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cloister.errors import UserError
from cloister.graph.graph import Graph, TensorInfo
from cloister.lower import lower
from cloister.lower.program import PAGE_MAX_BYTES, Io, Program, Span, align
from cloister.memory import Placement
from cloister.memory.placement import floats
from cloister.memory.streaming import Banded
from cloister.pack.budget import Draft, choose, header_bytes
from cloister.pack.description import Description, parse
from cloister.pack.pages import Pack, pack_pages
from cloister.pack.records import (
    DTYPE_F32,
    HEADER,
    HEADER_MAX_BYTES,
    IO,
    MAGIC,
    MODES,
    OP,
    PAGE,
    SEALING_BYTES,
    VERSION,
    Records,
    params_to_words,
)
from cloister.pack.room import REPLAY_ENTRY_BYTES, Room

__all__ = ["Container", "Description", "compile_container", "parse"]


@dataclass(frozen=True)
class Container:
    """A container in memory.

    Args:
        header: `header_bytes` bytes.
        pages: The pages as stored, without padding.
        program: What was packed.
        placement: Where its buffers lie.
        page_slot: Bytes of the longest streamed page, rounded up to 64.
        resident_bytes: Bytes of the resident pages, each rounded up to 64.
        stages: Which operators run in bands of rows.
        streamed_bytes: Of pages that one request asks for, each rounded up to 64 and counted as
            often as it is asked for.
    """

    header: bytes
    pages: list[bytes]
    program: Program
    placement: Placement
    page_slot: int
    resident_bytes: int
    stages: tuple[Banded, ...] = ()
    streamed_bytes: int = 0

    @property
    def arena_bytes(self) -> int:
        """One past the highest byte of the arena that is ever written."""
        return self.placement.arena_bytes

    @cached_property
    def model_digest(self) -> str:
        """SHA-256 of the header, as hexadecimal digits."""
        return hashlib.sha256(self.header).hexdigest()

    @property
    def op_names(self) -> list[str]:
        """For each operator the ONNX node that it comes from."""
        return [op.name for op in self.program.ops]

    def memory_bytes(self, replay: int) -> int:
        """Trusted memory of an instance with a replay table of ``replay`` entries:
        clo_plan_memory().
        """
        parts = (
            len(self.header),
            REPLAY_ENTRY_BYTES * replay,
            self.resident_bytes,
            self.page_slot,
            self.arena_bytes,
        )
        return sum(align(part) for part in parts) + SEALING_BYTES

    def chunks(self) -> Iterator[bytes]:
        """The file's bytes, piece by piece: for writing without a second copy of the weights."""
        yield self.header
        for page in self.pages:
            yield page
            yield bytes(align(len(page)) - len(page))

    def to_bytes(self) -> bytes:
        """The file."""
        return b"".join(self.chunks())


def compile_container(
    graph: Graph,
    *,
    mode: str,
    answers: Sequence[TensorInfo],
    memory_budget: int | Sequence[Room] | None = None,
    replay: int = 65536,
    rows: bool = False,
    least: bool = False,
) -> Container:
    """Compiles a head (``split``) or a whole network (``whole``).

    Args:
        graph: What the enclave runs.
        mode: ``"split"`` or ``"whole"``.
        answers: Outputs of the whole network.
        memory_budget: Bytes of trusted memory for the instance, or what it may take
            (pack.budget); None: no limit, all pages resident.
        replay: Entries of the replay table that the budget has to hold.
        rows: Take the smallest arena that costs little time (pack.budget).
        least: Where the budget holds no plan, take that which needs the least memory.

    Raises:
        UserError: An operator is not supported, or the budget is too small even with all pages
            streamed, and not `least`.
    """
    program = lower(graph, mode=mode, answers=answers)
    draft = choose(program, memory_budget=memory_budget, replay=replay, smallest=rows, least=least)
    return assemble(draft)


def assemble(draft: Draft) -> Container:
    """Packs a plan."""
    pages = [page for pack in draft.packed for page in pack_pages(pack.weights, pack.op)]
    header, slot, kept = _header(draft, pages)
    plan = draft.plan
    return Container(
        header, pages, plan.program, plan.placement, slot, kept, plan.stages, draft.streamed_bytes
    )


# ---------------------------------------------------------------------- header


def _header(draft: Draft, pages: list[bytes]) -> tuple[bytes, int, int]:
    """The header's bytes, page_slot and resident_bytes."""
    program, placement, resident = draft.plan.program, draft.plan.placement, draft.resident
    size = header_bytes(program, len(pages))
    if size > HEADER_MAX_BYTES:
        raise UserError(
            f"the container's header would have {size:,} bytes; {HEADER_MAX_BYTES:,} are allowed",
            code="header-too-large",
            hint="Cut the network earlier."
            if program.mode == "split"
            else "It has too many operators to run whole in an enclave.",
        )
    stored = [align(len(page)) for page in pages]
    kept = sum(n for n, r in zip(stored, resident, strict=True) if r)
    slot = max((n for n, r in zip(stored, resident, strict=True) if not r), default=0)
    head = np.zeros(1, HEADER)
    for name, value in {
        "magic": MAGIC,
        "version": VERSION,
        "header_bytes": size,
        "mode": MODES.index(program.mode),
        "n_ops": len(program.ops),
        "n_inputs": len(program.inputs),
        "n_crossing": len(program.crossing),
        "n_outputs": len(program.outputs),
        "n_pages": len(pages),
        "page_slot": slot,
        "resident_bytes": kept,
        "arena_bytes": placement.arena_bytes,
        "request_at": floats(placement.offsets[program.request]),
        "response_at": floats(placement.offsets[program.response]),
        "scratch_at": floats(placement.scratch_at),
        "scratch_bytes": program.scratch_bytes,
    }.items():
        head[name] = value
    parts = [
        head.tobytes(),
        _op_records(program, placement, draft.packed).tobytes(),
        _io_records([*program.inputs, *program.crossing, *program.outputs], placement).tobytes(),
        _page_records(pages, resident, size).tobytes(),
    ]
    body = b"".join(parts)
    return body + bytes(size - len(body)), slot, kept


def _at(span: Span, placement: Placement) -> int:
    return floats(placement.offsets[span.buffer]) + span.at


def _op_records(program: Program, placement: Placement, packed: list[Pack]) -> Records:
    where = {id(pack.weights): pack for pack in packed}
    records = np.zeros(len(program.ops), OP)
    for record, op in zip(records, program.ops, strict=True):
        record["kind"], record["fn"] = int(op.kind), op.fn
        record["lo"], record["hi"] = op.lo, op.hi
        record["act"] = 0 if op.act is None else 1 + op.act
        for name, span in (("x", op.x), ("y", op.y), ("z", op.z)):
            if span is not None:
                record[name] = (_at(span, placement), span.n)
        if op.weights is not None:
            pack = where[id(op.weights)]
            record["first_page"], record["n_pages"] = pack.first_page, pack.n_pages
            record["int8"] = op.int8
        record["scratch"] = op.scratch_bytes
        words = params_to_words(op.params)
        record["words"][: len(words)] = words
    return records


def _io_records(ios: list[Io], placement: Placement) -> Records:
    records = np.zeros(len(ios), IO)
    for record, io in zip(records, ios, strict=True):
        rank = len(io.info.shape)
        record["dtype"], record["rank"] = DTYPE_F32, rank
        record["dims"][:rank] = io.info.shape
        record["at"], record["n"] = _at(io.span, placement), io.info.elements
    return records


def _page_records(pages: list[bytes], resident: list[bool], header_bytes: int) -> Records:
    records = np.zeros(len(pages), PAGE)
    offset = header_bytes
    for record, page, kept in zip(records, pages, resident, strict=True):
        assert 0 < len(page) <= PAGE_MAX_BYTES
        record["offset"], record["plain"], record["stored"] = offset, len(page), len(page)
        record["resident"] = int(kept)
        record["digest"] = np.frombuffer(hashlib.sha256(page).digest(), np.uint8)
        offset += align(len(page))
    return records
