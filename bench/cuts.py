"""Time at every cut: head in the enclave, crossing, tail; beside all inside and all outside.

The runtime figure of arXiv 2404.07437 for its three networks (VGG-16, ResNet-50, EfficientNet-B0;
224 x 224, random weights), measured on the real way: a client seals a photograph, the service's
process carries it to a sandboxed enclave, the tail runs in ONNX Runtime, the answer comes back
sealed. One thread everywhere. At each cut the plain network runs in turns with the private one in
the same seconds; medians. `plain_ms` is therefore all outside as it was just then, and `ratio` is
what the machine's noise leaves alone.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from bench import results
from bench.data import Floats
from bench.networks import NETWORKS
from cloister.client import Client
from cloister.enclaves.engine import Engine
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.operators import blockers
from cloister.graph.reference import Reference
from cloister.pack.packing import pack
from cloister.preprocess import Inputs
from cloister.report.page import figures
from cloister.report.runtime import Ways, runtime

NETS = ("vgg16", "resnet50", "efficientnet_b0")
PHASES = {
    "head_ms": ("host_open", "host_head"),
    "crossing_ms": ("host_crossing",),
    "tail_ms": ("host_tail",),
    "sealing_ms": ("seal", "host_seal", "unseal"),
}
WHOLE = "all inside"


@contextlib.contextmanager
def service(bundle: Path) -> Iterator[str]:
    """A service in a process of its own; gives its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.end_to_end", "--serve", str(bundle)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate("")


def measure(
    graph: Graph, cut: Cut | None, photos: list[Floats], plain: Reference, runs: int
) -> dict[str, Any]:
    """One row: the medians of `runs` private predictions and as many plain ones, in turns."""
    names = tuple(f"photo {i}" for i in range(len(photos)))
    real = Inputs("ImageNet photographs", names, tuple([x] for x in photos))
    with tempfile.TemporaryDirectory() as folder:
        packed = pack(
            graph, cut, Path(folder) / "bundle", engine=Engine, inputs=real,
            mode="whole" if cut is None else "split",
        )  # fmt: skip
        with service(Path(folder) / "bundle") as url, Client(url, packed.policy) as client:
            sealed, open_, phases = [], [], []
            for i in range(runs + 1):
                x = photos[i % len(photos)]
                start = time.perf_counter()
                answer = client.infer(x)
                middle = time.perf_counter()
                plain.run([x])
                if i > 0:
                    sealed.append(1e3 * (middle - start))
                    open_.append(1e3 * (time.perf_counter() - middle))
                    phases.append(answer.timings_ms)
    total, plain_ms = statistics.median(sealed), statistics.median(open_)
    row: dict[str, Any] = {
        "network": graph.name,
        "cut": WHOLE if cut is None else cut.id,
        "crossing_bytes": 0 if cut is None else cut.crossing_bytes,
    }
    for name, parts in PHASES.items():
        row[name] = round(
            statistics.median(sum(p.get(part, 0.0) for part in parts) for p in phases), 3
        )
    return row | {
        "private_ms": round(total, 3),
        "plain_ms": round(plain_ms, 3),
        "ratio": round(total / plain_ms, 3),
    }


def page(rows: list[dict[str, Any]]) -> str:
    """The figure of each network as one HTML page; the private way's time is split by its phases,
    sealing counted to the crossing.
    """
    made = []
    for name in dict.fromkeys(row["network"] for row in rows):
        own = [row for row in rows if row["network"] == name]
        parts = {
            row["cut"]: (row["head_ms"], row["crossing_ms"] + row["sealing_ms"], row["tail_ms"])
            for row in own
        }
        inside = sum(parts.pop(WHOLE)) if WHOLE in parts else None
        outside = statistics.median(row["plain_ms"] for row in own)
        made.append((f"{name}: time of each cut", runtime(Ways(parts, inside, outside))))
    return figures("Time at every cut", made)


def _crossing(rows: list[dict[str, Any]]) -> dict[str, float]:
    """What a call costs, and each MiB that crosses: a line through the cuts."""
    points = [(r["crossing_bytes"] / 2**20, r["crossing_ms"]) for r in rows if r["crossing_bytes"]]
    slope, call = np.polyfit(*zip(*points, strict=True), 1)
    return {"crossing_ms_per_mib": round(float(slope), 3), "call_ms": round(float(call), 3)}


def main() -> int:
    """Prints and stores a table for each network."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default=",".join(NETS))
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--every", type=int, default=1, help="every Nth cut")
    parser.add_argument("--page", type=Path, help="the figure, as HTML")
    parser.add_argument(
        "--of", type=Path, nargs="+", help="results of earlier runs for --page; runs nothing"
    )
    arguments = parser.parse_args()
    if arguments.of is not None:
        earlier = [row for path in arguments.of for row in json.loads(path.read_text())["rows"]]
        arguments.page.write_text(page(earlier))
        return 0
    rows = []
    folder = Path(tempfile.mkdtemp())
    try:
        for name in arguments.nets.split(","):
            network = NETWORKS[name]
            model, photos = network.build(), network.inputs(4).inputs
            (folder / f"{name}.onnx").write_bytes(model)
            graph = load(folder / f"{name}.onnx")
            plain = Reference(model, threads=1)
            cuts: list[Cut | None] = [c for c in find_cuts(graph) if not blockers(c)]
            own = [
                measure(graph, cut, photos, plain, arguments.runs)
                for cut in track([*cuts[:: arguments.every], None], name, disable=None)
            ]
            results.write(
                f"cuts_{name}", own, threads=1, runs=arguments.runs, every=arguments.every,
                **_crossing(own),
            )  # fmt: skip
            rows += own
    finally:
        shutil.rmtree(folder)
    if arguments.page is not None:
        arguments.page.write_text(page(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
