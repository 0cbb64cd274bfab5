"""The input is nowhere in the service: not in its memory, its logs, its metrics.

The service runs in a process of its own (the tail, ONNX Runtime, is in the same process), the
client in this one, the enclave in a third. The search is shown to work: it finds the crossing
tensor, which the host does see, at the same moment; and the same input when it is sent in the
clear.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.resources
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pytest
import tiny_bundle
from caller import Caller

from cloister.channel.message import Array, write_message
from cloister.enclaves.engine import Engine
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load
from cloister.pack.bundle import Bundle
from cloister.pack.packing import pack

DEMO = Path(str(importlib.resources.files("cloister.demo") / "cifar.onnx"))
WINDOW = 32  # bytes
WINDOWS = 16
_CHUNK = 4 << 20
_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+\s*(.*)")
_NOT_MEMORY = ("[vvar]", "[vsyscall]", "[vvar_vclock]")


@dataclass
class Held:
    """A service that holds each request until it is released."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    def wait_until_held(self) -> None:
        assert _stream(self.process.stdout).readline() == "holding\n"

    def release(self) -> None:
        stdin = _stream(self.process.stdin)
        stdin.write("\n")
        stdin.flush()

    def memory(self) -> Iterator[bytes]:
        """All readable memory, in overlapping pieces, while the process is stopped."""
        pid = self.process.pid
        os.kill(pid, signal.SIGSTOP)
        _await_stopped(pid)
        try:
            yield from _read_memory(pid)
        finally:
            os.kill(pid, signal.SIGCONT)

    def holds(self, content: bytes) -> int:
        """How many of some windows of `content` are in the memory."""
        wanted = windows(content)
        found: set[bytes] = set()
        for piece in self.memory():
            found.update(window for window in wanted - found if window in piece)
        return len(found)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def _await_stopped(pid: int) -> None:
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        assert time.monotonic() < end
        time.sleep(0.005)


def _read_memory(pid: int) -> Iterator[bytes]:
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123
        for line in lines:
            parts = _MAPPING.fullmatch(line)
            assert parts, line
            if "r" not in parts[3] or parts[4] in _NOT_MEMORY:
                continue
            at, end = int(parts[1], 16), int(parts[2], 16)
            while at < end:
                with contextlib.suppress(OSError):  # e.g. beyond the end of a mapped file
                    memory.seek(at)
                    yield memory.read(min(_CHUNK + WINDOW, end - at))
                at += _CHUNK


def windows(content: bytes) -> set[bytes]:
    """Pieces of the content, spread over all of it."""
    step = (len(content) - WINDOW) // (WINDOWS - 1)
    return {content[i * step : i * step + WINDOW] for i in range(WINDOWS)}


def pattern(bundle: Bundle) -> Array:
    """Random floats, never the same: nothing else in any memory looks like them."""
    shape = bundle.manifest.inputs[0].shape
    drawn = np.random.default_rng().normal(size=shape).astype(np.float32)
    assert drawn.nbytes >= 4096
    assert len(windows(drawn.tobytes())) == WINDOWS
    return drawn


