"""The host's side of the frames: one frame out, one frame in, over a stream socket.

Rules kept:
* The enclave is hostile to its host, too: a frame of another type, id or size than the state
  allows ends the link, and a length is checked before memory is taken for it.
* Each exchange has a deadline. Past it a request that waits for pages is cancelled, and the link
  stays good (`DeadlinePassed`); an enclave that does not answer for `hang_s` more is given up
  (`EnclaveDied`).
* While the enclave works it may ask for pages; they go from the container's file to the socket
  inside the kernel.

One link serves one thread at a time. It knows nothing of how an enclave is started: that is one
file per kind of TEE. The bytes are specified in docs/formats/frames.md.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloister.channel.frames import (
    HEAD_BYTES,
    BadFrame,
    EnclaveError,
    FrameHead,
    FrameType,
    attest_payload,
    parse_head,
    sentence,
)
from cloister.enclaves.head_file import HeadFile
from cloister.errors import OutsideError, Refused, UserError

OUT_MIN: Final = 32768
KEY_CONFIG_BYTES: Final = 41
RECEIPT_MAX: Final = 320
HANG_S: Final = 30.0
_SOCKET_BUFFER: Final = 4 << 20


class EnclaveDied(OutsideError):
    """The enclave ended, does not answer, or does not keep to the protocol: start another."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"the enclave {what}", code="enclave-died", hint="It is started anew; try again."
        )


class DeadlinePassed(OutsideError):
    """An exchange took longer than it may; the enclave is well."""

    def __init__(self) -> None:
        super().__init__(
            "the deadline passed while the enclave worked",
            code="deadline",
            hint="Try again when the service is less busy, or allow more time.",
        )


class EnclaveRefused(Refused):
    """The enclave answered with an error.

    Args:
        error: Which one.
        doing: What it was asked.
    """

    def __init__(self, error: EnclaveError, doing: str) -> None:
        super().__init__(
            f"the enclave refused {doing}: {sentence(error)}",
            code=f"enclave-{error.name.lower()}",
        )
        self.error = error


@dataclass(frozen=True)
class Ready:
    """An instance that was loaded and made its keys.

    Args:
        key_config: Its OHTTP key config (41 bytes); byte 0 is the key's id.
        replay_used: Entries of the replay table in use.
        replay_size: Entries of the replay table.
    """

    key_config: bytes
    replay_used: int
    replay_size: int

    @property
    def key_id(self) -> int:
        """The id by which sealed requests name the key."""
        return self.key_config[0]


@dataclass(frozen=True)
class Locked:
    """An instance that holds a sealed container and lacks its page key: `attest`, then `key`.

    Args:
        key_config: Its OHTTP key config (41 bytes), to which the page key is sealed.
        key_id: Names the page key (16 bytes).
    """

    key_config: bytes
    key_id: bytes


@dataclass(frozen=True)
class Attested:
    """What the enclave says of itself: claims (CBOR) and the TEE's evidence for them."""

    claims: bytes
    evidence: bytes


@dataclass(frozen=True)
class Crossing:
    """The head has run.

    Args:
        message: The crossing tensors (docs/formats/message.md), in the open.
        open_ns: Time to open the request.
        run_ns: Time in operators, without waiting for pages.
    """

    message: bytearray
    open_ns: int
    run_ns: int


@dataclass(frozen=True)
class Response:
    """The answer, sealed.

    Args:
        sealed: For the client that sent the request.
        receipt: What the enclave signed about request and answer (docs/formats/receipt.md).
        open_ns: Time to open the request.
        run_ns: Time in operators.
        seal_ns: Time to seal.
        replay_used: Entries of the replay table in use.
        replay_size: Entries of the replay table.
    """

    sealed: bytearray
    receipt: bytes
    open_ns: int
    run_ns: int
    seal_ns: int
    replay_used: int
    replay_size: int


@dataclass(frozen=True)
class _Answer:
    head: FrameHead
    payload: bytearray


