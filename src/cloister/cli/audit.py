"""`cloister audit`: how much of the input is rebuilt at every cut."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, get_args

from rich.console import Console
from rich.markup import escape

from cloister.audit.attackers import Access
from cloister.audit.estimate import estimate_s
from cloister.audit.lpips import Lpips
from cloister.audit.outcome import CutOutcome, Outcome, outcome, top10
from cloister.audit.pictures import Read, read_pictures
from cloister.audit.planted import wanted_side
from cloister.audit.recognition import Recogniser as Judge
from cloister.audit.records import feature_names, read_records, records_of
from cloister.audit.run import run as run_audit
from cloister.audit.self_check import self_check, steps
from cloister.audit.sets import SAME, VICTIMS_MAX, Pictures, make_sets
from cloister.audit.spread import Spread
from cloister.audit.store import Store
from cloister.audit.subject import How, subject_of
from cloister.audit.task import TIERS, Task
from cloister.audit.verdict import MOST, Limits, can_show_a_leak, victims_needed
from cloister.cli import output
from cloister.cli.schema import (
    Assumed,
    Audit,
    AuditedCut,
    AuditReference,
    AuditSource,
    FeatureError,
    Recogniser,
    Seeds,
    SelfChecked,
    Skipped,
    Spectrum,
    Tried,
)
from cloister.cli.sources import find_preprocess, load_network, parse_size, say_default
from cloister.errors import UserError
from cloister.graph.cuts import Cut, find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.preprocess import imagenet_default

RUNS: Final = Path("cloister-runs")
STYLES: Final = {
    "LEAKS": "[bold red]LEAKS[/]",
    "NOT SHOWN TO LEAK": "[green]NOT SHOWN TO LEAK[/]",
    "INCONCLUSIVE": "[yellow]INCONCLUSIVE[/]",
}
EXPLAINED: Final = {
    "thumbnail": "thumbnail: side of the own thumbnail that the reconstruction is worth",
    "features": "features: rebuilt to within 5 percentiles where the mean record is not",
}
RTC: Final = (
    "RTC: ln(error without the tensors / least error of any attacker), both if pictures were "
    "Gaussian with the covariance of the attacker's; they are not, and real attackers may do "
    "better. It makes no verdict."
)
REMARK: Final = (
    "Whoever holds the exact picture can confirm it at every cut: the network is deterministic. "
    "No verdict says safe: other attackers, more pictures or a larger budget may show more."
)


def run(**options: Any) -> Audit:  # noqa: ANN401 - the grammar is app.py's
    """Audits a network, or the audit itself."""
    limits = Limits(options["max_thumbnail"], options["max_match"])
    for name, allowed in (("tier", TIERS), ("attacker", get_args(Access))):
        if options[name] not in allowed:
            raise UserError(
                f"--{name} is {options[name]!r}, expected one of {', '.join(allowed)}",
                code="usage",
            )
    if options["tier"] != "fast":
        import torch  # noqa: F401, PLC0415 - says what to install before anything is read
    if options.pop("self_check"):
        return _self_check(limits, options["tier"])
    given = [name for name in ("images", "inputs") if options[name] is not None]
    if options["model"] is None or len(given) != 1:
        raise UserError(
            "an audit needs MODEL and either --images DIR or --inputs FILE",
            code="usage",
            hint="--resume takes the same model, images and options again; --self-check takes none."
            if options["resume"]
            else "Or --self-check.",
        )
    graph = load_network(options["model"], options["shape"], options["random_weights"])
    task, skipped = _task(graph, limits, options)
    task.check()
    folder = _folder(task, options)
    _say_what_can_be_concluded(task)
    spread = Spread(options["jobs"], options["cluster"])
    about = _time(estimate_s(task) / max(1, spread.processes))
    output.note(f"the run lies in {folder}; {task.tier} tier, about {about} from nothing")
    try:
        with output.counted("auditing") as (progress, remark):
            store = run_audit(task, folder, progress, remark, spread=spread, warn=output.note)
    except KeyboardInterrupt:
        output.note(f"what is finished is kept: --resume {folder} goes on")
        raise
    return result(outcome(store, limits), skipped)


def _task(graph: Graph, limits: Limits, options: dict[str, Any]) -> tuple[Task, list[Skipped]]:
    sources = [options["inputs"] or options["images"], *(options["attacker_images"] or [])]
    read = _read_tables if options["inputs"] is not None else _read_folders
    how, pictures, skipped, more = read(graph, sources, options)
    cuts, subject = _cuts(graph, options["cuts"]), subject_of(how)
    sets = make_sets(pictures[0], pictures[1:], seed=options["seed"], cuts=len(cuts))
    task = Task(
        graph,
        how,
        sets,
        cuts,
        seed=options["seed"],
        tier=options["tier"],
        access=options["attacker"],
        limits=limits,
        threads=options["threads"],
        cache_bytes=parse_size(options["cache"]) or 0,
        recogniser=_recogniser(graph, options),
        lpips=Lpips.read(options["lpips"]) if options["lpips"] else None,
        spectrum=options["spectrum"],
        control_side=wanted_side(limits.thumbnail, MOST[subject.unit](subject.target(how))),
        facts={
            "command": shlex.join(["cloister", *sys.argv[1:]]),
            "skipped": [entry.model_dump() for entry in skipped],
            **more,
        },
    )
    return task, skipped


def _recogniser(graph: Graph, options: dict[str, Any]) -> Judge | None:
    """The independent classifier."""
    if options["recognise"] is None:
        return None
    if options["images"] is None:
        raise UserError(
            "--recognise sees pictures, --inputs are records",
            code="usage",
            hint="Leave --recognise out.",
        )
    judge = load_network(options["recognise"], None, False)
    found = find_preprocess(judge, options["recognise"], options["recognise_preprocess"])
    how = found.how or imagenet_default(tuple(judge.inputs[0].shape))
    return Judge.of(judge, how, graph)


_Read = tuple[How, list[Pictures], list[Skipped], dict[str, Any]]


def _read_folders(graph: Graph, folders: list[Path], options: dict[str, Any]) -> _Read:
    """Pictures of folders."""
    preprocessing = find_preprocess(graph, options["model"], options["preprocess"])
    how = preprocessing.how or imagenet_default(tuple(graph.inputs[0].shape))
    say_default(preprocessing)
    reads = []
    with output.progress("reading pictures") as step:
        for folder in folders:
            step(str(folder))
            reads.append(read_pictures(folder, how, options["limit"]))
    return how, [read.pictures for read in reads], _skipped(reads), {}


def _read_tables(graph: Graph, files: list[Path], options: dict[str, Any]) -> _Read:
    """Records of tables."""
    tables = [read_records(file, list(graph.inputs), options["limit"]) for file in files]
    how = records_of(tuple(graph.inputs[0].shape), tables)
    return how, tables, [], {"features": feature_names(files[0], how.size[1])}


def _cuts(graph: Graph, wanted: str) -> list[Cut]:
    if wanted not in ("all", "every"):
        return [find_cut(graph, name.strip()) for name in wanted.split(",")]
    found = find_cuts(graph, all_cuts=wanted == "every")
    if not found:
        raise UserError(
            f"{graph.name} has no {'cut' if wanted == 'every' else 'single tensor'} that separates "
            "its input from its output",
            code="no-cuts",
            hint="--cuts every also attacks cuts of several tensors, as `inspect --all-cuts` "
            "lists them.",
        )
    return found


def _skipped(reads: list[Read]) -> list[Skipped]:
    found = [Skipped(file=str(e.path), why=e.why) for read in reads for e in read.skipped]
    if found:
        output.note(f"{len(found)} file(s) skipped; the first: {found[0].file}: {found[0].why}")
    return found


def _folder(task: Task, options: dict[str, Any]) -> Path:
    if options["resume"] is not None:
        return Store.open(options["resume"]).folder
    folder: Path = options["run"] or RUNS / task.name
    given = [options["images"], *(options["attacker_images"] or [])]
    if any(place is not None and folder.resolve() == Path(place).resolve() for place in given):
        raise UserError(
            f"--run {folder} is a folder of images: the run would lie among them",
            code="usage",
            hint="Name another folder.",
        )
    return folder


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def _say_what_can_be_concluded(task: Task) -> None:
    """Few victims cannot show that nothing leaks, one shows nothing at all, and all of --images as
    victims leave no attacker of their source: said before the time is spent.
    """
    count, needed = len(task.sets.victims), victims_needed(len(task.cuts))
    some = "a leak can be shown" if can_show_a_leak(count) else "not even a leak can be shown"
    if count < needed:
        output.note(
            f"{count} victim(s): {some}, and that {len(task.cuts)} cut(s) do not leak "
            f"needs {needed} or more (about {5 * needed} images where --images gives both sides)"
        )
    if len(task.sources) == 1 and SAME not in task.sources:
        output.note(
            f"every picture of --images is a victim: no attacker has learnt from their source. More"
            f" than {VICTIMS_MAX:,} of them, or a folder of it as one more --attacker-images, show "
            "what one would rebuild"
        )


def _self_check(limits: Limits, tier: str) -> Audit:
    with output.progress("self-check", steps(tier)) as step:
        found = self_check(step, tier=tier)
    return Audit(
        run=None, model=None, model_sha256=None, tier=None, unit="thumbnail",
        max_thumbnail=limits.thumbnail,
        max_match=limits.match, victims=0, sources=[], duplicates=0, near_duplicates=0, skipped=[],
        references=[], recogniser=None, cuts=[], seconds=0.0,
        self_check=[SelfChecked(name=e.name, expected=e.expected, said=e.said, ok=e.ok)
                    for e in found],
    )  # fmt: skip


def result(found: Outcome, skipped: list[Skipped]) -> Audit:
    """A run in the form of `--json`."""
    facts = found.facts
    return Audit(
        run=str(found.store.folder),
        model=found.store.question["model_name"],
        model_sha256=found.model_sha256,
        tier=facts["tier"],
        unit=facts["unit"],
        max_thumbnail=found.limits.thumbnail,
        max_match=found.limits.match,
        victims=facts["victims"],
        sources=[AuditSource(**entry) for entry in facts["sources"]],
        duplicates=facts["duplicates"],
        near_duplicates=facts["near_duplicates"],
        skipped=skipped,
        references=[
            AuditReference(
                **{"recognised": None, "lpips": None}
                | {key: entry[key] for key in AuditReference.model_fields if key in entry}
            )
            for entry in found.references()
        ],
        recogniser=Recogniser(**found.recogniser) if found.recogniser else None,
        cuts=[_row(cut, found) for cut in found.cuts],
        seconds=found.seconds(),
        self_check=None,
    )


def _row(cut: CutOutcome, found: Outcome) -> AuditedCut:
    judged = cut.judged
    return AuditedCut(
        id=judged.cut,
        verdict=judged.verdict,
        reason=judged.reason,
        attacker=cut.cell.facts["attacker"],
        source=cut.source,
        assumptions=[
            Assumed(**asdict(cut.assumed(entry["source"]))) for entry in found.facts["sources"]
        ],
        psnr_db=cut.mean("psnr_db"),
        psnr_db_interval=_ends(cut.mean_interval("psnr_db")),
        ssim=cut.mean("ssim"),
        ms_ssim=cut.mean("ms_ssim"),
        gmsd=cut.mean("gmsd"),
        similarity_attacker=cut.cell.facts["similarity_attacker"],
        ssim_floor=cut.floor_ssim,
        thumbnail_p50=cut.quantile("thumbnail", 0.5),
        thumbnail_p95=cut.quantile("thumbnail", 0.95),
        thumbnail_p95_interval=_ends(cut.thumbnail_interval(0.95)),
        thumbnail_p99=cut.quantile("thumbnail", 0.99),
        thumbnail_max=cut.quantile("thumbnail", 1.0),
        match_reconstruction_top1=cut.matched("reconstruction"),
        match_reconstruction_top10=top10(cut, "reconstruction"),
        match_changed_top1=cut.matched("changed"),
        match_changed_top10=top10(cut, "changed"),
        match_chance=cut.chance,
        leaked=judged.leaked,
        leaked_fraction_lower=judged.leaked_interval[0],
        leaked_fraction_upper=judged.leaked_interval[1],
        holm_p=judged.holm_p,
        worst_cut=judged.worst_cut,
        control_found=cut.cell.facts["control"]["found"],
        attackers=[Tried(**asdict(one)) for one in cut.tried],
        seeds=_seeds(cut),
        features=_features(cut, found.facts.get("features")),
        lpips=cut.mean("lpips") if "lpips" in cut.cell.arrays else None,
        recognised=cut.recognised[0] if cut.recognised else None,
        recognised_interval=list(cut.recognised[1]) if cut.recognised else None,
        spectrum=None if "refused" in cut.spectrum else Spectrum(**cut.spectrum),
        no_spectrum=cut.spectrum.get("refused"),
        flags=cut.flags,
    )


def _seeds(cut: CutOutcome) -> Seeds | None:
    """Best and spread over the seeds of the attacker that was judged."""
    own = [one.psnr_db for one in cut.tried if one.attacker == cut.cell.facts["attacker"]]
    values = [value for value in own if value is not None]
    if len(values) < 2:
        return None
    return Seeds(
        count=len(values), psnr_db_max=max(values), psnr_db_spread=max(values) - min(values)
    )


def _features(cut: CutOutcome, names: list[str] | None) -> list[FeatureError] | None:
    """Errors of a table's features; None of pictures."""
    arrays = cut.cell.arrays
    if names is None:
        return None
    return [
        FeatureError(name=name, error_percentiles=ours, floor_percentiles=floor)
        for name, ours, floor in zip(
            names, arrays["feature_error"].tolist(), arrays["feature_floor"].tolist(), strict=True
        )
    ]


