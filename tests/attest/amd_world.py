"""A PKI of the shape of AMD's, made by ourselves: reports and certificates for every negative case.

Its root is trusted by nobody: the tests hand it in. Whatever a test wants to be wrong is an
argument. RSA keys take seconds: they are made once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import struct
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from cloister.attest.snp import SNP, SnpProof
from cloister.attest.tee import Tee

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
NOW = (BEGIN + dt.timedelta(days=10)).timestamp()
PAST = BEGIN + dt.timedelta(days=5)
FUTURE = BEGIN + dt.timedelta(days=15)
MEASUREMENT = hashlib.sha384(b"image").digest()
CHIP = hashlib.sha512(b"chip").digest()
TURIN_CHIP = bytes(range(8))
CPUIDS = {"Milan": b"\x19\x01\x01", "Genoa": b"\x19\x11\x01", "Turin": b"\x1a\x02\x01"}
_OID = "1.3.6.1.4.1.3704.1."
P384_ORDER = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
_PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)


@cache
def rsa_key(name: str, bits: int = 4096) -> rsa.RSAPrivateKey:
    """A key that lasts as long as the process."""
    return rsa.generate_private_key(65537, bits)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _integer(value: int) -> bytes:
    content = value.to_bytes(value.bit_length() // 8 + 1, "big")
    return bytes([2, len(content)]) + content


@dataclass
class AmdWorld:
    """Root, intermediate, chip."""

    product: str = "Genoa"
    vlek: bool = False
    tcb: tuple[int, int, int, int, int] = (10, 0, 23, 84, 0)  # bootloader tee snp microcode fmc
    dates: dict[str, dict[str, dt.datetime]] = field(default_factory=dict)
    chip: bytes = CHIP
    ark: str = "ark"
    ask: str = "ask"
    ask_bits: int = 4096
    ask_signer: str | None = None
    pss: bool = True
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP384R1())
    )

    def __post_init__(self) -> None:
        if self.product == "Turin":
            self.chip = TURIN_CHIP
            self.tcb = (*self.tcb[:4], 1)

    def certificate(
        self,
        what: str,
        subject: str,
        public: Any,  # noqa: ANN401
        issuer: str,
        signer: rsa.RSAPrivateKey,
    ) -> x509.Certificate:
        dates = {
            "begin": BEGIN - dt.timedelta(days=400),
            "end": BEGIN + dt.timedelta(days=365 if what == "leaf" and self.vlek else 3000),
            **self.dates.get(what, {}),
        }
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(issuer))
            .public_key(public)
            .serial_number({"ark": 65536, "ask": 65537}.get(what, 1))
            .not_valid_before(dates["begin"])
            .not_valid_after(dates["end"])
        )
        if what == "leaf":
            for tail, value in self._extensions().items():
                extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(_OID + tail), value)
                builder = builder.add_extension(extension, False)
        return builder.sign(signer, hashes.SHA384(), rsa_padding=_PSS if self.pss else None)

    def _extensions(self) -> dict[str, bytes]:
        bootloader, tee, snp, microcode, fmc = self.tcb
        found = {
            "3.1": _integer(bootloader),
            "3.2": _integer(tee),
            "3.3": _integer(snp),
            "3.8": _integer(microcode),
        }
        if self.product == "Turin":
            found["3.9"] = _integer(fmc)
        if self.vlek:
            return {**found, "5": b"\x16\x04acme"}
        return {**found, "4": self.chip}

    @cached_property
    def certificates(self) -> dict[str, x509.Certificate]:
        ark, ask = rsa_key(self.ark), rsa_key(self.ask, self.ask_bits)
        ark_name, ask_name = f"ARK-{self.product}", f"SEV-{self.product}"
        signer = rsa_key(self.ask_signer) if self.ask_signer else ark
        return {
            "leaf": self.certificate("leaf", "SEV-CHIP", self.key.public_key(), ask_name, ask),
            "ask": self.certificate("ask", ask_name, ask.public_key(), ark_name, signer),
            "ark": self.certificate("ark", ark_name, ark.public_key(), ark_name, ark),
        }

    def pem(self, *names: str) -> bytes:
        return b"".join(
            self.certificates[name].public_bytes(Encoding.PEM)
            for name in names or ("leaf", "ask", "ark")
        )

    def crl(
        self,
        *,
        revoked: tuple[str, ...] = (),
        begin: dt.datetime = BEGIN,
        end: dt.datetime = BEGIN + dt.timedelta(days=30),
        signer: str | None = None,
    ) -> bytes:
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificates["ark"].subject)
            .last_update(begin)
            .next_update(end)
        )
        for name in revoked:
            entry = x509.RevokedCertificateBuilder()
            entry = entry.serial_number(self.certificates[name].serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(BEGIN).build())
        key = rsa_key(signer or self.ark)
        return builder.sign(key, hashes.SHA384(), rsa_padding=_PSS).public_bytes(Encoding.PEM)

    def roots(self) -> dict[str, str]:
        spki = (
            rsa_key(self.ark)
            .public_key()
            .public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )
        return {hashlib.sha256(spki).hexdigest(): self.product}

    def row(self) -> Tee:
        """The row of the table, with this world's root."""
        return replace(SNP, proof=partial(SnpProof, roots=self.roots()))

    def tcb_bytes(self, tcb: tuple[int, int, int, int, int] | None = None) -> bytes:
        bootloader, tee, snp, microcode, fmc = tcb or self.tcb
        if self.product == "Turin":
            return bytes([fmc, bootloader, tee, snp, 0, 0, 0, microcode])
        return bytes([bootloader, tee, 0, 0, 0, 0, snp, microcode])

    def report(
        self,
        *,
        version: int = 3,
        policy: int = 0x20000,
        vmpl: int = 0,
        guest_svn: int = 1,
        report_data: bytes = bytes(64),
        measurement: bytes = MEASUREMENT,
        host_data: bytes = bytes(32),
        id_key: bytes = bytes(48),
        author_key: bytes = bytes(48),
        platform: int = 0x24,
        key_kind: int | None = None,
        tcbs: dict[str, bytes] | None = None,
        chip: bytes | None = None,
        cpuid: bytes | None = None,
        algorithm: int = 1,
        signer: ec.EllipticCurvePrivateKey | None = None,
    ) -> bytes:
        """A signed report."""
        own = self.tcb_bytes()
        found = {"current": own, "reported": own, "committed": own, "launch": own, **(tcbs or {})}
        chip = (bytes(64) if self.vlek else self.chip) if chip is None else chip
        kind = (1 if self.vlek else 0) if key_kind is None else key_kind
        raw = bytearray(0x4A0)
        struct.pack_into("<IIQ", raw, 0, version, guest_svn, policy)
        struct.pack_into("<II", raw, 0x30, vmpl, algorithm)
        struct.pack_into("<I", raw, 0x48, kind << 2)
        struct.pack_into("<Q", raw, 0x40, platform)
        for at, value in (
            (0x38, found["current"]), (0x50, report_data), (0x90, measurement), (0xC0, host_data),
            (0xE0, id_key), (0x110, author_key), (0x180, found["reported"]),
            (0x1A0, chip.ljust(64, b"\0")), (0x1E0, found["committed"]), (0x1F0, found["launch"]),
        ):  # fmt: skip
            raw[at : at + len(value)] = value
        if version >= 3:
            raw[0x188:0x18B] = CPUIDS[self.product] if cpuid is None else cpuid
        return sign_report(bytes(raw), signer or self.key)


def sign_report(raw: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """The report with its signature."""
    r, s = utils.decode_dss_signature(key.sign(raw[:0x2A0], ec.ECDSA(hashes.SHA384())))
    return raw[:0x2A0] + r.to_bytes(72, "little") + s.to_bytes(72, "little") + bytes(368)


def twin(report: bytes) -> bytes:
    """The other signature that verifies, too: (r, n - s)."""
    s = int.from_bytes(report[0x2E8:0x330], "little")
    return report[:0x2E8] + (P384_ORDER - s).to_bytes(72, "little") + report[0x330:]
