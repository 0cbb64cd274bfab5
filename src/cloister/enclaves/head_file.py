"""A container (`head.clo`) as the host of an enclave needs it: its header, and bytes of its pages.

The host does not judge a container, the enclave does. What is checked here is what the host itself
would trip over: the length of the header, and that pages lie inside the file. Pages are sent from
the file by the kernel (`sendfile`), so a file that is cut while it is served is an error value and
not a signal, and no page is copied through this process.

The bytes are specified in docs/formats/container.md.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from cloister.channel.message import ALIGN, message_bytes
from cloister.errors import UserError
from cloister.pack.room import REPLAY_ENTRY_BYTES

_MAGIC: Final = b"CLOISTER"
# magic, version, header_bytes, mode, sealed, n_ops, n_inputs, n_crossing, n_outputs, n_pages,
# page_slot, resident_bytes, arena_bytes, request_at, response_at, scratch_at, scratch_bytes
_START: Final = struct.Struct("<8s10I2Q4I")
_HEADER_MAX: Final = 16 << 20
# sizeof clo_header, clo_op, clo_io, clo_page
_HEADER_STRUCT: Final = 128
_OP_BYTES: Final = 192
_IO_BYTES: Final = 64
_PAGE_BYTES: Final = 64
_PAGE: Final = struct.Struct("<QII")  # offset, plain, stored: the start of a clo_page
_IO: Final = struct.Struct("<2I8I")  # dtype, rank, dims: the start of a clo_io
_KEY_ID: Final = slice(80, 96)  # of a clo_header
_RESPONSE_OVERHEAD: Final = 48


def _up(size: int) -> int:
    return (size + ALIGN - 1) // ALIGN * ALIGN


class HeadFile:
    """An open container.

    Args:
        path: The file; kept open, so that replacing the bundle does not mix two of them.

    Raises:
        UserError: It cannot be read, or it does not begin as a container.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        with contextlib.ExitStack() as undo:
            try:
                self.file: BinaryIO = undo.enter_context(self.path.open("rb"))
                start = self.file.read(_START.size)
            except OSError as error:
                raise self._bad(error.strerror or str(error)) from error
            if len(start) < _START.size or start[:8] != _MAGIC:
                raise self._bad("it does not begin as a container")
            fields = _START.unpack(start)
            self.header_bytes: int = fields[2]
            self.sealed: bool = fields[4] != 0
            self.n_pages: int = fields[9]
            self.page_slot: int = fields[10]
            self.resident_bytes: int = fields[11]
            self.arena_bytes: int = fields[12]
            self.scratch_bytes: int = fields[16]
            if not _HEADER_STRUCT <= self.header_bytes <= _HEADER_MAX:
                raise self._bad(f"its header says it has {self.header_bytes} bytes")
            self.header = start + self.file.read(self.header_bytes - len(start))
            if len(self.header) != self.header_bytes:
                raise self._bad("it ends inside its header")
            self.file_bytes = os.fstat(self.file.fileno()).st_size
            self._pages = self._read_pages(fields[5], sum(fields[6:9]))
            self.response_bytes = self._read_response(fields[5], sum(fields[6:8]), fields[8])
            undo.pop_all()

    @property
    def model_digest(self) -> bytes:
        """SHA-256 of the header."""
        return hashlib.sha256(self.header).digest()

    @property
    def key_id(self) -> bytes:
        """Names the page key of a sealed container (16 bytes); zeros in a plain one."""
        return self.header[_KEY_ID]

    def memory_bytes(self, replay: int, threads: int = 1) -> int:
        """Trusted memory of an instance: header copy, replay table, resident pages, page slot,
        arena, room for what sealing adds to a message (`clo_plan_memory`), and scratch for each
        further thread.

        Args:
            replay: Entries of the replay table.
            threads: Of the enclave.
        """
        parts = (
            self.header_bytes,
            replay * REPLAY_ENTRY_BYTES,
            self.resident_bytes,
            self.page_slot,
        )
        more = (threads - 1) * _up(self.scratch_bytes)
        return sum(map(_up, parts)) + _up(self.arena_bytes) + ALIGN + more

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where pages lie in the file.

        Args:
            first: Index of the first page.
            count: Number of pages, at least 1.

        Returns:
            Offset and length in bytes, padding between the pages included, after the last not.

        Raises:
            UserError: There are no such pages, or they reach beyond the end of the file.
        """
        if first < 0 or count < 1 or first + count > self.n_pages:
            raise self._bad(f"it has {self.n_pages} pages, none of {first}..{first + count - 1}")
        offset = self._pages[first][0]
        last, stored = self._pages[first + count - 1]
        end = last + stored
        if not self.header_bytes <= offset < end <= self.file_bytes:
            raise self._bad(f"pages {first}..{first + count - 1} reach beyond its end")
        return offset, end - offset

    def close(self) -> None:
        """Closes the file."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read_pages(self, n_ops: int, n_io: int) -> list[tuple[int, int]]:
        """Offset and stored bytes of each page: the page table is the header's last part."""
        at = _HEADER_STRUCT + _OP_BYTES * n_ops + _IO_BYTES * n_io
        if at + _PAGE_BYTES * self.n_pages > self.header_bytes:
            raise self._bad("its header is shorter than its tables")
        pages = (
            _PAGE.unpack_from(self.header, at + index * _PAGE_BYTES)
            for index in range(self.n_pages)
        )
        return [(offset, stored) for offset, _, stored in pages]

    def _read_response(self, n_ops: int, before: int, n_outputs: int) -> int:
        """Bytes of a sealed response, from the shapes of the outputs."""
        at = _HEADER_STRUCT + _OP_BYTES * n_ops + _IO_BYTES * before
        shapes = []
        for index in range(n_outputs):
            _, rank, *dims = _IO.unpack_from(self.header, at + index * _IO_BYTES)
            shapes.append(tuple(dims[: min(rank, len(dims))]))
        return message_bytes(shapes) + _RESPONSE_OVERHEAD

    def _bad(self, what: str) -> UserError:
        return UserError(
            f"container {self.path}: {what}",
            code="bad-container",
            hint="Copy the bundle again, or pack the network again.",
        )
