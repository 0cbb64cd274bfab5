"""Messages: lists of tensors as bytes, `application/vnd.cloister.tensor`.

The bytes are specified in docs/formats/message.md. Rules kept:
* One form: shapes fix every byte of prefix and records, so a reader builds the message that it
  expects and compares; padding is zero. `write(read(m)) == m`.
* A reader always knows the tensors it expects. Foreign count, type, shape, length or flags are
  refused, and nothing is cast.
* NaN is passed on and flagged, never repaired.

It seals nothing: ohttp.py does.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cloister.errors import Refused, UserError

MEDIA_TYPE: Final = "application/vnd.cloister.tensor"
SEALED_REQUEST: Final = "application/vnd.cloister.sealed-request"
SEALED_RESPONSE: Final = "application/vnd.cloister.sealed-response"
MAGIC: Final = b"CLOT"
VERSION: Final = 1
ALIGN: Final = 64  # CLO_ALIGN: of tensors, pages, buffers
TENSORS_MAX: Final = 16  # CLO_IO_MAX
RANK_MAX: Final = 8
DTYPE_FLOAT32: Final = 1
# Flags, bits of the prefix.
HOST_CHOSEN: Final = 1  # responses in split: the tail ran outside and was not checked
HAS_NAN: Final = 2  # a tensor holds NaN
RESPONSE_FLAGS: Final = HOST_CHOSEN | HAS_NAN
_PREFIX: Final = struct.Struct("<4sHHIIQ40x")
_RECORD: Final = struct.Struct("<II8IQQQ")

Array = NDArray[np.float32]


class TensorInfo(Protocol):
    """What a reader must know of a tensor; the graph's and the manifest's tensors both fit."""

    @property
    def name(self) -> str:
        """Its name, for errors."""

    @property
    def dtype(self) -> str:
        """`float32`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sides, outermost first."""


class BadMessage(Refused):
    """Bytes that are not the message that was expected."""

    def __init__(self, what: str) -> None:
        super().__init__(f"message of tensors: {what}", code="bad-message")


@dataclass(frozen=True)
class Message:
    """A message that was read.

    Args:
        tensors: In the order of the expectation; views of the bytes, read-only.
        flags: `HOST_CHOSEN`, `HAS_NAN`.
    """

    tensors: list[Array]
    flags: int

    @property
    def nan(self) -> bool:
        """A tensor holds NaN: by the flag, or by looking."""
        return bool(self.flags & HAS_NAN) or has_nan(self.tensors)

    @property
    def host_chosen(self) -> bool:
        """The host chose these numbers."""
        return bool(self.flags & HOST_CHOSEN)


def has_nan(tensors: Sequence[Array]) -> bool:
    """Whether any element of any tensor is NaN."""
    return any(bool(np.isnan(tensor).any()) for tensor in tensors)


def padded_bytes(n: int) -> int:
    """The size class of n bytes: the next multiple of an eighth of the power of two below n, at
    least of 64. Eight classes from one power of two to the next; at most an eighth is added.
    """
    step = max(ALIGN, 1 << max(n.bit_length() - 4, 0))
    return -(-n // step) * step


def message_bytes(shapes: Sequence[tuple[int, ...]]) -> int:
    """Length of a message with tensors of these shapes, in bytes."""
    return _layout(shapes)[1]


def write_message(tensors: Sequence[NDArray[Any]], *, flags: int = 0) -> bytes:
    """Makes a message.

    Args:
        tensors: At least one, at most 16; float32, rank at most 8, no empty side.
        flags: Set in responses only.

    Raises:
        UserError: A tensor has another dtype, or a shape that no message holds.
    """
    for index, tensor in enumerate(tensors):
        if tensor.dtype != np.float32:
            raise UserError(
                f"tensor {index} is {tensor.dtype}, expected float32", code="wrong-dtype"
            )
    shapes = [tensor.shape for tensor in tensors]
    offsets, total = _layout(shapes)
    out = bytearray(total)
    head = _head(shapes, flags)
    out[: len(head)] = head
    for tensor, offset in zip(tensors, offsets, strict=True):
        target = np.frombuffer(out, "<f4", tensor.size, offset)
        target[:] = tensor.reshape(-1)
    return bytes(out)


def read_message(
    data: bytes | bytearray | memoryview,
    expected: Sequence[TensorInfo],
    *,
    allowed_flags: int = 0,
) -> Message:
    """Reads a message that must hold exactly these tensors.

    Args:
        data: All bytes of the message.
        expected: The tensors of the manifest, in order.
        allowed_flags: Bits that may be set: `RESPONSE_FLAGS` for responses, else none.

    Raises:
        BadMessage: Anything differs.
    """
    shapes = [tuple(tensor.shape) for tensor in expected]
    for tensor in expected:
        if tensor.dtype != "float32":
            raise BadMessage(f"{tensor.name} is expected as {tensor.dtype}; there is only float32")
    offsets, total = _layout(shapes)
    if len(data) != total:
        raise BadMessage(f"it has {len(data)} bytes, expected {total}")
    data = memoryview(data).cast("B").toreadonly()
    magic, version, count, flags, _, _ = _PREFIX.unpack_from(data)
    if magic != MAGIC or version != VERSION:
        raise BadMessage(f"it begins with {magic!r} version {version}, expected {MAGIC!r} 1")
    if count != len(expected):
        raise BadMessage(f"it holds {count} tensors, expected {len(expected)}")
    if flags & ~allowed_flags:
        raise BadMessage(f"its flags are {flags:#x}, allowed are {allowed_flags:#x}")
    head = _head(shapes, flags)
    if bytes(data[: len(head)]) != head:
        raise BadMessage(_difference(data, expected))
    ends = [offset + 4 * _count(shape) for offset, shape in zip(offsets, shapes, strict=True)]
    for end, next_offset in zip(ends, [*offsets[1:], total], strict=True):
        if any(data[end:next_offset]):
            raise BadMessage("its padding is not zero")
    tensors = [
        np.frombuffer(data, "<f4", _count(shape), offset).reshape(shape)
        for offset, shape in zip(offsets, shapes, strict=True)
    ]
    return Message(tensors, flags)


def _difference(data: memoryview, expected: Sequence[TensorInfo]) -> str:
    """Says which tensor differs; called once it is known that the head does."""
    for index, tensor in enumerate(expected):
        dtype, rank, *rest = _RECORD.unpack_from(data, ALIGN + index * _RECORD.size)
        dims = tuple(rest[: min(rank, RANK_MAX)])
        if dtype != DTYPE_FLOAT32:
            return f"{tensor.name} has type {dtype}, expected {DTYPE_FLOAT32} (float32)"
        if dims != tuple(tensor.shape) or rank > RANK_MAX:
            return f"{tensor.name} has shape {list(dims)}, expected {list(tensor.shape)}"
    return "its prefix or records are not those that the tensors ask for"


def _layout(shapes: Sequence[tuple[int, ...]]) -> tuple[list[int], int]:
    """Offset of each tensor, and the length of the whole."""
    if not 1 <= len(shapes) <= TENSORS_MAX:
        raise UserError(
            f"a message holds 1 to {TENSORS_MAX} tensors, not {len(shapes)}", code="wrong-shape"
        )
    offsets, at = [], ALIGN + _RECORD.size * len(shapes)
    for shape in shapes:
        if len(shape) > RANK_MAX or not all(1 <= side < 1 << 31 for side in shape):
            raise UserError(
                f"a tensor has shape {list(shape)}, expected at most {RANK_MAX} sides of at least "
                "1",
                code="wrong-shape",
            )
        offsets.append(at)
        at += -(-4 * _count(shape) // ALIGN) * ALIGN
    if at >= 1 << 62:
        raise UserError(f"the tensors {list(shapes)} fit into no message", code="wrong-shape")
    return offsets, at


def _head(shapes: Sequence[tuple[int, ...]], flags: int) -> bytes:
    """Prefix and records."""
    offsets, total = _layout(shapes)
    head = _PREFIX.pack(MAGIC, VERSION, len(shapes), flags, 0, total)
    for shape, offset in zip(shapes, offsets, strict=True):
        dims = (*shape, *(0,) * (RANK_MAX - len(shape)))
        head += _RECORD.pack(DTYPE_FLOAT32, len(shape), *dims, offset, 4 * _count(shape), 0)
    return head


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count
