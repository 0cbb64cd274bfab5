"""The evidence document has exactly its members."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloister.attest.evidence import (
    DOCUMENT_MAX_BYTES,
    BadEvidence,
    Evidence,
    decode_base64url,
    encode_base64url,
)

EVIDENCE = Evidence(b"claims", "application/x", b"evidence")
DOCUMENT = EVIDENCE.to_bytes()
MEMBERS: dict[str, Any] = json.loads(DOCUMENT)


def test_a_document_is_a_cmw_collection() -> None:
    assert MEMBERS == {
        "__cmwc_t": "tag:cloister.example,2026:evidence/1",
        "claims": ["application/eat+cbor", "Y2xhaW1z", 4],
        "evidence": ["application/x", "ZXZpZGVuY2U", 4],
    }


@given(st.binary(max_size=200), st.text(max_size=40), st.binary(max_size=200))
def test_read_gives_back_what_was_written(claims: bytes, kind: str, evidence: bytes) -> None:
    made = Evidence(claims, kind, evidence)
    assert Evidence.from_bytes(made.to_bytes()) == made


def _refused(members: object) -> None:
    with pytest.raises(BadEvidence):
        Evidence.from_bytes(json.dumps(members).encode())


@pytest.mark.parametrize("member", list(MEMBERS))
def test_refuses_a_missing_member(member: str) -> None:
    _refused({name: value for name, value in MEMBERS.items() if name != member})


def test_refuses_a_further_member() -> None:
    _refused({**MEMBERS, "results": MEMBERS["evidence"]})


def test_endorsements_may_be_there_with_their_own_indicator() -> None:
    made = Evidence(b"claims", "application/x", b"evidence", ("application/y", b"chain"))
    document = made.to_bytes()
    assert json.loads(document)["endorsements"] == ["application/y", "Y2hhaW4", 2]
    assert Evidence.from_bytes(document) == made
    _refused({**MEMBERS, "endorsements": MEMBERS["evidence"]})
    _refused({**MEMBERS, "endorsements": None})


@pytest.mark.parametrize("member", list(MEMBERS))
def test_refuses_a_member_that_is_there_twice(member: str) -> None:
    twice = DOCUMENT[:-1] + f',"{member}":{json.dumps(MEMBERS[member])}}}'.encode()
    assert json.loads(twice) == MEMBERS
    with pytest.raises(BadEvidence, match="twice"):
        Evidence.from_bytes(twice)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        {},
        [],
        ["application/eat+cbor", "Y2xhaW1z"],
        ["application/eat+cbor", "Y2xhaW1z", 4, 4],
        ["application/eat+cbor", "Y2xhaW1z", 2],
        ["application/eat+cbor", "Y2xhaW1z", 4.0],
        ["application/eat+cbor", "Y2xhaW1z", True],
        ["application/eat+cbor", 4, 4],
        [4, "Y2xhaW1z", 4],
        ["application/eat+cbor", "Y2xhaW1z==", 4],
        ["application/eat+cbor", "Y2xhaW1+", 4],
        ["application/eat+cbor", "Y2xha W1z", 4],
        ["application/eat+cbor", "Y2xhaW1zA", 4],
        ["application/eat+cbor", "Y2xhaW1zAB", 4],
        ["application/eat+cbor", "Ÿ2xhaW1z", 4],
        ["application/eat+json", "Y2xhaW1z", 4],
    ],
    ids=str,
)
def test_refuses_claims_of_another_form(value: object) -> None:
    _refused({**MEMBERS, "claims": value})


def test_refuses_another_collection() -> None:
    _refused({**MEMBERS, "__cmwc_t": "tag:cloister.example,2026:evidence/2"})


@pytest.mark.parametrize(
    "document",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 10_000, b"1" * 10_000],
    ids=["empty", "cut", "null", "list", "not UTF-8", "deep", "deep objects", "long number"],
)
def test_refuses_what_is_no_object(document: bytes) -> None:
    with pytest.raises(BadEvidence):
        Evidence.from_bytes(document)


def test_refuses_a_document_cut_at_any_length() -> None:
    for length in range(len(DOCUMENT)):
        with pytest.raises(BadEvidence):
            Evidence.from_bytes(DOCUMENT[:length])


def test_refuses_a_document_that_is_too_long_without_parsing_it() -> None:
    with pytest.raises(BadEvidence, match="at most"):
        Evidence.from_bytes(DOCUMENT + b" " * DOCUMENT_MAX_BYTES)


@given(st.binary(max_size=100))
def test_base64url_has_one_form(data: bytes) -> None:
    text = encode_base64url(data)
    assert "=" not in text and decode_base64url(text) == data


@pytest.mark.parametrize("text", ["A", "AB", "AAA=", "A/A+", "AA\n", " AAA", "é"])
def test_refuses_base64url_in_another_form(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decode_base64url(text)
