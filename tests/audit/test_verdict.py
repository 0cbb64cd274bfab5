"""The rules of the verdict, each under its name."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cloister.audit.verdict import Limits, Measured, can_show_a_leak, judge

MANY = 400
DEFAULT = Limits()


def measured(cut: str = "a", head: str = "1", *, leaks: int = 0, count: int = MANY) -> Measured:
    thumbnail = np.zeros(count)
    thumbnail[:leaks] = 9
    error = np.full(count, 0.05)
    error[:leaks] = 0.01
    return Measured(
        cut, frozenset(head), thumbnail, error, np.full(count, 0.05),
        {"reconstruction": 0, "changed": 0}, True, 8, False, 0, False,
    )  # fmt: skip


def verdict(*found: Measured, limits: Limits = DEFAULT) -> str:
    return judge(found, limits)[0].verdict


def test_many_large_thumbnails_are_a_leak() -> None:
    assert verdict(measured(leaks=40)) == "LEAKS"


def test_none_with_a_found_control_is_not_shown_to_leak() -> None:
    assert verdict(measured()) == "NOT SHOWN TO LEAK"


def test_the_words_safe_and_private_are_never_said() -> None:
    for one in (measured(), measured(leaks=40), measured(count=5)):
        (judged,) = judge([one], Limits())
        assert "safe" not in (judged.reason + judged.verdict).lower()


def test_an_interval_across_the_limit_is_inconclusive() -> None:
    assert verdict(measured(leaks=20)) == "INCONCLUSIVE"


def test_too_few_victims_are_inconclusive_and_the_needed_number_is_told() -> None:
    (judged,) = judge([measured(count=20)], Limits())
    assert judged.verdict == "INCONCLUSIVE" and "72 victims" in judged.reason


def test_a_leak_of_one_victim_is_no_leak_of_all_two_are_enough() -> None:
    assert [can_show_a_leak(count) for count in (0, 1, 2)] == [False, False, True]
    assert verdict(measured(leaks=1, count=1)) == "INCONCLUSIVE"
    assert verdict(measured(leaks=2, count=2)) == "LEAKS"


def test_a_failed_control_is_inconclusive() -> None:
    assert verdict(replace(measured(), control_found=False)) == "INCONCLUSIVE"


def test_a_control_that_reaches_less_than_the_limit_is_inconclusive() -> None:
    assert verdict(measured(), limits=Limits(thumbnail=10)) == "INCONCLUSIVE"


def test_a_control_that_fills_a_narrow_tensor_counts() -> None:
    one = replace(measured(), control_worth=0.0, control_fits=True)
    assert verdict(one) == "NOT SHOWN TO LEAK"


def test_an_attacker_below_the_floor_is_inconclusive() -> None:
    assert verdict(replace(measured(), below_floor=True)) == "INCONCLUSIVE"


def test_numbers_that_are_not_finite_are_inconclusive() -> None:
    assert verdict(replace(measured(), faulty=1)) == "INCONCLUSIVE"


def test_a_leak_that_was_found_is_a_leak_whatever_failed() -> None:
    one = replace(measured(leaks=100), control_found=False, faulty=3)
    assert verdict(one) == "LEAKS"


def test_a_picture_that_looks_like_the_mean_is_no_leak() -> None:
    one = measured(leaks=100)
    assert verdict(replace(one, error=one.floor_error * 0.95)) == "NOT SHOWN TO LEAK"


def test_a_later_cuts_leak_counts_at_the_earlier_one() -> None:
    early, late = measured("early", "1"), measured("late", "12", leaks=100)
    first, second = judge([early, late], Limits())
    assert first.verdict == second.verdict == "LEAKS"
    assert first.worst_cut == "late" and first.flags[0].startswith("under-trained")


def test_what_another_branch_leaks_does_not_count() -> None:
    left, right = measured("left", "12"), measured("right", "13", leaks=100)
    first, second = judge([left, right], Limits())
    assert (first.verdict, second.verdict) == ("NOT SHOWN TO LEAK", "LEAKS")


def test_containment_is_by_set_not_by_order() -> None:
    late, early = measured("late", "12", leaks=100), measured("early", "1")
    assert [j.verdict for j in judge([late, early], Limits())] == ["LEAKS", "LEAKS"]


def test_the_better_source_for_the_attacker_decides() -> None:
    assert verdict(measured(), measured(leaks=100)) == "LEAKS"


def test_holm_makes_passing_harder_with_more_cuts() -> None:
    one = judge([measured(count=80)], Limits())[0]
    many = judge([measured(str(i), str(i), count=80) for i in range(9)], Limits())
    assert one.verdict == "NOT SHOWN TO LEAK"
    assert {j.verdict for j in many} == {"INCONCLUSIVE"}


def test_a_match_is_judged_only_where_it_is_declared() -> None:
    one = replace(measured(), matched={"reconstruction": 0, "changed": 200})
    assert verdict(one) == "NOT SHOWN TO LEAK"
    assert verdict(one, limits=Limits(match=0.05)) == "LEAKS"


@pytest.mark.parametrize(("hits", "expected"), [(2, "NOT SHOWN TO LEAK"), (20, "INCONCLUSIVE")])
def test_a_declared_match_needs_its_upper_limit_below(hits: int, expected: str) -> None:
    one = replace(measured(), matched={"reconstruction": hits, "changed": 0})
    assert verdict(one, limits=Limits(match=0.05)) == expected
