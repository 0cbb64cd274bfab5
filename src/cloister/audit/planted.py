"""Planted leaks: tensors of a cut's size that hide a thumbnail of every picture.

The positive control attacks one with the same attackers, pictures and budget: who does not find
what is surely there has shown nothing at the cut itself. Two forms, with noise of a tenth of the
signal added:

* numbers: the thumbnail's colours through a random orthogonal map over all numbers of the tensor
  (at most `NUMBERS_MAX`: numbers beyond carry nothing; a larger thumbnail is cut into lots of so
  many colours, each with a map of its own); for attackers that know no places;
* maps: each place of the map holds its place of the thumbnail, its channels mixed by a random
  orthogonal map; for attackers that look around places.

It shows competence against linearly hidden leaks only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cloister.audit.features import Features, Part

Floats = NDArray[np.float32]

SIDE: Final = 8
NUMBERS_MAX: Final = 4096
NOISE: Final = 0.1


@dataclass(frozen=True)
class Planted:
    """A planted tensor.

    Args:
        features: Rows of all pictures.
        side: Side of the thumbnail that is hidden in it.
    """

    features: Features
    side: int


def wanted_side(limit: float, side: int) -> int:
    """Side of the thumbnail that a control should plant: twice the limit, and `SIDE` at least, but
    at most halfway from the limit to the picture's side: noise hides a nearly exact picture.
    """
    return min(max(SIDE, int(2 * limit)), math.ceil((limit + side) / 2))


def planted_side(shape: tuple[int, ...], channels: int, wanted: int) -> int:
    """Side of the largest thumbnail up to `wanted` that fits into a tensor; 0: none.

    Args:
        shape: (numbers,), or (channels, height, width) of a map.
        channels: Of the pictures.
        wanted: Largest side.
    """
    if len(shape) == 1:
        return min(wanted, math.isqrt(shape[0] // channels))
    fitting = [s for s in range(1, wanted + 1) if channels * _fold(shape, s) ** 2 <= shape[0]]
    return max(fitting, default=0)


def _fold(shape: tuple[int, ...], side: int) -> int:
    """Thumbnail pixels along a side that one place of a map has to hold."""
    return max(1, -(-side // min(shape[1:])))


def plant(targets_NCHW: Floats, shape: tuple[int, ...], side: int, seed: int) -> Planted:
    """Hides a thumbnail of `side` in a tensor.

    Args:
        targets_NCHW: All pictures of the audit.
        shape: As `planted_side` takes it.
        side: From `planted_side`, at least 1.
        seed: Of the map and the noise.
    """
    random = np.random.default_rng(seed)
    secret = small(targets_NCHW, side)
    secret -= secret.mean(0)
    if len(shape) == 1:
        shape = (min(shape[0], max(NUMBERS_MAX, secret[0].size)),)
        rows = _mixed(secret.reshape(len(secret), -1), shape[0], random)
    else:
        maps = _spread(secret, shape, _fold(shape, side))
        rows = np.einsum("nkhw,ck->nchw", maps, _frame(shape[0], maps.shape[1], random))
    rows = rows.reshape(len(secret), -1).astype(np.float32)
    rows += np.float32(NOISE * rows.std()) * random.standard_normal(rows.shape, np.float32)
    return Planted(Features(rows, (Part(0, shape),)), side)


def plant_features(targets_NCHW: Floats, shape: tuple[int, ...], count: int, seed: int) -> Planted:
    """Hides the first `count` features of every record in a tensor; as `plant`."""
    random = np.random.default_rng(seed)
    secret = targets_NCHW.reshape(len(targets_NCHW), -1)[:, :count]
    width = min(math.prod(shape), max(NUMBERS_MAX, count))
    rows = ((secret - secret.mean(0)) @ _frame(width, count, random).T).astype(np.float32)
    rows += np.float32(NOISE * rows.std()) * random.standard_normal(rows.shape, np.float32)
    return Planted(Features(rows, (Part(0, (width,)),)), count)


def _frame(width: int, numbers: int, random: np.random.Generator) -> Floats:
    """Orthonormal columns [width, numbers]."""
    frame, _ = np.linalg.qr(random.standard_normal((width, numbers)))
    return np.asarray(frame, np.float32)


def _mixed(secret: Floats, width: int, random: np.random.Generator) -> Floats:
    """Rows of numbers through an orthogonal map to `width`; one of blocks where they are many."""
    numbers = secret.shape[1]
    if numbers <= NUMBERS_MAX:
        return np.asarray(secret @ _frame(width, numbers, random).T)
    lots = np.array_split(random.permutation(numbers), -(-numbers // NUMBERS_MAX))
    return np.concatenate([secret[:, p] @ _frame(len(p), len(p), random).T for p in lots], 1)


def _spread(secret_NCHW: Floats, shape: tuple[int, ...], fold: int) -> Floats:
    """The thumbnail on a map's grid: blocks of `fold` pixels into channels, places repeated."""
    n, c, side, _ = secret_NCHW.shape
    blocks = -(-side // fold)
    padded = np.pad(secret_NCHW, ((0, 0), (0, 0), *[(0, blocks * fold - side)] * 2), mode="edge")
    folded = padded.reshape(n, c, blocks, fold, blocks, fold).transpose(0, 1, 3, 5, 2, 4)
    folded = folded.reshape(n, c * fold**2, blocks, blocks)
    rows, columns = (np.arange(length) * blocks // length for length in shape[1:])
    return np.asarray(folded[:, :, rows][:, :, :, columns])


def small(targets_NCHW: Floats, side: int) -> Floats:
    """Area averages [N, C, side, side]."""
    out = np.empty((*targets_NCHW.shape[:2], side, side), np.float32)
    for n, picture in enumerate(targets_NCHW):
        for c, plane in enumerate(picture):
            image = Image.fromarray(plane)
            out[n, c] = np.asarray(image.resize((side, side), Image.Resampling.BOX))
    return out
