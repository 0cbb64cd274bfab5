/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels_gemm.c: convolution, matrix product and depthwise convolution, of one vector width.
 *
 * A convolution is an indirect matrix product: rows are output pixels, a table in scratch points to the input pixel of
 * each row and kernel position (padding: a row of zeros), columns are panels of CLO_PANEL output channels. The
 * micro-kernel keeps a tile of CLO_ROWS x CLO_NV vectors in registers over all of K, so that each output is one chain
 * of fused multiply-adds in K order. Nothing here depends on the data: neither a branch nor an address.
 */
#include "kernels.h"

#define BLOCK_BYTES (256u << 10) /* input of one block of tiles: stays in the second-level cache */

static const float zeros[CLO_PANEL] __attribute__((aligned(CLO_ALIGN)));

/* One tile: some rows of output, one stripe (CLO_NV vectors or fewer) of one panel. Rows of init, z and y hold whole
 * vectors: where fewer channels exist, panel_run brings copies. */
typedef struct tile {
    const float *const *rows; /* rows[t * CLO_ROWS_MAX + r]: input of row r at kernel position t */
    size_t taps, c;           /* K = taps * c */
    const float *w;           /* weights of the stripe: row k at w + CLO_PANEL * k */
    const float *init;        /* bias (init_ld = 0), or the sums of the K-slices before, in y */
    size_t init_ld;
    const float *z;           /* residual, or NULL */
    size_t z_ld;
    float *y;
    size_t y_ld;
    float alpha, lo, hi;
} tile;

/* The micro-kernel for constants R (rows) and V (vectors): y = clip(alpha * (init + x . w) + z). */
CLO_INLINE void tile_run(const tile *t, const int R, const int V)
{
    vf a[CLO_ROWS_MAX][CLO_PANEL / CLO_VL];
    const float *w = t->w;
    CLO_UNROLL
    for (int r = 0; r < R; r++) {
        CLO_UNROLL
        for (int v = 0; v < V; v++)
            a[r][v] = load(t->init + (size_t)r * t->init_ld + v * CLO_VL);
    }
    const float *const *rows = t->rows;
    for (size_t tap = t->taps; tap > 0; tap--, rows += CLO_ROWS_MAX) {
        const float *x[CLO_ROWS_MAX];
        CLO_UNROLL
        for (int r = 0; r < R; r++)
            x[r] = rows[r];
        for (size_t c = 0; c < t->c; c++, w += CLO_PANEL) {
            vf wv[CLO_PANEL / CLO_VL];
            CLO_UNROLL
            for (int v = 0; v < V; v++)
                wv[v] = load(w + v * CLO_VL);
            CLO_UNROLL
            for (int r = 0; r < R; r++) {
                vf s = splat(x[r][c]);
                CLO_UNROLL
                for (int v = 0; v < V; v++)
                    a[r][v] += s * wv[v];
            }
        }
    }
    CLO_UNROLL
    for (int r = 0; r < R; r++) {
        CLO_UNROLL
        for (int v = 0; v < V; v++) {
            vf o = a[r][v] * t->alpha;
            if (t->z)
                o = o + load(t->z + (size_t)r * t->z_ld + v * CLO_VL);
            o = at_most(at_least(o, splat(t->lo)), splat(t->hi));
            store(t->y + (size_t)r * t->y_ld + v * CLO_VL, o);
        }
    }
}

typedef void tile_fn(const tile *);
#define TILE(R)                                                                                    \
    static void wide_##R(const tile *t)                                                            \
    {                                                                                              \
        if (R <= CLO_ROWS)                                                                         \
            tile_run(t, R, CLO_NV);                                                                \
    }                                                                                              \
    static void narrow_##R(const tile *t)                                                          \
    {                                                                                              \
        if (R <= CLO_ROWS)                                                                         \
            tile_run(t, R, 1);                                                                     \
    }
TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)
TILE(6)
TILE(7)
TILE(8)
TILE(9)
TILE(10)
TILE(11)
TILE(12)
TILE(13)
TILE(14)
static void panel_1(const tile *t)
{
    tile_run(t, 1, CLO_PANEL / CLO_VL);
}
static tile_fn *const wide[] = {0,      wide_1, wide_2, wide_3,  wide_4,  wide_5,  wide_6, wide_7,
                                wide_8, wide_9, wide_10, wide_11, wide_12, wide_13, wide_14};
static tile_fn *const narrow[] = {0,        narrow_1, narrow_2,  narrow_3,  narrow_4,
                                  narrow_5, narrow_6, narrow_7,  narrow_8,  narrow_9,
                                  narrow_10, narrow_11, narrow_12, narrow_13, narrow_14};

