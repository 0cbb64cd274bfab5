/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels.c: pooling, element-wise operators, reductions and copies, of one vector width; and the
 * width's table.
 *
 * Sums are taken in CLO_LANES partial sums over blocks, in an order that does not depend on the
 * vector width. Nothing here depends on the data: neither a branch nor an address.
 */
#include "kernels.h"
#include "maths.h"

#define BLOCK                                                                                      \
    512u /* numbers in one block of a sum: what is summed before it is added to the total */

/* ------------------------------------------------------------------------------------------------------
 * pooling */

/* The part of a window that lies inside [low, high). */
typedef struct range {
    int64_t from, to; /* positions of the kernel */
} range;

static range range_inside(int64_t start, int64_t step, int64_t taps, int64_t low, int64_t high) {
    range r = {0, taps};
    while (r.from < taps && start + r.from * step < low)
        r.from++;
    while (r.to > r.from && start + (r.to - 1) * step >= high)
        r.to--;
    return r;
}

/* m channels of one output pixel; V vectors, the last of which may be shorter. */
CLO_INLINE void pool_run(const clo_op *op, const float *x, float *y, size_t m, int64_t iy,
                         int64_t ix, range ky, range kx, float count, const int V, const int max) {
    const clo_pool *u = &op->u.pool;
    vf a[4];
    CLO_UNROLL
    for (int v = 0; v < V; v++)
        a[v] = splat(max ? -CLO_INF : 0.0f);
    for (int64_t i = ky.from; i < ky.to; i++)
        for (int64_t j = kx.from; j < kx.to; j++) {
            const float *in = x + ((iy + i * u->dh) * u->w + ix + j * u->dw) * u->x_ld;
            CLO_UNROLL
            for (int v = 0; v < V; v++) {
                vf b = V == 1 ? load_n(in, m, 0.0f) : load(in + v * CLO_VL);
                if (max)
                    a[v] = max_nan(a[v], b);
                else
                    a[v] = a[v] + b;
            }
        }
    CLO_UNROLL
    for (int v = 0; v < V; v++) {
        vf o = a[v] / (max ? 1.0f : count);
        if (V == 1)
            store_n(y, o, m);
        else
            store(y + v * CLO_VL, o);
    }
}

CLO_INLINE void pool_all(const clo_op *op, const float *x, float *y, const int max) {
    const clo_pool *u = &op->u.pool;
    for (size_t oy = 0; oy < u->oh; oy++) {
        const int64_t iy = (int64_t)(oy * u->sh) - u->pt;
        const range ky = range_inside(iy, u->dh, u->kh, 0, u->h);
        const range wide_y = range_inside(iy, u->dh, u->kh, -(int64_t)u->pt, (int64_t)u->h + u->pb);
        for (size_t ox = 0; ox < u->ow; ox++) {
            const int64_t ix = (int64_t)(ox * u->sw) - u->pl;
            const range kx = range_inside(ix, u->dw, u->kw, 0, u->w);
            const range wide_x =
                range_inside(ix, u->dw, u->kw, -(int64_t)u->pl, (int64_t)u->w + u->pr);
            const int64_t n = u->count_pad ? (wide_y.to - wide_y.from) * (wide_x.to - wide_x.from)
                                           : (ky.to - ky.from) * (kx.to - kx.from);
            float *to = y + (oy * u->ow + ox) * u->y_ld;
            size_t c = 0;
            for (; c + 4 * CLO_VL <= u->c; c += 4 * CLO_VL)
                pool_run(op, x + c, to + c, 4 * CLO_VL, iy, ix, ky, kx, (float)n, 4, max);
            for (; c < u->c; c += CLO_VL)
                pool_run(op, x + c, to + c, u->c - c, iy, ix, ky, kx, (float)n, 1, max);
        }
    }
}

void CLO_WIDE(pool)(const clo_op *op, float *arena, float *scratch, const float *page,
                    uint32_t index) {
    const float *x = arena + op->x.at;
    float *y = arena + op->y.at;
    if (op->fn == CLO_FN_POOL_MAX)
        pool_all(op, x, y, 1);
    else
        pool_all(op, x, y, 0);
}

