"""`cloister quantise`: a network with weights and activations of 8 bits, by real inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import Quantise
from cloister.cli.sources import find_inputs, find_preprocess, load_network
from cloister.errors import UserError
from cloister.files import require_place, write_whole
from cloister.graph.calibrate import calibrated
from cloister.graph.reference import Reference
from cloister.graph.rounding import rounds
from cloister.pack.parity import compare, references


def run(
    *,
    model: str,
    output: Path,
    images: Path | None,
    inputs: Path | None,
    preprocess: Path | None,
    limit: int,
    shape: list[str] | None,
    random_weights: bool,
) -> Quantise:
    """Quantises a network: half of the inputs say how large activations are, half compare."""
    require_place(output)
    graph = load_network(model, shape, random_weights)
    if rounds(graph):
        raise UserError(
            f"{graph.name} rounds its activations already: it has QuantizeLinear nodes",
            code="already-quantised",
            hint="`cloister pack` takes it as it is.",
        )
    preprocessing = find_preprocess(graph, model, preprocess)
    found = find_inputs(graph, preprocessing, images, inputs, limit)
    if len(found) < 2:
        raise UserError(
            f"{len(found)} input; one is for the ranges of activations, another to compare",
            code="too-few-inputs",
            hint="Give a folder of photographs (--images) or a file of inputs (--inputs).",
        )
    seen, kept = found.items[::2], found.items[1::2]
    expected = references(graph, found.items)[1::2]
    made = calibrated(graph, seen)
    got = [Reference(made).run(item) for item in kept]
    write_whole(output, made)
    return Quantise(
        output=str(output),
        source=found.source,
        calibrated=len(seen),
        compared=len(kept),
        same_answers=sum(
            bool(np.argmax(a[0]) == np.argmax(b[0])) for a, b in zip(expected, got, strict=True)
        ),
        max_rel_error=compare("", expected, iter(got)).max_rel_error,
        model_bytes=len(graph.to_bytes()),
        output_bytes=len(made),
        preprocess=preprocessing.source if inputs is None else "none",
    )


def show(result: Quantise, console: Console) -> None:
    """Prints it for people."""
    console.print(f"[bold green]quantised[/] {escape(result.output)}")
    table = output.table("", "")
    table.show_header = False
    for name, value in [
        ("size", f"{output.size(result.model_bytes)} -> {output.size(result.output_bytes)}"),
        ("ranges from", f"{result.calibrated} inputs: {result.source}"),
        (
            "beside float32",
            f"{result.same_answers} of {result.compared} other inputs get the same answer, outputs"
            f" up to {result.max_rel_error:.1e} apart",
        ),
    ]:
        table.add_row(f"[dim]{name}[/]", escape(value))
    console.print(table)
    console.print(f"\npack it:  cloister pack {escape(result.output)} ...", soft_wrap=True)
