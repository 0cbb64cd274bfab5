"""`cloister profile`: time and memory of each layer and each cut."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import Layer, Profile, ProfiledCut, ProfileTotal
from cloister.cli.sources import load_network
from cloister.graph.cuts import find_cuts
from cloister.graph.operators import blockers
from cloister.profile.measure import WHOLE, profile

LAYERS_SHOWN: Final = 24


def run(
    *,
    model: str,
    runs: int,
    threads: int,
    cuts: bool,
    shape: list[str] | None,
    random_weights: bool,
) -> Profile:
    """Profiles a network."""
    graph = load_network(model, shape, random_weights)
    count = sum(not blockers(cut) for cut in find_cuts(graph)) if cuts else 0
    with output.progress("timing", 1 + count) as step:
        found = profile(graph, runs, threads, cuts=cuts, step=step)
    total = found.total
    return Profile(
        total=ProfileTotal(
            part=total.id,
            enclave_ms=total.enclave_ms,
            onnxruntime_ms=total.onnxruntime_ms,
            ratio=total.enclave_ms / total.onnxruntime_ms,
            arena_bytes=total.arena_bytes,
            weight_bytes=total.weight_bytes,
        ),
        layers=[Layer(**asdict(layer)) for layer in found.layers],
        cuts=[ProfiledCut(**asdict(cut)) for cut in found.cuts],
        model_sha256=graph.sha256,
        runs=found.runs,
        threads=found.threads,
        engine_threads=found.engine_threads,
        kernels=found.kernels,
        versions=found.versions,
    )


def show(result: Profile, console: Console) -> None:
    """Prints it for people."""
    total = result.total
    part = "the whole network" if total.part == WHOLE else f"the head up to {total.part}"
    console.print(
        f"[bold]{escape(part)}[/]: enclave engine {total.enclave_ms:.2f} ms, ONNX Runtime"
        f" {total.onnxruntime_ms:.2f} ms, [bold]{total.ratio:.2f}×[/]"
    )
    console.print(
        f"[dim]medians of {result.runs} runs in turns; threads: {result.engine_threads} of"
        f" the engine ({result.kernels}), {result.threads} of ONNX Runtime"
        f" {result.versions['onnxruntime']}; arena {output.size(total.arena_bytes)}, weights"
        f" {output.size(total.weight_bytes)}[/]\n"
    )
    _show_layers(result, console)
    _show_cuts(result, console)


def _show_layers(result: Profile, console: Console) -> None:
    shown = sorted(result.layers, key=lambda layer: -layer.enclave_ms)[:LAYERS_SHOWN]
    most = shown[0].enclave_ms if shown else 0.0
    table = output.table(
        "Layers, slowest first", "layer", "operator", ">ms", "", ">multiply-adds", ">GMAC/s",
        ">arena",
    )  # fmt: skip
    for layer in shown:
        speed = layer.macs / layer.enclave_ms / 1e6 if layer.enclave_ms > 0 else 0.0
        table.add_row(
            escape(layer.name),
            escape(layer.op),
            f"{layer.enclave_ms:.3f}",
            output.bar(layer.enclave_ms, most),
            output.count(layer.macs) if layer.macs else "",
            f"{speed:.1f}" if layer.macs else "",
            output.size(layer.arena_bytes),
        )
    console.print(table)
    rest = len(result.layers) - len(shown)
    console.print(f"[dim]and {rest} more: --json has all[/]\n" if rest else "")


def _show_cuts(result: Profile, console: Console) -> None:
    if not result.cuts:
        return
    most = max(cut.enclave_ms for cut in result.cuts)
    table = output.table(
        "Heads", "cut", ">enclave ms", "", ">ONNX Runtime ms", ">weights", ">arena", ">crossing"
    )
    for cut in result.cuts:
        table.add_row(
            escape(cut.id),
            f"{cut.enclave_ms:.2f}",
            output.bar(cut.enclave_ms, most),
            f"{cut.onnxruntime_ms:.2f}",
            output.size(cut.weight_bytes),
            output.size(cut.arena_bytes),
            output.size(cut.crossing_bytes),
        )
    console.print(table)
