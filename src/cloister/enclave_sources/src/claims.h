/* SPDX-License-Identifier: Apache-2.0 */
/* claims.h: what an instance says about itself (docs/formats/claims.md). */
#ifndef CLO_CLAIMS_H
#define CLO_CLAIMS_H

#include "clo.h"

#define CLO_CLAIMS_MAX 1024u

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

#endif