def _ends(interval: tuple[float, float]) -> list[float | None]:
    return [value if abs(value) != float("inf") else None for value in interval]


def show(result: Audit, console: Console) -> None:
    """Prints it for people."""
    if result.self_check is not None:
        table = output.table("Self-check of the audit", "planted", "expected", "said", "")
        for entry in result.self_check:
            mark = "[green]✔[/]" if entry.ok else "[bold red]✘[/]"
            table.add_row(escape(entry.name), entry.expected, entry.said, mark)
        console.print(table)
        return
    sources = "; ".join(
        f"{escape(s.source)}: {s.train} to learn, {s.validation} to validate"
        for s in result.sources
    )
    console.print(
        f"[bold]{escape(result.model or '')}[/]: {result.victims} victims; attackers know "
        f"{sources}; {result.duplicates} duplicates and {result.near_duplicates} near duplicates "
        "left out"
    )
    bounded = any(cut.spectrum for cut in result.cuts)
    distant = any(cut.lpips is not None for cut in result.cuts)
    more = (
        [">LPIPS"] * distant
        + [">recognised"] * (result.recogniser is not None)
        + [">RTC"] * bounded
    )
    table = output.table(
        "Cuts", "cut", "=verdict", f">{result.unit} p50", ">p95", "", ">PSNR dB", ">SSIM", ">floor",
        ">match", ">changed", "attacker", *more,
    )  # fmt: skip
    most = max((cut.thumbnail_p95 for cut in result.cuts), default=0.0)
    for cut in result.cuts:
        table.add_row(
            escape(cut.id),
            STYLES[cut.verdict],
            f"{cut.thumbnail_p50:.1f}",
            f"{cut.thumbnail_p95:.1f}",
            output.bar(cut.thumbnail_p95, most, "red" if cut.verdict == "LEAKS" else "cyan"),
            _number(cut.psnr_db, 1),
            _number(cut.ssim, 2),
            _number(cut.ssim_floor, 2),
            f"{cut.match_reconstruction_top1:.0%}",
            f"{cut.match_changed_top1:.0%}",
            escape(cut.attacker),
            *([_number(cut.lpips, 3)] if distant else []),
            *([f"{cut.recognised or 0:.0%}"] if result.recogniser else []),
            *([_rtc(cut.spectrum)] if bounded else []),
        )
    console.print(table)
    for cut in result.cuts:
        if cut.verdict == "INCONCLUSIVE":
            console.print(f"[dim]{escape(cut.id)}: {escape(cut.reason)}[/]")
    if result.recogniser is not None:
        console.print(
            f"[dim]recognised: {escape(result.recogniser.name)} sees in the reconstruction what it "
            f"sees in the original; its most frequent label is {result.recogniser.chance:.0%}[/]"
        )
    if bounded:
        console.print(f"[dim]{RTC}[/]")
    chance = result.cuts[0].match_chance if result.cuts else 0.0
    console.print(
        f"[dim]{EXPLAINED[result.unit]}; match: share of victims found from it; changed: from the "
        f"tensors, among changed copies; chance {chance:.1%}. {REMARK}[/]\nrun: "
        f"{escape(str(result.run))}"
    )


def _rtc(found: Spectrum | None) -> str:
    if found is None:
        return "–"
    return "∞" if found.rtc is None else f"{found.rtc:.3f}"


def _number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
