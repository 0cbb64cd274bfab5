"""The service as the client meets it: requests out, bytes or a named refusal back.

Rules kept:
* Nothing that the service says is believed here: bodies have limits, media types must match, a
  problem document decides only whether to try again.
* A request is tried again only on a positive sign that it was not answered: 429 or 503 with
  Retry-After (`Busy`), the key-unknown problem of RFC 9458 section 5.3 (`KeyGone`), or that the
  enclave does not take it (`NotTaken`). A broken connection or a timeout is no such sign.
* No nonce is in a URL: those are logged, by this program's HTTP library and by proxies.
* Redirects are not followed and compressed bodies are not taken. A body that comes in drops is
  given up when its time is over.

It seals and verifies nothing.
"""

from __future__ import annotations

import contextlib
import json
import re
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx

from cloister.attest.evidence import DOCUMENT_MAX_BYTES, decode_base64url
from cloister.attest.evidence import MEDIA_TYPE as EVIDENCE
from cloister.attest.verifier import MANIFEST_MAX_BYTES
from cloister.channel.frames import NONCE_TYPE
from cloister.channel.message import SEALED_REQUEST, SEALED_RESPONSE, padded_bytes
from cloister.channel.ohttp import DATE_PROBLEM, KEY_PROBLEM
from cloister.errors import CloisterError, OutsideError, Refused, UserError
from cloister.web import base_of, read_body

PROBLEM: Final = "application/problem+json"
NOT_TAKEN: Final = "tag:cloister.example,2026:problem/refused"
PROBLEM_MAX_BYTES: Final = 64 * 1024
RETRY_AFTER_MAX_S: Final = 3600
PHASES_MAX: Final = 16
RECEIPT_MAX_LETTERS: Final = 1024
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PHASE: Final = re.compile(r"\s*([a-z_]{1,32});dur=([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*")


class Busy(OutsideError):
    """The service did not take the request, and says when to come again."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message, code="busy", hint="Try again later.")
        self.retry_after_s = retry_after_s


class KeyGone(OutsideError):
    """The service no longer has the key that the request was sealed to."""

    def __init__(self) -> None:
        super().__init__(
            "the enclave's key changes again and again", code="key-gone", hint="Try again later."
        )


class NotTaken(OutsideError):
    """The enclave does not take the sealed request: changed on the way, or sealed to the key of
    another instance whose id is the same by chance (1 in 256).
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, code="not-taken", hint="Is something between here and there?")


@dataclass(frozen=True)
class Reply:
    """A sealed response.

    Args:
        sealed: Its bytes.
        receipt: What the enclave signed about it; not checked yet.
        phases_ms: Where the time went, by the host's word.
    """

    sealed: bytes
    receipt: bytes
    phases_ms: dict[str, float]


