"""What a run says under given limits: one row a cut, drawn from its cells.

The row shows the source of attacker pictures that is better for the attacker (more leaked
pictures, then smaller error). Nothing is attacked here, so other limits cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from cloister.audit.intervals import bootstrap_mean, quantile_interval
from cloister.audit.matching import TOP, found
from cloister.audit.store import Cell, Store
from cloister.audit.verdict import BEATS_FLOOR, Judged, Limits, Measured, judge

KINDS: Final = ("reconstruction", "changed")


@dataclass(frozen=True)
class CutOutcome:
    """One cut.

    Args:
        judged: The verdict.
        source: Of the attacker pictures that served the attacker best.
        cell: The attack with them.
        others: Attacks with the other sources.
        floor_ssim: Mean SSIM of the mean picture on the same victims.
        crossing: The crossing tensors, as JSON.
        seed: Of the intervals.
    """

    judged: Judged
    source: str
    cell: Cell
    others: dict[str, Cell]
    floor_ssim: float | None
    crossing: list[dict[str, Any]]
    seed: int

    @property
    def flags(self) -> list[str]:
        """Short remarks, stable for scripts up to the first colon."""
        found_flags = list(self.judged.flags)
        facts = self.cell.facts
        names = {
            "budget_limited": "budget-limited: a lower bound, more pictures would show more",
            "pooled": "pooled: maps were averaged to fit",
            "below_floor": "below-floor: the attacker is worse than the mean picture",
        }
        found_flags += [text for name, text in names.items() if facts[name]]
        if not facts["control"]["found"]:
            found_flags.append("control-failed: a planted leak was not found")
        if facts["faulty"]:
            found_flags.append(f"not-finite: {facts['faulty']} pictures give NaN or infinity")
        return found_flags

    def mean(self, measure: str) -> float | None:
        """Mean of a measure over the victims."""
        value = float(self.cell.arrays[measure].mean())
        return value if np.isfinite(value) else None

    def mean_interval(self, measure: str) -> tuple[float, float]:
        """Bootstrap interval of that mean."""
        return bootstrap_mean(self.cell.arrays[measure], self.seed)

    def quantile(self, measure: str, q: float) -> float:
        """Quantile of a measure over the victims."""
        return float(np.quantile(self.cell.arrays[measure], q))

    def thumbnail_interval(self, q: float) -> tuple[float, float]:
        """Exact interval of the thumbnail's quantile."""
        return quantile_interval(self.cell.arrays["thumbnail"], q)

    def matched(self, kind: str, top: int = 1) -> float:
        """Share of victims found among the first `top`."""
        return float(found(self.cell.arrays[f"rank_{kind}"], top).mean())

    @property
    def chance(self) -> float:
        """Share that guessing finds at the first place."""
        return 1 / self.judged.count


@dataclass(frozen=True)
class Outcome:
    """A run under given limits.

    Args:
        store: The run.
        limits: What is too much.
        cuts: In the order of the network.
    """

    store: Store
    limits: Limits
    cuts: list[CutOutcome]

    @property
    def facts(self) -> dict[str, Any]:
        """What the run recorded of itself."""
        return dict(self.store.fact("facts") or {})

    @property
    def model_sha256(self) -> str:
        """Digest of the audited model."""
        return str(self.store.question["model"])

    def references(self) -> list[dict[str, Any]]:
        """Floors and oracles, of the first source."""
        source = self.facts["sources"][0]["source"]
        return list(self.store.get("reference", "", source).facts["table"])

    def seconds(self) -> float:
        """Time of all attacks."""
        return sum(c.cell.seconds + sum(o.seconds for o in c.others.values()) for c in self.cuts)


def outcome(run: Store | str | Path, limits: Limits | None = None) -> Outcome:
    """Reads a finished run.

    Raises:
        UserError: It is no run, is unfinished, or of another version.
    """
    store = run if isinstance(run, Store) else Store.open(run)
    limits = limits or Limits()
    question, facts = store.question, store.fact("facts") or {}
    sources = [entry["source"] for entry in facts.get("sources", [])]
    measured: list[Measured] = []
    cells: dict[str, dict[str, Cell]] = {}
    for cut in question["cuts"]:
        cells[cut] = {source: store.get("attack", cut, source) for source in sources}
        measured += [_measured(cut, cell, facts) for cell in cells[cut].values()]
    floors = {
        source: store.get("reference", "", source).facts["table"][0]["ssim"] for source in sources
    }
    rows = []
    for judged in judge(measured, limits):
        own = cells[judged.cut]
        best = max(own, key=lambda s: _strength(own[s], limits))
        rows.append(
            CutOutcome(
                judged,
                best,
                own[best],
                {source: cell for source, cell in own.items() if source != best},
                floors[best],
                facts["crossing"][judged.cut],
                question["seed"],
            )
        )
    return Outcome(store, limits, rows)


def _strength(cell: Cell, limits: Limits) -> tuple[int, float]:
    arrays = cell.arrays
    beats = arrays["mse"] < BEATS_FLOOR * arrays["floor_mse"]
    leaked = int(((arrays["thumbnail"] > limits.thumbnail) & beats).sum())
    return leaked, -float(arrays["mse"].mean())


def _measured(cut: str, cell: Cell, facts: dict[str, Any]) -> Measured:
    control = cell.facts["control"]
    return Measured(
        cut=cut,
        head=frozenset(facts["heads"][cut]),
        thumbnail=cell.arrays["thumbnail"],
        error=cell.arrays["mse"],
        floor_error=cell.arrays["floor_mse"],
        matched={kind: int(found(cell.arrays[f"rank_{kind}"]).sum()) for kind in KINDS},
        control_found=control["found"],
        control_worth=control["thumbnail_p50"] or 0.0,
        control_fits=control["fits"],
        faulty=cell.facts["faulty"],
        below_floor=cell.facts["below_floor"],
    )


def top10(cut: CutOutcome, kind: str) -> float:
    """Share of victims found among the first ten."""
    return cut.matched(kind, TOP)