/* The m rows of a matrix, cut into `tiles` tiles whose heights differ by one at most. */
typedef struct tiling {
    size_t m, tiles;
} tiling;

static tiling tiling_of(size_t m)
{
    return (tiling){m, (m + CLO_ROWS - 1) / CLO_ROWS};
}

static size_t tile_start(tiling g, size_t i)
{
    return i * (g.m / g.tiles) + min_size(i, g.m % g.tiles);
}

/* Copies rows of n < CLO_PANEL floats. */
static void copy_rows(const float *from, size_t from_ld, float *to, size_t to_ld, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++) {
        size_t at = 0;
        CLO_UNROLL
        for (size_t s = CLO_PANEL / 2; s > 0; s /= 2)
            if (n & s) {
                memcpy(to + r * to_ld + at, from + r * from_ld + at, s * sizeof *to);
                at += s;
            }
    }
}

/* One tile of which only n channels exist, fewer than its vectors hold: works on copies of init, z and y. */
static void tile_part(tile t, tile_fn *run, size_t height, size_t n)
{
    float copies[3][CLO_ROWS_MAX * CLO_PANEL] __attribute__((aligned(CLO_ALIGN))) = {{0}};
    float *y = t.y;
    const size_t y_ld = t.y_ld;
    if (t.init_ld > 0) {
        copy_rows(t.init, t.init_ld, copies[0], CLO_PANEL, height, n);
        t.init = copies[0];
        t.init_ld = CLO_PANEL;
    }
    if (t.z) {
        copy_rows(t.z, t.z_ld, copies[1], CLO_PANEL, height, n);
        t.z = copies[1];
        t.z_ld = CLO_PANEL;
    }
    t.y = copies[2];
    t.y_ld = CLO_PANEL;
    run(&t);
    copy_rows(copies[2], CLO_PANEL, y, y_ld, height, n);
}

/* Runs tiles [first, last) of a panel of which n channels exist. t: rows of tile `first`; w and init of the panel; y and
 * z of row 0 of the matrix. With x, the rows of the matrix are at x + m * x_ld, and t.rows is not used. */
static void panel_run(const tile *t, size_t n, tiling g, size_t first, size_t last, const float *x, size_t x_ld)
{
    const size_t step = g.m == 1 ? CLO_PANEL : CLO_NV * CLO_VL;
    for (size_t s = 0; s < n; s += step) {
        const size_t left = n - s;
        const int slim = left <= CLO_VL && g.m > 1;
        for (size_t i = first; i < last; i++) {
            const size_t m = tile_start(g, i);
            const size_t height = tile_start(g, i + 1) - m;
            const float *rows[CLO_ROWS_MAX];
            tile_fn *run = g.m == 1 ? panel_1 : slim ? narrow[height] : wide[height];
            tile k = *t;
            k.w += s;
            k.init += s + m * t->init_ld;
            k.y += s + m * t->y_ld;
            if (t->z)
                k.z += s + m * t->z_ld;
            k.rows += (i - first) * t->taps * CLO_ROWS_MAX;
            if (x) {
                for (size_t r = 0; r < height; r++)
                    rows[r] = x + (m + r) * x_ld;
                k.rows = rows;
            }
            if (left < (slim ? CLO_VL : step))
                tile_part(k, run, height, left);
            else
                run(&k);
        }
    }
}

/* Points rows[t * CLO_ROWS_MAX] of output pixel m to the input of kernel positions [t0, t1); padding: to `zero`. */
static void window_rows(const clo_conv *u, size_t m, size_t t0, size_t t1, const float *x, const float *zero,
                        const float **rows)
{
    const int64_t iy = (int64_t)(m / u->ow * u->sh) - u->pt;
    const int64_t ix = (int64_t)(m % u->ow * u->sw) - u->pl;
    size_t ky = t0 / u->kw;
    size_t kx = t0 % u->kw;
    for (size_t t = t0; t < t1; t++, rows += CLO_ROWS_MAX) {
        const int64_t i = iy + (int64_t)(ky * u->dh);
        const int64_t j = ix + (int64_t)(kx * u->dw);
        const int inside = i >= 0 && i < u->h && j >= 0 && j < u->w;
        *rows = inside ? x + (i * u->w + j) * u->x_ld : zero;
        if (++kx == u->kw) {
            kx = 0;
            ky++;
        }
    }
}

