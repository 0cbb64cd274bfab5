"""Tensors as pictures: the first channels of a crossing tensor, tiled; any picture as coloured
half blocks for a terminal.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

CHANNELS_SHOWN: Final = 16
TILE_GAP: Final = 1
SIDE_MIN: Final = 256


def tile(crossing: NDArray[Any], channels: int = CHANNELS_SHOWN) -> Image.Image:
    """The first channels side by side, each scaled to its own range.

    Args:
        crossing: [1, C, H, W]; another shape is drawn as one picture, as square as can be.
        channels: So many at most.

    Returns:
        A gray picture, enlarged without smoothing.
    """
    maps = crossing[0] if crossing.ndim == 4 else _square(crossing)[np.newaxis]
    maps = maps[:channels].astype(np.float64)
    columns = math.ceil(math.sqrt(len(maps)))
    rows = math.ceil(len(maps) / columns)
    height, width = maps.shape[1] + TILE_GAP, maps.shape[2] + TILE_GAP
    sheet = np.zeros((rows * height - TILE_GAP, columns * width - TILE_GAP), np.uint8)
    for index, values in enumerate(maps):
        top, left = index // columns * height, index % columns * width
        sheet[top : top + values.shape[0], left : left + values.shape[1]] = _gray(values)
    return enlarge(Image.fromarray(sheet))


def enlarge(picture: Image.Image, side: int = SIDE_MIN) -> Image.Image:
    """A small picture made larger by whole factors."""
    factor = max(1, math.ceil(side / max(picture.size)))
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


def half_blocks(picture: Image.Image, columns: int) -> list[list[tuple[str, str]]]:
    """A picture as lines of (upper colour, lower colour) cells, `#rrggbb` each.

    Args:
        picture: Any picture.
        columns: Width in character cells; the height follows from the aspect.
    """
    lines = max(1, round(columns * picture.height / picture.width / 2))
    small = picture.convert("RGB").resize((columns, 2 * lines), Image.Resampling.BOX)
    pixels = np.asarray(small)
    return [
        [
            (_hex(upper), _hex(lower))
            for upper, lower in zip(pixels[2 * line], pixels[2 * line + 1], strict=True)
        ]
        for line in range(lines)
    ]


def _hex(pixel: NDArray[np.uint8]) -> str:
    return "#" + bytes(pixel.tolist()).hex()


def _gray(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    return np.rint(255 * scaled).astype(np.uint8)


def _square(tensor: NDArray[Any]) -> NDArray[Any]:
    """All elements in rows, padded with zeros."""
    flat = tensor.reshape(-1)
    side = math.ceil(math.sqrt(flat.size))
    padded = np.zeros(side * math.ceil(flat.size / side), flat.dtype)
    padded[: flat.size] = flat
    return padded.reshape(-1, side)
