"""Frames between host and enclave: a head of 64 bytes and a payload.

The bytes are specified in docs/formats/frames.md and `clo_frame` of enclave/include/clo.h. Rules
kept:
* `parse_head` takes exactly 64 bytes and refuses a foreign magic, an unknown type, reserved bytes
  that are not zero, and a length beyond the caller's limit, before any payload is read.
* A code of the enclave becomes a sentence for people in one place, `SENTENCES`.

It moves no bytes: the transport does (`cloister.enclaves`).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from cloister.errors import OutsideError

HEAD_BYTES: Final = 64
MAGIC: Final = 0x314F4C43  # "CLO1"
NONCE_MIN: Final = 8
NONCE_MAX: Final = 64
NONCE_TYPE: Final = "application/octet-stream"  # of a nonce in a request of its own
_HEAD: Final = struct.Struct("<IIQQIIQQQQ")
_ATTEST: Final = struct.Struct("<QQ")
_U32: Final = 1 << 32
_U64: Final = 1 << 64


class FrameType(IntEnum):
    """`enum clo_frame_type`; below 16 from the host, from 16 on from the enclave. From 32 on they
    are of `cloister-optee`, and no enclave sees them.
    """

    LOAD = 1
    PAGES = 2
    ATTEST = 3
    REQUEST = 4
    TAIL = 5
    CANCEL = 6
    KEY = 7
    NEED_PAGE = 16
    READY = 17
    CLAIMS = 18
    CROSSING = 19
    RESPONSE = 20
    IDLE = 21
    ERROR = 22
    NEED_KEY = 23
    MANIFEST = 32


class EnclaveError(IntEnum):
    """`enum clo_err`: what field a of an ERROR frame means."""

    OK = 0
    FORMAT = 1
    BOUNDS = 2
    DIGEST = 3
    MEMORY = 4
    STATE = 5
    SIZE = 6
    KEY = 7
    CRYPTO = 8
    REPLAY = 9
    FULL = 10
    SHAPE = 11
    PORT = 12


SENTENCES: Final[dict[EnclaveError, str]] = {
    EnclaveError.OK: "no error",
    EnclaveError.FORMAT: "this is not a container, frame or message of this version",
    EnclaveError.BOUNDS: "a field of the container's plan is out of range",
    EnclaveError.DIGEST: "a page of weights does not have the digest of the page table, or does "
    "not open with the page key",
    EnclaveError.MEMORY: "the enclave has less memory than the plan needs",
    EnclaveError.STATE: "this frame is not allowed now",
    EnclaveError.SIZE: "a frame or message is longer or shorter than the plan says",
    EnclaveError.KEY: "the message names a key or an algorithm that this instance does not have",
    EnclaveError.CRYPTO: "the message does not open",
    EnclaveError.REPLAY: "this message was answered before",
    EnclaveError.FULL: "this instance has answered as many messages as it can remember",
    EnclaveError.SHAPE: "the tensors in the message are not those of the plan",
    EnclaveError.PORT: "the platform failed (random numbers or evidence)",
}


def sentence(code: int) -> str:
    """What an ERROR frame's code means; total: an unknown code gets a sentence, too."""
    try:
        return SENTENCES[EnclaveError(code)]
    except ValueError:
        return f"error {code}, which this version does not know"


class BadFrame(OutsideError):
    """Bytes that are no frame of this version: the stream cannot be continued."""

    def __init__(self, what: str) -> None:
        super().__init__(f"frame from the enclave: {what}", code="bad-frame")


@dataclass(frozen=True)
class FrameHead:
    """The 64 bytes before a payload.

    Args:
        type: What the frame is.
        id: The host's name for a request; 0 where it has no meaning.
        length: Bytes of the payload.
        a: First argument (page, used entries, bytes of claims, error code, low half of a time).
        b: Second argument (count, available entries, high half of a time).
        open_ns: Enclave's time to open a request; 0 from the host.
        run_ns: Enclave's time in operators.
        seal_ns: Enclave's time to seal a response.
    """

    type: FrameType
    id: int = 0
    length: int = 0
    a: int = 0
    b: int = 0
    open_ns: int = 0
    run_ns: int = 0
    seal_ns: int = 0

    def to_bytes(self) -> bytes:
        """The head's 64 bytes.

        Raises:
            BadFrame: A field does not fit its width.
        """
        wide = (self.id, self.length, self.open_ns, self.run_ns, self.seal_ns)
        if not all(0 <= n < _U64 for n in wide) or not all(0 <= n < _U32 for n in (self.a, self.b)):
            raise BadFrame("a field does not fit")
        return _HEAD.pack(
            MAGIC, self.type, self.id, self.length, self.a, self.b, self.open_ns, self.run_ns,
            self.seal_ns, 0,
        )  # fmt: skip


def frame(type: FrameType, payload: bytes = b"", *, id: int = 0, a: int = 0, b: int = 0) -> bytes:
    """A whole frame from the host: head and payload."""
    return FrameHead(type, id, len(payload), a, b).to_bytes() + payload


def parse_head(data: bytes, *, limit: int) -> FrameHead:
    """Reads a head.

    Args:
        data: Exactly 64 bytes.
        limit: Bytes of the longest payload that the caller takes.

    Raises:
        BadFrame: It is no head of this version, or its payload is longer than `limit`.
    """
    if len(data) != HEAD_BYTES:
        raise BadFrame(f"its head has {len(data)} bytes, expected {HEAD_BYTES}")
    magic, kind, id_, length, a, b, open_ns, run_ns, seal_ns, reserved = _HEAD.unpack(data)
    if magic != MAGIC:
        raise BadFrame(f"it begins with {magic:#010x}, expected {MAGIC:#010x}")
    if reserved != 0:
        raise BadFrame("its reserved bytes are not zero")
    try:
        type_ = FrameType(kind)
    except ValueError as error:
        raise BadFrame(f"its type {kind} is unknown") from error
    if length > limit:
        raise BadFrame(f"its payload has {length} bytes, at most {limit} are taken")
    return FrameHead(type_, id_, length, a, b, open_ns, run_ns, seal_ns)


def attest_payload(iat: int, exp: int, nonce: bytes | None) -> bytes:
    """Payload of an ATTEST frame.

    Args:
        iat: Seconds since 1970: now, by the host's clock.
        exp: Seconds since 1970, after `iat`.
        nonce: The client's, 8 to 64 bytes; None if it sent none.

    Raises:
        BadFrame: The nonce has another length, or exp is not after iat.
    """
    if nonce is not None and not NONCE_MIN <= len(nonce) <= NONCE_MAX:
        raise BadFrame(f"a nonce has {len(nonce)} bytes, expected {NONCE_MIN} to {NONCE_MAX}")
    if not 0 <= iat < exp < _U64:
        raise BadFrame("its exp is not after its iat")
    return _ATTEST.pack(iat, exp) + (nonce or b"")
