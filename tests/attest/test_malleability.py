"""What of evidence may be changed changes nothing of the result; all else is refused."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from attest import test_optee, test_receipt
from attest import test_tpm as tpm
from attest.amd_world import twin
from attest.fake_enclave import NOW as FAKE_NOW
from attest.fake_enclave import FakeEnclave, policy_of
from attest.intel_world import IntelWorld
from attest.intel_world import _tlv as tlv
from attest.test_dcap import BOTH, judge, service, world
from attest.test_snp import judge as judge_snp
from attest.test_snp import world as snp_world
from attest.test_vectors import failure
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding

from bench import mutants
from cloister.attest.claims import report_data
from cloister.attest.evidence import Evidence
from cloister.attest.verifier import appraise

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
SMALL_SCALE = 0.002
EVERY = 211


def other_s(data: bytes, at: int) -> bytes:
    """The twin of the signature that stands there."""
    s = int.from_bytes(data[at + 32 : at + 64], "big")
    return data[: at + 32] + (P256_ORDER - s).to_bytes(32, "big") + data[at + 64 :]


def signatures(made: IntelWorld) -> tuple[int, int]:
    """Where the quote's and the QE report's signatures stand."""
    quote = 48 + (584 if made.tdx else 384) + 4
    return quote, quote + 128 + (6 if made.tdx else 0) + 384


@BOTH
@pytest.mark.parametrize("which", [0, 1], ids=["quote", "QE report"])
def test_a_twin_signature_gives_the_identical_result(tdx: bool, which: int) -> None:
    made = world(tdx)
    quote = made.quote()
    changed = other_s(quote, signatures(made)[which])
    assert changed != quote
    good = judge(made, quote=quote)
    assert good.passed
    assert judge(made, quote=changed) == good


def twin_der(signed: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    """The DER of it with the other signature."""
    r, s = utils.decode_dss_signature(signed.signature)
    signature = utils.encode_dss_signature(r, P256_ORDER - s)
    body = (
        signed.tbs_certificate_bytes
        if isinstance(signed, x509.Certificate)
        else signed.tbs_certlist_bytes
    )
    algorithm = bytes.fromhex("300a06082a8648ce3d040302")  # ecdsa-with-SHA256
    return tlv(0x30, body + algorithm + tlv(3, b"\0" + signature))


def twin_pem(certificate: x509.Certificate) -> str:
    return x509.load_der_x509_certificate(twin_der(certificate)).public_bytes(Encoding.PEM).decode()


@BOTH
@pytest.mark.parametrize("which", ["pck", "ca"])
def test_a_twin_signature_in_a_certificate_of_the_quote_gives_the_identical_result(
    tdx: bool, which: str
) -> None:
    made = world(tdx)
    chain = "".join(
        twin_pem(made.certificates[name])
        if name == which
        else made.certificates[name].public_bytes(Encoding.PEM).decode()
        for name in ("pck", "ca", "root")
    )
    quote = made.quote(chain=chain)
    assert twin_pem(made.certificates[which]).encode() in quote
    assert judge(made, quote=quote) == judge(made)


@BOTH
def test_a_twin_signature_in_certificates_and_crls_of_the_collateral_gives_the_identical_result(
    tdx: bool,
) -> None:
    made = world(tdx)
    found, good = made.certificates, judge(made)
    root = found["root"].public_bytes(Encoding.PEM).decode()
    for name in ("tcb_info_issuer_chain", "qe_identity_issuer_chain"):
        changed = made.collateral(**{name: twin_pem(found["tcb"]) + root})
        assert judge(made, collateral=[changed]) == good
    for name in ("root_ca_crl", "pck_crl"):
        crl = x509.load_der_x509_crl(bytes.fromhex(made.members[name]))
        changed = made.collateral(**{name: twin_der(crl).hex()})
        assert judge(made, collateral=[changed]) == good


@BOTH
def test_another_signature_by_the_same_keys_gives_the_identical_result(tdx: bool) -> None:
    made = world(tdx)
    one, other = made.quote(), made.quote()
    for at in signatures(made):
        assert one[at : at + 64] != other[at : at + 64]
    mixed = bytearray(one)
    at = signatures(made)[1]
    mixed[at : at + 64] = other[at : at + 64]
    assert judge(made, quote=one) == judge(made, quote=other) == judge(made, quote=bytes(mixed))


@BOTH
@pytest.mark.parametrize("change", [{"chain_type": 4}, {"chain_type": 6}])
def test_another_certification_type_is_refused(tdx: bool, change: dict[str, int]) -> None:
    quote = world(tdx).quote(**change)  # type: ignore[arg-type]
    assert failure(judge(world(tdx), quote=quote)) == ("form", "certification")


@BOTH
@pytest.mark.parametrize("part", ["chain", "inner", "auth"])
def test_bytes_after_each_part_are_refused(tdx: bool, part: str) -> None:
    quote = world(tdx).quote(surplus={part: b"\0\0"})
    assert failure(judge(world(tdx), quote=quote))[0] == "form"


@BOTH
def test_other_line_breaks_in_the_quotes_chain_are_refused(tdx: bool) -> None:
    made = world(tdx)
    names = ("pck", "ca", "root")
    pem = "".join(made.certificates[n].public_bytes(Encoding.PEM).decode() for n in names)
    for chain in (pem.replace("\n", "\r\n"), pem.replace("\n", "", 2).replace("\n", "\n\n", 1)):
        assert failure(judge(made, quote=made.quote(chain=chain))) == ("form", "chain-form")


@BOTH
def test_one_nul_after_the_chain_gives_the_identical_result_and_two_are_refused(tdx: bool) -> None:
    made = world(tdx)
    assert judge(made, quote=made.quote(surplus={"chain": b"\0"})) == judge(made)
    two = judge(made, quote=made.quote(surplus={"chain": b"\0\0"}))
    assert failure(two) == ("form", "chain-form")


@BOTH
@pytest.mark.parametrize("change", ["\n", " ", "text\n"])
def test_text_between_pem_blocks_is_refused(tdx: bool, change: str) -> None:
    made = world(tdx)
    found = made.certificates
    chain = change.join(
        found[name].public_bytes(Encoding.PEM).decode() for name in ("pck", "ca", "root")
    )
    assert failure(judge(made, quote=made.quote(chain=chain))) == ("form", "chain-form")


@BOTH
def test_another_root_certificate_in_the_quote_is_refused(tdx: bool) -> None:
    made, other = world(tdx), IntelWorld(tdx)
    names = (made.certificates["pck"], made.certificates["ca"], other.certificates["root"])
    chain = "".join(one.public_bytes(Encoding.PEM).decode() for one in names)
    assert failure(judge(made, quote=made.quote(chain=chain))) == ("form", "wrong-root")


def test_zeros_after_a_bare_td_quote_are_left_out_and_said() -> None:
    made = world(True)
    good, padded = judge(made), judge(made, quote=made.quote() + bytes(70))
    assert padded.passed and padded.facts == good.facts
    assert [c.result for c in padded.checks] == [c.result for c in good.checks]
    assert "70 zeros" in padded.checks[0].reason
    assert failure(service(made, padding=bytes(70))) == ("form", "trailing-bytes")
    sgx = judge(world(False), quote=world(False).quote() + b"\0")
    assert failure(sgx) == ("form", "trailing-bytes")


def test_a_length_that_reaches_into_the_padding_is_refused() -> None:
    made = world(True)
    quote = bytearray(made.quote())
    struct.pack_into("<I", quote, 48 + 584, len(quote) - 48 - 584 - 4 + 1)
    found = judge(made, quote=bytes(quote) + b"\0")
    assert failure(found) == ("form", "trailing-bytes")


@BOTH
def test_collateral_written_differently_gives_the_identical_result(tdx: bool) -> None:
    made = world(tdx)
    members = dict(reversed(made.members.items()))
    members["pck_crl"] = members["pck_crl"].upper()
    again = json.dumps(members, indent=2).encode()
    assert judge(made, collateral=[again]) == judge(made)


@BOTH
def test_other_line_breaks_in_the_collaterals_pem_give_the_identical_result(tdx: bool) -> None:
    made = world(tdx)
    for name in ("tcb_info_issuer_chain", "qe_identity_issuer_chain", "pck_crl_issuer_chain"):
        changed = made.members[name].replace("\n", "\r\n")
        assert judge(made, collateral=[made.collateral(**{name: changed})]) == judge(made)


def test_further_certificates_of_issuers_give_the_identical_result() -> None:
    made = snp_world()
    files = [
        made.pem("leaf", "ask", "ark", "ask", "ark"),
        snp_world("Turin").pem("ask"),
        made.crl(),
    ]
    assert judge_snp(made, files=files) == judge_snp(made)


@BOTH
def test_the_document_in_other_white_space_and_order_gives_the_identical_result(tdx: bool) -> None:
    def again(document: bytes) -> bytes:
        members = dict(reversed(json.loads(document).items()))
        return json.dumps(members, indent=3).encode() + b"\n "

    # One quote for both: signatures differ each time.
    quote = cache(lambda data: world(tdx).quote(world(tdx).body(report_data=data)))
    good = service(world(tdx), quote)
    assert good.passed
    assert service(world(tdx), quote, written=again) == good


def test_certificates_in_another_order_give_the_identical_result() -> None:
    made = snp_world()
    good = judge_snp(made)
    names = ("ark", "leaf", "ask")
    files = [made.crl(), made.pem(*names), snp_world("Turin").pem("ark")]
    assert judge_snp(made, files=files) == good


def test_a_twin_of_a_reports_signature_gives_the_identical_result() -> None:
    report = snp_world().report()
    assert judge_snp(report=twin(report)) == judge_snp(report=report)


def test_every_other_byte_of_a_report_is_signed_or_must_be_zero() -> None:
    report = snp_world().report()
    for at in [*range(0, len(report), 7), *range(0x2A0, len(report), 3)]:
        changed = bytearray(report)
        changed[at] ^= 0x80
        assert not judge_snp(report=bytes(changed)).passed, hex(at)


def split_tpm(data: bytes) -> tuple[bytes, int, int]:
    """A TPM's quote: all before r, r, s."""
    at = 2 + int.from_bytes(data[:2], "big") + 2 + 4
    size = int.from_bytes(data[at : at + 2], "big")
    r = int.from_bytes(data[at + 2 : at + 2 + size], "big")
    s = int.from_bytes(data[at + 2 + size + 2 :], "big")
    return data[: 2 + int.from_bytes(data[:2], "big")], r, s


