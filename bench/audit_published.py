"""Published networks with their real weights: what each cut gives away, fast tier at all cuts.

LeNet sees MNIST's test digits, ResNet-20 and ResNet-56 CIFAR-10's test photographs; SqueezeNet 1.1,
MobileNetV2 and ResNet-50 v2 (up to stage 3) the ImageNet sample, of which 56 x 56 pixels are
rebuilt. No network was trained on the pictures of MNIST and CIFAR-10; those of the ImageNet sample
are probably training images. ``--psdec`` trains PSDec of at most 64 channels at three cuts of the
ImageNet networks: where each stage of pooling ends. ``--tier standard`` is the whole standard tier,
wanted for ResNet-20 within 120 minutes on 2 quiet cores (``--pairs 5000 --victims 1000 --jobs 2``).

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit_published
        [--run DIR] [--networks lenet,resnet20,...] [--psdec] [--tier fast] [--jobs 1]
        [--pairs 2000] [--victims 500]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx
from PIL import Image

from bench import audited, data, networks, results
from cloister.audit.attackers import Budget
from cloister.audit.estimate import estimate_s
from cloister.audit.sets import Pictures, make_sets
from cloister.audit.spread import Spread
from cloister.audit.task import TIERS, Task
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.load import from_proto
from cloister.preprocess import imagenet_default

PSDEC = Budget(epochs=10, width_max=64)
CACHE_BYTES = 24 << 30  # one pass of the network, or two


def _digits() -> Pictures:
    digits = data.mnist(None).inputs
    return audited.pictures(
        "MNIST, test", [Image.fromarray((x[0, 0] * 255).round().astype("uint8")) for x in digits]
    )


def _cifar10() -> Pictures:
    images, _ = data._zip_images("cifar10_test_10000_32px_png", None)
    return audited.pictures("CIFAR-10, test", images)


def _imagenet() -> Pictures:
    images, _ = data._zip_images("imagenet_sample_1000_256px", None)
    return audited.pictures("ImageNet sample", [i.crop((16, 16, 240, 240)) for i in images])


@dataclass(frozen=True)
class Published:
    """A network, what it sees, and where PSDec is tried."""

    build: Callable[[], bytes]
    pictures: Callable[[], Pictures]
    shape: tuple[int, ...]
    psdec: tuple[str, ...] = ()


PHOTO = (1, 3, 224, 224)
NETWORKS = {
    "lenet": Published(networks.lenet, _digits, (1, 1, 28, 28)),
    "squeezenet1_1": Published(
        networks.squeezenet, _imagenet, PHOTO, ("features.5", "features.8", "features.12")
    ),
    "mobilenet_v2": Published(
        networks.mobilenet_v2, _imagenet, PHOTO,
        ("features.3.conv.add", "features.6.conv.add", "features.13.conv.add"),
    ),
    "resnet50_v2": Published(
        networks.resnet50_v2, _imagenet, PHOTO, ("stage1_unit2", "stage2_unit3", "stage3_unit5")
    ),
    "resnet20": Published(networks.resnet20, _cifar10, (1, 3, 32, 32)),
    "resnet56": Published(networks.resnet56, _cifar10, (1, 3, 32, 32)),
}  # fmt: skip


def main() -> None:
    """Runs or resumes network by network; each one's result is written when it is done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit_published"))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--psdec", action="store_true")
    parser.add_argument("--tier", default="fast", choices=TIERS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--victims", type=int, default=500)
    options = parser.parse_args()
    for name in options.networks.split(","):
        row = NETWORKS[name]
        if options.psdec and not row.psdec:
            continue
        graph = from_proto(onnx.load_from_string(row.build()), name=name)
        sets = make_sets(row.pictures(), victims_max=options.victims, attacker_max=options.pairs)
        task = Task(
            graph, imagenet_default(row.shape), sets,
            [find_cut(graph, id) for id in row.psdec] if options.psdec else find_cuts(graph),
            tier=options.tier, budget=PSDEC if options.psdec else Budget(), cache_bytes=CACHE_BYTES,
            facts={
                "command": f"python -m bench.audit_published --networks {name} "
                f"--tier {options.tier}" + " --psdec" * options.psdec,
                "skipped": [],
            },
        )  # fmt: skip
        what = name + f"_{options.tier}" * (options.tier != "fast") + "_psdec" * options.psdec
        about_s = estimate_s(task)
        told = f"{what}: about {about_s:.0f} s in one process from nothing"
        print(told + ", and PSDec's cells" * options.psdec, flush=True)
        spread = Spread(options.jobs)
        found = audited.audited(task, options.run / what, spread, psdec=options.psdec)
        results.write(
            f"audit_{what}", audited.table(found), jobs=options.jobs,
            estimate_s=None if options.psdec else about_s, **audited.facts(found),
        )  # fmt: skip


if __name__ == "__main__":
    main()
