"""`cloister plan`: which cut, from an audit, a profile and limits."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from cloister.audit.outcome import outcome
from cloister.audit.verdict import Limits as LeakLimits
from cloister.cli import output
from cloister.cli.schema import Arena, ArenaBlock, Excluded, PlanLimits, PlannedPart, Profile
from cloister.cli.schema import Plan as PlanResult
from cloister.cli.sources import load_network, parse_size
from cloister.errors import UserError
from cloister.files import write_whole
from cloister.graph.graph import Graph
from cloister.plan.arena import ArenaMap, arena_map
from cloister.plan.plan import Limits, Part, Plan, Profiled, plan
from cloister.plan.platform import Platform, find_platform
from cloister.profile.measure import WHOLE
from cloister.profile.measure import Part as Measured

# How a miss of a leak's limit is written, and the statistic that the table shows, too.
_FORMS = {"thumbnail": ("{:.1f}", "thumbnail p95 up to"), "match": ("{:.1%}", "match up to")}
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "": 1.0}


def run(**options: Any) -> PlanResult:  # noqa: ANN401 - the grammar is app.py's
    """Chooses."""
    platform = find_platform(options["tee"])
    limits = Limits(parse_size(options["memory"]), parse_ms(options["latency"]))
    profiled = read_profile(options["profile"])
    audit = outcome(options["audit"], LeakLimits(options["max_thumbnail"], options["max_match"]))
    graph = load_network(options["model"], options["shape"], options["random_weights"])
    made = plan(graph.sha256, audit, profiled, platform, limits)
    found = result(made, graph, platform, options["output"])
    if options["output"] is not None:
        write(options["output"], found)
    return found


def result(made: Plan, graph: Graph, platform: Platform, written: Path | None) -> PlanResult:
    """A plan in the form of `--json`."""
    return PlanResult(
        model_sha256=graph.sha256,
        tee=platform.name,
        cost_basis=platform.basis,
        cost_note=platform.note,
        outside_ms=made.outside_ms,
        limits=PlanLimits(
            memory_bytes=made.limits.memory_bytes,
            latency_ms=made.limits.latency_ms,
            thumbnail=made.leaks.thumbnail,
            match=made.leaks.match,
        ),
        arena=_arena(arena_map(graph, made.chosen.cut)) if made.chosen is not None else None,
        chosen=_part(made.chosen, made) if made.chosen is not None else None,
        parts=[_part(part, made) for part in made.parts],
        excluded=[
            Excluded(
                cut=m.cut,
                limit=m.limit,
                value=_finite(m.value),
                bound=m.bound,
                over=m.over,
                reason=m.reason,
            )
            for m in made.misses
        ],
        advice=made.advice,
        caveats=made.caveats,
        written=str(written) if written is not None else None,
    )


def parse_ms(text: str | None) -> float | None:
    """`50ms` as milliseconds.

    Raises:
        UserError: It is no time.
    """
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(us|ms|s|)", text.strip())
    if match is None:
        raise UserError(f"--latency {text!r} is no time", code="usage", hint="For example 50ms.")
    return float(match[1]) * _UNITS[match[2]]


def read_profile(path: Path) -> Profiled:
    """What `cloister profile --json` printed.

    Raises:
        UserError: It is no such file, or does not say of which model it is.
    """
    try:
        found = Profile.model_validate_json(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--profile {path}: {error.strerror}", code="no-such-file") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise UserError(
            f"--profile {path} is not what `cloister profile --json` prints",
            code="bad-profile",
            hint="cloister profile MODEL --json > profile.json",
        ) from error
    if not found.model_sha256:
        raise UserError(
            f"--profile {path} does not say of which model it is",
            code="bad-profile",
            hint="It comes from an older version: profile again.",
        )
    whole = found.total.part == WHOLE
    total = Measured(
        WHOLE, found.total.enclave_ms, found.total.onnxruntime_ms, found.total.weight_bytes,
        found.total.arena_bytes, 0, 0.0,
    )  # fmt: skip
    return Profiled(
        found.model_sha256,
        total if whole else None,
        found.total.onnxruntime_ms,
        [Measured(**cut.model_dump()) for cut in found.cuts],
    )


def _arena(found: ArenaMap) -> Arena:
    return Arena(
        bytes=found.arena_bytes,
        lower_bound_bytes=found.lower_bound_bytes,
        steps=list(found.steps),
        blocks=[
            ArenaBlock(name=b.name, offset=b.offset, bytes=b.size_bytes, first=b.first, last=b.last)
            for b in found.blocks
        ],
    )


def _finite(value: float | str) -> float | str | None:
    """JSON has no infinity: an open limit is null there."""
    return value if isinstance(value, str) or math.isfinite(value) else None


def _part(part: Part, made: Plan) -> PlannedPart:
    return PlannedPart(
        mode="whole" if part.cut is None else "split",
        cut=part.cut,
        latency_ms=part.latency_ms,
        head_ms=part.head_ms,
        crossing_ms=part.crossing_ms,
        tail_ms=part.tail_ms,
        secure_bytes=part.secure_bytes,
        leak=part.leak if math.isfinite(part.leak) else None,
        match=part.match,
        verdict=part.verdict,
        passes=not part.misses,
        best=part in made.front,
    )


def _missed(miss: Excluded) -> str:
    """A miss in the words and roundings of the table."""
    form, name = _FORMS.get(miss.limit, ("{:,.4g}", miss.limit))
    value, bound = (
        "∞" if v is None else v if isinstance(v, str) else form.format(v)
        for v in (miss.value, miss.bound)
    )
    over = f" ({miss.over:.2f} times)" if miss.over is not None else ""
    why = f": {miss.reason}" if miss.value is None else ""
    return f"{name} {value}, limit {bound}{over}{why}"


def _demanded(limits: PlanLimits) -> str:
    """The limits in the words of the table's columns."""
    found = [
        f"latency {limits.latency_ms:,g} ms" if limits.latency_ms is not None else "",
        f"memory {output.size(limits.memory_bytes)}" if limits.memory_bytes is not None else "",
        f"thumbnail p95 {limits.thumbnail:g}",
        f"match {limits.match:.1%}" if limits.match is not None else "",
    ]
    return ", ".join(text for text in found if text)


