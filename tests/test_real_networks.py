"""Real weights on real inputs through head and tail; `make bench` does all cuts and all photos."""

from __future__ import annotations

import pytest

from bench import accuracy, parity
from bench.data import Absent
from bench.networks import NETWORKS

# Of so few photos the accuracy is only known to about two standard deviations.
PHOTOS = {"lenet": (500, 0.03), "resnet20": (300, 0.05), "squeezenet1_1": (100, 0.12)}


@pytest.mark.parametrize(
    ("name", "every"),
    [("lenet", 1), ("resnet20", 2), ("ton_iot", 1), ("squeezenet1_1", 8), ("mobilenet_v2", 12)],
)
def test_head_then_tail_is_the_whole_network(name: str, every: int) -> None:
    try:
        row = parity.measure(NETWORKS[name], 3, every)
    except Absent as reason:
        pytest.skip(str(reason))
    assert row["max_rel_error"] <= parity.TOLERANCE, row
    assert row["argmax_equal"], row
    assert row["cuts"] >= 4


@pytest.mark.parametrize("name", list(PHOTOS))
def test_accuracy_is_kept_through_the_split(name: str) -> None:
    count, tolerance = PHOTOS[name]
    try:
        row = accuracy.measure(NETWORKS[name], count)
    except Absent as reason:
        pytest.skip(str(reason))
    assert row["same_class_as_plain"] == row["inputs"] == count
    assert abs(row["accuracy"] - row["expected"]) <= tolerance, row
