"""`cloister gate`: an audit's verdict as an exit code."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.audit.outcome import outcome
from cloister.audit.verdict import Limits
from cloister.cli import output
from cloister.cli.audit import STYLES
from cloister.cli.schema import Gate, GatedCut
from cloister.errors import UserError


def run(*, run: Path, cut: list[str] | None, max_thumbnail: float, max_match: float | None) -> Gate:
    """Judges a run under the given limits."""
    found = outcome(run, Limits(max_thumbnail, max_match))
    known = {row.judged.cut: row.judged for row in found.cuts}
    unknown = [name for name in cut or [] if name not in known]
    if unknown:
        raise UserError(
            f"{run} has not audited the cut {unknown[0]!r}",
            code="unknown-cut",
            hint=f"It has {', '.join(known)}.",
        )
    judged = [known[name] for name in cut or known]
    return Gate(
        ok=all(entry.verdict == "NOT SHOWN TO LEAK" for entry in judged),
        run=str(run),
        max_thumbnail=max_thumbnail,
        max_match=max_match,
        cuts=[GatedCut(id=e.cut, verdict=e.verdict, reason=e.reason) for e in judged],
    )


def show(result: Gate, console: Console) -> None:
    """Prints it for people."""
    table = output.table("Gate", "cut", "=verdict", "reason")
    for cut in result.cuts:
        table.add_row(escape(cut.id), STYLES[cut.verdict], escape(cut.reason))
    console.print(table)
    console.print("[green]passed[/]" if result.ok else "[bold red]did not pass[/]")
