"""A device with OP-TEE as the client meets it: `cloister-optee` with a bundle, over TCP.

It takes the place of `Service` where an address begins with `optee://`. The daemon passes sealed
messages on and answers for the manifest; nothing that it says is believed here.

Rules kept: as in service.py. A connection that broke is made anew for the next question; whether a
request on it was answered is not known, and nothing is asked again by itself.
"""

from __future__ import annotations

import itertools
import json
import socket
import time
from collections.abc import Callable
from typing import Final, TypeVar

from cloister.attest.evidence import Evidence
from cloister.attest.optee import MEDIA_TYPE
from cloister.attest.verifier import MANIFEST_MAX_BYTES
from cloister.channel.frames import EnclaveError
from cloister.client.service import KeyGone, Reply
from cloister.enclaves.optee import connect
from cloister.enclaves.protocol import EnclaveDied, EnclaveLink, EnclaveRefused, Response
from cloister.errors import OutsideError, Refused, UserError

LOCKED: Final = "device-locked"
T = TypeVar("T")
_NS_IN_MS: Final = 1e-6
# The daemon puts the times of its instance in their place.
_IAT, _EXP = 1, 2


class OpteeService:
    """One device.

    Args:
        url: `optee://HOST:PORT`.
        timeout_s: For each question.

    Raises:
        UserError: It is no such address.
    """

    def __init__(self, url: str, *, timeout_s: float) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._stream: socket.socket | None = None
        self._link: EnclaveLink | None = None
        self._ids = itertools.count(1)

    def close(self) -> None:
        """Closes the connection."""
        if self._link is not None:
            self._link.close()
        if self._stream is not None:
            self._stream.close()
        self._link = self._stream = None

    def models(self) -> list[str]:
        """The name in the device's manifest."""
        try:
            name = json.loads(self.manifest("").decode("utf-8"))["name"]
        except (ValueError, KeyError, TypeError, RecursionError):
            name = None
        if not isinstance(name, str):
            raise OutsideError(f"{self.url} does not say which model it runs", code="no-models")
        return [name]

    def evidence(self, model: str, nonce: bytes | None) -> bytes:
        """The evidence document, for this nonce."""
        attested = self._ask(
            lambda link, deadline: link.attest(nonce, _IAT, _EXP, deadline=deadline)
        )
        return Evidence(attested.claims, MEDIA_TYPE, attested.evidence).to_bytes()

    def manifest(self, model: str) -> bytes:
        """Bytes of manifest.json."""
        return self._ask(lambda link, deadline: link.manifest(deadline=deadline))

    def infer(self, model: str, sealed: bytes, response_bytes: int, *, pad: bool = False) -> Reply:
        """Sends a sealed request; see `Service.infer`.

        Raises:
            UserError: `pad`: a device takes sealed messages as they are.
        """
        if pad:
            raise UserError(
                "a device takes no padded messages", code="usage", hint="Without --pad."
            )
        number = next(self._ids)
        answer = self._ask(
            lambda link, deadline: link.request(
                number, sealed, deadline=deadline, response_bytes=response_bytes
            )
        )
        if not isinstance(answer, Response):
            raise Refused("the device's answer is no sealed response", code="wrong-length")
        phases = {"open": answer.open_ns, "head": answer.run_ns, "seal": answer.seal_ns}
        timings = {name: ns * _NS_IN_MS for name, ns in phases.items()}
        return Reply(bytes(answer.sealed), answer.receipt, timings)

    def key(self, sealed_key: bytes) -> bool:
        """Hands over the key of the device's sealed weights, bound to its last evidence.

        Returns:
            False if the device was not waiting for one.

        Raises:
            Refused: It does not open, or the weights do not.
            OutsideError: The device does not answer.
        """
        try:
            self._ask(lambda link, deadline: link.key(sealed_key, deadline=deadline))
        except OutsideError as error:
            if error.code != LOCKED:
                raise
            return False
        return True

    def _ask(self, question: Callable[[EnclaveLink, float], T]) -> T:
        link = self._connected()
        try:
            return question(link, time.monotonic() + self._timeout_s)
        except EnclaveRefused as error:
            if error.error is EnclaveError.KEY:
                raise KeyGone from error
            if error.error is EnclaveError.STATE:
                raise OutsideError(
                    f"{self.url} has not been given the key of its weights",
                    code=LOCKED,
                    hint="`cloister optee unlock` brings it, once.",
                ) from error
            raise
        except EnclaveDied as error:
            self.close()
            raise OutsideError(
                f"{self.url}: {error.message}",
                code="unreachable",
                hint="Its application may have been started anew; nothing was tried again.",
            ) from error

    def _connected(self) -> EnclaveLink:
        if self._link is None:
            self._stream = connect(self.url)
            self._link = EnclaveLink(self._stream, hang_s=0.0, answer_bytes=MANIFEST_MAX_BYTES)
        return self._link
