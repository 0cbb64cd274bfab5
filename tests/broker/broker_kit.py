"""Names that the tests of the broker share: keys for a fake enclave, and ways to ask."""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from attest.fake_enclave import NOW, FakeEnclave, manifest, policy_of
from starlette.applications import Starlette

from cloister.attest.evidence import decode_base64url, encode_base64url
from cloister.attest.policy import policy_text
from cloister.broker.app import Broker, app
from cloister.broker.keyring import Keyring, PageKey
from cloister.channel.page_key import open_page_key
from cloister.pack.manifest import Manifest

PASSPHRASE = "six random words, or as many bytes"

__all__ = ["NOW", "PASSPHRASE", "Asker", "keep", "policy_of", "policy_toml", "sealed_manifest"]


def sealed_manifest(keyring: Keyring, key_id: bytes, **changes: Any) -> Manifest:  # noqa: ANN401
    return manifest(key_id=key_id.hex(), owner=keyring.owner, **changes)


def keep(keyring: Keyring, **changes: Any) -> tuple[PageKey, Manifest]:  # noqa: ANN401
    """A new key of a sealed manifest, kept."""
    key_id = secrets.token_bytes(16)
    made = sealed_manifest(keyring, key_id, **changes)
    key = PageKey(key_id, secrets.token_bytes(32), made.to_bytes(), made.name, made.version)
    keyring.add(key, hashlib.sha256(key.manifest).hexdigest())
    return key, made


def policy_toml(*manifests: Manifest) -> str:
    first = manifests[0]
    text = policy_text(first.digest, model_digest=first.model_digest, name=first.name)
    digests = ", ".join(f'"{one.digest}"' for one in manifests)
    return text.replace(f'["{first.digest}"]', f"[{digests}]")


class Http:
    """A client of an application in this process."""

    def __init__(self, asgi: Starlette) -> None:
        self._transport = httpx.ASGITransport(asgi, raise_app_exceptions=False)

    def _ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._transport, base_url="http://b") as http:
                return await http.request(method, path, **options)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401
        return self._ask("POST", path, **options)


@dataclass
class Asker:
    """A keeper's side, with a fake enclave that was loaded with this manifest."""

    keyring: Keyring
    policy: Path
    key: PageKey
    manifest: Manifest
    changes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.enclave = FakeEnclave(self.manifest)
        self.broker = Broker(self.policy, self.keyring, clock=lambda: NOW)
        self.http = Http(app(self.broker))

    def nonce(self) -> bytes:
        got = self.http.post("/v1/challenge")
        assert got.status_code == 200, got.text
        return decode_base64url(got.json()["nonce"])

    def body(self, nonce: bytes, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        document = self.enclave.document(nonce, **changes)
        return {
            "evidence": json.loads(document),
            "key_id": encode_base64url(self.key.key_id),
            "nonce": encode_base64url(nonce),
        }

    def post(self, body: object) -> httpx.Response:
        return self.http.post("/v1/key-release", json=body)

    def ask(self, **changes: Any) -> httpx.Response:  # noqa: ANN401
        return self.post(self.body(self.nonce(), **changes))

    def opened(self, got: httpx.Response, claims: bytes) -> bytes:
        """The released key, as the enclave opens it."""
        assert got.status_code == 200, got.text
        answer = got.json()
        sealed = decode_base64url(answer["enc"]) + decode_base64url(answer["ct"])
        return open_page_key(sealed, self.enclave.key, claims=claims, key_id=self.key.key_id)
