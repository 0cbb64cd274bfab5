"""TPM 2.0, real or virtual: a quote over PCRs by an enrolled attestation key.

A TPM measures what a machine booted; it isolates nothing, and who enrolled the key vouches for the
TPM behind it. So it is a kind for development: it shows the way with a real root of measurement.

    form        (1) TPM2B of TPMS_ATTEST, TPM2B of TPMT_SIGNATURE, nothing after them (TPM 2.0
                    library, part 2, sections 10.12 and 11.3); magic and type are those of a quote
    collateral  (2) one key in PEM (SubjectPublicKeyInfo), and it is one that the policy enrols
    genuine     (3) it signed the quote. A restricted key signs nothing with this magic that the
                    TPM did not make: that it is restricted was seen at enrolment
    tcb         (4) the TPM's firmware version is at least the policy's, where it names one
    measurement (5) the quote is over exactly the policy's PCRs, in its bank, with their values
    binding     (6) its qualifying data is the report data
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from cloister.attest.fields import BadPolicy, Fields
from cloister.attest.tee import (
    Finding,
    Tee,
    TeePolicy,
    UnattestedProof,
    failed,
    not_checked,
    passed,
    read_confinement,
)
from cloister.errors import Refused, UserError

MEDIA_TYPE: Final = "application/vnd.cloister.tpm-quote"
ENDORSEMENTS_TYPE: Final = "application/vnd.cloister.tpm-key+pem"
QUOTE_MAX_BYTES: Final = 4096
_MAGIC: Final = 0xFF544347
_TYPE_QUOTE: Final = 0x8018
_RSASSA, _RSAPSS, _ECDSA, _SHA256 = 0x0014, 0x0016, 0x0018, 0x000B
BANKS: Final = {"sha256": 0x000B, "sha384": 0x000C}
_PCRS: Final = 24


class BadTpmQuote(Refused):
    """Bytes that are no quote of a TPM."""

    def __init__(self, what: str, code: str) -> None:
        super().__init__(f"the TPM's quote {what}", code=code)


@dataclass(frozen=True)
class TpmQuote:
    """A quote taken apart.

    Args:
        attest: TPMS_ATTEST, what is signed.
        scheme: Of the signature.
        signature: As `cryptography` takes it.
        qualifying_data: What the caller wanted signed.
        firmware: The TPM's firmware version.
        reset_count: How often the machine was reset.
        selection: Bank and PCR indices.
        pcr_digest: Digest of the PCRs' values.
    """

    attest: bytes
    scheme: int
    signature: bytes
    qualifying_data: bytes
    firmware: int
    reset_count: int
    selection: tuple[tuple[int, tuple[int, ...]], ...]
    pcr_digest: bytes

    @classmethod
    def from_bytes(cls, data: bytes) -> TpmQuote:
        """Takes a quote apart.

        Raises:
            BadTpmQuote: It is not of the one form.
        """
        if len(data) > QUOTE_MAX_BYTES:
            raise BadTpmQuote(f"has {len(data)} bytes, at most {QUOTE_MAX_BYTES}", "length")
        outer = _Reader(data)
        attest, signed = outer.sized(), outer.sized()
        outer.end()
        reader = _Reader(attest)
        if reader.number(">IH") != (_MAGIC, _TYPE_QUOTE):
            raise BadTpmQuote("is something else that a TPM signs, or nothing of a TPM", "kind")
        reader.sized()  # qualified signer
        qualifying_data = reader.sized()
        _, reset_count, _, _, firmware = reader.number(">QIIBQ")
        (count,) = reader.number(">I")
        if count > len(BANKS):
            raise BadTpmQuote(f"is over {count} banks", "form")
        selection = tuple(_selected(reader) for _ in range(count))
        pcr_digest = reader.sized()
        reader.end()
        scheme, signature = _signature(_Reader(signed))
        return cls(
            attest, scheme, signature, qualifying_data, firmware, reset_count, selection, pcr_digest
        )


class _Reader:
    """Reads big-endian fields front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, size: int) -> bytes:
        if size > len(self._data) - self._at:
            raise BadTpmQuote("ends inside a field", "truncated")
        self._at += size
        return self._data[self._at - size : self._at]

    def number(self, form: str) -> tuple[int, ...]:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def sized(self) -> bytes:
        return self.take(self.number(">H")[0])

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadTpmQuote("has bytes after the end of a part", "trailing-bytes")


