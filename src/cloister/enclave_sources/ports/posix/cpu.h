/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpu.h: which kernels this machine can run.
 */
#ifndef CLO_CPU_H
#define CLO_CPU_H

#include "clo.h"

/* The kernels of that name ("portable", "avx2", "avx512", "neon"), or for "auto" the widest that
 * the machine can run; NULL when the name is unknown or the machine cannot run them. */
const clo_kernels *clo_kernels_best(const char *name);

#endif
