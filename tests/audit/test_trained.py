"""Trained attackers: what they find, what they refuse, and that their numbers can be repeated."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="trained attackers need torch")

from audit_kit import small_task

from cloister.audit import psdec, training
from cloister.audit.attackers import ATTACKERS, PSDEC, THROUGH, Budget, Means
from cloister.audit.cells import Job, Worker
from cloister.audit.features import Features, Part
from cloister.audit.measures import ms_ssim
from cloister.audit.outcome import outcome
from cloister.audit.pairs import Pairs
from cloister.audit.run import run
from cloister.audit.self_check import PLANTED, TRIED_ALONE, attack_planted
from cloister.audit.sets import SAME
from cloister.audit.store import Key, Store
from cloister.audit.task import Task
from cloister.audit.tiers import focus, wanted
from cloister.errors import OutsideError

TINY = Budget(pairs=96, epochs=1, width_max=64, steps=6, tried=4)
torch.set_num_threads(1)


def pairs_of(*shapes: tuple[int, ...], count: int = 60, side: int = 16) -> Pairs:
    """Crossing tensors of random numbers."""
    random = np.random.default_rng(0)
    parts, start = [], 0
    for shape in shapes:
        parts.append(Part(start, shape))
        start += parts[-1].size
    rows = random.standard_normal((count, start)).astype(np.float32)
    y = random.random((count, 3, side, side), np.float32)
    places = np.arange(count)
    train, validation, victims = places[:40], places[40:50], places[50:]
    return Pairs(
        Features(rows, tuple(parts)), train, validation, victims, y[train], y[validation]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shapes", "grid", "width"),
    [
        (((8, 16, 16),), (16, 16), 64),
        (((256, 4, 4),), (4, 4), 256),
        (((8, 16, 16), (40, 8, 8)), (16, 16), 64),  # several tensors: the largest grid
        (((17, 24),), (4, 4), 64),  # tokens with a class token
        (((16, 24),), (4, 4), 64),
        (((100,),), (4, 4), 64),
        (((64, 1, 1), (10,)), (4, 4), 128),
        (((8, 5, 7),), (5, 7), 64),
    ],
    ids=str,
)
def test_psdec_fits_every_form_of_cut(
    shapes: tuple[tuple[int, ...], ...], grid: tuple[int, int], width: int
) -> None:
    pairs = pairs_of(*shapes)
    decoder = psdec.build(pairs, Means())
    assert (decoder.grid, decoder.width) == (grid, width)
    x = training.Inputs(pairs, "cpu")(pairs.victims)
    assert tuple(decoder(x).shape) == (10, 3, 16, 16)


def test_psdec_begins_as_the_mean_picture() -> None:
    pairs = pairs_of((8, 16, 16))
    made = psdec.build(pairs, Means())(training.Inputs(pairs, "cpu")(pairs.victims))
    assert np.allclose(made.detach().numpy(), pairs.mean_CHW, atol=1e-6)


def test_the_loss_is_the_measure() -> None:
    random = np.random.default_rng(1)
    a = random.random((3, 3, 32, 32), np.float32)
    b = np.clip(a + random.normal(0, 0.1, a.shape), 0, 1).astype(np.float32)
    ours = float(psdec.ms_ssim(torch.from_numpy(a), torch.from_numpy(b)))
    assert ours == pytest.approx(ms_ssim(a, b).mean(), abs=1e-5)


def test_the_same_seed_gives_the_same_numbers_and_another_others() -> None:
    pairs, means = pairs_of((8, 16, 16)), Means(budget=replace(TINY, pairs=30))
    first, again = psdec.attack(pairs, means), psdec.attack(pairs, means)
    other = psdec.attack(pairs, replace(means, seed=1))
    assert first is not None and again is not None and other is not None
    assert np.array_equal(first.validation_NCHW, again.validation_NCHW)
    assert not np.array_equal(first.validation_NCHW, other.validation_NCHW)


def test_the_callers_draws_are_not_disturbed() -> None:
    torch.manual_seed(5)
    wanted_draw = torch.rand(3)
    torch.manual_seed(5)
    psdec.attack(pairs_of((8, 16, 16)), Means(budget=replace(TINY, epochs=1)))
    assert torch.equal(torch.rand(3), wanted_draw)


def test_out_of_memory_takes_a_smaller_batch_and_begins_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pairs, means = pairs_of((8, 16, 16)), Means(budget=replace(TINY, pairs=12, epochs=1))
    asked: list[int] = []
    real = psdec._loop

    def scarce(*given, batch, **more):  # noqa: ANN001, ANN002, ANN003, ANN202
        asked.append(batch)
        real(*given, batch=batch, **more)
        if batch > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(psdec, "_loop", scarce)
    made = psdec.attack(pairs, means)
    assert asked == [8, 4, 2] and made is not None and made.facts["batch"] == 2
    monkeypatch.undo()
    small = psdec.attack(pairs, replace(means, budget=replace(means.budget, batch=2)))
    assert small is not None and np.array_equal(small.victims_NCHW, made.victims_NCHW)


def test_not_one_picture_fitting_is_an_error_with_its_name() -> None:
    def work(batch: int) -> None:
        raise MemoryError

    with pytest.raises(OutsideError) as error:
        training.with_room(work, 4)
    assert error.value.code == "out-of-memory"


def test_other_faults_are_not_taken_for_memory() -> None:
    def work(batch: int) -> None:
        raise RuntimeError("shapes do not fit")

    with pytest.raises(RuntimeError, match="shapes"):
        training.with_room(work, 4)


LEAK, NOTHING = PLANTED[0], PLANTED[5]


def test_psdec_finds_a_planted_leak(tmp_path: Path) -> None:
    assert attack_planted(LEAK, PSDEC, tmp_path / "run").said == "LEAKS"


def test_psdec_calls_noise_no_leak(tmp_path: Path) -> None:
    assert attack_planted(PLANTED[4], PSDEC, tmp_path / "run", count=400).nothing


def test_the_white_box_finds_what_was_permuted(tmp_path: Path) -> None:
    assert attack_planted(PLANTED[1], "white box", tmp_path / "run", count=300).said == "LEAKS"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("attacker", "planted"),
    [(a, p) for a, names in TRIED_ALONE.items() for p in PLANTED if p.name in names],
    ids=lambda one: one if isinstance(one, str) else one.name,
)
def test_every_trained_attacker_answers_for_itself(
    attacker: str, planted: object, tmp_path: Path
) -> None:
    alone = attack_planted(planted, attacker, tmp_path / "run")  # type: ignore[arg-type]
    assert alone.said == ("LEAKS" if planted.leaks else "NOT SHOWN TO LEAK")  # type: ignore[attr-defined]


def standard(network: Path) -> Task:
    return replace(small_task(network, 300), tier="standard", budget=TINY)


@pytest.fixture(scope="module")
def audited_standard(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return run(standard(network), tmp_path_factory.mktemp("standard") / "run")


def test_the_standard_tier_trains_at_all_cuts_and_looks_closely_at_the_first_that_passes(
    network: Path, audited_standard: Store
) -> None:
    keys = {k for k in audited_standard.done() if k.kind == "attack"}
    task = standard(network)
    assert {k.cut for k in keys if k.attacker == PSDEC} == {c.id for c in task.cuts}
    close = focus(task, audited_standard)
    for cut in close:
        own = {(k.attacker, k.seed) for k in keys if k.cut == cut}
        assert {(PSDEC, 0), (PSDEC, 1), (PSDEC, 2)} <= own
        assert {"psdec, budget x 2", "psdec MS-SSIM", "conditional GAN", "white box",
                "white box from psdec"} <= {name for name, _ in own}  # fmt: skip
    assert not wanted(task, audited_standard)


def test_a_higher_tier_goes_on_with_a_lower_tiers_cells(network: Path, tmp_path: Path) -> None:
    task = replace(standard(network), tier="fast")
    store = run(task, tmp_path / "run")
    before = store.done()
    steps: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(replace(task, tier="standard"), store.folder, stop_after(steps, 2))
    assert before < store.done() and not any("ridge" in step for step in steps)


def stop_after(steps: list[str], count: int):  # noqa: ANN201
    def progress(text: str, *_: int) -> None:
        steps.append(text)
        if len(steps) > count:
            raise KeyboardInterrupt

    return progress


def test_the_black_box_knows_no_gradients(network: Path, tmp_path: Path) -> None:
    task = replace(standard(network), access="blackbox")
    store = Store.create(tmp_path / "run", task.question())
    asked = {w.key.attacker for stage in (wanted,) for w in stage(task, store)}
    from cloister.audit.tiers import FOCUSED, _attacks

    named = {w.key.attacker for w in _attacks(task, "relu1", SAME, FOCUSED)}
    assert not any(ATTACKERS[name].access == "whitebox" for name in named | asked if name)
    knows = {w.key.attacker for w in _attacks(standard(network), "relu1", SAME, FOCUSED)}
    assert {"white box", "white box from psdec"} <= knows


@pytest.mark.slow
def test_a_standard_run_that_was_killed_goes_on_and_ends_with_the_same_numbers(
    network: Path, audited_standard: Store, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    for count in (9, 14, 40):
        with contextlib.suppress(KeyboardInterrupt):
            run(standard(network), folder, stop_after([], count))
    again = run(standard(network), folder)
    assert again.done() == audited_standard.done()
    for key in again.done():
        wanted_arrays = audited_standard.get(key).arrays
        for name, array in again.get(key).arrays.items():
            assert np.array_equal(array, wanted_arrays[name], equal_nan=True), (key, name)


@pytest.mark.slow
def test_the_deep_tier_tries_everything_at_all_cuts(network: Path, tmp_path: Path) -> None:
    task = replace(standard(network), tier="deep", budget=replace(TINY, pairs=32, steps=3))
    task = replace(task, cuts=task.cuts[1:])
    store = run(task, tmp_path / "run")
    tried = {(k.cut, k.attacker, k.seed) for k in store.done() if k.kind == "attack"}
    everything = set(ATTACKERS) - {THROUGH}
    assert {(c.id, name, 0) for c in task.cuts for name in everything} <= tried
    assert {(c.id, PSDEC, seed) for c in task.cuts for seed in (1, 2)} <= tried
    for cut in outcome(store).cuts:
        (curve,) = (
            [cut.cell.facts["budget"]] if cut.cell.facts["attacker"] == PSDEC else [[1, 2, 3]]
        )
        assert len(curve) == 3  # once, twice, four times


def test_the_estimate_of_a_higher_tier_counts_its_training(network: Path) -> None:
    from cloister.audit.estimate import estimate_s

    task = standard(network)
    fast, middle, most = (estimate_s(replace(task, tier=t)) for t in ("fast", "standard", "deep"))
    assert 0 < fast < middle < most


def test_three_seeds_are_told_with_best_and_spread(audited_standard: Store) -> None:
    from cloister.cli.audit import result

    rows = result(outcome(audited_standard), []).cuts
    told = [row.seeds for row in rows if row.attacker == PSDEC and row.seeds is not None]
    for seeds in told:
        assert seeds.count == 3 and seeds.psnr_db_spread >= 0
    tried = [t for row in rows for t in row.attackers if t.attacker == PSDEC]
    assert {t.seed for t in tried} == {0, 1, 2}


def test_every_attacker_tried_is_told(audited_standard: Store) -> None:
    found = outcome(audited_standard)
    close = max(found.cuts, key=lambda c: len(c.tried))
    assert {one.attacker for one in close.tried} >= {"ridge", PSDEC, "conditional GAN"}
    assert close.tried[0].validation_psnr_db == max(
        one.validation_psnr_db for one in close.tried if one.validation_psnr_db is not None
    )


def test_an_earlier_cut_is_trained_again_through_the_later_one(
    network: Path, tmp_path: Path
) -> None:
    """Its answer is the later cut's, and what the earlier tensors add to it: never less on
    validation than a start at the mean with the same steps would be here."""
    task = replace(standard(network), budget=replace(TINY, epochs=2))
    worker = Worker(task, tmp_path)
    later = worker.compute(Job(Key("attack", "relu2", SAME, PSDEC)))
    nothing = {name: np.zeros_like(value) for name, value in later.kept.items()}
    key = Key("attack", "relu1", SAME, THROUGH)
    through = worker.compute(Job(key, later.kept, "relu2"))
    assert through.facts["settings"]["through"] == "relu2"
    assert through.arrays["validation_mse"].mean() <= later.arrays["validation_mse"].mean()
    blind = worker.compute(Job(key, nothing | {"mean": later.kept["mean"]}, "relu2"))
    assert not np.array_equal(blind.arrays["mse"], through.arrays["mse"])


def test_a_head_without_a_torch_form_is_refused_and_said(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cloister.audit.torch_head import RULES

    monkeypatch.delitem(RULES, "MaxPool")
    cell = Worker(standard(network), tmp_path).compute(
        Job(Key("attack", "relu2", SAME, "white box"))
    )
    assert "MaxPool" in cell.facts["refused"] and not cell.arrays


def test_victims_are_spared_where_validation_shows_another_to_be_better(
    network: Path, tmp_path: Path
) -> None:
    worker = Worker(standard(network), tmp_path)
    key = Key("attack", "relu2", SAME, "white box")
    spared = worker.compute(Job(key, rival=np.zeros(40)))
    assert "mse" not in spared.arrays and spared.facts["validation"]["psnr_db"] > 0
    attacked = worker.compute(Job(key, rival=np.full(40, 9.0)))
    assert "mse" in attacked.arrays
