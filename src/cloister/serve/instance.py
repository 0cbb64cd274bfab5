"""One instance of the enclave with its one worker thread: what happens to a request, in order.

An instance answers one request at a time. Its thread alone talks with the enclave; others hand it
work and wait. It does not start, judge or replace enclaves: keeper.py does.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final, TypeVar

from cloister.channel.message import Array, read_message, write_message
from cloister.enclaves.kinds import Enclave
from cloister.enclaves.protocol import (
    Attested,
    Crossing,
    DeadlinePassed,
    EnclaveDied,
    EnclaveRefused,
    Ready,
    Response,
)
from cloister.errors import CloisterError, OutsideError
from cloister.pack.manifest import Manifest
from cloister.serve.tail import Tail

T = TypeVar("T")
_NS: Final = 1e-9
_CANCEL_S: Final = 5.0


@dataclass(frozen=True)
class Observation:
    """What the host saw of one request: given to an observer, kept and logged by nobody.

    Args:
        request_bytes: Length of the sealed request.
        crossing: The crossing tensors, in the open; views that the observer copies if it keeps
            them.
        crossing_bytes: Length of their message.
        outputs: What the tail computed; empty in `whole`.
        response_bytes: Length of the sealed response.
    """

    request_bytes: int
    crossing: list[Array]
    crossing_bytes: int
    outputs: list[Array]
    response_bytes: int


Observer = Callable[[Observation], None]


@dataclass(frozen=True)
class Served:
    """An answered request.

    Args:
        sealed: The sealed response.
        receipt: What the enclave signed about it.
        crossing_bytes: Bytes that left the enclave in the open.
        seconds: Time in each phase: queue, open, head, crossing, tail, seal.
    """

    sealed: bytearray
    receipt: bytes
    crossing_bytes: int
    seconds: dict[str, float]


@dataclass(eq=False)
class Instance:
    """A loaded enclave.

    Args:
        number: The host's name for it, counted from 1.
        enclave: The running enclave.
        ready: What it said when it was loaded.
        manifest: What it runs.
        tail: The layers after the cut; None in `whole`.
        born: When its key was made, in seconds since 1970.
        observer: Told of each request.
        clock: Monotonic seconds.
    """

    number: int
    enclave: Enclave
    ready: Ready
    manifest: Manifest
    tail: Tail | None
    born: float
    observer: Observer | None = None
    clock: Callable[[], float] = time.monotonic
    answered: int = field(default=0, init=False)
    replay_used: int = field(init=False)
    broken: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.replay_used = self.ready.replay_used
        self.last_used = self.clock()
        self._ids = itertools.count(1)
        self._worker = ThreadPoolExecutor(1, f"enclave-{self.number}")
        self._pending = 0
        self._lock = threading.Lock()

    @property
    def key_id(self) -> int:
        """The id by which sealed requests name its key."""
        return self.ready.key_id

    @property
    def usable(self) -> bool:
        """It can be given work."""
        return not self.broken and self.enclave.running

    @property
    def idle(self) -> bool:
        """It has no work."""
        return self._pending == 0

    @property
    def replay_share(self) -> float:
        """How much of its replay table is used, 0 to 1."""
        return self.replay_used / max(self.ready.replay_size, 1)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Queues work for its thread."""
        with self._lock:
            self._pending += 1
        try:
            future = self._worker.submit(work)
        except RuntimeError as error:  # it is being closed
            self._done()
            raise EnclaveDied("was stopped") from error
        future.add_done_callback(lambda _: self._done())
        return future

    def infer(self, sealed: bytes, *, came: float, deadline: float) -> Served:
        """Answers a sealed request, on its thread.

        1. The enclave opens it and runs the head.
        2. The tail runs on the crossing tensors.
        3. The enclave seals the outputs.

        Args:
            sealed: The sealed request.
            came: On the clock, when the request was complete.
            deadline: On the clock.

        Raises:
            EnclaveRefused: The enclave refuses the sealed request.
            DeadlinePassed: It was too late; the request is gone.
            EnclaveDied: The instance is of no use any more.
            OutsideError: The tail failed; the request is gone.
        """
        start = self.clock()
        if start > deadline:
            raise DeadlinePassed
        link, request_id = self.enclave.link, next(self._ids)
        with self._noticing_death():
            # (1) head
            answer = link.request(request_id, sealed, deadline=deadline)
            head_done = tail_done = self.clock()
            crossing: list[Array] = []
            outputs: list[Array] = []
            crossing_bytes = 0
            if isinstance(answer, Crossing):
                crossing_bytes = len(answer.message)
                try:
                    # (2) tail
                    crossing, outputs = self._run_tail(answer, deadline)
                    message = write_message(outputs)
                    tail_done = self.clock()
                    # (3) seal
                    response = self._seal(request_id, message, deadline)
                except BaseException:
                    self._cancel(request_id)
                    raise
            else:
                response = answer
        end = self.clock()
        self.replay_used, self.last_used = response.replay_used, end
        self.answered += 1
        if self.observer is not None:
            self.observer(
                Observation(len(sealed), crossing, crossing_bytes, outputs, len(response.sealed))
            )
        inside = (response.open_ns * _NS, response.run_ns * _NS, response.seal_ns * _NS)
        if isinstance(answer, Crossing):
            inside = (answer.open_ns * _NS, answer.run_ns * _NS, inside[2])
        outside = (end - start) - (tail_done - head_done) - sum(inside)
        seconds = {
            "queue": start - came,
            "open": inside[0],
            "head": inside[1],
            "crossing": max(outside, 0.0),
            "tail": tail_done - head_done,
            "seal": inside[2],
        }
        return Served(response.sealed, response.receipt, crossing_bytes, seconds)

    def attest(self, nonce: bytes | None, iat: int, exp: int, *, deadline: float) -> Attested:
        """Asks the enclave for claims and evidence, on its thread."""
        if self.clock() > deadline:
            raise DeadlinePassed
        with self._noticing_death():
            return self.enclave.link.attest(nonce, iat, exp, deadline=deadline)

    def close(self) -> None:
        """Ends the enclave; work that waits is answered with `EnclaveDied`."""
        self.broken = True
        self.enclave.stop()
        self._worker.shutdown(wait=True)
        self.enclave.close()

    # ---------------------------------------------------------------------------------- steps
    def _run_tail(self, answer: Crossing, deadline: float) -> tuple[list[Array], list[Array]]:
        if self.tail is None:
            raise EnclaveDied("gave crossing tensors of a network that has no tail")
        try:
            crossing = read_message(answer.message, self.manifest.crossing).tensors
        except CloisterError as error:
            self.broken = True
            raise EnclaveDied("gave crossing tensors that are not the manifest's") from error
        outputs = self.tail.run(crossing)
        if self.clock() > deadline:
            raise DeadlinePassed
        return crossing, outputs

    def _seal(self, request_id: int, message: bytes, deadline: float) -> Response:
        try:
            return self.enclave.link.tail(request_id, message, deadline=deadline)
        except EnclaveRefused as error:  # not the client's fault
            raise OutsideError(
                f"the enclave refuses the tail's outputs: {error.message}", code="bad-tail-output"
            ) from error

    def _cancel(self, request_id: int) -> None:
        # The request may be gone already: then the enclave says so, and all is well.
        with contextlib.suppress(EnclaveRefused, EnclaveDied):
            self.enclave.link.cancel(request_id, deadline=self.clock() + _CANCEL_S)

    @contextlib.contextmanager
    def _noticing_death(self) -> Iterator[None]:
        try:
            yield
        except EnclaveDied:
            self.broken = True
            raise

    def _done(self) -> None:
        with self._lock:
            self._pending -= 1
