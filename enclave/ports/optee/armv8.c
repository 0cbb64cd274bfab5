/* SPDX-License-Identifier: Apache-2.0 */
/* armv8.c: see primitives.h. Compiled with -march=armv8-a+crypto; no other file is. */
#include "primitives.h"
#include <arm_neon.h>
#include <string.h>

/* ----------------------------------------------------------------------------------------------
 * SHA-256 (FIPS 180-4) */

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

typedef struct sha256_state {
    uint32x4_t abcd, efgh;
} sha256_state;

static void sha256_blocks(sha256_state *s, const uint8_t *p, size_t blocks) {
    for (; blocks > 0; blocks--, p += 64) {
        const sha256_state before = *s;
        uint32x4_t w[4];
        for (int i = 0; i < 4; i++)
            w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(p + 16 * i)));
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            uint32x4_t sum = vaddq_u32(w[i % 4], vld1q_u32(K + 4 * i)), abcd = s->abcd;
            if (i < 12)
                w[i % 4] = vsha256su1q_u32(vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]),
                                           w[(i + 2) % 4], w[(i + 3) % 4]);
            s->abcd = vsha256hq_u32(abcd, s->efgh, sum);
            s->efgh = vsha256h2q_u32(s->efgh, abcd, sum);
        }
        s->abcd = vaddq_u32(s->abcd, before.abcd);
        s->efgh = vaddq_u32(s->efgh, before.efgh);
    }
}

