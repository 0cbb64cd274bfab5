"""The HTTP face: paths of the Open Inference Protocol v2, evidence, manifest, metrics.

| path | |
|---|---|
| GET /v2, /v2/health/live, /v2/health/ready | the service; ready: an enclave is ready |
| GET /v2/models/NAME, /v2/models/NAME/ready | the network: inputs, outputs |
| GET /v2/models/NAME/manifest | manifest.json, its exact bytes |
| GET /v2/models/NAME/evidence | the enclave's evidence, `application/cmw+json` |
| POST /v2/models/NAME/evidence | the same for the client's nonce, which is the body |
| POST /v2/models/NAME/infer | sealed request in, sealed response out |
| GET /metrics | Prometheus |

Rules kept:
* A body is read only if its media type and length are those of a sealed request for this network
  and there is room in the queue; never more than that, and not for longer than the deadline.
* A client that leaves takes its request out of the queue, be it for an answer or for evidence.
* No nonce stands in a URL: URLs are logged, by clients and proxies.
* Every failure is a problem document (problems.py), never a traceback.
* Of a request the log gets sizes, times and the outcome.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloister import __version__
from cloister.attest.evidence import MEDIA_TYPE as EVIDENCE_TYPE
from cloister.attest.evidence import encode_base64url
from cloister.channel.frames import NONCE_MAX, NONCE_MIN, NONCE_TYPE, EnclaveError
from cloister.channel.message import SEALED_REQUEST, SEALED_RESPONSE, padded_bytes
from cloister.enclaves.protocol import DeadlinePassed, EnclaveDied, EnclaveRefused
from cloister.errors import CloisterError
from cloister.pack.bundle import Bundle
from cloister.pack.manifest import Tensor
from cloister.serve import problems
from cloister.serve.bucket import TokenBucket
from cloister.serve.evidence import Evidence
from cloister.serve.instance import Instance, Served
from cloister.serve.keeper import Keeper
from cloister.serve.logs import event, failure
from cloister.serve.metrics import CONTENT_TYPE, Metrics
from cloister.serve.problems import Problem
from cloister.serve.sizes import Sizes

CHUNKED: Final = -1
T = TypeVar("T")
_DATATYPES: Final = {"float32": "FP32"}
_NO_STORE: Final = {"Cache-Control": "no-store"}
_GRACE_S: Final = 0.05  # the enclave's side of a deadline answers first


@dataclass
class Face:
    """The endpoints and what they share.

    Args:
        bundle: What is served.
        keeper: Its instances.
        evidence: Where evidence comes from.
        metrics: Of this service.
        queue_limit: Requests that may wait or run.
        deadline_s: From a request's head to its answer.
        fresh: Limits evidence for a client's own nonce.
    """

    bundle: Bundle
    keeper: Keeper
    evidence: Evidence
    metrics: Metrics
    queue_limit: int
    deadline_s: float
    fresh: TokenBucket
    in_service: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.manifest = self.bundle.manifest
        self.sizes = Sizes.of(self.manifest)

    def app(self) -> Starlette:
        """The application."""
        model = f"/v2/models/{self.manifest.name}"
        routes = [
            Route("/v2", self.server),
            Route("/v2/health/live", self.live),
            Route("/v2/health/ready", self.ready),
            Route(model, self.model),
            Route(f"{model}/ready", self.ready),
            Route(f"{model}/manifest", self.exact_manifest),
            Route(f"{model}/evidence", self.show_evidence, methods=["GET", "POST"]),
            Route(f"{model}/infer", self.infer, methods=["POST"]),
            Route("/metrics", self.show_metrics),
        ]
        handlers: dict[type[Exception] | int, Callable[..., Awaitable[Response]]] = {
            Problem: _problem,
            HTTPException: _http_exception,
            Exception: _unexpected,
        }
        return Starlette(routes=routes, exception_handlers=handlers)

    # ------------------------------------------------------------------------------ in the open
    async def server(self, _: Request) -> Response:
        """Name and version of the service, and which network it serves."""
        return JSONResponse(
            {
                "name": "cloister",
                "version": __version__,
                "extensions": ["cloister-sealed"],
                "models": [self.manifest.name],
            }
        )

    async def live(self, _: Request) -> Response:
        """The process works."""
        return JSONResponse({"live": True})

    async def ready(self, _: Request) -> Response:
        """An enclave is ready."""
        if self.keeper.current() is None:
            raise self._none_ready()
        return JSONResponse({"ready": True}, headers=_NO_STORE)

    async def model(self, _: Request) -> Response:
        """Inputs and outputs of the network, as they are inside the sealed messages."""
        return JSONResponse(
            {
                "name": self.manifest.name,
                "versions": ["1"],
                "platform": f"cloister_{self.manifest.mode}",
                "inputs": [_metadata(tensor) for tensor in self.manifest.inputs],
                "outputs": [_metadata(tensor) for tensor in self.manifest.outputs],
            }
        )

    async def exact_manifest(self, _: Request) -> Response:
        """manifest.json, byte for byte: clients hash it."""
        return Response(self.bundle.manifest_bytes, media_type="application/json")

    async def show_metrics(self, _: Request) -> Response:
        """Prometheus metrics."""
        return Response(self.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def show_evidence(self, request: Request) -> Response:
        """Evidence: a stored document, or one for the client's nonce."""
        try:
            nonce, document = await self._evidence(request, time.monotonic() + self.deadline_s)
        except ClientDisconnect:
            event(logging.INFO, "evidence", outcome="client-left")
            return Response(status_code=400)
        self.metrics.evidence.labels("stored" if nonce is None else "fresh").inc()
        return Response(document, headers={**_NO_STORE, "Content-Type": EVIDENCE_TYPE})

    async def _evidence(self, request: Request, deadline: float) -> tuple[bytes | None, bytes]:
        """The client's nonce, and evidence for it."""
        nonce = await self._nonce(request, deadline)
        instance = self.keeper.current()
        if instance is None:
            raise self._none_ready()
        if nonce is not None and not self.fresh.take():
            raise problems.too_often()
        with self._failures_as_problems(instance):
            return nonce, await self._document(request, instance, nonce, deadline)

    async def _document(
        self, request: Request, instance: Instance, nonce: bytes | None, deadline: float
    ) -> bytes:
        stored = self.evidence.stored(instance) if nonce is None else None
        if stored is not None and instance.usable:
            return stored
        future = self.evidence.ask(instance, nonce, deadline)
        try:
            attested = await _unless_client_leaves(request, future, self.deadline_s + _GRACE_S)
        except EnclaveRefused as error:
            if error.error is not EnclaveError.PORT:
                raise
            how = instance.enclave.exit_status()
            event(logging.WARNING, "no-quote", instance=instance.number, how=how)
            raise problems.no_quote() from error
        return self.evidence.answer(instance, nonce, attested)

    def _none_ready(self) -> Problem:
        withheld = self.keeper.withheld
        return problems.no_enclave() if withheld is None else problems.locked(withheld.code)

    # ---------------------------------------------------------------------------------- sealed
    async def infer(self, request: Request) -> Response:
        """Answers a sealed request.

        1. Media type and length are those of a sealed request; there is room.
        2. The body is read.
        3. The instance whose key it names answers.
        """
        began = time.monotonic()
        try:
            served, padded = await self._infer(request, began + self.deadline_s)
        except Problem as problem:
            self._tell(problem.code, began, status=problem.status)
            raise
        except ClientDisconnect:
            self._tell("client-left", began)
            return Response(status_code=400)
        self._count(served)
        self._tell(
            "answered",
            began,
            status=200,
            request_bytes=self.sizes.request,
            crossing_bytes=served.crossing_bytes,
            response_bytes=len(served.sealed),
            **{f"{phase}_s": round(value, 6) for phase, value in served.seconds.items()},
        )
        timing = ", ".join(f"{phase};dur={1e3 * s:.3f}" for phase, s in served.seconds.items())
        headers = {
            **_NO_STORE,
            "Content-Type": SEALED_RESPONSE,
            "Server-Timing": timing,
            "Cloister-Crossing-Bytes": str(served.crossing_bytes),
            "Cloister-Receipt": encode_base64url(served.receipt),
        }
        padding = padded_bytes(len(served.sealed)) - len(served.sealed) if padded else 0
        return Response(bytes(served.sealed) + bytes(padding), headers=headers)

    async def _infer(self, request: Request, deadline: float) -> tuple[Served, bool]:
        # (1) what may come in
        kind = request.headers.get("content-type", "")
        if kind != SEALED_REQUEST:
            raise problems.wrong_media_type(kind, SEALED_REQUEST)
        lengths = (self.sizes.request, padded_bytes(self.sizes.request))
        found = _announced(request)
        if found not in (*lengths, CHUNKED):
            raise problems.wrong_length(found, self.sizes.request)
        if self.in_service >= self.queue_limit:
            raise problems.busy(self.queue_limit)
        self._enter()
        handed_over = False
        try:
            # (2) body
            body = await self._body(request, lengths, deadline)
            sealed = body[: self.sizes.request]
            if any(body[self.sizes.request :]):
                raise problems.bad_padding()
            # (3) answer
            came = time.monotonic()
            instance = self.keeper.of_key(sealed[0])
            if instance is None:
                raise self._key_gone()
            try:
                future = instance.submit(
                    lambda: instance.infer(sealed, came=came, deadline=deadline)
                )
            except EnclaveDied:  # replaced just now
                raise self._key_gone() from None
            handed_over = True
            # The place in the queue is free when the work ends, however long we wait for it.
            loop = asyncio.get_running_loop()
            future.add_done_callback(lambda _: _call(loop, self._leave))
            with self._failures_as_problems(instance):
                seconds = max(deadline - came, 0) + _GRACE_S
                return await _unless_client_leaves(request, future, seconds), len(body) > len(
                    sealed
                )
        finally:
            if not handed_over:
                self._leave()

    def _key_gone(self) -> Problem:
        known = self.keeper.current() is not None
        return problems.unknown_key() if known else self._none_ready()

    async def _body(self, request: Request, lengths: Sequence[int], deadline: float) -> bytes:
        """The body, of one of these lengths.

        Raises:
            Problem: It is longer, shorter, or does not come in time.
        """
        body = bytearray()
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > max(lengths):
                        raise problems.wrong_length(len(body), lengths[0])
        except TimeoutError:
            raise problems.slow_body(self.deadline_s) from None
        if len(body) not in lengths:
            raise problems.wrong_length(len(body), lengths[0])
        return bytes(body)

    async def _nonce(self, request: Request, deadline: float) -> bytes | None:
        """The client's nonce; None if it sent none.

        Raises:
            Problem: There is a query, or the body is no nonce.
        """
        if request.url.query:
            raise problems.bad_nonce("a nonce is the body of a POST; no URL holds one")
        if request.method != "POST":
            return None
        if (kind := request.headers.get("content-type", "")) != NONCE_TYPE:
            raise problems.wrong_media_type(kind, NONCE_TYPE)
        try:
            return await self._body(request, range(NONCE_MIN, NONCE_MAX + 1), deadline)
        except Problem as problem:
            if problem.code == "slow-body":
                raise
            raise problems.bad_nonce(f"expected {NONCE_MIN} to {NONCE_MAX} bytes") from None

    @contextlib.contextmanager
    def _failures_as_problems(self, instance: Instance) -> Iterator[None]:
        try:
            yield
        except (ClientDisconnect, Problem):
            raise
        except EnclaveRefused as error:
            event(logging.INFO, "enclave-refused", instance=instance.number, code=error.code)
            self.keeper.wake()
            raise problems.from_enclave(error.error) from error
        except (TimeoutError, DeadlinePassed) as error:
            raise problems.too_late(self.deadline_s) from error
        except EnclaveDied as error:
            event(logging.WARNING, "enclave-lost", instance=instance.number, what=error.message)
            self.keeper.wake()
            raise problems.enclave_died() from error
        except CloisterError as error:
            event(logging.ERROR, "request-failed", code=error.code, what=error.message)
            raise problems.internal("the answer could not be computed") from error
        except Exception as error:  # of a tail that is not ours
            event(logging.ERROR, "unexpected", **failure(error))
            raise problems.internal("the answer could not be computed") from error

    # --------------------------------------------------------------------------------- counting
    def _enter(self) -> None:
        self.in_service += 1
        self.metrics.waiting.set(self.in_service)

    def _leave(self) -> None:
        self.in_service -= 1
        self.metrics.waiting.set(self.in_service)

    def _count(self, served: Served) -> None:
        for phase, seconds in served.seconds.items():
            self.metrics.seconds.labels(phase).observe(seconds)
        for what, size in (
            ("request", self.sizes.request),
            ("crossing", served.crossing_bytes),
            ("response", len(served.sealed)),
        ):
            self.metrics.bytes.labels(what).inc(size)

    def _tell(self, outcome: str, began: float, **fields: str | int | float) -> None:
        self.metrics.requests.labels(outcome).inc()
        seconds = round(time.monotonic() - began, 6)
        event(logging.INFO, "infer", outcome=outcome, seconds=seconds, **fields)


