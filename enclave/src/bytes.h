/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bytes.h: the one bounds-checked reader of outside bytes, the one bounds-checked writer, and
 * arithmetic on sizes that saturates instead of wrapping. Nothing else in the core moves a cursor
 * over bytes by hand.
 */
#ifndef CLO_BYTES_H
#define CLO_BYTES_H

#include "clo.h"
#include <stdbool.h>
#include <string.h>

/* Sums and products of sizes. A result that does not fit is UINT64_MAX: larger than any bound it is
 * compared with. */
static inline uint64_t clo_add(uint64_t a, uint64_t b) {
    uint64_t r;
    return __builtin_add_overflow(a, b, &r) ? UINT64_MAX : r;
}

static inline uint64_t clo_mul(uint64_t a, uint64_t b) {
    uint64_t r;
    return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

/* Rounds up to CLO_ALIGN; n < 2^63. */
static inline uint64_t clo_round(uint64_t n) {
    return (n + CLO_ALIGN - 1) & ~(uint64_t)(CLO_ALIGN - 1);
}

static inline bool clo_is_zero(const void *bytes, size_t n) {
    const uint8_t *b = bytes;
    uint8_t any = 0;
    for (size_t i = 0; i < n; i++)
        any |= b[i];
    return any == 0;
}

/* Reads memory that the host may change meanwhile: each byte is copied out once, then forgotten. */
typedef struct clo_reader {
    const uint8_t *at;
    size_t left;
} clo_reader;

/* Copies the next n bytes to out, which has room for them; false, and out untouched, when fewer are
 * left. */
static inline bool clo_take(clo_reader *r, void *out, size_t n) {
    if (n > r->left)
        return false;
    if (n > 0)
        memcpy(out, r->at, n);
    r->at += n;
    r->left -= n;
    return true;
}

/* Passes over the next n bytes without reading them. */
static inline void clo_skip(clo_reader *r, size_t n) {
    n = n < r->left ? n : r->left;
    r->at += n;
    r->left -= n;
}

/* Writes to out[cap]; what does not fit is dropped, and n then exceeds cap for good. */
typedef struct clo_writer {
    uint8_t *out;
    size_t cap, n;
} clo_writer;

static inline void clo_put(clo_writer *w, const void *bytes, size_t n) {
    if (w->n > w->cap || n > w->cap - w->n) {
        w->n = w->cap + 1;
        return;
    }
    if (n > 0)
        memcpy(w->out + w->n, bytes, n);
    w->n += n;
}

/* The low `n` bytes of v, most significant first. */
static inline void clo_put_be(clo_writer *w, uint64_t v, size_t n) {
    while (n-- > 0) {
        const uint8_t byte = (uint8_t)(v >> (8 * n));
        clo_put(w, &byte, 1);
    }
}

static inline void clo_put_text(clo_writer *w, const char *text) {
    clo_put(w, text, strlen(text));
}

static inline bool clo_fits(const clo_writer *w) {
    return w->n <= w->cap;
}

#endif
