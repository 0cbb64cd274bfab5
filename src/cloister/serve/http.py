"""An HTTP server on an address that is taken first, so that a port in use is known at once."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cloister.errors import UserError

CONNECTIONS_MAX: Final = 1024
# How long a connection may be without a whole request head.
HEAD_S: Final = 10.0
# How much longer than the application's own limit an exchange may take, to a client that reads
# slowly.
READ_S: Final = 30.0
_BACKLOG: Final = 128
_AT_ONCE: Final = struct.pack("ii", 1, 0)  # struct linger: on, no seconds


class Server(uvicorn.Server):
    """uvicorn's server that says when it answers, and that takes a signal as a wish to end, not as
    one to be passed on after its end.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See the class."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """See the class; the second time it waits for nobody."""
        self.force_exit = self.should_exit
        self.should_exit = True


class Bounded(H11Protocol):
    """uvicorn's HTTP/1.1 with bounds that it lacks: on the number of connections, on the time for a
    request's head, on the time for a whole exchange and for what is left of it when a connection is
    closed. What is over a bound is dropped.

    Args:
        exchange_s: The bound on a whole exchange.
    """

    def __init__(self, *arguments: Any, exchange_s: float, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        self._exchange_s = exchange_s
        self._seen: Any = None  # nothing yet seen
        self._since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """See asyncio.Protocol."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS_MAX:
            transport.abort()
            return
        self._watch()

    def _watch(self) -> None:
        """Looks once in HEAD_S what goes on, and drops what goes on for too long."""
        if self not in self.connections:  # it has ended
            return
        now, closing = self.loop.time(), self.transport.is_closing()
        # One that is being closed waits for the client to read what is left.
        busy = closing or (self.cycle is not None and not self.cycle.response_complete)
        if self._seen != (self.cycle, closing):
            self._seen, self._since = (self.cycle, closing), now
        elif now - self._since > (self._exchange_s if busy else 0):
            self._drop()
            return
        self.loop.call_later(HEAD_S, self._watch)

    def _drop(self) -> None:
        """Ends it at once, with a reset: without, the kernel keeps what is left to send for a
        client that never reads, and that client may not even learn that nobody is there any more.
        """
        raw = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()


def configuration(app: Any, graceful_s: float) -> uvicorn.Config:  # noqa: ANN401 - an ASGI app
    """How uvicorn runs an application of ours: quiet, without websockets.

    Args:
        app: The application.
        graceful_s: How long requests in flight may take when it ends.
    """
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="off",
        http=partial(Bounded, exchange_s=graceful_s + READ_S),  # type: ignore[arg-type]
        timeout_graceful_shutdown=max(1, round(graceful_s)),
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        UserError: The address is taken, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sets TCP_NODELAY; else each answer waits 40 ms for an ACK.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise _not_listening(host, port, error) from error
    return listening


def url_of(listening: socket.socket) -> str:
    """The address of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _not_listening(host: str, port: int, error: OSError | OverflowError) -> UserError:
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return UserError(
            f"port {port} of {host} is taken by another program",
            code="port-taken",
            hint="Choose another with --port; --port 0 takes any free one.",
        )
    if getattr(error, "errno", None) == errno.EACCES:
        return UserError(
            f"this user may not listen on port {port} of {host}",
            code="bad-address",
            hint="Ports below 1024 belong to the administrator: choose another with --port.",
        )
    return UserError(
        f"cannot listen on {host}, port {port}: {error}",
        code="bad-address",
        hint="Choose an address of this machine with --host, e.g. 127.0.0.1.",
    )
