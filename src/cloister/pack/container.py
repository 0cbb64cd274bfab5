"""`head.clo`: the plan and the weights, as docs/formats/container.md has them, to the byte.

`compile_container` lowers, places and packs; the same graph gives the same bytes. Pages that fit
are resident; under `memory_budget` the rest are streamed, whole operators at a time, so that no
operator's weights are kept in part. `parse` reads a container back for `inspect`, `profile` and
tests; it refuses what it cannot read but leaves the proofs to the enclave's validator.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from cloister.errors import UserError
from cloister.graph.graph import Graph, TensorInfo
from cloister.lower import lower
from cloister.lower.paging import CONST_PAGE_FLOATS
from cloister.lower.program import (
    FLOAT_BYTES,
    PAGE_MAX_BYTES,
    PANEL,
    PARAMS,
    ConvParams,
    DwconvParams,
    Io,
    Kind,
    Op,
    Params,
    Program,
    Span,
    Weights,
    align,
)
from cloister.memory import Placement, place
from cloister.memory.placement import floats

MAGIC = b"CLOISTER"
VERSION = 1
HEADER_MAX_BYTES = 16 << 20
MODES = ("split", "whole")
DTYPE_F32 = 1
REPLAY_ENTRY_BYTES = 16

HEADER = np.dtype(
    [
        ("magic", "S8"), ("version", "<u4"), ("header_bytes", "<u4"), ("mode", "<u4"),
        ("sealed", "<u4"), ("n_ops", "<u4"), ("n_inputs", "<u4"), ("n_crossing", "<u4"),
        ("n_outputs", "<u4"), ("n_pages", "<u4"), ("page_slot", "<u4"),
        ("resident_bytes", "<u8"), ("arena_bytes", "<u8"), ("request_at", "<u4"),
        ("response_at", "<u4"), ("scratch_at", "<u4"), ("scratch_bytes", "<u4"),
        ("key_id", "u1", 16), ("reserved", "u1", 32),
    ]
)  # fmt: skip
SPAN = [("at", "<u4"), ("n", "<u4")]
OP = np.dtype(
    [
        ("kind", "<u4"), ("fn", "<u4"), ("lo", "<f4"), ("hi", "<f4"), ("x", SPAN), ("y", SPAN),
        ("z", SPAN), ("first_page", "<u4"), ("n_pages", "<u4"), ("scratch", "<u4"),
        ("reserved", "<u4", 3), ("words", "<u4", 32),
    ]
)  # fmt: skip
IO = np.dtype(
    [
        ("dtype", "<u4"), ("rank", "<u4"), ("dims", "<u4", 8), ("at", "<u4"), ("n", "<u4"),
        ("reserved", "<u4", 4),
    ]
)  # fmt: skip
PAGE = np.dtype(
    [
        ("offset", "<u8"), ("plain", "<u4"), ("stored", "<u4"), ("resident", "<u4"),
        ("reserved", "<u4", 3), ("digest", "u1", 32),
    ]
)  # fmt: skip
assert (HEADER.itemsize, OP.itemsize, IO.itemsize, PAGE.itemsize) == (128, 192, 64, 64)

Records = npt.NDArray[np.void]


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
    """

    header: bytes
    pages: list[bytes]
    program: Program
    placement: Placement
    page_slot: int
    resident_bytes: int

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
        return sum(align(part) for part in parts)

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
    memory_budget: int | None = None,
    replay: int = 65536,
) -> Container:
    """Compiles a head (``split``) or a whole network (``whole``).

    Args:
        graph: What the enclave runs.
        mode: ``"split"`` or ``"whole"``.
        answers: Outputs of the whole network.
        memory_budget: Bytes of trusted memory for the instance; None: no limit, all pages
            resident.
        replay: Entries of the replay table that the budget has to hold.

    Raises:
        UserError: An operator is not supported, or the budget is too small even with all pages
            streamed.
    """
    program = lower(graph, mode=mode, answers=answers)
    placement = place(program)
    if memory_budget is not None and _resident_bytes(program, placement, replay) > memory_budget:
        # Weights that stay are worth more than the scratch of faster convolutions.
        program = lower(graph, mode=mode, answers=answers, winograd=False)
        placement = place(program)
    packs = _packs(program)
    pages = [page for pack in packs for page in pack_pages(pack.weights, pack.op)]
    room = None
    if memory_budget is not None:
        fixed = (_header_bytes(program, len(pages)), REPLAY_ENTRY_BYTES * replay)
        room = memory_budget - sum(align(n) for n in (*fixed, placement.arena_bytes))
    resident = _resident(packs, [align(len(page)) for page in pages], room)
    header, slot, kept = _header(program, placement, packs, pages, resident)
    return Container(header, pages, program, placement, slot, kept)


