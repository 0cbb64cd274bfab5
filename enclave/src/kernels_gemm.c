/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels_gemm.c: convolution, matrix product and depthwise convolution, of one vector width.
 *
 * A convolution is an indirect matrix product: rows are output pixels, a table in scratch points to
 * the input pixel of each row and kernel position (padding: a row of zeros), columns are panels of
 * CLO_PANEL output channels. The micro-kernel keeps a tile of CLO_ROWS x CLO_NV vectors in
 * registers over all of K, so that each output is one chain of fused multiply-adds in K order.
 * Nothing here depends on the data: neither a branch nor an address.
 */
#include "kernels.h"

/* Bytes of input of one block of tiles: it stays in the second-level cache. */
#define BLOCK_BYTES (256u << 10)

#define ZEROS 1024u
static const float zeros[ZEROS] __attribute__((aligned(CLO_ALIGN)));
static const clo_conv no_codes;

#define SLIM_K 8 /* values of k that a tile of one vector takes at a time */

/* One tile: some rows of output, one stripe (CLO_NV vectors or fewer) of one panel. Rows of init, z
 * and y hold whole vectors: where fewer channels exist, panel_run brings copies. */
typedef struct tile {
    const float *const *rows; /* rows[t * CLO_ROWS_MAX + r]: input of row r at kernel position t */
    size_t taps, c;           /* K = taps * c */
    const float *w;           /* weights of the stripe: row k at w + CLO_PANEL * k */
    const float *init;        /* bias (init_ld = 0), or the sums of the K-slices before, in y */
    const float *z;           /* residual, or NULL */
    float *y;
    size_t init_ld, z_ld, y_ld; /* from row to row */
    const float *ahead;         /* the weights that come next, for tiles that fetch them */
    const float *ends;          /* of sums of integers: bias, then scale; NULL: of floats */
    float lo, hi;
    uint32_t act;      /* as in clo_op */
    const clo_conv *u; /* says what is codes; NULL: nothing */
} tile;

/* The micro-kernel for constants R (rows) and V (vectors): y = clip(init + x . w + z).
 * Takes K values of k at a time; K divides t->c. Without CLO_BY_LANE, K > 1 takes the upper half of
 * the tallest tile's rows before the lower: the pointers of a half stay in registers. `fetch` lines
 * of the weights that come next are fetched for each k. With `codes`, a number of x or w is four
 * bytes. */
CLO_INLINE void tile_run(const tile *t, const int R, const int V, const int K, const int fetch,
                         const int codes) {
    const int lanes = CLO_BY_LANE && K > 1;
    const int rows_at_once = K > 1 && !lanes ? CLO_ROWS / 2 : R;
    vf a[CLO_ROWS_MAX][CLO_PANEL / CLO_VL];
    vi sum[CLO_ROWS_MAX][CLO_PANEL / CLO_VL];
    const float *w = t->w;
    CLO_UNROLL
    for (int r = 0; r < R; r++) {
        CLO_UNROLL
        for (int v = 0; v < V; v++) {
            a[r][v] = load(t->init + (size_t)r * t->init_ld + v * CLO_VL);
            sum[r][v] = (vi)a[r][v];
        }
    }
    const float *const *rows = t->rows;
    const float *ahead = t->ahead;
    size_t taps = t->taps;
    do { /* both loops run once at least */
        const float *x[CLO_ROWS_MAX];
        CLO_UNROLL
        for (int r = 0; r < R; r++)
            x[r] = rows[r];
        size_t c = 0;
        do {
            vf xv[CLO_ROWS_MAX];
            CLO_UNROLL
            for (int r = 0; r < R && lanes; r++)
                xv[r] = load(x[r] + c);
            CLO_UNROLL
            for (int line = 0; line < fetch; line++, ahead += CLO_ALIGN / sizeof *ahead)
                __builtin_prefetch(ahead, 0, 2);
            CLO_UNROLL
            for (int part = 0; part < R; part += rows_at_once) {
                CLO_UNROLL
                for (int k = 0; k < K; k++) {
                    vf wv[CLO_PANEL / CLO_VL];
                    CLO_UNROLL
                    for (int v = 0; v < V; v++)
                        wv[v] = load(w + k * (int)CLO_PANEL + v * CLO_VL);
                    CLO_UNROLL
                    for (int r = part; r < (part + rows_at_once < R ? part + rows_at_once : R);
                         r++) {
                        const vf s = splat(lanes ? xv[r][k] : *(x[r] + c + k));
                        CLO_UNROLL
                        for (int v = 0; v < V; v++)
                            if (codes)
                                sum[r][v] = dot(sum[r][v], (vi)s, (vi)wv[v]);
                            else
                                a[r][v] += s * wv[v];
                    }
                }
            }
            w += K * (int)CLO_PANEL;
            c += (size_t)K;
        } while (c < t->c);
        rows += CLO_ROWS_MAX;
    } while (--taps > 0);
    const tile end = *t; /* a copy, which no store can change */
    CLO_UNROLL
    for (int r = 0; r < R; r++) {
        CLO_UNROLL
        for (int v = 0; v < V; v++) {
            vf o = a[r][v];
            if (codes) { /* products and sums apart: the same bits without fused operations */
                o = __builtin_convertvector(sum[r][v], vf) *
                        load(end.ends + CLO_PANEL + v * CLO_VL) +
                    0.0f;
                o = o + load(end.ends + v * CLO_VL);
            }
            if (codes && end.u->r_step > 0)
                o = rounded(o, splat(end.u->r_step), splat(end.u->r_low)) * end.u->r_step + 0.0f;
            if (end.z)
                o = o + load(end.z + (size_t)r * end.z_ld + v * CLO_VL);
            o = at_most(at_least(o, splat(end.lo)), splat(end.hi));
            store(end.y + (size_t)r * end.y_ld + v * CLO_VL, o);
        }
    }
}

