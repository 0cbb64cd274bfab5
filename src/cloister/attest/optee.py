"""OP-TEE's evidence: what the application says of itself, and a proof of it.

    said = prefix (32 bytes) || device key (32) || report data (64)
    unattested: said || signature of the device key over said (Ed25519, 64)
    attested:   said || modulus || digest of the application's memory (32) || signature

The device key is an Ed25519 key that OP-TEE made at the application's first start and keeps in
secure storage. Where OP-TEE has its attestation service, that one signs: RSASSA-PSS with SHA-256
and a salt of 32 bytes over nonce || digest, nonce = SHA-512(said), with the exponent 65537. The
digest is that of HASH_TA_MEMORY, which OP-TEE computes over the calling application's own code and
constants. The service's other commands sign digests of files and of OP-TEE itself for anyone who
asks, with any nonce: nothing but the digests that a policy names tells them apart, so name none
that another command gave.

Stock OP-TEE has no such service: whoever signs is then just the device key, about which nobody but
who enrolled it can say anything. Policies refuse such evidence unless they say `allow_unattested`
and name the device. Specified in docs/optee.md.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.tee import (
    Finding,
    Proof,
    Tee,
    TeePolicy,
    failed,
    not_checked,
    passed,
    read_confinement,
)

MEDIA_TYPE: Final = "application/vnd.cloister.optee-evidence"
UNATTESTED: Final = b"cloister/v1 optee unattested".ljust(32, b"\0")
ATTESTED: Final = b"cloister/v1 optee attested".ljust(32, b"\0")
SAID_BYTES: Final = 32 + 32 + 64
SIGNATURE_BYTES: Final = 64
DIGEST_BYTES: Final = 32
SALT_BYTES: Final = 32
EXPONENT: Final = 65537
MODULI_BYTES: Final = (256, 384, 512)
_DEVICE: Final = slice(32, 64)
_REPORT_DATA: Final = slice(64, SAID_BYTES)


@dataclass(frozen=True)
class OpteePolicy(TeePolicy):
    """What is accepted of OP-TEE.

    Args:
        attestation_keys: SHA-256 of each accepted attestation key (SubjectPublicKeyInfo, DER).
        ta_memory: Digests of the application's memory that are accepted; with `attestation_keys`.
        device_keys: Enrolled devices; empty: any that attests.
        allow_unattested: Accept the enrolled devices although they do not attest.
    """

    attestation_keys: frozenset[bytes] = field(default_factory=frozenset)
    ta_memory: frozenset[bytes] = field(default_factory=frozenset)
    device_keys: frozenset[bytes] = field(default_factory=frozenset)
    allow_unattested: bool = False

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        lines = []
        if self.attestation_keys:
            lines.append(
                f"OP-TEE's attestation service must sign, by key {_hexes(self.attestation_keys)};"
                f" the application's memory is {_hexes(self.ta_memory)}."
            )
        if self.device_keys:
            lines.append(f"The device is {_hexes(self.device_keys)}.")
        if self.allow_unattested:
            lines.append(
                "These devices are believed without attestation: nothing proves which application"
                " runs; who enrolled them vouches for it."
            )
        if self.unsafe_development:
            lines.append("Any device is believed, attested or not: for development.")
        return lines

    def remarks(self) -> list[str]:
        """What in it accepts more than it need."""
        found = []
        if self.unsafe_development:
            found.append(
                "UNSAFE: unsafe_development accepts an OP-TEE that proves nothing: whoever is on"
                " the way can claim to be it"
            )
        if self.allow_unattested:
            found.append("allow_unattested: nothing proves which application runs on the device")
        return found


def _hexes(values: frozenset[bytes]) -> str:
    return " or ".join(sorted(value.hex() for value in values))


def _read_policy(fields: Fields) -> OpteePolicy:
    def listed(name: str) -> frozenset[bytes]:
        return fields.hexes(name, 32) if fields.has(name) else frozenset()

    policy = OpteePolicy(
        fields.allowance("unsafe_development"),
        read_confinement(fields),
        listed("attestation_keys"),
        listed("ta_memory"),
        listed("device_keys"),
        fields.allowance("allow_unattested"),
    )
    if bool(policy.attestation_keys) != bool(policy.ta_memory):
        raise BadPolicy(
            fields.where,
            "must have attestation_keys and ta_memory together: a key alone signs any application",
        )
    if policy.allow_unattested and not policy.device_keys:
        raise BadPolicy(fields.where, "says allow_unattested and names no device_keys")
    if not (policy.attestation_keys or policy.allow_unattested or policy.unsafe_development):
        raise BadPolicy(
            fields.where,
            "must have attestation_keys and ta_memory, or device_keys and allow_unattested = true",
        )
    return policy


def attestation_key(modulus: bytes) -> tuple[RSAPublicKey, bytes]:
    """The attestation service's key of this modulus (big-endian), and its SHA-256 in policies.

    Raises:
        ValueError: There is no such key.
    """
    key = RSAPublicNumbers(EXPONENT, int.from_bytes(modulus, "big")).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key, hashlib.sha256(spki).digest()


class OpteeProof(Proof):
    """Evidence with or without OP-TEE's attestation service."""

    @property
    def attested(self) -> bool:
        """The attestation service signed, by its form."""
        return self.evidence.startswith(ATTESTED)

    @property
    def development(self) -> bool:
        """Without attestation nothing proves that nobody looks in."""
        return not self.attested

    @property
    def _rules(self) -> OpteePolicy:
        return self.policy if isinstance(self.policy, OpteePolicy) else OpteePolicy()

    @property
    def _any(self) -> bool:
        return self.policy is not None and self.policy.unsafe_development

    @property
    def _device(self) -> bytes:
        return self.evidence[_DEVICE]

    @property
    def _enrolled(self) -> bool:
        return self._device in self._rules.device_keys

    def form(self) -> Finding:
        """One of the two forms, to the last byte; the one without attestation if it is allowed."""
        said, proof = self.evidence[:SAID_BYTES], self.evidence[SAID_BYTES:]
        if len(said) != SAID_BYTES or not said.startswith((UNATTESTED, ATTESTED)):
            return failed("this is not what an OP-TEE says of itself", "form")
        lengths = [SIGNATURE_BYTES]
        if self.attested:
            lengths = [DIGEST_BYTES + 2 * modulus for modulus in MODULI_BYTES]
        if len(proof) not in lengths:
            return failed(f"OP-TEE's proof has {len(proof)} bytes, expected {lengths}", "length")
        if self.attested:
            return passed("evidence of OP-TEE's attestation service")
        if not (self._rules.allow_unattested or self._any):
            return failed(
                "this OP-TEE does not attest, and the policy does not say that it need not",
                "unattested",
                "Enrol the device on a bench you trust (cloister optee enrol), or use an OP-TEE"
                " with its attestation service.",
            )
        return passed("unattested: this OP-TEE has no attestation service")

    def debug(self) -> Finding:
        """A release of OP-TEE has no way to look into an application."""
        if self.attested:
            return passed("the application says that it runs on an OP-TEE that attests it")
        return not_checked("nothing proves that nobody looks in; the policy accepts that")

    def collateral(self) -> Finding:
        """There is none."""
        return not_checked("OP-TEE's keys have no certificates: the policy names them")

    def genuine(self) -> Finding:
        """The signature is right, and of a key that the policy names."""
        said = self.evidence[:SAID_BYTES]
        if not self.attested:
            return self._signed_by_device(said)
        modulus, digest, signature = self._proof()
        try:
            key, name = attestation_key(modulus)
            key.verify(
                signature,
                hashlib.sha512(said).digest() + digest,
                PSS(MGF1(hashes.SHA256()), SALT_BYTES),
                hashes.SHA256(),
            )
        except (InvalidSignature, ValueError):
            return failed("OP-TEE's attestation service did not sign this", "signature")
        if name in self._rules.attestation_keys:
            return passed("signed by an attestation key that the policy names")
        if self._any:
            return not_checked("signed by an attestation key that the policy does not name")
        return failed(
            f"the attestation key is {name.hex()}, none that the policy names",
            "attestation-key",
            "Enrol the device, or take the policy of whoever did.",
        )

    def _signed_by_device(self, said: bytes) -> Finding:
        try:
            key = Ed25519PublicKey.from_public_bytes(self._device)
            key.verify(self.evidence[SAID_BYTES:], said)
        except (InvalidSignature, ValueError):
            return failed("the device's key did not sign this", "signature")
        if self._enrolled:
            return passed("unattested, enrolled: signed by a device key that the policy names")
        if self._any:
            return not_checked("unattested: vouched for by nobody; any device can say this")
        return self._not_enrolled()

    def tcb(self) -> Finding:
        """It is not in the evidence."""
        return not_checked("OP-TEE's version is not in its evidence: who built the image vouches")

    def platform(self) -> Finding:
        """The device is one that the policy names, where it names any."""
        if self._enrolled:
            return passed("the policy names this device")
        if not self._rules.device_keys:
            return not_checked("the policy names no devices")
        if self._any:
            return not_checked("the policy does not name this device")
        return self._not_enrolled()

    def measurement(self) -> Finding:
        """The application's memory is what the policy names."""
        if not self.attested:
            return not_checked("nobody measured the application that runs")
        _, digest, _ = self._proof()
        if digest in self._rules.ta_memory:
            return passed("the application's memory is what the policy names")
        if self._any:
            return not_checked("the policy does not name the application's memory")
        return failed(
            f"the application's memory is {digest.hex()}, accepted are "
            + _hexes(self._rules.ta_memory)[:400],
            "ta-memory",
            "It is another build than the policy's, or the policy is of another build.",
        )

    def binding(self, report_data: bytes) -> Finding:
        """What is said holds this report data."""
        if not hmac.compare_digest(self.evidence[_REPORT_DATA], report_data):
            return failed("the evidence is for other claims", "report-data")
        return passed("the evidence signs the digest of these claims")

    def facts(self) -> dict[str, str]:
        """Kind and device; key and digest of the attestation service."""
        if not self.attested:
            kind = "unattested, enrolled" if self._enrolled else "unattested"
            return {"kind": kind, "device_key": self._device.hex()}
        modulus, digest, _ = self._proof()
        return {
            "kind": "attested",
            "device_key": self._device.hex(),
            "attestation_key": attestation_key(modulus)[1].hex(),
            "ta_memory": digest.hex(),
        }

    def _proof(self) -> tuple[bytes, bytes, bytes]:
        """Modulus, digest, signature."""
        proof = self.evidence[SAID_BYTES:]
        half = (len(proof) - DIGEST_BYTES) // 2
        return proof[:half], proof[half : half + DIGEST_BYTES], proof[half + DIGEST_BYTES :]

    def _not_enrolled(self) -> Finding:
        return failed(
            f"the device is {self._device.hex()}, none that the policy names",
            "device-key",
            "Enrol it on a bench you trust: cloister optee enrol.",
        )


OPTEE: Final = Tee(
    name="optee",
    media_type=MEDIA_TYPE,
    endorsements_type="",
    development=False,
    own_clock=False,
    protects_not=(
        "OP-TEE protects as far as the board's boot chain and hardware key do. Under QEMU that key "
        "is a public constant: such a machine protects from nobody who has it."
    ),
    read_policy=_read_policy,
    proof=OpteeProof,
    template="""\
# Of an OP-TEE with its attestation service; `cloister optee enrol` says both. Of a stock one, which
# attests nothing, instead: device_keys = [...] and allow_unattested = true.
attestation_keys = ["FILL IN: 64 hex digits"]
ta_memory = ["FILL IN: 64 hex digits"]
""",
)
