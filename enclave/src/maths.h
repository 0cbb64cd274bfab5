/* SPDX-License-Identifier: Apache-2.0 */
/*
 * maths.h: the elementary functions on vectors, without libm.
 *
 * Straight-line code: no table, no branch, so time and addresses do not depend on the data.
 * Infinities, NaN and denormals give what IEEE 754 names. Largest errors in units in the last
 * place, over all 2^32 inputs (enclave/test/all_floats.c, bench/results): below 1 for exp, log,
 * tanh, erf and sigmoid, below 2 for SiLU, and for GELU where the result is at least 2^-40. Sums
 * such as softplus are bounded absolutely. Polynomials are recomputed by
 * enclave/python/fit_maths.py.
 */
#ifndef CLO_MATHS_H
#define CLO_MATHS_H

#include "vector.h"

#define CLO_INF __builtin_inff()
#define CLO_LN2_HIGH 0.693359375f /* 9 bits of ln 2: its product with an exponent is exact */
#define CLO_LN2_LOW (-2.12194440e-4f)

CLO_INLINE vf magnitude(vf x) {
    return (vf)((vi)x & 0x7fffffff);
}

CLO_INLINE vf with_sign_of(vf x, vf sign) {
    return (vf)(((vi)x & 0x7fffffff) | ((vi)sign & ~0x7fffffff));
}

/* exp(x + low) = 2^n (1 + r + c), |r| <= ln 2 / 2: r is given back, c is far smaller and holds what
 * r was rounded off. |x| < 2^22 or NaN, |low| <= 2^-20. */
CLO_INLINE vf exp_reduced(vf x, vf low, vi *n, vf *c) {
    const vf shift =
        splat(12582912.0f); /* 1.5 * 2^23: adding it rounds to an integer in the low bits */
    vf t = x * 1.44269504f + shift;
    *n = (vi)t - (vi)shift;
    t = t - shift;
    vf exact = x - t * CLO_LN2_HIGH;
    vf high = exact + low;
    vf r = high - t * CLO_LN2_LOW;
    vf lost = (high - r) - t * CLO_LN2_LOW;
    lost = lost + (low - (high - exact));
    vf p = splat(0.00139401807f);
    p = p * r + 0.00836882088f;
    p = p * r + 0.0416664071f;
    p = p * r + 0.166665196f;
    p = p * r + 0.5f;
    vf r2 = r * r;
    *c = p * r2 + lost;
    return r;
}

/* exp(x + low) = 2^n (s + tail): s is given back, tail is what it was rounded off. */
CLO_INLINE vf exp_parts(vf x, vf low, vi *n, vf *tail) {
    vf c;
    vf r = exp_reduced(x, low, n, &c);
    vf one_r = r + 1.0f;
    vf rest = (r - (one_r - 1.0f)) + c;
    vf s = one_r + rest;
    *tail = rest - (s - one_r);
    return s;
}

/* 2^n for -126 <= n <= 127. */
CLO_INLINE vf power_of_two(vi n) {
    return (vf)((n + 127) << 23);
}

/* x 2^n for -252 <= n <= 254, in two factors: one rounding for denormal results, and what is too
 * large becomes infinity. */
CLO_INLINE vf scaled(vf x, vi n) {
    vi half = n >> 1;
    return x * power_of_two(half) * power_of_two(n - half);
}

CLO_INLINE vf exp_of(vf x) {
    vi n;
    vf tail;
    x = at_most(at_least(x, splat(-104.0f)), splat(89.0f));
    vf s = exp_parts(x, splat(0.0f), &n, &tail);
    return scaled(s, n);
}

