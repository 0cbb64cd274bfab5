/* SPDX-License-Identifier: Apache-2.0 */
/*
 * winograd.h: 3 x 3 convolutions of stride 1 in the transform domain, F(4 x 4, 3 x 3); part of
 * kernels_gemm.c, whose tiles it uses.
 *
 * A block of tiles (4 x 4 outputs, 6 x 6 inputs each) takes three steps: V = B' x B for each input
 * channel, M = U V as 36 matrix products over the channels, y = A' M A. U = G w G' is made from the
 * plain panel, CLO_WINO_C channels at a time, where it is used: it never leaves scratch. It costs
 * 36 products for 16 outputs and a channel, a direct convolution 144.
 *
 * Same bits for every width: B, A and what is left of G without its scale hold powers of two,
 * whose products are exact, and a 5 that appears in one fused expression; the scale of G is
 * multiplied last. M is summed in channel order, in float32, whatever the blocks are.
 */
#ifndef CLO_WINOGRAD_H
#define CLO_WINOGRAD_H

#include "kernels.h"

#define WINO_POINTS 36u
#define WINO_LD (CLO_WINO_C + 16u)            /* floats from row to row of V */
#define WINO_U (CLO_WINO_C * CLO_PANEL + 16u) /* floats of one matrix of U */

/* Six values of one row or column of a tile, `step` apart, to B' d. */
CLO_INLINE void wino_input(const vf *d, vf *to, const int step) {
    const vf a = d[0];
    const vf b = d[step];
    const vf c = d[2 * step];
    const vf e = d[3 * step];
    const vf f = d[4 * step];
    const vf g = d[5 * step];
    const vf even = f - 4.0f * c;
    const vf odd = e - 4.0f * b;
    const vf even2 = f - c;
    const vf odd2 = 2.0f * (e - b);
    const vf first = f - 5.0f * c;
    const vf last = g - 5.0f * e;
    to[0] = 4.0f * a + first;
    to[step] = even + odd;
    to[2 * step] = even - odd;
    to[3 * step] = even2 + odd2;
    to[4 * step] = even2 - odd2;
    to[5 * step] = 4.0f * b + last;
}

/* Six sums to A' m: four outputs. */
CLO_INLINE void wino_output(const vf *m, const int step, vf *to, const int to_step) {
    const vf b = m[step];
    const vf c = m[2 * step];
    const vf e = m[3 * step];
    const vf f = m[4 * step];
    const vf plus = b + c;
    const vf minus = b - c;
    const vf plus2 = e + f;
    const vf minus2 = e - f;
    to[0] = (m[0] + plus) + plus2;
    to[to_step] = minus + 2.0f * minus2;
    to[2 * to_step] = plus + 4.0f * plus2;
    to[3 * to_step] = (minus + 8.0f * minus2) + m[5 * step];
}

/* Three weights to six, without the scale of G. */
CLO_INLINE void wino_weight(const vf *g, const int step, vf *to, const int to_step) {
    const vf ends = g[0] + g[2 * step];
    const vf ends4 = g[0] + 4.0f * g[2 * step];
    const vf twice = 2.0f * g[step];
    to[0] = g[0];
    to[to_step] = ends + g[step];
    to[2 * to_step] = ends - g[step];
    to[3 * to_step] = ends4 + twice;
    to[4 * to_step] = ends4 - twice;
    to[5 * to_step] = g[2 * step];
}

static const float wino_scale[6] = {1.0f / 4, -1.0f / 6, -1.0f / 6, 1.0f / 24, 1.0f / 24, 1.0f};

/* U of channels [c0, c0 + n) of a panel: u[point][channel][CLO_PANEL]. w: row 0 of its weights. */
static void wino_weights(const float *w, size_t channels, size_t c0, size_t n, float *u) {
    for (size_t k = 0; k < n; k++)
        for (size_t v = 0; v < CLO_PANEL; v += CLO_VL) {
            vf g[9];
            vf half[18];
            vf full[WINO_POINTS];
            CLO_UNROLL
            for (size_t tap = 0; tap < 9; tap++) {
                const float *from = w + (tap * channels + c0 + k) * CLO_PANEL + v;
                __builtin_prefetch(from + 8 * CLO_PANEL); /* nine streams are too many for most */
                g[tap] = load(from);
            }
            CLO_UNROLL
            for (int x = 0; x < 3; x++)
                wino_weight(g + x, 3, half + x, 3);
            CLO_UNROLL
            for (int y = 0; y < 6; y++)
                wino_weight(half + 3 * y, 1, full + 6 * y, 1);
            CLO_UNROLL
            for (size_t p = 0; p < WINO_POINTS; p++)
                store(u + p * WINO_U + k * CLO_PANEL + v,
                      full[p] * (wino_scale[p / 6] * wino_scale[p % 6]));
        }
}

