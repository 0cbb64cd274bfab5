"""Does the fast tier rank cuts as trained attackers do? Spearman's correlation over the cuts of a
plain, a residual and an inverted-residual network, of what the best linear attacker and what PSDec
rebuild (mean PSNR of the victims), both from the same pairs.

The plain network is trained here (`audit_he`), ResNet-20 and MobileNetV2 have their real weights;
MobileNetV2 sees Tiny-ImageNet at ``--side`` pixels. Runs go on where they stopped; ``--every 3``
takes each third cut.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit_tiers [--run DIR]
        [--networks plain,residual,inverted] [--pairs 1500] [--epochs 6] [--every 1] [--side 64]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.stats import spearmanr

from bench import audit_he, data, networks, results
from cloister.audit.attackers import ATTACKERS, PSDEC, Budget
from cloister.audit.cells import Worker
from cloister.audit.features import groups
from cloister.audit.sets import Pictures, Sets, make_sets
from cloister.audit.store import Key, Store
from cloister.audit.task import Task
from cloister.audit.tiers import LINEAR, Want
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.preprocess import Preprocess, imagenet_default

VICTIMS = 300

Made = tuple[Graph, Preprocess, Sets]


def _plain(folder: Path, pairs: int, _: int) -> Made:
    graph, how, sets, _ = audit_he.prepare(folder)
    (known,) = sets.assumptions
    return graph, how, replace(sets, assumptions=(replace(known, train=known.train[:pairs]),))


def _residual(_folder: Path, pairs: int, _: int) -> Made:
    graph = _graph(networks.resnet20(), "resnet20")
    how = imagenet_default((1, 3, 32, 32))
    return graph, how, _pictures("cifar10_test_10000_32px_png", pairs)


def _inverted(_: Path, pairs: int, side: int) -> Made:
    graph = _graph(networks.mobilenet_v2(side), "mobilenet_v2")
    how = imagenet_default((1, 3, side, side))
    return graph, how, _pictures("tiny_imagenet_val_10000_64px", pairs, side)


NETWORKS: dict[str, Callable[[Path, int, int], Made]] = {
    "plain": _plain,
    "residual": _residual,
    "inverted": _inverted,
}


def _graph(model: bytes, name: str) -> Graph:
    import onnx

    return from_proto(onnx.load_from_string(model), name=name)


def _pictures(name: str, pairs: int, side: int | None = None) -> Sets:
    images, _ = data._zip_images(name, None)
    if side is not None:
        images = [image.resize((side, side), Image.Resampling.BOX) for image in images]
    pixels = np.stack([np.asarray(image) for image in images])
    pictures = Pictures(name, tuple(f"{i:05d}" for i in range(len(pixels))), pixels)
    return make_sets(pictures, victims_max=VICTIMS, attacker_max=pairs)


def compare(task: Task, folder: Path) -> list[dict[str, float]]:
    """PSNR of the best linear attacker and of PSDec at every cut."""
    start = time.perf_counter()
    store = Store.create(folder, task.question())
    worker = Worker(task, store.cache)
    (source,) = task.sources
    sizes = [worker.cache.size(cut) for cut in task.cuts]
    for group in groups(sizes, task.cache_bytes):
        cuts = [task.cuts[place] for place in group]
        keys = [Key("attack", cut.id, source, n) for cut in cuts for n in (*LINEAR, PSDEC)]
        missing = [key for key in keys if not store.has(key)]
        if missing:
            worker.cache.prepare(cuts, lambda text: print(text, flush=True))
        for key in missing:
            print(f"{time.perf_counter() - start:8.0f} s  {key}", flush=True)
            store.put(key, worker.compute(Want(key).job(store)))
    worker.cache.clear()
    rows = []
    for cut in task.cuts:
        told = {}
        for name in (*LINEAR, PSDEC):
            arrays = store.get(Key("attack", cut.id, source, name)).arrays
            if "psnr_db" in arrays:
                told[name] = float(arrays["psnr_db"].mean())
        linear = max(told[name] for name in told if not ATTACKERS[name].trained)
        rows.append({"cut": cut.id, "linear_db": linear, "psdec_db": told[PSDEC]})
    return rows


def main() -> None:
    """Compares network by network; each one's result is written when it is done."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit_tiers"))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--side", type=int, default=64)
    options = parser.parse_args()
    budget = Budget(pairs=options.pairs, epochs=options.epochs, width_max=128)
    for name in options.networks.split(","):
        graph, how, sets = NETWORKS[name](options.run / name, options.pairs, options.side)
        cuts = find_cuts(graph)[:: options.every]
        task = Task(graph, how, sets, cuts, tier="standard", budget=budget)
        rows = compare(task, options.run / name / "audit")
        agreement = spearmanr(
            [row["linear_db"] for row in rows], [row["psdec_db"] for row in rows]
        ).statistic
        results.write(
            f"audit_tiers_{name}", rows, spearman=float(agreement), wanted=0.95,
            budget=budget.to_json(), victims=len(sets.victims), seed=task.seed,
            attacker=len(sets.assumptions[0].train), every=options.every, side=how.size[0],
        )  # fmt: skip
        print(f"{name}: Spearman {agreement:.3f} over {len(rows)} cuts")


if __name__ == "__main__":
    main()
