"""The broker: a key for appraised evidence over its own nonce, and for nothing else."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attest.amd_world import AmdWorld
from attest.fake_enclave import LIFE_S, NOW, FakeEnclave
from broker_kit import Asker, keep, policy_toml
from hypothesis import given
from hypothesis import strategies as st

from cloister.attest.claims import DEBUG_DISABLED, report_data
from cloister.attest.evidence import Evidence, decode_base64url, encode_base64url
from cloister.broker.challenges import Challenges
from cloister.broker.keyring import Keyring
from cloister.channel.hpke import NotOpened
from cloister.channel.page_key import open_page_key
from cloister.serve.bucket import TokenBucket

DEBUG_OFF: dict[str, Any] = {"debug_status": DEBUG_DISABLED}


def refused(got: Any, status: int, code: str) -> dict[str, Any]:  # noqa: ANN401
    """The problem of an answer that released nothing."""
    body: dict[str, Any] = got.json()
    assert (got.status_code, body["code"]) == (status, code), body
    assert "enc" not in body and "ct" not in body
    assert got.headers["content-type"] == "application/problem+json"
    return body


def test_appraised_evidence_gets_the_key_that_only_its_enclave_opens(asker: Asker) -> None:
    nonce = asker.nonce()
    claims = asker.enclave.claims(nonce).to_bytes()
    got = asker.post(asker.body(nonce))
    assert asker.opened(got, claims) == asker.key.key
    other_claims = asker.enclave.claims(bytes(32)).to_bytes()
    with pytest.raises(NotOpened):
        asker.opened(got, other_claims)
    stranger = FakeEnclave(asker.manifest)
    sealed = b"".join(decode_base64url(got.json()[part]) for part in ("enc", "ct"))
    for key, key_id in ((stranger.key, asker.key.key_id), (asker.enclave.key, bytes(16))):
        with pytest.raises(NotOpened):
            open_page_key(sealed, key, claims=claims, key_id=key_id)


# ------------------------------------------------------------------------------------- nonces
def test_a_nonce_is_good_once_even_if_the_first_use_failed(asker: Asker) -> None:
    nonce = asker.nonce()
    refused(asker.post(asker.body(nonce, level="")), 403, "refused-confinement")
    refused(asker.post(asker.body(nonce)), 403, "unknown-nonce")


def test_a_nonce_of_the_callers_own_is_refused(asker: Asker) -> None:
    refused(asker.post(asker.body(bytes(32))), 403, "unknown-nonce")


def test_evidence_for_another_nonce_is_refused(asker: Asker) -> None:
    first, second = asker.nonce(), asker.nonce()
    body = asker.body(first) | {"nonce": encode_base64url(second)}
    refused(asker.post(body), 403, "refused-nonce")


def test_a_policy_of_the_hosts_clock_does_not_do_without_the_brokers_nonce(asker: Asker) -> None:
    text = asker.policy.read_text()
    asker.policy.write_text(text.replace('"nonce"', '"host-clock"'))
    body = asker.body(asker.nonce())
    old = json.loads(asker.enclave.document(None))
    refused(asker.post({**body, "evidence": old}), 403, "refused-nonce")


def test_a_nonce_grows_old_and_the_table_is_bounded() -> None:
    now = [0.0]
    table = Challenges(life_s=10, most=3, clock=lambda: now[0])
    nonces = [table.new() for _ in range(4)]
    assert nonces[3] is None and len(table) == 3
    now[0] = 10.0
    assert nonces[0] is not None and not table.take(nonces[0])
    assert len(table) == 0
    fresh = table.new()
    assert fresh is not None and table.take(fresh) and not table.take(fresh)


def test_a_full_table_and_a_used_up_rate_answer_429(asker: Asker) -> None:
    asker.broker.challenges = Challenges(most=1)
    asker.nonce()
    got = asker.http.post("/v1/challenge")
    refused(got, 429, "too-often")
    assert int(got.headers["retry-after"]) > 0
    asker.broker.rate = TokenBucket(0, 0)
    refused(asker.http.post("/v1/challenge"), 429, "too-often")
    refused(asker.post({}), 429, "too-often")


# ------------------------------------------------------------------------------------- refusals
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"manifest_digest": bytes(32)}, "refused-manifest"),
        ({"model_digest": bytes(32)}, "refused-model"),
        ({"engine_version": "0.0.1"}, "refused-engine"),
        ({"iat": NOW - 9 * LIFE_S, "exp": NOW - 8 * LIFE_S}, "refused-lifetime"),
        ({"exp": NOW + 9 * LIFE_S}, "refused-lifetime"),
        ({"level": "nonet"}, "refused-confinement"),
        ({"tee": "sgx"}, "refused-tee"),
        ({"tee": "tdx", **DEBUG_OFF}, "refused-tee"),
        (DEBUG_OFF, "refused-debug"),
    ],
)
def test_claims_that_the_policy_does_not_accept_get_nothing(
    asker: Asker, changes: dict[str, Any], code: str
) -> None:
    body = refused(asker.ask(**changes), 403, code)
    assert body["detail"] and body["hint"], "what was expected and found, and what to do"


def test_a_key_of_low_order_gets_nothing(asker: Asker) -> None:
    config = bytearray(asker.enclave.key_config)
    config[3:35] = bytes(32)
    refused(asker.ask(key_config=bytes(config)), 403, "bad-public-key")


def test_sandbox_evidence_gets_nothing_unless_the_policy_names_it_unsafe(asker: Asker) -> None:
    snp = (
        '[tee.snp]\nmeasurement = ["' + "00" * 48 + '"]\nproducts = ["Genoa"]\n'
        'signing_keys = ["VCEK"]\nvmpl = 0\nguest_svn_at_least = 0\n'
        "tcb_at_least = { bootloader = 0, tee = 0, snp = 0, microcode = 0 }\n"
    )
    text = asker.policy.read_text()
    asker.policy.write_text(text[: text.index("[tee.sandbox]")] + snp)
    refused(asker.ask(), 403, "refused-tee")
    asker.policy.write_text(text.replace("unsafe_development = true", ""))
    refused(asker.ask(), 503, "no-policy")


def test_a_real_quote_of_another_enclaves_claims_gets_nothing(asker: Asker) -> None:
    """Cross-TEE: a good SNP report in the place of the sandbox's evidence."""
    nonce = asker.nonce()
    claims = asker.enclave.claims(nonce).to_bytes()
    report = AmdWorld().report(report_data=report_data(claims))
    body = asker.body(nonce)
    for media_type in ("application/vnd.cloister.snp-report",
                       "application/vnd.cloister.sandbox-evidence"):  # fmt: skip
        evidence = Evidence(claims, media_type, report)
        got = asker.post({**body, "evidence": json.loads(evidence.to_bytes())})
        assert got.status_code == 403 and "enc" not in got.json()
        body = asker.body(asker.nonce())


