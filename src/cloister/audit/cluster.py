"""Cells on a Ray cluster. Nodes share nothing: each computes the features it needs, once, into a
folder of its own that is bounded as here.

Rules kept:
* A worker or a node that dies costs its cell, which Ray gives to another (`RETRIES` times).
* A cluster that goes away is an error within `PATIENCE_S`, and the run can be resumed.
* The nodes must have the same Cloister installed; another version is an error before any cell.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import ray

from cloister import __version__
from cloister.audit.cells import Job, Worker
from cloister.audit.spread import Told
from cloister.audit.store import Cell, Key
from cloister.audit.task import Task
from cloister.errors import CloisterError, OutsideError

RETRIES: Final = 3
PATIENCE_S: Final = 30.0
REACH_S: Final = 10.0
LOCAL: Final = "local"
_GONE: Final = (
    ConnectionError,
    ray.exceptions.RaySystemError,
    ray.exceptions.RayActorError,
    ray.exceptions.WorkerCrashedError,
    ray.exceptions.NodeDiedError,
    ray.exceptions.ObjectLostError,
    ray.exceptions.RpcError,
)


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
        ray.init(
            address=None if address == LOCAL else address, log_to_driver=False,
            include_dashboard=False if address == LOCAL else None, configure_logging=False,
            ignore_reinit_error=True,
        )  # fmt: skip
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise _gone(address, error) from error
    try:
        yield Cluster(task, address, at_once)
    finally:
        with contextlib.suppress(Exception):  # it may be gone already
            ray.shutdown()


class Cluster:
    """Cells as Ray tasks."""

    shares_disk = False

    def __init__(self, task: Task, address: str, at_once: int) -> None:
        self.address = address
        self.gpus = 1 if task.tier != "fast" and ray.cluster_resources().get("GPU", 0) else 0
        self.at_once = at_once if at_once > 1 else 0
        self.remote = ray.remote(
            num_cpus=task.threads, num_gpus=self.gpus, max_retries=RETRIES, retry_exceptions=False
        )(_compute)
        with self._there():
            self.task = ray.put(task)

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        try:
            yield
        except ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, CloisterError):
                raise cause from error
            raise
        except _GONE as error:
            raise _gone(self.address, error) from error

    def room(self) -> int:
        """Cells that the cluster has room for."""
        there = ray.cluster_resources()
        return self.at_once or max(1, int(there.get("GPU" if self.gpus else "CPU", 1)))

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished."""
        coming = iter(jobs)
        running: dict[Any, Key] = {}
        with self._there():
            while True:
                while len(running) < self.room() and (job := next(coming, None)) is not None:
                    told(job)
                    running[self.remote.remote(self.task, job, __version__)] = job.key
                if not running:
                    return
                done, _ = ray.wait(list(running), num_returns=1, timeout=PATIENCE_S)
                if not done and not any(node["Alive"] for node in ray.nodes()):
                    raise ConnectionError("none of its nodes is alive")
                for reference in done:
                    cell = ray.get(reference)
                    yield running.pop(reference), cell


def _reach(address: str) -> None:
    """Raises OSError where nothing answers at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if address != LOCAL and host and port.isdigit():
        socket.create_connection((host, int(port)), REACH_S).close()


def _gone(address: str, error: Exception) -> OutsideError:
    told = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return OutsideError(
        f"the Ray cluster {address} cannot be used: {told}",
        code="cluster-gone",
        hint="What is finished is kept; --resume goes on, on the cluster or without --cluster.",
    )


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
