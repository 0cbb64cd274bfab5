"""Files that people give and get: read up to a bound, written whole or not at all.

A full disk, or an end at the wrong moment, leaves what was there before.
"""

from __future__ import annotations

import errno
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloister.errors import OutsideError, UserError

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NOT_OURS: Final = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT}
    | {errno.ENOTDIR, errno.EISDIR, errno.EEXIST}
)


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
        UserError: There is no such folder, or it may not be written to.
        OutsideError: The disk is full, or fails.
    """
    with writing(f"{what} {path}".strip()):
        if path.exists() and not path.is_file():
            return path.write_bytes(data)
        target = path.resolve()
        with aside(target) as made:
            size_bytes = made.write_bytes(data)
            made.replace(target)
    return size_bytes


@contextmanager
def writing(what: str) -> Iterator[None]:
    """Why something was not written, as an error for people: a place that was badly chosen is the
    user's mistake, a disk that is full or fails is not.

    Raises:
        UserError: There is no such folder, or it may not be written to.
        OutsideError: The disk is full, or fails.
    """
    try:
        yield
    except OSError as error:
        said = f"{what} was not written: {error.strerror or error}"
        if error.errno in _NOT_OURS:
            raise UserError(
                said,
                code="not-writable",
                hint="Name a place in a folder that exists and is yours to write to.",
            ) from error
        if error.errno in _FULL:
            raise OutsideError(
                said, code="disk-full", hint="Make room, or name a place on another disk."
            ) from error
        raise OutsideError(said, code="disk-failed") from error


def writable_folder(path: Path) -> Path:
    """A folder, made where there is none, that takes files: known before the work begins.

    Raises:
        UserError: It cannot be made, or may not be written to.
        OutsideError: The disk is full, or fails.
    """
    with writing(str(path)):
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path


def require_place(file: Path) -> None:
    """A file can be written there: known before the work begins. Makes no folder.

    Raises:
        UserError: There is no such folder, it may not be written to, or the file is a folder.
        OutsideError: The disk is full, or fails.
    """
    with writing(str(file)):
        if file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=file.parent):
            return


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
