"""An application over HTTP, and waiting for what it does; for other folders, too."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cloister.serve.http import Server, configuration, listen, url_of


def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Waits until it holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.01)


@contextmanager
def serving(asgi: Any) -> Iterator[str]:  # noqa: ANN401 - an ASGI app
    """An application on a port of this machine; its address."""
    with listen("127.0.0.1", 0) as listening:
        ready = threading.Event()
        server = Server(configuration(asgi, 1), ready.set)
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        try:
            assert ready.wait(10)
            yield url_of(listening)
        finally:
            server.should_exit = True
            thread.join()