void clo_armv8_sha256(uint8_t out[32], const void *data, size_t n) {
    static const uint32_t start[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    sha256_state s = {vld1q_u32(start), vld1q_u32(start + 4)};
    uint8_t last[128] = {0};
    const uint8_t *p = data;
    size_t whole = n / 64, rest = n % 64, end = rest < 56 ? 64 : 128;
    sha256_blocks(&s, p, whole);
    if (rest > 0)
        memcpy(last, p + 64 * whole, rest);
    last[rest] = 0x80;
    for (size_t i = 0; i < 8; i++)
        last[end - 1 - i] = (uint8_t)((uint64_t)n * 8 >> (8 * i));
    sha256_blocks(&s, last, end / 64);
    vst1q_u8(out, vrev32q_u8(vreinterpretq_u8_u32(s.abcd)));
    vst1q_u8(out + 16, vrev32q_u8(vreinterpretq_u8_u32(s.efgh)));
}

/* ----------------------------------------------------------------------------------------------
 * AES-256 (FIPS 197) */

enum { ROUNDS = 14 };
typedef struct aes_key {
    uint8x16_t round[ROUNDS + 1];
} aes_key;

/* The S-box on each byte of a word: with one word in all columns, shifting rows changes nothing. */
static uint32_t sub_word(uint32_t w) {
    uint8x16_t v = vreinterpretq_u8_u32(vdupq_n_u32(w));
    return vgetq_lane_u32(vreinterpretq_u32_u8(vaeseq_u8(v, vdupq_n_u8(0))), 0);
}

static void aes_expand(aes_key *k, const uint8_t key[32]) {
    uint32_t w[4 * (ROUNDS + 1)];
    memcpy(w, key, 32);
    for (size_t i = 8; i < 4 * (ROUNDS + 1); i++) {
        uint32_t t = i % 4 == 0 ? sub_word(w[i - 1]) : w[i - 1];
        if (i % 8 == 0)
            t = (t >> 8 | t << 24) ^ 1u << (i / 8 - 1);
        w[i] = w[i - 8] ^ t;
    }
    memcpy(k->round, w, sizeof w);
    memset(w, 0, sizeof w);
    __asm__ volatile("" : : "r"(w) : "memory");
}

static inline uint8x16_t aes_encrypt(const aes_key *k, uint8x16_t block) {
#pragma GCC unroll 13
    for (int i = 0; i < ROUNDS - 1; i++)
        block = vaesmcq_u8(vaeseq_u8(block, k->round[i]));
    return veorq_u8(vaeseq_u8(block, k->round[ROUNDS - 1]), k->round[ROUNDS]);
}

/* ----------------------------------------------------------------------------------------------
 * GHASH (NIST SP 800-38D, section 6.4). With the bits of each byte reversed, bit i of the 128-bit
 * little-endian number is the coefficient of x^i, and the modulus is x^128 + x^7 + x^2 + x + 1. */

enum { AHEAD = 4 }; /* blocks for one reduction: y' = (y + a) h^4 + b h^3 + c h^2 + d h */

typedef struct gcm {
    aes_key key;
    uint64x2_t h[AHEAD], y; /* h, h^2 .. */
    uint32x4_t count;       /* nonce and counter, each word in the processor's order */
} gcm;

static inline uint64x2_t low_product(uint64x2_t a, uint64x2_t b) {
    return vreinterpretq_u64_p128(
        vmull_p64((poly64_t)vgetq_lane_u64(a, 0), (poly64_t)vgetq_lane_u64(b, 0)));
}

static inline uint64x2_t high_product(uint64x2_t a, uint64x2_t b) {
    return vreinterpretq_u64_p128(
        vmull_high_p64(vreinterpretq_p64_u64(a), vreinterpretq_p64_u64(b)));
}

/* Adds a product of 256 bits to its three overlapping parts. */
static inline void multiply_add(uint64x2_t sum[3], uint64x2_t a, uint64x2_t b) {
    const uint64x2_t crossed = vextq_u64(b, b, 1);
    sum[0] ^= low_product(a, b);
    sum[1] ^= low_product(a, crossed) ^ high_product(a, crossed);
    sum[2] ^= high_product(a, b);
}

static inline uint64x2_t reduce(const uint64x2_t sum[3]) {
    const uint64x2_t zero = vdupq_n_u64(0), modulus = vdupq_n_u64(0x87);
    uint64x2_t high = sum[2] ^ vextq_u64(sum[1], zero, 1);
    const uint64x2_t fold = high_product(high, modulus);
    high ^= vextq_u64(fold, zero, 1);
    return sum[0] ^ vextq_u64(zero, sum[1] ^ fold, 1) ^ low_product(high, modulus);
}

static inline uint64x2_t turned(uint8x16_t block) {
    return vreinterpretq_u64_u8(vrbitq_u8(block));
}

static uint64x2_t ghash_times(uint64x2_t a, uint64x2_t b) {
    uint64x2_t sum[3] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
    multiply_add(sum, a, b);
    return reduce(sum);
}

/* Takes n <= 16 bytes in, with zeros behind them. */
static void ghash_add(gcm *g, const void *p, size_t n) {
    uint8_t block[16] = {0};
    memcpy(block, p, n);
    g->y = ghash_times(g->y ^ turned(vld1q_u8(block)), g->h[0]);
}

/* The next block of the key stream. */
static inline uint8x16_t stream(gcm *g) {
    const uint8x16_t block = vrev32q_u8(vreinterpretq_u8_u32(g->count));
    g->count = vaddq_u32(g->count, vsetq_lane_u32(1, vdupq_n_u32(0), 3));
    return aes_encrypt(&g->key, block);
}

bool clo_armv8_gcm(bool seal, const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad,
                   size_t aad_n, uint8_t *buf, size_t n, uint8_t tag[16]) {
    gcm g = {.y = vdupq_n_u64(0)};
    uint8_t made[16] = {0}, different = 0, rest[16];
    size_t at = 0;
    aes_expand(&g.key, key);
    g.h[0] = turned(aes_encrypt(&g.key, vdupq_n_u8(0)));
    for (size_t i = 1; i < AHEAD; i++)
        g.h[i] = ghash_times(g.h[i - 1], g.h[0]);
    memcpy(made, nonce, 12);
    made[15] = 1;
    g.count = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(made)));
    const uint8x16_t mask = stream(&g);
    for (; at < aad_n; at += 16)
        ghash_add(&g, aad + at, aad_n - at < 16 ? aad_n - at : 16);
    for (at = 0; at + 16 * AHEAD <= n; at += 16 * AHEAD) {
        uint64x2_t sum[3] = {vdupq_n_u64(0), vdupq_n_u64(0), vdupq_n_u64(0)};
#pragma GCC unroll 4
        for (size_t i = 0; i < AHEAD; i++) {
            const uint8x16_t in = vld1q_u8(buf + at + 16 * i), out = in ^ stream(&g);
            const uint64x2_t taken = turned(seal ? out : in);
            vst1q_u8(buf + at + 16 * i, out);
            multiply_add(sum, i == 0 ? taken ^ g.y : taken, g.h[AHEAD - 1 - i]);
        }
        g.y = reduce(sum);
    }
    for (size_t left; at < n; at += left) {
        left = n - at < 16 ? n - at : 16;
        if (!seal)
            ghash_add(&g, buf + at, left);
        vst1q_u8(rest, stream(&g));
        for (size_t i = 0; i < left; i++)
            buf[at + i] ^= rest[i];
        if (seal)
            ghash_add(&g, buf + at, left);
    }
    const uint64_t lengths[2] = {__builtin_bswap64(8 * (uint64_t)aad_n),
                                 __builtin_bswap64(8 * (uint64_t)n)};
    ghash_add(&g, lengths, sizeof lengths);
    vst1q_u8(made, vrbitq_u8(vreinterpretq_u8_u64(g.y)) ^ mask);
    for (size_t i = 0; i < 16; i++)
        different |= made[i] ^ tag[i];
    if (seal)
        memcpy(tag, made, 16);
    memset(&g, 0, sizeof g);
    __asm__ volatile("" : : "r"(&g) : "memory");
    return seal || different == 0;
}
