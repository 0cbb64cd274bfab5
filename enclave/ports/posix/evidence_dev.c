/* SPDX-License-Identifier: Apache-2.0 */
/* evidence_dev.c: sandbox evidence; see evidence.h. */
#include "evidence.h"
#include <string.h>

#define CONTEXT "cloister/v1 sandbox evidence" /* its final zero byte included */
#define EVIDENCE 128u

const char *clo_dev_open(clo_evidence *e) {
    const clo_port *port = e->port;
    return port->ed25519_pair(port->ctx, e->public_key, e->seed) != 0 ? "no key can be made" : NULL;
}

const char *clo_dev_quote(clo_evidence *e, const uint8_t report_data[64], uint8_t *out, size_t cap,
                          size_t *n) {
    uint8_t signed_data[sizeof CONTEXT + 64] = CONTEXT, evidence[EVIDENCE] = {0};
    if (cap < sizeof evidence)
        return "no room";
    memcpy(signed_data + sizeof CONTEXT, report_data, 64);
    memcpy(evidence, e->public_key, sizeof e->public_key);
    if (e->port->ed25519_sign(e->port->ctx, evidence + 32, e->seed, e->public_key, signed_data,
                              sizeof signed_data) != 0)
        return "signing fails";
    memcpy(out, evidence, sizeof evidence);
    *n = sizeof evidence;
    return NULL;
}
