"""The evidence document: claims and the TEE's evidence in one CMW collection of JSON.

Specified in docs/formats/claims.md. Rules kept:
* Exactly the members of the format (`endorsements` may be absent); a duplicate, missing or further
  one is refused.
* base64url without padding, in its one form.
* A size limit before anything is parsed.

It judges nothing: verifier.py does.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, Final

from cloister.errors import Refused

MEDIA_TYPE: Final = "application/cmw+json"
COLLECTION: Final = "tag:cloister.example,2026:evidence/1"
CLAIMS_MEDIA_TYPE: Final = "application/eat+cbor"
EVIDENCE_INDICATOR: Final = 4  # draft-ietf-rats-msg-wrap: bit 2, evidence
DOCUMENT_MAX_BYTES: Final = 256 * 1024
ENDORSEMENTS_INDICATOR: Final = 2  # bit 1, endorsements
_MEMBERS: Final = ("__cmwc_t", "claims", "evidence")
_OPTIONAL: Final = ("endorsements",)


class BadEvidence(Refused):
    """A document that is not of this version's form."""

    def __init__(self, what: str) -> None:
        super().__init__(f"evidence document: {what}", code="bad-evidence")


@dataclass(frozen=True)
class Evidence:
    """What the host hands out for its enclave.

    Args:
        claims: CBOR, as the enclave wrote it.
        media_type: Says which kind of TEE the evidence is of.
        evidence: The TEE's evidence over the claims' report data.
        endorsements: Media type and bytes of what vouches for the platform (collateral,
            certificates), if the host hands it out, too. Its manufacturer signed it.
    """

    claims: bytes
    media_type: str
    evidence: bytes
    endorsements: tuple[str, bytes] | None = None

    def to_bytes(self) -> bytes:
        """The document."""
        collection: dict[str, Any] = {
            "__cmwc_t": COLLECTION,
            "claims": [CLAIMS_MEDIA_TYPE, encode_base64url(self.claims), EVIDENCE_INDICATOR],
            "evidence": [self.media_type, encode_base64url(self.evidence), EVIDENCE_INDICATOR],
        }
        if self.endorsements is not None:
            kind, data = self.endorsements
            collection["endorsements"] = [kind, encode_base64url(data), ENDORSEMENTS_INDICATOR]
        return json.dumps(collection, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, document: bytes) -> Evidence:
        """Reads a document.

        Raises:
            BadEvidence: It is too long, not JSON, or has other members than the format's.
        """
        if len(document) > DOCUMENT_MAX_BYTES:
            raise BadEvidence(f"{len(document)} bytes, at most {DOCUMENT_MAX_BYTES} are taken")
        try:
            collection = json.loads(document.decode("utf-8"), object_pairs_hook=_no_duplicates)
        except (ValueError, RecursionError) as error:
            raise BadEvidence("it is not JSON") from error
        if not isinstance(collection, dict):
            raise BadEvidence("it is no JSON object")
        for member in collection:
            if member not in (*_MEMBERS, *_OPTIONAL):
                raise BadEvidence(f"it has an unknown member {member!r:.40}")
        for member in _MEMBERS:
            if member not in collection:
                raise BadEvidence(f"it lacks the member {member!r}")
        if collection["__cmwc_t"] != COLLECTION:
            raise BadEvidence(f"it is of another type than {COLLECTION}")
        claims_type, claims = _message(collection["claims"], "claims")
        if claims_type != CLAIMS_MEDIA_TYPE:
            raise BadEvidence(f"its claims are {claims_type!r:.80}, expected {CLAIMS_MEDIA_TYPE}")
        media_type, evidence = _message(collection["evidence"], "evidence")
        endorsements = None
        if "endorsements" in collection:
            value = collection["endorsements"]
            endorsements = _message(value, "endorsements", ENDORSEMENTS_INDICATOR)
        return cls(claims, media_type, evidence, endorsements)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadEvidence("it has a member twice")
    return members


def _message(value: object, member: str, indicator: int = EVIDENCE_INDICATOR) -> tuple[str, bytes]:
    """A CMW record: media type, base64url, indicator."""
    if (
        not isinstance(value, list)
        or len(value) != 3
        or not isinstance(value[0], str)
        or not isinstance(value[1], str)
        or type(value[2]) is not int
        or value[2] != indicator
    ):
        raise BadEvidence(f"its {member} is not [media type, base64url, {indicator}]")
    try:
        return value[0], decode_base64url(value[1])
    except ValueError as error:
        raise BadEvidence(f"its {member} is not base64url without padding") from error


def encode_base64url(data: bytes) -> str:
    """base64url without padding (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Reads base64url without padding, in its one form.

    Raises:
        ValueError: It has another alphabet, padding, or bits left over.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("not base64url") from error
    if encode_base64url(data) != text:
        raise ValueError("not in base64url's one form")
    return data
