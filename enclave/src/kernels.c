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

/* ---- pooling */

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
                const vf b = load_n(in + v * CLO_VL, m - (size_t)v * CLO_VL, 0.0f);
                a[v] = max ? max_nan(a[v], b) : (vf)(a[v] + b);
            }
        }
    CLO_UNROLL
    for (int v = 0; v < V; v++)
        store_n(y + v * CLO_VL, a[v] / (max ? 1.0f : count), m - (size_t)v * CLO_VL);
}

CLO_INLINE void pool_all(const clo_op *op, const float *x, float *y, clo_share share,
                         const int max) {
    const clo_pool *u = &op->u.pool;
    const size_t end = share_start(u->oh, share.part + 1, share.parts);
    for (size_t oy = share_start(u->oh, share.part, share.parts); oy < end; oy++) {
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

static void pool(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index,
                 clo_share share) {
    if (op->fn == CLO_FN_POOL_MAX)
        pool_all(op, arena + op->x.at, arena + op->y.at, share, 1);
    else
        pool_all(op, arena + op->x.at, arena + op->y.at, share, 0);
}

/* ---- element-wise */

/* All rows: a vector v is loaded, what is made of it stored. */
#define EACH(name, loaded, stored)                                                                 \
    case name:                                                                                     \
        for (; rows > 0; rows--, x += x_ld, y += y_ld)                                             \
            for (size_t i = 0; i < cols; i += CLO_VL) {                                            \
                const vf v = loaded;                                                               \
                stored;                                                                            \
            }                                                                                      \
        break;
/* y[i] = value, an expression of v. */
#define UNARY(name, value)                                                                         \
    EACH(name, load_n(x + i, cols - i, 1.0f), store_n(y + i, value, cols - i))

void map_rows(uint32_t fn, float first, float second, const float *x, size_t x_ld, float *y,
              size_t y_ld, size_t rows, size_t cols) {
    const vf p0 = splat(first);
    const vf p1 = splat(second);
    const vf zero = splat(0.0f);
    const vf one = splat(1.0f);
    switch (fn) {
        UNARY(CLO_FN_RELU, at_least(v, zero))
        UNARY(CLO_FN_LEAKY_RELU, pick(v < zero, v * p0, v))
        UNARY(CLO_FN_CLIP, at_most(at_least(v, p0), p1))
        UNARY(CLO_FN_ELU, pick(v < zero, p0 * expm1_negative(at_most(v, zero)), v))
        UNARY(CLO_FN_SIGMOID, sigmoid_of(v))
        UNARY(CLO_FN_TANH, tanh_of(v))
        UNARY(CLO_FN_SILU, gated(v, v))
        UNARY(CLO_FN_HARD_SIGMOID, at_most(at_least(v * p0 + p1, zero), one))
        UNARY(CLO_FN_HARD_SWISH, v * at_most(at_least(v * (1.0f / 6.0f) + 0.5f, zero), one))
        UNARY(CLO_FN_GELU, gelu_of(v))
        UNARY(CLO_FN_GELU_TANH, gelu_tanh_of(v))
        UNARY(CLO_FN_ERF, erf_of(v))
        UNARY(CLO_FN_EXP, exp_of(v))
        UNARY(CLO_FN_LOG, log_of(v))
        UNARY(CLO_FN_SQRT, root(v))
        UNARY(CLO_FN_RECIPROCAL, one / v)
        UNARY(CLO_FN_ABS, magnitude(v))
        UNARY(CLO_FN_NEG, -v)
        UNARY(CLO_FN_SOFTPLUS, softplus_of(v))
        UNARY(CLO_FN_AFFINE, v * p0 + p1)
        UNARY(CLO_FN_QUANTISE, rounded(v, p0, p1) * p0)
        EACH(CLO_FN_CODES, load_n(x + i, cols - i, 1.0f),
             store_codes((uint8_t *)y + i, rounded(v, p0, p1) - p1, cols - i))
        EACH(CLO_FN_NUMBERS, load_codes((const uint8_t *)x + i, cols - i),
             store_n(y + i, (v + p1) * p0, cols - i))
    }
}

static void unary(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index,
                  clo_share share) {
    const clo_unary *u = &op->u.unary;
    const int one_row = u->x_ld == u->cols && u->y_ld == u->cols;
    map_rows(op->fn, u->p0, u->p1, arena + op->x.at, u->x_ld, arena + op->y.at, u->y_ld,
             one_row ? 1 : u->rows, one_row ? (size_t)u->rows * u->cols : u->cols);
}

/* A box of up to BOX_DIMS dimensions that three operands walk together, outermost first. */
#define BOX_DIMS 6
enum { BOX_X, BOX_Z, BOX_Y, BOX_OPERANDS };
typedef struct box {
    int rank;
    int64_t d[BOX_DIMS], step[BOX_OPERANDS][BOX_DIMS];
} box;

/* Appends a dimension further in; joins it with the one before where all steps allow. */
static void box_push(box *b, int64_t d, int64_t x, int64_t z, int64_t y) {
    const int64_t step[BOX_OPERANDS] = {x, z, y};
    int64_t size = d;
    int last = b->rank;
    if (b->rank > 0) {
        int join = 1;
        for (int k = 0; k < BOX_OPERANDS; k++)
            join &= b->step[k][b->rank - 1] == step[k] * d;
        last -= join;
        size *= join ? b->d[last] : 1;
    }
    b->rank = last + 1;
    b->d[last] = size;
    for (int k = 0; k < BOX_OPERANDS; k++)
        b->step[k][last] = step[k];
}

/* Moves on by one in the first `dims` dimensions, innermost first, and the offsets with it. False
 * when all are done. */
static int box_next(const box *b, int dims, int64_t at[BOX_DIMS], int64_t offset[BOX_OPERANDS]) {
    for (int i = dims - 1; i >= 0; i--) {
        const int more = ++at[i] < b->d[i];
        for (int k = 0; k < BOX_OPERANDS; k++)
            offset[k] += b->step[k][i] * (more ? 1 : 1 - b->d[i]);
        if (more)
            return 1;
        at[i] = 0;
    }
    return 0;
}

/* One row: y[i] = clip(value), an expression of the vectors v (of x) and w (of z). A step of 0
 * means one number for all. */
#define BINARY(name, value)                                                                        \
    case name:                                                                                     \
        for (size_t i = 0; i < n; i += CLO_VL) {                                                   \
            const vf v = xs ? load_n(x + i, n - i, 1.0f) : splat(*x);                              \
            const vf w = zs ? load_n(z + i, n - i, 1.0f) : splat(*z);                              \
            store_n(y + i, at_most(at_least(value, lo), hi), n - i);                               \
        }                                                                                          \
        break;

CLO_INLINE void binary_row(const clo_op *op, const float *x, const int xs, const float *z,
                           const int zs, float *y, size_t n) {
    const vf lo = splat(op->lo);
    const vf hi = splat(op->hi);
    switch (op->fn) {
        BINARY(CLO_FN_ADD, v + w)
        BINARY(CLO_FN_SUB, v - w)
        BINARY(CLO_FN_MUL, v * w)
        BINARY(CLO_FN_DIV, v / w)
        BINARY(CLO_FN_MIN, min_nan(v, w))
        BINARY(CLO_FN_MAX, max_nan(v, w))
        BINARY(CLO_FN_PRELU, pick(v > 0.0f, v, w * v))
    }
}

static void binary(const clo_op *op, float *arena, float *scratch, const float *page,
                   uint32_t index, clo_share share) {
    const clo_binary *u = &op->u.binary;
    box b = {.rank = 0};
    int64_t at[BOX_DIMS] = {0};
    int64_t offset[BOX_OPERANDS] = {0};
    for (int i = 0; i < 5; i++)
        if (u->d[i] > 1)
            box_push(&b, u->d[i], u->xs[i], u->zs[i], u->ys[i]);
    const int last = b.rank - 1;
    if (last < 0 || b.step[BOX_Y][last] != 1 || b.step[BOX_X][last] > 1 || b.step[BOX_Z][last] > 1)
        box_push(&b, 1, 0, 0, 1); /* what is left does not lie side by side: rows of one */
    const int inner = b.rank - 1;
    do {
        const float *x = arena + op->x.at + offset[BOX_X];
        const float *z = arena + op->z.at + offset[BOX_Z];
        float *y = arena + op->y.at + offset[BOX_Y];
        if (b.step[BOX_X][inner] && b.step[BOX_Z][inner])
            binary_row(op, x, 1, z, 1, y, (size_t)b.d[inner]);
        else if (b.step[BOX_X][inner])
            binary_row(op, x, 1, z, 0, y, (size_t)b.d[inner]);
        else
            binary_row(op, x, 0, z, b.step[BOX_Z][inner] != 0, y, (size_t)b.d[inner]);
    } while (box_next(&b, inner, at, offset));
}

/* ---- reductions */

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
    vf a[CLO_PARTS]; /* CLO_LANES numbers, as vectors of whatever width */
    CLO_UNROLL
    for (size_t p = 0; p < CLO_PARTS; p++)
        a[p] = splat(neutral);
    for (size_t i = 0; i < n; i += CLO_LANES) {
        const float *in = x + i * step;
        if (step != 1 || n - i < CLO_LANES) {
            for (size_t l = 0; l < CLO_LANES; l++)
                lane[l] = l < n - i ? in[l * step] : (how == FOLD_SQUARES ? mean : neutral);
            in = lane;
        }
        CLO_UNROLL
        for (size_t p = 0; p < CLO_PARTS; p++)
            a[p] = fold_of(how, a[p], load(in + p * CLO_VL), splat(mean));
    }
    CLO_UNROLL
    for (size_t p = 0; p < CLO_PARTS; p++)
        store(lane + p * CLO_VL, a[p]);
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

static void reduce(const clo_op *op, float *arena, float *scratch, const float *page,
                   uint32_t index, clo_share share) {
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

static void softmax(const clo_op *op, float *arena, float *scratch, const float *page,
                    uint32_t index, clo_share share) {
    if (op->fn == CLO_FN_LOG_SOFTMAX)
        softmax_all(&op->u.softmax, arena + op->x.at, arena + op->y.at, 1);
    else
        softmax_all(&op->u.softmax, arena + op->x.at, arena + op->y.at, 0);
}

static void norm(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index,
                 clo_share share) {
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
            const vf d = (load_n(x + i, m, 0.0f) - mean) / deviation;
            const vf scale = load_n(gamma + i, m, 0.0f);
            const vf shift = load_n(beta + i, m, 0.0f); /* no branch within what is to be fused */
            store_n(y + i, d * scale + shift, m);
        }
    }
}

/* ---- copies */

#define SIDE 4 /* a block of a transpose is SIDE x SIDE */
typedef float quad __attribute__((vector_size(16), aligned(4), may_alias));

/* y[j * ys + i] = x[i * xs + j] for i, j < SIDE; rows from n on are any of those before. */
CLO_INLINE void transpose_block(const float *x, int64_t xs, size_t n, float *y, int64_t ys) {
    const quad a = *(const quad *)x;
    const quad b = *(const quad *)(x + (n > 1 ? xs : 0));
    const quad c = *(const quad *)(x + (n > 2 ? 2 * xs : 0));
    const quad d = *(const quad *)(x + (n > 3 ? 3 * xs : 0));
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
 * the cache. Of fewer rows than a block has, what it writes too much is written again after. */
static void transpose(const float *x, int64_t xs, size_t n, float *y, int64_t ys, size_t m) {
    const size_t over = n < SIDE && ys == (int64_t)n ? SIDE : 0;
    for (size_t j = 0; j < m; j += 16) {
        const size_t width = min_size(16, m - j);
        for (size_t i = 0; i < n; i += SIDE)
            for (size_t k = j; k < j + width; k += SIDE) {
                const float *from = x + (int64_t)i * xs + (int64_t)k;
                float *to = y + (int64_t)k * ys + (int64_t)i;
                if (i + SIDE <= n + over && k + SIDE + over <= m) {
                    transpose_block(from, xs, n - i, to, ys);
                    continue;
                }
                for (size_t b = 0; b < SIDE && k + b < m; b++)
                    for (size_t a = 0; a < SIDE && i + a < n; a++)
                        to[(int64_t)b * ys + (int64_t)a] = from[(int64_t)a * xs + (int64_t)b];
            }
    }
}

/* Exchanges dimensions i and j. */
static void box_swap(box *b, int i, int j) {
    const int64_t d = b->d[i];
    b->d[i] = b->d[j];
    b->d[j] = d;
    for (int k = 0; k < BOX_OPERANDS; k++) {
        const int64_t step = b->step[k][i];
        b->step[k][i] = b->step[k][j];
        b->step[k][j] = step;
    }
}

/* The innermost dimension, or as `turned` the two innermost ones: rows of x become columns of y. */
static void copy_inner(const box *b, const float *x, float *y, int turned) {
    const int last = b->rank - 1;
    const size_t n = (size_t)b->d[last];
    const int64_t xs = b->step[BOX_X][last];
    const int64_t ys = b->step[BOX_Y][last];
    if (turned)
        transpose(x, xs, n, y, b->step[BOX_Y][last - 1], (size_t)b->d[last - 1]);
    else if (xs == 1 && ys == 1)
        memcpy(y, x, n * sizeof *y);
    else
        for (int64_t i = 0; i < (int64_t)n; i++)
            y[i * ys] = x[i * xs];
}

static void copy(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index,
                 clo_share share) {
    const clo_copy *u = &op->u.copy;
    box raw = {.rank = 0};
    box b = {.rank = 0};
    int64_t at[BOX_DIMS] = {0};
    int64_t offset[BOX_OPERANDS] = {u->x_first};
    for (int i = 0; i < BOX_DIMS; i++) {
        const int rank = raw.rank;
        if (u->d[i] > 1)
            box_push(&raw, u->d[i], u->xs[i], 0, u->ys[i]);
        for (int k = raw.rank - 1;
             raw.rank > rank && k > 0 && raw.step[BOX_Y][k] > raw.step[BOX_Y][k - 1]; k--)
            box_swap(&raw, k, k - 1); /* y in ascending addresses */
    }
    if (raw.rank == 0)
        box_push(&raw, 1, 1, 0, 1);
    for (int i = 0; i < raw.rank; i++)
        box_push(&b, raw.d[i], raw.step[BOX_X][i], 0, raw.step[BOX_Y][i]);
    const int last = b.rank - 1;
    int turned = 0;
    for (int i = last - 1;
         i >= 0 && !turned && b.step[BOX_X][last] != 1 && b.step[BOX_Y][last] == 1; i--)
        if (b.step[BOX_X][i] == 1) {
            box_swap(&b, i, last - 1);
            turned = 1;
        }
    do
        copy_inner(&b, arena + op->x.at + offset[BOX_X], arena + op->y.at + offset[BOX_Y], turned);
    while (box_next(&b, last - turned, at, offset));
}

static void fill(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index,
                 clo_share share) {
    for (size_t i = 0; i < op->y.n; i++)
        arena[op->y.at + i] = op->u.fill.value;
}

static void constant(const clo_op *op, float *arena, float *scratch, const float *page,
                     uint32_t index, clo_share share) {
    const size_t per_page = CLO_PAGE_MAX / sizeof *arena;
    const size_t first = index * per_page;
    memcpy(arena + op->y.at + first, page, min_size(per_page, op->y.n - first) * sizeof *arena);
}

const clo_kernels CLO_PASTE(clo_kernels_, CLO_NAME) = {
    .name = CLO_QUOTE(CLO_NAME),
    .width = CLO_VL,
    .shared = 1u << CLO_CONV | 1u << CLO_DWCONV | 1u << CLO_POOL,
    .run =
        {
            [CLO_CONST] = constant,
            [CLO_CONV] = CLO_WIDE(conv),
            [CLO_DWCONV] = CLO_WIDE(dwconv),
            [CLO_MATMUL] = CLO_WIDE(matmul),
            [CLO_POOL] = pool,
            [CLO_UNARY] = unary,
            [CLO_BINARY] = binary,
            [CLO_SOFTMAX] = softmax,
            [CLO_REDUCE] = reduce,
            [CLO_NORM] = norm,
            [CLO_COPY] = copy,
            [CLO_FILL] = fill,
        },
};
