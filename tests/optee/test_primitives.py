"""The port's own primitives (armv8.c, x25519.c) against Python's hashlib and `cryptography`, and
RFC 7748.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloister.optee.machine import Machine

LENGTHS = (0, 1, 15, 16, 17, 31, 32, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 2048)
P = 2**255 - 19
# Where carries, the top bit and numbers above p show.
POINTS = (2, 9, P - 2, P + 2, P + 18, 2**51 - 1, 2**204, 2**255 + 9, 2**256 - 3)
# Of small order, in all encodings (RFC 7748, section 6.1), the top bit aside.
ORDER_8 = (
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
)
SMALL = (0, 1, *(int.from_bytes(bytes.fromhex(u), "little") for u in ORDER_8), P - 1, P, P + 1)


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


def product(scalar: bytes, point: bytes) -> str:
    """By `cryptography`."""
    own = X25519PrivateKey.from_private_bytes(scalar)
    return own.exchange(X25519PublicKey.from_public_bytes(point)).hex()


def test_x25519_gives_the_vectors_of_rfc_7748(machine: Machine) -> None:
    scalar = "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"
    point = "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"
    out = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    high = "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"
    high_point = "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"
    high_out = "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    assert answers(machine, [f"x25519 {scalar} {point}", f"x25519 {high} {high_point}"]) == [
        out,
        high_out,
    ]


def test_x25519_is_that_of_others(machine: Machine, random: Random) -> None:
    calls, expected = [], []
    for scalar in (bytes(32), bytes([255]) * 32, *(random.randbytes(32) for _ in range(6))):
        edges = [point.to_bytes(32, "little") for point in POINTS]
        points = edges + [random.randbytes(32) for _ in range(12)]
        calls.append(" ".join(["x25519", scalar.hex(), *(point.hex() for point in points)]))
        expected.append(" ".join(product(scalar, point) for point in points))
        calls.append(f"x25519 {scalar.hex()}")
        own = X25519PrivateKey.from_private_bytes(scalar)
        expected.append(own.public_key().public_bytes_raw().hex())
    assert answers(machine, calls) == expected


def test_x25519_refuses_every_point_of_small_order(machine: Machine, random: Random) -> None:
    points = [u + top for u in SMALL for top in (0, 2**255)]
    given = " ".join(point.to_bytes(32, "little").hex() for point in points)
    said = answers(machine, [f"x25519 {random.randbytes(32).hex()} {given}"])
    assert said == [" ".join(["refused"] * len(points))]
