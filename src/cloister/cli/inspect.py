"""`cloister inspect`: what a network is, where it can be cut, what of it cannot run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import Cut as CutRow
from cloister.cli.schema import Inspect, Tensor
from cloister.cli.sources import load_network
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.inspect import Memory, Planner, inspect
from cloister.graph.split import split
from cloister.lower import lower
from cloister.memory import place
from cloister.pack.pages import weight_bytes

OPERATORS_SHOWN: Final = 12
UNSUPPORTED_SHOWN: Final = 8


# Columns of a terminal that hold the table of cuts with its bars.
WITH_BARS: Final = 100


def run(model: str, shape: list[str] | None, random_weights: bool, all_cuts: bool) -> Inspect:
    """Inspects a network."""
    graph = load_network(model, shape, random_weights)
    with output.progress("planning heads", len(find_cuts(graph, all_cuts))) as step:
        return Inspect.model_validate(inspect(graph, all_cuts=all_cuts, plan=planner(step)))


def planner(step: Callable[[str], None]) -> Planner:
    """A function that plans the memory of a cut's head, without packing its weights."""

    def plan(graph: Graph, cut: Cut) -> Memory:
        step(cut.id)
        program = lower(split(graph, cut).head, mode="split", answers=graph.outputs)
        return Memory(weight_bytes(program), int(place(program).arena_bytes))

    return plan


def show(result: Inspect, console: Console) -> None:
    """Prints it for people."""
    model = result.model
    console.print(f"[bold]{escape(model.name)}[/]  [dim]sha256 {model.sha256[:16]}…[/]")
    for kind, tensors in (("takes", model.inputs), ("gives", model.outputs)):
        for tensor in tensors:
            console.print(f"  {kind} {escape(tensor.name)}: {output.shape(tensor.shape)}")
    console.print(
        f"  {output.count(model.params)} parameters, {output.count(model.macs)} multiply-adds\n"
    )
    _show_operators(result, console)
    _show_unsupported(result, console)
    _show_cuts(result, console)


def _show_operators(result: Inspect, console: Console) -> None:
    table = output.table("Operators", "operator", ">nodes", ">multiply-adds", "", "enclave")
    most = max((row.macs for row in result.operators), default=0)
    for row in result.operators[:OPERATORS_SHOWN]:
        table.add_row(
            escape(row.op),
            str(row.count),
            output.count(row.macs) if row.macs else "",
            output.bar(row.macs, most),
            "[green]runs[/]" if row.supported else "[red]cannot run all[/]",
        )
    console.print(table)
    if len(result.operators) > OPERATORS_SHOWN:
        console.print(f"[dim]and {len(result.operators) - OPERATORS_SHOWN} more[/]")
    console.print()


def _show_unsupported(result: Inspect, console: Console) -> None:
    if not result.unsupported:
        console.print("[green]The enclave can run all of it.[/]\n")
        return
    table = output.table("What the enclave cannot run", "node", "operator", "why")
    for row in result.unsupported[:UNSUPPORTED_SHOWN]:
        table.add_row(escape(row.node), escape(row.op), escape(row.why))
    console.print(table)
    if len(result.unsupported) > UNSUPPORTED_SHOWN:
        console.print(f"[dim]and {len(result.unsupported) - UNSUPPORTED_SHOWN} more[/]")
    console.print()


def _show_cuts(result: Inspect, console: Console) -> None:
    if not result.cuts:
        whole = "" if result.unsupported else ", or pack --whole"
        console.print(f"[yellow]No single tensor separates it: try --all-cuts{whole}.[/]")
        return
    # Names are there to be copied: where the terminal is narrow, the bars give way.
    bars = console.width >= WITH_BARS
    table = output.table(
        f"Cuts ({len(result.cuts)})",
        *("cut", ">shape", ">crossing", ">head work"),
        *([""] if bars else []),
        *(">head weights", ">head arena"),
    )
    for row in result.cuts:
        share = row.head_macs / result.model.macs if result.model.macs else 0.0
        table.add_row(
            escape(row.id),
            escape(" + ".join(output.shape(tensor.shape) for tensor in row.crossing)),
            output.size(sum(map(_bytes, row.crossing))),
            f"{share:.1%}",
            *([output.bar(share, 1.0)] if bars else []),
            *_memory(row),
        )
    console.print(table)
    console.print(
        "[dim]head work: share of all multiply-adds; head weights: as the enclave keeps them;"
        " head arena: trusted memory for tensors, predicted to the byte[/]"
    )


def _memory(row: CutRow) -> tuple[str, str]:
    if row.head_weight_bytes is None:
        return "[red]cannot run[/]", ""
    return output.size(row.head_weight_bytes), output.size(row.head_arena_bytes or 0)


def _bytes(tensor: Tensor) -> int:
    total = 4
    for side in tensor.shape:
        total *= side
    return total
