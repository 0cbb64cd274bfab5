"""Clients that hold on to what they should not: bodies without an end, connections without a
request, requests that nobody waits for. Each takes bounded time and room, and no other client waits
for it.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import numpy as np
import pytest
import tiny_bundle
from caller import problem
from http_kit import until
from serve_kit import Gated, Serve

from cloister.channel.frames import NONCE_TYPE
from cloister.channel.message import SEALED_REQUEST, padded_bytes
from cloister.channel.ohttp import KeyConfig
from cloister.serve import http
from cloister.serve.service import Service

X = np.random.default_rng(5).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


def connect(service: Service) -> socket.socket:
    host, _, port = service.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), 20)


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    text = "\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""))
    return text.encode()


CHUNKED_HEAD = (f"Content-Type: {SEALED_REQUEST}", "Transfer-Encoding: chunked")


def sends_until_closed(raw: socket.socket, what: bytes, seconds: float = 15) -> None:
    """Sends it again and again until the other side ends the connection."""
    raw.settimeout(0.2)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            raw.sendall(what)
        except TimeoutError:
            continue
        except OSError:
            return
    raise AssertionError("the connection lives on")


# ------------------------------------------------------------------------------------- bodies
def pieces(body: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(body), size):
        yield body[at : at + size]


@pytest.mark.parametrize("size", [1, 997, 1 << 20])
def test_a_body_in_chunks_is_answered(serve: Serve, size: int) -> None:
    _, caller = serve()
    sealed, exchange = caller.seal(X)
    names = {"Content-Type": SEALED_REQUEST}
    got = caller.http.post(f"{caller.model}/infer", content=pieces(sealed, size), headers=names)
    assert got.status_code == 200, got.text
    (answer,) = caller.open(exchange, got)
    np.testing.assert_allclose(answer, tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)


def test_chunks_without_an_end_are_refused_and_the_connection_ends(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.2)
    service, caller = serve()
    with connect(service) as raw:
        raw.sendall(head(f"{caller.model}/infer", *CHUNKED_HEAD))
        sends_until_closed(raw, b"10000\r\n" + bytes(1 << 16) + b"\r\n")
    until(lambda: service.face.in_service == 0)
    problem(
        caller.http.post(
            f"{caller.model}/infer",
            content=iter([bytes(padded_bytes(service.face.sizes.request) + 1)]),
            headers={"Content-Type": SEALED_REQUEST},
        ),
        413,
        "too-large",
    )


def test_chunks_that_end_too_early_are_refused(serve: Serve) -> None:
    service, caller = serve()
    names = {"Content-Type": SEALED_REQUEST}
    for size in (0, 1, service.face.sizes.request - 1, service.face.sizes.request + 1):
        if size == padded_bytes(service.face.sizes.request):
            continue
        got = caller.http.post(f"{caller.model}/infer", content=iter([bytes(size)]), headers=names)
        code = "too-large" if size > service.face.sizes.request else "too-short"
        problem(got, 413 if code == "too-large" else 400, code)


def test_chunks_that_come_too_slowly_are_given_up(serve: Serve) -> None:
    service, caller = serve(deadline_s=0.4)
    with connect(service) as raw:
        raw.sendall(head(f"{caller.model}/infer", *CHUNKED_HEAD))
        began = time.monotonic()
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05):
                try:
                    raw.sendall(b"1\r\nx\r\n")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        assert b" 408 " in raw.recv(64)
        assert time.monotonic() - began < 5
        stop.set()
        dripping.join()
    until(lambda: service.face.in_service == 0)


def test_a_body_without_any_length_is_refused(serve: Serve) -> None:
    service, caller = serve()
    with connect(service) as raw:
        raw.sendall(head(f"{caller.model}/infer", f"Content-Type: {SEALED_REQUEST}"))
        assert b" 411 " in raw.recv(64)


# -------------------------------------------------------------------------------- connections
def closed(raw: socket.socket, seconds: float = 15) -> bool:
    raw.settimeout(seconds)
    try:
        return raw.recv(1 << 16) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST /v2/models/tiny/infer HTTP/1.1\r\nHost:", b"G"],
    ids=["nothing", "half a head", "a letter"],
)
def test_half_open_connections_are_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.2)
    service, caller = serve()
    with ExitStack() as stack:
        many = [stack.enter_context(connect(service)) for _ in range(50)]
        for raw in many:
            raw.sendall(begun)
        assert caller.ask(X)
        assert all(closed(raw) for raw in many)
    assert caller.ask(X)


def test_a_head_in_drops_is_closed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.2)
    service, _ = serve()
    with connect(service) as raw:
        raw.sendall(b"GET /v2 HTTP/1.1\r\nX: ")
        began = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - began < 10:
                raw.sendall(b"x")
                time.sleep(0.02)
        assert time.monotonic() - began < 5


def test_a_second_head_that_never_ends_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.3)
    service, _ = serve()
    with connect(service) as raw:
        raw.sendall(b"GET /v2 HTTP/1.1\r\nHost: x\r\n\r\nGET /v2 HTTP/1.1\r\nHos")
        assert b" 200 " in raw.recv(64)
        while not closed(raw):
            pass


def connections(service: Service) -> int:
    assert service._server is not None
    return len(service._server.server_state.connections)


def test_a_client_that_does_not_read_its_answer_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.2)
    monkeypatch.setattr(http, "READ_S", 0.2)
    service, caller = serve(deadline_s=1.0)
    with closing(connect(service)) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # Pipelined, never read.
        sends_until_closed(raw, f"GET {caller.model}/manifest HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert caller.ask(X)


def test_a_client_that_does_not_read_what_is_left_of_a_closing_connection_is_closed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "HEAD_S", 0.2)
    monkeypatch.setattr(http, "READ_S", 0.2)
    service, caller = serve(deadline_s=1.0)
    # Little room in the kernel, so that answers wait in the service.
    service._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    with closing(socket.socket()) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, _, port = service.url.removeprefix("http://").rpartition(":")
        raw.connect((host, int(port)))
        get = f"GET {caller.model}/manifest HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        raw.sendall(20 * get + b"no request\r\n\r\n")  # answered 400, and closed
        until(lambda: connections(service) == 1)
        until(lambda: connections(service) == 0)
        # Nothing of it is kept by the kernel either: the client has a reset, no end of file.
        with pytest.raises(ConnectionResetError):
            while raw.recv(1 << 16):
                pass
    assert caller.ask(X)


def test_connections_beyond_the_bound_are_closed_and_the_others_live(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "CONNECTIONS_MAX", 5)
    service, caller = serve()
    caller.ask(X)  # one stays
    with ExitStack() as stack:
        many = [stack.enter_context(connect(service)) for _ in range(20)]
        until(lambda: sum(closed(raw, 0.05) for raw in many if _silent(raw)) >= 16)
        assert caller.ask(X)


def _silent(raw: socket.socket) -> bool:
    raw.settimeout(0.05)
    try:
        raw.recv(1, socket.MSG_PEEK)
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


# -------------------------------------------------------------------------------- who leaves
def test_a_client_that_leaves_takes_its_request_out_of_the_queue(gated: Gated) -> None:
    service, caller, tail = gated(queue_limit=2)
    key = caller.key()
    first, second = (caller.seal(X, key)[0] for _ in range(2))
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(caller.post, first)
        assert tail.entered.acquire(timeout=10)
        with connect(service) as raw:
            names = (f"Content-Type: {SEALED_REQUEST}", f"Content-Length: {len(second)}")
            raw.sendall(head(f"{caller.model}/infer", *names) + second)
            until(lambda: service.face.in_service == 2)
            problem(caller.post(caller.seal(X, key)[0]), 429, "busy")
        until(lambda: service.face.in_service == 1)
        tail.gate.set()
        assert running.result().status_code == 200
    # It was never run: the enclave has seen one request, and takes the second one still.
    instance = service._keeper.current()
    assert instance is not None and instance.answered == 1
    assert caller.post(second).status_code == 200
    assert 'outcome="client-left"' in caller.http.get("/metrics").text


@pytest.mark.parametrize("nonce", [None, b"n" * 32], ids=["stored", "for a nonce"])
def test_a_client_that_leaves_takes_its_question_for_evidence_out_of_the_queue(
    gated: Gated, nonce: bytes | None
) -> None:
    service, caller, tail = gated()
    key = KeyConfig.from_bytes(caller.claims(b"a nonce of ours").key_config)  # nothing is stored
    instance = service._keeper.current()
    assert instance is not None
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(caller.post, caller.seal(X, key)[0])
        assert tail.entered.acquire(timeout=10)
        with connect(service) as raw:
            names = () if nonce is None else (f"Content-Type: {NONCE_TYPE}", "Content-Length: 32")
            method = "GET" if nonce is None else "POST"
            raw.sendall(head(f"{caller.model}/evidence", *names, method=method) + (nonce or b""))
            until(lambda: instance._pending == 2)
        until(lambda: instance._pending == 1)  # while the first is still answered
        tail.gate.set()
        assert running.result().status_code == 200


# ---------------------------------------------------------------------------------- padding
def test_a_padded_request_is_answered_in_its_size_class(serve: Serve) -> None:
    service, caller = serve()
    sizes = service.face.sizes
    sealed, exchange = caller.seal(X)
    padded = sealed.ljust(padded_bytes(len(sealed)), b"\0")
    assert len(padded) > len(sealed)
    got = caller.post(padded)
    assert len(got.content) == padded_bytes(sizes.response) > sizes.response
    assert not any(got.content[sizes.response :])
    exchange.open_response(got.content[: sizes.response])


def test_padding_that_is_not_zero_or_of_another_length_is_refused(serve: Serve) -> None:
    _, caller = serve()
    sealed, _ = caller.seal(X)
    padded = padded_bytes(len(sealed))
    problem(caller.post(sealed.ljust(padded, b"\1")), 400, "padding")
    problem(caller.post(sealed.ljust(padded + 1, b"\0")), 413, "too-large")
    problem(caller.post(sealed.ljust(padded - 1, b"\0")), 413, "too-large")


@pytest.mark.parametrize("n", [1, 63, 64, 65, 1000, 1024, 1025, 4151, 602_167, 123_456_789])
def test_size_classes_cost_at_most_an_eighth_and_are_few(n: int) -> None:
    padded = padded_bytes(n)
    assert n <= padded < max(n * 9 / 8 + 1, n + 64)
    assert padded_bytes(padded) == padded
    classes = {padded_bytes(m) for m in range(1 << 12, 1 << 13)}
    assert len(classes) <= 9
