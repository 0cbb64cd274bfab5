"""Seals the pages of a container: docs/formats/container.md, "Sealed".

Rules kept:
* One key seals one container, once: page i has nonce i, so a key that seals twice gives both away.
  Whoever calls draws a fresh key for each run; nothing here keeps one.
* The plain container is believed in nothing: each page has the digest of its page table before it
  is sealed, and the file ends where the table says.
* One page is held at a time. The sealed file appears whole or not at all.
* No key touches the disk.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloister.errors import Refused, UserError
from cloister.files import writing
from cloister.lower.program import align
from cloister.pack.description import Description, PageDescription, parse
from cloister.pack.records import HEADER, HEADER_MAX_BYTES, IO, OP, PAGE, Records

KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
TAG_BYTES: Final = 16
_PAGE: Final = struct.Struct("<II")  # index, plain bytes


@dataclass(frozen=True)
class SealedContainer:
    """What `seal_container` wrote.

    Args:
        model_digest: SHA-256 of the new header, as the enclave will claim it; hex.
        sha256: Of the whole file; hex.
        size_bytes: Its length.
    """

    model_digest: str
    sha256: str
    size_bytes: int


class PageCipher:
    """Seals and opens pages of one container.

    Args:
        key: The page key, 32 bytes.
        before_pages: The header's bytes before the page table, of the sealed container.
    """

    def __init__(self, key: bytes, before_pages: bytes) -> None:
        self._cipher = AESGCM(_sized(key, KEY_BYTES, "page key"))
        self._bound = hashlib.sha256(before_pages).digest()

    def __repr__(self) -> str:
        return f"<PageCipher {self._bound.hex()[:16]}>"

    def seal(self, index: int, plain: bytes) -> bytes:
        """The page as stored: ciphertext and tag."""
        return self._cipher.encrypt(_nonce(index), plain, self._aad(index, len(plain)))

    def open(self, index: int, stored: bytes) -> bytes:
        """The plain page.

        Raises:
            Refused: It was sealed with another key, for another container or place, or changed.
        """
        try:
            aad = self._aad(index, max(len(stored) - TAG_BYTES, 0))
            return self._cipher.decrypt(_nonce(index), stored, aad)
        except (InvalidTag, ValueError) as error:
            raise Refused(
                f"page {index} does not open with this key",
                code="page-not-opened",
                hint="Take the key that the container was sealed with: its header names it.",
            ) from error

    def _aad(self, index: int, plain_bytes: int) -> bytes:
        return self._bound + _PAGE.pack(index, plain_bytes)


def seal_container(
    plain: str | Path, key: bytes, key_id: bytes, out: str | Path
) -> SealedContainer:
    """Turns a plain container into a sealed one.

    1. The plain header is read, and the sealed one laid out: offsets, stored lengths, page slot.
    2. Page by page: compare with its digest, seal, write, enter the new digest.
    3. The header, complete now, is written, the file synced and renamed.

    Args:
        plain: `head.clo` as `pack` wrote it.
        key: 32 random bytes, drawn for this run.
        key_id: 16 random bytes that name the key; not all zero.
        out: Where to; replaced if it is there. May be `plain`.

    Raises:
        UserError: `plain` is no plain container, has no pages, or is damaged; key or key_id have
            another length.
        OutsideError: The disk is full, or `out` cannot be written.
    """
    cipher_key = _sized(key, KEY_BYTES, "page key")
    if not any(_sized(key_id, KEY_ID_BYTES, "key id")):
        raise UserError("the key id is all zero: that names no key", code="bad-key-id")
    with _opened(plain) as source:
        # (1) header
        header = _read_header(source, plain)
        description = parse(bytes(header))
        _require_plain(description, plain, os.fstat(source.fileno()).st_size)
        table = _lay_out(header, description, cipher_key, key_id)
        cipher = PageCipher(cipher_key, bytes(header[: _table_at(description)]))
        with _replacing(Path(out)) as file:
            # (2) pages
            file.seek(len(header))
            for index, page in enumerate(description.pages):
                stored = cipher.seal(index, _plain_page(source, plain, index, page))
                digest = hashlib.sha256(stored).digest()
                table[index]["digest"] = np.frombuffer(digest, np.uint8)
                file.write(stored + bytes(align(len(stored)) - len(stored)))
            size = file.tell()
            # (3) header
            file.seek(0)
            file.write(header)
            file.seek(0)
            content = hashlib.file_digest(file, "sha256").hexdigest()
    return SealedContainer(hashlib.sha256(header).hexdigest(), content, size)


def page_cipher(header: bytes, key: bytes) -> PageCipher:
    """The cipher of a sealed container's pages.

    Args:
        header: The container's header, or more.
        key: 32 bytes.
    """
    return PageCipher(key, header[: _table_at(parse(header))])


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")


def _sized(value: bytes, size: int, name: str) -> bytes:
    if len(value) != size:
        raise UserError(
            f"the {name} has {len(value)} bytes, expected {size}", code="bad-key-length"
        )
    return value


def _table_at(description: Description) -> int:
    """Where the page table begins: it is the header's last part."""
    n_io = len(description.inputs) + len(description.crossing) + len(description.outputs)
    return HEADER.itemsize + OP.itemsize * len(description.ops) + IO.itemsize * n_io


