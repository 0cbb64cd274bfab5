"""The figures of docs/optee.md are those of the results."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import optee_tables

PAGE = Path(__file__).parents[2] / "docs/optee.md"


@pytest.mark.parametrize("table", optee_tables.TABLES, ids=lambda table: table.__name__)
def test_the_page_has_the_figures_of_the_results(table: optee_tables.Told) -> None:
    text = " ".join(PAGE.read_text().split())
    told = list(table())
    assert told
    assert [one for one in told if " ".join(one.split()) not in text] == []
