"""`cloister check`: parity of head and tail with the whole network, cut by cut."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import CheckedCut, CheckReport, Skipped
from cloister.cli.sources import find_inputs, find_preprocess, load_network
from cloister.enclaves.engine import Engine
from cloister.errors import UserError
from cloister.graph.cuts import Cut, find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers
from cloister.pack.parity import CutParity, check, tolerance_of
from cloister.pack.runnable import require_runnable

ALL = "all"


def run(
    *,
    model: str,
    images: Path | None,
    inputs: Path | None,
    cut: str,
    preprocess: Path | None,
    limit: int,
    shape: list[str] | None,
    random_weights: bool,
) -> CheckReport:
    """Checks one cut, or all that the enclave can run."""
    graph = load_network(model, shape, random_weights)
    preprocessing = find_preprocess(graph, model, preprocess)
    cuts = _cuts(graph, cut)
    found = find_inputs(graph, preprocessing, images, inputs, limit)
    rows = [
        _row(parity)
        for parity in output.tracked(
            check(graph, cuts, found.items, Engine), "checking", len(cuts), lambda p: p.id
        )
    ]
    return CheckReport(
        ok=all(row.ok for row in rows),
        inputs=len(found),
        source=found.source,
        skipped=[Skipped(file=entry.path.name, why=entry.why) for entry in found.skipped],
        preprocess=preprocessing.source if inputs is None else "none",
        tolerance=tolerance_of(graph),
        cuts=rows,
    )


def _cuts(graph: Graph, wanted: str) -> list[Cut]:
    if wanted != ALL:
        cut = find_cut(graph, wanted)
        require_runnable(graph, cut)
        return [cut]
    cuts = [cut for cut in find_cuts(graph) if not blockers(cut)]
    if not cuts:
        raise UserError(
            f"{graph.name} has no cut whose head the enclave can run",
            code="no-cut",
            hint="`cloister inspect` names what cannot run; --cut ID may name several tensors.",
        )
    return cuts


def _row(parity: CutParity) -> CheckedCut:
    return CheckedCut(
        id=parity.id,
        max_rel_error=parity.max_rel_error,
        argmax_equal=parity.argmax_equal,
        argmax_compared=parity.argmax_compared,
        ok=parity.ok,
    )


def _answer(row: CheckedCut, inputs: int) -> str:
    if not row.argmax_compared:
        return "not compared"
    return f"equal on {row.argmax_compared}/{inputs}" if row.argmax_equal else "differs"


def show(result: CheckReport, console: Console) -> None:
    """Prints it for people."""
    table = output.table("Parity", "cut", ">max error", "", "answer", "")
    for row in result.cuts:
        error = row.max_rel_error
        table.add_row(
            escape(row.id),
            "not finite" if error is None else f"{error:.1e}",
            output.bar(error or 0.0, result.tolerance, "green" if row.ok else "red"),
            _answer(row, result.inputs),
            output.RESULTS["passed" if row.ok else "failed"],
        )
    console.print(table)
    console.print(
        f"[dim]{result.inputs} inputs: {escape(result.source)}; error: max |error| of max"
        f" |reference|, against ONNX Runtime, allowed {result.tolerance:g}; the answer, the largest"
        " of several numbers, is compared where its margin exceeds that[/]"
    )
    if result.ok:
        console.print(f"[green]{len(result.cuts)} of {len(result.cuts)} cuts agree.[/]")
    else:
        failed = sum(not row.ok for row in result.cuts)
        console.print(f"[bold red]{failed} of {len(result.cuts)} cuts differ.[/]")
