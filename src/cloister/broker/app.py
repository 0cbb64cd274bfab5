"""The broker: releases page keys to enclaves that pass the owner's policy, over HTTP.

Specified in docs/formats/broker.md. What a release goes through; the first no ends it:

    (1) form      the request is JSON of the one form, not too long
    (2) nonce     one of the broker's own, in time, used for the first time: it is gone now
    (3) key       keys/ holds this key id, now: a removed file is a revoked key
    (4) policy    the policy's file is there, and a policy, now
    (5) evidence  the verifier's steps, against the key's own manifest: so a key goes only to an
                  enclave that loaded the container which this key seals
    (6) seal      HPKE to the key in the appraised claims, bound to them and to the key id

Rules kept: nothing but digests, ids, sizes and codes is logged; every no has a code, what was found
and what to do; what it appraises is the caller's, what it compares with the owner's.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloister.attest.evidence import (
    DOCUMENT_MAX_BYTES,
    Evidence,
    decode_base64url,
    encode_base64url,
)
from cloister.attest.policy import Policy
from cloister.attest.tee import Outcome, Tee
from cloister.attest.tees import TEES
from cloister.attest.verifier import AttestationResult, appraise
from cloister.broker.challenges import Challenges
from cloister.broker.keyring import KEY_ID_BYTES, Keyring, PageKey
from cloister.channel.hpke import ENC_BYTES
from cloister.channel.page_key import seal_page_key
from cloister.errors import CloisterError, Refused
from cloister.serve.bucket import TokenBucket
from cloister.serve.logs import event, failure
from cloister.serve.problems import Problem

JSON: Final = "application/json"
REQUEST_MAX_BYTES: Final = 2 * DOCUMENT_MAX_BYTES
_MEMBERS: Final = ("evidence", "key_id", "nonce")
_NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass
class Broker:
    """Decides about releases.

    Args:
        policy: The policy's file; read anew for each release.
        keyring: The owner's keys.
        collateral: What vouches for platforms, instead of what the service hands in.
        challenges: Its nonces.
        rate: Limits challenges and releases together.
        clock: Seconds since 1970.
        tees: The kinds of TEE; for tests with a PKI of their own.
    """

    policy: Path
    keyring: Keyring
    collateral: tuple[bytes, ...] = ()
    challenges: Challenges = field(default_factory=Challenges)
    rate: TokenBucket = field(default_factory=lambda: TokenBucket(20.0, 100.0))
    clock: Callable[[], float] = time.time
    tees: Mapping[str, Tee] = field(default_factory=lambda: TEES)

    def challenge(self) -> bytes:
        """A nonce for one release.

        Raises:
            Problem: Too many were asked for.
        """
        nonce = self.challenges.new() if self.rate.take() else None
        if nonce is None:
            raise _too_often()
        return nonce

    def release(self, body: bytes) -> bytes:
        """Decides, by the steps of this module's head.

        Args:
            body: Of `POST /v1/key-release`.

        Returns:
            enc (32 bytes) and the sealed key (48).

        Raises:
            Problem: No; its code says which step.
        """
        if not self.rate.take():
            raise _too_often()
        # (1) form
        document, key_id, nonce = _read_request(body)
        # (2) nonce
        if not self.challenges.take(nonce):
            raise _no(
                "unknown-nonce",
                403,
                "the nonce is not one of this broker's, was used, or is too old",
                "Ask for a new challenge, and attest with it.",
            )
        # (3) key
        key = self._key(key_id)
        # (4) policy
        policy = self._policy()
        # (5) evidence
        result = appraise(
            document,
            key.manifest,
            policy,
            nonce=nonce,
            now=self.clock(),
            collateral=self.collateral,
            tees=self.tees,
        )
        if not result.passed:
            raise _refused(result)
        _, config = result.require()
        # (6) seal
        try:
            claims = Evidence.from_bytes(document).claims
            sealed = seal_page_key(key.key, config=config, claims=claims, key_id=key_id)
        except Refused as error:
            raise _no(error.code, 403, error.message, error.hint) from error
        event(
            logging.INFO,
            "key-released",
            key_id=key_id.hex(),
            model=key.name,
            version=key.version,
            tee=result.kind,
            **{f"evidence_{name}": value for name, value in result.facts.items()},
        )
        return sealed

    def _key(self, key_id: bytes) -> PageKey:
        try:
            key = self.keyring.get(key_id)
        except CloisterError as error:
            event(logging.ERROR, "keys-damaged", code=error.code, what=error.message)
            raise _no(
                "bad-keys",
                500,
                "the key's files were changed or cannot be read",
                "The owner restores keys/ from its backup.",
            ) from error
        if key is None:
            raise _no(
                "unknown-key",
                404,
                f"there is no key {key_id.hex()} here, or it was revoked",
                "Serve a bundle whose key is live; the owner seals a new one.",
            )
        return key

    def _policy(self) -> Policy:
        try:
            return Policy.load(self.policy)
        except CloisterError as error:
            event(logging.ERROR, "no-policy", code=error.code, what=error.message)
            raise _no(
                "no-policy",
                503,
                "there is no policy that can be used",
                "The owner puts it back; `cloister policy lint` checks it.",
            ) from error


def app(broker: Broker) -> Starlette:
    """The HTTP face."""

    async def challenge(_: Request) -> Response:
        nonce = encode_base64url(broker.challenge())
        return JSONResponse({"nonce": nonce}, headers=_NO_STORE)

    async def key_release(request: Request) -> Response:
        body = await _body(request)
        sealed = await run_in_threadpool(broker.release, body)
        parts = {"enc": sealed[:ENC_BYTES], "ct": sealed[ENC_BYTES:]}
        answer = {name: encode_base64url(part) for name, part in parts.items()}
        return JSONResponse(answer, headers=_NO_STORE)

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    routes = [
        Route("/v1/challenge", challenge, methods=["POST"]),
        Route("/v1/key-release", key_release, methods=["POST"]),
        Route("/health/live", live),
    ]
    handlers: dict[Any, Any] = {
        Problem: _problem,
        ClientDisconnect: _left,
        HTTPException: _http_exception,
        Exception: _unexpected,
    }
    return Starlette(routes=routes, exception_handlers=handlers)


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "") != JSON:
        raise _no("media-type", 415, f"the body must be {JSON}", "")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > REQUEST_MAX_BYTES:
            raise _no("too-large", 413, f"more than {REQUEST_MAX_BYTES} bytes are not taken", "")
    return bytes(body)


def _read_request(body: bytes) -> tuple[bytes, bytes, bytes]:
    """Evidence document, key id and nonce."""
    try:
        fields = json.loads(body.decode("utf-8"))
        if not isinstance(fields, dict) or sorted(fields) != sorted(_MEMBERS):
            raise ValueError("other members")
        document = json.dumps(fields["evidence"], separators=(",", ":")).encode()
        key_id, nonce = decode_base64url(fields["key_id"]), decode_base64url(fields["nonce"])
        if len(key_id) != KEY_ID_BYTES:
            raise ValueError("another length")
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise _no(
            "bad-request",
            400,
            "expected a JSON object of evidence (a CMW collection), key_id (16 bytes) and nonce, "
            "both in base64url without padding",
            "docs/formats/broker.md has the form.",
        ) from error
    return document, key_id, nonce


def _refused(result: AttestationResult) -> Problem:
    check = next(check for check in result.checks if check.result is Outcome.FAILED)
    return _no(
        f"refused-{check.name}",
        403,
        f"{check.code}: {check.reason}",
        check.hint or "docs/verify.md says what this code means and what to do.",
    )


def _no(code: str, status: int, detail: str, hint: str) -> Problem:
    return Problem(code, status, "the key is not released", detail, hint=hint)


def _too_often() -> Problem:
    return Problem("too-often", 429, "asked too often", retry="later", retry_after_s=5)


async def _problem(request: Request, problem: Problem) -> Response:
    event(
        logging.WARNING,
        "key-refused",
        code=problem.code,
        status=problem.status,
        path=request.url.path,
        what=problem.detail,
    )
    return problem.response()


async def _left(_: Request, __: ClientDisconnect) -> Response:
    return Response(status_code=400)


async def _http_exception(_: Request, error: HTTPException) -> Response:
    code = "method" if error.status_code == 405 else "not-found"
    return Problem(code, error.status_code, "there is nothing here").response()


async def _unexpected(_: Request, error: Exception) -> Response:
    event(logging.ERROR, "unexpected", **failure(error))
    return Problem("internal", 500, "a fault of the broker").response()
