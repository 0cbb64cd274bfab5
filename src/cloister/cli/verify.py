"""`cloister verify`: asks for evidence, appraises it step by step, sends nothing else."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cloister.cli import output
from cloister.cli.infer import open_client
from cloister.cli.schema import Verify


def run(*, url: str, policy: Path | None, model: str | None) -> Verify:
    """Verifies once."""
    with open_client(url, policy, model) as client:
        return Verify.model_validate(client.verify().to_json())


def show(result: Verify, console: Console) -> None:
    """Prints it for people."""
    console.print(output.checks_table(f"Evidence of a {result.kind or 'TEE'}", result.checks))
    console.print(f"\nverdict: {output.RESULTS[result.verdict]}")
    if result.kind == "sandbox":
        console.print(
            "[yellow]A sandbox protects nothing against whoever runs the host: it shows the way,"
            " not the lock.[/]"
        )
