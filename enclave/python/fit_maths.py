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
        6,
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
    normal()


def normal() -> None:
    """R(t) (t + 3) as a polynomial of u = (t - 3) / (t + 3), t in [0, 15], where
    P(-t) = exp(-t^2 / 2) R(t); its first coefficient in two numbers.
    """
    from scipy.special import erfcx  # noqa: PLC0415 for this one only

    def target(u: Array) -> Array:
        t = 3 * (1 + u) / (1 - u)
        return np.asarray(0.5 * erfcx(t / np.sqrt(2)) * (t + 3))

    nodes = np.cos((np.arange(1500) + 0.5) * math.pi / 1500)
    u = -1 / 6 + 5 / 6 * nodes  # [-1, 2/3]
    basis, weight = u[:, None] ** np.arange(10), 1 / target(u)
    fixed = lawson(basis, target(u), weight, 40)[:1]
    for k in range(1, 10):
        rest = target(u) - basis[:, :k] @ fixed
        fixed = np.append(fixed, np.float64(np.float32(lawson(basis[:, k:], rest, weight, 40)[0])))
    first = np.float32(fixed[0])
    error = np.abs(weight * (basis @ fixed - target(u))).max()
    print(f"gelu: {first:.9g} + {fixed[0] - first:.9g}", *(f"{c:.9g}" for c in fixed[1:]), error)


if __name__ == "__main__":
    main()
