"""PSDec: the inverse network that fits every cut. Convolutions at the finest crossing map's grid, a
look at the whole picture, then up by sub-pixel shuffles.

Rules kept:
* Several tensors are brought to the largest grid and stand side by side; tokens are folded to
  their grid, a class token is given to every place; a vector becomes maps by a linear layer.
* Width w = 2^round(log2 C) within 64..512; two residual blocks a scale, GroupNorm (BatchNorm would
  hide a picture's colour); never downwards, but for the one global block, attention on at most
  14 x 14 places, whose result is added.
* The answer begins as the mean picture: an attacker that learns nothing says the mean.
* L2 for PSNR; 0.84 (1 - MS-SSIM) + 0.16 L1 for the perceptual measures (Zhao et al. 2017).
* Records have a decoder of their own (`record_decoder`), trained in the same way.
* With a later cut's decoder, frozen, it learns only what to add to that one's answer: whoever
  holds this cut can compute the later one.

Source: Dosovitskiy and Brox 2016 and He et al. 2019 for inverse networks; widths and blocks by our
own measurements on CIFAR-10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cloister.audit.attackers import Arrays, Means
from cloister.audit.features import Part
from cloister.audit.measures import (
    K1,
    K2,
    RADIUS,
    SCALE_WEIGHTS,
    SIGMA,
    mse,
    psnr_db,
    scales,
)
from cloister.audit.pairs import Guess, Pairs
from cloister.audit.record_decoder import RecordDecoder
from cloister.audit.training import (
    Average,
    Floats,
    Inputs,
    Places,
    Tensor,
    autocast,
    batches,
    load_weights,
    one_cycle,
    predict,
    seeded,
    weights_of,
    with_room,
)

RATE: Final = 2e-3
WIDTH_MIN: Final = 64
WIDTH_LAST: Final = 32
GRID_MIN: Final = 4
GLOBAL_SIDE: Final = 14
MS_SSIM_SHARE: Final = 0.84
# Few pictures get small batches, so that there are steps enough to learn in.
STEPS_AN_EPOCH: Final = 32
BATCH_MIN: Final = 8

Loss = Callable[[Tensor, Tensor], Tensor]


def attack(pairs: Pairs, means: Means) -> Guess | None:
    """Trains a decoder and lets it rebuild; None where the loss has no room in the pictures."""
    loss = LOSSES[means.options.get("loss", "l2")]
    if loss is not _l2 and scales(*pairs.train_NCHW.shape[2:]) < 1:
        return None
    with seeded(means.seed, means.device):
        decoder = build(pairs, means)
        base = _base(pairs, means)
        epochs = means.budget.epochs * means.options.get("longer", 1)
        used = train(decoder, pairs, means, epochs=epochs, loss=loss, base=base)
        inputs = Inputs(pairs, means.device)
        guess = predict(decoder, inputs, pairs.asked, means)
    if base is not None:
        guess = guess - pairs.mean_CHW + base(pairs.asked)
    asked = len(pairs.validation)
    error = mse(np.clip(guess[:asked], 0, 1), pairs.validation_NCHW).mean()
    point = (used["pictures"] * epochs, float(psnr_db(np.array([error]))[0]))
    return Guess(
        "psdec", guess[:asked], guess[asked:], (point,),
        {**used, "epochs": epochs, "width": decoder.width, "rate": RATE},
        weights_of(decoder),
    )  # fmt: skip


def build(pairs: Pairs, means: Means) -> AnyDecoder:
    """A decoder for a cut's tensors, on the device."""
    decoder = decoder_of(pairs.features.parts, pairs.mean_CHW, means.budget.width_max)
    moved: AnyDecoder = decoder.to(means.device)
    return moved


def decoder_of(parts: Sequence[Part], mean_CHW: Floats, width_max: int) -> AnyDecoder:
    """Of pictures, channels last, in which convolutions are quick; or of records, which have
    height 1.
    """
    if mean_CHW.shape[1] == 1:
        return RecordDecoder(parts, mean_CHW, width_max)
    decoder: Decoder = Decoder(parts, mean_CHW, width_max).to(memory_format=torch.channels_last)
    return decoder


def restore(pairs: Pairs, means: Means, weights: Arrays) -> Callable[[Places], Floats]:
    """A decoder that was trained before, as a function of places."""
    decoder = build(pairs, means)
    load_weights(decoder, weights)
    decoder.eval()
    inputs = Inputs(pairs, means.device)
    return lambda places: predict(decoder, inputs, places, means)


def _base(pairs: Pairs, means: Means) -> Callable[[Places], Floats] | None:
    """The later cut's answer for each picture."""
    if means.later is None:
        return None
    later, weights = means.later
    return restore(later, means, weights)


