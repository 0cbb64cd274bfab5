"""LEAKS, NOT SHOWN TO LEAK or INCONCLUSIVE; never "safe".

A picture counts as leaked when its reconstruction is worth more than the limit's thumbnail and
beats what is known without the features (the attacker's mean picture) by a tenth of its error: a
picture that happens to look like the mean is no leak.

* LEAKS: the lower confidence limit of the share of leaked pictures lies above `SHARE` (so the 95th
  percentile of the thumbnail lies above its limit), or that of a declared match above its limit.
* NOT SHOWN TO LEAK: the upper limit lies below, corrected for all cuts at once (Holm), every
  declared match likewise, the positive control was found, and the attacker is not worse than
  knowing nothing.
* INCONCLUSIVE: the rest, with the reason.

What counts at a cut is the most that any cut leaks whose head contains this head: a later tensor
is computed from this one, so whoever holds this one holds that one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from cloister.audit.intervals import CONFIDENCE, clopper_pearson, holm, share_above_p
from cloister.audit.measures import Doubles
from cloister.errors import UserError

Verdict = Literal["LEAKS", "NOT SHOWN TO LEAK", "INCONCLUSIVE"]

SHARE: Final = 0.05
THUMBNAIL: Final = 4.0
# Share of the floor's error that a leaked picture's reconstruction must stay below.
BEATS_FLOOR: Final = 0.9


# What a leak is counted in, and how that is said.
UNITS: Final = {
    "thumbnail": "worth more than a {0:g} x {0:g} thumbnail",
    "features": "giving away more than {0:g} features",
}
# What an exact reconstruction is worth, from height and width of what is rebuilt.
MOST: Final[dict[str, Callable[[Sequence[int]], int]]] = {"thumbnail": min, "features": math.prod}


@dataclass(frozen=True)
class Limits:
    """What a person declares to be too much.

    Args:
        thumbnail: Side of the thumbnail that a reconstruction may be worth.
        match: Share of victims that may be found by either match; None: not judged.
        unit: What `thumbnail` counts: a row of `UNITS`.
    """

    thumbnail: float = THUMBNAIL
    match: float | None = None
    unit: str = "thumbnail"


def check_limit(limits: Limits, unit: str, target: Sequence[int]) -> None:
    """Raises UserError where nothing can exceed the limit, and so nothing could ever leak.

    Args:
        limits: What was declared.
        unit: A row of `UNITS`.
        target: Height and width of what is rebuilt.
    """
    most = MOST[unit](target)
    if limits.thumbnail < most:
        return
    whole = {"thumbnail": f"{most} x {most} pixels", "features": f"{most} features"}[unit]
    raise UserError(
        f"--max-thumbnail {limits.thumbnail:g} can never be exceeded: {whole} are rebuilt here",
        code="usage",
        hint=f"Give a limit below {most}.",
    )


@dataclass(frozen=True)
class Measured:
    """What one attack at one cut gave, as the verdict needs it.

    Args:
        cut: Its id.
        head: Names of the nodes of the cut's head.
        thumbnail: Worth of each victim's reconstruction.
        error: Its mean squared error.
        floor_error: That of the attacker's mean picture.
        matched: Victims found, by kind of match.
        control_found: Whether the planted leak was found.
        control_worth: Thumbnail that the median reconstruction of the planted leak is worth.
        control_fits: Whether nothing larger fits into the tensor.
        faulty: Pictures whose tensors hold NaN or an infinity.
        below_floor: The attacker is significantly worse than knowing nothing.
    """

    cut: str
    head: frozenset[str]
    thumbnail: Doubles
    error: Doubles
    floor_error: Doubles
    matched: dict[str, int]
    control_found: bool
    control_worth: float
    control_fits: bool
    faulty: int
    below_floor: bool

    @property
    def count(self) -> int:
        """Victims."""
        return len(self.thumbnail)

    def leaked(self, limit: float) -> int:
        """Pictures that count as leaked."""
        beats = self.error < BEATS_FLOOR * self.floor_error
        return int(((self.thumbnail > limit) & beats).sum())


@dataclass(frozen=True)
class Judged:
    """The verdict on one cut.

    Args:
        cut: Its id.
        verdict: One of three.
        reason: One sentence.
        leaked: Leaked pictures of `count`, at the cut that leaks most.
        count: Victims.
        leaked_interval: Clopper-Pearson interval of that share.
        holm_p: One-sided p value of "at least `SHARE` leak", corrected over all cuts.
        worst_cut: Where most was had; another cut than this one where its attack was stronger.
        flags: Short remarks, stable for scripts.
    """

    cut: str
    verdict: Verdict
    reason: str
    leaked: int
    count: int
    leaked_interval: tuple[float, float]
    holm_p: float
    worst_cut: str
    flags: tuple[str, ...]


def victims_needed(cuts: int) -> int:
    """Victims without which no cut of so many can be NOT SHOWN TO LEAK."""
    tail = (1 - CONFIDENCE) / 2
    return math.ceil(math.log(tail / cuts) / math.log(1 - SHARE))


def can_show_a_leak(victims: int) -> bool:
    """Whether a leak of all of so many victims is one of more than `SHARE` of all, surely."""
    return clopper_pearson(victims, victims)[0] > SHARE


def judge(measured: Sequence[Measured], limits: Limits) -> list[Judged]:
    """Judges all cuts of a run together.

    Args:
        measured: One entry for each cut and source of the attacker's pictures.
        limits: What is too much.
    """
    cuts = list(dict.fromkeys(m.cut for m in measured))
    worst = {cut: _worst(cut, measured, limits) for cut in cuts}
    p_values = [
        share_above_p(worst[cut].leaked(limits.thumbnail), worst[cut].count, SHARE) for cut in cuts
    ]
    return [
        _judge(
            _Case(
                limits,
                [m for m in measured if m.cut == cut],
                worst[cut],
                _matches(cut, measured),
                holm_p,
                len(cuts),
            )
        )
        for cut, holm_p in zip(cuts, holm(p_values), strict=True)
    ]


def contains(outer: Measured, inner: Measured) -> bool:
    """True where the outer head contains the inner one, by set inclusion."""
    return inner.head <= outer.head


def _later(cut: str, measured: Sequence[Measured]) -> list[Measured]:
    own = next(m for m in measured if m.cut == cut)
    return [m for m in measured if contains(m, own)]


def _worst(cut: str, measured: Sequence[Measured], limits: Limits) -> Measured:
    """Where most is had of what this cut gives away; the cut itself among equals."""
    return max(
        _later(cut, measured),
        key=lambda m: (
            m.leaked(limits.thumbnail) / max(m.count, 1),
            m.cut == cut,
            float(np.mean(m.thumbnail)) if m.count else 0.0,
        ),
    )


@dataclass(frozen=True)
class _Match:
    """One kind of match, where it finds most: victims found, of how many."""

    kind: str
    hits: int
    count: int

    @property
    def interval(self) -> tuple[float, float]:
        return clopper_pearson(self.hits, self.count)


def _matches(cut: str, measured: Sequence[Measured]) -> list[_Match]:
    later = _later(cut, measured)
    found = []
    for kind in sorted({kind for m in later for kind in m.matched}):
        most = max(later, key=lambda m: m.matched.get(kind, 0))
        found.append(_Match(kind, most.matched[kind], most.count))
    return found


@dataclass(frozen=True)
class _Case:
    """All that bears on one cut: its own attacks, one for each source, and the strongest later."""

    limits: Limits
    own: Sequence[Measured]
    worst: Measured
    matches: Sequence[_Match]
    holm_p: float
    cuts: int

    @property
    def hits(self) -> int:
        return self.worst.leaked(self.limits.thumbnail)

    @property
    def interval(self) -> tuple[float, float]:
        return clopper_pearson(self.hits, self.worst.count)

    @property
    def much(self) -> str:
        return UNITS[self.limits.unit].format(self.limits.thumbnail)


def _thumbnail_leaks(case: _Case) -> str | None:
    low = case.interval[0]
    if low <= SHARE:
        return None
    return (
        f"{case.hits} of {case.worst.count} reconstructions are {case.much}: at least {low:.1%} of "
        f"all with {CONFIDENCE:.0%} confidence, {SHARE:.0%} allowed"
    )


def _match_leaks(case: _Case) -> str | None:
    limit = case.limits.match
    for match in case.matches if limit is not None else ():
        if limit is not None and match.interval[0] > limit:
            return (
                f"match_{match.kind} finds {match.hits} of {match.count}: at least "
                f"{match.interval[0]:.1%} with {CONFIDENCE:.0%} confidence, {limit:.1%} allowed"
            )
    return None


def _is_faulty(case: _Case) -> str | None:
    faulty = max(m.faulty for m in case.own)
    return f"{faulty} picture(s) give NaN or infinite numbers at this cut" if faulty else None


def _is_below_floor(case: _Case) -> str | None:
    if not all(m.below_floor for m in case.own):
        return None
    return (
        "the attacker is significantly worse than the mean picture: it failed, which says nothing "
        "on the cut"
    )


def _control_failed(case: _Case) -> str | None:
    if any(m.control_found for m in case.own):
        return None
    return (
        "the positive control failed: the same attack does not find a leak planted in a "
        "tensor of this size (more attacker pictures?)"
    )


def _control_too_small(case: _Case) -> str | None:
    if any(m.control_worth > case.limits.thumbnail or m.control_fits for m in case.own):
        return None
    worth = max(m.control_worth for m in case.own)
    return f"the positive control reached {worth:.1f} only, which is not {case.much}"


def _thumbnail_unclear(case: _Case) -> str | None:
    if case.holm_p <= (1 - CONFIDENCE) / 2:
        return None
    needed = victims_needed(case.cuts)
    few = f"; {needed} victims or more are needed for {case.cuts} cut(s)"
    return (
        f"{case.hits} of {case.worst.count} are {case.much}: up to "
        f"{case.interval[1]:.1%} of all (Holm p {case.holm_p:.3f}), {SHARE:.0%} allowed"
        f"{few if case.worst.count < needed else ''}"
    )


def _match_unclear(case: _Case) -> str | None:
    limit = case.limits.match
    for match in case.matches if limit is not None else ():
        if limit is not None and match.interval[1] >= limit:
            low, high = match.interval
            return (
                f"match_{match.kind} finds {match.hits} of {match.count}: between {low:.1%} and "
                f"{high:.1%}, {limit:.1%} allowed"
            )
    return None


# In this order; the first that speaks decides. A leak that was found is a leak, whatever failed.
_RULES: Final[tuple[tuple[Verdict, Callable[[_Case], str | None]], ...]] = (
    ("LEAKS", _thumbnail_leaks),
    ("LEAKS", _match_leaks),
    ("INCONCLUSIVE", _is_faulty),
    ("INCONCLUSIVE", _is_below_floor),
    ("INCONCLUSIVE", _control_failed),
    ("INCONCLUSIVE", _control_too_small),
    ("INCONCLUSIVE", _thumbnail_unclear),
    ("INCONCLUSIVE", _match_unclear),
)


def _judge(case: _Case) -> Judged:
    cut = case.own[0].cut
    flags = () if case.worst.cut == cut else (f"under-trained: {case.worst.cut} gives more",)
    verdict: Verdict = "NOT SHOWN TO LEAK"
    reason = (
        f"{case.hits} of {case.worst.count} are {case.much}: at most "
        f"{case.interval[1]:.1%} of all with {CONFIDENCE:.0%} confidence (Holm p "
        f"{case.holm_p:.4f}); only these attackers with this budget"
    )
    for kind, rule in _RULES:
        said = rule(case)
        if said is not None:
            verdict, reason = kind, said
            break
    return Judged(
        cut, verdict, reason, case.hits, case.worst.count, case.interval, case.holm_p,
        case.worst.cut, flags,
    )  # fmt: skip
