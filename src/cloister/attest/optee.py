"""OP-TEE's evidence as stock builds of it can make it: none. It repeats the digest of the claims
and says that nobody signed it.

Specified in docs/optee.md. A policy refuses it unless it says `unsafe_development = true`: whoever
stands between client and device can make the same. It exists so that claims, keys and answers of a
real OP-TEE go the whole way; what signs is the attestation service of an OP-TEE that is built with
it.
"""

from __future__ import annotations

import hmac
from typing import Final

from cloister.attest.tee import (
    Finding,
    Tee,
    UnattestedProof,
    failed,
    passed,
    read_development_policy,
)

MEDIA_TYPE: Final = "application/vnd.cloister.optee-unattested"
PREFIX: Final = b"cloister/v1 optee unattested\x00"
REPORT_DATA_BYTES: Final = 64
EVIDENCE_BYTES: Final = len(PREFIX) + REPORT_DATA_BYTES


class OpteeProof(UnattestedProof):
    """Only its form and what it repeats can be checked."""

    name = "optee"

    def form(self) -> Finding:
        """The prefix and 64 bytes."""
        if len(self.evidence) != EVIDENCE_BYTES or not self.evidence.startswith(PREFIX):
            return failed("this is not what an OP-TEE without attestation says", "form")
        return passed("unattested: this OP-TEE has no attestation service")

    def binding(self, report_data: bytes) -> Finding:
        """It repeats this report data; nothing signs it."""
        if not hmac.compare_digest(self.evidence[len(PREFIX) :], report_data):
            return failed("the evidence repeats the digest of other claims", "report-data")
        return passed("the evidence repeats the digest of these claims, unsigned")


OPTEE: Final = Tee(
    name="optee",
    media_type=MEDIA_TYPE,
    endorsements_type="",
    development=True,
    own_clock=False,
    protects_not=(
        "This OP-TEE does not attest: whoever is on the way can claim to be it. On QEMU its "
        "hardware key is a public constant, too. Accept it only on a device that is yours."
    ),
    read_policy=read_development_policy,
    proof=OpteeProof,
    template="unsafe_development = true\n",
)