/* -------------------------------------------------------------------------------------------------
 * element-wise */

CLO_INLINE vf unary_of(const uint32_t fn, vf x, vf p0, vf p1) {
    const vf zero = splat(0.0f);
    const vf one = splat(1.0f);
    switch (fn) {
    case CLO_FN_RELU:
        return at_least(x, zero);
    case CLO_FN_LEAKY_RELU:
        return select(x < zero, x * p0, x);
    case CLO_FN_CLIP:
        return at_most(at_least(x, p0), p1);
    case CLO_FN_ELU:
        return select(x < zero, p0 * expm1_negative(at_most(x, zero)), x);
    case CLO_FN_SIGMOID:
        return sigmoid_of(x);
    case CLO_FN_TANH:
        return tanh_of(x);
    case CLO_FN_SILU:
        return gated(x, x);
    case CLO_FN_HARD_SIGMOID:
        return at_most(at_least(x * p0 + p1, zero), one);
    case CLO_FN_HARD_SWISH:
        return x * at_most(at_least(x * (1.0f / 6.0f) + 0.5f, zero), one);
    case CLO_FN_GELU:
        return gelu_of(x);
    case CLO_FN_GELU_TANH:
        return gelu_tanh_of(x);
    case CLO_FN_ERF:
        return erf_of(x);
    case CLO_FN_EXP:
        return exp_of(x);
    case CLO_FN_LOG:
        return log_of(x);
    case CLO_FN_SQRT:
        return root(x);
    case CLO_FN_RECIPROCAL:
        return one / x;
    case CLO_FN_ABS:
        return magnitude(x);
    case CLO_FN_NEG:
        return -x;
    case CLO_FN_SOFTPLUS:
        return softplus_of(x);
    default: /* CLO_FN_AFFINE */
        return x * p0 + p1;
    }
}

CLO_INLINE void unary_row(const uint32_t fn, const float *x, float *y, size_t n, vf p0, vf p1) {
    size_t i = 0;
    for (; i + CLO_VL <= n; i += CLO_VL)
        store(y + i, unary_of(fn, load(x + i), p0, p1));
    if (i < n)
        store_part(y + i, unary_of(fn, load_part(x + i, n - i, 1.0f), p0, p1), n - i);
}

#define UNARY_CASE(f)                                                                              \
    case f:                                                                                        \
        unary_row(f, x, y, cols, p0, p1);                                                          \
        break;

void CLO_WIDE(unary)(const clo_op *op, float *arena, float *scratch, const float *page,
                     uint32_t index) {
    const clo_unary *u = &op->u.unary;
    const int one_row = u->x_ld == u->cols && u->y_ld == u->cols;
    const size_t rows = one_row ? 1 : u->rows;
    const size_t cols = one_row ? (size_t)u->rows * u->cols : u->cols;
    const vf p0 = splat(u->p0);
    const vf p1 = splat(u->p1);
    for (size_t r = 0; r < rows; r++) {
        const float *x = arena + op->x.at + r * u->x_ld;
        float *y = arena + op->y.at + r * u->y_ld;
        switch (op->fn) {
            UNARY_CASE(CLO_FN_RELU)
            UNARY_CASE(CLO_FN_LEAKY_RELU)
            UNARY_CASE(CLO_FN_CLIP)
            UNARY_CASE(CLO_FN_ELU)
            UNARY_CASE(CLO_FN_SIGMOID)
            UNARY_CASE(CLO_FN_TANH)
            UNARY_CASE(CLO_FN_SILU)
            UNARY_CASE(CLO_FN_HARD_SIGMOID)
            UNARY_CASE(CLO_FN_HARD_SWISH)
            UNARY_CASE(CLO_FN_GELU)
            UNARY_CASE(CLO_FN_GELU_TANH)
            UNARY_CASE(CLO_FN_ERF)
            UNARY_CASE(CLO_FN_EXP)
            UNARY_CASE(CLO_FN_LOG)
            UNARY_CASE(CLO_FN_SQRT)
            UNARY_CASE(CLO_FN_RECIPROCAL)
            UNARY_CASE(CLO_FN_ABS)
            UNARY_CASE(CLO_FN_NEG)
            UNARY_CASE(CLO_FN_SOFTPLUS)
            UNARY_CASE(CLO_FN_AFFINE)
        }
    }
}

