"""What the service answers when it does not answer: RFC 9457 problem documents.

Rules kept:
* A problem says what class of thing went wrong and what the client can do; `retry` is the
  machine's version of it: `no` (the same request never succeeds), `later` (seal it anew and try
  after Retry-After), `new-key` (fetch evidence first, then seal it anew). A request answered with
  a problem gave no answer away, but it may have been opened: it is never sent twice.
* What the enclave says of a sealed message that it does not take is one outward problem, whatever
  the reason; only a key that is not this enclave's is told apart, by what stands in the clear.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.responses import JSONResponse

from cloister.channel.frames import EnclaveError

MEDIA_TYPE: Final = "application/problem+json"
# RFC 9458 section 5.3.
OHTTP_KEY: Final = "https://iana.org/assignments/http-problem-types#ohttp-key"
_TYPE: Final = "tag:cloister.example,2026:problem/"


@dataclass(eq=False)
class Problem(Exception):
    """A problem, raised or returned.

    Args:
        code: Stable name, kebab-case.
        status: HTTP status.
        title: The class of problem, always the same for a code.
        detail: This case.
        retry: `no`, `later` or `new-key`.
        type_uri: Where it is not made from the code.
        retry_after_s: For `later`.
        hint: What to do about it; may be empty.
    """

    code: str
    status: int
    title: str
    detail: str = ""
    retry: str = "no"
    type_uri: str = ""
    retry_after_s: int = 1
    hint: str = ""

    def response(self) -> JSONResponse:
        """The problem as an HTTP response."""
        body = {
            "type": self.type_uri or _TYPE + self.code,
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "retry": self.retry,
        }
        if self.detail:
            body["detail"] = self.detail
        if self.hint:
            body["hint"] = self.hint
        headers = {"Cache-Control": "no-store"}
        if self.retry == "later":
            headers["Retry-After"] = str(self.retry_after_s)
        return JSONResponse(body, self.status, headers, media_type=MEDIA_TYPE)


def no_such_place(detail: str) -> Problem:
    """404."""
    return Problem("not-found", 404, "there is nothing here", detail)


def wrong_media_type(found: str, expected: str) -> Problem:
    """415."""
    detail = f"the body is {found[:80]!r}, expected {expected!r}"
    return Problem("media-type", 415, "the body's media type is not taken here", detail)


def wrong_length(found: int | None, expected: int) -> Problem:
    """411, 413 or 400, by what is wrong with the length."""
    if found is None:
        detail = f"Content-Length is required: {expected}; or chunks"
        return Problem("length-required", 411, "the length is not given", detail)
    detail = f"the body has {found} bytes, a sealed request for this network has {expected}"
    if found > expected:
        return Problem("too-large", 413, "the body is too large", detail)
    return Problem("too-short", 400, "the body is too short", detail)


def bad_padding() -> Problem:
    """400."""
    detail = "after a sealed request stand zeros, up to its size class, or nothing"
    return Problem("padding", 400, "the padding is not zero", detail)


def busy(limit: int) -> Problem:
    """429: the queue is full."""
    detail = f"{limit} requests wait or run already"
    return Problem("busy", 429, "the service is busy", detail, retry="later")


def too_often() -> Problem:
    """429: fresh evidence costs the TEE time."""
    detail = "fresh evidence was asked for too often; without a nonce it costs nothing"
    return Problem("too-often", 429, "asked too often", detail, retry="later")


def slow_body(deadline_s: float) -> Problem:
    """408: the client did not send its body in time."""
    detail = f"the body did not come within {deadline_s:g} s"
    return Problem("slow-body", 408, "the body came too slowly", detail)


def too_late(deadline_s: float) -> Problem:
    """503: the deadline passed."""
    detail = f"there was no answer within {deadline_s:g} s"
    return Problem("deadline", 503, "no answer in time", detail, retry="later")


def no_enclave() -> Problem:
    """503: none is ready."""
    detail = "the enclave is being started; its key will be another one"
    return Problem("no-enclave", 503, "no enclave is ready", detail, retry="later")


def no_quote() -> Problem:
    """503: what makes quotes made none."""
    detail = "the platform made no quote; the service's log says why"
    return Problem("no-quote", 503, "there is no evidence now", detail, retry="later")


def locked(code: str) -> Problem:
    """503: the key of the sealed weights did not come."""
    detail = f"the weights are sealed and their key was not released: {code}"
    hint = "The operator's log has the broker's reason; it is asked again."
    return Problem("locked", 503, "no key for the weights", detail, retry="later", hint=hint)


def enclave_died() -> Problem:
    """503: it ended while it worked on this."""
    detail = "the enclave ended before it answered; the next one has another key"
    return Problem("enclave-died", 503, "the enclave ended", detail, retry="later")


def unknown_key() -> Problem:
    """RFC 9458: the request is sealed to a key that this service does not have."""
    detail = "fetch the evidence again, appraise it, and seal to the key that it names"
    title = "key identifier unknown"
    return Problem("ohttp-key", 400, title, detail, retry="new-key", type_uri=OHTTP_KEY)


def refused() -> Problem:
    """The enclave does not take the message; deliberately no more is said."""
    return Problem("refused", 400, "the enclave refuses the sealed request")


def bad_nonce(what: str) -> Problem:
    """400."""
    return Problem("bad-nonce", 400, "the nonce is not usable", what)


def internal(what: str) -> Problem:
    """500: this host's fault."""
    return Problem("internal", 500, "a fault of the service", what)


def from_enclave(error: EnclaveError) -> Problem:
    """The problem for what an enclave said of a sealed request."""
    return _ENCLAVE_SAYS.get(error, _other_fault)()


def _container_changed() -> Problem:
    return internal("the container on the service's disk was changed")


def _other_fault() -> Problem:
    return internal("the enclave does not answer as it should")


# What is not here is the host's own mistake.
_ENCLAVE_SAYS: Final[dict[EnclaveError, Callable[[], Problem]]] = {
    EnclaveError.FORMAT: refused,
    EnclaveError.SIZE: refused,
    EnclaveError.CRYPTO: refused,
    EnclaveError.REPLAY: refused,
    EnclaveError.SHAPE: refused,
    EnclaveError.KEY: unknown_key,
    EnclaveError.FULL: unknown_key,
    EnclaveError.DIGEST: _container_changed,
}
