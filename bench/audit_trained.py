"""VGG-16, ResNet-50 and EfficientNet-B0, trained here on CIFAR-10 and on TON_IoT's records as
pictures (`ton_pictures`): what each cut gives away, fast tier at all cuts.

5,000 pictures train the network, 4,000 others are the attacker's (a ninth validates, of the rest,
less what nearly is a victim, it learns from ``--pairs``), accuracy is measured on 1,000, of which
``--victims`` are attacked.
All three take 32 x 32 pixels: VGG-16 has batch norm and one hidden fully connected layer,
ResNet-50's first convolution is 3 x 3 with stride 2, EfficientNet-B0's has stride 1. Training goes
on after the last finished epoch, the audit after the last cell.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit_trained [--run DIR]
        [--networks efficientnet_b0,vgg16,resnet50] [--pictures cifar10,ton_iot]
        [--pairs 2000] [--victims 500]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from PIL import Image

from bench import audited, data, results, ton_pictures
from cloister.audit.pictures import as_inputs
from cloister.audit.sets import make_sets
from cloister.audit.task import Task
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.preprocess import imagenet_default

TRAIN, ATTACKER, VICTIMS = 5000, 4000, 1000
SIDE, CLASSES, BATCH, SEED = 32, 10, 64, 0
RATE: Final = 2e-3
HOW: Final = imagenet_default((1, 3, SIDE, SIDE))

Pixels = NDArray[np.uint8]
Labelled = tuple[Pixels, NDArray[np.int64]]


def _cifar10() -> Labelled:
    images, labels = data._zip_images("cifar10_test_10000_32px_png", None)
    order = np.random.default_rng(SEED).permutation(len(images))
    return np.stack([np.asarray(images[i]) for i in order]), np.array(labels)[order]


def _ton_iot() -> Labelled:
    pixels, labels, _ = ton_pictures.pictures(TRAIN + ATTACKER + VICTIMS, TRAIN, SEED)
    return pixels, labels


# Pictures, epochs of training, and whether a mirrored one is of the same class.
PICTURES: Final[dict[str, tuple[Callable[[], Labelled], int, bool]]] = {
    "cifar10": (_cifar10, 10, True),
    "ton_iot": (_ton_iot, 4, False),
}
NETWORKS: Final = ("efficientnet_b0", "vgg16", "resnet50")


def module(name: str) -> Any:  # noqa: ANN401
    """A network for small pictures, weights drawn."""
    from torch import nn

    from cloister.graph.zoo import build

    net: Any = build("vgg16_bn" if name == "vgg16" else name, random_weights=True)
    if name == "vgg16":
        net.avgpool = nn.Identity()
        net.classifier = nn.Sequential(
            nn.Linear(512, 512), nn.ReLU(), nn.Dropout(), nn.Linear(512, CLASSES)
        )
    elif name == "resnet50":
        net.conv1 = nn.Conv2d(3, 64, 3, 2, 1, bias=False)
        net.maxpool = nn.Identity()
        net.fc = nn.Linear(2048, CLASSES)
    else:
        net.features[0][0].stride = (1, 1)
        net.classifier = nn.Linear(1280, CLASSES)
    return net


def trained(name: str, folder: Path, given: Labelled, epochs: int, mirror: bool) -> Any:  # noqa: ANN401
    """The network after its epochs; each is kept as it ends."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    net = module(name).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), RATE, weight_decay=0.01)
    kept, begun = folder / "victim.pt", 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        begun = int(state["epoch"])
    x, y = torch.from_numpy(as_inputs(given[0], HOW)), torch.from_numpy(given[1])
    steps = len(x) // BATCH
    for epoch in range(begun, epochs):
        start = time.process_time()
        torch.manual_seed(SEED + epoch)
        net.train()
        for step, places in enumerate(torch.randperm(len(x))[: steps * BATCH].split(BATCH)):
            done = (epoch * steps + step) / (epochs * steps)
            rate = RATE * min(1, 10 * done + 0.01) * 0.5 * (1 + np.cos(np.pi * done))
            optimiser.param_groups[0]["lr"] = float(rate)
            batch = x[places]
            if mirror:
                batch = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch.flip(3), batch)
                down, right = (int(v) for v in torch.randint(-3, 4, (2,)))
                batch = batch.roll((down, right), (2, 3))
            batch = batch.contiguous(memory_format=torch.channels_last)
            with _bf16(name):
                told = net(batch)
            loss = nn.functional.cross_entropy(told.float(), y[places])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
        state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "epoch": epoch + 1}
        torch.save(state, kept.with_suffix(".partial"))
        kept.with_suffix(".partial").replace(kept)
        print(
            f"epoch {epoch + 1} of {epochs}: loss {float(loss.detach()):.3f}, "
            f"{time.process_time() - start:.0f} s of the processor", flush=True,
        )  # fmt: skip
    return net.eval()


