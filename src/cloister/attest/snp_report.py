"""AMD SEV-SNP: the attestation report's bytes and AMD's certificates, with `cryptography` only.

Sources: AMD SEV-SNP Firmware ABI (publication 56860), ATTESTATION_REPORT and TCB_VERSION; AMD VCEK
certificate and KDS interface (publication 57230), the certificates' extensions.

It judges form, chain and signature; what a policy accepts is snp.py's.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloister.attest.certificates import load_der, load_pem
from cloister.errors import Refused

REPORT_BYTES: Final = 0x4A0
SIGNED_BYTES: Final = 0x2A0
CERTIFICATES_MAX: Final = 16
ENDORSEMENTS_MAX_BYTES: Final = 128 * 1024
# SHA-256 of the root keys' SubjectPublicKeyInfo, from AMD's published certificates.
ROOTS: Final[dict[str, str]] = {
    "9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9": "Milan",
    "429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831": "Genoa",
    "4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08": "Turin",
}
PRODUCTS: Final = ("Milan", "Genoa", "Turin")
_OID: Final = "1.3.6.1.4.1.3704.1."
_KINDS: Final = {0: "VCEK", 1: "VLEK"}
_FETCH: Final = "Fetch it of now: `cloister collateral fetch`; or say with --at when it was valid."


class BadReport(Refused):
    """A report or a chain that is refused."""

    def __init__(self, what: str, code: str, hint: str = "") -> None:
        super().__init__(what, code=code, hint=hint)


@dataclass(frozen=True)
class Tcb:
    """Firmware versions of a platform; `fmc` is of Turin and later."""

    bootloader: int
    tee: int
    snp: int
    microcode: int
    fmc: int = 0

    @classmethod
    def from_bytes(cls, data: bytes, *, turin: bool) -> Tcb:
        """TCB_VERSION, 8 bytes; reserved bytes must be zero.

        Raises:
            BadReport: A reserved byte is not zero.
        """
        reserved = data[4:7] if turin else data[2:6]
        if any(reserved):
            raise BadReport(f"the TCB version {data.hex()} has reserved bytes set", "tcb-form")
        if turin:
            return cls(data[1], data[2], data[3], data[7], data[0])
        return cls(data[0], data[1], data[6], data[7])

    def lacks(self, least: Tcb) -> list[str]:
        """Parts that are older than in `least`."""
        return [
            f"{name} {getattr(self, name)} < {getattr(least, name)}"
            for name in ("bootloader", "tee", "snp", "microcode", "fmc")
            if getattr(self, name) < getattr(least, name)
        ]

    def __str__(self) -> str:
        fmc = f", fmc {self.fmc}" if self.fmc else ""
        return (
            f"bootloader {self.bootloader}, tee {self.tee}, snp {self.snp}, "
            f"microcode {self.microcode}{fmc}"
        )


@dataclass(frozen=True)
class Report:
    """An attestation report, versions 2 to 5."""

    raw: bytes
    version: int
    guest_svn: int
    policy: int
    vmpl: int
    current_tcb: bytes
    platform_info: int
    flags: int
    report_data: bytes
    measurement: bytes
    host_data: bytes
    id_key_digest: bytes
    author_key_digest: bytes
    reported_tcb: bytes
    cpuid: bytes
    chip_id: bytes
    committed_tcb: bytes
    launch_tcb: bytes
    r: int
    s: int

    @property
    def debug(self) -> bool:
        """The guest's policy allows the host to debug it."""
        return bool(self.policy >> 19 & 1)

    @property
    def migration_agent(self) -> bool:
        """The guest's policy allows an agent to move it."""
        return bool(self.policy >> 18 & 1)

    @property
    def smt_allowed(self) -> bool:
        """The guest's policy allows hyper-threading."""
        return bool(self.policy >> 16 & 1)

    @property
    def single_socket(self) -> bool:
        """The guest's policy demands one socket."""
        return bool(self.policy >> 20 & 1)

    @property
    def abi(self) -> tuple[int, int]:
        """Least firmware ABI that the guest's policy demands."""
        return self.policy >> 8 & 0xFF, self.policy & 0xFF

    @property
    def signing_key(self) -> str:
        """VCEK, VLEK, or what else the report says."""
        return _KINDS.get(self.flags >> 2 & 7, f"key {self.flags >> 2 & 7}")

    @property
    def chip_masked(self) -> bool:
        """The host hid the chip's identity."""
        return bool(self.flags >> 1 & 1)

    @classmethod
    def from_bytes(cls, data: bytes) -> Report:
        """Takes a report apart.

        Raises:
            BadReport: It is not of a known form.
        """
        if len(data) != REPORT_BYTES:
            raise BadReport(
                f"the report has {len(data)} bytes, expected {REPORT_BYTES}",
                "length" if len(data) < REPORT_BYTES else "trailing-bytes",
            )
        version, guest_svn, policy = struct.unpack_from("<IIQ", data, 0)
        vmpl, algorithm = struct.unpack_from("<II", data, 0x30)
        if version not in (2, 3, 4, 5):
            raise BadReport(f"the report is of version {version}; known are 2 to 5", "version")
        if algorithm != 1:
            raise BadReport(
                f"the signature's algorithm is {algorithm}, expected 1 (P-384)", "algorithm"
            )
        if vmpl > 3:
            raise BadReport(f"the report's VMPL is {vmpl}, expected 0 to 3", "vmpl-form")
        if not policy >> 17 & 1:
            raise BadReport("bit 17 of the guest's policy is clear; it is always set", "policy")
        if any(data[SIGNED_BYTES + 144 :]):
            raise BadReport("bytes after the signature are not zero", "signature-padding")
        flags, platform_info = (struct.unpack_from(f, data, at)[0] for f, at in _FLAGS)
        return cls(
            raw=data,
            version=version,
            guest_svn=guest_svn,
            policy=policy,
            vmpl=vmpl,
            current_tcb=data[0x38:0x40],
            platform_info=platform_info,
            flags=flags,
            report_data=data[0x50:0x90],
            measurement=data[0x90:0xC0],
            host_data=data[0xC0:0xE0],
            id_key_digest=data[0xE0:0x110],
            author_key_digest=data[0x110:0x140],
            reported_tcb=data[0x180:0x188],
            cpuid=data[0x188:0x18B],
            chip_id=data[0x1A0:0x1E0],
            committed_tcb=data[0x1E0:0x1E8],
            launch_tcb=data[0x1F0:0x1F8],
            r=int.from_bytes(data[SIGNED_BYTES : SIGNED_BYTES + 72], "little"),
            s=int.from_bytes(data[SIGNED_BYTES + 72 : SIGNED_BYTES + 144], "little"),
        )