def _resident_bytes(program: Program, placement: Placement, replay: int) -> int:
    """At least the trusted memory of an instance that keeps all pages."""
    n_pages = sum(pack.n_pages for pack in _packs(program))
    pages = weight_bytes(program) + align(1) * n_pages
    parts = (_header_bytes(program, n_pages), REPLAY_ENTRY_BYTES * replay, placement.arena_bytes)
    return pages + sum(align(part) for part in parts)


# ---------------------------------------------------------------------- pages


@dataclass(frozen=True)
class Pack:
    """Weights and the pages that hold them; ``op`` is the first operator that uses them."""

    weights: Weights
    op: Op
    first_page: int
    n_pages: int


def _packs(program: Program) -> list[Pack]:
    """One Pack for each Weights object, in the order of first use."""
    packs: dict[int, Pack] = {}
    first = 0
    for op in program.ops:
        if op.weights is None or id(op.weights) in packs:
            continue
        n = page_count(op.weights, op.params)
        packs[id(op.weights)] = Pack(op.weights, op, first, n)
        first += n
    return list(packs.values())


def page_count(weights: Weights, params: Params) -> int:
    """Pages that an operator reads."""
    if isinstance(params, ConvParams):
        n_panels = params.groups * -(-params.n // PANEL)
        if params.slice:
            return n_panels * -(-params.kh * params.kw * params.c // params.slice)
        return -(-n_panels // params.panels)
    if isinstance(params, DwconvParams):
        n_panels = -(-params.c // PANEL)
        return -(-n_panels // params.panels)
    return -(-weights.array.size // CONST_PAGE_FLOATS)


def weight_bytes(program: Program) -> int:
    """Bytes of all pages, without padding and without packing them."""
    total = 0
    for pack in _packs(program):
        p = pack.op.params
        if isinstance(p, ConvParams):
            total += p.groups * -(-p.n // PANEL) * (1 + p.kh * p.kw * p.c) * PANEL * FLOAT_BYTES
        elif isinstance(p, DwconvParams):
            total += -(-p.c // PANEL) * (1 + p.kh * p.kw) * PANEL * FLOAT_BYTES
        else:
            total += pack.weights.array.size * FLOAT_BYTES
    return total


def pack_pages(weights: Weights, op: Op) -> Iterator[bytes]:
    """The pages of one operator's weights."""
    return PACKERS[weights.kind](weights, op.params)


def _conv_pages(weights: Weights, params: Params) -> Iterator[bytes]:
    assert isinstance(params, ConvParams)
    array, per_group = weights.array, -(-params.n // PANEL)
    k = params.kh * params.kw * params.c
    n_panels = params.groups * per_group
    for first in range(0, n_panels, params.panels):
        panels = range(first, min(first + params.panels, n_panels))
        page = np.zeros((len(panels), 1 + k, PANEL), "<f4")
        for i, q in enumerate(panels):
            group, low = q // per_group, q % per_group * PANEL
            block = array[group, low : low + PANEL]
            width = block.shape[0]
            page[i, 1:, :width].reshape(*block.shape[1:], width)[...] = block.transpose(1, 2, 0)
            _scale(page[i, 1:], weights.scale)
            if weights.bias is not None:
                at = group * params.n + low
                page[i, 0, :width] = weights.bias[at : at + width]
        if params.slice == 0:
            yield page.tobytes()
            continue
        for start in range(0, k, params.slice):
            rows = page[0, start + (start > 0) : 1 + min(k, start + params.slice)]
            yield rows.tobytes()


def _dwconv_pages(weights: Weights, params: Params) -> Iterator[bytes]:
    assert isinstance(params, DwconvParams)
    c, taps = weights.array.shape
    n_panels = -(-c // PANEL)
    full = np.zeros((n_panels * PANEL, 1 + taps), "<f4")
    full[:c, 1:] = weights.array
    _scale(full[:, 1:], weights.scale)
    if weights.bias is not None:
        full[:c, 0] = weights.bias
    panels = full.reshape(n_panels, PANEL, 1 + taps).transpose(0, 2, 1)
    for first in range(0, n_panels, params.panels):
        yield panels[first : first + params.panels].tobytes()


def _const_pages(weights: Weights, _: Params) -> Iterator[bytes]:
    flat = np.ascontiguousarray(weights.array, "<f4").reshape(-1)
    _scale(flat, weights.scale)
    for first in range(0, flat.size, CONST_PAGE_FLOATS):
        yield flat[first : first + CONST_PAGE_FLOATS].tobytes()


def _scale(array: npt.NDArray[np.float32], scale: float) -> None:
    if scale != 1.0:
        array *= np.float32(scale)


PACKERS: dict[Kind, Callable[[Weights, Params], Iterator[bytes]]] = {
    Kind.CONV: _conv_pages,
    Kind.DWCONV: _dwconv_pages,
    Kind.CONST: _const_pages,
}


def _resident(packs: list[Pack], sizes: list[int], room: int | None) -> list[bool]:
    """Which pages are kept in trusted memory.

    All, or where there is not enough room all but those of the largest operators (of equals, the
    last), which are asked for one by one.

    Args:
        packs: Whose pages they are.
        sizes: Bytes of each page, rounded up.
        room: Bytes for pages; None: no limit.
    """
    resident = [True] * len(sizes)
    if room is None:
        return resident
    held, slot = sum(sizes), 0

    def own(pack: Pack) -> list[int]:
        return sizes[pack.first_page : pack.first_page + pack.n_pages]

    for pack in sorted(packs, key=lambda p: (-sum(own(p)), -p.first_page)):
        if held + slot <= room:
            break
        held -= sum(own(pack))
        slot = max(slot, *own(pack))
        for page in range(pack.first_page, pack.first_page + pack.n_pages):
            resident[page] = False
    if held + slot > room:
        raise UserError(
            f"the memory budget is {held + slot - room:,} bytes too small, even with all weights "
            "streamed",
            code="memory-budget",
            hint="cut the network earlier, or raise the budget",
        )
    return resident


# ---------------------------------------------------------------------- header


def _header_bytes(program: Program, n_pages: int) -> int:
    n_io = len(program.inputs) + len(program.crossing) + len(program.outputs)
    return align(
        HEADER.itemsize
        + len(program.ops) * OP.itemsize
        + n_io * IO.itemsize
        + n_pages * PAGE.itemsize
    )


def _header(
    program: Program,
    placement: Placement,
    packs: list[Pack],
    pages: list[bytes],
    resident: list[bool],
) -> tuple[bytes, int, int]:
    """The header's bytes, page_slot and resident_bytes."""
    size = _header_bytes(program, len(pages))
    if size > HEADER_MAX_BYTES:
        raise UserError(
            f"the container's header would have {size:,} bytes; {HEADER_MAX_BYTES:,} are allowed",
            code="header-too-large",
            hint="cut the network earlier",
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
        _op_records(program, placement, packs).tobytes(),
        _io_records([*program.inputs, *program.crossing, *program.outputs], placement).tobytes(),
        _page_records(pages, resident, size).tobytes(),
    ]
    body = b"".join(parts)
    return body + bytes(size - len(body)), slot, kept


def _at(span: Span, placement: Placement) -> int:
    return floats(placement.offsets[span.buffer]) + span.at


def _op_records(program: Program, placement: Placement, packs: list[Pack]) -> Records:
    where = {id(pack.weights): pack for pack in packs}
    records = np.zeros(len(program.ops), OP)
    for record, op in zip(records, program.ops, strict=True):
        record["kind"], record["fn"] = int(op.kind), op.fn
        record["lo"], record["hi"] = op.lo, op.hi
        for name, span in (("x", op.x), ("y", op.y), ("z", op.z)):
            if span is not None:
                record[name] = (_at(span, placement), span.n)
        if op.weights is not None:
            pack = where[id(op.weights)]
            record["first_page"], record["n_pages"] = pack.first_page, pack.n_pages
        record["scratch"] = op.scratch_bytes
        words = params_to_words(op.params)
        record["words"][: len(words)] = words
    return records


def params_to_words(params: Params) -> npt.NDArray[np.uint32]:
    """The union's words, field by field."""
    words: list[int] = []
    for field in dataclasses.fields(params):
        value = getattr(params, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, float):
                words.append(int(np.array(item, "<f4").view("<u4")))
            else:
                words.append(int(item) & 0xFFFFFFFF)
    return np.array(words, np.uint32)


def words_to_params(kind: Kind, words: npt.NDArray[np.uint32]) -> Params:
    """The reverse of `params_to_words`."""
    cls = PARAMS[kind]
    values: list[object] = []
    at = 0
    for field in dataclasses.fields(cls):
        length = {"Five": 5, "Six": 6}.get(str(field.type), 1)
        piece = words[at : at + length]
        at += length
        if field.type == "float":
            values.append(float(piece.view("<f4")[0]))
        elif length == 1:
            values.append(int(piece[0]))
        else:
            signed = kind is Kind.COPY and field.name == "xs"
            values.append(tuple(int(v) for v in (piece.view("<i4") if signed else piece)))
    return cls(*values)  # type: ignore[arg-type]  # the fields say what each word is


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


# ---------------------------------------------------------------------- reading


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
        return sum(align(part) for part in parts)


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
