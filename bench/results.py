"""Where a benchmark's numbers go: one JSON file each, with what judging and repeating needs."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent / "results"
PACKAGES = (
    "cloister",
    "cryptography",
    "dcap-qvl",
    "numpy",
    "onnx",
    "onnxruntime",
    "torch",
    "torchvision",
)


def processor() -> str:
    """Model name of the processor and the vector extensions that matter here."""
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"model name\s*:\s*(.+)", text)
    flags = {"avx2", "avx512f", "avx512_vnni", "asimd"} & set(text.split())
    return f"{name[1] if name else platform.machine()} ({', '.join(sorted(flags))})"


def versions() -> dict[str, str]:
    """Installed versions of the packages that take part."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    """The commit that was measured, with ``+`` when the tree had changes."""
    run = subprocess.run(
        ["git", "describe", "--always", "--dirty=+"], capture_output=True, text=True, check=False
    )
    return run.stdout.strip() or "unknown"


def write(name: str, rows: Sequence[dict[str, Any]], **facts: object) -> Path:
    """Prints the rows as a table and writes them to ``results/NAME_DATE.json``.

    Args:
        name: The benchmark, e.g. ``"parity"``.
        rows: One dict a row, all with the same keys.
        facts: What else a reader needs: settings, tolerance, counts.
    """
    today, path = _dated(FOLDER, name)
    document = {**_head(name, today), **facts, "rows": list(rows)}
    path.write_text(json.dumps(document, indent=1) + "\n")
    table = Table(title=f"{name} ({today})", expand=False)
    for key in rows[0] if rows else ():
        table.add_column(key)
    for row in rows:
        table.add_row(*(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()))
    Console(width=220 if not sys.stdout.isatty() else None).print(table)
    return path


def write_device(model: str, row: dict[str, Any], **facts: object) -> Path:
    """Writes what was measured of one model on this machine to
    ``results/speed/MODEL_DEVICE_DATE.json``.

    Args:
        model: The network.
        row: The figures.
        facts: What else a reader needs.
    """
    today, path = _dated(FOLDER / "speed", f"{model}_{device()}")
    path.write_text(json.dumps({**_head("speed", today), **row, **facts}, indent=1) + "\n")
    return path


def device() -> str:
    """The processor as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")


def _dated(folder: Path, name: str) -> tuple[str, Path]:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    folder.mkdir(exist_ok=True)
    return today, folder / f"{name}_{today}.json"


def _head(name: str, today: str) -> dict[str, object]:
    return {
        "benchmark": name,
        "date": today,
        "command": " ".join(["python -m", f"bench.{Path(sys.argv[0]).stem}", *_options()]),
        "commit": commit(),
        "machine": processor(),
        "python": platform.python_version(),
        "versions": versions(),
    }


def _options() -> list[str]:
    """What the benchmark was started with; of a folder its name alone."""
    return [Path(word).name if word.startswith("/") else word for word in sys.argv[1:]]