CLO_INLINE vf binary_of(const uint32_t fn, vf x, vf z) {
    switch (fn) {
    case CLO_FN_ADD:
        return x + z;
    case CLO_FN_SUB:
        return x - z;
    case CLO_FN_MUL:
        return x * z;
    case CLO_FN_DIV:
        return x / z;
    case CLO_FN_MIN:
        return min_nan(x, z);
    case CLO_FN_MAX:
        return max_nan(x, z);
    default: /* CLO_FN_PRELU */
        return select(x > 0.0f, x, z * x);
    }
}

/* A box of up to CLO_DIMS dimensions, walked by three operands. */
#define CLO_DIMS 6
typedef struct box {
    int rank;
    int64_t d[CLO_DIMS], x[CLO_DIMS], z[CLO_DIMS],
        y[CLO_DIMS]; /* sizes and strides, outermost first */
} box;

/* Appends a dimension further in; joins it with the one before where all strides allow. */
static void box_push(box *b, int64_t d, int64_t x, int64_t z, int64_t y) {
    const int i = b->rank - 1;
    if (d == 1)
        return;
    if (b->rank > 0 && b->x[i] == x * d && b->z[i] == z * d && b->y[i] == y * d) {
        b->d[i] *= d;
    } else {
        b->d[++b->rank - 1] = d;
    }
    b->x[b->rank - 1] = x;
    b->z[b->rank - 1] = z;
    b->y[b->rank - 1] = y;
}

/* Fills the box with size 1 from the outside until it has CLO_DIMS dimensions. */
static void box_fill(box *b) {
    const int missing = CLO_DIMS - b->rank;
    for (int i = CLO_DIMS - 1; i >= 0; i--) {
        const int from = i - missing;
        b->d[i] = from < 0 ? 1 : b->d[from];
        b->x[i] = from < 0 ? 0 : b->x[from];
        b->z[i] = from < 0 ? 0 : b->z[from];
        b->y[i] = from < 0 ? 0 : b->y[from];
    }
}

/* Steps `at` through the first `dims` dimensions, innermost first, and the offsets with it; 0 at
 * the end. */
static int box_next(const box *b, int dims, int64_t at[CLO_DIMS], int64_t *x, int64_t *z,
                    int64_t *y) {
    for (int i = dims - 1; i >= 0; i--) {
        *x += b->x[i];
        *z += b->z[i];
        *y += b->y[i];
        if (++at[i] < b->d[i])
            return 1;
        *x -= b->x[i] * b->d[i];
        *z -= b->z[i] * b->d[i];
        *y -= b->y[i] * b->d[i];
        at[i] = 0;
    }
    return 0;
}

/* One row; xs, zs: 1, or 0 for a number that all share. */
CLO_INLINE void binary_row(const uint32_t fn, const float *x, const float *z, float *y, size_t n,
                           const int xs, const int zs, vf lo, vf hi) {
    size_t i = 0;
    for (; i + CLO_VL <= n; i += CLO_VL) {
        vf o = binary_of(fn, xs ? load(x + i) : splat(*x), zs ? load(z + i) : splat(*z));
        store(y + i, at_most(at_least(o, lo), hi));
    }
    if (i < n) {
        vf a = xs ? load_part(x + i, n - i, 1.0f) : splat(*x);
        vf b = zs ? load_part(z + i, n - i, 1.0f) : splat(*z);
        store_part(y + i, at_most(at_least(binary_of(fn, a, b), lo), hi), n - i);
    }
}

