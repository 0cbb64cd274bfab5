"""All pictures of an audit in one order, and the features of each cut: computed once, kept on disk
within a bound.
"""

from __future__ import annotations

import fcntl
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.features import (
    Features,
    Lot,
    Wanted,
    extract_features,
    open_rows,
    plan_parts,
)
from cloister.audit.pairs import Pairs
from cloister.audit.subject import subject_of
from cloister.audit.task import Task
from cloister.graph.cuts import Cut

Floats = NDArray[np.float32]
Places = NDArray[np.intp]

_LOT: Final = 64


@dataclass(frozen=True)
class World:
    """Victims, their changed copies, then each source's pictures.

    Args:
        targets: What is rebuilt, [N, C, h, w].
        victims: Places of the victims.
        changed: Places of their changed copies.
        train: Places of each source's pictures to learn from.
        validation: Of those that choose.
        lots: The same pictures as inputs, made when their turn comes.
    """

    targets: Floats
    victims: Places
    changed: Places
    train: tuple[Places, ...]
    validation: tuple[Places, ...]
    lots: tuple[Lot, ...]

    @classmethod
    def of(cls, task: Task) -> World:
        """Of a task."""
        subject = subject_of(task.how)
        victims = task.sets.victims.pixels_NHWC
        blocks = [victims, subject.changed(victims)]
        for assumption in task.sets.assumptions:
            blocks += [assumption.train, assumption.validation]
        edges = np.cumsum([0, *(len(block) for block in blocks)])
        places = [np.arange(a, b) for a, b in itertools.pairwise(edges)]
        lots = [
            Lot(len(part), partial(subject.inputs, part, task.how))
            for block in blocks
            for part in np.array_split(block, max(1, -(-len(block) // _LOT)))
        ]
        targets = np.concatenate([subject.targets(block, task.how) for block in blocks])
        return cls(
            targets, places[0], places[1],
            tuple(places[2::2]), tuple(places[3::2]), tuple(lots),
        )  # fmt: skip

    @property
    def target(self) -> tuple[int, int]:
        """Height and width of what is rebuilt."""
        return int(self.targets.shape[2]), int(self.targets.shape[3])

    def pairs(self, features: Features, source: int) -> Pairs:
        """What the attacker of one source has at a cut."""
        train, validation = self.train[source], self.validation[source]
        return Pairs(
            features, train, validation, self.victims, self.targets[train],
            self.targets[validation],
        )  # fmt: skip


class Cache:
    """Features of cuts on disk; the oldest go where there is no room for new ones."""

    def __init__(self, task: Task, world: World, folder: Path) -> None:
        self.task, self.world, self.folder = task, world, folder
        folder.mkdir(parents=True, exist_ok=True)

    def wanted(self, cut: Cut) -> Wanted:
        """A cut, how a row is made, and the file it goes to."""
        name = f"{hashlib.sha256(cut.id.encode()).hexdigest()[:24]}.safetensors"
        return Wanted(cut, plan_parts(cut, self.world.target), self.folder / name)

    def size(self, cut: Cut) -> int:
        """Bytes of its file."""
        return 4 * self.wanted(cut).parts[-1].stop * len(self.world.targets)

    def prepare(self, cuts: Sequence[Cut], remark: Callable[[str], None], at_once: int = 1) -> None:
        """Files of these cuts, in one pass of the network, so many pictures at once."""
        wanted = [self.wanted(cut) for cut in cuts]
        with self._alone():
            self._prepare(wanted, remark, at_once)

    def _prepare(
        self, wanted: Sequence[Wanted], remark: Callable[[str], None], at_once: int = 1
    ) -> None:
        missing = [one for one in wanted if not one.file.exists()]
        if not missing:
            return
        self._make_room({one.file for one in wanted}, sum(self.size(one.cut) for one in missing))
        total = len(self.world.targets)

        def told(done: int) -> None:
            remark(f"features of {len(missing)} cut(s), {done} of {total} pictures")

        extract_features(
            self.task.graph, missing, self.world.lots, threads=self.task.threads,
            at_once=at_once, step=told,
        )  # fmt: skip

    def _make_room(self, keep: set[Path], needed: int) -> None:
        others = [f for f in self.folder.glob("*.safetensors") if f not in keep]
        others.sort(key=lambda f: f.stat().st_mtime)
        room = self.task.cache_bytes - needed - sum(f.stat().st_size for f in others)
        for file in others:
            if room >= 0:
                break
            room += file.stat().st_size
            file.unlink(missing_ok=True)

    def open(self, cut: Cut) -> tuple[Features, int]:
        """A cut's features, and how many pictures give NaN or infinity there (0 stands for it)."""
        one = self.wanted(cut)
        with self._alone():
            self._prepare([one], lambda _: None)
            features = Features(open_rows(one.file), one.parts)
        faulty = features.faulty()
        if faulty:
            rows = np.nan_to_num(np.asarray(features.rows), nan=0.0, posinf=0.0, neginf=0.0)
            features = Features(rows, one.parts)
        return features, faulty

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Other processes on this machine wait: none computes the same features twice, none
        removes what another is about to open.
        """
        with (self.folder / "lock").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def clear(self) -> None:
        """Removes all of it."""
        for file in self.folder.iterdir():
            file.unlink(missing_ok=True)
