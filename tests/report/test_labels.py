"""Short names of cuts: different from each other, and of no two cuts at once."""

from __future__ import annotations

import itertools
import re

import pytest

pytest.importorskip("jinja2", reason="the report needs jinja2")

from cloister.report.charts import Dot, Level, Series, lines, scatter
from cloister.report.labels import LETTERS, labels

BLOCKS = [
    f"/features/features.{a}/features.{a}.{b}/block/block.{c}/block.{c}.0/{op}_output_0"
    for a, b, c, op in itertools.product(range(1, 4), range(2), range(3), ("Conv", "Relu"))
]


def test_what_torch_adds_to_every_name_is_left_out() -> None:
    names = [
        "/conv1/Conv_output_0", "/layer1/layer1.0/relu/Relu_output_0",
        "/layer1/layer1.0/relu_1/Relu_output_0", "/a/Add_output_0+/b/Relu_output_0", "whole",
    ]  # fmt: skip
    assert labels(names) == [
        "conv1/Conv", "layer1.0/relu/Relu", "layer1.0/relu_1/Relu", "a/Add+b/Relu", "whole",
    ]  # fmt: skip


def test_long_names_lose_their_middle_and_fit_no_other_cut() -> None:
    short = labels(BLOCKS)
    assert len(set(short)) == len(BLOCKS) and max(map(len, short)) <= LETTERS + 4
    bare = labels(BLOCKS, 1000)
    for own, label in zip(bare, short, strict=True):
        start, end = label.split("…")
        assert [n for n in bare if n.startswith(start) and n.endswith(end)] == [own]


@pytest.mark.parametrize(
    "names", [[], ["/x_output_0", "x", "/x"], ["/", "", "_output_0"], ["x" * 99, "x" * 98 + "y"]]
)
def test_names_that_differ_have_labels_that_differ(names: list[str]) -> None:
    assert len(set(labels(names))) == len(names)


def test_every_axis_of_a_chart_has_each_label_once() -> None:
    chart = lines("t", "u", BLOCKS, [Series("s", [1.0] * len(BLOCKS))], [Level("limit", 1.0)])
    written = re.findall(r"rotate\([^>]*>([^<]*)<", chart)
    assert len(written) == len(set(written)) > 20
    left = -float(re.findall(r'viewBox="(-?\d+) ', chart)[0])
    first = float(re.findall(r'<text x="([\d.]+)"[^>]*rotate', chart)[0])
    assert left + first >= 0.7 * 6.5 * len(written[0])  # nothing is cut off


def test_the_name_of_the_chosen_dot_covers_no_other_dot() -> None:
    dots = [Dot("whole", 4.0, 0.0, True, True, True, "whole")]
    dots += [Dot(f"c{i}", 4.0 + 0.03 * i, 0.8 + 0.4 * i, True, False, False, "") for i in range(4)]
    dots += [Dot("far", 8.0, 20.0, False, False, False, "")]
    chart = scatter("t", "x", "y", dots)
    note = re.search(r'<text class="note" x="([\d.]+)" y="([\d.]+)">whole<', chart)
    assert note is not None
    left, base = float(note[1]), float(note[2])
    marks = re.findall(r'<(?:rect class="mark1" x="([\d.]+)" y="([\d.]+)" width="8")', chart)
    assert len(marks) >= 4
    for x, y in ((float(x) + 4, float(y) + 4) for x, y in marks[:4]):
        assert not (left - 4 < x < left + 34 and base - 14 < y < base + 5)
