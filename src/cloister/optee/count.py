"""Counts the instructions of a machine with OP-TEE, by whose they are.

Time under emulation says nothing; the application's instructions are the same in each run, to the
instruction.

The counter is a QEMU plugin (count.c), compiled here. A machine with it runs about half as fast.
It can count by function of the application, too.
"""

from __future__ import annotations

import bisect
import mmap
import shutil
import struct
import subprocess
import tempfile
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from cloister.errors import OutsideError
from cloister.optee.lab import CROSS

_COUNTS: Final = struct.Struct("<9Q")  # count.c
_BLOCK: Final = np.dtype([("address", "<u8"), ("code", "<u8"), ("instructions", "<u8")])
_BLOCKS: Final = 1 << 17  # more than OP-TEE and some loads of an application have
_PAGE: Final = 4096
_SEGMENT: Final = struct.Struct("<2I6Q")
Blocks = npt.NDArray[np.void]


@dataclass(frozen=True)
class Counts:
    """Instructions executed.

    Args:
        application: In the trusted application.
        secure: In OP-TEE and the firmware.
        normal: In Linux and the daemon, idle turns included.
    """

    application: int
    secure: int
    normal: int

    def __sub__(self, before: Counts) -> Counts:
        return Counts(
            self.application - before.application,
            self.secure - before.secure,
            self.normal - before.normal,
        )


class Functions:
    """Where the functions of an application are.

    Args:
        image: Its ELF file, not stripped (`build.unstripped`).

    Raises:
        OutsideError: Its symbols cannot be read.
    """

    def __init__(self, image: bytes) -> None:
        with tempfile.NamedTemporaryFile(suffix=".elf") as file:
            file.write(image)
            file.flush()
            command = [f"{CROSS}nm", "--defined-only", "-n", file.name]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OutsideError(f"{command[0]} failed: {done.stderr}", code="optee-count")
        found = [line.split() for line in done.stdout.splitlines()]
        rows = [(int(at, 16), name) for at, kind, name in found if kind in "tT" and name[0] != "$"]
        self._starts = [at for at, _ in rows]
        self._names = [name for _, name in rows]
        self._code = _code(image)
        self._places: dict[tuple[int, int], list[int]] = {}
        for at, code in self._code.items():
            self._places.setdefault((at % _PAGE, code), []).append(at)

    def split(self, before: Blocks, after: Blocks) -> Mapping[str, int]:
        """Instructions of each function between two readings of `Counter.blocks`, in which the
        application was loaded once.
        """
        taken = after["instructions"] - before["instructions"]
        ran = [
            (int(block["address"]), int(block["code"]), int(n))
            for block, n in zip(after[taken > 0], taken[taken > 0], strict=True)
        ]
        # OP-TEE chooses the page where an application begins: the one for which most blocks begin
        # with the instruction that is there in the file.
        bases = Tally(
            address - at
            for address, code, _ in ran
            for at in self._places.get((address % _PAGE, code), ())
        )
        base = max(bases, key=bases.__getitem__, default=0)
        split: Tally[str] = Tally()
        for address, code, n in ran:
            if self._code.get(address - base) == code:
                split[self._names[bisect.bisect_right(self._starts, address - base) - 1]] += n
        return split


def _code(image: bytes) -> dict[int, int]:
    """Address and word of each instruction of an ELF file."""
    at, size, count = struct.unpack_from("<Q14xHH", image, 32)
    found: dict[int, int] = {}
    for index in range(count):
        kind, flags, offset, address, _, length, *_ = _SEGMENT.unpack_from(image, at + index * size)
        if kind == 1 and flags & 1:  # PT_LOAD, PF_X
            words = np.frombuffer(image, "<u4", length // 4, offset).tolist()
            found.update(zip(range(address, address + length, 4), words, strict=False))
    return found


class Counter:
    """A counter for one machine: give `qemu` to `Boot`, then `read` at any time.

    Args:
        blocks: Count each block of instructions of the secure world, too.

    Raises:
        OutsideError: The plugin cannot be compiled.
    """

    def __init__(self, *, blocks: bool = False) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="cloister-count-")
        place = Path(self._folder.name)
        plugin, counts = place / "count.so", place / "counts"
        with (place / "count.c").open("wb") as copy:
            copy.write((files("cloister.optee") / "count.c").read_bytes())
        command = ["gcc", "-shared", "-fPIC", "-O2", "-o", str(plugin), str(place / "count.c")]
        if shutil.which("gcc") is None:
            raise OutsideError("there is no gcc to compile the counter", code="optee-count")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise OutsideError(f"the counter does not compile: {done.stderr}", code="optee-count")
        self._blocks = _BLOCKS * blocks
        size = _COUNTS.size + self._blocks * _BLOCK.itemsize
        counts.write_bytes(bytes(size))
        with counts.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
        options = f"file={plugin},path={counts},blocks={self._blocks}"
        self.qemu: tuple[str, ...] = ("-plugin", options)

    def read(self) -> Counts:
        """What was executed since the machine's start."""
        normal, *secure = _COUNTS.unpack_from(self._map)
        # Where OP-TEE is entered and left applications are; the firmware's own start is in the
        # lowest.
        applications = max(range(1, 4), key=lambda i: secure[4 + i])
        own = secure[applications] if secure[4 + applications] else 0
        return Counts(own, sum(secure) - own, normal)

    def blocks(self) -> Blocks:
        """What each block of the secure world was executed so far (`Functions.split`)."""
        return np.frombuffer(self._map[_COUNTS.size :], _BLOCK)

    def close(self) -> None:
        """Gives everything back; the machine must have ended."""
        self._map.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