def train(
    decoder: AnyDecoder,
    pairs: Pairs,
    means: Means,
    *,
    epochs: int,
    loss: Loss,
    base: Callable[[Places], Floats] | None = None,
) -> dict[str, int]:
    """Trains in place; says with how many pictures and what batch."""
    count = min(len(pairs.train), means.budget.pairs)
    targets = pairs.train_NCHW[:count]
    if base is not None:
        targets = targets - base(pairs.train[:count]) + pairs.mean_CHW
    first = {name: value.clone() for name, value in decoder.state_dict().items()}
    state = torch.get_rng_state()

    def work(batch: int) -> int:
        decoder.load_state_dict(first)
        torch.set_rng_state(state)
        _loop(decoder, pairs, means, targets, batch=batch, epochs=epochs, loss=loss)
        return batch

    wanted = min(means.budget.batch, max(BATCH_MIN, count // STEPS_AN_EPOCH))
    used = with_room(work, min(wanted, count))
    decoder.eval()
    return {"pictures": count, "batch": used}


def _loop(
    decoder: AnyDecoder, pairs: Pairs, means: Means, targets: Floats, *, batch: int, epochs: int,
    loss: Loss,
) -> None:  # fmt: skip
    inputs = Inputs(pairs, means.device)
    steps = epochs * max(1, len(targets) // batch)
    optimiser, schedule = one_cycle(decoder, RATE, steps)
    average = Average(decoder)
    decoder.train()
    for step, places in enumerate(batches(len(targets), batch, epochs)):
        wanted = torch.from_numpy(targets[places]).to(means.device)
        with autocast(means.device):
            guess = decoder(inputs(pairs.train[places]))
        value = loss(guess.float(), wanted)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        average.update()
        means.remark(f"step {step + 1} of {steps}")
    average.apply()


def _l2(guess: Tensor, wanted: Tensor) -> Tensor:
    return F.mse_loss(guess, wanted)


def _ms_ssim_l1(guess: Tensor, wanted: Tensor) -> Tensor:
    return MS_SSIM_SHARE * (1 - ms_ssim(guess, wanted)) + (1 - MS_SSIM_SHARE) * F.l1_loss(
        guess, wanted
    )


LOSSES: Final[dict[str, Loss]] = {"l2": _l2, "ms-ssim": _ms_ssim_l1}


def ms_ssim(a: Tensor, b: Tensor) -> Tensor:
    """Mean MS-SSIM of a batch, as `measures.ms_ssim` computes it."""
    count = scales(*a.shape[2:])
    weights = np.array(SCALE_WEIGHTS[:count]) / sum(SCALE_WEIGHTS[:count])
    product = torch.ones(len(a), device=a.device)
    for scale, weight in enumerate(weights):
        whole, contrast = _ssim_parts(a, b)
        kept = whole if scale == count - 1 else contrast
        product = product * kept.clamp(min=1e-4) ** float(weight)  # a gradient at 0 too
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return product.mean()


def _ssim_parts(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    x = torch.arange(-RADIUS, RADIUS + 1, dtype=torch.float32, device=a.device)
    taps = torch.exp(-(x**2) / (2 * SIGMA**2))
    taps = (taps / taps.sum()).view(1, 1, 1, -1).repeat(a.shape[1], 1, 1, 1)

    def blur(t: Tensor) -> Tensor:
        t = F.conv2d(t, taps, groups=t.shape[1])
        return F.conv2d(t, taps.transpose(2, 3), groups=t.shape[1])

    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    contrast = (2 * (blur(a * b) - mean_a * mean_b) + K2**2) / (var_a + var_b + K2**2)
    light = (2 * mean_a * mean_b + K1**2) / (mean_a**2 + mean_b**2 + K1**2)
    return (light * contrast).mean((1, 2, 3)), contrast.mean((1, 2, 3))


# ---------------------------------------------------------------------------------- the network
class Decoder(nn.Module):  # type: ignore[misc, unused-ignore]
    """PSDec for the tensors of one cut.

    Args:
        parts: The crossing tensors.
        mean_CHW: The mean picture: its first answer, and the shape of its answers.
        width_max: Channels, at most.
    """

    def __init__(self, parts: Sequence[Part], mean_CHW: Floats, width_max: int) -> None:
        super().__init__()
        channels, height, width = mean_CHW.shape
        self.adapters = nn.ModuleList()
        grids = [g for p in parts if (g := grid_of(p.shape)) is not None]
        small = (max(GRID_MIN, round(height / 32)), max(GRID_MIN, round(width / 32)))
        self.grid = max(grids, key=math.prod) if grids else small
        total = 0
        for part in parts:
            adapter = _adapter(part.shape, self.grid, width_max)
            self.adapters.append(adapter)
            total += adapter.channels
        self.width = int(np.clip(2 ** round(math.log2(max(total, 1))), WIDTH_MIN, width_max))
        self.stem = nn.Conv2d(total, self.width, 3, padding=1)
        self.blocks = nn.Sequential(Block(self.width), Block(self.width))
        self.whole = Whole(self.width)
        self.up = nn.Sequential()
        side, wide = list(self.grid), self.width
        while side[0] < height or side[1] < width:
            narrow = max(wide // 2, WIDTH_LAST)
            self.up.append(nn.Conv2d(wide, 4 * narrow, 3, padding=1))
            self.up.append(nn.PixelShuffle(2))
            self.up.append(Block(narrow))
            self.up.append(Block(narrow))
            side, wide = [2 * side[0], 2 * side[1]], narrow
        self.size = (height, width)
        self.last = nn.Conv2d(wide, channels, 3, padding=1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        self.register_buffer("mean", torch.from_numpy(np.array(mean_CHW)))

    def forward(self, tensors: Sequence[Tensor]) -> Tensor:
        """Pictures [B, C, H, W] from the crossing tensors."""
        y = self.last(self.up(self.whole(self.blocks(self.stem(self.fold(tensors))))))
        if tuple(y.shape[2:]) != self.size:
            y = F.interpolate(y, self.size, mode="bilinear", align_corners=False)
        return y + self.mean

    def fold(self, tensors: Sequence[Tensor]) -> Tensor:
        """The crossing tensors side by side on one grid."""
        maps = torch.cat([a(t) for a, t in zip(self.adapters, tensors, strict=True)], dim=1)
        return maps.contiguous(memory_format=torch.channels_last)


AnyDecoder = Decoder | RecordDecoder


def grid_of(shape: tuple[int, ...]) -> tuple[int, int] | None:
    """Height and width of a map or of tokens; None for a vector."""
    if len(shape) == 3 and shape[1] * shape[2] > 1:
        return shape[1], shape[2]
    if len(shape) == 2 and shape[0] > GRID_MIN:
        for tokens in (shape[0], shape[0] - 1):  # with or without a class token
            side = math.isqrt(tokens)
            if side * side == tokens:
                return side, side
    return None


def _adapter(shape: tuple[int, ...], grid: tuple[int, int], width_max: int) -> Any:  # noqa: ANN401
    own = grid_of(shape)
    if own is None:
        return _Vector(math.prod(shape), grid, width_max)
    return _Maps(shape[0], grid) if len(shape) == 3 else _Tokens(shape, own, grid)


class _Maps(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, channels: int, grid: tuple[int, int]) -> None:
        super().__init__()
        self.channels, self.grid = channels, grid

    def forward(self, x: Tensor) -> Tensor:
        if tuple(x.shape[2:]) == self.grid:
            return x
        return F.interpolate(x, self.grid, mode="bilinear", align_corners=False)


class _Tokens(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, shape: tuple[int, ...], own: tuple[int, int], grid: tuple[int, int]) -> None:
        super().__init__()
        self.own, self.maps = own, _Maps(shape[1], grid)
        self.has_class = shape[0] > math.prod(own)
        self.channels = shape[1] * (2 if self.has_class else 1)

    def forward(self, x: Tensor) -> Tensor:
        patches = x[:, 1:] if self.has_class else x
        folded = patches.transpose(1, 2).reshape(len(x), -1, *self.own)
        maps = self.maps(folded)
        if not self.has_class:
            return maps
        everywhere = x[:, 0, :, None, None].expand(-1, -1, *maps.shape[2:])
        return torch.cat([maps, everywhere], 1)


class _Vector(nn.Module):  # type: ignore[misc, unused-ignore]
    def __init__(self, numbers: int, grid: tuple[int, int], width_max: int) -> None:
        super().__init__()
        self.channels = int(np.clip(numbers // 8, WIDTH_MIN, min(128, width_max)))
        self.grid = grid
        self.linear = nn.Linear(numbers, self.channels * math.prod(grid))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.flatten(1)).reshape(len(x), self.channels, *self.grid)


class Block(nn.Module):  # type: ignore[misc, unused-ignore]
    """A residual block that begins as the identity."""

    def __init__(self, width: int) -> None:
        super().__init__()
        groups = max(1, width // 16)
        self.norms = nn.ModuleList([nn.GroupNorm(groups, width), nn.GroupNorm(groups, width)])
        self.convs = nn.ModuleList([nn.Conv2d(width, width, 3, padding=1) for _ in range(2)])
        nn.init.zeros_(self.convs[1].weight)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        y = x
        for norm, conv in zip(self.norms, self.convs, strict=True):
            y = conv(F.silu(norm(y)))
        return x + y


class Whole(nn.Module):  # type: ignore[misc, unused-ignore]
    """Attention over at most 14 x 14 places, added to what came in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(max(1, width // 16), width)
        self.asks = nn.Conv2d(width, 3 * width, 1)
        self.answers = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.answers.weight)
        nn.init.zeros_(self.answers.bias)
        self.heads = max(1, width // 64)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape."""
        small = self.norm(x)
        factor = -(-max(x.shape[2:]) // GLOBAL_SIDE)
        if factor > 1:
            small = F.avg_pool2d(small, factor, ceil_mode=True)
        b, c, h, w = small.shape
        q, k, v = self.asks(small).reshape(b, 3, self.heads, c // self.heads, h * w).unbind(1)
        # Spelt out: on so few places quicker than torch's blockwise one, and deterministic.
        weights = (q.transpose(2, 3) @ k / math.sqrt(c // self.heads)).softmax(3)
        seen = v @ weights.transpose(2, 3).to(v.dtype)
        y = self.answers(seen.reshape(b, c, h, w).contiguous(memory_format=torch.channels_last))
        if factor > 1:
            y = F.interpolate(y, x.shape[2:], mode="bilinear", align_corners=False)
        return x + y