def _bf16(name: str) -> Any:  # noqa: ANN401
    """bf16 for whole convolutions; those of one channel each are slow in it."""
    import torch

    slow = name == "efficientnet_b0"
    return contextlib.nullcontext() if slow else torch.autocast("cpu", torch.bfloat16)


def accuracy(net: Any, given: Labelled) -> float:  # noqa: ANN401
    """Share of right answers."""
    import torch

    with torch.no_grad():
        x = torch.from_numpy(as_inputs(given[0], HOW))
        told = torch.cat([net(batch).argmax(1) for batch in x.split(BATCH)]).numpy()
    return float((told == given[1]).mean())


def exported(net: Any, name: str) -> Graph:  # noqa: ANN401
    """As a graph whose values are named after the module that makes them."""
    import torch

    buffer = io.BytesIO()
    net = net.to(memory_format=torch.contiguous_format)
    x = torch.zeros(1, 3, SIDE, SIDE)
    torch.onnx.export(net, (x,), dynamo=True, verbose=False).save(buffer)
    return from_proto(named(onnx.load_from_string(buffer.getvalue())), name=name)


def named(model: onnx.ModelProto) -> onnx.ModelProto:
    """Values by their module: its last one bears its name, those before it a number too."""
    outputs = {value.name for value in model.graph.output}
    made: dict[str, list[str]] = {}
    for node in model.graph.node:
        scopes = [p.value for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"]
        path = ast.literal_eval(scopes[0])[-2] if scopes else ""
        if path and node.output[0] not in outputs:
            made.setdefault(path, []).append(node.output[0])
    new = {
        old: path if i == len(olds) - 1 else f"{path}.{i}"
        for path, olds in made.items()
        for i, old in enumerate(olds)
    }
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [new.get(name, name) for name in names]
    del model.graph.value_info[:]
    return model


def main() -> None:
    """Trains and audits, one after the other; each one's result is written when it is done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit_trained"))
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--pictures", default=",".join(PICTURES))
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--victims", type=int, default=500)
    parser.add_argument("--epochs", type=int, help="instead of each one's own")
    options = parser.parse_args()
    for what in options.pictures.split(","):
        read, epochs, mirror = PICTURES[what]
        epochs = options.epochs or epochs
        pixels, labels = read()
        parts = np.split(np.arange(len(pixels)), [TRAIN, TRAIN + ATTACKER])
        own, attacker, victims = ((pixels[p], labels[p]) for p in parts)
        for name in options.networks.split(","):
            folder = options.run / f"{name}_{what}"
            folder.mkdir(parents=True, exist_ok=True)
            net = trained(name, folder, own, epochs, mirror)
            right = accuracy(net, victims)
            most = float(np.bincount(victims[1]).max() / len(victims[1]))
            print(f"{name}, {what}: {right:.1%} right; always the same answer: {most:.1%}")
            sets = make_sets(
                _pictures(what, victims[0][: options.victims]),
                [_pictures(f"{what}, others", attacker[0])], attacker_max=options.pairs,
            )  # fmt: skip
            graph = exported(net, f"{name}_{what}")
            facts = {
                "command": f"python -m bench.audit_trained --networks {name} --pictures {what}",
                "skipped": [],
            }
            task = Task(graph, HOW, sets, find_cuts(graph), facts=facts)
            found = audited.audited(task, folder / "audit")
            results.write(
                f"audit_{name}_{what}", audited.table(found), accuracy=right, most_common=most,
                epochs=epochs, train=TRAIN, **audited.facts(found),
            )  # fmt: skip


def _pictures(source: str, pixels: Pixels) -> Any:  # noqa: ANN401
    return audited.pictures(source, [Image.fromarray(picture) for picture in pixels])


if __name__ == "__main__":
    main()
