"""One boundary: every error is text or one JSON object, with the exit code that its kind has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cloister.cli.main import explain, run
from cloister.cli.schema import ErrorReport
from cloister.errors import CloisterError, OutsideError, Refused, UserError

VERBS = ("inspect", "check", "profile", "pack", "serve", "infer", "verify", "demo")
# What `cloister --help` and a client's verbs must not load: they start in a blink and need no
# extra.
HEAVY = ("torch", "torchvision", "onnx", "onnx_ir", "onnxruntime", "starlette", "skimage")


def cloister(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cloister.cli.main", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment,
    )


def error_of(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    printed = capsys.readouterr()
    ErrorReport.model_validate_json(printed.out)
    body: dict[str, str] = json.loads(printed.out)["error"]
    return body


def test_help_lists_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for verb in VERBS:
        assert f" {verb} " in text


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_json(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0
    assert "--json" in capsys.readouterr().out


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from cloister.cli.main import run; run(['--help']); "
        f"print([m for m in {HEAVY!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    "arguments", [["pack"], ["fly"], ["inspect", "a", "b"], ["inspect", "--colour", "a"]]
)
def test_usage_mistakes_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--json"]) == 2
    assert error_of(capsys)["code"] == "usage"
    assert run(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and "error:" in printed.err


def test_a_missing_model_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "/none/net.onnx", "--json"]) == 2
    assert "/none/net.onnx" in error_of(capsys)["message"]


def test_text_errors_say_what_and_how_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "/none/net.onnx"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "error: " in printed.err and "hint: " in printed.err
    assert "Traceback" not in printed.err


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (UserError("x", code="c"), UserError, 2),
        (OutsideError("x", code="c"), OutsideError, 3),
        (Refused("x", code="c"), Refused, 1),
        (OSError(28, "No space left on device", "file"), OutsideError, 3),
        (MemoryError(), OutsideError, 3),
        (ZeroDivisionError("x"), OutsideError, 3),
        (ModuleNotFoundError("no", name="onnxruntime.capi"), UserError, 2),
        (ModuleNotFoundError("no", name="starlette"), UserError, 2),
    ],
)
def test_every_exception_becomes_one_of_ours(
    error: Exception, kind: type[CloisterError], code: int
) -> None:
    told = explain(error)
    assert type(told) is kind and told.exit_code == code


def test_a_missing_extra_names_the_command() -> None:
    assert (
        explain(ModuleNotFoundError("no", name="onnx_ir")).hint == "pip install 'cloister[model]'"
    )
    assert (
        explain(ModuleNotFoundError("no", name="starlette")).hint == "pip install 'cloister[serve]'"
    )


def test_debug_shows_the_traceback_and_nothing_else_does() -> None:
    arguments = ("inspect", "/none/net.onnx")
    assert "Traceback" not in cloister(*arguments, CLOISTER_DEBUG="").stderr
    assert "Traceback" in cloister(*arguments, CLOISTER_DEBUG="1").stderr


def test_interrupt_exits_130_without_a_traceback() -> None:
    code = (
        "import cloister.cli.main as m\n"
        "def app(*a, **k): raise KeyboardInterrupt\n"
        "m.app = app\n"
        "m.main(['inspect', 'x'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 130
    assert "Traceback" not in done.stderr


def test_markup_in_names_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", "/none/[bold]net[/bold].onnx"]) == 2
    assert "[bold]net[/bold]" in capsys.readouterr().err.replace("\n", "")


@pytest.mark.parametrize("value", ["inf", "-inf", "1e400", "nan", "abc", "-1"])
@pytest.mark.parametrize("verb", ["audit", "gate", "plan", "report"])
def test_a_limit_that_is_no_finite_number_is_refused(
    verb: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--audit", "a", "--profile", "p", "--tee", "sandbox"] if verb == "plan" else []
    assert run([verb, "none", *more, "--max-thumbnail", value]) == 2
    assert "Invalid value for '--max-thumbnail'" in capsys.readouterr().err


def test_documentation_of_json_is_that_of_the_schema() -> None:
    from cloister.cli import schema

    written: Any = Path(__file__).parents[2] / "docs" / "formats" / "json.md"
    assert written.read_text(encoding="utf-8") == schema.page()


def test_interrupt_while_modules_are_imported_exits_130_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "rich").mkdir()
    (tmp_path / "rich" / "__init__.py").write_text("raise KeyboardInterrupt\n")
    done = subprocess.run(
        [sys.executable, "-m", "cloister", "inspect", "x.onnx"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_reader_that_goes_away_is_no_failed_check(form: tuple[str, ...]) -> None:
    """`cloister ... | true`: exit code 1 would say that a check failed."""
    read, write = os.pipe()
    os.close(read)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cloister.cli.main", "policy", "new", *form],
            stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
    finally:
        os.close(write)
    assert done.returncode == 130 and done.stderr == ""
