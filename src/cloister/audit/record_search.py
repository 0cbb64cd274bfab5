"""The white-box attack on records: the record whose crossing tensors are the victim's.

It searches among values in units of their column's deviation, for flags have no slope among
percentiles; what it finds is brought to the nearest value of the column before it is ranked. Its
prior is the mean record (cold), or PSDec's answer (warm).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from cloister.audit.records import Records
from cloister.audit.training import Floats, Places, Tensor
from cloister.audit.white_box import PARITY_PICTURES, RATE, Matching

RANGE: Final = 4.0  # deviations beyond the column's values


class RecordMatching(Matching):
    """`Matching` for records."""

    how: Records

    def tried(self, seed: int) -> Floats:
        """Inputs on which the head is compared with ONNX Runtime's."""
        columns = self.how.columns
        places = np.random.default_rng(seed).integers(
            0, len(columns), (PARITY_PICTURES, columns.shape[1])
        )
        return self.how.inputs(np.take_along_axis(columns, places, 0).astype(np.float32))

    def _optimise(self, places: Places, first: Floats, strength: float, warm: bool) -> Floats:
        del warm  # the prior is where it begins, either way
        columns = self.how.columns
        middle, scale = columns.mean(0), np.maximum(columns.std(0), 1e-6)
        values = values_of(first.reshape(len(first), -1), columns)

        def tensor(x: NDArray[np.float64]) -> Tensor:
            return torch.from_numpy(x.astype(np.float32)).to(self.means.device)

        begin, centre, unit = (tensor(x) for x in ((values - middle) / scale, middle, scale))
        ends = [tensor((columns[i] - middle) / scale) for i in (0, -1)]
        wish = self.wish(places)
        hidden = begin.clone().requires_grad_()
        steps = self.means.budget.steps
        optimiser = torch.optim.Adam([hidden], lr=RATE * 4)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, RATE / 10)
        for _ in range(steps):
            inputs = (hidden * unit + centre).reshape(len(places), *self.how.shape[1:])
            prior = (hidden - begin).square().mean(1)
            loss = (self.distance(inputs, wish) + strength * prior).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
            with torch.no_grad():
                hidden.clamp_(ends[0] - RANGE, ends[1] + RANGE)
        found = np.asarray((hidden.detach() * unit + centre).cpu(), np.float64)
        return self.how.percentiles(nearest(found, columns).astype(np.float32))


def values_of(percentiles: Floats, columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of a column at these percentiles, [N, features]."""
    places = np.rint(np.clip(percentiles, 0, 1) * (len(columns) - 1)).astype(np.intp)
    return np.take_along_axis(columns, places, 0)


def nearest(values: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest value that each column has."""
    out = np.empty_like(values)
    for place, column in enumerate(columns.T):
        above = np.clip(np.searchsorted(column, values[:, place]), 1, len(column) - 1)
        low, high = column[above - 1], column[above]
        out[:, place] = np.where(values[:, place] - low <= high - values[:, place], low, high)
    return out
