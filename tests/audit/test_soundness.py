"""Rules of a sound audit that need a run, or what a run computes; the verdict's own rules are in
test_verdict.py, the intervals' in test_statistics.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audit_kit import small_task

from cloister.audit import VERSION, ridge
from cloister.audit.attackers import Means
from cloister.audit.cells import Job, Worker
from cloister.audit.features import BLOCK_NUMBERS
from cloister.audit.outcome import CutOutcome, outcome
from cloister.audit.pairs import Guess, Pairs
from cloister.audit.planted import wanted_side
from cloister.audit.run import run
from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import SAME, Pictures, make_sets
from cloister.audit.store import Cell, Key, Store
from cloister.audit.verdict import Limits
from cloister.cli.audit import result
from cloister.errors import OutsideError, UserError
from cloister.report.page import render


def cell_of(attacker: str, *, validation: float, victims: float, budget: list[list[float]]) -> Cell:
    """An attack's cell in which all errors are equal."""
    shape, shown = (3, 16, 16), np.arange(10)
    count = np.full(140, victims)
    arrays = {
        "validation_mse": np.full(60, validation), "mse": count, "floor_mse": np.full(140, 0.05),
        "psnr_db": -10 * np.log10(count), "thumbnail": np.full(140, 1.0),
        "ssim": np.full(140, 0.5), "ms_ssim": np.full(140, 0.5), "gmsd": np.full(140, 0.2),
        "rank_reconstruction": np.full(140, 99), "shown": shown,
        "shown_pixels": np.zeros((10, *shape), np.uint8),
    }  # fmt: skip
    facts = {
        "shrink": 1.0, "below_floor": False, "settings": {}, "budget": budget,
        "validation": {"psnr_db": float(-10 * np.log10(validation)), "ssim": 0.5},
    }  # fmt: skip
    return Cell(facts, arrays, 1.0)


@pytest.fixture
def only_gap(network: Path, tmp_path: Path) -> Store:
    """A finished run of one cut, whose attacks the tests replace."""
    task = small_task(network)
    return run(replace(task, cuts=[c for c in task.cuts if c.id == "gap"]), tmp_path / "run")


def attacked(store: Store, *cells: tuple[str, int, Cell]) -> CutOutcome:
    for attacker, seed, cell in cells:
        store.put(Key("attack", "gap", SAME, attacker, seed), cell)
    (cut,) = outcome(store).cuts
    return cut


def test_the_attack_is_chosen_on_validation_not_on_victims(only_gap: Store) -> None:
    flat = [[10.0, 20.0], [20.0, 20.1]]
    cut = attacked(
        only_gap,
        ("ridge", 0, cell_of("ridge", validation=0.010, victims=0.030, budget=flat)),
        ("local ridge", 0, cell_of("local ridge", validation=0.020, victims=0.001, budget=flat)),
    )
    assert cut.cell.facts["attacker"] == "ridge"
    assert cut.cell.arrays["mse"].mean() == pytest.approx(0.030)


def test_the_attacker_of_the_similarities_is_named_where_it_is_another(only_gap: Store) -> None:
    flat = [[10.0, 20.0], [20.0, 20.1]]
    near = cell_of("ridge", validation=0.010, victims=0.030, budget=flat)
    alike = cell_of("local ridge", validation=0.020, victims=0.035, budget=flat)
    alike.facts["validation"]["ssim"] = 0.9
    alike.arrays["gmsd"][:] = 0.1
    attacked(only_gap, ("ridge", 0, near), ("local ridge", 0, alike))
    found = outcome(only_gap)
    row = result(found, []).cuts[0]
    assert (row.attacker, row.similarity_attacker) == ("ridge", "local ridge")
    assert row.gmsd == pytest.approx(0.1)
    only_gap.set_fact("facts", only_gap.fact("facts") | {"command": "", "skipped": []})
    assert "ridge (SSIM, MS-SSIM, GMSD: local ridge)" in render([outcome(only_gap)])


