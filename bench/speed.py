"""Time of whole networks: the enclave engine beside others, one thread, batch 1, interleaved, all
on one core.

Only the ratios mean something on a shared machine: each round of runs lies side by side, and the
ratio is that of the medians. Per layer: `cloister profile`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import results
from bench.data import Absent, Floats
from bench.networks import Network, networks
from cloister.enclaves.engine import Engine
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.container import compile_container

Run = Callable[[list[Floats]], object]


def _onnxruntime(model: bytes) -> Run:
    return Reference(model, threads=1).run


# A row makes a peer: the ONNX model in, a function of the inputs out; ImportError where it is not
# installed.
PEERS: dict[str, Callable[[bytes], Run]] = {"onnxruntime": _onnxruntime}


def timed_ms(run: Run, argument: list[Floats]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter_ns()
    run(argument)
    return (time.perf_counter_ns() - start) / 1e6


def measure(network: Network, runs: int, peers: Sequence[str]) -> dict[str, object]:
    """One row: medians of all, and the ratios of the enclave's to each peer's."""
    model = network.build()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        graph = load(Path(file.name))
    container = compile_container(graph, mode="whole", answers=graph.outputs)
    engine = Engine(container.to_bytes())
    contestants: list[Run] = [engine.run, *(PEERS[peer](model) for peer in peers)]
    x = network.inputs(1).inputs[:1]
    for run in contestants:
        run(x)
    rounds = [[timed_ms(run, x) for run in contestants] for _ in range(runs)]
    ours, *theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "network": network.name,
        "kernels": engine.kernels,
        "runs": runs,
        "enclave_ms": round(ours, 3),
        **{f"{peer}_ms": round(ms, 3) for peer, ms in zip(peers, theirs, strict=True)},
        **{f"ratio {peer}": round(ours / ms, 3) for peer, ms in zip(peers, theirs, strict=True)},
        "arena_mib": round(container.arena_bytes / 2**20, 3),
    }


def as_json(rows: Sequence[dict[str, object]], peers: Sequence[str]) -> str:
    """``{"nets": {NAME: {"enclave_ms", PEER: ms, "ratio": {PEER: r}}}}``."""
    nets = {
        str(row["network"]): {
            "enclave_ms": row["enclave_ms"],
            **{peer: row[f"{peer}_ms"] for peer in peers},
            "ratio": {peer: row[f"ratio {peer}"] for peer in peers},
        }
        for row in rows
    }
    return json.dumps({"nets": nets})


def main() -> int:
    """Prints the table and stores it, or with ``--json`` prints JSON alone."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", help="comma-separated names; all by default")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, choices=[1], default=1)
    parser.add_argument("--peers", default="onnxruntime", help=f"of {', '.join(PEERS)}")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    peers = arguments.peers.split(",")
    if not set(peers) <= set(PEERS):
        parser.error(f"--peers: choose of {', '.join(PEERS)}")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.runs, peers))
            print(rows[-1], file=sys.stderr, flush=True)
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    if arguments.json:
        print(as_json(rows, peers))
    else:
        results.write("speed", rows, threads=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
