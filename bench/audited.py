"""What the audits of this folder share: a run that notes processor time, its rows, pictures.

A run's folder keeps, beside its cells, what each of them took of the processor
(``processor.jsonl``): on a loaded machine that is what can be compared.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from cloister.audit.attackers import PSDEC
from cloister.audit.cells import Worker
from cloister.audit.outcome import Outcome, outcome
from cloister.audit.run import run
from cloister.audit.sets import Pictures
from cloister.audit.spread import Spread
from cloister.audit.store import Key
from cloister.audit.task import Task
from cloister.audit.tiers import Want, control_shapes
from cloister.cli.audit import result

NOTED: Final = "processor.jsonl"


def pictures(source: str, images: Iterable[Image.Image]) -> Pictures:
    """Images of one size as pictures of one source."""
    pixels = np.stack([np.asarray(image) for image in images])
    if pixels.ndim == 3:
        pixels = pixels[..., None]
    return Pictures(source, tuple(f"{i:05d}" for i in range(len(pixels))), pixels)


def audited(
    task: Task, folder: Path, spread: Spread | None = None, *, psdec: bool = False
) -> Outcome:
    """Runs or resumes an audit; prints each cell, and notes what it takes.

    Args:
        task: What is audited.
        folder: The run's.
        spread: Where cells are computed.
        psdec: PSDec with its control at every cut of the task too, whatever its tier.
    """
    clock = Clock(folder)
    store = run(task, folder, clock.step, spread=spread or Spread())
    if psdec:
        worker = Worker(task, store.cache)
        keys = [
            key
            for source in task.sources
            for cut in task.cuts
            for key in (
                Key("control", control_shapes(task, cut.id)[PSDEC], source, PSDEC),
                Key("attack", cut.id, source, PSDEC),
            )
        ]
        for done, key in enumerate(keys):
            if not store.has(key):
                clock.step(str(key), done, len(keys))
                store.put(key, worker.compute(Want(key).job(store)))
        worker.cache.clear()
    clock.step("", 0, 0)
    return outcome(store, task.limits)


class Clock:
    """Wall and processor time between steps; with worker processes the wall time alone counts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / NOTED
        self.begun = time.perf_counter()
        self.text, self.since = "setting up", (self.begun, time.process_time())

    def step(self, text: str, done: int, total: int) -> None:
        """The last step has ended, another begins."""
        now = time.perf_counter(), time.process_time()
        wall_s, processor_s = (round(b - a, 3) for a, b in zip(self.since, now, strict=True))
        row = {"step": self.text, "wall_s": wall_s, "processor_s": processor_s}
        with self.file.open("a") as file:
            file.write(json.dumps(row) + "\n")
        if text:
            print(f"{now[0] - self.begun:8.0f} s  {done:3d}/{total:<3d} {text}", flush=True)
        self.text, self.since = text, now


def spent(folder: Path) -> dict[str, float]:
    """What all sittings of a run took, as far as steps were finished."""
    rows = [json.loads(line) for line in (folder / NOTED).read_text().splitlines()]
    return {key: round(sum(row[key] for row in rows), 1) for key in ("wall_s", "processor_s")}


def table(found: Outcome) -> list[dict[str, Any]]:
    """One row a cut: the verdict, who, and how much."""
    return [
        {
            "cut": cut.id, "verdict": cut.verdict, "attacker": cut.attacker, "source": cut.source,
            "psnr_db": cut.psnr_db, "ssim": cut.ssim, "ssim_floor": cut.ssim_floor,
            "thumbnail_p50": cut.thumbnail_p50, "thumbnail_p95": cut.thumbnail_p95,
            "leaked": cut.leaked, "leaked_upper": cut.leaked_fraction_upper,
            "match": cut.match_reconstruction_top1, "match_changed": cut.match_changed_top1,
            "flags": "; ".join(flag.partition(":")[0] for flag in cut.flags),
        }
        for cut in result(found, []).cuts
    ]  # fmt: skip


def facts(found: Outcome) -> dict[str, Any]:
    """What a reader needs beside the rows."""
    said = result(found, [])
    return {
        "tier": said.tier, "victims": said.victims, "seed": found.store.question["seed"],
        "duplicates": said.duplicates, "near_duplicates": said.near_duplicates,
        "sources": [source.model_dump() for source in said.sources],
        "references": [reference.model_dump() for reference in said.references],
        "budget": found.store.question["budget"], "network": said.model_sha256,
        "tried": {
            cut.id: [one.model_dump(exclude={"seconds"}) for one in cut.attackers]
            for cut in said.cuts
        },
        "cell_seconds": said.seconds, **spent(found.store.folder),
    }  # fmt: skip
