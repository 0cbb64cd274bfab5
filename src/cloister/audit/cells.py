"""Computes one cell: a piece of work that depends on the task and on cells before it alone, and so
can be done by any process, on any machine, in any order.

* reference: what is had without features (floors) and what no attacker has (oracles);
* match: is a changed copy found from the tensors, and what the tensors are like;
* control: an attacker against a planted leak of a tensor's shape;
* attack: an attacker against a cut;
* spectrum: an error that no attacker goes below, if the prior were true.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.attackers import ATTACKERS, Arrays, Means
from cloister.audit.features import BLOCK_MIN, BLOCK_NUMBERS, Part
from cloister.audit.guess import finish
from cloister.audit.intervals import bootstrap_mean
from cloister.audit.lpips import Distance
from cloister.audit.matching import found, match_ranks, ranks
from cloister.audit.measures import Doubles, both_ssim, gmsd, mse, psnr_db, ssim
from cloister.audit.pairs import Pairs
from cloister.audit.recognition import Recognition
from cloister.audit.records import feature_errors
from cloister.audit.spectrum import PRIOR, spectrum
from cloister.audit.store import Cell, Key
from cloister.audit.subject import Worth, subject_of
from cloister.audit.task import Task
from cloister.audit.verdict import MOST
from cloister.audit.world import Cache, World
from cloister.errors import OutsideError, UserError
from cloister.preprocess import Preprocess

Floats = NDArray[np.float32]

# The positive control is found where the median reconstruction is worth so much of the planted
# side, or comes so near to the planted thumbnail's own error.
CONTROL_SHARE: Final = 0.8
CONTROL_SLACK_DB: Final = 0.5
# Victims whose reconstructions are kept for people to look at, the same ones at every cut.
SHOWN: Final = 8
# Refusals that say "this attacker does not fit here"; anything else ends the run.
REFUSALS: Final = ("no-torch-head", "no-spectrum")


@dataclass(frozen=True)
class Job:
    """A cell to compute.

    Args:
        key: Which.
        start: What the cell that it begins with kept.
        later: Id of the later cut whose attacker it begins with.
        rival: Validation errors of the best attacker so far.
    """

    key: Key
    start: Arrays = field(default_factory=dict)
    later: str = ""
    rival: Doubles | None = None


class Worker:
    """Computes cells of one task.

    Args:
        task: What is audited.
        cache: Folder of the features.
        device: Of torch; None: the task's.
    """

    def __init__(self, task: Task, cache: Path, device: str | None = None) -> None:
        self.task = task
        self.world = World.of(task)
        self.subject = subject_of(task.how)
        self.cache = Cache(task, self.world, cache)
        self.device = device or task.device
        self.block = BLOCK_NUMBERS
        self.opened: dict[tuple[str, int], tuple[Pairs, int]] = {}

    def compute(self, job: Job, remark: Callable[[str], None] = lambda _: None) -> Cell:
        """The cell. Where memory runs out it is computed anew from smaller blocks of features.

        Raises:
            OutsideError: Memory is never enough.
        """
        start = time.perf_counter()
        while True:
            try:
                cell = KINDS[job.key.kind](self, job, remark)
                return replace(cell, seconds=time.perf_counter() - start)
            except MemoryError as error:
                self.opened.clear()
                if self.block <= BLOCK_MIN:
                    raise OutsideError(
                        f"{job.key} does not fit into the memory",
                        code="out-of-memory",
                        hint="Fewer images (--limit) need less; --resume goes on.",
                    ) from error
                self.block //= 2
                remark(f"{job.key}: out of memory, with smaller blocks again")

    def source(self, key: Key) -> int:
        """Place of a cell's source."""
        return self.task.sources.index(key.source)

    def pairs(self, cut: str, source: int) -> tuple[Pairs, int]:
        """What an attacker has at a cut, and how many pictures are faulty there; the last two
        stay open, for cells of one cut follow each other.
        """
        place = (cut, source)
        if place not in self.opened:
            while len(self.opened) > 1:
                self.opened.pop(next(iter(self.opened)))
            features, faulty = self.cache.open(self.task.cut(cut))
            features = replace(features, block=self.block)
            self.opened[place] = self.world.pairs(features, source), faulty
        return self.opened[place]

    @cached_property
    def worth(self) -> Worth:
        """What reconstructions of the victims are worth."""
        return self.subject.worth(self.world.targets[self.world.victims])

    @cached_property
    def recognition(self) -> Recognition | None:
        """The independent classifier, where one was given."""
        task = self.task
        if task.recogniser is None:
            return None
        return Recognition(task.recogniser, task.sets.victims.pixels_NHWC, task.threads)

    @cached_property
    def distance(self) -> Distance | None:
        """LPIPS, where its weights were given."""
        return Distance(self.task.lpips, self.task.threads) if self.task.lpips else None

    def torch_device(self) -> str:
        """Where torch computes here."""
        import torch  # noqa: PLC0415 - heavy, and an extra

        torch.set_num_threads(self.task.threads)
        return self.device or ("cuda" if torch.cuda.is_available() else "cpu")

    def means(self, job: Job, remark: Callable[[str], None]) -> Means:
        """What the job's attacker has besides pairs."""
        row = ATTACKERS[job.key.attacker]
        device = self.torch_device() if row.trained else "cpu"
        return Means(
            seed=self.task.seed + job.key.seed,
            budget=self.task.budget,
            device=device,
            options=row.options,
            start=job.start if job.start and not job.later else None,
            rival=job.rival,
            remark=lambda text: remark(f"{job.key}: {text}"),
        )


