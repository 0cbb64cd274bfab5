"""Where the command line starts, and the one place where an error becomes text and an exit code.

Exit codes: 0 done; 1 a check or a verification said no; 2 the caller's mistake; 3 a fault
outside; 130 interrupted. With ``--json`` an error is ``{"error": {"code", "message", "hint"}}``
on standard output. No traceback reaches a person; ``CLOISTER_DEBUG=1`` shows it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

import typer

from cloister.cli.app import app
from cloister.cli.output import print_error
from cloister.errors import CloisterError, OutsideError, UserError

# typer carries its own copy of click from some version on; this base is the same class in both
# worlds.
_UsageError: Final[type[Exception]] = typer.BadParameter.__mro__[1]

# What an import that is not there means: module -> the extra that brings it.
EXTRAS: Final = {
    "onnx": "model",
    "onnx_ir": "model",
    "onnxscript": "model",
    "onnxruntime": "model",
    "starlette": "serve",
    "uvicorn": "serve",
    "prometheus_client": "serve",
    "model_signing": "signing",
    "OpenSSL": "signing",
    "skimage": "demo",
    "scipy": "audit",
    "jinja2": "report",
    "torch": "audit",
    "torchvision": "audit",
    "ray": "cluster",
}
INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line and ends the process with its exit code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs the command line.

    Args:
        arguments: What follows the program's name.

    Returns:
        The exit code.
    """
    as_json = "--json" in arguments
    try:
        code = app(list(arguments), standalone_mode=False, prog_name="cloister")
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except (BrokenPipeError, SystemExit) as end:
        # The reader of our output went away (`| head`), for which rich and typer exit with 1, a
        # check's "no": nothing to tell, and nowhere to.
        if isinstance(end, SystemExit) and not isinstance(end.__context__, BrokenPipeError):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("CLOISTER_DEBUG"):
            traceback.print_exc()
        if type(error).__name__ == "NoArgsIsHelpError":  # of typer's own copy of click
            sys.stderr.write(f"{error}\n")
            return UserError.exit_code
        told = explain(error)
        print_error(told, as_json=as_json)
        return told.exit_code


def explain(error: Exception) -> CloisterError:
    """Any exception as an error for people."""
    if isinstance(error, CloisterError):
        return error
    if isinstance(error, _UsageError):
        text = getattr(error, "format_message", lambda: str(error))()
        return UserError(text, code="usage", hint="`cloister VERB --help` lists what it takes.")
    if isinstance(error, ImportError):
        return _missing_extra(error)
    if isinstance(error, MemoryError):
        return OutsideError("the machine has not enough memory for this", code="out-of-memory")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return OutsideError(f"{where}{error.strerror or error}", code="system")
    return OutsideError(
        f"a fault in Cloister itself: {type(error).__name__}: {error}",
        code="internal",
        hint="Set CLOISTER_DEBUG=1 for the traceback, and report it.",
    )


def _missing_extra(error: ImportError) -> CloisterError:
    module = (error.name or "").partition(".")[0]
    if module not in EXTRAS:
        return OutsideError(f"the installation is damaged: {error}", code="internal")
    return UserError(
        f"this verb needs {module}, which is not installed",
        code="missing-extra",
        hint=f"pip install 'cloister[{EXTRAS[module]}]'",
    )


def _interrupted() -> int:
    sys.stderr.write("interrupted\n")
    return INTERRUPTED


if __name__ == "__main__":
    main()
