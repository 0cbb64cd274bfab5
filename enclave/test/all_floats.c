/* SPDX-License-Identifier: Apache-2.0 */
/*
 * all_floats.c: the functions of maths.h over all 2^32 inputs, against float64.
 *
 *   all_floats NAME STEP    every STEP-th bit pattern (1: all); prints the worst error in units in
 *                           the last place (of float32, denormals included) and where it is
 *
 * The references are the C library's vector functions in float64 (all_floats_exact.c), good to 4
 * units in the last place of float64: 2^-27 units of float32. Infinities and NaN are left to
 * tests/engine/test_maths.py. GELU: units where the result is at least 2^-40 in magnitude, else
 * the error must be below 2^-40 units of 1.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define select lane_select /* stdlib.h has another one */
#include "maths.h"

#define N 65536u

void exact_exp(const double *x, double *y);
void exact_log(const double *x, double *y);
void exact_tanh(const double *x, double *y);
void exact_erf(const double *x, double *y);
void exact_sqrt(const double *x, double *y);
void exact_sigmoid(const double *x, double *y);
void exact_silu(const double *x, double *y);
void exact_gelu(const double *x, double *y);

static float in[N], got[N];
static double wide[N], exact[N];

#define APPLY(name, value)                                                                         \
    static void apply_##name(void) {                                                               \
        for (size_t i = 0; i < N; i += CLO_VL) {                                                   \
            const vf v = load(in + i);                                                             \
            store(got + i, value);                                                                 \
        }                                                                                          \
    }
APPLY(exp, exp_of(v))
APPLY(log, log_of(v))
APPLY(tanh, tanh_of(v))
APPLY(erf, erf_of(v))
APPLY(sqrt, root(v))
APPLY(sigmoid, sigmoid_of(v))
APPLY(silu, gated(v, v))
APPLY(gelu, gelu_of(v))

/* from: the least input that counts; smallest: results below are held to an absolute bound. */
static const struct row {
    const char *name;
    void (*apply)(void);
    void (*exact)(const double *, double *);
    double bound, from, smallest;
} rows[] = {
    {"exp", apply_exp, exact_exp, 1.0, -INFINITY, 0},
    {"log", apply_log, exact_log, 1.0, 0x1p-149, 0},
    {"tanh", apply_tanh, exact_tanh, 1.0, -INFINITY, 0},
    {"erf", apply_erf, exact_erf, 1.0, -INFINITY, 0},
    {"sqrt", apply_sqrt, exact_sqrt, 0.5, 0, 0},
    {"sigmoid", apply_sigmoid, exact_sigmoid, 1.0, -INFINITY, 0},
    {"silu", apply_silu, exact_silu, 2.0, -INFINITY, 0},
    {"gelu", apply_gelu, exact_gelu, 2.0, -INFINITY, 0x1p-40},
};

static double unit(double y) {
    const double a = fabs(y);
    return a < 0x1p-126 ? 0x1p-149 : ldexp(1.0, ilogb(a > 0x1.fffffep127 ? 0x1p127 : a) - 23);
}

int main(int argc, char **argv) {
    double worst = 0, absolute = 0;
    float where = 0;
    const struct row *row = NULL;
    const unsigned long long step = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned long long count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (argc > 1 && strcmp(argv[1], rows[i].name) == 0)
            row = &rows[i];
    if (row == NULL || step == 0)
        return 2;
    for (unsigned long long bits = 0; bits < 1ull << 32;) {
        for (size_t i = 0; i < N; i++, bits += step) {
            const uint32_t b = bits < 1ull << 32 ? (uint32_t)bits : 0x3f800000u;
            memcpy(&in[i], &b, sizeof b);
            if (!isfinite(in[i]) || in[i] < row->from)
                in[i] = 1.0f;
            wide[i] = in[i];
        }
        row->apply();
        row->exact(wide, exact);
        count += N;
        for (size_t i = 0; i < N; i++) {
            const double e = fabs(exact[i]);
            double off = fabs(got[i] - exact[i]);
            if (e >= 0x1.ffffffp127) /* rounds to infinity */
                off = isinf(got[i]) && got[i] > 0 ? 0 : off;
            if (e < row->smallest) {
                absolute = off > absolute || isnan(off) ? off : absolute;
                continue;
            }
            if (off <= worst * 0x1p-150) /* cannot be worse */
                continue;
            off /= unit(exact[i]);
            if (off > worst || isnan(off)) {
                worst = off;
                where = in[i];
            }
        }
    }
    printf("%-8s %.4f ulp at %a (%.9g), bound %g", row->name, worst, where, where, row->bound);
    if (row->smallest > 0)
        printf("; absolute %.3g below %g", absolute, row->smallest);
    printf(", inputs %llu\n", count);
    return !(worst <= row->bound && absolute <= 0x1p-40);
}
