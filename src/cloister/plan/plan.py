"""Chooses a cut, or says that none passes, by how much, and what would help.

Rules kept:
* Limits are hard: a part of the network that misses one is excluded, and each miss is told.
* A cut passes the leak's limits only with the verdict NOT SHOWN TO LEAK: inconclusive is no pass,
  nor is an upper limit that too few victims leave open.
* Leaks are told, compared and shown by one statistic each: the upper confidence limit.
* Among what passes, a part is on the Pareto front when no other is better in latency, memory or
  leak and as good in the rest; the fastest of the front is chosen.
* An audit or a profile of another model is refused by its digest.

Memory is the plan's, to the byte, with all weights resident and a replay table of 65,536 entries.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from cloister.audit.intervals import clopper_pearson
from cloister.audit.matching import found
from cloister.audit.outcome import KINDS, CutOutcome, Outcome
from cloister.audit.verdict import SHARE, victims_needed
from cloister.audit.verdict import Limits as LeakLimits
from cloister.errors import UserError
from cloister.plan.platform import Platform
from cloister.profile.measure import WHOLE
from cloister.profile.measure import Part as Measured

REPLAY_BYTES: Final = 65_536 * 16
PASSED: Final = "NOT SHOWN TO LEAK"
LimitName = Literal["memory", "latency", "thumbnail", "match", "verdict"]


@dataclass(frozen=True)
class Profiled:
    """What `cloister profile` found.

    Args:
        model_sha256: Of the model.
        total: The whole network; None where the enclave cannot run all of it.
        total_onnxruntime_ms: ONNX Runtime on the whole network, or on what was measured of it.
        cuts: The heads.
    """

    model_sha256: str
    total: Measured | None
    total_onnxruntime_ms: float
    cuts: Sequence[Measured]


@dataclass(frozen=True)
class Limits:
    """What a person demands; None demands nothing. Leaks' limits are in the audit's outcome."""

    memory_bytes: int | None = None
    latency_ms: float | None = None


@dataclass(frozen=True)
class Miss:
    """A limit that a part misses.

    Args:
        cut: The part.
        limit: Which.
        value: What it has; of `thumbnail` and `match` the upper confidence limit, infinite where
            too few victims leave it open.
        bound: What it may have.
        reason: Of a leak: why; else empty.
    """

    cut: str
    limit: LimitName
    value: float | str
    bound: float | str
    reason: str = ""

    @property
    def over(self) -> float | None:
        """Value divided by bound, where both are finite numbers."""
        if isinstance(self.value, str) or isinstance(self.bound, str) or not self.value:
            return None
        over = self.value / self.bound if self.bound else math.inf
        return over if math.isfinite(over) else None


@dataclass(frozen=True)
class Part:
    """One way to run the network.

    Args:
        cut: None: the whole network inside.
        head_ms: In the TEE.
        crossing_ms: From the TEE to the tail.
        tail_ms: Outside.
        secure_bytes: Trusted memory.
        leak: Upper confidence limit of the 95th percentile of the equivalent thumbnail; infinite
            where too few victims leave it open.
        match: Upper confidence limit of the share of victims that either match finds.
        verdict: The audit's.
        misses: Limits that it misses.
    """

    cut: str | None
    head_ms: float
    crossing_ms: float
    tail_ms: float
    secure_bytes: int
    leak: float
    match: float
    verdict: str
    misses: tuple[Miss, ...]

    @property
    def latency_ms(self) -> float:
        """All of it."""
        return self.head_ms + self.crossing_ms + self.tail_ms


@dataclass(frozen=True)
class Plan:
    """What to do.

    Args:
        chosen: None: nothing passes.
        parts: All ways, in the order of the network, the whole last.
        front: Those on the Pareto front of what passes.
        advice: What would help, where nothing passes.
        caveats: What holds whatever is chosen.
        outside_ms: The whole network outside, for comparison.
        limits: What was demanded.
        leaks: What was declared to leak too much.
    """

    chosen: Part | None
    parts: list[Part]
    front: list[Part]
    advice: list[str]
    caveats: list[str]
    outside_ms: float
    limits: Limits
    leaks: LeakLimits

    @property
    def misses(self) -> list[Miss]:
        """All of them."""
        return [miss for part in self.parts for miss in part.misses]


def plan(
    model_sha256: str, audit: Outcome, profiled: Profiled, platform: Platform, limits: Limits
) -> Plan:
    """Chooses.

    Raises:
        UserError: The audit or the profile is of another model, or they share no cut.
    """
    for name, digest in (("audit", audit.model_sha256), ("profile", profiled.model_sha256)):
        if digest != model_sha256:
            raise UserError(
                f"the {name} is of another model: SHA-256 {digest[:16]}…, this one is "
                f"{model_sha256[:16]}…",
                code="other-model",
                hint=f"Run `cloister {name}` on this model.",
            )
    costs = {part.id: part for part in profiled.cuts}
    parts = [
        _split(
            cut,
            costs[cut.judged.cut],
            audit,
            platform=platform,
            limits=limits,
        )
        for cut in audit.cuts
        if cut.judged.cut in costs
    ]
    if not parts:
        raise UserError(
            "the audit and the profile share no cut",
            code="no-cuts",
            hint="Profile without --no-cuts; heads that the enclave cannot run are not profiled.",
        )
    if profiled.total is not None:
        parts.append(_whole(profiled.total, platform, limits))
    passing = [part for part in parts if not part.misses]
    front = pareto(passing)
    chosen = min(front, key=lambda p: (p.latency_ms, p.secure_bytes), default=None)
    advice = [] if chosen is not None else _advice(parts, audit)
    caveats = _caveats(chosen, platform)
    outside_ms = profiled.total_onnxruntime_ms
    return Plan(chosen, parts, front, advice, caveats, outside_ms, limits, audit.limits)


def pareto(parts: Sequence[Part]) -> list[Part]:
    """Those that no other beats: at least as good in latency, memory and leak, better in one."""

    def costs(part: Part) -> tuple[float, float, float]:
        return part.latency_ms, part.secure_bytes, part.leak

    def beaten(part: Part, by: Part) -> bool:
        own, other = costs(part), costs(by)
        return own != other and all(b <= a for a, b in zip(own, other, strict=True))

    return [part for part in parts if not any(beaten(part, other) for other in parts)]


def _split(
    cut: CutOutcome,
    cost: Measured,
    audit: Outcome,
    *,
    platform: Platform,
    limits: Limits,
) -> Part:
    """A cut's costs; its leak is that of the worst cut at or after it, each match likewise."""
    head_ms, crossing_ms = enclave_ms(cost, platform)
    latency_ms = head_ms + crossing_ms + cost.tail_ms
    worst = next(c for c in audit.cuts if c.judged.cut == cut.judged.worst_cut)
    leak = worst.thumbnail_interval(0.95)[1]
    heads = {name: set(nodes) for name, nodes in audit.facts["heads"].items()}
    own = heads[cut.judged.cut]
    match = max(_match_upper(c) for c in audit.cuts if own <= heads[c.judged.cut])
    memory = secure_bytes(cost)
    name = cut.judged.cut
    misses = _cost_misses(name, latency_ms, memory, limits) + _leak_misses(cut, audit, leak, match)
    return Part(
        name, head_ms, crossing_ms, cost.tail_ms, memory, leak, match, cut.judged.verdict,
        tuple(misses),
    )  # fmt: skip


