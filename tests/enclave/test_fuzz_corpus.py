"""The committed fuzz corpus under AddressSanitizer and UBSan; how much of the core it covers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[2] / "enclave" / "fuzz"
TARGETS = ["plan", "session"]


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay")
    run(FUZZ / "build.sh", folder, "replay")
    return folder


@pytest.mark.parametrize("target", TARGETS)
def test_corpus_runs_clean_under_sanitizers(replay: Path, target: str) -> None:
    inputs = sorted((FUZZ / "corpus" / target).iterdir())
    assert len(inputs) >= 40
    options = {"ASAN_OPTIONS": "abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1"}
    assert f"{len(inputs)} inputs" in run(replay / f"fuzz_{target}", *inputs, **options)


@pytest.mark.skipif(shutil.which("gcov") is None, reason="gcov comes with gcc")
def test_corpus_covers_95_percent_of_validator_session_and_channel(tmp_path: Path) -> None:
    told = run(FUZZ / "coverage.sh", tmp_path)
    assert float(told.rsplit("together: ", 1)[1].split()[0]) >= 95
