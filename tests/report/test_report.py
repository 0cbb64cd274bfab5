"""The page: self-contained, readable without colour, and loaded in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

pytest.importorskip("scipy", reason="the audit needs scipy")
pytest.importorskip("jinja2", reason="the report needs jinja2")
sys.path.insert(0, str(Path(__file__).parent.parent / "audit"))

from audit_kit import small_network, small_task

from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.store import Store
from cloister.cli import plan as plan_verb
from cloister.cli.main import run as run_verb
from cloister.graph.load import load
from cloister.plan.plan import Limits, Profiled, plan
from cloister.plan.platform import find_platform
from cloister.profile.measure import profile
from cloister.report.charts import Level, Series, lines
from cloister.report.page import render

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


@pytest.fixture(params=[1100, 390], ids=["desk", "phone"])
def watched(
    request: pytest.FixtureRequest, browser: Browser, full_page: str, tmp_path: Path
) -> Iterator[Watched]:
    (tmp_path / "report.html").write_text(full_page, encoding="utf-8")
    page = browser.new_page(viewport={"width": request.param, "height": 900})
    found = Watched(page, [], [])
    page.on("request", lambda r: found.requests.append(r.url))
    page.on("console", lambda m: found.said.append(m.text))
    page.on("pageerror", lambda e: found.said.append(str(e)))
    page.goto((tmp_path / "report.html").as_uri())
    yield found
    page.close()


def test_a_browser_loads_it_without_a_request_or_a_word_on_the_console(watched: Watched) -> None:
    assert watched.page.locator("svg").count() >= 7
    assert [url for url in watched.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in watched.requests if url.startswith("file:")]) == 1
    assert watched.said == []
    widths = watched.page.locator("img").evaluate_all("all => all.map(i => i.naturalWidth)")
    assert widths and all(width > 0 for width in widths)


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


def test_verdicts_and_memory_can_be_read_without_seeing_the_charts(watched: Watched) -> None:
    tree = watched.page.locator("main").aria_snapshot()
    for word in ("LEAKS", "NOT SHOWN TO LEAK", "Memory map", "Who sees what", "all outside"):
        assert word in tree
