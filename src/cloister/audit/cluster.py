"""Cells on a Ray cluster. Nodes share nothing: each computes the features it needs, once, into a
folder of its own that is bounded as here.

Rules kept:
* Ray lives in a process of its own: where its cluster goes away it may hang for minutes, or abort
  the process that it is in. The run hears from it every few seconds, or gives it up.
* A worker or a node that dies costs its cell, which Ray gives to another (`RETRIES` times).
* A cluster that goes away is an error within `PATIENCE_S`, and the run can be resumed.
* The nodes must have the same Cloister installed; another version is an error before any cell.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import socket
import tempfile
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import ray

from cloister import __version__
from cloister.audit.cells import Job, Worker
from cloister.audit.spread import Told, deaf_to_interrupts
from cloister.audit.store import Cell, Key
from cloister.audit.task import Task
from cloister.errors import OutsideError

RETRIES: Final = 3
# Without a word for so long, the cluster is gone. Connecting to it may take longer.
PATIENCE_S: Final = 45.0
CONNECT_S: Final = 180.0
REACH_S: Final = 10.0
BEAT_S: Final = 2.0
LOCAL: Final = "local"


@contextlib.contextmanager
def cluster(task: Task, address: str, at_once: int) -> Iterator[Cluster]:
    """Connects, and leaves the cluster at the end.

    Args:
        task: What is audited.
        address: ``ray://HOST:10001``, a cluster's ``HOST:6379``, or ``local``: one started here.
        at_once: At most so many cells at once; 1 and less: as many as the cluster has room for.

    Raises:
        OutsideError: The cluster cannot be reached, or went away.
    """
    try:
        _reach(address)
    except OSError as error:
        raise _gone(address, str(error)) from error
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_drive, args=(theirs, task, address, at_once), daemon=True)
    with deaf_to_interrupts():
        process.start()
    theirs.close()
    try:
        yield Cluster(address, ours)
    finally:
        with contextlib.suppress(OSError):
            ours.send(None)
        process.join(REACH_S)  # it leaves the cluster, if that is still there
        process.kill()
        process.join()
        ours.close()


class Cluster:
    """The run's end of the process that talks to Ray."""

    shares_disk = False

    def __init__(self, address: str, pipe: Connection) -> None:
        self.address, self.pipe = address, pipe
        self.room = 0
        while self.room == 0:
            self.room, _ = self._hear(CONNECT_S)

    def _hear(self, patience_s: float = PATIENCE_S) -> tuple[int, tuple[Key, Cell] | None]:
        """The next message: the cluster's room for cells, and a finished cell or none."""
        try:
            if not self.pipe.poll(patience_s):
                raise _gone(self.address, f"nothing was heard of it for {patience_s:.0f} s")
            said = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise _gone(self.address, "the connection to it broke") from error
        if isinstance(said, BaseException):
            raise said
        return said  # type: ignore[no-any-return]

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished."""
        coming = iter(jobs)
        running = 0
        while True:
            while running < self.room and (job := next(coming, None)) is not None:
                told(job)
                try:
                    self.pipe.send(job)
                except OSError as error:
                    raise _gone(self.address, "the connection to it broke") from error
                running += 1
            if not running:
                return
            self.room, finished = self._hear()
            if finished is not None:
                running -= 1
                yield finished


def _reach(address: str) -> None:
    """Raises OSError where nothing answers at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if address != LOCAL and host and port.isdigit():
        socket.create_connection((host, int(port)), REACH_S).close()


def _gone(address: str, why: str) -> OutsideError:
    return OutsideError(
        f"the Ray cluster {address} cannot be used: {why}",
        code="cluster-gone",
        hint="What is finished is kept; --resume goes on, on the cluster or without --cluster.",
    )


# ------------------------------------------------------------------- in the process that has Ray
def _drive(pipe: Connection, task: Task, address: str, at_once: int) -> None:
    """Says every few seconds how much room there is; takes jobs, gives cells."""
    try:
        ray.init(
            address=None if address == LOCAL else address, log_to_driver=False,
            include_dashboard=False if address == LOCAL else None, configure_logging=False,
        )  # fmt: skip
        _serve(pipe, task, at_once if at_once > 1 else 0)
        ray.shutdown()
    except ray.exceptions.RayTaskError as error:
        pipe.send(error.cause if isinstance(error.cause, Exception) else error)
    except Exception as error:
        told = (str(error).strip().splitlines() or [type(error).__name__])[0]
        pipe.send(_gone(address, told))


def _serve(pipe: Connection, task: Task, at_once: int) -> None:
    gpus = 1 if task.tier != "fast" and _resource("GPU") else 0
    remote = ray.remote(
        num_cpus=task.threads, num_gpus=gpus, max_retries=RETRIES, retry_exceptions=False
    )(_compute)
    everything = ray.put(task)
    running: dict[Any, Key] = {}
    while True:
        room = at_once or max(1, _resource("GPU") if gpus else _resource("CPU") // task.threads)
        pipe.send((room, None))
        while pipe.poll(0 if running else BEAT_S):
            job = pipe.recv()
            if job is None:
                return
            running[remote.remote(everything, job, __version__)] = job.key
        if running:
            done, _ = ray.wait(list(running), num_returns=1, timeout=BEAT_S)
            for reference in done:
                pipe.send((room, (running[reference], ray.get(reference))))
                del running[reference]


def _resource(name: str) -> int:
    return int(ray.cluster_resources().get(name, 0))  # type: ignore[no-untyped-call, unused-ignore]


_WORKERS: dict[str, Worker] = {}  # of this process on a node: one run's


def _compute(task: Task, job: Job, version: str) -> Cell:
    """On a node."""
    if version != __version__:
        raise OutsideError(
            f"this node has Cloister {__version__}, the run {version}",
            code="other-version",
            hint="Install the same version on all nodes.",
        )
    if task.name not in _WORKERS:
        _WORKERS.clear()
        folder = Path(tempfile.gettempdir()) / f"cloister-{task.name}"
        _WORKERS[task.name] = Worker(task, folder)
    return _WORKERS[task.name].compute(job)
