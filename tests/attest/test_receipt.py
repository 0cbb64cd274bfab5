"""The parser and the steps of receipts: each rule has its own refusal."""

from __future__ import annotations

from dataclasses import replace

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from cloister.attest.receipt import BadReceipt, Expected, Receipt, check_receipt
from cloister.errors import Refused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
MANIFEST, MODEL, REQUEST, RESPONSE = (bytes([i]) * 32 for i in range(1, 5))
PLAIN = Receipt(1_795_000_000, MANIFEST, MODEL, REQUEST, RESPONSE, "unchecked", bytes(64))
GOOD = Expected(MANIFEST, MODEL, "split", REQUEST, RESPONSE, (1_794_999_000, 1_795_003_600))
PROTECTED = b"\xa1\x01\x27"


def signed(receipt: Receipt = PLAIN) -> bytes:
    return replace(receipt, signature=KEY.sign(receipt.signed)).to_bytes()


def refusal(data: bytes, expected: Expected = GOOD, key: bytes = PUBLIC) -> str:
    """The step that refuses; empty when none does."""
    result = check_receipt(data, key, expected)
    failures = [check.name for check in result.checks if check.result == "failed"]
    assert (result.receipt is None) == bool(failures) and len(failures) <= 1
    assert [check.name for check in result.checks] == [
        "form", "signature", "manifest", "model", "request", "response", "tail", "time",
    ]  # fmt: skip
    return failures[0] if failures else ""


def test_accepts_what_was_signed() -> None:
    assert refusal(signed()) == ""
    assert check_receipt(signed(), PUBLIC, GOOD).require().host_time == 1_795_000_000


def test_parse_gives_back_what_was_written() -> None:
    assert Receipt.from_bytes(signed()).to_bytes() == signed()


@pytest.mark.parametrize(
    ("field", "value", "step"),
    [
        ("manifest_digest", MODEL, "manifest"),
        ("model_digest", MANIFEST, "model"),
        ("request_digest", RESPONSE, "request"),
        ("response_digest", REQUEST, "response"),
        ("tail_check", "none", "tail"),
        ("tail_check", "checked", "tail"),
        ("host_time", 1_794_998_999, "time"),
        ("host_time", 1_795_003_601, "time"),
        ("host_time", 2**64 - 1, "time"),
    ],
)
def test_each_step_refuses_what_was_signed_otherwise(field: str, value: object, step: str) -> None:
    assert refusal(signed(replace(PLAIN, **{field: value}))) == step


def test_refuses_a_change_after_signing() -> None:
    receipt = replace(Receipt.from_bytes(signed()), host_time=PLAIN.host_time + 1)
    assert refusal(receipt.to_bytes()) == "signature"


@pytest.mark.parametrize("key", [bytes(32), bytes(31), b"", b"\xff" * 32])
def test_refuses_another_key(key: bytes) -> None:
    assert refusal(signed(), key=key) == "signature"


def test_refuses_whole_where_split_was_promised() -> None:
    assert refusal(signed(), replace(GOOD, mode="whole")) == "tail"


def test_what_nobody_knows_is_not_checked_and_says_so() -> None:
    unknown = replace(GOOD, request_digest=None, response_digest=None, key_life=None)
    result = check_receipt(signed(), PUBLIC, unknown)
    names = [check.name for check in result.checks if check.result == "not checked"]
    assert result.passed and names == ["request", "response", "time"]


def test_host_time_never_passes() -> None:
    (check,) = [c for c in check_receipt(signed(), PUBLIC, GOOD).checks if c.name == "time"]
    assert check.result == "not checked" and "host clock" in check.reason


def test_steps_after_a_failure_are_not_reached() -> None:
    result = check_receipt(b"", PUBLIC, GOOD)
    assert {check.result for check in result.checks[1:]} == {"not checked"}
    with pytest.raises(Refused, match="form") as raised:
        result.require()
    assert raised.value.code == "receipt-form"


# ---- form


