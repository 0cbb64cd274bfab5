"""Recomputes the polynomial coefficients of enclave/src/maths.h.

Each polynomial is fitted on Chebyshev nodes for the least maximal weighted error (Lawson's
reweighting) in float64, then rounded to float32 one coefficient at a time, lowest power first,
refitting the rest. Nothing here is needed to build.

    python enclave/python/fit_maths.py
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Array = np.ndarray


def lawson(basis: Array, target: Array, weight: Array, rounds: int = 60) -> Array:
    """The coefficients with (nearly) the least maximum of |weight * (basis @ c - target)|."""
    importance = np.ones(len(target))
    coefficients = np.zeros(basis.shape[1])
    for _ in range(rounds):
        scale = weight * np.sqrt(importance)
        coefficients = np.linalg.lstsq(basis * scale[:, None], target * scale, rcond=None)[0]
        error = np.abs(weight * (basis @ coefficients - target))
        importance = importance * (error / error.max() + 1e-12)
        importance /= importance.sum()
    return coefficients


def fit(  # noqa: PLR0917 name, interval, degree, function, weight
    name: str,
    low: float,
    high: float,
    degree: int,
    target: Callable[[Array], Array],
    weight: Callable[[Array], Array],
) -> None:
    """Prints float32 coefficients, lowest power first, and the largest weighted error."""
    nodes = np.cos((np.arange(4000) + 0.5) * math.pi / 4000)
    x = (low + high) / 2 + (high - low) / 2 * nodes
    basis = x[:, None] ** np.arange(degree + 1)
    fixed = np.zeros(0)
    for k in range(degree + 1):
        rest = target(x) - basis[:, :k] @ fixed
        fixed = np.append(fixed, np.float64(np.float32(lawson(basis[:, k:], rest, weight(x))[0])))
    error = np.abs(weight(x) * (basis @ fixed - target(x))).max()
    print(
        name,
        "".join(f"\n    {c:.9g}f," for c in fixed.astype(np.float32)),
        f"\n    error {error:.3g}",
    )


def main() -> None:
    """Fits what maths.h uses; erf by its series and erfc by numerical quadrature via math.erfc."""
    erf, erfc = np.vectorize(math.erf), np.vectorize(math.erfc)
    fit(
        "exp: (exp(r) - 1 - r) / r^2",
        -0.3467,
        0.3467,
        4,
        lambda r: (np.expm1(r) - r) / r**2,
        lambda r: r**2,
    )
    fit(
        "log: (log1p(f) - f + f^2/2) / f^3",
        -0.2930,
        0.4143,
        8,
        lambda f: (np.log1p(f) - f + f**2 / 2) / f**3,
        lambda f: np.abs(f**3 / np.log1p(f)),
    )
    fit(
        "erf, |x| < 0.92: erf(x) / x - 1, powers of x^2",
        1e-9,
        0.8465,
        5,
        lambda s: erf(np.sqrt(s)) / np.sqrt(s) - 1,
        lambda s: np.sqrt(s) / erf(np.sqrt(s)),
    )
    fit(
        "erf, |x| >= 0.92: (-log(erfc(x)) - x) / x",
        0.92,
        4.0,
        6,
        lambda t: (-np.log(erfc(t)) - t) / t,
        lambda t: t * erfc(t) / erf(t),
    )


if __name__ == "__main__":
    main()
