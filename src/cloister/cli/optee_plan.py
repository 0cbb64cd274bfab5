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
from cloister.graph.rounding import with_int8_weights
from cloister.lower.program import Conv, Kind
from cloister.optee.plan import PLATFORMS, Need, Plan, Platform, largest_instance, plan, rooms
from cloister.pack.container import Container, compile_container
from cloister.pack.prefix import Call, calls

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
    limit = parse_size(memory)
    graph = load_network(model, shape, random_weights)
    with output.progress("planning the whole network") as step:
        step("")
        container = _least(graph, platform, limit, replay)
    planned = plan(Need.of_container(container, replay), platform)
    lacking = planned.need.memory_bytes - (limit or largest_instance(platform))
    fits = planned.fits and lacking <= 0
    written = None
    if output_folder is not None and fits:
        write_whole(writable_folder(output_folder) / PLAN_FILE, planned.sizes.header().encode())
        written = str(output_folder / PLAN_FILE)
    helps = [] if fits else _would_help(graph, planned, limit, replay)
    asked = calls(container, planned.window_bytes)
    found = [Bands(first=s.first, last=s.last, rows=s.rows) for s in container.stages]
    work = _instructions(graph, container, asked)
    told = _result(graph.name, planned, asked, found, written, work)
    room_bytes = told.room_bytes if lacking <= 0 else min(told.room_bytes, -lacking)
    return told.model_copy(update={"fits": fits, "room_bytes": room_bytes, "would_help": helps})


def _instructions(graph: Graph, container: Container, asked: list[Call]) -> int:
    """Of the application for one answer, about (docs/optee.md, "Figures")."""
    fast = {
        op.name for op in container.program.ops if op.kind is Kind.CONV and op.fn == Conv.WINOGRAD
    }
    each = (graph.macs(n) * (FAST_MAC if n.name in fast else MAC) for n in graph.nodes)
    return round(ANSWER + sum(each) + PAGE_BYTE * sum(call.stored_bytes for call in asked))


def _least(graph: Graph, platform: Platform, limit: int | None, replay: int) -> Container:
    """The container for so much memory; where it holds none, that which takes the least."""
    return compile_container(
        graph,
        mode="whole",
        answers=graph.outputs,
        memory_budget=rooms(platform, limit),
        replay=replay,
        least=True,
    )


def _would_help(graph: Graph, planned: Plan, limit: int | None, replay: int) -> list[str]:
    """What would make a plan fit that does not; it takes the least memory, in bands of rows
    already.
    """
    platform, needed = planned.platform, planned.need.memory_bytes
    most = largest_instance(platform)
    found = []
    if limit is not None and needed <= most:
        found.append(f"more memory: --memory {needed}")
    else:
        without = "" if limit is None else ", without --memory"
        found += [
            f"another board: --board {other.name}{without}"
            for other in PLATFORMS.values()
            if needed <= largest_instance(other)
        ]
    rounded, _ = with_int8_weights(graph, None)
    in_8_bits = _least(rounded, platform, limit, replay).memory_bytes(replay)
    if in_8_bits <= min(limit or most, most):
        found.append(f"weights in 8 bits: pack --weights int8 takes {in_8_bits} bytes")
    return [*found, "a network with smaller inputs or layers"]


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
        would_help=[],
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
        console.print(f"[bold red]It does not fit[/]{lacking}. What would help:")
        for one in result.would_help:
            console.print(f"  * {escape(one)}", soft_wrap=True)
    if result.written:
        console.print(f"written: {escape(result.written)}")
