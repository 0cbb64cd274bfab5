"""Starts a service for a bundle, and ends it.

1. The address is taken, so that a port in use is known before anything heavy starts.
2. Every file of the bundle is compared with its digest.
3. The tail is opened in ONNX Runtime.
4. An enclave is started, and loads the head; sealed weights need their key (keys.py).
5. HTTP is served, here (`run`) or on a thread (`start`).
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cloister.enclaves.attested import Place
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.kinds import Enclave, enclave_kind
from cloister.enclaves.protocol import EnclaveDied, EnclaveRefused, Locked, Ready
from cloister.enclaves.sandbox import REPLAY_ENTRIES, THREADS_MAX
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import Bundle, load_bundle
from cloister.serve.app import Face
from cloister.serve.bucket import TokenBucket
from cloister.serve.evidence import Evidence
from cloister.serve.http import Server, configuration, listen, url_of
from cloister.serve.instance import Instance, Observer
from cloister.serve.keeper import Keeper, Lifetimes
from cloister.serve.keys import KeySource, withheld
from cloister.serve.logs import event, log_to, stop_logging
from cloister.serve.metrics import Metrics
from cloister.serve.sizes import Sizes
from cloister.serve.tail import LocalTail, Tail

LOAD_S: Final = 120.0


@dataclass(frozen=True)
class Settings:
    """How a service behaves.

    Args:
        enclave: Kind of enclave, a row of `ENCLAVES`.
        place: Where it runs, of the kinds of attested.py.
        collateral: Files that vouch for its platform, handed out with its evidence.
        tail: Runs the layers after the cut; None: ONNX Runtime in this process.
        threads: Of ONNX Runtime, 0: one for each core; and of a sandbox enclave, at most 16.
        queue_limit: Sealed requests that may wait or run; more are answered 429.
        deadline_s: From a request's head to its answer; later ones are answered 503.
        replay: Entries of an enclave's replay table, a power of two.
        kernels: `auto`, `portable`, `avx2`, `avx512`.
        lifetimes: Of keys.
        evidence_rate_hz: Evidence for clients' own nonces, on average.
        evidence_burst: And at once.
        keys: Where the key of sealed weights comes from; None: they cannot be served.
        observer: Told what the host saw of each request (demo, tests); called on the enclave's
            thread.
    """

    enclave: str = "sandbox"
    place: Place | None = None
    collateral: tuple[Path, ...] = ()
    tail: Tail | None = None
    threads: int = 1
    queue_limit: int = 64
    deadline_s: float = 30.0
    replay: int = REPLAY_ENTRIES
    kernels: str = "auto"
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    evidence_rate_hz: float = 10.0
    evidence_burst: float = 50.0
    keys: KeySource | None = None
    observer: Observer | None = None


class Service:
    """A service for one bundle; enclave and address are taken when it is made.

    Args:
        bundle: A directory that `pack` wrote.
        host: Address to listen on.
        port: 0: any free one.
        settings: How it behaves.

    Raises:
        UserError: The port is taken, or the bundle is not as it was packed.
        OutsideError: The enclave does not start.
        EnclaveRefused: The enclave refuses the head.
    """

    def __init__(
        self,
        bundle: str | Path,
        host: str = "127.0.0.1",
        port: int = 0,
        settings: Settings | None = None,
    ) -> None:
        self._settings = settings = settings or Settings()
        kind = enclave_kind(settings.enclave, settings.place, min(settings.threads, THREADS_MAX))
        self._evidence = Evidence(settings.enclave, settings.lifetimes.key_s, settings.collateral)
        with contextlib.ExitStack() as undo:
            # (1) address
            self._socket = undo.enter_context(listen(host, port))
            self.url = url_of(self._socket)
            # (2) bundle
            self.bundle: Bundle = load_bundle(bundle)
            self._head = undo.enter_context(HeadFile(self.bundle.head))
            if self._head.model_digest.hex() != self.bundle.manifest.model_digest:
                raise _changed(self.bundle.head)
            # (3) tail
            self._tail = _open_tail(self.bundle, settings)
            # (4) enclave
            self._kind = kind
            self.metrics = Metrics(self.about)
            _require_source(self.bundle, settings)
            self._keeper = Keeper(self._start_instance, self.metrics, settings.lifetimes)
            undo.callback(self._keeper.close)
            self._keeper.open()
            self.face = Face(
                self.bundle,
                self._keeper,
                self._evidence,
                self.metrics,
                settings.queue_limit,
                settings.deadline_s,
                TokenBucket(settings.evidence_rate_hz, settings.evidence_burst),
            )
            self.app = self.face.app()
            self._undo = undo.pop_all()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def about(self) -> dict[str, str]:
        """Names and digests of what is served."""
        manifest = self.bundle.manifest
        return {
            "name": manifest.name,
            "mode": manifest.mode,
            "manifest_sha256": self.bundle.manifest_digest.hex(),
            "model_digest": manifest.model_digest,
            "tee": self._settings.enclave,
        }

    @property
    def locked(self) -> str | None:
        """Why the key of sealed weights has not come; None: it has, or there is none."""
        withheld = self._keeper.withheld
        return None if withheld is None else withheld.message

    def run(self, on_ready: Callable[[Service], None] | None = None) -> None:
        """Serves until SIGINT or SIGTERM; requests in flight are answered first.

        Args:
            on_ready: Called once, when requests are answered.
        """
        # (5) HTTP
        self._server = Server(
            configuration(self.app, self._settings.deadline_s),
            lambda: on_ready(self) if on_ready else None,
        )
        event(logging.INFO, "serving", url=self.url, **self.about)
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.close()

    def start(self) -> Self:
        """Serves on a thread, until `close`."""
        ready = threading.Event()
        self._server = Server(configuration(self.app, self._settings.deadline_s), ready.set)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._socket],), name="service", daemon=True
        )
        self._thread.start()
        event(logging.INFO, "serving", url=self.url, **self.about)
        while not ready.wait(0.1):
            if not self._thread.is_alive():
                self.close()
                raise OutsideError("the HTTP server did not start", code="server")
        return self

    def close(self) -> None:
        """Answers what is in flight, ends HTTP and the enclave; may be called twice."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ----------------------------------------------------------------------------------- parts
    def _start_instance(self, number: int) -> Instance:
        enclave = self._kind(
            self._head, replay=self._settings.replay, kernels=self._settings.kernels
        )
        with contextlib.ExitStack() as undo:
            undo.callback(enclave.close)
            try:
                loaded = enclave.link.load(
                    self._head,
                    self.bundle.manifest_digest,
                    answer_bytes=Sizes.of(self.bundle.manifest).answer,
                    deadline=time.monotonic() + LOAD_S,
                )
                ready = self._unlock(enclave, loaded) if isinstance(loaded, Locked) else loaded
            except EnclaveDied as error:
                raise _not_loaded(enclave, error) from error
            undo.pop_all()
        return Instance(
            number,
            enclave,
            ready,
            self.bundle.manifest,
            self._tail,
            time.time(),
            self._settings.observer,
        )

    def _unlock(self, enclave: Enclave, locked: Locked) -> Ready:
        """Gets the key of the sealed weights and hands it to the enclave, which opens it."""
        source = self._settings.keys
        assert source is not None

        def attest(nonce: bytes) -> bytes:
            now, end = int(time.time()), time.monotonic() + self._settings.deadline_s
            life = int(self._settings.lifetimes.key_s)
            return self._evidence.document(
                enclave.link.attest(nonce, now, now + life, deadline=end)
            )

        sealed = source.fetch(locked.key_id, attest)
        event(logging.INFO, "key-received", key_id=locked.key_id.hex(), source=source.name)
        try:
            return enclave.link.key(sealed, deadline=time.monotonic() + LOAD_S)
        except EnclaveRefused as error:
            what = f"{source.name} gave a key that does not open in this enclave: {error.message}"
            raise withheld("wrong-key", what, "Is it the broker of this bundle's owner?") from error


