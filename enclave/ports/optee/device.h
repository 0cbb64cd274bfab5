/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h: what the application keeps on the device, in secure storage, and how it proves where it
 * runs; docs/optee.md.
 */
#ifndef CLO_OPTEE_DEVICE_H
#define CLO_OPTEE_DEVICE_H

#include "clo.h"
#include <tee_internal_api.h>

/* Mixes a seed (memory) into OP-TEE's random numbers, then opens the device's key, which is made at
 * the first use, and the attestation service, where there is one. Returns what evidence will be:
 * "attested" or "unattested"; NULL without secure storage. Called once before the others, and
 * closed in any case. */
const char *clo_device_open(TEE_Param seed);
void clo_device_close(void);

/* clo_port.evidence, of the kind that clo_device_open said; ctx: the port. */
int clo_device_evidence(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                        size_t *n);

/* clo_port.key_get and key_put: keys of models, by their id. */
int clo_device_key_get(void *ctx, const uint8_t id[16], uint8_t key[32]);
int clo_device_key_put(void *ctx, const uint8_t id[16], const uint8_t key[32]);

#endif
