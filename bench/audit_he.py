"""He, Zhang, Lee (ACSAC 2019), CIFAR-10, 6 convolutions and 2 fully connected layers: do our
attackers rebuild at least as much at conv11, ReLU22 and ReLU32?

The network is trained here on 5,000 photographs; attackers learn from 3,500 others, 500 validate,
1,000 are victims. Training and audit go on where they stopped.

    OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. python -m bench.audit_he [--run DIR] [--tier standard]
"""

from __future__ import annotations

import argparse
import hashlib
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench import data, results
from bench.networks import Builder
from cloister.audit.outcome import Outcome, outcome
from cloister.audit.run import run
from cloister.audit.sets import Assumption, Pictures, Sets
from cloister.audit.task import Task
from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.preprocess import Preprocess, imagenet_default

# PSNR (dB) and SSIM of their best attacker at each cut, table of the paper: the inverse network at
# conv11 and ReLU32, rMLE at ReLU22.
THEIRS = {"conv11": (49.02, 0.9992), "relu22": (19.47, 0.6940), "relu32": (13.95, 0.2196)}
SLACK_DB = 0.5
WIDTHS = {"11": 64, "12": 64, "21": 128, "22": 128, "31": 128, "32": 128}
HIDDEN = 512
TRAIN, ATTACKER, VALIDATION, VICTIMS = 5000, 3500, 500, 1000
EPOCHS = 10
BATCH = 64
SEED = 0

Split = tuple[np.ndarray, np.ndarray]


def photographs() -> dict[str, Split]:
    """Pixels and labels of the four parts, divided by content."""
    images, labels = data._zip_images("cifar10_test_10000_32px_png", None)
    pixels = np.stack([np.asarray(image) for image in images])
    digests = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pixels]
    first = {digest: place for place, digest in reversed(list(enumerate(digests)))}
    order = [first[digest] for digest in sorted(first)]
    parts, start = {}, 0
    for name, count in (
        ("victim's training", TRAIN), ("attacker", ATTACKER), ("validation", VALIDATION),
        ("victims", VICTIMS),
    ):  # fmt: skip
        places = order[start : start + count]
        parts[name] = (pixels[places], np.array(labels)[places])
        start += count
    return parts


def trained(folder: Path, how: Preprocess, parts: dict[str, Split]) -> tuple[Path, float]:
    """The network as an ONNX file, and its accuracy on the victims' pictures; an epoch at a time,
    each kept.
    """
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    layers: list[tuple[str, nn.Module]] = []
    wide = 3
    for name, width in WIDTHS.items():
        layers += [
            (f"conv{name}", nn.Conv2d(wide, width, 3, padding=1)),
            (f"relu{name}", nn.ReLU()),
        ]
        if name.endswith("2"):
            layers.append((f"pool{name[0]}", nn.MaxPool2d(2)))
        wide = width
    layers += [
        ("flat", nn.Flatten()), ("fc1", nn.Linear(wide * 16, HIDDEN)), ("relu4", nn.ReLU()),
        ("logits", nn.Linear(HIDDEN, 10)),
    ]  # fmt: skip
    from collections import OrderedDict

    net = nn.Sequential(OrderedDict(layers))
    x = torch.from_numpy(_inputs(parts["victim's training"][0], how))
    y = torch.from_numpy(parts["victim's training"][1]).long()
    optimiser = torch.optim.SGD(net.parameters(), 0.05, momentum=0.9, weight_decay=5e-4)
    kept = folder / "victim.pt"
    begun = 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        net.load_state_dict(state["net"])
        optimiser.load_state_dict(state["optimiser"])
        begun = int(state["epoch"])
    for epoch in range(begun, EPOCHS):
        rate = float(0.05 * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS)))
        optimiser.param_groups[0]["lr"] = rate
        torch.manual_seed(SEED + epoch)
        for places in torch.randperm(len(x)).split(BATCH):
            batch = x[places]
            flipped = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch.flip(3), batch)
            loss = nn.functional.cross_entropy(net(flipped), y[places])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        state = {"net": net.state_dict(), "optimiser": optimiser.state_dict(), "epoch": epoch + 1}
        torch.save(state, kept.with_suffix(".partial"))
        kept.with_suffix(".partial").replace(kept)
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {float(loss.detach()):.3f}", flush=True)
    net.eval()
    with torch.no_grad():
        told = net(torch.from_numpy(_inputs(parts["victims"][0], how))).argmax(1).numpy()
    accuracy = float((told == parts["victims"][1]).mean())
    path = folder / "he_cifar.onnx"
    path.write_bytes(_onnx({k: v.numpy() for k, v in net.state_dict().items()}))
    return path, accuracy


