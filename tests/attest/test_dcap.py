"""SGX and TDX: one reason to refuse, one test; on a PKI of our own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from attest.fake_enclave import FakeEnclave
from attest.intel_world import (
    BEGIN,
    END,
    FUTURE,
    MR_ENCLAVE,
    MR_SIGNER,
    MR_TD,
    NOW,
    PAST,
    PPID,
    IntelWorld,
    new_key,
)
from attest.test_vectors import failure
from attest.vectors import policy
from cryptography.hazmat.primitives.serialization import Encoding

from cloister.attest import dcap
from cloister.attest.claims import DEBUG_DISABLED, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.fields import BadPolicy
from cloister.attest.tee import Outcome
from cloister.attest.verifier import AttestationResult, appraise, appraise_quote

BOTH = pytest.mark.parametrize("tdx", [False, True], ids=["sgx", "tdx"])
COMMON = """\
tcb_status = ["UpToDate"]
tcb_evaluation_at_least = 20
"""
ZERO48 = "00" * 48
SGX_TABLE = f'{COMMON}mr_enclave = ["{MR_ENCLAVE.hex()}"]\n'
SIGNER_TABLE = f'{COMMON}mr_signer = ["{MR_SIGNER.hex()}"]\nisv_prod_id = 0\nisv_svn_at_least = 1\n'
TDX_TABLE = (
    f'{COMMON}mr_td = ["{MR_TD.hex()}"]\n'
    + "".join(f'rtmr{n} = ["{ZERO48}"]\n' for n in range(4))
    + 'td_attributes = "0000001000000000"\nxfam = "e702060000000000"\n'
)
CLOUD = {"dynamic_platform": True, "cached_keys": True, "smt": True}


@cache
def world(tdx: bool) -> IntelWorld:
    return IntelWorld(tdx)


def judge(
    made: IntelWorld,
    *,
    quote: bytes | None = None,
    collateral: list[bytes] | None = None,
    table: str | None = None,
    now: float = NOW,
    data: bytes | None = None,
) -> AttestationResult:
    return appraise_quote(
        made.kind,
        made.quote() if quote is None else quote,
        [made.collateral()] if collateral is None else collateral,
        policy(made.kind, table or (TDX_TABLE if made.tdx else SGX_TABLE)),
        now=now,
        report_data=data,
        tees={made.kind: made.row()},
    )


@BOTH
def test_a_good_quote_passes_every_step(tdx: bool) -> None:
    result = judge(world(tdx), data=bytes(64))
    assert result.passed
    assert {check.result for check in result.checks} == {Outcome.PASSED}
    assert result.facts["ppid"] == PPID.hex()


def test_a_td_of_1_5_passes_in_a_quote_of_version_5() -> None:
    made = world(True)
    assert judge(made, quote=made.quote(made.body(service=bytes(48)), version=5)).passed


# form
@BOTH
def test_rejects_a_quote_cut_at_any_length(tdx: bool) -> None:
    quote = world(tdx).quote()
    for length in range(0, len(quote), 7):
        assert failure(judge(world(tdx), quote=quote[:length]))[0] == "form"


@BOTH
@pytest.mark.parametrize("part", ["chain", "inner", "auth"])
def test_rejects_bytes_after_each_part(tdx: bool, part: str) -> None:
    quote = world(tdx).quote(surplus={part: b"x"})
    step, code = failure(judge(world(tdx), quote=quote))
    assert step == "form"
    assert code == ("chain-form" if part == "chain" else "trailing-bytes")


@BOTH
def test_rejects_bytes_after_a_quote(tdx: bool) -> None:
    quote = world(tdx).quote() + b"x"
    assert failure(judge(world(tdx), quote=quote)) == ("form", "trailing-bytes")


@BOTH
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"key_type": 3}, "key-type"),
        ({"chain_type": 1}, "certification"),
        ({"qe_vendor": bytes(16)}, "qe-vendor"),
        ({"version": 2}, "version"),
        ({"chain": "-----BEGIN CERTIFICATE-----\n"}, "chain-form"),
        ({"chain": "\n"}, "chain-form"),
    ],
)
def test_rejects_a_quote_of_another_form(tdx: bool, change: dict[str, Any], code: str) -> None:
    assert failure(judge(world(tdx), quote=world(tdx).quote(**change))) == ("form", code)


def test_rejects_other_certification_data_in_a_td_quote() -> None:
    quote = world(True).quote(outer_type=5)
    assert failure(judge(world(True), quote=quote)) == ("form", "certification")


def test_rejects_a_td_body_of_another_length() -> None:
    made = world(True)
    quote = made.quote(made.body() + bytes(10), version=5)
    assert failure(judge(made, quote=quote)) == ("form", "body-type")


@BOTH
def test_rejects_a_quote_of_the_other_kind(tdx: bool) -> None:
    assert failure(judge(world(tdx), quote=world(not tdx).quote())) == ("form", "kind")


@BOTH
def test_rejects_another_root_even_if_all_else_fits_it(tdx: bool) -> None:
    made = IntelWorld(tdx)
    rules = policy(made.kind, TDX_TABLE if tdx else SGX_TABLE)
    result = appraise_quote(made.kind, made.quote(), [made.collateral()], rules, now=NOW)
    assert failure(result) == ("form", "wrong-root")


@BOTH
def test_a_certificate_with_serial_number_zero_is_refused_without_a_warning(tdx: bool) -> None:
    made = world(tdx)
    pem = made.members["tcb_info_issuer_chain"].split("-----END")[0]
    der = bytearray(base64.b64decode(pem.split("-----")[2]))
    serial = made.certificates["tcb"].serial_number
    raw = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
    at = bytes(der).index(raw)
    der[at : at + len(raw)] = bytes(len(raw))
    body = base64.encodebytes(bytes(der)).decode()
    bad = f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n"
    root = made.certificates["root"].public_bytes(Encoding.PEM).decode()
    result = judge(made, collateral=[made.collateral(tcb_info_issuer_chain=bad + root)])
    assert not result.passed


# debug
def test_rejects_a_debug_enclave() -> None:
    made = world(False)
    assert failure(judge(made, quote=made.quote(made.body(flags=7)))) == ("debug", "debug-enabled")


def test_rejects_a_debug_domain() -> None:
    made = world(True)
    body = made.body(attributes=bytes.fromhex("0100001000000000"))
    assert failure(judge(made, quote=made.quote(body))) == ("debug", "debug-enabled")


# collateral
@BOTH
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tcb_dates": (BEGIN, PAST)}, "tcb-info-expired"),
        ({"tcb_dates": (FUTURE, END)}, "tcb-info-early"),
        ({"qe_dates": (BEGIN, PAST)}, "qe-identity-expired"),
        ({"qe_dates": (FUTURE, END)}, "qe-identity-early"),
        ({"root_crl_dates": (BEGIN, PAST)}, "crl-expired"),
        ({"root_crl_dates": (FUTURE, END)}, "crl-early"),
        ({"pck_crl_dates": (BEGIN, PAST)}, "crl-expired"),
        ({"pck_crl_dates": (FUTURE, END)}, "crl-early"),
        *(
            ({"certificate_dates": {name: {"end": PAST}}}, "certificate-expired")
            for name in ("root", "ca", "pck", "tcb")
        ),
        *(
            ({"certificate_dates": {name: {"begin": FUTURE}}}, "certificate-early")
            for name in ("root", "ca", "pck", "tcb")
        ),
        *(({"revoked": (name,)}, "revoked") for name in ("pck", "ca", "tcb")),
        ({"listed_fmspc": bytes(6)}, "fmspc"),
        ({"listed_pce_id": "0001"}, "pce-id"),
    ],
    ids=str,
)
def test_rejects_each_fault_of_the_collateral(tdx: bool, change: dict[str, Any], code: str) -> None:
    assert failure(judge(IntelWorld(tdx, **change))) == ("collateral", code)


@BOTH
def test_names_the_document_that_expired_and_when(tdx: bool) -> None:
    result = judge(IntelWorld(tdx, tcb_dates=(BEGIN, PAST)))
    [check] = [check for check in result.checks if check.result is Outcome.FAILED]
    assert "TCB info that expired at 2026-01-06 00:00:00Z" in check.reason
    assert "cloister collateral fetch" in check.hint


@BOTH
@pytest.mark.parametrize(
    ("data", "code"),
    [
        ([], "collateral-missing"),
        ([b"", b""], "collateral"),
        ([b""], "collateral-form"),
        ([b"\xff"], "collateral-form"),
        ([b"[]"], "collateral-form"),
        ([b"[" * 200_000], "collateral-form"),
        ([b'{"a":1,"a":2}'], "duplicate"),
        ([b"{}"], "collateral-members"),
        ([b" " * 300_000], "collateral-length"),
    ],
    ids=["none", "two", "empty", "bytes", "list", "deep", "twice", "members", "long"],
)
def test_rejects_collateral_of_another_form(tdx: bool, data: list[bytes], code: str) -> None:
    assert failure(judge(world(tdx), collateral=data)) == ("collateral", code)


@BOTH
@pytest.mark.parametrize("member", ["root_ca_crl", "pck_crl", "tcb_info", "qe_identity", "chain"])
@pytest.mark.parametrize("value", ["", "zz", "00", "{}", "[]", "\ud800"])
def test_rejects_a_member_of_another_form(tdx: bool, member: str, value: str) -> None:
    name = "tcb_info_issuer_chain" if member == "chain" else member
    members = {**world(tdx).members, name: value}
    result = judge(world(tdx), collateral=[json.dumps(members).encode()])
    assert failure(result)[0] == "collateral"


@BOTH
def test_rejects_a_surplus_or_missing_member(tdx: bool) -> None:
    members = world(tdx).members
    for changed in ({**members, "x": "y"}, {k: v for k, v in members.items() if k != "pck_crl"}):
        result = judge(world(tdx), collateral=[json.dumps(changed).encode()])
        assert failure(result) == ("collateral", "collateral-members")
    numbers = json.dumps({**members, "pck_crl": 1}).encode()
    assert failure(judge(world(tdx), collateral=[numbers])) == ("collateral", "collateral-members")


@BOTH
def test_rejects_collateral_of_the_other_kind(tdx: bool) -> None:
    made, other = world(tdx), IntelWorld(not tdx, keys=world(tdx).keys)
    changed = {n: other.members[n] for n in ("tcb_info", "tcb_info_signature")}
    assert failure(judge(made, collateral=[made.collateral(**changed)])) == ("collateral", "kind")


# evidence
@BOTH
@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("tcb_info", "tcb_info_signature"), "tcb-info-signature"),
        (("qe_identity", "qe_identity_signature"), "qe-identity-signature"),
        (("tcb_info_signature",), "tcb-info-signature"),
        (("root_ca_crl",), "chain"),
        (("pck_crl",), "chain"),
    ],
)
def test_rejects_a_document_that_foreign_keys_signed(
    tdx: bool, names: tuple[str, ...], code: str
) -> None:
    made, other = world(tdx), IntelWorld(tdx)
    changed = {name: other.members[name] for name in names}
    step, found = failure(judge(made, collateral=[made.collateral(**changed)]))
    assert step == "evidence"
    assert found in (code, "not-genuine")


@BOTH
def test_rejects_a_foreign_attestation_key(tdx: bool) -> None:
    quote = world(tdx).quote(attestation=new_key())
    assert failure(judge(world(tdx), quote=quote)) == ("evidence", "quote-signature")


@BOTH
def test_rejects_a_body_that_was_changed_after_signing(tdx: bool) -> None:
    quote = bytearray(world(tdx).quote())
    quote[48 + 200] ^= 1
    assert failure(judge(world(tdx), quote=bytes(quote))) == ("evidence", "quote-signature")


@BOTH
def test_rejects_a_foreign_quoting_enclave(tdx: bool) -> None:
    assert failure(judge(IntelWorld(tdx, qe_signer=bytes(32)))) == ("evidence", "qe-signer")


@BOTH
def test_rejects_firmware_older_than_all_levels(tdx: bool) -> None:
    assert failure(judge(IntelWorld(tdx, needed_svn=6))) == ("evidence", "tcb-unknown")


@BOTH
@pytest.mark.parametrize("change", [{"status": "Revoked"}, {"qe_status": "Revoked"}])
def test_rejects_a_revoked_level_whatever_the_policy_says(
    tdx: bool, change: dict[str, Any]
) -> None:
    assert failure(judge(IntelWorld(tdx, **change))) == ("evidence", "tcb-revoked")


# tcb
STATUSES = [status for status in dcap.STATUSES if status != "UpToDate"]


@BOTH
@pytest.mark.parametrize("status", STATUSES)
def test_rejects_each_state_that_the_policy_does_not_name(tdx: bool, status: str) -> None:
    made = IntelWorld(tdx, status=status)
    assert failure(judge(made)) == ("tcb", "tcb-status")
    table = TDX_TABLE if tdx else SGX_TABLE
    allowed = table.replace('["UpToDate"]', f'["UpToDate", "{status}"]')
    assert judge(made, table=allowed).passed


@BOTH
def test_rejects_an_outdated_quoting_enclave(tdx: bool) -> None:
    assert failure(judge(IntelWorld(tdx, qe_status="OutOfDate"))) == ("tcb", "tcb-status")


@BOTH
def test_rejects_an_advisory_that_the_policy_does_not_name(tdx: bool) -> None:
    made = IntelWorld(tdx, advisories=("INTEL-SA-1", "INTEL-SA-2"))
    table = TDX_TABLE if tdx else SGX_TABLE
    assert failure(judge(made)) == ("tcb", "advisory")
    assert failure(judge(made, table=f'{table}advisories = ["INTEL-SA-1"]')) == ("tcb", "advisory")
    assert judge(made, table=f'{table}advisories = ["INTEL-SA-1", "INTEL-SA-2"]').passed


@BOTH
def test_rejects_collateral_of_an_old_evaluation(tdx: bool) -> None:
    assert failure(judge(IntelWorld(tdx, evaluation=19))) == ("tcb", "tcb-evaluation")


# platform
@BOTH
@pytest.mark.parametrize("missing", [None, *CLOUD])
def test_rejects_each_weak_configuration_that_the_policy_does_not_allow(
    tdx: bool, missing: str | None
) -> None:
    made = IntelWorld(tdx, configuration=CLOUD)
    lines = "".join(f"allow_{name} = true\n" for name in CLOUD if name != missing)
    result = judge(made, table=(TDX_TABLE if tdx else SGX_TABLE) + lines)
    if missing is None:
        assert result.passed, result.checks
    else:
        assert failure(result) == ("platform", missing.replace("_", "-"))


@BOTH
def test_rejects_a_machine_that_is_not_pinned(tdx: bool) -> None:
    table = TDX_TABLE if tdx else SGX_TABLE
    assert judge(world(tdx), table=f'{table}ppids = ["{PPID.hex()}"]').passed
    result = judge(world(tdx), table=f'{table}ppids = ["{"ff" * 16}"]')
    assert failure(result) == ("platform", "platform-not-pinned")


# measurement
def _sgx(change: dict[str, Any], table: str = SGX_TABLE) -> AttestationResult:
    made = world(False)
    return judge(made, quote=made.quote(made.body(**change)), table=table)


@pytest.mark.parametrize(
    ("change", "table", "code"),
    [
        ({"mr_enclave": bytes(32)}, SGX_TABLE, "mr-enclave"),
        ({"mr_signer": bytes(32)}, SIGNER_TABLE, "mr-signer"),
        ({"product": 1}, SIGNER_TABLE, "product"),
        ({"svn": 0}, SIGNER_TABLE, "isv-svn"),
        ({"flags": 4}, SGX_TABLE, "attributes"),
        ({"flags": 1}, SGX_TABLE, "attributes"),
        ({"flags": 5 | 16}, SGX_TABLE, "attributes"),
        ({"flags": 5 | 32}, SGX_TABLE, "attributes"),
        ({"misc": 1}, SGX_TABLE, "misc-select"),
        (
            {"flags": 5 | 128},
            f'{SGX_TABLE}attributes = "05{"00" * 15}"\nattributes_mask = "ff{"00" * 15}"\n',
            "attributes",
        ),
    ],
    ids=str,
)
def test_rejects_each_measurement_of_an_enclave(
    change: dict[str, Any], table: str, code: str
) -> None:
    assert _sgx({}, table).passed
    assert failure(_sgx(change, table)) == ("measurement", code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"mr_td": bytes(48)}, "mr-td"),
        *(
            ({"rtmr": tuple(b"\1" * 48 if n == m else bytes(48) for m in range(4))}, f"rtmr{n}")
            for n in range(4)
        ),
        ({"xfam": bytes.fromhex("e702060000000001")}, "xfam"),
        ({"attributes": bytes.fromhex("0000001080000000")}, "td-attributes"),
        ({"owned": (b"\1" * 48, bytes(48), bytes(48))}, "mr-config-id"),
        ({"owned": (bytes(48), b"\1" * 48, bytes(48))}, "mr-owner"),
        ({"owned": (bytes(48), bytes(48), b"\1" * 48)}, "mr-owner-config"),
    ],
)
def test_rejects_each_measurement_of_a_trust_domain(change: dict[str, Any], code: str) -> None:
    made = world(True)
    result = judge(made, quote=made.quote(made.body(**change)))
    assert failure(result)[1] in (code, "not-genuine")
    assert failure(result)[0] in ("measurement", "evidence")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"attributes": bytes(8)}, "SEPT_VE_DISABLE"),
        ({"mr_signer_seam": b"\1" * 48}, ""),
    ],
)
def test_rejects_a_domain_that_its_host_can_disturb(change: dict[str, Any], word: str) -> None:
    made = world(True)
    result = judge(made, quote=made.quote(made.body(**change)))
    assert not result.passed
    [check] = [check for check in result.checks if check.result is Outcome.FAILED]
    assert word in check.reason


def test_rejects_a_domain_with_a_service_domain_bound() -> None:
    made = world(True)
    body = made.body(service=b"\1" * 48)
    assert not judge(made, quote=made.quote(body, version=5)).passed


def test_rejects_an_older_tdx_module_and_another_module() -> None:
    table = TDX_TABLE + f'tee_tcb_svn_at_least = "06{"00" * 15}"\n'
    assert failure(judge(world(True), table=table)) == ("measurement", "tee-tcb-svn")
    table = TDX_TABLE + f'mr_seam = ["{"11" * 48}"]\n'
    assert failure(judge(world(True), table=table)) == ("measurement", "mr-seam")


def test_a_register_that_is_left_out_by_name_is_reported_as_not_checked() -> None:
    table = TDX_TABLE.replace(f'rtmr3 = ["{ZERO48}"]', 'unchecked = ["rtmr3"]')
    made = world(True)
    rtmr = (bytes(48), bytes(48), bytes(48), b"\1" * 48)
    result = judge(made, quote=made.quote(made.body(rtmr=rtmr)), table=table)
    assert result.passed
    [check] = [check for check in result.checks if check.name == "measurement"]
    assert check.result is Outcome.NOT_CHECKED and "rtmr3" in check.reason


# binding
@BOTH
def test_rejects_other_report_data(tdx: bool) -> None:
    assert failure(judge(world(tdx), data=b"\1" * 64)) == ("binding", "report-data")


# in a service's evidence
ENCLAVE = FakeEnclave()
MANIFEST = ENCLAVE.manifest.to_bytes()
NONCE = bytes(range(32))


def service(
    made: IntelWorld,
    quote: Callable[[bytes], bytes] | None = None,
    *,
    padding: bytes = b"",
    written: Callable[[bytes], bytes] = bytes,
) -> AttestationResult:
    """A whole appraisal of a document with collateral in it; `written` may rewrite it."""
    claims = ENCLAVE.claims(
        NONCE, tee=made.kind, debug_status=DEBUG_DISABLED, iat=int(NOW), exp=int(NOW) + 3600
    ).to_bytes()
    signed = quote or (lambda data: made.quote(made.body(report_data=data)))
    row = made.row()
    document = Evidence(
        claims,
        row.media_type,
        signed(report_data(claims)) + padding,
        (row.endorsements_type, made.collateral()),
    )
    rules = replace(
        policy(made.kind, TDX_TABLE if made.tdx else SGX_TABLE),
        manifest_digests=frozenset({bytes.fromhex(ENCLAVE.manifest.digest)}),
    )
    return appraise(
        written(document.to_bytes()),
        MANIFEST,
        rules,
        nonce=NONCE,
        now=NOW,
        tees={made.kind: row},
    )


@BOTH
def test_a_service_with_collateral_in_its_document_passes(tdx: bool) -> None:
    result = service(world(tdx))
    assert result.passed, result.checks
    assert result.require()[1].to_bytes() == ENCLAVE.key_config


@BOTH
def test_rejects_a_service_whose_quote_is_of_another_key(tdx: bool) -> None:
    result = service(world(tdx), lambda _: world(tdx).quote())
    assert failure(result) == ("binding", "report-data")


@BOTH
def test_rejects_zeros_after_a_services_quote(tdx: bool) -> None:
    assert failure(service(world(tdx), padding=b"\0")) == ("form", "trailing-bytes")


# policies
@pytest.mark.parametrize(
    ("kind", "old", "new", "field"),
    [
        ("sgx", '"UpToDate"', "", "tcb_status"),
        ("sgx", '"UpToDate"', '"OutOfDate"', "tcb_status"),
        ("sgx", '"UpToDate"', '"UpToDate", "Revoked"', "tcb_status"),
        ("sgx", "tcb_evaluation_at_least = 20", "", "tcb_evaluation_at_least"),
        ("sgx", "= 20", "= 0", "tcb_evaluation_at_least"),
        ("sgx", "mr_enclave", "mr_any", "either mr_enclave"),
        ("sgx", COMMON, f'{COMMON}mr_signer = ["{"00" * 32}"]\n', "either mr_enclave"),
        ("sgx", COMMON, f"{COMMON}debug = true\n", "debug is unknown"),
        ("sgx", COMMON, f"{COMMON}allow_debug = true\n", "allow_debug is unknown"),
        ("sgx", COMMON, f'{COMMON}attributes = "{"ff" * 16}"\n', "attributes_mask"),
        (
            "sgx",
            COMMON,
            f'{COMMON}attributes = "{"ff" * 16}"\nattributes_mask = "{"ff" * 16}"\n',
            "debug enclave",
        ),
        ("sgx", MR_ENCLAVE.hex(), MR_ENCLAVE.hex().upper(), "mr_enclave"),
        ("sgx", f'"{MR_ENCLAVE.hex()}"', "", "mr_enclave"),
        ("tdx", f'rtmr3 = ["{ZERO48}"]', "", "rtmr3 is missing"),
        ("tdx", f'mr_td = ["{MR_TD.hex()}"]', 'unchecked = ["mr_td"]', "unchecked"),
        ("tdx", COMMON, f'{COMMON}unchecked = ["rtmr0"]\n', "rtmr0"),
        ("tdx", '"0000001000000000"', '"0100001000000000"', "debug domain"),
        ("tdx", 'xfam = "e702060000000000"', "", "xfam is missing"),
    ],
)
def test_refuses_a_policy_that_is_contradictory_or_leaves_something_open(
    kind: str, old: str, new: str, field: str
) -> None:
    table = SGX_TABLE if kind == "sgx" else TDX_TABLE
    assert old in table
    with pytest.raises(BadPolicy, match=field):
        policy(kind, table.replace(old, new, 1))
