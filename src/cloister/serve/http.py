"""An HTTP server on an address that is taken first, so that a port in use is known at once."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

import uvicorn

from cloister.errors import UserError

_BACKLOG: Final = 128


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
