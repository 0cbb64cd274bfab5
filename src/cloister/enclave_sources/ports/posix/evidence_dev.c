/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_dev.c: sandbox evidence; see evidence.h. */
#include "evidence.h"
#include <string.h>

#define CONTEXT "cloister/v1 sandbox evidence" /* its final zero byte included */
#define EVIDENCE 128u

int clo_evidence_dev_init(clo_evidence_dev *dev, const clo_port *port) {
    dev->port = port;
    if (port->random(port->ctx, dev->seed, sizeof dev->seed) != 0)
        return -1;
    return port->ed25519_public(port->ctx, dev->public_key, dev->seed);
}

int clo_evidence_dev_make(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                          size_t *n) {
    const clo_evidence_dev *dev = ctx;
    uint8_t signed_data[sizeof CONTEXT + 64] = CONTEXT, evidence[EVIDENCE] = {0};
    if (cap < sizeof evidence)
        return -1;
    memcpy(signed_data + sizeof CONTEXT, report_data, 64);
    memcpy(evidence, dev->public_key, sizeof dev->public_key);
    if (dev->port->ed25519_sign(dev->port->ctx, evidence + 32, dev->seed, signed_data,
                                sizeof signed_data) != 0)
        return -1;
    memcpy(out, evidence, sizeof evidence);
    *n = sizeof evidence;
    return 0;
}
