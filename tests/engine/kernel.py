"""Runs single operators of the engine on hand-made records, between guard pages, with every table
of kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from cloister._clo import ffi, lib

from cloister.enclaves.engine import Memory, kernel_names

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.int8]
NAMES = kernel_names()
FUSED = [name for name in NAMES if name != "portable"]
PANEL = 32


def panels(weights_KN: Floats, bias_N: Floats) -> list[Floats]:
    """The units of `weights` (K rows): for each panel 32 bias floats, then K rows of 32."""
    rows, n = weights_KN.shape
    count = -(-n // PANEL)
    padded = np.zeros((rows + 1, count * PANEL), np.float32)
    padded[0, :n] = bias_N
    padded[1:, :n] = weights_KN
    return [padded[:, q * PANEL : (q + 1) * PANEL].ravel() for q in range(count)]


def quantised(weights: Floats) -> tuple[Bytes, Floats]:
    """Weights [n, ...] as bytes, and the scale of each channel."""
    scales = (np.abs(weights.reshape(len(weights), -1)).max(axis=1) / 127).astype(np.float32)
    return np.round(weights / scales.reshape(-1, *[1] * (weights.ndim - 1))).astype(np.int8), scales


def byte_panels(codes_KN: Bytes, scales_N: Floats, bias_N: Floats) -> list[Floats]:
    """As `panels`, of weights that are bytes: 32 bias floats, 32 scales, K rows of 32 bytes."""
    padded = np.pad(codes_KN, ((0, 0), (0, -codes_KN.shape[1] % PANEL)))
    heads = panels(scales_N[None], bias_N)
    return [
        np.concatenate([head, np.ascontiguousarray(columns).view(np.float32).ravel()])
        for head, columns in zip(heads, np.split(padded, len(heads), axis=1), strict=True)
    ]


def code_panels(codes_KN: Bytes, scales_N: Floats, bias_N: Floats, zero: int) -> list[Floats]:
    """As `panels`, for a CONV by codes whose code of 0 is `zero`: 32 bias floats, 32 scales, what
    32 sums begin with, then for each four of the K rows 32 times four bytes.
    """
    padded = np.pad(codes_KN, ((0, 0), (0, -codes_KN.shape[1] % PANEL)))
    units = []
    for q, head in enumerate(panels(scales_N[None], bias_N)):
        rows = padded[:, q * PANEL : (q + 1) * PANEL]
        starts = (-zero * rows.sum(axis=0, dtype=np.int64)).astype(np.int32)
        fours = np.ascontiguousarray(rows.reshape(-1, 4, PANEL).transpose(0, 2, 1))
        units.append(np.concatenate([head, *(v.ravel().view(np.float32) for v in (starts, fours))]))
    return units


def paged(units: list[Floats], per_page: int) -> list[Floats]:
    return [np.concatenate(units[i : i + per_page]) for i in range(0, len(units), per_page)]


def sliced(units: list[Floats], rows: int, *, int8: bool = False) -> list[Floats]:
    """Each unit cut into K-slices of `rows` rows; the bias leads the first, scales each."""
    pages = []
    for unit in units:
        bias, scales, body = np.split(unit, [PANEL, 2 * PANEL if int8 else PANEL])
        step = rows * PANEL // (4 if int8 else 1)
        cuts = [np.append(scales, body[i : i + step]) for i in range(0, body.size, step)]
        pages += [np.append(bias, cuts[0]), *cuts[1:]]
    return pages


def _guarded(values: Floats) -> tuple[Memory, Any]:
    memory = Memory(values.nbytes, guard=True)
    memory.bytes.view(np.float32)[:] = values
    return memory, ffi.cast("float *", memory.bytes.ctypes.data)


def run(
    kernels: str,
    kind: str,
    fields: Mapping[str, Any],
    *,
    x: Floats | None = None,
    z: Floats | None = None,
    y: int | Floats | None,
    pages: list[Floats] | None = None,
    fn: int = 0,
    act: int = 0,
    lo: float = -np.inf,
    hi: float = np.inf,
    scratch: int = 0,
    parts: int = 1,
    int8: int = 0,
) -> Floats:
    """Runs one operator and gives y.

    Every operand ends exactly where an arena of its own would end: x, z and y are laid one after
    the other in an arena whose last float is y's, and a second run has x last, so that reads and
    writes behind either end the process. Around y stand sentinels that must survive.

    Args:
        kernels: Name of the table.
        kind: Member of the union, e.g. ``"conv"``.
        fields: Members of the operator's struct.
        x: First operand, flat.
        z: Second operand, flat.
        y: Floats of the result, or its first content; None: y is x.
        pages: Pages, in order.
        fn: The kind's function.
        act: Fused function.
        lo: Fused clip.
        hi: Fused clip.
        scratch: Bytes.
        parts: As so many threads would share the operator, one after the other, the last first.
        int8: As in clo_op.
    """
    table = lib.clo_kernels_best(kernels.encode())
    first = np.full(y, np.nan, np.float32) if isinstance(y, int) else y
    in_place = y is None
    operands = {"x": x, "z": z, "y": first}
    results = []
    for order in ("xzy", "yzx", "yxz"):
        op = ffi.new("clo_op *", {"kind": getattr(lib, f"CLO_{kind.upper()}"), "fn": fn})
        op.lo, op.hi, op.scratch, op.act, op.int8 = lo, hi, scratch, act, int8
        for field, value in fields.items():
            setattr(getattr(op.u, kind), field, value)
        arena, scratch_at = _place(op, {n: operands[n] for n in order}, scratch)
        if in_place:
            op.y = op.x
        memory, pointer = _guarded(arena)
        after = memory.bytes.view(np.float32)
        shared = parts if table.shared >> op.kind & 1 else 1
        for part in reversed(range(shared)):
            after[scratch_at : scratch_at + -(-scratch // 4)] = np.nan  # each thread has its own
            for index, page in enumerate([None] if pages is None else pages):
                held, at = (None, ffi.NULL) if page is None else _guarded(page)
                lib.clo_run(table, op, pointer, pointer + scratch_at, at, index, part, shared)
                del held
        inside = slice(op.y.at, op.y.at + op.y.n)
        results.append(after[inside].copy())
        outside = np.ones(arena.size, bool)
        outside[inside] = False
        outside[scratch_at : scratch_at + -(-scratch // 4)] = False
        assert after[outside].tobytes() == arena[outside].tobytes(), "written outside of y"
    assert all(r.tobytes() == results[0].tobytes() for r in results), "depends on the place"
    return results[0]


def _place(
    op: Any,  # noqa: ANN401 cffi has no types
    operands: Mapping[str, Floats | None],
    scratch: int,
) -> tuple[Floats, int]:
    """Sets the spans; gives an arena that ends with the last operand, and the place of scratch."""
    gap = np.full(3, 777.0, np.float32)
    head = [np.full(16, 12345.0, np.float32), np.full(-(-scratch // 64) * 16, np.nan, np.float32)]
    present = {n: v.ravel().astype(np.float32) for n, v in operands.items() if v is not None}
    body = sum(gap.size + v.size for v in present.values())
    head.append(np.zeros(-body % 16, np.float32))
    at = sum(piece.size for piece in head)
    pieces = head
    for name, value in present.items():
        span = getattr(op, name)
        span.at, span.n = at + gap.size, value.size
        at += gap.size + value.size
        pieces += [gap, value]
    return np.concatenate(pieces), 16
