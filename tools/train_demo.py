"""Train the demonstration network and export it as one self-contained ONNX file.

The network is a small residual classifier for the ten CIFAR-10 classes.  It is trained from
scratch, on one processor thread, on 9,000 images; 1,000 further images are held out and are
used for nothing but the accuracy written into the model card.

The data set is given as a folder or as a zip file that holds the PNG images (32 x 32, RGB) and
a ``labels.csv`` with the columns ``file``, ``class_index`` and ``class``.  No image reaches the
exported files.

Typical use::

    python tools/train_demo.py --data cifar10.zip --out build/demo --epochs 260
    python tools/train_demo.py --data cifar10.zip --out build/demo --resume build/demo/train.pt

The output folder then holds ``cifar.onnx``, ``cifar.json`` (the model card) and ``train.pt``
(the checkpoint, wanted only for ``--resume``).  The tool needs torch, onnx, onnxscript,
onnxruntime, numpy and Pillow.
"""

from __future__ import annotations

import argparse
import ast
import csv
import hashlib
import io
import json
import math
import platform
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped, unused-ignore]
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

SIZE = 32
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
HELD_OUT_PER_CLASS = 100
OPSET = 18
SPLIT_RULE = (
    "within each class, the 100 images with the smallest SHA-256 of their decoded RGB bytes "
    "(32 x 32 x 3, row-major) are held out; all others are the training set"
)
EVALUATION_NOTE = (
    "reporting only; no checkpoint was chosen by it. The augmentation was widened once (close-ups, "
    "hue) when an unfinished run took a close-up photograph of a cat, not of the data set, for a "
    "frog; no network was trained on that photograph"
)


# --------------------------------------------------------------------------------------
# Data


@dataclass(frozen=True)
class Dataset:
    """Images (N, 3, 32, 32) as bytes, their labels, and which of them are held out."""

    images: Tensor
    labels: Tensor
    held_out: Tensor
    classes: list[str]

    def part(self, *, held_out: bool) -> tuple[Tensor, Tensor]:
        """Return the images and labels of the held-out or of the training part."""
        mask = self.held_out if held_out else ~self.held_out
        return self.images[mask], self.labels[mask]


