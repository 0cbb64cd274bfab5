"""Trustee's KBS protocol against a small server written from its published page: sessions by
cookie, a nonce that is used once, runtime data bound to the evidence, resources as JWE. Its JWE is
made by jwcrypto, which we did not write.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import tiny_bundle
from attest.fake_enclave import FakeEnclave
from cryptography.hazmat.primitives.asymmetric import ec
from test_sealed_service import World, X, locked_by, ready, service_of

from cloister.attest.policy import Policy
from cloister.attest.verifier import appraise
from cloister.broker.kbs import KbsKeys, open_jwe
from cloister.broker.keyring import Keyring
from cloister.broker.seal import seal
from cloister.channel.page_key import open_page_key
from cloister.client import Client
from cloister.errors import UserError
from cloister.serve.keys import KeyWithheld

jwe = pytest.importorskip("jwcrypto.jwe", reason="the server's side needs jwcrypto")
jwk = pytest.importorskip("jwcrypto.jwk", reason="the server's side needs jwcrypto")


@dataclass
class Kbs:
    """POST auth, POST attest, GET resource: what the protocol's page says, no more."""

    resources: dict[str, bytes]
    policy: Policy | None = None
    manifest: bytes = b""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    lies: dict[str, httpx.Response] = field(default_factory=dict)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.paths.append(request.url.path)
        for part, lie in self.lies.items():
            if f"/{part}" in request.url.path:
                return lie
        if request.url.path == "/kbs/v0/auth" and request.method == "POST":
            return self._auth(json.loads(request.content))
        cookie = request.headers.get("cookie", "")
        session = self.sessions.get(cookie.removeprefix("kbs-session-id="))
        if session is None:
            return httpx.Response(401, json={"type": "unauthorized", "detail": "no session"})
        if request.url.path == "/kbs/v0/attest" and request.method == "POST":
            return self._attest(session, json.loads(request.content))
        return self._resource(session, request)

    def _auth(self, asked: dict[str, Any]) -> httpx.Response:
        assert set(asked) == {"version", "tee", "extra-params"} and asked["tee"] == "sample"
        name, nonce = secrets.token_hex(16), secrets.token_urlsafe(32)
        self.sessions[name] = {"nonce": nonce}
        headers = {"Set-Cookie": f"kbs-session-id={name}; Path=/kbs/v0; HttpOnly"}
        return httpx.Response(200, json={"nonce": nonce, "extra-params": ""}, headers=headers)

    def _attest(self, session: dict[str, Any], attestation: dict[str, Any]) -> httpx.Response:
        runtime, evidence = attestation["runtime-data"], attestation["tee-evidence"]
        text = json.dumps(runtime, sort_keys=True, separators=(",", ":"))
        bound = hashlib.sha384(text.encode()).digest()
        if runtime["nonce"] != session.pop("nonce", None):
            return httpx.Response(401, json={"detail": "another nonce"})
        if self.policy is not None:
            document = json.dumps(evidence["primary_evidence"]).encode()
            result = appraise(document, self.manifest, self.policy, nonce=bound, now=time.time())
            if not result.passed:
                return httpx.Response(401, json={"detail": str(result.to_json())})
        session |= {"key": runtime["tee-pubkey"], "token": secrets.token_urlsafe(16)}
        return httpx.Response(200, json={"token": session["token"]})

    def _resource(self, session: dict[str, Any], request: httpx.Request) -> httpx.Response:
        if request.headers.get("authorization") != f"Bearer {session.get('token')}":
            return httpx.Response(401, json={"detail": "not attested"})
        found = self.resources.get(request.url.path.removeprefix("/kbs/v0/resource/"))
        if found is None:
            return httpx.Response(404, json={"detail": "no such resource"})
        return httpx.Response(200, content=encrypted(found, session["key"]))


def encrypted(content: bytes, public: dict[str, str], alg: str = "ECDH-ES+A256KW") -> str:
    sealed = jwe.JWE(content, json.dumps({"alg": alg, "enc": "A256GCM"}))
    sealed.add_recipient(jwk.JWK(**public))
    parts = sealed.serialize(compact=True).split(".")
    names = ("protected", "encrypted_key", "iv", "ciphertext", "tag")
    return json.dumps(dict(zip(names, parts, strict=True)))


KEY_ID = bytes(range(16))
PATH = f"cloister/page-key/{KEY_ID.hex()}"


