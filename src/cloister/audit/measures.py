"""How near a reconstruction comes to its original: PSNR, SSIM, MS-SSIM and GMSD of each picture.

Rules kept:
* Pictures are float32 in 0..1, [N, C, H, W]; the range is fixed at 1, and predictions are clamped
  before anything is measured.
* SSIM is Wang's of 2004 (Gaussian 11 x 11, sigma 1.5, K .01 and .03, population covariance, mean
  over channels, border of 5 pixels left out), equal to scikit-image's with the same parameters.
* MS-SSIM is Wang's of 2003 with as many of the five scales as the picture has room for, weights
  normalised anew; negative contrast terms count as 0.
* GMSD (Xue et al. 2014, IEEE TIP 23(2)) is the perceptual measure that needs no weights; 0 is best.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Measure = Callable[[Doubles, Doubles], Doubles]

SIGMA: Final = 1.5
RADIUS: Final = 5
K1: Final = 0.01
K2: Final = 0.03
SCALE_WEIGHTS: Final = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# Constant of GMSD for a range of 1 (170 for 255), Xue et al. section III.
GMSD_C: Final = 170 / 255**2
PSNR_MAX_DB: Final = 100.0
SSIM_SPEC: Final = (
    "SSIM (Wang 2004): Gaussian 11x11, sigma 1.5, K1 0.01, K2 0.03, range 1, population covariance,"
    " mean of channels, valid area"
)
_BATCH: Final = 16  # pictures whose numbers stay near the processor


def mse(a_NCHW: Floats, b_NCHW: Floats) -> Doubles:
    """Mean squared error of each picture."""
    difference = a_NCHW.astype(np.float32) - b_NCHW
    return np.asarray(np.square(difference, dtype=np.float64).mean((1, 2, 3)))


def psnr_db(error: Doubles) -> Doubles:
    """PSNR in dB of mean squared errors (range 1), at most 100."""
    return np.asarray(np.minimum(-10 * np.log10(np.maximum(error, 1e-30)), PSNR_MAX_DB))


def ssim(a_NCHW: Floats, b_NCHW: Floats) -> Doubles:
    """SSIM of each picture."""
    return _batched(a_NCHW, b_NCHW, lambda a, b: _ssim_parts(a, b)[0])


def ms_ssim(a_NCHW: Floats, b_NCHW: Floats) -> Doubles:
    """MS-SSIM of each picture, over `scales` scales."""
    return np.asarray(both_ssim(a_NCHW, b_NCHW)[1])


def both_ssim(a_NCHW: Floats, b_NCHW: Floats) -> Doubles:
    """SSIM and MS-SSIM of each picture, [2, N]: the finest scale serves both."""
    return _batched(a_NCHW, b_NCHW, _both_ssim)


def gmsd(a_NCHW: Floats, b_NCHW: Floats) -> Doubles:
    """Gradient magnitude similarity deviation of each picture's luminance; 0 is best."""
    return _batched(a_NCHW, b_NCHW, _gmsd)


def scales(height: int, width: int) -> int:
    """How many of MS-SSIM's five scales a picture has room for."""
    room, side = 0, min(height, width)
    while side >= 2 * RADIUS + 1 and room < len(SCALE_WEIGHTS):
        room, side = room + 1, side // 2
    return room


def _batched(a: Floats, b: Floats, measure: Measure) -> Doubles:
    parts = [
        measure(a[i : i + _BATCH].astype(np.float64), b[i : i + _BATCH].astype(np.float64))
        for i in range(0, len(a), _BATCH)
    ]
    return np.concatenate(parts, axis=-1) if parts else np.zeros(0)


def _taps() -> Doubles:
    x = np.arange(-RADIUS, RADIUS + 1)
    taps = np.exp(-(x**2) / (2 * SIGMA**2))
    return np.asarray(taps / taps.sum())


@cache
def _along(side: int) -> Doubles:
    """[side - 10, side]: the blur along one axis, where the window has room; a product of matrices
    is quicker than a walk along lines.
    """
    row = np.pad(_taps(), (0, side - 2 * RADIUS - 1))
    return np.stack([np.roll(row, place) for place in range(side - 2 * RADIUS)])


def _blur(x: Doubles) -> Doubles:
    return np.asarray(_along(x.shape[2]) @ (x @ _along(x.shape[3]).T))


def _ssim_parts(a: Doubles, b: Doubles) -> tuple[Doubles, Doubles]:
    """SSIM, and its contrast-structure factor alone."""
    mean_a, mean_b = _blur(a), _blur(b)
    var_a, var_b = _blur(a * a) - mean_a**2, _blur(b * b) - mean_b**2
    cov = _blur(a * b) - mean_a * mean_b
    contrast = (2 * cov + K2**2) / (var_a + var_b + K2**2)
    light = (2 * mean_a * mean_b + K1**2) / (mean_a**2 + mean_b**2 + K1**2)
    each = (1, 2, 3)
    return np.asarray((light * contrast).mean(each)), np.asarray(contrast.mean(each))


def _both_ssim(a: Doubles, b: Doubles) -> Doubles:
    parts = []
    for _ in range(scales(*a.shape[2:])):
        parts.append(_ssim_parts(a, b))
        a, b = _halve(a), _halve(b)
    weights = np.array(SCALE_WEIGHTS[: len(parts)])
    weights /= weights.sum()
    factors = [contrast for _, contrast in parts[:-1]] + [parts[-1][0]]
    product = np.prod([np.maximum(f, 0) ** w for f, w in zip(factors, weights, strict=True)], 0)
    return np.stack([parts[0][0], product])


def _halve(x: Doubles) -> Doubles:
    h, w = x.shape[2] // 2 * 2, x.shape[3] // 2 * 2
    x = x[:, :, :h, :w]
    return (x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]) / 4


def _gmsd(a: Doubles, b: Doubles) -> Doubles:
    left, right = _gradient(_halve(_luminance(a))), _gradient(_halve(_luminance(b)))
    similar = (2 * left * right + GMSD_C) / (left**2 + right**2 + GMSD_C)
    return np.asarray(similar.std((1, 2, 3)))


def _luminance(x: Doubles) -> Doubles:
    if x.shape[1] != 3:
        return np.asarray(x.mean(1, keepdims=True))
    return np.asarray(np.einsum("nchw,c->nhw", x, np.array([0.299, 0.587, 0.114]))[:, None])


def _gradient(x: Doubles) -> Doubles:
    """Prewitt's gradient magnitude, of the inner pixels."""

    def slope(along: int, across: int) -> Doubles:
        smooth = correlate1d(x, np.ones(3) / 3, axis=across)
        return np.asarray(correlate1d(smooth, np.array([1.0, 0.0, -1.0]), axis=along))

    magnitude = np.hypot(slope(2, 3), slope(3, 2))
    return np.asarray(magnitude[:, :, 1:-1, 1:-1])
