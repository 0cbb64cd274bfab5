"""The time that is told before a run: its arithmetic, not this machine's speed."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from audit_kit import small_task

from cloister.audit.estimate import REFERENCES, Rates, estimate_s, linear_s, rates_of
from cloister.audit.sets import Assumption
from cloister.audit.store import Store
from cloister.audit.task import Task

NOTHING = Rates(*[0.0] * len(fields(Rates)))


@pytest.fixture(scope="module")
def task(network: Path) -> Task:
    return small_task(network)


def only(task: Task, rate: str) -> float:
    return linear_s(task, replace(NOTHING, **{rate: 1.0}))


def test_every_picture_goes_through_the_network_once(task: Task) -> None:
    (known,) = task.sets.assumptions
    pictures = len(known.train) + len(known.validation) + 2 * len(task.sets.victims)
    assert only(task, "forward") == pictures


def test_every_cell_that_measures_victims_is_counted(task: Task, audited: Store) -> None:
    done = [k for k in audited.done() if k.kind in ("attack", "control")]
    measured = sum("refused" not in audited.get(k).facts for k in done) + REFERENCES
    assert only(task, "measured") == measured * len(task.sets.victims)


def test_planted_tensors_of_one_shape_are_counted_once(task: Task, audited: Store) -> None:
    (known,) = task.sets.assumptions
    pictures = len(known.train) + len(known.validation) + len(task.sets.victims)
    controls = len({k.cut for k in audited.done() if k.kind == "control"})
    assert only(task, "planted") == controls * pictures
    assert only(replace(task, cuts=[task.cuts[0]] * 2), "planted") == pictures


def test_another_source_is_counted_too(task: Task) -> None:
    (known,) = task.sets.assumptions
    other = Assumption("other", known.train, known.validation)
    both = replace(task, sets=replace(task.sets, assumptions=(known, other)))
    for rate in ("single", "double", "number", "measured", "planted"):
        assert only(both, rate) == pytest.approx(2 * only(task, rate))


def test_the_rows_of_a_wide_cut_make_a_gram_matrix_of_pictures(task: Task) -> None:
    """relu1's rows are longer than there are pictures: its products grow with their length, its
    factorisations do not.
    """
    cut = next(c for c in task.cuts if c.id == "relu1")
    alone = replace(task, cuts=[cut])
    n, victims = len(task.sets.assumptions[0].train), len(task.sets.victims)
    width = int(np.prod(cut.crossing[0].shape))
    assert width > n
    assert only(alone, "single") > 2 * width * n * (n / 2 + victims)
    assert n**3 < only(alone, "double") < 100 * n**3


def test_rates_are_measured_and_make_a_time(task: Task) -> None:
    rates = rates_of(task)
    assert all(0 < getattr(rates, f.name) < 1 for f in fields(rates) if f.name != "planted")
    assert estimate_s(task) > 0
