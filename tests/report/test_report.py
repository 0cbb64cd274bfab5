"""The page: self-contained, readable without colour, and loaded in a real browser."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("scipy", reason="the audit needs scipy")
pytest.importorskip("jinja2", reason="the report needs jinja2")
sys.path.insert(0, str(Path(__file__).parent.parent / "audit"))

from audit_kit import small_network, small_task

from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.store import Store
from cloister.cli.main import run as run_verb
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
    titles = re.findall("<title>(.*?)</title>", chart)
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


def test_a_browser_loads_it_without_a_word_on_the_console(page: str, tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("no chromium here: apt-get install chromium")
    path = tmp_path / "report.html"
    path.write_text(page)
    done = subprocess.run(
        [browser, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
         "--v=0", "--dump-dom", path.as_uri()],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert "What can be rebuilt" in done.stdout and "<polyline" in done.stdout
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert console == []
