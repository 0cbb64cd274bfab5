"""Accuracy of networks with real weights through the split: head in the engine, tail in ONNX
Runtime, all labelled photos.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench import results
from bench.data import Absent
from bench.networks import Network, networks
from cloister.enclaves.engine import Engine
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.graph.split import split
from cloister.pack.container import compile_container

# Accuracy in the sources of the weights, on the same inputs.
EXPECTED = {"lenet": 0.9895, "resnet20": 0.9173, "squeezenet1_1": 0.618, "mobilenet_v2": 0.825}


def measure(network: Network, count: int | None) -> dict[str, object]:
    """One row: accuracy with the cut in the middle of the list of cuts."""
    model = network.build()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        graph = load(Path(file.name))
    cuts = find_cuts(graph)
    cut = cuts[len(cuts) // 2]
    parts = split(graph, cut)
    container = compile_container(parts.head, mode="split", answers=graph.outputs)
    engine, tail = Engine(container.to_bytes()), Reference(parts.tail_bytes(), threads=1)
    whole = Reference(model, threads=1)
    examples = network.inputs(count)
    answers, plain = [], []
    for x in examples.inputs:
        answers.append(int(tail.run(engine.run([x]))[0].argmax()))
        plain.append(int(whole.run([x])[0].argmax()))
    return {
        "network": network.name,
        "cut": cut.id,
        "inputs": len(answers),
        "accuracy": round(float((np.array(answers) == examples.labels).mean()), 4),
        "expected": EXPECTED[network.name],
        "same_class_as_plain": int((np.array(answers) == np.array(plain)).sum()),
    }


def main() -> int:
    """Prints and stores the table; returns 1 when an accuracy is off by more than one input in a
    thousand.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", default=",".join(EXPECTED))
    parser.add_argument("--inputs", type=int, help="so many of each; all by default")
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.inputs))
            print(rows[-1], flush=True)
        except Absent as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("accuracy", rows)
    if arguments.inputs is not None:
        return 0
    return int(any(abs(r["accuracy"] - r["expected"]) > 0.001 for r in rows))  # type: ignore[operator]


if __name__ == "__main__":
    sys.exit(main())
