"""`cloister audit` and `cloister gate` as a person calls them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from audit_kit import small_network

from cloister.audit import self_check
from cloister.audit.outcome import outcome
from cloister.audit.self_check import PLANTED
from cloister.audit.store import Store
from cloister.cli.bound import audit_digest
from cloister.cli.main import run as run_verb
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load

Verb = Callable[..., tuple[int, dict[str, Any]]]


def test_audit_ends_with_a_row_for_each_cut(
    verb: Verb, network: Path, pictures: Path, tmp_path: Path
) -> None:
    arguments = (network, "--images", pictures, "--cuts", "relu1,gap", "--run", tmp_path / "run")
    code, found = verb("audit", *arguments)
    assert code == 0
    assert [cut["id"] for cut in found["cuts"]] == ["relu1", "gap"]
    assert [entry["file"].rpartition("/")[2] for entry in found["skipped"]] == ["notes.txt"]
    assert found["victims"] == 24 and found["sources"][0]["source"] == "same source"
    code, again = verb("audit", *arguments[:-2], "--resume", tmp_path / "run")
    assert code == 0 and again["cuts"] == found["cuts"]


def test_corrupt_images_are_named_skipped_and_counted(
    verb: Verb, network: Path, tmp_path: Path
) -> None:
    from audit_kit import write_pictures

    folder = write_pictures(tmp_path / "some", 30)
    whole = (folder / "0000.png").read_bytes()
    (folder / "cut.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "copy.png").write_bytes(whole)
    code, found = verb(
        "audit", network, "--images", folder, "--cuts", "gap", "--run", tmp_path / "run"
    )
    assert code == 0
    skipped = {Path(entry["file"]).name: entry["why"] for entry in found["skipped"]}
    assert set(skipped) == {"cut.png", "empty.jpg"} and all(skipped.values())
    assert found["duplicates"] == 1
    source = found["sources"][0]
    assert found["victims"] + source["train"] + source["validation"] == 30
    code, _ = verb("report", tmp_path / "run", "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert code == 0 and "1 duplicates" in page and "2 files could not be read" in page


def test_attacker_images_of_another_source_stand_beside_the_same(
    verb: Verb, network: Path, pictures: Path, tmp_path: Path
) -> None:
    from audit_kit import write_pictures

    other = write_pictures(tmp_path / "other", 60, seed=9)
    code, found = verb(
        "audit", network, "--images", pictures, "--attacker-images", other, "--cuts", "gap",
        "--run", tmp_path / "run",
    )  # fmt: skip
    assert code == 0 and [s["source"] for s in found["sources"]] == [str(other)]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--images", "EMPTY"], "no-images"),
        (["--images", "MISSING"], "no-such-file"),
        (["--images", "ONE"], "too-few-images"),
        ([], "usage"),
        (["--images", "PICTURES", "--cuts", "nowhere"], "unknown-cut"),
        (["--images", "PICTURES", "--tier", "deepest"], "usage"),
        (["--images", "PICTURES", "--attacker", "greybox"], "usage"),
        (["--images", "PICTURES", "--resume", "MISSING"], "no-such-run"),
    ],
)
def test_bad_input_is_named(  # noqa: PLR0917 - fixtures
    verb: Verb, network: Path, pictures: Path, tmp_path: Path, arguments: list[str], code: str
) -> None:
    from audit_kit import write_pictures

    (tmp_path / "empty").mkdir()
    names = {
        "EMPTY": str(tmp_path / "empty"),
        "MISSING": str(tmp_path / "missing"),
        "ONE": str(write_pictures(tmp_path / "one", 1)),
        "PICTURES": str(pictures),
    }
    exit_code, found = verb("audit", network, *(names.get(a, a) for a in arguments))
    assert exit_code == 2 and found["error"]["code"] == code


def living(group: int) -> list[str]:
    """Processes of a group that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            name, _, rest = stat.read_text().rpartition(") ")
            state, _, own = rest.split()[:3]
            if int(own) == group and state not in "ZX":
                found.append(name)
    return found


