"""Runs every benchmark, one after the other; each can also be run alone (``python -m bench.parity
--help``).
"""

from __future__ import annotations

import subprocess
import sys

BENCHMARKS = ("parity", "memory", "accuracy", "speed", "end_to_end", "mutants")


def main() -> int:
    """Returns the number of benchmarks that failed."""
    runs = [subprocess.run([sys.executable, "-m", f"bench.{b}"], check=False) for b in BENCHMARKS]
    return sum(run.returncode != 0 for run in runs)


if __name__ == "__main__":
    sys.exit(main())