def _inputs(pixels: np.ndarray, how: Preprocess) -> np.ndarray:
    return np.concatenate([how.apply(picture) for picture in pixels])


def _onnx(w: dict[str, np.ndarray]) -> bytes:
    net = Builder("image", (1, 3, 32, 32))
    x = "image"
    for name in WIDTHS:
        conv = f"conv{name}"
        x = net.conv(conv, x, w[f"{conv}.weight"], w[f"{conv}.bias"], pads=[1] * 4)
        x = net.add("Relu", f"relu{name}", x)
        if name.endswith("2"):
            x = net.add("MaxPool", f"pool{name[0]}", x, kernel_shape=[2, 2], strides=[2, 2])
    x = net.gemm("fc1", net.add("Flatten", "flat", x), w["fc1.weight"], w["fc1.bias"])
    x = net.add("Relu", "relu4", x)
    return net.finish(net.gemm("logits", x, w["logits.weight"], w["logits.bias"]), (1, 10))


def sets_of(parts: dict[str, Split]) -> Sets:
    """The audit's sets: the division is fixed, as the paper's."""
    pixels = parts["victims"][0]
    victims = Pictures("CIFAR-10", tuple(f"{i:04d}" for i in range(len(pixels))), pixels)
    known = Assumption("same data set", parts["attacker"][0], parts["validation"][0])
    digest = hashlib.sha256(b"".join(part[0].tobytes() for part in parts.values())).hexdigest()
    return Sets(victims, (known,), 0, digest)


def prepare(folder: Path) -> tuple[Graph, Preprocess, Sets, float]:
    """The trained network and the sets."""
    folder.mkdir(parents=True, exist_ok=True)
    how = imagenet_default((1, 3, 32, 32))
    parts = photographs()
    path, accuracy = trained(folder, how, parts)
    return load(path), how, sets_of(parts), accuracy


def rows_of(found: Outcome) -> list[dict[str, object]]:
    """One row a cut: theirs, ours, and who of ours."""
    rows = []
    for cut in found.cuts:
        theirs = THEIRS[cut.judged.cut]
        ours = cut.mean("psnr_db")
        assert ours is not None
        rows.append(
            {
                "cut": cut.judged.cut, "attacker": cut.cell.facts["attacker"],
                "psnr_db": ours, "psnr_db_interval": list(cut.mean_interval("psnr_db")),
                "their_psnr_db": theirs[0], "reached": ours >= theirs[0] - SLACK_DB,
                "ssim": cut.mean("ssim"), "their_ssim": theirs[1],
                "thumbnail_p50": cut.quantile("thumbnail", 0.5), "verdict": cut.judged.verdict,
                "tried": {
                    f"{t.attacker}, seed {t.seed}": t.psnr_db for t in cut.tried
                },
            }
        )  # fmt: skip
    return rows


def main() -> None:
    """Trains, audits, compares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", type=Path, default=Path("cloister-runs/bench/audit_he"))
    parser.add_argument("--tier", default="standard", choices=("fast", "standard"))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    start = time.perf_counter()

    def step(text: str, done: int, total: int) -> None:
        print(f"{time.perf_counter() - start:8.0f} s  {done:3d}/{total:<3d} {text}", flush=True)

    from cloister.audit.spread import Spread

    graph, how, sets, accuracy = prepare(options.run)
    facts = {"command": "python -m bench.audit_he [--run DIR]", "skipped": []}
    cuts = [find_cut(graph, name) for name in THEIRS]
    task = Task(graph, how, sets, cuts, seed=SEED, facts=facts)
    # The fast tier first: its numbers stand even where the rest is cut short.
    for tier in dict.fromkeys(("fast", options.tier)):
        store = run(
            replace(task, tier=tier), options.run / "audit", step, spread=Spread(options.jobs)
        )
        found = outcome(store)
        results.write(
            f"audit_he_{tier}", rows_of(found), accuracy=accuracy, tier=tier, seed=SEED,
            train=TRAIN, attacker=ATTACKER, validation=VALIDATION, victims=VICTIMS,
            budget=task.budget.to_json(), cell_seconds=store.seconds(),
            source="He, Zhang, Lee, ACSAC 2019", network=graph.sha256,
        )  # fmt: skip


if __name__ == "__main__":
    main()
