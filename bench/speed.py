"""Time of whole networks: the enclave engine beside ONNX Runtime, one thread, batch 1, interleaved.

Only the ratios mean something on a shared machine: each pair of runs lies side by side, and the
ratio is that of the medians. Per layer: `cloister profile`.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench import results
from bench.data import Absent
from bench.networks import Network, networks
from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.container import compile_container


def timed_ms(run: object, argument: list[object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter_ns()
    run(argument)  # type: ignore[operator]
    return (time.perf_counter_ns() - start) / 1e6


def measure(network: Network, runs: int) -> dict[str, object]:
    """One row: medians of both, and their ratio."""
    model = network.build()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        graph = load(Path(file.name))
    container = compile_container(graph, mode="whole", answers=graph.outputs)
    engine = Engine(container.to_bytes())
    reference = Reference(model, threads=1)
    x = network.inputs(1).inputs[:1]
    engine.run(x)
    reference.run(x)
    pairs = [(timed_ms(engine.run, x), timed_ms(reference.run, x)) for _ in range(runs)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "network": network.name,
        "kernels": engine.kernels,
        "runs": runs,
        "enclave_ms": round(ours, 3),
        "onnxruntime_ms": round(theirs, 3),
        "ratio": round(ours / theirs, 3),
        "arena_mib": round(container.arena_bytes / 2**20, 3),
    }


def main() -> int:
    """Prints and stores the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", help="comma-separated names; all by default")
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.runs))
            print(rows[-1], flush=True)
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("speed", rows, threads=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