def all_gone(group: int) -> bool:
    """Whether no process of a group is left, a little later."""
    deadline = time.monotonic() + 20
    while (left := living(group)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not left


def of_two_cuts(network: Path, folder: Path) -> list[str]:
    return [str(network), "--images", str(folder.parent / "many"), "--cuts", "relu2,gap"]


def begun(network: Path, folder: Path, jobs: int) -> subprocess.Popen[str]:
    """An audit in a process of its own that has finished its first cell."""
    from audit_kit import write_pictures

    write_pictures(folder.parent / "many", 240)
    arguments = [*of_two_cuts(network, folder), "--run", str(folder), "--jobs", str(jobs)]
    process = subprocess.Popen(
        [sys.executable, "-m", "cloister.cli.main", "audit", *arguments],
        stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "files").is_dir() and any((folder / "files").glob("*.npz")):
            break
        time.sleep(0.02)
    return process


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interrupted_audit_ends_cleanly_and_says_how_to_go_on(
    verb: Verb, network: Path, tmp_path: Path, jobs: int
) -> None:
    folder = tmp_path / "run"
    process = begun(network, folder, jobs)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers too
    _, said = process.communicate(timeout=120)
    assert all_gone(process.pid), "no worker is left"
    assert process.returncode == 130 and "Traceback" not in said
    assert "--resume" in said and "interrupted" in said
    code, found = verb("audit", *of_two_cuts(network, folder), "--resume", folder)
    assert code == 0 and len(found["cuts"]) == 2


def test_a_killed_audit_leaves_no_worker_behind(verb: Verb, network: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    process = begun(network, folder, 2)
    process.kill()
    process.communicate(timeout=120)  # workers would hold these open
    assert process.returncode == -signal.SIGKILL and all_gone(process.pid)
    code, found = verb("audit", *of_two_cuts(network, folder), "--resume", folder)
    assert code == 0 and len(found["cuts"]) == 2


def test_what_few_victims_can_show_is_said_before_the_time_is_spent(
    network: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--images", str(pictures), "--cuts", "gap", "--run", str(tmp_path / "run")]
    assert run_verb(["audit", str(network), *arguments]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "24 victim(s): a leak can be shown" in said and "needs 72 or more" in said
    assert "about" in said and "fast tier" in said


def test_one_victim_shows_nothing_and_no_attacker_of_the_same_source_is_said(
    network: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from audit_kit import write_pictures

    one = write_pictures(tmp_path / "one", 1, seed=9)
    arguments = ["--images", one, "--attacker-images", pictures, "--cuts", "gap"]
    code = run_verb(["audit", str(network), *map(str, arguments), "--run", str(tmp_path / "run")])
    said = capsys.readouterr()
    notes = " ".join(said.err.split())
    assert code == 0 and "1 victim(s): not even a leak can be shown" in notes
    assert "no attacker has learnt from their source" in notes
    assert "INCONCLUSIVE" in said.out


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("tier", ["fast", "standard"])
def test_the_self_check_finds_what_is_planted_and_nothing_else(verb: Verb, tier: str) -> None:
    code, found = verb("audit", "--self-check", "--tier", tier)
    assert code == 0 and all(entry["ok"] for entry in found["self_check"])
    expected = [entry["expected"] for entry in found["self_check"]]
    assert {"LEAKS", "NOT SHOWN TO LEAK", "equal numbers"} == set(expected)


def test_the_self_check_can_fail(verb: Verb, monkeypatch: pytest.MonkeyPatch) -> None:
    """Noise that is said to leak."""
    lie = replace(PLANTED[-1], leaks=True)
    monkeypatch.setattr(self_check.self_check, "__defaults__", (lambda _: None, (lie,), "fast"))
    code, found = verb("audit", "--self-check")
    assert code == 1
    assert [(e["said"], e["ok"]) for e in found["self_check"]] == [
        ("NOT SHOWN TO LEAK", False), ("equal", True),
    ]  # fmt: skip


def test_a_higher_tier_without_torch_says_what_to_install(
    verb: Verb, network: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    code, found = verb("audit", network, "--images", pictures, "--tier", "standard")
    assert code == 2 and "cloister[audit]" in found["error"]["hint"]


def test_gate_fails_on_a_leak(verb: Verb, audited: Store) -> None:
    code, found = verb("gate", audited.folder)
    assert code == 1 and not found["ok"]


def test_gate_passes_a_cut_that_was_not_shown_to_leak(verb: Verb, audited: Store) -> None:
    code, found = verb("gate", audited.folder, "--cut", "gap", "--max-thumbnail", 7)
    assert (code, found["cuts"][0]["verdict"]) == (0, "NOT SHOWN TO LEAK")


def test_gate_knows_only_audited_cuts(verb: Verb, audited: Store) -> None:
    code, found = verb("gate", audited.folder, "--cut", "conv9")
    assert code == 2 and found["error"]["code"] == "unknown-cut"


def test_people_read_verdicts_and_what_no_verdict_says(
    network: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_verb(
        ["audit", str(network), "--images", str(pictures), "--cuts", "gap", "--run",
         str(tmp_path / "run")]
    ) == 0  # fmt: skip
    text = capsys.readouterr().out
    assert "thumbnail" in text and "No verdict says safe" in " ".join(text.split())


# ---------------------------------------------------------------------------------- pack --audit
def test_a_bundle_names_the_audit_of_its_cut(
    verb: Verb, network: Path, audited: Store, tmp_path: Path
) -> None:
    cut = outcome(audited).cuts[0].judged.cut
    options = ["--cut", cut, "--audit", audited.folder]
    code, packed = verb("pack", network, "-o", tmp_path / "bundle", *options)
    assert code == 0, packed
    assert packed["audit_sha256"] == audit_digest(audited.folder, packed_digest(network), cut)
    moved = tmp_path / "moved"
    shutil.copytree(audited.folder, moved)
    assert audit_digest(moved, packed_digest(network), cut) == packed["audit_sha256"]


def test_an_audit_of_another_network_or_without_the_cut_is_not_bound(
    verb: Verb, network: Path, audited: Store, tmp_path: Path
) -> None:
    other = small_network(tmp_path / "other.onnx", seed=9)
    cut = outcome(audited).cuts[0].judged.cut
    options = ["-o", tmp_path / "bundle", "--audit", audited.folder]
    code, found = verb("pack", other, "--cut", cut, *options)
    assert (code, found["error"]["code"]) == (2, "other-model")
    known = {row.judged.cut for row in outcome(audited).cuts}
    unseen = next(one.id for one in find_cuts(load(network)) if one.id not in known)
    code, found = verb("pack", network, "--cut", unseen, *options)
    assert (code, found["error"]["code"]) == (2, "other-cut")


def packed_digest(network: Path) -> str:
    return hashlib.sha256(network.read_bytes()).hexdigest()
