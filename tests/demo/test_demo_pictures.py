"""The demo's own parts: which cut, which network, which pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cloister.demo.cut import first_stage
from cloister.demo.network import cat_photo, shipped_network
from cloister.demo.picture import half_blocks, tile
from cloister.graph.load import load


def test_the_shipped_network_fits_its_card() -> None:
    network = shipped_network()
    graph = load(network.path)
    assert network.preprocess.shape == graph.inputs[0].shape
    assert len(network.labels) == graph.outputs[0].shape[-1]
    assert network.path.stat().st_size <= 2 << 20
    assert network.accuracy >= 0.75


def test_the_head_of_the_demo_has_the_first_stage() -> None:
    graph = load(shipped_network().path)
    assert first_stage(graph).id == "res1.relu2"


def test_the_cat_comes_with_scikit_image() -> None:
    with Image.open(cat_photo()) as photo:
        assert photo.size == (451, 300)


def test_channels_are_tiled_each_in_its_own_range() -> None:
    maps = np.zeros((1, 5, 4, 4), np.float32)
    maps[0, 1, 0, 0] = 7
    maps[0, 2] = 3  # a constant channel is black, not a division by zero
    picture = np.asarray(tile(maps))
    factor = picture.shape[1] // (3 * 4 + 2)
    assert picture.shape == ((2 * 4 + 1) * factor, (3 * 4 + 2) * factor)
    assert picture.max() == 255 and (picture == 255).sum() == factor * factor


@pytest.mark.parametrize("shape", [(1, 10), (1, 197, 768), (3,), (1, 300, 2, 2)])
def test_any_tensor_has_a_picture(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    random.reshape(-1)[0] = np.nan
    assert min(tile(random).size) > 0


def test_half_blocks_hold_two_pixels_each() -> None:
    pixels = np.array([[[255, 0, 0]], [[0, 0, 255]]], np.uint8)
    assert half_blocks(Image.fromarray(pixels), 1) == [[("#ff0000", "#0000ff")]]
