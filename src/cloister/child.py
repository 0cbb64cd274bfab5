"""A process that this one started: watched, ended with its object, never left as a zombie.

Whoever starts one closes it, or the interpreter's exit does.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import weakref
from collections.abc import Callable
from functools import partial


class Child:
    """A started process.

    Args:
        process: The head of a process group, which is ended with it.
        ask: Asks it to end; it is killed when it does not.
        patience_s: How long it may take.
        leave: What is given back once it has ended.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        ask: Callable[[], object],
        patience_s: float,
        leave: contextlib.ExitStack,
    ) -> None:
        self._process = process
        self._pidfd = os.pidfd_open(process.pid)
        leave.callback(os.close, self._pidfd)
        self._stop = partial(_stop, process, ask, patience_s)
        self._end = weakref.finalize(self, _end, self._stop, leave)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended; does not reap it."""
        if not self._end.alive:
            return False
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return not poll.poll(0)

    @property
    def closed(self) -> bool:
        """Whether all was given back."""
        return not self._end.alive

    def how_ended(self) -> str | None:
        """How it ended, in words; None: it runs."""
        code = self._process.poll()
        if code is None:
            return None
        return f"exit status {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"

    def stop(self) -> None:
        """Ends it and waits until it has ended; may be called twice."""
        if not self.closed:
            self._stop()

    def close(self) -> None:
        """Stops it and gives everything back; may be called twice."""
        self._end()


def _stop(process: subprocess.Popen[bytes], ask: Callable[[], object], patience_s: float) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        ask()
    try:
        process.wait(patience_s)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _end(stop: Callable[[], None], leave: contextlib.ExitStack) -> None:
    with leave:
        stop()