CLO_INLINE void binary_all(const uint32_t fn, const box *b, const float *x, const float *z,
                           float *y, float low, float high) {
    const int last = CLO_DIMS - 1;
    const size_t n = (size_t)b->d[last];
    const vf lo = splat(low);
    const vf hi = splat(high);
    int64_t at[CLO_DIMS] = {0};
    int64_t i = 0;
    int64_t j = 0;
    int64_t k = 0;
    do {
        if (b->x[last] && b->z[last])
            binary_row(fn, x + i, z + j, y + k, n, 1, 1, lo, hi);
        else if (b->x[last])
            binary_row(fn, x + i, z + j, y + k, n, 1, 0, lo, hi);
        else
            binary_row(fn, x + i, z + j, y + k, n, 0, b->z[last] != 0, lo, hi);
    } while (box_next(b, last, at, &i, &j, &k));
}

#define BINARY_CASE(f)                                                                             \
    case f:                                                                                        \
        binary_all(f, &b, x, z, y, op->lo, op->hi);                                                \
        break;

void CLO_WIDE(binary)(const clo_op *op, float *arena, float *scratch, const float *page,
                      uint32_t index) {
    const clo_binary *u = &op->u.binary;
    const float *x = arena + op->x.at;
    const float *z = arena + op->z.at;
    float *y = arena + op->y.at;
    box b = {.rank = 0};
    for (int i = 0; i < 5; i++)
        box_push(&b, u->d[i], u->xs[i], u->zs[i], u->ys[i]);
    box_fill(&b);
    switch (op->fn) {
        BINARY_CASE(CLO_FN_ADD)
        BINARY_CASE(CLO_FN_SUB)
        BINARY_CASE(CLO_FN_MUL)
        BINARY_CASE(CLO_FN_DIV)
        BINARY_CASE(CLO_FN_MIN)
        BINARY_CASE(CLO_FN_MAX)
        BINARY_CASE(CLO_FN_PRELU)
    }
}

/* ---------------------------------------------------------------------------------------------------
 * reductions */

/* CLO_LANES numbers, as vectors of whatever width. */
typedef struct lanes {
    vf v[CLO_PARTS];
} lanes;

enum { FOLD_SUM, FOLD_SQUARES, FOLD_MAX, FOLD_MIN };

CLO_INLINE vf fold_of(const int how, vf a, vf x, vf mean) {
    if (how == FOLD_SUM)
        return a + x;
    if (how == FOLD_MAX)
        return max_nan(a, x);
    if (how == FOLD_MIN)
        return min_nan(a, x);
    vf d = x - mean;
    return d * d + a;
}

/* Folds n <= BLOCK numbers x[i * step] in CLO_LANES lanes, then the lanes in a tree. */
CLO_INLINE float fold_block(const int how, const float *x, size_t n, size_t step, float mean,
                            float neutral) {
    float lane[CLO_LANES];
    lanes a;
    CLO_UNROLL
    for (size_t p = 0; p < CLO_PARTS; p++)
        a.v[p] = splat(neutral);
    for (size_t i = 0; i < n; i += CLO_LANES) {
        const float *in = x + i * step;
        if (step != 1 || n - i < CLO_LANES) {
            for (size_t l = 0; l < CLO_LANES; l++)
                lane[l] = l < n - i ? in[l * step] : (how == FOLD_SQUARES ? mean : neutral);
            in = lane;
        }
        CLO_UNROLL
        for (size_t p = 0; p < CLO_PARTS; p++)
            a.v[p] = fold_of(how, a.v[p], load(in + p * CLO_VL), splat(mean));
    }
    CLO_UNROLL
    for (size_t p = 0; p < CLO_PARTS; p++)
        store(lane + p * CLO_VL, a.v[p]);
    for (size_t s = CLO_LANES / 2; s > 0; s /= 2)
        for (size_t l = 0; l < s; l++)
            lane[l] = fold_of(how == FOLD_SQUARES ? FOLD_SUM : how, splat(lane[l]),
                              splat(lane[l + s]), splat(0.0f))[0];
    return lane[0];
}

