"""Only what the next linear layers read leaves; the answers stay, the leak is theirs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(Path(__file__).parent.parent / "audit"))

from audit_kit import SIDE, small_network

from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import make_sets
from cloister.audit.task import Task
from cloister.cli.main import run as run_verb
from cloister.errors import UserError
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.null_space import project
from cloister.graph.reference import Reference
from cloister.preprocess import imagenet_default

# Products of float32 in another order.
TOLERANCE = 1e-5
RANDOM = np.random.default_rng(7)


def network(
    path: Path, shape: list[int], readers: list[tuple[str, dict[str, object], tuple[int, ...]]]
) -> Graph:
    """z = Relu(x); each reader (operator, attributes, shape of its weights) gives an answer."""
    nodes = [helper.make_node("Relu", ["x"], ["z"], "z")]
    weights, answers = [], []
    for place, (op, attributes, size) in enumerate(readers):
        values = RANDOM.standard_normal(size).astype(np.float32)
        weights.append(numpy_helper.from_array(values, f"w{place}"))
        nodes.append(
            helper.make_node(op, ["z", f"w{place}"], [f"y{place}"], f"n{place}", **attributes)
        )
        answers.append(helper.make_tensor_value_info(f"y{place}", TensorProto.FLOAT, None))
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)], answers, weights
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(onnx.shape_inference.infer_shapes(model), path)
    return load(path)


WIDE = ("Conv", {"pads": [1] * 4}, (3, 30, 3, 3))  # all nine taps count
CASES = {
    "1 x 1": ([1, 12, 5, 5], [("Conv", {}, (4, 12, 1, 1))], 4),
    "3 x 3": ([1, 30, 5, 5], [WIDE], 27),
    "two": ([1, 12, 5, 5], [("Conv", {}, (4, 12, 1, 1)), ("Conv", {}, (5, 12, 1, 1))], 9),
    "Gemm": ([1, 20], [("Gemm", {}, (20, 6))], 6),
    "Gemm, transposed": ([1, 20], [("Gemm", {"transB": 1}, (6, 20))], 6),
    "MatMul of tokens": ([1, 7, 20], [("MatMul", {}, (20, 6))], 6),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_answers_stay_and_fewer_numbers_leave(name: str, tmp_path: Path) -> None:
    shape, readers, rank = CASES[name]
    graph = network(tmp_path / "n.onnx", shape, readers)
    found = project(graph, find_cut(graph, "z"))
    assert found.rank == rank and len(found.readers) == len(readers)
    x = RANDOM.standard_normal(shape).astype(np.float32)
    before, after = Reference(graph).run([x]), Reference(found.graph).run([x])
    for a, b in zip(before, after, strict=True):
        assert np.abs(a - b).max() <= TOLERANCE * np.abs(a).max()
    axis = 1 if len(shape) == 4 else len(shape) - 1
    assert find_cut(found.graph, found.cut).crossing[0].shape[axis] == rank
    assert "z" in {cut.id for cut in find_cuts(graph)}  # the source stays as it was


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Gemm", "sends 6 of 20 numbers: all"),
        ("1 x 1", "sends 4 of 12 numbers at each of 25 places: all"),
        ("MatMul of tokens", "sends 6 of 20 numbers at each of 7 places: all"),
    ],
)
def test_it_says_what_leaves_of_a_vector_and_of_a_map(
    name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network(tmp_path / "n.onnx", *CASES[name][:2])
    arguments = ["defend", str(tmp_path / "n.onnx"), "--cut", "z", "-o", str(tmp_path / "p.onnx")]
    assert run_verb(arguments) == 0
    assert said in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("shape", "readers", "why"),
    [
        ([1, 4, 5, 5], [("Conv", {}, (6, 4, 1, 1))], "read all of its 4 channels"),
        ([1, 4, 5, 5], [("Conv", {"group": 4}, (4, 1, 3, 3))], "no linear layer of it"),
        ([1, 8, 5, 5], [("Conv", {}, (4, 8, 1, 1)), ("Add", {}, (1, 8, 1, 1))], "Add"),
    ],
)
def test_what_loses_no_rank_is_refused(
    shape: list[int], readers: list[tuple[str, dict[str, object], tuple[int, ...]]], why: str,
    tmp_path: Path,
) -> None:  # fmt: skip
    graph = network(tmp_path / "n.onnx", shape, readers)
    with pytest.raises(UserError, match=why):
        project(graph, find_cut(graph, "z"))


def test_the_leak_equals_that_of_the_cut_after_the_layer(tmp_path: Path) -> None:
    """Attackers who have learnt from the projected numbers rebuild as much as from its answers."""
    model = onnx.load(small_network(tmp_path / "small.onnx"))
    model.graph.node.append(helper.make_node("Relu", ["logits"], ["answer"], "last"))
    model.graph.output[0].name = "answer"
    onnx.save(model, tmp_path / "small.onnx")
    arguments = ["defend", str(tmp_path / "small.onnx"), "--cut", "flat"]
    assert run_verb([*arguments, "-o", str(tmp_path / "less.onnx"), "--json"]) == 0
    less = load(tmp_path / "less.onnx")
    how = imagenet_default((1, 3, SIDE, SIDE))
    sets = make_sets(drawn_pictures(700, 5), seed=0)

    cuts = [find_cut(less, name) for name in ("flat", "flat/projected", "logits")]
    found = outcome(run(Task(less, how, sets, cuts), tmp_path / "run"))
    leaks = {cut.judged.cut: cut for cut in found.cuts}
    mean = leaks["flat/projected"].mean("psnr_db")
    low, high = leaks["logits"].mean_interval("psnr_db")
    before = leaks["flat"].mean("psnr_db")
    assert mean is not None and before is not None
    assert low <= mean <= high
    assert before > mean  # what the layer does not read was worth something
