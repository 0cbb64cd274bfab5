"""PSDec for records: a small network of fully connected layers from all crossing numbers to all
features at once. A table's columns have no places, so nothing here looks around any.

It begins as the mean record: a decoder that learns nothing says the mean.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cloister.audit.features import Part
from cloister.audit.training import Floats, Tensor

WIDTH_MIN: Final = 128
BLOCKS: Final = 3


class RecordDecoder(nn.Module):  # type: ignore[misc, unused-ignore]
    """A decoder for the tensors of one cut.

    Args:
        parts: The crossing tensors.
        mean_CHW: The mean record, [1, 1, features]: its first answer.
        width_max: Of its layers, at most.
    """

    def __init__(self, parts: Sequence[Part], mean_CHW: Floats, width_max: int) -> None:
        super().__init__()
        numbers, features = sum(part.size for part in parts), mean_CHW.size
        wanted = 2 ** round(math.log2(2 * max(numbers, features)))
        self.width = int(np.clip(wanted, min(WIDTH_MIN, width_max), width_max))
        self.stem = nn.Linear(numbers, self.width)
        self.blocks = nn.Sequential(*(_Block(self.width) for _ in range(BLOCKS)))
        self.norm = nn.LayerNorm(self.width)
        self.last = nn.Linear(self.width, features)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.register_buffer("mean", torch.from_numpy(np.array(mean_CHW)))

    def forward(self, tensors: Sequence[Tensor]) -> Tensor:
        """Records [B, 1, 1, features] from the crossing tensors."""
        x = self.stem(torch.cat([t.flatten(1) for t in tensors], 1))
        y = self.last(F.silu(self.norm(self.blocks(x))))
        return y.reshape(len(y), *self.mean.shape) + self.mean


class _Block(nn.Module):  # type: ignore[misc, unused-ignore]
    """A residual block that begins as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x: Tensor) -> Any:  # noqa: ANN401
        return x + self.second(F.silu(self.first(self.norm(x))))
