/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x25519.c: see primitives.h.
 *
 * Numbers modulo p = 2^255 - 19 are five limbs of 51 bits, the lowest first. Products have limbs
 * below 2^51 + 2^13; they take limbs below 2^54: sums and differences of two products, and more.
 */
#include "primitives.h"
#include <string.h>

__extension__ typedef unsigned __int128 wide;
typedef uint64_t number[5];
enum { LIMB = 51, BITS = 255 };
static const uint64_t MASK = ((uint64_t)1 << LIMB) - 1;

static void multiply(number out, const number a, const number b) {
    number product;
    wide sum = 0;
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++) /* 2^255 = 19 */
            sum += (wide)a[j] * (j <= i ? b[i - j] : 19 * b[5 + i - j]);
        product[i] = (uint64_t)sum & MASK;
        sum >>= LIMB;
    }
    product[0] += 19 * (uint64_t)sum;
    product[1] += product[0] >> LIMB;
    product[0] &= MASK;
    memcpy(out, product, sizeof product);
}

/* To the difference 2 p is added: no limb is negative. */
static void add_and_subtract(number sum, number difference, const number a, const number b) {
    for (int i = 0; i < 5; i++) {
        const uint64_t x = a[i], y = b[i];
        sum[i] = x + y;
        difference[i] = x + 2 * (i == 0 ? MASK - 18 : MASK) - y;
    }
}

static void swap_if(int bit, number a[2], number b[2]) {
    for (int i = 0; i < 10; i++) {
        const uint64_t changed = (a[i / 5][i % 5] ^ b[i / 5][i % 5]) & (0 - (uint64_t)bit);
        a[i / 5][i % 5] ^= changed;
        b[i / 5][i % 5] ^= changed;
    }
}

/* a^(p - 2): all bits of the exponent are set, but bits 2 and 4. */
static void invert(number out, const number a) {
    memcpy(out, (const number){1}, sizeof(number));
    for (int bit = BITS - 1; bit >= 0; bit--) {
        multiply(out, out, out);
        if (bit != 2 && bit != 4)
            multiply(out, out, a);
    }
}

/* Of a product, which is below 2 p: p goes where 19 more carry out of the top. */
static void pack(uint8_t out[32], number a) {
    uint64_t carry = 19;
    for (int i = 0; i < 5; i++)
        carry = (a[i] + carry) >> LIMB;
    a[0] += 19 * carry;
    for (int i = 0; i < 4; i++)
        a[i + 1] += a[i] >> LIMB; /* bits above a limb's are not read */
    memset(out, 0, 32);
    for (int i = 0; i < BITS; i++)
        out[i / 8] |= (uint8_t)((a[i / LIMB] >> (i % LIMB) & 1) << (i % 8));
}

/* RFC 7748, section 5, with u = {x2, z2} and v = {x3, z3}. */
int clo_x25519(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point) {
    struct {
        number x1, u[2], v[2], a, b, c, d;
    } s = {.x1 = {point ? 0 : 9}, .u = {{1}}, .v = {{0}, {1}}};
    uint8_t any = 0;
    (void)ctx;
    for (int i = 0; point && i < BITS; i++)
        s.x1[i / LIMB] |= (uint64_t)(point[i / 8] >> (i % 8) & 1) << (i % LIMB);
    memcpy(s.v[0], s.x1, sizeof s.x1);
    for (int i = BITS - 1; i >= 0; i--) {
        const int bit = i < 3 ? 0 : i == BITS - 1 ? 1 : scalar[i / 8] >> i % 8 & 1;
        swap_if(bit, s.u, s.v);
        add_and_subtract(s.a, s.b, s.u[0], s.u[1]);
        add_and_subtract(s.c, s.d, s.v[0], s.v[1]);
        multiply(s.d, s.d, s.a);
        multiply(s.c, s.c, s.b);
        multiply(s.a, s.a, s.a);
        multiply(s.b, s.b, s.b);
        add_and_subtract(s.v[0], s.v[1], s.d, s.c);
        multiply(s.v[0], s.v[0], s.v[0]);
        multiply(s.v[1], s.v[1], s.v[1]);
        multiply(s.v[1], s.v[1], s.x1);
        multiply(s.u[0], s.a, s.b);
        add_and_subtract(s.d, s.b, s.a, s.b);
        multiply(s.c, s.b, (const number){121665});
        add_and_subtract(s.c, s.d, s.c, s.a);
        multiply(s.u[1], s.b, s.c);
        swap_if(bit, s.u, s.v);
    }
    invert(s.a, s.u[1]);
    multiply(s.a, s.a, s.u[0]);
    pack(out, s.a);
    for (int i = 0; i < 32; i++)
        any |= out[i];
    memset(&s, 0, sizeof s);
    __asm__ volatile("" : : "r"(&s) : "memory");
    return any == 0 ? -1 : 0;
}
