"""Real evidence of real machines verifies, or is refused, as it was recorded, at its time."""

from __future__ import annotations

import warnings

import pytest
from attest.vectors import at, policy, vcek_of_azure, vector

from cloister.attest import snp_report
from cloister.attest.tee import Outcome
from cloister.attest.verifier import AttestationResult, appraise_quote

SGX = ("dcap-qvl/sgx_quote", "dcap-qvl/sgx_quote_collateral.json", 1752919277)
TDX4 = ("dcap-qvl/tdx_quote", "dcap-qvl/tdx_quote_collateral.json", 1752919234)
TDX5 = (
    "go-tdx-guest/quote_v5_sample.dat",
    "dcap-qvl/tdx_quote_outdated_collateral.json",
    1774003274,
)
MILAN = "trustee-snp/milan_ask_ark_asvk.pem"
GENOA = "trustee-snp/genoa_ask_ark_asvk.pem"
SNP_TABLE = """\
measurement = ["{measurement}"]
products = [{products}]
{milan}
signing_keys = ["VCEK", "VLEK"]
vmpl = {vmpl}
guest_svn_at_least = 0
allow_smt = true
allow_migration_agent = true
require_crl = false
tcb_at_least = {{ bootloader = 0, tee = 0, snp = 0, microcode = 0 }}
{more}
"""


def failure(result: AttestationResult) -> tuple[str, str]:
    """Step and code of the failure."""
    assert not result.passed
    [check] = [check for check in result.checks if check.result is Outcome.FAILED]
    return check.name, check.code


def intel(kind: str, case: tuple[str, str, float], table: str | None) -> AttestationResult:
    quote, collateral, now = case
    rules = policy(kind, table) if table is not None else None
    return appraise_quote(kind, vector(quote), [vector(collateral)], rules, now=now)


SGX_TABLE = """\
tcb_status = ["UpToDate", "ConfigurationAndSWHardeningNeeded"]
advisories = ["INTEL-SA-00289", "INTEL-SA-00615"]
tcb_evaluation_at_least = 17
mr_enclave = ["33d8736db756ed4997e04ba358d27833188f1932ff7b1d156904d3f560452fbb"]
"""


def test_sgx_v3_verifies_where_the_policy_accepts_its_state_and_advisories() -> None:
    result = intel("sgx", SGX, SGX_TABLE)
    assert result.passed, result.checks
    assert result.facts["tcb_status"] == "ConfigurationAndSWHardeningNeeded"
    assert result.facts["advisories"] == "INTEL-SA-00289,INTEL-SA-00615"
    assert bytes.fromhex(result.facts["report_data"]).startswith(b"Hello, world!\0")


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (', "ConfigurationAndSWHardeningNeeded"', "", "tcb-status"),
        (', "INTEL-SA-00615"', "", "advisory"),
        ("= 17", "= 18", "tcb-evaluation"),
    ],
)
def test_sgx_v3_is_refused_without_each_allowance(old: str, new: str, code: str) -> None:
    assert failure(intel("sgx", SGX, SGX_TABLE.replace(old, new))) == ("tcb", code)
    assert failure(intel("sgx", SGX, None)) == ("tcb", "tcb-status")


def tdx_table(case: tuple[str, str, float]) -> str:
    """The policy of exactly this trust domain."""
    seen = intel("tdx", case, None).facts
    lines = [f'{name} = ["{seen[name]}"]' for name in ("mr_td", *(f"rtmr{n}" for n in range(4)))]
    lines += [f'td_attributes = "{seen["td_attributes"]}"', f'xfam = "{seen["xfam"]}"']
    return "\n".join(
        (
            'tcb_status = ["UpToDate"]',
            "tcb_evaluation_at_least = 17",
            "allow_smt = true",
            "allow_dynamic_platform = true",
            "allow_cached_keys = true",
            *lines,
        )
    )


@pytest.mark.parametrize("case", [TDX4, TDX5], ids=["v4", "v5"])
def test_tdx_verifies_up_to_date(case: tuple[str, str, float]) -> None:
    result = intel("tdx", case, tdx_table(case))
    assert result.passed, result.checks
    assert result.facts["tcb_status"] == "UpToDate"
    assert result.facts["quote_version"] == ("4" if case is TDX4 else "5")


@pytest.mark.parametrize("allowed", ["smt", "dynamic_platform", "cached_keys"])
def test_tdx_is_refused_without_each_allowance(allowed: str) -> None:
    table = tdx_table(TDX4).replace(f"allow_{allowed} = true", "")
    assert failure(intel("tdx", TDX4, table)) == ("platform", allowed.replace("_", "-"))