CLO_INLINE float fold(const int how, const float *x, size_t n, size_t step, float mean) {
    const float neutral = how == FOLD_MAX ? -CLO_INF : how == FOLD_MIN ? CLO_INF : 0.0f;
    float total = neutral;
    for (size_t i = 0; i < n; i += BLOCK) {
        const float part =
            fold_block(how, x + i * step, min_size(BLOCK, n - i), step, mean, neutral);
        total = fold_of(how == FOLD_SQUARES ? FOLD_SUM : how, splat(total), splat(part),
                        splat(0.0f))[0];
    }
    return total;
}

/* Folds n rows x[i * step ...] of m <= CLO_VL columns, in blocks. */
CLO_INLINE vf fold_rows(const int how, const float *x, size_t n, size_t step, size_t m) {
    const vf neutral = splat(how == FOLD_MAX ? -CLO_INF : how == FOLD_MIN ? CLO_INF : 0.0f);
    vf total = neutral;
    for (size_t i = 0; i < n;) {
        vf part = neutral;
        for (const size_t end = min_size(n, i + 32); i < end; i++)
            part = fold_of(how, part, load_n(x + i * step, m, 0.0f), neutral);
        total = fold_of(how, total, part, neutral);
    }
    return total;
}

CLO_INLINE void reduce_all(const int how, const clo_reduce *u, const float *x, float *y,
                           float divisor) {
    for (size_t o = 0; o < u->outer; o++, x += u->x_o) {
        if (u->inner == 1)
            *y++ = fold(how, x, u->n, u->x_n, 0.0f) / divisor;
        for (size_t j = 0; j < u->inner && u->inner > 1; j += CLO_VL) {
            const size_t m = min_size(CLO_VL, u->inner - j);
            store_n(y, fold_rows(how, x + j, u->n, u->x_n, m) / divisor, m);
            y += m;
        }
    }
}

void CLO_WIDE(reduce)(const clo_op *op, float *arena, float *scratch, const float *page,
                      uint32_t index) {
    const clo_reduce *u = &op->u.reduce;
    const float *x = arena + op->x.at;
    float *y = arena + op->y.at;
    if (op->fn == CLO_FN_REDUCE_MAX)
        reduce_all(FOLD_MAX, u, x, y, 1.0f);
    else if (op->fn == CLO_FN_REDUCE_MIN)
        reduce_all(FOLD_MIN, u, x, y, 1.0f);
    else
        reduce_all(FOLD_SUM, u, x, y, op->fn == CLO_FN_MEAN ? (float)u->n : 1.0f);
}

/* y = exp(x - max), or y = x - max and the sum of exp(y), of one row. */
CLO_INLINE void softmax_row(const float *x, float *y, size_t n, const int log) {
    const vf top = splat(fold(FOLD_MAX, x, n, 1, 0.0f));
    float block[BLOCK];
    float total = 0.0f;
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t end = min_size(BLOCK, n - i);
        for (size_t j = 0; j < end; j += CLO_VL) {
            vf d = load_n(x + i + j, end - j, 0.0f) - top;
            vf e = exp_of(d);
            store_n(block + j, e, end - j);
            store_n(y + i + j, log ? d : e, end - j);
        }
        total += fold(FOLD_SUM, block, end, 1, 0.0f);
    }
    const vf scale = splat(total);
    const vf shift = log_of(scale);
    for (size_t i = 0; i < n; i += CLO_VL) {
        vf e = load_n(y + i, n - i, 0.0f);
        store_n(y + i, log ? e - shift : e / scale, n - i);
    }
}

/* The same down n rows of m <= CLO_VL columns, `step` apart. */
CLO_INLINE void softmax_column(const float *x, float *y, size_t n, size_t step, size_t m,
                               const int log) {
    const vf top = fold_rows(FOLD_MAX, x, n, step, m);
    vf total = splat(0.0f);
    for (size_t i = 0; i < n; i++) {
        vf d = load_n(x + i * step, m, 0.0f) - top;
        vf e = exp_of(d);
        total = total + e;
        store_n(y + i * step, log ? d : e, m);
    }
    const vf shift = log_of(total);
    for (size_t i = 0; i < n; i++) {
        vf e = load_n(y + i * step, m, 0.0f);
        store_n(y + i * step, log ? e - shift : e / total, m);
    }
}

