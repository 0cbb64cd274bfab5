"""`cloister profile --tee optee`: what each layer costs inside a real OP-TEE."""

from __future__ import annotations

from dataclasses import asdict

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.output import note
from cloister.cli.schema import OpteeLayer, OpteeProfile, Worlds
from cloister.cli.sources import load_network, parse_size
from cloister.errors import UserError
from cloister.profile.device import profile_device


def run(
    *, model: str, tee: str, memory: str | None, shape: list[str] | None, random_weights: bool
) -> OpteeProfile:
    """Profiles a network."""
    if tee != "optee":
        raise UserError(f"--tee is {tee!r:.80}, expected optee", code="usage")
    graph = load_network(model, shape, random_weights)
    with output.progress("counting") as step:
        found = profile_device(graph, memory_budget=parse_size(memory), say=note, step=step)
    return OpteeProfile(
        model_sha256=graph.sha256,
        layers=[OpteeLayer(**asdict(layer)) for layer in found.layers],
        around=found.around,
        request=Worlds(**asdict(found.request)),
        load=Worlds(**asdict(found.load)),
        world_switches=1 + sum(layer.world_switches for layer in found.layers),
        streamed_bytes=sum(layer.streamed_bytes for layer in found.layers),
        message_bytes=found.message_bytes,
        memory_bytes=found.memory_bytes,
        optee=found.optee,
    )


def show(result: OpteeProfile, console: Console) -> None:
    """Prints it for people."""
    table = output.table(
        f"Each layer inside OP-TEE {result.optee}: instructions of the application",
        "layer", "op", ">instructions", ">a multiply-add", ">world switches", ">bytes streamed",
    )  # fmt: skip
    for layer in result.layers:
        share = f"{layer.instructions / layer.macs:.2f}" if layer.macs else ""
        switches = str(layer.world_switches) if layer.world_switches else ""
        streamed = f"{layer.streamed_bytes:,}" if layer.streamed_bytes else ""
        table.add_row(
            escape(layer.name), layer.op, f"{layer.instructions:,}", share, switches, streamed
        )
    console.print(table)
    rows = output.table("Of all worlds", "", ">application", ">OP-TEE, firmware", ">Linux, daemon")
    for name, worlds in (("load", result.load), ("one request", result.request)):
        rows.add_row(name, f"{worlds.application:,}", f"{worlds.secure:,}", f"{worlds.normal:,}")
    console.print(rows)
    console.print(
        f"opening and sealing: {result.around:,} instructions; one request: {result.world_switches}"
        f" world switches, through shared memory {result.streamed_bytes:,} bytes of weights and"
        f" {result.message_bytes:,} of messages; instance: {result.memory_bytes:,} bytes"
    )
    console.print("[dim]Energy is not measured; instructions stand for it.[/]")
