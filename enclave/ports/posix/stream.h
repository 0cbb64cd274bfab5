/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h: whole reads and writes on descriptors. */
#ifndef CLO_POSIX_STREAM_H
#define CLO_POSIX_STREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads exactly n bytes: 1; 0 at the end of the stream before the first, -1 when it fails or ends
 * in between. */
int clo_read_all(int fd, void *to, size_t n);

/* Writes n bytes. 0 on success. */
int clo_write_all(int fd, const void *from, size_t n);

/* Whether a call that failed for the round-th time failed because the kernel is busy, and may be
 * tried again: it waits first, and gives up after 5 seconds. */
int clo_again(unsigned round);

/* A file of attributes below the directory dir, opened anew each time; clo_again while it is busy.
 * O_RDONLY: the whole of it, at most n bytes; its length, or -1 (EFBIG: it is longer). O_WRONLY: n
 * bytes in one go; how many were taken, or -1. */
ssize_t clo_file(int dir, const char *name, int how, void *data, size_t n);

#endif
