"""Tables: features instead of thumbnails, the same verdicts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audit_kit import COLUMNS, table_network, write_table

from cloister.audit.attackers import ATTACKERS, Budget, Means
from cloister.audit.cells import Job, Worker
from cloister.audit.features import Features, Part
from cloister.audit.measures import mse
from cloister.audit.pairs import Pairs
from cloister.audit.records import (
    Records,
    given_away,
    only_features,
    read_records,
    records_of,
)
from cloister.audit.run import run
from cloister.audit.sets import SAME, Pictures, make_sets
from cloister.audit.store import Key
from cloister.audit.task import Task
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load

Verb = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return table_network(tmp_path_factory.mktemp("table") / "table.onnx")


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("records") / "rows.csv", 1200)


def test_a_wide_cut_of_a_table_leaks_and_a_single_number_does_not(
    verb: Verb, network: Path, table: Path, tmp_path: Path
) -> None:
    code, found = verb(
        "audit", network, "--inputs", table, "--cuts", "fc1,one", "--run", tmp_path / "run"
    )
    assert code == 0 and found["unit"] == "features"
    wide, narrow = found["cuts"]
    assert wide["verdict"] == "LEAKS" and "features" in wide["reason"]
    assert narrow["verdict"] == "NOT SHOWN TO LEAK"
    assert [one["name"] for one in wide["features"]] == COLUMNS
    assert all(o["error_percentiles"] < 0.5 * o["floor_percentiles"] for o in wide["features"][2:])
    assert wide["match_reconstruction_top1"] > 0.9
    assert narrow["match_reconstruction_top1"] < 0.1


def test_a_table_that_does_not_fit_the_network_is_refused(
    verb: Verb, network: Path, tmp_path: Path
) -> None:
    path = tmp_path / "narrow.csv"
    path.write_text("1,2,3\n4,5,6\n")
    code, found = verb("audit", network, "--inputs", path)
    assert code == 2 and found["error"]["code"] == "bad-inputs"


def squares(count: int) -> Pairs:
    """Records whose crossing numbers are a third power of an orthogonal mixture."""
    random = np.random.default_rng(3)
    y = random.random((count, 1, 1, 6), np.float32)
    mixture, _ = np.linalg.qr(random.standard_normal((6, 6)))
    rows = np.power((y.reshape(count, 6) - 0.5) @ mixture.astype(np.float32), 3)
    train, validation, victims = np.split(np.arange(count), [count - 200, count - 100])
    features = Features(rows, (Part(0, (6,)),))
    return Pairs(features, train, validation, victims, y[train], y[validation])


def test_an_inverse_network_rebuilds_records_that_ridge_cannot() -> None:
    pytest.importorskip("torch")
    pairs = squares(1200)
    budget = Budget(epochs=12, width_max=128)
    errors = {}
    for name in ("ridge", "psdec"):
        guess = ATTACKERS[name].attack(pairs, Means(budget=budget))
        assert guess is not None
        errors[name] = float(mse(guess.validation_NCHW, pairs.validation_NCHW).mean())
    assert errors["psdec"] < 0.7 * errors["ridge"]


def test_an_inverse_network_of_records_begins_as_the_mean_record() -> None:
    psdec, training = (pytest.importorskip(f"cloister.audit.{n}") for n in ("psdec", "training"))
    pairs = squares(300)
    made = psdec.build(pairs, Means())(training.Inputs(pairs, "cpu")(pairs.victims))
    assert np.allclose(made.detach().numpy(), pairs.mean_CHW, atol=1e-6)


def standard(network: Path, table: Path, budget: Budget) -> Task:
    graph = load(network)
    rows = read_records(table, list(graph.inputs), 300)
    how = records_of(tuple(graph.inputs[0].shape), [rows])
    cuts = [cut for cut in find_cuts(graph) if cut.id in ("hidden", "one")]
    return Task(graph, how, make_sets(rows), cuts, tier="standard", budget=budget)


@pytest.mark.parametrize(("cut", "within"), [("hidden", True), ("one", False)])
def test_the_white_box_rebuilds_records_from_a_wide_cut_and_not_from_one_number(
    network: Path, table: Path, tmp_path: Path, cut: str, within: bool
) -> None:
    """Flags too: 24 numbers tell 12 features, one does not."""
    pytest.importorskip("torch")
    task = standard(network, table, Budget(steps=250, tried=8))
    cell = Worker(task, tmp_path).compute(Job(Key("attack", cut, SAME, "white box")))
    assert (cell.arrays["feature_error"].max() < 3) == within
    assert (cell.facts["validation"]["psnr_db"] > 25) == within


def test_what_is_searched_for_are_values_that_a_column_has() -> None:
    pytest.importorskip("torch")
    from cloister.audit.record_search import nearest, values_of

    columns = np.sort(np.array([[0.0, 1.0], [0.0, 2.0], [1.0, 4.0], [1.0, 8.0]]), 0)
    found = nearest(np.array([[0.4, 2.9], [0.6, 99.0], [-5.0, 3.1]]), columns)
    assert found.tolist() == [[0.0, 2.0], [1.0, 8.0], [0.0, 4.0]]
    exact = values_of(np.array([[0.0, 1.0]], np.float32), columns)
    assert exact.tolist() == [[0.0, 8.0]]


def test_the_standard_tier_of_a_table_trains_and_leaves_out_what_needs_pictures(
    network: Path, table: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    task = standard(network, table, Budget(pairs=96, epochs=1, width_max=64, steps=4, tried=4))
    done = {key for key in run(task, tmp_path / "run").done() if key.kind == "attack"}
    assert {key.attacker for key in done} == {
        "ridge", "local ridge", "psdec", "psdec, budget x 2", "white box", "white box from psdec",
    }  # fmt: skip
    assert {key.seed for key in done if key.attacker == "psdec"} == {0, 1, 2}


def test_pictures_and_a_table_at_once_are_refused(verb: Verb, network: Path, table: Path) -> None:
    code, found = verb("audit", network, "--inputs", table, "--images", table.parent)
    assert (code, found["error"]["code"]) == (2, "usage")


def test_the_report_of_a_table_shows_each_features_error_in_numbers(
    verb: Verb, network: Path, table: Path, tmp_path: Path
) -> None:
    pytest.importorskip("jinja2", reason="the report needs jinja2")
    folder = tmp_path / "run"
    audited = verb("audit", network, "--inputs", table, "--cuts", "fc1,one", "--run", folder)[1]
    code, _ = verb("report", folder, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert code == 0 and "records of the audit's victims" in page and "picture" not in page
    wide, narrow = (
        re.findall(r"<td class=.s\d.>(?:<b>)?(\d+)", line)
        for line in page.splitlines()
        if re.match(r'<tr><th scope="row"><span>(fc1|one)</span></th><td class=.s', line)
    )
    for cells, cut in zip((wide, narrow), audited["cuts"], strict=True):
        assert cells == [f"{one['error_percentiles']:.0f}" for one in cut["features"]]
    assert page.count("<b>") >= len(COLUMNS) - 2, "what is given away is marked, not only shaded"
    assert all(name in page for name in COLUMNS)


def ranks(rows: np.ndarray) -> tuple[Records, np.ndarray]:
    pictures = Pictures("t", tuple(map(str, range(len(rows)))), rows[:, None, :, None])
    how = records_of((1, rows.shape[1]), [pictures])
    return how, how.percentiles(pictures.pixels_NHWC)


def test_percentiles_do_not_depend_on_a_columns_scale() -> None:
    rows = np.random.default_rng(2).random((500, 3), np.float32)
    _, plain = ranks(rows)
    _, bent = ranks(np.exp(10 * rows))
    assert np.allclose(plain, bent, atol=1e-3) and 0 <= plain.min() <= plain.max() <= 1


def test_equal_numbers_have_their_middle_rank() -> None:
    _, found = ranks(np.array([[0.0], [0.0], [0.0], [9.0]], np.float32))
    assert found.ravel().tolist() == [0.375, 0.375, 0.375, 0.875]


def test_what_the_mean_record_gives_is_not_given_away() -> None:
    truth = np.array([0.5, 0.9, 0.1], np.float32)[None, None, None]
    mean = np.full((1, 1, 3), 0.5, np.float32)
    assert given_away(truth, truth, mean).tolist() == [2.0]
    assert given_away(mean[None], truth, mean).tolist() == [0.0]
    assert given_away(only_features(truth, 2, mean), truth, mean).tolist() == [1.0]