@pytest.mark.parametrize("limit", [16, 24])
def test_a_limit_that_nothing_can_exceed_is_refused(
    network: Path, tmp_path: Path, only_gap: Store, limit: int
) -> None:
    task = replace(small_task(network), limits=Limits(limit))
    for call in (lambda: run(task, tmp_path / "other"), lambda: outcome(only_gap, Limits(limit))):
        with pytest.raises(UserError, match="can never be exceeded: 16 x 16 pixels") as error:
            call()
        assert error.value.hint == "Give a limit below 16."
    assert outcome(only_gap, Limits(15.9)).cuts


def test_any_limit_below_the_side_of_the_picture_can_be_asked_for(
    network: Path, tmp_path: Path
) -> None:
    """The control plants no more than the picture, however large the limit is."""
    key = Key("control", "2048", SAME, "ridge")
    for wanted, side in ((31, 16), (wanted_side(8, 16), 12)):
        task = replace(small_task(network, 900), control_side=wanted)
        facts = Worker(task, tmp_path / str(wanted)).compute(Job(key)).facts
        assert (facts["side"], facts["fits"]) == (side, False)
    assert facts["found"] and facts["thumbnail_p50"] > 8


@pytest.mark.parametrize(("gain", "limited"), [(0.29, False), (0.31, True)])
def test_a_budget_whose_last_doubling_still_gains_is_flagged_budget_limited(
    only_gap: Store, gain: float, limited: bool
) -> None:
    curve = [[100.0, 10.0], [200.0, 19.0], [400.0, 19.0 + gain]]
    cell = cell_of("ridge", validation=0.001, victims=0.03, budget=curve)
    flags = attacked(only_gap, ("ridge", 0, cell)).flags
    assert any(flag.startswith("budget-limited") for flag in flags) == limited


def test_the_points_of_a_family_of_budgets_are_one_curve(only_gap: Store) -> None:
    cells = [
        (name, 0, cell_of(name, validation=v, victims=0.03, budget=[[float(n), db]]))
        for name, n, db, v in (
            ("psdec", 100, 20.0, 0.003), ("psdec, budget x 2", 200, 21.0, 0.002),
            ("psdec, budget x 4", 400, 21.1, 0.001),
        )
    ]  # fmt: skip
    cut = attacked(only_gap, *cells)
    assert cut.cell.facts["budget"] == [[100, 20.0], [200, 21.0], [400, 21.1]]
    assert not cut.cell.facts["budget_limited"]


def test_both_assumptions_on_the_attackers_pictures_are_tried_and_the_better_for_him_is_shown(
    network: Path, tmp_path: Path
) -> None:
    """The other source is noise: who has learnt from it knows less."""
    noise = np.random.default_rng(7).integers(0, 256, (300, 16, 16, 3)).astype(np.uint8)
    other = Pictures("noise", tuple(map(str, range(300))), noise)
    sets = make_sets(drawn_pictures(420, 5), [other], victims_max=120)
    task = replace(small_task(network), sets=sets)
    task = replace(task, cuts=[c for c in task.cuts if c.id == "relu2"])
    store = run(task, tmp_path / "run")
    (cut,) = outcome(store).cuts
    assert [entry["source"] for entry in outcome(store).facts["sources"]] == [SAME, "noise"]
    assert cut.source == SAME and set(cut.others) == {"noise"}
    assert cut.cell.arrays["mse"].mean() < cut.others["noise"].arrays["mse"].mean()
    row = result(outcome(store), []).cuts[0]
    assert [one.source for one in row.assumptions] == [SAME, "noise"] and row.source == SAME
    assert row.assumptions[0].psnr_db > row.assumptions[1].psnr_db
    store.set_fact("facts", store.fact("facts") | {"command": "", "skipped": []})
    page = render([outcome(store)])
    assert "What if the attacker has other pictures?" in page
    for one in row.assumptions:
        assert f"{one.thumbnail_p95:.1f}; {one.psnr_db:.1f} dB" in page


