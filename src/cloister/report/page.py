"""Renders audits (and a plan) as one self-contained HTML page.

Rules kept:
* No request leaves the page: styles, pictures and charts are in it, and its content security
  policy forbids anything else, scripts too.
* Pictures (or records) of victims are in it: the page says so at its top.
* Everything that a chart shows stands in a table as well; verdicts are words and signs.
"""

from __future__ import annotations

import base64
import io
import math
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jinja2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from cloister import __version__
from cloister.audit.measures import SSIM_SPEC
from cloister.audit.outcome import CutOutcome, Outcome
from cloister.audit.pictures import CHANGES
from cloister.audit.records import CHANGE, TOLERANCE
from cloister.audit.store import Key
from cloister.audit.verdict import SHARE
from cloister.report.charts import Dot, Level, Room, Series, arena, lines, scatter
from cloister.report.heat import heat
from cloister.report.runtime import Ways, runtime

TEMPLATE: Final = "report.html.j2"
SIGNS: Final = {"LEAKS": "✘", "NOT SHOWN TO LEAK": "○", "INCONCLUSIVE": "?"}
GAP: Final = 1
NOT_TESTED: Final = (
    "Several answers to one client, neighbouring frames of a video, and changed inputs.",
    "Side channels of the enclave: time, power, which memory is touched.",
    "What people see: no human study was made.",
)
NOT_RECOGNISED: Final = "Recognition by another classifier (--recognise)."


@dataclass(frozen=True)
class Words:
    """How one kind of subject is spoken of.

    Args:
        thing: One of them.
        unit: What a leak is counted in: heads of columns and axes.
        unit_axis: The same for an axis, with its measure.
        counts: When one counts as leaked; {0} is the limit.
        changed: What a changed copy is.
        strongest: What was not tried that is known to be stronger.
        left_out: What of the victims may have been among the attacker's.
    """

    thing: str
    unit: str
    unit_axis: str
    counts: str
    changed: str
    strongest: str
    left_out: str


WORDS: Final = {
    "thumbnail": Words(
        "picture",
        "thumbnail",
        "side of the thumbnail, pixels",
        "its reconstruction is worth more than a {0:g} x {0:g} thumbnail of itself",
        f"{SSIM_SPEC}. Changed copies: {', '.join(CHANGES)}",
        "Attackers that the tables do not name, among them those that carry priors of photographs "
        "(diffusion, StyleGAN): published ones rebuild more from deep cuts. Every tier is a lower "
        "bound of the leak; the fast one has linear attackers alone.",
        "Crops and flips of victims among the attacker's pictures; equal and nearly equal ones "
        "were removed.",
    ),
    "features": Words(
        "record",
        "features",
        "features given away",
        "its reconstruction gives away more than {0:g} features: rebuilt to within "
        f"{TOLERANCE:.0%} of their column's records, where the mean record is not",
        f"A number stands for its percentile in its column. Changed copies: every number "
        f"{CHANGE:.0%} larger or smaller",
        "Attackers that the tables do not name, among them any that know how columns depend on "
        "each other. Every tier is a lower bound of the leak; the fast one has linear attackers "
        "alone.",
        "Records of the same source as a victim (one machine, one minute) among the attacker's; "
        "only equal ones were removed.",
    ),
}


@dataclass(frozen=True)
class Strip:
    """One row of pictures."""

    cut: str
    attacker: str
    same: str
    median: str
    exposed: str
    text: str


def render(
    outcomes: Sequence[Outcome],
    plan: dict[str, Any] | None = None,
    times: Ways | None = None,
    options: Sequence[str] = (),
) -> str:
    """The page.

    Args:
        outcomes: Audits, each under its limits.
        plan: What `cloister plan --json` printed, of the first of them.
        times: Where no plan is: what a profile says of running time, of the first of them.
        options: Of the command that made the page, beside the runs and their limits.
    """
    return _template(TEMPLATE).render(
        audits=[_audit(outcome) for outcome in outcomes],
        plan=_plan(plan, outcomes[0]) if plan is not None else None,
        times=_times(times) if times is not None else None,
        not_tested=_not_tested(outcomes),
        command=_command(outcomes, options),
        signs=SIGNS,
        version=__version__,
        share=SHARE,
    )


def _command(outcomes: Sequence[Outcome], options: Sequence[str]) -> str:
    """That which draws this page again, with each limit that was applied."""
    limits = outcomes[0].limits
    judged = ["--max-thumbnail", f"{limits.thumbnail:.12g}"]
    judged += [] if limits.match is None else ["--max-match", f"{limits.match:.12g}"]
    runs = [str(found.store.folder) for found in outcomes]
    return shlex.join(["cloister", "report", *runs, *options, *judged])


