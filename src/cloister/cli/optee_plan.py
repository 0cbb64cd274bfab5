"""`cloister optee plan`: what a network takes in TrustZone, before anything is built."""

# ruff: noqa: PLR0917 - a verb has as many parameters as options
from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import Bands, OpteePlan
from cloister.cli.sources import load_network, parse_size
from cloister.errors import UserError
from cloister.files import writable_folder, write_whole
from cloister.graph.graph import Graph
from cloister.lower.program import Conv, Kind
from cloister.optee.plan import PLATFORMS, Need, Plan, plan, rooms
from cloister.pack.container import Container, compile_container
from cloister.pack.prefix import Call, calls
from cloister.pack.room import REPLAY_ENTRY_BYTES

PLAN_FILE: Final = "ta_plan.h"
# Instructions for a multiply-add, for one in the transform domain, for a byte of a streamed page;
# for an answer beside them.
MAC, FAST_MAC, PAGE_BYTE, ANSWER = 0.42, 0.17, 5.0, 650_000


def run(
    model: str, board: str, memory: str | None, replay: int, output_folder: Path | None,
    shape: list[str] | None, random_weights: bool,
) -> OpteePlan:  # fmt: skip
    """Plans a network for a board."""
    platform = PLATFORMS.get(board)
    if platform is None:
        raise UserError(f"--board {board!r}, expected {', '.join(PLATFORMS)}", code="usage")
    if replay & (replay - 1):
        raise UserError(f"--replay {replay} is not a power of two", code="usage")
    graph = load_network(model, shape, random_weights)
    with output.progress("planning the whole network") as step:
        step("")
        container = compile_container(
            graph,
            mode="whole",
            answers=graph.outputs,
            memory_budget=rooms(platform, parse_size(memory)),
            replay=replay,
        )
    planned = plan(_need(container, replay), platform)
    written = None
    if output_folder is not None:
        planned.require()
        write_whole(writable_folder(output_folder) / PLAN_FILE, planned.sizes.header().encode())
        written = str(output_folder / PLAN_FILE)
    asked = calls(container, planned.window_bytes)
    found = [Bands(first=s.first, last=s.last, rows=s.rows) for s in container.stages]
    work = _instructions(graph, container, asked)
    return _result(graph.name, planned, asked, found, written, work)


def _instructions(graph: Graph, container: Container, asked: list[Call]) -> int:
    """Of the application for one answer, about (docs/optee.md, "Figures")."""
    fast = {
        op.name for op in container.program.ops if op.kind is Kind.CONV and op.fn == Conv.WINOGRAD
    }
    each = (graph.macs(n) * (FAST_MAC if n.name in fast else MAC) for n in graph.nodes)
    return round(ANSWER + sum(each) + PAGE_BYTE * sum(call.stored_bytes for call in asked))


def _need(container: Container, replay: int) -> Need:
    pages = sum(len(page) for page in container.pages)
    return Need(
        container.memory_bytes(replay), len(container.header), REPLAY_ENTRY_BYTES * replay,
        container.resident_bytes,
        container.page_slot, container.arena_bytes, pages - container.resident_bytes,
    )  # fmt: skip


def _result(
    model: str,
    planned: Plan,
    asked: list[Call],
    bands: list[Bands],
    written: str | None,
    instructions: int,
) -> OpteePlan:
    need, platform = planned.need, planned.platform
    return OpteePlan(
        model=model,
        board=platform.name,
        about=platform.about,
        fits=planned.fits,
        memory_bytes=need.memory_bytes,
        header_bytes=need.header_bytes,
        replay_bytes=need.replay_bytes,
        resident_bytes=need.resident_bytes,
        slot_bytes=need.slot_bytes,
        arena_bytes=need.arena_bytes,
        streamed_bytes=sum(call.stored_bytes for call in asked),
        heap_bytes=planned.sizes.heap_bytes,
        stack_bytes=planned.sizes.stack_bytes,
        code_bytes=planned.code.code_bytes,
        data_bytes=planned.data_bytes,
        data_limit_bytes=platform.data_bytes,
        room_bytes=planned.room_bytes,
        largest_memory_bytes=planned.budget_bytes,
        page_tables=planned.tables,
        page_tables_limit=platform.page_tables,
        shared_bytes=planned.shared_bytes,
        world_switches=1 + len(asked),
        instructions=instructions,
        settings=list(platform.settings),
        bands=bands,
        written=written,
    )


def show(result: OpteePlan, console: Console) -> None:
    """Prints it for people."""
    console.print(f"[bold]{escape(result.model)}[/] inside {escape(result.about)}\n")
    table = output.table("Secure memory", "part", ">bytes", "")
    rows = (
        ("weights that stay", result.resident_bytes, ""),
        ("room for one streamed page", result.slot_bytes, ""),
        ("arena", result.arena_bytes, "messages, tensors, scratch"),
        ("container's header", result.header_bytes, ""),
        ("replay table", result.replay_bytes, ""),
        ("= instance", result.memory_bytes, "CLO_TA_MEMORY; each part rounded up to 64, and 64"),
        ("heap", result.heap_bytes, "TA_DATA_SIZE"),
        ("as loaded, whole pages", result.data_bytes, f"of {result.data_limit_bytes:,}"),
        ("code", result.code_bytes, ""),
        ("stack", result.stack_bytes, "TA_STACK_SIZE"),
    )
    for name, size, remark in rows:
        table.add_row(name, f"{size:,}", remark)
    console.print(table)
    console.print(
        f"weights streamed with each request: {result.streamed_bytes:,} bytes; world switches:"
        f" {result.world_switches}\ntime: about {result.instructions / 1e6:,.0f} million"
        f" instructions in the application for each answer\n"
        f"shared memory: {result.shared_bytes:,} bytes;"
        f" page tables of 2 MiB: {result.page_tables} of {result.page_tables_limit}\n"
        f"built for: {', '.join(result.settings)}"
    )
    for b in result.bands:
        console.print(f"in bands of {b.rows} rows: {escape(b.first)} to {escape(b.last)}")
    if result.fits:
        console.print(f"[bold green]It fits[/], {result.room_bytes:,} bytes are left.")
    else:
        lacking = f", {-result.room_bytes:,} bytes are lacking" if result.room_bytes < 0 else ""
        console.print(
            f"[bold red]It does not fit[/]{lacking}: plan with --memory"
            f" {result.largest_memory_bytes}"
        )
    if result.written:
        console.print(f"written: {escape(result.written)}")
