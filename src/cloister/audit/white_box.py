"""The white-box attack: the picture whose crossing tensors are the victim's (rMLE with total
variation).

Rules kept:
* Records are searched for in the same way, among their own values (`record_search`).
* The torch head was found equal to ONNX Runtime's before it is used; where it is not, the attack
  is refused and the run says why.
* Cold it begins at the mean picture with a total variation prior; warm at PSDec's answer, which
  it may leave only as far as the tensors ask for.
* The strength of the prior is chosen on a few validation pictures, never on a victim; no iterate
  is chosen by the truth.
* It is slow: where it does not beat the best attacker so far on those validation pictures, the
  victims are not attacked (`Guess.victims_NCHW` is None) and the cell says so.

Source: He, Zhang, Lee, ACSAC 2019 (rMLE).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F

from cloister.audit.attackers import Means
from cloister.audit.guess import shrink
from cloister.audit.measures import mse
from cloister.audit.pairs import Guess, Pairs
from cloister.audit.pictures import as_inputs
from cloister.audit.psdec import restore
from cloister.audit.records import Records
from cloister.audit.torch_head import checked_head
from cloister.audit.training import Floats, Places, Tensor, seeded, with_room
from cloister.graph.split import extract

STRENGTHS: Final = (1e-4, 1e-3, 1e-2, 1e-1)
RATE: Final = 0.03
BATCH: Final = 16
PARITY_PICTURES: Final = 3
# Pictures on which the prior's strength is chosen, and the share of steps that takes.
CHOSEN_ON: Final = 12

Rebuild = Callable[[Places, float], Floats]


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Optimises pictures until the head gives the same tensors."""
    with seeded(means.seed, means.device):
        matching = _matching(pairs, means)
        start = None if means.start is None else restore(pairs, means, means.start)

        def rebuild(places: Places, strength: float) -> Floats:
            return matching.pictures(places, strength, start)

        return on_validation_first("white box", rebuild, STRENGTHS, pairs, means)


def _matching(pairs: Pairs, means: Means) -> Matching:
    """Of pictures, or of records."""
    from cloister.audit.record_search import RecordMatching  # noqa: PLC0415 - it is a Matching

    assert means.network is not None
    kind = RecordMatching if isinstance(means.network[2], Records) else Matching
    return kind(pairs, means)


