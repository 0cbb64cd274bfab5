"""Where cells are computed: here, in processes (and so on several GPUs), on a Ray cluster.

Rules kept:
* Workers compute; only the run that asked writes into the store, a cell at a time.
* A worker that is killed is reported and costs its cell, which another computes; where that happens
  again and again without a cell being finished in between, it is an error.
* Workers never see Ctrl-C, and none outlives the run, however that ends.
* A cluster that goes away is an error that says how to go on: what is finished is in the store.
* Cells of other processes are the same numbers: the seed is the cell's, threads are the task's.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import FrameType
from typing import Final, Protocol

from cloister.audit.cells import Job, Worker
from cloister.audit.store import Cell, Key
from cloister.audit.task import Task
from cloister.errors import CloisterError, OutsideError

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
    def open(
        self, task: Task, cache: Path, remark: Remark, warn: Remark = lambda _: None
    ) -> Iterator[Runner]:
        """A runner; closed with all its workers when left, by Ctrl-C too.

        Args:
            task: What is audited.
            cache: Folder of the features.
            remark: Told how far a cell is.
            warn: Told of each worker that was killed.
        """
        if self.cluster is not None:
            from cloister.audit.cluster import cluster  # noqa: PLC0415 - an extra

            with cluster(task, self.cluster, self.processes) as runner:
                yield runner
        elif self.processes > 1:
            pool = Processes(task, cache, self.processes, warn)
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
    while it imports: it inherits the blocked signal.

    Here it waits until the end. The blocked signal alone would not do: another thread (of a BLAS
    library) may take it, and Python then raises in this one, between starting a process and
    knowing of it.
    """
    if threading.current_thread() is not threading.main_thread():
        with _blocked():
            yield
        return
    came: list[FrameType | None] = []
    answer = signal.signal(signal.SIGINT, lambda _, frame: came.append(frame))
    try:
        with _blocked():
            yield
    finally:
        signal.signal(signal.SIGINT, answer)
        if came:
            signal.raise_signal(signal.SIGINT)


@contextlib.contextmanager
def _blocked() -> Iterator[None]:
    resource_tracker.ensure_running()  # it unblocks the signal behind itself
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Hand:
    """One worker process, and the cell that it computes.

    Args:
        device: Of torch; empty: the task's.
    """

    def __init__(self, device: str) -> None:
        context = multiprocessing.get_context("spawn")
        self.device = device
        self.job: Job | None = None
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, device), daemon=True)
        with deaf_to_interrupts():
            self.process.start()
        theirs.close()

    def tell(self, message: object) -> None:
        """Sends it something; nothing where it is dead, which `answer` says."""
        with contextlib.suppress(OSError):
            self.pipe.send(message)

    def take(self, job: Job) -> None:
        """Lets it compute a cell."""
        self.job = job
        self.tell(job)

    def answer(self) -> Cell | None:
        """The cell, or None where it died; an error in it is raised here."""
        try:
            said = self.pipe.recv()
        except (EOFError, OSError):
            return None
        if isinstance(said, Exception):
            raise said
        assert isinstance(said, Cell)
        self.job = None
        return said

    def end(self) -> None:
        """Busy or not."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


class Processes:
    """Worker processes of this machine, one GPU each in turn where there are any."""

    shares_disk = True

    def __init__(self, task: Task, cache: Path, count: int, warn: Remark) -> None:
        self.task, self.warn = (pickle.dumps(task), str(cache)), warn
        gpus = _gpus() if task.tier != "fast" else 0
        self.hands: list[Hand] = []
        try:
            for place in range(count):
                self.hands.append(Hand(f"cuda:{place % gpus}" if gpus else ""))
            for hand in self.hands:  # when all have started: they import at the same time
                hand.tell(self.task)
        except BaseException:
            self.close()
            raise

    def compute(self, jobs: Iterable[Job], told: Told) -> Iterator[tuple[Key, Cell]]:
        """Cells as they are finished; a killed worker's cell is computed again."""
        coming = iter(jobs)
        again: list[Job] = []
        deaths = 0
        while True:
            for hand in (h for h in self.hands if h.job is None):
                job = again.pop() if again else next(coming, None)
                if job is not None:
                    told(job)
                    hand.take(job)
            busy = {hand.pipe: hand for hand in self.hands if hand.job is not None}
            if not busy:
                return
            for pipe in wait(list(busy)):
                hand = busy[pipe]  # type: ignore[index, unused-ignore]
                job = hand.job
                assert job is not None
                cell = hand.answer()
                if cell is None:
                    deaths += 1
                    self._replace(hand, deaths)
                    again.append(job)
                else:
                    deaths = 0
                    yield job.key, cell

    def _replace(self, dead: Hand, deaths: int) -> None:
        """Another worker in a dead one's place."""
        assert dead.job is not None
        dead.end()
        key, how = dead.job.key, dead.process.exitcode
        if deaths > DEATHS_MAX:
            raise OutsideError(
                f"workers were killed {deaths} times without finishing a cell, the last one at "
                f"{key} (exit code {how})",
                code="worker-died",
                hint="Out of memory? Fewer --jobs need less; --resume goes on.",
            )
        self.warn(f"a worker was killed at {key} (exit code {how}); another computes it again")
        place = self.hands.index(dead)
        self.hands[place] = Hand(dead.device)
        self.hands[place].tell(self.task)

    def close(self) -> None:
        """Ends the workers, busy or not."""
        with deaf_to_interrupts():
            for hand in self.hands:
                hand.end()


def _gpus() -> int:
    import torch  # noqa: PLC0415 - heavy, and an extra

    return int(torch.cuda.device_count())


# ------------------------------------------------------------------------- in a worker's process
def _work(pipe: Connection, device: str) -> None:
    """Takes the task, then cells; ends with the process that started it."""
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        task, cache = pipe.recv()
        worker = Worker(pickle.loads(task), Path(cache), device or None)
        while True:
            pipe.send(_answer(worker, pipe.recv()))


def _answer(worker: Worker, job: Job) -> Cell | Exception:
    try:
        return worker.compute(job)
    except CloisterError as error:
        return error
    except Exception:
        return RuntimeError(f"in a worker, at {job.key}:\n{traceback.format_exc()}")


def _end_with_the_run() -> None:
    """Ends this process as soon as its parent is gone, killed or not."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
