"""The beginning of a container is a container that the enclave's validator takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.pack.container import Container, compile_container
from cloister.pack.prefix import calls, prefix

WINDOW = (1 << 20) + 64


@pytest.fixture
def lenet(tmp_path: Path, real_network: Callable[[str], bytes]) -> Container:
    path = tmp_path / "lenet.onnx"
    path.write_bytes(real_network("lenet"))
    graph = load(path)
    return compile_container(
        graph, mode="whole", answers=graph.outputs, memory_budget=1200 << 10, replay=1024
    )


def test_every_prefix_runs_and_the_last_is_the_whole(lenet: Container, tmp_path: Path) -> None:
    x = np.ones((1, 1, 28, 28), np.float32)
    answers = []
    for count in range(len(lenet.op_names) + 1):
        path = tmp_path / f"{count}.clo"
        path.write_bytes(prefix(lenet, count))
        answers.append(Engine(path).run([x])[0])
    assert path.read_bytes() == lenet.to_bytes()
    assert not np.array_equal(answers[0], answers[-1])


def test_calls_bring_every_streamed_page_once_and_in_order(lenet: Container) -> None:
    asked = [call.first + i for call in calls(lenet, WINDOW) for i in range(call.count)]
    assert asked == sorted(set(asked))
    assert sum(len(lenet.pages[i]) for i in asked) >= lenet.streamed_bytes > 0
    assert all(call.stored_bytes <= WINDOW for call in calls(lenet, WINDOW))
