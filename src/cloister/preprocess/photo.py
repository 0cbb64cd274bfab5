"""How one photograph becomes one tensor.

Rules kept:
* Every step is a field of `Preprocess`, so that the manifest says all of it: turn upright (EXIF),
  colours, resize, centre crop, `(pixel * scale - mean) / std`, channels first, batch of one.
* The manifest's form is strict: an unknown, missing or out-of-range field is an error that names
  it.
* What is no photograph is a `UserError`; no exception of Pillow's leaves this file.

It does not promise the same bits from every version of Pillow: resizing is Pillow's.
"""

from __future__ import annotations

import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from cloister.errors import UserError

Photo = str | Path | Image.Image | NDArray[Any]

INTERPOLATIONS: Final = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "area": Image.Resampling.BOX,
}
CHANNELS: Final = {"RGB": 3, "BGR": 3, "gray": 1}
RESIZES: Final = ("shorter", "exact")
IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
IMAGENET_STD: Final = (0.229, 0.224, 0.225)
# torchvision's evaluation of ImageNet networks: shorter side to 256, centre 224. Small inputs are
# taken whole.
IMAGENET_COVER: Final = 256 / 224
IMAGENET_SMALLEST_CROPPED: Final = 128
SIDE_MAX: Final = 16_384
FIELDS: Final = (
    "size", "resize", "resize_to", "interpolation", "colour", "scale", "mean", "std", "layout",
)  # fmt: skip


def _bad(field: str, value: object, expected: str) -> UserError:
    return UserError(
        f"preprocess: {field} is {value!r}, expected {expected}",
        code="bad-preprocess",
        hint="docs/formats/manifest.md lists every field of a preprocess file.",
    )


def _finite(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(float(value))
    )


