"""Every single-tensor cut of every network: head in the engine + tail in ONNX Runtime against the
whole in ONNX Runtime.

The error is max |difference| over one input's outputs, divided by max |reference| or, where that
is larger, by its mean over the inputs (`cloister.pack.parity.rel_error`); the published figure is
the worst of all inputs. Arg-max must be equal wherever the reference's margin exceeds that error.
The spread of the logits is stated, because a network with random weights could hide errors in
outputs that never move.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
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
from cloister.pack.parity import TOLERANCE, compare


def measure(network: Network, count: int, every: int = 1) -> dict[str, object]:
    """One row: the worst cut of a network, of each `every`-th cut."""
    started = time.monotonic()
    model = network.build()
    with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
        file.write(model)
        file.flush()
        graph = load(Path(file.name))
    inputs = [[x] for x in network.inputs(count).inputs]
    cuts = find_cuts(graph)[::every]
    # The file as it came, not the normalised graph: what normalising breaks must show here.
    original = Reference(model, threads=1)
    expected = [original.run(item) for item in inputs]
    found = []
    for cut in cuts:
        parts = split(graph, cut)
        container = compile_container(parts.head, mode="split", answers=graph.outputs)
        engine, tail = Engine(container.to_bytes()), Reference(parts.tail_bytes(), threads=1)
        found.append(compare(cut.id, expected, (tail.run(engine.run(item)) for item in inputs)))
    logits = np.concatenate([outputs[0].reshape(1, -1) for outputs in expected])
    worst = max(found, key=lambda parity: parity.max_rel_error)
    return {
        "network": network.name,
        "weights": "real" if network.real_weights else "random, calibrated",
        "inputs": len(inputs),
        "cuts": len(cuts),
        "max_rel_error": worst.max_rel_error,
        "worst_cut": worst.id,
        "argmax_equal": all(parity.argmax_equal for parity in found),
        "argmax_compared": worst.argmax_compared,
        "logit_spread": float(logits.std(axis=0).mean()),
        "distinct_argmax": len(set(logits.argmax(1).tolist())),
        "seconds": round(time.monotonic() - started, 1),
    }


def main() -> int:
    """Prints and stores the table; returns 1 when a network exceeds the tolerance."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", help="comma-separated names; all by default")
    parser.add_argument("--inputs", type=int, default=20)
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            rows.append(measure(network, arguments.inputs))
            print(rows[-1], flush=True)
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
    results.write("parity", rows, tolerance=TOLERANCE)
    return int(any(r["max_rel_error"] > TOLERANCE or not r["argmax_equal"] for r in rows))


if __name__ == "__main__":
    sys.exit(main())
