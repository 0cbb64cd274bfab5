"""Runs every benchmark, one after the other; each can also be run alone (``python -m bench.parity
--help``).

    python bench/run.py                                                      all of them
    python bench/run.py --nets resnet50 --peers onnxruntime --json           `speed` alone
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BENCHMARKS = (
    "parity",
    "memory",
    "placement",
    "rows",
    "denormals",
    "accuracy",
    "speed",
    "speed --kernels avx2 --peers onnxruntime-avx2",
    "speed --nets resnet50 --direct --peers onnxruntime",
    "threads",
    "load",
    "int8",
    "end_to_end",
    "cuts",
    "audit",
    "audit_he",
    "audit_published",
    "audit_trained",
    "audit_tiers",
    "audit_resnet50",
    "sealing",
    "mutants",
    "optee",
)


def main() -> int:
    """Returns the number of benchmarks that failed."""
    root = Path(__file__).resolve().parents[1]
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    options = sys.argv[1:]
    commands = [
        [sys.executable, "-m", *f"bench.{b}".split(), *options]
        for b in (("speed",) if options else BENCHMARKS)
    ]
    runs = [subprocess.run(command, check=False, env=environment) for command in commands]
    return sum(run.returncode != 0 for run in runs)


if __name__ == "__main__":
    sys.exit(main())
