"""Tables: records of numbers instead of pictures, for networks that take no images.

Rules kept:
* A record is a picture of height 1 with one channel, so that sets, features, attackers, runs and
  verdicts are the same; its pixels are percentiles: a number's rank among all of its column. Heavy
  tails (bytes, counts) then weigh no more than flags.
* What counts is features, not thumbnails: those rebuilt to within 5 percentiles that the
  attacker's mean record does not give already.
* A changed copy is the record with each number 5 % larger or smaller.
* Records that resemble each other are no near duplicates: tables are full of them.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.sets import Pictures
from cloister.errors import UserError
from cloister.preprocess.inputs import TensorLike, read_arrays

Floats = NDArray[np.float32]

TOLERANCE: Final = 0.05
CHANGE: Final = 0.05
QUANTILES: Final = 2001


@dataclass(frozen=True, eq=False)
class Records:
    """How records become inputs and percentiles; stands where pictures have `Preprocess`.

    Args:
        shape: Of the network's input, batch first.
        columns: Each feature's values in order, [quantiles, features].
    """

    shape: tuple[int, ...]
    columns: NDArray[np.float64]

    channels = 1

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width of a record as a picture."""
        return 1, int(self.columns.shape[1])

    def to_manifest(self) -> dict[str, Any]:
        """For the run's question."""
        return {
            "records": hashlib.sha256(self.columns.tobytes()).hexdigest(),
            "shape": list(self.shape),
        }

    def inputs(self, rows_NHWC: Floats) -> Floats:
        """As the network's inputs, [N, ...]."""
        return np.asarray(rows_NHWC, np.float32).reshape(len(rows_NHWC), *self.shape[1:])

    def percentiles(self, rows_NHWC: Floats) -> Floats:
        """As targets in 0..1, [N, 1, 1, features]: each number's middle rank in its column."""
        rows = np.nan_to_num(rows_NHWC.reshape(len(rows_NHWC), -1).astype(np.float64))
        out = np.empty(rows.shape, np.float32)
        for place, column in enumerate(self.columns.T):
            low = np.searchsorted(column, rows[:, place], "left")
            high = np.searchsorted(column, rows[:, place], "right")
            out[:, place] = (low + high) / (2 * len(column))
        return out[:, None, None, :]


def changed(rows_NHWC: Floats) -> Floats:
    """Changed copies: numbers 5 % larger in every other record, smaller in the rest."""
    factor = np.where(np.arange(len(rows_NHWC)) % 2 == 0, 1 + CHANGE, 1 - CHANGE)
    return np.asarray(rows_NHWC * factor[:, None, None, None], np.float32)


def given_away(guess_NCHW: Floats, truth_NCHW: Floats, mean_CHW: Floats) -> NDArray[np.float64]:
    """Features of each record that are rebuilt, and not by knowing the mean record alone."""
    near = np.abs(guess_NCHW - truth_NCHW) <= TOLERANCE
    known = np.abs(mean_CHW - truth_NCHW) <= TOLERANCE
    return np.asarray((near & ~known).sum((1, 2, 3)), np.float64)


def only_features(truth_NCHW: Floats, count: int, mean_CHW: Floats) -> Floats:
    """The first features as they are, the others as the mean record has them."""
    made = np.broadcast_to(mean_CHW, truth_NCHW.shape).copy()
    made[..., :count] = truth_NCHW[..., :count]
    return made


def feature_errors(
    guess_NCHW: Floats, truth_NCHW: Floats, mean_CHW: Floats
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean absolute error of each feature over all records, in percentiles, and that of the mean
    record.
    """
    axes = (0, 1, 2)
    ours = 100 * np.abs(guess_NCHW - truth_NCHW).mean(axes, dtype=np.float64)
    return ours, 100 * np.abs(mean_CHW - truth_NCHW).mean(axes, dtype=np.float64)


def read_records(path: Path, tensors: list[TensorLike], limit: int | None = None) -> Pictures:
    """Records of a CSV or npz file.

    Raises:
        UserError: It cannot be read, does not fit the network, or the network takes several
            inputs.
    """
    if len(tensors) != 1:
        raise UserError(
            f"{path}: tables are audited for networks of one input, this one takes {len(tensors)}",
            code="bad-inputs",
        )
    found = read_arrays(path, tensors)
    rows = np.stack([item[0].reshape(-1) for item in found.items[:limit]])
    return Pictures(str(path), found.names[:limit], rows[:, None, :, None])


def feature_names(path: Path, count: int) -> list[str]:
    """Names of the columns: the header's, where there is one."""
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = next(csv.reader(file), [])
        if len(first) == count and not any(_is_number(text) for text in first):
            return first
    return [f"feature {place}" for place in range(count)]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def records_of(shape: tuple[int, ...], tables: list[Pictures]) -> Records:
    """The way into a network, with the columns of all tables."""
    rows = np.concatenate([t.pixels_NHWC.reshape(len(t), -1) for t in tables]).astype(np.float64)
    places = np.linspace(0, len(rows) - 1, min(QUANTILES, len(rows))).round().astype(int)
    return Records(shape, np.sort(np.nan_to_num(rows), axis=0)[places])
