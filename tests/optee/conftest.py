"""One laboratory and one booted machine for all tests here; skipped, with the reason, where there can be none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle

from cloister.channel.message import Array, read_message, write_message
from cloister.channel.ohttp import Exchange, KeyConfig, seal_request
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import Ready, Response
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.lab import Lab, NoLab, set_up
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, largest_instance
from cloister.pack.bundle import Bundle
from cloister.pack.manifest import Tensor

PROBE = Path(__file__).parent / "probe.c"
APPLICATION = f"/lib/optee_armtz/{build.UUID}.ta"
ANSWER_BYTES = 65536
DEADLINE_S = 60.0

X = np.linspace(-2, 2, tiny_bundle.FEATURES, dtype=np.float32).reshape(1, -1)


def soon() -> float:
    return time.monotonic() + DEADLINE_S


@pytest.fixture(scope="session")
def lab() -> Lab:
    try:
        return set_up()
    except NoLab as reason:
        pytest.skip(f"{reason.message} {reason.hint}")


@pytest.fixture(scope="session")
def sizes() -> Sizes:
    """The largest application that a stock OP-TEE takes."""
    return Sizes(largest_instance(PLATFORMS["stock"]))


@pytest.fixture(scope="session")
def application(lab: Lab, sizes: Sizes) -> bytes:
    return build.trusted_application(lab, sizes)


@pytest.fixture(scope="session")
def machine(lab: Lab, application: bytes, sizes: Sizes) -> Iterator[Machine]:
    beyond = Sizes(sizes.memory_bytes + 4096)
    files = {
        "usr/bin/probe": build.guest_program(lab, PROBE),
        "ta/right": application,
        "ta/beyond": build.trusted_application(lab, beyond),
        "ta/flipped": flipped(application),
        "ta/foreign": signed_by_another_key(application),
    }
    with Machine(lab, Boot(application, build.daemon(lab), files=files)) as booted:
        yield booted


@pytest.fixture
def other_application(machine: Machine) -> Iterator[Callable[[str], None]]:
    """Puts another file in the application's place, until the test ends."""

    def put(name: str) -> None:
        assert machine.shell(f"cp /ta/{name} {APPLICATION}") == (0, "")

    yield put
    put("right")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """y = x * w, wholly inside, its weights streamed."""
    return tiny_bundle.write(tmp_path / "bundle", whole=True)


@pytest.fixture
def head(bundle: Bundle) -> Iterator[HeadFile]:
    with HeadFile(bundle.head) as file:
        yield file


@pytest.fixture
def enclave(machine: Machine, head: HeadFile) -> Iterator[OpteeEnclave]:
    started = OpteeEnclave(head, machine=machine)
    yield started
    started.close()


def load(enclave: OpteeEnclave, head: HeadFile) -> Ready:
    return enclave.link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())


def sealed(ready: Ready, *inputs: Array) -> tuple[bytes, Exchange]:
    return seal_request(KeyConfig.from_bytes(ready.key_config), write_message(list(inputs)))


def ask(
    enclave: OpteeEnclave, ready: Ready, request_id: int, x: Array, outputs: tuple[Tensor, ...]
) -> list[Array]:
    """Seals, asks, opens."""
    request, exchange = sealed(ready, x)
    response = enclave.link.request(request_id, request, deadline=soon())
    assert isinstance(response, Response)
    return read_message(exchange.open_response(bytes(response.sealed)), outputs, allowed_flags=0).tensors


def flipped(application: bytes) -> bytes:
    """With one bit of its code changed."""
    changed = bytearray(application)
    changed[len(changed) // 2] ^= 1
    return bytes(changed)


def signed_by_another_key(application: bytes) -> bytes:
    """The same image, rightly signed by a key that OP-TEE does not know (struct shdr of OP-TEE's signed_header.h)."""
    import struct

    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

    hash_bytes, sig_bytes = struct.unpack_from("<HH", application, 16)
    digest = application[20 : 20 + hash_bytes]
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), hash_bytes)
    key = rsa.generate_private_key(65537, sig_bytes * 8)
    sig = key.sign(digest, pss, utils.Prehashed(hashes.SHA256()))
    return application[: 20 + hash_bytes] + sig + application[20 + hash_bytes + sig_bytes :]


__all__ = ["REPLAY_ENTRIES", "X", "ask", "load", "sealed", "soon"]
