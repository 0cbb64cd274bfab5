/* SPDX-License-Identifier: Apache-2.0 */
/*
 * primitives.h: those that are the application's own, because OP-TEE's take many times as many
 * instructions.
 *
 * SHA-256 and AES-256-GCM (armv8.c) with the processor's instructions for them. OP-TEE's are
 * portable C in Debian's builds: 110 instructions for each byte that is hashed, 400 for each byte
 * that is opened. A plan says whether the processor has the instructions (CLO_TA_CRYPTO_EXTENSIONS
 * in ta_plan.h): an application cannot ask.
 *
 * X25519 (x25519.c): OP-TEE's takes 13 million instructions, 25 times as many, and panics the
 * application that gives it a point of small order: any client could end it.
 *
 * Time and addresses do not depend on keys and data.
 */
#ifndef CLO_OPTEE_PRIMITIVES_H
#define CLO_OPTEE_PRIMITIVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void clo_armv8_sha256(uint8_t out[32], const void *data, size_t n);

/* One pass of AES-256-GCM over buf[n], in place; n < 2^32. seal: writes tag. Else: true when the
 * tag matches; buf is garbage when it does not. */
bool clo_armv8_gcm(bool seal, const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad,
                   size_t aad_n, uint8_t *buf, size_t n, uint8_t tag[16]);

/* X25519 (RFC 7748), as clo_port has it: out = scalar * point, or * 9. -1 when that is zero: the
 * point is of small order. */
int clo_x25519(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point);

#endif
