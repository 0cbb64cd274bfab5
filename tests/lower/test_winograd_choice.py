"""Which convolutions run in the transform domain, and that their scratch is what the enclave asks
for.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloister.lower import winograd
from cloister.lower.paging import panel_paging
from cloister.lower.program import Conv, ConvParams


def layer(c: int, n: int, size: int) -> ConvParams:
    paging = panel_paging(9 * c, -(-n // 32), c=c, taps=9)
    assert paging is not None
    return ConvParams(
        size,
        size,
        c,
        n,
        1,
        3,
        3,
        1,
        1,
        1,
        1,
        1,
        1,
        size,
        size,
        c,
        n,
        0,
        paging.panels,
        paging.slice,
    )


@pytest.mark.parametrize("shape", [(64, 64, 224), (64, 64, 56), (256, 256, 14), (512, 512, 28)])
def test_large_layers_are_transformed(shape: tuple[int, int, int]) -> None:
    assert winograd.algorithm(layer(*shape)) is Conv.WINOGRAD


@pytest.mark.parametrize(
    "shape", [(3, 64, 224), (512, 512, 7), (64, 64, 8), (16, 16, 32), (1024, 64, 28)]
)
def test_layers_that_gain_little_or_need_much_scratch_are_not(shape: tuple[int, int, int]) -> None:
    assert winograd.algorithm(layer(*shape)) is Conv.DIRECT


@pytest.mark.parametrize("change", [{"kh": 1}, {"sw": 2}, {"dh": 2}, {"groups": 2}])
def test_other_convolutions_are_not(change: dict[str, int]) -> None:
    assert winograd.algorithm(replace(layer(64, 64, 56), **change)) is Conv.DIRECT


def test_scratch_is_that_of_the_format() -> None:
    # docs/formats/container.md: 144 (2080 + 32 T + 80 T s); 196 tiles in four blocks
    assert winograd.scratch_bytes(layer(64, 64, 56)) == 144 * (2080 + 49 * (32 + 80))
    assert winograd.scratch_bytes(layer(128, 128, 28)) == 144 * (2080 + 49 * (32 + 160))
