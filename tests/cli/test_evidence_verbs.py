"""verify --quote, verify FILE, policy, collateral: no service and no network needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote as escape_url

import httpx
import pytest
from attest.amd_world import AmdWorld
from attest.fake_enclave import NOW, FakeEnclave
from attest.intel_world import IntelWorld
from attest.test_vectors import SGX, TDX4
from attest.vectors import vector
from cli_kit import Json
from cryptography.hazmat.primitives.serialization import Encoding

from cloister.attest.devices import Device, add_device
from cloister.attest.optee import OpteePolicy
from cloister.attest.policy import Policy, policy_text
from cloister.cli import collateral
from cloister.cli.main import run
from cloister.errors import OutsideError, UserError

ENCLAVE = FakeEnclave()
NONCE = bytes(range(32))


def real(tmp_path: Path, case: tuple[str, str, float]) -> list[str]:
    """Arguments of verify for a recorded quote."""
    (tmp_path / "quote").write_bytes(vector(case[0]))
    (tmp_path / "collateral").write_bytes(vector(case[1]))
    files = [str(tmp_path / "quote"), "--collateral", str(tmp_path / "collateral")]
    return ["--quote", *files, "--at", str(case[2])]


# --------------------------------------------------------------------------------- verify --quote
def test_verify_appraises_a_bare_quote_and_says_what_it_did_not_check(
    as_json: Json, tmp_path: Path
) -> None:
    code, found = as_json("verify", *real(tmp_path, TDX4))
    assert code == 0 and found["verdict"] == "passed" and found["kind"] == "tdx"
    results = {check["name"]: check["result"] for check in found["checks"]}
    assert results["evidence"] == "passed" and results["measurement"] == "not checked"
    assert found["facts"]["tcb_status"] == "UpToDate"


def test_verify_refuses_a_bare_quote_with_code_reason_and_hint(
    as_json: Json, tmp_path: Path
) -> None:
    code, found = as_json("verify", *real(tmp_path, SGX))
    assert code == 1 and found["verdict"] == "failed"
    [check] = [check for check in found["checks"] if check["result"] == "failed"]
    assert check["code"] == "tcb-status" and "ConfigurationAndSWHardeningNeeded" in check["reason"]
    assert check["hint"]


def test_verify_shows_the_failure_and_what_to_do(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["verify", *real(tmp_path, SGX)]) == 1
    text = capsys.readouterr().out
    assert "✘ failed" in text and "hint:" in text and "not reached: tcb failed" in text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (["--kind", "sgx"], 1),
        (["--kind", "sandbox"], 2),
        (["--at", "yesterday"], 2),
        (["--at", "1960-01-01"], 2),
        (["--at", "9" * 30], 2),
        (["--model", "x"], 2),
        (["--report-data", "00"], 2),
        (["--report-data", "zz"], 2),
        (["--report-data", "00" * 64], 1),
    ],
)
def test_verify_says_which_option_is_wrong(
    change: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["verify", *real(tmp_path, TDX4), *change, "--json"]) == code
    json.loads(capsys.readouterr().out)


def test_verify_needs_one_source(as_json: Json, tmp_path: Path) -> None:
    for arguments in ([], ["http://127.0.0.1:1", "--quote", str(tmp_path / "none")]):
        code, found = as_json("verify", *arguments)
        assert code == 2 and found["error"]["code"] == "usage"
    (tmp_path / "text").write_bytes(b"hello")
    for name, expected in (("none", "no-such-file"), ("text", "unknown-quote")):
        code, found = as_json("verify", "--quote", tmp_path / name)
        assert code == 2 and found["error"]["code"] == expected


# ---------------------------------------------------------------------------------- verify FILE
@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Evidence, manifest and policy in files."""
    manifest = ENCLAVE.manifest
    (tmp_path / "evidence.json").write_bytes(ENCLAVE.document(NONCE))
    (tmp_path / "manifest.json").write_bytes(manifest.to_bytes())
    text = policy_text(manifest.digest, model_digest=manifest.model_digest, mode=manifest.mode)
    (tmp_path / "policy.toml").write_text(text)
    return tmp_path


