"""Deep image prior: a fresh network a picture, fed noise, trained until the head gives the
victim's tensors. Needs the head's weights and no pictures.

All pictures of a batch are trained at once by grouped convolutions: each has weights of its own.

Source: Ulyanov, Vedaldi, Lempitsky 2018; as an attack on split inference: Singh et al. (DISCO).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cloister.audit.attackers import Means
from cloister.audit.pairs import Guess, Pairs
from cloister.audit.training import Floats, Places, Tensor, seeded, with_room
from cloister.audit.white_box import BATCH, Matching, on_validation_first

RATE: Final = 0.01
CHANNELS: Final = 32
FIRST_SIDE: Final = 4
# Noise on the fed noise: it keeps the network from fitting the last decimals.
JITTERS: Final = (0.03,)


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Trains a network for each picture."""
    with seeded(means.seed, means.device):
        matching = Matching(pairs, means)

        def rebuild(places: Places, jitter: float) -> Floats:
            def work(batch: int) -> Floats:
                made = []
                for at in range(0, len(places), batch):
                    made.append(_rebuild(matching, places[at : at + batch], jitter, means))
                    means.remark(f"picture {min(at + batch, len(places))} of {len(places)}")
                return np.concatenate(made)

            return with_room(work, BATCH)

        return on_validation_first("deep image prior", rebuild, JITTERS, pairs, means)


def _rebuild(matching: Matching, places: Places, jitter: float, means: Means) -> Floats:
    count = len(places)
    network = _Networks(count, matching.how.channels, matching.how.size).to(means.device)
    fed = torch.randn(1, count * CHANNELS, FIRST_SIDE, FIRST_SIDE).to(means.device)
    wish = matching.wish(places)
    optimiser = torch.optim.Adam(network.parameters(), lr=RATE)
    for _ in range(means.budget.steps):
        loss = matching.misfit(network(fed + jitter * torch.randn_like(fed)), wish).sum()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        made = matching.target(network(fed))
    return np.asarray(made.cpu().numpy(), np.float32)


class _Networks(nn.Module):  # type: ignore[misc, unused-ignore]
    """As many small decoders as pictures, side by side in channels."""

    def __init__(self, count: int, channels: int, size: tuple[int, int]) -> None:
        super().__init__()
        self.count, self.channels, self.size = count, channels, size
        scales = max(1, math.ceil(math.log2(max(size) / FIRST_SIDE)))
        wide = count * CHANNELS
        self.convs = nn.ModuleList(
            [nn.Conv2d(wide, wide, 3, padding=1, groups=count) for _ in range(scales + 1)]
        )
        self.last = nn.Conv2d(wide, count * channels, 1, groups=count)

    def forward(self, fed: Tensor) -> Tensor:
        """Pictures [count, channels, height, width] in 0..1."""
        x = fed
        for place, conv in enumerate(self.convs):
            x = F.leaky_relu(F.group_norm(conv(x), self.count), 0.2)
            if place + 1 < len(self.convs):
                x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        x = F.interpolate(x, self.size, mode="bilinear", align_corners=False)
        return torch.sigmoid(self.last(x)).reshape(self.count, self.channels, *self.size)
