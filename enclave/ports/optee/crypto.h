/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.h: the port's primitives, from the GlobalPlatform Internal Core API as OP-TEE has it. */
#ifndef CLO_OPTEE_CRYPTO_H
#define CLO_OPTEE_CRYPTO_H

#include "clo.h"
#include <stdbool.h>
#include <tee_internal_api.h>

/* Fills in its callbacks; `ctx` and those of device.h are left as they are. */
void clo_optee_crypto(clo_port *port);

/* Makes an Ed25519 pair; on failure *pair is TEE_HANDLE_NULL or to be released. */
TEE_Result clo_optee_pair(TEE_ObjectHandle *pair);

/* Tells one half of it: TEE_ATTR_ED25519_PUBLIC_VALUE, TEE_ATTR_ED25519_PRIVATE_VALUE. */
bool clo_optee_half(TEE_ObjectHandle pair, uint32_t attribute, uint8_t out[32]);

/* Signs data[n] with an Ed25519 pair of OP-TEE's. */
bool clo_optee_sign(TEE_ObjectHandle pair, const void *data, size_t n, uint8_t sig[64]);

#endif
