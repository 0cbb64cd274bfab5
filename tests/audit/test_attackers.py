"""The closed-form decoders do what the algebra says."""

from __future__ import annotations

import numpy as np
import pytest

from cloister.audit import local_ridge, ridge
from cloister.audit.attackers import Means
from cloister.audit.features import Features, Part, _pooled, groups, plan_parts
from cloister.audit.guess import Reconstruction, finish
from cloister.audit.measures import mse
from cloister.audit.pairs import Pairs
from cloister.audit.planted import plant, planted_side, wanted_side
from cloister.audit.subject import PICTURES
from cloister.graph.cuts import Cut
from cloister.graph.graph import TensorInfo


def pairs_of(rows: np.ndarray, y: np.ndarray, parts: tuple[Part, ...] | None = None) -> Pairs:
    places = np.arange(len(y))
    train, validation, victims = places[:300], places[300:360], places[360:]
    features = Features(rows.astype(np.float32), parts or (Part(0, rows.shape[1:]),))
    return Pairs(features, train, validation, victims, y[train], y[validation])


def rebuilt(pairs: Pairs) -> Reconstruction:
    return finish(ridge.attack(pairs, Means()), pairs)


@pytest.fixture(scope="module")
def secret() -> np.ndarray:
    return np.random.default_rng(0).random((420, 1, 8, 8), np.float32)


@pytest.mark.parametrize("width", [64, 200, 900])  # primal below 300 pictures, dual above
def test_ridge_inverts_a_linear_map(secret: np.ndarray, width: int) -> None:
    random = np.random.default_rng(1)
    rows = secret.reshape(420, -1) @ random.standard_normal((64, width)) + 5
    made = ridge.attack(pairs_of(rows, secret), Means())
    assert mse(made.victims_NCHW, secret[360:]).max() < 1e-3


def test_primal_and_dual_agree(secret: np.ndarray) -> None:
    random = np.random.default_rng(2)
    rows = np.tanh(secret.reshape(420, -1) @ random.standard_normal((64, 120)))
    pairs = pairs_of(rows, secret)
    for pictures in (150, 300):
        primal, dual = ridge._primal(pairs)(pictures), ridge._dual(pairs)(pictures)
        y = secret[:pictures].reshape(pictures, -1).astype(np.float64)
        made = primal.weights(0.01) @ y
        # The dual's Gram matrix is summed in float32.
        assert np.allclose(made, dual.weights(0.01) @ y, atol=1e-3)
        for form in (primal, dual):
            assert np.allclose(form.predict(y, 0.01, 60), (form.weights(0.01) @ y)[:60])


def test_constant_features_give_the_mean_picture(secret: np.ndarray) -> None:
    pairs = pairs_of(np.full((420, 30), 7.0), secret)
    made = rebuilt(pairs)
    assert made.shrink == 0 and np.allclose(made.victims_NCHW, pairs.mean_CHW, atol=1e-6)


def test_noise_is_shrunk_to_nearly_the_mean_picture(secret: np.ndarray) -> None:
    pairs = pairs_of(np.random.default_rng(3).standard_normal((420, 500)), secret)
    made = rebuilt(pairs)
    floor = mse(np.broadcast_to(pairs.mean_CHW, secret[360:].shape), secret[360:]).mean()
    assert mse(made.victims_NCHW, secret[360:]).mean() < 1.02 * floor


def test_the_local_decoder_learns_a_convolution_from_few_pictures(secret: np.ndarray) -> None:
    from scipy.ndimage import correlate

    kernels = np.random.default_rng(4).standard_normal((6, 3, 3))
    maps = np.stack(
        [[correlate(x[0], k, mode="constant") for k in kernels] for x in secret]
    )  # [N, 6, 8, 8]
    pairs = pairs_of(maps.reshape(420, -1), secret, (Part(0, (6, 8, 8)),))
    made = local_ridge.attack(pairs, Means())
    assert made is not None
    inner = (slice(None), slice(None), slice(1, 7), slice(1, 7))
    assert np.square(made.victims_NCHW - secret[360:])[inner].mean() < 0.01


def test_the_local_decoder_declines_vectors(secret: np.ndarray) -> None:
    assert local_ridge.attack(pairs_of(np.zeros((420, 10)), secret), Means()) is None


def test_the_planted_thumbnail_is_found(secret: np.ndarray) -> None:
    planted = plant(secret, (400,), 4, 0)
    places = np.arange(420)
    pairs = Pairs(
        planted.features, places[:300], places[300:360], places[360:], secret[:300],
        secret[300:360],
    )  # fmt: skip
    made = rebuilt(pairs)
    assert made.shrink > 0.8


