"""Receipts: what an enclave signed about one request and its answer. COSE_Sign1 (RFC 9052).

The bytes are specified in docs/formats/receipt.md. A receipt is checked in these steps:

    (1) form        one COSE_Sign1 in deterministic CBOR, of this version's one form
    (2) signature   by the receipt key, which must come from appraised claims
    (3) manifest    the enclave was given the manifest that is expected
    (4) model       the enclave ran the model that is expected
    (5) request     the sealed request is the one that was sent
    (6) response    the sealed response is the one that was received
    (7) tail        what the enclave says of the tail's outputs is what its mode allows
    (8) time        the host's time lies in the life of the key that signed

Rules kept: the first failed step ends it, later ones are "not checked"; what is expected is an
argument, so is the key; nothing is fetched. The time is the host's word, and step 8 says so: it can
refuse, and never passes.

It appraises no evidence: verifier.py does. A receipt proves nothing without it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloister.attest.tee import Finding, Outcome, failed, not_checked, passed
from cloister.attest.verifier import Check, run_steps
from cloister.errors import Refused

RECEIPT_MAX_BYTES: Final = 320
TAIL_CHECKS: Final = {"split": "unchecked", "whole": "none"}
_COSE_SIGN1: Final = 18  # RFC 9052 section 4.2
_PROTECTED: Final = b"\xa1\x01\x27"  # {1: -8}: EdDSA
_U64: Final = 1 << 64


class BadReceipt(Refused):
    """A receipt that is not of this version's one form."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the receipt {what}", code="bad-receipt")


@dataclass(frozen=True)
class Receipt:
    """What the enclave signed.

    Args:
        host_time: Seconds since 1970 at which the request came: the host's word.
        manifest_digest: SHA-256 of manifest.json, as the host gave it when it loaded the enclave.
        model_digest: SHA-256 of the container's header, computed by the enclave.
        request_digest: SHA-256 of the sealed request.
        response_digest: SHA-256 of the sealed response.
        tail_check: How the outputs of the tail were checked: `unchecked`; `none`: no tail.
        signature: Ed25519, 64 bytes.
    """

    host_time: int
    manifest_digest: bytes
    model_digest: bytes
    request_digest: bytes
    response_digest: bytes
    tail_check: str
    signature: bytes

    @property
    def payload(self) -> bytes:
        """The signed map in deterministic CBOR."""
        return cbor2.dumps({key: getattr(self, n) for key, n, _ in _FIELDS}, canonical=True)

    @property
    def signed(self) -> bytes:
        """What the signature is over: Sig_structure of RFC 9052 section 4.4."""
        return cbor2.dumps(["Signature1", _PROTECTED, b"", self.payload], canonical=True)

    def to_bytes(self) -> bytes:
        """The COSE_Sign1."""
        content = [_PROTECTED, {}, self.payload, self.signature]
        return cbor2.dumps(cbor2.CBORTag(_COSE_SIGN1, content), canonical=True)

    @classmethod
    def from_bytes(cls, data: bytes) -> Receipt:
        """Reads a receipt; its signature is not looked at.

        Raises:
            BadReceipt: It is not COSE_Sign1 with EdDSA, not canonical, or a key is missing, unknown
                or ill-typed.
        """
        if len(data) > RECEIPT_MAX_BYTES:
            raise BadReceipt(f"has {len(data)} bytes, at most {RECEIPT_MAX_BYTES} are taken")
        tag = _decode(data, "is not CBOR")
        if type(tag) is not cbor2.CBORTag or tag.tag != _COSE_SIGN1:
            raise BadReceipt("is not a tagged COSE_Sign1")
        content = tag.value
        if type(content) not in (list, tuple) or len(content) != 4:
            raise BadReceipt("is not a COSE_Sign1 of four parts")
        protected, unprotected, payload, signature = content
        if protected != _PROTECTED:
            raise BadReceipt("is signed with another algorithm than EdDSA")
        if unprotected != {}:
            raise BadReceipt("has unprotected headers")
        if not _bytes(64)(signature):
            raise BadReceipt("has no signature of 64 bytes")
        receipt = cls(**_fields(payload), signature=signature)
        if receipt.to_bytes() != data:
            raise BadReceipt("is not in deterministic CBOR")
        return receipt


@dataclass(frozen=True)
class Expected:
    """What a receipt is compared with; None: not known, and then not checked.

    Args:
        manifest_digest: SHA-256 of the manifest in the appraised claims.
        model_digest: The model in the appraised claims.
        mode: `split` or `whole`, of the manifest.
        request_digest: SHA-256 of the sealed request that was sent.
        response_digest: SHA-256 of the sealed response that was received.
        key_life: `iat` and `exp` of the appraised claims, widened by the policy's clock skew.
    """

    manifest_digest: bytes
    model_digest: bytes
    mode: str
    request_digest: bytes | None = None
    response_digest: bytes | None = None
    key_life: tuple[float, float] | None = None


@dataclass(frozen=True)
class ReceiptResult:
    """What the check of a receipt found.

    Args:
        checks: One for each step, in order.
        receipt: What it says; None unless no step failed.
    """

    checks: tuple[Check, ...]
    receipt: Receipt | None

    @property
    def passed(self) -> bool:
        """No step failed, and all were reached."""
        return self.receipt is not None

    def require(self) -> Receipt:
        """The checked receipt.

        Raises:
            Refused: A step failed; the message holds its name and reason.
        """
        if self.receipt is None:
            check = next(check for check in self.checks if check.result is Outcome.FAILED)
            raise Refused(
                f"the enclave's receipt is refused ({check.name}): {check.reason}",
                code=f"receipt-{check.name}",
                hint=check.hint or "The answer that came with it is not to be believed.",
            )
        return self.receipt


