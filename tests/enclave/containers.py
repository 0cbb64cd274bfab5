"""Writes containers by hand, from docs/formats/container.md and the C structs alone.

Nothing here knows the compiler in `cloister.pack`: what the validator is tested with must not come
from the code that it guards against.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from cloister._clo import ffi, lib
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

Floats = NDArray[np.float32]
CData: TypeAlias = Any  # what cffi gives: structs, pointers
UNIT = {"groups": 1, "kh": 1, "kw": 1, "sh": 1, "sw": 1, "dh": 1, "dw": 1}
INFINITE = float("inf")
PAGE_FLOATS = 262_144
PARAMETERS = {
    lib.CLO_CONV: "conv",
    lib.CLO_DWCONV: "dwconv",
    lib.CLO_MATMUL: "matmul",
    lib.CLO_POOL: "pool",
    lib.CLO_UNARY: "unary",
    lib.CLO_BINARY: "binary",
    lib.CLO_SOFTMAX: "softmax",
    lib.CLO_REDUCE: "reduce",
    lib.CLO_NORM: "norm",
    lib.CLO_COPY: "copy",
    lib.CLO_FILL: "fill",
}


def round64(n: int) -> int:
    return -(-n // 64) * 64


def message_offsets(shapes: list[tuple[int, ...]]) -> tuple[list[int], int]:
    """Where the data of each tensor lies in a message, and how long the message is, in bytes."""
    at = 64 + 64 * len(shapes)
    offsets = []
    for shape in shapes:
        offsets.append(at)
        at += round64(4 * int(np.prod(shape, dtype=np.int64)))
    return offsets, at


@dataclass
class Container:
    """A header and its pages, as bytes."""

    header: bytearray
    pages: list[bytes]

    def to_bytes(self) -> bytes:
        return bytes(self.header) + b"".join(
            p + bytes(round64(len(p)) - len(p)) for p in self.pages
        )

    def span(self, first: int, count: int) -> bytes:
        """What a PAGES frame carries."""
        start = len(self.header) + sum(round64(len(p)) for p in self.pages[:first])
        body = self.to_bytes()[start:]
        last = self.pages[first + count - 1]
        size = sum(round64(len(p)) for p in self.pages[first : first + count - 1]) + len(last)
        return body[:size]

    def view(self) -> CData:
        """The header's struct, to read or to spoil; it writes through."""
        return ffi.cast("clo_header *", ffi.from_buffer(self.header, require_writable=True))

    def op(self, index: int) -> CData:
        ops = ffi.cast("clo_op *", ffi.cast("uint8_t *", self.view()) + 128)
        return ops + index

    def io(self, index: int) -> CData:
        ios = ffi.cast("clo_io *", self.op(self.view().n_ops))
        return ios + index

    def page(self, index: int) -> CData:
        h = self.view()
        pages = ffi.cast("clo_page *", self.io(h.n_inputs + h.n_crossing + h.n_outputs))
        return pages + index

    def sealed(self, key: bytes, key_id: bytes) -> Container:
        """The sealed container: pages encrypted, offsets, lengths, slot and digests anew."""
        new = self.copy()
        h = new.view()
        h.sealed, offset, h.page_slot = 1, len(new.header), 0
        ffi.buffer(h.key_id)[:] = key_id
        ffi.buffer(h.key_digest)[:] = hashlib.sha256(key).digest()
        for i in range(h.n_pages):
            page = new.page(i)
            page.offset, page.stored = offset, page.plain + 16
            offset += round64(page.stored)
            h.page_slot = max(h.page_slot, 0 if page.resident else round64(page.stored))
        table = int(ffi.cast("char *", new.page(0)) - ffi.cast("char *", h))
        bound = hashlib.sha256(new.header[:table]).digest()
        for i, plain in enumerate(new.pages):
            aad = bound + struct.pack("<II", i, len(plain))
            new.pages[i] = AESGCM(key).encrypt(struct.pack(">III", 0, 0, i), plain, aad)
        new.digest_pages()
        return new

    def digest_pages(self) -> None:
        """Enters the digests of the pages as they are."""
        for i, page in enumerate(self.pages):
            ffi.buffer(self.page(i).digest)[:] = hashlib.sha256(page).digest()

    def copy(self) -> Container:
        return Container(bytearray(self.header), list(self.pages))


