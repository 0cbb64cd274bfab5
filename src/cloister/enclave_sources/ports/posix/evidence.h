/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.h: the providers of evidence, one file each (docs/formats/claims.md). */
#ifndef CLO_POSIX_EVIDENCE_H
#define CLO_POSIX_EVIDENCE_H

#include "clo.h"

/* The sandbox's: signed by a key that the process makes at its start and that nobody vouches for.
 * It protects nothing against the host. */
typedef struct clo_evidence_dev {
    const clo_port *port;
    uint8_t seed[32], public_key[32];
} clo_evidence_dev;

/* Makes the key. 0 on success. */
int clo_evidence_dev_init(clo_evidence_dev *dev, const clo_port *port);

/* clo_port.evidence; ctx is a clo_evidence_dev. Writes 128 bytes. */
int clo_evidence_dev_make(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                          size_t *n);

#endif
