"""An answer's receipt with all that is needed to appraise it later, elsewhere, without a network.

Specified in docs/formats/receipt.md, "Receipt file". It holds the receipt, the evidence of the
enclave that signed it, the nonce that the client had asked with, and manifest.json: what
`cloister infer --receipt FILE` keeps and `cloister verify FILE --at TIME` reads. Nothing secret is
in it: of input and answer only digests of their sealed bytes.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from cloister.attest.claims import Claims
from cloister.attest.evidence import DOCUMENT_MAX_BYTES, decode_base64url, encode_base64url
from cloister.attest.policy import Policy
from cloister.attest.receipt import Expected, Receipt, ReceiptResult, check_receipt
from cloister.attest.tee import Outcome, Tee
from cloister.attest.tees import TEES
from cloister.attest.verifier import MANIFEST_MAX_BYTES, AttestationResult, Check, appraise
from cloister.errors import UserError

FORMAT: Final = "cloister-receipt/1"
FILE_MAX_BYTES: Final = 2 * (DOCUMENT_MAX_BYTES + MANIFEST_MAX_BYTES)
_MEMBERS: Final = ("format", "receipt", "nonce", "evidence", "manifest")


@dataclass(frozen=True)
class Proof:
    """What a receipt file holds.

    Args:
        receipt: COSE_Sign1.
        nonce: With which the evidence was asked for; None if with none.
        document: The evidence document.
        manifest: Bytes of manifest.json.
    """

    receipt: bytes
    nonce: bytes | None
    document: bytes
    manifest: bytes

    def to_bytes(self) -> bytes:
        """The file: JSON in UTF-8."""
        fields = {
            "format": FORMAT,
            "receipt": encode_base64url(self.receipt),
            "nonce": None if self.nonce is None else encode_base64url(self.nonce),
            "evidence": json.loads(self.document),
            "manifest": self.manifest.decode("utf-8"),
        }
        return json.dumps(fields, indent=1, ensure_ascii=False).encode() + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Reads a receipt file.

        Raises:
            UserError: It is none.
        """
        try:
            fields = json.loads(content.decode("utf-8"))
            if tuple(fields) != _MEMBERS or fields["format"] != FORMAT:
                raise ValueError("other members")
            nonce = fields["nonce"]
            return cls(
                decode_base64url(fields["receipt"]),
                None if nonce is None else decode_base64url(nonce),
                json.dumps(fields["evidence"], separators=(",", ":")).encode(),
                fields["manifest"].encode("utf-8"),
            )
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise UserError(
                "it is no receipt file of this version",
                code="bad-receipt-file",
                hint="`cloister infer --receipt FILE` writes one.",
            ) from error

    def facts(self) -> dict[str, str | int]:
        """What the receipt says of the answer.

        Raises:
            BadReceipt: It is none.
        """
        said = Receipt.from_bytes(self.receipt)
        return {
            "host_time": said.host_time,
            "request_sha256": said.request_digest.hex(),
            "response_sha256": said.response_digest.hex(),
            "tail_check": said.tail_check,
        }

    def appraise(
        self,
        policy: Policy,
        *,
        now: float,
        nonce: bytes | None = None,
        collateral: Sequence[bytes] = (),
        tees: Mapping[str, Tee] = TEES,
    ) -> AttestationResult:
        """Appraises the evidence as of a time, then the receipt against its claims.

        Args:
            policy: What is accepted.
            now: Seconds since 1970: as of when.
            nonce: What the evidence was asked with, if the caller knows it; None: what the file
                says.
            collateral: Endorsements of the caller's own.
            tees: The kinds of TEE; for tests.

        Returns:
            The Verifier's steps, then the receipt's, named `receipt-...`.
        """
        result = appraise(
            self.document,
            self.manifest,
            policy,
            nonce=self.nonce if nonce is None else nonce,
            now=now,
            collateral=collateral,
            tees=tees,
        )
        if result.claims is None:
            stop = next(check.name for check in result.checks if check.result is Outcome.FAILED)
            reason = f"not reached: {stop} failed"
            unread = Check("receipt", Outcome.NOT_CHECKED, reason)
            return dataclasses.replace(result, checks=(*result.checks, unread))
        mode = json.loads(self.manifest).get("mode")
        found = check(self.receipt, result.claims, str(mode), policy)
        named = [dataclasses.replace(one, name=f"receipt-{one.name}") for one in found.checks]
        said = self.facts() if found.receipt else {}
        facts = {**result.facts, **{f"receipt_{name}": str(said[name]) for name in said}}
        checks = (*result.checks, *named)
        if found.receipt is None:
            return AttestationResult(result.kind, checks, facts=facts)
        return dataclasses.replace(result, checks=checks, facts=facts)


def is_proof(content: bytes) -> bool:
    """Whether a file begins as a receipt file does."""
    return content[:200].lstrip(b" \n\t{").startswith(b'"format": "cloister-receipt/')


def check(
    receipt: bytes,
    claims: Claims,
    mode: str,
    policy: Policy,
    exchanged: tuple[bytes, bytes] | None = None,
) -> ReceiptResult:
    """Checks a receipt against appraised claims.

    Args:
        receipt: COSE_Sign1.
        claims: Of the enclave that must have signed it.
        mode: `split` or `whole`, of the manifest.
        policy: For its clock skew.
        exchanged: The sealed request that was sent, and the sealed response that came; None: not
            known any more.
    """
    skew = policy.max_clock_skew_s
    expected = Expected(
        manifest_digest=claims.manifest_digest,
        model_digest=claims.model_digest,
        mode=mode,
        request_digest=exchanged and hashlib.sha256(exchanged[0]).digest(),
        response_digest=exchanged and hashlib.sha256(exchanged[1]).digest(),
        key_life=(claims.iat - skew, claims.exp + skew),
    )
    return check_receipt(receipt, claims.receipt_key, expected)
