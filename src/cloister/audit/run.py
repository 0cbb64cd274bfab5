"""One audit: every cut attacked, cell by cell, into a store.

Steps:
(1) the question: model, pictures, cuts and seed by digest; a store of another question is refused;
(2) references once: what is had without features (floors) and what no attacker has (oracles);
(3) for each group of cuts that fits the cache: features of all pictures in one pass;
(4) for each cut and source: attack, measure, record; the positive control of its width beside it;
(5) the cache of a finished cut is removed.

A cell that is in the store is not computed again. Verdicts are not stored: `judge` draws them from
the cells, so that another limit needs no new attack.
"""

from __future__ import annotations

import hashlib
import itertools
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister import __version__
from cloister.audit import VERSION
from cloister.audit.features import (
    CACHE_BYTES,
    Features,
    Lot,
    Wanted,
    extract_features,
    groups,
    plan_parts,
)
from cloister.audit.guess import rebuild
from cloister.audit.intervals import bootstrap_mean
from cloister.audit.matching import found, match_ranks, ranks
from cloister.audit.measures import Doubles, gmsd, ms_ssim, mse, psnr_db, ssim
from cloister.audit.pairs import Pairs
from cloister.audit.pictures import (
    as_inputs,
    as_targets,
    changed_copies,
    side_of,
    target_size,
)
from cloister.audit.planted import SIDE, plant, planted_side
from cloister.audit.sets import Sets
from cloister.audit.store import Cell, Store
from cloister.audit.thumbnail import ladder, ladder_errors, thumbnails, worth
from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph
from cloister.preprocess import Preprocess

Floats = NDArray[np.float32]
Step = Callable[[str], None]

# The positive control is found where the median reconstruction is worth so much of the planted
# side, or comes so near to the planted thumbnail's own error.
CONTROL_SHARE: Final = 0.8
CONTROL_SLACK_DB: Final = 0.5
# Victims whose reconstructions are kept for people to look at, the same ones at every cut.
SHOWN: Final = 8
_LOT: Final = 256
_TOLD: Final = 100
TIERS: Final = ("fast",)


@dataclass(frozen=True)
class Task:
    """What is audited.

    Args:
        graph: The network.
        how: How pictures become its input.
        sets: Victims and what the attackers know.
        cuts: Where to attack.
        seed: Of everything that is drawn.
        threads: Of ONNX Runtime.
        cache_bytes: Bound of the features on disk.
        control_side: Side of the thumbnail that the positive control plants.
        facts: What a reader needs besides: command, skipped files.
    """

    graph: Graph
    how: Preprocess
    sets: Sets
    cuts: Sequence[Cut]
    seed: int = 0
    threads: int = 1
    cache_bytes: int = CACHE_BYTES
    control_side: int = SIDE
    facts: dict[str, Any] = field(default_factory=dict)

    def question(self) -> dict[str, Any]:
        """What the numbers depend on."""
        return {
            "version": VERSION,
            "tier": "fast",
            "model": self.graph.sha256,
            "model_name": self.graph.name,
            "pictures": self.sets.digest,
            "preprocess": self.how.to_manifest(),
            "cuts": [cut.id for cut in self.cuts],
            "seed": self.seed,
            "control_side": self.control_side,
        }

    @property
    def name(self) -> str:
        """Short and the same for the same question."""
        digest = hashlib.sha256(repr(sorted(self.question().items())).encode()).hexdigest()
        return f"audit-{self.graph.name}-{digest[:10]}"


@dataclass(frozen=True)
class _World:
    """All pictures in one order: victims, their changed copies, then each source's."""

    task: Task
    targets: Floats
    victims: NDArray[np.intp]
    changed: NDArray[np.intp]
    train: tuple[NDArray[np.intp], ...]
    validation: tuple[NDArray[np.intp], ...]
    lots: tuple[Lot, ...]

    def pairs(self, features: Features, source: int) -> Pairs:
        """What the attacker of one source has at a cut."""
        train, validation = self.train[source], self.validation[source]
        return Pairs(
            features, train, validation, self.victims, self.targets[train],
            self.targets[validation],
        )  # fmt: skip


