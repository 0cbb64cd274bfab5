"""The page: self-contained, readable without colour, and loaded in a real browser."""

from __future__ import annotations

import html
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

pytest.importorskip("scipy", reason="the audit needs scipy")
pytest.importorskip("jinja2", reason="the report needs jinja2")
sys.path.insert(0, str(Path(__file__).parent.parent / "audit"))

from audit_kit import COLUMNS, small_network, small_task, table_network, write_table

from cloister.audit.outcome import Outcome, outcome
from cloister.audit.run import run
from cloister.audit.store import Store
from cloister.cli import plan as plan_verb
from cloister.cli.main import run as run_verb
from cloister.graph.load import load
from cloister.plan.plan import Limits, Profiled, plan
from cloister.plan.platform import find_platform
from cloister.profile.measure import Part, profile
from cloister.report.charts import Level, Series, lines
from cloister.report.page import render
from cloister.report.runtime import Ways, runtime

VOID = {"meta", "link", "img", "br"}


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_network(tmp_path_factory.mktemp("net") / "small.onnx")


@pytest.fixture(scope="module")
def audited(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return run(small_task(network), tmp_path_factory.mktemp("run") / "run")


@pytest.fixture(scope="module")
def page(audited: Store) -> str:
    audited.set_fact("facts", audited.fact("facts") | {"command": "cloister audit", "skipped": []})
    return render([outcome(audited)])


@pytest.fixture(scope="module")
def full_page(page: str, audited: Store, network: Path) -> str:
    """With a plan."""
    graph = load(network)
    found, here = outcome(audited), find_platform("sandbox")
    measured = profile(graph, runs=1)
    made = plan(
        graph.sha256,
        found,
        Profiled(graph.sha256, measured.total, 1.0, measured.cuts),
        here,
        Limits(),
    )
    return render([found], plan_verb.result(made, graph, here, None).to_json())


@pytest.fixture(scope="module")
def table_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of records."""
    folder = tmp_path_factory.mktemp("table")
    network, rows = table_network(folder / "t.onnx"), write_table(folder / "t.csv", 400)
    arguments = ["--inputs", rows, "--cuts", "fc1,hidden", "--run", folder / "run"]
    assert run_verb(["audit", *map(str, [network, *arguments])]) == 0
    assert run_verb(["report", str(folder / "run"), "-o", str(folder / "page.html")]) == 0
    return (folder / "page.html").read_text(encoding="utf-8")


class Balance(HTMLParser):
    """Every element is closed by its own end; addresses are collected."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.without_alt = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.addresses += [found[k] or "" for k in ("src", "href", "data") if k in found]
        self.without_alt += tag == "img" and not found.get("alt")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_asks_nobody(page: str) -> None:
    reader = Balance()
    reader.feed(page)
    assert reader.open == [] and reader.without_alt == 0
    assert all(address.startswith("data:") for address in reader.addresses)
    assert "<script" not in page and "@import" not in page and "url(" not in page
    assert "default-src 'none'" in page


def test_verdicts_are_words_with_signs_not_colours(page: str) -> None:
    assert "✘ LEAKS" in page and "○ NOT SHOWN TO LEAK" in page


def test_what_the_charts_draw_stands_in_a_table(page: str, audited: Store) -> None:
    tables = re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL)
    for cut in outcome(audited).cuts:
        low, high = cut.thumbnail_interval(0.95)
        assert f"{low:.1f} to {high:.1f}" in tables
        assert " → ".join(f"{db:.1f}" for _, db in cut.cell.facts["budget"]) in tables
        assert f"{cut.matched('changed') * 100:.0f}&nbsp;%" in tables


def test_it_never_says_safe(page: str) -> None:
    assert not re.search(r"\bsafe\b", page, re.IGNORECASE)


def test_it_says_what_was_not_tested_and_how_to_repeat_it(page: str) -> None:
    assert "What was not tested" in page and "<code>cloister audit</code>" in page


def test_every_point_of_a_chart_says_its_numbers() -> None:
    chart = lines(
        "t", "u", ["a", "b", "<c>"], [Series("s", [1.0, None, 3.0], [0.5, None, 2.0], [2, 0, 4])],
        [Level("limit", 2.0)],
    )  # fmt: skip
    titles = re.findall('aria-label="(a:.*?|&lt;.*?)"', chart)
    assert titles == [
        "a: s 1, 95 % interval 0.5 to 2", "&lt;c&gt;: s 3, 95 % interval 2 to 4",
    ]  # fmt: skip
    assert "<c>" not in chart


def test_names_of_tensors_cannot_write_html(audited: Store) -> None:
    found = outcome(audited)
    evil = audited.fact("facts") | {"command": "<script>alert(1)</script>", "skipped": []}
    audited.set_fact("facts", evil)
    assert "<script>" not in render([found])


