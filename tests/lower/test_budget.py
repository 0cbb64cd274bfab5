"""Budgets: which layers run in bands of rows, and which weights are streamed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from lower_kit import Net, drawn

from bench.data import Labelled
from cloister.enclaves.engine import Engine
from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.memory import check_placement
from cloister.pack.container import Container, compile_container, parse

REPLAY = 64


def pack(graph: Graph, budget: int | None = None, *, rows: bool = False) -> Container:
    return compile_container(
        graph, mode="whole", answers=graph.outputs, memory_budget=budget, replay=REPLAY, rows=rows
    )


def wide(size: int = 48) -> Graph:
    """Large maps, few weights, and a fully connected layer."""
    net = Net((1, 3, size, size))
    x = net.add("Relu", net.conv("x0", 3, 24))
    x = net.add("Relu", net.conv(x, 24, 40, k=1))
    x = net.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.add("Flatten", net.conv(x, 40, 8, stride=2))
    return net.graph(net.add("Gemm", x, net.draw(8 * (size // 4) ** 2, 64)))


def test_a_budget_that_holds_everything_changes_nothing() -> None:
    graph = wide()
    roomy = pack(graph)
    assert roomy.stages == ()
    assert pack(graph, roomy.memory_bytes(REPLAY)).to_bytes() == roomy.to_bytes()


def test_a_budget_below_the_maps_is_kept_by_bands_of_rows() -> None:
    graph = wide()
    roomy = pack(graph)
    budget = roomy.memory_bytes(REPLAY) - roomy.arena_bytes // 3
    tight = pack(graph, budget)
    assert tight.stages
    assert tight.memory_bytes(REPLAY) <= budget
    assert tight.streamed_bytes == 0  # rows cost less than pages
    x = drawn(graph)
    expected = Engine(roomy.to_bytes()).run(x)
    for got, wanted in zip(Engine(tight.to_bytes()).run(x), expected, strict=True):
        np.testing.assert_array_equal(got, wanted)


def test_weights_that_each_band_reads_stay_and_those_read_once_are_streamed() -> None:
    graph = wide()
    budget = pack(graph, rows=True).memory_bytes(REPLAY) - 20_000
    plan = parse(pack(graph, budget, rows=True).header)
    streamed = {i for i, page in enumerate(plan.pages) if not page.resident}
    assert streamed
    for op in plan.ops:
        own = set(range(op.first_page, op.first_page + op.n_pages))
        if own & streamed:
            assert sum(o.n_pages > 0 and o.first_page == op.first_page for o in plan.ops) == 1


def test_the_smallest_arena_is_smaller_and_its_header_larger() -> None:
    graph = wide()
    small = pack(graph, rows=True)
    assert small.arena_bytes < pack(graph).arena_bytes * 0.8
    assert len(small.header) > len(pack(graph).header)


def test_refuses_a_budget_that_nothing_holds() -> None:
    with pytest.raises(UserError, match="bytes too small, even with all weights streamed"):
        pack(wide(), 30_000)


@pytest.mark.parametrize(("name", "most_mib"), [("squeezenet1_1", 1.2), ("mobilenet_v2", 1.5)])
def test_real_networks_keep_their_bits_in_a_small_arena(
    name: str,
    most_mib: float,
    tmp_path: Path,
    real_network: Callable[[str], bytes],
    real_inputs: Callable[[str, int], Labelled],
) -> None:
    (tmp_path / "model.onnx").write_bytes(real_network(name))
    graph = load(tmp_path / "model.onnx")
    small = pack(graph, rows=True)
    check_placement(small.program, small.placement)
    assert small.arena_bytes <= most_mib * 2**20
    engine, x = Engine(small.to_bytes(), guard=True), real_inputs(name, 1).inputs
    expected = Engine(pack(graph).to_bytes()).run(x)
    np.testing.assert_array_equal(engine.run(x, poison=0xFF)[0], expected[0])
    assert engine.highest_byte_written(x) == small.arena_bytes - 1