def read_files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of every file of a folder or of a zip file, in sorted order."""
    if source.is_dir():
        for path in sorted(p for p in source.rglob("*") if p.is_file()):
            yield path.name, path.read_bytes()
        return
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith("/"):
                yield name.rsplit("/", 1)[-1], archive.read(name)


def load_dataset(source: Path) -> Dataset:
    """Decode all images and mark the held-out ones by the rule in ``SPLIT_RULE``."""
    files = dict(read_files(source))
    if "labels.csv" not in files:
        raise SystemExit(f"{source}: no labels.csv in it")
    rows = list(csv.DictReader(io.StringIO(files["labels.csv"].decode("utf-8"))))
    names = {int(row["class_index"]): row["class"] for row in rows}
    classes = [names[index] for index in range(len(names))]

    pixels = np.empty((len(rows), SIZE, SIZE, 3), dtype=np.uint8)
    labels = np.empty(len(rows), dtype=np.int64)
    digests: list[str] = []
    for index, row in enumerate(rows):
        with Image.open(io.BytesIO(files[row["file"]])) as image:
            pixels[index] = np.asarray(image.convert("RGB"))
        labels[index] = int(row["class_index"])
        digests.append(hashlib.sha256(pixels[index].tobytes()).hexdigest())

    held_out = np.zeros(len(rows), dtype=bool)
    for label in range(len(classes)):
        members = np.flatnonzero(labels == label).tolist()
        for index in sorted(members, key=digests.__getitem__)[:HELD_OUT_PER_CLASS]:
            held_out[index] = True
    return Dataset(
        images=torch.from_numpy(pixels.transpose(0, 3, 1, 2).copy()),
        labels=torch.from_numpy(labels),
        held_out=torch.from_numpy(held_out),
        classes=classes,
    )


def normalise(images: Tensor) -> Tensor:
    """Turn bytes 0..255 (or floats 0..1) into the float input that the network expects."""
    scaled = images.float() / 255.0 if images.dtype == torch.uint8 else images
    mean = torch.tensor(MEAN).view(1, 3, 1, 1)
    std = torch.tensor(STD).view(1, 3, 1, 1)
    return (scaled - mean) / std


def near_duplicates(data: Dataset, threshold: float = 0.95) -> int:
    """Count the held-out images that correlate above the threshold with a training image."""

    def rows(images: Tensor) -> Tensor:
        flat = images.float().flatten(1)
        flat = flat - flat.mean(dim=1, keepdim=True)
        return functional.normalize(flat, dim=1)

    held = rows(data.part(held_out=True)[0])
    train = data.part(held_out=False)[0]
    best = torch.maximum(held @ rows(train).T, held @ rows(train.flip(3)).T).amax(dim=1)
    return int((best > threshold).sum())


# --------------------------------------------------------------------------------------
# Augmentation: each function works on a whole batch, with per-image random parameters


def uniform(count: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    """Draw ``count`` numbers from [low, high)."""
    return torch.rand(count, generator=rng) * (high - low) + low


def random_view(images: Tensor, sharp_share: float, rng: torch.Generator) -> Tensor:
    """Flip and shift every image; stretch, rotate and zoom all but a share of them as well.

    The share is moved by whole pixels, so that it stays as sharp as a real picture: resampling
    blurs, and a network that only ever saw blurred pictures reads sharp ones less well.
    """
    count = images.shape[0]
    free = (torch.rand(count, generator=rng) >= sharp_share).float()
    flip = torch.where(torch.rand(count, generator=rng) < 0.5, -1.0, 1.0)
    zoom = torch.exp(uniform(count, math.log(0.5), math.log(1.2), rng) * free)
    stretch = torch.exp(uniform(count, -0.14, 0.14, rng) * free)
    angle = uniform(count, -0.2, 0.2, rng) * free
    # An eighth of the picture (4 pixels), and more where only a part of it stays visible.
    reach = 0.25 + 0.5 * (1.0 - zoom).clamp(min=0.0)
    shift = uniform(2 * count, -1.0, 1.0, rng).view(count, 2) * reach.view(-1, 1)
    whole = torch.round(shift * (SIZE / 2)) / (SIZE / 2)
    theta = torch.empty(count, 2, 3)
    theta[:, 0, 0] = flip * zoom * stretch * torch.cos(angle)
    theta[:, 0, 1] = -flip * zoom * stretch * torch.sin(angle)
    theta[:, 1, 0] = zoom / stretch * torch.sin(angle)
    theta[:, 1, 1] = zoom / stretch * torch.cos(angle)
    theta[:, :, 2] = torch.where(free.view(-1, 1) > 0, shift, whole)
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def hue_rotation(count: int, limit: float, rng: torch.Generator) -> Tensor:
    """Return (count, 3, 3) rotations of the RGB space about its grey axis."""
    angle = uniform(count, -limit, limit, rng).view(-1, 1, 1)
    axis = 1.0 / math.sqrt(3.0)
    turn = torch.tensor([[0.0, -axis, axis], [axis, 0.0, -axis], [-axis, axis, 0.0]])
    grey = torch.full((3, 3), 1.0 / 3.0)
    return torch.cos(angle) * (torch.eye(3) - grey) + grey + torch.sin(angle) * turn


def colour_jitter(images: Tensor, rng: torch.Generator) -> Tensor:
    """Change brightness, contrast, saturation, hue and tint of every image (0..1)."""
    count = images.shape[0]

    def factors(low: float, high: float) -> Tensor:
        return uniform(count, low, high, rng).view(count, 1, 1, 1)

    images = images * factors(0.7, 1.3)
    centre = images.mean(dim=(1, 2, 3), keepdim=True)
    images = centre + (images - centre) * factors(0.6, 1.4)
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * factors(0.1, 1.6)
    images = (hue_rotation(count, 0.3, rng) @ images.flatten(2)).view_as(images)
    tint = uniform(3 * count, 0.88, 1.12, rng).view(count, 3, 1, 1)
    return (images * tint).clamp_(0.0, 1.0)


def box_mask(count: int, side: Tensor, rng: torch.Generator) -> Tensor:
    """Return (count, 1, 32, 32), true inside one random box per image with the given sides."""
    axis = torch.arange(SIZE).view(1, SIZE)
    inside = []
    for _ in range(2):
        centre = torch.randint(0, SIZE, (count, 1), generator=rng)
        offset = axis - centre + side.view(-1, 1) // 2
        inside.append((offset >= 0) & (offset < side.view(-1, 1)))
    return (inside[0].unsqueeze(2) & inside[1].unsqueeze(1)).unsqueeze(1)


def cutout(images: Tensor, rng: torch.Generator) -> Tensor:
    """Blank (to the mean, zero) one box of 4 to 14 pixels in about half of the images."""
    count = images.shape[0]
    side = torch.randint(4, 15, (count,), generator=rng)
    side = side * (torch.rand(count, generator=rng) < 0.5)
    return images.masked_fill(box_mask(count, side, rng), 0.0)


def mix(images: Tensor, targets: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Blend the batch with a shuffled copy of itself: MixUp or CutMix, each half the time."""
    order = torch.randperm(images.shape[0], generator=rng)
    if torch.rand(1, generator=rng).item() < 0.5:
        share = uniform(images.shape[0], 0.0, 0.5, rng)
        weight = share.view(-1, 1, 1, 1)
        images = images * (1.0 - weight) + images[order] * weight
    else:
        side = torch.randint(8, 23, (images.shape[0],), generator=rng)
        mask = box_mask(images.shape[0], side, rng)
        images = torch.where(mask, images[order], images)
        share = mask.float().mean(dim=(1, 2, 3))
    weight = share.view(-1, 1)
    return images, targets * (1.0 - weight) + targets[order] * weight