def test_only_what_fits_is_planted() -> None:
    assert [planted_side((w,), 3, 8) for w in (2, 3, 10, 128, 192, 9999)] == [0, 1, 1, 6, 8, 8]
    maps = ((3, 16, 16), (2, 16, 16), (12, 4, 4), (11, 4, 4), (512, 2, 2))
    assert [planted_side(shape, 3, 8) for shape in maps] == [8, 0, 8, 4, 8]


def cut_of(*shapes: tuple[int, ...]) -> Cut:
    infos = tuple(TensorInfo(f"t{i}", "float32", s) for i, s in enumerate(shapes))
    return Cut("+".join(i.name for i in infos), infos, (), 0)


def test_all_crossing_tensors_stand_in_one_row() -> None:
    parts = plan_parts(cut_of((1, 8, 16, 16), (1, 4, 8, 8)), (16, 16))
    assert [(p.start, p.shape, p.pool) for p in parts] == [
        (0, (8, 16, 16), 1), (2048, (4, 8, 8), 1),
    ]  # fmt: skip


def test_maps_finer_than_what_is_rebuilt_are_averaged_and_said_to_be() -> None:
    parts = plan_parts(cut_of((1, 64, 224, 224)), (56, 56))
    assert parts[0].shape == (64, 56, 56) and parts[0].pool == 4
    assert Features(np.zeros((1, parts[0].size), np.float32), parts).pooled


def test_a_picture_as_large_as_what_is_rebuilt_is_planted_as_well_as_a_small_one() -> None:
    """More numbers than one orthogonal map takes: nothing of them is lost."""
    pictures = np.random.default_rng(0).random((3, 3, 40, 40), np.float32)
    for shape in ((9000,), (48, 10, 10)):
        side = planted_side(shape, 3, 40)
        rows = plant(pictures, shape, side, 0).features.rows
        secret = pictures - pictures.mean(0)
        assert side == 40 and rows.shape[1] >= secret[0].size
        energy = np.square(rows).sum(1) / np.square(secret).sum((1, 2, 3))
        assert np.allclose(energy / energy.mean(), 1, atol=0.05)


def test_the_planted_side_is_twice_the_limit_but_leaves_room_below_the_picture() -> None:
    limits = ((1, 32), (4, 64), (4, 8), (6, 32), (16, 32), (24, 32), (31, 32))
    assert [wanted_side(*pair) for pair in limits] == [8, 8, 6, 12, 24, 28, 32]


def test_no_more_is_planted_than_is_rebuilt() -> None:
    target = np.zeros((3, 32, 32), np.float32)
    assert PICTURES.room((8192,), target, 48) == PICTURES.room((3, 32, 32), target, 48) == 32


def test_of_an_odd_side_the_last_line_counts_twice() -> None:
    (part,) = plan_parts(cut_of((1, 2, 5, 7)), (4, 4))
    assert (part.shape, part.pool) == ((2, 3, 4), 2)
    value = np.arange(70, dtype=np.float32).reshape(1, 2, 5, 7)
    rows = _pooled(value, part).reshape(part.shape)
    assert rows[0, 0, 0] == value[0, 0, :2, :2].mean()
    assert rows[1, 2, 3] == value[0, 1, 4, 6]


def test_maps_that_do_not_divide_the_picture_are_inverted_locally_too() -> None:
    """A convolution without padding leaves 30 of 32 places: few pictures suffice all the same."""
    random = np.random.default_rng(0)
    pictures = random.random((60, 3, 32, 32), dtype=np.float32)
    mixed = np.einsum("oc,nchw->nohw", random.normal(size=(6, 3)), pictures)
    rows = np.ascontiguousarray(mixed[:, :, 1:-1, 1:-1].reshape(60, -1), np.float32)
    features = Features(rows, (Part(0, (6, 30, 30)),))
    train, validation, victims = np.arange(40), np.arange(40, 50), np.arange(50, 60)
    pairs = Pairs(features, train, validation, victims, pictures[train], pictures[validation])
    guess = local_ridge.attack(pairs, Means())
    assert guess is not None and guess.victims_NCHW is not None
    inside = (slice(None), slice(None), slice(1, -1), slice(1, -1))
    assert mse(guess.victims_NCHW[inside], pictures[victims][inside]).max() < 1e-3


def test_the_cache_is_bounded_but_never_empty() -> None:
    assert groups([4, 4, 4, 20, 1], 8) == [[0, 1], [2], [3], [4]]
