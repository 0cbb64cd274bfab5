"""Files that people give and get: read up to a bound, written whole or not at all.

A full disk, or an end at the wrong moment, leaves what was there before.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloister.errors import OutsideError, UserError


def read_file(path: Path, most: int) -> bytes:
    """A file of at most so many bytes.

    Raises:
        UserError: It cannot be read, or is longer.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}", code="no-such-file") from error
    if len(data) > most:
        raise UserError(f"{path} is longer than {most} bytes", code="too-long")
    return data


def write_whole(path: Path, data: bytes, what: str = "") -> int:
    """Writes a file beside, then puts it in its place; gives its bytes. A link stays one; what is
    no regular file (a pipe, a terminal) is written as it is.

    Args:
        path: The file.
        data: All of it.
        what: What it is, for the error's sentence.

    Raises:
        OutsideError: The file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            return path.write_bytes(data)
        target = path.resolve()
        with aside(target) as made:
            size_bytes = made.write_bytes(data)
            made.replace(target)
    except OSError as error:
        name = f"{what} {path}".strip()
        raise OutsideError(
            f"{name} was not written: {error.strerror or error}", code="disk-failed"
        ) from error
    return size_bytes


@contextmanager
def aside(path: Path) -> Iterator[Path]:
    """A name of nothing beside a file, for what is to take its place; gone at the end, unless it
    did.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
