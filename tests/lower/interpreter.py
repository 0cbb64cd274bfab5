"""A second reading of docs/formats/container.md: runs a container with numpy, one operator after
the other.

An oracle for lowering, packing and placement, and for the C kernels: it shares no code with them,
reads the bytes with `struct` alone, and is made to be read, not to be fast. Sums are in float64.
The arena starts as NaN, so what is read before it was written shows; accesses outside of a span
raise.
"""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Double = npt.NDArray[np.float64]

FIELDS = {
    "conv": "h w c n groups kh kw sh sw dh dw pt pl oh ow x_ld y_ld z_ld panels slice pad",
    "dwconv": "h w c kh kw sh sw dh dw pt pl oh ow x_ld y_ld panels",
    "matmul": "b0 b1 m k n x_b0 x_b1 x_m z_b0 z_b1 z_k z_n y_b0 y_b1 y_m",
    "pool": "h w c kh kw sh sw dh dw pt pl pb pr oh ow x_ld y_ld count_pad",
    "unary": "rows cols x_ld y_ld",
    "softmax": "outer n inner",
    "reduce": "outer n inner x_o x_n",
    "norm": "rows cols x_ld y_ld",
}
KINDS = (
    "const", "conv", "dwconv", "matmul", "pool", "unary", "binary", "softmax", "reduce", "norm",
    "copy", "fill",
)  # fmt: skip


@dataclass
class Op:
    kind: str
    fn: int
    lo: float
    hi: float
    spans: dict[str, tuple[int, int]]
    pages: range
    act: int
    int8: int
    words: bytes

    def __getattr__(self, name: str) -> int:
        return self.ints(FIELDS[self.kind].split().index(name))[0]

    def ints(self, first: int, count: int = 1, code: str = "I") -> tuple[int, ...]:
        return struct.unpack_from(f"<{count}{code}", self.words, 4 * first)

    def number(self, index: int) -> float:
        return float(struct.unpack_from("<f", self.words, 4 * index)[0])


