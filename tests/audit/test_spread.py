"""Cells in processes and on a Ray cluster: the same numbers, and nothing lost when workers die."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from audit_kit import small_task

from cloister.audit.cells import Job
from cloister.audit.run import run
from cloister.audit.spread import Hand, Spread
from cloister.audit.store import Store
from cloister.audit.world import Cache, World
from cloister.errors import OutsideError, UserError


def numbers(store: Store) -> dict[object, dict[str, np.ndarray]]:
    return {key: store.get(key).arrays for key in store.done()}


def assert_equal(one: Store, other: Store) -> None:
    a, b = numbers(one), numbers(other)
    assert a.keys() == b.keys()
    for key, arrays in a.items():
        for name, array in arrays.items():
            assert np.array_equal(array, b[key][name], equal_nan=True), (key, name)


def test_processes_give_the_numbers_of_one(network: Path, audited: Store, tmp_path: Path) -> None:
    assert_equal(run(small_task(network), tmp_path / "run", spread=Spread(2)), audited)


def kill_when_it_begins(monkeypatch: pytest.MonkeyPatch, times: int) -> list[Hand]:
    """Workers are killed as soon as they are given a cell, the first so many times."""
    killed: list[Hand] = []
    real = Hand.take

    def take(self: Hand, job: Job) -> None:
        real(self, job)
        if len(killed) < times:
            killed.append(self)
            self.process.kill()

    monkeypatch.setattr(Hand, "take", take)
    return killed


def test_a_killed_worker_is_reported_and_its_cell_computed_again(
    network: Path, audited: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = kill_when_it_begins(monkeypatch, 1)
    told: list[str] = []
    store = run(small_task(network), tmp_path / "run", spread=Spread(2), warn=told.append)
    assert len(killed) == len(told) == 1
    assert "a worker was killed at reference (same source)" in told[0] and "again" in told[0]
    assert_equal(store, audited)


def test_workers_that_die_again_and_again_are_an_error(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kill_when_it_begins(monkeypatch, 99)
    with pytest.raises(OutsideError) as error:
        run(small_task(network, 60), tmp_path / "run", spread=Spread(2))
    assert error.value.code == "worker-died" and "--resume" in error.value.hint
    assert run(small_task(network, 60), tmp_path / "run").fact("facts")["complete"]


def test_an_interrupt_while_a_worker_starts_waits_until_it_is_known() -> None:
    """Another thread may take the signal; Python then raises in the main one, blocked or not."""
    code = (
        "import os, signal, threading, time\n"
        "from cloister.audit.spread import deaf_to_interrupts\n"
        "def other():\n"
        "    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})\n"
        "    time.sleep(30)\n"
        "threading.Thread(target=other, daemon=True).start()\n"
        "said = []\n"
        "try:\n"
        "    with deaf_to_interrupts():\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(0.3)\n"
        "        said.append('whole')\n"
        "except KeyboardInterrupt:\n"
        "    said.append('interrupted')\n"
        "print(said)\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60)
    assert said.strip() == "['whole', 'interrupted']"


def test_an_error_in_a_worker_is_the_runs_error(network: Path, tmp_path: Path) -> None:
    task = small_task(network, 60)
    store = Store.create(tmp_path / "run", task.question())
    cache = Cache(task, World.of(task), store.cache)
    for cut in task.cuts:  # what a worker opens is there, and no file
        cache.wanted(cut).file.mkdir()
    with pytest.raises(RuntimeError, match=r"(?s)in a worker.*Is a directory"):
        run(task, tmp_path / "run", spread=Spread(2))


def test_errors_survive_the_way_from_a_worker() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(UserError("what", code="which", hint="how")))
    assert (type(error), error.message, error.code, error.hint) == (
        UserError, "what", "which", "how",
    )  # fmt: skip


@pytest.fixture
def two_nodes():  # noqa: ANN201
    pytest.importorskip("ray", reason="clusters need ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


@pytest.mark.slow
def test_a_cluster_of_two_nodes_gives_the_same_numbers(
    network: Path, audited: Store, tmp_path: Path, two_nodes: object
) -> None:
    spread = Spread(cluster=two_nodes.address)  # type: ignore[attr-defined]
    assert_equal(run(small_task(network), tmp_path / "run", spread=spread), audited)


@pytest.mark.slow
def test_a_node_that_dies_costs_its_cells_which_another_computes(
    network: Path, audited: Store, tmp_path: Path, two_nodes: object
) -> None:
    lost: list[str] = []

    def progress(text: str, done: int, _: int) -> None:
        if done >= 3 and not lost:
            lost.append(text)
            two_nodes.remove_node(two_nodes.list_all_nodes()[1])  # type: ignore[attr-defined]

    spread = Spread(cluster=two_nodes.address)  # type: ignore[attr-defined]
    store = run(small_task(network), tmp_path / "run", progress, spread=spread)
    assert lost
    assert_equal(store, audited)


@pytest.mark.slow
def test_a_cluster_that_goes_away_is_an_error_and_the_run_goes_on_without(
    network: Path, audited: Store, tmp_path: Path, two_nodes: object
) -> None:
    lost: list[str] = []

    def progress(text: str, done: int, _: int) -> None:
        if done >= 2 and not lost:
            lost.append(text)
            for node in two_nodes.list_all_nodes():  # type: ignore[attr-defined]
                node.kill_all_processes(check_alive=False, allow_graceful=False)

    spread = Spread(cluster=two_nodes.address)  # type: ignore[attr-defined]
    start = time.monotonic()
    with pytest.raises(OutsideError) as error:
        run(small_task(network), tmp_path / "run", progress, spread=spread)
    assert error.value.code == "cluster-gone" and time.monotonic() - start < 280
    finished = Store(tmp_path / "run").done()
    assert finished
    steps: list[str] = []
    store = run(small_task(network), tmp_path / "run", lambda text, *_: steps.append(text))
    assert not {str(key) for key in finished} & set(steps), "nothing is computed twice"
    assert_equal(store, audited)


@pytest.mark.slow
def test_a_cluster_that_is_not_there_is_an_error_and_the_run_goes_on_without(
    network: Path, tmp_path: Path
) -> None:
    pytest.importorskip("ray", reason="clusters need ray")
    with pytest.raises(OutsideError) as error:
        run(small_task(network, 60), tmp_path / "run", spread=Spread(cluster="127.0.0.1:1"))
    assert error.value.code == "cluster-gone"
    assert run(small_task(network, 60), tmp_path / "run").fact("facts")["complete"]


def test_another_kind_of_run_is_refused_before_workers_start(network: Path, audited: Store) -> None:
    with pytest.raises(UserError, match="another question"):
        run(small_task(network, seed=1), audited.folder, spread=Spread(2))