_FLAGS: Final = (("<I", 0x48), ("<Q", 0x40))


@dataclass(frozen=True)
class Chain:
    """AMD's certificates for one chip.

    Args:
        leaf: VCEK or VLEK.
        intermediate: ASK or ASVK.
        root: ARK, pinned.
        product: Milan, Genoa or Turin: by the root.
        crl: Of the root; None if none was given.
        valid_until: Seconds since 1970; the first to end.
    """

    leaf: x509.Certificate
    intermediate: x509.Certificate
    root: x509.Certificate
    product: str
    crl: x509.CertificateRevocationList | None
    valid_until: float

    @property
    def turin(self) -> bool:
        """TCB versions have Turin's layout."""
        return self.product == "Turin"

    @property
    def kind(self) -> str:
        """VLEK if the certificate names a cloud provider, else VCEK."""
        return "VLEK" if extension(self.leaf, "5") is not None else "VCEK"

    def tcb(self) -> Tcb:
        """The firmware versions for which the key was made.

        Raises:
            BadReport: An extension is missing or no number.
        """
        return Tcb(
            bootloader=_number(self.leaf, "3.1"),
            tee=_number(self.leaf, "3.2"),
            snp=_number(self.leaf, "3.3"),
            microcode=_number(self.leaf, "3.8"),
            fmc=_number(self.leaf, "3.9") if self.turin else 0,
        )


def load_endorsements(
    files: Iterable[bytes],
) -> tuple[list[x509.Certificate], list[x509.CertificateRevocationList]]:
    """Certificates and CRLs of PEM or DER files, in any order.

    Raises:
        BadReport: Something is neither, or there is too much of it.
    """
    certificates: list[x509.Certificate] = []
    crls: list[x509.CertificateRevocationList] = []
    for data in files:
        if len(data) > ENDORSEMENTS_MAX_BYTES:
            raise BadReport(f"a certificate file has {len(data)} bytes", "certificate-form")
        try:
            if b"-----BEGIN" in data:
                if b"-----BEGIN CERTIFICATE-----" in data:
                    certificates += load_pem(data)
                if b"-----BEGIN X509 CRL-----" in data:
                    crls.append(x509.load_pem_x509_crl(data))
            else:
                _load_der(data, certificates, crls)
        except ValueError as error:
            raise BadReport(
                "a file of the collateral is neither certificates nor a CRL", "certificate-form"
            ) from error
    if len(certificates) > CERTIFICATES_MAX:
        raise BadReport(f"{len(certificates)} certificates are too many", "certificate-form")
    return certificates, crls


