"""What `profile` says of a network agrees with the plan that is measured."""

from __future__ import annotations

import pytest

from cloister.demo.network import shipped_network
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.pack.container import compile_container
from cloister.profile.measure import WHOLE, in_turns, live_bytes, op_macs, profile


@pytest.fixture(scope="module")
def graph() -> Graph:
    return load(shipped_network().path)


def test_live_bytes_never_exceed_the_arena_and_reach_its_lower_bound(graph: Graph) -> None:
    container = compile_container(graph, mode="whole", answers=graph.outputs)
    used = live_bytes(container.program, container.placement)
    assert len(used) == len(container.program.ops)
    assert 0 < max(used) <= container.arena_bytes
    assert max(used) >= container.placement.lower_bound_bytes // 2


def test_multiply_adds_of_the_plan_are_those_of_the_graph(graph: Graph) -> None:
    container = compile_container(graph, mode="whole", answers=graph.outputs)
    assert sum(map(op_macs, container.program.ops)) == graph.total_macs


def test_works_are_timed_in_turns_and_the_first_round_does_not_count() -> None:
    calls: list[str] = []
    times_ms = in_turns([lambda: calls.append("a"), lambda: calls.append("b")], 3)
    assert "".join(calls) == "abababab"
    assert len(times_ms) == 2 and all(time >= 0 for time in times_ms)


def test_every_cut_is_measured_where_asked(graph: Graph) -> None:
    steps: list[str] = []
    found = profile(graph, 1, step=steps.append)
    assert found.total.id == WHOLE
    assert steps == [WHOLE, *(cut.id for cut in found.cuts)]
    assert profile(graph, 1, cuts=False).cuts == ()
