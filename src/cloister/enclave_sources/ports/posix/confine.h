/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h: how the process gives up all that it does not need, before it reads a byte from
 * outside. */
#ifndef CLO_POSIX_CONFINE_H
#define CLO_POSIX_CONFINE_H

/* What holds once clo_confine succeeded, in the words of docs/formats/claims.md ("level"). There is
 * no weaker level: a process that cannot reach it does not start. */
#define CLO_CONFINE_LEVEL "seccomp,nofiles,nonet,nnp,nodump,nocore,memlimit"

/* Leaves the process with its memory and the local socket `fd`, for good: no other descriptor
 * (standard error is closed too), no environment, no system call but those of CALLS in confine.c;
 * any other ends it. All memory must be mapped and all libraries warmed up before. NULL on success,
 * else what could not be done; the process must then end. */
const char *clo_confine(int fd);

#endif