def write(path: Path, found: PlanResult) -> None:
    """Writes `plan.json`.

    Raises:
        OutsideError: The file cannot be written.
    """
    write_whole(path, (json.dumps(found.to_json(), indent=1) + "\n").encode())


def show(result: PlanResult, console: Console) -> None:
    """Prints it for people."""
    chosen = result.chosen
    if chosen is None:
        console.print("[bold red]No cut passes.[/]")
    else:
        what = "the whole network inside" if chosen.cut is None else f"cut at {chosen.cut}"
        console.print(
            f"[bold green]{escape(what)}[/]: {chosen.latency_ms:.2f} ms, "
            f"{output.size(chosen.secure_bytes)} of trusted memory, {escape(chosen.verdict)}"
        )
    table = output.table(
        f"Ways to run it in {result.tee} ({result.cost_basis})", "cut", ">latency ms", ">memory",
        ">thumbnail p95 up to", ">match up to", "=verdict", "",
    )  # fmt: skip
    for part in result.parts:
        mark = "[green]best[/]" if part.best else "passes" if part.passes else "[red]excluded[/]"
        table.add_row(
            escape(part.cut or WHOLE),
            f"{part.latency_ms:.2f}",
            output.size(part.secure_bytes),
            "∞" if part.leak is None else f"{part.leak:.1f}",
            f"{part.match or 0:.1%}",
            escape(part.verdict),
            mark,
        )
    console.print(table)
    console.print(f"limits: {_demanded(result.limits)}")
    for miss in result.excluded:
        console.print(f"[dim]{escape(miss.cut)}: {escape(_missed(miss))}[/]")
    for text in result.advice:
        console.print(f"[yellow]would help:[/] {escape(text)}")
    for text in result.caveats:
        console.print(f"[dim]note: {escape(text)}[/]")
    if chosen is not None:
        where = "--whole" if chosen.cut is None else f"--cut {escape(chosen.cut)}"
        bound = f" --plan {escape(result.written)}" if result.written else ""
        console.print(f"\npack it:  cloister pack MODEL {where}{bound} -o bundle/", soft_wrap=True)
