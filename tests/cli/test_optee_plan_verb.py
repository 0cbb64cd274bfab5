"""`optee plan` with networks that do not fit: a result, exit code 1, and what would help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from cli_kit import Json
from onnx import TensorProto, helper, numpy_helper
from typer.testing import CliRunner

from cloister.channel.message import Array
from cloister.cli.optee import app
from cloister.cli.schema import OpteePlan


def planned(*arguments: object) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(app, ["plan", *map(str, arguments), "--json"])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    OpteePlan.model_validate_json(done.stdout)
    return done.exit_code, json.loads(done.stdout)


def save(path: Path, nodes: list[onnx.NodeProto], shape: list[int], *weights: Array) -> Path:
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(w, f"w{i}") for i, w in enumerate(weights)],
    )
    opsets = [helper.make_opsetid("", 18)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=9), path)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Its input alone has 24 MiB."""
    relu = helper.make_node("Relu", ["x"], ["y"], "relu")
    return save(tmp_path / "large.onnx", [relu], [1, 3, 2048, 1024])


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    """A page of 1 MiB, of 256 KiB in 8 bits."""
    gemm = helper.make_node("Gemm", ["x", "w0", "w1"], ["y"], "gemm")
    weights = np.random.default_rng(1).standard_normal((512, 512)).astype(np.float32)
    return save(tmp_path / "heavy.onnx", [gemm], [1, 512], weights, np.zeros(512, np.float32))


def test_too_little_memory_is_told_with_how_much_is_enough(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan"
    code, found = planned(records, "--memory", "10KiB", "-o", out)
    assert code == 1 and found["fits"] is False
    assert found["room_bytes"] == 10_240 - found["memory_bytes"] < 0
    assert found["written"] is None and not out.exists()
    assert found["would_help"][0] == f"more memory: --memory {found['memory_bytes']}"
    code, enough = planned(records, "--memory", found["memory_bytes"])
    assert code == 0 and enough["fits"] is True and enough["would_help"] == []
    code, _ = planned(records, "--memory", found["memory_bytes"] - 64)
    assert code == 1


def test_a_board_that_is_too_small_is_told_with_one_that_is_not(large: Path) -> None:
    code, found = planned(large)
    assert code == 1 and found["fits"] is False
    assert found["room_bytes"] == found["data_limit_bytes"] - found["data_bytes"] < 0
    assert found["would_help"][0] == "another board: --board sbsa"
    assert planned(large, "--board", "sbsa")[0] == 0
    assert planned(large, "--memory", "1MiB")[1]["would_help"][0].endswith("without --memory")


def test_weights_in_8_bits_are_named_where_they_are_enough(heavy: Path) -> None:
    helps = planned(heavy, "--memory", "500KiB")[1]["would_help"]
    assert any("--weights int8" in one for one in helps)
    helps = planned(heavy, "--memory", "100KiB")[1]["would_help"]
    assert not any("--weights int8" in one for one in helps)


def test_people_read_the_same(large: Path) -> None:
    done = CliRunner().invoke(app, ["plan", str(large)])
    assert done.exit_code == 1
    assert "It does not fit" in done.stdout and "bytes are lacking" in done.stdout
    assert "--board sbsa" in done.stdout and "cut" not in done.stdout


def test_pack_names_no_cut_where_whole_networks_are_packed(
    as_json: Json, heavy: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "bundle"
    code, found = as_json("pack", heavy, "--whole", "--memory", "100KiB", "-o", out)
    assert code == 2 and "cut" not in found["error"]["hint"]
    assert "--weights int8" in found["error"]["hint"]
    assert not out.parent.exists()


def test_memory_is_more_than_nothing(as_json: Json, heavy: Path, tmp_path: Path) -> None:
    for size in ("0", "-1MiB"):
        code, found = as_json("pack", heavy, "--whole", f"--memory={size}", "-o", tmp_path / "b")
        assert code == 2 and "is no size" in found["error"]["message"]
