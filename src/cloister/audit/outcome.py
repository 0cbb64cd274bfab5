"""What a run says under given limits: one row a cut, drawn from its cells.

Of a cut's attackers the one with the smallest validation error is judged; SSIM, MS-SSIM and GMSD
are reported from the one with the best validation SSIM, `similarity_attacker`. The row shows the
source of attacker pictures that is better for the attacker (more leaked pictures, then smaller
error). Nothing is attacked here, so other limits cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from cloister.audit.attackers import ATTACKERS
from cloister.audit.intervals import bootstrap_mean, clopper_pearson, quantile_interval
from cloister.audit.matching import TOP, found
from cloister.audit.measures import Doubles
from cloister.audit.store import Cell, Key, Store
from cloister.audit.verdict import BEATS_FLOOR, Judged, Limits, Measured, check_limit, judge
from cloister.errors import UserError

KINDS: Final = ("reconstruction", "changed")
NO_CONTROL: Final = {"found": False, "side": 0, "fits": False, "thumbnail_p50": None}


# The last doubling of a budget must not still gain so much.
GAIN_DB: Final = 0.3


@dataclass(frozen=True)
class Tried:
    """One attacker with one seed at one cut.

    Args:
        attacker: Its row.
        seed: Its own.
        validation_psnr_db: What it was compared by; None: it was refused.
        psnr_db: Mean over the victims; None: they were spared.
        seconds: What it took.
        refused: Why it did not attack; empty where it did.
    """

    attacker: str
    seed: int
    validation_psnr_db: float | None
    psnr_db: float | None
    seconds: float
    refused: str


@dataclass(frozen=True)
class Assumed:
    """What one assumption on the attacker's pictures gives at a cut.

    Args:
        source: Where they come from.
        attacker: The best on validation with them.
        psnr_db: Mean over the victims.
        thumbnail_p95: 95th percentile of what reconstructions are worth.
        match: Share of victims found from the reconstruction.
    """

    source: str
    attacker: str
    psnr_db: float
    thumbnail_p95: float
    match: float


@dataclass(frozen=True)
class CutOutcome:
    """One cut.

    Args:
        judged: The verdict.
        source: Of the attacker pictures that served the attacker best.
        cell: The attack with them that is judged.
        others: Judged attacks with the other sources.
        tried: All attacks with that source.
        floor_ssim: Mean SSIM of the mean picture on the same victims.
        crossing: The crossing tensors, as JSON.
        seed: Of the intervals.
        spectrum: The spectrum bound under the prior of that source; `refused` where there is none.
    """

    judged: Judged
    source: str
    cell: Cell
    others: dict[str, Cell]
    tried: list[Tried]
    floor_ssim: float | None
    crossing: list[dict[str, Any]]
    seed: int
    spectrum: dict[str, Any]

    def assumed(self, source: str) -> Assumed:
        """What the attacker has who learnt from one of the sources."""
        cell = self.cell if source == self.source else self.others[source]
        arrays = cell.arrays
        return Assumed(
            source,
            cell.facts["attacker"],
            float(arrays["psnr_db"].mean()),
            float(np.quantile(arrays["thumbnail"], 0.95)),
            float(found(arrays["rank_reconstruction"]).mean()),
        )

    @property
    def flags(self) -> list[str]:
        """Short remarks, stable for scripts up to the first colon."""
        found_flags = list(self.judged.flags)
        facts = self.cell.facts
        names = {
            "budget_limited": "budget-limited: a lower bound, a larger budget would show more",
            "pooled": "pooled: maps were averaged to fit",
            "below_floor": "below-floor: the attacker is worse than the mean picture",
        }
        found_flags += [text for name, text in names.items() if facts[name]]
        if not facts["control"]["found"]:
            found_flags.append("control-failed: a planted leak was not found")
        found_flags += [
            f"incompetent: {name} does not find a planted leak"
            for name, control in facts["controls"].items()
            if not control["found"] and facts["control"]["found"]
        ]
        found_flags += [
            f"not-attacked: {one.attacker}: {one.refused}"
            for one in self.tried
            if one.refused and ATTACKERS[one.attacker].access == "whitebox"
        ]
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
    def recognised(self) -> tuple[float, tuple[float, float]] | None:
        """Share of reconstructions in which the independent classifier sees what it sees in the
        original, with its interval; None: there was none.
        """
        agrees = self.cell.arrays.get("recognised")
        if agrees is None:
            return None
        hits = int(agrees.sum())
        return hits / len(agrees), clopper_pearson(hits, len(agrees))

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
        return list(self.store.get(Key("reference", source=source)).facts["table"])

    @property
    def recogniser(self) -> dict[str, Any] | None:
        """The independent classifier with its chance; None: there was none."""
        asked = self.store.question.get("recogniser")
        if asked is None:
            return None
        source = self.facts["sources"][0]["source"]
        facts = self.store.get(Key("reference", source=source)).facts
        return {
            "name": asked["name"],
            "sha256": asked["sha256"],
            "chance": facts["recognised_chance"],
        }

    def seconds(self) -> float:
        """Time of all attacks."""
        return self.store.seconds()


def outcome(run: Store | str | Path, limits: Limits | None = None) -> Outcome:
    """Reads a finished run.

    Raises:
        UserError: It is no run, is unfinished, or of another version.
    """
    store = run if isinstance(run, Store) else Store.open(run)
    limits = limits or Limits()
    facts = store.fact("facts") or {}
    if not facts.get("complete"):
        raise UserError(
            f"{store.folder} is not finished",
            code="unfinished-run",
            hint="`cloister audit` with the same options, or --resume, continues it.",
        )
    check_limit(limits, facts["unit"], facts["target"])
    sources = [entry["source"] for entry in facts["sources"]]
    reader = _Reader(store)
    floors = {
        source: store.get(Key("reference", source=source)).facts["table"][0]["ssim"]
        for source in sources
    }
    rows = []
    for cut, judged in verdicts(store, limits, reader).items():
        own = {source: reader.judged(cut, source) for source in sources}
        chosen = max(own, key=lambda s: _strength(own[s], limits))
        rows.append(
            CutOutcome(
                judged,
                chosen,
                own[chosen],
                {source: cell for source, cell in own.items() if source != chosen},
                reader.tried(cut, chosen),
                floors[chosen],
                facts["crossing"][cut],
                store.question["seed"],
                reader.spectrum(cut, chosen),
            )
        )
    return Outcome(store, limits, rows)


def verdicts(store: Store, limits: Limits, reader: _Reader | None = None) -> dict[str, Judged]:
    """Verdicts from the cells so far, in the order of the network."""
    facts = store.fact("facts") or {}
    reader = reader or _Reader(store)
    measured = [
        _measured(cut, reader.judged(cut, entry["source"]), facts)
        for cut in store.question["cuts"]
        for entry in facts["sources"]
    ]
    limits = replace(limits, unit=facts["unit"])
    return {judged.cut: judged for judged in judge(measured, limits)}


def best(store: Store, keys: Sequence[Key]) -> Cell | None:
    """The attack with the smallest validation error of some."""
    cells = [(key, store.get(key)) for key in keys if store.has(key)]
    attacks = [(key, cell) for key, cell in cells if "mse" in cell.arrays]
    return _Reader.best(attacks)[1] if attacks else None


class _Reader:
    """Cells of a run, each read once."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.by_cut: dict[tuple[str, str], list[Key]] = {}
        keys = store.done()
        self.controls = {key for key in keys if key.kind == "control"}
        for key in sorted(keys):
            if key.kind == "attack":
                self.by_cut.setdefault((key.cut, key.source), []).append(key)
        self.bounds = {key for key in keys if key.kind == "spectrum"}
        self.cells: dict[Key, Cell] = {}
        self.facts: dict[str, Any] = store.fact("facts") or {}

    def get(self, key: Key) -> Cell:
        if key not in self.cells:
            self.cells[key] = self.store.get(key)
        return self.cells[key]

    def attacks(self, cut: str, source: str) -> list[tuple[Key, Cell]]:
        """Those that attacked the victims."""
        found_here = [(key, self.get(key)) for key in self.by_cut.get((cut, source), [])]
        return [(key, cell) for key, cell in found_here if "mse" in cell.arrays]

    @staticmethod
    def best(attacks: list[tuple[Key, Cell]]) -> tuple[Key, Cell]:
        """By the mean error on validation; those that rebuilt only its first pictures meet the best
        of the others on these.
        """

        def best(some: list[tuple[Key, Cell]], count: int) -> tuple[Key, Cell]:
            return min(some, key=lambda a: (float(_errors(a)[:count].mean()), a[0]))

        whole = max(len(_errors(a)) for a in attacks)
        first = best([a for a in attacks if len(_errors(a)) == whole], whole)
        rest = [a for a in attacks if len(_errors(a)) < whole]
        return best([first, *rest], min(len(_errors(a)) for a in (first, *rest)))

    def judged(self, cut: str, source: str) -> Cell:
        """The attack that is judged, with what is known of the cut besides."""
        match = self.get(Key("match", cut, source))
        attacks = self.attacks(cut, source)
        if not attacks:
            self.store.get(Key("attack", cut, source, "ridge"))  # says that it is missing
        key, cell = self.best(attacks)
        arrays = dict(cell.arrays) | {"rank_changed": match.arrays["rank_changed"]}
        similar: Key | None = None
        by_ssim = [a for a in attacks if a[1].facts["validation"]["ssim"] is not None]
        if by_ssim:
            similar, top = max(by_ssim, key=lambda a: (a[1].facts["validation"]["ssim"], a[0]))
            arrays |= {name: top.arrays[name] for name in ("ssim", "ms_ssim", "gmsd")}
        controls = self._controls(cut, source)
        budget = self._budget(key, cell, attacks)
        gain = budget[-1][1] - budget[-2][1] if len(budget) > 1 else 0.0
        facts = {
            **cell.facts,
            **match.facts,
            "attacker": key.attacker,
            "attacker_seed": key.seed,
            "similarity_attacker": similar.attacker if similar else None,
            "validation_psnr_db": {
                k.attacker: c.facts["validation"]["psnr_db"] for k, c in attacks if k.seed == 0
            },
            "budget": budget,
            "budget_limited": gain > GAIN_DB,
            "control": max(
                controls.values(),
                key=lambda c: (c["found"], c["thumbnail_p50"] or 0.0),
                default=NO_CONTROL,
            ),
            "controls": controls,
        }
        return Cell(facts, arrays, cell.seconds)

    def _controls(self, cut: str, source: str) -> dict[str, dict[str, Any]]:
        """Controls of this cut's attackers, by attacker."""
        shapes = self.facts["controls"][cut]
        keys = {n: Key("control", shape, source, n) for n, shape in shapes.items()}
        return {name: self.get(key).facts for name, key in keys.items() if key in self.controls}

    def spectrum(self, cut: str, source: str) -> dict[str, Any]:
        """The spectrum bound, or why there is none."""
        key = Key("spectrum", cut, source)
        if key in self.bounds:
            return self.get(key).facts
        return {"refused": self.facts.get("no_spectrum") or "not asked for"}

    @staticmethod
    def _budget(key: Key, cell: Cell, attacks: list[tuple[Key, Cell]]) -> list[list[float]]:
        """The budget curve of an attacker, or of its family."""
        family = ATTACKERS[key.attacker].family
        if not family:
            return list(cell.facts["budget"])
        points = [
            point for k, c in attacks if ATTACKERS[k.attacker].family == family and k.seed == 0
            for point in c.facts["budget"]
        ]  # fmt: skip
        return sorted(points)

    def tried(self, cut: str, source: str) -> list[Tried]:
        """All attacks, the best on validation first."""
        rows = []
        for key in self.by_cut.get((cut, source), []):
            cell = self.get(key)
            spared = "mse" not in cell.arrays
            rows.append(
                Tried(
                    key.attacker,
                    key.seed,
                    cell.facts.get("validation", {}).get("psnr_db"),
                    None if spared else float(cell.arrays["psnr_db"].mean()),
                    cell.seconds,
                    cell.facts.get("refused", ""),
                )
            )
        return sorted(rows, key=lambda r: -(r.validation_psnr_db or 0.0))


def _errors(attack: tuple[Key, Cell]) -> Doubles:
    return attack[1].arrays["validation_mse"]


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