def test_the_verb_writes_the_file_and_refuses_what_is_no_plan(
    audited: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "report.html"
    assert run_verb(["report", str(audited.folder), "-o", str(output), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["bytes"] == output.stat().st_size
    (tmp_path / "plan.json").write_text("{}")
    arguments = ["report", str(audited.folder), "-o", str(output)]
    assert run_verb([*arguments, "--plan", str(tmp_path / "plan.json")]) == 2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
                "--disable-background-networking", "--disable-component-update",
            ],
        )  # fmt: skip
        yield made
        made.close()


@dataclass
class Watched:
    """A page with all that it asked for and said."""

    page: Page
    requests: list[str]
    said: list[str]


@pytest.fixture(
    params=[(1100, "light", "full_page"), (390, "dark", "full_page"), (390, "light", "table_page")],
    ids=["desk", "phone, dark", "table on a phone"],
)
def watched(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Watched]:
    width, scheme, which = request.param
    (tmp_path / "report.html").write_text(request.getfixturevalue(which), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = Watched(page, [], [])
    page.on("request", lambda r: found.requests.append(r.url))
    page.on("console", lambda m: found.said.append(m.text))
    page.on("pageerror", lambda e: found.said.append(str(e)))
    page.goto((tmp_path / "report.html").as_uri())
    yield found
    page.close()


def test_a_browser_loads_it_without_a_request_or_a_word_on_the_console(watched: Watched) -> None:
    assert watched.page.locator("svg").count() >= 4
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in watched.requests if url.startswith("file:")]) == 1
    assert watched.said == []
    widths = watched.page.locator("img").evaluate_all("all => all.map(i => i.naturalWidth)")
    assert all(width > 0 for width in widths)


def test_charts_answer_to_hovering_and_to_the_tab_key(watched: Watched) -> None:
    for chart in watched.page.locator("svg").all():
        point = chart.locator(".point").last  # drawn on top of all others
        tip = point.locator(".tip")
        assert not tip.is_visible()
        chart.scroll_into_view_if_needed()
        point.locator("circle[class], rect, path").first.hover(force=True)
        assert tip.is_visible() and tip.text_content() == point.get_attribute("aria-label")
        watched.page.mouse.move(0, 0)
        assert not tip.is_visible()
        point.focus()
        assert tip.is_visible()
        point.blur()


def test_the_page_itself_never_scrolls_sideways(watched: Watched) -> None:
    """Wide tables and charts scroll inside their own region."""
    root = "document.documentElement"
    assert watched.page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth")


def test_verdicts_and_what_they_mean_can_be_read_without_seeing(watched: Watched) -> None:
    tree = watched.page.locator("main").aria_snapshot()
    for word in ("LEAKS", "Who sees what", "What was not tested", "How it was measured"):
        assert word in tree


