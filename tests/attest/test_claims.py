"""Claims have one form: what is not exactly it is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import cbor2
import pytest
from attest.fake_enclave import FakeEnclave
from hypothesis import given
from hypothesis import strategies as st

from cloister.attest.claims import BadClaims, Claims, report_data

CLAIMS = FakeEnclave().claims(b"8 bytes.")
DATA = CLAIMS.to_bytes()
FIELDS = cbor2.loads(DATA)


def encoded(fields: object) -> bytes:
    return cbor2.dumps(fields, canonical=True)


def test_bytes_are_those_of_the_format() -> None:
    """Heads written by hand from RFC 8949: what the enclave's C writes."""
    claims = Claims(
        exp=0x65, iat=0x17, nonce=b"8 bytes.", debug_status=0, key_config=bytes(41),
        receipt_key=bytes(32), manifest_digest=bytes(32), model_digest=bytes(32),
        engine_version="0.1.0", tee="sandbox", level="", kernels="avx2",
    )  # fmt: skip
    profile = b"tag:cloister.example,2026:eat/1"
    assert claims.to_bytes() == b"".join(
        [
            bytes.fromhex("ad 04 1865 06 17 0a 48") + b"8 bytes.",
            bytes.fromhex("190107 00 190109 78") + bytes([len(profile)]) + profile,
            bytes.fromhex("3a00011170 5829") + bytes(41),
            bytes.fromhex("3a00011171 5820") + bytes(32),
            bytes.fromhex("3a00011172 5820") + bytes(32),
            bytes.fromhex("3a00011173 5820") + bytes(32),
            bytes.fromhex("3a00011174 65") + b"0.1.0",
            bytes.fromhex("3a00011175 67") + b"sandbox",
            bytes.fromhex("3a00011176 60"),
            bytes.fromhex("3a00011177 64") + b"avx2",
        ]
    )


@given(
    st.builds(
        replace,
        st.just(CLAIMS),
        exp=st.integers(0, (1 << 64) - 1),
        iat=st.integers(0, (1 << 64) - 1),
        nonce=st.none() | st.binary(min_size=8, max_size=64),
        debug_status=st.integers(0, 1),
        manifest_digest=st.binary(min_size=32, max_size=32),
        level=st.sampled_from(["", "seccomp", "seccomp,nonet"]),
    )
)
def test_read_gives_back_what_was_written(claims: Claims) -> None:
    assert Claims.from_bytes(claims.to_bytes()) == claims


def test_refuses_or_notices_any_byte_flipped() -> None:
    for at in range(len(DATA)):
        for bit in range(8):
            flipped = bytearray(DATA)
            flipped[at] ^= 1 << bit
            try:
                assert Claims.from_bytes(bytes(flipped)) != CLAIMS
            except BadClaims:
                continue


def test_refuses_claims_cut_at_any_length() -> None:
    for length in range(len(DATA)):
        with pytest.raises(BadClaims):
            Claims.from_bytes(DATA[:length])


def test_refuses_bytes_after_the_claims() -> None:
    with pytest.raises(BadClaims, match="deterministic"):
        Claims.from_bytes(DATA + b"\x00")


@pytest.mark.parametrize("key", [key for key in FIELDS if key != 10])
def test_refuses_a_missing_claim(key: int) -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(encoded({k: v for k, v in FIELDS.items() if k != key}))


@pytest.mark.parametrize("key", [0, 8, 273, -70009, "tee", b"tee"])
def test_refuses_an_unknown_claim(key: object) -> None:
    with pytest.raises(BadClaims, match="unknown key"):
        Claims.from_bytes(encoded({**FIELDS, key: 1}))


@pytest.mark.parametrize("key", list(FIELDS))
@pytest.mark.parametrize(
    "value",
    [None, True, -1, 1 << 64, 1.0, 7, "text", b"bytes", [], {}, cbor2.CBORTag(1, 0)],
    ids=repr,
)
def test_refuses_a_claim_of_another_type(key: int, value: object) -> None:
    fits = {
        4: type(value) is int and 0 <= value < 1 << 64,
        6: type(value) is int and 0 <= value < 1 << 64,
    }.get(key, key in (-70005, -70006, -70007, -70008) and isinstance(value, str))
    data = encoded({**FIELDS, key: value})
    if fits:
        assert Claims.from_bytes(data)
    else:
        with pytest.raises(BadClaims):
            Claims.from_bytes(data)


@pytest.mark.parametrize(
    ("key", "length"),
    [(10, 7), (10, 65), (-70001, 40), (-70002, 31), (-70003, 33), (-70004, 0)],
)
def test_refuses_a_claim_of_another_length(key: int, length: int) -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(encoded({**FIELDS, key: bytes(length)}))


@pytest.mark.parametrize("text", ["a\nb", "a\x00b", "x" * 257, "\x1b[31m"])
def test_refuses_text_that_could_disturb_a_terminal_or_a_log(text: str) -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(encoded({**FIELDS, -70007: text}))


def test_refuses_another_profile() -> None:
    with pytest.raises(BadClaims, match="profile"):
        Claims.from_bytes(encoded({**FIELDS, 265: "tag:cloister.example,2026:eat/2"}))


def test_refuses_a_key_that_is_there_twice() -> None:
    twice = bytes([DATA[0] + 1]) + DATA[1:] + bytes.fromhex("3a00011177 64") + b"avx2"
    with pytest.raises(BadClaims):
        Claims.from_bytes(twice)
    first = bytes([DATA[0] + 1]) + bytes.fromhex("0400") + DATA[1:]
    assert cbor2.loads(first)[4] == CLAIMS.exp
    with pytest.raises(BadClaims):
        Claims.from_bytes(first)


def test_refuses_claims_in_another_order() -> None:
    other = cbor2.dumps(dict(reversed(FIELDS.items())))
    assert cbor2.loads(other) == FIELDS
    with pytest.raises(BadClaims, match="deterministic"):
        Claims.from_bytes(other)


def test_refuses_a_map_without_a_stated_length() -> None:
    other = b"\xbf" + DATA[1:] + b"\xff"
    assert cbor2.loads(other) == FIELDS
    with pytest.raises(BadClaims, match="deterministic"):
        Claims.from_bytes(other)


def test_refuses_a_number_that_is_longer_than_it_must_be() -> None:
    at = DATA.index(bytes.fromhex("190107")) + 3
    other = DATA[:at] + b"\x18\x00" + DATA[at + 1 :]
    assert cbor2.loads(other) == FIELDS
    with pytest.raises(BadClaims, match="deterministic"):
        Claims.from_bytes(other)


def test_refuses_claims_inside_a_tag() -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(b"\xd9\xd9\xf7" + DATA)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80",
        b"\xf6",
        b"\x81" * 4000,
        b"\xa1" * 4000,
        b"\x5b" + b"\xff" * 8,
        b"\xd8\x23\x61(",
    ],
    ids=["empty", "list", "null", "deep lists", "deep maps", "huge bytes", "bad regex"],
)
def test_refuses_hostile_cbor_with_our_error(data: bytes) -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(data)


def test_refuses_claims_that_are_too_long_without_parsing_them() -> None:
    with pytest.raises(BadClaims, match="at most 4096"):
        Claims.from_bytes(DATA + bytes(4096))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_with_our_error_only(data: bytes) -> None:
    with pytest.raises(BadClaims):
        Claims.from_bytes(data)


def test_report_data_is_the_digest_of_prefix_and_claims() -> None:
    expected = hashlib.sha512(b"cloister/v1 report-data\x00" + DATA).digest()
    assert report_data(DATA) == expected
    assert len(expected) == 64