def test_an_attacker_that_is_significantly_below_the_floor_is_found_to_be(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does well on validation and answers noise for the victims."""

    def broken(pairs: Pairs, _: Means) -> Guess:
        noise = np.random.default_rng(0).random((len(pairs.victims), 3, 16, 16), np.float32)
        return Guess("ridge", pairs.validation_NCHW, noise, (), {})

    worker = Worker(small_task(network, 200), tmp_path)
    key = Key("attack", "gap", SAME, "ridge")
    assert not worker.compute(Job(key)).facts["below_floor"]
    monkeypatch.setattr(ridge, "attack", broken)
    assert worker.compute(Job(key)).facts["below_floor"]


def test_competence_an_attacker_that_knows_nothing_does_not_find_the_planted_tensor(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(small_task(network, 400), tmp_path)
    key = Key("control", "2048", SAME, "ridge")
    assert worker.compute(Job(key)).facts["found"]

    def ignorant(pairs: Pairs, _: Means) -> Guess:
        def mean(places: np.ndarray) -> np.ndarray:
            return np.repeat(pairs.mean_CHW[None], len(places), 0)

        return Guess("ridge", mean(pairs.validation), mean(pairs.victims), (), {})

    monkeypatch.setattr(ridge, "attack", ignorant)
    assert not worker.compute(Job(key)).facts["found"]


def test_whoever_holds_the_exact_picture_finds_it_at_every_cut(audited: Store) -> None:
    """The network is deterministic: equal pictures have equal tensors, down to the last cut."""
    from cloister.audit.matching import found, match_ranks

    reference = audited.get(Key("reference", source=SAME))
    originals = reference.arrays["victims"].astype(np.float32) / 255
    ranks = match_ranks(originals, originals, reference.arrays["mean"])
    assert found(ranks).all()


# --------------------------------------------------------------------------------- out of memory
def test_out_of_memory_reads_smaller_blocks_and_computes_the_cell_anew(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Key("attack", "relu1", SAME, "ridge")
    whole = Worker(small_task(network, 200), tmp_path / "a").compute(Job(key))
    asked: list[int] = []
    real = ridge.attack

    def scarce(pairs: Pairs, means: Means) -> Guess | None:
        asked.append(pairs.features.block)
        if len(asked) < 3:
            raise MemoryError
        return real(pairs, means)

    monkeypatch.setattr(ridge, "attack", scarce)
    again = Worker(small_task(network, 200), tmp_path / "b").compute(Job(key))
    assert asked == [BLOCK_NUMBERS, BLOCK_NUMBERS // 2, BLOCK_NUMBERS // 4]
    assert np.allclose(again.arrays["mse"], whole.arrays["mse"], rtol=1e-4)


def test_memory_that_is_never_enough_is_an_error_that_names_the_cell(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(ridge, "attack", never)
    with pytest.raises(OutsideError, match="relu1 · ridge") as error:
        Worker(small_task(network, 60), tmp_path).compute(
            Job(Key("attack", "relu1", SAME, "ridge"))
        )
    assert error.value.code == "out-of-memory"


# ------------------------------------------------------------------------------------- full disk
@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root mounts a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


AUDIT = (
    "import sys; sys.path[:0] = sys.argv[1].split(':')\n"
    "from pathlib import Path\nfrom audit_kit import small_task\n"
    "from cloister.audit.run import run\nfrom cloister.errors import OutsideError\n"
    "try:\n    run(small_task(Path(sys.argv[2])), Path(sys.argv[3]))\n"
    "except OutsideError as error:\n    print(error.code, '|', error.message, '|', error.hint)\n"
)


def test_a_full_disk_is_an_error_not_a_crash_and_the_run_goes_on_when_there_is_room(
    network: Path, small_disk: Path, audited: Store
) -> None:
    """In a process of its own: a sparse file that is mapped would kill it with SIGBUS."""
    import cloister

    places = f"{Path(__file__).parent}:{Path(cloister.__file__).parents[1]}"
    code = [sys.executable, "-c", AUDIT, places, str(network), str(small_disk / "run")]
    done = subprocess.run(code, check=False, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("disk-full | ") and "resume" in done.stdout
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    again = run(small_task(network), small_disk / "run")
    assert again.done() == audited.done()


def test_a_full_disk_under_the_database_is_called_so(small_disk: Path) -> None:
    store = Store.create(small_disk / "run", {"version": VERSION})
    (small_disk / "filler").write_bytes(bytes((2 << 20) - (64 << 10)))
    with pytest.raises(OutsideError) as error:
        for place in range(99):
            store.set_fact(str(place), "x" * 9000)
    assert error.value.code == "disk-full"
    (small_disk / "filler").unlink()
    store.set_fact("again", 1)
    assert store.fact("again") == 1
