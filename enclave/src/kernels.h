/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels.h: the names that the kernel files of one vector width share.
 */
#ifndef CLO_KERNELS_H
#define CLO_KERNELS_H

#include "vector.h"

#define CLO_PASTE_(a, b) a##b
#define CLO_PASTE(a, b) CLO_PASTE_(a, b)
#define CLO_QUOTE_(a) #a
#define CLO_QUOTE(a) CLO_QUOTE_(a)
#define CLO_WIDE(name) CLO_PASTE(CLO_PASTE(clo_, name), CLO_PASTE(_, CLO_NAME))

CLO_INLINE size_t min_size(size_t a, size_t b) {
    return a < b ? a : b;
}

#define ROUND 12582912.0f /* 1.5 * 2^23: adding it rounds small numbers, half to even */

/* v in steps, rounded and clipped to 8 bits: what its code is above that of 0. */
CLO_INLINE vf rounded(vf v, vf step, vf low) {
    return at_most(at_least(low, v / step), low + 255.0f) + ROUND - ROUND;
}

/* y = f(x) of `rows` rows of `cols` numbers: fn is a clo_unary_fn with parameters p0 and p1. */
#define map_rows CLO_WIDE(map_rows)
void map_rows(uint32_t fn, float p0, float p1, const float *x, size_t x_ld, float *y, size_t y_ld,
              size_t rows, size_t cols);

/* The fused function of a CONV or DWCONV, on what it has written. */
CLO_INLINE void activate(uint32_t act, float *y, size_t ld, size_t rows, size_t cols) {
    if (act)
        map_rows(act - 1, 0.0f, 0.0f, y, ld, y, ld, rows, cols);
}

/* Where part i of n things begins; it ends where the next begins. */
CLO_INLINE size_t share_start(size_t n, uint32_t i, uint32_t parts) {
    return n / parts * i + n % parts * i / parts;
}

clo_kernel CLO_WIDE(conv);
clo_kernel CLO_WIDE(dwconv);
clo_kernel CLO_WIDE(matmul);

#endif