/* exp(x) - 1 for x <= 0 = h + low, accurate near 0; h is given back. */
CLO_INLINE vf expm1_parts(vf x, vf *low) {
    vi n;
    vf c;
    x = at_least(x, splat(-20.0f));
    vf r = exp_reduced(x, splat(0.0f), &n, &c);
    vf s = power_of_two(n);
    vf whole = s - 1.0f;
    vf part = s * r + 0.0f; /* fused with 0, so that the sums below see one number */
    vf sum = whole + part;
    vf rest = (part - (sum - whole)) + (s - (whole + 1.0f));
    rest = s * c + rest;
    vf h = sum + rest;
    *low = rest - (h - sum);
    return h;
}

CLO_INLINE vf expm1_negative(vf x) {
    vf low;
    return expm1_parts(x, &low);
}

/* (a + a_low) / (b + b_low), each the rounded number and what it was rounded off. */
CLO_INLINE vf quotient(vf a, vf a_low, vf b, vf b_low) {
    vf inverse = 1.0f / b;
    vf q = a * inverse + 0.0f;
    vf rest = a - q * b;
    rest = rest - q * b_low;
    return (rest + a_low) * inverse + q;
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
    vf scaled = pick(tiny, x * 8388608.0f, x);
    vi bits = (vi)scaled - 0x3f3504f3; /* sqrt(1/2) */
    vi e = bits >> 23;
    vf m = (vf)((bits & 0x7fffff) + 0x3f3504f3);
    vf exponent = __builtin_convertvector(e, vf) - (vf)((vi)splat(23.0f) & tiny);
    vf y = log_reduced(m - 1.0f, exponent);
    y = pick(x == 0.0f, splat(-CLO_INF), y);
    y = pick(x < 0.0f, splat(__builtin_nanf("")), y);
    return pick((x == CLO_INF) | (x != x), x, y);
}

CLO_INLINE vf tanh_of(vf x) {
    vf low;
    vf e = expm1_parts(-2.0f * magnitude(x), &low);
    vf d = e + 2.0f;
    vf d_low = (e - (d - 2.0f)) + low;
    return with_sign_of(quotient(e, low, d, d_low), x);
}

CLO_INLINE vf erf_of(vf x) {
    vf t = at_most(magnitude(x), splat(4.0f)); /* erf(4) rounds to 1 */
    vf s = t * t;
    vf p = splat(7.98979599e-05f);
    p = p * s - 0.000804864394f;
    p = p * s + 0.00519234687f;
    p = p * s - 0.0268557221f;
    p = p * s + 0.112836257f;
    p = p * s - 0.376126289f;
    p = p * s + 0.128379166f;
    vf near = p * t + t;
    vf q = splat(1.1230014e-05f);
    q = q * t - 0.000322794018f;
    q = q * t + 0.0036424296f;
    q = q * t - 0.0237620194f;
    q = q * t + 0.106236845f;
    q = q * t + 0.635151327f;
    q = q * t + 0.12864849f;
    vi n;
    vf tail;
    vf high = q * t + t;
    vf lost = q * t + (t - high);
    vf e = exp_parts(-high, -lost, &n, &tail);
    e = scaled(e, n);
    vf far = 1.0f - e;
    far = far + (((1.0f - far) - e) - scaled(tail, n));
    return with_sign_of(pick(t < 0.92f, near, far), x);
}

/* sigmoid(x) = 2^n q, n = 0 for x >= 0: q is given back. Small results keep their precision. */
CLO_INLINE vf sigmoid_parts(vf x, vi *n) {
    vi m;
    vf tail;
    const vi negative = x < 0.0f;
    vf s = exp_parts(at_least(-magnitude(x), splat(-120.0f)), splat(0.0f), &m, &tail);
    vf e = scaled(s, m);
    vf d = e + 1.0f;
    vf d_low = (e - (d - 1.0f)) + scaled(tail, m);
    *n = m & negative;
    return quotient(pick(negative, s, splat(1.0f)), pick(negative, tail, splat(0.0f)), d, d_low);
}

CLO_INLINE vf sigmoid_of(vf x) {
    vi n;
    vf q = sigmoid_parts(x, &n);
    return scaled(q, n);
}

