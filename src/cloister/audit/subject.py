"""What is rebuilt: pictures or records. One row each of what differs between them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.measures import Doubles, mse
from cloister.audit.pictures import (
    as_inputs,
    as_targets,
    changed_copies,
    side_of,
    target_size,
)
from cloister.audit.planted import Planted, plant, plant_features, planted_side
from cloister.audit.records import Records, changed, given_away, only_features
from cloister.audit.thumbnail import ladder, ladder_errors, thumbnails, worth
from cloister.preprocess import Preprocess

Floats = NDArray[np.float32]
How = Preprocess | Records
Worth = Callable[[Floats, Floats], Doubles]
"""How many of the unit each reconstruction is worth, from it and the mean."""


@dataclass(frozen=True)
class Subject:
    """What differs between pictures and records.

    Args:
        unit: What a leak is counted in (`verdict.UNITS`).
        inputs: Pixels to the network's inputs.
        targets: Pixels to what is rebuilt, [N, C, h, w] in 0..1.
        changed: Changed copies.
        target: Height and width of what is rebuilt.
        worth: From the truth: how many of the unit each reconstruction of it is worth.
        room: The largest secret that fits a tensor (0: none), from its shape, a target, and the
            largest wanted; none is larger than what is rebuilt.
        plant: Hides so much of every target in a tensor.
        ideal: The best that can be rebuilt of that secret, from the truth and the mean.
        oracles: Guesses that use the victim itself.
        thing: What one of them is called.
    """

    unit: str
    inputs: Callable[[Any, Any], Floats]
    targets: Callable[[Any, Any], Floats]
    changed: Callable[[Any], Any]
    target: Callable[[Any], tuple[int, int]]
    worth: Callable[[Floats], Worth]
    room: Callable[[tuple[int, ...], Floats, int], int]
    plant: Callable[[Floats, tuple[int, ...], int, int], Planted]
    ideal: Callable[[Floats, int, Floats], Floats]
    oracles: Callable[[Floats], dict[str, Floats]]
    thing: str


def _thumbnails(truth_NCHW: Floats) -> Worth:
    rungs, errors = ladder(int(min(truth_NCHW.shape[2:]))), ladder_errors(truth_NCHW)
    return lambda guess_NCHW, _: worth(mse(guess_NCHW, truth_NCHW), errors, rungs)


def _given_away(truth_NCHW: Floats) -> Worth:
    return lambda guess_NCHW, mean_CHW: given_away(guess_NCHW, truth_NCHW, mean_CHW)


def _own_thumbnails(victims_NCHW: Floats) -> dict[str, Floats]:
    found = {"own mean colour": thumbnails(victims_NCHW, 1)}
    for k in (2, 4, 8, 16, 32):
        if k < side_of(victims_NCHW):
            found[f"own {k} x {k} thumbnail"] = thumbnails(victims_NCHW, k)
    return found


PICTURES: Final = Subject(
    unit="thumbnail",
    inputs=as_inputs,
    targets=lambda pixels, _: as_targets(pixels),
    changed=changed_copies,
    target=lambda how: target_size(*how.size),
    worth=_thumbnails,
    room=lambda shape, target, wanted: planted_side(
        shape, len(target), min(wanted, *target.shape[1:])
    ),
    plant=plant,
    ideal=lambda truth, side, _: thumbnails(truth, side),
    oracles=_own_thumbnails,
    thing="picture",
)
RECORDS: Final = Subject(
    unit="features",
    inputs=lambda rows, how: how.inputs(rows),
    targets=lambda rows, how: how.percentiles(rows),
    changed=changed,
    target=lambda how: how.size,
    worth=_given_away,
    room=lambda shape, target, _: min(target.size, math.prod(shape)),
    plant=plant_features,
    ideal=only_features,
    oracles=lambda _: {},
    thing="record",
)


def subject_of(how: How) -> Subject:
    """By the way into the network."""
    return RECORDS if isinstance(how, Records) else PICTURES
