"""The conditional GAN of the seed paper, for comparison: PSDec as the generator, a PatchGAN
discriminator that sees picture and tensors, 100 x L1 beside the adversarial loss.

Source: Isola et al. 2017 (pix2pix: lambda 100, Adam 2e-4, beta 0.5); Origami for its use here.
"""

from __future__ import annotations

from typing import Final

import torch
import torch.nn.functional as F
from torch import nn

from cloister.audit.attackers import Means
from cloister.audit.pairs import Guess, Pairs
from cloister.audit.psdec import BATCH_MIN, STEPS_AN_EPOCH, Decoder, build
from cloister.audit.training import (
    Average,
    Inputs,
    Tensor,
    autocast,
    batches,
    predict,
    seeded,
    weights_of,
    with_room,
)

LAMBDA: Final = 100.0
RATE: Final = 2e-4
BETAS: Final = (0.5, 0.999)
WIDTH: Final = 32
CONDITION: Final = 16
DEPTH_MAX: Final = 3


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Trains both networks; the generator rebuilds."""
    count = min(len(pairs.train), means.budget.pairs)
    with seeded(means.seed, means.device):
        generator = build(pairs, means)
        critic = _Critic(generator, pairs.mean_CHW.shape).to(means.device)
        first = [{k: v.clone() for k, v in m.state_dict().items()} for m in (generator, critic)]
        state = torch.get_rng_state()

        def work(batch: int) -> int:
            for module, weights in zip((generator, critic), first, strict=True):
                module.load_state_dict(weights)
            torch.set_rng_state(state)
            _train(generator, critic, pairs, means, count=count, batch=batch)
            return batch

        wanted = min(means.budget.batch, max(BATCH_MIN, count // STEPS_AN_EPOCH))
        used = with_room(work, min(wanted, count))
        generator.eval()
        guess = predict(generator, Inputs(pairs, means.device), pairs.asked, means)
    asked = len(pairs.validation)
    return Guess(
        "conditional GAN", guess[:asked], guess[asked:], (),
        {"pictures": count, "batch": used, "epochs": means.budget.epochs, "lambda": LAMBDA},
        weights_of(generator),
    )  # fmt: skip


def _train(
    generator: Decoder, critic: _Critic, pairs: Pairs, means: Means, *, count: int, batch: int
) -> None:
    inputs = Inputs(pairs, means.device)
    ours, theirs = (
        torch.optim.Adam(m.parameters(), lr=RATE, betas=BETAS) for m in (generator, critic)
    )
    average = Average(generator)
    steps = means.budget.epochs * max(1, count // batch)
    for step, places in enumerate(batches(count, batch, means.budget.epochs)):
        z = inputs(pairs.train[places])
        real = torch.from_numpy(pairs.train_NCHW[places]).to(means.device)
        with autocast(means.device):
            made = generator(z).float()
        told = critic(real, z), critic(made.detach(), z)
        loss = _says(told[0], 1.0) + _says(told[1], 0.0)
        theirs.zero_grad(set_to_none=True)
        (loss / 2).backward()
        theirs.step()
        loss = _says(critic(made, z), 1.0) + LAMBDA * F.l1_loss(made, real)
        ours.zero_grad(set_to_none=True)
        loss.backward()
        ours.step()
        average.update()
        means.remark(f"step {step + 1} of {steps}")
    average.apply()


def _says(told: Tensor, truth: float) -> Tensor:
    return F.binary_cross_entropy_with_logits(told, torch.full_like(told, truth))


class _Critic(nn.Module):  # type: ignore[misc, unused-ignore]
    """Real or made, for each patch of the picture, with the tensors beside it."""

    def __init__(self, generator: Decoder, shape: tuple[int, ...]) -> None:
        super().__init__()
        channels, height, width = shape
        self.size = (height, width)
        total = generator.stem.in_channels
        self.fold = generator.fold
        self.condition = nn.Conv2d(total, CONDITION, 1)
        layers: list[nn.Module] = []
        wide = channels + CONDITION
        for depth in range(DEPTH_MAX):
            out = WIDTH * 2**depth
            if min(height, width) >> depth < 8:
                break
            layers += [nn.Conv2d(wide, out, 4, 2, 1), nn.LeakyReLU(0.2)]
            wide = out
        layers.append(nn.Conv2d(wide, 1, 3, padding=1))
        self.layers = nn.Sequential(*layers)

    def forward(self, picture: Tensor, z: list[Tensor]) -> Tensor:
        """Logits of "real", one a patch."""
        condition = self.condition(self.fold(z).detach())
        condition = F.interpolate(condition, self.size, mode="bilinear", align_corners=False)
        return self.layers(torch.cat([picture, condition], 1))
