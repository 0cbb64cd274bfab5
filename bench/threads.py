"""Whole networks with one thread and with several, in turns: how much faster, and whether the
answers are the same to the bit.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from bench import results
from bench.data import Absent
from bench.networks import Network, networks
from bench.speed import interleaved
from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.pack.container import compile_container


def measure(network: Network, runs: int, threads: int) -> dict[str, object]:
    """One row: medians of both, how much faster, and whether the bits are the same."""
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(network.build())
        file.flush()
        graph = load(Path(file.name))
    container = compile_container(graph, mode="whole", answers=graph.outputs).to_bytes()
    engines = [Engine(container, threads=n) for n in (1, threads)]
    x = network.inputs(1).inputs[:1]
    answers = [[y.tobytes() for y in engine.run(x)] for engine in engines]
    times = interleaved({"one": engines[0].run, "several": engines[1].run}, x, runs)
    one, several = (statistics.median(taken) for taken in times.values())
    return {
        "network": network.name,
        "kernels": engines[0].kernels,
        "runs": runs,
        "one_ms": round(one, 3),
        "several_ms": round(several, 3),
        "times_faster": round(one / several, 2),
        "same_bits": answers[0] == answers[1],
    }


def main() -> int:
    """Returns 1 when a bit differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nets", default="resnet50", help="comma-separated names")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.runs, arguments.threads))
        except Absent as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("threads", rows, threads=arguments.threads)
    return 0 if all(row["same_bits"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
