"""How long an audit will take, before it starts: the network's own speed, the algebra's and, above
the fast tier, a few steps of training at each shape of cut, all measured here for a moment.

It is a guess within a factor of about two; a busy machine makes it worse. The cuts that the
standard tier looks at closely are not known before: it counts the three in the middle.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from cloister.audit.features import plan_parts
from cloister.audit.spectrum import DIMENSIONS, ROWS
from cloister.audit.subject import subject_of
from cloister.audit.task import Task
from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.reference import Reference
from cloister.graph.split import extract

TRIED: Final = 5
_SQUARE: Final = 768
# Factorisations of the Gram matrix that one ridge attack costs, in units of n^3 (see ridge.py).
_FACTORISATIONS: Final = 2.0
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
    return _linear_s(task) + trained + (0.0 if task.no_spectrum else _spectrum_s(task))


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
    # Each distinct shape has its control.
    shapes = {tuple(info.shape for info in cut.crossing): cut for cut in cuts}
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


def _seconds(step: Callable[[], None]) -> float:
    step()
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def _linear_s(task: Task) -> float:
    few = subject_of(task.how).inputs(task.sets.victims.pixels_NHWC[:TRIED], task.how)
    session = Reference(task.graph, threads=task.threads)
    session.run([few[:1]])
    start = time.perf_counter()
    for x in few:
        session.run([x[None]])
    forward_s = (time.perf_counter() - start) / len(few)

    square = np.ones((_SQUARE, _SQUARE), np.float32)
    start = time.perf_counter()
    square @ square
    rate = 2 * _SQUARE**3 / max(time.perf_counter() - start, 1e-6)

    victims, sets = len(task.sets.victims), task.sets.assumptions
    pictures = 2 * victims + sum(len(a.train) + len(a.validation) for a in task.sets.assumptions)
    target = subject_of(task.how).target(task.how)
    pixels = task.how.channels * target[0] * target[1]
    operations = 0.0
    for cut in task.cuts:
        width = plan_parts(cut, target)[-1].stop
        for assumption in sets:
            n = len(assumption.train)
            asked = len(assumption.validation) + victims
            small = min(n, width)
            gram = 2.0 * (n + asked) * n * small + 2.0 * (n + asked) * width * min(n, width)
            solve = 2 * _FACTORISATIONS * small**3 + 2.0 * asked * n * pixels
            operations += gram + solve + 4e9  # the local decoder, and the measures
    return pictures * forward_s + operations / rate