def test_costs_and_memory_can_be_read_without_seeing_the_charts(
    browser: Browser, full_page: str, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_text(full_page, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    tree = page.locator("main").aria_snapshot()
    for word in ("NOT SHOWN TO LEAK", "Memory map", "Pareto chart", "all outside", "head inside"):
        assert word in tree
    page.close()


def test_a_screen_reader_finds_headings_names_and_heads_of_rows(watched: Watched) -> None:
    page = watched.page
    assert page.locator("html").get_attribute("lang") == "en"
    levels = page.locator("h1, h2, h3").evaluate_all("all => all.map(h => +h.tagName[1])")
    assert levels[0] == 1 and max(b - a for a, b in pairwise(levels)) <= 1
    assert page.locator("svg:not([role][aria-label])").count() == 0
    assert page.locator(".scroll:not([role][aria-label][tabindex])").count() == 0
    assert page.locator("img:not([alt])").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("tbody tr:not(:has(th[scope=row]))").count() == 0


CONTRAST = """() => {
  const paint = document.createElement('canvas').getContext('2d');
  const rgb = colour => {
    paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => top.slice(0, 3).map((v, i) => v * top[3] + below[i] * (1 - top[3]));
  const light = c => { const [r, g, b] = c.map(v => v / 255).map(
    v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + .05) / (y + .05); };
  const page = rgb(matchMedia('(prefers-color-scheme: dark)').matches ? '#121212' : '#ffffff');
  const behind = e => e ? over(rgb(getComputedStyle(e).backgroundColor), behind(e.parentElement))
                        : page.slice(0, 3);
  const found = [];
  for (const e of document.querySelectorAll('p, td, th, li, summary, dt, dd, caption, text')) {
    const ink = rgb(getComputedStyle(e)[e.tagName === 'text' ? 'fill' : 'color']);
    found.push([ratio(over(ink, behind(e)), behind(e)), 4.5, e.textContent.slice(0, 40)]);
  }
  for (const e of document.querySelectorAll('[class^=mark], [class^=line], .part0')) {
    if (e.hasAttribute('fill-opacity')) continue;
    const style = getComputedStyle(e);
    const ink = rgb(e.getAttribute('class').startsWith('line') ? style.stroke : style.fill);
    found.push([ratio(over(ink, behind(e)), behind(e)), 3, e.getAttribute('class')]);
  }
  return found;
}"""


def test_words_and_marks_stand_out_from_what_is_behind_them(watched: Watched) -> None:
    """WCAG 2: 4.5 to 1 for text, 3 to 1 for marks; light and dark."""
    found = watched.page.evaluate(CONTRAST)
    assert len(found) > 100
    assert [entry for entry in found if entry[0] < entry[1]] == []


def test_without_colour_series_differ_by_dash_and_mark_and_parts_by_lightness(
    full_page: str,
) -> None:
    lines_of = re.findall(r'<polyline class="line(\d)"[^>]*stroke-dasharray="([^"]*)"', full_page)
    assert len({dash for _, dash in lines_of}) == len({kind for kind, _ in lines_of}) >= 3
    style = full_page[: full_page.index("</style>")]
    fills = [re.search(rf"\.part{i} {{ fill: ([^;]*);", style) for i in range(3)]
    assert [f[1] for f in fills if f] == ["var(--c0)", "currentColor", "Canvas"]


def test_the_runtime_figure_has_each_cut_in_parts_beside_all_inside_and_all_outside() -> None:
    ways = Ways({"a": (1.0, 0.5, 2.0), "<b>": (2.0, 0.25, 1.0)}, 4.0, 3.0)
    said = re.findall('aria-label="([^"]*)"', runtime(ways))[1:]
    assert said == [
        "a: 3.5 ms (head inside 1, crossing 0.5, tail outside 2)",
        "&lt;b&gt;: 3.25 ms (head inside 2, crossing 0.25, tail outside 1)",
        "all inside: 4 ms",
        "all outside: 3 ms",
    ]
    assert "all inside:" not in runtime(replace(ways, inside_ms=None))


def test_a_profile_draws_the_runtime_figure_and_one_of_another_model_is_refused(
    audited: Store, network: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run_verb(["profile", str(network), "--runs", "1", "--json"]) == 0
    profile_json = tmp_path / "profile.json"
    profile_json.write_text(capsys.readouterr().out)
    arguments = ["report", str(audited.folder), "-o", str(tmp_path / "page.html"), "--profile"]
    assert run_verb([*arguments, str(profile_json)]) == 0
    page = (tmp_path / "page.html").read_text()
    assert "What it costs" in page and "head inside" in page and "all outside" in page
    other = small_network(tmp_path / "other.onnx", seed=8)
    capsys.readouterr()
    assert run_verb(["profile", str(other), "--runs", "1", "--json"]) == 0
    profile_json.write_text(capsys.readouterr().out)
    assert run_verb([*arguments, str(profile_json)]) == 2


def test_a_report_of_a_table_has_no_pictures_and_marks_what_is_given_away(table_page: str) -> None:
    assert "<img" not in table_page and "records of the audit's victims" in table_page
    assert all(name in table_page for name in COLUMNS)
    assert "<b>" in table_page and "✘" in table_page


def plan_of(found: Outcome, network: Path) -> dict[str, Any]:
    """With costs that are not measured."""
    graph, here = load(network), find_platform("sandbox")
    costs = [Part(c.judged.cut, 1.0, 1.0, 1 << 10, 1 << 10, 64, 1.0) for c in found.cuts]
    whole = Part("whole", 4.0, 3.0, 1 << 12, 1 << 10, 0, 0.0)
    made = plan(graph.sha256, found, Profiled(graph.sha256, whole, 3.0, costs), here, Limits())
    return plan_verb.result(made, graph, here, None).to_json()


def test_an_upper_limit_that_is_open_is_drawn_and_told_as_open(
    network: Path, tmp_path: Path
) -> None:
    store = run(small_task(network, 150), tmp_path / "run")
    store.set_fact("facts", store.fact("facts") | {"command": "cloister audit", "skipped": []})
    found = outcome(store)
    page = render([found], plan_of(found, network))
    leak, pareto = (
        re.findall(rf'<svg role="group" aria-label="{name}.*?</svg>', page, re.DOTALL)[0]
        for name in ("Thumbnail over depth", "Leak against latency")
    )
    assert leak.count(">∞<") == 1 and leak.count(" to ∞") == 2 * len(found.cuts)
    assert pareto.count(">∞<") == 1 and pareto.count("p95 up to ∞,") == 2 * len(found.cuts)
    rows = re.sub(r"<svg.*?</svg>", "", page[page.index("The plan") :], flags=re.DOTALL)
    assert rows.count('<td class="n">∞</td>') == len(found.cuts)
    assert "victims are too few for an upper limit" in rows


def test_the_page_names_each_limit_and_the_command_that_applies_them(
    audited: Store, page: str, tmp_path: Path
) -> None:
    assert "none on victims found again" in page
    output = tmp_path / "a b.html"
    limits = ["--max-thumbnail", "7.5", "--max-match", "0.05"]
    assert run_verb(["report", str(audited.folder), "-o", str(output), *limits]) == 0
    made = " ".join(output.read_text(encoding="utf-8").split())
    assert "Limits that were applied: 7.5 pixels" in made and "by either match: at most 5 %" in made
    command = re.findall(r"<code>(cloister report [^<]*)</code>", made)
    words = shlex.split(html.unescape(command[0]))
    assert words == ["cloister", "report", str(audited.folder), "-o", str(output), *limits]
