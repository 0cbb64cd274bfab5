"""From what an attacker rebuilt to what is judged: shrunk towards the mean of the attacker's
pictures by the factor that is best on validation (0: nothing was learnt, 1: as it is). Victims are
not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cloister.audit.measures import Doubles, mse
from cloister.audit.pairs import Guess, Pairs

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Reconstruction:
    """An attacker's output, shrunk and clamped to 0..1.

    Args:
        shrink: The factor.
        validation_NCHW: Of the validation pictures that were rebuilt.
        validation_mse: Their errors.
        victims_NCHW: Of the victims; None where they were not attacked.
    """

    shrink: float
    validation_NCHW: Floats
    validation_mse: Doubles
    victims_NCHW: Floats | None


def finish(guess: Guess, pairs: Pairs) -> Reconstruction:
    """Shrinks what an attacker rebuilt."""
    factor, error = shrink(guess.validation_NCHW, pairs)
    victims = guess.victims_NCHW
    return Reconstruction(
        factor,
        _apply(guess.validation_NCHW, factor, pairs.mean_CHW),
        error,
        None if victims is None else _apply(victims, factor, pairs.mean_CHW),
    )


def shrink(guess_NCHW: Floats, pairs: Pairs) -> tuple[float, Doubles]:
    """The factor in 0..1 that is best on validation by least squares, and each picture's error
    with it.

    Args:
        guess_NCHW: Of the first validation pictures, or all.
        pairs: What they are compared with.
    """
    truth = pairs.validation_NCHW[: len(guess_NCHW)]
    guess = (guess_NCHW - pairs.mean_CHW).astype(np.float64)
    power = float(np.square(guess).sum())
    wish = float((guess * (truth - pairs.mean_CHW)).sum())
    factor = float(np.clip(wish / power, 0, 1)) if power > 0 else 0.0
    return factor, mse(_apply(guess_NCHW, factor, pairs.mean_CHW), truth)


def _apply(guess_NCHW: Floats, factor: float, mean_CHW: Floats) -> Floats:
    return np.clip(mean_CHW + np.float32(factor) * (guess_NCHW - mean_CHW), 0, 1)