class EnclaveLink:
    """Talks with one instance.

    Args:
        stream: Connected stream socket. The link shuts it down; who made it closes it, once no
            thread waits on it any more.
        clock: Monotonic seconds.
        wall: Seconds since 1970, for receipts.
        hang_s: How long after a deadline a silent enclave is given up.
        answer_bytes: Length of the longest answer; `load` says it anew.
    """

    def __init__(
        self,
        stream: socket.socket,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        hang_s: float = HANG_S,
        answer_bytes: int = OUT_MIN,
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._wall = wall
        self._hang_s = hang_s
        self._head: HeadFile | None = None
        self._response_bytes = 0
        self._most = answer_bytes
        self._closed = False
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            stream.setsockopt(socket.SOL_SOCKET, option, _SOCKET_BUFFER)

    def load(
        self, head: HeadFile, manifest_digest: bytes, *, answer_bytes: int, deadline: float
    ) -> Ready | Locked:
        """Loads the container; a link does this once, before all else.

        Args:
            head: The container; must stay open as long as the link.
            manifest_digest: SHA-256 of manifest.json, for the claims.
            answer_bytes: Length of the longest crossing message or sealed response.
            deadline: On the clock.

        Returns:
            `Locked` where the container is sealed and the enclave's platform keeps no key for it.

        Raises:
            EnclaveRefused: The enclave refuses the container; the instance is dead.
            EnclaveDied: See there.
        """
        self._head = head
        self._response_bytes = head.response_bytes
        self._most = max(OUT_MIN, answer_bytes + RECEIPT_MAX)
        answer = self._exchange(
            FrameType.LOAD, 0, (manifest_digest, head.header), deadline, "the container"
        )
        if answer.head.type == FrameType.NEED_KEY and head.sealed:
            self._expect(answer, FrameType.NEED_KEY, 0)
            return Locked(self._key_config(answer), head.key_id)
        return self._ready(answer)

    def key(self, sealed_key: bytes, *, deadline: float) -> Ready:
        """Hands a locked instance its page key; there is one try.

        Args:
            sealed_key: enc (32) and the sealed key (48): `attest.page_key.seal_page_key`, bound to
                the claims of the last `attest`.
            deadline: On the clock.

        Raises:
            EnclaveRefused: It does not open, or the pages do not: the instance is dead.
            EnclaveDied: See there.
        """
        answer = self._exchange(FrameType.KEY, 0, (sealed_key,), deadline, "the page key")
        return self._ready(answer)

    def attest(self, nonce: bytes | None, iat: int, exp: int, *, deadline: float) -> Attested:
        """Asks for claims and evidence, of a locked instance, too.

        Args:
            nonce: The client's, 8..64 bytes; None if it sent none.
            iat: Seconds since 1970 at which the key's time begins: the host's word.
            exp: And ends.
            deadline: On the clock.
        """
        answer = self._exchange(
            FrameType.ATTEST, 0, (attest_payload(iat, exp, nonce),), deadline, "to attest"
        )
        self._expect(answer, FrameType.CLAIMS, 0)
        split = answer.head.a
        if not 0 < split < len(answer.payload):
            raise self._broken(f"sent claims of {split} of {len(answer.payload)} bytes")
        return Attested(bytes(answer.payload[:split]), bytes(answer.payload[split:]))

    def request(
        self,
        request_id: int,
        sealed: bytes | bytearray | memoryview,
        *,
        deadline: float,
        response_bytes: int | None = None,
    ) -> Crossing | Response:
        """Hands over a sealed request.

        Args:
            request_id: The host's name for it, 1..2^64-1, not used before on this link.
            sealed: docs/formats/message.md.
            deadline: On the clock.
            response_bytes: Length of a sealed response, where this link did not load the container.

        Returns:
            `Crossing` in `split`: continue with `tail` or `cancel`. `Response` in `whole`.

        Raises:
            EnclaveRefused: The request is refused and gone.
            DeadlinePassed: The request was cancelled.
            EnclaveDied: See there.
        """
        if response_bytes is not None:
            self._response_bytes = response_bytes
        now = max(int(self._wall()), 0)
        answer = self._exchange(
            FrameType.REQUEST, request_id, (sealed,), deadline, "the request",
            a=now & 0xFFFFFFFF, b=now >> 32,
        )  # fmt: skip
        if answer.head.type == FrameType.CROSSING:
            self._expect(answer, FrameType.CROSSING, request_id)
            return Crossing(answer.payload, answer.head.open_ns, answer.head.run_ns)
        return self._response(answer, request_id)

    def tail(
        self, request_id: int, message: bytes | bytearray | memoryview, *, deadline: float
    ) -> Response:
        """Hands over what the tail computed.

        Args:
            request_id: Of the request in flight.
            message: The outputs (docs/formats/message.md).
            deadline: On the clock.
        """
        answer = self._exchange(FrameType.TAIL, request_id, (message,), deadline, "the outputs")
        return self._response(answer, request_id)

    def cancel(self, request_id: int, *, deadline: float) -> None:
        """Drops the request in flight."""
        answer = self._exchange(FrameType.CANCEL, request_id, (), deadline, "to cancel")
        self._expect(answer, FrameType.IDLE, request_id)

    def manifest(self, *, deadline: float) -> bytes:
        """Asks `cloister-optee`, which carries this link, for its bundle's manifest.json."""
        answer = self._exchange(FrameType.MANIFEST, 0, (), deadline, "to show its manifest")
        self._expect(answer, FrameType.MANIFEST, 0)
        return bytes(answer.payload)

    def close(self) -> None:
        """Ends the link, from any thread: who waits on it is told, and the enclave ends, too."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._stream.shutdown(socket.SHUT_RDWR)

    # ------------------------------------------------------------------------------- exchange
    def _exchange(
        self,
        kind: FrameType,
        request_id: int,
        parts: tuple[bytes | bytearray | memoryview, ...],
        deadline: float,
        doing: str,
        *,
        a: int = 0,
        b: int = 0,
    ) -> _Answer:
        """Sends a frame, serves pages as long as the enclave asks, returns what it says then."""
        self._send(kind, request_id, parts, deadline, a=a, b=b)
        while True:
            answer = self._receive(deadline)
            if answer.head.type == FrameType.ERROR:
                raise self._refusal(answer, doing)
            if answer.head.type != FrameType.NEED_PAGE or kind is FrameType.CANCEL:
                return answer
            if kind is FrameType.REQUEST and self._clock() > deadline:
                self.cancel(request_id, deadline=deadline)
                raise DeadlinePassed
            self._send_pages(answer.head.a, answer.head.b, deadline)

    def _response(self, answer: _Answer, request_id: int) -> Response:
        self._expect(answer, FrameType.RESPONSE, request_id)
        head, split = answer.head, self._response_bytes
        if not split < len(answer.payload) <= split + RECEIPT_MAX:
            raise self._broken(f"sent a response and a receipt of {len(answer.payload)} bytes")
        receipt = bytes(answer.payload[split:])
        sealed = answer.payload
        del sealed[split:]
        return Response(sealed, receipt, head.open_ns, head.run_ns, head.seal_ns, head.a, head.b)

    def _ready(self, answer: _Answer) -> Ready:
        self._expect(answer, FrameType.READY, 0)
        return Ready(self._key_config(answer), answer.head.a, answer.head.b)

    def _key_config(self, answer: _Answer) -> bytes:
        if len(answer.payload) != KEY_CONFIG_BYTES:
            raise self._broken(f"sent a key config of {len(answer.payload)} bytes")
        return bytes(answer.payload)

    def _refusal(self, answer: _Answer, doing: str) -> EnclaveRefused | EnclaveDied:
        try:
            return EnclaveRefused(EnclaveError(answer.head.a), doing)
        except ValueError:
            return self._broken(f"sent the unknown error {answer.head.a}")

    def _expect(self, answer: _Answer, kind: FrameType, request_id: int) -> None:
        if answer.head.type != kind or answer.head.id != request_id:
            raise self._broken(f"answered {answer.head.type.name} where {kind.name} is due")

    # ------------------------------------------------------------------------------- stream
    def _send(
        self,
        kind: FrameType,
        request_id: int,
        parts: tuple[bytes | bytearray | memoryview, ...],
        deadline: float,
        *,
        a: int = 0,
        b: int = 0,
        more: int = 0,
    ) -> None:
        length = sum(len(part) for part in parts) + more
        head = FrameHead(kind, request_id, length, a, b).to_bytes()
        try:
            self._wait_until(deadline)
            for part in (head, *parts):
                self._stream.sendall(part)
        except TimeoutError as error:
            raise self._broken("does not take what is sent to it") from error
        except OSError as error:
            raise self._broken("ended") from error

    def _send_pages(self, first: int, count: int, deadline: float) -> None:
        if self._head is None:
            raise self._broken("asks for pages before there are any")
        try:
            offset, length = self._head.span(first, count)
        except UserError as error:
            raise self._broken(f"asks for pages {first}, {count} that are not there") from error
        self._send(FrameType.PAGES, 0, (), deadline, a=first, b=count, more=length)
        try:
            sent = self._stream.sendfile(self._head.file, offset, length)
        except TimeoutError as error:
            raise self._broken("does not take the pages it asked for") from error
        except OSError as error:
            raise self._broken("ended") from error
        if sent != length:
            raise self._broken(f"cannot be given pages: {self._head.path} was cut short")

    def _receive(self, deadline: float) -> _Answer:
        raw = bytearray(HEAD_BYTES)
        self._fill(raw, deadline)
        try:
            head = parse_head(bytes(raw), limit=self._most)
        except BadFrame as error:
            raise self._broken(f"sent a bad {error.message}") from error
        payload = bytearray(head.length)
        self._fill(payload, deadline)
        return _Answer(head, payload)

    def _fill(self, buffer: bytearray, deadline: float) -> None:
        view = memoryview(buffer)
        while view:
            self._wait_until(deadline)
            try:
                count = self._stream.recv_into(view)
            except TimeoutError as error:
                raise self._broken("does not answer") from error
            except OSError as error:
                raise self._broken("ended") from error
            if count == 0:
                raise self._broken("ended")
            view = view[count:]

    def _wait_until(self, deadline: float) -> None:
        if self._closed:
            raise EnclaveDied("was stopped")
        self._stream.settimeout(max(deadline - self._clock(), 0.0) + self._hang_s)

    def _broken(self, what: str) -> EnclaveDied:
        """After this the two sides may disagree about where a frame begins: the link ends."""
        self.close()
        return EnclaveDied(what)
