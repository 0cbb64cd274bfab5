/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan.c: the validator of containers. A header is hostile until clo_plan_open has proven it;
 * kernels then make no checks. The rules are those of docs/formats/container.md, "What the
 * validator proves".
 *
 * How it is proven: every number of an operator is a 32-bit field below 2^31. All reaches ("one
 * past the highest float touched") are computed from them by sums and products that saturate
 * (bytes.h), and compared with the operand's span; spans end inside the arena, which is below 2^31
 * floats. So an index that a kernel computes inside its loops fits 31 bits.
 */
#include "bytes.h"
#include "message.h"

#define LIMIT 0x7fffffffu /* no dimension, stride, count or index is above */
#define CONST_PAGE (CLO_PAGE_MAX / 4)
#define LO_NONE 0xff800000u /* -inf */
#define HI_NONE 0x7f800000u /* +inf */

/* Bits first..last: the words of an operator's parameters to which a rule applies. */
#define BITS(first, last) ((0xffffffffu >> (31 - (last))) & ~((1u << (first)) - 1))

typedef struct piece { /* what an operand touches: [at, at + reach); modulo ld only the first cols
                        */
    uint64_t at, reach, cols;
} piece;

typedef bool check(const clo_plan *plan, const clo_op *op);

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* ceil(a / b); b >= 1. */
static uint64_t pieces(uint64_t a, uint64_t b) {
    return a / b + (a % b != 0);
}

/* Adds to `r` what an axis of d >= 1 steps of `stride` floats reaches beyond its first element. */
static uint64_t along(uint64_t r, uint64_t d, uint64_t stride) {
    return clo_add(r, clo_mul(d - 1, stride));
}

static uint32_t bits_of(float f) {
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static bool is_nan(uint32_t bits) {
    return (bits & LIMIT) > HI_NONE;
}

static bool is_finite(uint32_t bits) {
    return (bits & HI_NONE) != HI_NONE;
}

/* True when no float is in both. ld: 0, or a number that divides every outer stride of both, so
 * that a piece's floats lie, modulo ld, in `cols` places from its start (two channel ranges of one
 * map). */
static bool apart(piece a, piece b, uint64_t ld) {
    if (a.at + a.reach <= b.at || b.at + b.reach <= a.at)
        return true;
    if (ld == 0)
        return false;
    uint64_t shift = (b.at % ld + ld - a.at % ld) % ld;
    return shift >= a.cols && shift + b.cols <= ld;
}

/* An operand as `rows` rows of `cols` floats, `ld` apart. */
typedef struct map {
    clo_span span;
    uint64_t rows, ld, cols;
} map;

/* The operand's span holds the map. */
static bool holds(map m, uint64_t *end) {
    *end = clo_add(clo_mul(m.rows - 1, m.ld), m.cols);
    return m.ld >= m.cols && *end <= m.span.n;
}

/* The spans of y and of another operand hold their maps, which are apart, or, where `same` allows,
 * the very same floats. */
static bool maps_ok(map y, map x, bool same) {
    piece a = {y.span.at, 0, y.cols}, b = {x.span.at, 0, x.cols};
    if (!holds(y, &a.reach) || !holds(x, &b.reach))
        return false;
    return (same && a.at == b.at && (y.ld == x.ld || y.rows == 1)) ||
           apart(a, b, x.ld == y.ld ? x.ld : 0);
}

/* Whole spans, for operators without a leading dimension. */
static bool spans_apart(clo_span a, clo_span b) {
    piece p = {a.at, a.n, 0}, q = {b.at, b.n, 0};
    return a.n == 0 || b.n == 0 || apart(p, q, 0);
}

/* Positions of a window along one axis stay below 2^31 (padding may be touched: kernels read zeros
 * there). */
static bool window(uint64_t out, uint64_t stride, uint64_t k, uint64_t dilation) {
    return along(along(0, out, stride), k, dilation) <= LIMIT;
}

/* No two steps of an axis of y fall on one float. */
static bool spread(const uint32_t *d, const uint32_t *strides, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (d[i] > 1 && strides[i] == 0)
            return false;
    return true;
}

/* The operator's pages hold `total` units of K rows, `per_page` to a page and the last page the
 * rest; or each unit in slices of `slice` rows. A unit is a float of a constant, or a panel: its
 * bias leads the first slice, and the scales of its channels lead each where weights are bytes,
 * behind them what sums of integers begin with. */
static bool pages_hold(const clo_plan *plan, const clo_op *op, uint64_t total, uint64_t per_page,
                       uint64_t K, uint64_t slice) {
    uint64_t S = pieces(K, slice), vector = op->kind == CLO_CONST ? 4 : 4 * CLO_PANEL;
    uint64_t row = op->int8 == 1 ? CLO_PANEL : vector, scales = op->int8 * vector;
    if (op->n_pages != clo_mul(pieces(total, per_page), S))
        return false;
    for (uint64_t i = 0; i < op->n_pages; i++) {
        uint64_t s = i % S, units = least(per_page, total - i / S * per_page);
        uint64_t bias = s == 0 && op->kind != CLO_CONST ? vector : 0;
        uint64_t bytes = bias + scales + row * least(slice, K - s * slice);
        if (plan->pages[op->first_page + i].plain != clo_mul(units, bytes))
            return false;
    }
    return true;
}

static bool check_const(const clo_plan *plan, const clo_op *op) {
    return pages_hold(plan, op, op->y.n, CONST_PAGE, 1, 1);
}

/* Winograd's bounds; its scratch: 36 matrices each of U (one panel, CLO_WINO_C channels), of V
 * (one row for each tile of a block and CLO_WINO_C channels; all channels where pages hold several
 * panels) and of M, for a block of one tile at least. */
static bool winograd_ok(const clo_op *op, uint64_t scratch) {
    const clo_conv *v = &op->u.conv;
    uint64_t slots = v->panels > 1 ? pieces(v->c, CLO_WINO_C) : 1;
    uint64_t tile = CLO_PANEL + clo_mul(slots, CLO_WINO_C + 16);
    return v->kh == 3 && v->kw == 3 && v->sh == 1 && v->sw == 1 && v->dh == 1 && v->dw == 1 &&
           v->groups == 1 && v->slice == 0 &&
           scratch >= clo_mul(4 * 36, CLO_WINO_C * CLO_PANEL + 32 + tile);
}

/* What a code is worth, and the lowest, which stands for 0 or less; or neither. */
static bool coding_ok(float step, float low) {
    return step > 0 ? low >= -255 && low <= 0 : step == 0 && low == 0;
}

/* Sums of integers fit 31 bits, because a page, CLO_PAGE_MAX, holds all 4 K products of one. */
static bool check_conv(const clo_plan *plan, const clo_op *op) {
    const clo_conv *v = &op->u.conv;
    uint64_t taps = clo_mul(v->kh, v->kw), K = clo_mul(taps, v->c);
    uint64_t c = clo_mul(v->groups, v->c), n = clo_mul(v->groups, v->n);
    uint64_t in = clo_mul(v->h, v->w), out = clo_mul(v->oh, v->ow);
    uint64_t panels = clo_mul(v->groups, pieces(v->n, CLO_PANEL));
    uint64_t wide = op->int8 == 1 ? clo_mul(v->slice ? v->slice : K, 4 * CLO_PANEL) : 0;
    bool y_codes = v->y_step > 0, z_codes = v->z_step > 0, codes = y_codes || z_codes;
    const map x = {op->x, in, v->x_ld, c}, y = {op->y, out, v->y_ld, y_codes ? n / 4 : n};
    const map z = {op->z, out, v->z_ld, z_codes ? n / 4 : n};
    bool has_z = op->z.n != 0;
    if (taps > CLO_TAPS_MAX || K > LIMIT || !window(v->oh, v->sh, v->kh, v->dh) ||
        !window(v->ow, v->sw, v->kw, v->dw) || !maps_ok(y, x, false) || has_z != (v->z_ld != 0) ||
        (has_z && !maps_ok(y, z, y_codes == z_codes)))
        return false;
    if (!coding_ok(v->y_step, v->y_low) || !coding_ok(v->z_step, v->z_low) ||
        !coding_ok(v->r_step, v->r_low) || z_codes > has_z || (v->r_step > 0 && op->int8 < 2) ||
        v->pad > (op->int8 == 2 ? 255 : 0) || (codes && v->n % 4 != 0) ||
        ((codes || op->int8 == 2) && (op->fn != CLO_FN_DIRECT || v->slice != 0)))
        return false;
    if (op->scratch < wide + clo_round(4 * (uint64_t)v->c) + 8 * CLO_ROWS_MAX * taps ||
        (op->fn == CLO_FN_WINOGRAD && !winograd_ok(op, op->scratch - wide)))
        return false;
    bool whole = v->slice == 0;
    return (whole || (v->panels == 1 && !has_z && (taps == 1 || v->slice % v->c == 0))) &&
           pages_hold(plan, op, panels, v->panels, K, whole ? K : v->slice);
}

static bool check_dwconv(const clo_plan *plan, const clo_op *op) {
    const clo_dwconv *v = &op->u.dwconv;
    uint64_t taps = clo_mul(v->kh, v->kw), c = v->c;
    uint64_t wide = op->int8 ? clo_mul(v->panels, (taps + 1) * 4 * CLO_PANEL) : 0;
    const map x = {op->x, clo_mul(v->h, v->w), v->x_ld, c};
    const map y = {op->y, clo_mul(v->oh, v->ow), v->y_ld, c};
    return taps <= CLO_TAPS_MAX && op->scratch >= wide && window(v->oh, v->sh, v->kh, v->dh) &&
           window(v->ow, v->sw, v->kw, v->dw) && maps_ok(y, x, false) &&
           pages_hold(plan, op, pieces(c, CLO_PANEL), v->panels, taps, taps);
}

static bool check_matmul(const clo_plan *plan, const clo_op *op) {
    const clo_matmul *v = &op->u.matmul;
    uint64_t x = along(along(along(v->k, v->b0, v->x_b0), v->b1, v->x_b1), v->m, v->x_m);
    uint64_t z =
        along(along(along(along(1, v->b0, v->z_b0), v->b1, v->z_b1), v->k, v->z_k), v->n, v->z_n);
    uint64_t y = along(along(along(v->n, v->b0, v->y_b0), v->b1, v->y_b1), v->m, v->y_m);
    const uint32_t d[3] = {v->b0, v->b1, v->m}, y_strides[3] = {v->y_b0, v->y_b1, v->y_m};
    return spread(d, y_strides, 3) && x <= op->x.n && z <= op->z.n && y <= op->y.n &&
           spans_apart(op->y, op->x) && spans_apart(op->y, op->z) &&
           op->scratch >= clo_round(clo_mul(v->k, 4 * CLO_PANEL));
}

/* One axis of a pool: every window begins inside the input or its leading padding, and reaches the
 * input. */
static bool pool_axis(uint64_t size, uint64_t k, uint64_t stride, uint64_t dilation, uint64_t out,
                      uint64_t before, uint64_t after) {
    return window(out, stride, k, dilation) && before <= (k - 1) * dilation &&
           (out - 1) * stride < size + before && size + after <= LIMIT;
}

static bool check_pool(const clo_plan *plan, const clo_op *op) {
    const clo_pool *v = &op->u.pool;
    const map x = {op->x, clo_mul(v->h, v->w), v->x_ld, v->c};
    const map y = {op->y, clo_mul(v->oh, v->ow), v->y_ld, v->c};
    return clo_mul(v->kh, v->kw) <= CLO_TAPS_MAX &&
           pool_axis(v->h, v->kh, v->sh, v->dh, v->oh, v->pt, v->pb) &&
           pool_axis(v->w, v->kw, v->sw, v->dw, v->ow, v->pl, v->pr) &&
           v->count_pad <= (op->fn == CLO_FN_POOL_AVERAGE) && maps_ok(y, x, false);
}

/* How many of p0 and p1 a function of UNARY has. */
static const uint8_t params[CLO_UNARY_FNS] = {
    [CLO_FN_LEAKY_RELU] = 1, [CLO_FN_CLIP] = 2,     [CLO_FN_ELU] = 1,   [CLO_FN_HARD_SIGMOID] = 2,
    [CLO_FN_AFFINE] = 2,     [CLO_FN_QUANTISE] = 2, [CLO_FN_CODES] = 2, [CLO_FN_NUMBERS] = 2,
};

static bool check_unary(const clo_plan *plan, const clo_op *op) {
    const clo_unary *v = &op->u.unary;
    const uint32_t p[2] = {bits_of(v->p0), bits_of(v->p1)};
    for (uint32_t i = 0; i < 2; i++) {
        bool legal = op->fn == CLO_FN_CLIP ? !is_nan(p[i]) : is_finite(p[i]);
        if (i < params[op->fn] ? !legal : p[i] != 0)
            return false;
    }
    bool to = op->fn == CLO_FN_CODES, from = op->fn == CLO_FN_NUMBERS;
    if ((to || from) && (v->cols % 4 != 0 || v->p0 == 0 || !coding_ok(v->p0, v->p1)))
        return false;
    return maps_ok((map){op->y, v->rows, v->y_ld, to ? v->cols / 4 : v->cols},
                   (map){op->x, v->rows, v->x_ld, from ? v->cols / 4 : v->cols}, !to && !from);
}

/* y and x, or y and z, of a BINARY: the same floats in the same order, or apart. */
static bool binary_apart(const clo_binary *v, clo_span y, clo_span x, const uint32_t *xs) {
    piece a = {y.at, v->d[4], v->d[4]}, b = {x.at, along(1, v->d[4], xs[4]), 0};
    uint64_t ld = v->ys[3];
    bool same = y.at == x.at && (v->d[4] == 1 || xs[4] == 1);
    b.cols = b.reach;
    for (uint32_t i = 0; i < 4; i++) {
        a.reach = along(a.reach, v->d[i], v->ys[i]);
        b.reach = along(b.reach, v->d[i], xs[i]);
        if (v->d[i] > 1) {
            same = same && xs[i] == v->ys[i];
            ld = ld != 0 && v->ys[i] % ld == 0 && xs[i] % ld == 0 ? ld : 0;
        }
    }
    return b.reach <= x.n && a.reach <= y.n && (same || apart(a, b, ld));
}

static bool check_binary(const clo_plan *plan, const clo_op *op) {
    const clo_binary *v = &op->u.binary;
    return v->ys[4] == 1 && v->xs[4] <= 1 && v->zs[4] <= 1 && spread(v->d, v->ys, 4) &&
           binary_apart(v, op->y, op->x, v->xs) && binary_apart(v, op->y, op->z, v->zs);
}

static bool check_softmax(const clo_plan *plan, const clo_op *op) {
    const clo_softmax *v = &op->u.softmax;
    uint64_t n = clo_mul(clo_mul(v->outer, v->n), v->inner);
    return maps_ok((map){op->y, 1, n, n}, (map){op->x, 1, n, n}, true);
}

static bool check_reduce(const clo_plan *plan, const clo_op *op) {
    const clo_reduce *v = &op->u.reduce;
    uint64_t x = along(along(v->inner, v->outer, v->x_o), v->n, v->x_n);
    return x <= op->x.n && clo_mul(v->outer, v->inner) <= op->y.n && spans_apart(op->y, op->x);
}

static bool check_norm(const clo_plan *plan, const clo_op *op) {
    const clo_norm *v = &op->u.norm;
    return v->eps >= 0 && 2 * (uint64_t)v->cols <= op->z.n && spans_apart(op->y, op->z) &&
           maps_ok((map){op->y, v->rows, v->y_ld, v->cols}, (map){op->x, v->rows, v->x_ld, v->cols},
                   true);
}

static bool check_copy(const clo_plan *plan, const clo_op *op) {
    const clo_copy *v = &op->u.copy;
    uint64_t y = 1, above = v->x_first, below = 0; /* x is touched in [x_first - below, above] */
    for (uint32_t i = 0; i < 6; i++) {
        int64_t stride = v->xs[i];
        y = along(y, v->d[i], v->ys[i]);
        if (stride < 0)
            below = along(below, v->d[i], (uint64_t)-stride);
        else
            above = along(above, v->d[i], (uint64_t)stride);
    }
    return spread(v->d, v->ys, 6) && below <= v->x_first && above < op->x.n && y <= op->y.n &&
           spans_apart(op->y, op->x);
}

/* The operator table. check: beyond what the row says; words: 32-bit parameters used; positive:
 * those >= 1; floats: those that are finite floats; negative: those that may be below 0. An operand
 * is absent, present, or at the plan's choice. */
#define ROW(kind) check_##kind, sizeof(clo_##kind) / 4
enum { NO, YES, MAYBE };
static const struct kind_row {
    check *check;
    uint32_t words, positive, floats, negative;
    uint8_t fns, x, z, clip, pages, scratch;
} KINDS[CLO_KINDS] = {
    [CLO_CONST] = {check_const, 0, 0, 0, 0, 1, NO, NO, NO, YES, NO},
    [CLO_CONV] = {ROW(conv), BITS(0, 10) | BITS(13, 16) | BITS(18, 18), BITS(21, 26), 0,
                  CLO_CONV_FNS, YES, MAYBE, YES, YES, YES},
    [CLO_DWCONV] = {ROW(dwconv), BITS(0, 8) | BITS(11, 15), 0, 0, 1, YES, NO, YES, YES, YES},
    [CLO_MATMUL] = {ROW(matmul), BITS(0, 4), BITS(15, 15), 0, 1, YES, YES, YES, NO, YES},
    [CLO_POOL] = {ROW(pool), BITS(0, 8) | BITS(13, 16), 0, 0, CLO_POOL_FNS, YES, NO, NO, NO, NO},
    [CLO_UNARY] = {ROW(unary), BITS(0, 3), BITS(4, 5), 0, CLO_UNARY_FNS, YES, NO, NO, NO, NO},
    [CLO_BINARY] = {ROW(binary), BITS(0, 4), 0, 0, CLO_BINARY_FNS, YES, YES, YES, NO, NO},
    [CLO_SOFTMAX] = {ROW(softmax), BITS(0, 2), 0, 0, CLO_SOFTMAX_FNS, YES, NO, NO, NO, NO},
    [CLO_REDUCE] = {ROW(reduce), BITS(0, 2), 0, 0, CLO_REDUCE_FNS, YES, NO, NO, NO, NO},
    [CLO_NORM] = {ROW(norm), BITS(0, 3), BITS(4, 4), 0, 1, YES, YES, NO, NO, NO},
    [CLO_COPY] = {ROW(copy), BITS(0, 5), 0, BITS(6, 11), 1, YES, NO, NO, NO, NO},
    [CLO_FILL] = {NULL, 1, 0, BITS(0, 0), 0, 1, NO, NO, NO, NO, NO},
};
_Static_assert(sizeof(clo_header) == 128 && sizeof(clo_op) == 192, "header, operator");
_Static_assert(sizeof(clo_io) == 64 && sizeof(clo_page) == 64, "io, page");

/* The parameters as words: dimensions positive, all below 2^31, floats finite, what is unused zero.
 */
static bool words_ok(const struct kind_row *row, const clo_op *op) {
    const uint32_t *words = op->u.words;
    for (uint32_t i = 0; i < 32; i++) {
        uint32_t word = words[i], bit = 1u << i;
        bool legal = word <= LIMIT;
        if (i >= row->words)
            legal = word == 0;
        else if (row->floats & bit) /* UNARY: by function, in check_unary */
            legal = op->kind == CLO_UNARY || is_finite(word);
        else if (row->negative & bit)
            legal = true;
        else if (row->positive & bit)
            legal = legal && word != 0;
        if (!legal)
            return false;
    }
    return true;
}

/* What only operators with weights and a clip have: bytes for weights, and a fused function, one
 * without parameters. */
static bool weights_ok(const struct kind_row *row, const clo_op *op) {
    uint32_t has = row->clip == YES && row->pages == YES;
    return op->int8 <= has + (op->kind == CLO_CONV) &&
           (op->act == 0 || (has && op->act <= CLO_UNARY_FNS && params[op->act - 1] == 0));
}

static bool clip_ok(const struct kind_row *row, const clo_op *op) {
    uint32_t lo = bits_of(op->lo), hi = bits_of(op->hi);
    if (row->clip == NO)
        return lo == LO_NONE && hi == HI_NONE;
    return !is_nan(lo) && !is_nan(hi) && op->lo <= op->hi;
}

static bool span_ok(const clo_plan *plan, clo_span span, uint32_t presence) {
    if (presence == NO || (presence == MAYBE && span.n == 0))
        return span.at == 0 && span.n == 0;
    return span.n > 0 && (uint64_t)span.at + span.n <= plan->header->arena_bytes / 4;
}

/* Scratch inside what the header sets aside, and not in the way of the operands. */
static bool scratch_ok(const clo_plan *plan, const struct kind_row *row, const clo_op *op) {
    clo_span scratch = {plan->header->scratch_at, (uint32_t)pieces(op->scratch, 4)};
    return op->scratch <= plan->header->scratch_bytes &&
           (row->scratch == YES || op->scratch == 0) && spans_apart(scratch, op->x) &&
           spans_apart(scratch, op->y) && spans_apart(scratch, op->z);
}

static bool op_ok(const clo_plan *plan, const clo_op *op) {
    if (op->kind >= CLO_KINDS)
        return false;
    const struct kind_row *row = &KINDS[op->kind];
    if (op->fn >= row->fns || op->reserved != 0 || !words_ok(row, op) || !clip_ok(row, op) ||
        !weights_ok(row, op))
        return false;
    if (!span_ok(plan, op->x, row->x) || !span_ok(plan, op->y, YES) ||
        !span_ok(plan, op->z, row->z) || !scratch_ok(plan, row, op))
        return false;
    if (row->pages == NO && (op->first_page != 0 || op->n_pages != 0))
        return false;
    return (uint64_t)op->first_page + op->n_pages <= plan->header->n_pages &&
           (!row->check || row->check(plan, op));
}

/* Operators in order; pages are numbered by first use, which proves that each is used. */
static bool ops_ok(const clo_plan *plan) {
    uint64_t used = 0;
    for (uint32_t i = 0; i < plan->header->n_ops; i++) {
        const clo_op *op = &plan->ops[i];
        if (!op_ok(plan, op) || op->first_page > used)
            return false;
        if (used < (uint64_t)op->first_page + op->n_pages)
            used = (uint64_t)op->first_page + op->n_pages;
    }
    return used == plan->header->n_pages;
}

static bool pages_ok(const clo_plan *plan) {
    const clo_header *h = plan->header;
    uint64_t offset = h->header_bytes, resident = 0, slot = 0;
    for (uint32_t i = 0; i < h->n_pages; i++) {
        const clo_page *page = &plan->pages[i];
        if (page->offset != offset || page->plain == 0 || page->plain > CLO_PAGE_MAX ||
            page->plain % 4 != 0 || page->stored != page->plain + h->sealed * CLO_TAG ||
            page->resident > 1 || !clo_is_zero(page->reserved, sizeof page->reserved))
            return false;
        offset += clo_round(page->stored);
        if (page->resident)
            resident += clo_round(page->plain);
        else if (slot < clo_round(page->stored))
            slot = clo_round(page->stored);
    }
    return resident == h->resident_bytes && slot == h->page_slot;
}

static bool io_ok(const clo_plan *plan, const clo_io *io) {
    uint64_t n = 1;
    if (io->dtype != CLO_F32 || io->rank > 8 || !clo_is_zero(io->reserved, sizeof io->reserved))
        return false;
    for (uint32_t i = 0; i < 8; i++) {
        if (i < io->rank ? io->dims[i] == 0 || io->dims[i] > LIMIT : io->dims[i] != 0)
            return false;
        n = i < io->rank ? clo_mul(n, io->dims[i]) : n;
    }
    return n == io->n && clo_add(n, io->at) <= plan->header->arena_bytes / 4;
}

/* Tensors of one message; `at` is where the message stands in the arena (floats), or not in it.
 * Sets its length. */
static bool message_ok(const clo_plan *plan, const clo_io *io, uint32_t n, const uint32_t *at,
                       size_t *bytes) {
    uint64_t total = clo_message_data(n);
    for (uint32_t i = 0; i < n; i++) {
        if (!io_ok(plan, &io[i]) || (at != NULL && io[i].at != *at + total / 4))
            return false;
        total += clo_round(4 * (uint64_t)io[i].n);
    }
    *bytes = (size_t)total;
    return total <= LIMIT && (at == NULL || 4 * (uint64_t)*at + total <= plan->header->arena_bytes);
}

static bool arena_ok(const clo_header *h) {
    return h->arena_bytes % 4 == 0 && h->arena_bytes / 4 <= LIMIT && h->request_at % 16 == 0 &&
           h->response_at % 16 == 0 && h->scratch_at % 16 == 0 &&
           4 * (uint64_t)h->scratch_at + h->scratch_bytes <= h->arena_bytes;
}

static bool counts_ok(const clo_header *h) {
    bool split = h->mode == CLO_MODE_SPLIT;
    uint64_t io = (uint64_t)h->n_inputs + h->n_crossing + h->n_outputs;
    return h->mode <= CLO_MODE_WHOLE && h->n_ops >= 1 && h->n_inputs >= 1 && h->n_outputs >= 1 &&
           h->n_inputs <= CLO_IO_MAX && h->n_outputs <= CLO_IO_MAX && h->n_crossing <= CLO_IO_MAX &&
           (h->n_crossing >= 1) == split &&
           h->header_bytes == sizeof *h + h->n_ops * (uint64_t)sizeof(clo_op) +
                                  io * sizeof(clo_io) + h->n_pages * (uint64_t)sizeof(clo_page);
}

static bool header_ok(const clo_header *h, size_t bytes) {
    return memcmp(h->magic, "CLOISTER", 8) == 0 && h->version == CLO_CONTAINER_VERSION &&
           h->header_bytes == bytes && h->sealed <= 1 && h->sealed <= h->n_pages &&
           (h->sealed == 0) == clo_is_zero(h->key_id, sizeof h->key_id) &&
           (h->sealed == 1 || clo_is_zero(h->key_digest, sizeof h->key_digest));
}

clo_err clo_plan_open(clo_plan *plan, const void *header, size_t bytes) {
    const clo_header *h = header;
    clo_plan p;
    if (bytes < sizeof *h || bytes > CLO_HEADER_MAX || !header_ok(h, bytes) || !counts_ok(h))
        return CLO_E_FORMAT;
    p.header = h;
    p.ops = (const clo_op *)(h + 1);
    p.inputs = (const clo_io *)(p.ops + h->n_ops);
    p.crossing = p.inputs + h->n_inputs;
    p.outputs = p.crossing + h->n_crossing;
    p.pages = (const clo_page *)(p.outputs + h->n_outputs);
    if (!arena_ok(h) || !message_ok(&p, p.inputs, h->n_inputs, &h->request_at, &p.request_bytes) ||
        !message_ok(&p, p.crossing, h->n_crossing, NULL, &p.crossing_bytes) ||
        !message_ok(&p, p.outputs, h->n_outputs, &h->response_at, &p.response_bytes))
        return CLO_E_BOUNDS;
    if (!pages_ok(&p) || !ops_ok(&p))
        return CLO_E_BOUNDS;
    if (h->mode == CLO_MODE_WHOLE)
        p.crossing_bytes = 0;
    *plan = p;
    return CLO_OK;
}

size_t clo_plan_memory(const clo_plan *plan, uint32_t replay) {
    const clo_header *h = plan->header;
    uint64_t n = h->header_bytes + clo_round(16 * (uint64_t)replay) + h->resident_bytes +
                 h->page_slot + clo_round(h->arena_bytes) + CLO_ALIGN;
    return n > SIZE_MAX ? SIZE_MAX : (size_t)n;
}
