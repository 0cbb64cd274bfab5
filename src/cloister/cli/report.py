"""`cloister report`: audits as one HTML file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from cloister.audit.outcome import outcome
from cloister.audit.verdict import Limits
from cloister.cli import output as out
from cloister.cli.schema import Plan, Report
from cloister.errors import UserError
from cloister.files import write_whole
from cloister.report.page import render


def run(
    *,
    runs: list[Path],
    output: Path,
    plan: Path | None,
    max_thumbnail: float,
    max_match: float | None,
) -> Report:
    """Writes the page."""
    found = [outcome(folder, Limits(max_thumbnail, max_match)) for folder in runs]
    made = _plan(plan) if plan is not None else None
    if made is not None and made["model_sha256"] not in {o.model_sha256 for o in found}:
        raise UserError(
            f"the plan {plan} is of another model than the audits",
            code="other-model",
            hint="Plan with one of these runs.",
        )
    return Report(
        output=str(output),
        bytes=write_whole(output, render(found, made).encode()),
        runs=[str(folder) for folder in runs],
        cuts=sum(len(o.cuts) for o in found),
    )


def _plan(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        Plan.model_validate_json(text)
    except OSError as error:
        raise UserError(f"--plan {path}: {error.strerror}", code="no-such-file") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise UserError(
            f"--plan {path} is no plan", code="bad-plan", hint="`cloister plan -o` writes one."
        ) from error
    return dict(json.loads(text))


def show(result: Report, console: Console) -> None:
    """Prints it for people."""
    console.print(
        f"{escape(result.output)}: {result.cuts} cuts, {out.size(result.bytes)}. It holds pictures "
        "of the audit's victims: treat it as you treat them."
    )
