"""Each step of the Verifier has its own reason to refuse, and nothing passes a failed step."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from attest.fake_enclave import LIFE_S, NOW, FakeEnclave, manifest, policy_of, sign
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from cloister.attest import sandbox
from cloister.attest.claims import DEBUG_DISABLED, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.policy import Policy, UnsafeAnyModelPolicy
from cloister.attest.tee import Finding, Outcome, Tee, TeePolicy, passed
from cloister.attest.verifier import STEPS, AttestationResult, appraise
from cloister.errors import Refused

NONCE = bytes(range(32))
ENCLAVE = FakeEnclave()
MANIFEST = ENCLAVE.manifest.to_bytes()
POLICY = policy_of(ENCLAVE.manifest)
DOCUMENT = ENCLAVE.document(NONCE)
NAMES = [name for name, _ in STEPS]


def judge(
    document: bytes = DOCUMENT,
    *,
    bytes_of_manifest: bytes = MANIFEST,
    policy: Policy = POLICY,
    nonce: bytes | None = NONCE,
    now: float = NOW,
) -> AttestationResult:
    return appraise(document, bytes_of_manifest, policy, nonce=nonce, now=now)


def refused(result: AttestationResult, step: str, reason: str) -> None:
    """The result is a refusal by this step, for this reason; what follows was not reached."""
    assert not result.passed
    assert result.verdict == "failed"
    assert result.claims is None and result.key_config is None
    assert [check.name for check in result.checks] == NAMES
    failed = [check for check in result.checks if check.result is Outcome.FAILED]
    assert [check.name for check in failed] == [step], failed
    assert reason in failed[0].reason
    for check in result.checks[NAMES.index(step) + 1 :]:
        assert check.result is Outcome.NOT_CHECKED
        assert check.reason == f"not reached: {step} failed"
    with pytest.raises(Refused) as caught:
        result.require()
    assert caught.value.code == f"refused-{step}"
    assert reason in caught.value.message


def test_good_evidence_passes_and_says_what_was_not_checked() -> None:
    result = judge()
    assert result.passed
    claims, key = result.require()
    assert claims == ENCLAVE.claims(NONCE)
    assert key.to_bytes() == ENCLAVE.key_config
    assert {check.name: check.result.value for check in result.checks} == {
        "document": "passed",
        "tee": "passed",
        "form": "passed",
        "debug": "not checked",
        "collateral": "not checked",
        "evidence": "not checked",
        "tcb": "not checked",
        "platform": "not checked",
        "measurement": "not checked",
        "binding": "passed",
        "nonce": "passed",
        "lifetime": "passed",
        "manifest": "passed",
        "model": "passed",
        "engine": "passed",
        "confinement": "passed",
        "version": "not checked",
    }
    reasons = {check.name: check.reason for check in result.checks}
    assert "protects nothing against the host" in reasons["evidence"]
    assert "host's word" in reasons["lifetime"]
    assert "own word" in reasons["confinement"]


def test_result_is_the_json_of_verify() -> None:
    value = json.loads(json.dumps(judge().to_json()))
    assert value["verdict"] == "passed"
    assert value["kind"] == "sandbox"
    assert value["checks"][0] == {
        "name": "document",
        "result": "passed",
        "reason": "document, claims and key config are of version 1, in their one form",
        "code": "",
        "hint": "",
    }
    assert value["facts"] == {}


# (1) document
@pytest.mark.parametrize("document", [b"", b"{}", DOCUMENT[:-1], DOCUMENT + b"}"])
def test_rejects_a_document_of_another_form(document: bytes) -> None:
    refused(judge(document), "document", "evidence document")
    assert judge(document).kind == ""


def test_rejects_claims_that_are_not_canonical() -> None:
    data = ENCLAVE.claims(NONCE).to_bytes()
    at = data.index(bytes.fromhex("190107")) + 3
    longer = data[:at] + b"\x18\x00" + data[at + 1 :]
    refused(judge(ENCLAVE.sign(longer)), "document", "deterministic CBOR")


def test_rejects_a_key_config_of_another_suite() -> None:
    config = bytearray(ENCLAVE.key_config)
    config[40] = 1
    refused(judge(ENCLAVE.document(NONCE, key_config=bytes(config))), "document", "key config")


def test_rejects_a_document_cut_at_any_length() -> None:
    for length in range(len(DOCUMENT)):
        assert not judge(DOCUMENT[:length]).passed


def test_rejects_a_document_with_any_byte_flipped() -> None:
    for at in range(len(DOCUMENT)):
        flipped = bytearray(DOCUMENT)
        flipped[at] ^= 1 << (at % 7)
        assert not judge(bytes(flipped)).passed, at


@settings(max_examples=300)
@given(st.data())
def test_rejects_evidence_with_bytes_replaced(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(DOCUMENT) - 1))
    new = data.draw(st.binary(max_size=8))
    end = data.draw(st.integers(at, len(DOCUMENT)))
    changed = DOCUMENT[:at] + new + DOCUMENT[end:]
    result = judge(changed)
    # JSON may be written with other spaces; what it says may not differ.
    assert result.passed == _says_the_same(changed)


def _says_the_same(document: bytes) -> bool:
    try:
        return Evidence.from_bytes(document) == Evidence.from_bytes(DOCUMENT)
    except Refused:
        return False


# (2) tee
def test_rejects_evidence_of_a_kind_that_the_policy_does_not_name() -> None:
    refused(judge(ENCLAVE.document(NONCE, tee="tsm")), "tee", "of kind 'tsm'")


def test_rejects_evidence_of_another_media_type_than_its_kind() -> None:
    document = ENCLAVE.sign(ENCLAVE.claims(NONCE).to_bytes(), "application/vnd.other")
    refused(judge(document), "tee", "the evidence is 'application/vnd.other'")


def test_rejects_the_sandbox_where_a_hand_made_policy_forgot_unsafe_development() -> None:
    policy = policy_of(ENCLAVE.manifest)
    object.__setattr__(policy, "tees", {"sandbox": TeePolicy()})
    refused(judge(policy=policy), "tee", "is for development")


# (3) form
@pytest.mark.parametrize("length", [0, 127, 129, 1000])
def test_rejects_sandbox_evidence_of_another_length(length: int) -> None:
    claims = ENCLAVE.claims(NONCE).to_bytes()
    signed = (sign(ENCLAVE.signer, report_data(claims)) + bytes(1000))[:length]
    document = Evidence(claims, sandbox.MEDIA_TYPE, signed).to_bytes()
    refused(judge(document), "form", f"{length} bytes, expected 128")


def test_rejects_sandbox_evidence_whose_zeros_are_not_zero() -> None:
    claims = ENCLAVE.claims(NONCE).to_bytes()
    signed = sign(ENCLAVE.signer, report_data(claims))[:-1] + b"\x01"
    document = Evidence(claims, sandbox.MEDIA_TYPE, signed).to_bytes()
    refused(judge(document), "form", "not zero")


# (10) binding
def test_rejects_evidence_for_another_key() -> None:
    """Evidence of one instance under the claims of another: whose key would get the input?"""
    mine = Evidence.from_bytes(DOCUMENT)
    other = FakeEnclave().claims(NONCE).to_bytes()
    refused(judge(replace(mine, claims=other).to_bytes()), "binding", "does not sign these claims")


def test_rejects_evidence_with_any_bit_flipped() -> None:
    mine = Evidence.from_bytes(DOCUMENT)
    for at in range(96):
        flipped = bytearray(mine.evidence)
        flipped[at] ^= 1 << (at % 8)
        result = judge(replace(mine, evidence=bytes(flipped)).to_bytes())
        refused(result, "binding", "does not sign these claims")


def test_rejects_a_signature_of_the_claims_themselves() -> None:
    """Without the prefix, a signature made for another purpose could be passed off as evidence."""
    claims = ENCLAVE.claims(NONCE).to_bytes()
    key = Ed25519PrivateKey.generate()
    for data in (claims, report_data(claims)):
        signed = key.public_key().public_bytes_raw() + key.sign(data) + bytes(32)
        document = Evidence(claims, sandbox.MEDIA_TYPE, signed).to_bytes()
        refused(judge(document), "binding", "does not sign these claims")


# (11) nonce
def test_rejects_evidence_for_another_nonce() -> None:
    refused(judge(nonce=bytes(32)), "nonce", "another nonce")


def test_rejects_evidence_for_the_beginning_of_our_nonce() -> None:
    refused(judge(ENCLAVE.document(NONCE[:8])), "nonce", "another nonce")


def test_rejects_evidence_without_a_nonce() -> None:
    refused(judge(ENCLAVE.document(None)), "nonce", "hold no nonce")


def test_rejects_evidence_when_the_caller_sent_no_nonce() -> None:
    refused(judge(nonce=None), "nonce", "no nonce was sent")


def test_a_policy_may_take_the_hosts_word_for_freshness() -> None:
    policy = policy_of(ENCLAVE.manifest, freshness="host-clock")
    result = judge(ENCLAVE.document(None), policy=policy, nonce=None)
    assert result.passed
    assert result.checks[NAMES.index("nonce")].result is Outcome.NOT_CHECKED
    refused(judge(ENCLAVE.document(None), policy=policy), "nonce", "hold no nonce")


# (12) lifetime
@pytest.mark.parametrize(
    ("iat", "exp", "reason"),
    [
        (NOW, NOW, "ends before it begins"),
        (NOW + 1, NOW, "ends before it begins"),
        (NOW, NOW + LIFE_S + 1, "the policy allows 86400"),
        (0, (1 << 64) - 1, "the policy allows 86400"),
        (NOW - 1000, NOW - 301, "expired 301 seconds ago"),
        (NOW + 301, NOW + 1000, "301 seconds in the future"),
    ],
)
def test_rejects_a_key_whose_life_is_over_or_has_not_begun_or_is_too_long(
    iat: int, exp: int, reason: str
) -> None:
    refused(judge(ENCLAVE.document(NONCE, iat=iat, exp=exp)), "lifetime", reason)


@pytest.mark.parametrize(("iat", "exp"), [(NOW - 1000, NOW - 300), (NOW + 300, NOW + 1000)])
def test_clocks_may_differ_as_far_as_the_policy_says(iat: int, exp: int) -> None:
    assert judge(ENCLAVE.document(NONCE, iat=iat, exp=exp)).passed


def test_rejects_evidence_once_time_has_passed() -> None:
    assert judge(now=NOW + LIFE_S + 300).passed
    refused(judge(now=NOW + LIFE_S + 301), "lifetime", "expired")


# (4) debug
def test_rejects_a_sandbox_that_claims_to_be_closed_to_debuggers() -> None:
    document = ENCLAVE.document(NONCE, debug_status=DEBUG_DISABLED)
    refused(judge(document), "debug", "it cannot be")


# (13) manifest
def test_rejects_a_manifest_that_the_policy_does_not_name() -> None:
    other = FakeEnclave(manifest(labels=("dog", "cat", "frog")))
    result = judge(other.document(NONCE), bytes_of_manifest=other.manifest.to_bytes())
    refused(result, "manifest", "none that the policy names")


def test_any_model_is_accepted_only_by_the_unsafe_policy_which_says_so() -> None:
    other = FakeEnclave(manifest(name="other"))
    result = judge(
        other.document(NONCE),
        bytes_of_manifest=other.manifest.to_bytes(),
        policy=UnsafeAnyModelPolicy(),
    )
    assert result.passed
    assert result.checks[NAMES.index("manifest")].result is Outcome.NOT_CHECKED


# (14) model
def test_rejects_a_manifest_with_any_byte_flipped() -> None:
    for at in range(len(MANIFEST)):
        flipped = bytearray(MANIFEST)
        flipped[at] ^= 1 << (at % 8)
        refused(judge(bytes_of_manifest=bytes(flipped)), "model", "not the one in the claims")


def test_rejects_an_enclave_that_loaded_another_model_than_the_manifests() -> None:
    document = ENCLAVE.document(NONCE, model_digest=bytes(32))
    refused(judge(document), "model", "another model than the manifest's")


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"{}", b'{"head":null}', b'{"head":{"model_digest":1}}', b"\xff", b"[" * 99_999],
)
def test_rejects_a_manifest_that_names_no_model_even_if_the_policy_names_it(
    content: bytes,
) -> None:
    import hashlib

    digest = hashlib.sha256(content).digest()
    policy = replace(POLICY, manifest_digests=frozenset({digest}))
    document = ENCLAVE.document(NONCE, manifest_digest=digest)
    assert not judge(document, bytes_of_manifest=content, policy=policy).passed
    result = judge(document, bytes_of_manifest=content, policy=policy)
    assert [c.name for c in result.checks if c.result is Outcome.FAILED] == ["model"]


def test_rejects_a_manifest_that_is_too_long() -> None:
    refused(judge(bytes_of_manifest=bytes((4 << 20) + 1)), "model", "more than")


# (15) engine
@pytest.mark.parametrize("version", ["0.0.9", "", "0.1", "0.1.0-dev", "new", "-1.1.0", "0.1.0.0"])
def test_rejects_an_engine_that_is_older_or_has_no_version(version: str) -> None:
    refused(judge(ENCLAVE.document(NONCE, engine_version=version)), "engine", "engine")


@pytest.mark.parametrize("version", ["0.1.0", "0.1.1", "0.10.0", "1.0.0"])
def test_accepts_an_engine_that_is_as_old_or_newer(version: str) -> None:
    assert judge(ENCLAVE.document(NONCE, engine_version=version)).passed


# (16) confinement
@pytest.mark.parametrize("level", ["", "seccomp", "SECCOMP,nofiles,nonet,nnp,nodump,nocore"])
def test_rejects_a_tee_that_confined_itself_less_than_demanded(level: str) -> None:
    refused(judge(ENCLAVE.document(NONCE, level=level)), "confinement", "missing")


def test_says_that_confinement_was_not_demanded() -> None:
    policy = policy_of(ENCLAVE.manifest, tees={"sandbox": TeePolicy(True)})
    result = judge(ENCLAVE.document(NONCE, level=""), policy=policy)
    assert result.passed
    assert result.checks[-1].result is Outcome.NOT_CHECKED


# Endorsements
def test_rejects_endorsements_of_a_kind_that_has_none() -> None:
    mine = replace(Evidence.from_bytes(DOCUMENT), endorsements=("application/x", b"y"))
    refused(judge(mine.to_bytes()), "tee", "the endorsements are 'application/x', expected none")


# Plan and audit
@pytest.mark.parametrize("name", ["plan", "audit"])
def test_rejects_a_manifest_with_another_plan_or_audit_than_the_policy_names(name: str) -> None:
    policy = replace(POLICY, **{f"{name}_digests": frozenset({"ab" * 32})})
    refused(judge(policy=policy), "model", f"the manifest's {name}")


# A kind of TEE that is not for development.
class HardwareProof(sandbox.SandboxProof):
    def debug(self) -> Finding:
        return passed("not a debug enclave")

    def genuine(self) -> Finding:
        return passed("signed by the manufacturer")


HARDWARE = replace(sandbox.SANDBOX, development=False, proof=HardwareProof)


def hardware(document: bytes, row: Tee = HARDWARE, **changes: Any) -> AttestationResult:  # noqa: ANN401
    options = {"nonce": NONCE, "now": NOW, **changes}
    return appraise(document, MANIFEST, POLICY, tees={"sandbox": row}, **options)


def test_a_hardware_tee_must_be_closed_to_debuggers() -> None:
    refused(hardware(DOCUMENT), "debug", "open to debuggers")
    assert hardware(ENCLAVE.document(NONCE, debug_status=DEBUG_DISABLED)).passed


def test_without_a_clock_of_its_own_a_tees_times_are_not_checked() -> None:
    document = ENCLAVE.document(NONCE, debug_status=DEBUG_DISABLED)
    check = hardware(document).checks[NAMES.index("lifetime")]
    assert check.result is Outcome.NOT_CHECKED
    assert check.reason.startswith("host clock")
    row = replace(HARDWARE, own_clock=True)
    assert hardware(document, row).checks[NAMES.index("lifetime")].result is Outcome.PASSED
    refused(hardware(document, row, now=NOW + 2 * LIFE_S), "lifetime", "expired")


def test_a_step_that_does_not_apply_does_not_make_a_later_one_pass() -> None:
    document = ENCLAVE.document(NONCE, debug_status=DEBUG_DISABLED)
    refused(hardware(document, nonce=bytes(32)), "nonce", "another nonce")


# (17) version
def seen(highest: int) -> Callable[[str, str], int]:
    return lambda owner, name: highest if (owner, name) == ("ab" * 32, "net") else 0


@pytest.mark.parametrize(("highest", "ok"), [(0, True), (3, True), (4, True), (5, False)])
def test_rejects_an_older_bundle_than_one_that_was_seen(highest: int, ok: bool) -> None:
    enclave = FakeEnclave(manifest(version=4, owner="ab" * 32))
    result = appraise(
        enclave.document(NONCE),
        enclave.manifest.to_bytes(),
        policy_of(enclave.manifest),
        nonce=NONCE,
        now=NOW,
        seen=seen(highest),
    )
    assert result.passed == ok
    assert ok or result.checks[-1].code == "rollback"


def test_rejects_an_older_bundle_than_the_policy_wants() -> None:
    enclave = FakeEnclave(manifest(version=4))
    for least, ok in ((4, True), (5, False)):
        policy = policy_of(enclave.manifest, version_at_least=least)
        document = enclave.document(NONCE)
        found = appraise(document, enclave.manifest.to_bytes(), policy, nonce=NONCE, now=NOW)
        assert found.passed == ok
        assert ok or found.checks[-1].code == "too-old"


@pytest.mark.parametrize("signer", [None, "cd" * 32])
def test_rejects_a_network_that_no_named_key_signed(signer: str | None) -> None:
    enclave = FakeEnclave(manifest(model_key=signer))
    policy = policy_of(enclave.manifest, model_keys=frozenset({"ab" * 32}))
    document, content = enclave.document(NONCE), enclave.manifest.to_bytes()
    result = appraise(document, content, policy, nonce=NONCE, now=NOW)
    [check] = [check for check in result.checks if check.result.value == "failed"]
    assert check.code == "model-key"
    policy = policy_of(enclave.manifest, model_keys=frozenset({"cd" * 32}))
    assert appraise(document, content, policy, nonce=NONCE, now=NOW).passed == (signer is not None)
