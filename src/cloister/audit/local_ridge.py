"""The local linear decoder: each patch of pixels from the features around its place, everywhere by
the same weights.

It learns from every place of every picture, so a shallow cut needs few pictures, where the global
decoder can only combine pictures that it has seen. Maps whose sides do not divide the target's
stand in the middle of the next finer grid that does: convolutions without padding lose as many
places on each side.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from cloister.audit.attackers import Means
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


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Rebuilds validation pictures and victims; None where no map fits the target's grid."""
    height, width = pairs.train_NCHW.shape[2:]
    patches = {
        place: patch
        for place, part in enumerate(pairs.features.parts)
        if len(part.shape) == 3
        and part.shape[1] > 1
        and (patch := _patch(part.shape[1], height)) == _patch(part.shape[2], width) > 0
    }
    if not patches:
        return None
    # All maps of the finest grid together.
    finest = min(patches.values())
    maps = [place for place, patch in patches.items() if patch == finest]
    numbers = sum(pairs.features.parts[p].shape[0] for p in maps)
    reach = 1 if 9 * numbers <= NUMBERS_MAX else 0
    if numbers * (2 * reach + 1) ** 2 > 2 * NUMBERS_MAX:
        return None
    decoder = _Decoder(pairs, maps, reach, finest)
    decoder.learn(means.seed)
    guesses = [
        (mse(guess, pairs.validation_NCHW).mean(), strength, guess)
        for strength in STRENGTHS
        for guess in [decoder.rebuild(pairs.validation, strength)]
    ]
    error, strength, validation = min(guesses, key=lambda g: g[:2])
    return Guess(
        "local ridge",
        validation,
        decoder.rebuild(pairs.victims, strength),
        ((len(pairs.train), float(psnr_db(np.array([error]))[0])),),
        {"relative_strength": strength, "neighbourhood": 2 * reach + 1, "places": decoder.places},
    )


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
    def __init__(self, pairs: Pairs, maps: list[int], reach: int, patch: int) -> None:
        self.pairs, self.maps, self.reach, self.patch = pairs, maps, reach, patch
        height, width = pairs.train_NCHW.shape[2:]
        self.grid = height // patch, width // patch
        self.places = 0
        self.weights: dict[float, Floats] = {}

    def _around(self, places: NDArray[np.intp]) -> Floats:
        """[pictures, h, w, numbers]: what stands around each place; 0, the mean, beyond edges."""
        x = np.concatenate(
            [_centred(self.pairs.maps(places, m), *self.grid) for m in self.maps], axis=1
        )
        if self.reach == 0:
            return np.ascontiguousarray(x.transpose(0, 2, 3, 1))
        h, w = x.shape[2:]
        padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
        shifted = [padded[:, :, dy : dy + h, dx : dx + w] for dy in range(3) for dx in range(3)]
        return np.ascontiguousarray(np.concatenate(shifted, axis=1).transpose(0, 2, 3, 1))

    def _patches(self, targets_NCHW: Floats) -> Floats:
        """[pictures, h, w, pixels of a patch], around the mean picture."""
        n, c, height, width = targets_NCHW.shape
        x = (targets_NCHW - self.pairs.mean_CHW).reshape(
            n, c, height // self.patch, self.patch, width // self.patch, self.patch
        )
        return x.transpose(0, 2, 4, 1, 3, 5).reshape(*x.shape[:1], x.shape[2], x.shape[4], -1)

    def learn(self, seed: int) -> None:
        """Gram matrices of places drawn from all pictures."""
        random = np.random.default_rng(seed)
        area = self.grid[0] * self.grid[1]
        numbers = sum(self.pairs.features.parts[m].shape[0] for m in self.maps)
        numbers *= (2 * self.reach + 1) ** 2
        wanted = max(4 * numbers, min(PLACES_MAX, int(WORK_MAX / numbers**2)))
        train = self.pairs.train
        each = int(np.clip(np.ceil(wanted / len(train)), 1, area))
        gram = np.zeros((numbers, numbers))
        cross: NDArray[np.float64] | None = None
        for start in range(0, len(train), _LOT):
            lot = slice(start, start + _LOT)
            x = self._around(train[lot]).reshape(-1, area, numbers)
            y = self._patches(self.pairs.train_NCHW[lot])
            y = y.reshape(len(x), area, -1)
            chosen = np.stack([random.permutation(area)[:each] for _ in range(len(x))])
            rows = np.take_along_axis(x, chosen[:, :, None], 1).reshape(-1, numbers)
            wishes = np.take_along_axis(y, chosen[:, :, None], 1).reshape(len(rows), -1)
            gram += rows.T @ rows
            own = rows.T @ wishes
            cross = own.astype(np.float64) if cross is None else cross + own
            self.places += len(rows)
        assert cross is not None
        level = float(np.trace(gram)) / numbers
        for strength in STRENGTHS:
            self.weights[strength] = _solve(gram, strength * level, cross)

    def rebuild(self, places: NDArray[np.intp], strength: float) -> Floats:
        """Pictures [N, C, H, W] from their features."""
        c = self.pairs.mean_CHW.shape[0]
        lots = []
        for start in range(0, len(places), _LOT):
            x = self._around(places[start : start + _LOT])
            n, h, w, numbers = x.shape
            y = (x.reshape(-1, numbers) @ self.weights[strength]).reshape(
                n, h, w, c, self.patch, self.patch
            )
            y = y.transpose(0, 3, 1, 4, 2, 5).reshape(n, c, h * self.patch, w * self.patch)
            lots.append(y + self.pairs.mean_CHW)
        return np.concatenate(lots).astype(np.float32)


def _solve(gram: NDArray[np.float64], damping: float, cross: NDArray[np.float64]) -> Floats:
    if not damping > 0:
        return np.zeros(cross.shape, np.float32)
    while True:
        damped = gram + damping * np.eye(len(gram))
        try:
            return np.asarray(cho_solve(cho_factor(damped, lower=True), cross), np.float32)
        except LinAlgError:
            damping *= 10
