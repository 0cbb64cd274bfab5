"""What is had of each feature of a table, cut by cut: numbers that are shaded, not shades alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.outcome import CutOutcome, Outcome
from cloister.audit.records import TOLERANCE
from cloister.audit.store import Key

STEPS: Final = 4
# A feature is marked where its mean error is this far below the mean record's and the tolerance.
MUCH: Final = 0.5


@dataclass(frozen=True)
class Field:
    """One feature at one cut.

    Args:
        error: Mean error, percentiles.
        shade: 0 to `STEPS`: how much of the mean record's error is gone.
        marked: It is given away on the whole: within the tolerance on average, where the mean
            record is twice as far off.
    """

    error: float
    shade: int
    marked: bool


@dataclass(frozen=True)
class Row:
    """One cut.

    Args:
        cut: Its id.
        fields: In the order of the columns.
        median: Percentiles of the median victim: true, rebuilt.
        exposed: Of the most exposed one.
    """

    cut: str
    fields: list[Field]
    median: list[tuple[float, float]]
    exposed: list[tuple[float, float]]


def heat(found: Outcome) -> dict[str, Any]:
    """For the page: names, what the mean record has, and a row for each cut."""
    source = found.facts["sources"][0]["source"]
    victims = found.store.get(Key("reference", source=source)).arrays["victims"]
    return {
        "names": found.facts["features"],
        "floor": [float(v) for v in found.cuts[0].cell.arrays["feature_floor"]],
        "rows": [_row(cut, victims) for cut in found.cuts],
        "tolerance": 100 * TOLERANCE,
    }


def _row(cut: CutOutcome, victims: NDArray[np.uint8]) -> Row:
    arrays = cut.cell.arrays
    errors, floors = arrays["feature_error"], arrays["feature_floor"]
    pairs = [
        list(zip(_percentiles(victims[int(place)]), _percentiles(made), strict=True))
        for place, made in zip(arrays["shown"][-2:], arrays["shown_pixels"][-2:], strict=True)
    ]
    return Row(
        cut.judged.cut,
        [_field(float(e), float(f)) for e, f in zip(errors, floors, strict=True)],
        *pairs,
    )


def _field(error: float, floor: float) -> Field:
    gone = max(0.0, 1 - error / floor) if floor > 0 else 0.0
    marked = error <= 100 * TOLERANCE and error <= MUCH * floor
    return Field(error, round(STEPS * gone), marked)


def _percentiles(record: NDArray[np.uint8]) -> list[float]:
    return [float(v) for v in record.reshape(-1) / 255 * 100]