class Service:
    """One service.

    Args:
        url: Its base, e.g. ``http://host:8400``.
        transport: Replaces the network in tests.
        timeout_s: For each step of a request: connect, send, wait, receive the body.

    Raises:
        UserError: It is no http or https URL.
    """

    def __init__(
        self, url: str, *, transport: httpx.BaseTransport | None = None, timeout_s: float
    ) -> None:
        self.url = base_of(url, "service", 8400)
        self._timeout_s = timeout_s
        self._http = httpx.Client(
            transport=transport,
            timeout=timeout_s,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "cloister"},
        )

    def close(self) -> None:
        """Closes connections."""
        self._http.close()

    def models(self) -> list[str]:
        """Names of the models that the service offers.

        Raises:
            OutsideError: It does not say.
        """
        body = self._get("/v2", "application/json", PROBLEM_MAX_BYTES)
        names = _json(body).get("models")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise OutsideError(
                f"{self.url} does not say which models it serves",
                code="no-models",
                hint="Say which one, e.g. --model NAME.",
            )
        return [name for name in names if _NAME.fullmatch(name)]

    def evidence(self, model: str, nonce: bytes | None) -> bytes:
        """The evidence document, for this nonce."""
        path = f"{_path(model)}/evidence"
        if nonce is None:
            return self._get(path, EVIDENCE, DOCUMENT_MAX_BYTES)
        headers = {"Content-Type": NONCE_TYPE, "Accept": EVIDENCE}
        request = self._http.build_request("POST", self.url + path, headers=headers, content=nonce)
        return self._exchange(request, EVIDENCE, DOCUMENT_MAX_BYTES)[0]

    def manifest(self, model: str) -> bytes:
        """Bytes of manifest.json."""
        return self._get(f"{_path(model)}/manifest", "application/json", MANIFEST_MAX_BYTES)

    def infer(self, model: str, sealed: bytes, response_bytes: int, *, pad: bool = False) -> Reply:
        """Sends a sealed request.

        Args:
            model: Its name.
            sealed: The sealed request.
            response_bytes: Length that the sealed response must have.
            pad: Request and response go with zeros up to their size classes.

        Raises:
            Busy, KeyGone, NotTaken: It was not answered.
            Refused: The answer is of another type or length than a sealed response.
            UserError: There is no such model at this address.
            OutsideError: There is no answer.
        """
        headers = {"Content-Type": SEALED_REQUEST, "Accept": SEALED_RESPONSE}
        path = f"{_path(model)}/infer"
        content, expected = sealed, response_bytes
        if pad:
            content = sealed.ljust(padded_bytes(len(sealed)), b"\0")
            expected = padded_bytes(response_bytes)
        request = self._http.build_request(
            "POST", self.url + path, headers=headers, content=content
        )
        body, answered = self._exchange(request, SEALED_RESPONSE, expected)
        if len(body) != expected or any(body[response_bytes:]):
            raise Refused(
                f"the service answered {len(body)} bytes, a sealed response has {response_bytes}"
                + (f", with zeros {expected}" if pad else ""),
                code="wrong-length",
            )
        receipt = _receipt(answered.get("cloister-receipt", ""))
        return Reply(body[:response_bytes], receipt, _phases(answered.get("server-timing", "")))

    def _get(self, path: str, media_type: str, limit: int) -> bytes:
        request = self._http.build_request("GET", self.url + path, headers={"Accept": media_type})
        return self._exchange(request, media_type, limit)[0]

    def _exchange(
        self, request: httpx.Request, media_type: str, limit: int
    ) -> tuple[bytes, httpx.Headers]:
        """One request; the body of its 2xx answer, if that has the type and at most the length."""
        try:
            with contextlib.closing(self._http.send(request, stream=True)) as response:
                if not response.is_success:
                    raise _refusal(response, self._read(response, PROBLEM_MAX_BYTES))
                found = _media_type(response)
                if found != media_type:
                    raise Refused(
                        f"the service answered {found!r:.80}, expected {media_type}",
                        code="wrong-media-type",
                        hint="Nothing in it was used.",
                    )
                return self._read(response, limit), response.headers
        except httpx.TimeoutException as error:
            raise OutsideError(
                f"{self.url} did not answer in time",
                code="timeout",
                hint="It is not known whether the request was answered; nothing was tried again.",
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise OutsideError(
                f"{self.url} cannot be reached: {error or type(error).__name__}",
                code="unreachable",
                hint="Is the service running there? `cloister serve` prints its address.",
            ) from error

    def _read(self, response: httpx.Response, limit: int) -> bytes:
        """The body, up to a limit of length and of time."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refused("the service answered with a compressed body", code="compressed")
        body = read_body(response, limit, time.monotonic() + self._timeout_s)
        if body is None:
            raise Refused(
                f"the service answered more than {limit} bytes, which is more than is taken",
                code="too-long",
            )
        return body


def _path(model: str) -> str:
    if not _NAME.fullmatch(model):
        raise UserError(f"{model!r:.80} is no name of a model", code="bad-model-name")
    return f"/v2/models/{model}"


def _media_type(response: httpx.Response) -> str:
    found: str = response.headers.get("content-type", "")
    return found.split(";", maxsplit=1)[0].strip().lower()


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(response: httpx.Response, body: bytes) -> CloisterError:
    """What an answer that is no answer means. Its words are the host's: shown, not believed."""
    problem = _json(body) if _media_type(response) == PROBLEM else {}
    if problem.get("type") == KEY_PROBLEM:
        return KeyGone()
    if problem.get("type") == DATE_PROBLEM:
        there = response.headers.get("date", "it does not say")[:40]
        return OutsideError(
            f"the service takes the clock of this machine for wrong; its own: {there}",
            code="clock",
            hint="Set the clock of this machine, or tell whoever runs the service.",
        )
    said = ": ".join(
        str(problem[member]) for member in ("title", "detail") if problem.get(member)
    ) or (f"HTTP status {response.status_code}")
    said = "".join(letter for letter in said if letter.isprintable())[:300]
    message = f"the service says: {said}"
    if problem.get("type") == NOT_TAKEN:
        return NotTaken(message)
    after = response.headers.get("retry-after", "")
    if response.status_code in (429, 503) and after.isascii() and after.isdigit():
        return Busy(message, min(int(after[:6]), RETRY_AFTER_MAX_S))
    if response.status_code == 404:
        return UserError(
            message,
            code="not-found",
            hint="Is this the service, and the policy the one of its model? A policy names "
            "its model; GET /v2 lists what is served.",
        )
    return OutsideError(message, code="service-error")


def _receipt(header: str) -> bytes:
    """The receipt in the header `Cloister-Receipt`.

    Raises:
        Refused: There is none, or it is not base64url.
    """
    with contextlib.suppress(ValueError):
        if 0 < len(header) <= RECEIPT_MAX_LETTERS:
            return decode_base64url(header)
    raise Refused(
        "the service gave no receipt with its answer, or none in base64url",
        code="no-receipt",
        hint="The answer is not believed. Is the service as new as this client?",
    )


def _phases(header: str) -> dict[str, float]:
    """Server-Timing (W3C): `open;dur=1.2, head;dur=3.4`; what is of another form is left out."""
    phases = {}
    for part in header[:2000].split(",")[:PHASES_MAX]:
        match = _PHASE.fullmatch(part)
        if match:
            phases[match[1]] = float(match[2])
    return phases
