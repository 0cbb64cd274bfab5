"""The sandbox: the real enclave program, started, loaded, asked and ended."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle

from cloister.attest.claims import Claims
from cloister.channel.frames import EnclaveError
from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.kinds import enclave_kind
from cloister.enclaves.protocol import Crossing, EnclaveDied, EnclaveRefused, Ready, Response
from cloister.enclaves.sandbox import SandboxEnclave, program
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import Bundle

X = np.random.default_rng(3).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


def soon() -> float:
    return time.monotonic() + 10


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return tiny_bundle.write(tmp_path / "bundle")


@pytest.fixture
def head(bundle: Bundle) -> Iterator[HeadFile]:
    with HeadFile(bundle.head) as file:
        yield file


@pytest.fixture
def enclave(head: HeadFile) -> Iterator[SandboxEnclave]:
    started = SandboxEnclave(head, replay=64)
    yield started
    started.close()


def load(enclave: SandboxEnclave, head: HeadFile, bundle: Bundle) -> Ready:
    return enclave.link.load(head, bundle.manifest_digest, answer_bytes=4224, deadline=soon())


def test_head_and_tail_through_the_enclave_are_the_network(
    enclave: SandboxEnclave, head: HeadFile, bundle: Bundle
) -> None:
    ready = load(enclave, head, bundle)
    sealed, exchange = seal_request(KeyConfig.from_bytes(ready.key_config), write_message([X]))
    crossing = enclave.link.request(1, sealed, deadline=soon())
    assert isinstance(crossing, Crossing)
    (y,) = read_message(crossing.message, bundle.manifest.crossing).tensors
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())
    sums = y.reshape(tiny_bundle.OUTPUTS, -1).sum(axis=1, dtype=np.float32).reshape(1, -1)
    response = enclave.link.tail(1, write_message([sums]), deadline=soon())
    opened = read_message(
        exchange.open_response(bytes(response.sealed)), bundle.manifest.outputs, allowed_flags=1
    )
    np.testing.assert_array_equal(opened.tensors[0], sums)
    assert opened.host_chosen
    assert (response.replay_used, response.replay_size) == (1, 64)
    assert crossing.run_ns > 0


def test_whole_networks_answer_without_a_tail(tmp_path: Path) -> None:
    bundle = tiny_bundle.write(tmp_path / "whole", whole=True, resident=True)
    with HeadFile(bundle.head) as head:
        enclave = SandboxEnclave(head, replay=64)
        ready = load(enclave, head, bundle)
        sealed, _ = seal_request(KeyConfig.from_bytes(ready.key_config), write_message([X]))
        assert isinstance(enclave.link.request(1, sealed, deadline=soon()), Response)
        enclave.close()


def test_weights_of_many_pages_are_streamed(tmp_path: Path) -> None:
    bundle = tiny_bundle.write(tmp_path / "large", n=3 << 20)  # 12 pages, 6 windows
    x = np.ones((1, 3 << 20), np.float32)
    with HeadFile(bundle.head) as head:
        enclave = SandboxEnclave(head, replay=64)
        ready = enclave.link.load(head, bytes(32), answer_bytes=13 << 20, deadline=soon())
        sealed, _ = seal_request(KeyConfig.from_bytes(ready.key_config), write_message([x]))
        crossing = enclave.link.request(1, sealed, deadline=soon())
        enclave.close()
    assert isinstance(crossing, Crossing)
    (y,) = read_message(crossing.message, bundle.manifest.crossing).tensors
    np.testing.assert_array_equal(y[0], tiny_bundle.weights_of(3 << 20))


def test_claims_hold_the_digests_and_the_nonce(
    enclave: SandboxEnclave, head: HeadFile, bundle: Bundle
) -> None:
    ready = load(enclave, head, bundle)
    attested = enclave.link.attest(b"n" * 32, 100, 200, deadline=soon())
    claims = Claims.from_bytes(attested.claims)
    assert claims.manifest_digest == bundle.manifest_digest
    assert claims.model_digest == head.model_digest == hashlib.sha256(head.header).digest()
    assert (claims.nonce, claims.iat, claims.exp) == (b"n" * 32, 100, 200)
    assert claims.key_config == ready.key_config
    assert claims.tee == enclave.tee
    assert "seccomp" in claims.levels


def test_a_second_load_is_refused(enclave: SandboxEnclave, head: HeadFile, bundle: Bundle) -> None:
    load(enclave, head, bundle)
    with pytest.raises(EnclaveRefused) as caught:
        load(enclave, head, bundle)
    assert caught.value.error is EnclaveError.STATE


def test_a_request_before_the_load_is_refused(enclave: SandboxEnclave) -> None:
    with pytest.raises(EnclaveRefused) as caught:
        enclave.link.request(1, bytes(4279), deadline=soon())
    assert caught.value.error is EnclaveError.STATE


def test_a_second_request_while_one_is_in_flight_disturbs_nothing(
    enclave: SandboxEnclave, head: HeadFile, bundle: Bundle
) -> None:
    ready = load(enclave, head, bundle)
    config = KeyConfig.from_bytes(ready.key_config)
    sealed, _ = seal_request(config, write_message([X]))
    enclave.link.request(1, sealed, deadline=soon())
    outputs = write_message([np.zeros((1, tiny_bundle.OUTPUTS), np.float32)])
    for foreign in (2, 0):
        with pytest.raises(EnclaveRefused) as caught:
            enclave.link.tail(foreign, outputs, deadline=soon())
        assert caught.value.error is EnclaveError.STATE
    with pytest.raises(EnclaveRefused):
        enclave.link.attest(None, 1, 2, deadline=soon())
    enclave.link.tail(1, outputs, deadline=soon())
    with pytest.raises(EnclaveRefused) as caught:  # doubled
        enclave.link.tail(1, outputs, deadline=soon())
    assert caught.value.error is EnclaveError.STATE


def test_outputs_of_another_size_end_the_request_only(
    enclave: SandboxEnclave, head: HeadFile, bundle: Bundle
) -> None:
    ready = load(enclave, head, bundle)
    config = KeyConfig.from_bytes(ready.key_config)
    for request_id, outputs in ((1, np.zeros((1, 9), np.float32)), (2, np.zeros(8, np.float32))):
        sealed, _ = seal_request(config, write_message([X]))
        enclave.link.request(request_id, sealed, deadline=soon())
        with pytest.raises(EnclaveRefused) as caught:
            enclave.link.tail(request_id, write_message([outputs]), deadline=soon())
        assert caught.value.error in (EnclaveError.SIZE, EnclaveError.SHAPE)
    sealed, _ = seal_request(config, write_message([X]))
    assert isinstance(enclave.link.request(3, sealed, deadline=soon()), Crossing)
    enclave.link.cancel(3, deadline=soon())


def test_a_container_with_a_changed_page_is_refused_at_load(head: HeadFile, bundle: Bundle) -> None:
    with bundle.head.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\xff")
    enclave = SandboxEnclave(head, replay=64)
    with pytest.raises(EnclaveRefused) as caught:
        load(enclave, head, bundle)
    assert caught.value.error is EnclaveError.DIGEST
    enclave.close()


def test_a_killed_enclave_is_noticed_and_leaves_no_zombie(
    enclave: SandboxEnclave, head: HeadFile, bundle: Bundle
) -> None:
    load(enclave, head, bundle)
    assert enclave.running
    os.kill(enclave.pid, signal.SIGKILL)
    with pytest.raises(EnclaveDied, match="ended"):
        enclave.link.attest(None, 1, 2, deadline=soon())
    enclave.stop()
    assert not enclave.running
    assert enclave.exit_status() == "signal SIGKILL"
    enclave.close()
    with pytest.raises(ProcessLookupError):
        os.kill(enclave.pid, 0)


def test_closing_ends_the_process_and_may_be_done_twice(enclave: SandboxEnclave) -> None:
    assert os.getpgid(enclave.pid) == enclave.pid
    enclave.close()
    enclave.close()
    assert not enclave.running
    with pytest.raises(ProcessLookupError):
        os.kill(enclave.pid, 0)


def test_an_enclave_that_ignores_the_end_of_the_stream_is_killed(head: HeadFile) -> None:
    stubborn = [sys.executable, "-c", "import time; time.sleep(60)"]
    enclave = SandboxEnclave(head, command=stubborn)
    began = time.monotonic()
    enclave.close()
    assert time.monotonic() - began < 10
    with pytest.raises(ProcessLookupError):
        os.kill(enclave.pid, 0)


def test_the_enclave_ends_with_a_host_that_is_killed(bundle: Bundle) -> None:
    code = (
        "import sys, time; from cloister.enclaves.head_file import HeadFile\n"
        "from cloister.enclaves.sandbox import SandboxEnclave\n"
        f"e = SandboxEnclave(HeadFile({str(bundle.head)!r}), replay=64)\n"
        "print(e.pid, flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as host:
        assert host.stdout is not None
        pid = int(host.stdout.readline())
        host.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _alive(pid):
        time.sleep(0.02)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # whoever inherits it reaps it, or not: it has ended


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOISTER_ENCLAVE", "/nowhere/cloister-enclave")
    with pytest.raises(OutsideError, match="/nowhere/cloister-enclave"):
        program()


def test_an_unknown_kind_of_enclave_lists_the_known_ones() -> None:
    assert enclave_kind("sandbox") is SandboxEnclave
    with pytest.raises(UserError, match="sandbox"):
        enclave_kind("sgx9")
