"""The demo's audit: the network attacked at every cut with pieces of photographs that every
installation has, then a plan.

The photographs are scikit-image's. Victims are pieces of some of them, the attacker has learnt
from pieces of others: nobody's picture is in both sets. It is a small audit, half a minute of the
fast tier; bench/results holds one with thousands of photographs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from cloister.audit.outcome import Outcome, outcome
from cloister.audit.run import run as run_audit
from cloister.audit.sets import Pictures, Sets, make_sets
from cloister.audit.task import Task
from cloister.audit.verdict import Limits as LeakLimits
from cloister.demo.network import photo_folder
from cloister.errors import UserError
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers
from cloister.plan.plan import Limits, Plan, Profiled, plan
from cloister.plan.platform import Platform, find_platform
from cloister.preprocess import Preprocess
from cloister.profile.measure import profile

VICTIM_PHOTOS: Final = ("chelsea.png", "astronaut.png", "coffee.png")
ATTACKER_PHOTOS: Final = (
    "motorcycle_left.png", "rocket.jpg", "retina.jpg", "hubble_deep_field.jpg", "ihc.png",
)  # fmt: skip
# Sides of the pieces, pixels. The attacker's come in several sizes: more pictures to learn from.
VICTIM_SIDES: Final = (64,)
ATTACKER_SIDES: Final = (128, 96, 64, 32)
ATTACKER_MAX: Final = 1600
SEED: Final = 0
MAX_THUMBNAIL: Final = 4.0
PROFILE_RUNS: Final = 5
PLATFORM: Final = "sandbox"


@dataclass(frozen=True)
class Audited:
    """What the demo's audit found, and what a plan makes of it."""

    outcome: Outcome
    platform: Platform
    plan: Plan


def steps(graph: Graph) -> int:
    """How many steps `audit` announces, at most."""
    return 4 * len(find_cuts(graph)) + 4


def audit(
    graph: Graph, how: Preprocess, folder: Path, step: Callable[[str], None] = lambda _: None
) -> Audited:
    """Attacks every cut, and plans.

    Args:
        graph: The network; small pictures, for the pieces are small.
        how: How a picture becomes its input.
        folder: The run's: calling again goes on where it stopped, or reads what is there.
        step: Told what happens next.

    Raises:
        UserError: scikit-image's photographs are not there.
        OutsideError: The disk is full.
    """
    cuts = [cut for cut in find_cuts(graph) if not blockers(cut)]
    facts = {"command": "cloister demo", "skipped": []}
    task = Task(graph, how, _sets(how), cuts, seed=SEED, facts=facts)
    found = outcome(
        run_audit(task, folder, lambda text, *_: step(text)), LeakLimits(MAX_THUMBNAIL, None)
    )
    step("timing each head")
    measured = profile(graph, PROFILE_RUNS)
    platform = find_platform(PLATFORM)
    profiled = Profiled(
        graph.sha256,
        measured.total,
        measured.total.onnxruntime_ms,
        measured.cuts,
    )
    return Audited(found, platform, plan(graph.sha256, found, profiled, platform, Limits()))


def _sets(how: Preprocess) -> Sets:
    victims = _pieces("pieces of scikit-image's photographs", VICTIM_PHOTOS, VICTIM_SIDES, how)
    others = _pieces("other photographs", ATTACKER_PHOTOS, ATTACKER_SIDES, how)
    order = np.random.default_rng(SEED).permutation(len(others))[:ATTACKER_MAX]
    attacker = Pictures(
        others.source, tuple(others.names[i] for i in order), others.pixels_NHWC[order]
    )
    return make_sets(victims, [attacker], seed=SEED, victims_max=len(victims))


def _pieces(source: str, photos: Sequence[str], sides: Sequence[int], how: Preprocess) -> Pictures:
    """Pieces that do not overlap within one size, at the network's size."""
    names, pixels = [], []
    height, width = how.size
    for name in photos:
        path = photo_folder() / name
        if not path.is_file():
            raise UserError(
                f"scikit-image has no {name} here",
                code="missing-extra",
                hint="pip install 'cloister[demo]', or `cloister demo --no-audit`",
            )
        with Image.open(path) as opened:
            photo = opened.convert("RGB" if how.channels == 3 else "L")
        for side in sides:
            for top in range(0, photo.height - side + 1, side):
                for left in range(0, photo.width - side + 1, side):
                    piece = photo.crop((left, top, left + side, top + side))
                    small = piece.resize((width, height), Image.Resampling.BOX)
                    names.append(f"{name} {side} at {left}, {top}")
                    pixels.append(np.asarray(small).reshape(height, width, how.channels))
    return Pictures(source, tuple(names), np.stack(pixels))