def _selected(reader: _Reader) -> tuple[int, tuple[int, ...]]:
    bank, size = reader.number(">HB")
    bits = int.from_bytes(reader.take(size), "little")
    if size > 3:
        raise BadTpmQuote("selects PCRs that no TPM has", "form")
    return bank, tuple(index for index in range(8 * size) if bits >> index & 1)


def _signature(reader: _Reader) -> tuple[int, bytes]:
    scheme, digest = reader.number(">HH")
    if scheme not in (_RSASSA, _RSAPSS, _ECDSA) or digest != _SHA256:
        raise BadTpmQuote(f"is signed in scheme {scheme:#x} over {digest:#x}", "algorithm")
    if scheme == _ECDSA:
        r, s = reader.sized(), reader.sized()
        signature = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        if len(r) > 48 or len(s) > 48:
            raise BadTpmQuote("has a signature that is too long", "length")
    else:
        signature = reader.sized()
    reader.end()
    return scheme, signature


@dataclass(frozen=True)
class TpmPolicy(TeePolicy):
    """What is accepted of a TPM.

    Args:
        ak_sha256: SHA-256 of enrolled keys' SubjectPublicKeyInfo.
        bank: Of the PCRs.
        pcrs: Their values, by index; exactly these are quoted.
        firmware_at_least: Least firmware version; 0: any.
    """

    ak_sha256: frozenset[bytes] = frozenset()
    bank: str = "sha256"
    pcrs: dict[int, bytes] = field(default_factory=dict)
    firmware_at_least: int = 0

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        keys = ", ".join(sorted(key.hex() for key in self.ak_sha256))
        values = ", ".join(f"{index}: {value.hex()}" for index, value in self.pcrs.items())
        return [f"TPMs whose key is {keys}.", f"PCRs ({self.bank}) {values}."]


def _read_policy(fields: Fields) -> TpmPolicy:
    bank = fields.text("bank")
    if bank not in BANKS:
        raise BadPolicy(fields.name("bank"), f"is {bank!r:.40}, expected {' or '.join(BANKS)}")
    table = fields.table("pcrs")
    size = hashlib.new(bank).digest_size
    pcrs = {index: table.hex(str(index), size) for index in range(_PCRS) if table.has(str(index))}
    table.end()
    if not pcrs:
        raise BadPolicy(fields.name("pcrs"), "names none: then anything could have booted")
    least = "firmware_at_least"
    return TpmPolicy(
        unsafe_development=fields.allowance("unsafe_development"),
        confinement=read_confinement(fields),
        ak_sha256=fields.hexes("ak_sha256", 32),
        bank=bank,
        pcrs=pcrs,
        firmware_at_least=fields.integer(least, 0, (1 << 63) - 1) if fields.has(least) else 0,
    )


