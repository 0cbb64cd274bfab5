"""CONV and DWCONV against ONNX Runtime, on every table of kernels, between guard pages."""

from __future__ import annotations

import itertools

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from cloister._clo import lib
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.kernel import (
    FUSED,
    NAMES,
    Floats,
    byte_panels,
    code_panels,
    paged,
    panels,
    quantised,
    run,
    sliced,
)

# One chain of float32 FMAs against another order of summation: grows with sqrt(K), K <= 5,000 here.
TOLERANCE = 2e-5


def conv_onnx(x_NCHW: Floats, w: Floats, b: Floats, **attributes: object) -> Floats:
    """The same convolution in ONNX Runtime."""
    node = onnx.helper.make_node("Conv", ["x", "w", "b"], ["y"], **attributes)
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "conv",
        [value(n, 1, v.shape) for n, v in (("x", x_NCHW), ("w", w), ("b", b))],
        [value("y", 1, None)],
    )
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model.SerializeToString(), options)
    return np.asarray(session.run(None, {"x": x_NCHW, "w": w, "b": b})[0])


def case(
    seed: int = 0,
    *,
    h: int = 9,
    w: int = 8,
    c: int = 5,
    n: int = 7,
    groups: int = 1,
    k: tuple[int, int] = (3, 3),
    s: tuple[int, int] = (1, 1),
    d: tuple[int, int] = (1, 1),
    pads: tuple[int, int, int, int] = (1, 1, 1, 1),
    x_extra: int = 0,
    y_extra: int = 0,
    residual: bool = False,
    lo: float = -np.inf,
    hi: float = np.inf,
    per_page: int = 2,
    slice_rows: int = 0,
    more_scratch: int = 0,
    winograd: int = 0,
    act: int = 0,
    parts: int = 1,
    weights_as: str = "drawn",
    spoil: tuple[tuple[int, int], float] | None = None,
    kernels: str = "portable",
) -> tuple[Floats, Floats]:
    """One convolution by the engine and by ONNX Runtime: both [oh * ow, groups * n].

    With `winograd`, in the transform domain, so many tiles in a block. `weights_as`: "drawn",
    floats that are "rounded" to a byte and a scale for each channel, or the "bytes" of these.
    """
    random = np.random.default_rng(seed)
    x = random.standard_normal((h, w, groups * c)).astype(np.float32)
    weights = random.standard_normal((groups * n, c, *k)).astype(np.float32) / np.float32(
        np.sqrt(c * k[0] * k[1])
    )
    bias = random.standard_normal(groups * n).astype(np.float32)
    codes, scales = quantised(weights)
    if weights_as != "drawn":
        weights = codes * scales[:, None, None, None]
    as_bytes = weights_as == "bytes"
    if spoil is not None:
        x[spoil[0]] = spoil[1]
    expected = conv_onnx(
        x.transpose(2, 0, 1)[None],
        weights,
        bias,
        group=groups,
        strides=s,
        dilations=d,
        pads=pads,
        kernel_shape=k,
    )[0].transpose(1, 2, 0)
    oh, ow, channels = expected.shape
    expected = expected.reshape(-1, channels)
    rows = oh * ow
    z = random.standard_normal((rows, channels + 1)).astype(np.float32) if residual else None
    if z is not None:
        expected = expected + z[:, :-1]
    expected = np.minimum(np.maximum(expected, np.float32(lo)), np.float32(hi))
    units = []
    for g in range(groups):
        part = slice(g * n, (g + 1) * n)
        rows_KN = (codes if as_bytes else weights)[part].transpose(2, 3, 1, 0).reshape(-1, n)
        if as_bytes:
            units += byte_panels(rows_KN, scales[part], bias[part])
        else:
            units += panels(rows_KN, bias[part])
    pages = sliced(units, slice_rows, int8=as_bytes) if slice_rows else paged(units, per_page)
    x_ld, y_ld = groups * c + x_extra, channels + y_extra
    held = np.zeros((h * w, x_ld), np.float32)
    held[:, : groups * c] = x.reshape(h * w, -1)
    fields = {
        "h": h,
        "w": w,
        "c": c,
        "n": n,
        "groups": groups,
        "kh": k[0],
        "kw": k[1],
        "sh": s[0],
        "sw": s[1],
        "dh": d[0],
        "dw": d[1],
        "pt": pads[0],
        "pl": pads[1],
        "oh": oh,
        "ow": ow,
        "x_ld": x_ld,
        "y_ld": y_ld,
        "z_ld": channels + 1 if residual else 0,
        "panels": 1 if slice_rows else per_page,
        "slice": slice_rows,
    }
    y = run(
        kernels,
        "conv",
        fields,
        x=held.ravel()[: (h * w - 1) * x_ld + groups * c],
        z=None if z is None else z.ravel()[:-1],
        y=(rows - 1) * y_ld + channels,
        pages=pages,
        fn=lib.CLO_FN_WINOGRAD if winograd else lib.CLO_FN_DIRECT,
        act=act,
        parts=parts,
        lo=lo,
        hi=hi,
        scratch=max(
            -(-4 * c // 64) * 64 + 128 * k[0] * k[1] + more_scratch,
            winograd and winograd_scratch(c, per_page, winograd),
        )
        + as_bytes * 128 * (slice_rows or k[0] * k[1] * c),
        int8=as_bytes,
    )
    full = np.append(y, np.zeros(rows * y_ld - y.size, np.float32)).reshape(rows, y_ld)
    return full[:, :channels], expected


def winograd_scratch(c: int, per_page: int, tiles: int) -> int:
    """docs/formats/container.md, Scratch."""
    slots = -(-c // 64) if per_page > 1 else 1
    return 144 * (2080 + tiles * (32 + 80 * slots))


def assert_close(got: Floats, expected: Floats) -> None:
    assert np.abs(got - expected).max() <= TOLERANCE * max(1.0, float(np.abs(expected).max()))


SIZES = (1, 3, 5, 16, 17, 31, 33)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize(("c", "n"), list(itertools.product(SIZES, SIZES)))
def test_conv_3x3_has_the_values_of_onnx_runtime_for_odd_channels(
    kernels: str, c: int, n: int
) -> None:
    assert_close(*case(c=c, n=n, kernels=kernels))


VARIANTS = {
    "1x1": {"k": (1, 1), "pads": (0, 0, 0, 0), "c": 40, "n": 70},
    "1x1 strided": {"k": (1, 1), "pads": (0, 0, 0, 0), "s": (2, 2), "c": 33, "n": 40},
    "1x1 padded": {"k": (1, 1), "c": 9},
    "stride": {"s": (2, 1)},
    "dilation": {"d": (2, 3), "pads": (2, 3, 2, 3)},
    "asymmetric kernel and pads": {"k": (2, 5), "pads": (0, 3, 1, 2)},
    "padding wider than the map": {"h": 2, "w": 3, "k": (7, 7), "pads": (3, 3, 3, 3)},
    "first layer": {
        "h": 23,
        "w": 30,
        "c": 3,
        "n": 64,
        "k": (7, 7),
        "s": (2, 2),
        "pads": (3, 3, 3, 3),
    },
    "first layer with room": {
        "h": 23,
        "w": 30,
        "c": 3,
        "n": 64,
        "k": (7, 7),
        "s": (2, 2),
        "pads": (3, 3, 3, 3),
        "more_scratch": 65536,
    },
    "first layer 3x3 with room": {
        "h": 12,
        "w": 40,
        "c": 3,
        "n": 24,
        "s": (2, 2),
        "more_scratch": 65536,
    },
    "one channel with room": {
        "h": 28,
        "w": 28,
        "c": 1,
        "n": 6,
        "k": (5, 5),
        "pads": (2, 2, 2, 2),
        "more_scratch": 65536,
    },
    "row": {"h": 1, "w": 50, "k": (1, 3), "pads": (0, 1, 0, 1), "c": 8},
    "groups": {"groups": 3, "c": 4, "n": 34},
    "groups of one": {"groups": 6, "c": 1, "n": 2},
    "residual": {"residual": True, "n": 45},
    "clip": {"lo": 0.0, "hi": 0.5, "n": 20},
    "concat by stride": {"x_extra": 3, "y_extra": 5, "n": 35},
    "fully connected": {"h": 1, "w": 1, "k": (1, 1), "pads": (0, 0, 0, 0), "c": 500, "n": 100},
    "gemm": {"h": 31, "w": 1, "k": (1, 1), "pads": (0, 0, 0, 0), "c": 70, "n": 90},
    "slices of kernel positions": {"c": 16, "n": 40, "slice_rows": 48, "lo": 0.0},
    "slices of channels": {
        "k": (1, 1),
        "pads": (0, 0, 0, 0),
        "c": 100,
        "n": 40,
        "slice_rows": 33,
        "hi": 1.0,
    },
    "slices of a vector": {
        "h": 1,
        "w": 1,
        "k": (1, 1),
        "pads": (0, 0, 0, 0),
        "c": 100,
        "n": 45,
        "slice_rows": 32,
        "lo": -1.0,
    },
    "slices and groups": {"c": 8, "n": 5, "groups": 2, "slice_rows": 24},
    "many panels": {"n": 200, "per_page": 3, "c": 6},
    "groups across pages": {"groups": 3, "n": 40, "per_page": 4, "c": 3},
    "steps beyond the map": {"h": 3, "w": 3, "pads": (0, 0, 0, 0), "s": (65536, 65536)},
    "much scratch": {"more_scratch": 128 * 9 * 5, "h": 20, "w": 19},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", VARIANTS)
def test_conv_has_the_values_of_onnx_runtime(kernels: str, name: str) -> None:
    assert_close(*case(kernels=kernels, **VARIANTS[name]))


@pytest.mark.parametrize("name", VARIANTS)
def test_conv_has_the_same_bits_on_every_width(name: str) -> None:
    results = [case(kernels=kernels, **VARIANTS[name])[0].tobytes() for kernels in FUSED]
    assert len(set(results)) <= 1


@pytest.mark.parametrize("kernels", NAMES)
def test_slices_do_not_change_a_bit(kernels: str) -> None:
    whole = case(c=16, n=40, kernels=kernels)[0]
    for rows in (16, 32, 80):
        assert case(c=16, n=40, slice_rows=rows, kernels=kernels)[0].tobytes() == whole.tobytes()


@pytest.mark.parametrize("kernels", NAMES)
def test_scratch_and_pages_do_not_change_a_bit(kernels: str) -> None:
    first = {
        "h": 23,
        "w": 30,
        "c": 3,
        "n": 100,
        "k": (5, 5),
        "s": (2, 2),
        "pads": (2, 2, 2, 2),
        "kernels": kernels,
    }
    whole = case(**first)[0]
    for more, per_page in itertools.product((0, 5000, 1 << 17), (1, 4)):
        got = case(more_scratch=more, per_page=per_page, **first)[0]
        assert got.tobytes() == whole.tobytes()


# Products of transformed inputs and weights are larger than what they add up to; grows with c.
WINOGRAD_TOLERANCE = 4e-5
WINOGRAD = {
    "one tile": {"h": 4, "w": 4, "c": 16, "n": 32},
    "smaller than a tile": {"h": 1, "w": 2, "c": 3, "n": 5},
    "odd sizes": {"h": 13, "w": 10, "c": 20, "n": 45},
    "no padding": {"h": 11, "w": 9, "c": 17, "n": 33, "pads": (0, 0, 0, 0)},
    "padding wider than the kernel": {"h": 3, "w": 5, "c": 6, "n": 7, "pads": (5, 7, 6, 4)},
    "uneven padding": {"h": 9, "w": 7, "c": 16, "n": 16, "pads": (0, 1, 2, 0)},
    "residual and clip": {"residual": True, "lo": 0.0, "hi": 0.7, "n": 40, "c": 18},
    "by stride": {"x_extra": 3, "y_extra": 5, "n": 35, "c": 16},
    "channels in several pieces": {"h": 10, "c": 150, "n": 70},
    "several pieces, one panel a page": {"h": 10, "c": 150, "n": 70, "per_page": 1},
    "many blocks": {"h": 30, "w": 30, "c": 70, "n": 66, "winograd": 3},
    "one tile a block": {"h": 9, "w": 9, "c": 66, "n": 40, "winograd": 1},
    "pages with a rest": {"c": 16, "n": 150, "per_page": 2},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", WINOGRAD)
def test_winograd_has_the_values_of_onnx_runtime(kernels: str, name: str) -> None:
    got, expected = case(kernels=kernels, **{"winograd": 56, **WINOGRAD[name]})
    assert np.abs(got - expected).max() <= WINOGRAD_TOLERANCE * max(1.0, np.abs(expected).max())


@pytest.mark.parametrize("name", WINOGRAD)
def test_winograd_has_the_same_bits_on_every_width(name: str) -> None:
    settings_ = {"winograd": 56, **WINOGRAD[name]}
    assert len({case(kernels=kernels, **settings_)[0].tobytes() for kernels in FUSED}) <= 1


@pytest.mark.parametrize("kernels", NAMES)
def test_winograd_blocks_and_pages_do_not_change_a_bit(kernels: str) -> None:
    shape = {"h": 21, "w": 18, "c": 130, "n": 70, "kernels": kernels}
    whole = case(winograd=56, **shape)[0].tobytes()
    for tiles, per_page in itertools.product((1, 4, 29), (1, 3)):
        assert case(winograd=tiles, per_page=per_page, **shape)[0].tobytes() == whole


@pytest.mark.parametrize("kernels", NAMES)
def test_winograd_passes_nan_and_infinity_no_further_than_their_tiles(kernels: str) -> None:
    shape = {"h": 24, "w": 24, "c": 16, "n": 32, "pads": (1, 1, 1, 1), "kernels": kernels}
    for value in (np.nan, np.inf):
        got = case(winograd=56, spoil=((12, 12), value), **shape)[0].reshape(24, 24, 32)
        clean = case(winograd=56, **shape)[0].reshape(24, 24, 32)
        assert np.isnan(got[11:14, 11:14]).all() or np.isinf(value)
        assert not np.isfinite(got[11:14, 11:14]).any()
        far = np.ones((24, 24), bool)
        far[8:16, 8:16] = False
        assert (got[far] == clean[far]).all()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_winograd_of_any_geometry(data: st.DataObject) -> None:
    draw = data.draw
    pads = draw(st.tuples(*[st.integers(0, 3)] * 4))
    got, expected = case(
        seed=draw(st.integers(0, 9)),
        h=max(draw(st.integers(1, 20)), 3 - pads[0] - pads[2]),
        w=max(draw(st.integers(1, 20)), 3 - pads[1] - pads[3]),
        pads=pads,
        c=draw(st.integers(1, 140)),
        n=draw(st.integers(1, 70)),
        x_extra=draw(st.integers(0, 2)),
        y_extra=draw(st.integers(0, 2)),
        residual=draw(st.booleans()),
        per_page=draw(st.integers(1, 4)),
        winograd=draw(st.integers(1, 60)),
        kernels=draw(st.sampled_from(NAMES)),
    )
    assert np.abs(got - expected).max() <= WINOGRAD_TOLERANCE * max(1.0, np.abs(expected).max())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_conv_of_any_geometry(data: st.DataObject) -> None:
    draw = data.draw
    k = draw(st.tuples(st.integers(1, 4), st.integers(1, 4)))
    d = draw(st.tuples(st.integers(1, 3), st.integers(1, 3)))
    pads = draw(st.tuples(*[st.integers(0, 3)] * 4))
    h = max(draw(st.integers(1, 12)), (k[0] - 1) * d[0] + 1 - pads[0] - pads[2])
    w = max(draw(st.integers(1, 12)), (k[1] - 1) * d[1] + 1 - pads[1] - pads[3])
    got, expected = case(
        seed=draw(st.integers(0, 9)),
        h=h,
        w=w,
        k=k,
        d=d,
        pads=pads,
        c=draw(st.integers(1, 20)),
        n=draw(st.integers(1, 70)),
        groups=draw(st.integers(1, 3)),
        s=draw(st.tuples(*[st.integers(1, 3)] * 2)),
        x_extra=draw(st.integers(0, 2)),
        y_extra=draw(st.integers(0, 2)),
        residual=draw(st.booleans()),
        per_page=draw(st.integers(1, 4)),
        more_scratch=draw(st.sampled_from([0, 4000, 1 << 16])),
        kernels=draw(st.sampled_from(NAMES)),
    )
    assert_close(got, expected)


# -------------------------------------------------------------------- codes
def rounded(values: Floats, step: float, low: float) -> Floats:
    """QuantizeLinear and DequantizeLinear, but for the step."""
    with np.errstate(over="ignore"):
        return np.clip(np.rint(values / np.float32(step)), low, low + 255).astype(np.float32)


def words(codes: np.ndarray) -> Floats:
    """Bytes as they lie in the arena."""
    return np.ascontiguousarray(codes, np.uint8).reshape(-1).view(np.float32)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_conv_by_codes_is_exact_on_every_width(data: st.DataObject) -> None:
    draw = data.draw
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    groups, kh, kw = draw(st.integers(1, 3)), draw(st.integers(1, 4)), draw(st.integers(1, 4))
    fours, n = draw(st.integers(1, 24)), 4 * draw(st.integers(1, 20))
    (sh, sw), (dh, dw) = (draw(st.tuples(*[st.integers(1, 3)] * 2)) for _ in range(2))
    pt, pl, pb, pr = draw(st.tuples(*[st.integers(0, 3)] * 4))
    h = max(draw(st.integers(1, 9)), (kh - 1) * dh + 1 - pt - pb)
    w = max(draw(st.integers(1, 9)), (kw - 1) * dw + 1 - pl - pr)
    oh, ow = (
        (h + pt + pb - (kh - 1) * dh - 1) // sh + 1,
        (w + pl + pr - (kw - 1) * dw - 1) // sw + 1,
    )
    zero = draw(st.sampled_from([0, 1, 128, 255]))
    extremes = draw(st.booleans())
    c, outs = 4 * fours, groups * n
    x = rng.choice([0, 255], (h, w, groups * c)) if extremes else (
        rng.integers(0, 256, (h, w, groups * c)))  # fmt: skip
    weights = rng.integers(-128, 128, (groups, kh * kw * c, n)).astype(np.int8)
    weights = np.where(weights < 0, -128, 127).astype(np.int8) if extremes else weights
    scales, bias = (rng.random(outs).astype(np.float32) / 1000 for _ in range(2))
    units = [
        unit
        for g, own in enumerate(weights)
        for unit in code_panels(own, scales[g * n : (g + 1) * n], bias[g * n : (g + 1) * n], zero)
    ]
    inside = np.full((h + pt + pb + kh * dh, w + pl + pr + kw * dw, groups * c), zero)
    inside[pt : pt + h, pl : pl + w] = x
    taps = [
        inside[i * dh : i * dh + oh * sh : sh, j * dw : j * dw + ow * sw : sw][:oh, :ow] - zero
        for i in range(kh)
        for j in range(kw)
    ]
    sums = [
        np.concatenate([t[..., g * c : (g + 1) * c] for t in taps], axis=-1) @ own.astype(np.int64)
        for g, own in enumerate(weights)
    ]
    expected = np.concatenate(sums, axis=-1).astype(np.float32) * scales + bias
    fields = {
        "h": h, "w": w, "c": fours, "n": n, "groups": groups, "kh": kh, "kw": kw, "sh": sh,
        "sw": sw, "dh": dh, "dw": dw, "pt": pt, "pl": pl, "oh": oh, "ow": ow,
        "x_ld": groups * fours, "y_ld": outs, "panels": len(units), "pad": zero,
    }  # fmt: skip
    z = None
    step, r_step, z_step = (np.float32(v) for v in (np.abs(expected).max() / 200 + 1e-6, 0.1, 0.2))
    if draw(st.booleans()):
        fields |= {"r_step": r_step, "r_low": -100.0}
        expected = rounded(expected, r_step, -100) * r_step + np.float32(0)  # no -0
    if draw(st.booleans()):
        z_codes = rng.integers(0, 256, (oh, ow, outs))
        fields |= {"z_ld": outs // 4, "z_step": z_step, "z_low": -7.0}
        z = words(z_codes)
        expected = expected + (z_codes - 7).astype(np.float32) * z_step
    expected, size = np.maximum(expected, np.float32(-0.5)), outs
    if draw(st.booleans()):
        fields |= {"y_step": step, "y_low": -128.0, "y_ld": outs // 4}
        expected, size = words(rounded(expected, step, -128) + 128), outs // 4
    for kernels in NAMES:
        got = run(
            kernels, "conv", fields, x=words(x), z=z, y=oh * ow * size,
            pages=[np.concatenate(units)],
            scratch=-(-4 * fours // 64) * 64 + 128 * kh * kw + draw(st.sampled_from([0, 1 << 15])),
            int8=2, lo=-0.5, parts=draw(st.integers(1, 3)),
        )  # fmt: skip
        assert got.tobytes() == expected.astype(np.float32).tobytes(), kernels


@pytest.mark.parametrize("kernels", NAMES)
def test_codes_and_numbers(kernels: str) -> None:
    values = np.array([np.nan, -np.inf, np.inf, -1e30, 0.05, 0.15, -0.05, 25.5] * 9, np.float32)
    for low in (0.0, -1.0, -128.0, -255.0):
        fields = {"rows": 3, "cols": 24, "x_ld": 24, "y_ld": 6, "p0": 0.1, "p1": low}
        got = run(kernels, "unary", fields, x=values, y=18, fn=lib.CLO_FN_CODES)
        expected = rounded(np.nan_to_num(values, nan=-np.inf), 0.1, low)
        assert (got.view(np.uint8) == expected - low).all()
        back = {"rows": 3, "cols": 24, "x_ld": 6, "y_ld": 24, "p0": 0.1, "p1": low}
        numbers = run(kernels, "unary", back, x=got, y=72, fn=lib.CLO_FN_NUMBERS)
        assert (numbers == expected * np.float32(0.1)).all()


def depthwise(
    seed: int = 0,
    *,
    h: int = 9,
    w: int = 11,
    c: int = 5,
    k: tuple[int, int] = (3, 3),
    s: tuple[int, int] = (1, 1),
    d: tuple[int, int] = (1, 1),
    pads: tuple[int, int, int, int] = (1, 1, 1, 1),
    per_page: int = 2,
    lo: float = -np.inf,
    hi: float = np.inf,
    x_extra: int = 0,
    y_extra: int = 0,
    act: int = 0,
    parts: int = 1,
    weights_as: str = "drawn",
    kernels: str = "portable",
) -> tuple[Floats, Floats]:
    """One depthwise convolution by the engine and by ONNX Runtime."""
    random = np.random.default_rng(seed)
    x = random.standard_normal((h, w, c)).astype(np.float32)
    weights = random.standard_normal((c, 1, *k)).astype(np.float32)
    bias = random.standard_normal(c).astype(np.float32)
    codes, scales = quantised(weights)
    if weights_as != "drawn":
        weights = codes * scales[:, None, None, None]
    as_bytes = weights_as == "bytes"
    expected = conv_onnx(
        x.transpose(2, 0, 1)[None],
        weights,
        bias,
        group=c,
        strides=s,
        dilations=d,
        pads=pads,
        kernel_shape=k,
    )[0].transpose(1, 2, 0)
    oh, ow, _ = expected.shape
    expected = np.minimum(np.maximum(expected.reshape(-1, c), np.float32(lo)), np.float32(hi))
    x_ld, y_ld = c + x_extra, c + y_extra
    held = np.zeros((h * w, x_ld), np.float32)
    held[:, :c] = x.reshape(-1, c)
    fields = {
        "h": h,
        "w": w,
        "c": c,
        "kh": k[0],
        "kw": k[1],
        "sh": s[0],
        "sw": s[1],
        "dh": d[0],
        "dw": d[1],
        "pt": pads[0],
        "pl": pads[1],
        "oh": oh,
        "ow": ow,
        "x_ld": x_ld,
        "y_ld": y_ld,
        "panels": per_page,
    }
    rows_KN = (codes if as_bytes else weights).transpose(2, 3, 1, 0).reshape(-1, c)
    units = byte_panels(rows_KN, scales, bias) if as_bytes else panels(rows_KN, bias)
    y = run(
        kernels,
        "dwconv",
        fields,
        x=held.ravel()[: (h * w - 1) * x_ld + c],
        y=(oh * ow - 1) * y_ld + c,
        pages=paged(units, per_page),
        act=act,
        parts=parts,
        lo=lo,
        hi=hi,
        scratch=as_bytes * 128 * per_page * (k[0] * k[1] + 1),
        int8=as_bytes,
    )
    full = np.append(y, np.zeros(oh * ow * y_ld - y.size, np.float32)).reshape(oh * ow, y_ld)
    return full[:, :c], expected


DEPTHWISE = {
    "3x3": {"c": 33},
    "5x5 strided": {"k": (5, 5), "s": (2, 2), "pads": (2, 2, 2, 2), "c": 48, "h": 15, "w": 16},
    "dilated": {"d": (2, 2), "pads": (2, 2, 2, 2), "c": 17},
    "wide": {"h": 5, "w": 40, "c": 100, "per_page": 3, "lo": 0.0, "hi": 1.0},
    "scale and shift": {"k": (1, 1), "pads": (0, 0, 0, 0), "c": 67},
    "padding wider than the map": {"h": 2, "w": 2, "k": (5, 5), "pads": (2, 2, 2, 2)},
    "by stride": {"c": 20, "x_extra": 2, "y_extra": 3},
    "7x7": {"k": (7, 7), "pads": (3, 3, 3, 3), "c": 37},
    "narrow map": {"w": 3, "c": 19},
    "row kernel": {"k": (1, 5), "pads": (0, 2, 0, 2), "s": (1, 2), "c": 32, "w": 30},
    "over a thousand channels": {"h": 5, "w": 9, "c": 1101, "per_page": 40},
    "dilated down": {"d": (2, 1), "pads": (2, 1, 2, 1), "c": 36},
    "step of eleven": {"k": (2, 2), "s": (1, 11), "w": 60, "c": 16},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", DEPTHWISE)
def test_dwconv_has_the_values_of_onnx_runtime(kernels: str, name: str) -> None:
    assert_close(*depthwise(kernels=kernels, **DEPTHWISE[name]))


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("c", [*SIZES, 32, 40, 64])
def test_dwconv_for_odd_channels(kernels: str, c: int) -> None:
    assert_close(*depthwise(c=c, kernels=kernels))


@pytest.mark.parametrize("name", DEPTHWISE)
def test_dwconv_has_the_same_bits_on_every_width(name: str) -> None:
    results = [depthwise(kernels=kernels, **DEPTHWISE[name])[0].tobytes() for kernels in FUSED]
    assert len(set(results)) <= 1


FUSED_CASES = {
    **{f"conv, {name}": (case, settings_) for name, settings_ in VARIANTS.items()},
    **{f"winograd, {n}": (case, {"winograd": 56, **found}) for n, found in WINOGRAD.items()},
    **{f"depthwise, {name}": (depthwise, settings_) for name, settings_ in DEPTHWISE.items()},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", FUSED_CASES)
def test_fused_function_has_the_bits_of_one_that_follows(kernels: str, name: str) -> None:
    make, settings_ = FUSED_CASES[name]
    x = np.ascontiguousarray(make(kernels=kernels, **settings_)[0])
    fields = {"rows": 1, "cols": x.size, "x_ld": x.size, "y_ld": x.size}
    after = run(kernels, "unary", fields, x=x.ravel(), y=x.size, fn=lib.CLO_FN_SILU)
    fused = make(kernels=kernels, act=1 + lib.CLO_FN_SILU, **settings_)[0]
    assert np.ascontiguousarray(fused).tobytes() == after.tobytes()


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", FUSED_CASES)
def test_parts_do_not_change_a_bit(kernels: str, name: str) -> None:
    make, settings_ = FUSED_CASES[name]
    act = 1 + lib.CLO_FN_SILU
    results = {
        make(kernels=kernels, act=act, parts=n, **settings_)[0].tobytes() for n in (1, 2, 3, 7)
    }
    assert len(results) == 1


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", FUSED_CASES)
def test_weights_as_bytes_give_the_bits_of_the_floats_that_they_stand_for(
    kernels: str, name: str
) -> None:
    make, settings_ = FUSED_CASES[name]
    floats, expected = make(kernels=kernels, weights_as="rounded", **settings_)
    for parts in (1, 3):
        got = make(kernels=kernels, weights_as="bytes", parts=parts, **settings_)[0]
        assert got.tobytes() == floats.tobytes()
    assert np.abs(floats - expected).max() <= WINOGRAD_TOLERANCE * max(1.0, np.abs(expected).max())