def written(text: bytes, x: Array) -> bool:
    """Whether a text holds a piece of the input: as bytes, in hex, base64, or as numbers."""
    raw = x.tobytes()
    pieces = windows(raw)
    pieces |= {window.hex().encode() for window in windows(raw)}
    # Base64 of any window, at each of the three ways in which it can be aligned.
    pieces |= {base64.b64encode(raw[i : i + 30]) for i in range(0, len(raw) - 30, 129)}
    pieces |= {f"{value:.5f}".encode() for value in x.reshape(-1)[:: x.size // WINDOWS]}
    return any(piece in text for piece in pieces)


@pytest.fixture(scope="module", params=["by hand", "demo network"])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle made by hand, and the demo's network cut after its first convolution."""
    path = tmp_path_factory.mktemp("leak") / "bundle"
    if request.param == "by hand":
        return tiny_bundle.write(path)
    network = load(DEMO)
    return pack(network, find_cuts(network)[0], path, engine=Engine).bundle


@pytest.fixture
def held(bundle: Bundle, tmp_path: Path) -> Iterator[Held]:
    log = tmp_path / "log"
    script = Path(__file__).with_name("held_service.py")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, str(script), str(bundle.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            url = _stream(process.stdout).readline().strip()
            assert url, log.read_text()
            yield Held(process, url, log)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.wait(20)


@pytest.fixture
def caller(held: Held, bundle: Bundle) -> Iterator[Caller]:
    caller = Caller(held.url, bundle.manifest)
    yield caller
    caller.close()


def ask(held: Held, caller: Caller, sealed: bytes) -> subprocess.Popen[bytes]:
    """Sends a sealed request from yet another process, which does not know the input."""
    code = (
        "import sys, httpx\n"
        "body, url, kind = sys.stdin.buffer.read(), sys.argv[1], sys.argv[2]\n"
        "got = httpx.post(url, content=body, headers={'Content-Type': kind}, timeout=60)\n"
        "sys.exit(got.status_code != 200)\n"
    )
    url = f"{held.url}{caller.model}/infer"
    kind = "application/vnd.cloister.sealed-request"
    sender = subprocess.Popen([sys.executable, "-c", code, url, kind], stdin=subprocess.PIPE)
    assert sender.stdin is not None
    sender.stdin.write(sealed)
    sender.stdin.close()
    return sender


def test_the_input_is_not_in_the_services_memory_log_or_metrics(
    held: Held, caller: Caller, bundle: Bundle
) -> None:
    x = pattern(bundle)
    sealed, _ = caller.seal(x)
    sender = ask(held, caller, sealed)
    # While the host has everything that it ever gets of a request...
    held.wait_until_held()
    (crossing,) = Engine(bundle.head).run([x])
    # ...the search finds what the host sees,
    assert held.holds(crossing.tobytes()) == WINDOWS
    assert held.holds(sealed) == WINDOWS
    # and nothing of the input.
    assert held.holds(x.tobytes()) == 0
    held.release()
    assert sender.wait(30) == 0
    assert held.holds(x.tobytes()) == 0
    metrics = caller.http.get("/metrics").content
    assert b'cloister_requests_total{outcome="answered"} 1.0' in metrics
    assert not written(metrics, x)
    log = held.log.read_bytes()
    assert b'"event": "infer"' in log
    assert b'"level": "debug"' in log or b"DEBUG" in log
    assert not written(log, x)


def test_the_search_finds_an_input_that_is_sent_in_the_clear(
    held: Held, caller: Caller, bundle: Bundle
) -> None:
    x = pattern(bundle)
    got = caller.http.post("/clear", content=write_message([x]))
    assert got.status_code == 200
    assert held.holds(x.tobytes()) == WINDOWS


def test_the_search_of_texts_finds_bytes_hex_base64_and_numbers(bundle: Bundle) -> None:
    x = pattern(bundle)
    raw = x.tobytes()
    assert written(b"..." + raw, x)
    assert written(raw.hex().encode(), x)
    assert written(base64.b64encode(raw), x)
    assert written(str(x.reshape(-1).tolist()).encode(), x) or written(
        " ".join(f"{v:.5f}" for v in x.reshape(-1)).encode(), x
    )
    assert not written(np.random.default_rng(0).bytes(100_000), x)


def test_keys_and_nonces_are_in_no_log_or_metric(held: Held, caller: Caller) -> None:
    nonce = os.urandom(32)
    text = base64.urlsafe_b64encode(nonce).rstrip(b"=")
    claims = caller.claims(nonce)
    assert claims.nonce == nonce
    secrets = (nonce, text, nonce.hex().encode(), claims.key_config[3:35])
    secrets += (claims.key_config[3:35].hex().encode(), base64.b64encode(claims.key_config[3:33]))
    for place in (held.log.read_bytes(), caller.http.get("/metrics").content):
        for secret in secrets:
            assert secret not in place