def _load_der(
    data: bytes,
    certificates: list[x509.Certificate],
    crls: list[x509.CertificateRevocationList],
) -> None:
    try:
        certificates += load_der(data)
    except ValueError:
        crls.append(x509.load_der_x509_crl(data))


def find_chain(
    certificates: Sequence[x509.Certificate],
    crls: Sequence[x509.CertificateRevocationList],
    roots: dict[str, str],
    now: float,
) -> Chain:
    """Orders and checks a chain: (1) complete, (2) pinned root, (3) signatures, (4) valid now,
    (5) not revoked.

    Raises:
        BadReport: With a code for each of them.
    """
    # (1) complete
    leaves = [c for c in certificates if isinstance(_key(c), ec.EllipticCurvePublicKey)]
    if len(leaves) != 1:
        raise BadReport(
            f"the collateral holds {len(leaves)} certificates of chips, expected one",
            "collateral-missing" if not leaves else "certificate-surplus",
            "Give the VCEK or VLEK with ASK and ARK: `cloister collateral fetch`.",
        )
    leaf = leaves[0]
    intermediate = _issuer(leaf, certificates, "ASK or ASVK")
    root = _issuer(intermediate, certificates, "ARK")
    # (2) pinned
    product = roots.get(_spki_sha256(root))
    if product is None:
        raise BadReport("the chain does not end in one of AMD's roots", "wrong-root")
    # (3) signatures
    for child, issuer in ((root, root), (intermediate, root), (leaf, intermediate)):
        _signed_by(child, issuer)
    # (4) valid now
    until = [_valid(c, now) for c in (root, intermediate, leaf)]
    # (5) not revoked
    crl = _check_crl(crls, root, (intermediate, leaf), now)
    if crl is not None and crl.next_update_utc is not None:
        until.append(crl.next_update_utc.timestamp())
    return Chain(leaf, intermediate, root, product, crl, min(until))


def _key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, TypeError):
        return None


def _issuer(
    certificate: x509.Certificate, certificates: Sequence[x509.Certificate], what: str
) -> x509.Certificate:
    found = [
        c
        for c in certificates
        if c.subject == certificate.issuer and isinstance(_key(c), rsa.RSAPublicKey)
    ]
    if not found:
        raise BadReport(
            f"the collateral lacks the {what} that issued {_name(certificate)}",
            "collateral-missing",
            "Give the VCEK or VLEK with ASK and ARK: `cloister collateral fetch`.",
        )
    # Several of one name: the one that signed; if none did, step (3) says so.
    return next((c for c in found if _verifies(certificate, c)), found[0])


