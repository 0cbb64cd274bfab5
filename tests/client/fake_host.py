"""A fake of a service around a fake enclave, behind httpx's mock transport.

`lies` are handlers by the last part of the path; each may answer instead of the honest host, once
(by returning None it lets the honest host answer).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from attest.fake_enclave import NOW, FakeEnclave

from cloister.attest.evidence import encode_base64url
from cloister.channel.ohttp import KEY_PROBLEM
from cloister.client.service import NOT_TAKEN
from cloister.errors import Refused

Lie = Callable[[httpx.Request], httpx.Response | None]


def problem(status: int, kind: str = "about:blank", **headers: str) -> httpx.Response:
    content = json.dumps({"type": kind, "title": "No", "detail": "not now"}).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return httpx.Response(
        status, content=content, headers={"Content-Type": "application/problem+json", **named}
    )


def busy(status: int = 503, seconds: str = "2") -> httpx.Response:
    return problem(status, Retry_After=seconds)


@dataclass
class FakeHost:
    enclave: FakeEnclave = field(default_factory=FakeEnclave)
    claims: dict[str, Any] = field(default_factory=dict)
    receipt: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, list[Lie]] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    now: float = NOW
    models: list[str] = field(default_factory=lambda: ["net"])

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self.handle)

    def paths(self) -> list[str]:
        """Last parts of the paths that were asked for, in order."""
        return [request.url.path.rsplit("/", 1)[-1] for request in self.requests]

    def posted(self) -> list[bytes]:
        """Bodies of what was sent to be answered."""
        sent = zip(self.paths(), self.requests, strict=True)
        return [request.content for path, request in sent if path == "infer"]

    def tell(self, what: str, *lies: Lie) -> None:
        self.lies.setdefault(what, []).extend(lies)

    def handle(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        what = self.paths()[-1]
        if self.lies.get(what):
            answer = self.lies[what].pop(0)(request)
            if answer is not None:
                return answer
        honest = {
            "v2": self._server,
            "evidence": self._evidence,
            "manifest": self._manifest,
            "infer": self._infer,
        }
        return honest[what](request)

    def _server(self, _: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"name": "cloister", "models": self.models})

    def _evidence(self, request: httpx.Request) -> httpx.Response:
        assert not request.url.query
        given = request.content if request.method == "POST" else None
        changes = {"iat": int(self.now), "exp": int(self.now) + 3600, **self.claims}
        document = self.enclave.document(changes.pop("nonce", given), **changes)
        return httpx.Response(
            200, content=document, headers={"Content-Type": "application/cmw+json"}
        )

    def _manifest(self, _: httpx.Request) -> httpx.Response:
        content = self.enclave.manifest.to_bytes()
        return httpx.Response(200, content=content, headers={"Content-Type": "application/json"})

    def _infer(self, request: httpx.Request) -> httpx.Response:
        if request.content[0] != self.enclave.key_id:
            return problem(400, KEY_PROBLEM)
        assert request.headers["content-type"] == "application/vnd.cloister.sealed-request"
        try:
            return self.answer(request.content, self.enclave.infer(request.content))
        except Refused:  # as the enclave: one outward error
            return problem(400, NOT_TAKEN)

    def answer(
        self, request: bytes, response: bytes, body: bytes | None = None, **headers: str
    ) -> httpx.Response:
        """A sealed response with a receipt of the enclave, whatever is in it.

        Args:
            request: The sealed request.
            response: The sealed response.
            body: What is sent, if that differs from the sealed response.
        """
        changes = {"host_time": int(self.now), **self.receipt}
        receipt = encode_base64url(self.enclave.receipt(request, response, **changes))
        return sealed(response if body is None else body, cloister_receipt=receipt, **headers)


def sealed(content: bytes, **headers: str) -> httpx.Response:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return httpx.Response(
        200,
        content=content,
        headers={"Content-Type": "application/vnd.cloister.sealed-response", **named},
    )
