"""One small network, its audit, a folder of pictures."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("scipy", reason="the audit needs scipy")
sys.path.insert(0, str(Path(__file__).parent))

from audit_kit import small_network, small_task, write_pictures

from cloister.audit.run import run
from cloister.audit.store import Store
from cloister.cli.main import run as run_verb
from cloister.cli.schema import RESULTS


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_network(tmp_path_factory.mktemp("net") / "small.onnx")


@pytest.fixture(scope="session")
def audited(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    return run(small_task(network), tmp_path_factory.mktemp("audited") / "run")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_pictures(tmp_path_factory.mktemp("pictures"), 120)
    (folder / "notes.txt").write_text("no picture")
    return folder


@pytest.fixture
def verb(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Runs a verb with --json: its exit code and its one object, which fits the schema."""

    def call(name: str, *arguments: object) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run_verb([name, *map(str, arguments), "--json"])
        text = capsys.readouterr().out
        found: dict[str, Any] = json.loads(text)
        RESULTS["error" if "error" in found else name].model_validate_json(text)
        return code, found

    return call
