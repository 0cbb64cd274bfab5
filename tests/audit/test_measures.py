"""Measures against scikit-image, and their limits."""

from __future__ import annotations

import numpy as np
import pytest

from cloister.audit import measures
from cloister.audit.matching import cosine, found, match_ranks, ranks
from cloister.audit.pictures import as_targets
from cloister.audit.self_check import drawn_pictures
from cloister.audit.thumbnail import ladder, ladder_errors, thumbnails, worth

AGREES = 1e-6  # both compute in double; inputs are float32


@pytest.fixture(scope="module")
def pair() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    a = random.random((4, 3, 40, 33), np.float32)
    b = np.clip(a + random.normal(0, 0.1, a.shape), 0, 1).astype(np.float32)
    return a, b


def test_psnr_is_scikit_images(pair: tuple[np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    a, b = pair
    wanted = [
        metrics.peak_signal_noise_ratio(x, y, data_range=1) for x, y in zip(a, b, strict=True)
    ]
    assert np.allclose(measures.psnr_db(measures.mse(a, b)), wanted, atol=1e-4)


def test_ssim_is_scikit_images_with_wangs_parameters(pair: tuple[np.ndarray, np.ndarray]) -> None:
    metrics = pytest.importorskip("skimage.metrics")
    a, b = pair
    wanted = [
        metrics.structural_similarity(
            x.astype(float), y.astype(float), data_range=1, channel_axis=0, gaussian_weights=True,
            sigma=1.5, use_sample_covariance=False,
        )
        for x, y in zip(a, b, strict=True)
    ]  # fmt: skip
    assert np.allclose(measures.ssim(a, b), wanted, atol=AGREES)


def test_ms_ssim_of_one_scale_is_ssim() -> None:
    random = np.random.default_rng(1)
    a, b = random.random((2, 3, 3, 16, 16), np.float32)
    assert measures.scales(16, 16) == 1
    assert np.allclose(measures.ms_ssim(a, b), np.maximum(measures.ssim(a, b), 0))


def test_ms_ssim_has_all_five_scales_from_176_pixels() -> None:
    assert [measures.scales(s, s) for s in (10, 11, 32, 64, 224)] == [0, 1, 2, 3, 5]


def test_equal_pictures_are_as_alike_as_can_be(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, _ = pair
    assert np.allclose(measures.ssim(a, a), 1) and np.allclose(measures.ms_ssim(a, a), 1)
    assert np.allclose(measures.gmsd(a, a), 0)
    assert np.all(measures.psnr_db(measures.mse(a, a)) == measures.PSNR_MAX_DB)


def test_gmsd_grows_with_distortion(pair: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = pair
    worse = np.clip(a + 4 * (b - a), 0, 1)
    assert np.all(measures.gmsd(a, b) < measures.gmsd(a, worse))


def test_an_own_thumbnail_is_worth_its_side() -> None:
    x = as_targets(drawn_pictures(20, 2, side=32).pixels_NHWC)
    rungs, errors = ladder(32), ladder_errors(x)
    for k in (1, 4, 8, 16):
        value = worth(measures.mse(thumbnails(x, k), x), errors, rungs)
        # Of some pictures 7 x 7 shows more than 8 x 8: edges fall differently.
        assert k - 1e-6 <= np.median(value) < k + 1 and np.all(value > 0.6 * k)


def test_what_is_worse_than_the_mean_colour_is_worth_nothing() -> None:
    x = np.random.default_rng(3).random((3, 3, 16, 16), np.float32)
    assert np.all(worth(measures.mse(1 - x, x), ladder_errors(x), ladder(16)) == 0)


def test_a_perfect_copy_is_worth_the_whole_picture() -> None:
    x = np.random.default_rng(4).random((3, 3, 16, 16), np.float32)
    assert np.all(worth(measures.mse(x, x), ladder_errors(x), ladder(16)) == 16)


def test_match_finds_copies_and_only_chance_without_knowledge() -> None:
    random = np.random.default_rng(5)
    x = random.random((50, 3, 8, 8), np.float32)
    mean = x.mean(0)
    assert found(match_ranks(x, x, mean)).all()
    nothing = match_ranks(np.broadcast_to(mean, x.shape), x, mean)
    assert np.all(nothing == (len(x) + 1) / 2), "ties are neither found nor lost"


def test_shrinking_towards_the_mean_does_not_change_the_match() -> None:
    random = np.random.default_rng(6)
    x = random.random((40, 3, 8, 8), np.float32)
    mean = x.mean(0)
    guess = x + random.normal(0, 0.5, x.shape).astype(np.float32)
    shrunk = mean + np.float32(0.3) * (guess - mean)
    assert np.array_equal(match_ranks(guess, x, mean), match_ranks(shrunk, x, mean))


def test_likeness_that_is_no_number_is_no_find() -> None:
    assert not found(ranks(np.full((5, 5), np.nan))).any()
    assert np.all(cosine(np.zeros((2, 3), np.float32), np.ones((2, 3), np.float32)) == 0)