def _read_header(source: BinaryIO, path: str | Path) -> bytearray:
    start = source.read(HEADER.itemsize)
    size = int.from_bytes(start[12:16], "little")
    if len(start) < HEADER.itemsize or not HEADER.itemsize <= size <= HEADER_MAX_BYTES:
        raise _unreadable(path, "it does not begin as a container")
    return bytearray(start + source.read(size - len(start)))


def _require_plain(description: Description, path: str | Path, size_bytes: int) -> None:
    if description.sealed or not description.pages:
        what = "it is sealed already" if description.sealed else "it has no weights to seal"
        raise UserError(f"container {path}: {what}", code="nothing-to-seal")
    if size_bytes != description.file_bytes:
        raise _unreadable(
            path, f"it has {size_bytes} bytes, its page table says {description.file_bytes}"
        )


def _lay_out(header: bytearray, description: Description, key: bytes, key_id: bytes) -> Records:
    """Makes the header that of a sealed container, but for the digests of the pages."""
    head = np.frombuffer(header, HEADER, 1)
    table = np.frombuffer(header, PAGE, len(description.pages), _table_at(description))
    offset, slot = len(header), 0
    for record, page in zip(table, description.pages, strict=True):
        stored = page.plain + TAG_BYTES
        record["offset"], record["stored"] = offset, stored
        offset += align(stored)
        slot = slot if page.resident else max(slot, align(stored))
    head["sealed"], head["page_slot"] = 1, slot
    head["key_id"] = np.frombuffer(key_id, np.uint8)
    head["key_digest"] = np.frombuffer(hashlib.sha256(key).digest(), np.uint8)
    return table


def _plain_page(source: BinaryIO, path: str | Path, index: int, page: PageDescription) -> bytes:
    source.seek(page.offset)
    plain = source.read(page.plain)
    if hashlib.sha256(plain).digest() != page.digest:
        raise _unreadable(path, f"page {index} does not have the digest of the page table")
    return plain


@contextlib.contextmanager
def _opened(path: str | Path) -> Iterator[BinaryIO]:
    with contextlib.ExitStack() as closing:
        try:
            file = closing.enter_context(Path(path).open("rb"))
        except OSError as error:
            raise _unreadable(path, error.strerror or str(error)) from error
        yield file


@contextlib.contextmanager
def _replacing(out: Path) -> Iterator[BufferedRandom]:
    """A file that takes the place of `out` when all went well, and else leaves nothing."""
    with writing(str(out)), contextlib.ExitStack() as undo:
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", dir=out.parent)
        undo.callback(Path(name).unlink, missing_ok=True)
        with os.fdopen(handle, "w+b") as file:
            yield file
            file.flush()
            os.fchmod(handle, 0o644)
            os.fsync(handle)
        Path(name).replace(out)
        undo.pop_all()


def _unreadable(path: str | Path, what: str) -> UserError:
    return UserError(
        f"container {path}: {what}",
        code="bad-container",
        hint="Copy the bundle again, or pack the network again.",
    )