/* A block of tiles and where its matrices lie: v[slot][point][tile][WINO_LD], m[point][tile]. */
typedef struct wino {
    size_t wide, first, tiles;       /* tiles across the map; of this block */
    size_t v_point, v_slot, m_point; /* floats from one to the next */
    float *u, *m, *v;
} wino;

/* V of channels [c0, c0 + n) of all tiles of a block. */
static void wino_inputs(const clo_conv *u, const float *x, const wino *b, size_t c0, size_t n,
                        float *to) {
    for (size_t t = 0; t < b->tiles; t++, to += WINO_LD) {
        const int64_t iy = (int64_t)((b->first + t) / b->wide * 4) - u->pt;
        const int64_t ix = (int64_t)((b->first + t) % b->wide * 4) - u->pl;
        const int inside = iy >= 0 && ix >= 0 && iy + 6 <= u->h && ix + 6 <= u->w;
        const float *corner = x + (iy * u->w + ix) * u->x_ld + (int64_t)c0;
        for (size_t k = 0; k < n; k += CLO_VL) {
            vf d[WINO_POINTS];
            if (inside && n - k >= CLO_VL) {
                CLO_UNROLL
                for (int p = 0; p < (int)WINO_POINTS; p++)
                    d[p] = load(corner + (p / 6 * (int64_t)u->w + p % 6) * u->x_ld + k);
            } else {
                for (int p = 0; p < (int)WINO_POINTS; p++) {
                    const int64_t i = iy + p / 6;
                    const int64_t j = ix + p % 6;
                    const int here = i >= 0 && j >= 0 && i < u->h && j < u->w;
                    const float *from =
                        here ? corner + (p / 6 * (int64_t)u->w + p % 6) * u->x_ld + k : zeros;
                    d[p] = load_n(from, n - k, 0.0f);
                }
            }
            CLO_UNROLL
            for (int j = 0; j < 6; j++)
                wino_input(d + j, d + j, 6);
            CLO_UNROLL
            for (int i = 0; i < 6; i++)
                wino_input(d + 6 * i, d + 6 * i, 1);
            CLO_UNROLL
            for (size_t p = 0; p < WINO_POINTS; p++)
                store(to + p * b->v_point + k, d[p]);
        }
    }
}

/* The outputs of a block in one panel, of which n channels exist; y and z: of pixel 0. */
static void wino_outputs(const clo_op *op, const wino *b, const float *bias, const float *z,
                         float *y, size_t n) {
    const clo_conv *u = &op->u.conv;
    for (size_t t = 0; t < b->tiles; t++) {
        const size_t oy = (b->first + t) / b->wide * 4;
        const size_t ox = (b->first + t) % b->wide * 4;
        const size_t high = min_size(4, u->oh - oy);
        const size_t across = min_size(4, u->ow - ox);
        for (size_t k = 0; k < n; k += CLO_VL) {
            const float *m = b->m + t * CLO_PANEL + k;
            vf d[WINO_POINTS];
            vf half[24];
            vf out[16];
            CLO_UNROLL
            for (size_t p = 0; p < WINO_POINTS; p++)
                d[p] = load(m + p * b->m_point);
            CLO_UNROLL
            for (int j = 0; j < 6; j++)
                wino_output(d + j, 6, half + j, 6);
            CLO_UNROLL
            for (int i = 0; i < 4; i++)
                wino_output(half + 6 * i, 1, out + 4 * i, 1);
            for (size_t i = 0; i < high; i++)
                for (size_t j = 0; j < across; j++) {
                    const size_t pixel = (oy + i) * u->ow + ox + j;
                    vf o = out[4 * i + j] + load(bias + k);
                    if (z)
                        o = o + load_n(z + pixel * u->z_ld + k, n - k, 0.0f);
                    o = at_most(at_least(o, splat(op->lo)), splat(op->hi));
                    store_n(y + pixel * u->y_ld + k, o, n - k);
                }
        }
        for (size_t i = 0; i < high; i++)
            activate(op->act, y + ((oy + i) * u->ow + ox) * u->y_ld, u->y_ld, across, n);
    }
}