/* x * sigmoid(k) = x / (1 + exp(-k)), k <= -120 where x <= -128: -inf gives -0, as the limit does.
 * exp(-k) = 2^n (1 + rest). Where k < 0 both terms and the result are scaled by 2^-64: nothing
 * overflows, and small results are rounded once. The denominator is sum + (s rest + lost). */
CLO_INLINE vf gated(vf x, vf k) {
    const vf shift = splat(12582912.0f);
    k = at_most(at_least(k, splat(-128.0f)), splat(42.0f));
    vf t = k * -1.44269504f + shift;
    const vi n = (vi)t - (vi)shift;
    t = t - shift;
    vf q = t * CLO_LN2_HIGH + k;
    q = t * CLO_LN2_LOW + q;
    vf p = splat(0.00139401807f); /* exp(-q) = 1 - q + q^2 p: the polynomial of exp_reduced */
    p = p * q - 0.00836882088f;
    p = p * q + 0.0416664071f;
    p = p * q - 0.166665196f;
    p = p * q + 0.5f;
    const vf q2 = q * q;
    const vf rest = p * q2 - q;
    const vi scale = (k < 0.0f) & -64;
    const vf one = power_of_two(scale);
    const vf s = power_of_two(n + scale);
    const vf sum = one + s;
    const vf lost = one - (sum - s);
    const vf d = (s * rest + lost) + sum;
    return at_least(x, splat(-128.0f)) / d * one;
}

/* x P(x), P the normal distribution: P(-t) = exp(-t^2 / 2) R(t) = 2^n m, P(t) = 1 - P(-t). R (t +
 * 3) is a polynomial Q of u = (t - 3) / (t + 3). What t^2 is rounded off goes into the exponential;
 * what u is rounded off moves Q by its derivative. */
CLO_INLINE vf gelu_of(vf x) {
    vi n;
    vf tail;
    const vi negative = x < 0.0f;
    vf t = at_most(magnitude(x), splat(15.0f)); /* P(-15) is 0 */
    vf above = t - 3.0f;
    vf below = t + 3.0f;
    vf u = above / below;
    vf rest = above - u * below;
    rest = rest + (t - (above + 3.0f));
    const vf below_low = t - (below - 3.0f);
    rest = rest - u * below_low;
    vf r = splat(5.43368624e-05f);
    r = r * u - 0.000199297894f;
    r = r * u - 0.000946688582f;
    r = r * u + 0.00101349188f;
    r = r * u + 0.00693647191f;
    r = r * u - 0.0104615316f;
    r = r * u - 0.0472579226f;
    r = r * u + 0.230017632f;
    r = r * u - 0.50933218f;
    vf high = r * u + 0.729083717f;
    vf low = r * u + (0.729083717f - high);
    low = low - 2.43125776e-08f;
    vf slope = t * below + 1.0f; /* Q' = (t Q (t + 3) - (t + 3)^2 / sqrt(2 pi) + Q) / (t + 3) */
    slope = slope * high + 0.0f;
    slope = slope - below * below * 0.398942280f;
    low = rest * slope * (1.0f / 6.0f) + low;
    vf head = (vf)((vi)t & ~0xfff); /* 12 bits: its square is exact */
    vf product = (t + head) * ((head - t) * 0.5f) + 0.0f;
    vf whole = head * head * -0.5f;
    vf exponent = whole + product;
    vf s = exp_parts(exponent, product - (exponent - whole), &n, &tail);
    low = s * low + 0.0f;
    low = tail * high + low;
    vf m = s * high + low;
    vf m_low = low - (m - s * high);
    vf p = quotient(m, m_low, below, below_low);
    vf q = scaled(p, n);
    vf other = 1.0f - q;
    vf y_low = t * pick(negative, splat(0.0f), (1.0f - other) - q) + 0.0f;
    vf y = at_least(x, splat(-16.0f)) * pick(negative, p, other) + y_low;
    return scaled(y, n & negative);
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
