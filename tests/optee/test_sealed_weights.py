"""Sealed weights in a real OP-TEE: the key is released once, kept on the device, and the weights
stand nowhere in the normal world's memory.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import PAGE_KEY, X, ask, load, sealed, soon, start_sealed, unlock

from cloister.channel.frames import EnclaveError
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.enclaves.protocol import EnclaveRefused, Locked, Ready, Response
from cloister.optee import build
from cloister.optee.lab import Lab
from cloister.optee.machine import Boot, Machine
from cloister.pack.bundle import Bundle

RAM_AT, RAM_BYTES = 0x4000_0000, 768 << 20
WINDOW = 32  # bytes that are looked for


def answers_rightly(enclave: OpteeEnclave, ready: Ready, bundle: Bundle) -> None:
    (y,) = ask(enclave, ready, 1, X, bundle.manifest.outputs)
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())


def test_a_key_is_released_once_and_kept_by_the_device(
    machine: Machine, sealed_head: HeadFile, bundle: Bundle
) -> None:
    enclave = OpteeEnclave(sealed_head, machine=machine)
    locked = start_sealed(enclave, sealed_head)
    assert isinstance(locked, Locked)
    with pytest.raises(EnclaveRefused) as caught:  # nothing is answered before
        enclave.link.request(1, bytes(4263), deadline=soon())
    assert caught.value.error is EnclaveError.STATE
    answers_rightly(enclave, unlock(enclave, locked), bundle)
    enclave.close()
    enclave = OpteeEnclave(sealed_head, machine=machine)
    again = start_sealed(enclave, sealed_head)
    assert isinstance(again, Ready)
    answers_rightly(enclave, again, bundle)
    enclave.close()


def test_after_a_reboot_the_weights_load_without_the_broker(
    lab: Lab, application: bytes, sealed_head: HeadFile, bundle: Bundle, tmp_path: Path
) -> None:
    """Storage that is kept keeps the key; a device with other storage is locked."""
    storage = tmp_path / "storage.disk"
    for number, kind in enumerate((Locked, Ready)):
        boot = Boot(application, build.daemon(lab), storage=storage)
        with Machine(lab, boot) as machine:
            enclave = OpteeEnclave(sealed_head, machine=machine)
            state = start_sealed(enclave, sealed_head)
            assert isinstance(state, kind), number
            ready = unlock(enclave, state) if isinstance(state, Locked) else state
            answers_rightly(enclave, ready, bundle)
            enclave.close()


@pytest.mark.parametrize("wrong", ["key", "claims"])
def test_a_wrong_key_is_neither_used_nor_kept(
    machine: Machine, sealed_head: HeadFile, wrong: str
) -> None:
    """A key of other weights does not open these; one for other claims does not open at all."""
    error = {"key": EnclaveError.DIGEST, "claims": EnclaveError.CRYPTO}[wrong]
    enclave = OpteeEnclave(sealed_head, machine=machine)
    locked = start_sealed(enclave, sealed_head)
    assert isinstance(locked, Locked)
    with pytest.raises(EnclaveRefused) as caught:
        if wrong == "key":
            unlock(enclave, locked, key=PAGE_KEY[::-1])
        else:
            unlock(enclave, locked, claims=b"other claims")
    assert caught.value.error is error
    enclave.close()
    enclave = OpteeEnclave(sealed_head, machine=machine)
    assert isinstance(start_sealed(enclave, sealed_head), Locked)
    enclave.close()


def test_flaw_1_weights_are_sealed_and_a_changed_page_is_refused(
    machine: Machine, sealed_head: HeadFile, bundle: Bundle
) -> None:
    """The published artifact hands its weights to the device in the open."""
    stored = sealed_head.path.read_bytes()
    weights = tiny_bundle.weights_of().astype("<f4").tobytes()
    for at in range(0, len(weights) - WINDOW, 64):
        assert weights[at : at + WINDOW] not in stored
    assert weights[:WINDOW] in bundle.head.read_bytes()
    enclave = OpteeEnclave(sealed_head, machine=machine)
    locked = start_sealed(enclave, sealed_head)
    assert isinstance(locked, Locked)
    ready = unlock(enclave, locked)
    with sealed_head.path.open("r+b") as file:  # streamed pages come anew with each request
        file.seek(sealed_head.span(0, 1)[0])
        file.write(b"\xff\x00")
    with pytest.raises(EnclaveRefused) as caught:
        ask(enclave, ready, 1, X, bundle.manifest.outputs)
    assert caught.value.error is EnclaveError.DIGEST
    enclave.close()


def test_neither_weights_nor_input_nor_answer_are_anywhere_in_normal_memory(
    machine: Machine, sealed_head: HeadFile, bundle: Bundle, tmp_path: Path
) -> None:
    """All of the guest's memory is searched after a load and an inference. The same search finds
    what did pass: the sealed messages, the sealed pages, a word of ours; and, after the plain
    container was loaded, its weights.
    """
    x = np.random.default_rng(int.from_bytes(os.urandom(8), "little")).normal(size=X.shape)
    x = x.astype(np.float32)
    enclave = OpteeEnclave(sealed_head, machine=machine)
    locked = start_sealed(enclave, sealed_head)
    assert isinstance(locked, Locked)
    ready = unlock(enclave, locked)
    request, exchange = sealed(ready, x)
    response = enclave.link.request(1, request, deadline=soon())
    assert isinstance(response, Response)
    answer = exchange.open_response(bytes(response.sealed))
    weights = tiny_bundle.weights_of().astype("<f4").tobytes()
    stored = sealed_head.path.read_bytes()[-len(weights) :]
    control = os.urandom(24).hex().encode()
    machine.shell(f"echo {control.decode()} > /tmp/control")
    with Memory(machine, tmp_path / "ram") as ram:
        assert ram(control)
        assert any(ram(part) for part in windows(request))
        assert any(ram(part) for part in windows(stored))
        for secret in (weights, x.tobytes(), answer[256:]):
            for part in windows(secret):
                assert not ram(part)
        assert not ram(PAGE_KEY)
    enclave.close()
    with HeadFile(bundle.head) as head:  # in the open: the search would have found them
        enclave = OpteeEnclave(head, machine=machine)
        load(enclave, head)
        with Memory(machine, tmp_path / "ram") as ram:
            assert any(ram(part) for part in windows(weights))
        enclave.close()


def windows(data: bytes) -> list[bytes]:
    """A few pieces of it, none at its edges, where lengths and other known bytes stand."""
    return [data[at : at + WINDOW] for at in range(64, len(data) - WINDOW, 1300)]


class Memory:
    """All of the normal world's memory, to be searched."""

    def __init__(self, machine: Machine, dump: Path) -> None:
        self._machine, self._dump = machine, dump

    def __enter__(self) -> Callable[[bytes], bool]:
        self._machine.qmp("pmemsave", val=RAM_AT, size=RAM_BYTES, filename=str(self._dump))
        self._file = self._dump.open("rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return lambda part: self._map.find(part) >= 0

    def __exit__(self, *_: object) -> None:
        self._map.close()
        self._file.close()
        self._dump.unlink()
