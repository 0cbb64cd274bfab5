"""Where cells are computed: here, in processes (and so on several GPUs), on a Ray cluster.

Rules kept:
* Workers compute; only the run that asked writes into the store, a cell at a time.
* A worker that is killed costs its cell, which is given to another; where that happens again and
  again without a cell being finished in between, it is an error.
* A cluster that goes away is an error that says how to go on: what is finished is in the store.
* Cells of other processes are the same numbers: the seed is the cell's, threads are the task's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cloister.audit.cells import Job, Worker
from cloister.audit.store import Cell, Key
from cloister.audit.task import Task
from cloister.errors import OutsideError

DEATHS_MAX: Final = 3
Told = Callable[[Job], None]
Remark = Callable[[str], None]


class Runner(Protocol):
    """Computes cells that do not depend on each other."""

    shares_disk: bool

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished."""


@dataclass(frozen=True)
class Spread:
    """Where cells are computed.

    Args:
        processes: So many here; on a cluster: at most so many cells at once, 0 for all of it.
        cluster: A Ray cluster's address (``ray://host:10001``, ``local``); None: this machine.
    """

    processes: int = 1
    cluster: str | None = None

    @contextlib.contextmanager
    def open(self, task: Task, cache: Path, remark: Remark) -> Iterator[Runner]:
        """A runner; closed with all its workers when left, by Ctrl-C too."""
        if self.cluster is not None:
            from cloister.audit.cluster import cluster  # noqa: PLC0415 - an extra

            with cluster(task, self.cluster, self.processes) as runner:
                yield runner
        elif self.processes > 1:
            pool = Processes(task, cache, self.processes)
            try:
                yield pool
            finally:
                pool.close()
        else:
            yield Here(Worker(task, cache), remark)


class Here:
    """One cell after another, in this process."""

    shares_disk = True

    def __init__(self, worker: Worker, remark: Remark) -> None:
        self.worker, self.remark = worker, remark

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished."""
        for job in jobs:
            told(job)
            yield job.key, self.worker.compute(job, self.remark)


@contextlib.contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """What is started in here never sees Ctrl-C, which is this process's to answer, not even
    while it imports: it inherits the blocked signal. Here it only waits.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_WORKER: list[Worker] = []  # of this process, where it is a worker


def _begin(task: bytes, cache: str, devices: multiprocessing.queues.Queue[str]) -> None:  # type: ignore[name-defined, unused-ignore]
    _WORKER[:] = [Worker(pickle.loads(task), Path(cache), devices.get() or None)]


def _compute(job: Job) -> Cell:
    return _WORKER[0].compute(job)


class Processes:
    """Worker processes of this machine, one GPU each in turn where there are any."""

    shares_disk = True

    def __init__(self, task: Task, cache: Path, count: int) -> None:
        self.task, self.cache, self.count = pickle.dumps(task), cache, count
        self.gpus = _gpus() if task.tier != "fast" else 0
        self.pool = self._open()

    def _open(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        with deaf_to_interrupts():  # it starts a process that counts semaphores
            devices = context.Queue()
        # More than the workers: one that died took its entry along.
        for place in range(self.count * (DEATHS_MAX + 1)):
            devices.put(f"cuda:{place % self.gpus}" if self.gpus else "")
        self.devices = devices
        return ProcessPoolExecutor(
            self.count, context, _begin, (self.task, str(self.cache), devices)
        )

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished; a killed worker's cell is computed again."""
        coming = iter(jobs)
        again: list[Job] = []
        running: dict[Future[Cell], Job] = {}
        deaths = 0
        while True:
            while len(running) < self.count:
                job = again.pop() if again else next(coming, None)
                if job is None:
                    break
                told(job)
                with deaf_to_interrupts():  # the first one starts the workers
                    future = self.pool.submit(_compute, job)
                running[future] = job
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            try:
                for future in done:
                    cell = future.result()
                    deaths = 0
                    yield running.pop(future).key, cell
            except BrokenProcessPool as error:
                deaths += 1
                if deaths > DEATHS_MAX:
                    raise OutsideError(
                        f"workers were killed {deaths} times without finishing a cell, the last "
                        f"one at {next(iter(running.values())).key}",
                        code="worker-died",
                        hint="Out of memory? Fewer --jobs need less; --resume goes on.",
                    ) from error
                again += running.values()
                running.clear()
                self.close()
                self.pool = self._open()

    def close(self) -> None:
        """Ends the workers, busy or not."""
        processes = list((self.pool._processes or {}).values())
        self.pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            with contextlib.suppress(OSError, ValueError):
                if process.pid is not None and process.is_alive():
                    os.kill(process.pid, signal.SIGKILL)
        for process in processes:
            process.join()
        self.devices.close()
        self.devices.cancel_join_thread()


def _gpus() -> int:
    import torch  # noqa: PLC0415 - heavy, and an extra

    return int(torch.cuda.device_count())
