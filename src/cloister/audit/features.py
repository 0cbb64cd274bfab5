"""What truly leaves: all crossing tensors of a cut together, as ONNX Runtime computes them.

Rules kept:
* One row a picture: the crossing tensors, flattened in ONNX's order, side by side, float32.
* One pass of the network serves as many cuts as fit on disk at once (`cache_bytes`); a cut's file
  is written under another name and renamed when complete, and removed when the cut is done.
* A file is a safetensors file with one tensor, mapped, so that its rows need no memory.
* A flattened map has the map's shape (`layout`), so that the same attackers fit.
* A map finer than what is rebuilt, or one that makes a row too long, is averaged over 2 x 2
  neighbours until it fits; of an odd side the last line counts twice. The attack is then weaker
  than it could be, and `pooled` says so.
* NaN and infinities stay in the file; `faulty` counts them.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import struct
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.layout import layouts
from cloister.errors import OutsideError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph
from cloister.graph.reference import Reference
from cloister.graph.split import extract

Floats = NDArray[np.float32]

ROW_MAX: Final = 1 << 18
CACHE_BYTES: Final = 4 << 30
# Numbers that are read at once where a whole file would not fit into memory.
BLOCK_NUMBERS: Final = 1 << 26
BLOCK_MIN: Final = 1 << 20
# Of the safetensors file: its tensor, where that begins, and the length of the header before it.
TENSOR: Final = "rows"
ALIGNED: Final = 64
_LENGTH: Final = struct.Struct("<Q")


@dataclass(frozen=True)
class Part:
    """One crossing tensor within a row.

    Args:
        start: Where it begins.
        shape: After pooling, without the batch axis where there is one.
        pool: Side of the squares that were averaged; 1: none.
        whole: The shape before pooling, where there is any.
    """

    start: int
    shape: tuple[int, ...]
    pool: int = 1
    whole: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """Its numbers."""
        return math.prod(self.shape)

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.start + self.size


@dataclass(frozen=True)
class Features:
    """Rows [pictures, numbers] of one cut, usually a file.

    Args:
        rows: float32; may be a memory map.
        parts: The crossing tensors in it.
        block: Numbers that are read at once.
    """

    rows: Floats
    parts: tuple[Part, ...]
    block: int = BLOCK_NUMBERS

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return int(self.rows.shape[1])

    @property
    def pooled(self) -> bool:
        """True where maps were averaged to fit."""
        return any(part.pool > 1 for part in self.parts)

    def columns(self, places: NDArray[np.intp]) -> Iterator[tuple[slice, Floats]]:
        """The chosen pictures' rows, a block of columns at a time, in memory."""
        step = max(256, self.block // max(1, len(places)))
        for start in range(0, self.width, step):
            block = slice(start, min(start + step, self.width))
            yield block, np.ascontiguousarray(self.rows[places, block], np.float32)

    def faulty(self) -> int:
        """Pictures whose tensors hold NaN or an infinity."""
        step = max(1, self.block // max(1, self.width))
        return sum(
            int((~np.isfinite(self.rows[i : i + step]).all(1)).sum())
            for i in range(0, len(self.rows), step)
        )


def plan_parts(cut: Cut, target_hw: tuple[int, int]) -> tuple[Part, ...]:
    """Where each crossing tensor will stand in a row, and how far its maps are averaged."""
    wholes = layouts(cut)
    room = ROW_MAX // len(wholes)
    parts: list[Part] = []
    start = 0
    for whole in wholes:
        pool = 1
        while (
            len(whole) == 3
            and min(whole[1:]) > pool
            and (-(-whole[1] // pool) > target_hw[0] or math.prod(_averaged(whole, pool)) > room)
        ):
            pool *= 2
        shape = _averaged(whole, pool)
        parts.append(Part(start, shape, pool, whole if pool > 1 else ()))
        start += math.prod(shape)
    return tuple(parts)


def _averaged(shape: tuple[int, ...], pool: int) -> tuple[int, ...]:
    return shape if pool == 1 else (shape[0], -(-shape[1] // pool), -(-shape[2] // pool))


def groups(sizes: Sequence[int], cache_bytes: int) -> list[list[int]]:
    """Places of files of these sizes that fit on disk together, in order; at least one each."""
    found: list[list[int]] = []
    room = 0
    for place, size in enumerate(sizes):
        if not found or size > room:
            found.append([])
            room = cache_bytes
        found[-1].append(place)
        room -= size
    return found


@dataclass(frozen=True)
class Wanted:
    """A cut whose features are wanted, how a row is made, and the file they go to."""

    cut: Cut
    parts: tuple[Part, ...]
    file: Path


@dataclass(frozen=True)
class Lot:
    """Pictures that become inputs when their turn comes."""

    count: int
    make: Callable[[], Floats]


def extract_features(
    graph: Graph,
    wanted: Sequence[Wanted],
    lots: Sequence[Lot],
    *,
    threads: int,
    at_once: int = 1,
    step: Callable[[int], None] = lambda _: None,
) -> None:
    """Runs the network on all pictures once and writes one file of rows for each cut.

    Args:
        graph: The network.
        wanted: The cuts.
        lots: All pictures, in order.
        threads: Of ONNX Runtime, for one picture.
        at_once: Pictures, which changes no number.
        step: Told after each lot how many are done.

    Raises:
        OutsideError: The disk is full.
    """
    names = list(dict.fromkeys(info.name for one in wanted for info in one.cut.crossing))
    head = extract(graph, [info.name for info in graph.inputs], names)
    session = Reference(head, threads=threads)
    partial = [one.file.with_name(f"{one.file.name}.partial") for one in wanted]
    count = sum(lot.count for lot in lots)
    try:
        maps = [
            _on_disk(path, (count, one.parts[-1].stop))
            for path, one in zip(partial, wanted, strict=True)
        ]

        def fill(start: int, lot: Lot) -> int:
            for place, x in enumerate(lot.make(), start):
                values = dict(zip(session.output_names, session.run([x[None]]), strict=True))
                for one, rows in zip(wanted, maps, strict=True):
                    for info, part in zip(one.cut.crossing, one.parts, strict=True):
                        rows[place, part.start : part.stop] = _pooled(values[info.name], part)
            return lot.count

        starts = itertools.accumulate((lot.count for lot in lots), initial=0)
        with ThreadPoolExecutor(at_once) as pool:
            for done in itertools.accumulate(pool.map(fill, starts, lots)):
                step(done)
        for rows in maps:
            rows.flush()
    except OSError as error:
        for path in partial:
            path.unlink(missing_ok=True)
        raise OutsideError(
            f"cannot write the features to {wanted[0].file.parent}: {error.strerror or error}",
            code="disk-full",
            hint="Free space, or give --cache a smaller bound; --resume goes on.",
        ) from error
    for path, one in zip(partial, wanted, strict=True):
        path.replace(one.file)


def _on_disk(path: Path, shape: tuple[int, int]) -> np.memmap[Any, np.dtype[np.float32]]:
    """A mapped file whose room is taken now: a hole that does not fit the disk later would kill
    the process at a write.
    """
    size = 4 * math.prod(shape)
    tensor = {"dtype": "F32", "shape": shape, "data_offsets": (0, size)}
    header = json.dumps({TENSOR: tensor}).encode()
    header += b" " * (-(_LENGTH.size + len(header)) % ALIGNED)
    with path.open("wb") as file:
        file.write(_LENGTH.pack(len(header)) + header)
        file.truncate(file.tell() + size)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, file.tell() + size)
    return np.memmap(path, np.float32, "r+", _LENGTH.size + len(header), shape)


def open_rows(path: Path) -> Floats:
    """Rows of a file that `extract_features` wrote, mapped."""
    with path.open("rb") as file:
        (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
        shape = json.loads(file.read(length))[TENSOR]["shape"]
    return np.memmap(path, np.float32, "r", _LENGTH.size + length, tuple(shape))


def _pooled(value: NDArray[np.generic], part: Part) -> NDArray[np.generic]:
    if part.pool == 1:
        return value.reshape(-1)
    c, h, w = part.shape
    more = [(0, part.pool * side - own) for side, own in zip((h, w), part.whole[1:], strict=True)]
    whole = np.pad(value.reshape(part.whole), [(0, 0), *more], "edge")
    return np.asarray(whole.reshape(c, h, part.pool, w, part.pool).mean((2, 4)).reshape(-1))