def test_tdx_v4_in_debug_mode_is_refused() -> None:
    case = ("trustee-misc/tdx_quote_4.dat", "go-tdx-guest/collateral_50806f000000.json", 1688801098)
    assert failure(intel("tdx", case, None)) == ("debug", "debug-enabled")


def test_tdx_v5_older_than_all_of_intels_levels_is_refused() -> None:
    case = ("dcap-qvl/tdx_quote_outdated", TDX5[1], TDX5[2])
    assert failure(intel("tdx", case, None)) == ("evidence", "tcb-unknown")


def test_tdx_out_of_date_is_refused() -> None:
    """The collateral for this one may not be distributed; it need not be here."""
    case = (
        "trustee-misc/tdx_quote_6.dat",
        "tinfoil-verifier/collateral_00a06d080000.json",
        1770825156,
    )
    assert failure(intel("tdx", case, None)) == ("tcb", "tcb-status")


@pytest.mark.parametrize(("kind", "case"), [("sgx", SGX), ("tdx", TDX4), ("tdx", TDX5)])
@pytest.mark.parametrize(
    ("later_s", "ends"), [(2, "expired"), (900 * 86_400, "expired"), (-60 * 86_400, "early")]
)
def test_collateral_that_expired_or_is_not_yet_valid_is_refused(
    kind: str, case: tuple[str, str, float], later_s: int, ends: str
) -> None:
    step, code = failure(intel(kind, (case[0], case[1], case[2] + later_s), None))
    assert step == "collateral"
    assert code.endswith(ends)


def test_a_mix_of_old_and_new_collateral_is_never_valid() -> None:
    for now in (1688801098, 1700000000, 1774003274, 1790000000):
        case = (
            "go-tdx-guest/tdx_prod_quote_SPR_E4.dat",
            "go-tdx-guest/collateral_90c06f000000.json",
            now,
        )
        assert not intel("tdx", case, None).passed


def test_collateral_of_another_platform_is_refused() -> None:
    case = (TDX4[0], TDX5[1], TDX5[2])
    assert failure(intel("tdx", case, None)) == ("collateral", "fmspc")


def test_text_after_a_quote_is_refused_and_zeros_only_where_a_driver_left_them() -> None:
    case = (
        "go-tdx-guest/tdx_prod_quote_SPR_E4.dat",
        "go-tdx-guest/collateral_50806f000000.json",
        1688801098,
    )
    assert failure(intel("tdx", case, None)) == ("form", "trailing-bytes")
    zeros = appraise_quote("sgx", vector(SGX[0]) + b"\0", [vector(SGX[1])], None, now=SGX[2])
    assert failure(zeros) == ("form", "trailing-bytes")


@pytest.mark.parametrize(
    "name", ["trustee-misc/occlum_quote.dat", "trustee-aztdx/td-quote.bin", "dstack/tdx_quote"]
)
def test_without_collateral_for_the_platform_nothing_is_believed(name: str) -> None:
    kind = "sgx" if "occlum" in name else "tdx"
    result = appraise_quote(kind, vector(name), [], None, now=1752919277)
    step, code = failure(result)
    assert (step, code) in {("collateral", "collateral-missing"), ("debug", "debug-enabled")}
    assert result.facts == {}


# ------------------------------------------------------------------------------------ SEV-SNP
def snp(
    report: bytes, files: list[bytes], date: str, *, product: str = "Milan", more: str = ""
) -> AttestationResult:
    parsed = snp_report.Report.from_bytes(report)
    extra = [more]
    for name in ("host_data", "id_key_digest", "author_key_digest"):
        if any(getattr(parsed, name)):
            extra.append(f'{name} = ["{getattr(parsed, name).hex()}"]')
    table = SNP_TABLE.format(
        measurement=parsed.measurement.hex(),
        products=f'"{product}"',
        milan="unsafe_milan = true" if product == "Milan" else "",
        vmpl=parsed.vmpl,
        more="\n".join(extra),
    )
    return appraise_quote("snp", report, files, policy("snp", table), now=at(date))


def test_milan_with_a_debug_policy_is_refused() -> None:
    files = [vector("go-sev-guest/vcek.testcer"), vector("go-sev-guest/ask_ark_milan.pem")]
    report = vector("go-sev-guest/attestation.bin")
    assert failure(snp(report, files, "2025-06-15")) == ("debug", "debug-enabled")