typedef void tile_fn(const tile *);
#define TILE(style, R, when, ...)                                                                  \
    static void style##_##R(const tile *t) {                                                       \
        if (R <= CLO_ROWS && (when))                                                               \
            tile_run(t, R, __VA_ARGS__);                                                           \
    }
#define TILES(R)                                                                                   \
    TILE(wide, R, 1, CLO_NV, 1, 0, 0)                                                              \
    TILE(fetching, R, !CLO_BY_LANE, CLO_NV, 1, 1, 0)                                               \
    TILE(by_lane, R, CLO_BY_LANE, CLO_NV, CLO_VL, 0, 0)                                            \
    TILE(narrow, R, 1, 1, 1, 0, 0)                                                                 \
    TILE(slim, R, !CLO_BY_LANE, 1, SLIM_K, 0, 0)                                                   \
    TILE(coded, R, 1, CLO_NV, 1, 1, 1)
#define HEIGHTS(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12) F(13) F(14)
HEIGHTS(TILES)
static void vector_panel(const tile *t) {
    if (CLO_BY_LANE && t->c % CLO_VL == 0)
        tile_run(t, 1, CLO_PANEL / CLO_VL, CLO_VL, 0, 0);
    else
        tile_run(t, 1, CLO_PANEL / CLO_VL, 1, 2, 0);
}

enum { WIDE, FETCHING, BY_LANE, NARROW, SLIM, CODED, STYLES };
#define ROW(R) {wide_##R, fetching_##R, by_lane_##R, narrow_##R, slim_##R, coded_##R},
static tile_fn *const tile_fns[][STYLES] = {{0}, HEIGHTS(ROW)};
#define FAR_FLOATS (256u << 10) /* a larger y does not stay near: it is fetched a tile ahead */
#define NEXT_FLOATS 2048u /* how far ahead one row's weights are fetched, which are read once */
#define FEW_TILES 32u     /* up to here a panel is used so seldom that fetching it costs time */

/* The m rows of a matrix, cut into `tiles` tiles: the first `taller` are one row higher than `low`.
 */
typedef struct tiling {
    size_t m, tiles, low, taller;
} tiling;

static tiling tiling_of(size_t m) {
    const size_t tiles = (m + CLO_ROWS - 1) / CLO_ROWS;
    return (tiling){m, tiles, m / tiles, m % tiles};
}

static size_t tile_start(tiling g, size_t i) {
    return i * g.low + min_size(i, g.taller);
}

