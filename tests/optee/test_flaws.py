"""The eight flaws of the published TrustZone artifact (arXiv 2403.12568), each against ours, in a
real OP-TEE.

Hostile here is the normal world: it brings the weights, drives the session and holds the shared
memory.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X, ask, load, sealed, soon

from cloister.channel.frames import EnclaveError, FrameType, frame, parse_head
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import EnclaveRefused, Response
from cloister.graph.load import load as load_graph
from cloister.optee.machine import Machine
from cloister.pack.bundle import Bundle
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor


class Raw:
    """Frames as the attacker likes them, on a connection of their own."""

    def __init__(self, machine: Machine) -> None:
        self.stream = machine.connect()
        self.stream.settimeout(30)

    def send(
        self, kind: FrameType, payload: bytes = b"", *, a: int = 0, b: int = 0
    ) -> tuple[FrameType, int, int]:
        """The answer's type and its fields a and b."""
        self.stream.sendall(frame(kind, payload, a=a, b=b))
        head = parse_head(self._take(64), limit=1 << 20)
        self._take(head.length)
        return head.type, head.a, head.b

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            got = self.stream.recv(count - len(data))
            assert got, "the connection ended"
            data += got
        return data

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()


def test_flaw_1_weights_that_the_normal_world_changed_are_refused(
    machine: Machine, bundle: Bundle
) -> None:
    with bundle.head.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    with HeadFile(bundle.head) as head:
        enclave = OpteeEnclave(head, machine=machine)
        with pytest.raises(EnclaveRefused) as caught:
            load(enclave, head)
        enclave.close()
    assert caught.value.error is EnclaveError.DIGEST


def test_flaw_1_weights_that_are_changed_after_the_load_are_refused(
    machine: Machine, bundle: Bundle, enclave: OpteeEnclave, head: HeadFile
) -> None:
    """Streamed pages come anew with each request: each time they are checked in secure memory
    before use.
    """
    ready = load(enclave, head)
    original = bundle.head.read_bytes()
    with bundle.head.open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xff")
    with pytest.raises(EnclaveRefused) as caught:
        ask(enclave, ready, 1, X, bundle.manifest.outputs)
    assert caught.value.error is EnclaveError.DIGEST
    with bundle.head.open("r+b") as file:
        file.write(original)
    (y,) = ask(enclave, ready, 2, X, bundle.manifest.outputs)
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())


def test_flaw_2_weights_longer_than_their_page_are_refused(
    machine: Machine, head: HeadFile
) -> None:
    with Raw(machine) as raw:
        kind, first, count = raw.send(FrameType.LOAD, bytes(32) + head.header)
        assert (kind, first, count) == (FrameType.NEED_PAGE, 0, 1)
        offset, length = head.span(0, 1)
        page = head.path.read_bytes()[offset : offset + length]
        longer = raw.send(FrameType.PAGES, page + bytes(1 << 20), a=0, b=1)
        assert longer[:2] == (FrameType.ERROR, EnclaveError.SIZE)


def test_flaw_3_counts_that_reach_beyond_the_header_are_refused(
    machine: Machine, head: HeadFile
) -> None:
    for field in range(5):  # n_ops, n_inputs, n_crossing, n_outputs, n_pages
        for number in (0x7FFFFFFF, 0xFFFFFFFF, 1 << 20):
            header = bytearray(head.header)
            at = 24 + 4 * field
            header[at : at + 4] = number.to_bytes(4, "little")
            with Raw(machine) as raw:
                kind, error, _ = raw.send(FrameType.LOAD, bytes(32) + bytes(header))
            assert kind is FrameType.ERROR
            assert EnclaveError(error) in (
                EnclaveError.FORMAT,
                EnclaveError.BOUNDS,
                EnclaveError.SIZE,
            )


def test_flaw_4_memory_that_changes_while_it_is_read_does_no_harm(machine: Machine) -> None:
    code, said = machine.shell("probe race 1 60", timeout_s=120)
    assert code == 0
    assert re.search(r"calls \d+ ok \d+ refused 0 small 0 dead 0 other 0", said), said


