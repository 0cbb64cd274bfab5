/* SPDX-License-Identifier: Apache-2.0 */
/* threads.h: worker threads for clo_port.parallel. One pool for the process; they end with it. */
#ifndef CLO_POSIX_THREADS_H
#define CLO_POSIX_THREADS_H

#include "clo.h"

#define CLO_THREADS_MAX 16u

/* Sees that jobs can run in `threads` parts, 1 to CLO_THREADS_MAX; may be called again, with more.
 * Returns once all workers wait: nothing of their start is left for a system call filter to end.
 * 0, or -1 where the machine gives no thread. */
int clo_threads_start(uint32_t threads);

/* clo_port.parallel, in as many parts as were asked for last. Not from two threads at once. */
void clo_threads_run(void *ctx, void (*job)(void *arg, clo_share share), void *arg);

#endif
