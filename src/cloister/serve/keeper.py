"""Keeps one instance ready: starts it, notices its death, replaces it before it is worn out.

Rules kept:
* A dead instance is replaced by a new one, with new keys. One that died before it answered
  anything, or that did not start, is a failure: after failures in a row the wait doubles from
  `BACKOFF_S` to `BACKOFF_MAX_S`.
* An instance is replaced when its replay table is 90 % full or its key reaches 90 % of its
  lifetime. The old one answers requests to its key until it was idle for `retire_after_s`, its
  table is full, or its key's lifetime ends. If no other starts beside it, a full one goes first.
* A sealed head needs its key at each start. Without it (`KeyWithheld`) the service lives, is not
  ready, says why, and tries again, with the same growing waits.
* An instance has another key id than those before it, so a request's first byte names one that
  lives, or tells that its key is gone.

One thread does all of this; it looks every `TICK_S`, or at once when it is woken.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cloister.errors import CloisterError, OutsideError
from cloister.serve.instance import Instance
from cloister.serve.keys import KeyWithheld
from cloister.serve.logs import LOGGER, event
from cloister.serve.metrics import Metrics

TICK_S: Final = 0.2
BACKOFF_S: Final = 0.5
BACKOFF_MAX_S: Final = 30.0
WORN: Final = 0.9
# The enclave draws its key id from 256; so many of the latest are not used again.
_KEY_IDS_KEPT: Final = 64
_KEY_ID_TRIES: Final = 16
_FAILURES_MAX: Final = 16


@dataclass(frozen=True)
class Lifetimes:
    """How long keys live.

    Args:
        key_s: From the start of an instance to the end of its key.
        retire_after_s: How long a replaced instance waits for requests to its key.
    """

    key_s: float = 3600.0
    retire_after_s: float = 60.0


class Keeper:
    """The instances of one service.

    Args:
        start: Starts and loads an instance; its argument is the instance's number.
        metrics: Of the service.
        lifetimes: How long keys live.
        now: Seconds since 1970.
    """

    def __init__(
        self,
        start: Callable[[int], Instance],
        metrics: Metrics,
        lifetimes: Lifetimes,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._start = start
        self._metrics = metrics
        self._lifetimes = lifetimes
        self._now = now
        self._number = 0
        self._current: Instance | None = None
        self._retired: list[Instance] = []
        self._key_ids: deque[int] = deque(maxlen=_KEY_IDS_KEPT)
        self._failures = 0
        self._not_before = 0.0
        self._withheld: KeyWithheld | None = None
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def open(self) -> None:
        """Starts the first instance, here, so that what is wrong is an error of the caller; but a
        key that is withheld may come later.
        """
        try:
            self._current = self._new("first")
            self._metrics.ready.set(1)
        except KeyWithheld as error:
            self._not_started(error)
        self._thread.start()

    @property
    def withheld(self) -> KeyWithheld | None:
        """Why the key of the sealed weights did not come, while there is no instance."""
        return self._withheld

    def current(self) -> Instance | None:
        """The instance for new keys; None while there is none."""
        with self._lock:
            instance = self._current
        return instance if instance is not None and instance.usable else None

    def of_key(self, key_id: int) -> Instance | None:
        """The instance whose key has this id; a replaced one only as long as its key's life."""
        with self._lock:
            alive = [i for i in self._retired if self._age(i) <= self._lifetimes.key_s]
            found = [i for i in (self._current, *alive) if i and i.key_id == key_id]
        return next((instance for instance in found if instance.usable), None)

    def wake(self) -> None:
        """Something changed: look now."""
        self._wake.set()

    def close(self) -> None:
        """Ends all instances."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            instances = [*self._retired, *([self._current] if self._current else [])]
            self._current, self._retired = None, []
        for instance in instances:
            instance.close()
        self._metrics.ready.set(0)

    # ---------------------------------------------------------------------------- the thread
    def _run(self) -> None:
        while not self._stopping:
            try:
                self._look()
            except Exception:  # the keeper must outlive what it did not expect
                LOGGER.exception("keeper-failed")
            self._wake.wait(TICK_S)
            self._wake.clear()

    def _look(self) -> None:
        self._bury()
        current = self._current
        if current is not None and current.answered:
            self._failures = 0
        if current is None:
            self._replace("died")
        elif current.replay_share >= WORN:
            self._replace("replay table")
        elif self._age(current) >= WORN * self._lifetimes.key_s:
            self._replace("key age")
        self._retire()
        current = self._current
        self._metrics.ready.set(0 if current is None else 1)
        self._metrics.replay_used.set(0 if current is None else current.replay_used)
        self._metrics.replay_size.set(0 if current is None else current.ready.replay_size)

    def _bury(self) -> None:
        with self._lock:
            dead = [i for i in (self._current, *self._retired) if i and not i.usable]
            if self._current in dead:
                self._current = None
            self._retired = [i for i in self._retired if i not in dead]
        for instance in dead:
            self._metrics.deaths.inc()
            self._metrics.ready.set(0 if self._current is None else 1)
            instance.enclave.stop()
            event(
                logging.ERROR,
                "enclave-died",
                instance=instance.number,
                how=instance.enclave.exit_status(),
            )
            instance.close()
            if instance.answered == 0:
                self._failed()

    def _failed(self) -> float:
        """Counts a failure; returns how long nothing is tried."""
        wait_s = min(BACKOFF_S * 2.0**self._failures, BACKOFF_MAX_S)
        self._failures = min(self._failures + 1, _FAILURES_MAX)
        self._not_before = time.monotonic() + wait_s
        return wait_s

    def _replace(self, why: str) -> None:
        if self._stopping or time.monotonic() < self._not_before:
            return
        try:
            new = self._new(why)
        except CloisterError as error:
            self._not_started(error)
            self._give_up_full()
            return
        with self._lock:
            if self._current is not None:
                self._retired.append(self._current)
            self._current = new

    def _not_started(self, error: CloisterError) -> None:
        self._withheld = error if isinstance(error, KeyWithheld) else None
        event(
            logging.ERROR,
            "enclave-not-started",
            code=error.code,
            what=error.message,
            next_try_s=self._failed(),
        )

    def _give_up_full(self) -> None:
        """A full instance answers nothing more: without it there may be room for another."""
        with self._lock:
            if self._current is not None and self._current.replay_share >= 1:
                self._retired.append(self._current)
                self._current = None

    def _retire(self) -> None:
        def may_go(instance: Instance) -> bool:
            waited = instance.clock() - instance.last_used
            over = self._age(instance) > self._lifetimes.key_s or instance.replay_share >= 1
            return instance.idle and (over or waited > self._lifetimes.retire_after_s)

        with self._lock:
            going = [instance for instance in self._retired if may_go(instance)]
            self._retired = [instance for instance in self._retired if instance not in going]
        for instance in going:
            event(logging.INFO, "enclave-retired", instance=instance.number)
            instance.close()

    def _new(self, why: str) -> Instance:
        """A started instance, with a key id that was not used lately."""
        for _ in range(_KEY_ID_TRIES):
            self._number += 1
            began = time.monotonic()
            instance = self._start(self._number)
            self._withheld = None
            if instance.key_id not in self._key_ids:
                self._key_ids.append(instance.key_id)
                self._metrics.starts.labels(why).inc()
                event(
                    logging.INFO,
                    "enclave-started",
                    instance=instance.number,
                    why=why,
                    seconds=round(time.monotonic() - began, 6),
                )
                return instance
            instance.close()
        raise OutsideError("the enclave makes the same key id again and again", code="key-id")

    def _age(self, instance: Instance) -> float:
        return self._now() - instance.born
