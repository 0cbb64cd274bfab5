"""Frames: the head's bytes are those of the C header."""

import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloister.channel.frames import (
    MAGIC,
    SENTENCES,
    BadFrame,
    EnclaveError,
    FrameHead,
    FrameType,
    attest_payload,
    frame,
    parse_head,
    sentence,
)

HEADER = (Path(__file__).parents[2] / "enclave/include/clo.h").read_text()
U64 = st.integers(0, (1 << 64) - 1)
U32 = st.integers(0, (1 << 32) - 1)


def _c_enum(name: str) -> dict[str, int]:
    body = re.search(rf"enum {name} \{{(.*?)\}}", HEADER, re.DOTALL)
    assert body
    text = re.sub(r"/\*.*?\*/", "", body.group(1), flags=re.DOTALL)
    return {key: int(value) for key, value in re.findall(r"CLO_(\w+) = (\d+)", text)}


def test_frame_types_are_those_of_the_c_header() -> None:
    assert _c_enum("clo_frame_type") == {k.name: k.value for k in FrameType if k < 32}


def test_error_codes_are_those_of_the_c_header() -> None:
    expected = {re.sub("^E_", "", key): value for key, value in _c_enum("clo_err").items()}
    assert expected == {code.name: code.value for code in EnclaveError}


def test_the_magic_is_that_of_the_c_header() -> None:
    assert f"#define CLO_FRAME_MAGIC 0x{MAGIC:x}u" in HEADER
    assert struct.pack("<I", MAGIC) == b"CLO1"


def test_every_code_has_its_own_sentence() -> None:
    assert set(SENTENCES) == set(EnclaveError)
    assert len(set(SENTENCES.values())) == len(SENTENCES)
    assert "does not know" in sentence(99)


@given(st.builds(FrameHead, st.sampled_from(FrameType), U64, U64, U32, U32, U64, U64, U64))
def test_parse_gives_back_what_was_written(head: FrameHead) -> None:
    assert len(head.to_bytes()) == 64
    assert parse_head(head.to_bytes(), limit=1 << 64) == head


def test_a_frame_is_its_head_and_its_payload() -> None:
    data = frame(FrameType.REQUEST, b"sealed", id=9, a=1, b=2)
    assert data[64:] == b"sealed"
    assert parse_head(data[:64], limit=6) == FrameHead(FrameType.REQUEST, 9, 6, 1, 2)


def test_refuses_a_payload_longer_than_the_callers_limit() -> None:
    with pytest.raises(BadFrame, match="has 6 bytes, at most 5"):
        parse_head(frame(FrameType.REQUEST, b"sealed")[:64], limit=5)


@pytest.mark.parametrize("length", [0, 63, 65])
def test_refuses_a_head_of_another_length(length: int) -> None:
    with pytest.raises(BadFrame):
        parse_head(frame(FrameType.CANCEL, bytes(8))[:length], limit=8)


@pytest.mark.parametrize("at", [0, 3, 56, 63])
def test_refuses_a_foreign_magic_and_reserved_bytes(at: int) -> None:
    data = bytearray(frame(FrameType.CANCEL))
    data[at] ^= 1
    with pytest.raises(BadFrame):
        parse_head(bytes(data), limit=0)


@pytest.mark.parametrize("kind", [0, 8, 15, 24, 1 << 31])
def test_refuses_an_unknown_type(kind: int) -> None:
    data = bytearray(frame(FrameType.CANCEL))
    data[4:8] = struct.pack("<I", kind)
    with pytest.raises(BadFrame, match=f"type {kind} is unknown"):
        parse_head(bytes(data), limit=0)


@given(st.binary(min_size=64, max_size=64))
def test_random_heads_raise_our_error_only(data: bytes) -> None:
    try:
        parse_head(data, limit=100)
    except BadFrame:
        return


@pytest.mark.parametrize(
    "head", [FrameHead(FrameType.TAIL, -1), FrameHead(FrameType.TAIL, a=1 << 32)]
)
def test_refuses_to_write_a_field_that_does_not_fit(head: FrameHead) -> None:
    with pytest.raises(BadFrame):
        head.to_bytes()


def test_attest_payload_is_two_times_and_the_nonce() -> None:
    assert attest_payload(1, 2, None) == struct.pack("<QQ", 1, 2)
    assert attest_payload(1, 2, b"8 bytes.") == struct.pack("<QQ", 1, 2) + b"8 bytes."


@pytest.mark.parametrize("length", [0, 7, 65])
def test_refuses_a_nonce_of_another_length(length: int) -> None:
    with pytest.raises(BadFrame):
        attest_payload(1, 2, bytes(length))


@pytest.mark.parametrize(("iat", "exp"), [(2, 2), (3, 2), (-1, 2), (1, 1 << 64)])
def test_refuses_a_life_that_does_not_end_after_its_beginning(iat: int, exp: int) -> None:
    with pytest.raises(BadFrame):
        attest_payload(iat, exp, None)