def figures(title: str, some: Sequence[tuple[str, Markup]]) -> str:
    """A page of charts alone: (caption, chart)."""
    return _template("figures.html.j2").render(title=title, figures=some, version=__version__)


def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["breakable"] = _breakable
    environment.filters["limit"] = _limit
    return environment.get_template(name)


def _breakable(name: str) -> Markup:
    """A tensor's name that may be broken after its dots, slashes and bars."""
    return Markup("<wbr>").join(re.split(r"(?<=[./_+])", name))


def _limit(value: float | None) -> str:
    """An upper limit; nothing or infinity: an open one."""
    return "∞" if value is None or math.isinf(value) else f"{value:.1f}"


def _words(found: Outcome) -> Words:
    return WORDS[found.facts["unit"]]


def _not_tested(outcomes: Sequence[Outcome]) -> list[str]:
    words = [_words(found) for found in outcomes]
    own = [text for one in words for text in (one.strongest, one.left_out)]
    pictures = [found for found in outcomes if found.facts["unit"] == "thumbnail"]
    judged = [NOT_RECOGNISED] if any(found.recogniser is None for found in pictures) else []
    return list(dict.fromkeys([*own, *NOT_TESTED, *judged]))


def _audit(found: Outcome) -> dict[str, Any]:
    facts, question = found.facts, found.store.question
    words = _words(found)
    verdicts: list[str] = [cut.judged.verdict for cut in found.cuts]
    return {
        "name": question["model_name"],
        "sha256": question["model"],
        "facts": facts,
        "words": words,
        "sources": [entry["source"] for entry in facts["sources"]],
        "counts_when": words.counts.format(found.limits.thumbnail),
        "seed": question["seed"],
        "limits": found.limits,
        "cuts": found.cuts,
        "counts": {word: verdicts.count(word) for word in SIGNS},
        "references": found.references(),
        "charts": _charts(found),
        "shown": _pictures(found) if words.thing == "picture" else heat(found),
        "attackers": sorted({one.attacker for cut in found.cuts for one in cut.tried}),
        "seconds": found.seconds(),
        "recogniser": found.recogniser,
        "lpips": all("lpips" in cut.cell.arrays for cut in found.cuts),
        "bounded": any("mse" in cut.spectrum for cut in found.cuts),
        "multi": [c.judged.cut for c in found.cuts if len(c.crossing) > 1],
    }


def _pictures(found: Outcome) -> dict[str, Any]:
    """Originals, and a strip for each cut."""
    source = found.facts["sources"][0]["source"]
    originals = found.store.get(Key("reference", source=source)).arrays["victims"]
    return {
        "originals": _sprite(originals[_shown(found.cuts[0])[:-2]]),
        "strips": [_strip(cut, originals) for cut in found.cuts],
    }


def _shown(cut: CutOutcome) -> list[int]:
    return [int(i) for i in cut.cell.arrays["shown"]]


def _charts(found: Outcome) -> list[tuple[str, Markup]]:
    places = [cut.judged.cut for cut in found.cuts]
    cuts, words = found.cuts, _words(found)
    intervals = [cut.thumbnail_interval(0.95) for cut in cuts]
    references = {row["name"]: row for row in found.references()}
    mean = next((row for name, row in references.items() if name.startswith("mean ")), None)
    everything = min(found.facts["target"]) if words.thing == "picture" else None
    everything = everything or max(found.facts["target"])
    ceiling = [Level(f"ceiling: the whole {words.thing}", float(everything))]
    leak = lines(
        f"{words.unit.capitalize()} over depth, with floor and ceiling",
        words.unit_axis,
        places,
        [
            Series("95th percentile", [c.quantile("thumbnail", 0.95) for c in cuts],
                   [max(low, 0.0) for low, _ in intervals], [high for _, high in intervals]),
            Series("median", [c.quantile("thumbnail", 0.5) for c in cuts]),
        ],
        [
            Level("limit", found.limits.thumbnail),
            *([Level(f"floor: mean {words.thing}", mean["thumbnail"])] if mean else []),
            *ceiling,
        ],
    )  # fmt: skip
    psnr = lines(
        "PSNR over depth, with what is had without the tensors",
        "PSNR, dB",
        places,
        [Series("best attacker", [c.mean("psnr_db") for c in cuts])],
        [
            Level(f"{references[name]['kind']}: {name}", references[name]["psnr_db"])
            for name in ("mean picture", "mean record", "own 4 x 4 thumbnail",
                         "own 16 x 16 thumbnail")
            if name in references
        ],
    )  # fmt: skip
    match = lines(
        "Victims found again over depth",
        "share of victims",
        places,
        [
            Series("from the reconstruction", [c.matched("reconstruction") for c in cuts]),
            Series("from the tensors, among changed copies", [c.matched("changed") for c in cuts]),
        ],
        [Level("chance", cuts[0].chance)],
    )
    ends = [c.cell.facts["budget"] for c in cuts]
    budget = lines(
        "Budget: what all of it, a half and a quarter of it give the judged attacker",
        "validation PSNR, dB",
        places,
        [
            Series(name, [e[-1 - back][1] if len(e) > back else None for e in ends])
            for name, back in (("all of it", 0), ("half", 1), ("a quarter", 2))
        ],
        [],
    )
    return [
        ("How much is rebuilt, over depth", leak),
        ("The same in decibels", psnr),
        (f"Is the person's {words.thing} found again?", match),
        ("Would more have shown more?", budget),
    ]


