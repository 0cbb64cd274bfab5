"""The sandbox's evidence: signed by a key that the process made at its start.

Specified in docs/formats/claims.md. It binds claims to a key and is vouched for by nobody: whoever
runs the host can make the same evidence. It protects nothing against the host.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloister.attest.tee import Finding, Tee, failed, not_checked, passed

MEDIA_TYPE: Final = "application/vnd.cloister.sandbox-evidence"
PREFIX: Final = b"cloister/v1 sandbox evidence\x00"
EVIDENCE_BYTES: Final = 128
_KEY: Final = slice(0, 32)
_SIGNATURE: Final = slice(32, 96)
_ZEROS: Final = slice(96, 128)


def _signature(evidence: bytes) -> Finding:
    if len(evidence) != EVIDENCE_BYTES:
        return failed(f"sandbox evidence has {len(evidence)} bytes, expected {EVIDENCE_BYTES}")
    if any(evidence[_ZEROS]):
        return failed("the last 32 bytes of sandbox evidence are not zero")
    return not_checked(
        "sandbox: its key is vouched for by nobody; this protects nothing against the host"
    )


def _binding(evidence: bytes, report_data: bytes) -> Finding:
    try:
        key = Ed25519PublicKey.from_public_bytes(evidence[_KEY])
        key.verify(evidence[_SIGNATURE], PREFIX + report_data)
    except (InvalidSignature, ValueError):
        return failed("the evidence does not sign these claims")
    return passed("the evidence signs the digest of these claims")


SANDBOX: Final = Tee(
    name="sandbox",
    media_type=MEDIA_TYPE,
    development=True,
    own_clock=False,
    protects_not=(
        "The sandbox is an ordinary process that confines itself. Whoever runs the host can read "
        "everything in it. It is for development."
    ),
    signature=_signature,
    binding=_binding,
)