def test_a_key_goes_only_to_the_container_that_it_seals(asker: Asker, tmp_path: Path) -> None:
    """Two sealed bundles, one policy for both: each enclave gets its own key alone."""
    key, other = keep(asker.keyring, version=2, labels=None)
    asker.policy.write_text(policy_toml(asker.manifest, other))
    second = Asker(asker.keyring, asker.policy, key, other)
    nonce = second.nonce()
    got = second.post(second.body(nonce))
    assert second.opened(got, second.enclave.claims(nonce).to_bytes()) == key.key
    swapped = second.body(second.nonce()) | {"key_id": encode_base64url(asker.key.key_id)}
    refused(second.post(swapped), 403, "refused-model")


# ------------------------------------------------------------------------- rotation, revocation
def test_two_keys_live_until_the_old_one_is_removed(asker: Asker) -> None:
    new, manifest = keep(asker.keyring, version=2)
    asker.policy.write_text(policy_toml(asker.manifest, manifest))
    rotated = Asker(asker.keyring, asker.policy, new, manifest)
    assert asker.ask().status_code == rotated.ask().status_code == 200
    asker.keyring.remove(asker.key.key_id)
    refused(asker.ask(), 404, "unknown-key")
    assert rotated.ask().status_code == 200


def test_a_manifest_taken_out_of_the_policy_is_revoked_without_a_restart(asker: Asker) -> None:
    assert asker.ask().status_code == 200
    text = asker.policy.read_text()
    asker.policy.write_text(text.replace(asker.manifest.digest, "ab" * 32))
    refused(asker.ask(), 403, "refused-manifest")
    asker.policy.unlink()
    refused(asker.ask(), 503, "no-policy")
    asker.policy.write_text(text)
    assert asker.ask().status_code == 200


