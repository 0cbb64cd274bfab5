/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.h: the port's primitives, from libcrypto (OpenSSL 3), the kernel's random numbers, and the
 * machine's clock and floating-point control word.
 */
#ifndef CLO_POSIX_CRYPTO_H
#define CLO_POSIX_CRYPTO_H

#include "clo.h"

/* Fills in all callbacks but `evidence`, `key_get`, `key_put` and `ctx`, which it leaves as they
 * are. 0 on success. */
int clo_posix_crypto(clo_port *port);

/* Runs every primitive against a known answer, so that libcrypto has loaded all it needs before the
 * process gives up files. 0 on success. */
int clo_posix_self_test(const clo_port *port);

#endif
