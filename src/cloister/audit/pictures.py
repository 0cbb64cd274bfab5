"""Between pictures (bytes), targets (what the attacker rebuilds) and inputs (tensors).

The target is the picture at the network's size, or, above 64 pixels, its area average at the
largest whole fraction of that size that fits: 224 becomes 56. Thumbnails are the unit of the
verdict, and what 56 x 56 pixels do not show needs no audit to be worth hiding.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from cloister.audit.sets import Pictures, Pixels
from cloister.preprocess import Preprocess, Unreadable, read_images

Floats = NDArray[np.float32]

TARGET_SIDE_MAX: Final = 64
JPEG_QUALITY: Final = 50
CROP_SHARE: Final = 0.9
LIGHT: Final = 1.25


@dataclass(frozen=True)
class Read:
    """Pictures, and the files that are none."""

    pictures: Pictures
    skipped: tuple[Unreadable, ...]


def read_pictures(folder: Path, how: Preprocess, limit: int | None = None) -> Read:
    """Reads the photographs of a folder as the network sees them.

    Raises:
        UserError: There is no such folder, or no photograph in it.
    """
    found = read_images(folder, how, limit)
    pixels = [np.asarray(how.picture(item[0])) for item in found.items]
    stack = np.stack(pixels).reshape(len(pixels), *how.size, how.channels)
    return Read(Pictures(str(folder), found.names, stack), found.skipped)


def as_inputs(pixels_NHWC: Pixels, how: Preprocess) -> Floats:
    """Pictures as the network's inputs, [N, C, H, W]."""
    x = pixels_NHWC.astype(np.float32)
    if how.colour == "BGR":
        x = np.asarray(x[..., ::-1])
    scaled: Floats = x * np.float32(how.scale) - np.asarray(how.mean, np.float32)
    scaled = np.asarray(scaled / np.asarray(how.std, np.float32), np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32)


def target_size(height: int, width: int) -> tuple[int, int]:
    """Height and width of what is rebuilt."""
    factor = 1
    while max(height, width) / factor > TARGET_SIDE_MAX or height % factor or width % factor:
        factor += 1
        if factor > min(height, width):
            return min(height, TARGET_SIDE_MAX), min(width, TARGET_SIDE_MAX)
    return height // factor, width // factor


def as_targets(pixels_NHWC: Pixels) -> Floats:
    """Pictures as targets in 0..1, [N, C, h, w]; area averages where they are large."""
    count, height, width, channels = pixels_NHWC.shape
    h, w = target_size(height, width)
    x: Floats = np.asarray(pixels_NHWC.astype(np.float32) / np.float32(255), np.float32)
    if (h, w) == (height, width):
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    if height % h == 0 and width % w == 0:
        x = x.reshape(count, h, height // h, w, width // w, channels).mean((2, 4))
        return np.ascontiguousarray(x.transpose(0, 3, 1, 2))
    out = np.empty((count, channels, h, w), np.float32)
    for place, picture in enumerate(x):
        for channel in range(channels):
            plane = Image.fromarray(picture[:, :, channel])
            out[place, channel] = np.asarray(plane.resize((w, h), Image.Resampling.BOX))
    return out


def _jpeg(image: Image.Image) -> Image.Image:
    store = io.BytesIO()
    image.save(store, "JPEG", quality=JPEG_QUALITY)
    return Image.open(store).convert(image.mode)


def _crop(image: Image.Image) -> Image.Image:
    width, height = image.size
    dx, dy = width * (1 - CROP_SHARE), height * (1 - CROP_SHARE)
    box = (dx, dy, float(width), float(height))  # the upper left part goes
    return image.resize(image.size, Image.Resampling.BICUBIC, box=box)


def _flip(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _light(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(LIGHT)


CHANGES: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    f"JPEG quality {JPEG_QUALITY}": _jpeg,
    f"crop to {CROP_SHARE:.0%}": _crop,
    "flip": _flip,
    f"light x {LIGHT}": _light,
}


def changed_copies(pixels_NHWC: Pixels) -> Pixels:
    """One changed copy of each picture: the changes of `CHANGES` in turn."""
    changes = list(CHANGES.values())
    out = np.empty_like(pixels_NHWC)
    for place, picture in enumerate(pixels_NHWC):
        gray = picture.shape[2] == 1
        image = Image.fromarray(picture[:, :, 0] if gray else picture)
        changed = np.asarray(changes[place % len(changes)](image))
        out[place] = changed[:, :, None] if gray else changed
    return out


def side_of(targets_NCHW: Floats) -> int:
    """The shorter side of targets, in pixels."""
    return int(min(targets_NCHW.shape[2:]))
