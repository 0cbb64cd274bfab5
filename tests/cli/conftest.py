"""The command line in this process, and small networks to give it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_kit import Json
from PIL import Image

from cloister.cli.main import run
from cloister.cli.schema import RESULTS
from cloister.demo.network import shipped_network


@pytest.fixture
def as_json(capsys: pytest.CaptureFixture[str]) -> Json:
    """Runs a verb with --json; gives its exit code and its one object, which fits the schema."""

    def call(verb: str, *arguments: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([verb, *map(str, arguments), "--json"])
        text = capsys.readouterr().out
        assert text.count("\n") == 1 and text.endswith("\n"), "one object, one line"
        found: dict[str, Any] = json.loads(text)
        RESULTS["error" if "error" in found else verb].model_validate_json(text)
        return code, found

    return call


@pytest.fixture(scope="session")
def cifar() -> Path:
    """The network that Cloister brings."""
    return shipped_network().path


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three photographs (noise will do) and a file that is none."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(1)
    for name in ("a.png", "b.png", "c.png"):
        pixels = random.integers(0, 256, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / name)
    (folder / "notes.txt").write_text("no photograph")
    return folder


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network on records of four numbers, not on images."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    random = np.random.default_rng(2)

    def weights(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(random.standard_normal(shape).astype(np.float32), name)

    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], "first"),
            helper.make_node("Relu", ["h"], ["r"], "relu"),
            helper.make_node("Gemm", ["r", "w2", "b2"], ["y"], "second"),
        ],
        "records",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
        [weights("w1", 4, 8), weights("b1", 8), weights("w2", 8, 3), weights("b2", 3)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path = tmp_path_factory.mktemp("records") / "records.onnx"
    onnx.save(model, path)
    return path


@pytest.fixture(scope="session")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose middle the enclave cannot run: Relu, Det, Add."""
    import onnx
    from onnx import TensorProto, helper

    graph = helper.make_graph(
        [
            helper.make_node("Relu", ["x"], ["r"], "relu"),
            helper.make_node("Det", ["r"], ["d"], "det"),
            helper.make_node("Neg", ["d"], ["y"], "neg"),
        ],
        "odd",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    path = tmp_path_factory.mktemp("odd") / "odd.onnx"
    onnx.save(model, path)
    return path
