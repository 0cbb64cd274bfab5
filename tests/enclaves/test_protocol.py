"""The host's side of the frames, against an enclave that does not do what it should."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import tiny_bundle

from cloister.channel.frames import EnclaveError, FrameHead, FrameType, parse_head
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import (
    Crossing,
    DeadlinePassed,
    EnclaveDied,
    EnclaveLink,
    EnclaveRefused,
    Locked,
    Ready,
    Response,
)
from cloister.errors import UserError
from cloister.pack.sealing import seal_container

Frame = tuple[FrameHead, bytes]
Script = Callable[[Callable[[], Frame], Callable[..., None]], None]
ANSWER_BYTES = 5000
KEY_CONFIG = bytes(range(41))


@pytest.fixture
def head(tmp_path: Path) -> Iterator[HeadFile]:
    path = tmp_path / "head.clo"
    path.write_bytes(tiny_bundle.container(tiny_bundle.weights_of()))
    with HeadFile(path) as file:
        yield file


@contextmanager
def enclave(script: Script, *, hang_s: float = 0.2) -> Iterator[EnclaveLink]:
    """A link to a double that follows a script: receive(), send(type, payload, id=, a=, b=)."""
    ours, theirs = socket.socketpair()

    def receive() -> Frame:
        raw = theirs.recv(64, socket.MSG_WAITALL)
        got = parse_head(raw, limit=1 << 30)
        return got, theirs.recv(got.length, socket.MSG_WAITALL) if got.length else b""

    def send(kind: FrameType, payload: bytes = b"", *, id: int = 0, a: int = 0, b: int = 0) -> None:
        theirs.sendall(FrameHead(kind, id, len(payload), a, b).to_bytes() + payload)

    def run() -> None:
        with theirs:
            script(receive, send)

    thread = threading.Thread(target=run)
    thread.start()
    link = EnclaveLink(ours, hang_s=hang_s)
    try:
        yield link
    finally:
        link.close()
        thread.join()
        ours.close()


def soon() -> float:
    return time.monotonic() + 5


def ready(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
    receive()
    send(FrameType.READY, KEY_CONFIG, a=1, b=64)


def test_load_serves_the_bytes_of_the_file_between_the_pages_asked_for(head: HeadFile) -> None:
    asked: list[Frame] = []

    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        asked.append(receive())
        send(FrameType.NEED_PAGE, a=0, b=1)
        asked.append(receive())
        send(FrameType.READY, KEY_CONFIG, a=0, b=64)

    with enclave(script) as link:
        got = link.load(head, b"d" * 32, answer_bytes=ANSWER_BYTES, deadline=soon())
    (load, payload), (pages, content) = asked
    assert load.type is FrameType.LOAD
    assert payload == b"d" * 32 + head.header
    assert (pages.type, pages.a, pages.b) == (FrameType.PAGES, 0, 1)
    assert content == tiny_bundle.weights_of().tobytes()
    assert (got.key_config, got.key_id, got.replay_size) == (KEY_CONFIG, 0, 64)


@pytest.mark.parametrize(("first", "count"), [(0, 2), (1, 1), (0, 0), (2**32 - 1, 1)])
def test_pages_that_are_not_there_end_the_link(head: HeadFile, first: int, count: int) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.NEED_PAGE, a=first, b=count)

    with enclave(script) as link, pytest.raises(EnclaveDied, match="not there"):
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_a_container_cut_short_while_it_is_served_is_an_error(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.NEED_PAGE, a=0, b=1)
        receive()

    with head.path.open("r+b") as file:
        file.truncate(head.header_bytes + 100)
    with enclave(script) as link, pytest.raises(EnclaveDied, match="cut short"):
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_an_enclave_that_ends_is_noticed_at_once(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], _: Callable[..., None]) -> None:
        receive()

    with enclave(script, hang_s=60) as link, pytest.raises(EnclaveDied, match="ended"):
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_a_silent_enclave_is_given_up_after_the_deadline(head: HeadFile) -> None:
    silent = threading.Event()

    def script(receive: Callable[[], Frame], _: Callable[..., None]) -> None:
        receive()
        silent.wait(5)

    with enclave(script) as link:
        with pytest.raises(EnclaveDied, match="does not answer"):
            link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=time.monotonic())
        silent.set()


def test_a_frame_longer_than_the_plan_allows_is_not_read(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.CROSSING, bytes(40_000), id=1)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveDied, match="at most 32768"):
            link.request(1, b"sealed", deadline=soon())


@pytest.mark.parametrize(
    ("kind", "request_id"),
    [
        (FrameType.CROSSING, 2),  # another request's
        (FrameType.READY, 1),
        (FrameType.IDLE, 1),
        (FrameType.REQUEST, 1),  # a host's frame
    ],
)
def test_an_answer_to_something_else_ends_the_link(
    head: HeadFile, kind: FrameType, request_id: int
) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(kind, b"x", id=request_id)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveDied, match="is due"):
            link.request(1, b"sealed", deadline=soon())
        with pytest.raises(EnclaveDied, match="stopped"):
            link.request(2, b"sealed", deadline=soon())


def test_bytes_that_are_no_frame_end_the_link(head: HeadFile) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\n".ljust(64))
        link = EnclaveLink(ours)
        with pytest.raises(EnclaveDied, match="begins with"):
            link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_an_error_of_the_enclave_is_typed_and_leaves_the_link_good(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.ERROR, id=1, a=EnclaveError.REPLAY)
        receive()
        send(FrameType.CROSSING, b"message", id=2)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveRefused) as caught:
            link.request(1, b"sealed", deadline=soon())
        assert caught.value.error is EnclaveError.REPLAY
        assert caught.value.code == "enclave-replay"
        got = link.request(2, b"sealed", deadline=soon())
        assert isinstance(got, Crossing)
        assert got.message == b"message"


def test_an_unknown_error_ends_the_link(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.ERROR, a=99)

    with enclave(script) as link, pytest.raises(EnclaveDied, match="unknown error 99"):
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_a_request_past_its_deadline_is_cancelled_where_pages_are_asked_for(
    head: HeadFile,
) -> None:
    came: list[FrameHead] = []

    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.NEED_PAGE, id=1, a=0, b=1)
        came.append(receive()[0])
        send(FrameType.IDLE, id=1)
        receive()
        send(FrameType.CROSSING, b"message", id=2)

    with enclave(script, hang_s=5) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(DeadlinePassed):
            link.request(1, b"sealed", deadline=time.monotonic() - 1)
        assert isinstance(link.request(2, b"sealed", deadline=soon()), Crossing)
    assert (came[0].type, came[0].id) == (FrameType.CANCEL, 1)


@pytest.mark.parametrize(("claims_bytes", "payload"), [(0, b"xy"), (2, b"xy"), (9, b"xy")])
def test_claims_without_evidence_are_refused(
    head: HeadFile, claims_bytes: int, payload: bytes
) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.CLAIMS, payload, a=claims_bytes)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveDied, match="claims of"):
            link.attest(None, 1, 2, deadline=soon())


# ------------------------------------------------------------------------------ keys and receipts
@pytest.fixture
def sealed_head(head: HeadFile) -> Iterator[HeadFile]:
    path = head.path.with_name("sealed.clo")
    seal_container(head.path, bytes(range(32)), b"k" * 16, path)
    with HeadFile(path) as file:
        yield file


def test_a_locked_enclave_is_attested_and_given_its_key(sealed_head: HeadFile) -> None:
    came: list[Frame] = []

    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.NEED_KEY, KEY_CONFIG)
        receive()
        send(FrameType.CLAIMS, b"claims|evidence", a=6)
        came.append(receive())
        send(FrameType.NEED_PAGE, a=0, b=1)
        came.append(receive())
        send(FrameType.READY, KEY_CONFIG, b=64)

    with enclave(script) as link:
        locked = link.load(sealed_head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        assert locked == Locked(KEY_CONFIG, b"k" * 16)
        assert link.attest(None, 1, 2, deadline=soon()).claims == b"claims"
        ready = link.key(b"s" * 80, deadline=soon())
    assert ready == Ready(KEY_CONFIG, 0, 64)
    (key, payload), (pages, content) = came
    assert (key.type, payload) == (FrameType.KEY, b"s" * 80)
    assert pages.type is FrameType.PAGES
    assert len(content) == tiny_bundle.weights_of().nbytes + 16


def test_a_plain_container_is_not_locked(head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.NEED_KEY, KEY_CONFIG)

    with enclave(script) as link, pytest.raises(EnclaveDied, match="READY is due"):
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def test_a_key_that_is_refused_is_told(sealed_head: HeadFile) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        receive()
        send(FrameType.NEED_KEY, KEY_CONFIG)
        receive()
        send(FrameType.ERROR, a=EnclaveError.CRYPTO)

    with enclave(script) as link:
        link.load(sealed_head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveRefused, match="refused the page key") as caught:
            link.key(bytes(80), deadline=soon())
    assert caught.value.error is EnclaveError.CRYPTO


def test_a_request_carries_the_hosts_time(head: HeadFile) -> None:
    came: list[FrameHead] = []

    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        came.append(receive()[0])
        send(FrameType.CROSSING, b"message", id=1)

    before = int(time.time())
    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        link.request(1, b"sealed", deadline=soon())
    assert before <= came[0].a | came[0].b << 32 <= time.time()


RESPONSE_BYTES = 48 + 128 + 64  # a sealed message of eight floats


@pytest.mark.parametrize("receipt", [1, 320])
def test_a_response_is_told_from_its_receipt(head: HeadFile, receipt: int) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.RESPONSE, b"s" * RESPONSE_BYTES + b"r" * receipt, id=1)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        got = link.request(1, b"sealed", deadline=soon())
    assert isinstance(got, Response)
    assert (got.sealed, got.receipt) == (b"s" * RESPONSE_BYTES, b"r" * receipt)


@pytest.mark.parametrize("more", [-1, 0, 321])
def test_a_response_without_a_receipt_or_with_a_longer_one_is_refused(
    head: HeadFile, more: int
) -> None:
    def script(receive: Callable[[], Frame], send: Callable[..., None]) -> None:
        ready(receive, send)
        receive()
        send(FrameType.RESPONSE, bytes(RESPONSE_BYTES + more), id=1)

    with enclave(script) as link:
        link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
        with pytest.raises(EnclaveDied, match="a response and a receipt"):
            link.request(1, b"sealed", deadline=soon())


# ---------------------------------------------------------------------------------- the container
def test_a_file_that_is_no_container_is_named(tmp_path: Path) -> None:
    for content in (b"", b"CLOISTER", b"x" * 4096):
        path = tmp_path / "head.clo"
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"head\.clo.*does not begin as a container"):
            HeadFile(path)


def test_a_container_whose_header_is_cut_or_too_small_for_its_tables_is_refused(
    tmp_path: Path,
) -> None:
    path = tmp_path / "head.clo"
    whole = tiny_bundle.container(tiny_bundle.weights_of())
    path.write_bytes(whole[:300])
    with pytest.raises(UserError, match="ends inside its header"):
        HeadFile(path)
    path.write_bytes(whole[:12] + (128).to_bytes(4, "little") + whole[16:])
    with pytest.raises(UserError, match="shorter than its tables"):
        HeadFile(path)
    path.write_bytes(whole[:12] + (2**31).to_bytes(4, "little") + whole[16:])
    with pytest.raises(UserError, match="its header says"):
        HeadFile(path)


def test_a_container_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file"):
        HeadFile(tmp_path / "head.clo")
