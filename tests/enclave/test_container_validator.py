"""The validator: what it accepts, and one container for each reason to refuse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from cloister._clo import ffi, lib
from containers import (
    EXAMPLES,
    Builder,
    CData,
    Container,
    codes,
    every_kind,
    int8_weights,
    many_pages,
    plus_constant,
    winograd,
)

OK, FORMAT, BOUNDS = lib.CLO_OK, lib.CLO_E_FORMAT, lib.CLO_E_BOUNDS
NAN, INF = float("nan"), float("inf")
BIG, HUGE = 0x7FFFFFFF, 0xFFFFFFFF


def verdict(header: bytes | bytearray, plan: CData = None) -> int:
    """What `clo_plan_open` says to an aligned copy of the header."""
    aligned = np.zeros(len(header) + 128, np.uint8)
    skew = -aligned.ctypes.data % 64
    aligned[skew : skew + len(header)] = np.frombuffer(header, np.uint8)
    plan = ffi.new("clo_plan *") if plan is None else plan
    return int(lib.clo_plan_open(plan, ffi.cast("void *", aligned.ctypes.data + skew), len(header)))


@pytest.mark.parametrize("example", [*EXAMPLES, "many-pages"])
def test_accepts_valid_containers(example: str) -> None:
    container = EXAMPLES.get(example, many_pages)()
    assert verdict(container.header) == OK


def set_field(name: str, value: CData) -> Callable[[CData], None]:
    def change(struct: CData) -> None:
        setattr(struct, name, value)

    return change


HEADER = {
    "magic": (FORMAT, set_field("magic", b"CLOISTEX")),
    "version": (FORMAT, set_field("version", 2)),
    "header_bytes_short": (FORMAT, set_field("header_bytes", 128)),
    "header_bytes_long": (FORMAT, set_field("header_bytes", HUGE)),
    "mode": (FORMAT, set_field("mode", 2)),
    "sealed": (FORMAT, set_field("sealed", 1)),
    "no_ops": (FORMAT, set_field("n_ops", 0)),
    "more_ops": (FORMAT, set_field("n_ops", HUGE)),
    "no_inputs": (FORMAT, set_field("n_inputs", 0)),
    "too_many_inputs": (FORMAT, set_field("n_inputs", 17)),
    "no_outputs": (FORMAT, set_field("n_outputs", 0)),
    "too_many_outputs": (FORMAT, set_field("n_outputs", 17)),
    "crossing_in_whole": (FORMAT, set_field("n_crossing", 1)),
    "more_pages": (FORMAT, set_field("n_pages", HUGE)),
    "page_slot_small": (BOUNDS, set_field("page_slot", 64)),
    "page_slot_large": (BOUNDS, set_field("page_slot", HUGE)),
    "resident_bytes_small": (BOUNDS, set_field("resident_bytes", 0)),
    "resident_bytes_large": (BOUNDS, set_field("resident_bytes", 1 << 40)),
    "arena_none": (BOUNDS, set_field("arena_bytes", 0)),
    "arena_odd": (BOUNDS, lambda h: setattr(h, "arena_bytes", h.arena_bytes + 1)),
    "arena_short": (BOUNDS, lambda h: setattr(h, "arena_bytes", h.arena_bytes - 64)),
    "arena_beyond_31_bits": (BOUNDS, set_field("arena_bytes", 1 << 33)),
    "request_unaligned": (BOUNDS, set_field("request_at", 8)),
    "request_elsewhere": (BOUNDS, set_field("request_at", 16)),
    "request_outside": (BOUNDS, set_field("request_at", 0xFFFFFFF0)),
    "response_unaligned": (BOUNDS, lambda h: setattr(h, "response_at", h.response_at + 1)),
    "response_elsewhere": (BOUNDS, lambda h: setattr(h, "response_at", h.response_at + 16)),
    "scratch_unaligned": (BOUNDS, lambda h: setattr(h, "scratch_at", h.scratch_at + 4)),
    "scratch_outside": (BOUNDS, set_field("scratch_at", 0x7FFFFFF0)),
    "scratch_large": (BOUNDS, set_field("scratch_bytes", HUGE)),
    "scratch_small": (BOUNDS, set_field("scratch_bytes", 64)),
    "scratch_over_operands": (BOUNDS, set_field("scratch_at", 0)),
    "key_id": (FORMAT, lambda h: ffi.buffer(h.key_id).__setitem__(3, b"\1")),
    "key_digest": (FORMAT, lambda h: ffi.buffer(h.key_digest).__setitem__(31, b"\1")),
}


@pytest.mark.parametrize("rule", HEADER)
def test_refuses_header(rule: str) -> None:
    expected, change = HEADER[rule]
    container = every_kind()
    change(container.view())
    assert verdict(container.header) == expected


def test_refuses_split_without_crossing_tensors() -> None:
    container = every_kind()
    container.view().mode = lib.CLO_MODE_SPLIT
    assert verdict(container.header) == FORMAT


@pytest.mark.parametrize("size", [0, 1, 64, 127, 128])
def test_refuses_truncated_header(size: int) -> None:
    assert verdict(every_kind().header[:size]) == FORMAT


@pytest.mark.parametrize("delta", [-64, 64])
def test_refuses_header_of_another_length(delta: int) -> None:
    header = every_kind().header
    assert verdict(header + bytes(delta) if delta > 0 else header[:delta]) == FORMAT


def test_refuses_header_above_the_limit() -> None:
    container = every_kind()
    container.view().header_bytes = lib.CLO_HEADER_MAX + 64
    padded = container.header + bytes(lib.CLO_HEADER_MAX + 64 - len(container.header))
    assert verdict(padded) == FORMAT


def test_leaves_the_plan_untouched_on_error() -> None:
    plan = ffi.new("clo_plan *")
    container = every_kind()
    container.op(0).kind = 99
    assert verdict(container.header, plan) == BOUNDS
    assert bytes(ffi.buffer(plan)) == bytes(ffi.sizeof("clo_plan"))


IO = {
    "dtype": set_field("dtype", 2),
    "rank": set_field("rank", 9),
    "rank_lower_than_dims": set_field("rank", 3),
    "rank_higher_than_dims": set_field("rank", 5),
    "dim_zero": lambda io: io.dims.__setitem__(1, 0),
    "dim_beyond_31_bits": lambda io: io.dims.__setitem__(0, 0x80000001),
    "dims_overflow": lambda io: [io.dims.__setitem__(i, BIG) for i in range(4)],
    "n_not_the_product": set_field("n", 119),
    "elsewhere": lambda io: setattr(io, "at", io.at + 16),
    "outside": set_field("at", HUGE),
    "reserved": lambda io: io.reserved.__setitem__(3, 1),
}


@pytest.mark.parametrize("rule", IO)
@pytest.mark.parametrize("which", ["input", "output"])
def test_refuses_tensor(rule: str, which: str) -> None:
    container = Builder([(2, 3, 4, 5)], [(2, 3, 4, 5)], split=False)
    d = [1, 1, 1, 1, 120]
    strides = [0, 0, 0, 0, 1]
    container.op(
        lib.CLO_COPY, (container.output_at(), 120), (container.input_at(), 120),
        d=[1, *d], xs=[0, *strides], ys=[0, *strides],
    )  # fmt: skip
    built = container.build()
    assert verdict(built.header) == OK
    IO[rule](built.io(0 if which == "input" else 1))
    assert verdict(built.header) == BOUNDS


def test_refuses_crossing_tensor_outside_the_arena() -> None:
    container = plus_constant()
    container.io(1).at = container.view().arena_bytes // 4 - 3
    assert verdict(container.header) == BOUNDS


def test_refuses_crossing_tensors_whose_message_is_too_long() -> None:
    shape, n = (1 << 15, 1 << 14), 1 << 29
    b = Builder([(4,)], [(4,)])
    b.op(lib.CLO_FILL, (b.alloc(n), n), value=1.0)
    b.crossing = [(shape, b.alloc(n))] * 16
    assert verdict(b.build().header) == BOUNDS


PAGE = {
    "offset": lambda p: setattr(p, "offset", p.offset + 64),
    "empty": lambda p: setattr(p, "plain", 0),
    "longer_than_its_operator_reads": lambda p: setattr(p, "plain", p.plain + 4),
    "odd_length": lambda p: setattr(p, "plain", p.plain + 1),
    "above_1_mib": lambda p: (
        setattr(p, "plain", (1 << 20) + 4),
        setattr(p, "stored", (1 << 20) + 4),
    ),
    "stored_not_plain": lambda p: setattr(p, "stored", p.plain + 16),
    "resident_neither": lambda p: setattr(p, "resident", 2),
    "resident_changed": lambda p: setattr(p, "resident", 1 - p.resident),
    "reserved": lambda p: p.reserved.__setitem__(0, 1),
}


@pytest.mark.parametrize("rule", PAGE)
@pytest.mark.parametrize("index", [0, -1])
def test_refuses_page(rule: str, index: int) -> None:
    container = every_kind()
    PAGE[rule](container.page(index % container.view().n_pages))
    assert verdict(container.header) == BOUNDS


def test_refuses_page_that_no_operator_reads() -> None:
    b = Builder([(4,)], [(4,)], split=False)
    b.op(lib.CLO_FILL, (b.output_at(), 4), value=1.0)
    assert verdict(b.build().header) == OK
    b.add_pages([np.zeros(4, np.float32)], resident=True)
    assert verdict(b.build().header) == BOUNDS


def test_refuses_pages_out_of_the_order_of_their_use() -> None:
    b = Builder([(4,)], [(4,)], split=False)
    pages = [b.add_pages([np.zeros(4, np.float32)], resident=True) for _ in range(2)]
    for page in reversed(pages):
        b.op(lib.CLO_CONST, (b.output_at(), 4), pages=page)
    assert verdict(b.build().header) == BOUNDS
    b.ops.reverse()
    assert verdict(b.build().header) == OK


def test_accepts_pages_that_two_operators_share() -> None:
    b = Builder([(4,)], [(4,)], split=False)
    page = b.add_pages([np.zeros(4, np.float32)], resident=True)
    for _ in range(2):
        b.op(lib.CLO_CONST, (b.output_at(), 4), pages=page)
    assert verdict(b.build().header) == OK


# Operators of every_kind(), by their order there.
GROUPED, FILL, WIDE, DEEP, MAX, AVERAGE, SLICED, UNARY = range(8)
BINARY = UNARY + lib.CLO_FN_QUANTISE + 1
BROADCAST = BINARY + lib.CLO_BINARY_FNS
MATMUL = BROADCAST + 1
SOFTMAX = MATMUL + 1
REDUCE = SOFTMAX + lib.CLO_SOFTMAX_FNS
CONST = REDUCE + lib.CLO_REDUCE_FNS
NORM, COPY = CONST + 1, CONST + 2


def test_the_names_of_operators_here_fit_the_example() -> None:
    container = every_kind()
    kinds = {
        GROUPED: lib.CLO_CONV, FILL: lib.CLO_FILL, WIDE: lib.CLO_CONV, DEEP: lib.CLO_DWCONV,
        MAX: lib.CLO_POOL, AVERAGE: lib.CLO_POOL, SLICED: lib.CLO_CONV, UNARY: lib.CLO_UNARY,
        BINARY: lib.CLO_BINARY, BROADCAST: lib.CLO_BINARY, MATMUL: lib.CLO_MATMUL,
        SOFTMAX: lib.CLO_SOFTMAX, REDUCE: lib.CLO_REDUCE, CONST: lib.CLO_CONST, NORM: lib.CLO_NORM,
        COPY: lib.CLO_COPY,
    }  # fmt: skip
    assert {i: container.op(i).kind for i in kinds} == kinds


def parameter(name: str, value: CData, index: int | None = None) -> Callable[[CData], None]:
    """Sets `block.field`, or one place of it."""
    block, field = name.split(".")

    def change(op: CData) -> None:
        if index is None:
            setattr(getattr(op.u, block), field, value)
        else:
            getattr(getattr(op.u, block), field)[index] = value

    return change


def span(name: str, at: int = 0, n: int = 0) -> Callable[[CData], None]:
    """Moves an operand's span by `at`, makes it longer by `n`."""

    def change(op: CData) -> None:
        operand = getattr(op, name)
        operand.at = (operand.at + at) & HUGE
        operand.n = (operand.n + n) & HUGE

    return change