def source(kbs: Kbs) -> KbsKeys:
    return KbsKeys("http://kbs", "sandbox", transport=kbs.transport, timeout_s=2)


def test_the_handshake_gives_the_resource_sealed_to_the_enclave() -> None:
    key = secrets.token_bytes(32)
    kbs, enclave, documents = Kbs({PATH: key}), FakeEnclave(), []

    def attest(nonce: bytes) -> bytes:
        documents.append(enclave.claims(nonce).to_bytes())
        return enclave.document(nonce)

    sealed = source(kbs).fetch(KEY_ID, attest)
    assert open_page_key(sealed, enclave.key, claims=documents[0], key_id=KEY_ID) == key
    assert kbs.paths == ["/kbs/v0/auth", "/kbs/v0/attest", f"/kbs/v0/resource/{PATH}"]


def test_a_sealed_service_gets_its_key_from_a_kbs(keyring: Keyring, tmp_path: Path) -> None:
    plain = tiny_bundle.write(tmp_path / "bundle").path
    world = World(plain, seal(plain, keyring, tmp_path / "sealed"), keyring)
    kept = keyring.get(world.sealed.key_id)
    assert kept is not None
    path = f"cloister/page-key/{world.sealed.key_id.hex()}"
    kbs = Kbs({path: kept.key}, Policy.load(world.policy), kept.manifest)
    with (
        service_of(world, source(kbs)) as service,
        Client(service.url, world.policy) as client,
    ):
        assert "ready" in ready(service)
        assert client.infer(X).evidence.passed
    kbs.resources[path] = bytes(32)
    assert locked_by(world, source(kbs)) == "wrong-key"  # type: ignore[arg-type]
    kbs.manifest = b"{}"
    assert locked_by(world, source(kbs)) == "kbs-401"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lies", "code"),
    [
        ({"auth": httpx.Response(200, json={})}, "kbs-answer"),
        ({"auth": httpx.Response(200, content=b"no json")}, "kbs-answer"),
        ({"auth": httpx.Response(401, json={"detail": "version \x1b[1m"})}, "kbs-401"),
        ({"attest": httpx.Response(500)}, "kbs-500"),
        ({"resource": httpx.Response(200, json={})}, "kbs-answer"),
        ({"resource": httpx.Response(200, content=b"x" * 70_000)}, "kbs-answer"),
        ({"resource": httpx.Response(404)}, "kbs-404"),
    ],
)
def test_a_kbs_that_says_no_or_nonsense_is_named(
    lies: dict[str, httpx.Response], code: str
) -> None:
    with pytest.raises(KeyWithheld) as caught:
        source(Kbs({PATH: bytes(32)}, lies=lies)).fetch(KEY_ID, FakeEnclave().document)
    assert caught.value.code == code and "\x1b" not in caught.value.message


def test_a_key_of_another_length_is_refused() -> None:
    for length in (0, 31, 33):
        with pytest.raises(KeyWithheld) as caught:
            source(Kbs({PATH: bytes(length)})).fetch(KEY_ID, FakeEnclave().document)
        assert caught.value.code == "kbs-answer" and str(length) in caught.value.message


def test_a_jwe_that_was_changed_or_is_of_another_kind_does_not_open() -> None:
    own = ec.generate_private_key(ec.SECP256R1())
    public = json.loads(jwk.JWK.from_pyca(own.public_key()).export_public())
    fields = json.loads(encrypted(b"resource", public))
    assert open_jwe(fields, own) == b"resource"
    assert open_jwe(fields, ec.generate_private_key(ec.SECP256R1())) is None
    for name, value in fields.items():
        for other in (value[:-2], value[:-1] + ("A" if value[-1] != "A" else "B"), "", 7, None):
            assert open_jwe({**fields, name: other}, own) is None, name
        assert open_jwe({n: v for n, v in fields.items() if n != name}, own) is None
    assert open_jwe(json.loads(encrypted(b"resource", public, "ECDH-ES+A128KW")), own) is None


@pytest.mark.parametrize("tee", ["sgx", "optee", "tpm", ""])
def test_kinds_that_do_not_hold_the_service_are_refused(tee: str) -> None:
    with pytest.raises(UserError) as caught:
        KbsKeys("http://kbs", tee)
    assert caught.value.code == "kbs-kind"
