"""Preprocessing and labels that a named network brings: torchvision's own, of its published
weights.

Reads the description of the weights only; downloads nothing. Needs torchvision.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from cloister.graph import zoo
from cloister.preprocess import Preprocess

_INTERPOLATIONS = {"nearest": "nearest", "bilinear": "bilinear", "bicubic": "bicubic"}


def preprocess(name: str, shape: tuple[int, ...]) -> Preprocess | None:
    """How torchvision evaluates this network; None where it does not say."""
    weights = _weights(name)
    if weights is None or len(shape) != 4:
        return None
    preset = weights.transforms()
    side = int(preset.crop_size[0])
    to = int(preset.resize_size[0])
    interpolation = _INTERPOLATIONS.get(preset.interpolation.value)
    if interpolation is None or shape != (1, 3, side, side):
        return None
    return Preprocess(
        size=(side, side),
        resize="shorter",
        resize_to=(to, to),
        interpolation=interpolation,
        colour="RGB",
        scale=1 / 255,
        mean=tuple(map(float, preset.mean)),
        std=tuple(map(float, preset.std)),
    )


def labels(name: str, answers: int) -> tuple[str, ...] | None:
    """The classes of the published weights; None where they are not those of this network."""
    weights = _weights(name)
    found = tuple(weights.meta.get("categories", ())) if weights is not None else ()
    return found if len(found) == answers else None


def _weights(name: str) -> Any | None:  # noqa: ANN401 - torchvision is untyped here
    if name not in zoo.names():  # also makes torchvision importable beside a CPU build of torch
        return None
    return import_module("torchvision.models").get_model_weights(name).DEFAULT
