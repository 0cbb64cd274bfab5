"""One audit: the cells that its tier wants, computed into a store.

Steps:
(1) the question: model, pictures, cuts, seed and budget by digest; a store of another question is
    refused;
(2) the tier names the cells that are missing (`tiers`), again and again until none is;
(3) for each group of cuts that fits the cache: features of all pictures in one pass;
(4) cells are computed here, in processes or on a cluster (`spread`), and recorded one by one;
(5) the cache is removed.

A cell that is in the store is not computed again. Verdicts are not stored: `outcome` draws them
from the cells, so that another limit needs no new attack.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from cloister import __version__
from cloister.audit.cells import Job
from cloister.audit.features import groups
from cloister.audit.spread import Runner, Spread
from cloister.audit.store import Store
from cloister.audit.subject import subject_of
from cloister.audit.task import Task
from cloister.audit.tiers import Want, control_shapes, wanted
from cloister.audit.world import Cache, World

Progress = Callable[[str, int, int], None]
"""Told what is being done, how many cells are done, and how many are known to be wanted."""

HERE: Final = Spread()


def run(
    task: Task,
    folder: Path,
    progress: Progress = lambda *_: None,
    remark: Callable[[str], None] = lambda _: None,
    *,
    spread: Spread = HERE,
    warn: Callable[[str], None] = lambda _: None,
) -> Store:
    """Computes what the store does not have yet.

    Args:
        task: What is audited.
        folder: The run's.
        progress: Told at the start of each step.
        remark: Told how far a long step is.
        spread: Where cells are computed.
        warn: Told of what went wrong and was mended: a worker that was killed.

    Raises:
        UserError: The folder holds a run of another question; the network takes other inputs.
        OutsideError: The disk is full; workers died again and again; the cluster went away.
    """
    task.check()
    store = Store.create(folder, task.question())  # (1)
    _record(task, store, complete=False)
    missing = wanted(task, store)
    if not missing:
        _record(task, store, complete=True)
        return store
    cache = Cache(task, World.of(task), store.cache)
    with spread.open(task, store.cache, remark, warn) as runner:
        while missing:  # (2)
            _compute(
                task, store, cache, runner, wants=missing, progress=progress, remark=remark,
                spread=spread,
            )  # fmt: skip
            missing = wanted(task, store)
    cache.clear()  # (5)
    _record(task, store, complete=True)
    return store


def _compute(
    task: Task, store: Store, cache: Cache, runner: Runner, *, wants: Sequence[Want],
    progress: Progress, remark: Callable[[str], None], spread: Spread,
) -> None:  # fmt: skip
    """Steps (3) and (4) for cells that do not depend on each other."""
    before = len(store.done())
    total = before + len(wants)
    done = before
    for some in _groups(task, cache, wants):
        if runner.shares_disk:
            cuts = [task.cut(id) for id in _cuts(some)]
            if any(not cache.wanted(cut).file.exists() for cut in cuts):
                progress(f"features of {len(cuts)} cut(s)", done, total)
                cache.prepare(cuts, remark, spread.processes)

        def told(job: Job) -> None:
            progress(str(job.key), done, total)  # noqa: B023 - read while the loop turns

        for key, cell in runner.compute((want.job(store) for want in some), told):
            store.put(key, cell)
            done += 1


def _cuts(wants: Sequence[Want]) -> list[str]:
    """Cuts whose features these cells read."""
    read = [(w.key.cut, w.later) for w in wants if w.key.kind in ("attack", "match")]
    return [cut for cut in dict.fromkeys(c for pair in read for c in pair) if cut]


def _groups(task: Task, cache: Cache, wants: Sequence[Want]) -> list[list[Want]]:
    """Cells by the cuts whose features fit on disk together; those without a cut come first."""
    order = _cuts(wants)
    sizes = [cache.size(task.cut(cut)) for cut in order]
    place = {
        order[i]: number
        for number, group in enumerate(groups(sizes, task.cache_bytes))
        for i in group
    }
    found: dict[int, list[Want]] = {}
    for want in wants:
        found.setdefault(place.get(want.key.cut, -1), []).append(want)
    return [found[number] for number in sorted(found)]


def _record(task: Task, store: Store, *, complete: bool) -> None:
    sets = task.sets
    store.set_fact(
        "facts",
        {
            "tier": task.tier,
            "unit": subject_of(task.how).unit,
            "access": task.access,
            "complete": complete,
            "victims": len(sets.victims),
            "victims_source": sets.victims.source,
            "duplicates": sets.duplicates,
            "near_duplicates": sets.near_duplicates,
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
            "controls": {cut.id: control_shapes(task, cut.id) for cut in task.cuts},
            "crossing": {cut.id: [info.to_json() for info in cut.crossing] for cut in task.cuts},
            "no_spectrum": task.no_spectrum,
            "input": list(task.how.size),
            "target": list(subject_of(task.how).target(task.how)),
            **task.facts,
        },
    )
