"""The client: no byte of an input leaves it before an enclave has passed its policy.

How an inference goes:

    (1) trust    evidence for a nonce of our own, and the manifest, are fetched and appraised;
                 the verdict holds for at most `max_key_lifetime`, by our clock
    (2) fit      the input is compared with the manifest
    (3) seal     to the key of the appraised claims
    (4) send     a request that was positively not answered is sealed anew and sent again; a key
                 that is gone means (1) again
    (5) receipt  the enclave signed what it was sent and what it answered; without a good receipt
                 no answer is believed
    (6) open     only the enclave that has the key can have sealed it

Without a policy nothing is sent at all.
"""

from __future__ import annotations

import dataclasses
import secrets
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
from PIL import Image

from cloister.attest.policy import Policy, UnsafeAnyModelPolicy
from cloister.attest.verifier import AttestationResult, appraise
from cloister.channel.message import (
    RESPONSE_FLAGS,
    Array,
    Message,
    message_bytes,
    read_message,
    write_message,
)
from cloister.channel.ohttp import RESPONSE_OVERHEAD, KeyConfig, seal_request
from cloister.client.inference import Inference, Sizes
from cloister.client.inputs import Inputs, fitting
from cloister.client.optee import OpteeService
from cloister.client.proof import Proof, check
from cloister.client.service import Busy, KeyGone, NotTaken, Reply, Service
from cloister.client.versions import Versions, default_folder
from cloister.enclaves.optee import is_device
from cloister.errors import OutsideError, Refused, UserError
from cloister.pack.manifest import Manifest
from cloister.preprocess import Preprocess

NONCE_BYTES: Final = 32
ATTEMPTS: Final = 6
DEFAULT_TIMEOUT_S: Final = 60.0
# Before asking again for evidence when the key that it named was gone at once.
KEY_PAUSE_S: Final = 0.5
Photo = str | Path | Image.Image
T = TypeVar("T")


class UnsafeWarning(UserWarning):
    """Something was switched off that protects the input."""


@dataclass(frozen=True)
class _Trust:
    """A verdict that holds for a while."""

    model: str
    evidence: AttestationResult
    key: KeyConfig
    manifest: Manifest
    proof: Proof  # but for the receipt, which comes with an answer
    since: float
    until: float


class _Patience:
    """How long to wait in all before a busy service is given up."""

    def __init__(self, budget_s: float, sleep: Callable[[float], None]) -> None:
        self._left_s = budget_s
        self._sleep = sleep

    def wait(self, seconds: float, reason: OutsideError) -> None:
        """Waits, or raises the reason for waiting when there is no time for that."""
        if seconds > self._left_s:
            raise reason
        self._left_s -= seconds
        self._sleep(seconds)