def run(
    task: Task, folder: Path, step: Step = lambda _: None, remark: Step = lambda _: None
) -> Store:
    """Computes what the store does not have yet.

    Args:
        task: What is audited.
        folder: The run's.
        step: Told at the start of each step what it does.
        remark: Told how far a long step is.

    Raises:
        UserError: The folder holds a run of another question; the network takes other inputs.
        OutsideError: The disk is full.
    """
    # (1)
    if len(task.graph.inputs) != 1 or task.graph.inputs[0].shape != task.how.shape:
        raise UserError(
            f"{task.graph.name} takes {[list(i.shape) for i in task.graph.inputs]}, the pictures "
            f"become {list(task.how.shape)}",
            code="bad-preprocess",
        )
    store = Store.create(folder, task.question())
    _record(task, store)
    world = _world(task)
    # (2)
    for place, assumption in enumerate(task.sets.assumptions):
        if not store.has("reference", "", assumption.source):
            step(f"floors, {assumption.source}")
            store.put("reference", "", assumption.source, _references(world, place))
    # (3)
    target = (int(world.targets.shape[2]), int(world.targets.shape[3]))
    open_cuts = [cut for cut in task.cuts if not _done(store, task, cut)]
    wanted = [Wanted(c, plan_parts(c, target), _cache_file(store, c)) for c in open_cuts]
    sizes = [4 * one.parts[-1].stop * len(world.targets) for one in wanted]
    attack = _Attack(task, store, world, step, remark)
    for group in groups(sizes, task.cache_bytes):
        attack.prepare([wanted[i] for i in group])
        for one in (wanted[i] for i in group):
            # (4)
            attack.cut(one.cut, Features(np.load(one.file, "r"), one.parts))
            # (5)
            one.file.unlink()
    return store


def cells(task: Task) -> int:
    """How many steps `run` announces, at most."""
    return len(task.sets.assumptions) * (1 + 2 * len(task.cuts)) + 1


def _done(store: Store, task: Task, cut: Cut) -> bool:
    return all(store.has("attack", cut.id, a.source) for a in task.sets.assumptions)


