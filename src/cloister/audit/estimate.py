"""How long an audit will take, before it starts: counts of what the attackers do, times what each
of it takes here (`rates_of` measures that for a moment) and, above the fast tier, a few steps of
training at each shape of cut.

On a quiet machine the fast tier's is right within a factor of about 1.5. The cuts that the
standard tier looks at closely are not known before: it counts the three in the middle.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from cloister.audit import local_ridge
from cloister.audit.cells import control_shape, measure
from cloister.audit.features import Features, Lot, Part, Wanted, extract_features, plan_parts
from cloister.audit.intervals import bootstrap_mean
from cloister.audit.matching import match_ranks
from cloister.audit.measures import mse
from cloister.audit.pairs import Pairs
from cloister.audit.planted import NUMBERS_MAX
from cloister.audit.ridge import DIRECTIONS, NEIGHBOURS, STRENGTHS
from cloister.audit.spectrum import DIMENSIONS, ROWS
from cloister.audit.subject import subject_of
from cloister.audit.task import Task
from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.split import extract

# Pictures, and sides of matrices, on which rates are measured.
TRIED: Final = 5
FEW: Final = 64
WIDE: Final = 8192
_SQUARE: Final = 768
# Guesses without features that are measured for each source: two floors, the oracles.
REFERENCES: Final = 8
TRAINED: Final = 8
# Trainings beside the first at a cut that is looked at closely: two more seeds, twice the budget,
# MS-SSIM, the GAN (two networks); deep: four times the budget too.
CLOSE_RUNS: Final = {"standard": 2 + 2 + 1 + 2, "deep": 2 + 2 + 4 + 1 + 2}
# Of records: no MS-SSIM, no GAN.
RECORD_RUNS: Final = {"standard": 2 + 2, "deep": 2 + 2 + 4}
# Optimisations of the tried pictures: cold and warm, each with its choice of strength; deep: the
# deep image prior too.
OPTIMISED: Final = {"standard": 4.0, "deep": 7.0}


def estimate_s(task: Task) -> float:
    """Seconds that a run of this task takes from nothing, in one process."""
    trained = _trained_s(task) if task.tier != "fast" else 0.0
    return (
        linear_s(task, rates_of(task)) + trained + (0.0 if task.no_spectrum else _spectrum_s(task))
    )


def _spectrum_s(task: Task) -> float:
    """Of the spectrum bound: the head's gradients; the algebra is small beside them."""
    dimensions = min(DIMENSIONS, task.how.channels * task.how.size[0] * task.how.size[1])
    rows = ROWS * dimensions * len(task.sources)
    return sum(rows * _optimise_s(task, cut) for cut in task.cuts)


