"""The planner: hard limits, the front, and what it says when nothing passes."""

from __future__ import annotations

import json
import math
import re
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

pytest.importorskip("scipy", reason="the audit needs scipy")
sys.path.insert(0, str(Path(__file__).parent.parent / "audit"))

from audit_kit import small_network, small_task

from cloister.attest.tees import TEES
from cloister.audit.outcome import Outcome, outcome
from cloister.audit.run import run
from cloister.audit.verdict import Limits as LeakLimits
from cloister.cli import plan as plan_verb
from cloister.cli.main import run as run_verb
from cloister.errors import UserError
from cloister.graph.load import load
from cloister.plan.plan import Limits, Part, Plan, Profiled, pareto, plan
from cloister.plan.platform import TABLES, Platform, find_platform
from cloister.profile.measure import Part as Measured

HERE = Platform("here", "measured", 1.0, 0.0, 0.0, math.inf, 0.0, "measured here")
KIB = 1 << 10
NONE = Limits()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_network(tmp_path_factory.mktemp("net") / "small.onnx")


@pytest.fixture(scope="module")
def audit(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("run") / "run"
    return outcome(run(small_task(network), folder), LeakLimits(4.0))


def profiled(sha256: str) -> Profiled:
    cuts = [
        Measured("relu1", 1.0, 1.0, 10 * KIB, 10 * KIB, 8192, 2.0),
        Measured("relu2", 2.0, 2.0, 20 * KIB, 20 * KIB, 2048, 1.0),
        Measured("gap", 2.5, 2.5, 30 * KIB, 20 * KIB, 32, 0.5),
    ]
    return Profiled(sha256, Measured("whole", 4.0, 3.0, 40 * KIB, 20 * KIB, 0, 0.0), 3.0, cuts)


def made(audit: Outcome, limits: Limits = NONE, platform: Platform = HERE) -> Plan:
    sha = audit.model_sha256
    return plan(sha, audit, profiled(sha), platform, limits)


def test_a_leaking_cut_is_never_chosen(audit: Outcome) -> None:
    found = made(audit)
    assert found.chosen is not None and found.chosen.cut == "relu2"
    assert [(m.cut, m.limit) for m in found.misses if m.cut == "relu1"] == [("relu1", "thumbnail")]


@pytest.fixture(scope="module")
def few(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Of 30 victims."""
    folder = tmp_path_factory.mktemp("few") / "run"
    return outcome(run(small_task(network, 150), folder), LeakLimits(4.0))


def test_an_upper_limit_that_is_open_stays_open_and_passes_nothing(few: Outcome) -> None:
    found = made(few)
    assert all(c.judged.count == 30 for c in few.cuts)
    cuts = [part for part in found.parts if part.cut]
    assert [part.leak for part in cuts] == [math.inf] * 3
    assert all(part.misses for part in cuts) and not any(part.cut for part in found.front)
    miss = next(m for m in found.misses if (m.cut, m.limit) == ("gap", "thumbnail"))
    assert miss.over is None
    assert miss.reason == "30 victims are too few for an upper limit, 94 would do"


def test_an_open_upper_limit_passes_nothing_whatever_the_verdict(few: Outcome) -> None:
    passed = [
        replace(c, judged=replace(c.judged, verdict="NOT SHOWN TO LEAK", leaked_interval=(0, 0.1)))
        for c in few.cuts
    ]
    found = made(Outcome(few.store, few.limits, passed))
    assert all(part.misses for part in found.parts if part.cut)


def test_json_and_table_show_the_open_limit(
    few: Outcome, network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = load(network)
    shown = plan_verb.result(made(few), graph, HERE, None)
    written = json.loads(json.dumps(shown.to_json(), allow_nan=False))
    assert [p["leak"] for p in written["parts"]] == [None, None, None, 0]
    open_ones = [m for m in written["excluded"] if m["limit"] == "thumbnail"]
    assert open_ones and all(m["value"] is m["over"] is None and m["reason"] for m in open_ones)
    plan_verb.show(shown, Console(width=200))
    text = capsys.readouterr().out
    assert text.count("∞") == 3 + len(open_ones)
    assert "gap: thumbnail p95 up to ∞, limit 4.0: 30 victims are too few" in text


def test_a_miss_tells_the_statistic_of_the_table(
    audit: Outcome, network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = made(Outcome(audit.store, audit.limits, audit.cuts))
    relu1 = next(part for part in found.parts if part.cut == "relu1")
    assert [m.value for m in relu1.misses] == [relu1.leak]
    plan_verb.show(plan_verb.result(found, load(network), HERE, None), Console(width=200))
    text = capsys.readouterr().out
    assert "thumbnail p95 up to" in text
    assert f"relu1: thumbnail p95 up to {relu1.leak:.1f}, limit 4.0" in text


def test_a_match_that_a_later_cut_gives_away_is_told_at_each_before_it(audit: Outcome) -> None:
    found = made(outcome(audit.store, LeakLimits(15.9, 0.0001)))
    parts = {part.cut: part for part in found.parts}
    assert parts["relu1"].match >= parts["relu2"].match >= parts["gap"].match
    misses = [m for m in found.misses if m.limit == "match"]
    assert misses and all(m.value == parts[m.cut].match > m.bound for m in misses)


def test_latency_is_head_crossing_and_tail(audit: Outcome) -> None:
    slow = Platform("slow", "modelled", 2.0, 1.0, 1024.0, math.inf, 0.0, "assumed")
    gap = next(p for p in made(audit, platform=slow).parts if p.cut == "gap")
    assert gap.latency_ms == pytest.approx(2.5 * 2 + 1 + 32 / 1024 + 0.5)


def test_what_exceeds_the_page_cache_is_paged_and_what_fits_is_not(audit: Outcome) -> None:
    pages = Platform("sgx", "modelled", 1.0, 0.0, 0.0, 1 + 35 / 1024, 3.0, "published")
    plain, paged = (
        {p.cut: p for p in made(audit, platform=platform).parts} for platform in (HERE, pages)
    )
    assert paged["relu1"].head_ms == plain["relu1"].head_ms, "20 KiB beside the replay table fit"
    wanted = plain["gap"].head_ms + 3.0 * (1 + 50 / 1024)
    assert paged["gap"].head_ms == pytest.approx(wanted)


def test_a_limit_that_is_missed_says_by_how_much(audit: Outcome) -> None:
    found = made(audit, Limits(memory_bytes=KIB))
    assert found.chosen is None
    miss = next(m for m in found.misses if m.cut == "gap")
    assert miss.limit == "memory" and miss.over == pytest.approx((50 * KIB + (1 << 20)) / KIB)


def test_where_nothing_passes_it_says_what_would_help(audit: Outcome) -> None:
    advice = " ".join(made(audit, Limits(memory_bytes=KIB)).advice)
    assert "relu2 does not leak too much and fails only on cost" in advice
    assert "the whole network inside" in advice


def test_whole_is_chosen_where_only_it_passes(audit: Outcome) -> None:
    strict = Outcome(audit.store, audit.limits, audit.cuts[:1])
    found = made(strict)
    assert found.chosen is not None and found.chosen.cut is None and found.chosen.leak == 0


def test_modelled_costs_say_so(audit: Outcome) -> None:
    found = made(audit, platform=find_platform("sgx"))
    assert found.caveats[0].startswith("costs of sgx are modelled")


def test_a_shallow_cut_is_said_not_to_protect_the_weights(audit: Outcome) -> None:
    assert "not the model" in " ".join(made(audit).caveats)


@pytest.mark.parametrize("what", ["audit", "profile"])
def test_another_models_audit_or_profile_is_refused(audit: Outcome, what: str) -> None:
    sha = audit.model_sha256
    model, other = (sha, "f" * 64) if what == "profile" else ("f" * 64, "f" * 64)
    with pytest.raises(UserError, match=f"the {what} is of another model"):
        plan(model, audit, profiled(other), HERE, Limits())


def test_the_front_holds_what_no_other_beats() -> None:
    random = np.random.default_rng(0)
    parts = [
        Part(str(i), float(ms), 0.0, 0.0, int(size), float(leak), 0.0, "", ())
        for i, (ms, size, leak) in enumerate(random.integers(0, 9, (60, 3)))
    ]

    def costs(p: Part) -> tuple[float, float, float]:
        return p.latency_ms, p.secure_bytes, p.leak

    brute = [
        a for a in parts
        if not any(
            all(y <= x for x, y in zip(costs(a), costs(b), strict=True)) and costs(a) != costs(b)
            for b in parts
        )
    ]  # fmt: skip
    assert pareto(parts) == brute


REST = "latency_factor={}\ncall_ms=0\ncrossing_ms_per_mib=0\ncache_mib={}\npaging_ms_per_mib=0\n"


@pytest.mark.parametrize(
    "text",
    [
        "[a]\nbasis='measured'",
        "[a]\n[b]",
        "x = [",
        f"[a]\nbasis='guessed'\nnote=''\n{REST.format(1, 'inf')}",
        f"[a]\nbasis='measured'\nnote=''\n{REST.format(-1, 'inf')}",
        f"[a]\nbasis='measured'\nnote=''\n{REST.format('inf', 1)}",
        f"[a]\nbasis='measured'\nnote=''\n{REST.format(1, 'nan')}",
    ],
)
def test_a_bad_platform_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tee.toml"
    path.write_text(text)
    with pytest.raises(UserError) as error:
        find_platform(str(path))
    assert error.value.code == "bad-platform"


def test_every_modelled_platform_says_where_its_figures_come_from() -> None:
    for name in ("tdx", "snp", "sgx", "sgx-server"):
        found = find_platform(name)
        assert found.basis == "modelled" and re.search(r"arXiv|EuroSys|as (sgx|tdx)", found.note)
    assert find_platform("sandbox").basis == "measured"


def test_a_plan_knows_each_kind_of_enclave_by_the_word_of_serve() -> None:
    for tee in TEES.keys() - {"optee"}:
        assert find_platform(tee).name == tee
    for name in tomllib.loads(TABLES.read_text()):
        assert name.split("-")[0] in TEES  # a variant


def test_optee_is_counted_not_timed() -> None:
    with pytest.raises(UserError, match="world switches") as error:
        find_platform("optee")
    assert "cloister optee plan" in error.value.hint


def test_an_unknown_tee_is_named_with_the_known_ones() -> None:
    with pytest.raises(UserError, match="sandbox"):
        find_platform("abacus")


def test_the_verb_writes_the_plan(
    network: Path, audit: Outcome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run_verb(["profile", str(network), "--runs", "1", "--json"]) == 0
    profile = tmp_path / "profile.json"
    profile.write_text(capsys.readouterr().out)
    output = tmp_path / "plan.json"
    code = run_verb(
        ["plan", str(network), "--audit", str(audit.store.folder), "--profile", str(profile),
         "--tee", "sandbox", "--max-thumbnail", "7", "--latency", "10s", "-o", str(output)]
    )  # fmt: skip
    text = capsys.readouterr().out
    assert code == 0 and "gap" in text
    written = json.loads(output.read_text())
    assert written["format"] == "cloister-plan/1"
    assert written["limits"] == {
        "memory_bytes": None, "latency_ms": 10_000, "thumbnail": 7, "match": None
    }  # fmt: skip
    assert "limits: latency 10,000 ms, thumbnail p95 7" in text
    # Which of those that pass is fastest, a clock decides: a cut, or the whole network inside.
    assert (written["chosen"]["mode"] == "whole") == (written["chosen"]["cut"] is None)