def _record(task: Task, store: Store) -> None:
    sets = task.sets
    store.set_fact(
        "facts",
        {
            "victims": len(sets.victims),
            "victims_source": sets.victims.source,
            "duplicates": sets.duplicates,
            "sources": [
                {"source": a.source, "train": len(a.train), "validation": len(a.validation)}
                for a in sets.assumptions
            ],
            "versions": {
                "cloister": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
            "machine": platform.machine(),
            "heads": {cut.id: sorted(str(n.name) for n in cut.head_nodes) for cut in task.cuts},
            "crossing": {cut.id: [info.to_json() for info in cut.crossing] for cut in task.cuts},
            "input": list(task.how.size),
            "target": list(target_size(*task.how.size)),
            **task.facts,
        },
    )


def _world(task: Task) -> _World:
    blocks = [task.sets.victims.pixels_NHWC, changed_copies(task.sets.victims.pixels_NHWC)]
    for assumption in task.sets.assumptions:
        blocks += [assumption.train, assumption.validation]
    edges = np.cumsum([0, *(len(block) for block in blocks)])
    places = [np.arange(a, b) for a, b in itertools.pairwise(edges)]
    lots = [
        Lot(len(part), partial(as_inputs, part, task.how))
        for block in blocks
        for part in np.array_split(block, max(1, -(-len(block) // _LOT)))
    ]
    return _World(
        task, np.concatenate([as_targets(block) for block in blocks]), places[0], places[1],
        tuple(places[2::2]), tuple(places[3::2]), tuple(lots),
    )  # fmt: skip


def _cache_file(store: Store, cut: Cut) -> Path:
    return store.cache / f"{hashlib.sha256(cut.id.encode()).hexdigest()[:24]}.npy"


@dataclass(frozen=True)
class _Attack:
    """Steps (3) and (4) of a run."""

    task: Task
    store: Store
    world: _World
    step: Step
    remark: Step

    def prepare(self, wanted: Sequence[Wanted]) -> None:
        """Files of features; those from before a kill are kept where they are whole."""
        files = {one.file for one in wanted}
        for file in self.store.cache.iterdir():
            if file not in files:
                file.unlink()
        missing = [one for one in wanted if not one.file.exists()]
        if missing:
            text = f"features of {len(missing)} cut(s)"
            total = len(self.world.targets)

            def told(done: int) -> None:
                if done % _TOLD == 0:
                    self.remark(f"{text}, {done} of {total} pictures")

            self.step(text)
            extract_features(
                self.task.graph, missing, self.world.lots, threads=self.task.threads, step=told
            )

    def cut(self, cut: Cut, features: Features) -> None:
        """Attacks one cut with what each source gives."""
        faulty = features.faulty()
        if faulty:
            rows = np.nan_to_num(np.asarray(features.rows), nan=0.0, posinf=0.0, neginf=0.0)
            features = Features(rows, features.parts)
        for place, assumption in enumerate(self.task.sets.assumptions):
            source = assumption.source
            if self.store.has("attack", cut.id, source):
                continue
            self.step(f"{cut.id}: control ({source})")
            control = self.control(features.width, place)
            self.step(f"{cut.id} ({source})")
            cell = _attack(self.task, self.world, features, place)
            facts = {**cell.facts, "faulty": faulty, "control": control}
            self.store.put("attack", cut.id, source, Cell(facts, cell.arrays, cell.seconds))

    def control(self, width: int, source: int) -> dict[str, Any]:
        """The positive control of a tensor of `width` numbers, computed once for each width."""
        task, world = self.task, self.world
        name, of = f"width {width}", task.sets.assumptions[source].source
        side = planted_side(width, int(world.targets.shape[1]), task.control_side)
        if side < 1:
            return {
                "found": False,
                "side": 0,
                "fits": True,
                "psnr_db": None,
                "ceiling_db": None,
                "thumbnail_p50": None,
            }
        if not self.store.has("control", name, of):
            start = time.perf_counter()
            planted = plant(world.targets, width, side, task.seed)
            made = rebuild(world.pairs(planted.features, source), task.seed)
            victims = world.targets[world.victims]
            measured = measure(made.victims_NCHW, victims)
            got, value = float(measured["psnr_db"].mean()), float(np.median(measured["thumbnail"]))
            ceiling = float(psnr_db(mse(thumbnails(victims, side), victims)).mean())
            facts = {
                "found": value >= CONTROL_SHARE * side or got >= ceiling - CONTROL_SLACK_DB,
                "thumbnail_p50": value,
                "side": side,
                "fits": side < task.control_side,
                "psnr_db": got,
                "ceiling_db": ceiling,
                "attacker": made.attacker,
            }
            self.store.put("control", name, of, Cell(facts, {}, time.perf_counter() - start))
        return self.store.get("control", name, of).facts


def _attack(task: Task, world: _World, features: Features, source: int) -> Cell:
    start = time.perf_counter()
    pairs = world.pairs(features, source)
    made = rebuild(pairs, task.seed)
    victims = world.targets[world.victims]
    arrays = measure(made.victims_NCHW, victims)
    arrays["rank_reconstruction"] = match_ranks(made.victims_NCHW, victims, pairs.mean_CHW)
    arrays["rank_changed"] = ranks(_likeness(pairs, world.victims, world.changed))
    floor = mse(np.broadcast_to(pairs.mean_CHW, victims.shape), victims)
    below, _ = bootstrap_mean(arrays["mse"] - floor, task.seed)
    arrays["floor_mse"] = floor
    order = np.argsort(arrays["mse"], kind="stable")
    shown = list(range(min(SHOWN, len(victims))))
    most = np.lexsort((arrays["mse"], -arrays["thumbnail"]))
    shown += [int(order[len(order) // 2]), int(most[0])]  # the median and the most exposed one
    arrays["shown"] = np.array(shown)
    arrays["shown_pixels"] = np.rint(made.victims_NCHW[shown] * 255).astype(np.uint8)
    facts = {
        "attacker": made.attacker,
        "shrink": made.shrink,
        "validation_psnr_db": made.validation_psnr_db,
        "budget": [list(point) for point in made.budget],
        "budget_limited": made.budget_limited,
        "settings": made.facts,
        "pooled": features.pooled,
        "width": features.width,
        "below_floor": bool(below > 1e-9),
    }
    return Cell(facts, dict(arrays), time.perf_counter() - start)


def _likeness(pairs: Pairs, queries: NDArray[np.intp], gallery: NDArray[np.intp]) -> Doubles:
    """Cosine of scaled features between queries and gallery, a block of columns at a time."""
    both = np.concatenate([queries, gallery])
    count = len(queries)
    product = np.zeros((count, len(gallery)))
    power = np.zeros(len(both))
    for rows in pairs.columns(both):
        product += rows[:count] @ rows[count:].T
        power += np.square(rows).sum(1)
    length = np.sqrt(np.where(power > 1e-12, power, np.inf))
    return np.asarray(product / length[:count, None] / length[None, count:])


def measure(guess_NCHW: Floats, victims_NCHW: Floats) -> dict[str, Doubles]:
    """All measures of each picture."""
    error = mse(guess_NCHW, victims_NCHW)
    side = side_of(victims_NCHW)
    small = min(victims_NCHW.shape[2:]) < 11  # no room for SSIM's window
    nothing = np.full(len(error), np.nan)
    return {
        "mse": error,
        "psnr_db": psnr_db(error),
        "ssim": nothing if small else ssim(guess_NCHW, victims_NCHW),
        "ms_ssim": nothing if small else ms_ssim(guess_NCHW, victims_NCHW),
        "gmsd": nothing if small else gmsd(guess_NCHW, victims_NCHW),
        "thumbnail": worth(error, ladder_errors(victims_NCHW), ladder(side)),
    }


def _references(world: _World, source: int) -> Cell:
    """Floors (mean picture, a random other) and oracles (own colour, own thumbnails, nearest)."""
    start = time.perf_counter()
    victims = world.targets[world.victims]
    train = world.targets[world.train[source]]
    mean = train.mean(0, dtype=np.float64).astype(np.float32)
    random = np.random.default_rng(world.task.seed)
    other = train[random.integers(0, len(train), len(victims))]
    guesses: dict[str, tuple[str, Floats]] = {
        "mean picture": ("floor", np.broadcast_to(mean, victims.shape).copy()),
        "random other picture": ("floor", other),
        "own mean colour": ("oracle", thumbnails(victims, 1)),
        "nearest picture of the attacker's": ("oracle", train[_nearest(victims, train)]),
    }
    for k in (2, 4, 8, 16, 32):
        if k < side_of(victims):
            guesses[f"own {k} x {k} thumbnail"] = ("oracle", thumbnails(victims, k))
    table = []
    for name, (kind, guess) in guesses.items():
        found_here = measure(guess, victims)
        matched = found(match_ranks(guess, victims, mean))
        table.append(
            {"name": name, "kind": kind, "match_reconstruction_top1": float(matched.mean())}
            | {key: _mean(value) for key, value in found_here.items()}
        )
    originals = np.rint(victims * 255).astype(np.uint8)
    return Cell({"table": table}, {"victims": originals, "mean": mean}, time.perf_counter() - start)


def _mean(values: Doubles) -> float | None:
    value = float(values.mean())
    return value if np.isfinite(value) else None


def _nearest(victims: Floats, train: Floats) -> NDArray[np.intp]:
    a, b = victims.reshape(len(victims), -1), train.reshape(len(train), -1)
    distance = np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(distance.argmin(1))