def cose(
    payload: object,
    *,
    protected: object = PROTECTED,
    unprotected: object = None,
    tag: int = 18,
    signature: object = bytes(64),
) -> bytes:
    content = [protected, {} if unprotected is None else unprotected, payload, signature]
    return cbor2.dumps(cbor2.CBORTag(tag, content), canonical=True)


FIELDS: dict[object, object] = cbor2.loads(PLAIN.payload)


def payload(**changes: object) -> bytes:
    names = {"time": 6, "manifest": -70003, "request": -70009, "tail": -70011, "more": 7}
    fields = {**FIELDS, **{names[name]: value for name, value in changes.items()}}
    return cbor2.dumps({k: v for k, v in fields.items() if v is not ...}, canonical=True)


SHUFFLED = cbor2.dumps(dict(reversed(list(FIELDS.items()))))
LONG_NUMBER = b"\xa6\x06\x1b" + PLAIN.host_time.to_bytes(8, "big") + PLAIN.payload[7:]
TWICE = b"\xa7\x06\x00" + PLAIN.payload[1:]

BAD = {
    "empty": (b"", "is not CBOR"),
    "not-cbor": (b"\xff" * 9, "is not CBOR"),
    "untagged": (cbor2.dumps([PROTECTED, {}, payload(), bytes(64)]), "tagged COSE_Sign1"),
    "other-tag": (cose(payload(), tag=17), "tagged COSE_Sign1"),
    "three-parts": (cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {}, payload()])), "four parts"),
    "five-parts": (cbor2.dumps(cbor2.CBORTag(18, [PROTECTED, {}, b"", b"", b""])), "four parts"),
    "other-algorithm": (cose(payload(), protected=b"\xa1\x01\x26"), "another algorithm"),
    "no-algorithm": (cose(payload(), protected=b""), "another algorithm"),
    "unprotected": (cose(payload(), unprotected={1: -8}), "unprotected headers"),
    "detached": (cose(None), "payload that is not CBOR"),
    "payload-not-a-map": (cose(cbor2.dumps([1])), "no CBOR map"),
    "short-signature": (cose(payload(), signature=bytes(63)), "signature of 64 bytes"),
    "text-signature": (cose(payload(), signature="x" * 64), "signature of 64 bytes"),
    "missing": (cose(payload(request=...)), "lacks request_digest"),
    "unknown": (cose(payload(more=1)), "unknown key 7"),
    "negative-time": (cose(payload(time=-1)), "host_time"),
    "true-time": (cose(payload(time=True)), "host_time"),
    "short-digest": (cose(payload(manifest=bytes(31))), "manifest_digest"),
    "long-digest": (cose(payload(manifest=bytes(33))), "manifest_digest"),
    "text-digest": (cose(payload(manifest="x" * 32)), "manifest_digest"),
    "tail-not-text": (cose(payload(tail=1)), "tail_check"),
    "tail-too-long": (cose(payload(tail="x" * 17)), "tail_check"),
    "tail-unprintable": (cose(payload(tail="a\nb")), "tail_check"),
    "other-order": (cose(SHUFFLED), "deterministic"),
    "longer-number": (cose(LONG_NUMBER), "deterministic"),
    "key-twice": (cose(TWICE), "deterministic"),
    "trailing": (cose(payload()) + b"\0", "deterministic|not CBOR"),
    "trailing-in-payload": (cose(payload() + b"\0"), "deterministic|not CBOR"),
    "too-long": (bytes(321), "at most 320"),
}


@pytest.mark.parametrize("form", BAD)
def test_refuses_another_form(form: str) -> None:
    data, why = BAD[form]
    with pytest.raises(BadReceipt, match=why):
        Receipt.from_bytes(data)
    assert refusal(data) == "form"


@given(st.binary(max_size=330))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    assert refusal(data) == "form"


@given(
    st.integers(0, 2**64 - 1),
    st.lists(st.binary(min_size=32, max_size=32), min_size=4, max_size=4),
    st.sampled_from(["unchecked", "none"]),
)
def test_parse_of_write_is_the_same(time: int, digests: list[bytes], tail: str) -> None:
    receipt = Receipt(time, *digests, tail, bytes(64))
    assert Receipt.from_bytes(receipt.to_bytes()) == receipt
