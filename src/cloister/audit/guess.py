"""From what attackers rebuilt to the one reconstruction that is judged.

The attacker with the smallest validation error is chosen; its output is shrunk towards the mean of
the attacker's pictures by the factor that is best on validation (0: nothing was learnt, 1: as it
is). Victims are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit import local_ridge, ridge
from cloister.audit.measures import mse, psnr_db
from cloister.audit.pairs import Guess, Pairs

Floats = NDArray[np.float32]

FAST: Final[tuple[Callable[[Pairs, int], Guess | None], ...]] = (ridge.attack, local_ridge.attack)
# The last doubling of the attacker's pictures must not still gain so much.
GAIN_DB: Final = 0.3


@dataclass(frozen=True)
class Reconstruction:
    """The chosen attacker's output, shrunk and clamped to 0..1.

    Args:
        attacker: Who was chosen.
        shrink: The factor.
        victims_NCHW: Reconstructions of the victims.
        validation_psnr_db: Of all attackers that fitted.
        budget: (pictures learnt from, validation PSNR in dB) of the chosen one.
        facts: Its settings.
    """

    attacker: str
    shrink: float
    victims_NCHW: Floats
    validation_psnr_db: dict[str, float]
    budget: tuple[tuple[int, float], ...]
    facts: dict[str, float]

    @property
    def budget_limited(self) -> bool:
        """True where more pictures would still have helped noticeably."""
        return len(self.budget) > 1 and self.budget[-1][1] - self.budget[-2][1] > GAIN_DB


def rebuild(
    pairs: Pairs, seed: int, attackers: Sequence[Callable[[Pairs, int], Guess | None]] = FAST
) -> Reconstruction:
    """Runs the attackers, chooses one, shrinks it."""
    found = []
    for attack in attackers:
        guess = attack(pairs, seed)
        if guess is not None:
            factor, error = _shrink(guess.validation_NCHW, pairs)
            found.append((error, guess.attacker, factor, guess))
    error, name, factor, chosen = min(found, key=lambda entry: entry[:2])
    return Reconstruction(
        name,
        factor,
        _apply(chosen.victims_NCHW, factor, pairs.mean_CHW),
        {entry[1]: float(psnr_db(np.array([entry[0]]))[0]) for entry in found},
        chosen.budget,
        chosen.facts,
    )


def _apply(guess_NCHW: Floats, factor: float, mean_CHW: Floats) -> Floats:
    return np.clip(mean_CHW + np.float32(factor) * (guess_NCHW - mean_CHW), 0, 1)


def _shrink(guess_NCHW: Floats, pairs: Pairs) -> tuple[float, float]:
    """The factor in 0..1 that is best on validation by least squares, and the error with it."""
    guess = (guess_NCHW - pairs.mean_CHW).astype(np.float64)
    wish = (pairs.validation_NCHW - pairs.mean_CHW).astype(np.float64)
    power = float(np.square(guess).sum())
    factor = float(np.clip((guess * wish).sum() / power, 0, 1)) if power > 0 else 0.0
    error = mse(_apply(guess_NCHW, factor, pairs.mean_CHW), pairs.validation_NCHW)
    return factor, float(error.mean())
