"""Containers: the bytes of docs/formats/container.md, the same each time, under any memory
budget.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence

import numpy as np
import onnx
import pytest
from cloister._clo import ffi, lib
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from cloister.enclaves.engine import Engine
from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.lower.program import FUNCTIONS, PARAMS, ConvParams, Kind
from cloister.pack.budget import FRAME_BYTES
from cloister.pack.container import Container, compile_container, parse
from cloister.pack.description import OpDescription
from cloister.pack.pages import weight_bytes
from cloister.pack.records import params_to_words, words_to_params

PAGE_MAX = 1 << 20


def network(*widths: int, inputs: int = 8) -> Graph:
    """A stack of fully connected layers with ReLU, and a sum with a constant."""
    random = np.random.default_rng(0)
    nodes, constants, x = [], [], "x"
    ins = inputs
    for i, outs in enumerate(widths):
        arrays = {
            f"w{i}": random.standard_normal((outs, ins), np.float32) / np.float32(ins**0.5),
            f"b{i}": random.standard_normal(outs, np.float32),
            f"k{i}": random.standard_normal((1, outs), np.float32),
        }
        constants += [numpy_helper.from_array(a, n) for n, a in arrays.items()]
        nodes.append(helper.make_node("Gemm", [x, f"w{i}", f"b{i}"], [f"g{i}"], transB=1))
        nodes.append(helper.make_node("Max", [f"g{i}", f"k{i}"], [f"r{i}"]))
        x, ins = f"r{i}", outs
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, inputs))],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, (1, ins))],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    return from_proto(onnx.shape_inference.infer_shapes(model))


def pack(graph: Graph, mode: str = "whole", budget: int | None = None) -> Container:
    return compile_container(graph, mode=mode, answers=graph.outputs, memory_budget=budget)


def c_plan_memory(data: bytes, replay: int) -> int:
    """clo_plan_memory of the core."""
    size = int.from_bytes(data[12:16], "little")
    raw = ffi.new("uint8_t[]", size + 64)
    start = raw + (-int(ffi.cast("uintptr_t", raw)) % 64)
    ffi.memmove(start, data[:size], size)
    plan = ffi.new("clo_plan *")
    assert lib.clo_plan_open(plan, start, size) == lib.CLO_OK
    return int(lib.clo_plan_memory(plan, replay))


@pytest.mark.parametrize("mode", ["split", "whole"])
@pytest.mark.parametrize("replay", [0, 1, 4096, 65536])
@pytest.mark.parametrize("widths", [(3,), (40, 7), (600, 600)])
def test_memory_is_what_the_core_says(mode: str, replay: int, widths: Sequence[int]) -> None:
    container = pack(network(*widths), mode)
    data = container.to_bytes()
    assert container.memory_bytes(replay) == c_plan_memory(data, replay)
    assert parse(data).memory_bytes(replay) == container.memory_bytes(replay)


def test_bytes_are_the_same_each_time() -> None:
    assert pack(network(40, 7)).to_bytes() == pack(network(40, 7)).to_bytes()


def test_parse_gives_back_what_was_written() -> None:
    container = pack(network(40, 600, 7), "split")
    data = container.to_bytes()
    read = parse(data)
    program, offsets = container.program, container.placement.offsets
    assert read.mode == "split" and read.file_bytes == len(data)
    assert read.arena_bytes == container.arena_bytes
    assert read.model_digest == container.model_digest
    assert (read.request_at, read.response_at) == (
        offsets[program.request] // 4,
        offsets[program.response] // 4,
    )
    for op, record in zip(program.ops, read.ops, strict=True):
        assert (record.kind, record.fn, record.params) == (op.kind, op.fn, op.params)
        for span, found in ((op.x, record.x), (op.y, record.y), (op.z, record.z)):
            expected = (0, 0) if span is None else (offsets[span.buffer] // 4 + span.at, span.n)
            assert found == expected
    for io, record in zip(program.crossing, read.crossing, strict=True):
        assert record.shape == io.info.shape


def test_pages_lie_as_the_format_says() -> None:
    container = pack(network(600, 600))
    data = container.to_bytes()
    read = parse(data)
    at = read.header_bytes
    assert at % 64 == 0
    for page, described in zip(container.pages, read.pages, strict=True):
        assert described.offset == at
        assert described.plain == described.stored == len(page) <= PAGE_MAX
        assert described.digest == hashlib.sha256(page).digest()
        assert data[at : at + len(page)] == page
        end = at + -(-len(page) // 64) * 64
        assert not any(data[at + len(page) : end])
        at = end
    assert at == len(data)
    assert b"".join(container.chunks()) == data


def test_pages_are_as_full_as_they_can_be() -> None:
    container = pack(network(600, inputs=700))
    params = container.program.ops[0].params
    assert isinstance(params, ConvParams)
    unit = 128 * 701
    assert params.panels == PAGE_MAX // unit
    assert [len(p) // unit for p in container.pages[:2]] == [11, 8]


def test_weight_bytes_is_known_without_packing() -> None:
    container = pack(network(600, 40, inputs=9000))
    assert weight_bytes(container.program) == sum(len(p) for p in container.pages)


def test_shared_weights_are_stored_once() -> None:
    graph = network(8, 8)
    for node in graph.nodes:
        if node.op_type == "Max":
            node.replace_input_with(1, graph.nodes[1].inputs[1])
    container = pack(graph)
    consts = [op for op in parse(container.to_bytes()).ops if op.kind is Kind.CONST]
    assert len(consts) == 2 and consts[0].first_page == consts[1].first_page
    Engine(container.to_bytes()).run([np.ones((1, 8), np.float32)])


def test_all_pages_are_resident_without_a_budget() -> None:
    read = parse(pack(network(600, 600)).to_bytes())
    assert all(page.resident for page in read.pages) and read.page_slot == 0


def test_budget_streams_whole_operators_as_cheaply_as_it_can_and_is_kept() -> None:
    graph = network(40, 2000, 40)
    free = pack(graph)
    need = free.memory_bytes(65536)
    tight = pack(graph, budget=need - 1)
    read = parse(tight.to_bytes())
    assert tight.memory_bytes(65536) < need
    assert tight.memory_bytes(65536) == c_plan_memory(tight.to_bytes(), 65536)
    streamed = {i for i, page in enumerate(read.pages) if not page.resident}
    whole = [set(pages_of(op)) for op in read.ops if op.n_pages]
    assert all(own <= streamed or not own & streamed for own in whole)
    two_least = sorted(sum(-(-len(free.pages[i]) // 64) * 64 for i in own) for own in whole)[:2]
    frames = sum(i - 1 not in streamed for i in streamed)
    least = sum(two_least)  # one frees no more than its slot takes
    assert least <= tight.streamed_bytes
    assert tight.streamed_bytes + FRAME_BYTES * frames <= least + FRAME_BYTES * 2
    assert read.page_slot == max(-(-read.pages[i].plain // 64) * 64 for i in streamed)
    assert tight.pages == free.pages


def pages_of(op: OpDescription) -> range:
    return range(op.first_page, op.first_page + op.n_pages)


def test_budget_too_small_is_an_error_that_says_by_how_much() -> None:
    with pytest.raises(UserError, match="bytes too small") as raised:
        pack(network(40, 40), budget=1000)
    assert raised.value.code == "memory-budget"


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 400_000))
def test_any_budget_is_kept_or_refused(slack: int) -> None:
    graph = network(40, 300, 40)
    budget = 65536 * 16 + slack
    try:
        container = pack(graph, budget=budget)
    except UserError:
        return
    assert container.memory_bytes(65536) <= budget
    Engine(container.to_bytes()).run([np.zeros((1, 8), np.float32)])


@pytest.mark.parametrize("kind", list(Kind))
def test_parameters_survive_words(kind: Kind) -> None:
    cls = PARAMS[kind]
    fields = {}
    for i, (name, type_) in enumerate(cls.__annotations__.items()):
        if type_ == "float":
            fields[name] = 0.5 + i
        elif type_ in ("Five", "Six"):
            sign = -1 if kind is Kind.COPY and name == "xs" else 1
            fields[name] = tuple(sign * (i + j) for j in range(5 if type_ == "Five" else 6))
        else:
            fields[name] = i + 1
    params = cls(**fields)
    words = params_to_words(params)
    assert words.size <= 32
    assert words_to_params(kind, np.pad(words, (0, 32 - words.size))) == params


def test_enumerations_are_those_of_the_contract() -> None:
    for kind in Kind:
        assert getattr(lib, f"CLO_{kind.name}") == kind
    for kind, functions in FUNCTIONS.items():
        for fn in functions:
            assert getattr(lib, contract_name(kind, fn.name)) == fn


def contract_name(kind: Kind, name: str) -> str:
    long = kind is Kind.POOL or (kind is Kind.REDUCE and name in ("MAX", "MIN"))
    return f"CLO_FN_{kind.name}_{name}" if long else f"CLO_FN_{name}"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda d: b"", "CLOISTER"),
        (lambda d: b"X" + d[1:], "CLOISTER"),
        (lambda d: d[:8] + b"\x02" + d[9:], "version 2"),
        (lambda d: d[:200], "header"),
        (lambda d: d[:16] + b"\x07" + d[17:], "mode 7"),
        (lambda d: d[:24] + b"\xff" + d[25:], "header"),
        (lambda d: d[:128] + b"\x63" + d[129:], "kind 99"),
    ],
)
def test_parse_refuses(change: object, why: str) -> None:
    data = pack(network(8)).to_bytes()
    with pytest.raises(UserError, match=why):
        parse(change(data))  # type: ignore[operator]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_parse_of_any_changed_header_is_a_description_or_a_user_error(data: st.DataObject) -> None:
    header = bytearray(CHANGED)
    for _ in range(data.draw(st.integers(1, 4))):
        header[data.draw(st.integers(0, len(header) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(UserError):
        parse(bytes(header))


CHANGED = pack(network(8, 8)).header