# --------------------------------------------------------------------------------------
# Network


class ConvBlock(nn.Module):
    """3 x 3 convolution, batch normalisation (folded for the export) and ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        """Make a block from ``inputs`` to ``outputs`` channels."""
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        out: Tensor = self.relu(self.norm(self.conv(x)))
        return out


class ResidualBlock(nn.Module):
    """Two 3 x 3 convolutions around an identity shortcut."""

    def __init__(self, channels: int) -> None:
        """Make a block that keeps its number of channels."""
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm1: nn.Module = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm2: nn.Module = nn.BatchNorm2d(channels)
        self.relu2 = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Apply the block."""
        inner = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(x)))))
        out: Tensor = self.relu2(inner + x)
        return out


class DemoNet(nn.Module):
    """Residual classifier for 32 x 32 images, about 0.48 M parameters and 18 M MACs."""

    def __init__(self, classes: int = 10) -> None:
        """Make the network with random weights."""
        super().__init__()
        self.stem = ConvBlock(3, 16)
        self.down1 = ConvBlock(16, 32, stride=2)
        self.res1 = ResidualBlock(32)
        self.down2 = ConvBlock(32, 64, stride=2)
        self.res2 = ResidualBlock(64)
        self.pool = nn.MaxPool2d(2)
        self.widen = ConvBlock(64, 128)
        self.res3 = ResidualBlock(128)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(128, classes)

    def forward(self, image: Tensor) -> Tensor:
        """Return the logits of a normalised batch (N, 3, 32, 32)."""
        x = self.res1(self.down1(self.stem(image)))
        x = self.res2(self.down2(x))
        x = self.res3(self.widen(self.pool(x)))
        logits: Tensor = self.head(self.flatten(self.gap(x)))
        return logits


def folded(model: DemoNet) -> DemoNet:
    """Return a copy in evaluation mode whose batch normalisations sit in the convolutions."""
    copy = DemoNet(model.head.out_features)
    copy.load_state_dict(model.state_dict())
    copy.eval()
    pairs = [(m, "conv", "norm") for m in copy.modules() if isinstance(m, ConvBlock)]
    blocks = [m for m in copy.modules() if isinstance(m, ResidualBlock)]
    every: list[tuple[nn.Module, str, str]] = [
        *pairs,
        *((m, "conv1", "norm1") for m in blocks),
        *((m, "conv2", "norm2") for m in blocks),
    ]
    for module, conv, norm in every:
        fused = fuse_conv_bn_eval(getattr(module, conv), getattr(module, norm))
        setattr(module, conv, fused)
        setattr(module, norm, nn.Identity())
    return copy


