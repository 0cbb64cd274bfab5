"""What a tier wants computed: stages, each a function from what is known to the cells it asks for.

* fast: references, matches, ridge and local ridge at all cuts, with their controls.
* standard: fast; PSDec (L2, one seed) at all cuts; at the first passing cut and its two
  neighbours three seeds, MS-SSIM, GAN, white box cold and warm, twice the budget. Where that
  cut then leaks, the next passing one is looked at in the same way.
* deep: everything at all cuts.
* Above fast, a cut whose PSDec scores less than that of a later cut, computed from it, is trained
  again through the later one's.

* Any tier, where it is asked for: the spectrum bound at all cuts.

Stages are asked again until nothing is missing, so they may look at verdicts of the cells so far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from cloister.audit.attackers import ATTACKERS, PSDEC, THROUGH
from cloister.audit.cells import Job, control_shape
from cloister.audit.features import plan_parts
from cloister.audit.outcome import best, verdicts
from cloister.audit.store import Key, Store
from cloister.audit.subject import subject_of
from cloister.audit.task import Task

SEEDS: Final = 3
# A later cut's decoder must be better by so much before the earlier one is trained again.
BETTER_DB: Final = 0.05
LINEAR: Final = tuple(name for name, row in ATTACKERS.items() if not row.trained)
# Whom an optimisation must beat on validation: what stages before it have finished, so that the
# order in which cells are computed changes nothing.
RIVALS: Final = (*LINEAR, PSDEC)
FOCUSED: Final = (
    PSDEC, "psdec, budget x 2", "psdec MS-SSIM", "conditional GAN", "white box",
    "white box from psdec",
)  # fmt: skip
ALL: Final = (*FOCUSED, "psdec, budget x 4", "deep image prior")


@dataclass(frozen=True)
class Want:
    """A cell that is wanted, and what it begins with.

    Args:
        key: Which.
        start: The cell whose weights it begins with.
        later: Id of the cut of `start`, where that is another.
    """

    key: Key
    start: Key | None = None
    later: str = ""

    def job(self, store: Store) -> Job:
        """With what it begins with, read from the store."""
        rival = None
        if self.key.kind == "attack" and ATTACKERS[self.key.attacker].access == "whitebox":
            cell = best(store, [replace(self.key, attacker=n, seed=0) for n in RIVALS])
            rival = None if cell is None else cell.arrays["validation_mse"]
        return Job(self.key, store.kept(self.start) if self.start else {}, self.later, rival)


Stage = Callable[[Task, Store], Iterator[Want]]


def wanted(task: Task, store: Store) -> list[Want]:
    """The next cells that are missing; none: the tier is done."""
    done = store.done()
    for stage in (*STAGES[task.tier], _spectrum):
        missing = [w for w in dict.fromkeys(stage(task, store)) if w.key not in done]
        if missing:
            return missing
    return []


def focus(task: Task, store: Store) -> list[str]:
    """The first passing cut and its neighbours; where none passes, the first that is unclear,
    else the last.
    """
    said = verdicts(store, task.limits)
    order = [cut.id for cut in task.cuts]
    for verdict in ("NOT SHOWN TO LEAK", "INCONCLUSIVE"):
        places = [i for i, cut in enumerate(order) if said[cut].verdict == verdict]
        if places:
            break
    else:
        places = [len(order) - 1]
    return order[max(0, places[0] - 1) : places[0] + 2]


def control_shapes(task: Task, cut: str) -> dict[str, str]:
    """The planted tensor that each attacker with a control is tried on at a cut."""
    parts = plan_parts(task.cut(cut), subject_of(task.how).target(task.how))
    return {n: control_shape(parts, row.control) for n, row in ATTACKERS.items() if row.control}


# ----------------------------------------------------------------------------------------- stages
def _references(task: Task, _: Store) -> Iterator[Want]:
    for source in task.sources:
        yield Want(Key("reference", source=source))


def _linear(task: Task, _: Store) -> Iterator[Want]:
    for cut in task.cuts:
        for source in task.sources:
            yield Want(Key("match", cut.id, source))
            yield from _attacks(task, cut.id, source, LINEAR)


def _inverse_networks(task: Task, _: Store) -> Iterator[Want]:
    for cut in task.cuts:
        for source in task.sources:
            yield from _attacks(task, cut.id, source, (PSDEC,))


def _at_focus(task: Task, store: Store) -> Iterator[Want]:
    for cut in focus(task, store):
        for source in task.sources:
            yield from _attacks(task, cut, source, FOCUSED, SEEDS)


def _everything(task: Task, _: Store) -> Iterator[Want]:
    for cut in task.cuts:
        for source in task.sources:
            yield from _attacks(task, cut.id, source, ALL, SEEDS)


def _through_later(task: Task, store: Store) -> Iterator[Want]:
    heads = {cut.id: {str(n.name) for n in cut.head_nodes} for cut in task.cuts}
    for source in task.sources:
        score = {cut.id: store.get(Key("attack", cut.id, source, PSDEC)).facts for cut in task.cuts}
        reached = {
            cut: facts["validation"]["psnr_db"] for cut, facts in score.items()
            if "validation" in facts
        }  # fmt: skip
        for cut, own in reached.items():
            later = [c for c in reached if heads[cut] < heads[c]]
            if not later:
                continue
            top = max(later, key=lambda c: reached[c])
            if reached[top] > own + BETTER_DB:
                key = Key("attack", cut, source, THROUGH)
                yield Want(key, Key("attack", top, source, PSDEC), top)


def _spectrum(task: Task, _: Store) -> Iterator[Want]:
    if not task.no_spectrum:
        for cut in task.cuts:
            for source in task.sources:
                yield Want(Key("spectrum", cut.id, source))


def _attacks(
    task: Task, cut: str, source: str, names: tuple[str, ...], seeds: int = 1
) -> Iterator[Want]:
    """Attackers at one cut with their controls; PSDec with all seeds, the others with one."""
    shapes = control_shapes(task, cut)
    pictures = subject_of(task.how).unit == "thumbnail"
    for name in names:
        row = ATTACKERS[name]
        if (row.access == "whitebox" and task.access == "blackbox") or row.pictures > pictures:
            continue
        if name in shapes:
            yield Want(Key("control", shapes[name], source, name))
        start = Key("attack", cut, source, row.starts_from) if row.starts_from else None
        for seed in range(seeds if name == PSDEC else 1):
            yield Want(Key("attack", cut, source, name, seed), start)


_FAST: Final[tuple[Stage, ...]] = (_references, _linear)
STAGES: Final[dict[str, tuple[Stage, ...]]] = {
    "fast": _FAST,
    "standard": (*_FAST, _inverse_networks, _through_later, _at_focus),
    "deep": (*_FAST, _inverse_networks, _through_later, _everything),
}
