/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector.h: one vector type for all machines, by GCC vector extensions.
 *
 * The sources that include this are compiled once per vector width (CMakeLists.txt) with
 *   CLO_NAME   the width's name: portable, avx2, avx512, neon
 *   CLO_VL     floats in one vector: 4, 8 or 16
 *   CLO_ROWS   rows of the micro-kernel's tile, <= CLO_ROWS_MAX
 *   CLO_NV     vectors of the micro-kernel's tile; CLO_NV * CLO_VL divides CLO_PANEL
 * and with -ffp-contract=fast, so that a * b + c is one fused operation where the machine has it.
 * Each expression holds one product only: the compiler has no choice in what it fuses, and every
 * width gets the same bits.
 */
#ifndef CLO_VECTOR_H
#define CLO_VECTOR_H

#include <stdint.h>
#include <string.h>

#include "clo.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#define CLO_INLINE static inline __attribute__((always_inline))
#define CLO_UNROLL _Pragma("GCC unroll 32")
#define CLO_ROLLED _Pragma("GCC unroll 1") /* stays a loop, and so becomes one vector */
#define CLO_LANES 16u /* reductions use this many partial results, whatever the width */
#define CLO_PARTS (CLO_LANES / CLO_VL)

#ifdef __aarch64__
#define CLO_BY_LANE 1 /* one instruction multiplies a vector by one lane of another and adds */
#else
#define CLO_BY_LANE 0 /* a number for all lanes comes from memory as cheaply */
#endif

typedef float vf __attribute__((vector_size(4 * CLO_VL), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * CLO_VL), aligned(4), may_alias));
typedef int16_t vh __attribute__((vector_size(4 * CLO_VL), aligned(4), may_alias));
typedef uint8_t vb __attribute__((vector_size(CLO_VL), aligned(1), may_alias));

CLO_INLINE vf splat(float a) {
    return a - (vf){0};
}

CLO_INLINE vf load(const float *p) {
    return *(const vf *)p;
}

CLO_INLINE void store(float *p, vf v) {
    *(vf *)p = v;
}

/* The first m < CLO_VL floats at p, the rest `fill`: reads nothing behind them. Both are written
 * lane by lane, for then the compiler finds the machine's loads and stores under a mask. */
CLO_INLINE vf load_part(const float *p, size_t m, float fill) {
    float lane[CLO_VL];
    CLO_ROLLED
    for (int i = 0; i < CLO_VL; i++)
        lane[i] = i < (int)m ? p[i] : fill;
    return load(lane);
}

/* Writes the first m < CLO_VL lanes, nothing behind them. */
CLO_INLINE void store_part(float *p, vf v, size_t m) {
    float lane[CLO_VL];
    store(lane, v);
    CLO_ROLLED
    for (int i = 0; i < CLO_VL; i++)
        if (i < (int)m)
            p[i] = lane[i];
}

CLO_INLINE vf load_n(const float *p, size_t m, float fill) {
    return m >= CLO_VL ? load(p) : load_part(p, m, fill);
}

CLO_INLINE void store_n(float *p, vf v, size_t m) {
    if (m >= CLO_VL)
        store(p, v);
    else
        store_part(p, v, m);
}

/* Codes of one byte, as numbers. */
CLO_INLINE vf load_codes(const uint8_t *p, size_t m) {
    vb b = {0};
    if (m >= CLO_VL)
        b = *(const vb *)p;
    else
        memcpy(&b, p, m);
    return __builtin_convertvector(b, vf);
}

CLO_INLINE void store_codes(uint8_t *p, vf v, size_t m) {
    const vb b = __builtin_convertvector(__builtin_convertvector(v, vi), vb);
    if (m >= CLO_VL)
        *(vb *)p = b;
    else
        memcpy(p, &b, m);
}

/* a + the products of the four bytes of each lane, x unsigned, w signed: exact, so the bits are the
 * same on every machine. */
#if defined(__AVX512VNNI__) && CLO_VL == 16
CLO_INLINE vi dot(vi a, vi x, vi w) {
    return (vi)_mm512_dpbusd_epi32((__m512i)a, (__m512i)x, (__m512i)w);
}
#else
/* a + the products of the two halves of each lane, which fit 16 bits. */
CLO_INLINE vi dot_halves(vi a, vh x, vh w) {
#if defined(__AVX2__) && CLO_VL == 8
    return a + (vi)_mm256_madd_epi16((__m256i)x, (__m256i)w);
#elif defined(__aarch64__)
    return (vi)vpadalq_s16((int32x4_t)a, (int16x8_t)(x * w));
#else
    const vi both = (vi)(x * w);
    return a + (both << 16 >> 16) + (both >> 16);
#endif
}

CLO_INLINE vi dot(vi a, vi x, vi w) {
    a = dot_halves(a, (vh)(x & 0xff00ff), (vh)w << 8 >> 8);
    return dot_halves(a, (vh)(x >> 8 & 0xff00ff), (vh)w >> 8);
}
#endif

/* mask ? a : b; a mask is what a comparison of vectors gives. */
CLO_INLINE vf pick(vi mask, vf a, vf b) {
    return (vf)(((vi)a & mask) | ((vi)b & ~mask));
}

/* at_least: a < b ? b : a; at_most: a > b ? b : a; a NaN in a passes. Written lane by lane, for
 * then the compiler finds the machine's maximum and minimum. */
#define CLO_BOUND(name, compare)                                                                   \
    CLO_INLINE vf name(vf a, vf b) {                                                               \
        float p[CLO_VL], q[CLO_VL];                                                                \
        store(p, a);                                                                               \
        store(q, b);                                                                               \
        CLO_ROLLED                                                                                 \
        for (int i = 0; i < CLO_VL; i++)                                                           \
            p[i] = p[i] compare q[i] ? q[i] : p[i];                                                \
        return load(p);                                                                            \
    }
CLO_BOUND(at_least, <)
CLO_BOUND(at_most, >)

/* Maximum and minimum that pass a NaN of either side. */
CLO_INLINE vf max_nan(vf a, vf b) {
    return pick(b != b, b, at_least(a, b));
}

CLO_INLINE vf min_nan(vf a, vf b) {
    return pick(b != b, b, at_most(a, b));
}

CLO_INLINE vf root(vf a) {
    CLO_UNROLL
    for (int i = 0; i < CLO_VL; i++)
        a[i] = __builtin_sqrtf(a[i]);
    return a;
}

#endif