CLO_INLINE void softmax_all(const clo_softmax *u, const float *x, float *y, const int log) {
    const size_t size = (size_t)u->n * u->inner;
    for (size_t o = 0; o < u->outer; o++, x += size, y += size) {
        if (u->inner == 1)
            softmax_row(x, y, u->n, log);
        for (size_t j = 0; j < u->inner && u->inner > 1; j += CLO_VL)
            softmax_column(x + j, y + j, u->n, u->inner, min_size(CLO_VL, u->inner - j), log);
    }
}

void CLO_WIDE(softmax)(const clo_op *op, float *arena, float *scratch, const float *page,
                       uint32_t index) {
    const float *x = arena + op->x.at;
    float *y = arena + op->y.at;
    if (op->fn == CLO_FN_LOG_SOFTMAX)
        softmax_all(&op->u.softmax, x, y, 1);
    else
        softmax_all(&op->u.softmax, x, y, 0);
}

void CLO_WIDE(norm)(const clo_op *op, float *arena, float *scratch, const float *page,
                    uint32_t index) {
    const clo_norm *u = &op->u.norm;
    const float *gamma = arena + op->z.at;
    const float *beta = gamma + u->cols;
    for (size_t r = 0; r < u->rows; r++) {
        const float *x = arena + op->x.at + r * u->x_ld;
        float *y = arena + op->y.at + r * u->y_ld;
        const float mean = fold(FOLD_SUM, x, u->cols, 1, 0.0f) / (float)u->cols;
        const float variance = fold(FOLD_SQUARES, x, u->cols, 1, mean) / (float)u->cols;
        const float deviation = __builtin_sqrtf(variance + u->eps);
        for (size_t i = 0; i < u->cols; i += CLO_VL) {
            const size_t m = u->cols - i;
            vf d = (load_n(x + i, m, 0.0f) - mean) / deviation;
            store_n(y + i, d * load_n(gamma + i, m, 0.0f) + load_n(beta + i, m, 0.0f), m);
        }
    }
}

/* -------------------------------------------------------------------------------------------------------
 * copies */

#define SIDE 4 /* a block of a transpose is SIDE x SIDE */
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

/* y[j * ys + i] = x[i * xs + j] for i, j < SIDE. */
CLO_INLINE void transpose_block(const float *x, int64_t xs, float *y, int64_t ys) {
    const quad a = *(const quad *)x;
    const quad b = *(const quad *)(x + xs);
    const quad c = *(const quad *)(x + 2 * xs);
    const quad d = *(const quad *)(x + 3 * xs);
    const quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5);
    const quad ab2 = __builtin_shufflevector(a, b, 2, 6, 3, 7);
    const quad cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const quad cd2 = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(quad *)y = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(quad *)(y + ys) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(quad *)(y + 2 * ys) = __builtin_shufflevector(ab2, cd2, 0, 1, 4, 5);
    *(quad *)(y + 3 * ys) = __builtin_shufflevector(ab2, cd2, 2, 3, 6, 7);
}

/* y[j * ys + i] = x[i * xs + j] for i < n, j < m: strips of columns, so that the lines of x stay in
 * the cache. */
static void transpose(const float *x, int64_t xs, size_t n, float *y, int64_t ys, size_t m) {
    for (size_t j = 0; j < m; j += 16) {
        const size_t width = min_size(16, m - j);
        for (size_t i = 0; i < n; i += SIDE)
            for (size_t k = j; k < j + width; k += SIDE) {
                const float *from = x + (int64_t)i * xs + (int64_t)k;
                float *to = y + (int64_t)k * ys + (int64_t)i;
                if (i + SIDE <= n && k + SIDE <= m) {
                    transpose_block(from, xs, to, ys);
                    continue;
                }
                for (size_t b = 0; b < SIDE && k + b < m; b++)
                    for (size_t a = 0; a < SIDE && i + a < n; a++)
                        to[(int64_t)b * ys + (int64_t)a] = from[(int64_t)a * xs + (int64_t)b];
            }
    }
}

