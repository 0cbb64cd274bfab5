"""Real inputs and weights for tests and benchmarks, read where they lie and never copied.

The folder is ``../shared/data`` beside the checkout, or what ``CLOISTER_SHARED`` names (the folder
that holds ``data``). Where it is absent, `shared` raises `Absent`; tests turn that into a skip that
says so.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
Floats = npt.NDArray[np.float32]
IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32)


class Absent(Exception):
    """A data file that is not on this machine."""


def shared(relative: str) -> Path:
    """Path of a file of the shared data.

    Raises:
        Absent: The file is not here.
    """
    root = Path(os.environ.get("CLOISTER_SHARED", ROOT.parent / "shared"))
    path = root / "data" / relative
    if not path.exists():
        raise Absent(f"{path} is not on this machine")
    return path


def weights(name: str) -> dict[str, Floats]:
    """Tensors of ``weights/NAME.npz`` as float32."""
    with np.load(shared(f"weights/{name}.npz")) as archive:
        return {key: archive[key].astype(np.float32) for key in archive.files}


@dataclass(frozen=True)
class Labelled:
    """Inputs [n, 1, ...] and class indices [n]."""

    inputs: list[Floats]
    labels: npt.NDArray[np.int64]


def _zip_images(
    name: str, count: int | None, *, stride: int = 1
) -> tuple[list[Image.Image], list[int]]:
    images, labels = [], []
    with zipfile.ZipFile(shared(f"photos/{name}.zip")) as archive:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))[::stride]
        for row in rows[:count]:
            images.append(Image.open(io.BytesIO(archive.read(row["file"]))).convert("RGB"))
            labels.append(int(row["class_index"]))
    return images, labels


def normalised(image: Image.Image) -> Floats:
    """RGB image to [1, 3, H, W], scaled as ImageNet networks expect."""
    x_HWC = np.asarray(image, np.float32) / np.float32(255)
    x_HWC = (x_HWC - IMAGENET_MEAN) / IMAGENET_STD
    return np.ascontiguousarray(x_HWC.transpose(2, 0, 1)[None], np.float32)


def imagenet(count: int | None, size: int = 224) -> Labelled:
    """Photos of the ImageNet sample, spread over its classes: the centre `size` of 256 pixels."""
    stride = 1 if count is None else max(1, 1000 // count)
    images, labels = _zip_images("imagenet_sample_1000_256px", count, stride=stride)
    margin = (256 - size) // 2
    box = (margin, margin, margin + size, margin + size)
    return Labelled([normalised(i.crop(box)) for i in images], np.array(labels))


def cifar10(count: int | None) -> Labelled:
    """CIFAR-10 test photographs [1, 3, 32, 32], spread over the classes."""
    stride = 1 if count is None else max(1, 10000 // count)
    images, labels = _zip_images("cifar10_test_10000_32px_png", count, stride=stride)
    return Labelled([normalised(i) for i in images], np.array(labels))


def mnist(count: int | None) -> Labelled:
    """MNIST test digits [1, 1, 28, 28] in 0..1."""
    with gzip.open(shared("mnist/t10k-images-idx3-ubyte.gz")) as file:
        pixels = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 1, 1, 28, 28)
    with gzip.open(shared("mnist/t10k-labels-idx1-ubyte.gz")) as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8).astype(np.int64)
    x = pixels[:count].astype(np.float32) / np.float32(255)
    return Labelled(list(x), labels[:count])


# Numeric columns of the TON_IoT network records: sizes, counts and times. Addresses and ports are
# left out, because they give the class of this testbed away.
TON_COLUMNS = (
    "duration", "src_bytes", "dst_bytes", "missed_bytes",
    "src_pkts", "src_ip_bytes", "dst_pkts", "dst_ip_bytes",
    "dns_qclass", "dns_qtype", "dns_rcode", "http_trans_depth", "http_request_body_len",
    "http_response_body_len", "http_status_code",
)  # fmt: skip


def ton_iot(count: int | None, seed: int = 0) -> Labelled:
    """TON_IoT network records [1, 15] as log(1 + x), duplicates dropped, shuffled; label 0 normal,
    1 attack.
    """
    with gzip.open(shared("ton_iot/train_test_network.csv.gz"), "rt") as file:
        rows = {
            (*(row[c] for c in TON_COLUMNS), row["label"]): None for row in csv.DictReader(file)
        }

    def number(text: str) -> float:
        return float(text) if text not in ("-", "") else 0.0

    table = np.array([[number(v) for v in row] for row in rows], np.float64)
    order = np.random.default_rng(seed).permutation(len(table))[:count]
    x = np.log1p(np.maximum(table[order, :-1], 0)).astype(np.float32)
    return Labelled([row[None] for row in x], table[order, -1].astype(np.int64))
