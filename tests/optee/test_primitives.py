"""SHA-256 and AES-256-GCM of the port (armv8.c) against Python's hashlib and `cryptography`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloister.optee.machine import Machine

LENGTHS = (0, 1, 15, 16, 17, 31, 32, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 2048)


def hexed(data: bytes) -> str:
    return data.hex() or "-"


@pytest.fixture(scope="module")
def random() -> Iterator[Random]:
    yield Random(20261121)


def answers(machine: Machine, calls: list[str]) -> list[str]:
    """Runs the calls in a few commands: a line is at most some kilobytes long."""
    said: list[str] = []
    for call in calls:
        code, text = machine.shell(f"primitives {call}")
        assert code == 0, text
        said.append(text)
    return said


def test_sha_256_of_every_kind_of_length(machine: Machine, random: Random) -> None:
    data = [random.randbytes(n) for n in LENGTHS]
    expected = [hashlib.sha256(one).hexdigest() for one in data]
    assert answers(machine, [f"sha {hexed(one)}" for one in data]) == expected


def test_sealing_is_aes_256_gcm(machine: Machine, random: Random) -> None:
    calls, expected = [], []
    for n in LENGTHS:
        key, nonce, aad = random.randbytes(32), random.randbytes(12), random.randbytes(n % 37)
        plain = random.randbytes(n)
        calls.append(f"seal {key.hex()} {nonce.hex()} {hexed(aad)} {hexed(plain)}")
        expected.append(AESGCM(key).encrypt(nonce, plain, aad).hex())
    assert answers(machine, calls) == expected


def test_opening_gives_the_plaintext_and_refuses_every_changed_part(
    machine: Machine, random: Random
) -> None:
    calls, expected = [], []
    for n in (1, 16, 100):
        parts = [random.randbytes(size) for size in (32, 12, 20)]
        plain = random.randbytes(n)
        whole = AESGCM(parts[0]).encrypt(parts[1], plain, parts[2])
        parts += [whole[:-16], whole[-16:]]
        calls.append("open " + " ".join(part.hex() for part in parts))
        expected.append(plain.hex())
        for changed in range(5):
            wrong = list(parts)
            at = random.randrange(len(wrong[changed]))
            one = bytearray(wrong[changed])
            one[at] ^= 1 << random.randrange(8)
            wrong[changed] = bytes(one)
            calls.append("open " + " ".join(part.hex() for part in wrong))
            expected.append("refused")
    assert answers(machine, calls) == expected