# -------------------------------------------------------------------------------- kinds of cells
def _reference(worker: Worker, job: Job, _: object) -> Cell:
    """Floors (mean picture, a random other) and oracles (own colour, own thumbnails, nearest)."""
    world = worker.world
    victims = world.targets[world.victims]
    train = world.targets[world.train[worker.source(job.key)]]
    mean = train.mean(0, dtype=np.float64).astype(np.float32)
    random = np.random.default_rng(worker.task.seed)
    other = train[random.integers(0, len(train), len(victims))]
    thing = worker.subject.thing
    oracles = {f"nearest {thing} of the attacker's": train[_nearest(victims, train)]}
    oracles |= worker.subject.oracles(victims)
    floors = {
        f"mean {thing}": np.broadcast_to(mean, victims.shape).copy(),
        f"random other {thing}": other,
    }
    guesses = [("floor", *one) for one in floors.items()]
    guesses += [("oracle", *one) for one in oracles.items()]
    table, judge = [], worker.recognition
    for kind, name, guess in guesses:
        found_here = measure(guess, victims, mean, worker.worth)
        matched = found(match_ranks(guess, victims, mean))
        table.append(
            {"name": name, "kind": kind, "match_reconstruction_top1": float(matched.mean())}
            | {key: _mean(value) for key, value in found_here.items()}
            | ({"recognised": float(judge.agrees(guess).mean())} if judge else {})
            | ({"lpips": float(worker.distance(guess, victims).mean())} if worker.distance else {})
        )
    originals = np.rint(victims * 255).astype(np.uint8)
    floor = mse(np.broadcast_to(mean, victims.shape), victims)
    facts = {"table": table} | ({"recognised_chance": judge.chance} if judge else {})
    return Cell(facts, {"victims": originals, "mean": mean, "floor_mse": floor}, 0.0)


def _match(worker: Worker, job: Job, _: object) -> Cell:
    pairs, faulty = worker.pairs(job.key.cut, worker.source(job.key))
    world, features = worker.world, pairs.features
    found_ranks = ranks(_likeness(pairs, world.victims, world.changed))
    facts = {"faulty": faulty, "pooled": features.pooled, "width": features.width}
    return Cell(facts, {"rank_changed": found_ranks}, 0.0)


def control_shape(parts: tuple[Part, ...], form: str) -> str:
    """Name of the planted tensor that stands for a cut's: controls of one name are one cell."""
    largest = max(parts, key=lambda part: part.size)
    if form == "maps" and len(largest.shape) == 3 and largest.shape[1] * largest.shape[2] > 1:
        return "x".join(map(str, largest.shape))
    return str(parts[-1].stop)


def _control(worker: Worker, job: Job, remark: Callable[[str], None]) -> Cell:
    """The positive control: the same attacker and budget on a planted tensor."""
    task, world = worker.task, worker.world
    shape = tuple(map(int, job.key.cut.split("x")))
    subject = worker.subject
    side = subject.room(shape, world.targets[0], task.control_side)
    nothing = {"psnr_db": None, "ceiling_db": None, "thumbnail_p50": None}
    if side < 1:
        return Cell({"found": False, "side": 0, "fits": True, **nothing}, {}, 0.0)
    planted = subject.plant(world.targets, shape, side, task.seed)
    pairs = world.pairs(planted.features, worker.source(job.key))
    guess = ATTACKERS[job.key.attacker].attack(pairs, worker.means(job, remark))
    if guess is None or (made := finish(guess, pairs).victims_NCHW) is None:
        return Cell({"found": False, "side": side, "fits": False, **nothing}, {}, 0.0)
    victims = world.targets[world.victims]
    measured = measure(made, victims, pairs.mean_CHW, worker.worth)
    got, value = float(measured["psnr_db"].mean()), float(np.median(measured["thumbnail"]))
    ideal = subject.ideal(victims, side, pairs.mean_CHW)
    ceiling = float(psnr_db(mse(ideal, victims)).mean())
    most = min(side, float(np.median(worker.worth(ideal, pairs.mean_CHW))))
    facts = {
        "found": value >= CONTROL_SHARE * most or got >= ceiling - CONTROL_SLACK_DB,
        "thumbnail_p50": value,
        "side": side,
        "fits": side < min(task.control_side, MOST[subject.unit](world.target)),
        "psnr_db": got,
        "ceiling_db": ceiling,
    }
    return Cell(facts, {}, 0.0)