def test_damaged_keys_release_nothing(asker: Asker) -> None:
    path = asker.keyring.folder / f"{asker.key.key_id.hex()}.json"
    path.write_bytes(path.read_bytes().replace(b'"wrapped": "', b'"wrapped": "00'))
    refused(asker.ask(), 500, "bad-keys")


def test_a_manifest_changed_in_keys_releases_nothing(asker: Asker) -> None:
    path = asker.keyring.folder / f"{asker.key.key_id.hex()}.manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"net"', b'"nat"'))
    refused(asker.ask(), 403, "refused-model")


# ----------------------------------------------------------------------------------------- form
@pytest.mark.parametrize(
    "change",
    [
        lambda body: [],
        lambda body: {},
        lambda body: body | {"more": 1},
        lambda body: {name: body[name] for name in ("evidence", "nonce")},
        lambda body: body | {"nonce": 7},
        lambda body: body | {"nonce": "="},
        lambda body: body | {"key_id": "AAAA"},
        lambda body: body | {"key_id": None},
    ],
)
def test_requests_of_another_form_are_refused(
    asker: Asker, change: Callable[[dict[str, Any]], object]
) -> None:
    refused(asker.post(change(asker.body(asker.nonce()))), 400, "bad-request")


def test_bytes_that_are_no_request_are_refused(asker: Asker) -> None:
    headers = {"Content-Type": "application/json"}
    for content in (b"", b"\xff", b"[" * 100_000, b'{"nonce": NaN}'):
        got = asker.http.post("/v1/key-release", content=content, headers=headers)
        refused(got, 400, "bad-request")
    long = asker.http.post("/v1/key-release", content=b" " * (1 << 20), headers=headers)
    refused(long, 413, "too-large")
    refused(asker.http.post("/v1/key-release", content=b"{}"), 415, "media-type")
    refused(asker.http.get("/v1/key-release"), 405, "method")
    refused(asker.http.get("/v1/keys"), 404, "not-found")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))  # fmt: skip
def test_no_evidence_that_hypothesis_makes_gets_a_key(value: object) -> None:
    asker = Asker(*SHARED)
    asker.broker.rate = TokenBucket(1e6, 1e6)
    body = asker.body(asker.nonce()) | {"evidence": value}
    got = asker.post(body)
    assert got.status_code == 403 and got.json()["code"] == "refused-document"


SHARED: tuple[Any, ...] = ()


@pytest.fixture(autouse=True, scope="module")
def _shared(made: Keyring, tmp_path_factory: pytest.TempPathFactory) -> None:
    """For hypothesis, which wants nothing of one test's own."""
    global SHARED  # noqa: PLW0603
    folder = tmp_path_factory.mktemp("shared")
    shutil.copytree(made.folder, folder / "keys")
    keyring = Keyring(folder / "keys", made._kek, made._signer)
    key, manifest = keep(keyring)
    (folder / "policy.toml").write_text(policy_toml(manifest))
    SHARED = (keyring, folder / "policy.toml", key, manifest)


# ----------------------------------------------------------------------------------------- logs
def test_logs_tell_what_happened_and_hold_no_secret(
    asker: Asker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        nonce = asker.nonce()
        got = asker.post(asker.body(nonce))
        asker.ask(level="")
    assert got.status_code == 200
    text = "".join(str(vars(record)) for record in caplog.records)
    assert "key-released" in text and asker.key.key_id.hex() in text
    assert "refused-confinement" in text
    for secret in (asker.key.key, nonce, asker.keyring._signer.private_bytes_raw()):
        for form in (secret.hex(), encode_base64url(secret), repr(secret)):
            assert form not in text
    assert got.json()["ct"] not in text
