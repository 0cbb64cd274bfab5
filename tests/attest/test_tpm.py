"""TPM quotes: a real one of a cloud's virtual TPM, and one reason to refuse, one test."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from attest.fake_enclave import NOW, FakeEnclave
from attest.test_vectors import failure
from attest.vectors import policy, vector
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cloister.attest.claims import report_data
from cloister.attest.evidence import Evidence
from cloister.attest.fields import BadPolicy
from cloister.attest.tee import Outcome
from cloister.attest.tpm import TPM
from cloister.attest.verifier import AttestationResult, appraise, appraise_quote

PCR7, PCR11 = hashlib.sha256(b"7").digest(), hashlib.sha256(b"11").digest()
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def key(kind: str = "ec") -> Key:
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def pem(of: Key) -> bytes:
    return of.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def spki(of: Key) -> bytes:
    der = of.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).digest()


def sized(data: bytes) -> bytes:
    return struct.pack(">H", len(data)) + data


def attest(
    *,
    magic: int = 0xFF544347,
    kind: int = 0x8018,
    data: bytes = bytes(64),
    firmware: int = 7,
    bank: int = 0x000B,
    pcrs: dict[int, bytes] | None = None,
    surplus: bytes = b"",
) -> bytes:
    """TPMS_ATTEST as a TPM makes it."""
    pcrs = {7: PCR7, 11: PCR11} if pcrs is None else pcrs
    bits = sum(1 << index for index in pcrs).to_bytes(3, "little")
    digest = hashlib.sha256(b"".join(pcrs[index] for index in sorted(pcrs))).digest()
    return b"".join(
        (
            struct.pack(">IH", magic, kind), sized(b"\0\x0b" + bytes(32)), sized(data),
            struct.pack(">QIIBQ", 1, 2, 3, 1, firmware), struct.pack(">IHB", 1, bank, 3), bits,
            sized(digest), surplus,
        )
    )  # fmt: skip


def quote(body: bytes, by: Key | None = None, *, scheme: int | None = None) -> bytes:
    by = by or key()
    if isinstance(by, rsa.RSAPrivateKey):
        scheme = scheme or 0x0014
        pad = (
            padding.PKCS1v15()
            if scheme == 0x0014
            else padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.MAX_LENGTH)
        )
        signature = sized(by.sign(body, pad, hashes.SHA256()))
    else:
        r, s = utils.decode_dss_signature(by.sign(body, ec.ECDSA(hashes.SHA256())))
        signature = sized(r.to_bytes(32, "big")) + sized(s.to_bytes(32, "big"))
    return sized(body) + sized(struct.pack(">HH", scheme or 0x0018, 0x000B) + signature)


def table(of: Key, more: str = "") -> str:
    return (
        f'unsafe_development = true\nak_sha256 = ["{spki(of).hex()}"]\nbank = "sha256"\n{more}'
        f'[tee.tpm.pcrs]\n7 = "{PCR7.hex()}"\n11 = "{PCR11.hex()}"\n'
    )


def judge(
    data: bytes | None = None,
    *,
    of: Key | None = None,
    files: list[bytes] | None = None,
    rules: str | None = None,
    signed: bytes = bytes(64),
) -> AttestationResult:
    of = of or key()
    return appraise_quote(
        "tpm",
        quote(attest(), of) if data is None else data,
        [pem(of)] if files is None else files,
        policy("tpm", rules or table(of)),
        now=NOW,
        report_data=signed,
    )


@pytest.mark.parametrize(("kind", "scheme"), [("ec", None), ("rsa", 0x0014), ("rsa", 0x0016)])
def test_a_good_quote_passes(kind: str, scheme: int | None) -> None:
    of = key(kind)
    result = judge(quote(attest(), of, scheme=scheme), of=of)
    assert result.passed, result.checks
    assert result.facts["reset_count"] == "2"
    results = {check.name: check.result for check in result.checks}
    assert results["debug"] is Outcome.NOT_CHECKED
    assert results["measurement"] is Outcome.PASSED


def test_a_real_quote_of_a_clouds_virtual_tpm_verifies() -> None:
    """Azure's: the key stands in the runtime data of its report, which SNP vouches for."""
    found = json.loads(vector("trustee-azsnp/evidence-v1.json"))
    hcl = base64.urlsafe_b64decode(found["hcl_report"] + "==")
    runtime, _ = json.JSONDecoder().raw_decode(hcl[hcl.index(b'{"') :].decode("latin-1"))
    jwk = next(one for one in runtime["keys"] if one["kid"] == "HCLAkPub")
    numbers = [
        int.from_bytes(base64.urlsafe_b64decode(jwk[part] + "=="), "big") for part in ("e", "n")
    ]
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    encoded = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    recorded = found["tpm_quote"]
    message, signature = (bytes.fromhex(recorded[name]) for name in ("message", "signature"))
    values = "".join(f'{n} = "{value}"\n' for n, value in enumerate(recorded["pcrs"]))
    rules = (
        f'unsafe_development = true\nak_sha256 = ["{hashlib.sha256(der).hexdigest()}"]\n'
        f'bank = "sha256"\n[tee.tpm.pcrs]\n{values}'
    )
    data = sized(message) + sized(struct.pack(">HH", 0x0014, 0x000B) + sized(signature))
    result = appraise_quote("tpm", data, [encoded], policy("tpm", rules), now=NOW)
    assert result.passed, result.checks
    changed = rules.replace(f'0 = "{recorded["pcrs"][0]}"', f'0 = "{"00" * 32}"', 1)
    result = appraise_quote("tpm", data, [encoded], policy("tpm", changed), now=NOW)
    assert failure(result) == ("measurement", "pcr-values")