def _attack(worker: Worker, job: Job, remark: Callable[[str], None]) -> Cell:
    task, key = worker.task, job.key
    cut, source = task.cut(key.cut), worker.source(key)
    pairs, _ = worker.pairs(key.cut, source)
    means = replace(worker.means(job, remark), network=(task.graph, cut, task.how))
    if job.later:
        later, _ = worker.pairs(job.later, source)
        means = replace(means, later=(later, job.start))
    try:
        guess = ATTACKERS[key.attacker].attack(pairs, means)
    except UserError as error:
        if error.code not in REFUSALS:
            raise
        return Cell({"refused": error.message}, {}, 0.0)
    if guess is None:
        return Cell({"refused": "it does not fit this cut"}, {}, 0.0)
    made = finish(guess, pairs)
    truth = pairs.validation_NCHW[: len(made.validation_NCHW)]
    small = min(truth.shape[2:]) < 11
    facts = {
        "shrink": made.shrink,
        "validation": {
            "psnr_db": float(psnr_db(np.array([made.validation_mse.mean()]))[0]),
            "ssim": None if small else float(ssim(made.validation_NCHW, truth).mean()),
        },
        "budget": [list(point) for point in guess.budget],
        "settings": dict(guess.facts) | ({"through": job.later} if job.later else {}),
    }
    arrays: dict[str, NDArray[Any]] = {"validation_mse": made.validation_mse}
    if made.victims_NCHW is not None:
        facts |= _measured(worker, pairs, made.victims_NCHW, arrays)
    return Cell(facts, arrays, 0.0, dict(guess.weights or {}))


def _measured(
    worker: Worker, pairs: Pairs, made_NCHW: Floats, arrays: dict[str, NDArray[Any]]
) -> dict[str, Any]:
    """Fills in what is measured of each victim."""
    victims = worker.world.targets[worker.world.victims]
    arrays |= measure(made_NCHW, victims, pairs.mean_CHW, worker.worth)
    if worker.subject.unit == "features":
        errors = feature_errors(made_NCHW, victims, pairs.mean_CHW)
        arrays["feature_error"], arrays["feature_floor"] = errors
    arrays["rank_reconstruction"] = match_ranks(made_NCHW, victims, pairs.mean_CHW)
    if worker.recognition is not None:
        arrays["recognised"] = worker.recognition.agrees(made_NCHW)
    if worker.distance is not None:
        arrays["lpips"] = worker.distance(made_NCHW, victims)
    floor = mse(np.broadcast_to(pairs.mean_CHW, victims.shape), victims)
    below, _ = bootstrap_mean(arrays["mse"] - floor, worker.task.seed)
    arrays["floor_mse"] = floor
    order = np.argsort(arrays["mse"], kind="stable")
    shown = list(range(min(SHOWN, len(victims))))
    most = np.lexsort((arrays["mse"], -arrays["thumbnail"]))
    shown += [int(order[len(order) // 2]), int(most[0])]  # the median and the most exposed one
    arrays["shown"] = np.array(shown)
    arrays["shown_pixels"] = np.rint(made_NCHW[shown] * 255).astype(np.uint8)
    return {"below_floor": bool(below > 1e-9)}


def _spectrum(worker: Worker, job: Job, _: object) -> Cell:
    task = worker.task
    how, pictures = task.how, task.sets.assumptions[worker.source(job.key)].train
    assert isinstance(how, Preprocess)
    device = worker.torch_device()
    try:
        cut = task.cut(job.key.cut)
        bound, facts = spectrum(task.graph, cut, how, pictures, seed=task.seed, device=device)
    except UserError as error:
        if error.code not in REFUSALS:
            raise
        return Cell({"refused": error.message}, {}, 0.0)
    return Cell({**asdict(bound), "rtc": bound.rtc, "prior": PRIOR, **facts}, {}, 0.0)


KINDS: Final[Mapping[str, Callable[[Worker, Job, Callable[[str], None]], Cell]]] = {
    "reference": _reference,
    "match": _match,
    "control": _control,
    "attack": _attack,
    "spectrum": _spectrum,
}


# -------------------------------------------------------------------------------------- measures
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


def measure(
    guess_NCHW: Floats, victims_NCHW: Floats, mean_CHW: Floats, worth: Worth
) -> dict[str, Doubles]:
    """All measures of each picture or record."""
    error = mse(guess_NCHW, victims_NCHW)
    small = min(victims_NCHW.shape[2:]) < 11  # no room for SSIM's window
    nothing = np.full((2, len(error)), np.nan)
    one_scale, scales = nothing if small else both_ssim(guess_NCHW, victims_NCHW)
    return {
        "mse": error,
        "psnr_db": psnr_db(error),
        "ssim": one_scale,
        "ms_ssim": scales,
        "gmsd": nothing[0] if small else gmsd(guess_NCHW, victims_NCHW),
        "thumbnail": worth(guess_NCHW, mean_CHW),
    }


def _mean(values: Doubles) -> float | None:
    value = float(values.mean())
    return value if np.isfinite(value) else None


def _nearest(victims: Floats, train: Floats) -> NDArray[np.intp]:
    a, b = victims.reshape(len(victims), -1), train.reshape(len(train), -1)
    distance = np.square(b).sum(1)[None] - 2 * a @ b.T
    return np.asarray(distance.argmin(1))