/* Which micro-kernels a stripe takes. slim: it is one vector. */
static int style_of(const tile *t, tiling g, int slim) {
    if (t->ends)
        return CODED;
    if (slim)
        return CLO_BY_LANE || t->c % SLIM_K > 0 ? NARROW : SLIM;
    if (CLO_BY_LANE)
        return t->c % CLO_VL == 0 ? BY_LANE : WIDE;
    return g.tiles <= FEW_TILES ? FETCHING : WIDE;
}

/* Copies rows of n floats; with a step, one side is codes: fn says which. */
static void copy_rows(uint32_t fn, float step, float low, const float *from, size_t from_ld,
                      float *to, size_t to_ld, size_t rows, size_t n) {
    if (step > 0)
        map_rows(fn, step, low, from, from_ld, to, to_ld, rows, n);
    for (; rows > 0 && step == 0; rows--, from += from_ld, to += to_ld)
        for (size_t i = 0; i < n; i += CLO_VL)
            store_n(to + i, load_n(from + i, n - i, 0.0f), n - i);
}

/* One tile of which only n channels exist, fewer than its vectors hold, or with codes in y or z:
 * works on copies of init, z and y, and leaves t pointing to them. */
static void tile_part(tile *t, tile_fn *run, size_t height, size_t n) {
    float copies[3][CLO_ROWS_MAX * CLO_PANEL] __attribute__((aligned(CLO_ALIGN)));
    float *y = t->y;
    const size_t y_ld = t->y_ld;
    if (t->init_ld > 0) {
        memset(copies[0], 0, sizeof copies[0]);
        copy_rows(0, 0.0f, 0.0f, t->init, t->init_ld, copies[0], CLO_PANEL, height, n);
        t->init = copies[0];
        t->init_ld = CLO_PANEL;
    }
    if (t->z) {
        memset(copies[1], 0, sizeof copies[1]);
        copy_rows(CLO_FN_NUMBERS, t->u->z_step, t->u->z_low, t->z, t->z_ld, copies[1], CLO_PANEL,
                  height, n);
        t->z = copies[1];
        t->z_ld = CLO_PANEL;
    }
    t->y = copies[2];
    t->y_ld = CLO_PANEL;
    run(t);
    activate(t->act, copies[2], CLO_PANEL, height, n);
    copy_rows(CLO_FN_CODES, t->u->y_step, t->u->y_low, copies[2], CLO_PANEL, y, y_ld, height, n);
}

/* Runs tiles [first, last) of a panel of which n channels exist. t: rows of tile `first`; w and
 * init of the panel; y and z of row 0 of the matrix; it is changed. With x, the rows of the matrix
 * are at x + m * x_ld, and t.rows is not used. */
static void panel_run(tile *t, size_t n, tiling g, size_t first, size_t last, const float *x,
                      size_t x_ld) {
    const int vector = g.m == 1 && !t->ends;
    const size_t step = vector ? CLO_PANEL : CLO_NV * CLO_VL;
    t->u = t->u ? t->u : &no_codes;
    const tile all = *t; /* t changes by fields: copied, it would wait for what is being stored */
    const float *rows[CLO_ROWS_MAX];
    const int far = !CLO_BY_LANE && g.m * all.y_ld > FAR_FLOATS;
    const int y_codes = all.u->y_step > 0;
    const int z_codes = all.u->z_step > 0;
    for (size_t s = 0; s < n; s += step) {
        const size_t left = n - s;
        const int slim = left <= CLO_VL && !vector && !all.ends;
        const int style = style_of(t, g, slim);
        t->w = all.w + s;
        t->ends = all.ends ? all.ends + s : NULL;
        for (size_t i = first; i < last; i++) {
            const size_t m = tile_start(g, i);
            const size_t height = tile_start(g, i + 1) - m;
            tile_fn *run = vector ? vector_panel : tile_fns[height][style];
            t->ahead =
                all.w + (vector ? NEXT_FLOATS : (2 + (i & 1)) * all.taps * all.c * (CLO_PANEL / 2));
            t->init = all.init + s + m * all.init_ld;
            t->init_ld = all.init_ld;
            t->y = all.y + (y_codes ? s / 4 : s) + m * all.y_ld;
            t->y_ld = all.y_ld;
            t->z = all.z ? all.z + (z_codes ? s / 4 : s) + m * all.z_ld : NULL;
            t->z_ld = all.z_ld;
            t->rows = x ? rows : all.rows + (i - first) * all.taps * CLO_ROWS_MAX;
            const float *row = x ? x + m * x_ld : NULL;
            CLO_UNROLL
            for (int r = 0; r < CLO_ROWS && x; r++, row += x_ld)
                rows[r] = row;
            for (size_t r = 0; r < height && far; r++)
                __builtin_prefetch(t->y + (height + r) * all.y_ld, 1);
            if (left < (slim ? CLO_VL : step) || y_codes || z_codes) {
                tile_part(t, run, height, min_size(left, step));
            } else {
                run(t);
                activate(all.act, t->y, all.y_ld, height, min_size(left, step));
            }
        }
    }
}

