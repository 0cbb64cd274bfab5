/* SPDX-License-Identifier: Apache-2.0 */
/* helper.c: the quote helper; see evidence.h. An answer is its length (u32), then the quote; length
 * 0: there is none. */
#include "confine.h"
#include "evidence.h"
#include "stream.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define GONE 3 /* as the program's exit code for a machine that lacks something */
#define COMPLAINTS 16

/* The helper's life. What goes wrong is said on standard error, a few times. */
static _Noreturn void serve(clo_evidence *e, int fd) {
    static uint8_t data[64], out[CLO_EVIDENCE_MAX];
    int complaints = 0;
    const char *wrong = clo_confine_helper(fd, e->fd);
    if (wrong != NULL) {
        fprintf(stderr, "cloister-enclave: the quote helper: %s\n", wrong);
        _exit(GONE);
    }
    while (clo_read_all(fd, data, sizeof data) == 1) {
        size_t n = 0;
        wrong = e->tee->quote(e, data, out, sizeof out, &n);
        if (wrong != NULL && complaints++ < COMPLAINTS)
            fprintf(stderr, "cloister-enclave: %s quotes from %s: %s\n", e->tee->name, e->source,
                    wrong);
        uint32_t length = wrong == NULL ? (uint32_t)n : 0;
        if (clo_write_all(fd, &length, sizeof length) != 0 || clo_write_all(fd, out, length) != 0)
            break;
    }
    _exit(0);
}

const char *clo_helper_start(clo_evidence *e) {
    int pair[2];
    const char *wrong = e->tee->open(e);
    if (wrong != NULL)
        return wrong;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return "there is no room for a quote helper";
    pid_t pid = fork();
    if (pid == 0)
        serve(e, pair[0]);
    (void)close(pair[0]);
    (void)close(e->fd);
    e->fd = pair[1];
    return pid > 0 ? NULL : "there is no room for a quote helper";
}

int clo_evidence_by_helper(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                           size_t *n) {
    const clo_evidence *e = ctx;
    uint32_t length = 0;
    if (clo_write_all(e->fd, report_data, 64) != 0 ||
        clo_read_all(e->fd, &length, sizeof length) != 1 || length > cap ||
        clo_read_all(e->fd, out, length) < 0)
        _exit(GONE);
    *n = length;
    return length > 0 ? 0 : -1;
}
