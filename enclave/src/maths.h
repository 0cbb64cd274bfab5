/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maths.h: the elementary functions on vectors, without libm.
 *
 * Straight-line code: no table, no branch, so time and addresses do not depend on the data.
 * Infinities, NaN and denormals give what IEEE 754 names. Largest errors in units in the last
 * place, as tests/engine/test_maths.py measures them against float64: exp 1, log 1, tanh 2, erf 1,
 * sigmoid 2; sums such as GELU and softplus are bounded absolutely. Polynomials are recomputed by
 * enclave/python/fit_maths.py.
 */
#ifndef CLO_MATHS_H
#define CLO_MATHS_H

#include "vector.h"

#define CLO_INF __builtin_inff()
#define CLO_LN2_HIGH 0.693359375f /* 9 bits of ln 2: its product with an exponent is exact */
#define CLO_LN2_LOW (-2.12194440e-4f)

CLO_INLINE vf from_bits(vi bits) {
    return (vf)bits;
}

CLO_INLINE vf magnitude(vf x) {
    return (vf)((vi)x & 0x7fffffff);
}

CLO_INLINE vf with_sign_of(vf x, vf sign) {
    return (vf)(((vi)x & 0x7fffffff) | ((vi)sign & ~0x7fffffff));
}

/* x = n ln 2 + r with |r| <= ln 2 / 2; gives exp(r) - 1 and n. |x| < 2^22 or NaN. */
CLO_INLINE vf exp_reduced(vf x, vi *n) {
    const vf shift =
        splat(12582912.0f); /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    vf t = x * 1.44269504f + shift;
    *n = (vi)t - (vi)shift;
    t = t - shift;
    vf r = x - t * CLO_LN2_HIGH;
    r = r - t * CLO_LN2_LOW;
    vf p = splat(0.00139401807f);
    p = p * r + 0.00836882088f;
    p = p * r + 0.0416664071f;
    p = p * r + 0.166665196f;
    p = p * r + 0.5f;
    vf r2 = r * r;
    return p * r2 + r;
}

/* 2^n for -126 <= n <= 127. */
CLO_INLINE vf power_of_two(vi n) {
    return from_bits((n + 127) << 23);
}

CLO_INLINE vf exp_of(vf x) {
    vi n;
    x = at_most(at_least(x, splat(-104.0f)), splat(89.0f));
    vf p = exp_reduced(x, &n) + 1.0f;
    vi half =
        n >> 1; /* two factors: one rounding for denormal results, and n = 128 becomes infinity */
    return p * power_of_two(half) * power_of_two(n - half);
}

/* exp(x) - 1 for x <= 0, accurate near 0. */
CLO_INLINE vf expm1_negative(vf x) {
    vi n;
    x = at_least(x, splat(-20.0f));
    vf p = exp_reduced(x, &n);
    vf s = power_of_two(n);
    return p * s + (s - 1.0f);
}

/* log(1 + f) for 1 + f in [sqrt(1/2), sqrt(2)], plus e ln 2. */
CLO_INLINE vf log_reduced(vf f, vf e) {
    vf p = splat(0.0675164536f);
    p = p * f - 0.116725735f;
    p = p * f + 0.118838862f;
    p = p * f - 0.124059089f;
    p = p * f + 0.142202795f;
    p = p * f - 0.166679993f;
    p = p * f + 0.200020745f;
    p = p * f - 0.250000089f;
    p = p * f + 0.333333135f;
    p = p * f - 0.5f;
    vf f2 = f * f;
    vf small = p * f2 + 0.0f; /* fused with 0, so that the next product is not left to choice */
    small = e * CLO_LN2_LOW + small;
    small = small + f;
    return e * CLO_LN2_HIGH + small;
}

CLO_INLINE vf log_of(vf x) {
    vi tiny = x < 1.17549435e-38f;
    vf scaled = select(tiny, x * 8388608.0f, x);
    vi bits = (vi)scaled - 0x3f3504f3; /* sqrt(1/2) */
    vi e = bits >> 23;
    vf m = from_bits((bits & 0x7fffff) + 0x3f3504f3);
    vf exponent = __builtin_convertvector(e, vf) - (vf)((vi)splat(23.0f) & tiny);
    vf y = log_reduced(m - 1.0f, exponent);
    y = select(x == 0.0f, splat(-CLO_INF), y);
    y = select(x < 0.0f, splat(__builtin_nanf("")), y);
    return select((x == CLO_INF) | (x != x), x, y);
}

CLO_INLINE vf tanh_of(vf x) {
    vf e = expm1_negative(-2.0f * magnitude(x));
    return with_sign_of(e / (e + 2.0f), x);
}

CLO_INLINE vf erf_of(vf x) {
    vf t = at_most(magnitude(x), splat(4.0f)); /* erf(4) rounds to 1 */
    vf s = t * t;
    vf p = splat(-0.000600379426f);
    p = p * s + 0.00499585317f;
    p = p * s - 0.0267685801f;
    p = p * s + 0.11281877f;
    p = p * s - 0.376125008f;
    p = p * s + 0.128379151f;
    vf near = p * t + t;
    vf q = splat(1.1230014e-05f);
    q = q * t - 0.000322794018f;
    q = q * t + 0.0036424296f;
    q = q * t - 0.0237620194f;
    q = q * t + 0.106236845f;
    q = q * t + 0.635151327f;
    q = q * t + 0.12864849f;
    q = q * t + t;
    vf far = 1.0f - exp_of(-q);
    return with_sign_of(select(t < 0.92f, near, far), x);
}

CLO_INLINE vf sigmoid_of(vf x) {
    vf e = exp_of(-magnitude(x)); /* never overflows; small results keep their precision */
    return select(x < 0.0f, e, splat(1.0f)) / (e + 1.0f);
}

/* x * sigmoid(k): -inf gives -0, as the limit does. */
CLO_INLINE vf gated(vf x, vf k) {
    return at_least(x, splat(-3.40282347e38f)) * sigmoid_of(k);
}

CLO_INLINE vf gelu_of(vf x) {
    vf h = at_least(x, splat(-3.40282347e38f)) * 0.5f;
    vf e = erf_of(x * 0.707106781f);
    return h * (e + 1.0f);
}

/* 0.5 x (1 + tanh(u)) = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3) */
CLO_INLINE vf gelu_tanh_of(vf x) {
    vf x2 = x * x;
    vf k = x2 * 0.0713548163f + 1.59576912f;
    return gated(x, k * x);
}

/* log(1 + exp(x)) = max(x, 0) + log(1 + e), e = exp(-|x|); the rounding of 1 + e is put back. */
CLO_INLINE vf softplus_of(vf x) {
    vf e = exp_of(-magnitude(x));
    vf u = e + 1.0f;
    vf lost = (e - (u - 1.0f)) / u;
    return at_least(x, splat(0.0f)) + (log_of(u) + lost);
}

#endif
