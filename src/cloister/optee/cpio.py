"""A root file system as the kernel takes it: a `newc` cpio archive, written without root and
without other programs.

The kernel unpacks archives that follow one another, each a multiple of 512 bytes, as one: the
laboratory's base and a boot's own files are two of them.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_ALIGN: Final = 512
_TRAILER: Final = "TRAILER!!!"


@dataclass(frozen=True)
class Entry:
    """A file, a directory or a symbolic link, owned by root.

    Args:
        path: Without a leading slash; parents come first.
        content: Of a file, or the target of a link.
        mode: Kind and permissions, as in `stat`.
    """

    path: str
    content: bytes = b""
    mode: int = stat.S_IFREG | 0o644


def directory(path: str) -> Entry:
    """A directory that everyone may enter."""
    return Entry(path, b"", stat.S_IFDIR | 0o755)


def program(path: str, content: bytes) -> Entry:
    """A file that may be run."""
    return Entry(path, content, stat.S_IFREG | 0o755)


def link(path: str, target: str) -> Entry:
    """A symbolic link."""
    return Entry(path, target.encode(), stat.S_IFLNK | 0o777)


def archive(entries: Iterable[Entry]) -> bytes:
    """The archive; the same entries give the same bytes."""
    parts = [_one(number, entry) for number, entry in enumerate(entries, 1)]
    data = b"".join([*parts, _one(0, Entry(_TRAILER, b"", 0))])
    return data + bytes(-len(data) % _ALIGN)


def _one(number: int, entry: Entry) -> bytes:
    name = entry.path.encode() + b"\0"
    links = 2 if stat.S_ISDIR(entry.mode) else 1
    # inode, mode, uid, gid, links, time, size, device (4 numbers), bytes of the name, checksum
    fields = (number, entry.mode, 0, 0, links, 0, len(entry.content), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    head += bytes(-len(head) % 4)
    return head + entry.content + bytes(-len(entry.content) % 4)