/* How the rows of a convolution are laid out in scratch. Where a kernel row's inputs lie next to
 * each other and are few, kx and channels are one run of kw * c floats, copied only where they
 * reach into the padding: K order is kept. */
typedef struct layout {
    size_t taps, run;   /* kernel positions with a pointer each, floats behind a pointer */
    size_t zero, patch; /* floats of the row of zeros; of the copies for one tile */
    size_t kw;          /* kernel positions side by side that have their own pointer */
} layout;

#define MERGE_FLOATS 64u
#define TILE_POINTERS (CLO_ROWS_MAX * sizeof(float *))

/* Weights stored as bytes, behind the scales of their channels, as floats: `rows` rows of a panel.
 */
static const float *widen(const float *restrict scale, size_t rows, float *restrict to) {
    const int8_t *restrict from = (const int8_t *)(scale + CLO_PANEL);
    for (size_t k = 0; k < rows * CLO_PANEL; k += CLO_PANEL)
        for (size_t j = 0; j < CLO_PANEL; j++)
            to[k + j] = scale[j] * (float)from[k + j];
    return to;
}

/* Floats of a page that a panel's rows take. */
static size_t stored_floats(const clo_op *op, size_t rows) {
    return CLO_PANEL * op->int8 + CLO_PANEL * rows / (op->int8 == 1 ? sizeof(float) : 1);
}

/* Floats at the start of a convolution's scratch where a panel is widened. */
static size_t wide_floats(const clo_op *op) {
    const clo_conv *u = &op->u.conv;
    return op->int8 == 1 ? (u->slice ? u->slice : (size_t)u->kh * u->kw * u->c) * CLO_PANEL : 0;
}

static layout layout_of(const clo_op *op) {
    const clo_conv *u = &op->u.conv;
    const size_t run = (size_t)u->kw * u->c;
    layout merged = {u->kh, run, (run + 15) / 16 * 16, CLO_ROWS * u->kh * run, 1};
    const layout single = {(size_t)u->kh * u->kw, u->c, ((size_t)u->c + 15) / 16 * 16, 0, u->kw};
    const size_t needs = (merged.zero + merged.patch) * 4 + merged.taps * TILE_POINTERS;
    const int close =
        u->kw > 1 && u->dw == 1 && u->x_ld == u->c && run <= MERGE_FLOATS && u->slice == 0;
    return close && needs <= op->scratch - 4 * wide_floats(op) ? merged : single;
}

/* Points rows[t * CLO_ROWS_MAX] to copies, in `patch`, of the runs of one row that begin at column
 * j and reach into the padding; i: the first line of the image at x. */
static __attribute__((noinline)) void patch_row(const clo_conv *u, layout l, const float *x,
                                                int64_t i, int64_t j, const float *zero,
                                                const float **rows, float *patch) {
    const int64_t from = j < 0 ? -j : 0; /* of the columns that exist */
    const int64_t end = u->w - j < u->kw ? u->w - j : u->kw;
    for (size_t t = 0; t < l.taps; t++, i += u->dh, rows += CLO_ROWS_MAX, patch += l.run) {
        if (i < 0 || i >= u->h)
            continue;
        memcpy(patch, zero, l.run * sizeof *patch);
        if (from < end)
            memcpy(patch + from * u->c, x + (i * u->w + j + from) * u->c,
                   (size_t)(end - from) * u->c * sizeof *patch);
        rows[0] = patch;
    }
}

/* Rows of a tile in whole vectors of pointers. */
#define ROWS_WHOLE ((2 * CLO_ROWS + CLO_VL - 1) / CLO_VL * CLO_VL / 2)