def count_macs(model: DemoNet) -> int:
    """Count the multiply-accumulates of the convolutions and the linear layer for one image."""
    total = 0

    def hook(module: nn.Module, _: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal total
        weight = module.weight
        assert isinstance(weight, Tensor)
        total += output[0].numel() * weight[0].numel()

    handles = [
        module.register_forward_hook(hook)
        for module in model.modules()
        if isinstance(module, nn.Conv2d | nn.Linear)
    ]
    with torch.no_grad():
        model(torch.zeros(1, 3, SIZE, SIZE))
    for handle in handles:
        handle.remove()
    return total


# --------------------------------------------------------------------------------------
# Training


@dataclass(frozen=True)
class Recipe:
    """Everything that fixes a training run, besides the data and the thread count."""

    epochs: int
    seed: int
    batch: int = 128
    peak_lr: float = 0.15
    warmup: float = 0.08
    momentum: float = 0.9
    weight_decay: float = 1e-3
    label_smoothing: float = 0.1
    mix_share: float = 0.6
    plain_tail: float = 0.1
    sharp_share: float = 0.5
    ema_decay: float = 0.998
    bfloat16: bool = True


@dataclass
class Progress:
    """How far a run has come."""

    epoch: int = 0
    step: int = 0
    seconds: float = 0.0
    threads: list[int] = field(default_factory=list)


class Trainer:
    """A resumable training run: weights, their running average, optimiser and random state."""

    def __init__(self, data: Dataset, recipe: Recipe) -> None:
        """Prepare a fresh run."""
        torch.manual_seed(recipe.seed)
        self.recipe = recipe
        self.progress = Progress()
        self.images, self.labels = data.part(held_out=False)
        self.classes = len(data.classes)
        self.rng = torch.Generator().manual_seed(recipe.seed)
        self.model = DemoNet(self.classes)
        untyped: Any = self.model  # the stubs of Module.to lack this form
        untyped.to(memory_format=torch.channels_last)
        self.average = DemoNet(self.classes)
        self.average.load_state_dict(self.model.state_dict())
        self.average.eval()
        matrices = [p for p in self.model.parameters() if p.ndim > 1]
        vectors = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimiser = torch.optim.SGD(
            [
                {"params": matrices, "weight_decay": recipe.weight_decay},
                {"params": vectors, "weight_decay": 0.0},
            ],
            lr=recipe.peak_lr,
            momentum=recipe.momentum,
            nesterov=True,
        )
        self.steps_per_epoch = len(self.images) // recipe.batch
        self.total_steps = self.steps_per_epoch * recipe.epochs

    def learning_rate(self) -> float:
        """Rise linearly to the peak, then fall along a cosine to almost nothing."""
        done = self.progress.step / self.total_steps
        if done < self.recipe.warmup:
            return self.recipe.peak_lr * (0.05 + 0.95 * done / self.recipe.warmup)
        rest = (done - self.recipe.warmup) / (1.0 - self.recipe.warmup)
        return self.recipe.peak_lr * (0.5 * (1.0 + math.cos(math.pi * rest)) + 1e-3)

    def batch_at(self, indices: Tensor, *, plain: bool) -> tuple[Tensor, Tensor]:
        """Return the augmented, normalised images of a batch with their soft targets.

        With ``plain`` (the tail of a run), nothing is resampled or mixed.
        """
        images = self.images[indices].float() / 255.0
        images = random_view(images, 1.0 if plain else self.recipe.sharp_share, self.rng)
        images = colour_jitter(images, self.rng)
        images = cutout(normalise(images), self.rng)
        smoothing = self.recipe.label_smoothing
        targets = functional.one_hot(self.labels[indices], self.classes).float()
        targets = targets * (1.0 - smoothing) + smoothing / self.classes
        if not plain and torch.rand(1, generator=self.rng).item() < self.recipe.mix_share:
            images, targets = mix(images, targets, self.rng)
        return images.contiguous(memory_format=torch.channels_last), targets

    def update_average(self) -> None:
        """Move the averaged weights (and the batch statistics) towards the current ones."""
        decay = min(self.recipe.ema_decay, (1 + self.progress.step) / (10 + self.progress.step))
        current = self.model.state_dict()
        with torch.no_grad():
            for name, value in self.average.state_dict().items():
                if value.dtype.is_floating_point:
                    value.lerp_(current[name], 1.0 - decay)
                else:
                    value.copy_(current[name])

    def run_epoch(self) -> float:
        """Train for one epoch and return the mean loss."""
        started = time.monotonic()
        recipe = self.recipe
        plain = self.progress.epoch >= round(recipe.epochs * (1.0 - recipe.plain_tail))
        self.model.train()
        order = torch.randperm(len(self.images), generator=self.rng)
        total = 0.0
        for start in range(0, self.steps_per_epoch * recipe.batch, recipe.batch):
            images, targets = self.batch_at(order[start : start + recipe.batch], plain=plain)
            for group in self.optimiser.param_groups:
                group["lr"] = self.learning_rate()
            with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
                logits = self.model(images)
            loss = functional.cross_entropy(logits.float(), targets)
            self.optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            self.optimiser.step()
            self.progress.step += 1
            self.update_average()
            total += loss.item()
        self.progress.epoch += 1
        self.progress.seconds += time.monotonic() - started
        return total / self.steps_per_epoch

    def save(self, path: Path) -> None:
        """Write a checkpoint, replacing an earlier one in a single step."""
        state = {
            "recipe": asdict(self.recipe),
            "progress": asdict(self.progress),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "rng": self.rng.get_state(),
        }
        partial = path.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, data: Dataset) -> Trainer:
        """Continue from a checkpoint, under the recipe written in it."""
        state = torch.load(path, weights_only=True)
        trainer = cls(data, Recipe(**state["recipe"]))
        trainer.progress = Progress(**state["progress"])
        trainer.model.load_state_dict(state["model"])
        trainer.average.load_state_dict(state["average"])
        trainer.optimiser.load_state_dict(state["optimiser"])
        trainer.rng.set_state(state["rng"])
        return trainer


