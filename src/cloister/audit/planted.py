"""Planted leaks: tensors of a cut's size that hide a thumbnail of every picture.

The positive control attacks one with the same attackers, pictures and budget: who does not find
what is surely there has shown nothing at the cut itself. The thumbnail's colours are hidden by a
random orthogonal map over all numbers of the tensor (at most `NUMBERS_MAX`: numbers beyond carry
nothing), with noise of a tenth of the signal added.

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


def planted_side(width: int, channels: int, wanted: int) -> int:
    """Side of the largest thumbnail up to `wanted` that fits into `width` numbers; 0: none."""
    return min(wanted, math.isqrt(width // channels))


def plant(targets_NCHW: Floats, width: int, side: int, seed: int) -> Planted:
    """Hides a thumbnail of `side` in `width` numbers.

    Args:
        targets_NCHW: All pictures of the audit.
        width: Numbers of the cut's crossing tensors.
        side: From `planted_side`, at least 1.
        seed: Of the map and the noise.
    """
    random = np.random.default_rng(seed)
    secret = small(targets_NCHW, side).reshape(len(targets_NCHW), -1)
    width = min(width, NUMBERS_MAX)
    square = random.standard_normal((width, secret.shape[1]))
    frame, _ = np.linalg.qr(square)
    centred = secret - secret.mean(0)
    rows = (centred @ frame.T).astype(np.float32)
    rows += np.float32(NOISE * rows.std()) * random.standard_normal(rows.shape, np.float32)
    return Planted(Features(rows, (Part(0, (width,)),)), side)


def small(targets_NCHW: Floats, side: int) -> Floats:
    """Area averages [N, C, side, side]."""
    out = np.empty((*targets_NCHW.shape[:2], side, side), np.float32)
    for n, picture in enumerate(targets_NCHW):
        for c, plane in enumerate(picture):
            image = Image.fromarray(plane)
            out[n, c] = np.asarray(image.resize((side, side), Image.Resampling.BOX))
    return out
