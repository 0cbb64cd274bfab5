"""A client with nothing between a test and the bytes: no verification, no retries."""

from __future__ import annotations

from typing import Any

import httpx
import numpy as np
from numpy.typing import NDArray

from cloister.attest.claims import Claims
from cloister.attest.evidence import Evidence
from cloister.channel.frames import NONCE_TYPE
from cloister.channel.message import (
    RESPONSE_FLAGS,
    SEALED_REQUEST,
    Array,
    read_message,
    write_message,
)
from cloister.channel.ohttp import Exchange, KeyConfig, seal_request
from cloister.pack.manifest import Manifest

PROBLEM = "application/problem+json"


class Caller:
    """Talks to one service.

    Args:
        url: Of the service.
        manifest: Of the network that it serves.
    """

    def __init__(self, url: str, manifest: Manifest) -> None:
        self.manifest = manifest
        self.model = f"/v2/models/{manifest.name}"
        self.http = httpx.Client(base_url=url, timeout=30)

    def ask_evidence(self, nonce: bytes) -> httpx.Response:
        names = {"Content-Type": NONCE_TYPE}
        return self.http.post(f"{self.model}/evidence", content=nonce, headers=names)

    def claims(self, nonce: bytes | None = None) -> Claims:
        got = self.ask_evidence(nonce) if nonce else self.http.get(f"{self.model}/evidence")
        assert got.status_code == 200, got.text
        return Claims.from_bytes(Evidence.from_bytes(got.content).claims)

    def key(self) -> KeyConfig:
        return KeyConfig.from_bytes(self.claims().key_config)

    def seal(
        self, x: NDArray[Any] | None = None, key: KeyConfig | None = None
    ) -> tuple[bytes, Exchange]:
        if x is None:
            x = np.ones(self.manifest.inputs[0].shape, np.float32)
        return seal_request(key or self.key(), write_message([x]))

    def post(self, sealed: bytes, **headers: str) -> httpx.Response:
        names = {"Content-Type": SEALED_REQUEST, **headers}
        return self.http.post(f"{self.model}/infer", content=sealed, headers=names)

    def ask(self, x: NDArray[Any]) -> list[Array]:
        sealed, exchange = self.seal(x)
        got = self.post(sealed)
        assert got.status_code == 200, got.text
        return self.open(exchange, got)

    def open(self, exchange: Exchange, got: httpx.Response) -> list[Array]:
        opened = exchange.open_response(got.content)
        return read_message(opened, self.manifest.outputs, allowed_flags=RESPONSE_FLAGS).tensors

    def close(self) -> None:
        self.http.close()


def problem(got: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer that must be this problem."""
    assert got.headers["content-type"] == PROBLEM, got.text
    body: dict[str, Any] = got.json()
    assert (got.status_code, body["status"], body["code"]) == (status, status, code), body
    assert body["type"] and body["title"]
    return body
