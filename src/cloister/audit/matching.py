"""Is the original found among others?

`match_reconstruction`: from the reconstruction, in a gallery of all victims' originals.
`match_changed`: from the crossing tensors, in a gallery that holds a changed copy of each victim
(JPEG, crop, flip, light in turn). Whoever holds the exact picture confirms it at every cut of a
deterministic network by running the head; that needs no attack and is not measured.

Chance is 1/N for the first place and 10/N for the first ten; ties count as chance would.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cloister.audit.measures import Doubles

Floats = NDArray[np.float32]
TOP = 10


def ranks(likeness_QG: NDArray[np.floating]) -> Doubles:
    """Rank of the true entry (the query's own place) for each query; 1 is found at once.

    Entries just as like as the true one come before or after it by chance: half of them count.
    NaN likeness ranks as the middle of the gallery.
    """
    likeness = np.nan_to_num(likeness_QG.astype(np.float64), nan=0.0)
    own = np.diag(likeness)[:, None]
    above = (likeness > own).sum(1)
    ties = (likeness == own).sum(1) - 1
    return np.asarray(1 + above + ties / 2)


def cosine(a_ND: Floats, b_ND: Floats) -> Doubles:
    """Cosine of each pair of rows; rows without length are like nothing."""

    def unit(x: Floats) -> Floats:
        length = np.sqrt(np.square(x).sum(1, keepdims=True))
        return np.asarray(x / np.where(length > 1e-12, length, np.inf))

    return np.asarray(unit(a_ND) @ unit(b_ND).T, np.float64)


def match_ranks(guess_NCHW: Floats, originals_NCHW: Floats, mean_CHW: Floats) -> Doubles:
    """Ranks of the originals from the reconstructions, by the cosine of what differs from the
    mean picture: shrinking a reconstruction towards the mean does not change them.
    """
    count = len(guess_NCHW)
    guess = (guess_NCHW - mean_CHW).reshape(count, -1)
    # What rounding leaves of the mean picture is no guess.
    guess = np.where(np.abs(guess).max(1, keepdims=True) > 1e-4, guess, 0)
    return ranks(cosine(guess, (originals_NCHW - mean_CHW).reshape(count, -1)))


def found(rank_N: Doubles, top: int = 1) -> NDArray[np.bool_]:
    """Whether each is among the first `top`."""
    return np.asarray(rank_N < top + 0.5)