def test_flaw_5_weights_shorter_than_their_page_are_refused(
    machine: Machine, head: HeadFile
) -> None:
    offset, length = head.span(0, 1)
    page = head.path.read_bytes()[offset : offset + length]
    for short in (0, 1, length - 1):
        with Raw(machine) as raw:
            raw.send(FrameType.LOAD, bytes(32) + head.header)
            kind, error, _ = raw.send(FrameType.PAGES, page[:short], a=0, b=1)
            assert (kind, error) == (FrameType.ERROR, EnclaveError.SIZE)


def test_flaw_6_fully_connected_weights_reach_the_application(
    machine: Machine, tmp_path: Path, real_network: Callable[[str], bytes]
) -> None:
    """Each page of LeNet, its two fully connected layers' among them, decides the answer or the
    load.
    """
    model = tmp_path / "lenet.onnx"
    model.write_bytes(real_network("lenet"))
    graph = load_graph(model)
    container = compile_container(graph, mode="whole", answers=graph.outputs, replay=REPLAY_ENTRIES)
    path = tmp_path / "head.clo"
    path.write_bytes(container.to_bytes())
    with HeadFile(path) as head:
        assert head.resident_bytes > 1_700_000  # 431,080 parameters, most of them fully connected
        last = sum(head.span(head.n_pages - 1, 1)) - 1
    changed = tmp_path / "changed.clo"
    shutil.copy(path, changed)
    with changed.open("r+b") as file:
        file.seek(last)
        byte = file.read(1)[0]
        file.seek(last)
        file.write(bytes([byte ^ 1]))
    with HeadFile(changed) as head:
        enclave = OpteeEnclave(head, machine=machine)
        with pytest.raises(EnclaveRefused) as caught:
            load(enclave, head)
        enclave.close()
    assert caught.value.error is EnclaveError.DIGEST
    x = np.random.default_rng(1).normal(size=(1, 1, 28, 28)).astype(np.float32)
    with HeadFile(path) as head:
        enclave = OpteeEnclave(head, machine=machine)
        outputs = tuple(Tensor(t.name, t.shape) for t in graph.outputs)
        (y,) = ask(enclave, load(enclave, head), 1, x, outputs)
        enclave.close()
    np.testing.assert_allclose(y, Engine(path).run([x])[0], atol=1e-4)


def test_flaw_7_a_second_session_is_refused(
    machine: Machine, enclave: OpteeEnclave, head: HeadFile
) -> None:
    ready = load(enclave, head)
    assert machine.shell("probe open")[1].strip() == "open 0xffff000d"  # TEEC_ERROR_BUSY
    attested = enclave.link.attest(None, 1, 2, deadline=soon())
    assert ready.key_config in attested.claims  # the first is undisturbed


def test_flaw_7_sessions_share_nothing(machine: Machine, head: HeadFile, bundle: Bundle) -> None:
    first = OpteeEnclave(head, machine=machine)
    ready = load(first, head)
    request, _ = sealed(ready, X)
    first.close()
    second = OpteeEnclave(head, machine=machine)
    with pytest.raises(EnclaveRefused) as caught:  # nothing is loaded
        second.link.request(1, request, deadline=soon())
    assert caught.value.error is EnclaveError.STATE
    again = load(second, head)
    assert again.key_config != ready.key_config
    with pytest.raises(EnclaveRefused) as caught:  # sealed to a key that is gone
        second.link.request(2, request, deadline=soon())
    assert caught.value.error in (EnclaveError.KEY, EnclaveError.CRYPTO)
    second.close()


def test_flaw_8_the_normal_world_sees_neither_scores_nor_which_answer(
    machine: Machine, head: HeadFile, bundle: Bundle, enclave: OpteeEnclave
) -> None:
    """Answers are sealed and have one length, whatever the input; the same input is answered by
    other bytes.
    """
    ready = load(enclave, head)
    seen = set()
    for number, x in enumerate((X, X, np.zeros_like(X), np.full_like(X, 1e30)), 1):
        request, exchange = sealed(ready, x)
        response = enclave.link.request(number, request, deadline=soon())
        assert isinstance(response, Response)
        plain = exchange.open_response(bytes(response.sealed))
        assert plain[128:192] not in bytes(response.sealed)
        seen.add(hashlib.sha256(response.sealed).digest())
        assert len(response.sealed) == len(plain) + 48
    assert len(seen) == 4
