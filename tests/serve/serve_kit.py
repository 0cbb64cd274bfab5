"""Names that the tests of the service share."""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import tiny_bundle
from caller import Caller

from cloister.channel.message import Array
from cloister.serve.service import Service


class GatedTail:
    """A tail that waits: `entered` says that it was called, it goes on once `gate` is open."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Semaphore(0)

    def run(self, _: list[Array]) -> list[Array]:
        self.entered.release()
        assert self.gate.wait(20)
        return [np.zeros((1, tiny_bundle.OUTPUTS), np.float32)]


# Start services; with a tail that waits.
Serve = Callable[..., tuple[Service, Caller]]
Gated = Callable[..., tuple[Service, Caller, GatedTail]]
