"""Which convolutions run in the transform domain, F(4 x 4, 3 x 3), and the scratch that they get.

The choice is made here, off line, by counting vector operations; the enclave only follows it. The
constants were fitted to single layers measured with AVX-512 (16 to 512 channels, 7 to 224 pixels);
AVX2 has nearly the same ratios. Where the gain is small the direct convolution stays: its results
are closer to those of other engines, and it needs no scratch.
"""

from __future__ import annotations

from cloister.lower.program import FLOAT_BYTES, PANEL, Conv, ConvParams

TILE = 4  # outputs along one side of a tile
POINTS = 36  # products of one tile and channel
CHANNELS = 64  # CLO_WINO_C: transformed at a time
LD = CHANNELS + 16  # floats from row to row of V (enclave/src/winograd.h)
LANES = 16  # floats of one vector
BLOCK_TILES = 56  # four of the tallest micro-kernels
BLOCK_ROWS = 112  # tiles x slots of V: what a second-level cache holds beside U and M

# Cycles: of one multiply-add in the micro-kernel, direct and on the small matrices; of one vector
# of U (with its weights from memory), V and the outputs.
DIRECT, PRODUCT, WEIGHTS, INPUTS, OUTPUTS = 0.56, 0.65, 250.0, 150.0, 150.0
GAIN = 0.85  # take Winograd below this part of the direct time
SCRATCH = 2  # at most so many times what the operator reads and writes: small networks stay small


def algorithm(p: ConvParams) -> Conv:
    """The algorithm for a convolution."""
    plain = (p.kh, p.kw, p.sh, p.sw, p.dh, p.dw, p.groups, p.slice) == (3, 3, 1, 1, 1, 1, 1, 0)
    if not plain or p.c < LANES:
        return Conv.DIRECT
    own = FLOAT_BYTES * (p.h * p.w * p.c + p.oh * p.ow * p.n + 9 * p.c * p.n)
    if scratch_bytes(p) > SCRATCH * own:
        return Conv.DIRECT
    direct = DIRECT * 9 * p.c * p.oh * p.ow * -(-p.n // LANES)
    return Conv.WINOGRAD if cycles(p) < GAIN * direct else Conv.DIRECT


def cycles(p: ConvParams, most: int | None = None) -> float:
    """Estimated time with blocks of at most so many tiles."""
    tiles, vectors, panels = _tiles(p), -(-p.n // LANES), -(-p.n // PANEL)
    products = PRODUCT * POINTS * p.c * tiles * vectors
    weights = WEIGHTS * p.c * panels * (PANEL // LANES) * -(-tiles // block(p, most))
    stays = p.panels > 1 and block(p, most) == tiles  # V, from page to page
    inputs = INPUTS * tiles * -(-p.c // LANES) * (1 if stays else -(-panels // p.panels))
    return products + weights + inputs + OUTPUTS * tiles * vectors


def _tiles(p: ConvParams) -> int:
    return -(-p.oh // TILE) * -(-p.ow // TILE)


def _slots(p: ConvParams) -> int:
    """Pieces of V that stay: all channels where a page holds several panels, else one piece."""
    return -(-p.c // CHANNELS) if p.panels > 1 else 1


def block(p: ConvParams, most: int | None = None) -> int:
    """Tiles in one block: blocks of one size, within the bounds (and ``most``)."""
    limit = max(1, min(BLOCK_TILES, BLOCK_ROWS // _slots(p), most or BLOCK_TILES))
    return -(-_tiles(p) // -(-_tiles(p) // limit))


def scratch_bytes(p: ConvParams, most: int | None = None) -> int:
    """U of one panel, M and V of one block (docs/formats/container.md, Scratch)."""
    a_tile = PANEL + _slots(p) * LD
    return FLOAT_BYTES * POINTS * (CHANNELS * PANEL + 32 + block(p, most) * a_tile)