/* Exchanges two dimensions of a box of two operands. */
static void box_swap(box *b, int i, int j) {
    const int64_t d = b->d[i];
    const int64_t x = b->x[i];
    const int64_t y = b->y[i];
    b->d[i] = b->d[j];
    b->x[i] = b->x[j];
    b->y[i] = b->y[j];
    b->d[j] = d;
    b->x[j] = x;
    b->y[j] = y;
}

void CLO_WIDE(copy)(const clo_op *op, float *arena, float *scratch, const float *page,
                    uint32_t index) {
    const clo_copy *u = &op->u.copy;
    const float *x = arena + op->x.at + u->x_first;
    float *y = arena + op->y.at;
    const int last = CLO_DIMS - 1;
    box raw = {.rank = CLO_DIMS};
    box b = {.rank = 0};
    int64_t at[CLO_DIMS] = {0};
    int64_t i = 0;
    int64_t j = 0;
    int64_t k = 0;
    for (int a = 0; a < CLO_DIMS; a++) {
        raw.d[a] = u->d[a];
        raw.x[a] = u->xs[a];
        raw.y[a] = u->d[a] == 1 ? INT64_MAX : u->ys[a];
        raw.z[a] = 0;
        for (int c = a; c > 0 && raw.y[c] > raw.y[c - 1]; c--) /* y in ascending addresses */
            box_swap(&raw, c, c - 1);
    }
    for (int a = 0; a < CLO_DIMS; a++)
        box_push(&b, raw.d[a], raw.x[a], 0, raw.y[a]);
    box_fill(&b);
    for (int a = 0; a < last - 1 && b.x[last] != 1 && b.x[last - 1] != 1; a++)
        if (b.x[a] == 1)
            box_swap(&b, a, last - 1);
    const int flat = b.y[last] == 1 && b.x[last - 1] == 1 && b.x[last] != 1;
    do {
        if (flat)
            transpose(x + i, b.x[last], (size_t)b.d[last], y + k, b.y[last - 1],
                      (size_t)b.d[last - 1]);
        else if (b.x[last] == 1 && b.y[last] == 1)
            memcpy(y + k, x + i, (size_t)b.d[last] * sizeof *y);
        else
            for (int64_t e = 0; e < b.d[last]; e++)
                y[k + e * b.y[last]] = x[i + e * b.x[last]];
    } while (box_next(&b, flat ? last - 1 : last, at, &i, &j, &k));
}

static void fill(const clo_op *op, float *arena, float *scratch, const float *page,
                 uint32_t index) {
    for (size_t i = 0; i < op->y.n; i++)
        arena[op->y.at + i] = op->u.fill.value;
}

static void constant(const clo_op *op, float *arena, float *scratch, const float *page,
                     uint32_t index) {
    const size_t per_page = CLO_PAGE_MAX / sizeof *arena;
    const size_t first = index * per_page;
    memcpy(arena + op->y.at + first, page, min_size(per_page, op->y.n - first) * sizeof *arena);
}

const clo_kernels CLO_PASTE(clo_kernels_, CLO_NAME) = {
    .name = CLO_QUOTE(CLO_NAME),
    .width = CLO_VL,
    .run =
        {
            [CLO_CONST] = constant,
            [CLO_CONV] = CLO_WIDE(conv),
            [CLO_DWCONV] = CLO_WIDE(dwconv),
            [CLO_MATMUL] = CLO_WIDE(matmul),
            [CLO_POOL] = CLO_WIDE(pool),
            [CLO_UNARY] = CLO_WIDE(unary),
            [CLO_BINARY] = CLO_WIDE(binary),
            [CLO_SOFTMAX] = CLO_WIDE(softmax),
            [CLO_REDUCE] = CLO_WIDE(reduce),
            [CLO_NORM] = CLO_WIDE(norm),
            [CLO_COPY] = CLO_WIDE(copy),
            [CLO_FILL] = fill,
        },
};