/* Points rows[t * CLO_ROWS_MAX + r] of each of tiles [first, last) to the inputs of positions
 * [t0, t1) of layout l; what falls into the padding to `zero`, a run that reaches into it to a
 * copy. Without a branch for a row: maps are small, and their borders many. */
static void tile_rows(const clo_conv *u, layout l, tiling g, size_t first, size_t last, size_t t0,
                      size_t t1, const float *x, const float *zero, const float **rows,
                      float *patch) {
    const int64_t w = u->w;
    const int64_t ld = u->x_ld;
    const int64_t reach = l.patch > 0 ? u->kw : 1;
    const uint64_t columns = (uint64_t)(w < reach ? 0 : w + 1 - reach); /* where it may begin */
    size_t ox = tile_start(g, first) % u->ow;
    int64_t y = (int64_t)(tile_start(g, first) / u->ow * u->sh) - u->pt;
    for (size_t i = first; i < last; i++, patch += l.patch) {
        const size_t n = g.low + (i < g.taller);
        int64_t iy[ROWS_WHOLE] = {0}; /* the first input of each row */
        int64_t ix[ROWS_WHOLE] = {0};
        int64_t at[ROWS_WHOLE] = {0};
        for (size_t r = 0; r < n; r++) {
            iy[r] = y;
            ix[r] = (int64_t)(ox * u->sw) - u->pl;
            at[r] = (y * w + ix[r]) * ld;
            ox = ox + 1 == u->ow ? 0 : ox + 1;
            y += ox == 0 ? u->sh : 0;
        }
        for (size_t t = t0; t < t1; t++, rows += CLO_ROWS_MAX) {
            const int64_t dy = (int64_t)((uint32_t)t / (uint32_t)l.kw) * u->dh;
            const int64_t dx = (int64_t)((uint32_t)t % (uint32_t)l.kw) * u->dw;
            const int64_t off = (dy * w + dx) * ld;
            CLO_ROLLED
            for (int r = 0; r < ROWS_WHOLE; r++) {
                const int here =
                    ((uint64_t)(iy[r] + dy) < u->h) & ((uint64_t)(ix[r] + dx) < columns);
                rows[r] = here ? x + (at[r] + off) : zero;
            }
        }
        for (size_t r = 0; r < n && l.patch > 0; r++)
            if ((uint64_t)ix[r] >= columns)
                patch_row(u, l, x, iy[r], ix[r], zero, rows - l.taps * CLO_ROWS_MAX + r,
                          patch + r * l.taps * l.run);
    }
}

/* What one page of a convolution is: panels [q0, q1), rows [k0, k1) of K, that is, channels from c0
 * of positions [t0, t1). */
typedef struct part {
    size_t q0, q1, k0, k1, t0, t1, c0;
    int first, last; /* of the slices of K: takes the bias; adds z and clips */
} part;

static part part_of(const clo_conv *u, layout l, size_t per_group, uint32_t index) {
    const size_t all = l.taps * l.run;
    const size_t slice = u->slice ? u->slice : all;
    const size_t pieces = (all + slice - 1) / slice;
    part p = {.q0 = index / pieces * u->panels, .k0 = index % pieces * slice, .t1 = 1};
    p.q1 = min_size(p.q0 + u->panels, per_group * u->groups);
    p.k1 = min_size(all, p.k0 + slice);
    p.first = p.k0 == 0;
    p.last = p.k1 == all;
    p.c0 = p.k0;
    if (l.taps > 1) { /* whole positions */
        p.t0 = p.k0 / l.run;
        p.t1 = p.k1 / l.run;
        p.c0 = 0;
    }
    return p;
}

/* Panel q of page p, as a tile whose y and z are those of row 0; n: channels of it that exist.
 * scratch: for a panel that is widened. */