def _whole(cost: Measured, platform: Platform, limits: Limits) -> Part:
    head_ms, _ = enclave_ms(cost, platform)
    memory = secure_bytes(cost)
    misses = _cost_misses(WHOLE, head_ms, memory, limits)
    return Part(None, head_ms, 0.0, 0.0, memory, 0.0, 0.0, "nothing crosses", tuple(misses))


def enclave_ms(cost: Measured, platform: Platform) -> tuple[float, float]:
    """Time of a head (or of the whole) in a TEE, and of what leaves it."""
    crossing = cost.crossing_bytes / (1 << 20) * platform.crossing_ms_per_mib
    return platform.enclave_ms(cost.enclave_ms, secure_bytes(cost)), crossing


def secure_bytes(cost: Measured) -> int:
    """Trusted memory of a part: weights, arena and the replay table."""
    return cost.weight_bytes + cost.arena_bytes + REPLAY_BYTES


def _match_upper(cut: CutOutcome) -> float:
    """Of either match, with any source of the attacker's pictures, as the verdict counts."""
    ranks = [c.arrays[f"rank_{kind}"] for c in (cut.cell, *cut.others.values()) for kind in KINDS]
    return max(clopper_pearson(int(found(r).sum()), len(r))[1] for r in ranks)


def _cost_misses(name: str, latency_ms: float, memory: int, limits: Limits) -> list[Miss]:
    misses = []
    if limits.memory_bytes is not None and memory > limits.memory_bytes:
        misses.append(Miss(name, "memory", memory, limits.memory_bytes))
    if limits.latency_ms is not None and latency_ms > limits.latency_ms:
        misses.append(Miss(name, "latency", latency_ms, limits.latency_ms))
    return misses


