"""Files that verbs write for people: whole or not at all.

A full disk, or an end at the wrong moment, leaves what was there before. What is no regular file
(a pipe, a terminal) is written as it is.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from cloister.errors import OutsideError


def write_whole(path: Path, data: bytes) -> int:
    """Writes a file beside, then puts it in its place; gives its bytes.

    Raises:
        OutsideError: The file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            return path.write_bytes(data)
        target = path.resolve()  # a link stays one
        aside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            size_bytes = aside.write_bytes(data)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise OutsideError(
            f"{path} was not written: {error.strerror or error}", code="disk-failed"
        ) from error
    return size_bytes