def on_validation_first(
    name: str, rebuild: Rebuild, strengths: Sequence[float], pairs: Pairs, means: Means
) -> Guess:
    """Chooses a strength on a few validation pictures, and attacks the victims where that beats
    what was had before.
    """
    tried = pairs.validation[: means.budget.tried]
    few = tried[: min(CHOSEN_ON, max(1, len(tried) // 2))]
    _, strength = min(
        (float(mse(rebuild(few, s), pairs.validation_NCHW[: len(few)]).mean()), s)
        for s in (strengths if len(strengths) > 1 else strengths[:1])
    )
    validation = rebuild(tried, strength)
    _, error = shrink(validation, pairs)
    better = means.rival is None or error.mean() < means.rival[: len(tried)].mean()
    return Guess(
        name,
        validation,
        rebuild(pairs.victims, strength) if better else None,
        (),
        {"strength": strength, "steps": means.budget.steps, "tried": len(tried)},
    )


class Matching:
    """The distance between a picture's crossing tensors and a victim's."""

    def __init__(self, pairs: Pairs, means: Means) -> None:
        assert means.network is not None
        graph, cut, how = means.network
        self.pairs, self.means, self.how = pairs, means, how
        names = [info.name for info in cut.crossing]
        part = extract(graph, [graph.inputs[0].name], names)
        self.head = checked_head(part, self.tried(means.seed), means.device)
        self.order = [[info.name for info in part.outputs].index(name) for name in names]
        self.mean, self.scale = (
            torch.from_numpy(np.array(x)).to(means.device) for x in pairs.scaling
        )
        self.target_size = (int(pairs.mean_CHW.shape[1]), int(pairs.mean_CHW.shape[2]))

    def tried(self, seed: int) -> Floats:
        """Inputs on which the head is compared with ONNX Runtime's."""
        shape = (PARITY_PICTURES, *self.how.size, self.how.channels)
        return as_inputs(np.random.default_rng(seed).integers(0, 256, shape, np.uint8), self.how)

    def pictures(
        self, places: Places, strength: float, start: Callable[[Places], Floats] | None
    ) -> Floats:
        """Rebuilt targets [N, C, h, w] of these pictures."""
        first = (
            np.broadcast_to(self.pairs.mean_CHW, (len(places), *self.pairs.mean_CHW.shape))
            if start is None
            else start(places)
        )

        def work(batch: int) -> Floats:
            made = []
            for at in range(0, len(places), batch):
                lot = slice(at, at + batch)
                made.append(self._optimise(places[lot], first[lot], strength, start is not None))
                self.means.remark(f"picture {min(at + batch, len(places))} of {len(places)}")
            return np.concatenate(made)

        return with_room(work, BATCH if self.means.device == "cpu" else 8 * BATCH)

    def _optimise(self, places: Places, first: Floats, strength: float, warm: bool) -> Floats:
        begin = torch.from_numpy(np.array(first)).to(self.means.device)
        begin = self.full(begin).clamp(0.02, 0.98)
        wish = self.wish(places)
        hidden = torch.logit(begin).requires_grad_()
        steps = self.means.budget.steps
        optimiser = torch.optim.Adam([hidden], lr=RATE * 4)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, RATE / 10)
        for _ in range(steps):
            picture = torch.sigmoid(hidden)
            prior = _distance(picture, begin) if warm else variation(picture)
            loss = (self.misfit(picture, wish) + strength * prior).sum()
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            schedule.step()
        return np.asarray(self.target(torch.sigmoid(hidden.detach())).cpu(), np.float32)

    def wish(self, places: Places) -> Tensor:
        """Scaled rows of these pictures, [B, numbers]."""
        rows = np.ascontiguousarray(self.pairs.features.rows[places], np.float32)
        return (torch.from_numpy(rows).to(self.means.device) - self.mean) * self.scale

    def misfit(self, picture_BCHW: Tensor, wish: Tensor) -> Tensor:
        """Mean squared difference of scaled tensors, one number a picture."""
        return self.distance(self.inputs(picture_BCHW), wish)

    def distance(self, inputs: Tensor, wish: Tensor) -> Tensor:
        """The same, from the network's inputs."""
        made = self.head.batch(inputs)
        rows = []
        for place, part in zip(self.order, self.pairs.features.parts, strict=True):
            x = made[place]
            if part.pool > 1:
                (_, h, w), (_, height, width) = part.shape, part.whole
                more = (0, part.pool * w - width, 0, part.pool * h - height)
                x = F.pad(x.reshape(len(x), *part.whole), more, "replicate")
                x = F.avg_pool2d(x, part.pool)
            rows.append(x.reshape(len(x), -1))
        found = (torch.cat(rows, 1) - self.mean) * self.scale
        return (found - wish).square().mean(1)

    def inputs(self, picture_BCHW: Tensor) -> Tensor:
        """Pictures in 0..1, RGB, at the network's size, as its inputs."""
        x = picture_BCHW.flip(1) if self.how.colour == "BGR" else picture_BCHW
        mean, std = (x.new_tensor(v).view(1, -1, 1, 1) for v in (self.how.mean, self.how.std))
        return (x * (255 * self.how.scale) - mean) / std

    def full(self, target_BCHW: Tensor) -> Tensor:
        """Targets at the network's size."""
        if self.target_size == self.how.size:
            return target_BCHW
        return F.interpolate(target_BCHW, self.how.size, mode="bilinear", align_corners=False)

    def target(self, picture_BCHW: Tensor) -> Tensor:
        """Pictures at the target's size: area averages."""
        if self.target_size == self.how.size:
            return picture_BCHW
        return F.adaptive_avg_pool2d(picture_BCHW, self.target_size)


def variation(x: Tensor) -> Tensor:
    """Total variation, isotropic and smooth, one number a picture."""
    dy = x[:, :, 1:, :-1] - x[:, :, :-1, :-1]
    dx = x[:, :, :-1, 1:] - x[:, :, :-1, :-1]
    return torch.sqrt(dx.square() + dy.square() + 1e-6).mean((1, 2, 3))


def _distance(x: Tensor, begin: Tensor) -> Tensor:
    return (x - begin).square().mean((1, 2, 3))
