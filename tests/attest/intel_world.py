"""A PKI of the shape of Intel's, made by ourselves: quotes and collateral for every negative case.

Its root is trusted by nobody: the tests hand it in. Whatever a test wants to be wrong is an
argument of `IntelWorld` or of its `quote`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from cloister.attest.sgx import SGX, SgxProof
from cloister.attest.tdx import TDX, TdxProof
from cloister.attest.tee import Tee

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
END = BEGIN + dt.timedelta(days=30)
NOW = (BEGIN + dt.timedelta(days=10)).timestamp()
PAST = BEGIN + dt.timedelta(days=5)
FUTURE = BEGIN + dt.timedelta(days=15)
FMSPC = bytes.fromhex("00906ea10000")
PPID = bytes(range(16))
ROOT, PROCESSOR_CA = "Synthetic SGX Root CA", "Intel SGX PCK Processor CA"
PCK, TCB_SIGNER = "Intel SGX PCK Certificate", "Intel SGX TCB Signing"
MR_ENCLAVE = hashlib.sha256(b"enclave").digest()
MR_SIGNER = hashlib.sha256(b"signer").digest()
MR_TD = hashlib.sha384(b"td").digest()
QE_SIGNER = hashlib.sha256(b"qe signer").digest()
_QE_ATTRIBUTES = bytes.fromhex("11000000000000000000000000000000")
_SGX = "1.2.840.113741.1.13.1"
Key = ec.EllipticCurvePrivateKey


def _tlv(tag: int, content: bytes) -> bytes:
    assert len(content) < 1 << 16
    size = len(content)
    head = [size] if size < 128 else [0x81, size] if size < 256 else [0x82, size >> 8, size & 255]
    return bytes([tag, *head]) + content


def _oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    out = bytes([first * 40 + second])
    for value in rest:
        digits = [value & 127]
        while value := value >> 7:
            digits.append(value & 127 | 128)
        out += bytes(reversed(digits))
    return _tlv(6, out)


def _number(value: int) -> bytes:
    return _tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _pair(tail: str, value: bytes) -> bytes:
    return _tlv(0x30, _oid(_SGX + tail) + value)


def platform_extension(
    svn: int, fmspc: bytes, pce_id: bytes = b"\0\0", configuration: dict[str, bool] | None = None
) -> bytes:
    """Intel's extension of a PCK certificate; with a configuration: of a Platform CA's."""
    svns = bytes([svn] * 16)
    tcb = b"".join(_pair(f".2.{n + 1}", _number(value)) for n, value in enumerate(svns))
    tcb += _pair(".2.17", _number(11)) + _pair(".2.18", _tlv(4, svns))
    parts = _pair(".1", _tlv(4, PPID)) + _pair(".2", _tlv(0x30, tcb))
    parts += (
        _pair(".3", _tlv(4, pce_id)) + _pair(".4", _tlv(4, fmspc)) + _pair(".5", _tlv(10, b"\0"))
    )
    if configuration is not None:
        parts += _pair(".6", _tlv(4, bytes(range(16, 32))))
        flags = b"".join(
            _pair(f".7.{n + 1}", _tlv(1, b"\xff" if configuration[name] else b"\0"))
            for n, name in enumerate(("dynamic_platform", "cached_keys", "smt"))
        )
        parts += _pair(".7", _tlv(0x30, flags))
    return _tlv(0x30, parts)


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def signed(key: Key, message: bytes) -> bytes:
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _point(key: Key) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def _name(text: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, text),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Synthetic test PKI"),
        ]
    )


def certificate(
    subject: str,
    key: Key,
    issuer: str,
    issuer_key: Key,
    *,
    ca: bool,
    extension: bytes | None = None,
    begin: dt.datetime = BEGIN - dt.timedelta(days=400),
    end: dt.datetime = BEGIN + dt.timedelta(days=3000),
) -> x509.Certificate:
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(
            x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), False
        )
    )
    if extension is not None:
        oid = x509.ObjectIdentifier(_SGX)
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, extension), False)
    return builder.sign(issuer_key, hashes.SHA256())


def _crl(
    issuer: str,
    key: Key,
    revoked: Iterable[x509.Certificate],
    begin: dt.datetime,
    end: dt.datetime,
) -> str:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(_name(issuer))
        .last_update(begin)
        .next_update(end)
        .add_extension(x509.CRLNumber(1), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False)
    )
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
        builder = builder.add_revoked_certificate(entry.revocation_date(BEGIN).build())
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER).hex()


def _pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def _iso(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def sgx_body(
    *,
    flags: int = 5,
    mr_enclave: bytes = MR_ENCLAVE,
    mr_signer: bytes = MR_SIGNER,
    product: int = 0,
    svn: int = 1,
    report_data: bytes = bytes(64),
    misc: int = 0,
    attributes: bytes | None = None,
) -> bytes:
    attributes = attributes or bytes([flags]) + bytes(7) + b"\xe7" + bytes(7)
    return b"".join(
        (
            bytes(16), struct.pack("<I", misc), bytes(28), attributes, mr_enclave, bytes(32),
            mr_signer, bytes(96), struct.pack("<HH", product, svn), bytes(60), report_data,
        )
    )  # fmt: skip


def td_body(
    *,
    attributes: bytes = bytes.fromhex("0000001000000000"),
    xfam: bytes = bytes.fromhex("e702060000000000"),
    mr_td: bytes = MR_TD,
    mr_signer_seam: bytes = bytes(48),
    owned: tuple[bytes, bytes, bytes] = (bytes(48),) * 3,
    rtmr: tuple[bytes, ...] = (bytes(48),) * 4,
    report_data: bytes = bytes(64),
    module: tuple[int, ...] = (5, 0, 5),
    service: bytes | None = None,
) -> bytes:
    body = bytes(module).ljust(16, b"\0") + bytes(48) + mr_signer_seam + bytes(8)
    body += attributes + xfam + mr_td + b"".join(owned) + b"".join(rtmr) + report_data
    return body if service is None else body + bytes(module).ljust(16, b"\0") + service


@dataclass
class IntelWorld:
    """Root, intermediate, platform, signers; and what they sign."""

    tdx: bool = False
    status: str = "UpToDate"
    advisories: tuple[str, ...] = ()
    needed_svn: int = 5
    platform_svn: int = 5
    evaluation: int = 20
    tcb_dates: tuple[dt.datetime, dt.datetime] = (BEGIN, END)
    qe_dates: tuple[dt.datetime, dt.datetime] = (BEGIN, END)
    root_crl_dates: tuple[dt.datetime, dt.datetime] = (BEGIN, END)
    pck_crl_dates: tuple[dt.datetime, dt.datetime] = (BEGIN, END)
    certificate_dates: dict[str, dict[str, dt.datetime]] = field(default_factory=dict)
    revoked: tuple[str, ...] = ()
    fmspc: bytes = FMSPC
    listed_fmspc: bytes = FMSPC
    listed_pce_id: str = "0000"
    qe_status: str = "UpToDate"
    qe_signer: bytes = QE_SIGNER
    configuration: dict[str, bool] | None = None
    keys: dict[str, Key] = field(
        default_factory=lambda: {n: new_key() for n in ("root", "ca", "pck", "tcb", "attestation")}
    )

    @cached_property
    def certificates(self) -> dict[str, x509.Certificate]:
        keys, dates = self.keys, self.certificate_dates
        ca_name = (
            PROCESSOR_CA.replace("Processor", "Platform") if self.configuration else PROCESSOR_CA
        )
        extension = platform_extension(
            self.platform_svn, self.fmspc, configuration=self.configuration
        )
        root = keys["root"]
        return {
            "root": certificate(ROOT, root, ROOT, root, ca=True, **dates.get("root", {})),
            "ca": certificate(ca_name, keys["ca"], ROOT, root, ca=True, **dates.get("ca", {})),
            "pck": certificate(
                PCK, keys["pck"], ca_name, keys["ca"], ca=False, extension=extension,
                **dates.get("pck", {}),
            ),
            "tcb": certificate(
                TCB_SIGNER, keys["tcb"], ROOT, root, ca=False, **dates.get("tcb", {})
            ),
        }  # fmt: skip

    @property
    def root_der(self) -> bytes:
        return self.certificates["root"].public_bytes(Encoding.DER)

    def row(self) -> Tee:
        """The row of the table, with this world's root."""
        from dataclasses import replace

        proof = TdxProof if self.tdx else SgxProof
        return replace(TDX if self.tdx else SGX, proof=partial(proof, root_der=self.root_der))

    @property
    def kind(self) -> str:
        return "tdx" if self.tdx else "sgx"

    def _tcb_info(self) -> dict[str, Any]:
        tcb: dict[str, Any] = {
            "sgxtcbcomponents": [{"svn": self.needed_svn}] * 16,
            "pcesvn": 11,
        }
        info: dict[str, Any] = {
            "id": "TDX" if self.tdx else "SGX",
            "version": 3,
            "issueDate": _iso(self.tcb_dates[0]),
            "nextUpdate": _iso(self.tcb_dates[1]),
            "fmspc": self.listed_fmspc.hex(),
            "pceId": self.listed_pce_id,
            "tcbType": 0,
            "tcbEvaluationDataNumber": self.evaluation,
        }
        if self.tdx:
            tcb["tdxtcbcomponents"] = [{"svn": svn} for svn in (5, 0, 5, *[0] * 13)]
            info["tdxModule"] = {
                "mrsigner": "00" * 48,
                "attributes": "00" * 8,
                "attributesMask": "FF" * 8,
            }
        info["tcbLevels"] = [
            {
                "tcb": tcb,
                "tcbDate": _iso(BEGIN - dt.timedelta(days=90)),
                "tcbStatus": self.status,
                "advisoryIDs": list(self.advisories),
            }
        ]
        return info

    def _qe_identity(self) -> dict[str, Any]:
        return {
            "id": "TD_QE" if self.tdx else "QE",
            "version": 2,
            "issueDate": _iso(self.qe_dates[0]),
            "nextUpdate": _iso(self.qe_dates[1]),
            "tcbEvaluationDataNumber": self.evaluation,
            "miscselect": "00000000",
            "miscselectMask": "FFFFFFFF",
            "attributes": _QE_ATTRIBUTES.hex(),
            "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
            "mrsigner": QE_SIGNER.hex(),
            "isvprodid": 1,
            "tcbLevels": [
                {"tcb": {"isvsvn": 8}, "tcbDate": _iso(BEGIN), "tcbStatus": self.qe_status}
            ],
        }

    @cached_property
    def members(self) -> dict[str, str]:
        """The collateral's members."""
        found, keys = self.certificates, self.keys
        info = json.dumps(self._tcb_info(), separators=(",", ":"))
        identity = json.dumps(self._qe_identity(), separators=(",", ":"))
        by_root = [found[name] for name in self.revoked if name != "pck"]
        by_ca = [found[name] for name in self.revoked if name == "pck"]
        ca_name = (
            PROCESSOR_CA.replace("Processor", "Platform") if self.configuration else PROCESSOR_CA
        )
        return {
            "pck_crl_issuer_chain": _pem(found["ca"], found["root"]),
            "root_ca_crl": _crl(ROOT, keys["root"], by_root, *self.root_crl_dates),
            "pck_crl": _crl(ca_name, keys["ca"], by_ca, *self.pck_crl_dates),
            "tcb_info_issuer_chain": _pem(found["tcb"], found["root"]),
            "tcb_info": info,
            "tcb_info_signature": signed(keys["tcb"], info.encode()).hex(),
            "qe_identity_issuer_chain": _pem(found["tcb"], found["root"]),
            "qe_identity": identity,
            "qe_identity_signature": signed(keys["tcb"], identity.encode()).hex(),
        }

    def collateral(self, **changes: str) -> bytes:
        return json.dumps({**self.members, **changes}).encode()

    def body(self, **changes: Any) -> bytes:  # noqa: ANN401
        return td_body(**changes) if self.tdx else sgx_body(**changes)

    def quote(
        self,
        body: bytes | None = None,
        *,
        attestation: Key | None = None,
        version: int | None = None,
        qe_vendor: bytes = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607"),
        chain: str | None = None,
        key_type: int = 2,
        chain_type: int = 5,
        outer_type: int = 6,
        surplus: dict[str, bytes] | None = None,
    ) -> bytes:
        """A quote; `surplus` puts bytes after a part: body, chain, inner, auth."""
        body = self.body() if body is None else body
        more = {"chain": b"", "inner": b"", "auth": b"", **(surplus or {})}
        version = version or (4 if self.tdx else 3)
        keys, qe_data = self.keys, bytes(range(32))
        head = struct.pack("<HHIHH", version, key_type, 0x81 if self.tdx else 0, 0, 0)
        head += qe_vendor + bytes(20)
        if version == 5:
            body = struct.pack("<HI", 3 if len(body) == 648 else 2, len(body)) + body
        bound = hashlib.sha256(_point(keys["attestation"]) + qe_data).digest() + bytes(32)
        qe_report = sgx_body(
            attributes=_QE_ATTRIBUTES,
            mr_enclave=hashlib.sha256(b"qe").digest(),
            mr_signer=self.qe_signer,
            product=1,
            svn=9,
            report_data=bound,
        )
        found = self.certificates
        pem = (chain or _pem(found["pck"], found["ca"], found["root"])).encode() + more["chain"]
        inner = qe_report + signed(keys["pck"], qe_report)
        inner += struct.pack("<H", len(qe_data)) + qe_data
        inner += struct.pack("<HI", chain_type, len(pem)) + pem + more["inner"]
        if version > 3:
            inner = struct.pack("<HI", outer_type, len(inner)) + inner
        auth = signed(attestation or keys["attestation"], head + body)
        auth += _point(keys["attestation"]) + inner + more["auth"]
        return head + body + struct.pack("<I", len(auth)) + auth