static tile panel_tile(const clo_op *op, float *arena, float *scratch, const float *page, part p,
                       size_t q, size_t per_group, size_t *n) {
    const clo_conv *u = &op->u.conv;
    const size_t bias = p.first ? CLO_PANEL : 0;
    const size_t rows = p.k1 - p.k0;
    const float *unit = page + (q - p.q0) * (stored_floats(op, rows) + bias);
    const size_t inside = q % per_group * CLO_PANEL;
    const size_t channel = q / per_group * u->n + inside;
    tile t = {.taps = p.t1 - p.t0, .c = rows / (p.t1 - p.t0)};
    t.w = op->int8 == 1 ? widen(unit + bias, rows, scratch) : unit + bias + op->int8 * CLO_PANEL;
    t.ends = op->int8 == 2 ? unit : NULL;
    t.u = u;
    t.y = arena + op->y.at + (u->y_step > 0 ? channel / 4 : channel);
    t.y_ld = u->y_ld;
    t.init = op->int8 == 2 ? unit + 2 * CLO_PANEL : p.first ? unit : t.y;
    t.init_ld = p.first ? 0 : u->y_ld;
    t.z = op->z.n ? arena + op->z.at + (u->z_step > 0 ? channel / 4 : channel) : NULL;
    t.z_ld = u->z_ld;
    t.lo = p.last ? op->lo : -__builtin_inff();
    t.hi = p.last ? op->hi : __builtin_inff();
    t.act = p.last ? op->act : 0;
    *n = min_size(CLO_PANEL, u->n - inside);
    return t;
}

#include "winograd.h"

void CLO_WIDE(conv)(const clo_op *op, float *arena, float *scratch, const float *page,
                    uint32_t index, clo_share share) {
    if (op->fn == CLO_FN_WINOGRAD) {
        wino_run(op, arena, scratch, page, index, share);
        return;
    }
    const clo_conv *u = &op->u.conv;
    const layout l = layout_of(op);
    const size_t per_group = (u->n + CLO_PANEL - 1) / CLO_PANEL;
    const part p = part_of(u, l, per_group, index);
    const tiling g = tiling_of((size_t)u->oh * u->ow);
    /* Parts take tiles; where those are few, all tiles of every so many panels. Either way none
     * needs what another makes, from page to page. */
    const clo_share mine = g.tiles < share.parts ? (clo_share){0, 1} : share;
    const size_t first = share_start(g.tiles, mine.part, mine.parts);
    const size_t stop = share_start(g.tiles, mine.part + 1, mine.parts);
    const int plain = u->kh * u->kw == 1 && u->sh == 1 && u->sw == 1 && u->pt == 0 && u->pl == 0 &&
                      u->ow == u->w && u->oh <= u->h; /* rows lie at one distance, all inside */
    const size_t wide = wide_floats(op);
    const size_t room =
        (op->scratch - (wide + l.zero) * 4) / (l.taps * TILE_POINTERS + l.patch * 4);
    const size_t fits = BLOCK_BYTES / (CLO_ROWS * sizeof *scratch * u->c) + 1;
    const size_t block = plain ? fits : min_size(room, fits);
    const float **const rows = (const float **)(void *)(scratch + wide);
    float *const zero = scratch + wide + block * l.taps * TILE_POINTERS / sizeof *scratch;

    if (!plain)
        memset(zero, (int)u->pad, l.zero * sizeof *zero);
    for (size_t q = p.q0, end; q < p.q1; q = end) { /* the panels of a group share the pointers */
        const float *x = arena + op->x.at + q / per_group * u->c + p.c0;
        end = min_size(p.q1, (q / per_group + 1) * per_group);
        for (size_t b = first; b < stop; b += block) {
            const size_t last = min_size(stop, b + block);
            if (!plain)
                tile_rows(u, l, g, b, last, p.t0, p.t1, x, zero, rows, zero + l.zero);
            for (size_t panel = q; panel < end; panel++) {
                size_t n;
                if (mine.parts < share.parts && panel % share.parts != share.part)
                    continue;
                tile t = panel_tile(op, arena, scratch, page, p, panel, per_group, &n);
                t.rows = rows;
                panel_run(&t, n, g, b, last, plain ? x : NULL, u->x_ld);
            }
        }
    }
}

/* ---- matrix product */

/* panel[k][CLO_PANEL] = alpha * z[k][n0 ...], zeros beyond the last column. */
static void pack_panel(const clo_matmul *u, const float *z, size_t n, float *panel) {
    if (n < CLO_PANEL)
        memset(panel, 0, (size_t)u->k * CLO_PANEL * sizeof *panel);
    for (size_t k = 0; k < u->k; k++)
        for (size_t j = 0; j < n; j++)
            panel[k * CLO_PANEL + j] = u->alpha * z[k * u->z_k + j * u->z_n];
}