def joined_tpm(body: bytes, r: int, s: int, width: int = 32) -> bytes:
    signature = b"".join(tpm.sized(number.to_bytes(width, "big")) for number in (r, s))
    return body + tpm.sized(struct.pack(">HH", 0x0018, 0x000B) + signature)


def test_a_tpms_twin_signature_and_zeros_before_its_numbers_give_the_identical_result() -> None:
    quote = tpm.quote(tpm.attest())
    body, r, s = split_tpm(quote)
    assert joined_tpm(body, r, s) == quote
    good = tpm.judge(quote)
    assert good.passed
    assert tpm.judge(joined_tpm(body, r, P256_ORDER - s)) == good
    assert tpm.judge(joined_tpm(body, r, s, width=48)) == good
    assert failure(tpm.judge(joined_tpm(body, r, s, width=49))) == ("form", "length")


def test_a_tpms_key_written_differently_gives_the_identical_result() -> None:
    key = tpm.pem(tpm.key())
    for written in (key.replace(b"\n", b"\r\n"), b"text\n" + key, key + b"\n\n"):
        assert tpm.judge(files=[written]) == tpm.judge()


ED25519_ORDER = 2**252 + 27742317777372353535851937790883648493


def plus_order(data: bytes, at: int) -> bytes:
    """An Ed25519 signature that stands there, with the group's order added to its second half."""
    s = int.from_bytes(data[at + 32 : at + 64], "little") + ED25519_ORDER
    return data[: at + 32] + s.to_bytes(32, "little") + data[at + 64 :]


