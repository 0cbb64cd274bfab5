"""The broker's own nonces: each is good once, for a short time, and there are at most so many."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

NONCE_BYTES: Final = 32
LIFE_S: Final = 120.0
MOST: Final = 4096


class Challenges:
    """A bounded table of nonces.

    Args:
        life_s: How long one is good.
        most: How many are kept; while it is full no more are given out.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        life_s: float = LIFE_S,
        most: int = MOST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._life_s = life_s
        self._most = most
        self._clock = clock
        self._ends: dict[bytes, float] = {}  # in the order in which they end
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._ends)

    def new(self) -> bytes | None:
        """A nonce; None while the table is full."""
        with self._lock:
            now = self._clock()
            self._forget(now)
            if len(self._ends) >= self._most:
                return None
            nonce = secrets.token_bytes(NONCE_BYTES)
            self._ends[nonce] = now + self._life_s
            return nonce

    def take(self, nonce: bytes) -> bool:
        """Whether it was given out, is not over, and is used for the first time."""
        with self._lock:
            self._forget(self._clock())
            return self._ends.pop(nonce, None) is not None

    def _forget(self, now: float) -> None:
        for nonce, end in list(self._ends.items()):
            if end > now:
                break
            del self._ends[nonce]
