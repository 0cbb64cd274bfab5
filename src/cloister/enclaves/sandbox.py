"""Starts `cloister-enclave` as a confined process on this machine: the sandbox.

**The sandbox protects nothing against whoever runs this machine.** It keeps honest people honest,
and lets the whole way run anywhere.

The process inherits one socket and nothing else: an empty environment, no open files, its own
process group. It ends when the socket closes, so it does not outlive this process, however that
ends.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import os
import socket
import subprocess
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from cloister.child import Child
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import HANG_S, EnclaveLink
from cloister.errors import OutsideError

PROGRAM_ENV: Final = "CLOISTER_ENCLAVE"
REPLAY_ENTRIES: Final = 65_536
THREADS_MAX: Final = 16  # CLO_THREADS_MAX
WINDOW_BYTES: Final = 2 << 20
_STOP_S: Final = 2.0
_STDERR_KEPT: Final = 4096


def program() -> Path:
    """Where the enclave program is: $CLOISTER_ENCLAVE (development), or in the package.

    Raises:
        OutsideError: It is not there.
    """
    given = os.environ.get(PROGRAM_ENV)
    place = importlib.resources.files("cloister") / "bin" / "cloister-enclave"
    path = Path(given) if given else Path(str(place))
    if not os.access(path, os.X_OK):
        raise OutsideError(
            f"the enclave program {path} is not there or not executable",
            code="no-enclave-program",
            hint=f"Install Cloister with `pip install .`, or name the program in {PROGRAM_ENV}.",
        )
    return path


class SandboxEnclave:
    """A running enclave process with its link.

    Args:
        head: The container that it will be given: decides how much memory it may use.
        replay: Entries of the replay table, a power of two.
        kernels: `auto`, `portable`, `avx2`, `avx512`.
        threads: How many work on one operator, 1 to 16; answers are the same for any number.
        hang_s: See `EnclaveLink`.
        command: Other program and leading arguments than `cloister-enclave` (Gramine, doubles).
        options: Further arguments; the kinds of attested.py are such.
        standard_streams: The stream is standard input and output, not a descriptor of its own.
        folder: Where it runs.
    """

    tee: Final = "sandbox"

    def __init__(
        self,
        head: HeadFile,
        *,
        replay: int = REPLAY_ENTRIES,
        kernels: str = "auto",
        threads: int = 1,
        hang_s: float = HANG_S,
        command: Sequence[str] | None = None,
        options: Sequence[str] = (),
        standard_streams: bool = False,
        folder: str = "/",
    ) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        # A file in memory, not a pipe: it can neither fill up and block the enclave, nor does a
        # thread have to read it.
        self._stderr = os.memfd_create("enclave-stderr", os.MFD_CLOEXEC)
        with contextlib.ExitStack() as leave:
            leave.callback(os.close, self._stderr)
            leave.callback(ours.close)
            with theirs:
                process = subprocess.Popen(
                    [
                        *(command or [str(program())]),
                        *("--fd", "0" if standard_streams else str(theirs.fileno())),
                        *("--memory", str(head.memory_bytes(replay, threads))),
                        *("--replay", str(replay)),
                        *("--window", str(WINDOW_BYTES)),
                        *("--kernels", kernels),
                        *("--threads", str(threads)),
                        *options,
                    ],
                    stdin=theirs.fileno() if standard_streams else subprocess.DEVNULL,
                    stdout=theirs.fileno() if standard_streams else subprocess.DEVNULL,
                    stderr=self._stderr,
                    pass_fds=() if standard_streams else (theirs.fileno(),),
                    env={"PATH": os.defpath} if standard_streams else {},
                    cwd=folder,
                    process_group=0,
                )
            self._child = Child(
                process, partial(ours.shutdown, socket.SHUT_RDWR), _STOP_S, leave.pop_all()
            )
        self.link = EnclaveLink(ours, hang_s=hang_s)

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process has not ended; does not reap it."""
        return self._child.running

    def exit_status(self) -> str:
        """How it ended, or that it runs, in words, with what it said."""
        if self._child.closed:
            return "stopped"
        how = self._child.how_ended() or "still runs"
        raw = os.pread(self._stderr, _STDERR_KEPT, 0)
        said = " ".join(raw.decode("utf-8", "replace").split())
        return f"{how}: {said}" if said else how

    def stop(self) -> None:
        """Ends the process and waits until it has ended; threads that wait on the link are told."""
        self.link.close()
        self._child.stop()

    def close(self) -> None:
        """Stops it and gives everything back; no thread may use the link any more."""
        self.link.close()
        self._child.close()
