"""What do bands of rows save, and what do they cost?

Whole networks, as they are and with `pack --rows`, on one thread and one core in turns: the arena
of both, the ratio of the medians of their times, and whether the answers are the same to the bit.
And VGG-16 in 16 MiB in all: packed for that budget, run by the real enclave process with exactly
so much memory, its weights streamed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench import results
from bench.data import Absent, Floats
from bench.networks import NETWORKS, Network, networks
from bench.speed import interleaved
from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Ready, Response
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.pack.container import Container, compile_container
from cloister.pack.manifest import Tensor

MIB = 2**20
MOST_MIB = {"vgg16": 3.5, "mobilenet_v2": 1.5, "squeezenet1_1": 1.2}  # of the arena, in bands
SLOWER = 1.15
IN_ALL = ("vgg16", 16 * MIB)
REPLAY = 64
DEADLINE_S = 600
WARM = 2


def graph_of(network: Network, folder: Path) -> Graph:
    """The network, from its file."""
    (folder / "net.onnx").write_bytes(network.build())
    return load(folder / "net.onnx")


def written(container: Container, path: Path) -> Path:
    """The container as a file."""
    with path.open("wb") as file:
        file.writelines(container.chunks())
    return path


def measure(network: Network, graph: Graph, folder: Path, runs: int) -> dict[str, object]:
    """One row."""
    made = [
        compile_container(graph, mode="whole", answers=graph.outputs, rows=rows)
        for rows in (False, True)
    ]
    engines = [Engine(written(c, folder / f"{i}.clo")) for i, c in enumerate(made)]
    x = network.inputs(1).inputs[:1]
    answers = [[y.tobytes() for y in engine.run(x)] for engine in engines * WARM]
    times = interleaved({"whole": engines[0].run, "rows": engines[1].run}, x, runs)
    whole_ms, rows_ms = (statistics.median(taken) for taken in times.values())
    return {
        "network": network.name,
        "kernels": engines[0].kernels,
        "runs": runs,
        "arena_mib": round(made[0].arena_bytes / MIB, 3),
        "rows_arena_mib": round(made[1].arena_bytes / MIB, 3),
        "ms": round(whole_ms, 3),
        "rows_ms": round(rows_ms, 3),
        "time_ratio": round(rows_ms / whole_ms, 3),
        "same_bits": answers[0] == answers[1],
    }


def in_all(network: Network, graph: Graph, folder: Path, budget: int) -> dict[str, object]:
    """The network in so much trusted memory, its whole way in a real enclave."""
    made = compile_container(
        graph, mode="whole", answers=graph.outputs, memory_budget=budget, replay=REPLAY
    )
    x = network.inputs(1).inputs[:1]
    expected = Engine(written(made, folder / "small.clo")).run(x)
    seconds, got = _asked(folder / "small.clo", x, Tensor("y", expected[0].shape))
    return {
        "network": network.name,
        "budget_mib": budget / MIB,
        "memory_mib": round(made.memory_bytes(REPLAY) / MIB, 3),
        "arena_mib": round(made.arena_bytes / MIB, 3),
        "resident_mib": round(made.resident_bytes / MIB, 3),
        "streamed_mib": round(made.streamed_bytes / MIB, 1),
        "request_s": round(seconds, 2),
        "same_bits": got == expected[0].tobytes(),
    }


def _asked(container: Path, x: list[Floats], answer: Tensor) -> tuple[float, bytes]:
    """Seconds of one request to an enclave process, and the answer's bytes."""
    deadline = time.monotonic() + DEADLINE_S
    with HeadFile(container) as head:
        enclave = SandboxEnclave(head, replay=REPLAY)
        try:
            ready = enclave.link.load(head, bytes(32), answer_bytes=1 << 16, deadline=deadline)
            assert isinstance(ready, Ready)
            key = KeyConfig.from_bytes(ready.key_config)
            start = time.perf_counter()
            sealed, exchange = seal_request(key, write_message(x))
            response = enclave.link.request(1, sealed, deadline=deadline)
            assert isinstance(response, Response)
            plain = exchange.open_response(bytes(response.sealed))
            seconds = time.perf_counter() - start
        finally:
            enclave.close()
    (y,) = read_message(plain, (answer,), allowed_flags=0).tensors
    return seconds, y.tobytes()


def holds(row: dict[str, object]) -> bool:
    """Whether a row keeps its bounds."""
    if "budget_mib" in row:
        return bool(row["same_bits"]) and row["memory_mib"] <= row["budget_mib"]  # type: ignore[operator]
    most = MOST_MIB.get(str(row["network"]), row["arena_mib"])
    small = row["rows_arena_mib"] <= most  # type: ignore[operator]
    return bool(row["same_bits"]) and small and row["time_ratio"] <= SLOWER  # type: ignore[operator]


def main() -> int:
    """Prints and stores both tables; returns 1 where a bound does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default=",".join(MOST_MIB), help="comma-separated names")
    parser.add_argument("--runs", type=int, default=15)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows, small = [], []
    for network in networks(arguments.nets):
        with tempfile.TemporaryDirectory() as folder:
            try:
                graph = graph_of(network, Path(folder))
                rows.append(measure(network, graph, Path(folder), arguments.runs))
                print(rows[-1], file=sys.stderr, flush=True)
                if network is NETWORKS[IN_ALL[0]]:
                    small.append(in_all(network, graph, Path(folder), IN_ALL[1]))
                    print(small[-1], file=sys.stderr, flush=True)
            except (Absent, ImportError) as reason:
                print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("rows", rows, bounds_mib=MOST_MIB, slower=SLOWER, in_all=small)
    return int(not all(holds(row) for row in (*rows, *small)))


if __name__ == "__main__":
    sys.exit(main())
