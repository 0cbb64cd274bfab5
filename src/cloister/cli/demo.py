"""`cloister demo`: the whole way once, for real, and what it means."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from rich.columns import Columns
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel

from cloister.cli import audit as audit_verb
from cloister.cli import output
from cloister.cli import plan as plan_verb
from cloister.cli.infer import show_times
from cloister.cli.output import progress
from cloister.cli.schema import Answer, Bytes, Demo, Evidence, HostSaw, Tensor
from cloister.cli.sources import ZOO, find_preprocess, load_network, say_default
from cloister.demo.audit import Audited, steps
from cloister.demo.audit import audit as audit_demo
from cloister.demo.picture import half_blocks
from cloister.demo.run import Demonstration, Subject, demonstrate, shipped
from cloister.errors import UserError
from cloister.files import writable_folder, write_whole
from cloister.report.page import render

STEPS: Final = 4
TOP: Final = 3
PICTURE_CELLS: Final = 36
STATEMENT: Final = (
    "The sandbox protects nothing against the host: whoever runs this machine can read the "
    "enclave's memory. It shows that the whole way works: the client checks first, the input "
    "travels sealed, only the head's features leave the enclave. In a real TEE (Arm TrustZone, "
    "Intel SGX or TDX, AMD SEV-SNP) the processor keeps the host out of that memory, and signs "
    "the evidence that the client checks; nothing else on this way changes. What the crossing "
    "tensor still gives away depends on the cut."
)


def run(
    *,
    model: str | None,
    photo: Path | None,
    cut: str | None,
    random_weights: bool,
    output: Path | None,
    audit: bool,
) -> Demo:
    """Runs the demo and keeps its pictures; a folder of its own is gone where it fails."""
    with contextlib.ExitStack() as undo:
        if output is None:
            folder = Path(tempfile.mkdtemp(prefix="cloister-demo-"))
            undo.callback(shutil.rmtree, folder, ignore_errors=True)
        else:
            folder = writable_folder(output)
        made = _demo(model, photo, cut, random_weights=random_weights, folder=folder, audit=audit)
        undo.pop_all()
    return made


def _demo(
    model: str | None,
    photo: Path | None,
    cut: str | None,
    *,
    random_weights: bool,
    folder: Path,
    audit: bool,
) -> Demo:
    with progress("demo", STEPS) as step:
        subject = _subject(model, random_weights)
        found = demonstrate(subject, photo, cut, step)
    judged = _audit(subject, folder) if audit and model is None else None
    pictures = [folder / "photo.png", folder / "what-the-host-saw.png"]
    found.photo_picture.save(pictures[0])
    found.seen_picture.save(pictures[1])
    return _report(found, pictures, judged, folder)


def _audit(subject: Subject, folder: Path) -> Audited:
    with progress("audit", steps(subject.graph)) as step:
        return audit_demo(subject.graph, subject.preprocess, folder / "audit", step)


def _subject(model: str | None, random_weights: bool) -> Subject:
    if model is None:
        return shipped()
    graph = load_network(model, None, random_weights)
    preprocessing = find_preprocess(graph, model, None)
    if preprocessing.how is None:
        raise UserError(
            f"{graph.name} takes no photographs: the demo has nothing else to send",
            code="takes-no-images",
            hint="Use `cloister pack`, `serve` and `infer --inputs`.",
        )
    say_default(preprocessing)
    labels = None
    if model.startswith(ZOO):
        from cloister.cli import named  # noqa: PLC0415 - needs torchvision

        labels = named.labels(model.removeprefix(ZOO), graph.outputs[0].shape[-1])
    return Subject(graph, preprocessing.how, labels)


def _report(
    found: Demonstration, pictures: list[Path], judged: Audited | None, folder: Path
) -> Demo:
    answer = found.inference.to_json(TOP)
    seen = found.seen
    planned, page = None, None
    if judged is not None:
        page = folder / "report.html"
        planned = plan_verb.result(judged.plan, found.graph, judged.platform, folder / "plan.json")
        plan_verb.write(folder / "plan.json", planned)
        options = ("-o", str(page), "--plan", str(folder / "plan.json"))
        text = render([judged.outcome], planned.to_json(), options=options)
        write_whole(page, text.encode())
    return Demo(
        model=found.graph.name,
        photo=str(found.photo),
        cut=found.cut.id,
        head_share=found.cut.head_macs / max(found.graph.total_macs, 1),
        top=[Answer.model_validate(entry) for entry in answer["top"]],
        plain_top=_plain_top(found),
        answer=answer["answer"],
        evidence=Evidence.model_validate(answer["evidence"]),
        host_saw=HostSaw(
            request_bytes=seen.request_bytes,
            crossing=[
                Tensor(name=info.name, shape=list(info.shape), dtype=info.dtype)
                for info in found.cut.crossing
            ],
            crossing_bytes=seen.crossing_bytes,
            picture=str(pictures[1]),
            output_bytes=sum(array.nbytes for array in seen.outputs),
        ),
        timings_ms=answer["timings_ms"],
        plain_ms=found.plain_ms,
        bytes=Bytes.model_validate(answer["bytes"]),
        max_rel_error=found.max_rel_error,
        pictures=list(map(str, pictures)),
        audit=audit_verb.result(judged.outcome, []) if judged is not None else None,
        plan=planned,
        report=str(page) if page is not None else None,
        statement=STATEMENT,
    )


def _plain_top(found: Demonstration) -> list[Answer]:
    scores = found.plain.reshape(-1).astype(np.float64)
    labels = found.labels
    if labels:  # as the client does
        scores = np.exp(scores - scores.max())
        scores /= scores.sum()
    best = np.argsort(-scores, kind="stable")[:TOP]
    return [
        Answer(index=int(i), label=labels[i] if labels else None, score=float(scores[i]))
        for i in best
    ]


# ------------------------------------------------------------------------------------- printing
def show(result: Demo, console: Console) -> None:
    """Prints it for people."""
    _show_way(result, console)
    console.print(
        output.checks_table(
            "What the client checked, before anything left it", result.evidence.checks
        )
    )
    console.print()
    console.print(output.answers_table("The answer, opened by the client", result.top))
    console.print(f"[yellow]{escape(result.answer)}[/]")
    _show_parity(result, console)
    _show_host(result, console)
    _show_audit(result, console)
    show_times(result.timings_ms, console)
    console.print(
        f"[dim]plain ONNX Runtime, whole network in the open: {result.plain_ms:.2f} ms[/]\n"
    )
    console.print(output.panel(escape(result.statement), "What this shows, and what not", "yellow"))


def _show_way(result: Demo, console: Console) -> None:
    console.print(
        f"\n[bold]{escape(result.model)}[/], cut at [bold]{escape(result.cut)}[/]:"
        f" {result.head_share:.0%} of the work runs inside the enclave, the rest outside.\n"
        f"[dim]photograph: {escape(result.photo)}[/]\n\n"
        "  client   check the enclave, seal the photograph                   open the answer\n"
        "              │                                                            ▲\n"
        "  host        ▼ carries what it cannot open     tail, in the open          │\n"
        "              │                                  ▲           │             │\n"
        "  enclave     ▼ open, run the head ── crossing ──╯           ▼ seal ───────╯\n",
        highlight=False,
    )


def _show_parity(result: Demo, console: Console) -> None:
    error = result.max_rel_error
    same = [a.index for a in result.top] == [a.index for a in result.plain_top]
    console.print(
        "the plain run in the open says "
        + ("[green]the same[/]" if same else "[red]something else[/]")
        + f": {escape(_name(result.plain_top[0]))} {result.plain_top[0].score or 0:.3f};"
        + (" not comparable" if error is None else f" largest difference {error:.1e}")
        + " of the largest output\n"
    )


def _show_host(result: Demo, console: Console) -> None:
    seen = result.host_saw
    shapes = ", ".join(output.shape(tensor.shape) for tensor in seen.crossing)
    console.print("[bold]What the host saw[/]")
    console.print(
        f"  a sealed request of {output.size(seen.request_bytes)}, which it cannot open;\n"
        f"  the crossing tensor, {escape(shapes)}, in the open: {output.size(seen.crossing_bytes)};"
        f"\n  the answer: {seen.output_bytes} bytes."
    )
    views = []
    titles = ("what the client sealed", "what the host saw")
    for path, title in zip(result.pictures, titles, strict=True):
        with Image.open(path) as picture:
            cells = half_blocks(picture, PICTURE_CELLS)
        views.append(Panel.fit(output.picture(cells), title=title, border_style="dim"))
    if console.is_terminal:
        console.print(Columns(views))
    console.print(f"  [dim]saved: {escape(', '.join(result.pictures))}[/]\n", soft_wrap=True)


def _show_audit(result: Demo, console: Console) -> None:
    if result.audit is None or result.plan is None:
        return
    table = output.table(
        "What an attacker rebuilds from what leaves, at every cut", "cut", "=verdict",
        ">thumbnail, p95", "", ">PSNR dB",
    )  # fmt: skip
    most = max(cut.thumbnail_p95 for cut in result.audit.cuts)
    for cut in result.audit.cuts:
        here = cut.id == result.cut
        table.add_row(
            f"[bold]{escape(cut.id)} (here)[/]" if here else escape(cut.id),
            audit_verb.STYLES[cut.verdict],
            f"{cut.thumbnail_p95:.1f}",
            output.bar(cut.thumbnail_p95, most, "red" if cut.verdict == "LEAKS" else "cyan"),
            "–" if cut.psnr_db is None else f"{cut.psnr_db:.1f}",
        )
    console.print(table)
    console.print(
        f"[dim]{result.audit.victims} pieces of photographs, attacked by one who has learnt from "
        f"{result.audit.sources[0].train} pieces of others; a picture counts as rebuilt when it is "
        f"worth more than its own {result.audit.max_thumbnail:g} x {result.audit.max_thumbnail:g} "
        f"thumbnail. {audit_verb.REMARK}[/]"
    )
    chosen = result.plan.chosen
    what = (
        "[bold red]the plan: no cut passes[/]"
        if chosen is None
        else f"[bold]the plan:[/] {escape(chosen.cut or 'the whole network')} inside, "
        f"{chosen.latency_ms:.2f} ms, {output.size(chosen.secure_bytes)} of trusted memory"
    )
    console.print(f"{what}\n[bold]the report:[/] {escape(str(result.report))}\n", soft_wrap=True)


def _name(answer: Answer) -> str:
    return answer.label or f"output {answer.index}"
