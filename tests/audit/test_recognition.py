"""Another classifier is asked of originals and reconstructions; its answer makes no verdict."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from audit_kit import small_task
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.outcome import Outcome, outcome
from cloister.audit.recognition import Recogniser, Recognition
from cloister.audit.run import run
from cloister.audit.self_check import drawn_pictures
from cloister.audit.store import Store
from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.preprocess import imagenet_default
from cloister.report.page import render

Verb = Callable[..., tuple[int, dict[str, Any]]]
JUDGE_SIDE = 24  # not the audited network's: pictures are scaled


def colour_judge(path: Path, labels: int = 3, channels: int = 3) -> Path:
    """Names the colour that is strongest against the others' mean: a picture has one label."""
    weights = np.eye(labels, channels, dtype=np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("GlobalAveragePool", ["image"], ["gap"], "gap"),
            helper.make_node("Flatten", ["gap"], ["flat"], "flat"),
            helper.make_node("Gemm", ["flat", "w"], ["scores"], "scores"),
        ],
        path.stem,
        [
            helper.make_tensor_value_info(
                "image", TensorProto.FLOAT, [1, channels, JUDGE_SIDE, JUDGE_SIDE]
            )
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, labels])],
        [numpy_helper.from_array(weights.T.copy(), "w")],
    )
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


def judge_of(graph: Graph, audited: Graph) -> Recogniser:
    return Recogniser.of(graph, imagenet_default(tuple(graph.inputs[0].shape)), audited)


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return colour_judge(tmp_path_factory.mktemp("judge") / "judge.onnx")


@pytest.fixture(scope="module")
def recognised(network: Path, judge: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    task = small_task(network)
    facts = {"skipped": [], "command": "cloister audit"}
    task = replace(task, recogniser=judge_of(load(judge), task.graph), facts=facts)
    return outcome(run(task, tmp_path_factory.mktemp("recognised") / "run"))


def test_the_original_itself_is_recognised(network: Path, judge: Path) -> None:
    victims = drawn_pictures(60, 5).pixels_NHWC
    found = Recognition(judge_of(load(judge), load(network)), victims)
    same = victims.transpose(0, 3, 1, 2).astype(np.float32) / 255
    assert found.agrees(same).all()
    strongest = (victims.mean((1, 2)) / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert (found.truth == strongest.argmax(1)).mean() > 0.9  # scaling moves a few
    assert found.chance == np.bincount(found.truth).max() / 60
    # Another label's picture is not: the agreement is of each with its own victim.
    other = same[[int(np.argmax(found.truth != label)) for label in found.truth]]
    assert not found.agrees(other).any()


def test_a_shallow_cut_is_recognised_above_chance_and_floors_are_not(recognised: Outcome) -> None:
    shallow = recognised.cuts[0].recognised
    assert shallow is not None and recognised.recogniser is not None
    share, (low, high) = shallow
    chance = recognised.recogniser["chance"]
    assert low <= share <= high and low > chance
    floors = {row["name"]: row["recognised"] for row in recognised.references()}
    assert floors["mean picture"] <= chance < floors["own mean colour"]


def test_recognition_makes_no_verdict(recognised: Outcome, audited: Store) -> None:
    assert [c.judged for c in recognised.cuts] == [c.judged for c in outcome(audited).cuts]


def test_the_report_says_who_was_asked_or_that_nobody_was(recognised: Outcome) -> None:
    page = render([recognised])
    assert "another classifier (judge)" in page and "(--recognise)" not in page


def test_another_judge_is_another_question(
    network: Path, recognised: Outcome, tmp_path: Path
) -> None:
    other = load(colour_judge(tmp_path / "other.onnx", labels=2))
    task = small_task(network)
    with pytest.raises(UserError, match="recogniser"):
        run(replace(task, recogniser=judge_of(other, task.graph)), recognised.store.folder)
    with pytest.raises(UserError, match="recogniser"):
        run(task, recognised.store.folder)


def test_the_audited_network_is_no_judge_of_itself(network: Path) -> None:
    graph = load(network)
    with pytest.raises(UserError, match="audited network itself"):
        judge_of(graph, graph)


@pytest.mark.parametrize(("labels", "channels", "said"), [(1, 3, "1 number"), (2, 1, "channels")])
def test_a_judge_that_cannot_judge_is_refused(
    network: Path, tmp_path: Path, labels: int, channels: int, said: str
) -> None:
    graph = load(colour_judge(tmp_path / "bad.onnx", labels, channels))
    with pytest.raises(UserError, match=said):
        judge_of(graph, load(network))


def test_json_holds_the_share_its_interval_and_chance(
    verb: Verb, network: Path, pictures: Path, judge: Path, tmp_path: Path
) -> None:
    options = ["--cuts", "relu1", "--run", tmp_path / "run", "--recognise", judge]
    code, found = verb("audit", network, "--images", pictures, *options)
    assert code == 0, found
    (cut,) = found["cuts"]
    low, high = cut["recognised_interval"]
    assert low <= cut["recognised"] <= high
    assert found["recogniser"]["name"] == "judge" and 0 < found["recogniser"]["chance"] <= 1
    assert all(0 <= row["recognised"] <= 1 for row in found["references"])
    code, found = verb("audit", network, "--images", pictures, "--recognise", network)
    assert (code, found["error"]["code"]) == (2, "same-model")


def test_without_a_judge_nothing_is_said(audited: Store) -> None:
    assert outcome(audited).recogniser is None
    assert all(cut.recognised is None for cut in outcome(audited).cuts)
