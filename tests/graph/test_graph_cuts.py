"""Cuts: all single-tensor ones, minimal multi-tensor ones, and head then tail == whole."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from graph_nets import LIGHT, Net, branched, chain, draw_input, residual
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloister.errors import UserError
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto, load
from cloister.graph.reference import Reference
from cloister.graph.split import split


def ids(graph: Graph, all_cuts: bool = False) -> list[str]:
    return [cut.id for cut in find_cuts(graph, all_cuts)]


def test_every_tensor_of_a_chain_is_a_cut_but_input_and_output() -> None:
    assert ids(from_proto(chain())) == ["conv", "relu", "pool", "flat"]


def test_a_tensor_that_others_go_around_is_no_cut() -> None:
    assert ids(from_proto(residual())) == ["stem", "a", "b"]


def test_all_cuts_adds_minimal_pairs_where_both_ways_compute() -> None:
    found = ids(from_proto(residual()), all_cuts=True)
    assert {"b3+short", "b1+short", "b2+short"} & set(found)
    assert "a3+stem" not in found  # stem alone separates
    assert "stem+a3" not in found


def test_all_cuts_finds_sets_across_branches() -> None:
    found = ids(from_proto(branched()), all_cuts=True)
    assert "p1+q1+r1" in found or "p1+q2+r1" in found
    assert {"stem", "join"} <= set(found)


def test_ids_do_not_repeat() -> None:
    found = ids(from_proto(branched()), all_cuts=True)
    assert len(found) == len(set(found))


def test_a_cut_tells_its_head() -> None:
    cut = find_cut(from_proto(chain()), "relu")
    assert [n.name for n in cut.head_nodes] == ["conv", "relu"]
    assert cut.head_macs == 4 * 64 * 27
    assert cut.crossing_bytes == 4 * 4 * 64


def test_an_id_names_its_tensors_in_any_order() -> None:
    graph = from_proto(branched())
    assert find_cut(graph, "r1+q2+p1") == find_cut(graph, "p1+q2+r1")


def test_finds_minimal_cuts_that_the_list_does_not_hold() -> None:
    graph = from_proto(branched())
    for combination in itertools.product(["p1"], ["q1", "q2"], ["r1"]):
        assert set(find_cut(graph, "+".join(combination)).id.split("+")) == set(combination)


@pytest.mark.parametrize(
    ("id", "why"),
    [
        ("a33", "computes no tensor"),
        ("x", "computes no tensor"),
        ("mean", "no minimal cut"),
        ("a3", "does not separate"),
        ("a3+stem", "fewer"),
        ("stem.w", "computes no tensor"),
        ("", "computes no tensor"),
    ],
)
def test_refuses_what_is_no_cut_and_lists_the_nearest(id: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as caught:
        find_cut(from_proto(residual()), id)
    assert caught.value.code == "unknown-cut"
    assert "the nearest: " in caught.value.hint


def test_a_name_with_a_plus_is_a_name() -> None:
    net = Net([1, 4])
    net.add("Relu", "a+b")
    net.add("Exp", "y")
    assert find_cut(from_proto(net.finish()), "a+b").crossing[0].name == "a+b"


def test_constants_and_what_is_computed_from_them_never_cross() -> None:
    net = Net([1, 4])
    net.add("RandomNormalLike", "noise", net.constant("zeros", np.zeros((1, 4))), seed=1.0)
    net.add("Relu", "relu", "x")
    net.add("Add", "sum", "relu", "noise")
    net.add("Exp", "y")
    assert ids(from_proto(net.finish()), all_cuts=True) == ["relu", "sum"]


def test_an_early_second_output_is_a_cut_that_the_tail_hands_on() -> None:
    net = Net([1, 4])
    net.add("Relu", "early")
    net.add("Exp", "late")
    net.add("Tanh", "y")
    graph = from_proto(net.finish("early", "y"))
    assert ids(graph, all_cuts=True) == ["early"]  # "late" alone would leave "early" in the open
    assert_parts_compute_the_whole(graph)


def test_several_inputs_are_separated_together() -> None:
    net = Net([1, 4])
    net.inputs.append(onnx.helper.make_tensor_value_info("x2", onnx.TensorProto.FLOAT, [1, 4]))
    net.add("Relu", "a", "x")
    net.add("Exp", "b", "x2")
    net.add("Add", "c", "a", "b")
    net.add("Tanh", "y", "c")
    graph = from_proto(net.finish())
    assert ids(graph) == ["c"]
    assert "a+b" in ids(graph, all_cuts=True)


def test_a_subgraph_reads_what_its_node_does_not_list() -> None:
    """An If whose branches read an outer tensor: that tensor is live until then."""
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["": 20]>
        g (float[1,4] x) => (float[1,4] y) {
            a = Relu(x)
            b = Exp(a)
            s = ReduceSum<keepdims=0>(b)
            zero = Constant<value_float=0.0>()
            c = Greater(s, zero)
            t = If(c) <
                then_branch = g1 () => (float[1,4] u) { u = Tanh(a) },
                else_branch = g2 () => (float[1,4] v) { v = Neg(a) }
            >
            y = Exp(t)
        }""")
    graph = from_proto(model)
    assert ids(graph) == ["a", "t"]
    assert_parts_compute_the_whole(graph)