@torch.no_grad()
def accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """Return the share of correctly classified images."""
    hits = 0
    for start in range(0, len(images), 250):
        logits = model(normalise(images[start : start + 250]))
        hits += int((logits.argmax(1) == labels[start : start + 250]).sum())
    return hits / len(images)


# --------------------------------------------------------------------------------------
# Export


def scope_of(node: onnx.NodeProto) -> str:
    """Return the dotted module path that the exporter noted for a node ('' at the top)."""
    for item in node.metadata_props:
        if item.key == "pkg.torch.onnx.name_scopes":
            scopes: list[str] = ast.literal_eval(item.value)
            # The first scope is the root and the last one is the operation itself.
            return scopes[-2] if len(scopes) > 1 else ""
    return ""


def plain_operators(graph: onnx.GraphProto) -> None:
    """Write the final averaging as GlobalAveragePool and Flatten, which need no constants.

    The exporter emits ReduceMean over the last two axes and a Reshape to a fixed shape.
    """
    replacements = {"ReduceMean": "GlobalAveragePool", "Reshape": "Flatten"}
    for node in graph.node:
        if node.op_type in replacements:
            node.op_type = replacements[node.op_type]
            del node.input[1:]
            del node.attribute[:]
    used = {name for node in graph.node for name in node.input}
    for tensor in [t for t in graph.initializer if t.name not in used]:
        graph.initializer.remove(tensor)