/* One panel of a block: t is its tile, as panel_tile gives it. With `make`, V is made too. */
static void wino_panel(const clo_op *op, const float *x, const wino *b, const tile *t, size_t n,
                       const int make) {
    const clo_conv *u = &op->u.conv;
    const tiling rows = tiling_of(b->tiles);
    const size_t wide = (n + 15) / 16 * 16;
    for (size_t c0 = 0, slot = 0; c0 < u->c; c0 += CLO_WINO_C, slot++) {
        const size_t c = min_size(CLO_WINO_C, u->c - c0);
        float *const v = b->v + slot * b->v_slot;
        if (make)
            wino_inputs(u, x, b, c0, c, v);
        wino_weights(t->w, u->c, c0, c, b->u);
        for (size_t p = 0; p < WINO_POINTS; p++) {
            float *const m = b->m + p * b->m_point;
            tile k = {.taps = 1, .c = c, .w = b->u + p * WINO_U, .init = c0 ? m : zeros};
            k.init_ld = c0 ? CLO_PANEL : 0;
            k.y = m;
            k.y_ld = CLO_PANEL;
            k.lo = -__builtin_inff();
            k.hi = __builtin_inff();
            panel_run(&k, wide, rows, 0, rows.tiles, v + p * b->v_point, WINO_LD);
        }
    }
    wino_outputs(op, b, t->init, t->z, t->y, n);
}

/* One page. Where it holds several panels, V stays for all of them, and where one block is all for
 * the next pages, too. */
static void wino_run(const clo_op *op, float *arena, float *scratch, const float *page,
                     uint32_t index, clo_share share) {
    const clo_conv *u = &op->u.conv;
    const size_t per_group = (u->n + CLO_PANEL - 1) / CLO_PANEL;
    const size_t slots = u->panels > 1 ? (u->c + CLO_WINO_C - 1) / CLO_WINO_C : 1;
    const size_t across = ((size_t)u->ow + 3) / 4;
    const size_t all = across * (((size_t)u->oh + 3) / 4);
    /* Parts take panels, where that is even and there are many: U is made once, and V by each. */
    const int heavy = per_group % share.parts == 0 && 9 * (size_t)u->n > 2 * (size_t)u->h * u->w;
    const clo_share mine = heavy ? (clo_share){0, 1} : share;
    const size_t first = share_start(all, mine.part, mine.parts);
    const size_t end = share_start(all, mine.part + 1, mine.parts);
    const size_t tiles = end - first;
    const size_t a_tile = CLO_PANEL + slots * WINO_LD; /* floats, at each point */
    const size_t wide = wide_floats(op);
    const size_t room = ((op->scratch - 4 * wide) / (4 * WINO_POINTS) - WINO_U - 16) / a_tile;
    const size_t blocks = (tiles + room - 1) / room;
    const size_t most = blocks ? (tiles + blocks - 1) / blocks : 0;
    const size_t step = heavy ? share.parts : 1; /* of this part's first panels */
    const part p = part_of(u, (layout){.taps = 9, .run = u->c}, per_group, index);
    const float *x = arena + op->x.at;
    wino b = {.wide = across, .first = first};
    b.v_point = most * WINO_LD;
    b.m_point = most * CLO_PANEL + 16;
    b.v_slot = slots > 1 ? WINO_POINTS * b.v_point : 0;
    b.u = scratch + wide;
    b.m = b.u + WINO_POINTS * WINO_U;
    b.v = b.m + WINO_POINTS * b.m_point;
    for (; b.first < end; b.first += most) {
        b.tiles = min_size(most, end - b.first);
        for (size_t q = p.q0, done = 0; q < p.q1; q++) {
            size_t n;
            if (mine.parts < share.parts && q % share.parts != share.part)
                continue;
            const tile t = panel_tile(op, arena, scratch, page, p, q, per_group, &n);
            wino_panel(op, x, &b, &t, n, u->panels == 1 || (blocks == 1 ? q < step : done++ == 0));
        }
    }
}

#endif
