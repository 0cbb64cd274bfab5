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
from cloister.cli.plan import read_profile
from cloister.cli.schema import Plan, Report
from cloister.errors import UserError
from cloister.files import write_whole
from cloister.plan.plan import enclave_ms
from cloister.plan.platform import find_platform
from cloister.report.page import render
from cloister.report.runtime import Ways


def run(
    *,
    runs: list[Path],
    output: Path,
    plan: Path | None,
    profile: Path | None,
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
    times = _times(profile, found[0].model_sha256) if profile is not None else None
    files = {"-o": output, "--plan": plan, "--profile": profile}
    options = [w for name, path in files.items() if path is not None for w in (name, str(path))]
    return Report(
        output=str(output),
        bytes=write_whole(output, render(found, made, times, options).encode()),
        runs=[str(folder) for folder in runs],
        cuts=sum(len(o.cuts) for o in found),
    )


def _times(path: Path, model_sha256: str) -> Ways:
    """A profile as the ways to run the network on this machine."""
    here = find_platform("sandbox")
    profiled = read_profile(path)
    if profiled.model_sha256 != model_sha256:
        raise UserError(
            f"the profile {path} is of another model than the audit",
            code="other-model",
            hint="Run `cloister profile` on this model.",
        )
    cuts = {part.id: (*enclave_ms(part, here), part.tail_ms) for part in profiled.cuts}
    total = profiled.total
    inside_ms = sum(enclave_ms(total, here)) if total is not None else None
    return Ways(cuts, inside_ms, profiled.total_onnxruntime_ms)


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
        f"{escape(result.output)}: {result.cuts} cuts, {out.size(result.bytes)}. It holds data "
        "of the audit's victims: treat it as you treat them."
    )