def assert_parts_compute_the_whole(graph: Graph, step: int = 1) -> None:
    inputs = [draw_input(info.shape, seed) for seed, info in enumerate(graph.inputs)]
    expected = Reference(graph).run(inputs)
    for cut in find_cuts(graph, all_cuts=True)[::step]:
        parts = split(graph, cut)
        assert [i.name for i in parts.head.outputs] == [i.name for i in cut.crossing]
        assert parts.tail.inputs == list(cut.crossing)
        assert parts.tail.outputs == graph.outputs
        tail = parts.tail_bytes()
        onnx.checker.check_model(tail, full_check=True)
        got = Reference(tail).run(Reference(parts.head).run(inputs))
        for a, b in zip(got, expected, strict=True):
            # ONNX Runtime fuses differently on both sides of a cut.
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5 * max(1.0, np.abs(b).max()))


@pytest.mark.parametrize("make", [chain, residual, branched])
def test_head_then_tail_is_the_whole(make: Callable[[], onnx.ModelProto]) -> None:
    assert_parts_compute_the_whole(from_proto(make()))


@pytest.mark.parametrize("name", ["squeezenet", "shufflenet", "inception_v1"])
def test_head_then_tail_is_the_whole_for_old_models_of_onnx(name: str) -> None:
    assert_parts_compute_the_whole(load(LIGHT / f"light_{name}.onnx"), step=12)


def test_splitting_leaves_the_graph_and_cuts_no_more_than_needed() -> None:
    graph = from_proto(chain())
    before = graph.to_bytes()
    parts = split(graph, find_cut(graph, "pool"))
    assert graph.to_bytes() == before
    assert sorted(parts.tail.model.graph.initializers) == ["fc.b", "fc.w"]
    assert sorted(parts.head.model.graph.initializers) == ["conv.b", "conv.w"]
    assert parts.head.sha256 == graph.sha256


UNARY = ["Relu", "Tanh", "Sigmoid", "Neg"]
BINARY = ["Add", "Mul", "Sub", "Max"]


@st.composite
def random_networks(draw: st.DrawFn) -> onnx.ModelProto:
    """Any DAG of small nodes in which every node may read any tensor before it."""
    net = Net([2, 3])
    names = ["x"]
    for i in range(draw(st.integers(2, 9))):
        if draw(st.booleans()):
            names.append(
                net.add(draw(st.sampled_from(UNARY)), f"n{i}", draw(st.sampled_from(names)))
            )
        else:
            pair = draw(st.sampled_from(names)), draw(st.sampled_from(names))
            names.append(net.add(draw(st.sampled_from(BINARY)), f"n{i}", *pair))
    ends = draw(st.sets(st.sampled_from(names[1:]), min_size=0, max_size=2)) | {names[-1]}
    return net.finish(*sorted(ends))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_networks())
def test_head_then_tail_is_the_whole_for_any_network(model: onnx.ModelProto) -> None:
    assert_parts_compute_the_whole(from_proto(model))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(random_networks())
def test_finds_exactly_the_single_tensor_cuts_that_brute_force_finds(
    model: onnx.ModelProto,
) -> None:
    graph = from_proto(model)
    assert set(ids(graph)) == brute_force(graph)


def brute_force(graph: Graph) -> set[str]:
    """Names whose removal leaves no way from an input to an output."""
    outputs = {o.name for o in graph.outputs}
    computed = {o.name for n in graph.nodes for o in n.outputs}
    found = set()
    for name in computed:
        reached = {i.name for i in graph.inputs}
        for node in graph.nodes:
            if any(v is not None and v.name in reached - {name} for v in node.inputs):
                reached |= {o.name for o in node.outputs}
        if not outputs & (reached - {name}) and {name} != outputs:
            found.add(name)
    return found


def test_a_plain_file_of_this_project_can_be_cut() -> None:
    path = Path(__file__).parents[2] / "src" / "cloister" / "demo" / "cifar.onnx"
    if not path.exists():
        pytest.skip("the demo's network is not in this tree")
    assert_parts_compute_the_whole(load(path))
