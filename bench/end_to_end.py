"""The whole private way beside plain ONNX Runtime: seal, send, open, head, crossing, tail, seal,
open.

ResNet-50 (random weights) cut after its first stage, real photos, client and service as processes
of one machine, connected by HTTP on loopback; one thread everywhere. Interleaved with the plain
network; medians; the ratio is that of the medians.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import results
from bench.networks import NETWORKS
from cloister.client import Client
from cloister.enclaves.engine import Engine
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.packing import pack
from cloister.serve.service import Service, Settings


def first_stage(graph: Graph) -> Cut:
    """The last cut with 56 x 56 pixels: the end of ResNet-50's first stage."""
    cuts = [c for c in find_cuts(graph) if c.crossing[0].shape[2:] == (56, 56)]
    return cuts[-1]


def serve(bundle: str) -> None:
    """The service's own process: prints its address, answers until standard input ends."""
    service = Service(bundle, settings=Settings(threads=1))
    service.start()
    print(service.url, flush=True)
    sys.stdin.read()
    service.close()


def main() -> int:
    """Prints and stores the table; returns 1 above 1.25 times the plain network's time."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=31)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return 0
    network = NETWORKS["resnet50"]
    model = network.build()
    photos = network.inputs(8).inputs
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "resnet50.onnx").write_bytes(model)
        graph = load(Path(folder) / "resnet50.onnx")
        cut = first_stage(graph)
        packed = pack(graph, cut, Path(folder) / "bundle", engine=Engine)
        reference = Reference(model, threads=1)
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.end_to_end", "--serve", str(Path(folder) / "bundle")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert process.stdout is not None
            client = Client(process.stdout.readline().strip(), packed.policy)
            client.infer(photos[0])
            reference.run([photos[0]])
            sealed, plain, phases = [], [], []
            for i in range(arguments.runs):
                x = photos[i % len(photos)]
                start = time.perf_counter()
                answer = client.infer(x)
                middle = time.perf_counter()
                reference.run([x])
                sealed.append((middle - start) * 1e3)
                plain.append((time.perf_counter() - middle) * 1e3)
                phases.append(answer.timings_ms)
        finally:
            process.communicate("")
    medians = {k: round(statistics.median(p[k] for p in phases), 3) for k in phases[0]}
    row = {
        "network": "resnet50",
        "cut": cut.id,
        "runs": arguments.runs,
        "sealed_split_ms": round(statistics.median(sealed), 3),
        "plain_ms": round(statistics.median(plain), 3),
    }
    row["ratio"] = round(row["sealed_split_ms"] / row["plain_ms"], 3)  # type: ignore[operator]
    results.write("end_to_end", [{**row, **medians}], threads=1)
    return int(row["ratio"] > 1.25)  # type: ignore[operator]


if __name__ == "__main__":
    sys.exit(main())