class Client:
    """Talks to one service. One client per thread.

    Args:
        url: The service, e.g. ``http://host:8400``.
        policy: What is accepted: a policy, or the path of its file. `cloister pack` writes one.
        model: The model's name at the service; None takes the policy's, or the only one there.
        transport: Replaces the network, in tests.
        timeout_s: For connecting, sending and receiving each, and for waiting in all while the
            service is busy.
        clock: Seconds since 1970.
        sleep: Waits so many seconds.
        collateral: What vouches for the service's platform, instead of what the service hands out.
        accept_older: An older bundle than one that was seen before is taken, and remembered as the
            highest.
        pad: Requests and answers travel in size classes, so that their lengths tell less of which
            network is asked. At most an eighth more bytes.
        unsafe_any_model: UNSAFE: without a policy, any model in any sandbox is believed.

    Raises:
        UserError: There is no policy, or it cannot be used, or the URL is none.
    """

    def __init__(
        self,
        url: str,
        policy: Policy | str | Path | None = None,
        *,
        model: str | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        collateral: Sequence[bytes] = (),
        accept_older: bool = False,
        pad: bool = False,
        unsafe_any_model: bool = False,
    ) -> None:
        self._policy = _policy(policy, unsafe_any_model)
        self._service: Service | OpteeService = (
            OpteeService(url, timeout_s=timeout_s)
            if is_device(url)
            else Service(url, transport=transport, timeout_s=timeout_s)
        )
        self._model = model or self._policy.model_name
        self._timeout_s = timeout_s
        self._clock = clock
        self._sleep = sleep
        self._collateral = tuple(collateral)
        self._versions = Versions(default_folder(), clock)
        self._accept_older = accept_older
        self._pad = pad
        self._trust: _Trust | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes connections."""
        self._service.close()

    def verify(self) -> AttestationResult:
        """Asks for evidence and appraises it; sends nothing else.

        Returns:
            The result, also when it is a failure.

        Raises:
            OutsideError: The service does not answer.
            Refused: It answers something that is no evidence at all.
        """
        return self._appraise(self._patience())

    def manifest(self) -> Manifest:
        """What the enclave runs, verified: its inputs, outputs, labels.

        Raises:
            Refused: The enclave failed a check.
            OutsideError: The service does not answer.
        """
        return self._trusted(self._patience()).manifest

    def infer(self, inputs: Inputs | Photo | Callable[[Manifest], Inputs]) -> Inference:
        """Sends a sealed input and opens the sealed answer.

        Args:
            inputs: float32 arrays: one, a list in the network's order, or a dict by name. A path
                or Pillow image is a photograph, as in `classify`. A function is given the verified
                manifest and gives arrays.

        Returns:
            The answer.

        Raises:
            UserError: The input does not fit the network, or holds NaN; nothing was sent.
            Refused: The enclave failed a check, or the answer is not the enclave's.
            OutsideError: The service does not answer.
        """
        if isinstance(inputs, Photo):
            return self.classify(inputs)
        return self._infer(inputs if callable(inputs) else lambda _: inputs)

    def classify(self, photo: Photo) -> Inference:
        """Sends a photograph, made into a tensor as the verified manifest says.

        Raises:
            UserError: It is no photograph, or the network takes none; nothing was sent.
            Refused, OutsideError: As for `infer`.
        """
        return self._infer(lambda manifest: [_preprocess(manifest).apply(photo)])

    # ---------------------------------------------------------------------------------- steps
    def _infer(self, prepare: Callable[[Manifest], Inputs]) -> Inference:
        patience = self._patience()
        timings: dict[str, float] = {}
        collided = False
        for attempt in range(1, ATTEMPTS + 1):
            # (1) trust
            trust = _timed(timings, "verify", lambda: self._trusted(patience))
            # (2) fit; anew each time, because a new key may come with another manifest
            tensors = fitting(prepare(trust.manifest), trust.manifest.inputs)
            try:
                return self._once(trust, tensors, timings)
            except KeyGone as gone:
                self._trust = None
                if attempt > 1:
                    patience.wait(KEY_PAUSE_S, gone)
                if attempt == ATTEMPTS:
                    raise
            except NotTaken:
                # Another instance may have a key of the same id; once, and only if it is another.
                last = collided or attempt == ATTEMPTS
                if last or self._renewed(patience).key == trust.key:
                    raise
                collided = True
            except Busy as busy:
                if attempt == ATTEMPTS:
                    raise
                patience.wait(busy.retry_after_s, busy)
        raise AssertionError("unreachable")

    def _renewed(self, patience: _Patience) -> _Trust:
        self._trust = None
        return self._trusted(patience)

    def _once(self, trust: _Trust, tensors: list[Array], timings: dict[str, float]) -> Inference:
        manifest = trust.manifest
        message = write_message(tensors)
        # (3) seal
        sealed, exchange = _timed(timings, "seal", lambda: seal_request(trust.key, message))
        response_bytes = message_bytes(_shapes(manifest.outputs)) + RESPONSE_OVERHEAD
        # (4) send
        reply: Reply = _timed(
            timings,
            "round_trip",
            lambda: self._service.infer(trust.model, sealed, response_bytes, pad=self._pad),
        )
        # (5) receipt
        proof = _timed(timings, "unseal", lambda: self._receipt(trust, sealed, reply))
        # (6) open
        answer = _timed(
            timings, "unseal", lambda: _open(exchange.open_response(reply.sealed), manifest)
        )
        host = {f"host_{phase}": ms for phase, ms in reply.phases_ms.items()}
        return Inference(
            outputs=tuple(tensor.copy() for tensor in answer.tensors),
            manifest=manifest,
            evidence=trust.evidence,
            proof=proof,
            nan=answer.nan,
            timings_ms={**timings, **host},
            bytes=Sizes(
                request=len(sealed),
                crossing=message_bytes(_shapes(manifest.crossing)) if manifest.crossing else 0,
                response=len(reply.sealed),
            ),
        )

    def _receipt(self, trust: _Trust, sealed: bytes, reply: Reply) -> Proof:
        """The answer's receipt, checked against what was sent and what came."""
        proof = dataclasses.replace(trust.proof, receipt=reply.receipt)
        claims, _ = trust.evidence.require()
        mode, exchanged = trust.manifest.mode, (sealed, reply.sealed)
        check(proof.receipt, claims, mode, self._policy, exchanged).require()
        return proof

    def _trusted(self, patience: _Patience) -> _Trust:
        """The verdict, if it still holds, else a new one."""
        if self._trust is None or not self._trust.since <= self._clock() < self._trust.until:
            self._trust = None
            self._appraise(patience).require()
        assert self._trust is not None
        return self._trust

    def _appraise(self, patience: _Patience) -> AttestationResult:
        model = self._patiently(patience, self._name)
        nonce = secrets.token_bytes(NONCE_BYTES) if self._policy.freshness == "nonce" else None
        document = self._patiently(patience, lambda: self._service.evidence(model, nonce))
        manifest = self._patiently(patience, lambda: self._service.manifest(model))
        now = self._clock()
        result = appraise(
            document,
            manifest,
            self._policy,
            nonce=nonce,
            now=now,
            collateral=self._collateral,
            seen=self._seen(),
        )
        self._trust = None
        if result.passed:
            claims, key = result.require()
            made = Manifest.from_bytes(manifest)
            if not isinstance(self._policy, UnsafeAnyModelPolicy):
                lower = self._accept_older
                self._versions.saw(made.owner or "", made.name, made.version, lower=lower)
            until = min(
                now + self._policy.max_key_lifetime_s, claims.exp + self._policy.max_clock_skew_s
            )
            self._trust = _Trust(
                model, result, key, made, Proof(b"", nonce, document, manifest), now, until
            )
        return result

    def _seen(self) -> Callable[[str, str], int] | None:
        """What is remembered; where any model is believed, its version means nothing."""
        if isinstance(self._policy, UnsafeAnyModelPolicy):
            return None
        return (lambda *_: 0) if self._accept_older else self._versions.highest

    def _name(self) -> str:
        """The model's name at the service; what it is, the evidence says."""
        if self._model is None:
            models = self._service.models()
            if len(models) != 1:
                raise UserError(
                    f"{self._service.url} serves {len(models)} models: {', '.join(models)}",
                    code="which-model",
                    hint="Say which one, e.g. --model NAME.",
                )
            self._model = models[0]
        return self._model

    def _patience(self) -> _Patience:
        return _Patience(self._timeout_s, self._sleep)

    def _patiently(self, patience: _Patience, ask: Callable[[], T]) -> T:
        """Asks again while the service is busy."""
        for _ in range(ATTEMPTS - 1):
            try:
                return ask()
            except Busy as busy:
                patience.wait(busy.retry_after_s, busy)
        return ask()