def test_rejects_a_quote_cut_or_changed_anywhere() -> None:
    data = quote(attest())
    for length in range(len(data)):
        assert failure(judge(data[:length]))[0] == "form"
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        assert not judge(bytes(flipped)).passed, at


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (quote(attest()) + b"\0", "trailing-bytes"),
        (quote(attest(surplus=b"\0")), "trailing-bytes"),
        (quote(attest(magic=0)), "kind"),
        (quote(attest(kind=0x8017)), "kind"),
        (quote(attest(), scheme=0x0005), "algorithm"),
        (bytes(5000), "length"),
    ],
)
def test_rejects_what_is_no_quote(data: bytes, code: str) -> None:
    assert failure(judge(data)) == ("form", code)


def test_rejects_a_key_that_is_not_enrolled_or_not_there() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    enrolled = table(key())
    result = judge(quote(attest(), other), files=[pem(other)], rules=enrolled)
    assert failure(result) == ("collateral", "platform-not-pinned")
    assert failure(judge(files=[])) == ("collateral", "collateral-missing")
    assert failure(judge(files=[b"junk"])) == ("collateral", "collateral-form")
    assert failure(judge(quote(attest(), other))) == ("evidence", "quote-signature")
    assert failure(judge(quote(attest(), key("rsa")))) == ("evidence", "key-kind")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"pcrs": {7: PCR7}}, "pcr-selection"),
        ({"pcrs": {7: PCR7, 12: PCR11}}, "pcr-selection"),
        ({"bank": 0x000C}, "pcr-selection"),
        ({"pcrs": {7: PCR7, 11: bytes(32)}}, "pcr-values"),
    ],
)
def test_rejects_other_pcrs(change: dict[str, Any], code: str) -> None:
    assert failure(judge(quote(attest(**change)))) == ("measurement", code)


def test_rejects_older_firmware_and_other_data() -> None:
    rules = table(key(), "firmware_at_least = 8\n")
    assert failure(judge(rules=rules)) == ("tcb", "tcb-firmware")
    assert failure(judge(signed=b"\1" * 64)) == ("binding", "report-data")


def test_a_service_with_its_tpms_quote_in_the_document_passes() -> None:
    enclave, nonce = FakeEnclave(), bytes(range(32))
    claims = enclave.claims(nonce, tee="tpm").to_bytes()
    data = quote(attest(data=report_data(claims)))
    document = Evidence(claims, TPM.media_type, data, (TPM.endorsements_type, pem(key())))
    rules = replace(
        policy("tpm", table(key())),
        manifest_digests=frozenset({bytes.fromhex(enclave.manifest.digest)}),
    )
    manifest = enclave.manifest.to_bytes()
    result = appraise(document.to_bytes(), manifest, rules, nonce=nonce, now=NOW)
    assert result.passed, result.checks
    stale = appraise(document.to_bytes(), manifest, rules, nonce=bytes(32), now=NOW)
    assert failure(stale) == ("nonce", "nonce")


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("unsafe_development = true\n", "", "unsafe_development"),
        ('bank = "sha256"', 'bank = "sha1"', "bank"),
        (f'7 = "{PCR7.hex()}"', '24 = "00"', "24 is unknown"),
        (f'7 = "{PCR7.hex()}"', '7 = "any"', "7 holds"),
    ],
)
def test_refuses_a_policy_that_leaves_something_open(old: str, new: str, field: str) -> None:
    with pytest.raises(BadPolicy, match=field):
        policy("tpm", table(key()).replace(old, new))
    with pytest.raises(BadPolicy, match="pcrs"):
        policy("tpm", table(key()).split("7 =")[0])
