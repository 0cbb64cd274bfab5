"""How long does the fast tier take on every cut of ResNet-50 at 64 pixels with 5,000 pictures?

Random weights, batch norm calibrated: the time does not depend on them. Tiny-ImageNet: 1,000
victims, 500 validation, 3,500 attacker's pictures. Wanted: 15 minutes on 2 quiet cores.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit_resnet50 [--run DIR] [--jobs 2]
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path

import onnx

from bench import audited, data, results
from cloister.audit.estimate import estimate_s
from cloister.audit.sets import make_sets
from cloister.audit.spread import Spread
from cloister.audit.task import Task
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.preprocess import imagenet_default

SIDE = 64
PICTURES = 5000
VICTIMS = 1000


def network() -> Graph:
    """ResNet-50 for 64 pixels."""
    import torch

    from cloister.graph.zoo import build, calibrate_batch_norm

    torch.manual_seed(0)
    module = build("resnet50", random_weights=True)
    photos = data.imagenet(32, SIDE).inputs
    calibrate_batch_norm(module, [torch.from_numpy(x) for x in photos])
    buffer = io.BytesIO()
    torch.onnx.export(
        module.eval(), (torch.from_numpy(photos[0]),), dynamo=True, verbose=False
    ).save(buffer)
    return from_proto(onnx.load_from_string(buffer.getvalue()), name="resnet50")


def main() -> None:
    """Runs or resumes; a resumed run's time is the sum of its sittings."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit_resnet50"))
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    graph = network()
    images, _ = data._zip_images("tiny_imagenet_val_10000_64px", PICTURES)
    sets = make_sets(audited.pictures("Tiny-ImageNet", images), victims_max=VICTIMS)
    task = Task(graph, imagenet_default((1, 3, SIDE, SIDE)), sets, find_cuts(graph))
    about_s = estimate_s(task)
    print(f"about {about_s:.0f} s in one process from nothing", flush=True)
    found = audited.audited(task, options.run, Spread(options.jobs))
    rows = [
        {
            "cut": cut.judged.cut, "psnr_db": cut.mean("psnr_db"),
            "thumbnail_p50": cut.quantile("thumbnail", 0.5), "verdict": cut.judged.verdict,
            "seconds": cut.cell.seconds,
        }
        for cut in found.cuts
    ]  # fmt: skip
    results.write(
        "audit_resnet50", rows, estimate_s=about_s, cell_s=found.seconds(), wanted_s=900,
        cuts=len(rows), victims=len(sets.victims), jobs=options.jobs,
        attacker=len(sets.assumptions[0].train), **audited.spent(options.run),
    )  # fmt: skip


if __name__ == "__main__":
    main()
