"""The plan's memory, to the byte, at every cut (bench/memory.py does it for the large networks)."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from bench.data import Labelled
from bench.memory import faults
from cloister.graph.load import load


def test_every_head_of_the_demo_network_takes_exactly_what_was_predicted() -> None:
    graph = load(Path(str(files("cloister.demo") / "cifar.onnx")))
    x = np.random.default_rng(0).normal(size=(1, 3, 32, 32)).astype(np.float32)
    found = list(faults(graph, [x]))
    assert len(found) >= 15
    assert [fault for fault in found if fault[1]] == []


@pytest.mark.parametrize("name", ["lenet", "resnet20", "ton_iot"])
def test_every_head_of_a_real_network_takes_exactly_what_was_predicted(
    name: str,
    tmp_path: Path,
    real_network: Callable[[str], bytes],
    real_inputs: Callable[[str, int], Labelled],
) -> None:
    (tmp_path / "model.onnx").write_bytes(real_network(name))
    found = list(faults(load(tmp_path / "model.onnx"), real_inputs(name, 1).inputs))
    assert len(found) >= 6
    assert [fault for fault in found if fault[1]] == []
