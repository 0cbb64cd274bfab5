"""Greedy placement against the optimum that a solver proves, on real networks."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from cloister.graph.load import load
from cloister.lower import lower
from cloister.memory import place
from cloister.memory.placement import blocks_of

pytest.importorskip("ortools", reason="OR-Tools is not installed (pip install cloister[optimum])")


def test_the_demo_network_lies_in_the_smallest_arena_there_is(tmp_path: Path) -> None:
    from bench.placement import smallest_arena

    path = tmp_path / "cifar.onnx"
    path.write_bytes((resources.files("cloister.demo") / "cifar.onnx").read_bytes())
    graph = load(path)
    program = lower(graph, mode="whole", answers=graph.outputs)
    arena = place(program).arena_bytes
    assert smallest_arena(blocks_of(program), arena, seconds=60) == (arena, arena)
