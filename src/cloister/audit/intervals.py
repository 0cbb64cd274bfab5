"""Intervals: Clopper-Pearson for shares, the bootstrap for means, exact ones for quantiles, Holm's
correction over cuts.

All are two-sided at `CONFIDENCE` unless named one-sided. Nothing here draws from global state.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 2000


def clopper_pearson(hits: int, count: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Exact interval of a share (Clopper and Pearson 1934); (0, 1) of nothing."""
    if count == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if hits == 0 else float(beta.ppf(tail, hits, count - hits + 1))
    high = 1.0 if hits == count else float(beta.ppf(1 - tail, hits + 1, count - hits))
    return low, high


def bootstrap_mean(
    values: NDArray[np.floating], seed: int, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Percentile interval of the mean, 2,000 resamples."""
    x = np.asarray(values, np.float64)
    if len(x) < 2:
        return -np.inf, np.inf
    random = np.random.default_rng(seed)
    # How often each value is drawn is multinomial: no table of places is needed.
    draws = random.multinomial(len(x), np.full(len(x), 1 / len(x)), size=RESAMPLES)
    means = draws @ x / len(x)
    tail = (1 - confidence) / 2
    return float(np.quantile(means, tail)), float(np.quantile(means, 1 - tail))


def quantile_interval(
    values: NDArray[np.floating], q: float, confidence: float = CONFIDENCE
) -> tuple[float, float]:
    """Distribution-free interval of a quantile, by order statistics.

    Where there are too few values for a side, that side is infinite.
    """
    x = np.sort(np.asarray(values, np.float64))
    tail = (1 - confidence) / 2
    low = int(binom.ppf(tail, len(x), q))
    while low > 0 and binom.cdf(low - 1, len(x), q) > tail:
        low -= 1
    high = int(binom.ppf(1 - tail, len(x), q)) + 1
    return (
        float(x[low - 1]) if low >= 1 else -np.inf,
        float(x[high - 1]) if high <= len(x) else np.inf,
    )


def share_above_p(hits: int, count: int, share: float) -> float:
    """One-sided p value of "at least `share` of all": how likely so few hits are then."""
    return 1.0 if count == 0 else float(binom.cdf(hits, count, share))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction (1979): adjusted p values, in the given order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for step, place in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - step) * p_values[place]))
        adjusted[place] = running
    return adjusted
