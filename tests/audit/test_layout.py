"""A flattened map is attacked as the map that it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from audit_kit import SIDE, small_network, small_task
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.features import Part, plan_parts
from cloister.audit.layout import layouts
from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.tiers import control_shapes
from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.graph.load import load

WIDTH = 6 * (SIDE - 2) ** 2


def network(path: Path, *nodes: onnx.NodeProto, width: int = WIDTH) -> Graph:
    """Conv without padding to 6 maps, `nodes` from "map" to "vector", Gemm."""
    random = np.random.default_rng(0)

    def constant(name: str, value: np.ndarray) -> onnx.TensorProto:
        return numpy_helper.from_array(value, name)

    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "w"], ["map"], "conv"),
            *nodes,
            helper.make_node("Gemm", ["vector", "v"], ["logits"], "gemm"),
        ],
        "flattened",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 5])],
        [
            constant("w", random.standard_normal((6, 3, 3, 3)).astype(np.float32)),
            constant("v", random.standard_normal((width, 5)).astype(np.float32)),
            constant("one", np.array([1, width])), constant("folded", np.array([1, 6, -1])),
        ],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=9), path)
    return load(path)


def node(op: str, inputs: str, output: str, **more: object) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], output, **more)


MAP = (6, SIDE - 2, SIDE - 2)
WAYS = {
    "Flatten": [node("Flatten", "map", "vector")],
    "Reshape": [node("Reshape", "map one", "vector")],
    "twice": [node("Reshape", "map folded", "half_way"), node("Flatten", "half_way", "vector")],
    "behind it": [node("Flatten", "map", "flat"), node("Relu", "flat", "vector")],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_flattened_map_has_the_maps_shape(tmp_path: Path, way: str) -> None:
    graph = network(tmp_path / "net.onnx", *WAYS[way])
    assert layouts(find_cut(graph, "vector")) == layouts(find_cut(graph, "map")) == [MAP]


def test_what_moves_numbers_is_not_followed(tmp_path: Path) -> None:
    last = [
        node("Transpose", "map", "moved", perm=[0, 2, 3, 1]),
        node("Flatten", "moved", "vector"),
    ]
    graph = network(tmp_path / "net.onnx", *last)
    assert layouts(find_cut(graph, "vector")) == [(WIDTH,)]
    maps = [node("GlobalAveragePool", "map", "means"), node("Flatten", "means", "vector")]
    graph = network(tmp_path / "net.onnx", *maps, width=6)
    assert layouts(find_cut(graph, "vector")) == [(6,)]


def test_a_flattened_map_is_averaged_like_the_map(tmp_path: Path) -> None:
    graph = network(tmp_path / "net.onnx", *WAYS["Flatten"])
    parts = [plan_parts(find_cut(graph, name), (8, 8)) for name in ("map", "vector")]
    assert parts == [(Part(0, (6, 7, 7), 2, MAP),)] * 2


@pytest.mark.parametrize("pooled", [False, True])
def test_a_flattened_map_gives_away_what_the_map_does(
    tmp_path: Path, pooled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attackers, controls and numbers at both; averaged maps too."""
    graph = network(tmp_path / "net.onnx", *WAYS["Flatten"])
    if pooled:
        monkeypatch.setattr("cloister.audit.features.ROW_MAX", 400)
    cuts = [find_cut(graph, name) for name in ("map", "vector")]
    task = replace(small_task(small_network(tmp_path / "small.onnx")), graph=graph, cuts=cuts)
    assert control_shapes(task, "map") == control_shapes(task, "vector")
    on_map, on_vector = outcome(run(task, tmp_path / "run")).cuts
    assert on_map.cell.facts["pooled"] == on_vector.cell.facts["pooled"] == pooled
    assert np.array_equal(on_map.cell.arrays["mse"], on_vector.cell.arrays["mse"])
    got = [{one.attacker: one.psnr_db for one in cut.tried} for cut in (on_map, on_vector)]
    assert got[0] == got[1] and got[0]["local ridge"] is not None