def _trained_s(task: Task) -> float:
    """Of everything that trains or optimises."""
    budget, sets = task.budget, task.sets.assumptions
    cuts = list(task.cuts)
    close = len(cuts) if task.tier == "deep" else min(3, len(cuts))
    middle = cuts[(len(cuts) - close) // 2 :][:close]
    pictures = subject_of(task.how).unit == "thumbnail"
    runs = (CLOSE_RUNS if pictures else RECORD_RUNS)[task.tier]
    step_s = {cut.id: _step_s(task, cut) for cut in cuts}
    shown = sum(min(len(a.train), budget.pairs) * budget.epochs for a in sets)
    asked = sum(len(a.validation) + len(task.sets.victims) for a in sets) / 3
    # Controls of one name are one cell.
    target = subject_of(task.how).target(task.how)
    shapes = {control_shape(plan_parts(cut, target), "maps"): cut for cut in cuts}
    total = sum((shown + asked) * step_s[c.id] for c in (*cuts, *shapes.values()))
    total += sum(runs * (shown + asked) * step_s[cut.id] for cut in middle)
    if task.access == "whitebox":
        optimised = OPTIMISED[task.tier] * budget.tried * len(sets)
        total += sum(optimised * budget.steps * _optimise_s(task, cut) for cut in middle)
    return total


def _step_s(task: Task, cut: Cut) -> float:
    """Seconds of one training step of PSDec, for each picture in it."""
    import torch  # noqa: PLC0415 - heavy, and an extra

    from cloister.audit.psdec import decoder_of  # noqa: PLC0415 - needs torch
    from cloister.audit.training import autocast  # noqa: PLC0415 - needs torch

    torch.set_num_threads(task.threads)
    target = subject_of(task.how).target(task.how)
    parts = plan_parts(cut, target)
    decoder = decoder_of(
        parts, np.zeros((task.how.channels, *target), np.float32), task.budget.width_max
    )
    x = [torch.zeros(TRAINED, *part.shape) for part in parts]

    def step() -> None:
        with autocast("cpu"):
            guess = decoder(x)
        guess.float().square().mean().backward()

    return _seconds(step) / TRAINED


def _optimise_s(task: Task, cut: Cut) -> float:
    """Seconds of one step of the white box, for each picture in it."""
    import torch  # noqa: PLC0415 - heavy, and an extra

    from cloister.audit.torch_head import Head  # noqa: PLC0415 - needs torch

    try:
        names = [info.name for info in cut.crossing]
        head = Head(extract(task.graph, [task.graph.inputs[0].name], names))
    except UserError:
        return 0.0  # it will be refused
    x = torch.zeros(TRAINED, *task.how.shape[1:], requires_grad=True)

    def step() -> None:
        torch.stack([y.square().sum() for y in head.batch(x)]).sum().backward()

    return _seconds(step) / TRAINED


def _seconds(step: Callable[[], object]) -> float:
    step()
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Rates:
    """Seconds of this machine for one of each, in one process.

    Args:
        single: A float32 operation of a product of matrices.
        double: A float64 operation of a factorisation and its solutions.
        number: A feature that is read, centred and scaled.
        measured: A reconstruction that is measured in every way.
        planted: A picture that is hidden in a tensor.
        forward: A picture that goes through the network and leaves its tensors of all cuts.
    """

    single: float
    double: float
    number: float
    measured: float
    planted: float
    forward: float


def linear_s(task: Task, rates: Rates) -> float:
    """Seconds of everything the fast tier computes, by these rates."""
    target = subject_of(task.how).target(task.how)
    pixels = task.how.channels * target[0] * target[1]
    victims = len(task.sets.victims)
    parts = [plan_parts(cut, target) for cut in task.cuts]
    secret = min(task.how.channels * task.control_side**2, pixels)
    widest = max(NUMBERS_MAX, secret)
    total = 0.0
    for known in task.sets.assumptions:
        n, validation = len(known.train), len(known.validation)
        sizes = _Sizes(n, validation, victims, pixels, target)
        total += rates.forward * (n + validation) + REFERENCES * rates.measured * victims
        # Planted tensors of one shape are one cell; a wide one holds no more than a narrow one.
        for name in {control_shape(p, "numbers") for p in parts}:
            total += rates.planted * (n + validation + victims)
            total += _ridge_s(sizes, min(int(name), widest), rates)
        for part in parts:
            total += rates.number * (2 * victims + n) * part[-1].stop
            total += rates.single * 2 * victims**2 * part[-1].stop
            total += _ridge_s(sizes, part[-1].stop, rates) + _local_s(sizes, part, rates)
    return total + rates.forward * 2 * victims


@dataclass(frozen=True)
class _Sizes:
    train: int
    validation: int
    victims: int
    pixels: int
    target: tuple[int, int]

    @property
    def asked(self) -> int:
        return self.validation + self.victims


def _ridge_s(sizes: _Sizes, width: int, rates: Rates) -> float:
    """Of one ridge attack (see ridge.py) and its measures."""
    n, asked, sketch = sizes.train, sizes.asked, min(DIRECTIONS, sizes.pixels)
    solved = ((n // 4, len(STRENGTHS[::2])), (n // 2, len(STRENGTHS)), (n, len(NEIGHBOURS)))
    single, double = 2.0 * asked * n * sizes.pixels, 0.0
    dual = width > n
    if dual:
        single += 2.0 * width * n * (n / 2 + asked)
    for pictures, strengths in solved:
        side = pictures if dual else width
        double += strengths * (side**3 / 3 + 2.0 * side**2 * sketch)
        double += strengths * 2.0 * sizes.validation * side * sketch
        double += 0.0 if dual else pictures * side * (side + 2.0 * sketch * strengths)
    side = n if dual else width
    double += side**3 / 3 + 2.0 * side**2 * asked + (0.0 if dual else 2.0 * asked * n * side)
    read = rates.number * width * (2 * n + asked)
    return rates.single * single + rates.double * double + read + rates.measured * sizes.victims


def _local_s(sizes: _Sizes, parts: Sequence[Part], rates: Rates) -> float:
    """Of one local ridge attack (see local_ridge.py) and its measures."""
    laid = local_ridge.fit(parts, sizes.target)
    if laid is None:
        return 0.0
    patch = sizes.pixels // math.prod(laid.grid)
    learnt = sizes.train * laid.each(sizes.train)
    strengths = len(local_ridge.STRENGTHS)
    rebuilt = math.prod(laid.grid) * (strengths * sizes.validation + sizes.victims)
    single = learnt * laid.numbers * (laid.numbers + 2.0 * patch)
    single += 2.0 * rebuilt * laid.numbers * patch
    double = strengths * (laid.numbers**3 / 3 + 2.0 * laid.numbers**2 * patch)
    read = rates.number * sum(parts[p].size for p in laid.maps) * (sizes.train + sizes.asked)
    # Neighbourhoods that are gathered, and shares of neighbours that are added up.
    read += rates.number * (learnt * laid.numbers + rebuilt * patch * (2 * laid.reach + 1) ** 2)
    return rates.single * single + rates.double * double + read + rates.measured * sizes.victims


def rates_of(task: Task) -> Rates:
    """Measured here for a moment: the same functions on few pictures."""
    subject, known = subject_of(task.how), task.sets.assumptions[0]
    few = known.train[:FEW]
    targets = subject.targets(few, task.how)
    mean = targets.mean(0)
    random = np.random.default_rng(0)
    wide = random.standard_normal((_SQUARE, WIDE)).astype(np.float32)
    gram = np.eye(_SQUARE) * _SQUARE + random.standard_normal((_SQUARE, _SQUARE)) / 2
    right = random.standard_normal((_SQUARE, DIRECTIONS))
    rows = Features(wide, (Part(0, (WIDE,)),))
    places = np.arange(_SQUARE)
    noise = np.clip(targets + 0.1 * random.standard_normal(targets.shape), 0, 1).astype(np.float32)

    worth = subject.worth(targets)

    def read() -> None:
        for block in Pairs(rows, places, places, places, targets, targets).columns(places):
            block.sum()

    def plant(pictures: int) -> None:
        shape = (NUMBERS_MAX,)
        side = subject.room(shape, targets[0], task.control_side)
        subject.plant(targets[:pictures], shape, max(1, side), task.seed)

    def judge() -> None:
        measure(noise, targets, mean, worth)
        match_ranks(noise, targets, mean)
        bootstrap_mean(mse(noise, targets), task.seed)

    return Rates(
        single=_seconds(lambda: wide @ wide.T) / (_SQUARE**2 * WIDE),  # symmetric: half the work
        double=_seconds(lambda: cho_solve(cho_factor(gram, lower=True), right))
        / (_SQUARE**3 / 3 + 2 * _SQUARE**2 * DIRECTIONS),
        number=_seconds(read) / (2 * wide.size),
        measured=_seconds(judge) / len(few),
        # What does not grow with the pictures is left out.
        planted=max(0.0, _seconds(partial(plant, len(few))) - _seconds(partial(plant, 4)))
        / (len(few) - 4),
        forward=_forward_s(task),
    )


def _forward_s(task: Task) -> float:
    subject = subject_of(task.how)
    target = subject.target(task.how)
    pixels = task.sets.assumptions[0].train[: TRIED + 1]
    told: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        wanted = [
            Wanted(cut, plan_parts(cut, target), Path(folder) / f"{place}.safetensors")
            for place, cut in enumerate(task.cuts)
        ]
        lots = [
            Lot(1, partial(subject.inputs, one, task.how)) for one in np.split(pixels, len(pixels))
        ]
        extract_features(
            task.graph, wanted, lots, threads=task.threads,
            step=lambda _: told.append(time.perf_counter()),
        )  # fmt: skip
    return (told[-1] - told[0]) / (len(told) - 1)
