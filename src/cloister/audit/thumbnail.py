"""The unit that a person understands: what k x k thumbnail is a reconstruction worth?

A picture's own k x k thumbnail (area average, brought back by bicubic interpolation) has an error;
a reconstruction whose error on that picture is no larger is worth at least k. Between two rungs of
the ladder the value is interpolated in the logarithm of the error. Worse than the own mean colour
is 0.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cloister.audit.measures import Doubles, mse

Floats = NDArray[np.float32]

RUNGS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64)
# An error below this is none: 60 dB, less than half a step of 8-bit pixels.
EXACT: Final = 1e-6


def _resampler(length: int, to: int, how: Image.Resampling) -> Floats:
    """[to, length]: the linear map of Pillow's resizing along one axis."""
    eye = Image.fromarray(np.eye(length, dtype=np.float32))
    return np.array(eye.resize((length, to), how), np.float32)


def thumbnails(targets_NCHW: Floats, k: int) -> Floats:
    """Own k x k thumbnails of pictures, brought back to their size."""

    def there_and_back(side: int) -> Floats:
        small = min(k, side)
        down = _resampler(side, small, Image.Resampling.BOX)
        return np.asarray(_resampler(small, side, Image.Resampling.BICUBIC) @ down)

    rows, columns = (there_and_back(side) for side in targets_NCHW.shape[2:])
    return np.asarray(np.clip(np.matmul(np.matmul(rows, targets_NCHW), columns.T), 0, 1))


def ladder(side: int) -> list[int]:
    """The rungs below a side, and the side itself."""
    return [k for k in RUNGS if k < side] + [side]


def ladder_errors(targets_NCHW: Floats) -> Doubles:
    """Errors [N, rungs] of the own thumbnails; they never rise along the ladder."""
    side = int(min(targets_NCHW.shape[2:]))
    errors = [mse(thumbnails(targets_NCHW, k), targets_NCHW) for k in ladder(side)[:-1]]
    table = np.stack([*errors, np.zeros(len(targets_NCHW))], axis=1)
    return np.maximum(np.minimum.accumulate(table, axis=1), EXACT)


def worth(error_N: Doubles, errors_NR: Doubles, rungs: list[int]) -> Doubles:
    """The equivalent thumbnail's side for each picture.

    Args:
        error_N: Errors of the reconstructions.
        errors_NR: What `ladder_errors` gave for the same pictures.
        rungs: What `ladder` gave.
    """
    error = np.maximum(error_N, EXACT)[:, None]
    reached = (error <= errors_NR * (1 + 1e-9)).sum(1)  # errors fall: a count is a place
    place = np.clip(reached - 1, 0, len(rungs) - 1)
    above = np.minimum(place + 1, len(rungs) - 1)
    sides = np.array(rungs, np.float64)
    row = np.arange(len(error_N))
    low, high = np.log(errors_NR[row, place]), np.log(errors_NR[row, above])
    gap = np.where(low > high, low - high, 1.0)
    part = np.clip((low - np.log(error[:, 0])) / gap, 0, 1)
    # A rung that is no nearer than a smaller one counts as that: 20 of 32 pixels after 16 of 32.
    first = (errors_NR > errors_NR[row, place][:, None] * (1 + 1e-9)).sum(1)
    value = sides[first] + part * (sides[above] - sides[first])
    return np.where(reached == 0, 0.0, value)