def _policy(policy: Policy | str | Path | None, unsafe_any_model: bool) -> Policy:
    if unsafe_any_model:
        if policy is not None:
            raise UserError(
                "a policy and unsafe_any_model exclude each other",
                code="usage",
                hint="With a policy, leave unsafe_any_model out.",
            )
        warnings.warn(
            "UNSAFE: any model in any sandbox is believed; whoever answers can read the input",
            UnsafeWarning,
            stacklevel=3,
        )
        return UnsafeAnyModelPolicy()
    if policy is None:
        raise UserError(
            "there is no policy: nothing was sent",
            code="no-policy",
            hint="`cloister pack` writes policy.toml beside the bundle: take it from whoever "
            "packed the network, by a way that you trust.",
        )
    return policy if isinstance(policy, Policy) else Policy.load(policy)


def _preprocess(manifest: Manifest) -> Preprocess:
    if manifest.preprocess is None or len(manifest.inputs) != 1:
        raise UserError(
            f"{manifest.name} takes no photographs",
            code="no-preprocess",
            hint="Give its inputs as numbers: --inputs FILE.npz|csv, or arrays.",
        )
    return manifest.preprocess


def _open(plain: bytes, manifest: Manifest) -> Message:
    """Reads the answer; the enclave says in it whether the host chose it."""
    message = read_message(plain, manifest.outputs, allowed_flags=RESPONSE_FLAGS)
    if message.host_chosen != (manifest.mode == "split"):
        raise Refused(
            f"the manifest says {manifest.mode}, the enclave's answer says otherwise",
            code="wrong-mode",
        )
    return message


def _shapes(tensors: tuple[Any, ...]) -> list[tuple[int, ...]]:
    return [tensor.shape for tensor in tensors]


def _timed(timings: dict[str, float], name: str, work: Callable[[], T]) -> T:
    """Adds to a timing, in milliseconds."""
    began = time.perf_counter()
    try:
        return work()
    finally:
        timings[name] = timings.get(name, 0.0) + 1e3 * (time.perf_counter() - began)