class Container:
    """A container's bytes and an arena."""

    def __init__(self, data: bytes) -> None:
        head = struct.unpack_from("<8s10I2Q4I", data)
        assert head[0] == b"CLOISTER" and head[1] == 1 and head[4] == 0
        self.header_bytes, self.mode = head[2], head[3]
        n_ops, n_in, n_cross, n_out, n_pages = head[5:10]
        self.arena_bytes = head[12]
        at = 128
        self.ops = [self._op(data, at + 192 * i) for i in range(n_ops)]
        at += 192 * n_ops
        ios = [self._io(data, at + 64 * i) for i in range(n_in + n_cross + n_out)]
        self.inputs, self.crossing = ios[:n_in], ios[n_in : n_in + n_cross]
        self.outputs = ios[n_in + n_cross :]
        at += 64 * len(ios)
        self.pages = [self._page(data, at + 64 * i) for i in range(n_pages)]
        self.arena = np.full(-(-self.arena_bytes // 4), np.nan, np.float32)

    @staticmethod
    def _op(data: bytes, at: int) -> Op:
        kind, fn, lo, hi, *rest = struct.unpack_from("<2I2f11I", data, at)
        spans = {name: (rest[2 * i], rest[2 * i + 1]) for i, name in enumerate("xyz")}
        pages = range(rest[6], rest[6] + rest[7])
        return Op(KINDS[kind], fn, lo, hi, spans, pages, *rest[9:], data[at + 64 : at + 192])

    @staticmethod
    def _io(data: bytes, at: int) -> tuple[tuple[int, ...], int, int]:
        _, rank, *dims = struct.unpack_from("<10I", data, at)
        place, n = struct.unpack_from("<2I", data, at + 40)
        return tuple(dims[:rank]), place, n

    @staticmethod
    def _page(data: bytes, at: int) -> Floats:
        offset, plain = struct.unpack_from("<QI", data, at)
        return np.frombuffer(data, "<f4", plain // 4, offset)

    def run(self, inputs: Sequence[npt.ArrayLike]) -> list[Floats]:
        """Crossing tensors (split) or outputs (whole)."""
        self.arena[:] = np.nan
        for (shape, at, n), value in zip(self.inputs, inputs, strict=True):
            array = np.asarray(value, np.float32)
            assert array.shape == shape
            self.arena[at : at + n] = array.reshape(-1)
        for op in self.ops:
            RUN[op.kind](self, op)
        results = self.outputs if self.mode == 1 else self.crossing
        return [self.arena[at : at + n].reshape(shape).copy() for shape, at, n in results]

    def see(
        self, op: Op, name: str, shape: Sequence[int], strides: Sequence[int], first: int = 0
    ) -> Floats:
        """A strided view of an operand; every element lies inside its span and the arena."""
        at, n = op.spans[name]
        low = first + sum(min(0, (d - 1) * s) for d, s in zip(shape, strides, strict=True))
        high = first + sum(max(0, (d - 1) * s) for d, s in zip(shape, strides, strict=True))
        assert 0 <= low <= high < n and at + n <= self.arena.size, (op, name, low, high)
        return np.lib.stride_tricks.as_strided(
            self.arena[at + first :], shape, [4 * s for s in strides]
        )

    def weights(self, op: Op) -> Floats:
        return np.concatenate([self.pages[i] for i in op.pages])

    def units(self, op: Op, count: int, k: int) -> Floats:
        """Panels [count, 1 + k, 32]: the bias, then rows; of bytes, each times its scale."""
        if op.int8 == 2:
            return self.words(op, count, k)
        if not op.int8:
            return self.weights(op).reshape(count, 1 + k, 32)
        at, data = 0, b"".join(self.pages[i].tobytes() for i in op.pages)
        cut = (op.slice if op.kind == "conv" else 0) or k
        found = np.empty((count, 1 + k, 32), np.float32)
        for unit, start in itertools.product(found, range(0, k, cut)):
            if start == 0:
                unit[0], at = np.frombuffer(data, "<f4", 32, at), at + 128
            scales, at = np.frombuffer(data, "<f4", 32, at), at + 128
            rows = unit[1 + start : 1 + start + cut]
            rows[:] = np.frombuffer(data, "i1", rows.size, at).reshape(rows.shape) * scales
            at += rows.size
        assert at == len(data)
        return found

    def words(self, op: Op, count: int, k: int) -> Floats:
        """Panels [count, 3 + 4 k, 32] of a CONV by codes: bias, scales, what sums begin with, then
        rows; a word holds four of them.
        """
        found = np.empty((count, 3 + 4 * k, 32))
        data = b"".join(self.pages[i].tobytes() for i in op.pages)
        for unit, at in zip(found, range(0, len(data), 128 * (3 + k)), strict=True):
            unit[:2] = np.frombuffer(data, "<f4", 64, at).reshape(2, 32)
            unit[2] = np.frombuffer(data, "<i4", 32, at + 256)
            rows = np.frombuffer(data, "i1", 128 * k, at + 384)
            unit[3:] = rows.reshape(k, 32, 4).transpose(0, 2, 1).reshape(4 * k, 32)
        return found

    def codes(self, op: Op, name: str, shape: Sequence[int], strides: Sequence[int]) -> npt.NDArray:
        """A view of an operand's codes; strides count floats, as `see`'s."""
        words = self.see(op, name, (*shape[:-1], shape[-1] // 4), strides)
        return np.lib.stride_tricks.as_strided(
            words.view(np.uint8), tuple(shape), (*words.strides[:-1], 1)
        )


def clip(op: Op, value: Double) -> Double:
    return np.where(value < op.lo, op.lo, np.where(value > op.hi, op.hi, value))


def finish(op: Op, value: Double) -> Double:
    """The clip, then the fused function."""
    clipped = clip(op, value)
    return UNARY[op.act - 1](clipped, 0.0, 0.0) if op.act else clipped


def run_const(c: Container, op: Op) -> None:
    n = op.spans["y"][1]
    c.see(op, "y", (n,), (1,))[:] = c.weights(op)


def taps(op: Op) -> Iterator[tuple[int, int, int]]:
    yield from ((t, t // op.kw, t % op.kw) for t in range(op.kh * op.kw))


def shifted(x: Double, op: Op, ky: int, kx: int, fill: float) -> Double:
    """For each output pixel the input at kernel position (ky, kx); ``fill`` outside."""
    i = np.arange(op.oh) * op.sh - op.pt + ky * op.dh
    j = np.arange(op.ow) * op.sw - op.pl + kx * op.dw
    inside = ((i >= 0) & (i < op.h))[:, None] & ((j >= 0) & (j < op.w))[None, :]
    found = x[np.clip(i, 0, op.h - 1)[:, None], np.clip(j, 0, op.w - 1)[None, :]]
    return np.where(inside[..., None], found, fill)


def rounded(value: Double, step: float, low: float) -> Double:
    return np.clip(np.rint(np.float32(value) / np.float32(step)), low, low + 255)


def run_codes_conv(c: Container, op: Op) -> None:
    """A CONV by codes: sums of integers, then as the others."""
    k, per_group = op.kh * op.kw * op.c, -(-op.n // 32)
    units, channels = c.words(op, op.groups * per_group, k), 4 * op.groups * op.c
    x = c.codes(op, "x", (op.h, op.w, channels), (op.w * op.x_ld, op.x_ld, 1)).astype(np.float64)
    patches = np.stack([shifted(x, op, ky, kx, op.pad) for _, ky, kx in taps(op)], axis=2)
    out = np.empty((op.oh, op.ow, op.groups * op.n))
    for g in range(op.groups):
        mine = patches[..., 4 * g * op.c : 4 * (g + 1) * op.c].reshape(op.oh * op.ow, 4 * k)
        panels = units[g * per_group : (g + 1) * per_group]
        full = np.concatenate([(mine @ p[3:] + p[2]) * p[1] + p[0] for p in panels], axis=1)
        out[..., g * op.n : (g + 1) * op.n] = full[:, : op.n].reshape(op.oh, op.ow, op.n)
    shape, (y_step, y_low, z_step, z_low, r_step, r_low) = out.shape, map(op.number, range(21, 27))
    out = rounded(out, r_step, r_low) * r_step if r_step else out
    z_strides, y_strides = (op.ow * op.z_ld, op.z_ld, 1), (op.ow * op.y_ld, op.y_ld, 1)
    if z_step:
        out += z_step * (c.codes(op, "z", shape, z_strides).astype(np.float64) + z_low)
    elif op.spans["z"][1]:
        out += c.see(op, "z", shape, z_strides)
    done = finish(op, out)
    if y_step:
        c.codes(op, "y", shape, y_strides)[:] = rounded(done, y_step, y_low) - y_low
    else:
        c.see(op, "y", shape, y_strides)[:] = done


def run_conv(c: Container, op: Op) -> None:
    if op.int8 == 2:
        run_codes_conv(c, op)
        return
    k, per_group = op.kh * op.kw * op.c, -(-op.n // 32)
    units = c.units(op, op.groups * per_group, k).astype(np.float64)
    channels = op.groups * op.c
    x = c.see(op, "x", (op.h, op.w, channels), (op.w * op.x_ld, op.x_ld, 1)).astype(np.float64)
    patches = np.stack([shifted(x, op, ky, kx, 0.0) for _, ky, kx in taps(op)], axis=2)
    out = np.empty((op.oh, op.ow, op.groups * op.n))
    for g in range(op.groups):
        mine = patches[..., g * op.c : (g + 1) * op.c].reshape(op.oh * op.ow, k)
        panels = units[g * per_group : (g + 1) * per_group]
        full = np.concatenate([mine @ p[1:] + p[0] for p in panels], axis=1)[:, : op.n]
        out[..., g * op.n : (g + 1) * op.n] = full.reshape(op.oh, op.ow, op.n)
    shape = out.shape
    if op.spans["z"][1]:
        out += c.see(op, "z", shape, (op.ow * op.z_ld, op.z_ld, 1))
    c.see(op, "y", shape, (op.ow * op.y_ld, op.y_ld, 1))[:] = finish(op, out)


def run_dwconv(c: Container, op: Op) -> None:
    n = op.kh * op.kw
    units = c.units(op, -(-op.c // 32), n)
    rows = units.transpose(1, 0, 2).reshape(n + 1, -1)[:, : op.c].astype(np.float64)
    x = c.see(op, "x", (op.h, op.w, op.c), (op.w * op.x_ld, op.x_ld, 1)).astype(np.float64)
    out = np.zeros((op.oh, op.ow, op.c)) + rows[0]
    for t, ky, kx in taps(op):
        out += shifted(x, op, ky, kx, 0.0) * rows[t + 1]
    c.see(op, "y", out.shape, (op.ow * op.y_ld, op.y_ld, 1))[:] = finish(op, out)


def run_matmul(c: Container, op: Op) -> None:
    b = (op.b0, op.b1)
    x = c.see(op, "x", (*b, op.m, op.k), (op.x_b0, op.x_b1, op.x_m, 1)).astype(np.float64)
    z = c.see(op, "z", (*b, op.k, op.n), (op.z_b0, op.z_b1, op.z_k, op.z_n)).astype(np.float64)
    y = c.see(op, "y", (*b, op.m, op.n), (op.y_b0, op.y_b1, op.y_m, 1))
    y[:] = clip(op, op.number(15) * (x @ z))


def run_pool(c: Container, op: Op) -> None:
    x = c.see(op, "x", (op.h, op.w, op.c), (op.w * op.x_ld, op.x_ld, 1)).astype(np.float64)
    if op.fn == 0:
        parts = [shifted(x, op, ky, kx, -np.inf) for _, ky, kx in taps(op)]
        out = np.max(parts, axis=0)
    else:
        ones = np.ones((op.h, op.w, 1))
        total = sum(shifted(x, op, ky, kx, 0.0) for _, ky, kx in taps(op))
        if op.count_pad:
            i = np.arange(op.oh)[:, None] * op.sh - op.pt + np.arange(op.kh) * op.dh
            j = np.arange(op.ow)[:, None] * op.sw - op.pl + np.arange(op.kw) * op.dw
            count_i = ((i >= -op.pt) & (i < op.h + op.pb)).sum(axis=1)
            count_j = ((j >= -op.pl) & (j < op.w + op.pr)).sum(axis=1)
            count = (count_i[:, None] * count_j[None, :])[..., None]
        else:
            count = sum(shifted(ones, op, ky, kx, 0.0) for _, ky, kx in taps(op))
        out = total / count
    c.see(op, "y", out.shape, (op.ow * op.y_ld, op.y_ld, 1))[:] = out


def sigmoid(x: Double) -> Double:
    return 1 / (1 + np.exp(-x))


erf = np.vectorize(math.erf, otypes=[np.float64])
UNARY = (
    lambda x, p, q: np.maximum(x, 0),
    lambda x, p, q: np.where(x > 0, x, p * x),
    lambda x, p, q: np.minimum(np.maximum(x, p), q),
    lambda x, p, q: np.where(x > 0, x, p * np.expm1(np.minimum(x, 0))),
    lambda x, p, q: sigmoid(x),
    lambda x, p, q: np.tanh(x),
    lambda x, p, q: x * sigmoid(x),
    lambda x, p, q: np.clip(p * x + q, 0, 1),
    lambda x, p, q: x * np.clip(x / 6 + 0.5, 0, 1),
    lambda x, p, q: 0.5 * x * (1 + erf(x / math.sqrt(2))),
    lambda x, p, q: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    lambda x, p, q: erf(x),
    lambda x, p, q: np.exp(x),
    lambda x, p, q: np.log(x),
    lambda x, p, q: np.sqrt(x),
    lambda x, p, q: 1 / x,
    lambda x, p, q: np.abs(x),
    lambda x, p, q: -x,
    lambda x, p, q: np.logaddexp(0, x),
    lambda x, p, q: p * x + q,
    lambda x, p, q: p * np.clip(np.rint(np.float32(x) / np.float32(p)), q, q + 255),
)


def run_unary(c: Container, op: Op) -> None:
    p, q, shape = op.number(4), op.number(5), (op.rows, op.cols)
    if op.fn == 21:
        x = c.see(op, "x", shape, (op.x_ld, 1))
        c.codes(op, "y", shape, (op.y_ld, 1))[:] = rounded(x, p, q) - q
        return
    if op.fn == 22:
        x = c.codes(op, "x", shape, (op.x_ld, 1))
        c.see(op, "y", shape, (op.y_ld, 1))[:] = p * (x.astype(np.float32) + q)
        return
    x = c.see(op, "x", (op.rows, op.cols), (op.x_ld, 1)).astype(np.float64)
    y = c.see(op, "y", (op.rows, op.cols), (op.y_ld, 1))
    with np.errstate(all="ignore"):
        y[:] = UNARY[op.fn](x, op.number(4), op.number(5))


BINARY = (
    np.add, np.subtract, np.multiply, np.divide, np.minimum, np.maximum,
    lambda x, z: np.where(x > 0, x, z * x),
)  # fmt: skip


def run_binary(c: Container, op: Op) -> None:
    d, xs, zs, ys = (op.ints(5 * i, 5) for i in range(4))
    x, z = (c.see(op, s, d, t).astype(np.float64) for s, t in (("x", xs), ("z", zs)))
    with np.errstate(all="ignore"):
        c.see(op, "y", d, ys)[:] = clip(op, BINARY[op.fn](x, z))


def run_softmax(c: Container, op: Op) -> None:
    shape, strides = (op.outer, op.n, op.inner), (op.n * op.inner, op.inner, 1)
    x = c.see(op, "x", shape, strides).astype(np.float64)
    x = x - x.max(axis=1, keepdims=True)
    total = np.exp(x).sum(axis=1, keepdims=True)
    c.see(op, "y", shape, strides)[:] = np.exp(x) / total if op.fn == 0 else x - np.log(total)


def run_reduce(c: Container, op: Op) -> None:
    x = c.see(op, "x", (op.outer, op.n, op.inner), (op.x_o, op.x_n, 1)).astype(np.float64)
    reduced = (np.mean, np.sum, np.max, np.min)[op.fn](x, axis=1)
    c.see(op, "y", (op.outer, op.inner), (op.inner, 1))[:] = reduced


def run_norm(c: Container, op: Op) -> None:
    x = c.see(op, "x", (op.rows, op.cols), (op.x_ld, 1)).astype(np.float64)
    gamma, beta = c.see(op, "z", (2, op.cols), (op.cols, 1)).astype(np.float64)
    centred = x - x.mean(axis=1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=1, keepdims=True) + op.number(4))
    y = c.see(op, "y", (op.rows, op.cols), (op.y_ld, 1))
    y[:] = centred / deviation * gamma + beta


def run_copy(c: Container, op: Op) -> None:
    d, ys, first = op.ints(0, 6), op.ints(12, 6), op.ints(18)[0]
    x = c.see(op, "x", d, op.ints(6, 6, "i"), first).copy()
    c.see(op, "y", d, ys)[:] = x


def run_fill(c: Container, op: Op) -> None:
    c.see(op, "y", (op.spans["y"][1],), (1,))[:] = op.number(0)


RUN = {kind: globals()[f"run_{kind}"] for kind in KINDS}
