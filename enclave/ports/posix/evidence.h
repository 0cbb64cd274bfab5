/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence.h: the kinds of TEE that this port serves, a row and a file each
 * (docs/formats/claims.md).
 *
 * A row either makes evidence in the enclave's own process, or in a helper that is forked before
 * there is any secret and does only this: 64 bytes in, a quote out (helper.h).
 */
#ifndef CLO_POSIX_EVIDENCE_H
#define CLO_POSIX_EVIDENCE_H

#include "clo.h"
#include <stdbool.h>

/* The longest evidence: what a CLAIMS frame holds beside the claims. */
#define CLO_EVIDENCE_MAX 30720u

typedef struct clo_evidence clo_evidence;

/* Both return NULL, or what went wrong. clo_open fills in what clo_quote needs, which writes n <=
 * cap bytes of evidence over the report data. */
typedef const char *clo_open(clo_evidence *e);
typedef const char *clo_quote(clo_evidence *e, const uint8_t report_data[64], uint8_t *out,
                              size_t cap, size_t *n);

typedef struct clo_tee {
    const char *name;   /* --tee, and the claim */
    const char *source; /* directory or device, unless --source names another */
    const char *format; /* what a source may be of several says: configfs-tsm's provider */
    const char *level;  /* how the enclave's process confines itself: a claim */
    bool debug;         /* nobody vouches for it: claim dbgstat */
    bool helper;        /* its quotes are made by the helper */
    clo_open *open;
    clo_quote *quote;
} clo_tee;

/* One source of evidence. */
struct clo_evidence {
    const clo_port *port;
    const clo_tee *tee;
    const char *source;
    uint64_t privlevel; /* of the report, VMPL; CLO_NO_PRIVLEVEL: the kernel's choice */
    uint64_t tpm_key;   /* handle of the TPM's attestation key */
    uint64_t pcrs;      /* PCRs to quote, bit by bit */
    int fd;             /* what open opened; with a helper: the enclave's way to it */
    uint8_t seed[32], public_key[32]; /* the sandbox's */
};
#define CLO_NO_PRIVLEVEL 255u

/* The row of that name; NULL: there is none. */
const clo_tee *clo_tee_named(const char *name);

/* Opens the source of a kind with a helper and forks; afterwards e->fd leads to the helper. NULL on
 * success, else what went wrong. */
const char *clo_helper_start(clo_evidence *e);

/* clo_port.evidence, by the helper or in this process; ctx is a clo_evidence. */
int clo_evidence_by_helper(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                           size_t *n);
int clo_evidence_own(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap, size_t *n);

/* evidence_dev.c: the sandbox's, signed by a key that the process makes at its start and that
 * nobody vouches for; it protects nothing against the host. evidence_gramine.c: SGX under Gramine,
 * /dev/attestation. evidence_tsm.c: TDX and SEV-SNP, the report directory of configfs-tsm.
 * evidence_tpm.c: a TPM 2.0, a device or a local socket. */
clo_open clo_dev_open, clo_gramine_open, clo_tsm_open, clo_tpm_open;
clo_quote clo_dev_quote, clo_gramine_quote, clo_tsm_quote, clo_tpm_quote;

#endif
