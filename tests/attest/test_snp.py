"""SEV-SNP: one reason to refuse, one test; on a PKI of our own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from attest.amd_world import BEGIN, CHIP, FUTURE, MEASUREMENT, NOW, PAST, AmdWorld, rsa_key, twin
from attest.fake_enclave import FakeEnclave
from attest.test_vectors import failure
from attest.vectors import policy
from cryptography.hazmat.primitives.asymmetric import ec

from cloister.attest.claims import DEBUG_DISABLED, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.fields import BadPolicy
from cloister.attest.snp_report import REPORT_BYTES, SIGNED_BYTES
from cloister.attest.tee import Outcome
from cloister.attest.verifier import AttestationResult, appraise, appraise_quote

TABLE = f"""\
measurement = ["{MEASUREMENT.hex()}"]
products = ["Genoa"]
signing_keys = ["VCEK"]
vmpl = 0
guest_svn_at_least = 1
tcb_at_least = {{ bootloader = 10, tee = 0, snp = 23, microcode = 84 }}
"""
VLEK_TABLE = TABLE.replace('["VCEK"]', '["VLEK"]')
TURIN_TABLE = TABLE.replace("Genoa", "Turin").replace("microcode = 84", "microcode = 84, fmc = 1")
MILAN_TABLE = TABLE.replace('["Genoa"]', '["Milan"]\nunsafe_milan = true')


@cache
def world(product: str = "Genoa", vlek: bool = False) -> AmdWorld:
    return AmdWorld(product, vlek)


def judge(
    made: AmdWorld | None = None,
    *,
    report: bytes | None = None,
    files: list[bytes] | None = None,
    table: str = TABLE,
    now: float = NOW,
    data: bytes | None = None,
) -> AttestationResult:
    made = made or world()
    return appraise_quote(
        "snp",
        made.report() if report is None else report,
        [made.pem(), made.crl()] if files is None else files,
        policy("snp", table),
        now=now,
        report_data=data,
        tees={"snp": made.row()},
    )


def changed(table: str = TABLE, **changes: Any) -> AttestationResult:  # noqa: ANN401
    return judge(report=world().report(**changes), table=table)


@pytest.mark.parametrize("version", [2, 3, 4, 5])
def test_a_good_report_of_each_version_passes_every_step(version: int) -> None:
    result = judge(report=world().report(version=version), data=bytes(64))
    assert result.passed, result.checks
    assert {check.result for check in result.checks} == {Outcome.PASSED}


def test_turin_with_its_own_layout_passes() -> None:
    made = world("Turin")
    result = judge(made, table=TURIN_TABLE)
    assert result.passed, result.checks
    assert "fmc 1" in result.facts["tcb_reported"]


def test_a_vlek_passes_and_names_its_cloud() -> None:
    made = world(vlek=True)
    result = judge(made, table=VLEK_TABLE)
    assert result.passed, result.checks
    assert result.facts["csp"] == "acme" and result.facts["signing_key"] == "VLEK"


# form
def test_rejects_a_report_cut_at_any_length_or_longer() -> None:
    report = world().report()
    for length in range(0, REPORT_BYTES, 5):
        assert failure(judge(report=report[:length])) == ("form", "length")
    assert failure(judge(report=report + b"\0")) == ("form", "trailing-bytes")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 1}, "version"),
        ({"version": 6}, "version"),
        ({"algorithm": 2}, "algorithm"),
        ({"vmpl": 4}, "vmpl-form"),
        ({"policy": 0}, "policy"),
    ],
)
def test_rejects_a_report_of_another_form(change: dict[str, Any], code: str) -> None:
    assert failure(changed(**change)) == ("form", code)


def test_rejects_bytes_in_the_padding_of_the_signature() -> None:
    report = bytearray(world().report())
    report[-1] = 1
    assert failure(judge(report=bytes(report))) == ("form", "signature-padding")


# debug
def test_rejects_a_guest_that_may_be_debugged() -> None:
    assert failure(changed(policy=0xA0000)) == ("debug", "debug-enabled")


# collateral
@pytest.mark.parametrize("name", ["leaf", "ask", "ark"])
def test_rejects_a_chain_that_lacks_a_certificate(name: str) -> None:
    names = [one for one in ("leaf", "ask", "ark") if one != name]
    files = [world().pem(*names), world().crl()]
    assert failure(judge(files=files)) == ("collateral", "collateral-missing")


def test_rejects_no_collateral_and_collateral_that_is_none() -> None:
    assert failure(judge(files=[])) == ("collateral", "collateral-missing")
    for junk in (b"junk", b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        assert failure(judge(files=[junk])) == ("collateral", "certificate-form")
    assert failure(judge(files=[bytes(200_000)])) == ("collateral", "certificate-form")
    assert failure(judge(files=[world().pem("ark") * 17])) == ("collateral", "certificate-form")


def test_rejects_the_certificates_of_two_chips() -> None:
    files = [world().pem(), AmdWorld().pem("leaf")]
    assert failure(judge(files=files)) == ("collateral", "certificate-surplus")


@pytest.mark.parametrize("name", ["leaf", "ask", "ark"])
@pytest.mark.parametrize(
    ("dates", "code"),
    [({"end": PAST}, "certificate-expired"), ({"begin": FUTURE}, "certificate-early")],
)
def test_rejects_a_certificate_outside_its_life(
    name: str, dates: dict[str, dt.datetime], code: str
) -> None:
    assert failure(judge(AmdWorld(dates={name: dates}))) == ("collateral", code)


def test_rejects_a_vlek_after_its_year() -> None:
    made = AmdWorld(vlek=True)
    later = (BEGIN + dt.timedelta(days=366)).timestamp()
    files = [made.pem()]
    table = f"{VLEK_TABLE}require_crl = false\n"
    assert judge(made, files=files, table=table).passed
    result = judge(made, files=files, table=table, now=later)
    assert failure(result) == ("collateral", "certificate-expired")


def test_rejects_another_root_even_if_all_else_fits_it() -> None:
    made = AmdWorld(ark="other")
    result = appraise_quote(
        "snp", made.report(), [made.pem(), made.crl()], policy("snp", TABLE), now=NOW
    )
    assert failure(result) == ("collateral", "wrong-root")


def test_rejects_an_intermediate_that_the_root_did_not_sign() -> None:
    made = AmdWorld(ask_signer="other")
    assert failure(judge(made)) == ("collateral", "chain-signature")


def test_rejects_a_leaf_that_the_intermediate_did_not_sign() -> None:
    foreign = AmdWorld(ask="other")
    files = [foreign.pem("leaf"), world().pem("ask", "ark"), world().crl()]
    assert failure(judge(files=files)) == ("collateral", "chain-signature")


def test_rejects_a_chain_in_another_signature_scheme() -> None:
    assert failure(judge(AmdWorld(pss=False))) == ("collateral", "chain-signature")


def test_rejects_a_short_key_in_the_chain() -> None:
    assert failure(judge(AmdWorld(ask="short", ask_bits=2048))) == ("collateral", "issuer-key")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"revoked": ("ask",)}, "revoked"),
        ({"revoked": ("leaf",)}, "revoked"),
        ({"end": PAST}, "crl-expired"),
        ({"begin": FUTURE}, "crl-early"),
        ({"signer": "other"}, "crl-signature"),
    ],
)
def test_rejects_each_fault_of_the_crl(change: dict[str, Any], code: str) -> None:
    rsa_key("other")
    files = [world().pem(), world().crl(**change)]
    assert failure(judge(files=files)) == ("collateral", code)


def test_rejects_the_crl_of_another_root() -> None:
    files = [world().pem(), world("Milan").crl()]
    assert failure(judge(files=files)) == ("collateral", "crl-issuer")


def test_without_a_crl_nothing_is_believed_unless_the_policy_says_so() -> None:
    assert failure(judge(files=[world().pem()])) == ("collateral", "crl-missing")
    result = judge(files=[world().pem()], table=f"{TABLE}require_crl = false\n")
    assert result.passed
    [check] = [check for check in result.checks if check.name == "collateral"]
    assert check.result is Outcome.NOT_CHECKED and "revocation not checked" in check.reason


# evidence
def test_rejects_any_byte_of_the_report_changed() -> None:
    """One bit in each byte: refused, for whatever reason."""
    report = world().report()
    proof_files = [world().pem(), world().crl()]
    for at in range(0, SIGNED_BYTES + 144, 3):
        flipped = bytearray(report)
        flipped[at] ^= 1 << (at % 8)
        assert not judge(report=bytes(flipped), files=proof_files).passed, at


def test_rejects_a_report_that_another_chip_signed() -> None:
    report = world().report(signer=ec.generate_private_key(ec.SECP384R1()))
    assert failure(judge(report=report)) == ("evidence", "report-signature")


def test_rejects_a_chips_key_on_another_curve() -> None:
    made = AmdWorld(key=ec.generate_private_key(ec.SECP256R1()))
    report = world().report()
    assert failure(judge(made, report=report)) == ("evidence", "key-type")


@pytest.mark.parametrize("kind", [1, 2, 7])
def test_rejects_a_report_that_names_another_kind_of_key(kind: int) -> None:
    assert failure(changed(key_kind=kind)) == ("evidence", "key-kind")


def test_rejects_a_report_of_other_firmware_than_the_certificates() -> None:
    newer = world().tcb_bytes((10, 0, 24, 84, 0))
    assert failure(changed(tcbs={"reported": newer})) == ("evidence", "tcb-differs")


def test_rejects_reserved_bytes_in_a_tcb_version() -> None:
    odd = bytes([10, 0, 1, 0, 0, 0, 23, 84])
    assert failure(changed(tcbs={"reported": odd})) == ("evidence", "tcb-form")
    assert failure(changed(tcbs={"launch": odd})) == ("evidence", "tcb-form")


@pytest.mark.parametrize("cpuid", [b"\x19\x01\x00", b"\x1a\x02\x00", b"\x17\x01\x00", b"\0\0\0"])
def test_rejects_a_report_of_another_processor_than_the_chains(cpuid: bytes) -> None:
    assert failure(changed(cpuid=cpuid)) == ("evidence", "product")


def test_rejects_a_turin_report_of_a_version_before_turin() -> None:
    made = world("Turin")
    result = judge(made, report=made.report(version=2), table=TURIN_TABLE)
    assert failure(result) == ("evidence", "version")


@pytest.mark.parametrize("chip", [bytes(64), CHIP[:63] + b"\0"])
def test_rejects_a_report_of_another_or_a_hidden_chip(chip: bytes) -> None:
    assert failure(changed(chip=chip)) == ("evidence", "chip")


def test_rejects_a_turin_chip_with_something_after_its_identity() -> None:
    made = world("Turin")
    report = made.report(chip=made.chip + b"\1")
    assert failure(judge(made, report=report, table=TURIN_TABLE)) == ("evidence", "chip")


# tcb
@pytest.mark.parametrize("which", ["committed", "launch", "current"])
def test_rejects_each_firmware_version_below_the_policys(which: str) -> None:
    older = world().tcb_bytes((10, 0, 22, 84, 0))
    assert failure(changed(tcbs={which: older})) == ("tcb", f"tcb-{which}")


@pytest.mark.parametrize("part", ["bootloader = 11", "tee = 1", "snp = 24", "microcode = 85"])
def test_rejects_each_part_of_the_firmware_below_the_policys(part: str) -> None:
    name = part.split(" ", maxsplit=1)[0]
    line = next(piece for piece in TABLE.replace("{", ",").split(",") if f" {name} =" in piece)
    table = TABLE.replace(line.strip(" }\n"), part)
    assert table != TABLE
    assert failure(judge(table=table)) == ("tcb", "tcb-reported")


def test_rejects_turins_fmc_below_the_policys() -> None:
    table = TURIN_TABLE.replace("fmc = 1", "fmc = 2")
    assert failure(judge(world("Turin"), table=table)) == ("tcb", "tcb-reported")


# platform
def test_rejects_milan_with_the_reason_unless_it_is_accepted_by_its_unsafe_name() -> None:
    made = world("Milan")
    result = judge(made)
    assert failure(result) == ("platform", "milan")
    [check] = [check for check in result.checks if check.result is Outcome.FAILED]
    assert "broken in software" in check.reason and "2605.12990" in check.reason
    result = judge(made, table=MILAN_TABLE)
    assert result.passed
    assert any("UNSAFE" in check.reason for check in result.checks)


def test_rejects_a_product_that_the_policy_does_not_name() -> None:
    assert failure(judge(table=TURIN_TABLE)) == ("tcb", "tcb-reported")
    table = TURIN_TABLE.replace("fmc = 1", "fmc = 1").replace('"Turin"', '"Genoa", "Turin"')
    assert failure(judge(world("Turin"), table=TABLE)) == ("platform", "product-not-named")
    assert judge(world("Turin"), table=table).passed


def test_rejects_a_kind_of_key_that_the_policy_does_not_name() -> None:
    assert failure(judge(world(vlek=True))) == ("platform", "signing-key")
    assert failure(judge(table=VLEK_TABLE)) == ("platform", "signing-key")


@pytest.mark.parametrize("change", [{"platform": 0x25}, {"policy": 0x30000}])
def test_rejects_hyper_threading_unless_the_policy_allows_it(change: dict[str, Any]) -> None:
    assert failure(changed(**change)) == ("platform", "smt")
    assert changed(f"{TABLE}allow_smt = true\n", **change).passed


@pytest.mark.parametrize(
    ("feature", "bit"),
    [("tsme", 1), ("ecc", 2), ("rapl-disabled", 3), ("ciphertext-hiding", 4), ("alias-check", 5)],
)
def test_rejects_a_platform_that_lacks_what_the_policy_demands(feature: str, bit: int) -> None:
    table = f'{TABLE}require_platform = ["{feature}"]\n'
    assert changed(table, platform=1 << bit).passed
    assert failure(changed(table, platform=0x3E & ~(1 << bit))) == ("platform", "platform-feature")


def test_rejects_a_chip_that_is_not_pinned() -> None:
    assert judge(table=f'{TABLE}chip_ids = ["{CHIP.hex()}"]\n').passed
    result = judge(table=f'{TABLE}chip_ids = ["{"00" * 64}"]\n')
    assert failure(result) == ("platform", "platform-not-pinned")


# measurement
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"measurement": bytes(48)}, "measurement"),
        ({"vmpl": 1}, "vmpl"),
        ({"guest_svn": 0}, "guest-svn"),
        ({"policy": 0x60000}, "migration-agent"),
        ({"host_data": b"\1" * 32}, "host-data"),
        ({"id_key": b"\1" * 48}, "id-key-digest"),
        ({"author_key": b"\1" * 48}, "author-key-digest"),
    ],
)
def test_rejects_each_measurement_of_a_guest(change: dict[str, Any], code: str) -> None:
    assert failure(changed(**change)) == ("measurement", code)


@pytest.mark.parametrize(
    ("line", "good", "code"),
    [
        ("require_single_socket = true", {"policy": 0x120000}, "single-socket"),
        ('abi_at_least = "1.51"', {"policy": 0x20133}, "abi"),
        (f'host_data = ["{"11" * 32}"]', {"host_data": b"\x11" * 32}, "host-data"),
        (f'id_key_digest = ["{"11" * 48}"]', {"id_key": b"\x11" * 48}, "id-key-digest"),
        (f'author_key_digest = ["{"11" * 48}"]', {"author_key": b"\x11" * 48}, "author-key-digest"),
    ],
)
def test_rejects_a_guest_without_what_the_policy_demands(
    line: str, good: dict[str, Any], code: str
) -> None:
    assert changed(f"{TABLE}{line}\n", **good).passed
    assert failure(changed(f"{TABLE}{line}\n")) == ("measurement", code)


# binding
def test_rejects_other_report_data() -> None:
    assert failure(judge(data=b"\1" * 64)) == ("binding", "report-data")


# in a service's evidence
ENCLAVE = FakeEnclave()
NONCE = bytes(range(32))


def service(report_of: AmdWorld, *, own: bool = True) -> AttestationResult:
    claims = ENCLAVE.claims(
        NONCE, tee="snp", debug_status=DEBUG_DISABLED, iat=int(NOW), exp=int(NOW) + 3600
    ).to_bytes()
    row = world().row()
    signed = report_data(claims) if own else bytes(64)
    document = Evidence(
        claims,
        row.media_type,
        report_of.report(report_data=signed),
        (row.endorsements_type, report_of.pem() + report_of.crl()),
    )
    rules = replace(
        policy("snp", TABLE), manifest_digests=frozenset({bytes.fromhex(ENCLAVE.manifest.digest)})
    )
    manifest = ENCLAVE.manifest.to_bytes()
    return appraise(document.to_bytes(), manifest, rules, nonce=NONCE, now=NOW, tees={"snp": row})


def test_a_service_with_its_certificates_in_the_document_passes() -> None:
    result = service(world())
    assert result.passed, result.checks
    assert result.require()[0].tee == "snp"


def test_rejects_a_service_whose_report_is_of_another_key() -> None:
    assert failure(service(world(), own=False)) == ("binding", "report-data")


# malleable: what may change without changing the meaning
def test_the_twin_signature_gives_the_identical_result() -> None:
    """(r, n - s) verifies, too: a report's hash is no identity; its meaning is the same."""
    report = world().report()
    other = twin(report)
    assert other != report
    mine, theirs = judge(report=report), judge(report=other)
    assert mine.passed and theirs == mine


