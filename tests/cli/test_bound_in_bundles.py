"""What pack binds besides the network: its version, plan, audit, and who signed the original."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Json
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from cloister.attest.policy import Policy
from cloister.cli.bound import summary_digest
from cloister.pack.bundle import load_bundle


def pack(as_json: Json, model: Path, out: Path, *options: object) -> tuple[int, dict[str, Any]]:
    return as_json("pack", model, "-o", out, "--cut", "r", *options)


def test_a_bundle_that_replaces_another_gets_the_next_version(
    as_json: Json, records: Path, tmp_path: Path
) -> None:
    out = tmp_path / "bundle"
    versions = []
    for options in ([], [], ["--whole"], ["--bundle-version", "9"], []):
        cut = [] if "--whole" in options else ["--cut", "r"]
        code, found = as_json("pack", records, "-o", out, *cut, *options)
        assert code == 0
        versions.append(found["version"])
    # The same again is the same; another is one more; a stated one stays where nothing changed.
    assert versions == [1, 1, 2, 9, 9]
    assert load_bundle(out).manifest.version == 9


@pytest.fixture
def plan(records: Path, tmp_path: Path) -> dict[str, Any]:
    return {
        "format": "cloister-plan/1",
        "model_sha256": hashlib.sha256(records.read_bytes()).hexdigest(),
        "chosen": {"mode": "split", "cut": "r"},
    }


def test_the_plan_is_bound_and_a_policy_can_name_it(
    as_json: Json, records: Path, tmp_path: Path, plan: dict[str, Any]
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    code, found = pack(as_json, records, tmp_path / "bundle", "--plan", file)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert code == 0 and found["plan_sha256"] == digest
    assert load_bundle(tmp_path / "bundle").manifest.plan == digest
    text = (tmp_path / "policy.toml").read_text()
    named = text.replace("[model]\n", f'[model]\nplan_sha256 = ["{digest}"]\n')
    assert Policy.from_toml(named).plan_digests == {digest}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"model_sha256": "00" * 32}, "other-model"),
        ({"chosen": None}, "other-cut"),
        ({"format": "cloister-plan/9"}, "bad-plan"),
        ({"chosen": 7}, "bad-plan"),
    ],
)
def test_a_plan_of_something_else_is_refused(
    as_json: Json,
    records: Path,
    tmp_path: Path,
    *,
    plan: dict[str, Any],
    change: dict[str, Any],
    code: str,
) -> None:
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan | change))
    exit_code, found = pack(as_json, records, tmp_path / "bundle", "--plan", file)
    assert (exit_code, found["error"]["code"]) == (2, code)
    assert not (tmp_path / "bundle").exists()


def test_a_plan_that_chose_another_cut_is_refused(
    as_json: Json, records: Path, tmp_path: Path, plan: dict[str, Any]
) -> None:
    plan["chosen"] |= {"cut": "h"}
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(plan))
    _, found = pack(as_json, records, tmp_path / "bundle", "--plan", file)
    assert found["error"]["code"] == "other-cut"


def test_an_audit_must_be_a_run(as_json: Json, records: Path, tmp_path: Path) -> None:
    code, _ = pack(as_json, records, tmp_path / "bundle", "--audit", tmp_path / "none")
    assert code == 2


def test_an_audits_digest_does_not_depend_on_where_the_run_lies() -> None:
    summary = {"format": "cloister-audit/1", "run": "/a", "skipped": [], "cuts": [{"b": 1, "a": 2}]}
    moved = {"cuts": [{"a": 2, "b": 1}], "run": "/b", "skipped": [1], "format": "cloister-audit/1"}
    assert summary_digest(summary) == summary_digest(moved)
    assert summary_digest(summary) != summary_digest({**summary, "cuts": []})


# ----------------------------------------------------------------------------- model signatures
@pytest.fixture(scope="module")
def signed(records: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """key.pem, public.pem and model.sig, made by the model-signing package."""
    signing = pytest.importorskip("model_signing.signing", reason="needs cloister[signing]")
    folder = tmp_path_factory.mktemp("signed")
    key = ec.generate_private_key(ec.SECP256R1())
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "public.pem").write_bytes(public(key))
    config = signing.Config().use_elliptic_key_signer(private_key=folder / "key.pem")
    config.sign(records, folder / "model.sig")
    return folder


def public(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_the_signer_of_the_network_is_verified_and_named(
    as_json: Json, records: Path, signed: Path, tmp_path: Path
) -> None:
    options = ["--model-signature", signed / "model.sig", "--model-key", signed / "public.pem"]
    code, found = pack(as_json, records, tmp_path / "bundle", *options)
    der = serialization.load_pem_public_key((signed / "public.pem").read_bytes()).public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert code == 0 and found["model_key_sha256"] == hashlib.sha256(der).hexdigest()
    assert load_bundle(tmp_path / "bundle").manifest.model_key == found["model_key_sha256"]


def test_another_key_another_network_and_damage_are_refused(
    as_json: Json, records: Path, signed: Path, tmp_path: Path
) -> None:
    good = (signed / "model.sig").read_bytes()
    (tmp_path / "other.pem").write_bytes(public(ec.generate_private_key(ec.SECP256R1())))
    (tmp_path / "odd.pem").write_bytes(public(ed25519.Ed25519PrivateKey.generate()))
    (tmp_path / "no.pem").write_bytes(b"no key")
    (tmp_path / "cut.sig").write_bytes(good[:-40])
    (tmp_path / "empty.sig").write_bytes(b"{}")
    other = tmp_path / "other.onnx"
    other.write_bytes(records.read_bytes() + b"\x82\x01\x00")  # one more, empty, field
    public_pem, signature = signed / "public.pem", signed / "model.sig"
    cases = [
        (records, signature, tmp_path / "other.pem", 1, "model-signature"),
        (records, tmp_path / "cut.sig", public_pem, 1, "model-signature"),
        (records, tmp_path / "empty.sig", public_pem, 1, "model-signature"),
        (records, signature, tmp_path / "odd.pem", 2, "bad-key"),
        (records, signature, tmp_path / "no.pem", 2, "bad-key"),
        (records, tmp_path / "none.sig", public_pem, 2, "no-such-file"),
    ]
    for model, sig, key, exit_code, code in cases:
        options = ["--model-signature", sig, "--model-key", key]
        found_code, found = pack(as_json, model, tmp_path / "bundle", *options)
        assert (found_code, found["error"]["code"]) == (exit_code, code), (sig, key)
    only = pack(as_json, records, tmp_path / "bundle", "--model-key", public_pem)
    assert only[1]["error"]["code"] == "usage"
    assert not (tmp_path / "bundle").exists()