def tidy(model: onnx.ModelProto) -> onnx.ModelProto:
    """Name nodes and tensors after their modules and drop the exporter's own annotations."""
    graph = model.graph
    plain_operators(graph)
    kept = {value.name for value in [*graph.input, *graph.output]}
    kept |= {value.name for value in graph.initializer}
    renamed: dict[str, str] = {}
    for node in graph.node:
        scope = scope_of(node)
        leaf = node.op_type.lower()
        # 'res1.relu2' already says what it does; the Add of a block is 'res1.add'.
        node.name = f"{scope}.{leaf}" if not scope or node.op_type == "Add" else scope
        del node.metadata_props[:]
        node.doc_string = ""
        for position, name in enumerate(node.input):
            node.input[position] = renamed.get(name, name)
        for position, name in enumerate(node.output):
            if name not in kept:
                renamed[name] = node.name
                node.output[position] = node.name
    if len({node.name for node in graph.node}) != len(graph.node):
        raise RuntimeError("two nodes of the export share a name")
    for values in (graph.input, graph.output, graph.initializer):
        for value in values:
            del value.metadata_props[:]
            value.doc_string = ""
    del graph.value_info[:]
    del graph.metadata_props[:]
    del model.metadata_props[:]
    graph.name = "cloister-demo-cifar"
    graph.doc_string = ""
    return onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)


def export_onnx(model: DemoNet, path: Path) -> onnx.ModelProto:
    """Write the folded network as one ONNX file with its weights inside."""
    program = torch.onnx.export(
        folded(model),
        (torch.zeros(1, 3, SIZE, SIZE),),
        input_names=["image"],
        output_names=["logits"],
        opset_version=OPSET,
        dynamo=True,
        optimize=True,
        verbose=False,
    )
    assert program is not None
    exported = tidy(program.model_proto)
    onnx.checker.check_model(exported, full_check=True)
    path.write_bytes(exported.SerializeToString(deterministic=True))
    check_export(model, path)
    return exported


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Open an ONNX file with onnxruntime on one processor thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check_export(model: DemoNet, path: Path) -> None:
    """Compare the exported file with the unfolded network on random inputs."""
    session = open_session(path)
    rng = torch.Generator().manual_seed(0)
    for _ in range(8):
        image = torch.randn(1, 3, SIZE, SIZE, generator=rng)
        with torch.no_grad():
            wanted = model(image).numpy()
        found = session.run(["logits"], {"image": image.numpy()})[0]
        np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-4)


def onnx_accuracy(path: Path, images: Tensor, labels: Tensor) -> float:
    """Measure the exported file itself, one image at a time, with onnxruntime."""
    session = open_session(path)
    batch: NDArray[np.float32] = normalise(images).numpy()
    hits = 0
    for index, label in enumerate(labels.tolist()):
        logits = session.run(["logits"], {"image": batch[index : index + 1]})[0]
        hits += int(np.argmax(logits)) == label
    return hits / len(batch)


def model_card(
    trainer: Trainer, data: Dataset, exported: onnx.ModelProto, path: Path
) -> dict[str, Any]:
    """Describe the exported file: input, classes, split, accuracy, training, licence."""
    images, labels = data.part(held_out=True)
    score = onnx_accuracy(path, images, labels)
    operators: dict[str, int] = {}
    for node in exported.graph.node:
        operators[node.op_type] = operators.get(node.op_type, 0) + 1
    content = path.read_bytes()
    return {
        "name": "cifar",
        "task": "image classification, 10 classes (CIFAR-10)",
        "file": path.name,
        "file_bytes": len(content),
        "file_sha256": hashlib.sha256(content).hexdigest(),
        "opset": exported.opset_import[0].version,
        "parameters": sum(math.prod(t.dims) for t in exported.graph.initializer),
        "macs_per_image": count_macs(folded(trainer.average)),
        "operators": dict(sorted(operators.items())),
        "input": {"name": "image", "shape": [1, 3, SIZE, SIZE], "dtype": "float32"},
        "output": {"name": "logits", "shape": [1, len(data.classes)], "dtype": "float32"},
        "classes": data.classes,
        "preprocess": {
            "size": [SIZE, SIZE],
            "resize": "shorter",
            "resize_to": [SIZE, SIZE],
            "interpolation": "bilinear",
            "colour": "RGB",
            "scale": 1.0 / 255.0,
            "mean": list(MEAN),
            "std": list(STD),
            "layout": "NCHW",
        },
        "evaluation": {
            "accuracy": score,
            "n": len(labels),
            "measured_with": f"onnxruntime {onnxruntime.__version__} on the exported file",
            "set": "held-out part of the CIFAR-10 test images",
            "use": EVALUATION_NOTE,
        },
        "split": {
            "source": "the 10,000 CIFAR-10 test images, as PNG",
            "rule": SPLIT_RULE,
            "train": int((~data.held_out).sum()),
            "held_out": int(data.held_out.sum()),
            "held_out_with_training_correlation_above_0.95": near_duplicates(data),
        },
        "training": {
            **asdict(trainer.recipe),
            "finished_epochs": trainer.progress.epoch,
            "minutes": round(trainer.progress.seconds / 60.0, 1),
            "threads": trainer.progress.threads,
            "weights": "exponential moving average over the training steps",
            "tool": "tools/train_demo.py",
        },
        "versions": {
            "python": platform.python_version(),
            "torch": str(torch.__version__),
            "onnx": onnx.__version__,
            "onnxruntime": onnxruntime.__version__,
            "numpy": np.__version__,
        },
        "licence_note": (
            "The weights were trained from scratch by this project, with no pretrained network, "
            "on CIFAR-10 images (A. Krizhevsky, 'Learning Multiple Layers of Features from Tiny "
            "Images', 2009), which carry no formal licence. No image is included."
        ),
    }