/* One page: panels [q0, q1), of which groups share the pointers; rows [k0, k1) of K. */
void CLO_WIDE(conv)(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index)
{
    const clo_conv *u = &op->u.conv;
    const size_t taps = (size_t)u->kh * u->kw;
    const size_t all = taps * u->c;
    const size_t per_group = (u->n + CLO_PANEL - 1) / CLO_PANEL;
    const size_t pieces = u->slice ? (all + u->slice - 1) / u->slice : 1;
    const size_t k0 = u->slice ? index % pieces * u->slice : 0;
    const size_t k1 = u->slice ? min_size(all, k0 + u->slice) : all;
    const size_t q0 = (size_t)(index / pieces) * u->panels;
    const size_t q1 = min_size(q0 + u->panels, per_group * u->groups);
    const size_t bias = k0 ? 0 : CLO_PANEL;
    /* a slice is whole kernel positions, or a part of the only one */
    const size_t t0 = taps > 1 ? k0 / u->c : 0;
    const size_t t1 = taps > 1 ? k1 / u->c : 1;
    const size_t c0 = taps > 1 ? 0 : k0;
    const int plain = taps == 1 && u->sh == 1 && u->sw == 1 && u->pt == 0 && u->pl == 0 && u->ow == u->w;
    const size_t zero_floats = ((size_t)u->c + 15) / 16 * 16;
    const float **const rows = (const float **)(void *)(scratch + zero_floats);
    const tiling g = tiling_of((size_t)u->oh * u->ow);
    const size_t room = plain ? g.tiles : (op->scratch - zero_floats * 4) / (taps * CLO_ROWS_MAX * sizeof *rows);
    const size_t fits = BLOCK_BYTES / (CLO_ROWS * 4 * (size_t)u->c * (taps > 1 ? u->sh * u->sw : 1)) + 1;
    const size_t block = min_size(room, fits);

    memset(scratch, 0, plain ? 0 : zero_floats * sizeof *scratch);
    for (size_t q = q0; q < q1;) {
        const size_t group = q / per_group;
        const size_t end = min_size(q1, (group + 1) * per_group);
        const float *x = arena + op->x.at + group * u->c + c0;
        for (size_t b = 0; b < g.tiles; b += block) {
            const size_t last = min_size(g.tiles, b + block);
            for (size_t i = b; i < last && !plain; i++)
                for (size_t m = tile_start(g, i); m < tile_start(g, i + 1); m++)
                    window_rows(u, m, t0, t1, x, scratch,
                                rows + (i - b) * (t1 - t0) * CLO_ROWS_MAX + (m - tile_start(g, i)));
            for (size_t p = q; p < end; p++) {
                const size_t first_n = (p % per_group) * CLO_PANEL;
                const float *unit = page + (p - q0) * CLO_PANEL * (k1 - k0) + (p - q0) * bias;
                tile t = {.rows = rows, .taps = t1 - t0, .c = (k1 - k0) / (t1 - t0), .w = unit + bias, .alpha = 1.0f};
                t.y = arena + op->y.at + group * u->n + first_n;
                t.y_ld = u->y_ld;
                t.init = k0 ? t.y : unit;
                t.init_ld = k0 ? u->y_ld : 0;
                t.z = op->z.n ? arena + op->z.at + group * u->n + first_n : NULL;
                t.z_ld = u->z_ld;
                t.lo = k1 == all ? op->lo : -__builtin_inff();
                t.hi = k1 == all ? op->hi : __builtin_inff();
                panel_run(&t, min_size(CLO_PANEL, u->n - first_n), g, b, last, plain ? x : NULL, u->x_ld);
            }
        }
        q = end;
    }
}

/* ---------------------------------------------------------------------------------------------- matrix product */

/* panel[k][CLO_PANEL] = z[k][n0 ...], zeros beyond the last column. */
static void pack_panel(const clo_matmul *u, const float *z, size_t n, float *panel)
{
    if (n < CLO_PANEL)
        memset(panel, 0, (size_t)u->k * CLO_PANEL * sizeof *panel);
    for (size_t k = 0; k < u->k; k++)
        for (size_t j = 0; j < n; j++)
            panel[k * CLO_PANEL + j] = z[k * u->z_k + j * u->z_n];
}

