"""Time of whole networks: the enclave engine beside others, one thread, batch 1, interleaved, all
on one core.

Only the ratios mean something on a shared machine: each round of runs lies side by side, and the
ratio is that of the medians. Beside the table, a file for each network and machine
(`results/speed/NETWORK_DEVICE_DATE.json`) has the layers, with their share of the machine's peak
that was measured in the same run; a convolution in the transform domain does fewer operations than
are counted, and may be above it.

    python -m bench.speed --kernels avx2 --peers onnxruntime-avx2     `results/speed_avx2_DATE.json`
    python -m bench.speed --nets resnet50 --direct --peers onnxruntime           no convolution in
                                           the transform domain: `results/speed_direct_DATE.json`
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench import results
from bench.data import Absent, Floats
from bench.limited import Limited
from bench.networks import Network, networks
from bench.peak import peak
from bench.peers import PEERS, USUAL, Run, Unable, peer, version
from cloister.enclaves.engine import Engine
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.lower import lower
from cloister.lower.conv import scratch_bytes
from cloister.lower.program import Conv, ConvParams, DwconvParams, MatmulParams, Op
from cloister.pack.budget import choose
from cloister.pack.container import Container, assemble

WIDTHS = {"avx512vnni": 16, "avx512": 16, "avx2": 8, "neon": 4, "portable": 4}
PROFILE_RUNS = 21
WARM = 3  # some engines compile in their second run


@dataclass(frozen=True)
class Measured:
    """One network.

    Args:
        row: Of the table.
        unable: Peers that did not take part, and why.
        layers: Of the enclave's operators: time, operations a second, share of the peak.
        peak_gflops: The machine's, of the same run; None without a C compiler.
    """

    row: dict[str, object]
    unable: dict[str, str]
    layers: list[dict[str, object]]
    peak_gflops: float | None


def timed_ms(run: Run, argument: list[Floats]) -> float:
    """Milliseconds of one call; a peer in another process says it itself."""
    if isinstance(run, Limited):
        return run.timed_ms(argument)
    start = time.perf_counter_ns()
    run(argument)
    return (time.perf_counter_ns() - start) / 1e6


def interleaved(
    contestants: Mapping[str, Run], x: list[Floats], runs: int
) -> dict[str, list[float]]:
    """Milliseconds of every run of each, in turns."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(runs):
        for name, run in contestants.items():
            times[name].append(timed_ms(run, x))
    return times


def compiled(graph: Graph, *, direct: bool) -> Container:
    """A whole network inside; `direct`: without the transform domain."""
    program = lower(graph, mode="whole", answers=graph.outputs)
    if direct:
        program = replace(program, ops=tuple(_direct(op) for op in program.ops))
    return assemble(choose(program, memory_budget=None, replay=0))


def _direct(op: Op) -> Op:
    if not isinstance(op.params, ConvParams) or op.fn != Conv.WINOGRAD:
        return op
    return replace(op, fn=Conv.DIRECT, scratch_bytes=scratch_bytes(op.params))


def measure(
    network: Network, runs: int, peers: Sequence[str], kernels: str, *, direct: bool = False
) -> Measured:
    """Medians of all, interleaved, and the ratios of the enclave's to each peer's."""
    model = network.build()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        graph = load(Path(file.name))
    container = compiled(graph, direct=direct)
    engine = Engine(container.to_bytes(), kernels=kernels)
    x = network.inputs(1).inputs[:1]
    contestants: dict[str, Run] = {"enclave": engine.run}
    unable: dict[str, str] = {}
    for name in peers:
        try:
            contestants[name] = peer(name, model, x)
        except Unable as reason:
            unable[name] = str(reason)
    for run in [*contestants.values()] * WARM:
        run(x)
    times = interleaved(contestants, x, runs)
    ms = {name: statistics.median(taken) for name, taken in times.items()}
    row = {
        "network": network.name,
        "kernels": engine.kernels,
        "runs": runs,
        "enclave_ms": round(ms["enclave"], 3),
        **{f"{p}_ms": round(ms[p], 3) if p in ms else None for p in peers},
        **{f"ratio {p}": round(ms["enclave"] / ms[p], 3) if p in ms else None for p in peers},
        "arena_mib": round(container.arena_bytes / 2**20, 3),
    }
    return Measured(row, unable, *layers(engine, container, x))