def milan_v2() -> tuple[bytes, list[bytes]]:
    report = bytes.fromhex(vector("virtee-sev/report_milan.hex").decode())
    return report, [vector("virtee-sev/vcek_milan.der"), vector("virtee-sev/cert_chain_milan")]


def test_milan_verifies_only_where_the_policy_says_unsafe_milan() -> None:
    report, files = milan_v2()
    result = snp(report, files, "2025-06-15")
    assert result.passed, result.checks
    assert "UNSAFE" in next(c.reason for c in result.checks if c.name == "platform")
    for plain in (
        snp(report, files, "2025-06-15", product="Genoa"),
        appraise_quote("snp", report, files, None, now=at("2025-06-15")),
    ):
        assert failure(plain) == ("platform", "milan")
        assert "2605.12990" in next(c.reason for c in plain.checks if c.name == "platform")


def test_milan_v2_of_trustee_verifies() -> None:
    files = [vector("trustee-snp/test-vcek.der"), vector(MILAN)]
    assert snp(vector("trustee-snp/test-report.bin"), files, "2025-06-15").passed


def test_milan_v3_of_dstack_verifies() -> None:
    files = [vector("dstack/sev_snp_vcek.pem"), vector("dstack/sev_snp_ask.pem"), vector(MILAN)]
    result = snp(vector("dstack/snp_report.bin"), files, "2026-08-15")
    assert result.passed, result.checks


def test_a_vlek_verifies_in_its_year_and_not_after_it() -> None:
    files = [vector("trustee-snp/test-vlek.der"), vector(MILAN)]
    report = vector("trustee-snp/test-vlek-report.bin")
    result = snp(report, files, "2025-06-15")
    assert result.passed, result.checks
    assert result.facts["signing_key"] == "VLEK" and result.facts["vmpl"] == "1"
    assert failure(snp(report, files, "2026-01-15")) == ("collateral", "certificate-expired")


@pytest.mark.parametrize("name", ["evidence-v0", "evidence-v1", "evidence-v2"])
def test_azure_milan_verifies(name: str) -> None:
    files = [vcek_of_azure(f"trustee-azsnp/{name}.json"), vector(MILAN)]
    result = snp(vector(f"trustee-azsnp/{name}.snp_report.bin"), files, "2025-06-15")
    assert result.passed, result.checks


def test_azure_genoa_verifies_without_any_unsafe_switch() -> None:
    files = [vcek_of_azure("trustee-azsnp/evidence-genoa.json"), vector(GENOA)]
    report = vector("trustee-azsnp/evidence-genoa.snp_report.bin")
    result = snp(report, files, "2025-06-15", product="Genoa")
    assert result.passed, result.checks
    assert result.facts["product"] == "Genoa"
    require = 'require_platform = ["alias-check", "ecc"]'
    assert snp(report, files, "2025-06-15", product="Genoa", more=require).passed
    require = 'require_platform = ["ciphertext-hiding"]'
    missing = snp(report, files, "2025-06-15", product="Genoa", more=require)
    assert failure(missing) == ("platform", "platform-feature")


@pytest.mark.parametrize("name", ["test-vcek-invalid-legacy.der", "test-vcek-invalid-new.der"])
def test_a_bad_vcek_is_refused(name: str) -> None:
    files = [vector(f"trustee-snp/{name}"), vector(MILAN)]
    result = snp(vector("trustee-snp/test-report.bin"), files, "2025-06-15")
    assert failure(result) == ("collateral", "chain-signature")


def test_the_vcek_of_another_chip_is_refused() -> None:
    files = [vector("go-sev-guest/vcek.testcer"), vector(MILAN)]
    result = snp(vector("trustee-snp/test-report.bin"), files, "2025-06-15")
    assert failure(result) == ("evidence", "report-signature")


def test_a_real_turin_chain_verifies() -> None:
    certificates, crls = snp_report.load_endorsements(
        [vector("virtee-sev/vcek_turin.der"), vector("virtee-sev/cert_chain_turin")]
    )
    chain = snp_report.find_chain(certificates, crls, snp_report.ROOTS, at("2026-06-15"))
    assert chain.product == "Turin" and chain.kind == "VCEK"
    assert chain.tcb().fmc >= 0
    assert len(snp_report.extension(chain.leaf, "4") or b"") == 8


def test_amds_serial_number_of_zero_is_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        certificates, _ = snp_report.load_endorsements([vector("trustee-snp/test-vcek.der")])
    assert len(certificates) == 1
