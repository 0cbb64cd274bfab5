"""A photograph becomes the tensor that the manifest describes, or a clear error."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cloister.errors import UserError
from cloister.preprocess import Preprocess, imagenet_default

# Bilinear resizing of a crop and cropping of a resized photograph round differently by one step.
ONE_STEP = 1


def plain(**changes: Any) -> Preprocess:  # noqa: ANN401
    fields: dict[str, Any] = {
        "size": (8, 6),
        "resize": "shorter",
        "resize_to": (8, 6),
        "interpolation": "bilinear",
        "colour": "RGB",
        "scale": 1 / 255,
        "mean": (0.0, 0.0, 0.0),
        "std": (1.0, 1.0, 1.0),
    }
    return Preprocess(**(fields | changes))


def photo(height: int, width: int, seed: int = 0) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def png(pixels: Any) -> bytes:  # noqa: ANN401
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def test_a_photo_of_the_input_size_is_only_scaled() -> None:
    pixels = photo(8, 6)
    how = plain(mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    expected = (pixels / 255 - [0.1, 0.2, 0.3]) / [0.5, 0.6, 0.7]
    x_NCHW = how.apply(pixels)
    assert x_NCHW.dtype == np.float32 and x_NCHW.flags.c_contiguous
    np.testing.assert_allclose(x_NCHW, expected.transpose(2, 0, 1)[None], rtol=0, atol=1e-6)


def test_bgr_is_rgb_turned_around() -> None:
    pixels = photo(8, 6)
    turned = plain(colour="BGR").apply(pixels)
    assert np.array_equal(turned[:, ::-1], plain().apply(pixels))


def test_gray_has_one_channel_of_luma() -> None:
    how = plain(colour="gray", mean=(0.0,), std=(1.0,))
    x_NCHW = how.apply(np.full((8, 6, 3), (255, 0, 0), np.uint8))
    assert x_NCHW.shape == (1, 1, 8, 6)
    assert np.allclose(x_NCHW, 76 / 255)


@pytest.mark.parametrize("size", [(300, 451), (451, 300), (224, 224), (50, 60), (999, 230)])
def test_imagenet_default_is_resize_256_and_centre_crop_224(size: tuple[int, int]) -> None:
    pixels = np.asarray(Image.fromarray(photo(20, 30)).resize(size[::-1]))
    height, width = size
    scaled = (256, 256 * height // width) if width <= height else (256 * width // height, 256)
    full = Image.fromarray(pixels).resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - 224) / 2), round((scaled[1] - 224) / 2)
    expected = np.asarray(full.crop((left, top, left + 224, top + 224)), np.int32)
    how = imagenet_default((1, 3, 224, 224))
    seen = np.asarray(how.picture(how.apply(pixels)), np.int32)
    assert np.abs(seen - expected).max() <= ONE_STEP


def test_exact_ignores_the_aspect() -> None:
    pixels = np.zeros((10, 40, 3), np.uint8)
    pixels[:, :20] = 255
    x_NCHW = plain(resize="exact").apply(pixels)
    assert x_NCHW[0, 0, :, 0].min() == 1.0 and x_NCHW[0, 0, :, -1].max() == 0.0


def test_a_panorama_costs_no_more_than_its_crop() -> None:
    assert imagenet_default((1, 3, 224, 224)).apply(photo(1, 10_000)).shape == (1, 3, 224, 224)


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    pixels = photo(6, 8)
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned: show it 90 degrees clockwise
    Image.fromarray(pixels).save(tmp_path / "turned.png", exif=exif)
    upright = plain().apply(np.rot90(pixels, -1).copy())
    assert np.array_equal(plain().apply(tmp_path / "turned.png"), upright)


def test_16_bit_gray_keeps_its_upper_byte(tmp_path: Path) -> None:
    Image.fromarray(np.full((8, 6), 0x8123, np.uint16)).save(tmp_path / "deep.png")
    assert np.allclose(plain().apply(tmp_path / "deep.png"), 0x81 / 255)


def test_path_image_and_array_give_the_same_tensor(tmp_path: Path) -> None:
    pixels = photo(30, 20)
    path = tmp_path / "photo.png"
    path.write_bytes(png(pixels))
    x_NCHW = plain().apply(pixels)
    assert np.array_equal(plain().apply(path), x_NCHW)
    assert np.array_equal(plain().apply(str(path)), x_NCHW)
    assert np.array_equal(plain().apply(Image.fromarray(pixels)), x_NCHW)


def test_picture_is_the_photo_again() -> None:
    how = plain(colour="BGR", mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
    pixels = photo(8, 6)
    assert np.array_equal(np.asarray(how.picture(how.apply(pixels))), pixels)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no image format"),
        (b"this is text, not a photograph", "no image format"),
        (png(photo(40, 40))[:600], "truncated"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), ""),
    ],
)
def test_refuses_what_is_no_photo(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"holiday\.jpg is no photograph") as caught:
        plain().apply(path)
    assert caught.value.code == "bad-photo"
    assert why in caught.value.message


def test_refuses_a_missing_photo_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        plain().apply(tmp_path / "none.jpg")
    with pytest.raises(UserError, match="no photograph"):
        plain().apply(tmp_path)


@pytest.mark.parametrize(
    "array",
    [np.zeros((0, 5, 3), np.uint8), np.zeros((5, 5, 3), np.float32), np.zeros(5, np.uint8)],
)
def test_refuses_arrays_that_are_no_photo(array: Any) -> None:  # noqa: ANN401
    with pytest.raises(UserError) as caught:
        plain().apply(array)
    assert caught.value.code == "bad-photo"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_damage_to_a_photo_is_an_error_of_ours(data: st.DataObject) -> None:
    content = bytearray(png(photo(12, 12)))
    cut = data.draw(st.integers(0, len(content)))
    del content[cut:]
    for _ in range(data.draw(st.integers(0, 3))):
        if content:
            at = data.draw(st.integers(0, len(content) - 1))
            content[at] = data.draw(st.integers(0, 255))
    try:
        image: Any = Image.open(io.BytesIO(bytes(content)))
    except Exception:  # Pillow's business: what counts is what loading does below
        return
    with contextlib.suppress(UserError):
        plain().apply(image)


# ------------------------------------------------------------------------------------ manifest
def test_manifest_form_reads_back_equal() -> None:
    how = imagenet_default((1, 3, 224, 224))
    assert Preprocess.from_manifest(how.to_manifest()) == how


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", [0, 5]),
        ("size", [8]),
        ("size", [8.0, 6]),
        ("size", [8, 1 << 20]),
        ("resize_to", [7, 6]),
        ("resize", "longer"),
        ("resize", ["shorter"]),
        ("interpolation", "magic"),
        ("colour", "CMYK"),
        ("scale", 0),
        ("scale", float("nan")),
        ("scale", True),
        ("mean", [0.0]),
        ("mean", [0.0, 0.0, "x"]),
        ("std", [1.0, 0.0, 1.0]),
        ("std", [1.0, 1.0, float("inf")]),
        ("layout", "NHWC"),
    ],
)
def test_manifest_form_refuses(field: str, value: object) -> None:
    with pytest.raises(UserError, match=field) as caught:
        Preprocess.from_manifest(plain().to_manifest() | {field: value})
    assert caught.value.code == "bad-preprocess"


def test_manifest_form_refuses_unknown_and_missing_fields() -> None:
    with pytest.raises(UserError, match="'gamma'"):
        Preprocess.from_manifest(plain().to_manifest() | {"gamma": 2.2})
    fields = plain().to_manifest()
    del fields["std"]
    with pytest.raises(UserError, match="std is 'absent'"):
        Preprocess.from_manifest(fields)


def test_file_form_is_json_or_toml(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(
        '{"size": [8, 6], "resize": "shorter", "resize_to": [8, 6], "interpolation": "bilinear",'
        '"colour": "RGB", "scale": 1, "mean": [0, 0, 0], "std": [1, 1, 1], "layout": "NCHW"}'
    )
    (tmp_path / "p.toml").write_text(
        'size = [8, 6]\nresize = "shorter"\nresize_to = [8, 6]\ninterpolation = "bilinear"\n'
        'colour = "RGB"\nscale = 1\nmean = [0, 0, 0]\nstd = [1, 1, 1]\nlayout = "NCHW"\n'
    )
    assert Preprocess.from_file(tmp_path / "p.json") == Preprocess.from_file(tmp_path / "p.toml")


@pytest.mark.parametrize("content", ["{", "[1]", "null", "[" * 100_000])
def test_file_form_refuses_what_is_no_object(tmp_path: Path, content: str) -> None:
    (tmp_path / "p.json").write_text(content)
    with pytest.raises(UserError):
        Preprocess.from_file(tmp_path / "p.json")
    with pytest.raises(UserError, match="No such file"):
        Preprocess.from_file(tmp_path / "none.json")


@pytest.mark.parametrize("shape", [(1, 16), (1, 2, 8, 8), (2, 3, 8, 8), (1, 3, 8, 8, 8)])
def test_default_refuses_networks_that_take_no_images(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError) as caught:
        imagenet_default(shape)
    assert caught.value.code == "takes-no-images"
    assert "--inputs" in caught.value.hint


def test_default_for_gray_is_zero_to_one() -> None:
    x_NCHW = imagenet_default((1, 1, 28, 28)).apply(photo(28, 28))
    assert x_NCHW.min() >= 0 and x_NCHW.max() <= 1