def layers(
    engine: Engine, container: Container, x: list[Floats]
) -> tuple[list[dict[str, object]], float | None]:
    """The enclave's operators, in order, and the machine's peak.

    What a shared core gives changes within seconds, and more for what needs caches than for the
    loop that is the peak: a share is that of the fastest run in the best peak, a time the median.
    """
    best = peak(engine.kernels, WIDTHS[engine.kernels])
    times, peaks = [], []
    for _ in range(PROFILE_RUNS):
        times.append(engine.profile(x, 1)[0].clip(1).astype(np.float64))
        peaks += [best()] if best else []
    found: list[dict[str, object]] = [
        {
            "node": op.name,
            "operator": op.kind.name.lower(),
            "function": op.function,
            "ms": round(float(np.median(ns)) / 1e6, 4),
            "fastest_ms": round(float(ns.min()) / 1e6, 4),
            "gflops": round(operations(op) / float(ns.min()), 1),
            "of_peak": round(operations(op) / float(ns.min()) / max(peaks), 3) if peaks else None,
        }
        for op, ns in zip(container.program.ops, np.array(times).T, strict=True)
    ]
    return found, max(peaks, default=None)


def operations(op: Op) -> int:
    """Floating-point operations as they are defined, a multiply-add being two; 0 for what has
    none to speak of.
    """
    p = op.params
    if isinstance(p, ConvParams):
        return 2 * p.kh * p.kw * p.c * p.oh * p.ow * p.n * p.groups
    if isinstance(p, DwconvParams):
        return 2 * p.kh * p.kw * p.oh * p.ow * p.c
    if isinstance(p, MatmulParams):
        return 2 * p.b0 * p.b1 * p.m * p.k * p.n
    return 0


def as_json(found: Sequence[Measured]) -> str:
    """``{"nets": {NAME: {"enclave_ms", PEER: ms, "ratio": {PEER: r}}}}``; peers that do not take
    part are missing, and said in ``"unable"``.
    """
    nets = {}
    for one in found:
        ratios = {k.removeprefix("ratio "): v for k, v in one.row.items() if k[:6] == "ratio "}
        ratios = {name: ratio for name, ratio in ratios.items() if ratio is not None}
        nets[str(one.row["network"])] = {
            "enclave_ms": one.row["enclave_ms"],
            **{name: one.row[f"{name}_ms"] for name in ratios},
            "ratio": ratios,
            **({"unable": one.unable} if one.unable else {}),
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
    parser.add_argument("--peers", default=",".join(USUAL), help=f"of {', '.join(PEERS)}")
    parser.add_argument("--kernels", default="auto", help="of the engine: auto, avx2, portable")
    parser.add_argument("--direct", action="store_true", help="no transform domain (Winograd)")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    peers = arguments.peers.split(",") if arguments.peers else []
    if not set(peers) <= set(PEERS):
        parser.error(f"--peers: choose of {', '.join(PEERS)}")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    found: list[Measured] = []
    for network in networks(arguments.nets):
        try:
            one = measure(
                network, arguments.runs, peers, arguments.kernels, direct=arguments.direct
            )
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
            continue
        for name, why in one.unable.items():
            print(f"{network.name}: {name} does not take part: {why}", file=sys.stderr)
        print(one.row, file=sys.stderr, flush=True)
        found.append(one)
    if arguments.json:
        print(as_json(found))
        return 0
    versions = {name: version(name) for name in peers}
    ours = "" if arguments.kernels == "auto" else f"_{arguments.kernels}"
    ours += "_direct" * arguments.direct
    for one in found:
        results.write_device(
            f"{one.row['network']}{ours}", one.row, peers=versions, unable=one.unable,
            peak_gflops=one.peak_gflops, layers=one.layers,
        )  # fmt: skip
    unable = {str(one.row["network"]): one.unable for one in found if one.unable}
    rows = [one.row for one in found]
    results.write(f"speed{ours}", rows, threads=1, peers=versions, unable=unable)
    return 0


if __name__ == "__main__":
    sys.exit(main())
