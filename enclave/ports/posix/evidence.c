/* SPDX-License-Identifier: Apache-2.0 */
/* evidence.c: the table of TEEs; see evidence.h. */
#include "evidence.h"
#include "confine.h"
#include <string.h>

#define TSM "/sys/kernel/config/tsm/report"

/* Gramine has no system calls by which a process could confine itself: no level is claimed. What
 * the process may open there is in the manifest, which its measurement covers. */
static const clo_tee TEES[] = {
    {"sandbox", "", "", CLO_CONFINE_LEVEL, true, false, clo_dev_open, clo_dev_quote},
    {"sgx", "/dev/attestation", "dcap", "", false, false, clo_gramine_open, clo_gramine_quote},
    {"tdx", TSM, "tdx_guest", CLO_CONFINE_LEVEL, false, true, clo_tsm_open, clo_tsm_quote},
    {"snp", TSM, "sev_guest", CLO_CONFINE_LEVEL, false, true, clo_tsm_open, clo_tsm_quote},
    {"tpm", "/dev/tpmrm0", "", CLO_CONFINE_LEVEL, true, true, clo_tpm_open, clo_tpm_quote},
};

const clo_tee *clo_tee_named(const char *name) {
    for (size_t i = 0; i < sizeof TEES / sizeof TEES[0]; i++)
        if (strcmp(name, TEES[i].name) == 0)
            return &TEES[i];
    return NULL;
}

int clo_evidence_own(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                     size_t *n) {
    clo_evidence *e = ctx;
    return e->tee->quote(e, report_data, out, cap, n) == NULL ? 0 : -1;
}
