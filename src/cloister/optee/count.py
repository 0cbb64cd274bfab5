"""Counts the instructions of a machine with OP-TEE, by whose they are.

Time under emulation says nothing; the application's instructions are the same in each run, to the
instruction.

The counter is a QEMU plugin (count.c), compiled here. A machine with it runs about half as fast.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, Self

from cloister.errors import OutsideError

_COUNTS: Final = struct.Struct("<9Q")  # count.c


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


class Counter:
    """A counter for one machine: give `qemu` to `Boot`, then `read` at any time.

    Raises:
        OutsideError: The plugin cannot be compiled.
    """

    def __init__(self) -> None:
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
        counts.write_bytes(bytes(mmap.PAGESIZE))
        with counts.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), _COUNTS.size, access=mmap.ACCESS_READ)
        self.qemu: tuple[str, ...] = ("-plugin", f"file={plugin},path={counts}")

    def read(self) -> Counts:
        """What was executed since the machine's start."""
        normal, *secure = _COUNTS.unpack_from(self._map)
        # Where OP-TEE is entered and left applications are; the firmware's own start is in the
        # lowest.
        applications = max(range(1, 4), key=lambda i: secure[4 + i])
        own = secure[applications] if secure[4 + applications] else 0
        return Counts(own, sum(secure) - own, normal)

    def close(self) -> None:
        """Gives everything back; the machine must have ended."""
        self._map.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