# policies
@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('["Genoa"]', "[]", "products"),
        ('["Genoa"]', '["Rome"]', "products"),
        ('["Genoa"]', '["Milan"]', "unsafe_milan"),
        ('["Genoa"]', '["Genoa"]\nunsafe_milan = true', "unsafe_milan"),
        ('["Genoa"]', '["Turin"]', "fmc is missing"),
        ('["VCEK"]', "[]", "signing_keys"),
        ("vmpl = 0", "", "vmpl is missing"),
        ("vmpl = 0", "vmpl = 4", "vmpl"),
        ("vmpl = 0", "vmpl = true", "vmpl"),
        ("vmpl = 0", "vmpl = 0\ndebug = true", "debug is unknown"),
        ("guest_svn_at_least = 1", "", "guest_svn_at_least is missing"),
        ("snp = 23, ", "", "snp is missing"),
        ("snp = 23", "snp = 23, fm = 1", "fm is unknown"),
        ("snp = 23", "snp = 256", "snp"),
        (f'["{MEASUREMENT.hex()}"]', "[]", "measurement"),
        (f'["{MEASUREMENT.hex()}"]', '["any"]', "measurement"),
        ("vmpl = 0", 'vmpl = 0\nabi_at_least = "1"', "abi_at_least"),
        ("vmpl = 0", 'vmpl = 0\nrequire_platform = ["smt"]', "require_platform"),
        ('["VCEK"]', f'["VCEK", "VLEK"]\nchip_ids = ["{"00" * 64}"]', "chip_ids"),
    ],
)
def test_refuses_a_policy_that_is_contradictory_or_leaves_something_open(
    old: str, new: str, field: str
) -> None:
    assert old in TABLE
    with pytest.raises(BadPolicy, match=field):
        policy("snp", TABLE.replace(old, new, 1))
