/* SPDX-License-Identifier: Apache-2.0 */
/* stream.c: see stream.h. */
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 50u
#define ROUND_NS 100000000L

int clo_read_all(int fd, void *to, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(fd, (uint8_t *)to + done, n - done);
        if (got == 0 && done == 0)
            return 0;
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return -1;
        done += got > 0 ? (size_t)got : 0;
    }
    return 1;
}

int clo_write_all(int fd, const void *from, size_t n) {
    const uint8_t *at = from;
    while (n > 0) {
        ssize_t put = write(fd, at, n);
        if (put < 0 && errno != EINTR)
            return -1;
        at += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

int clo_again(unsigned round) {
    const struct timespec wait = {0, ROUND_NS};
    if ((errno != EBUSY && errno != EINTR && errno != EAGAIN) || round >= ROUNDS)
        return 0;
    (void)nanosleep(&wait, NULL);
    return 1;
}

/* Reads until the end; a file that may be longer than cap is none. */
static ssize_t whole(int fd, uint8_t *out, size_t cap) {
    size_t n = 0;
    uint8_t more;
    for (;;) {
        ssize_t got = n < cap ? read(fd, out + n, cap - n) : read(fd, &more, 1);
        if (got <= 0)
            return got < 0 ? -1 : (ssize_t)n;
        errno = EFBIG;
        if (n == cap)
            return -1;
        n += (size_t)got;
    }
}

ssize_t clo_file(int dir, const char *name, int how, void *data, size_t n) {
    for (unsigned round = 0;; round++) {
        ssize_t done = -1;
        int fd = openat(dir, name, how | O_CLOEXEC | O_NOFOLLOW);
        if (fd >= 0)
            done = how == O_WRONLY ? write(fd, data, n) : whole(fd, data, n);
        int error = errno;
        if (fd >= 0 && close(fd) != 0)
            return -1;
        errno = error;
        if (done >= 0 || !clo_again(round))
            return done;
    }
}
