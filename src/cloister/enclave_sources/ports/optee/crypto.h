/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.h: the port's primitives, from the GlobalPlatform Internal Core API as OP-TEE has it. */
#ifndef CLO_OPTEE_CRYPTO_H
#define CLO_OPTEE_CRYPTO_H

#include "clo.h"

/* Fills in all callbacks but `evidence` and `ctx`, which it leaves as they are. */
void clo_optee_crypto(clo_port *port);

#endif
