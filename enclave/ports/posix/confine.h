/* SPDX-License-Identifier: Apache-2.0 */
/* confine.h: how the process gives up all that it does not need, before it reads a byte from
 * outside. */
#ifndef CLO_POSIX_CONFINE_H
#define CLO_POSIX_CONFINE_H

/* What holds once clo_confine succeeded, in the words of docs/formats/claims.md ("level"). There is
 * no weaker level: a process that cannot reach it does not start. */
#define CLO_CONFINE_LEVEL "seccomp,nofiles,nonet,nnp,nodump,nocore,memlimit"

/* Leaves the process with its memory and the local socket `stream`, for good: no other descriptor
 * but `helper`, a second local socket (-1: there is none), standard error is closed too, no
 * environment, no system call but those of CALLS in confine.c; any other ends it. Local: AF_UNIX,
 * or AF_VSOCK to the host of a virtual machine. All memory must be mapped and all libraries warmed
 * up before. NULL on success, else what could not be done; the process must then end. */
const char *clo_confine(int stream, int helper);

/* Leaves the quote helper (evidence.h) with `stream` to the enclave, standard error, and `source`:
 * a device or socket, or a directory below which alone it may make directories, read and write
 * files (Landlock). No network, no other process. As clo_confine otherwise. */
const char *clo_confine_helper(int stream, int source);

#endif