def check_receipt(data: bytes, receipt_key: bytes, expected: Expected) -> ReceiptResult:
    """Checks a receipt, by the steps of this module's head.

    Args:
        data: The receipt, as it came with the answer.
        receipt_key: Ed25519 public key of appraised claims, 32 bytes.
        expected: What it must say.

    Returns:
        The result, also when it is a failure: nothing is raised for hostile bytes.
    """
    found: list[Receipt] = []

    def form() -> Finding:
        found.append(Receipt.from_bytes(data))
        return passed("one COSE_Sign1 of version 1, in its one form")

    def reading(step: Callable[[Receipt], Finding]) -> Callable[[], Finding]:
        return lambda: step(found[0])

    steps: list[tuple[str, Callable[[], Finding]]] = [
        # (1) form
        ("form", form),
        # (2) signature
        ("signature", reading(lambda r: _signature(r, receipt_key))),
        # (3) manifest
        ("manifest", reading(lambda r: _same(r.manifest_digest, expected.manifest_digest,
                                             "the manifest"))),
        # (4) model
        ("model", reading(lambda r: _same(r.model_digest, expected.model_digest, "the model"))),
        # (5) request
        ("request", reading(lambda r: _same(r.request_digest, expected.request_digest,
                                            "the sealed request"))),
        # (6) response
        ("response", reading(lambda r: _same(r.response_digest, expected.response_digest,
                                             "the sealed response"))),
        # (7) tail
        ("tail", reading(lambda r: _tail(r, expected.mode))),
        # (8) time
        ("time", reading(lambda r: _time(r, expected.key_life))),
    ]  # fmt: skip
    checks = tuple(run_steps(steps))
    good = all(check.result is not Outcome.FAILED for check in checks)
    return ReceiptResult(checks, found[0] if good else None)


def _signature(receipt: Receipt, key: bytes) -> Finding:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(receipt.signature, receipt.signed)
    except (InvalidSignature, ValueError):
        return failed(
            "the receipt key of the enclave's claims did not sign it",
            hint="It was changed, or is of another enclave than the evidence.",
        )
    return passed("signed by the receipt key of the enclave's claims")


def _same(found: bytes, expected: bytes | None, name: str) -> Finding:
    if expected is None:
        return not_checked(f"nobody said which {name.removeprefix('the ')} it must be of")
    if found != expected:
        return failed(f"it is of another {name.removeprefix('the ')}: {found.hex()}")
    return passed(f"it is of {name}")


def _tail(receipt: Receipt, mode: str) -> Finding:
    said, due = receipt.tail_check, TAIL_CHECKS.get(mode)
    if said != due:
        return failed(f"it says that the tail was {said!r:.40}, in {mode} it must say {due!r}")
    if said == "unchecked":
        return passed("it says that the host ran the tail, unchecked, and could choose the answer")
    return passed("it says that there is no tail: the enclave computed the answer")


def _time(receipt: Receipt, life: tuple[float, float] | None) -> Finding:
    said = f"the host said it was {_when(receipt.host_time)}"
    if life is not None and not life[0] <= receipt.host_time <= life[1]:
        return failed(f"{said}, outside the life of the key that signed")
    return not_checked(f"host clock: {said}")


def _when(seconds: int) -> str:
    try:
        when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (OverflowError, ValueError, OSError):
        return f"{seconds} seconds after 1970"
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _decode(data: object, wrong: str) -> Any:  # noqa: ANN401 hostile bytes may hold anything
    if type(data) is not bytes:
        raise BadReceipt(wrong)
    try:
        return cbor2.loads(data)
    # Tags run decoders of their own (dates, regular expressions...): any exception means hostile.
    except Exception as error:
        raise BadReceipt(wrong) from error


def _fields(payload: object) -> dict[str, Any]:
    fields = _decode(payload, "has a payload that is not CBOR")
    if type(fields) is not dict:
        raise BadReceipt("has a payload that is no CBOR map")
    values: dict[str, Any] = {}
    for key, name, check in _FIELDS:
        value = fields.pop(key, None)
        if value is None:
            raise BadReceipt(f"lacks {name} (key {key})")
        if not check(value):
            raise BadReceipt(f"has a {name} (key {key}) of another type or length")
        values[name] = value
    if fields:
        raise BadReceipt(f"has an unknown key {next(iter(fields))!r:.40}")
    return values


def _number(value: object) -> bool:
    return type(value) is int and 0 <= value < _U64


def _bytes(size: int) -> Callable[[object], bool]:
    return lambda value: type(value) is bytes and len(value) == size


def _text(value: object) -> bool:
    return type(value) is str and len(value) <= 16 and value.isprintable()


_FIELDS: Final[tuple[tuple[int, str, Callable[[object], bool]], ...]] = (
    (6, "host_time", _number),
    (-70003, "manifest_digest", _bytes(32)),
    (-70004, "model_digest", _bytes(32)),
    (-70009, "request_digest", _bytes(32)),
    (-70010, "response_digest", _bytes(32)),
    (-70011, "tail_check", _text),
)
