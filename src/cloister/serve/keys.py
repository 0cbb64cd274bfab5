"""How a locked instance gets the key of its sealed weights: the host carries it, sealed.

The owner's broker (docs/formats/broker.md) gives a nonce, appraises evidence for it, and answers
with the key, sealed to that instance. This process can neither open nor make such an answer: one
that is wrong in any way does not open in the enclave, and nothing is loaded.

Rules kept:
* One try is bounded in time and in bytes; the keeper tries again, with a wait that doubles.
* What the broker says is shown, not believed.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import httpx

from cloister.attest.evidence import decode_base64url, encode_base64url
from cloister.channel.frames import NONCE_MAX, NONCE_MIN
from cloister.errors import OutsideError
from cloister.web import base_of, read_body

ENC_BYTES: Final = 32
CT_BYTES: Final = 48
ANSWER_MAX_BYTES: Final = 64 * 1024
DEFAULT_TIMEOUT_S: Final = 10.0
_JSON: Final = "application/json"


class KeyWithheld(OutsideError):
    """No key, for now: the service goes on asking, and is not ready until it has one."""


# Asks the locked instance for claims and evidence over this nonce: the evidence document.
Attest = Callable[[bytes], bytes]


class KeySource(Protocol):
    """Where keys come from."""

    @property
    def name(self) -> str:
        """What it is, in words for logs and errors."""

    def fetch(self, key_id: bytes, attest: Attest) -> bytes:
        """The key of this id, for the instance that `attest` asks.

        Returns:
            enc (32 bytes) and the sealed key (48): payload of a KEY frame.

        Raises:
            KeyWithheld: There is none for it, now.
        """


class BrokerKeys:
    """An owner's broker.

    Args:
        url: Its base, e.g. ``https://keys.example:8500``.
        timeout_s: For the whole of one try.
        transport: Replaces the network in tests.

    Raises:
        UserError: It is no http or https URL.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._url = base_of(url, "broker", 8500)
        self._timeout_s = timeout_s
        self._transport = transport

    @property
    def name(self) -> str:
        """The broker's address."""
        return f"broker {self._url}"

    def fetch(self, key_id: bytes, attest: Attest) -> bytes:
        """Asks once; see `KeySource`."""
        end = time.monotonic() + self._timeout_s
        with httpx.Client(
            transport=self._transport,
            timeout=self._timeout_s,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "cloister"},
        ) as http:
            challenge = self._post(http, "/v1/challenge", None, end)
            nonce = _field(
                self.name, challenge, ("nonce",), "nonce", range(NONCE_MIN, NONCE_MAX + 1)
            )
            request = {
                "evidence": json.loads(attest(nonce)),
                "key_id": encode_base64url(key_id),
                "nonce": encode_base64url(nonce),
            }
            answer = self._post(http, "/v1/key-release", request, end)
        names = ("enc", "ct")
        enc = _field(self.name, answer, names, "enc", range(ENC_BYTES, ENC_BYTES + 1))
        return enc + _field(self.name, answer, names, "ct", range(CT_BYTES, CT_BYTES + 1))

    def _post(
        self, http: httpx.Client, path: str, body: dict[str, Any] | None, end: float
    ) -> dict[str, Any]:
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": _JSON}
        request = http.build_request("POST", self._url + path, content=content, headers=headers)
        response, fields = ask(http, request, end, self.name, "broker")
        if response.status_code != 200:
            raise _refusal(self.name, response.status_code, fields or {})
        if fields is None or not response.headers.get("content-type", "").startswith(_JSON):
            raise withheld(
                "broker-answer", f"{self.name} answered something that is no JSON object"
            )
        return fields


def withheld(code: str, what: str, hint: str = "") -> KeyWithheld:
    """The error for a key that did not come."""
    return KeyWithheld(what, code=code, hint=hint or "It is asked again, with growing pauses.")


def ask(
    http: httpx.Client, request: httpx.Request, end: float, name: str, kind: str
) -> tuple[httpx.Response, dict[str, Any] | None]:
    """One request to who has the key; the answer, and the JSON object in it if there is one.

    Args:
        http: Sends it.
        request: What is asked.
        end: On the monotonic clock.
        name: Of who is asked, for people.
        kind: Of who is asked, for the error's code.

    Raises:
        KeyWithheld: There is no answer in time, or none at all.
    """
    try:
        with contextlib.closing(http.send(request, stream=True)) as response:
            body = read_body(response, ANSWER_MAX_BYTES, end)
    except httpx.TimeoutException as error:
        raise withheld(f"{kind}-timeout", f"{name} did not answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        what = f"{name} cannot be reached: {error or type(error).__name__}"
        raise withheld(f"{kind}-unreachable", what) from error
    if body is None:
        raise withheld(f"{kind}-answer", f"the answer has more than {ANSWER_MAX_BYTES} bytes")
    return response, _object(body)


def _object(data: bytes) -> dict[str, Any] | None:
    """A JSON object; None if it is none."""
    try:
        value = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _field(
    name: str, fields: dict[str, Any], members: tuple[str, ...], member: str, lengths: range
) -> bytes:
    try:
        if set(fields) != set(members):
            raise ValueError("other members")
        value = decode_base64url(fields[member])
    except (ValueError, TypeError, AttributeError) as error:
        what = f"{name} answered other members than {', '.join(members)} in base64url"
        raise withheld("broker-answer", what) from error
    if len(value) not in lengths:
        what = f"{name} answered {member} of {len(value)} bytes, expected {lengths[0]}"
        raise withheld("broker-answer", what)
    return value


def _refusal(name: str, status: int, problem: dict[str, Any]) -> KeyWithheld:
    """What a broker says that releases nothing; its words are shown, not believed."""
    code = str(problem.get("code", ""))
    safe = code if code.isascii() and code.replace("-", "").isalnum() else "no"
    said = ": ".join(str(problem[member]) for member in ("title", "detail") if problem.get(member))
    if hint := problem.get("hint"):
        said = f"{said}. {hint}" if said else str(hint)
    said = "".join(letter for letter in said if letter.isprintable()).strip()[:400]
    return withheld(f"broker-{safe[:40]}", f"{name} says ({status}): {said or 'nothing more'}")