@dataclass
class Builder:
    """Places tensors one after the other: request, response, then what `alloc` gives."""

    inputs: list[tuple[int, ...]]
    outputs: list[tuple[int, ...]]
    split: bool = True
    scratch_bytes: int = 0
    crossing: list[tuple[tuple[int, ...], int]] = field(default_factory=list)
    ops: list[CData] = field(default_factory=list)
    pages: list[tuple[bytes, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.request_offsets, request = message_offsets(self.inputs)
        self.response_offsets, response = message_offsets(self.outputs)
        self.response_at = request // 4
        self.end = (request + response) // 4
        self.scratch_at = self.alloc(self.scratch_bytes // 4)

    def input_at(self, index: int = 0) -> int:
        return self.request_offsets[index] // 4

    def output_at(self, index: int = 0) -> int:
        return self.response_at + self.response_offsets[index] // 4

    def alloc(self, floats: int) -> int:
        at = self.end
        self.end += -(-floats // 16) * 16
        return at

    def add_pages(self, arrays: list[Floats], *, resident: bool) -> tuple[int, int]:
        first = len(self.pages)
        self.pages += [(np.ascontiguousarray(a, "<f4").tobytes(), resident) for a in arrays]
        return first, len(arrays)

    def op(
        self,
        kind: int,
        y: tuple[int, int],
        x: tuple[int, int] = (0, 0),
        z: tuple[int, int] = (0, 0),
        *,
        fn: int = 0,
        lo: float = -INFINITE,
        hi: float = INFINITE,
        pages: tuple[int, int] = (0, 0),
        scratch: int = 0,
        int8: int = 0,
        act: int = 0,
        **parameters: CData,
    ) -> None:
        op = ffi.new("clo_op *")
        op.kind, op.fn, op.lo, op.hi = kind, fn, lo, hi
        for span, (at, n) in ((op.x, x), (op.y, y), (op.z, z)):
            span.at, span.n = at, n
        op.first_page, op.n_pages = pages
        op.scratch, op.int8, op.act = scratch, int8, act
        if kind in PARAMETERS:
            block = getattr(op.u, PARAMETERS[kind])
            for name, value in parameters.items():
                setattr(block, name, value)
        self.ops.append(op)

    def build(self) -> Container:
        h = ffi.new("clo_header *")
        tail = b"".join(bytes(ffi.buffer(op)) for op in self.ops)
        ios = [(s, at // 4) for s, at in zip(self.inputs, self.request_offsets, strict=True)]
        ios += self.crossing
        ios += [
            (s, self.response_at + at // 4)
            for s, at in zip(self.outputs, self.response_offsets, strict=True)
        ]
        for shape, at in ios:
            dims = [*shape, *([0] * (8 - len(shape)))]
            n = int(np.prod(shape, dtype=np.int64))
            tail += struct.pack("<16I", 1, len(shape), *dims, at, n, 0, 0, 0, 0)
        size = 128 + len(tail) + 64 * len(self.pages)
        offset, resident_bytes, slot = size, 0, 0
        for page, resident in self.pages:
            n, digest = len(page), hashlib.sha256(page).digest()
            tail += struct.pack("<QIII12x32s", offset, n, n, resident, digest)
            offset += round64(n)
            resident_bytes += round64(n) if resident else 0
            slot = max(slot, 0 if resident else round64(n))
        h.magic = b"CLOISTER"
        h.version, h.header_bytes = 1, size
        h.mode = lib.CLO_MODE_SPLIT if self.split else lib.CLO_MODE_WHOLE
        h.n_ops, h.n_pages = len(self.ops), len(self.pages)
        h.n_inputs, h.n_outputs = len(self.inputs), len(self.outputs)
        h.n_crossing = len(self.crossing)
        h.page_slot, h.resident_bytes = slot, resident_bytes
        h.arena_bytes = 4 * self.end
        h.response_at = self.response_at
        h.scratch_at, h.scratch_bytes = self.scratch_at, self.scratch_bytes
        return Container(bytearray(bytes(ffi.buffer(h)) + tail), [page for page, _ in self.pages])


def plus_constant(*, split: bool = True, resident: bool = False) -> Container:
    """y[1, 4] = 2 x + 1 + [10, 20, 30, 40], which crosses or leaves; the constant is one page."""
    b = Builder([(1, 4)], [(1, 4)], split)
    x, c = (b.input_at(), 4), (b.alloc(4), 4)
    y = (b.alloc(4) if split else b.output_at(), 4)
    pages = b.add_pages([np.array([10, 20, 30, 40], np.float32)], resident=resident)
    b.op(lib.CLO_UNARY, y, x, fn=lib.CLO_FN_AFFINE, rows=1, cols=4, x_ld=4, y_ld=4, p0=2.0, p1=1.0)
    b.op(lib.CLO_CONST, c, pages=pages)
    d, strides = [1, 1, 1, 1, 4], [4, 4, 4, 4, 1]
    b.op(lib.CLO_BINARY, y, y, c, fn=lib.CLO_FN_ADD, d=d, xs=strides, zs=strides, ys=strides)
    if split:
        b.crossing.append(((1, 4), y[0]))
    return b.build()


def many_pages(pages: int = 5, rows: int = 8000) -> Container:
    """A fully connected layer, `rows` to 32 a page; streamed but for page 2; whole."""
    n = 32 * pages
    scratch = round64(4 * rows) + 128
    b = Builder([(1, rows)], [(1, n)], split=False, scratch_bytes=round64(scratch))
    weights = [np.zeros((rows + 1, 32), np.float32) for _ in range(pages)]
    for q, page in enumerate(weights):
        page[0] = q  # the bias
        page[1] = 1.0  # each output is x[0] + q
    first, _ = b.add_pages(weights[:2], resident=False)
    b.add_pages(weights[2:3], resident=True)
    b.add_pages(weights[3:], resident=False)
    b.op(
        lib.CLO_CONV,
        (b.output_at(), n),
        (b.input_at(), rows),
        pages=(first, pages),
        scratch=scratch,
        **UNIT,
        h=1,
        w=1,
        oh=1,
        ow=1,
        panels=1,
        c=rows,
        n=n,
        x_ld=rows,
        y_ld=n,
    )
    return b.build()


def panels(weights_KN: Floats, bias_N: Floats) -> list[Floats]:
    """Units of one group: for each 32 channels their bias, then K rows of weights."""
    K, n = weights_KN.shape
    padded = np.zeros((K + 1, round64(2 * n) // 2), np.float32)
    padded[0, :n], padded[1:, :n] = bias_N, weights_KN
    return [padded[:, q : q + 32] for q in range(0, n, 32)]


def in_place() -> Container:
    """y = -x, written over x; the arena is that one message; whole."""
    b = Builder([(64,)], [(64,)], split=False)
    b.response_at, b.scratch_at, b.end = 0, 0, (64 + 64 + 256) // 4
    at = (b.input_at(), 64)
    b.op(lib.CLO_UNARY, at, at, fn=lib.CLO_FN_NEG, rows=1, cols=64, x_ld=64, y_ld=64)
    return b.build()


def full_page() -> Container:
    """A constant, whose one page is resident and ends where the arena begins; whole."""
    b = Builder([(64,)], [(64,)], split=False)
    pages = b.add_pages([np.arange(64, dtype=np.float32)], resident=True)
    b.op(lib.CLO_CONST, (b.output_at(), 64), pages=pages)
    return b.build()


def every_kind() -> Container:
    """One operator of each kind, and of CONV each form (groups, z, slices, several panels); whole.

    The numbers mean nothing; every rule of the validator has something to bite on.
    """
    rng = np.random.default_rng(0)

    def weights(*shape: int) -> Floats:
        return rng.standard_normal(shape).astype(np.float32)

    b = Builder([(1, 4, 6, 5), (7,)], [(1, 10), ()], split=False, scratch_bytes=2048)
    x = (b.input_at(), 120)  # taken as NHWC: 6 x 5 pixels of 4 channels
    # Grouped 3 x 3, stride 2, dilation 2 across, padded: 3 x 5 pixels of 2 x 3 channels.
    grouped = (b.alloc(3 * 5 * 8), 3 * 5 * 8)
    units = [u for _ in range(2) for u in panels(weights(18, 3), weights(3))]
    b.op(
        lib.CLO_CONV, grouped, x, pages=b.add_pages(units, resident=True), scratch=1280, lo=0.0,
        h=6, w=5, c=2, n=3, groups=2, kh=3, kw=3, sh=2, sw=1, dh=1, dw=2, pt=1, pl=2, oh=3, ow=5,
        x_ld=4, y_ld=8, panels=1,
    )  # fmt: skip
    # 1 x 1 to 40 channels, two panels in one page, the addend in place.
    wide = (b.alloc(15 * 40), 15 * 40)
    b.op(lib.CLO_FILL, wide, value=0.5)
    pages = b.add_pages([np.concatenate(panels(weights(6, 40), weights(40)))], resident=False)
    b.op(
        lib.CLO_CONV, wide, grouped, wide, pages=pages, scratch=192, hi=6.0,
        **UNIT, h=3, w=5, c=6, n=40, oh=3, ow=5, x_ld=8, y_ld=40, z_ld=40, panels=2,
    )  # fmt: skip
    # Depthwise 3 x 3 in two pages of one panel.
    deep = (b.alloc(15 * 40), 15 * 40)
    units = panels(weights(9, 40), weights(40))
    b.op(
        lib.CLO_DWCONV, deep, wide, pages=b.add_pages(units, resident=False), lo=-1.0, hi=1.0,
        h=3, w=5, c=40, kh=3, kw=3, sh=1, sw=1, dh=1, dw=1, pt=1, pl=1, oh=3, ow=5,
        x_ld=40, y_ld=40, panels=1,
    )  # fmt: skip
    # Max pool 2 x 2, stride 2, ceil: 2 x 3; average pool with padding counted, into a wider map.
    pooled = (b.alloc(6 * 40), 6 * 40)
    window = {"kh": 2, "kw": 2, "sh": 2, "sw": 2, "dh": 1, "dw": 1}
    b.op(
        lib.CLO_POOL, pooled, deep, fn=lib.CLO_FN_POOL_MAX,
        **window, h=3, w=5, c=40, pb=1, pr=1, oh=2, ow=3, x_ld=40, y_ld=40,
    )  # fmt: skip
    averaged = (b.alloc(6 * 64), 6 * 64)
    b.op(
        lib.CLO_POOL, averaged, pooled, fn=lib.CLO_FN_POOL_AVERAGE, count_pad=1,
        h=2, w=3, c=40, kh=3, kw=3, sh=1, sw=1, dh=1, dw=1, pt=1, pl=1, pb=1, pr=1, oh=2, ow=3,
        x_ld=40, y_ld=64,
    )  # fmt: skip
    # Fully connected in K-slices of 16 rows: 40 -> 10, on the first pixel.
    fc = (b.alloc(10), 10)
    unit_pages = panels(weights(40, 10), weights(10))[0]
    slices = [unit_pages[:17], unit_pages[17:33], unit_pages[33:]]
    b.op(
        lib.CLO_CONV, fc, averaged, pages=b.add_pages(slices, resident=False), scratch=320, lo=0.0,
        **UNIT, h=1, w=1, c=40, n=10, oh=1, ow=1, x_ld=64, y_ld=10, panels=1, slice=16,
    )  # fmt: skip
    # Every function of one variable that can work in place.
    for fn in range(lib.CLO_FN_QUANTISE + 1):
        p0, p1 = {
            lib.CLO_FN_LEAKY_RELU: (0.1, 0.0),
            lib.CLO_FN_CLIP: (-2.0, INFINITE),
            lib.CLO_FN_ELU: (1.0, 0.0),
            lib.CLO_FN_HARD_SIGMOID: (0.2, 0.5),
            lib.CLO_FN_AFFINE: (0.5, 0.25),
            lib.CLO_FN_QUANTISE: (0.125, -128.0),
        }.get(fn, (0.0, 0.0))
        b.op(
            lib.CLO_UNARY, averaged, averaged, fn=fn,
            rows=6, cols=40, x_ld=64, y_ld=64, p0=p0, p1=p1,
        )  # fmt: skip
    # Two by two channels of one map, added; a broadcast along rows.
    rows = {"d": [1, 1, 1, 6, 8], "xs": [0, 0, 0, 64, 1], "ys": [0, 0, 0, 64, 1]}
    for fn in range(lib.CLO_BINARY_FNS):
        half = (averaged[0] + 8, averaged[1] - 8)
        b.op(lib.CLO_BINARY, averaged, averaged, half, fn=fn, **rows, zs=[0, 0, 0, 64, 1])
    b.op(
        lib.CLO_BINARY, averaged, averaged, (b.input_at(1), 7), fn=lib.CLO_FN_ADD, lo=-9.0, hi=9.0,
        d=[1, 1, 1, 6, 7], xs=[0, 0, 0, 64, 1], ys=[0, 0, 0, 64, 1], zs=[0, 0, 0, 0, 1],
    )  # fmt: skip
    # Attention-like: [2, 3, 4] x [2, 4, 5].
    product = (b.alloc(30), 30)
    b.op(
        lib.CLO_MATMUL, product, (averaged[0], 24), (wide[0], 40), scratch=512, hi=100.0,
        b0=2, b1=1, m=3, k=4, n=5, x_b0=12, x_m=4, z_b0=20, z_k=5, z_n=1, y_b0=15, y_m=5, alpha=0.5,
    )  # fmt: skip
    for fn in range(lib.CLO_SOFTMAX_FNS):
        b.op(lib.CLO_SOFTMAX, product, product, fn=fn, outer=2, n=3, inner=5)
    reduced = (b.alloc(10), 10)
    for fn in range(lib.CLO_REDUCE_FNS):
        b.op(lib.CLO_REDUCE, reduced, product, fn=fn, outer=2, n=3, inner=5, x_o=15, x_n=5)
    gamma = (b.alloc(20), 20)
    b.op(lib.CLO_CONST, gamma, pages=b.add_pages([weights(20)], resident=True))
    b.op(lib.CLO_NORM, reduced, reduced, gamma, rows=1, cols=10, x_ld=10, y_ld=10, eps=1e-5)
    # Backwards, then out.
    b.op(
        lib.CLO_COPY, (b.output_at(0), 10), reduced,
        d=[1, 1, 1, 1, 2, 5], xs=[0, 0, 0, 0, 5, -1], ys=[0, 0, 0, 0, 5, 1], x_first=4,
    )  # fmt: skip
    b.op(lib.CLO_REDUCE, (b.output_at(1), 1), fc, fn=lib.CLO_FN_SUM, outer=1, n=10, inner=1, x_n=1)
    return b.build()


def winograd(*, tiles: int = 2) -> Container:
    """A 3 x 3 convolution in the transform domain, 20 to 40 channels on 6 x 5 pixels, plus itself,
    `tiles` tiles in a block; whole.
    """
    rng = np.random.default_rng(1)
    scratch = 144 * (2080 + tiles * (32 + 80))
    b = Builder([(1, 6, 5, 20)], [(1, 6, 5, 40)], split=False, scratch_bytes=scratch)
    y = (b.output_at(), 30 * 40)
    units = panels(
        rng.standard_normal((180, 40)).astype(np.float32),
        rng.standard_normal(40).astype(np.float32),
    )
    b.op(lib.CLO_FILL, y, value=0.25)
    b.op(
        lib.CLO_CONV, y, (b.input_at(), 600), y, fn=lib.CLO_FN_WINOGRAD, scratch=scratch, lo=0.0,
        pages=b.add_pages([np.concatenate(units)], resident=False), **{**UNIT, "kh": 3, "kw": 3},
        h=6, w=5, c=20, n=40, pt=1, pl=1, oh=6, ow=5, x_ld=20, y_ld=40, z_ld=40, panels=2,
    )  # fmt: skip
    return b.build()


def byte_panels(codes_KN: NDArray[np.int8], scales_N: Floats, bias_N: Floats) -> list[Floats]:
    """As `panels`, of weights that are bytes: bias, scales, then K rows of 32 bytes."""
    K, n = codes_KN.shape
    padded = np.zeros((K, round64(2 * n) // 2), np.int8)
    padded[:, :n] = codes_KN
    heads = panels(scales_N[None], bias_N)
    return [
        np.concatenate([head.ravel(), padded[:, 32 * q : 32 * q + 32].ravel().view(np.float32)])
        for q, head in enumerate(heads)
    ]


def int8_weights() -> Container:
    """Each form of weights that are bytes: direct, depthwise, in the transform domain, in slices;
    20 to 40 channels on 6 x 5 pixels, rounded to 8 bits, then 10 of the first pixel; whole.
    """
    rng = np.random.default_rng(2)

    def units(k: int, n: int) -> list[Floats]:
        codes = rng.integers(-128, 128, (k, n)).astype(np.int8)
        scales = rng.random(n).astype(np.float32) / 100
        return byte_panels(codes, scales, rng.standard_normal(n).astype(np.float32))

    domain = 128 * 9 * 40 + 144 * (2080 + 32 + 80)
    b = Builder([(1, 6, 5, 20)], [(1, 10)], split=False, scratch_bytes=domain)
    kernel = {**UNIT, "kh": 3, "kw": 3, "h": 6, "w": 5, "pt": 1, "pl": 1, "oh": 6, "ow": 5}
    without_groups = {name: value for name, value in kernel.items() if name != "groups"}
    maps = [(b.alloc(1200), 1200) for _ in range(3)]
    b.op(
        lib.CLO_CONV, maps[0], (b.input_at(), 600), int8=1, scratch=128 * 180 + 128 + 128 * 9,
        pages=b.add_pages([np.concatenate(units(180, 40))], resident=True),
        **kernel, c=20, n=40, x_ld=20, y_ld=40, panels=2, lo=0.0,
    )  # fmt: skip
    b.op(
        lib.CLO_DWCONV, maps[1], maps[0], int8=1, scratch=2 * 10 * 128, act=1 + lib.CLO_FN_SILU,
        pages=b.add_pages([np.concatenate(units(9, 40))], resident=False),
        **without_groups, c=40, x_ld=40, y_ld=40, panels=2,
    )  # fmt: skip
    b.op(
        lib.CLO_CONV, maps[2], maps[1], fn=lib.CLO_FN_WINOGRAD, int8=1, scratch=domain,
        pages=b.add_pages(units(360, 40), resident=False),
        **kernel, c=40, n=40, x_ld=40, y_ld=40, panels=1,
    )  # fmt: skip
    b.op(
        lib.CLO_UNARY, maps[2], maps[2], fn=lib.CLO_FN_QUANTISE,
        rows=30, cols=40, x_ld=40, y_ld=40, p0=0.5, p1=-128.0,
    )  # fmt: skip
    unit = units(40, 10)[0]  # 64 floats of bias and scales, 8 floats a row
    bias, scales, rows = unit[:32], unit[32:64], unit[64:]
    slices = [np.concatenate([scales, rows[8 * at : 8 * at + 128]]) for at in (0, 16, 32)]
    slices[0] = np.concatenate([bias, slices[0]])
    b.op(
        lib.CLO_CONV, (b.output_at(), 10), maps[2], int8=1, scratch=128 * 16 + 192 + 128,
        pages=b.add_pages(slices, resident=False),
        **UNIT, h=1, w=1, c=40, n=10, oh=1, ow=1, x_ld=40, y_ld=10, panels=1, slice=16,
    )  # fmt: skip
    return b.build()


def code_panels(codes_KN: NDArray[np.int8], scales_N: Floats, bias_N: Floats, zero: int) -> Floats:
    """Panels of a CONV by codes whose code of 0 is `zero`: bias, scales, what sums begin with, then
    for each four of the K rows 32 times four bytes.
    """
    K, n = codes_KN.shape
    padded = np.pad(codes_KN, ((0, 0), (0, -n % 32)))
    starts = (-zero * padded.sum(axis=0, dtype=np.int64)).astype(np.int32).view(np.float32)
    parts = []
    for q, head in enumerate(panels(scales_N[None], bias_N)):
        rows = padded[:, 32 * q : 32 * q + 32].reshape(K // 4, 4, 32).transpose(0, 2, 1)
        own = np.ascontiguousarray(rows).reshape(-1).view(np.float32)
        parts += [head.ravel(), starts[32 * q : 32 * q + 32], own]
    return np.concatenate(parts)


def codes() -> Container:
    """Codes between layers: of 8 channels on 6 x 5 pixels, a 3 x 3 convolution, one of 1 x 1 whose
    sums are rounded and added to the codes before, all 40 channels as numbers; whole.
    """
    rng = np.random.default_rng(3)

    def page(k: int, n: int, zero: int) -> Floats:
        weights = rng.integers(-128, 128, (k, n)).astype(np.int8)
        scales = rng.random(n).astype(np.float32) / 1000
        return code_panels(weights, scales, rng.standard_normal(n).astype(np.float32), zero)

    b = Builder([(1, 6, 5, 8)], [(1, 6, 5, 40)], split=False, scratch_bytes=4096)
    kernel = {**UNIT, "h": 6, "w": 5, "oh": 6, "ow": 5}
    first, second, third = ((b.alloc(n), n) for n in (60, 300, 300))
    b.op(
        lib.CLO_UNARY, first, (b.input_at(), 240), fn=lib.CLO_FN_CODES,
        rows=30, cols=8, x_ld=8, y_ld=2, p0=0.02, p1=-100.0,
    )  # fmt: skip
    b.op(
        lib.CLO_CONV, second, first, int8=2, scratch=1344, lo=0.0,
        pages=b.add_pages([page(72, 40, 100)], resident=True),
        **{**kernel, "kh": 3, "kw": 3}, pt=1, pl=1, c=2, n=40, x_ld=2, y_ld=10, panels=2, pad=100,
        y_step=0.05, y_low=-255.0,
    )  # fmt: skip
    b.op(
        lib.CLO_CONV, third, second, second, int8=2, scratch=192 + 64,
        pages=b.add_pages([page(40, 40, 255)], resident=False),
        **kernel, c=10, n=40, x_ld=10, y_ld=10, z_ld=10, panels=2, pad=255,
        y_step=0.04, y_low=0.0, z_step=0.05, z_low=-255.0, r_step=0.1, r_low=-128.0,
    )  # fmt: skip
    b.op(
        lib.CLO_UNARY, (b.output_at(), 1200), third, fn=lib.CLO_FN_NUMBERS,
        rows=30, cols=40, x_ld=10, y_ld=40, p0=0.04, p1=0.0,
    )  # fmt: skip
    return b.build()


EXAMPLES = {
    "split": plus_constant,
    "whole": lambda: plus_constant(split=False, resident=True),
    "every-kind": every_kind,
    "winograd": winograd,
    "int8": int8_weights,
    "codes": codes,
}