def _leak_misses(cut: CutOutcome, audit: Outcome, leak: float, match: float) -> list[Miss]:
    judged, limit = cut.judged, audit.limits.thumbnail
    if judged.leaked_interval[0] > SHARE:
        return [Miss(judged.cut, "thumbnail", leak, limit, judged.reason)]
    if judged.verdict == "LEAKS":
        bound = audit.limits.match or 0.0
        return [Miss(judged.cut, "match", match, bound, judged.reason)]
    misses = []
    if judged.verdict != PASSED:
        misses.append(Miss(judged.cut, "verdict", f"{judged.verdict}: {judged.reason}", PASSED))
    if not math.isfinite(leak):
        few = (
            f"{judged.count} victims are too few for an upper limit, "
            f"{victims_needed(len(audit.cuts))} would do"
        )
        misses.append(Miss(judged.cut, "thumbnail", leak, limit, few))
    return misses


def _advice(parts: Sequence[Part], audit: Outcome) -> list[str]:
    """What would help, the cheapest first."""
    rules: tuple[Callable[[], str | None], ...] = (
        lambda: _advise_cost(parts),
        lambda: _advise_more_pictures(audit),
        lambda: _advise_whole(parts),
        lambda: _advise_later(parts),
    )
    return [text for rule in rules if (text := rule()) is not None]


def _advise_cost(parts: Sequence[Part]) -> str | None:
    cheap = [p for p in parts if p.cut and all(m.limit in ("memory", "latency") for m in p.misses)]
    if not cheap:
        return None
    nearest = min(cheap, key=lambda p: max(m.over or math.inf for m in p.misses))
    return f"{nearest.cut} does not leak too much and fails only on cost: " + "; ".join(
        _say(miss) for miss in nearest.misses
    )


def _advise_more_pictures(audit: Outcome) -> str | None:
    unclear = [c.judged.cut for c in audit.cuts if c.judged.verdict == "INCONCLUSIVE"]
    if not unclear:
        return None
    return (
        f"{len(unclear)} cut(s) are inconclusive, {unclear[-1]} the deepest: audit them with more "
        "pictures (victims for the interval, attacker pictures for the control)"
    )


def _advise_whole(parts: Sequence[Part]) -> str | None:
    whole = next((part for part in parts if part.cut is None), None)
    if whole is None:
        return "the enclave cannot run the whole network: `cloister inspect` names the operators"
    return "the whole network inside: " + "; ".join(_say(miss) for miss in whole.misses)


def _advise_later(parts: Sequence[Part]) -> str | None:
    cuts = [part for part in parts if part.cut]
    if any(p.verdict == PASSED for p in cuts):
        return None
    return (
        "a network whose cut lies later leaks less: after global pooling, or after a first fully "
        "connected layer that makes the tensor narrow; before a linear layer that reads fewer "
        "directions than leave, `cloister defend` holds back the rest"
    )


def _say(miss: Miss) -> str:
    value, bound = miss.value, miss.bound
    if miss.limit == "memory" and isinstance(value, int | float) and isinstance(bound, int | float):
        return f"memory {value:,.0f} of {bound:,.0f} bytes, {value - bound:,.0f} more are needed"
    if miss.limit == "latency":
        return f"latency {value:.3g} of {bound:.3g} ms"
    shown = [f"{v:.3g}" if isinstance(v, int | float) else v for v in (value, bound)]
    return f"{miss.limit} {shown[0]} of {shown[1]}"


def _caveats(chosen: Part | None, platform: Platform) -> list[str]:
    said = [
        "a cut protects the input, not the model: the tail's weights lie in the open, and what a "
        "shallow head hides of them is little",
        "in split the host sees the answer and can change it",
        "the audit's verdict holds for its attackers, pictures and budget",
    ]
    if platform.basis == "modelled":
        said.insert(0, f"costs of {platform.name} are modelled: {platform.note}")
    if chosen is not None and chosen.cut is None:
        said = [text for text in said if not text.startswith(("in split", "a cut", "the audit"))]
    return said
