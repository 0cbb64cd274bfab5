"""What an attacker is given: pairs of features and pictures, and the features of the victims.

Each number is centred by its mean over the attacker's pictures and scaled by its channel's
deviation; channels that do not vary are left at 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cloister.audit.features import Features

Floats = NDArray[np.float32]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Pairs:
    """An attacker's knowledge at one cut, and its task.

    Args:
        features: Rows of all pictures at this cut.
        train: Places of the pictures that the attack is fitted on.
        validation: Places of those that choose its strength.
        victims: Places of those that it is asked to rebuild.
        train_NCHW: Targets of `train`.
        validation_NCHW: Targets of `validation`.
    """

    features: Features
    train: Places
    validation: Places
    victims: Places
    train_NCHW: Floats
    validation_NCHW: Floats

    @property
    def asked(self) -> Places:
        """Validation and victims: what an attacker rebuilds, in this order."""
        return np.concatenate([self.validation, self.victims])

    @cached_property
    def mean_CHW(self) -> Floats:
        """Mean of the attacker's pictures: what is known without the features."""
        return np.asarray(self.train_NCHW.mean(0, dtype=np.float64), np.float32)

    @cached_property
    def scaling(self) -> tuple[Floats, Floats]:
        """Mean of each number and the inverse deviation of its channel, [width]."""
        mean = np.empty(self.features.width, np.float32)
        variance = np.empty(self.features.width, np.float64)
        for block, rows in self.features.columns(self.train):
            mean[block] = rows.mean(0, dtype=np.float64)
            variance[block] = rows.var(0, dtype=np.float64)
        scale = np.zeros(self.features.width, np.float32)
        for part in self.features.parts:
            own = variance[part.start : part.stop]
            if len(part.shape) == 3:
                own = np.repeat(
                    own.reshape(part.shape[0], -1).mean(1), part.shape[1] * part.shape[2]
                )
            level = np.square(mean[part.start : part.stop], dtype=np.float64)
            varies = own > 1e-12 * np.maximum(level, 1e-12)
            scale[part.start : part.stop] = np.where(varies, 1 / np.sqrt(np.maximum(own, 1e-30)), 0)
        return mean, scale

    def columns(self, places: Places) -> Iterator[Floats]:
        """Scaled rows of the chosen pictures, a block of columns at a time."""
        mean, scale = self.scaling
        for block, rows in self.features.columns(places):
            yield (rows - mean[block]) * scale[block]

    def maps(self, places: Places, part_index: int) -> Floats:
        """One crossing tensor of the chosen pictures, scaled, in its own shape."""
        part = self.features.parts[part_index]
        mean, scale = self.scaling
        block = slice(part.start, part.stop)
        rows = np.ascontiguousarray(self.features.rows[places, block], np.float32)
        return ((rows - mean[block]) * scale[block]).reshape(len(places), *part.shape)


@dataclass(frozen=True)
class Guess:
    """What an attacker rebuilt, before it is shrunk towards the mean.

    Args:
        attacker: Who.
        validation_NCHW: Of the validation pictures, or of the first of them.
        victims_NCHW: Of the victims; None where validation showed that another attacker does
            better and the victims were spared.
        budget: (pictures learnt from, validation PSNR in dB), rising; empty where not measured.
        facts: Settings that were chosen, for the record.
        weights: Of a trained attacker.
    """

    attacker: str
    validation_NCHW: Floats
    victims_NCHW: Floats | None
    budget: tuple[tuple[int, float], ...]
    facts: Mapping[str, float]
    weights: Mapping[str, NDArray[Any]] | None = None