def _offline(folder: Path, *more: object) -> list[object]:
    return [
        folder / "evidence.json", "--policy", folder / "policy.toml", "--manifest",
        folder / "manifest.json", *more,
    ]  # fmt: skip


def test_verify_appraises_an_evidence_file_as_of_a_stated_time(as_json: Json, saved: Path) -> None:
    arguments = _offline(saved, "--nonce", NONCE.hex(), "--at", NOW)
    code, found = as_json("verify", *arguments)
    assert code == 0 and found["verdict"] == "passed"
    later = _offline(saved, "--nonce", NONCE.hex(), "--at", "2035-01-01")
    code, found = as_json("verify", *later)
    assert code == 1
    assert [c["name"] for c in found["checks"] if c["result"] == "failed"] == ["lifetime"]


def test_verify_without_our_nonce_passes_only_by_host_clock(as_json: Json, saved: Path) -> None:
    code, found = as_json("verify", *_offline(saved, "--at", NOW))
    assert code == 1
    assert [c["name"] for c in found["checks"] if c["result"] == "failed"] == ["nonce"]
    path = saved / "policy.toml"
    path.write_text(path.read_text().replace('freshness = "nonce"', 'freshness = "host-clock"'))
    code, found = as_json("verify", *_offline(saved, "--at", NOW))
    assert code == 0


def test_verify_of_a_file_needs_policy_and_manifest(as_json: Json, saved: Path) -> None:
    code, found = as_json("verify", saved / "evidence.json")
    assert code == 2 and found["error"]["code"] == "no-policy"
    code, found = as_json("verify", saved / "evidence.json", "--policy", saved / "policy.toml")
    assert code == 2 and "--manifest" in found["error"]["message"]


@pytest.mark.parametrize("name", ["nofile.json", "localhost:8400", "."])
def test_verify_names_the_file_that_is_not_there_and_what_was_expected(
    name: str, as_json: Json, tmp_path: Path
) -> None:
    code, found = as_json("verify", name)
    assert code == 2 and found["error"]["code"] == "no-such-file"
    assert repr(name) in found["error"]["message"] and "http://host:8400" in found["error"]["hint"]


# ---------------------------------------------------------------------------------------- policy
def policy(as_json_capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any]:
    as_json_capsys.readouterr()
    code = run(["policy", *map(str, arguments), "--json"])
    return code, json.loads(as_json_capsys.readouterr().out)


