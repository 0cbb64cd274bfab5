"""Whole networks with one thread and with several, in turns: how much faster, and whether the
answers are the same to the bit.

What the machine allows is shown in the same turns: ONNX Runtime, and networks of one thread each
that run side by side on processors of their own (``apart``), which share no work and wait for
nothing. Processors of virtual machines may be two threads of one core.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import results
from bench.data import Absent, Floats
from bench.networks import Network, networks
from bench.peers import Run
from bench.speed import interleaved
from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.container import compile_container


def measure(network: Network, runs: int, threads: int) -> dict[str, object]:
    """One row: medians of both, how much faster, and whether the bits are the same."""
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(network.build())
        file.flush()
        graph = load(Path(file.name))
    container = compile_container(graph, mode="whole", answers=graph.outputs).to_bytes()
    engines = [Engine(container, threads=n) for n in (1, threads)]
    peers = [Reference(network.build(), threads=n) for n in (1, threads)]
    x = network.inputs(1).inputs[:1]
    answers = [[y.tobytes() for y in engine.run(x)] for engine in engines]
    processors = itertools.cycle(sorted(os.sched_getaffinity(0)))
    alone = [Engine(container, threads=1) for _ in range(threads)]
    with ThreadPoolExecutor(
        threads, initializer=lambda: os.sched_setaffinity(0, {next(processors)})
    ) as pool:

        def apart(x: list[Floats]) -> list[Floats]:
            return [y for ys in pool.map(lambda engine: engine.run(x), alone) for y in ys]

        apart(x)
        contestants: dict[str, Run] = {
            "one": engines[0].run,
            "several": engines[1].run,
            "apart": apart,
            "peer's one": peers[0].run,
            "peer's several": peers[1].run,
        }
        times = interleaved(contestants, x, runs)
    one, several, side, peer_one, peer_several = (statistics.median(t) for t in times.values())
    return {
        "network": network.name,
        "kernels": engines[0].kernels,
        "runs": runs,
        "one_ms": round(one, 3),
        "several_ms": round(several, 3),
        "times_faster": round(one / several, 2),
        "apart_times_faster": round(threads * one / side, 2),
        "onnxruntime_one_ms": round(peer_one, 3),
        "onnxruntime_several_ms": round(peer_several, 3),
        "onnxruntime_times_faster": round(peer_one / peer_several, 2),
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
