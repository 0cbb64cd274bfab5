"""A run survives kills, answers one question, and its numbers can be repeated."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from audit_kit import small_task
from safetensors.numpy import load_file, save_file

from cloister.audit import VERSION
from cloister.audit import run as run_module
from cloister.audit.cells import Job, Worker
from cloister.audit.features import TENSOR
from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.self_check import PLANTED, Planted, audit_planted
from cloister.audit.sets import SAME
from cloister.audit.store import DATABASE, Cell, Key, Store
from cloister.audit.verdict import Limits
from cloister.audit.world import Cache, World
from cloister.errors import OutsideError, UserError


def test_shallow_leaks_and_the_ladder_falls(audited: Store) -> None:
    found = {c.judged.cut: c for c in outcome(audited).cuts}
    assert found["relu1"].judged.verdict == "LEAKS"
    errors = [found[c].cell.arrays["mse"].mean() for c in ("relu1", "relu2", "gap")]
    assert errors == sorted(errors)


def test_features_are_removed_when_their_cut_is_done(audited: Store) -> None:
    assert not list(audited.cache.iterdir())


def test_features_lie_in_a_file_that_safetensors_reads(network: Path, tmp_path: Path) -> None:
    task = small_task(network)
    cache = Cache(task, World.of(task), tmp_path)
    features, _ = cache.open(task.cuts[0])
    (file,) = tmp_path.glob("*.safetensors")
    (rows,) = load_file(file).values()
    assert isinstance(features.rows, np.memmap)
    assert rows.dtype == np.float32 and np.array_equal(rows, features.rows)


def test_pictures_at_once_change_no_number(network: Path, tmp_path: Path) -> None:
    task = small_task(network)
    files = []
    for at_once in (1, 3):
        cache = Cache(task, World.of(task), tmp_path / str(at_once))
        cache.prepare(task.cuts, lambda _: None, at_once)
        files.append({f.name: f.read_bytes() for f in cache.folder.glob("*.safetensors")})
    assert files[0] and files[0] == files[1]


def test_a_finished_run_computes_nothing_again(network: Path, audited: Store) -> None:
    steps: list[str] = []
    run(small_task(network), audited.folder, lambda text, *_: steps.append(text))
    assert steps == []


def test_the_same_seed_gives_the_same_files(network: Path, audited: Store, tmp_path: Path) -> None:
    again = run(small_task(network), tmp_path / "again")
    assert {f.name for f in again.files.iterdir()} == {f.name for f in audited.files.iterdir()}


def test_a_killed_run_goes_on_and_ends_with_the_same_numbers(
    network: Path, audited: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "killed"
    code = (
        "import sys; sys.path[:0] = sys.argv[1].split(':')\n"
        "from pathlib import Path\nfrom audit_kit import small_task\n"
        "from cloister.audit.run import run\n"
        "run(small_task(Path(sys.argv[2])), Path(sys.argv[3]))\n"
    )
    places = f"{Path(__file__).parent}:{Path(run_module.__file__).parents[2]}"
    process = subprocess.Popen([sys.executable, "-c", code, places, str(network), str(folder)])
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OutsideError):  # its tables are not made yet
            if (folder / DATABASE).exists() and Store(folder).has(
                Key("attack", "relu1", SAME, "ridge")
            ):
                break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    steps: list[str] = []
    again = run(small_task(network), folder, lambda text, *_: steps.append(text))
    assert "relu1 · ridge (same source)" not in steps, "nothing is computed twice"
    assert any(step.startswith("gap · ") for step in steps)
    kept = {f.name for f in again.files.iterdir() if f.suffix == ".npz"}
    assert {f.name for f in audited.files.iterdir()} <= kept


def test_another_question_is_refused(network: Path, audited: Store) -> None:
    with pytest.raises(UserError, match="another question") as error:
        run(small_task(network, seed=1), audited.folder)
    assert error.value.code == "other-run" and "its seed is 0, now 1" in error.value.message


def test_a_refused_run_says_what_differs(audited: Store) -> None:
    """The model first, and of long lists what is gone and new."""
    asked = audited.question
    other = asked | {"model": "ab" * 32, "cuts": [*asked["cuts"][1:], "tail.relu"]}
    with pytest.raises(UserError) as error:
        Store.create(audited.folder, other)
    said = error.value.message.partition("question: ")[2]
    assert said.startswith(f"its model is {asked['model'][:16]}, now {'ab' * 8}; ")
    assert f"cuts: 1 gone, as {asked['cuts'][0]}, 1 new, as tail.relu" in said


def test_a_run_needs_a_folder_that_can_be_written_to(audited: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(UserError) as error:
        Store.create(tmp_path / "file", audited.question)
    assert error.value.code == "not-writable"


def test_a_run_of_another_version_is_refused(network: Path, tmp_path: Path, audited: Store) -> None:
    folder = tmp_path / "old"
    Store.create(folder, audited.question)
    with sqlite3.connect(folder / DATABASE) as db:
        old = f"replace(value, '\"version\": {VERSION}', '\"version\": 0')"
        db.execute(f"UPDATE facts SET value = {old}")
    db.close()
    with pytest.raises(UserError, match="version 0"):
        Store.open(folder)


def test_an_unfinished_run_is_told_apart_from_a_finished_one(
    tmp_path: Path, audited: Store
) -> None:
    store = Store.create(tmp_path / "half", audited.question)
    store.set_fact("facts", audited.fact("facts") | {"complete": False})
    with pytest.raises(UserError, match="not finished"):
        outcome(store)


def test_a_changed_file_is_noticed(network: Path, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "run", {"version": VERSION})
    key = Key("attack", "a", "s")
    store.put(key, Cell({}, {"x": np.arange(5)}, 1.0))
    (path,) = store.files.iterdir()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(OutsideError, match="was changed"):
        store.get(key)


def test_a_damaged_database_is_an_error_with_its_name(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 100)
    with pytest.raises(OutsideError, match=DATABASE):
        Store.open(tmp_path)


def test_a_cache_that_cannot_be_written_is_told_and_the_run_goes_on_later(
    network: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "full"
    store = Store.create(folder, small_task(network).question())
    store.cache.rmdir()
    store.cache.symlink_to("/dev/null")  # a cache that cannot hold files
    with pytest.raises(UserError, match="was not written"):
        run(small_task(network), folder)
    store.cache.unlink()
    assert outcome(run(small_task(network), folder)).cuts


def test_the_fast_tier_needs_no_torch() -> None:
    code = (
        "import sys, cloister.audit.self_check, cloister.audit.run, cloister.cli.audit\n"
        "assert not {'torch', 'torchvision', 'skimage'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_other_limits_need_no_new_attack(audited: Store) -> None:
    strict, lax = outcome(audited, Limits(thumbnail=1)), outcome(audited, Limits(thumbnail=7.9))
    assert sum(c.judged.leaked for c in strict.cuts) >= sum(c.judged.leaked for c in lax.cuts)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda p: p.name)
def test_planted_leaks_are_found_and_nothing_is_never_called_a_leak(
    planted: Planted, tmp_path: Path
) -> None:
    (cut,) = audit_planted(planted, tmp_path / "run").cuts
    assert cut.judged.verdict == ("LEAKS" if planted.leaks else "NOT SHOWN TO LEAK")


def test_nan_at_a_cut_is_counted_and_attacked_as_zero(network: Path, tmp_path: Path) -> None:
    task = small_task(network, 60)
    worker = Worker(task, tmp_path)
    cut = task.cuts[0]
    worker.cache.open(cut)
    file = worker.cache.wanted(cut).file
    (rows,) = load_file(file).values()
    rows[0, 0] = np.nan
    save_file({TENSOR: rows}, file)
    cell = worker.compute(Job(Key("match", cut.id, SAME)))
    assert cell.facts["faulty"] == 1
    cell = worker.compute(Job(Key("attack", cut.id, SAME, "ridge")))
    assert np.isfinite(cell.arrays["mse"]).all()


def test_a_task_travels(network: Path) -> None:
    import pickle

    task = small_task(network, 60)
    again = pickle.loads(pickle.dumps(task))
    assert again.question() == task.question() and again.sets.digest == task.sets.digest
    assert [[n.name for n in c.head_nodes] for c in again.cuts] == [
        [n.name for n in c.head_nodes] for c in task.cuts
    ]
