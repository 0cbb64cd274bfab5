/* SPDX-License-Identifier: Apache-2.0 */
/* claims.h: what an instance says about itself (docs/formats/claims.md), and about an answer
 * (docs/formats/receipt.md). */
#ifndef CLO_CLAIMS_H
#define CLO_CLAIMS_H

#include "bytes.h"

#define CLO_CLAIMS_MAX 1024u
#define CLO_RECEIPT_MAX 320u

typedef struct clo_claims {
    uint64_t iat, exp;
    const uint8_t *nonce;
    size_t nonce_n; /* 0: none */
    const uint8_t *key_config, *receipt_key, *manifest_digest, *model_digest;
    const char *tee, *level, *kernels;
    uint32_t debug;
} clo_claims;

/* Writes the claims as deterministic CBOR to out and the report data that binds them to evidence.
 * CLO_E_SIZE when they do not fit, which only the port's own texts can cause. */
clo_err clo_claims_write(const clo_claims *c, const clo_port *port, uint8_t out[CLO_CLAIMS_MAX],
                         size_t *n, uint8_t report_data[64]);

typedef struct clo_receipt {
    uint64_t host_time; /* seconds since 1970, the host's word */
    const uint8_t *manifest_digest, *model_digest, *request_digest, *response_digest;
    const char *tail_check; /* how the tail's outputs were checked; at most 16 bytes */
} clo_receipt;

/* Signs a receipt with the Ed25519 key and puts it as COSE_Sign1 of deterministic CBOR, at most
 * CLO_RECEIPT_MAX bytes. */
clo_err clo_receipt_write(const clo_receipt *r, const clo_port *port, const uint8_t seed[32],
                          const uint8_t public_key[32], clo_writer *out);

#endif
