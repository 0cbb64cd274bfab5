"""How long loading takes, and how much memory a loaded network has for itself.

Fresh processes, in turns, from files that the page cache has. The enclave: its whole process, with
weights resident; loading goes from opening the container to its keys being made (every page has
come, and has its digest; the header is validated). ONNX Runtime: from the file to a session that
is ready, after it was imported; what the process had for itself before is subtracted. Private
memory is read after one run from smaps_rollup.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import results
from bench.data import Absent
from bench.networks import Network, networks
from cloister.channel.message import write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Ready, Response
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.graph.load import load
from cloister.pack.container import compile_container

MIB = 2**20
REPLAY = 64
MORE_BYTES, MOST_MS = 4 * MIB, 150.0  # beside weights and arena; of loading, for `BOUND`
BOUND = "resnet50"
DEADLINE_S = 60


def private_bytes(pid: int | str = "self") -> int:
    """What a process has for itself alone."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty): +(\d+)", text, re.M))


def ours(container: Path, x: np.ndarray) -> tuple[float, float, int]:
    """Milliseconds to start the process, to load, and private bytes after a run."""
    start = time.perf_counter()
    with HeadFile(container) as head:
        enclave = SandboxEnclave(head, replay=REPLAY)
        try:
            deadline = time.monotonic() + DEADLINE_S
            begun = time.perf_counter()
            with HeadFile(container) as opened:
                ready = enclave.link.load(
                    opened, bytes(32), answer_bytes=1 << 16, deadline=deadline
                )
                done = time.perf_counter()
                assert isinstance(ready, Ready)
                sealed, _ = seal_request(KeyConfig.from_bytes(ready.key_config), write_message([x]))
                answer = enclave.link.request(1, sealed, deadline=deadline)
                assert isinstance(answer, Response)
            return (done - start) * 1e3, (done - begun) * 1e3, private_bytes(enclave.pid)
        finally:
            enclave.close()


def peer(model: Path, x: Path) -> tuple[float, int]:
    """Milliseconds and private bytes of an ONNX Runtime session in a fresh process."""
    command = [sys.executable, "-m", "bench.load", "--peer", str(model), str(x)]
    ms, private = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return float(ms), int(private)


def run_peer(model: str, x: str) -> None:
    """The fresh process."""
    from cloister.graph.reference import Reference

    value = np.load(x)
    before = private_bytes()
    start = time.perf_counter()
    session = Reference(model, threads=1)
    ms = (time.perf_counter() - start) * 1e3
    session.run([value])
    print(json.dumps([ms, private_bytes() - before]))


def measure(network: Network, runs: int) -> dict[str, object]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder:
        model, container, x = (Path(folder, n) for n in ("net.onnx", "head.clo", "x.npy"))
        model.write_bytes(network.build())
        graph = load(model)
        compiled = compile_container(graph, mode="whole", answers=graph.outputs)
        container.write_bytes(compiled.to_bytes())
        value = network.inputs(1).inputs[0]
        np.save(x, value)
        own, other = [], []
        for _ in range(runs):
            own.append(ours(container, value))
            other.append(peer(model, x))
    weights = compiled.resident_bytes
    private = max(o[2] for o in own)
    return {
        "network": network.name,
        "runs": runs,
        "weights_mib": round(weights / MIB, 2),
        "arena_mib": round(compiled.arena_bytes / MIB, 2),
        "load_ms": round(statistics.median(o[1] for o in own), 1),
        "start_and_load_ms": round(statistics.median(o[0] for o in own), 1),
        "onnxruntime_load_ms": round(statistics.median(o[0] for o in other), 1),
        "private_mib": round(private / MIB, 2),
        "beside_weights_and_arena_mib": round((private - weights - compiled.arena_bytes) / MIB, 2),
        "of_weights": round(private / weights, 2),
        "onnxruntime_private_mib": round(max(o[1] for o in other) / MIB, 2),
        "onnxruntime_of_weights": round(max(o[1] for o in other) / weights, 2),
    }


def main() -> int:
    """Prints and stores the table; returns 1 where a bound does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default="resnet50,mobilenet_v2,squeezenet1_1")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        run_peer(*arguments.peer)
        return 0
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.runs))
            print(rows[-1], file=sys.stderr, flush=True)
        except Absent as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("load", rows)
    slow = any(r["network"] == BOUND and r["load_ms"] > MOST_MS for r in rows)  # type: ignore[operator]
    large = any(r["beside_weights_and_arena_mib"] > MORE_BYTES / MIB for r in rows)  # type: ignore[operator]
    return int(slow or large)


if __name__ == "__main__":
    sys.exit(main())
