"""`cloister defend`: a network whose cut sends only what the next linear layers read."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.markup import escape

from cloister.cli.schema import Defend
from cloister.cli.sources import load_network
from cloister.errors import UserError
from cloister.files import write_whole
from cloister.graph.cuts import find_cut
from cloister.graph.null_space import project
from cloister.graph.reference import Reference
from cloister.pack.parity import TOLERANCE, rel_error

INPUTS: Final = 4


def run(
    *, model: str, cut: str, output: Path, shape: list[str] | None, random_weights: bool
) -> Defend:
    """Writes the new network, if it computes the same."""
    graph = load_network(model, shape, random_weights)
    found = project(graph, find_cut(graph, cut))
    data = found.graph.to_bytes()
    before, after = Reference(graph), Reference(found.graph)
    random = np.random.default_rng(0)
    error = 0.0
    for _ in range(INPUTS):
        x = [random.standard_normal(info.shape, np.float32) for info in graph.inputs]
        for a, b in zip(before.run(x), after.run(x), strict=True):
            error = max(error, rel_error(a, b))
    if not error <= TOLERANCE:
        raise UserError(
            f"{graph.name} projected at {cut} differs by {error:.1e} of the largest answer, "
            f"expected at most {TOLERANCE:.0e}",
            code="parity",
            hint="Its weights are badly scaled: cut elsewhere.",
        )
    write_whole(output, data)
    return Defend(
        output=str(output),
        cut=cut,
        projected=found.cut,
        channels=found.channels,
        rank=found.rank,
        places=found.places,
        readers=list(found.readers),
        max_rel_error=error,
    )


def show(result: Defend, console: Console) -> None:
    """Prints it for people."""
    each = f" at each of {result.places} places" if result.places > 1 else ""
    console.print(
        f"[bold]{escape(result.output)}[/]: cut it at [bold]{escape(result.projected)}[/], which "
        f"sends {result.rank} of {result.channels} numbers{each}: all that "
        f"{escape(', '.join(result.readers))} read; the answers are the same "
        f"({result.max_rel_error:.0e} of the largest).\n"
        "[dim]It reveals as much as the outputs of those layers, no less: "
        f"cloister audit {escape(shlex.quote(result.output))} --cuts "
        f"{escape(shlex.quote(result.projected))} …[/]"
    )
