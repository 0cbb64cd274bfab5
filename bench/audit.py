"""The shipped CIFAR-10 network audited at every cut, fast tier.

Victims: the 1,000 images that its training held out (the rule stands in its card). Attackers learn
from 3,500 of the images that it was trained on (the same data set, other pictures), and beside it
from the 1,000 photographs of the ImageNet sample, made small. A ninth of them, at most 500,
validate.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit [--run DIR] [--quick]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bench import data, results
from bench.audited import table
from cloister.audit.outcome import outcome
from cloister.audit.run import run
from cloister.audit.sets import Pictures, Sets, make_sets
from cloister.audit.task import Task
from cloister.cli.audit import result
from cloister.demo.network import shipped_network
from cloister.graph.cuts import find_cuts
from cloister.graph.load import load
from cloister.preprocess import Preprocess

HELD_OUT_PER_CLASS = 100


def cifar() -> tuple[Pictures, Pictures]:
    """What the shipped network never saw, and what it was trained on."""
    images, labels = data._zip_images("cifar10_test_10000_32px_png", None)
    pixels = np.stack([np.asarray(image) for image in images])
    digests = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pixels]
    held: list[int] = []
    for label in sorted(set(labels)):
        own = [i for i, other in enumerate(labels) if other == label]
        held += sorted(own, key=lambda i: digests[i])[:HELD_OUT_PER_CLASS]
    rest = sorted(set(range(len(pixels))) - set(held))
    return _pictures("CIFAR-10, held out", pixels, held), _pictures(
        "CIFAR-10, training images of the network", pixels, rest
    )


def _pictures(source: str, pixels: np.ndarray, places: list[int]) -> Pictures:
    return Pictures(source, tuple(f"{i:05d}" for i in places), pixels[places])


def imagenet(side: int) -> Pictures:
    """Another source: the photographs of the ImageNet sample, made small."""
    images, _ = data._zip_images("imagenet_sample_1000_256px", None)
    small = [np.asarray(i.resize((side, side), Image.Resampling.BOX)) for i in images]
    return _pictures("ImageNet sample, made small", np.stack(small), list(range(len(small))))


def sets(quick: bool) -> Sets:
    """Victims and attackers."""
    victims, training = cifar()
    pairs = 500 if quick else 3500
    return make_sets(
        victims, [training, imagenet(32)], attacker_max=pairs,
        victims_max=200 if quick else 1000,
    )  # fmt: skip


def main() -> None:
    """Runs or resumes the audit and writes its table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit"))
    parser.add_argument("--quick", action="store_true", help="fewer pictures; not written down")
    options = parser.parse_args()
    card = json.loads(shipped_network().path.with_suffix(".json").read_text())
    how = Preprocess.from_manifest(card["preprocess"])
    graph = load(shipped_network().path)
    facts = {"command": "python -m bench.audit [--run DIR]", "skipped": []}
    task = Task(graph, how, sets(options.quick), find_cuts(graph), facts=facts)
    start = time.perf_counter()

    def step(text: str, *_: int) -> None:
        print(f"{time.perf_counter() - start:7.1f} s  {text}", flush=True)

    made = outcome(run(task, options.run, step))
    found, rows = result(made, []), table(made)
    if options.quick:
        print(json.dumps(rows, indent=1))
        return
    results.write(
        "audit", rows, victims=found.victims, seed=0, duplicates=found.duplicates,
        sources=[source.model_dump() for source in found.sources],
        references=[reference.model_dump() for reference in found.references],
        attack_seconds=found.seconds, network=graph.sha256,
    )  # fmt: skip


if __name__ == "__main__":
    main()