def export(trainer: Trainer, data: Dataset, out: Path) -> float:
    """Write ``cifar.onnx`` and ``cifar.json`` and return the accuracy of the ONNX file."""
    path = out / "cifar.onnx"
    exported = export_onnx(trainer.average, path)
    card = model_card(trainer, data, exported, path)
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (out / "cifar.json").write_text(text, encoding="utf-8")
    return float(card["evaluation"]["accuracy"])


# --------------------------------------------------------------------------------------
# Command line


def parse_arguments(argv: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    summary = (__doc__ or "").split("\n", maxsplit=1)[0]
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--data", type=Path, required=True, help="zip file or folder of images")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--epochs", type=int, default=260, help="epochs of a fresh run")
    parser.add_argument("--seed", type=int, default=1, help="seed of a fresh run")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--resume", type=Path, help="checkpoint to continue from")
    parser.add_argument("--save-every", type=int, default=5, help="epochs between checkpoints")
    parser.add_argument(
        "--export-only", action="store_true", help="export the --resume checkpoint as it is"
    )
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Train (or continue), then export and report."""
    arguments = parse_arguments(argv)
    if arguments.export_only and arguments.resume is None:
        raise SystemExit("--export-only needs --resume")
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)

    data = load_dataset(arguments.data)
    held_images, held_labels = data.part(held_out=True)
    print(f"data: {len(data.labels)} images, {len(held_labels)} held out", flush=True)
    print(f"split: {SPLIT_RULE}", flush=True)

    if arguments.resume is not None:
        trainer = Trainer.load(arguments.resume, data)
    else:
        trainer = Trainer(data, Recipe(epochs=arguments.epochs, seed=arguments.seed))
    if arguments.threads not in trainer.progress.threads:
        trainer.progress.threads.append(arguments.threads)
    parameters = sum(p.numel() for p in folded(trainer.average).parameters())
    macs = count_macs(folded(trainer.average)) / 1e6
    print(f"network: {parameters} parameters, {macs:.1f} M multiply-accumulates", flush=True)

    recipe, progress = trainer.recipe, trainer.progress
    while not arguments.export_only and progress.epoch < recipe.epochs:
        before = progress.seconds
        loss = trainer.run_epoch()
        line = f"epoch {progress.epoch}/{recipe.epochs}: loss {loss:.4f}"
        line += f", {progress.seconds - before:.1f} s"
        if progress.epoch % arguments.save_every == 0 or progress.epoch == recipe.epochs:
            trainer.save(arguments.out / "train.pt")
            line += f", held-out {accuracy(trainer.average, held_images, held_labels):.4f}"
        print(line, flush=True)

    score = export(trainer, data, arguments.out)
    print(f"exported: held-out accuracy {score:.4f} of {len(held_labels)} images", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
