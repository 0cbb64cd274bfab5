"""Sealed weights in a real OP-TEE: the key is released once, kept on the device, and the weights
stand nowhere in the normal world's memory.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import PAGE_KEY, X, ask, invoke, load, sealed, soon, start_sealed, unlock
from serve.http_kit import serving

from cloister.attest.policy import Policy, policy_text
from cloister.broker.app import Broker
from cloister.broker.app import app as broker_app
from cloister.broker.keyring import Keyring
from cloister.broker.seal import seal
from cloister.channel.frames import EnclaveError
from cloister.channel.message import ALIGN
from cloister.client import Client
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import EnclaveRefused, Locked, Ready, Response
from cloister.errors import OutsideError
from cloister.optee import parts
from cloister.optee.lab import Lab
from cloister.optee.machine import Boot, Machine
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, plan
from cloister.pack.bundle import Bundle
from cloister.pack.sealing import seal_container
from cloister.serve.keys import KeyWithheld

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


@pytest.mark.parametrize("wrong", ["key", "claims"])
def test_a_wrong_key_is_neither_used_nor_kept(
    machine: Machine, sealed_head: HeadFile, wrong: str
) -> None:
    """Neither a key of other weights nor one that was sealed for other claims."""
    with closing(OpteeEnclave(sealed_head, machine=machine)) as enclave:
        locked = start_sealed(enclave, sealed_head)
        assert isinstance(locked, Locked)
        with pytest.raises(EnclaveRefused) as caught:
            if wrong == "key":
                unlock(enclave, locked, key=PAGE_KEY[::-1])
            else:
                unlock(enclave, locked, claims=b"other claims")
        assert caught.value.error is EnclaveError.CRYPTO
    with closing(OpteeEnclave(sealed_head, machine=machine)) as enclave:
        assert isinstance(start_sealed(enclave, sealed_head), Locked)


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
    machine: Machine, tmp_path: Path
) -> None:
    """All of the guest's memory is searched after a load and an inference. The same search finds
    what did pass: the sealed messages, the sealed pages, a word of ours; and, after the plain
    container was loaded, its weights. All of it is drawn anew: others' tests left things there.
    """
    drawn = np.random.default_rng(int.from_bytes(os.urandom(8), "little"))
    w, x = (drawn.normal(size=X.size).astype(np.float32) for _ in range(2))
    plain, path = tmp_path / "plain.clo", tmp_path / "sealed.clo"
    plain.write_bytes(tiny_bundle.container(w, whole=True))
    page_key = os.urandom(32)
    seal_container(plain, page_key, os.urandom(16), path)
    control = os.urandom(24).hex().encode()
    with HeadFile(path) as head, closing(OpteeEnclave(head, machine=machine)) as enclave:
        locked = start_sealed(enclave, head)
        assert isinstance(locked, Locked)
        ready = unlock(enclave, locked, key=page_key)
        request, exchange = sealed(ready, x.reshape(X.shape))
        response = enclave.link.request(1, request, deadline=soon())
        assert isinstance(response, Response)
        answer = exchange.open_response(bytes(response.sealed))
        stored = path.read_bytes()[-w.nbytes :]
        machine.shell(f"echo {control.decode()} > /tmp/control")
        with Memory(machine, tmp_path / "ram") as ram:
            assert ram(control)
            # Pages that came later may lie over the request; nothing came after the answer.
            passed = windows(request) + windows(bytes(response.sealed))
            assert any(ram(part) for part in passed)
            assert any(ram(part) for part in windows(stored))
            for secret in (w.tobytes(), x.tobytes(), answer[256:]):
                assert not any(ram(part) for part in windows(secret))
            assert not ram(page_key)
    with HeadFile(plain) as head, closing(OpteeEnclave(head, machine=machine)) as enclave:
        request, _ = sealed(load(enclave, head), x.reshape(X.shape))
        enclave.link.request(1, request, deadline=soon())  # streamed pages come with it
        with Memory(machine, tmp_path / "ram") as ram:
            assert any(ram(part) for part in windows(w.tobytes()))


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


def test_a_sealed_bundle_on_a_device_from_its_owners_broker_to_its_answer(
    lab: Lab, tmp_path: Path
) -> None:
    """seal, up, broker, unlock, infer; then a reboot, and nobody needs the broker, because storage
    that is kept keeps the key. The broker releases it to this device only.
    """
    plain = tiny_bundle.write(tmp_path / "bundle", whole=True)
    with HeadFile(plain.head) as head:
        sizes = plan(Need.of(head, REPLAY_ENTRIES), PLATFORMS["stock"]).require().sizes
    # This container, made by hand, has no room for a tag; those of `pack` have.
    sizes = replace(sizes, memory_bytes=sizes.memory_bytes + ALIGN)
    Parts.make(lab, sizes).write(plain.path)
    keyring = Keyring.create(tmp_path / "keys", "six random words for a test of OP-TEE")
    bundle = seal(plain.path, keyring, tmp_path / "sealed").bundle
    made = Parts.read(bundle.path)
    assert made is not None
    boot = Boot(
        made.application,
        made.daemon,
        ("--bundle", f"/{parts.GUEST_BUNDLE}"),
        parts.guest_files(bundle.path),
        tmp_path / "storage.disk",
    )
    policy = tmp_path / "policy.toml"

    def write_policy(device_key: str) -> Policy:
        fields = f'device_keys = ["{device_key}"]\nallow_unattested = true\n'
        manifest = bundle.manifest
        policy.write_text(
            policy_text(
                manifest.digest,
                model_digest=manifest.model_digest,
                tees=("optee",),
                tables={"optee": fields},
            )
        )
        return Policy.load(policy)

    with serving(broker_app(Broker(policy, keyring))) as broker, Machine(lab, boot) as machine:
        address = f"optee://127.0.0.1:{machine.port}"
        write_policy("00" * 32)
        with pytest.raises(KeyWithheld):
            invoke("unlock", address, "--broker", broker)
        told = invoke("enrol", address, "--devices", str(tmp_path / "devices.toml"))
        right = write_policy(str(told["device_key"]))
        with Client(address, right) as client, pytest.raises(OutsideError) as caught:
            client.infer(X)
        assert caught.value.code == "device-locked"
        assert invoke("unlock", address, "--broker", broker)["brought"] is True
        assert invoke("unlock", address, "--broker", broker)["brought"] is False
        with Client(address, right) as client:
            (y,) = client.infer(X).outputs
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())
    with (
        Machine(lab, boot) as machine,
        Client(f"optee://127.0.0.1:{machine.port}", right) as client,
    ):
        (y,) = client.infer(X).outputs
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())