void CLO_WIDE(matmul)(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index)
{
    const clo_matmul *u = &op->u.matmul;
    const tiling g = tiling_of(u->m);
    (void)page;
    (void)index;
    for (size_t b = 0; b < (size_t)u->b0 * u->b1; b++) {
        const size_t i = b / u->b1;
        const size_t j = b % u->b1;
        const float *x = arena + op->x.at + i * u->x_b0 + j * u->x_b1;
        const float *z = arena + op->z.at + i * u->z_b0 + j * u->z_b1;
        float *y = arena + op->y.at + i * u->y_b0 + j * u->y_b1;
        for (size_t n = 0; n < u->n; n += CLO_PANEL) {
            tile t = {.taps = 1, .c = u->k, .w = scratch, .init = zeros, .y = y + n, .y_ld = u->y_m};
            const size_t columns = min_size(CLO_PANEL, u->n - n);
            t.alpha = u->alpha;
            t.lo = op->lo;
            t.hi = op->hi;
            pack_panel(u, z + n * u->z_n, columns, scratch);
            panel_run(&t, columns, g, 0, g.tiles, x, u->x_m);
        }
    }
}

/* --------------------------------------------------------------------------------------- depthwise convolution */

/* One vector of channels of P neighbouring pixels, from (iy, ix) of the input on. `inside`: no pixel leaves the map to
 * the left or right; then P > 1 is allowed. m: channels that exist, < CLO_VL only where `part`. */
CLO_INLINE void depthwise_run(const clo_op *op, const float *x, const float *bias, float *y, int64_t iy, int64_t ix,
                              size_t m, const int P, const int inside, const int part)
{
    const clo_dwconv *u = &op->u.dwconv;
    const float *w = bias + CLO_PANEL;
    vf a[8];
    CLO_UNROLL
    for (int p = 0; p < P; p++)
        a[p] = load(bias);
    for (size_t ky = 0; ky < u->kh; ky++) {
        const int64_t i = iy + (int64_t)(ky * u->dh);
        const int row = i >= 0 && i < u->h;
        for (size_t kx = 0; kx < u->kw; kx++, w += CLO_PANEL) {
            const int64_t j = ix + (int64_t)(kx * u->dw);
            const int valid = row && (inside || (j >= 0 && j < u->w));
            const float *in = valid ? x + (i * u->w + j) * u->x_ld : zeros;
            const size_t next = valid ? (size_t)u->sw * u->x_ld : 0;
            const vf wv = load(w);
            CLO_UNROLL
            for (int p = 0; p < P; p++)
                a[p] += wv * (part ? load_part(in + (size_t)p * next, m, 0.0f) : load(in + (size_t)p * next));
        }
    }
    CLO_UNROLL
    for (int p = 0; p < P; p++) {
        vf o = at_most(at_least(a[p], splat(op->lo)), splat(op->hi));
        if (part)
            store_part(y + (size_t)p * u->y_ld, o, m);
        else
            store(y + (size_t)p * u->y_ld, o);
    }
}

/* One row of output of one vector of channels: four pixels at a time where the window stays inside. */
CLO_INLINE void depthwise_row(const clo_op *op, const float *x, const float *bias, float *y, size_t oy, size_t m,
                              const int part)
{
    const clo_dwconv *u = &op->u.dwconv;
    const int64_t iy = (int64_t)(oy * u->sh) - u->pt;
    const int64_t reach = (int64_t)(u->kw - 1) * u->dw + 3 * (int64_t)u->sw;
    for (size_t ox = 0; ox < u->ow;) {
        const int64_t ix = (int64_t)(ox * u->sw) - u->pl;
        float *to = y + (oy * u->ow + ox) * u->y_ld;
        if (ix >= 0 && ix + reach < u->w && ox + 4 <= u->ow) {
            depthwise_run(op, x, bias, to, iy, ix, m, 4, 1, part);
            ox += 4;
        } else {
            depthwise_run(op, x, bias, to, iy, ix, m, 1, 0, part);
            ox += 1;
        }
    }
}

void CLO_WIDE(dwconv)(const clo_op *op, float *arena, float *scratch, const float *page, uint32_t index)
{
    const clo_dwconv *u = &op->u.dwconv;
    const size_t unit = CLO_PANEL * ((size_t)u->kh * u->kw + 1);
    const size_t first = (size_t)index * u->panels * CLO_PANEL;
    const size_t last = min_size(u->c, first + (size_t)u->panels * CLO_PANEL);
    (void)scratch;
    for (size_t c = first; c < last; c += CLO_VL) {
        const float *bias = page + (c - first) / CLO_PANEL * unit + c % CLO_PANEL;
        const float *x = arena + op->x.at + c;
        float *y = arena + op->y.at + c;
        for (size_t oy = 0; oy < u->oh; oy++) {
            if (last - c >= CLO_VL)
                depthwise_row(op, x, bias, y, oy, CLO_VL, 0);
            else
                depthwise_row(op, x, bias, y, oy, last - c, 1);
        }
    }
}
