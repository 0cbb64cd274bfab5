"""How long an audit will take, before it starts: the network's own speed and the algebra's, both
measured here for a moment.

It is a guess within a factor of about two; a busy machine makes it worse.
"""

from __future__ import annotations

import time
from typing import Final

import numpy as np

from cloister.audit.features import plan_parts
from cloister.audit.pictures import as_inputs, target_size
from cloister.audit.run import Task
from cloister.graph.reference import Reference

TRIED: Final = 5
_SQUARE: Final = 768
# Factorisations of the Gram matrix that one ridge attack costs, in units of n^3 (see ridge.py).
_FACTORISATIONS: Final = 2.0


def estimate_s(task: Task) -> float:
    """Seconds that a run of this task takes from nothing."""
    few = as_inputs(task.sets.victims.pixels_NHWC[:TRIED], task.how)
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

    victims = len(task.sets.victims)
    pictures = 2 * victims + sum(len(a.train) + len(a.validation) for a in task.sets.assumptions)
    target = target_size(*task.how.size)
    pixels = task.how.channels * target[0] * target[1]
    operations = 0.0
    for cut in task.cuts:
        width = plan_parts(cut, target)[-1].stop
        for assumption in task.sets.assumptions:
            n = len(assumption.train)
            asked = len(assumption.validation) + victims
            small = min(n, width)
            gram = 2.0 * (n + asked) * n * small + 2.0 * (n + asked) * width * min(n, width)
            solve = 2 * _FACTORISATIONS * small**3 + 2.0 * asked * n * pixels
            operations += gram + solve + 4e9  # the local decoder, and the measures
    return pictures * forward_s + operations / rate