def _require_source(bundle: Bundle, settings: Settings) -> None:
    if bundle.manifest.key_id is not None and settings.keys is None:
        raise UserError(
            f"the weights of {bundle.path} are sealed with key {bundle.manifest.key_id}, and "
            "nobody is named who releases it",
            code="sealed-bundle",
            hint="serve --broker URL: the owner's `cloister broker`.",
        )


def serve(
    bundle: str | Path,
    host: str = "127.0.0.1",
    port: int = 8400,
    *,
    settings: Settings | None = None,
    on_ready: Callable[[Service], None] | None = None,
    log_level: int | str | None = logging.INFO,
) -> None:
    """Serves a bundle until interrupted.

    Args:
        bundle: A directory that `pack` wrote.
        host: Address to listen on.
        port: 0: any free one.
        settings: How it behaves.
        on_ready: Called once, when requests are answered.
        log_level: Of the JSON lines on standard error; None: no logs.

    Raises:
        UserError: The port is taken, or the bundle is not as it was packed.
        OutsideError: The enclave does not start.
    """
    handler = None if log_level is None else log_to(level=log_level)
    try:
        Service(bundle, host, port, settings).run(on_ready)
    finally:
        if handler is not None:
            stop_logging(handler)


def _open_tail(bundle: Bundle, settings: Settings) -> Tail | None:
    if bundle.tail is None or settings.tail is not None:
        return settings.tail
    return LocalTail(bundle.tail, bundle.manifest, threads=settings.threads)


def _changed(head: Path) -> UserError:
    return UserError(
        f"bundle file {head} was changed while it was opened",
        code="bundle-changed",
        hint="Copy the bundle again, or pack the network again.",
    )


def _not_loaded(enclave: Enclave, error: EnclaveDied) -> OutsideError:
    enclave.stop()
    how = enclave.exit_status()
    return OutsideError(
        f"{error.message} before it had loaded the head ({how})", code="enclave-not-started"
    )
