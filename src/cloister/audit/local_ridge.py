"""The local linear decoder: each patch of pixels from the features around its place, everywhere by
the same weights.

It learns from every place of every picture, so a shallow cut needs few pictures, where the global
decoder can only combine pictures that it has seen. Maps whose sides do not divide the target's
stand in the middle of the next finer grid that does: convolutions without padding lose as many
places on each side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from cloister.audit.attackers import Means
from cloister.audit.features import Part
from cloister.audit.measures import mse, psnr_db
from cloister.audit.pairs import Guess, Pairs

Floats = NDArray[np.float32]

STRENGTHS: Final = (1e-6, 1e-4, 1e-2)
# A neighbourhood of 3 x 3 places where that makes no more numbers than this, else the place alone.
NUMBERS_MAX: Final = 2400
PLACES_MAX: Final = 60_000
# Multiply-adds of the Gram matrix at which fewer places are learnt from.
WORK_MAX: Final = 1.2e11
_LOT: Final = 64


@dataclass(frozen=True)
class Fit:
    """How a cut's maps are laid over the target.

    Args:
        maps: Places of the crossing tensors that are used: those of the finest grid, together.
        numbers: What stands around a place: all channels, of the neighbours too.
        reach: Places to each side of the neighbourhood: 1, or 0 where that makes too many numbers.
        patch: Pixels a side that one place stands for.
        grid: Places, [height, width].
    """

    maps: tuple[int, ...]
    numbers: int
    reach: int
    patch: int
    grid: tuple[int, int]

    def each(self, pictures: int) -> int:
        """Places of each picture that are learnt from."""
        wanted = max(4 * self.numbers, min(PLACES_MAX, int(WORK_MAX / self.numbers**2)))
        return int(np.clip(-(-wanted // pictures), 1, self.grid[0] * self.grid[1]))


def fit(parts: Sequence[Part], target: tuple[int, int]) -> Fit | None:
    """None where no map fits the target's grid."""
    height, width = target
    patches = {
        place: patch
        for place, part in enumerate(parts)
        if len(part.shape) == 3
        and part.shape[1] > 1
        and (patch := _patch(part.shape[1], height)) == _patch(part.shape[2], width) > 0
    }
    if not patches:
        return None
    finest = min(patches.values())
    maps = tuple(place for place, patch in patches.items() if patch == finest)
    channels = sum(parts[p].shape[0] for p in maps)
    reach = 1 if 9 * channels <= NUMBERS_MAX else 0
    numbers = channels * (2 * reach + 1) ** 2
    if numbers > 2 * NUMBERS_MAX:
        return None
    return Fit(maps, numbers, reach, finest, (height // finest, width // finest))


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Rebuilds validation pictures and victims; None where no map fits the target's grid."""
    height, width = pairs.train_NCHW.shape[2:]
    laid = fit(pairs.features.parts, (height, width))
    if laid is None:
        return None
    decoder = _Decoder(pairs, laid)
    decoder.learn(means.seed)
    guesses = [
        (mse(guess, pairs.validation_NCHW).mean(), strength, guess)
        for strength, guess in zip(
            STRENGTHS, decoder.rebuild(pairs.validation, STRENGTHS), strict=True
        )
    ]
    error, strength, validation = min(guesses, key=lambda g: g[:2])
    return Guess(
        "local ridge",
        validation,
        decoder.rebuild(pairs.victims, (strength,))[0],
        ((len(pairs.train), float(psnr_db(np.array([error]))[0])),),
        {
            "relative_strength": strength, "neighbourhood": 2 * laid.reach + 1,
            "places": decoder.places,
        },
    )  # fmt: skip


def _patch(side: int, target: int) -> int:
    """Pixels a side that one place stands for, on the coarsest grid that is no coarser than the
    map and divides the target; 0: the map is finer than the target.
    """
    return max(
        (p for p in range(1, target + 1) if target % p == 0 and target // p >= side), default=0
    )


def _centred(x_NCHW: Floats, h: int, w: int) -> Floats:
    """In the middle of a grid of h x w places; 0, the mean, stands where there are none."""
    missing = h - x_NCHW.shape[2], w - x_NCHW.shape[3]
    return np.pad(x_NCHW, [(0, 0), (0, 0), *((m // 2, m - m // 2) for m in missing)])


class _Decoder:
    def __init__(self, pairs: Pairs, laid: Fit) -> None:
        self.pairs, self.laid = pairs, laid
        self.places = 0
        self.weights: dict[float, Floats] = {}

    def _maps(self, places: NDArray[np.intp]) -> Floats:
        """[pictures, h, w, channels], and beyond the edges neighbours that are 0, the mean."""
        x = np.concatenate(
            [_centred(self.pairs.maps(places, m), *self.laid.grid) for m in self.laid.maps], axis=1
        ).transpose(0, 2, 3, 1)
        beyond = (self.laid.reach, self.laid.reach)
        return np.pad(x, ((0, 0), beyond, beyond, (0, 0)))

    def _shifts(self) -> list[tuple[slice, slice]]:
        """Where each neighbour of all places stands in `_maps`."""
        (h, w), steps = self.laid.grid, range(2 * self.laid.reach + 1)
        return [(slice(dy, dy + h), slice(dx, dx + w)) for dy in steps for dx in steps]

    def _patches(self, targets_NCHW: Floats) -> Floats:
        """[pictures, h, w, pixels of a patch], around the mean picture."""
        (n, c), (h, w), p = targets_NCHW.shape[:2], self.laid.grid, self.laid.patch
        x = (targets_NCHW - self.pairs.mean_CHW).reshape(n, c, h, p, w, p)
        return x.transpose(0, 2, 4, 1, 3, 5).reshape(n, h, w, -1)

    def learn(self, seed: int) -> None:
        """Gram matrices of places drawn from all pictures."""
        random = np.random.default_rng(seed)
        train, numbers = self.pairs.train, self.laid.numbers
        area, across = math.prod(self.laid.grid), self.laid.grid[1]
        each = self.laid.each(len(train))
        gram = np.zeros((numbers, numbers))
        cross: NDArray[np.float64] | None = None
        for start in range(0, len(train), _LOT):
            lot = slice(start, start + _LOT)
            x, y = self._maps(train[lot]), self._patches(self.pairs.train_NCHW[lot])
            chosen = np.stack([random.permutation(area)[:each] for _ in range(len(x))])
            row, column = np.divmod(chosen, across)
            each_one = np.arange(len(x))[:, None]
            around = [
                x[each_one, row + rows.start, column + columns.start]
                for rows, columns in self._shifts()
            ]
            rows = np.concatenate(around, axis=2).reshape(-1, numbers)
            wishes = y[each_one, row, column].reshape(len(rows), -1)
            gram += rows.T @ rows
            own = rows.T @ wishes
            cross = own.astype(np.float64) if cross is None else cross + own
            self.places += len(rows)
        assert cross is not None
        level = float(np.trace(gram)) / numbers
        for strength in STRENGTHS:
            self.weights[strength] = _solve(gram, strength * level, cross)

    def rebuild(self, places: NDArray[np.intp], strengths: Sequence[float]) -> list[Floats]:
        """Pictures [N, C, H, W] from their features, by each of the strengths."""
        (h, w), c, p = self.laid.grid, self.pairs.mean_CHW.shape[0], self.laid.patch
        weights = np.concatenate([self.weights[s] for s in strengths], axis=1)
        each = np.split(weights, len(self._shifts()))
        made = np.empty((len(strengths), len(places), c, h * p, w * p), np.float32)
        for start in range(0, len(places), _LOT):
            x = self._maps(places[start : start + _LOT])
            # Every neighbour's share apart: no neighbourhood is ever written out.
            y = sum(
                np.matmul(x[:, rows, columns], own)
                for (rows, columns), own in zip(self._shifts(), each, strict=True)
            )
            patches = np.asarray(y).reshape(len(x), h, w, len(strengths), c, p, p)
            made[:, start : start + len(x)] = patches.transpose(3, 0, 4, 1, 5, 2, 6).reshape(
                len(strengths), len(x), c, h * p, w * p
            )
        return list(made + self.pairs.mean_CHW)


def _solve(gram: NDArray[np.float64], damping: float, cross: NDArray[np.float64]) -> Floats:
    if not damping > 0:
        return np.zeros(cross.shape, np.float32)
    while True:
        damped = gram + damping * np.eye(len(gram))
        try:
            return np.asarray(cho_solve(cho_factor(damped, lower=True), cross), np.float32)
        except LinAlgError:
            damping *= 10
