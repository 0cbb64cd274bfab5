"""The sandbox's evidence: signed by a key that the process made at its start.

Specified in docs/formats/claims.md. It binds claims to a key and is vouched for by nobody: whoever
runs the host can make the same evidence. It protects nothing against the host.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloister.attest.tee import (
    CONFINEMENT,
    Finding,
    Tee,
    UnattestedProof,
    failed,
    passed,
    read_development_policy,
)

MEDIA_TYPE: Final = "application/vnd.cloister.sandbox-evidence"
PREFIX: Final = b"cloister/v1 sandbox evidence\x00"
EVIDENCE_BYTES: Final = 128
_KEY: Final = slice(0, 32)
_SIGNATURE: Final = slice(32, 96)
_ZEROS: Final = slice(96, 128)


class SandboxProof(UnattestedProof):
    """Only its form and what it signs can be checked."""

    name = "sandbox"

    def form(self) -> Finding:
        """128 bytes, the last 32 of them zero; nothing else comes with it."""
        if len(self.evidence) != EVIDENCE_BYTES:
            return failed(
                f"sandbox evidence has {len(self.evidence)} bytes, expected {EVIDENCE_BYTES}",
                "length",
            )
        if any(self.evidence[_ZEROS]):
            return failed("the last 32 bytes of sandbox evidence are not zero", "form")
        return passed("sandbox evidence of version 1")

    def binding(self, report_data: bytes) -> Finding:
        """The key in the evidence signs this report data."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.evidence[_KEY])
            key.verify(self.evidence[_SIGNATURE], PREFIX + report_data)
        except (InvalidSignature, ValueError):
            return failed("the evidence does not sign these claims", "report-data")
        return passed("the evidence signs the digest of these claims")


SANDBOX: Final = Tee(
    name="sandbox",
    media_type=MEDIA_TYPE,
    endorsements_type="",
    development=True,
    own_clock=False,
    protects_not=(
        "The sandbox is an ordinary process that confines itself. Whoever runs the host can read "
        "everything in it. It is for development."
    ),
    read_policy=read_development_policy,
    proof=SandboxProof,
    template="unsafe_development = true\n"
    f"confinement = [{', '.join(chr(34) + part + chr(34) for part in CONFINEMENT)}]\n",
)
