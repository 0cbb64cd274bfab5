"""8 bits beside float32: bytes, answers and time.

Three forms of each network: float32; weights rounded to a byte with a scale for each output
channel, arithmetic in float32 (`pack --weights int8`); weights and activations in 8 bits, as
onnxruntime's quantiser writes them (`quantise`: QDQ, static, per channel). ONNX Runtime runs the
first and the last, the last in its own int8 arithmetic (with what the machine has, and in a
process that knows of no AMX, `limited`), the engine all three. Times are the least of interleaved
runs, one thread, batch 1, on one core; answers are of labelled real inputs where the weights are
real, else the share of float32's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
from collections.abc import Sequence

import numpy as np
import onnx

from bench import results
from bench.data import Absent, Floats
from bench.limited import Limited, as_it_comes
from bench.networks import Network, networks
from bench.peers import Run
from bench.speed import WARM, interleaved, timed_ms
from cloister.enclaves.engine import Engine
from cloister.graph.calibrate import calibrated
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.graph.reference import Reference
from cloister.graph.rounding import with_int8_weights
from cloister.pack.container import Container, compile_container

NETS = "lenet,resnet20,squeezenet1_1,mobilenet_v2,resnet50"
CALIBRATING = 16


def compiled(graph: Graph) -> Container:
    """All of it in the enclave."""
    return compile_container(graph, mode="whole", answers=graph.outputs)


def measure(network: Network, runs: int, count: int) -> dict[str, object]:
    """One row."""
    graph = from_proto(onnx.load_from_string(network.build()))
    examples = network.inputs(count + CALIBRATING)
    items = [[x] for x in examples.inputs]
    pairs = calibrated(graph, items[:CALIBRATING])
    forms = {
        "float32": graph,
        "weights": with_int8_weights(graph, None)[0],
        "qdq": from_proto(onnx.load_from_string(pairs)),
    }
    containers = {name: compiled(form) for name, form in forms.items()}
    engines: dict[str, Run] = {n: Engine(c.to_bytes()).run for n, c in containers.items()}
    limited = Limited(pairs, limit="no-amx")
    peers: dict[str, Run] = {
        "float32": as_it_comes(graph.to_bytes()),
        "qdq": as_it_comes(pairs),
        "qdq without AMX": limited,
    }
    rest, labels = items[CALIBRATING:], examples.labels[CALIBRATING:]
    exact = Reference(pairs)
    answers = {name: argmax(run, rest) for name, run in engines.items()}
    answers |= {"onnxruntime float32": argmax(peers["float32"], rest)}
    answers |= {"onnxruntime qdq": argmax(peers["qdq"], rest)}
    wanted = labels if network.real_weights else answers["onnxruntime float32"]
    contestants = engines | {f"onnxruntime {name}": run for name, run in peers.items()}
    ms = least(contestants, items[0], runs)
    limited.close()
    return {
        "network": network.name,
        **{f"{n} MiB": round(sum(map(len, c.pages)) / 2**20, 3) for n, c in containers.items()},
        "inputs": len(rest),
        "right": "labels" if network.real_weights else "as float32",
        **{n: round(float((found == wanted).mean()), 4) for n, found in answers.items()},
        "qdq off": off(engines["qdq"], exact, rest),
        "onnxruntime off": off(peers["qdq"], exact, rest),
        **{f"{n} ms": round(t, 2) for n, t in ms.items()},
        **{f"{n} / float32": round(ms[n] / ms["float32"], 3) for n in ("weights", "qdq")},
        "qdq / onnxruntime": round(ms["qdq"] / ms["onnxruntime qdq"], 3),
        "qdq / onnxruntime without AMX": round(ms["qdq"] / ms["onnxruntime qdq without AMX"], 3),
        "onnxruntime qdq / float32": round(ms["onnxruntime qdq"] / ms["onnxruntime float32"], 3),
    }


def argmax(run: Run, items: Sequence[list[Floats]]) -> np.ndarray:
    """The answers."""
    return np.array([int(run(x)[0].argmax()) for x in items])


def off(run: Run, exact: Reference, items: Sequence[list[Floats]]) -> float:
    """Median over the inputs of max |error| / max |reference|, beside Q and DQ as two operators."""
    found = []
    for x in items:
        expected = exact.run(x)[0]
        found.append(float(np.abs(run(x)[0] - expected).max() / np.abs(expected).max()))
    return round(statistics.median(found), 5)


def least(contestants: dict[str, Run], x: list[Floats], runs: int) -> dict[str, float]:
    """Least milliseconds of each; of fast networks more rounds, up to a second."""
    for run in [*contestants.values()] * WARM:
        run(x)
    once_ms = sum(timed_ms(run, x) for run in contestants.values())
    runs = max(runs, min(20 * runs, round(1000 / once_ms)))
    return {name: min(taken) for name, taken in interleaved(contestants, x, runs).items()}


def main() -> int:
    """Prints the table and stores it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default=NETS, help="comma-separated names")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--inputs", type=int, default=200)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.runs, arguments.inputs))
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
            continue
        print(rows[-1], file=sys.stderr, flush=True)
    results.write("int8", rows, threads=1, calibrating=CALIBRATING)
    return 0


if __name__ == "__main__":
    sys.exit(main())
