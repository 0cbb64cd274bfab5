/* SPDX-License-Identifier: Apache-2.0 */
/*
 * all_floats_exact.c: float64 references for all_floats.c; compiled with -Ofast, so that GCC calls
 * the C library's vector functions. Every input is finite.
 */
#include <math.h>

#define N 65536
#define EXACT(name, value)                                                                         \
    void exact_##name(const double *restrict x, double *restrict y) {                              \
        for (int i = 0; i < N; i++)                                                                \
            y[i] = value;                                                                          \
    }
#define CLAMP(v, a) ((v) < -(a) ? -(a) : (v) > (a) ? (a) : (v))

EXACT(exp, exp(CLAMP(x[i], 200.0)))
EXACT(log, log(x[i]))
EXACT(tanh, tanh(CLAMP(x[i], 40.0)))
EXACT(erf, erf(CLAMP(x[i], 8.0)))
EXACT(sqrt, sqrt(x[i]))
EXACT(sigmoid, 1.0 / (1.0 + exp(-CLAMP(x[i], 200.0))))
EXACT(silu, x[i] * (1.0 / (1.0 + exp(-CLAMP(x[i], 600.0)))))
EXACT(gelu, 0.5 * x[i] * erfc(CLAMP(x[i], 30.0) * -0.70710678118654752440))