def _metadata(tensor: Tensor) -> dict[str, object]:
    return {
        "name": tensor.name,
        "datatype": _DATATYPES[tensor.dtype],
        "shape": list(tensor.shape),
    }


def _announced(request: Request) -> int | None:
    """The length that the head announces; `CHUNKED`: none; None: there is no length at all."""
    if request.headers.get("transfer-encoding", "").lower() == "chunked":
        return CHUNKED
    length = request.headers.get("content-length", "")
    return int(length[:20]) if length.isascii() and length.isdigit() else None


async def _unless_client_leaves(request: Request, future: Future[T], seconds: float) -> T:
    """The result of queued work; work that still waits is dropped when nobody does.

    Raises:
        ClientDisconnect: The client left first.
        TimeoutError: The time is over.
    """
    result = asyncio.wrap_future(future)
    left = asyncio.ensure_future(_client_left(request))
    try:
        either: set[asyncio.Future[Any]] = {result, left}
        done, _ = await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if result in done:
            return result.result()
        raise ClientDisconnect if left in done else TimeoutError
    finally:
        left.cancel()
        result.cancel()


async def _client_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _call(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    """Calls it on the loop, from any thread; not any more when the loop is closed."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(what)


async def _problem(_: Request, problem: Problem) -> Response:
    return problem.response()


async def _http_exception(_: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        return Problem("method", 405, "the method is not allowed here").response()
    return problems.no_such_place("").response()


async def _unexpected(_: Request, error: Exception) -> Response:
    event(logging.ERROR, "unexpected", **failure(error))
    return problems.internal("").response()
