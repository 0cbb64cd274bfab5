"""The spectrum bound: an error that no attacker goes below on average, if the prior were true.

With a prior of score covariance S and U the null space of E[J^T J] (J: the head's Jacobian), the
mean squared error of any guess from the noise-free tensors is at least Tr((U^T S U)^-1) / d.

Rules kept:
* The prior is a Gaussian with the mean and the covariance (Ledoit-Wolf) of the attacker's
  pictures, so S is the inverse covariance. Photographs are no Gaussian, and of all priors with
  that covariance the Gaussian has the smallest S and so the largest bound: a real attacker may
  do better. It never makes a verdict.
* At most `DIMENSIONS` numbers a picture: larger pictures are averaged over equal blocks. Then the
  attacker is given all that is finer, which the prior takes as independent, and the bound is that
  of the averages; the error of the whole picture is no smaller.
* At most `PICTURES` pictures. Where a Jacobian has more rows than `ROWS` a dimension in all allow,
  E[J^T J] is sketched: Gaussian combinations of its rows. The threshold then falls by as much as
  such a sketch may understate the smallest eigenvalue against the largest (Marchenko-Pastur).

Source: Hwang, Li, Maeng, "spectrum-aware bound" and its RTC = ln(ceiling / bound), threshold 1e-4.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit.measures import Doubles
from cloister.audit.pictures import as_inputs
from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph
from cloister.graph.split import extract
from cloister.preprocess import Preprocess

PICTURES: Final = 256
DIMENSIONS: Final = 3072
ROWS: Final = 4
NULL: Final = 1e-4  # of the largest eigenvalue
PRIOR: Final = "Gaussian, Ledoit-Wolf covariance of the attacker's pictures"
PARITY_PICTURES: Final = 3
BATCH: Final = 16


@dataclass(frozen=True)
class Bound:
    """What the prior and the head leave.

    Args:
        mse: Mean squared error of a pixel (0..1) that no guess goes below on average.
        ceiling_mse: The same without the tensors: the prior's variance.
        dimensions: Numbers of a picture.
        rank: Of them, those that the tensors tell.
    """

    mse: float
    ceiling_mse: float
    dimensions: int
    rank: int

    @property
    def rtc(self) -> float | None:
        """ln(ceiling / bound); None where the bound is 0."""
        return max(0.0, math.log(self.ceiling_mse / self.mse)) if self.mse > 0 else None


def least_error(gram: Doubles, covariance: Doubles, null: float = NULL) -> Bound:
    """The bound.

    Args:
        gram: E[J^T J], [d, d].
        covariance: Of the prior, [d, d], positive definite.
        null: Eigenvalues below so much of the largest count as none.
    """
    values, vectors = np.linalg.eigh(gram)
    told = values > null * max(float(values[-1]), 0.0)
    blind = vectors[:, ~told]
    d, mse = len(gram), 0.0
    if blind.shape[1]:
        score = blind.T @ np.linalg.solve(covariance, blind)
        mse = float(np.trace(np.linalg.inv(score))) / d
    return Bound(mse, float(np.trace(covariance)) / d, d, int(told.sum()))


def shrunk_covariance(rows: Doubles) -> Doubles:
    """Ledoit-Wolf: the sample's covariance [d, d] of rows [n, d], drawn towards a multiple of one.

    Raises:
        UserError: All rows are alike.
    """
    n, d = rows.shape
    centred = rows - rows.mean(0)
    sample = centred.T @ centred / n
    level = float(np.trace(sample)) / d
    if level <= 0:
        raise UserError("the attacker's pictures are all alike", code="no-spectrum")
    energy = float(np.square(sample).sum())
    spread = energy - d * level**2
    noise = (float(np.square(np.square(centred).sum(1)).sum()) / n - energy) / n
    share = min(1.0, max(noise, 0.0) / spread) if spread > 0 else 1.0
    # Never without any: with fewer pictures than numbers the sample's is singular.
    share = max(share, 1e-6)
    return np.asarray((1 - share) * sample + share * level * np.eye(d))


def block_of(how: Preprocess) -> int:
    """Side of the blocks that are averaged; 1: none.

    Raises:
        UserError: No equal blocks make the picture small enough.
    """
    height, width = how.size
    for side in range(1, min(height, width) + 1):
        if height % side == width % side == 0:
            numbers = how.channels * (height // side) * (width // side)
            if numbers <= DIMENSIONS:
                return side
    raise UserError(
        f"{height} x {width} pixels have no equal blocks that leave {DIMENSIONS} numbers",
        code="no-spectrum",
    )


def spectrum(
    graph: Graph,
    cut: Cut,
    how: Preprocess,
    pixels_NHWC: NDArray[Any],
    *,
    seed: int = 0,
    device: str = "cpu",
) -> tuple[Bound, dict[str, int]]:
    """The bound of a cut under the prior of the attacker's pictures; how it was computed.

    Args:
        graph: The network.
        cut: Where it is cut.
        how: How pictures become its input.
        pixels_NHWC: The attacker's pictures.
        seed: Of the sketch.
        device: Of torch.

    Raises:
        UserError: The head has no torch form, or its gradients are not finite; the pictures are
            all alike, or their size has no equal blocks.
    """
    side = block_of(how)
    scaled = pixels_NHWC.astype(np.float64) / 255
    rows = _blocks(scaled.transpose(0, 3, 1, 2), side) / side**2
    covariance = shrunk_covariance(rows.reshape(len(rows), -1))
    d, few = len(covariance), pixels_NHWC[:PICTURES]
    head = extract(graph, [graph.inputs[0].name], [info.name for info in cut.crossing])
    gram, count = np.zeros((d, d)), 0
    rows_each = -(-ROWS * d // len(few))
    for gradients in _gradients(head, as_inputs(few, how), rows_each, seed=seed, device=device):
        g = _blocks(_to_pixels(gradients, how), side).reshape(len(gradients), d)
        gram += g.T @ g
        count += len(g)
    if not np.isfinite(gram).all():
        raise UserError("the head's gradients are not finite", code="no-spectrum")
    width = sum(math.prod(info.shape) for info in cut.crossing)
    sketched = count < len(few) * width
    ratio = math.sqrt(min(1.0, d / count))
    null = NULL * ((1 - ratio) / (1 + ratio)) ** 2 if sketched else NULL
    facts = {"block": side, "pictures": len(few), "rows": count}
    return least_error(gram / len(few), covariance, null), facts


def _gradients(
    head: Graph, x_NCHW: NDArray[np.float32], rows: int, *, seed: int, device: str
) -> Iterator[Doubles]:
    """Rows of the pictures' Jacobians, all or so many combinations a picture: at a time one of
    each picture of a batch, [B, C, H, W].
    """
    import torch  # noqa: PLC0415 - heavy, and an extra

    from cloister.audit.torch_head import checked_head  # noqa: PLC0415 - needs torch

    module = checked_head(head, x_NCHW[:PARITY_PICTURES], device)
    shapes = [info.shape for info in head.outputs]
    sizes = [math.prod(shape) for shape in shapes]
    width, random = sum(sizes), np.random.default_rng(seed)
    for start in range(0, len(x_NCHW), BATCH):
        x = torch.from_numpy(x_NCHW[start : start + BATCH]).to(device).requires_grad_(True)
        made = torch.cat([y.reshape(len(x), -1) for y in module.batch(x)], 1)
        for row in range(min(rows, width)):
            if rows < width:
                probe = random.standard_normal((len(x), width), np.float32) / math.sqrt(rows)
            else:
                probe = np.zeros((len(x), width), np.float32)
                probe[:, row] = 1
            if not made.requires_grad:  # a head that no input moves
                yield np.zeros(x.shape)
                continue
            (g,) = torch.autograd.grad(
                made, x, torch.from_numpy(np.asarray(probe, np.float32)).to(device),
                retain_graph=True, allow_unused=True,
            )  # fmt: skip
            yield np.zeros(x.shape) if g is None else g.cpu().numpy().astype(np.float64)


def _to_pixels(gradients_NCHW: Doubles, how: Preprocess) -> Doubles:
    """Gradients by inputs as gradients by pixels (0..1)."""
    scale = 255 * how.scale / np.asarray(how.std, np.float64)
    scaled = gradients_NCHW * scale.reshape(1, -1, 1, 1)
    return np.asarray(scaled[:, ::-1] if how.colour == "BGR" else scaled)


def _blocks(x_NCHW: Doubles, side: int) -> Doubles:
    """Sums over blocks of side x side."""
    n, c, h, w = x_NCHW.shape
    return np.asarray(x_NCHW.reshape(n, c, h // side, side, w // side, side).sum((3, 5)))
