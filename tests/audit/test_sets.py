"""Victims, validation and attacker pictures share nothing."""

from __future__ import annotations

import numpy as np
import pytest

from cloister.audit.pictures import CHANGES, as_inputs, as_targets, changed_copies, target_size
from cloister.audit.self_check import drawn_pictures
from cloister.audit.sets import Pictures, make_sets
from cloister.errors import UserError
from cloister.preprocess import Preprocess, imagenet_default


def contents(pixels: np.ndarray) -> set[bytes]:
    return {picture.tobytes() for picture in pixels}


def test_sets_are_disjoint_by_content() -> None:
    sets = make_sets(drawn_pictures(200, 1), [drawn_pictures(100, 2)], victims_max=150)
    parts = [contents(sets.victims.pixels_NHWC)]
    for assumption in sets.assumptions:
        parts += [contents(assumption.train), contents(assumption.validation)]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 300


def test_a_victim_among_the_attackers_pictures_is_removed_there() -> None:
    own = drawn_pictures(60, 1)
    other = Pictures(
        "other", tuple(f"{i}" for i in range(80)),
        np.concatenate([drawn_pictures(60, 2).pixels_NHWC, own.pixels_NHWC[:20]]),
    )  # fmt: skip
    sets = make_sets(own, [other])
    assert sets.duplicates == 20
    (assumption,) = sets.assumptions
    learnt = contents(assumption.train) | contents(assumption.validation)
    assert not learnt & contents(sets.victims.pixels_NHWC)


def test_a_near_duplicate_of_a_victim_leaves_the_attackers_pictures() -> None:
    own = drawn_pictures(60, 1)
    others = drawn_pictures(80, 2).pixels_NHWC
    noise = np.random.default_rng(0).integers(-4, 5, own.pixels_NHWC[:20].shape)
    nearly = np.clip(own.pixels_NHWC[:20].astype(int) + noise, 0, 255).astype(np.uint8)
    other = Pictures("other", tuple(map(str, range(100))), np.concatenate([others, nearly]))
    sets = make_sets(own, [other])
    (assumption,) = sets.assumptions
    assert (sets.duplicates, sets.near_duplicates) == (0, 20)
    assert len(assumption.train) + len(assumption.validation) == 80


def test_pictures_that_only_resemble_each_other_stay() -> None:
    assert make_sets(drawn_pictures(900, 3)).near_duplicates == 0


def test_the_division_depends_on_content_and_seed_only() -> None:
    own = drawn_pictures(60, 1)
    turned = Pictures("turned", own.names[::-1], own.pixels_NHWC[::-1])
    assert make_sets(own).victims.names == make_sets(turned).victims.names
    assert make_sets(own).victims.names != make_sets(own, seed=1).victims.names


def test_pictures_all_alike_are_refused_with_their_number() -> None:
    pixels = np.repeat(drawn_pictures(1, 1).pixels_NHWC, 30, axis=0)
    with pytest.raises(UserError, match=r"1 different picture.*29 more") as error:
        make_sets(Pictures("alike", tuple(map(str, range(30))), pixels))
    assert error.value.code == "too-few-images"


def test_one_picture_is_too_few() -> None:
    with pytest.raises(UserError, match="expected at least"):
        make_sets(drawn_pictures(1, 1))


def test_how_many_victims_are_needed_is_said_for_the_cuts_at_hand() -> None:
    for cuts, needed in ((1, 72), (20, 131)):
        with pytest.raises(UserError) as error:
            make_sets(drawn_pictures(1, 1), cuts=cuts)
        assert f"fewer than {needed} victims" in str(error.value.hint)


def test_inputs_are_what_preprocessing_makes() -> None:
    how = imagenet_default((1, 3, 16, 16))
    pixels = drawn_pictures(3, 1).pixels_NHWC
    wanted = np.concatenate([how.apply(picture) for picture in pixels])
    assert np.array_equal(as_inputs(pixels, how), wanted)
    swapped = Preprocess.from_manifest(how.to_manifest() | {"colour": "BGR"})
    wanted = np.concatenate([swapped.apply(picture) for picture in pixels])
    assert np.array_equal(as_inputs(pixels, swapped), wanted)


def test_large_pictures_are_rebuilt_at_a_whole_fraction() -> None:
    assert [target_size(s, s) for s in (28, 32, 64, 224, 256)] == [
        (28, 28), (32, 32), (64, 64), (56, 56), (64, 64),
    ]  # fmt: skip
    pixels = np.full((2, 224, 224, 3), 51, np.uint8)
    assert as_targets(pixels).shape == (2, 3, 56, 56)
    assert np.allclose(as_targets(pixels), 0.2)


def test_every_kind_of_change_changes_the_picture() -> None:
    pixels = drawn_pictures(len(CHANGES), 3).pixels_NHWC
    changed = changed_copies(pixels)
    assert all((a != b).any() for a, b in zip(pixels, changed, strict=True))
