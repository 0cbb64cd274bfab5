/* SPDX-License-Identifier: Apache-2.0 */
/*
 * armv8.h: SHA-256 and AES-256-GCM inside the application, with the processor's instructions for
 * them.
 *
 * OP-TEE's own are portable C in Debian's builds: 110 instructions for each byte that is hashed,
 * 400 for each byte that is opened. A plan says whether the processor has the instructions
 * (CLO_TA_CRYPTO_EXTENSIONS in ta_plan.h): an application cannot ask. Time and addresses do not
 * depend on the data.
 */
#ifndef CLO_OPTEE_ARMV8_H
#define CLO_OPTEE_ARMV8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void clo_armv8_sha256(uint8_t out[32], const void *data, size_t n);

/* One pass of AES-256-GCM over buf[n], in place; n < 2^32. seal: writes tag. Else: true when the
 * tag matches; buf is garbage when it does not. */
bool clo_armv8_gcm(bool seal, const uint8_t key[32], const uint8_t nonce[12], const uint8_t *aad,
                   size_t aad_n, uint8_t *buf, size_t n, uint8_t tag[16]);

#endif