@pytest.mark.parametrize("kind", ["sandbox", "optee", "sgx", "tdx", "snp", "tpm"])
def test_policy_new_is_refused_until_it_is_filled_in(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.toml"
    code, found = policy(capsys, "new", "--kind", kind, "-o", path)
    assert code == 0 and not found["ok"] and found["saved"] == str(path)
    code, found = policy(capsys, "lint", path)
    assert code == 1 and not found["ok"] and "FILL IN" in found["problems"][0]
    text = path.read_text()
    first = next(n for n, line in enumerate(text.splitlines(), 1) if "FILL IN" in line)
    assert f"line {first}: manifest_sha256 = " in found["problems"][1]
    for digits, size in (("sha256sum manifest.json", 32), ("64 hex", 32), ("96 hex", 48)):
        word = f"FILL IN: {digits} digits" if "hex" in digits else f"FILL IN: {digits}"
        text = text.replace(word, "ab" * size)
    path.write_text(text)
    code, found = policy(capsys, "lint", path)
    assert code == 0 and found["ok"], found
    assert any("UNSAFE" in remark for remark in found["remarks"]) == (kind in ("sandbox", "tpm"))
    code, found = policy(capsys, "explain", path)
    assert code == 0 and any(kind in sentence for sentence in found["sentences"])


def test_policy_from_bundle_holds_what_was_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_bytes(ENCLAVE.manifest.to_bytes())
    code, found = policy(capsys, "from-bundle", tmp_path)
    assert code == 0 and found["ok"]
    made = Policy.from_toml(found["text"])
    assert made.manifest_digests == {bytes.fromhex(ENCLAVE.manifest.digest)}
    assert made.model_name == "net"
    devices = tmp_path / "devices.toml"
    add_device(devices, Device("bench", bytes(32)))
    code, found = policy(capsys, "from-bundle", tmp_path, "--devices", devices)
    assert code == 0 and found["ok"]
    assert Policy.from_toml(found["text"]).tees["optee"] == OpteePolicy(
        device_keys=frozenset({bytes(32)}), allow_unattested=True
    )
    code, found = policy(capsys, "from-bundle", tmp_path, "--kind", "cca")
    assert code == 2 and found["error"]["code"] == "usage"


def test_policy_lint_names_each_switch_that_widens_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(
        'format = "cloister-policy/1"\nfreshness = "host-clock"\nmax_key_lifetime = "7d"\n'
        'max_clock_skew = "5m"\nengine_at_least = "0.1.0"\n[model]\n'
        f'manifest_sha256 = ["{"ab" * 32}"]\n[tee.snp]\nmeasurement = ["{"ab" * 48}"]\n'
        'products = ["Milan"]\nunsafe_milan = true\nsigning_keys = ["VLEK"]\nvmpl = 1\n'
        "guest_svn_at_least = 0\nrequire_crl = false\nallow_migration_agent = true\n"
        "tcb_at_least = { bootloader = 0, tee = 0, snp = 0, microcode = 0 }\n"
    )
    code, found = policy(capsys, "lint", path)
    text = " ".join(found["remarks"])
    assert code == 0
    for word in ("host-clock", "two days", "Milan", "require_crl", "migration", "VLEK", "vmpl"):
        assert word in text, word
    assert run(["policy", "lint", str(path)]) == 0
    assert run(["policy", "explain", str(path)]) == 0


def test_policy_never_overwrites_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("mine")
    code, found = policy(capsys, "new", "-o", path)
    assert code == 2 and found["error"]["code"] == "exists"
    assert path.read_text() == "mine"


# ------------------------------------------------------------------------------------ collateral
def test_collateral_show_says_when_each_part_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "collateral.json"
    path.write_bytes(IntelWorld().collateral())
    for at, code, valid in (("2026-01-11", 0, True), ("2026-02-11", 1, False)):
        assert run(["collateral", "show", str(path), "--at", at, "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        assert found["valid"] is valid and found["until"] == "2026-01-31T00:00:00Z"
    assert run(["collateral", "show", str(path), "--at", "2026-01-11"]) == 0
    assert "TCB info, evaluation 20" in capsys.readouterr().out
    path.write_bytes(AmdWorld().pem() + AmdWorld().crl())
    assert run(["collateral", "show", str(path), "--at", "2026-01-11", "--json"]) == 0
    names = [part["name"] for part in json.loads(capsys.readouterr().out)["parts"]]
    assert names == ["SEV-CHIP", "SEV-Genoa", "ARK-Genoa", "CRL of ARK-Genoa, 0 revoked"]
    for junk in (b"{}", b"junk", b'{"tcb_info": 1}'):
        path.write_bytes(junk)
        assert run(["collateral", "show", str(path)]) == 2


def intel_service(world: IntelWorld, asked: list[str]) -> httpx.MockTransport:
    """Intel's service, as its documentation describes it."""
    members = world.members

    def reply(request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        asked.append(url)
        for word, header, chain, content in (
            ("/tcb?", "TCB-Info-Issuer-Chain", "tcb_info_issuer_chain", _wrapped("tcb_info")),
            ("/qe/", "SGX-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain",
             _wrapped("qe_identity")),
            ("/pckcrl", "SGX-PCK-CRL-Issuer-Chain", "pck_crl_issuer_chain",
             bytes.fromhex(members["pck_crl"])),
        ):  # fmt: skip
            if word in url:
                headers = {header: escape_url(members[chain])}
                return httpx.Response(200, headers=headers, content=content)
        return httpx.Response(200, content=bytes.fromhex(members["root_ca_crl"]))

    def _wrapped(name: str) -> bytes:
        outer = "tcbInfo" if name == "tcb_info" else "enclaveIdentity"
        signature = members[f"{name}_signature"]
        return f'{{"{outer}":{members[name]},"signature":"{signature}"}}'.encode()

    return httpx.MockTransport(reply)


@pytest.mark.parametrize("tdx", [False, True])
def test_collateral_fetch_gets_intels_documents_byte_by_byte(tdx: bool, tmp_path: Path) -> None:
    world, asked = IntelWorld(tdx), []
    (tmp_path / "quote").write_bytes(world.quote())
    save = tmp_path / "collateral.json"
    collateral.run(
        action="fetch", quote=tmp_path / "quote", save=save, transport=intel_service(world, asked)
    )
    assert json.loads(save.read_bytes()) == world.members
    assert all(url.startswith("https://") for url in asked)
    assert any(f"/{world.kind}/certification/v4/tcb?fmspc=00906ea10000" in url for url in asked)
    assert any("ca=processor" in url for url in asked)


def amd_service(world: AmdWorld, asked: list[str]) -> httpx.MockTransport:
    """AMD's service, as its documentation describes it."""
    crl = world.crl()

    def reply(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        if request.url.path.endswith("cert_chain"):
            return httpx.Response(200, content=world.pem("ask", "ark"))
        if request.url.path.endswith("crl"):
            return httpx.Response(200, content=crl)
        return httpx.Response(200, content=world.certificates["leaf"].public_bytes(Encoding.DER))

    return httpx.MockTransport(reply)


@pytest.mark.parametrize("product", ["Genoa", "Turin"])
def test_collateral_fetch_gets_amds_certificates(product: str, tmp_path: Path) -> None:
    world, asked = AmdWorld(product), []
    (tmp_path / "report").write_bytes(world.report())
    save = tmp_path / "chain.pem"
    collateral.run(
        action="fetch", quote=tmp_path / "report", save=save, transport=amd_service(world, asked)
    )
    assert save.read_bytes().startswith(world.pem() + b"-----BEGIN X509 CRL-----\n")
    assert f"/vcek/v1/{product}/{world.chip.hex()}?blSPL=10&teeSPL=00&snpSPL=23" in asked[0]
    assert ("fmcSPL=01" in asked[0]) == (product == "Turin")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (httpx.Response(404), "bad-reply"),
        (httpx.Response(200, content=b"{}"), "bad-reply"),
        (httpx.Response(200, content=bytes(2 << 20)), "bad-reply"),
    ],
)
def test_collateral_fetch_names_a_service_that_fails(
    reply: httpx.Response, code: str, tmp_path: Path
) -> None:
    (tmp_path / "quote").write_bytes(IntelWorld().quote())
    save = tmp_path / "collateral.json"
    with pytest.raises(OutsideError) as caught:
        collateral.run(
            action="fetch",
            quote=tmp_path / "quote",
            save=save,
            transport=httpx.MockTransport(lambda _: reply),
        )
    assert caught.value.code == code and not save.exists()


def test_collateral_fetch_says_what_amd_does_not_hand_out(tmp_path: Path) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(500))
    for report, code in (
        (AmdWorld(vlek=True).report(), "vlek"),
        (AmdWorld().report(version=2), "which-product"),
    ):
        (tmp_path / "report").write_bytes(report)
        with pytest.raises(UserError) as caught:
            collateral.run(
                action="fetch",
                quote=tmp_path / "report",
                save=tmp_path / "x",
                transport=transport,
            )
        assert caught.value.code == code
