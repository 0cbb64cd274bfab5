"""A token bucket: how often something may happen, on average and at once."""

from __future__ import annotations

import time
from collections.abc import Callable


class TokenBucket:
    """Gives out tokens.

    Args:
        rate_hz: Tokens that are added in a second.
        burst: Tokens that it holds, at most and at first.
        clock: Monotonic seconds.
    """

    def __init__(
        self, rate_hz: float, burst: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate_hz = rate_hz
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._at = clock()

    def take(self) -> bool:
        """Takes a token; False when there is none."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate_hz)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
