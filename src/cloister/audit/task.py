"""What is audited: the network, the pictures, the cuts, and what may be spent on it.

A task travels: pickled, it is the network's bytes and the ids of its cuts, so that another
process or machine computes the same cells.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import onnx
import onnx_ir as ir

from cloister.audit import VERSION
from cloister.audit.attackers import Access, Budget
from cloister.audit.features import CACHE_BYTES
from cloister.audit.lpips import SIDE_MIN, Lpips
from cloister.audit.planted import SIDE
from cloister.audit.recognition import Recogniser
from cloister.audit.sets import Sets
from cloister.audit.subject import How, subject_of
from cloister.audit.verdict import Limits, check_limit
from cloister.errors import UserError
from cloister.graph.cuts import Cut, find_cut
from cloister.graph.graph import Graph

TIERS: Final = ("fast", "standard", "deep")


@dataclass(frozen=True)
class Task:
    """What is audited.

    Args:
        graph: The network.
        how: How pictures become its input.
        sets: Victims and what the attackers know.
        cuts: Where to attack.
        seed: Of everything that is drawn.
        tier: How much is tried; a higher tier goes on with the cells of a lower one.
        access: What attackers know of the head: its weights too, or only pairs.
        budget: What a trained attacker may spend.
        limits: Of the verdicts that steer where most is tried.
        threads: Of ONNX Runtime and torch, in each process.
        device: Of torch; None: CUDA where it is there.
        cache_bytes: Bound of the features on disk.
        control_side: Side of the thumbnail that the positive control plants.
        recogniser: Who says whether a reconstruction shows what the original shows.
        lpips: The distance from weights of the user.
        spectrum: Whether the spectrum bound is computed.
        facts: What a reader needs besides: command, skipped files.
    """

    graph: Graph
    how: How
    sets: Sets
    cuts: Sequence[Cut]
    seed: int = 0
    tier: str = "fast"
    access: Access = "whitebox"
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
    threads: int = 1
    device: str | None = None
    cache_bytes: int = CACHE_BYTES
    control_side: int = SIDE
    recogniser: Recogniser | None = None
    lpips: Lpips | None = None
    spectrum: bool = False
    facts: dict[str, Any] = field(default_factory=dict)

    def question(self) -> dict[str, Any]:
        """What the numbers depend on. Not the tier: it says how many of them there are."""
        return {
            "version": VERSION,
            "model": self.graph.sha256,
            "model_name": self.graph.name,
            "pictures": self.sets.digest,
            "preprocess": self.how.to_manifest(),
            "cuts": [cut.id for cut in self.cuts],
            "seed": self.seed,
            "budget": self.budget.to_json(),
            "control_side": self.control_side,
            **({"lpips": self.lpips.sha256} if self.lpips else {}),
            **({"recogniser": self.recogniser.to_json()} if self.recogniser else {}),
        }

    @property
    def name(self) -> str:
        """Short and the same for the same question."""
        digest = hashlib.sha256(repr(sorted(self.question().items())).encode()).hexdigest()
        return f"audit-{self.graph.name}-{digest[:10]}"

    @property
    def no_spectrum(self) -> str:
        """Why the spectrum bound is not computed; empty: it is."""
        if not self.spectrum:
            return "not asked for"
        if subject_of(self.how).unit != "thumbnail":
            return "its prior is of pictures, these are records"
        return "" if importlib.util.find_spec("torch") else "torch is not installed"

    @property
    def sources(self) -> list[str]:
        """Of the attacker's pictures."""
        return [assumption.source for assumption in self.sets.assumptions]

    def cut(self, id: str) -> Cut:
        """One of its cuts."""
        return next(cut for cut in self.cuts if cut.id == id)

    def check(self) -> None:
        """Raises UserError where the network does not take what the pictures become, or no
        reconstruction could be worth more than the limit.
        """
        subject = subject_of(self.how)
        target = subject.target(self.how)
        side = min(target)
        check_limit(self.limits, subject.unit, target)
        if self.lpips is not None and side < SIDE_MIN:
            raise UserError(
                f"--lpips needs pictures of {SIDE_MIN} pixels or more, {side} are rebuilt here",
                code="usage",
                hint="Leave --lpips out.",
            )
        if len(self.graph.inputs) != 1 or self.graph.inputs[0].shape != self.how.shape:
            raise UserError(
                f"{self.graph.name} takes {[list(i.shape) for i in self.graph.inputs]}, the "
                f"pictures become {list(self.how.shape)}",
                code="bad-preprocess",
            )

    def __reduce__(self) -> tuple[Any, ...]:
        rest = {f.name: getattr(self, f.name) for f in fields(self)}
        graph, cuts = rest.pop("graph"), rest.pop("cuts")
        plain = (graph.to_bytes(), graph.name, graph.sha256)
        return _unpack, (plain, [cut.id for cut in cuts], rest)


def _unpack(plain: tuple[bytes, str, str], cuts: list[str], rest: dict[str, Any]) -> Task:
    data, name, sha256 = plain
    # Normalised already, and so left as it is.
    graph = Graph(ir.from_proto(onnx.load_from_string(data)), name=name, sha256=sha256)
    return Task(graph, cuts=[find_cut(graph, id) for id in cuts], **rest)