class TpmProof(UnattestedProof):
    """The steps of a TPM's quote."""

    name = "tpm"

    def __init__(
        self,
        evidence: bytes,
        endorsements: Sequence[bytes],
        policy: TeePolicy | None,
        now: float,
        *,
        padded: bool = False,
    ) -> None:
        super().__init__(evidence, endorsements, policy, now, padded=padded)
        if not isinstance(policy, TpmPolicy):
            raise UserError("a TPM's quote needs a policy of its kind", code="bad-policy")
        self.rules = policy
        self._quote: TpmQuote | None = None
        self._key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey | None = None
        self._key_sha256 = b""

    @property
    def quote(self) -> TpmQuote:
        """The quote; `form` has passed."""
        assert self._quote is not None
        return self._quote

    def form(self) -> Finding:
        """(1)."""
        self._quote = TpmQuote.from_bytes(self.evidence)
        return passed("a quote of TPM 2.0, lengths exact")

    def collateral(self) -> Finding:
        """(2)."""
        if len(self.endorsements) != 1 or len(self.endorsements[0]) > QUOTE_MAX_BYTES:
            return failed("there is not exactly one key of the TPM", "collateral-missing")
        try:
            key = load_pem_public_key(self.endorsements[0])
        except (ValueError, UnsupportedAlgorithm):
            return failed("the TPM's key is not PEM", "collateral-form")
        if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
            return failed("the TPM's key is neither RSA nor of an elliptic curve", "key-type")
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self._key, self._key_sha256 = key, hashlib.sha256(spki).digest()
        if self._key_sha256 not in self.rules.ak_sha256:
            return failed(
                f"the TPM's key is {self._key_sha256.hex()}, none that the policy enrols",
                "platform-not-pinned",
                "Enrol it where you saw the TPM make it: ak_sha256.",
            )
        return passed("the key is one that the policy enrols")

    def genuine(self) -> Finding:
        """(3)."""
        quote, key = self.quote, self._key
        try:
            if isinstance(key, ec.EllipticCurvePublicKey) and quote.scheme == _ECDSA:
                key.verify(quote.signature, quote.attest, ec.ECDSA(hashes.SHA256()))
            elif isinstance(key, rsa.RSAPublicKey) and quote.scheme == _RSASSA:
                key.verify(quote.signature, quote.attest, padding.PKCS1v15(), hashes.SHA256())
            elif isinstance(key, rsa.RSAPublicKey) and quote.scheme == _RSAPSS:
                pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)
                key.verify(quote.signature, quote.attest, pss, hashes.SHA256())
            else:
                return failed("the signature is of another kind than the key", "key-kind")
        except InvalidSignature:
            return failed("the enrolled key did not sign this quote", "quote-signature")
        return passed("the enrolled key signed it; who enrolled it vouches for the TPM")

    def tcb(self) -> Finding:
        """(4)."""
        least, found = self.rules.firmware_at_least, self.quote.firmware
        if found < least:
            return failed(f"the TPM's firmware is {found:#x}, wanted {least:#x}", "tcb-firmware")
        if not least:
            return not_checked(f"the policy names no least firmware; it is {found:#x}")
        return passed(f"firmware {found:#x}")

    def measurement(self) -> Finding:
        """(5)."""
        rules, quote = self.rules, self.quote
        indices = tuple(sorted(rules.pcrs))
        if quote.selection != ((BANKS[rules.bank], indices),):
            return failed(
                f"the quote is over other PCRs than {rules.bank} {indices}", "pcr-selection"
            )
        # Part 2, 10.12.1: the digest is made by the signature's hash, here SHA-256.
        wanted = hashlib.sha256(b"".join(rules.pcrs[index] for index in indices)).digest()
        if quote.pcr_digest != wanted:
            return failed(
                f"the PCRs {indices} hold other values than the policy's",
                "pcr-values",
                "Something else booted; or the policy is of another image.",
            )
        return passed(f"PCRs {indices} hold the policy's values")

    def binding(self, report_data: bytes) -> Finding:
        """(6)."""
        if self.quote.qualifying_data != report_data:
            return failed("the quote signs other data than these claims'", "report-data")
        return passed("the quote signs the digest of these claims")

    def facts(self) -> dict[str, str]:
        """What the quote says."""
        return {
            "ak_sha256": self._key_sha256.hex(),
            "firmware": f"{self.quote.firmware:#x}",
            "reset_count": str(self.quote.reset_count),
            "pcr_digest": self.quote.pcr_digest.hex(),
            "report_data": self.quote.qualifying_data.hex(),
        }


TPM: Final = Tee(
    name="tpm",
    media_type=MEDIA_TYPE,
    endorsements_type=ENDORSEMENTS_TYPE,
    development=True,
    own_clock=False,
    protects_not=(
        "A TPM says what a machine booted and isolates nothing: whoever administers the machine "
        "or its hypervisor can read everything. It is for development."
    ),
    read_policy=_read_policy,
    proof=TpmProof,
    template="""\
unsafe_development = true
# SHA-256 of the attestation key (DER SubjectPublicKeyInfo), seen at enrolment.
ak_sha256 = ["FILL IN: 64 hex digits"]
bank = "sha256"
[tee.tpm.pcrs]
7 = "FILL IN: 64 hex digits"
""",
)