void CLO_WIDE(matmul)(const clo_op *op, float *arena, float *scratch, const float *page,
                      uint32_t index, clo_share share) {
    const clo_matmul *u = &op->u.matmul;
    const tiling g = tiling_of(u->m);
    for (size_t b = 0; b < (size_t)u->b0 * u->b1; b++) {
        const size_t i = b / u->b1;
        const size_t j = b % u->b1;
        const float *x = arena + op->x.at + i * u->x_b0 + j * u->x_b1;
        const float *z = arena + op->z.at + i * u->z_b0 + j * u->z_b1;
        float *y = arena + op->y.at + i * u->y_b0 + j * u->y_b1;
        for (size_t n = 0; n < u->n; n += CLO_PANEL) {
            const size_t columns = min_size(CLO_PANEL, u->n - n);
            tile t = {
                .taps = 1, .c = u->k, .w = scratch, .init = zeros, .y = y + n, .y_ld = u->y_m};
            t.lo = op->lo;
            t.hi = op->hi;
            pack_panel(u, z + n * u->z_n, columns, scratch);
            panel_run(&t, columns, g, 0, g.tiles, x, u->x_m);
        }
    }
}

/* ---- depthwise convolution */

#define QUAD 4 /* neighbouring pixels that share what they load */

/* m <= CLO_VL channels of one pixel, for any kernel; (iy, ix): its first input, maybe outside. */
static void depthwise_any(const clo_op *op, const float *x, const float *bias, float *y, int64_t iy,
                          int64_t ix, size_t m) {
    const clo_dwconv *u = &op->u.dwconv;
    const float *w = bias + CLO_PANEL;
    vf a = load(bias);
    for (int64_t ky = 0; ky < u->kh; ky++)
        for (int64_t kx = 0; kx < u->kw; kx++, w += CLO_PANEL) {
            const int64_t i = iy + ky * u->dh;
            const int64_t j = ix + kx * u->dw;
            const int here = i >= 0 && i < u->h && j >= 0 && j < u->w;
            a += load(w) * load_n(here ? x + (i * u->w + j) * u->x_ld : zeros, m, 0.0f);
        }
    store_n(y, at_most(at_least(a, splat(op->lo)), splat(op->hi)), m);
}

/* m <= CLO_VL channels from c on, of QUAD pixels; row: their inputs, as depthwise_quad has them. */
CLO_INLINE void depthwise_vector(const clo_dwconv u, const float *const *row, const float *page,
                                 float *y, size_t c, size_t m, vf lo, vf hi, const int K,
                                 const int S, const int inside) {
    const int across = (QUAD - 1) * S + K;
    const float *w = page + c / CLO_PANEL * (CLO_PANEL * (size_t)(K * K + 1)) + c % CLO_PANEL;
    vf a[QUAD];
    CLO_UNROLL
    for (int p = 0; p < QUAD; p++)
        a[p] = load(w);
    for (uint32_t ky = 0; ky < u.kh; ky++) { /* no constant: one row of inputs at a time */
        vf near[11];
        CLO_UNROLL
        for (int j = 0; j < across; j++)
            near[j] = load_n(c + (inside ? row[0] + j * (int64_t)u.x_ld : row[j]), m, 0.0f);
        row += inside ? 1 : across;
        CLO_UNROLL
        for (int kx = 0; kx < K; kx++) {
            const vf wv = load(w += CLO_PANEL);
            CLO_UNROLL
            for (int p = 0; p < QUAD; p++)
                a[p] += wv * near[p * S + kx];
        }
    }
    CLO_UNROLL
    for (int p = 0; p < QUAD; p++)
        store_n(y + c + (size_t)p * u.y_ld, at_most(at_least(a[p], lo), hi), m);
}

/* n <= ZEROS channels of QUAD pixels side by side, for kernels K x K of step S across, undilated.
 * (iy, ix): the first input; with `inside` none is in the padding. */