def both(*changes: Callable[[CData], None]) -> Callable[[CData], None]:
    return lambda op: [change(op) for change in changes]


def onto(name: str, other: str, at: int = 0) -> Callable[[CData], None]:
    """Lays one operand over another, shifted by `at` floats."""
    return lambda op: setattr(getattr(op, name), "at", getattr(op, other).at + at)


def word(index: int, value: int) -> Callable[[CData], None]:
    return lambda op: op.u.words.__setitem__(index, value)


OPERATOR: dict[str, tuple[int, Callable[[CData], None]]] = {
    "kind": (FILL, set_field("kind", lib.CLO_KINDS)),
    "function_of_a_kind_without": (DEEP, set_field("fn", 1)),
    "conv_algorithm": (GROUPED, set_field("fn", lib.CLO_CONV_FNS)),
    "unary_function": (UNARY, set_field("fn", lib.CLO_UNARY_FNS)),
    "binary_function": (BINARY, set_field("fn", lib.CLO_BINARY_FNS)),
    "pool_function": (MAX, set_field("fn", lib.CLO_POOL_FNS)),
    "softmax_function": (SOFTMAX, set_field("fn", lib.CLO_SOFTMAX_FNS)),
    "reduce_function": (REDUCE, set_field("fn", lib.CLO_REDUCE_FNS)),
    "reserved": (GROUPED, set_field("reserved", 1)),
    "act_unknown": (GROUPED, set_field("act", 1 + lib.CLO_UNARY_FNS)),
    "act_wraps_around": (GROUPED, set_field("act", 0xFFFFFFFF)),
    "act_with_parameters": (DEEP, set_field("act", 1 + lib.CLO_FN_LEAKY_RELU)),
    "act_where_none_is": (UNARY, set_field("act", 1 + lib.CLO_FN_SILU)),
    "act_without_weights": (BINARY, set_field("act", 1 + lib.CLO_FN_SILU)),
    "unused_word": (SOFTMAX, word(3, 1)),
    "last_unused_word": (GROUPED, word(31, 1)),
    "clip_nan_low": (GROUPED, set_field("lo", NAN)),
    "clip_nan_high": (GROUPED, set_field("hi", NAN)),
    "clip_crossed": (DEEP, both(set_field("lo", 2.0), set_field("hi", 1.0))),
    "clip_where_none_is_low": (UNARY, set_field("lo", 0.0)),
    "clip_where_none_is_high": (MAX, set_field("hi", 6.0)),
    "x_absent": (GROUPED, lambda op: (setattr(op.x, "n", 0), setattr(op.x, "at", 0))),
    "x_where_none_is": (FILL, span("x", n=4)),
    "x_outside": (UNARY, span("x", at=HUGE // 2)),
    "x_wraps_around": (UNARY, span("x", at=-(1 << 31))),
    "y_absent": (FILL, lambda op: (setattr(op.y, "n", 0), setattr(op.y, "at", 0))),
    "y_outside": (FILL, span("y", n=1 << 20)),
    "z_absent": (BINARY, lambda op: (setattr(op.z, "n", 0), setattr(op.z, "at", 0))),
    "z_where_none_is": (MAX, span("z", n=4)),
    "z_absent_with_a_place": (GROUPED, span("z", at=4)),
    "scratch_above_the_headers": (GROUPED, set_field("scratch", 2049)),
    "scratch_where_none_is": (UNARY, set_field("scratch", 64)),
    "pages_where_none_are": (UNARY, set_field("n_pages", 1)),
    "first_page_where_none_are": (UNARY, set_field("first_page", 1)),
    "pages_beyond_the_table": (SLICED, lambda op: setattr(op, "first_page", op.first_page + 1)),
    "pages_wrap_around": (SLICED, set_field("first_page", HUGE)),
    "pages_too_few": (GROUPED, set_field("n_pages", 1)),
    "pages_of_another_operator": (WIDE, set_field("first_page", 0)),
    # CONV
    "conv_zero": (GROUPED, parameter("conv.groups", 0)),
    "conv_stride_zero": (GROUPED, parameter("conv.sw", 0)),
    "conv_dilation_zero": (GROUPED, parameter("conv.dh", 0)),
    "conv_beyond_31_bits": (GROUPED, parameter("conv.pt", 0x80000000)),
    "conv_kernel_too_large": (GROUPED, parameter("conv.kh", 342)),
    "conv_kernel_overflows": (
        GROUPED,
        both(parameter("conv.kh", 1 << 16), parameter("conv.kw", 1 << 16)),
    ),
    "conv_window_overflows_down": (GROUPED, parameter("conv.sh", BIG)),
    "conv_window_overflows_right": (GROUPED, parameter("conv.dw", BIG)),
    "conv_reads_below": (GROUPED, parameter("conv.h", 7)),
    "conv_reads_right": (GROUPED, parameter("conv.w", 6)),
    "conv_reads_more_channels": (GROUPED, parameter("conv.c", 3)),
    "conv_x_ld_small": (GROUPED, parameter("conv.x_ld", 3)),
    "conv_x_ld_large": (GROUPED, parameter("conv.x_ld", 5)),
    "conv_writes_below": (GROUPED, parameter("conv.oh", 4)),
    "conv_y_ld_small": (GROUPED, parameter("conv.y_ld", 5)),
    "conv_y_ld_large": (GROUPED, parameter("conv.y_ld", 9)),
    "conv_writes_more_channels": (WIDE, parameter("conv.n", 41)),
    "conv_z_without_ld": (WIDE, parameter("conv.z_ld", 0)),
    "conv_ld_without_z": (GROUPED, parameter("conv.z_ld", 8)),
    "conv_z_ld_small": (WIDE, parameter("conv.z_ld", 39)),
    "conv_z_ld_large": (WIDE, parameter("conv.z_ld", 41)),
    "conv_z_half_over_y": (WIDE, span("z", at=-16)),
    "conv_y_over_x": (GROUPED, onto("y", "x")),
    "conv_scratch_small": (GROUPED, set_field("scratch", 1215)),
    "conv_no_panels_a_page": (GROUPED, parameter("conv.panels", 0)),
    "conv_more_panels_a_page": (GROUPED, parameter("conv.panels", 2)),
    "conv_fewer_panels_a_page": (WIDE, parameter("conv.panels", 1)),
    "conv_slice_short": (SLICED, parameter("conv.slice", 15)),
    "conv_slice_long": (SLICED, parameter("conv.slice", 41)),
    "conv_slice_of_panels": (SLICED, parameter("conv.panels", 2)),
    "conv_slice_cuts_a_tap": (GROUPED, parameter("conv.slice", 17)),
    "conv_slice_with_z": (WIDE, parameter("conv.slice", 6)),
    # DWCONV
    "dwconv_zero": (DEEP, parameter("dwconv.c", 0)),
    "dwconv_kernel_too_large": (DEEP, parameter("dwconv.kw", 342)),
    "dwconv_window_overflows_down": (DEEP, parameter("dwconv.dh", BIG)),
    "dwconv_window_overflows_right": (DEEP, parameter("dwconv.sw", BIG)),
    "dwconv_reads_below": (DEEP, parameter("dwconv.h", 4)),
    "dwconv_x_ld_small": (DEEP, parameter("dwconv.x_ld", 39)),
    "dwconv_writes_right": (DEEP, parameter("dwconv.ow", 6)),
    "dwconv_y_ld_small": (DEEP, parameter("dwconv.y_ld", 39)),
    "dwconv_y_over_x": (DEEP, onto("y", "x")),
    "dwconv_panels": (DEEP, parameter("dwconv.panels", 2)),
    # MATMUL
    "matmul_zero": (MATMUL, parameter("matmul.k", 0)),
    "matmul_alpha_nan": (MATMUL, parameter("matmul.alpha", NAN)),
    "matmul_alpha_infinite": (MATMUL, parameter("matmul.alpha", INF)),
    "matmul_x_rows": (MATMUL, parameter("matmul.x_m", 5)),
    "matmul_x_batch": (MATMUL, parameter("matmul.x_b0", 13)),
    "matmul_z_rows": (MATMUL, parameter("matmul.z_k", 6)),
    "matmul_z_columns": (MATMUL, parameter("matmul.z_n", 2)),
    "matmul_z_batch": (MATMUL, parameter("matmul.z_b0", 21)),
    "matmul_y_rows": (MATMUL, parameter("matmul.y_m", 6)),
    "matmul_y_batch": (MATMUL, parameter("matmul.y_b0", 16)),
    "matmul_second_batch": (MATMUL, both(parameter("matmul.b1", 2), parameter("matmul.y_b1", 1))),
    "matmul_strides_overflow": (
        MATMUL,
        both(parameter("matmul.b1", BIG), parameter("matmul.x_b1", BIG)),
    ),
    "matmul_writes_one_place_often": (MATMUL, parameter("matmul.y_m", 0)),
    "matmul_y_over_x": (MATMUL, onto("y", "x")),
    "matmul_y_over_z": (MATMUL, onto("y", "z", 8)),
    "matmul_scratch_small": (MATMUL, set_field("scratch", 511)),
    # POOL
    "pool_zero": (MAX, parameter("pool.kh", 0)),
    "pool_kernel_too_large": (MAX, parameter("pool.kw", 513)),
    "pool_padding_hides_a_row": (MAX, parameter("pool.pt", 2)),
    "pool_padding_hides_a_column": (MAX, parameter("pool.pl", 2)),
    "pool_window_below_the_input": (MAX, parameter("pool.sh", 3)),
    "pool_window_right_of_the_input": (MAX, parameter("pool.sw", 3)),
    "pool_window_overflows": (MAX, parameter("pool.dh", BIG)),
    "pool_padding_overflows": (MAX, parameter("pool.pb", BIG)),
    "pool_reads_below": (MAX, parameter("pool.h", 4)),
    "pool_x_ld_small": (MAX, parameter("pool.x_ld", 39)),
    "pool_writes_below": (MAX, parameter("pool.oh", 3)),
    "pool_y_ld_large": (MAX, parameter("pool.y_ld", 50)),
    "pool_counts_padding_of_a_maximum": (MAX, parameter("pool.count_pad", 1)),
    "pool_counts_padding_twice": (AVERAGE, parameter("pool.count_pad", 2)),
    "pool_y_over_x": (MAX, onto("y", "x")),
    # UNARY
    "unary_zero": (UNARY, parameter("unary.rows", 0)),
    "unary_rows": (UNARY, parameter("unary.rows", 7)),
    "unary_x_ld_small": (UNARY, parameter("unary.x_ld", 39)),
    "unary_y_ld_large": (UNARY, parameter("unary.y_ld", 80)),
    "unary_half_over_itself": (UNARY, both(span("y", at=-1))),
    "unary_parameter_of_a_function_without": (UNARY, parameter("unary.p0", 1.0)),
    "unary_second_parameter_of_one": (UNARY + lib.CLO_FN_ELU, parameter("unary.p1", 1.0)),
    "unary_parameter_nan": (UNARY + lib.CLO_FN_AFFINE, parameter("unary.p0", NAN)),
    "unary_parameter_infinite": (UNARY + lib.CLO_FN_AFFINE, parameter("unary.p1", INF)),
    "unary_clip_nan": (UNARY + lib.CLO_FN_CLIP, parameter("unary.p1", NAN)),
    # BINARY
    "binary_zero": (BINARY, parameter("binary.d", 0, 2)),
    "binary_y_not_contiguous": (BINARY, parameter("binary.ys", 2, 4)),
    "binary_x_not_contiguous": (BINARY, parameter("binary.xs", 2, 4)),
    "binary_z_not_contiguous": (BINARY, parameter("binary.zs", 2, 4)),
    "binary_x_reaches_out": (BINARY, parameter("binary.xs", 90, 3)),
    "binary_z_reaches_out": (BINARY, parameter("binary.zs", 90, 3)),
    "binary_y_reaches_out": (BINARY, parameter("binary.ys", 90, 3)),
    "binary_writes_one_place_often": (BINARY, parameter("binary.ys", 0, 3)),
    "binary_overflows": (
        BINARY,
        both(parameter("binary.d", BIG, 0), parameter("binary.ys", BIG, 0)),
    ),
    "binary_in_place_with_other_strides": (BINARY, parameter("binary.xs", 32, 3)),
    "binary_broadcast_in_place": (BINARY, parameter("binary.xs", 0, 3)),
    "binary_channels_overlap": (BINARY, span("z", at=-4)),
    # SOFTMAX, REDUCE, NORM
    "softmax_zero": (SOFTMAX, parameter("softmax.n", 0)),
    "softmax_reaches_out": (SOFTMAX, parameter("softmax.outer", 3)),
    "softmax_overflows": (
        SOFTMAX,
        both(parameter("softmax.outer", BIG), parameter("softmax.n", BIG)),
    ),
    "softmax_half_over_itself": (SOFTMAX, span("y", at=-1)),
    "reduce_zero": (REDUCE, parameter("reduce.inner", 0)),
    "reduce_x_reaches_out": (REDUCE, parameter("reduce.x_n", 6)),
    "reduce_x_reaches_out_across": (REDUCE, parameter("reduce.x_o", 16)),
    "reduce_y_reaches_out": (
        REDUCE,
        both(parameter("reduce.outer", 3), parameter("reduce.x_o", 1)),
    ),
    "reduce_y_over_x": (REDUCE, onto("y", "x")),
    "norm_zero": (NORM, parameter("norm.cols", 0)),
    "norm_rows": (NORM, parameter("norm.rows", 2)),
    "norm_scale_too_short": (NORM, span("z", n=-1)),
    "norm_eps_nan": (NORM, parameter("norm.eps", NAN)),
    "norm_eps_negative": (NORM, parameter("norm.eps", -1e-5)),
    "norm_half_over_itself": (NORM, span("y", at=-1)),
    "norm_y_over_scale": (NORM, onto("z", "y")),
    # COPY, CONST, FILL
    "copy_zero": (COPY, parameter("copy.d", 0, 0)),
    "copy_below_x": (COPY, parameter("copy.x_first", 3)),
    "copy_above_x": (COPY, parameter("copy.x_first", 5)),
    "copy_far_below_x": (COPY, parameter("copy.xs", -(1 << 31), 5)),
    "copy_x_overflows": (COPY, both(parameter("copy.d", BIG, 0), parameter("copy.xs", BIG, 0))),
    "copy_y_reaches_out": (COPY, parameter("copy.ys", 6, 4)),
    "copy_writes_one_place_often": (COPY, parameter("copy.ys", 0, 4)),
    "copy_y_over_x": (COPY, onto("y", "x")),
    "const_longer_than_its_page": (CONST, span("y", n=1)),
    "fill_infinite": (FILL, parameter("fill.value", INF)),
    "fill_nan": (FILL, parameter("fill.value", NAN)),
}


@pytest.mark.parametrize("rule", OPERATOR)
def test_refuses_operator(rule: str) -> None:
    index, change = OPERATOR[rule]
    container = every_kind()
    change(container.op(index))
    assert verdict(container.header) == BOUNDS


ALLOWED: dict[str, tuple[int, Callable[[CData], None]]] = {
    "conv_without_z": (
        WIDE,
        lambda op: (setattr(op.z, "n", 0), setattr(op.z, "at", 0), word(17, 0)(op)),
    ),
    "conv_clip_to_one_number": (DEEP, both(set_field("lo", 1.0), set_field("hi", 1.0))),
    "clip_function_without_bounds": (
        UNARY + lib.CLO_FN_CLIP,
        both(parameter("unary.p0", -INF), parameter("unary.p1", INF)),
    ),
    "binary_of_a_value_with_itself": (BINARY, onto("z", "x")),
    "copy_with_a_large_stride_on_one_step": (COPY, parameter("copy.ys", BIG, 0)),
    "conv_one_slice_that_is_the_whole": (GROUPED, parameter("conv.slice", 18)),
    "scratch_larger_than_needed": (GROUPED, set_field("scratch", 2048)),
}


@pytest.mark.parametrize("rule", ALLOWED)
def test_accepts_operator(rule: str) -> None:
    index, change = ALLOWED[rule]
    container = every_kind()
    change(container.op(index))
    assert verdict(container.header) == OK


# What makes a Winograd convolution, each broken alone; the rest of the operator still fits.
WINOGRAD_RULES: dict[str, Callable[[CData], None]] = {
    "scratch_below_one_tile": set_field("scratch", 144 * (2080 + 112) - 4),
    "scratch_of_a_direct_convolution": set_field("scratch", 1280),
    "kernel_of_one_row": both(parameter("conv.kh", 1), parameter("conv.kw", 9)),
    "kernel_of_one_column": both(parameter("conv.kh", 9), parameter("conv.kw", 1)),
    "stride_down": parameter("conv.sh", 2),
    "stride_across": parameter("conv.sw", 2),
    "dilation_down": parameter("conv.dh", 2),
    "dilation_across": parameter("conv.dw", 2),
    "groups": both(parameter("conv.groups", 2), parameter("conv.c", 10), parameter("conv.n", 20)),
    "slices": both(
        parameter("conv.panels", 1),
        parameter("conv.slice", 180),
        parameter("conv.z_ld", 0),
        lambda op: (setattr(op.z, "n", 0), setattr(op.z, "at", 0)),
    ),
}


@pytest.mark.parametrize("rule", WINOGRAD_RULES)
def test_refuses_winograd(rule: str) -> None:
    container = winograd()
    WINOGRAD_RULES[rule](container.op(1))
    assert verdict(container.header) == BOUNDS


def test_accepts_winograd_with_scratch_for_one_tile() -> None:
    assert verdict(winograd(tiles=1).header) == OK


def test_refuses_winograd_without_room_for_all_channels_of_several_panels() -> None:
    container = winograd(tiles=1)
    # 65 channels take two pieces of V where a page holds two panels.
    wide = both(parameter("conv.c", 65), parameter("conv.x_ld", 65))
    wide(container.op(1))
    container.op(1).x.n = 30 * 65
    container.page(0).plain = 4 * 2 * 32 * (65 * 9 + 1)
    assert verdict(container.header) == BOUNDS


def less_scratch(op: CData) -> None:
    op.scratch -= 4


# Operators of int8_weights(), by their order there.
DIRECT_INT8, DEEP_INT8, WINOGRAD_INT8, QUANTISE, SLICED_INT8 = range(5)
OF_BYTES = {
    "direct": DIRECT_INT8,
    "depthwise": DEEP_INT8,
    "winograd": WINOGRAD_INT8,
    "slices": SLICED_INT8,
}
INT8_RULES: dict[str, tuple[int, Callable[[CData], None]]] = {
    **{f"{name}, no flag": (i, set_field("int8", 2)) for name, i in OF_BYTES.items()},
    **{f"{name}, read as floats": (i, set_field("int8", 0)) for name, i in OF_BYTES.items()},
    **{f"{name}, no room to widen": (i, less_scratch) for name, i in OF_BYTES.items()},
    "winograd, room to widen only": (WINOGRAD_INT8, set_field("scratch", 128 * 360)),
    "depthwise, more panels": (DEEP_INT8, parameter("dwconv.panels", 3)),
    "slices, of fewer rows": (SLICED_INT8, parameter("conv.slice", 15)),
    "unary": (QUANTISE, set_field("int8", 1)),
    "step nan": (QUANTISE, parameter("unary.p0", NAN)),
    "lowest code infinite": (QUANTISE, parameter("unary.p1", -INF)),
    "quantise as a fused function": (DEEP_INT8, set_field("act", 1 + lib.CLO_FN_QUANTISE)),
}


@pytest.mark.parametrize("rule", INT8_RULES)
def test_refuses_int8(rule: str) -> None:
    container = int8_weights()
    index, change = INT8_RULES[rule]
    change(container.op(index))
    assert verdict(container.header) == BOUNDS


# Operators of codes(), by their order there.
TO_CODES, ROUNDED, SUMMED, TO_NUMBERS = range(4)
CODES_RULES: dict[str, tuple[int, Callable[[CData], None]]] = {
    "another flag": (ROUNDED, set_field("int8", 3)),
    "read as bytes of weights": (ROUNDED, set_field("int8", 1)),
    "read as floats": (ROUNDED, set_field("int8", 0)),
    "in the transform domain": (ROUNDED, set_field("fn", lib.CLO_FN_WINOGRAD)),
    "in slices": (ROUNDED, parameter("conv.slice", 18)),
    "code of 0 above 255": (ROUNDED, parameter("conv.pad", 256)),
    "step below 0": (ROUNDED, parameter("conv.y_step", -0.05)),
    "step nan": (ROUNDED, parameter("conv.y_step", NAN)),
    "no step, but a lowest code": (ROUNDED, parameter("conv.y_step", 0.0)),
    "lowest code above 0": (ROUNDED, parameter("conv.y_low", 1.0)),
    "lowest code below -255": (ROUNDED, parameter("conv.y_low", -256.0)),
    "lowest code nan": (SUMMED, parameter("conv.r_low", NAN)),
    "codes of a residual that is not there": (ROUNDED, parameter("conv.z_step", 0.1)),
    "channels not in fours": (ROUNDED, parameter("conv.n", 39)),
    "fewer floats of y": (SUMMED, lambda op: setattr(op.y, "n", 299)),
    "fewer floats of z": (SUMMED, lambda op: setattr(op.z, "n", 299)),
    "more channels of x": (SUMMED, parameter("conv.c", 11)),
    "columns not in fours": (TO_CODES, parameter("unary.cols", 7)),
    "codes, step 0": (TO_CODES, both(parameter("unary.p0", 0.0), parameter("unary.p1", 0.0))),
    "codes, lowest code": (TO_CODES, parameter("unary.p1", -300.0)),
    "codes, wider rows of y": (TO_CODES, parameter("unary.y_ld", 3)),
    "codes, in place": (TO_CODES, lambda op: setattr(op.y, "at", op.x.at)),
    "numbers, wider rows of x": (TO_NUMBERS, parameter("unary.x_ld", 11)),
    "numbers, step below 0": (TO_NUMBERS, parameter("unary.p0", -1.0)),
}


@pytest.mark.parametrize("rule", CODES_RULES)
def test_refuses_codes(rule: str) -> None:
    container = codes()
    assert verdict(container.header) == OK
    index, change = CODES_RULES[rule]
    change(container.op(index))
    assert verdict(container.header) == BOUNDS


def test_a_sum_is_rounded_only_where_it_is_of_integers() -> None:
    container = int8_weights()
    both(parameter("conv.r_step", 0.1), parameter("conv.r_low", -3.0))(container.op(DIRECT_INT8))
    assert verdict(container.header) == BOUNDS


@pytest.mark.parametrize("index", [GROUPED, WIDE, DEEP, SLICED, BINARY, MATMUL, CONST, NORM])
def test_refuses_bytes_where_pages_hold_floats_or_nothing(index: int) -> None:
    container = every_kind()
    container.view().scratch_bytes = container.op(index).scratch = 1 << 15
    container.view().scratch_at = container.view().arena_bytes // 4
    container.view().arena_bytes += 1 << 15
    assert verdict(container.header) == (OK if container.op(index).kind in SCRATCH else BOUNDS)
    container.op(index).int8 = 1
    assert verdict(container.header) == BOUNDS


SCRATCH = {lib.CLO_CONV, lib.CLO_DWCONV, lib.CLO_MATMUL}


def test_constant_of_more_than_one_page() -> None:
    b = Builder([(4,)], [(4,)], split=False)
    n = 262_144 + 100
    pages = [np.zeros(262_144, np.float32), np.zeros(100, np.float32)]
    b.op(lib.CLO_CONST, (b.alloc(n), n), pages=b.add_pages(pages, resident=True))
    container = b.build()
    assert verdict(container.header) == OK
    container.op(0).y.n -= 1
    assert verdict(container.header) == BOUNDS


@pytest.mark.parametrize("make", [*EXAMPLES.values(), many_pages])
def test_memory_is_the_sum_of_its_parts(make: Callable[[], Container]) -> None:
    container = make()
    plan, header = ffi.new("clo_plan *"), np.zeros(len(container.header) + 64, np.uint8)
    skew = -header.ctypes.data % 64
    header[skew : skew + len(container.header)] = np.frombuffer(container.header, np.uint8)
    pointer = ffi.cast("void *", header.ctypes.data + skew)
    assert lib.clo_plan_open(plan, pointer, len(container.header)) == OK
    h = container.view()
    parts = (
        h.header_bytes
        + 16 * 64
        + h.resident_bytes
        + h.page_slot
        + -(-h.arena_bytes // 64) * 64
        + 64
    )
    assert lib.clo_plan_memory(plan, 64) == parts
