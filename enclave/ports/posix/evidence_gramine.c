/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence_gramine.c: SGX quotes from Gramine's pseudo-files; see evidence.h. They belong to this
 * process alone. A quote is made when `quote` is opened, so each goes: write, close, open, read.
 */
#include "evidence.h"
#include "stream.h"
#include <fcntl.h>
#include <string.h>

const char *clo_gramine_open(clo_evidence *e) {
    char type[16] = {0};
    e->fd = open(e->source, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    if (e->fd < 0)
        return "there is no such directory: is this Gramine?";
    if (clo_file(e->fd, "attestation_type", O_RDONLY, type, sizeof type - 1) <= 0)
        return "attestation_type cannot be read: is this SGX?";
    type[strcspn(type, "\n")] = 0;
    return strcmp(type, e->tee->format) == 0
               ? NULL
               : "the manifest does not say sgx.remote_attestation = \"dcap\"";
}

const char *clo_gramine_quote(clo_evidence *e, const uint8_t report_data[64], uint8_t *out,
                              size_t cap, size_t *n) {
    uint8_t data[64];
    memcpy(data, report_data, sizeof data);
    if (clo_file(e->fd, "user_report_data", O_WRONLY, data, sizeof data) != 64)
        return "user_report_data cannot be written";
    ssize_t got = clo_file(e->fd, "quote", O_RDONLY, out, cap);
    if (got <= 0)
        return "no quote was made: do AESM and the quoting enclave run?";
    *n = (size_t)got;
    return NULL;
}