def test_an_ed25519_signature_beyond_the_groups_order_is_refused() -> None:
    # The sandbox's evidence,
    enclave, nonce = FakeEnclave(), bytes(32)
    good = Evidence.from_bytes(enclave.document(nonce))
    changed = replace(good, evidence=plus_order(good.evidence, 32))
    made = enclave.manifest.to_bytes()
    rules = policy_of(enclave.manifest)
    assert appraise(good.to_bytes(), made, rules, nonce=nonce, now=FAKE_NOW).passed
    result = appraise(changed.to_bytes(), made, rules, nonce=nonce, now=FAKE_NOW)
    assert failure(result) == ("binding", "report-data")
    # a device in OP-TEE,
    data = report_data(test_optee.OPEN)
    signed = test_optee.unattested(data)
    assert test_optee.judge(signed, test_optee.ENROLLED, test_optee.OPEN).passed
    changed_device = plus_order(signed, len(signed) - 64)
    assert not test_optee.judge(changed_device, test_optee.ENROLLED, test_optee.OPEN).passed
    # a receipt.
    receipt = test_receipt.signed()
    assert test_receipt.refusal(receipt) == ""
    assert test_receipt.refusal(plus_order(receipt, len(receipt) - 64)) == "signature"


def plus_modulus(make: Callable[[], bytes], at: int, n: int) -> bytes:
    """An RSA signature that stands there, with the modulus added; of the first that has room."""
    size = (n.bit_length() + 7) // 8
    for _ in range(10_000):
        data = make()
        s = int.from_bytes(data[at : at + size], "big") + n
        if s < 1 << 8 * size:
            return data[:at] + s.to_bytes(size, "big") + data[at + size :]
    raise AssertionError("no signature left room")


