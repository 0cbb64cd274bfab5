"""The memory plan, and what needs no machine: numbers, errors, the archive, evidence, the
laboratory's refusals.
"""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bench import data
from bench.networks import NETWORKS, Builder
from cloister.cli.optee import app
from cloister.errors import UserError
from cloister.graph.load import load
from cloister.optee import cpio, lab
from cloister.optee.lab import NoLab
from cloister.optee.plan import (
    ANSWER_ROOM,
    PAGE,
    PLATFORMS,
    TABLE,
    WINDOW_TABLES,
    Need,
    largest_instance,
    plan,
    rooms,
)
from cloister.pack.container import compile_container
from cloister.pack.prefix import calls
from cloister.pack.room import Room

STOCK = PLATFORMS["stock"]
BESIDE = PAGE + ANSWER_ROOM


def need(memory_bytes: int, streamed_bytes: int = 0) -> Need:
    return Need(memory_bytes, 0, 0, 0, 0, 0, streamed_bytes)


def test_the_largest_instance_fits_and_one_more_does_not() -> None:
    most = largest_instance(STOCK)
    assert plan(need(most), STOCK).require().fits
    with pytest.raises(UserError, match="4096 more than there are") as caught:
        plan(need(most + 64), STOCK).require()
    assert str(most) in caught.value.hint


@given(st.integers(0, 1 << 26))
def test_an_instance_fits_exactly_up_to_the_budget(memory: int) -> None:
    planned = plan(need(memory // 64 * 64), STOCK)
    assert planned.fits == (memory // 64 * 64 <= planned.budget_bytes)
    assert planned.data_bytes % PAGE == 0


def test_a_platform_with_fewer_page_tables_is_named() -> None:
    few = dataclasses.replace(STOCK, page_tables=7)
    with pytest.raises(UserError, match="8 page tables of 2 MiB, there are 7"):
        plan(need(largest_instance(few)), few).require()


def test_each_window_of_streamed_weights_is_one_more_switch() -> None:
    most = largest_instance(STOCK)
    assert [plan(need(most, n << 20), STOCK).switches for n in (0, 1, 3)] == [1, 2, 3]


def test_a_window_is_the_whole_page_tables_that_the_application_leaves() -> None:
    tables = [(plan(need(n << 20), STOCK).window_bytes + BESIDE) / TABLE for n in (1, 10, 11, 12)]
    assert tables == [7, 2, 2, 1]
    large = plan(need(64 << 20), PLATFORMS["sbsa"])
    assert large.window_bytes == WINDOW_TABLES * TABLE - BESIDE
    assert large.require().tables == 33 + WINDOW_TABLES
    assert large.daemon_arguments == ("--window", "16740352", "--frame", "16744448")


def test_rooms_give_page_tables_from_memory_to_the_window() -> None:
    found = rooms(STOCK, 13_200 << 10)
    assert [(room.window_bytes or 0) + BESIDE for room in found] == [n * TABLE for n in range(1, 8)]
    for room in found:
        assert plan(need(room.memory_bytes or 0), STOCK).window_bytes == room.window_bytes
    for room in found[1:]:
        assert plan(need((room.memory_bytes or 0) + PAGE), STOCK).window_bytes != room.window_bytes
    (small,) = rooms(STOCK, 1 << 20)
    assert small == Room(1 << 20, 7 * TABLE - BESIDE)


def test_of_rooms_the_largest_is_taken_whose_windows_are_filled(tmp_path: Path) -> None:
    """A page of 512 channels has 590 KB: three fill a window of 2 MiB to 86 %."""
    net, x = Builder("x", (1, 512, 4, 4)), "x"
    for layer in range(3):
        w = np.full((512, 512, 3, 3), 1e-3, np.float32)
        x = net.conv(f"conv{layer}", x, w, None, pads=[1] * 4)
    (tmp_path / "model.onnx").write_bytes(net.finish(x, (1, 512, 4, 4)))
    graph = load(tmp_path / "model.onnx")

    def asked(*given: Room) -> tuple[int, int]:
        """How often in the last room, and how often at most."""
        container = compile_container(
            graph, mode="whole", answers=graph.outputs, memory_budget=given, replay=64
        )
        window = given[-1].window_bytes or 0
        found = calls(container, window)
        assert container.memory_bytes(64) <= (given[-1].memory_bytes or 0)
        return len(found), 1 + -(-sum(call.stored_bytes for call in found) // window)

    large, small = (Room(n << 20, t * TABLE - BESIDE) for n, t in ((4, 1), (3, 2)))
    often, most = asked(large)
    assert often > most
    often, most = asked(large, small)
    assert often <= most


def test_the_verb_plans_a_network_and_writes_the_header(tmp_path: Path) -> None:
    try:
        model = NETWORKS["lenet"].build()
    except data.Absent as reason:
        pytest.skip(str(reason))
    file = tmp_path / "lenet.onnx"
    file.write_bytes(model)
    done = CliRunner().invoke(app, ["plan", str(file), "--json", "-o", str(tmp_path / "plan")])
    told = json.loads(done.stdout)
    assert told["fits"] is True
    assert told["resident_bytes"] > 1_700_000
    assert told["instructions"] == pytest.approx(1_213_622, rel=1 / 3)  # counted (bench/results)
    assert f"CLO_TA_MEMORY {told['memory_bytes']}u" in (tmp_path / "plan/ta_plan.h").read_text()


@pytest.mark.parametrize(
    ("name", "layers_gmac", "weights_mib"),
    [
        ("mobilenet_v1", 0.7425, 16.23),
        ("resnet18", 2.3441, 43.96),
        ("darknet_reference", 0.4823, 27.94),
    ],
)
def test_the_comparison_networks_are_those_of_the_published_artifact(
    name: str, layers_gmac: float, weights_mib: float, tmp_path: Path
) -> None:
    content = NETWORKS[name].build()
    file = tmp_path / "model.onnx"
    file.write_bytes(content)
    graph = load(file)
    assert round(sum(graph.macs(node) for node in graph.nodes) / 1e9, 4) == layers_gmac
    floats = sum(
        4 * int(np.prod(tensor.dims))
        for tensor in onnx.load_from_string(content).graph.initializer
        if tensor.data_type == onnx.TensorProto.FLOAT
    )
    assert round(floats / (1 << 20), 2) == weights_mib


def test_an_archive_is_what_the_kernel_reads() -> None:
    entries = [cpio.directory("a"), cpio.program("a/b", b"12345"), cpio.link("c", "a/b")]
    raw = cpio.archive(entries)
    assert len(raw) % 512 == 0
    found, at = [], 0
    while True:
        fields = [int(raw[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        assert raw[at : at + 6] == b"070701"
        name = raw[at + 110 : at + 110 + fields[11] - 1].decode()
        at += (110 + fields[11] + 3) // 4 * 4
        content = raw[at : at + fields[6]]
        at += (fields[6] + 3) // 4 * 4
        if name == "TRAILER!!!":
            break
        found.append((name, stat.S_IFMT(fields[1]), content))
    assert found == [
        ("a", stat.S_IFDIR, b""),
        ("a/b", stat.S_IFREG, b"12345"),
        ("c", stat.S_IFLNK, b"a/b"),
    ]


def test_a_machine_without_the_tools_is_told_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(NoLab, match="qemu-system-arm") as caught:
        lab.set_up()
    assert "apt-get install" in caught.value.hint