def _strip(cut: CutOutcome, originals: NDArray[np.uint8]) -> Strip:
    shown, pixels = _shown(cut), cut.cell.arrays["shown_pixels"]
    attacker = cut.cell.facts["attacker"]
    pairs = [
        _sprite(np.stack([originals[place], picture]))
        for place, picture in zip(shown[-2:], pixels[-2:], strict=True)
    ]
    text = (
        f"{len(shown) - 2} reconstructions from {cut.judged.cut} by {attacker}; "
        f"median thumbnail {cut.quantile('thumbnail', 0.5):.1f}"
    )
    return Strip(cut.judged.cut, attacker, _sprite(pixels[:-2]), pairs[0], pairs[1], text)


def _sprite(pixels_NCHW: NDArray[np.uint8]) -> str:
    """Pictures side by side as a PNG in a data address."""
    n, c, h, w = pixels_NCHW.shape
    sheet = np.full((h, n * w + (n - 1) * GAP, c), 255, np.uint8)
    for place, picture in enumerate(pixels_NCHW):
        left = place * (w + GAP)
        sheet[:, left : left + w] = picture.transpose(1, 2, 0)
    image = Image.fromarray(sheet if c == 3 else sheet[:, :, 0])
    store = io.BytesIO()
    image.save(store, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(store.getvalue()).decode()


def _plan(plan: dict[str, Any], found: Outcome) -> dict[str, Any]:
    words = _words(found)
    dots = [
        Dot(
            part["cut"] or "whole",
            part["latency_ms"],
            math.inf if part["leak"] is None else part["leak"],
            part["passes"],
            part["best"],
            chosen=part == plan["chosen"],
            text=f"{part['cut'] or 'whole'}: {part['latency_ms']:.2f} ms, {words.unit} "
            f"p95 up to {_limit(part['leak'])}, {part['secure_bytes']:,} bytes, {part['verdict']}",
        )
        for part in plan["parts"]
    ]
    return plan | {
        "pareto": scatter(
            "Leak against latency", "latency, ms",
            f"{words.unit}, p95 up to", dots,
        ),
        "runtime": runtime(_ways(plan)),
        "memory": _memory(plan),
        "arena_map": _arena_map(plan["arena"]) if plan["arena"] else None,
    }  # fmt: skip


def _times(ways: Ways) -> dict[str, Any]:
    return {"chart": runtime(ways), "cuts": ways.cuts, "inside_ms": ways.inside_ms,
            "outside_ms": ways.outside_ms}  # fmt: skip


def _ways(plan: dict[str, Any]) -> Ways:
    parts, inside = plan["parts"], [p["latency_ms"] for p in plan["parts"] if not p["cut"]]
    cuts = {p["cut"]: (p["head_ms"], p["crossing_ms"], p["tail_ms"]) for p in parts if p["cut"]}
    return Ways(cuts, inside[0] if inside else None, plan["outside_ms"])


def _memory(plan: dict[str, Any]) -> Markup:
    """Over depth."""
    cuts = [part for part in plan["parts"] if part["cut"]]
    whole = [Level("all inside", p["secure_bytes"] / 2**20) for p in plan["parts"] if not p["cut"]]
    return lines(
        "Trusted memory over depth", "MiB", [part["cut"] for part in cuts],
        [Series("memory", [p["secure_bytes"] / 2**20 for p in cuts])], whole,
    )  # fmt: skip


def _arena_map(found: dict[str, Any]) -> Markup:
    rooms = [Room(b["name"], b["offset"], b["bytes"], b["first"], b["last"])
             for b in found["blocks"]]  # fmt: skip
    return arena("Memory of the chosen head", found["steps"], found["bytes"], rooms)