def test_an_rsa_signature_beyond_the_modulus_is_refused() -> None:
    data, key = report_data(test_optee.CLOSED), small_key()
    n = key.public_key().public_numbers().n
    table = test_optee.ATTESTATION.replace(
        test_optee.key_name().hex(), test_optee.key_name(key).hex()
    )
    good = test_optee.attested(data, key=key)
    assert test_optee.judge(good, table, test_optee.CLOSED).passed
    at = len(good) - key.key_size // 8
    changed = plus_modulus(lambda: test_optee.attested(data, key=key), at, n)
    assert not test_optee.judge(changed, table, test_optee.CLOSED).passed
    quote = tpm.quote(tpm.attest(), key, scheme=0x0016)
    at = len(quote) - key.key_size // 8
    changed = plus_modulus(lambda: tpm.quote(tpm.attest(), key, scheme=0x0016), at, n)
    assert tpm.judge(quote, of=key).passed
    assert failure(tpm.judge(changed, of=key)) == ("evidence", "quote-signature")


@cache
def small_key() -> rsa.RSAPrivateKey:
    """One whose modulus leaves room for signatures beyond it."""
    while True:
        key = rsa.generate_private_key(65537, 2048)
        if key.public_key().public_numbers().n >> 2044 < 10:
            return key


def test_another_rsa_pss_signature_by_the_same_key_gives_the_identical_result() -> None:
    data = report_data(test_optee.CLOSED)
    one, other = (test_optee.attested(data) for _ in range(2))
    table, about = test_optee.ATTESTATION, test_optee.CLOSED
    assert one != other
    assert test_optee.judge(one, table, about) == test_optee.judge(other, table, about)
    key = tpm.key("rsa")
    quotes = [tpm.quote(tpm.attest(), key, scheme=0x0016) for _ in range(2)]
    assert quotes[0] != quotes[1]
    assert tpm.judge(quotes[0], of=key) == tpm.judge(quotes[1], of=key)


# ------------------------------------------------------------------------------------- mutants
NAMES = (
    "document", "claims", "key config", "manifest", "policy", "sealed request", "sealed response",
    "receipt", "receipt file", "page key, wrapped", "owner's signature", "key request",
    "released key",
    "sgx quote", "sgx collateral", "tdx quote", "tdx collateral", "tdx quote v5, raw",
    "snp report", "snp certificates", "real tdx quote, raw", "real snp report, raw",
)  # fmt: skip


@cache
def small_targets() -> dict[str, mutants.Target]:
    return {target.name: target for target in mutants.targets(SMALL_SCALE)}


def test_all_targets_are_tried() -> None:
    assert set(small_targets()) <= set(NAMES)
    assert {name for name in NAMES if not name.startswith("real")} <= set(small_targets())


@pytest.mark.parametrize("name", NAMES)
def test_no_mutant_is_accepted_with_another_meaning(name: str) -> None:
    """A small part of `python -m bench.mutants`, whose log is in bench/results."""
    if name not in small_targets():
        pytest.skip("the recorded quotes are not on this machine")
    target = small_targets()[name]
    row = mutants.run(target, random.Random(3), every=EVERY)
    assert row["mutants"] > 0
    assert row["different"] == 0
    if target.strict:
        assert row["same"] == 0