CLO_INLINE void depthwise_quad(const clo_op *op, const float *x, const float *page, float *y,
                               int64_t iy, int64_t ix, size_t n, const int K, const int S,
                               const int inside) {
    const clo_dwconv u = op->u.dwconv;
    const vf lo = splat(op->lo);
    const vf hi = splat(op->hi);
    const int across = (QUAD - 1) * S + K;
    const float *at[5 * 11]; /* each row of inputs: all of it, or with `inside` where it begins */
    size_t c = 0;
    for (int ky = 0; ky < K; ky++)
        for (int j = 0; j < (inside ? 1 : across); j++) {
            const int64_t i = iy + ky * (int64_t)u.dh;
            const int here = inside || (i >= 0 && i < u.h && ix + j >= 0 && ix + j < u.w);
            at[inside ? ky : ky * across + j] = here ? x + (i * u.w + ix + j) * u.x_ld : zeros;
        }
    for (; c + CLO_VL <= n; c += CLO_VL)
        depthwise_vector(u, at, page, y, c, CLO_VL, lo, hi, K, S, inside);
    if (c < n)
        depthwise_vector(u, at, page, y, c, n - c, lo, hi, K, S, inside);
}

#define DEPTHWISE_CASE(K, S)                                                                       \
    case K * 10 + S:                                                                               \
        if (inside)                                                                                \
            depthwise_quad(op, x, page, y, iy, ix, n, K, S, 1);                                    \
        else                                                                                       \
            depthwise_quad(op, x, page, y, iy, ix, n, K, S, 0);                                    \
        break;

/* n <= ZEROS channels of all pixels. */
static void depthwise(const clo_op *op, const float *x, const float *page, float *to, size_t n,
                      clo_share share) {
    const clo_dwconv *u = &op->u.dwconv;
    const size_t unit = CLO_PANEL * ((size_t)u->kh * u->kw + 1);
    const int quads = u->dw == 1 && u->sw < 10 && u->kw == u->kh && u->ow >= QUAD;
    const uint32_t shape = quads ? u->kw * 10 + u->sw : 0;
    const size_t end = share_start(u->oh, share.part + 1, share.parts);
    for (size_t oy = share_start(u->oh, share.part, share.parts); oy < end; oy++) {
        const int64_t iy = (int64_t)(oy * u->sh) - u->pt;
        const int rows = iy >= 0 && iy + (u->kh - 1) * (int64_t)u->dh < u->h;
        for (size_t next = 0; next < u->ow; next += quads ? QUAD : 1) {
            const size_t ox = quads ? min_size(next, u->ow - QUAD)
                                    : next; /* the last ones may overlap the ones before */
            const int64_t ix = (int64_t)(ox * u->sw) - u->pl;
            const int inside =
                rows && ix >= 0 && ix + u->kw - 1 + (QUAD - 1) * (int64_t)u->sw < u->w;
            float *y = to + (oy * u->ow + ox) * u->y_ld;
            switch (shape) {
                DEPTHWISE_CASE(3, 1)
                DEPTHWISE_CASE(3, 2)
                DEPTHWISE_CASE(5, 1)
                DEPTHWISE_CASE(5, 2)
            default:
                for (size_t c = 0; c < n; c += CLO_VL)
                    for (int64_t p = 0; p < (quads ? QUAD : 1); p++)
                        depthwise_any(op, x + c, page + c / CLO_PANEL * unit + c % CLO_PANEL,
                                      y + c + p * u->y_ld, iy, ix + p * u->sw,
                                      min_size(CLO_VL, n - c));
            }
            activate(op->act, y, u->y_ld, quads ? QUAD : 1, n);
        }
    }
}

void CLO_WIDE(dwconv)(const clo_op *op, float *arena, float *scratch, const float *page,
                      uint32_t index, clo_share share) {
    const clo_dwconv *u = &op->u.dwconv;
    const size_t taps = (size_t)u->kh * u->kw;
    const size_t unit = CLO_PANEL * (taps + 1);
    const size_t first = (size_t)index * u->panels * CLO_PANEL;
    const size_t end = min_size(u->c, first + (size_t)u->panels * CLO_PANEL);
    float *to = scratch;
    for (size_t c = first; c < end && op->int8; c += CLO_PANEL, to += unit) {
        memcpy(to, page, CLO_PANEL * sizeof *to);
        widen(page + CLO_PANEL, taps, to + CLO_PANEL);
        page += CLO_PANEL + stored_floats(op, taps);
    }
    page = op->int8 ? scratch : page;
    for (size_t c = first; c < end; c += ZEROS)
        depthwise(op, arena + op->x.at + c, page + (c - first) / CLO_PANEL * unit,
                  arena + op->y.at + c, min_size(ZEROS, end - c), share);
}
