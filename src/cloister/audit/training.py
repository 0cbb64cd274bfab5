"""What all trained attackers share: the device, pairs as tensors, the loop, running out of memory.

Rules kept:
* The same seed gives the same numbers on the same kind of device: generators are seeded, CUDA is
  told to be deterministic, and a smaller batch after running out of memory begins anew.
* Out of memory halves the batch; only a batch of one that does not fit is an error.
* bf16 where the device multiplies in it (CUDA, processors with AMX), float32 elsewhere.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from cloister.audit.attackers import Arrays, Means
from cloister.audit.pairs import Pairs
from cloister.errors import OutsideError

Tensor = Any
Floats = NDArray[np.float32]
Places = NDArray[np.intp]
T = TypeVar("T")

CLIP: Final = 5.0  # deviations; what lies beyond is one outlier, not more news
HELD_BYTES: Final = 1 << 30
EMA: Final = 0.998
ASKED_BATCH: Final = 64


@contextlib.contextmanager
def seeded(seed: int, device: str) -> Iterator[None]:
    """Within: torch draws from `seed` alone, by deterministic kernels; after: as before."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    torch.backends.cudnn.allow_tf32 = False  # a head in 10-bit arithmetic is not the network's
    devices = [torch.device(device)] if device.startswith("cuda") else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        try:
            yield
        finally:
            torch.use_deterministic_algorithms(before)


def with_room(work: Callable[[int], T], batch: int) -> T:
    """What `work` gives with this batch, or with half of it until it fits the memory.

    Raises:
        OutsideError: Not even one picture fits.
    """
    while True:
        try:
            return work(batch)
        except (MemoryError, torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            if batch == 1:
                raise OutsideError(
                    "not even one picture fits into the memory at this cut",
                    code="out-of-memory",
                    hint="Audit fewer cuts, or smaller pictures, or on a larger machine.",
                ) from error
        batch = max(1, batch // 2)
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return any(word in str(error) for word in ("not enough memory", "can't allocate memory"))


def autocast(device: str) -> Any:  # noqa: ANN401
    """bf16 where the device multiplies in it."""
    if device.startswith("cuda"):
        fits = torch.cuda.is_bf16_supported()
    else:
        fits = torch.cpu.get_capabilities().get("amx_bf16", False)
    kind = torch.device(device).type
    return torch.autocast(kind, torch.bfloat16) if fits else contextlib.nullcontext()


class Inputs:
    """A cut's crossing tensors as torch tensors, scaled and clipped, in their own shapes."""

    def __init__(self, pairs: Pairs, device: str) -> None:
        self.pairs, self.device = pairs, device
        self.held: dict[int, int] = {}
        self.rows: list[Tensor] = []
        if 4 * pairs.features.width * len(pairs.train) <= HELD_BYTES:
            self.rows = self._read(pairs.train)
            self.held = {int(place): i for i, place in enumerate(pairs.train)}

    def __call__(self, places: Places) -> list[Tensor]:
        """Of these pictures."""
        if self.rows and all(int(p) in self.held for p in places):
            index = torch.tensor([self.held[int(p)] for p in places], device=self.device)
            return [t[index] for t in self.rows]
        return self._read(places)

    def _read(self, places: Places) -> list[Tensor]:
        return [
            torch.from_numpy(np.clip(self.pairs.maps(places, i), -CLIP, CLIP)).to(self.device)
            for i in range(len(self.pairs.features.parts))
        ]


def batches(count: int, size: int, epochs: int) -> Iterator[NDArray[np.intp]]:
    """Places of each step's pictures, every picture once an epoch, drawn from torch's generator."""
    for _ in range(epochs):
        order = torch.randperm(count).numpy()
        steps = max(1, count // size)
        yield from (part.astype(np.intp) for part in np.array_split(order, steps))


class Average:
    """Exponential moving average of a module's weights; what is used in the end."""

    def __init__(self, module: torch.nn.Module) -> None:
        self.module, self.steps = module, 0
        self.weights = {k: v.detach().clone() for k, v in module.state_dict().items()}

    def update(self) -> None:
        """After a step."""
        self.steps += 1
        keep = min(EMA, (1 + self.steps) / (10 + self.steps))
        for name, value in self.module.state_dict().items():
            self.weights[name].mul_(keep).add_(value.detach(), alpha=1 - keep)

    def apply(self) -> None:
        """Into the module."""
        self.module.load_state_dict(self.weights)


def one_cycle(
    module: torch.nn.Module, rate: float, steps: int, betas: tuple[float, float] = (0.9, 0.99)
) -> tuple[Any, Any]:
    """AdamW and its schedule: up to `rate` in a tenth of the steps, then down by a cosine."""
    optimiser = torch.optim.AdamW(module.parameters(), lr=rate, betas=betas, weight_decay=1e-4)
    warm = max(1, steps // 10)

    def factor(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

    return optimiser, torch.optim.lr_scheduler.LambdaLR(optimiser, factor)


def predict(
    module: Callable[[Sequence[Tensor]], Tensor], inputs: Inputs, places: Places, means: Means
) -> Floats:
    """What a decoder makes of these pictures' tensors, [N, C, H, W] in 0..1."""

    def work(batch: int) -> Floats:
        made = []
        with torch.no_grad(), autocast(means.device):
            for start in range(0, len(places), batch):
                guess = module(inputs(places[start : start + batch]))
                made.append(guess.float().clamp(0, 1).cpu().numpy())
        return np.concatenate(made).astype(np.float32)

    return with_room(work, ASKED_BATCH)


def weights_of(module: torch.nn.Module) -> Arrays:
    """A module's weights as arrays, for the store."""
    return {name: value.detach().cpu().numpy() for name, value in module.state_dict().items()}


def load_weights(module: torch.nn.Module, arrays: Arrays) -> None:
    """The reverse of `weights_of`."""
    module.load_state_dict({name: torch.from_numpy(np.array(a)) for name, a in arrays.items()})