@dataclass(frozen=True)
class Preprocess:
    """The way from a photograph to a tensor; each field is a field of the manifest.

    Args:
        size: Height and width of the tensor, in pixels.
        resize: ``shorter`` scales the photograph, its aspect kept, until it just covers
            `resize_to`; ``exact`` scales it to `resize_to` whatever its aspect.
        resize_to: Height and width before the centre crop to `size`; at least `size`.
        interpolation: One of `INTERPOLATIONS`.
        colour: Order of the channels: RGB, BGR or gray (one channel, ITU-R 601-2 luma).
        scale: What a pixel of 0..255 is multiplied by, usually 1/255.
        mean: Per channel, subtracted after scaling.
        std: Per channel, divided by after that.
    """

    size: tuple[int, int]
    resize: str
    resize_to: tuple[int, int]
    interpolation: str
    colour: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    layout: str = "NCHW"

    def __post_init__(self) -> None:
        for field in ("size", "resize_to"):
            pair = getattr(self, field)
            if (
                not isinstance(pair, tuple)
                or len(pair) != 2
                or not all(type(side) is int and 1 <= side <= SIDE_MAX for side in pair)
            ):
                raise _bad(field, pair, f"[height, width], each 1..{SIDE_MAX}")
        if self.resize not in RESIZES:
            raise _bad("resize", self.resize, " or ".join(RESIZES))
        if any(to < side for to, side in zip(self.resize_to, self.size, strict=True)):
            raise _bad("resize_to", self.resize_to, f"at least size, {self.size}")
        if self.interpolation not in INTERPOLATIONS:
            raise _bad("interpolation", self.interpolation, ", ".join(INTERPOLATIONS))
        if self.colour not in CHANNELS:
            raise _bad("colour", self.colour, ", ".join(CHANNELS))
        if not _finite(self.scale) or self.scale <= 0:
            raise _bad("scale", self.scale, "a number above 0")
        for field in ("mean", "std"):
            values = getattr(self, field)
            if (
                not isinstance(values, tuple)
                or len(values) != self.channels
                or not all(_finite(value) for value in values)
            ):
                raise _bad(field, values, f"{self.channels} number(s), one for each channel")
        if any(value <= 0 for value in self.std):
            raise _bad("std", self.std, "numbers above 0")
        if self.layout != "NCHW":
            raise _bad("layout", self.layout, "NCHW")

    @property
    def channels(self) -> int:
        """Channels of the tensor."""
        return CHANNELS[self.colour]

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the tensor that `apply` makes: 1, channels, height, width."""
        return (1, self.channels, *self.size)

    @classmethod
    def from_manifest(cls, fields: object) -> Preprocess:
        """Reads the manifest's form.

        Args:
            fields: The JSON object, exactly the fields of this class.

        Raises:
            UserError: A field is unknown, missing or out of range.
        """
        if not isinstance(fields, dict):
            raise _bad("the whole", type(fields).__name__, "an object")
        unknown = sorted(str(key) for key in fields.keys() - set(FIELDS))
        missing = sorted(set(FIELDS) - fields.keys())
        if unknown:
            raise _bad("a field", unknown[0], "one of " + ", ".join(FIELDS))
        if missing:
            raise _bad(missing[0], "absent", "to be there")
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()
        }
        for key in ("interpolation", "colour", "resize", "layout"):
            if not isinstance(values[key], str):
                raise _bad(key, values[key], "text")
        return cls(**values)

    def to_manifest(self) -> dict[str, Any]:
        """The JSON object of the manifest; `from_manifest` reads it back to an equal value."""
        return {
            key: list(value) if isinstance(value := getattr(self, key), tuple) else value
            for key in FIELDS
        }

    @classmethod
    def from_file(cls, path: str | Path) -> Preprocess:
        """Reads a preprocess file: JSON, or TOML when its name ends so.

        Raises:
            UserError: The file cannot be read, or is not such an object.
        """
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            fields = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except OSError as error:
            raise UserError(
                f"preprocess file {path}: {error.strerror or error}", code="no-such-file"
            ) from error
        except (ValueError, RecursionError) as error:
            kind = "TOML" if path.suffix == ".toml" else "JSON"
            raise UserError(
                f"preprocess file {path} is not {kind}: {error}",
                code="bad-preprocess",
                hint="A file whose name ends in .toml is read as TOML, any other as JSON.",
            ) from error
        return cls.from_manifest(fields)

    def apply(self, photo: Photo) -> NDArray[np.float32]:
        """Makes the tensor.

        Args:
            photo: A path, a Pillow image, or an array of uint8: [H, W], [H, W, 3] RGB or [H, W,
                4] RGBA.

        Returns:
            float32 [1, channels, height, width], contiguous.

        Raises:
            UserError: It is no photograph, is truncated, has no pixels, or is too large to be
                one.
        """
        upright, name = _open(photo)
        pixels = _resize(_colours(upright, self.colour, name), self)
        x_HWC: NDArray[Any] = np.asarray(pixels, dtype=np.float32)
        x_HWC = x_HWC.reshape(*self.size, self.channels)
        if self.colour == "BGR":
            x_HWC = x_HWC[:, :, ::-1]
        x_HWC = x_HWC * np.float32(self.scale) - np.asarray(self.mean, np.float32)
        x_HWC = x_HWC / np.asarray(self.std, np.float32)
        return np.ascontiguousarray(x_HWC.transpose(2, 0, 1)[np.newaxis], dtype=np.float32)

    def picture(self, x_NCHW: NDArray[np.float32]) -> Image.Image:
        """The photograph as the network sees it: `apply` backwards from the scaling on,
        rounded to bytes.
        """
        x_HWC = x_NCHW[0].transpose(1, 2, 0) * np.asarray(self.std, np.float32)
        x_HWC = (x_HWC + np.asarray(self.mean, np.float32)) / np.float32(self.scale)
        if self.colour == "BGR":
            x_HWC = x_HWC[:, :, ::-1]
        pixels = np.clip(np.rint(x_HWC), 0, 255).astype(np.uint8)
        return Image.fromarray(pixels[:, :, 0] if self.channels == 1 else pixels)


def imagenet_default(shape: tuple[int, ...]) -> Preprocess:
    """What is assumed of a network that came without a preprocess file.

    Colour inputs are scaled as ImageNet networks expect; gray ones to 0..1. From 128 pixels on
    the photograph covers 256/224 of the input and its centre is taken, as torchvision evaluates;
    smaller inputs take the whole shorter side.

    Args:
        shape: The network's input: 1, 3 or 1 channels, height, width.

    Raises:
        UserError: The input is not that of a network for photographs.
    """
    if len(shape) != 4 or shape[0] != 1 or shape[1] not in (1, 3) or min(shape) < 1:
        raise UserError(
            f"the network's input {list(shape)} is no photograph's: [1, 3 or 1, height, width]",
            code="takes-no-images",
            hint="Give its inputs as numbers: --inputs FILE.npz or FILE.csv.",
        )
    size = (shape[2], shape[3])
    cover = IMAGENET_COVER if min(size) >= IMAGENET_SMALLEST_CROPPED else 1.0
    colour = shape[1] == 3
    return Preprocess(
        size=size,
        resize="shorter",
        resize_to=(round(size[0] * cover), round(size[1] * cover)),
        interpolation="bilinear",
        colour="RGB" if colour else "gray",
        scale=1 / 255,
        mean=IMAGENET_MEAN if colour else (0.0,),
        std=IMAGENET_STD if colour else (1.0,),
    )


def _no_photo(name: str, why: str) -> UserError:
    return UserError(
        f"{name} is no photograph that can be read: {why}",
        code="bad-photo",
        hint="JPEG, PNG, WebP and what else Pillow reads will do.",
    )


def _open(photo: Photo) -> tuple[Image.Image, str]:
    """Any form of a photograph, upright, with the name used in errors."""
    if isinstance(photo, np.ndarray):
        return _from_array(photo), "the array"
    name = "the image"
    try:
        if isinstance(photo, Image.Image):
            photo.load()
            return ImageOps.exif_transpose(photo), name
        name = str(photo)
        with Image.open(photo) as image:
            image.load()
            return ImageOps.exif_transpose(image), name
    except FileNotFoundError as error:
        raise UserError(f"photograph {name}: there is no such file", code="no-such-file") from error
    except UnidentifiedImageError as error:
        raise _no_photo(name, "its first bytes are those of no image format") from error
    except Image.DecompressionBombError as error:
        raise _no_photo(name, "it claims more pixels than a photograph has") from error
    except (IsADirectoryError, PermissionError) as error:
        raise _no_photo(name, error.strerror or str(error)) from error
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, MemoryError) as error:
        # Pillow's decoders raise all of these on damaged files; a truncated one is an OSError.
        raise _no_photo(name, str(error) or type(error).__name__) from error


def _from_array(pixels: NDArray[Any]) -> Image.Image:
    good = pixels.dtype == np.uint8 and (
        pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[2] in (3, 4))
    )
    if not good:
        raise _no_photo(
            "the array",
            f"it is {pixels.dtype} {list(pixels.shape)}, "
            "expected uint8 [H, W], [H, W, 3] or [H, W, 4]",
        )
    if pixels.size == 0:
        raise _no_photo("the array", f"it has no pixels: {list(pixels.shape)}")
    return Image.fromarray(np.ascontiguousarray(pixels))


def _colours(image: Image.Image, colour: str, name: str) -> Image.Image:
    """One or three channels of 8 bits. 16-bit gray is brought to 8 bits: Pillow's own
    conversion would clip it.
    """
    if min(image.size) < 1:
        raise _no_photo(name, f"it has no pixels: {image.size[0]} x {image.size[1]}")
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image, np.uint16) >> 8).astype(np.uint8))
    elif image.mode in ("I", "F"):
        raise _no_photo(name, f"its pixels are {image.mode}, 32-bit numbers without a known range")
    return image.convert("L" if colour == "gray" else "RGB")


def _resize(image: Image.Image, how: Preprocess) -> Image.Image:
    """Scale, then the centre. The rounding is torchvision's, so that its networks see what
    they were evaluated on.
    """
    width, height = image.size
    to_h, to_w = how.resize_to
    if how.resize == "shorter":
        if to_w * height <= to_h * width:  # the height binds
            scaled = (max(to_h * width // height, to_w), to_h)
        else:
            scaled = (to_w, max(to_w * height // width, to_h))
    else:
        scaled = (to_w, to_h)
    if scaled != image.size:
        # Only the part that the crop keeps is made: a panorama of 1 x 10,000 does not become 224
        # x 2,240,000.
        left, top = _centre(scaled, how.size)
        box = (
            left * width / scaled[0],
            top * height / scaled[1],
            (left + how.size[1]) * width / scaled[0],
            (top + how.size[0]) * height / scaled[1],
        )
        return image.resize((how.size[1], how.size[0]), INTERPOLATIONS[how.interpolation], box=box)
    left, top = _centre(scaled, how.size)
    return image.crop((left, top, left + how.size[1], top + how.size[0]))


def _centre(scaled_wh: tuple[int, int], size_hw: tuple[int, int]) -> tuple[int, int]:
    return round((scaled_wh[0] - size_hw[1]) / 2), round((scaled_wh[1] - size_hw[0]) / 2)
