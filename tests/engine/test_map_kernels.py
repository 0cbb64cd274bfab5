"""Pooling, element-wise, reduction and copy kernels against numpy and ONNX Runtime, on every
table, between guards.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from cloister._clo import lib
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.kernel import FUSED, NAMES, Floats, run

SIZES = (1, 3, 5, 15, 16, 17, 31, 33, 64, 100)
# Element-wise results differ by the maths functions only (2 units in the last place), sums by
# their order.
TOLERANCE = 1e-6
SUM_TOLERANCE = 1e-5


def close(got: Floats, expected: np.ndarray, tolerance: float = TOLERANCE) -> None:
    expected = np.asarray(expected, np.float64).reshape(got.shape)
    finite = np.isfinite(expected)
    assert np.array_equal(np.isnan(got), np.isnan(expected))
    assert np.array_equal(
        got[~finite & ~np.isnan(expected)], expected[~finite & ~np.isnan(expected)]
    )
    scale = np.maximum(1.0, np.abs(expected[finite]))
    assert (np.abs(got[finite] - expected[finite]) <= tolerance * scale).all()


def session(op: str, x: Floats, **attributes: object) -> np.ndarray:
    node = onnx.helper.make_node(op, ["x"], ["y"], **attributes)
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph([node], op, [value("x", 1, x.shape)], [value("y", 1, None)])
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9
    )
    return np.asarray(ort.InferenceSession(model.SerializeToString()).run(None, {"x": x})[0])


def pool(
    *,
    h: int = 9,
    w: int = 10,
    c: int = 5,
    k: tuple[int, int] = (3, 3),
    s: tuple[int, int] = (2, 2),
    d: tuple[int, int] = (1, 1),
    pads: tuple[int, int, int, int] = (0, 0, 0, 0),
    ceil: bool = False,
    count_pad: bool = False,
    average: bool = False,
    kernels: str,
) -> tuple[Floats, np.ndarray]:
    x = np.random.default_rng(1).standard_normal((h, w, c)).astype(np.float32)
    extra = {"count_include_pad": int(count_pad)} if average else {}
    name = "AveragePool" if average else "MaxPool"
    expected = session(
        name,
        np.ascontiguousarray(x.transpose(2, 0, 1)[None]),
        kernel_shape=k,
        strides=s,
        dilations=d,
        pads=pads,
        ceil_mode=int(ceil),
        **extra,
    )[0].transpose(1, 2, 0)
    oh, ow, _ = expected.shape
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
        "pb": pads[2],
        "pr": pads[3],
        "oh": oh,
        "ow": ow,
        "x_ld": c,
        "y_ld": c,
        "count_pad": int(count_pad),
    }
    fn = lib.CLO_FN_POOL_AVERAGE if average else lib.CLO_FN_POOL_MAX
    return run(kernels, "pool", fields, x=x.ravel(), y=expected.size, fn=fn), expected


POOLS = {
    "plain": {},
    "padded": {"pads": (1, 1, 1, 1)},
    "asymmetric": {"k": (2, 3), "pads": (0, 2, 1, 0), "s": (1, 2)},
    "ceil": {"h": 10, "k": (3, 3), "ceil": True, "pads": (1, 0, 1, 1)},
    "global": {"k": (9, 10), "s": (1, 1)},
    "overlapping": {"s": (1, 1), "c": 70},
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("c", SIZES)
@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("kind", ["max", "average", "average of padding"])
def test_pool_has_the_values_of_onnx_runtime(kernels: str, c: int, name: str, kind: str) -> None:
    options = {"c": c, **POOLS[name]}
    close(
        *pool(
            average=kind != "max",
            count_pad=kind == "average of padding",
            kernels=kernels,
            **options,
        )
    )


@pytest.mark.parametrize("kernels", NAMES)
def test_max_pool_with_dilation(kernels: str) -> None:
    close(*pool(d=(2, 3), pads=(2, 2, 2, 2), kernels=kernels))


@pytest.mark.parametrize("kernels", NAMES)
def test_max_pool_passes_nan(kernels: str) -> None:
    x = np.array([[1.0, np.nan, 3.0, 2.0, 5.0, 4.0]], np.float32)
    fields = {"h": 1, "w": 6, "c": 1, "kh": 1, "kw": 3, "sh": 1, "sw": 1, "dh": 1, "dw": 1}
    got = run(kernels, "pool", {**fields, "oh": 1, "ow": 4, "x_ld": 1, "y_ld": 1}, x=x, y=4)
    assert np.isnan(got[:2]).all()
    assert got[3] == 5.0


Case = tuple[Callable[[np.ndarray], np.ndarray], float, float]
E = np.exp
UNARY: dict[str, Case] = {
    "RELU": (lambda x: np.maximum(x, 0), 0, 0),
    "LEAKY_RELU": (lambda x: np.where(x < 0, 0.1 * x, x), 0.1, 0),
    "CLIP": (lambda x: np.clip(x, -1, 6), -1, 6),
    "ELU": (lambda x: np.where(x < 0, 1.5 * np.expm1(np.minimum(x, 0)), x), 1.5, 0),
    "SIGMOID": (lambda x: 1 / (1 + E(-x)), 0, 0),
    "TANH": (np.tanh, 0, 0),
    "SILU": (lambda x: x / (1 + E(-x)), 0, 0),
    "HARD_SIGMOID": (lambda x: np.clip(0.2 * x + 0.5, 0, 1), 0.2, 0.5),
    "HARD_SWISH": (lambda x: x * np.clip(x / 6 + 0.5, 0, 1), 0, 0),
    "GELU_TANH": (
        lambda x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
        0,
        0,
    ),
    "EXP": (np.exp, 0, 0),
    "LOG": (np.log, 0, 0),
    "SQRT": (np.sqrt, 0, 0),
    "RECIPROCAL": (lambda x: 1 / x, 0, 0),
    "ABS": (np.abs, 0, 0),
    "NEG": (np.negative, 0, 0),
    "SOFTPLUS": (lambda x: np.log1p(E(-np.abs(x))) + np.maximum(x, 0), 0, 0),
    "AFFINE": (lambda x: 3 * x - 0.25, 3, -0.25),
}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", UNARY)
def test_unary_has_the_values_of_float64(kernels: str, name: str) -> None:
    function, p0, p1 = UNARY[name]
    for cols, gap in itertools.product(SIZES, (0, 3)):
        x = np.random.default_rng(cols).normal(0, 4, (3, cols + gap)).astype(np.float32)
        if name in ("LOG", "SQRT"):
            x = np.abs(x)
        fields = {"rows": 3, "cols": cols, "x_ld": cols + gap, "y_ld": cols, "p0": p0, "p1": p1}
        flat = x.ravel()[: 2 * (cols + gap) + cols]
        got = run(kernels, "unary", fields, x=flat, y=3 * cols, fn=getattr(lib, f"CLO_FN_{name}"))
        expected = function(x[:, :cols].astype(np.float64))
        close(got.reshape(3, cols), expected)


BINARY: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "ADD": np.add,
    "SUB": np.subtract,
    "MUL": np.multiply,
    "DIV": np.divide,
    "MIN": np.minimum,
    "MAX": np.maximum,
    "PRELU": lambda x, z: np.where(x > 0, x, x * z),
}


def strides(shape: tuple[int, ...]) -> list[int]:
    """Element strides of a contiguous array, 0 where a dimension is 1."""
    steps, step = [], 1
    for d in reversed(shape):
        steps.append(0 if d == 1 else step)
        step *= d
    return steps[::-1]


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", BINARY)
def test_binary_broadcasts_as_numpy_does(kernels: str, name: str) -> None:
    random = np.random.default_rng(3)
    for mask_x, mask_z in itertools.product(range(8), range(8)):
        for inner in (1, 5, 33):
            full = (2, 3, inner)
            xs = tuple(1 if mask_x >> i & 1 else d for i, d in enumerate(full))
            zs = tuple(1 if mask_z >> i & 1 else d for i, d in enumerate(full))
            x, z = (random.standard_normal(s).astype(np.float32) for s in (xs, zs))
            expected = np.clip(BINARY[name](x, z), -1.0, 2.0)
            d = [1, 1, *expected.shape]
            fields = {"d": d, "xs": [0, 0, *strides(xs)], "zs": [0, 0, *strides(zs)]}
            fields["ys"] = [0, 0, *strides(expected.shape)[:2], 1]
            got = run(
                kernels,
                "binary",
                fields,
                x=x,
                z=z,
                y=expected.size,
                fn=getattr(lib, f"CLO_FN_{name}"),
                lo=-1.0,
                hi=2.0,
            )
            close(got, expected)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("inner", [1, 3])
def test_binary_writes_rows_that_lie_apart(kernels: str, inner: int) -> None:
    x, z = np.random.default_rng(4).standard_normal((2, 7, 5)).astype(np.float32)
    fields = {"d": [1, 1, 1, 7, inner], "xs": [0, 0, 0, 5, 1], "zs": [0, 0, 0, 5, 1]}
    fields["ys"] = [0, 0, 0, 4, 1]
    y = np.full(6 * 4 + inner, 9.0, np.float32)
    got = run(kernels, "binary", fields, x=x.ravel(), z=z.ravel(), y=y, fn=lib.CLO_FN_MUL)
    expected = np.full((7, 4), 9.0, np.float32)
    expected[:, :inner] = x[:, :inner] * z[:, :inner]
    assert np.array_equal(got, expected.ravel()[: y.size])


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("inner", [1, 3, 17, 40])
@pytest.mark.parametrize("n", [1, 2, 15, 16, 100, 513, 1030])
def test_softmax_has_the_values_of_float64(kernels: str, log: bool, inner: int, n: int) -> None:
    x = np.random.default_rng(n).normal(0, 5, (2, n, inner)).astype(np.float32)
    fields = {"outer": 2, "n": n, "inner": inner}
    got = run(kernels, "softmax", fields, x=x, y=x.size, fn=int(log))
    wide = x.astype(np.float64) - x.max(1, keepdims=True)
    expected = wide - np.log(np.exp(wide).sum(1, keepdims=True))
    close(got, expected if log else np.exp(expected), SUM_TOLERANCE)


@pytest.mark.parametrize("kernels", NAMES)
def test_softmax_of_large_numbers_is_finite(kernels: str) -> None:
    x = np.array([1e4, 1e4, -1e4], np.float32)
    assert run(kernels, "softmax", {"outer": 1, "n": 3, "inner": 1}, x=x, y=3).tolist() == [
        0.5,
        0.5,
        0.0,
    ]


REDUCTIONS = {"MEAN": np.mean, "SUM": np.sum, "REDUCE_MAX": np.max, "REDUCE_MIN": np.min}


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("name", REDUCTIONS)
@pytest.mark.parametrize("inner", [1, 3, 17, 40])
@pytest.mark.parametrize("n", [1, 15, 49, 513])
@pytest.mark.parametrize("gap", [0, 2])
def test_reduce_has_the_values_of_float64(
    kernels: str, name: str, inner: int, n: int, gap: int
) -> None:
    x = np.random.default_rng(n).normal(1, 3, (3, n, inner + gap)).astype(np.float32)
    fields = {"outer": 3, "n": n, "inner": inner, "x_o": n * (inner + gap), "x_n": inner + gap}
    flat = x.ravel()[: x.size - gap]
    got = run(kernels, "reduce", fields, x=flat, y=3 * inner, fn=getattr(lib, f"CLO_FN_{name}"))
    expected = REDUCTIONS[name](x[:, :, :inner].astype(np.float64), axis=1)
    scale = float(np.abs(x).sum(1).max()) if name == "SUM" else 1.0
    close(got / np.float32(scale), expected / scale, SUM_TOLERANCE)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("cols", [1, 2, 15, 64, 192, 770])
def test_norm_has_the_values_of_float64(kernels: str, cols: int) -> None:
    random = np.random.default_rng(cols)
    x = random.normal(3, 2, (4, cols + 1)).astype(np.float32)
    z = random.standard_normal(2 * cols).astype(np.float32)
    fields = {"rows": 4, "cols": cols, "x_ld": cols + 1, "y_ld": cols, "eps": 1e-5}
    got = run(kernels, "norm", fields, x=x.ravel()[:-1], z=z, y=4 * cols)
    wide = x[:, :cols].astype(np.float64)
    normal = (wide - wide.mean(1, keepdims=True)) / np.sqrt(wide.var(1, keepdims=True) + 1e-5)
    close(got, normal * z[:cols] + z[cols:], SUM_TOLERANCE)


def test_norm_has_the_same_bits_on_every_width() -> None:
    for cols in range(1, 70):
        random = np.random.default_rng(cols)
        x = random.normal(3, 2, 4 * cols).astype(np.float32)
        z = random.standard_normal(2 * cols).astype(np.float32)
        fields = {"rows": 4, "cols": cols, "x_ld": cols, "y_ld": cols, "eps": 1e-5}
        results = {run(name, "norm", fields, x=x, z=z, y=x.size).tobytes() for name in FUSED}
        assert len(results) <= 1, cols


def copy(kernels: str, source: Floats, view: Floats) -> Floats:
    """Copies a view (any strides) of `source` into a contiguous array by COPY."""
    base, itemsize = source.__array_interface__["data"][0], source.itemsize
    first = (view.__array_interface__["data"][0] - base) // itemsize
    lead = [1] * (6 - view.ndim)
    fields = {
        "d": lead + list(view.shape),
        "xs": [0] * len(lead) + [s // itemsize for s in view.strides],
        "ys": [0] * len(lead) + [max(s, 1) for s in strides(view.shape)],
        "x_first": first,
    }
    return run(kernels, "copy", fields, x=source.ravel(), y=view.size).reshape(view.shape)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("c", SIZES)
def test_copy_changes_layouts(kernels: str, c: int) -> None:
    source = np.random.default_rng(c).standard_normal((7, 11, c)).astype(np.float32)
    for order in itertools.permutations(range(3)):
        view = source.transpose(order)
        assert np.array_equal(copy(kernels, source, view), view)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_copy_of_any_view(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 6), min_size=1, max_size=6)))
    source = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    view = source.transpose(data.draw(st.permutations(range(len(shape)))))
    slices = []
    for size in view.shape:
        step = data.draw(st.sampled_from([1, 1, 2, -1, -2]))
        start = data.draw(st.integers(0, size - 1))
        slices.append(slice(start, None, step))
    view = view[tuple(slices)]
    if view.ndim < 6 and data.draw(st.booleans()):
        view = np.broadcast_to(view[..., None], (*view.shape, 3))
    assert np.array_equal(copy(data.draw(st.sampled_from(NAMES)), source, view), view)


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize(
    ("m", "k", "n"), [(1, 5, 3), (7, 33, 31), (64, 64, 64), (13, 1, 40), (15, 197, 65)]
)
@pytest.mark.parametrize("transposed", [False, True])
def test_matmul_has_the_values_of_float64(
    kernels: str, m: int, k: int, n: int, transposed: bool
) -> None:
    random = np.random.default_rng(m)
    x = random.standard_normal((2, 3, m, k)).astype(np.float32)
    z = random.standard_normal((3, n, k) if transposed else (3, k, n)).astype(np.float32)
    expected = np.clip(
        0.5 * x.astype(np.float64) @ (z.transpose(0, 2, 1) if transposed else z), -2, 9
    )
    fields = {
        "b0": 2,
        "b1": 3,
        "m": m,
        "k": k,
        "n": n,
        "x_b0": 3 * m * k,
        "x_b1": m * k,
        "x_m": k,
        "z_b0": 0,
        "z_b1": k * n,
        "z_k": 1 if transposed else n,
        "z_n": k if transposed else 1,
        "y_b0": 3 * m * n,
        "y_b1": m * n,
        "y_m": n,
        "alpha": 0.5,
    }
    got = run(
        kernels, "matmul", fields, x=x, z=z, y=expected.size, scratch=128 * k, lo=-2.0, hi=9.0
    )
    close(got, expected, SUM_TOLERANCE)


@pytest.mark.parametrize("kernels", NAMES)
def test_fill_and_constant_write_all_of_y(kernels: str) -> None:
    assert (run(kernels, "fill", {"value": 2.5}, y=37) == 2.5).all()
    values = np.arange(262144 + 5, dtype=np.float32)
    got = run(kernels, "const", {}, y=values.size, pages=[values[:262144], values[262144:]])
    assert np.array_equal(got, values)


@pytest.mark.parametrize("kernels", FUSED)
@pytest.mark.parametrize("name", ["SUM", "MEAN"])
def test_sums_have_the_same_bits_on_every_width(kernels: str, name: str) -> None:
    x = np.random.default_rng(0).standard_normal((5, 1100)).astype(np.float32)
    fields = {"outer": 5, "n": 1100, "inner": 1, "x_o": 1100, "x_n": 1}
    fn = getattr(lib, f"CLO_FN_{name}")
    results = [run(k, "reduce", fields, x=x, y=5, fn=fn).tobytes() for k in (kernels, FUSED[0])]
    assert results[0] == results[1]
    soft = [
        run(k, "softmax", {"outer": 5, "n": 1100, "inner": 1}, x=x, y=x.size).tobytes()
        for k in (kernels, FUSED[0])
    ]
    assert soft[0] == soft[1]


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize("n", SIZES)
def test_operators_that_may_work_in_place_give_the_same_bits_there(kernels: str, n: int) -> None:
    random = np.random.default_rng(n)
    x, z = random.standard_normal((2, 3 * n)).astype(np.float32)
    step = [0, 0, 0, 0, 1]
    cases: list[tuple[str, dict[str, object], Floats | None]] = [
        ("unary", {"rows": 3, "cols": n, "x_ld": n, "y_ld": n}, None),
        ("binary", {"d": [1, 1, 1, 1, 3 * n], "xs": step, "zs": step, "ys": step}, z),
        ("softmax", {"outer": 3, "n": n, "inner": 1}, None),
        ("softmax", {"outer": 1, "n": 3, "inner": n}, None),
        ("norm", {"rows": 3, "cols": n, "x_ld": n, "y_ld": n, "eps": 1e-5}, z[: 2 * n]),
    ]
    for kind, fields, other in cases:
        apart = run(kernels, kind, fields, x=x, z=other, y=x.size)
        within = run(kernels, kind, fields, x=x, z=other, y=None)
        assert apart.tobytes() == within.tobytes(), kind


def onnx_rounding(x: Floats, step: float, zero: int, dtype: type) -> Floats:
    """QuantizeLinear and DequantizeLinear by ONNX Runtime, as two operators."""
    make = onnx.helper.make_node
    parts = [
        onnx.numpy_helper.from_array(np.float32(step), "s"),
        onnx.numpy_helper.from_array(dtype(zero), "z"),
    ]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [
            make("QuantizeLinear", ["x", "s", "z"], ["q"]),
            make("DequantizeLinear", ["q", "s", "z"], ["y"]),
        ],
        "rounding", [value("x", 1, x.shape)], [value("y", 1, None)], parts,
    )  # fmt: skip
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 19)], ir_version=9
    )
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    found = ort.InferenceSession(model.SerializeToString(), options).run(None, {"x": x})[0]
    return np.asarray(found)


ZERO_POINTS = [(np.uint8, 0), (np.uint8, 255), (np.uint8, 128), (np.int8, -128), (np.int8, 127),
               (np.int8, 0)]  # fmt: skip


@pytest.mark.parametrize("kernels", NAMES)
@pytest.mark.parametrize(("dtype", "zero"), ZERO_POINTS)
@pytest.mark.parametrize("step", [1.0, 0.1, 0.03, 1e-30, 1e30])
def test_quantise_has_the_bits_of_onnx_runtime(
    kernels: str, dtype: type, zero: int, step: float
) -> None:
    random = np.random.default_rng(0)
    codes = np.arange(-600, 600, dtype=np.float32)
    scattered = random.standard_normal(4000).astype(np.float32) * 100
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-40, 3e38, -3e38], np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.concatenate([codes, codes / 2, codes + 0.5, scattered]) * np.float32(step)
    x = np.concatenate([x, special])
    lowest = float(np.iinfo(dtype).min - zero)
    fields = {"rows": 1, "cols": x.size, "x_ld": x.size, "y_ld": x.size}
    fields |= {"p0": float(np.float32(step)), "p1": lowest}
    got = run(kernels, "unary", fields, x=x, y=x.size, fn=lib.CLO_FN_QUANTISE)
    expected = onnx_rounding(x, step, zero, dtype)
    assert got.tobytes() == expected.tobytes()
