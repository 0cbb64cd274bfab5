/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.h: the port's primitives, from the GlobalPlatform Internal Core API as OP-TEE has it. */
#ifndef CLO_OPTEE_CRYPTO_H
#define CLO_OPTEE_CRYPTO_H

#include "clo.h"
#include <stdbool.h>
#include <tee_internal_api.h>

/* Fills in its callbacks; `ctx` and those of device.h are left as they are. */
void clo_optee_crypto(clo_port *port);

/* Signs data[n], or verifies (mode: TEE_MODE_SIGN, TEE_MODE_VERIFY), with an Ed25519 pair of
 * OP-TEE's. */
bool clo_optee_ed25519(uint32_t mode, TEE_ObjectHandle pair, const void *data, size_t n,
                       uint8_t sig[64]);

#endif