def _verifies(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        child.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _signed_by(child: x509.Certificate, issuer: x509.Certificate) -> None:
    key = _key(issuer)
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 4096:
        raise BadReport(f"{_name(issuer)} has no RSA key of 4096 bits", "issuer-key")
    try:
        pss = isinstance(child.signature_algorithm_parameters, padding.PSS)
    except ValueError:
        pss = False
    if not pss or not _verifies(child, issuer):
        raise BadReport(f"{_name(child)} is not signed by {_name(issuer)}", "chain-signature")


def _valid(certificate: x509.Certificate, now: float) -> float:
    begin = certificate.not_valid_before_utc.timestamp()
    end = certificate.not_valid_after_utc.timestamp()
    if now > end:
        raise BadReport(
            f"the certificate {_name(certificate)} expired at {when(end)}, asked for {when(now)}",
            "certificate-expired",
            _FETCH,
        )
    if now < begin:
        raise BadReport(
            f"the certificate {_name(certificate)} is not valid before {when(begin)}, asked for "
            f"{when(now)}",
            "certificate-early",
            "Is the clock right?",
        )
    return end


def _check_crl(
    crls: Sequence[x509.CertificateRevocationList],
    root: x509.Certificate,
    certificates: Iterable[x509.Certificate],
    now: float,
) -> x509.CertificateRevocationList | None:
    mine = [crl for crl in crls if crl.issuer == root.subject]
    if crls and not mine:
        raise BadReport("the CRL is of another root", "crl-issuer")
    for crl in mine:
        key = root.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        if not crl.is_signature_valid(key):
            raise BadReport("the CRL is not signed by AMD's root", "crl-signature")
        end = crl.next_update_utc
        if end is None or now > end.timestamp():
            raise BadReport(
                f"the CRL expired at {when(end.timestamp()) if end else 'no stated time'}, asked "
                f"for {when(now)}",
                "crl-expired",
                _FETCH,
            )
        if now < crl.last_update_utc.timestamp():
            raise BadReport(
                f"the CRL is not valid before {when(crl.last_update_utc.timestamp())}",
                "crl-early",
                "Is the clock right?",
            )
        for certificate in certificates:
            if crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
                raise BadReport(
                    f"AMD revoked the certificate {_name(certificate)}",
                    "revoked",
                    "AMD withdrew its trust in this key: use another machine or newer firmware.",
                )
    return mine[-1] if mine else None


def check_signature(report: Report, chain: Chain) -> None:
    """(1) key, (2) signature, (3) kind of key, (4) firmware versions, (5) product, (6) chip.

    Raises:
        BadReport: With a code for each of them.
    """
    # (1) key
    key = chain.leaf.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp384r1":
        raise BadReport("the chip's key is not P-384", "key-type")
    # (2) signature
    try:
        signature = utils.encode_dss_signature(report.r, report.s)
        key.verify(signature, report.raw[:SIGNED_BYTES], ec.ECDSA(hashes.SHA384()))
    except InvalidSignature as error:
        raise BadReport(
            "the report is not signed by this chip's key: it was changed, or the certificate is "
            "of another chip or firmware",
            "report-signature",
        ) from error
    # (3) kind of key
    if report.signing_key != chain.kind:
        raise BadReport(
            f"the report says that a {report.signing_key} signed it, the certificate is a "
            f"{chain.kind}",
            "key-kind",
        )
    # (4) firmware versions
    reported = Tcb.from_bytes(report.reported_tcb, turin=chain.turin)
    if chain.tcb() != reported:
        raise BadReport(
            f"the certificate is for {chain.tcb()}, the report says {reported}", "tcb-differs"
        )
    # (5) product
    if report.version >= 3 and product_of(report.cpuid) != chain.product:
        raise BadReport(
            f"the report is of a processor {report.cpuid.hex()}, the chain of {chain.product}",
            "product",
        )
    if report.version < 3 and chain.turin:
        raise BadReport(f"Turin makes no reports of version {report.version}", "version")
    # (6) chip
    _check_chip(report, chain)


def _check_chip(report: Report, chain: Chain) -> None:
    if chain.kind == "VLEK":
        return
    chip = extension(chain.leaf, "4")
    if chip is None:
        raise BadReport("the VCEK names no chip", "chip")
    # Turin's identity has 8 bytes, the field 64: the rest is zero.
    if report.chip_id != chip.ljust(len(report.chip_id), b"\0"):
        masked = " (the host hid it)" if report.chip_masked else ""
        raise BadReport(f"the report is of another chip than the certificate{masked}", "chip")


def product_of(cpuid: bytes) -> str:
    """Product by family and model; empty if it is none of ours."""
    family, model = cpuid[0], cpuid[1]
    if family == 0x19:
        if model <= 0x0F:
            return "Milan"
        return "Genoa" if model <= 0x1F or 0xA0 <= model <= 0xAF else ""
    return "Turin" if family == 0x1A else ""


def extension(certificate: x509.Certificate, tail: str) -> bytes | None:
    """Value of one of AMD's extensions; None if it is not there.

    Raises:
        BadReport: The extensions cannot be read.
    """
    try:
        found = certificate.extensions.get_extension_for_oid(x509.ObjectIdentifier(_OID + tail))
    except x509.ExtensionNotFound:
        return None
    except ValueError as error:
        raise BadReport("a certificate's extensions cannot be read", "certificate-form") from error
    return found.value.public_bytes()


def _number(certificate: x509.Certificate, tail: str) -> int:
    value = extension(certificate, tail)
    if value is None or len(value) < 3 or value[0] != 2 or value[1] != len(value) - 2:
        raise BadReport(f"the chip's certificate lacks the version {tail}", "certificate-form")
    return int.from_bytes(value[2:], "big")


def _spki_sha256(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return repr(str(names[0].value)[:60]) if names else "without a name"


def when(seconds: float) -> str:
    """A time in words."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return f"{seconds:.0f}"
