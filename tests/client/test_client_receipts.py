"""No answer is believed without the enclave's receipt; a kept one can be appraised later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from attest.fake_enclave import LIFE_S, NOW, WHOLE, FakeEnclave, manifest, policy_of
from client.fake_host import FakeHost, sealed
from client.test_client import client_of

from cloister.attest.claims import Claims
from cloister.attest.evidence import Evidence, encode_base64url
from cloister.attest.policy import Policy, policy_text
from cloister.attest.receipt import Receipt
from cloister.cli.main import run
from cloister.client.proof import Proof, is_proof
from cloister.errors import Refused, UserError

X = np.ones((1, 3, 8, 8), np.float32)
NONCE = bytes(range(32))


@pytest.mark.parametrize("mode", [{}, WHOLE])
def test_an_answer_brings_its_receipt(mode: dict[str, Any]) -> None:
    host = FakeHost(FakeEnclave(manifest(**mode)))
    proof = client_of(host).infer([X]).proof
    receipt = Receipt.from_bytes(proof.receipt)
    assert receipt.tail_check == ("none" if mode else "unchecked")
    assert Proof.from_bytes(proof.to_bytes()) == proof


def refused(host: FakeHost) -> str:
    with pytest.raises(Refused) as caught:
        client_of(host).infer([X])
    return caught.value.code


def test_an_answer_without_a_receipt_is_refused() -> None:
    for headers in ({}, {"cloister_receipt": ""}, {"cloister_receipt": "="}):
        host = FakeHost()

        def bare(request: httpx.Request, host: FakeHost = host, headers: Any = headers) -> Any:  # noqa: ANN401
            return sealed(host.enclave.infer(request.content), **headers)

        host.tell("infer", bare)
        assert refused(host) == "no-receipt"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"manifest_digest": bytes(32)}, "receipt-manifest"),
        ({"model_digest": bytes(32)}, "receipt-model"),
        ({"request_digest": bytes(32)}, "receipt-request"),
        ({"response_digest": bytes(32)}, "receipt-response"),
        ({"tail_check": "none"}, "receipt-tail"),
        ({"host_time": NOW - 301}, "receipt-time"),
        ({"host_time": NOW + 3600 + 301}, "receipt-time"),
    ],
)
def test_a_receipt_that_says_something_else_is_refused(changes: dict[str, Any], code: str) -> None:
    assert refused(FakeHost(receipt=changes)) == code


def test_a_receipt_of_another_enclave_is_refused() -> None:
    host, stranger = FakeHost(), FakeEnclave()

    def foreign(request: httpx.Request) -> httpx.Response:
        response = host.enclave.infer(request.content)
        receipt = stranger.receipt(request.content, response)
        return sealed(response, cloister_receipt=encode_base64url(receipt))

    host.tell("infer", foreign)
    assert refused(host) == "receipt-signature"


def test_the_receipt_of_another_answer_is_refused() -> None:
    host = FakeHost()
    kept: list[httpx.Response] = []

    def keep(request: httpx.Request) -> httpx.Response:
        kept.append(host.answer(request.content, host.enclave.infer(request.content)))
        return kept[0]

    def replay(request: httpx.Request) -> httpx.Response:
        receipt = kept[0].headers["cloister-receipt"]
        return sealed(host.enclave.infer(request.content), cloister_receipt=receipt)

    host.tell("infer", keep, replay)
    client = client_of(host)
    client.infer([X])
    with pytest.raises(Refused) as caught:
        client.infer([X])
    assert caught.value.code == "receipt-request"


def test_no_bit_of_a_receipt_can_be_changed() -> None:
    host = FakeHost()
    good = client_of(host).infer([X]).proof
    policy = policy_of(host.enclave.manifest)
    for at in range(8 * len(good.receipt)):
        changed = bytearray(good.receipt)
        changed[at // 8] ^= 1 << at % 8
        proof = Proof(bytes(changed), good.nonce, good.document, good.manifest)
        assert not proof.appraise(policy, now=NOW).passed


# ------------------------------------------------------------------------------- kept receipts
@pytest.fixture
def kept() -> tuple[Proof, FakeHost]:
    host = FakeHost()
    return client_of(host).infer([X]).proof, host


def test_a_kept_receipt_passes_as_of_its_time(kept: tuple[Proof, FakeHost]) -> None:
    proof, host = kept
    result = proof.appraise(policy_of(host.enclave.manifest), now=NOW + 60)
    assert result.passed, result.to_json()
    assert [check.name for check in result.checks][-8:] == [
        f"receipt-{name}"
        for name in (
            "form", "signature", "manifest", "model", "request", "response", "tail", "time"
        )
    ]  # fmt: skip
    assert result.facts["receipt_host_time"] == str(NOW)
    assert result.facts["receipt_tail_check"] == "unchecked"


def test_a_kept_receipt_is_refused_as_of_another_time(kept: tuple[Proof, FakeHost]) -> None:
    proof, host = kept
    result = proof.appraise(policy_of(host.enclave.manifest), now=NOW + 2 * LIFE_S)
    [check] = [check for check in result.checks if check.result.value == "failed"]
    assert check.code == "lifetime"
    assert result.checks[-1].reason == "not reached: lifetime failed"


def test_a_receipt_with_other_evidence_is_refused(kept: tuple[Proof, FakeHost]) -> None:
    proof, host = kept
    other = FakeEnclave(host.enclave.manifest)
    foreign = Proof(proof.receipt, NONCE, other.document(NONCE), proof.manifest)
    result = foreign.appraise(policy_of(host.enclave.manifest), now=NOW)
    assert not result.passed and result.claims is None
    assert [c.name for c in result.checks if c.result.value == "failed"] == ["receipt-signature"]


def test_evidence_without_a_nonce_passes_only_where_the_policy_says_host_clock() -> None:
    enclave = FakeEnclave()
    content = enclave.manifest.to_bytes()
    receipt = enclave.receipt(b"request", b"response")
    strict = policy_of(enclave.manifest)
    loose = policy_of(enclave.manifest, freshness="host-clock")
    without = Proof(receipt, None, enclave.document(None), content)
    assert not without.appraise(strict, now=NOW).passed
    assert without.appraise(loose, now=NOW).passed
    asked = Proof(receipt, None, enclave.document(NONCE), content)
    assert not asked.appraise(strict, now=NOW).passed, "a nonce that nobody here sent"
    assert asked.appraise(strict, now=NOW, nonce=NONCE).passed
    assert not asked.appraise(loose, now=NOW, nonce=bytes(32)).passed


def test_a_client_with_host_clock_sends_no_nonce_and_believes_old_evidence() -> None:
    host = FakeHost()
    loose = policy_of(host.enclave.manifest, freshness="host-clock")
    proof = client_of(host, policy=loose).infer([X]).proof
    assert proof.nonce is None
    assert Claims.from_bytes(Evidence.from_bytes(proof.document).claims).nonce is None
    assert "nonce" not in str(host.requests[0].url)


# --------------------------------------------------------------------------------------- files
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b'{"format": "cloister-receipt/1"}',
        b"[" * 100_000,
        b'{"format":"cloister-receipt/1","receipt":"A","nonce":null,"evidence":{},"manifest":""}',
        b'{"format":"cloister-receipt/1","receipt":"","nonce":null,"evidence":{},"manifest":7}',
        b'{"format":"cloister-receipt/2","receipt":"","nonce":null,"evidence":{},"manifest":""}',
    ],
)
def test_files_that_are_no_receipt_files_are_refused(content: bytes) -> None:
    with pytest.raises(UserError) as caught:
        Proof.from_bytes(content)
    assert caught.value.code == "bad-receipt-file"


def test_verify_reads_the_file_and_prints_the_steps(
    kept: tuple[Proof, FakeHost], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proof, host = kept
    made = host.enclave.manifest
    (tmp_path / "receipt.json").write_bytes(proof.to_bytes())
    text = policy_text(made.digest, model_digest=made.model_digest, name=made.name)
    (tmp_path / "policy.toml").write_text(text)
    assert is_proof(proof.to_bytes()) and Policy.from_toml(text)
    arguments = ["verify", f"{tmp_path}/receipt.json", "--policy", f"{tmp_path}/policy.toml"]
    assert run([*arguments, "--at", str(NOW), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "passed" and found["checks"][-1]["name"] == "receipt-time"
    assert run([*arguments, "--at", str(NOW + 9 * LIFE_S)]) == 1
    assert "lifetime" in capsys.readouterr().out
    assert run([*arguments, "--at", str(NOW), "--manifest", "x"]) == 2
