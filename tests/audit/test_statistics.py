"""Intervals against scipy's own and against simulation; Holm's by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from cloister.audit.intervals import (
    bootstrap_mean,
    clopper_pearson,
    holm,
    quantile_interval,
    share_above_p,
)


@pytest.mark.parametrize(("hits", "count"), [(0, 300), (1, 300), (17, 60), (60, 60)])
def test_clopper_pearson_is_scipys(hits: int, count: int) -> None:
    wanted = binomtest(hits, count).proportion_ci(0.95, method="exact")
    assert clopper_pearson(hits, count) == pytest.approx((wanted.low, wanted.high))


def test_nothing_observed_allows_everything() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)


def test_none_of_300_proves_less_than_two_per_cent() -> None:
    assert clopper_pearson(0, 300)[1] == pytest.approx(0.0122, abs=1e-3)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_holm_never_falls_below_the_p_value() -> None:
    p = [0.5, 0.001, 0.2, 0.001]
    assert all(a >= b for a, b in zip(holm(p), p, strict=True))


def test_quantile_interval_covers_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        low, high = quantile_interval(random.random(200), 0.95)
        inside += low <= 0.95 <= high
    assert inside >= 0.93 * 400


def test_too_few_values_leave_the_upper_end_open() -> None:
    assert quantile_interval(np.arange(20.0), 0.95)[1] == np.inf


def test_bootstrap_is_the_same_for_the_same_seed() -> None:
    x = np.random.default_rng(1).normal(3, 1, 500)
    assert bootstrap_mean(x, 7) == bootstrap_mean(x, 7)
    low, high = bootstrap_mean(x, 7)
    assert low < x.mean() < high and high - low == pytest.approx(4 * 1 / 500**0.5, rel=0.2)


def test_few_hits_are_unlikely_where_many_leak() -> None:
    assert share_above_p(0, 300, 0.05) < 1e-6 < share_above_p(15, 300, 0.05)
