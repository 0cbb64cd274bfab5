"""The figures of docs/optee.md are those of the results."""

from __future__ import annotations

from pathlib import Path

import pytest
from optee_kit import invoke

from bench import optee_tables
from bench.data import Absent
from bench.networks import NETWORKS

PAGE = Path(__file__).parents[2] / "docs/optee.md"


@pytest.mark.parametrize("table", optee_tables.TABLES, ids=lambda table: table.__name__)
def test_the_page_has_the_figures_of_the_results(table: optee_tables.Told) -> None:
    text = " ".join(PAGE.read_text().split())
    told = list(table())
    assert told
    assert [one for one in told if " ".join(one.split()) not in text] == []


@pytest.mark.parametrize("name", ["lenet", "resnet20"])
def test_the_plan_tells_what_an_answer_takes_to_a_third(name: str, tmp_path: Path) -> None:
    (row,) = (row for row in optee_tables.rows("optee") if row["network"] == name)
    model = tmp_path / "model.onnx"
    try:
        model.write_bytes(NETWORKS[name].build())
    except Absent as reason:
        pytest.skip(str(reason))
    told = invoke("plan", str(model), "--memory", "13200K", "--replay", "1024")
    assert told["memory_bytes"] == row["instance_bytes"]
    assert abs(told["instructions"] / row["ta_further"] - 1) <= 1 / 3
