/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence_tsm.c: reports from configfs-tsm (Linux 6.7, Documentation/ABI/testing/
 * configfs-tsm-report); see evidence.h. Each is asked for in a directory of its own, which nobody
 * else should write to; `generation` shows it if somebody does, and then all is done anew.
 *
 *   1. mkdir    2. the provider is the kind's    3. privlevel, if asked for    4. inblob
 *   5. outblob, auxblob    6. generation is the number of our writes    7. rmdir
 *
 * An SNP report (1184 bytes) is followed by auxblob, the host's certificates, if there are any.
 */
#include "evidence.h"
#include "stream.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 5

static const char DISTURBED[] = "somebody else writes to its reports again and again";

const char *clo_tsm_open(clo_evidence *e) {
    e->fd = open(e->source, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    return e->fd >= 0 ? NULL
                      : "there is no such directory: is configfs mounted, Linux 6.7 or newer?";
}

/* (2) to (6). */
static const char *ask(const clo_evidence *e, int dir, const uint8_t report_data[64], uint8_t *out,
                       size_t cap, size_t *n) {
    char text[64] = {0}, expected[16];
    uint8_t data[64];
    memcpy(data, report_data, sizeof data);
    unsigned writes = 1;
    /* (2) */
    if (clo_file(dir, "provider", O_RDONLY, text, sizeof text - 1) < 0)
        return "provider cannot be read";
    text[strcspn(text, "\n")] = 0;
    if (strcmp(text, e->tee->format) != 0)
        return "its provider makes quotes of another kind of TEE";
    /* (3) */
    if (e->privlevel != CLO_NO_PRIVLEVEL) {
        int digits = snprintf(text, sizeof text, "%u", (unsigned)e->privlevel);
        if (clo_file(dir, "privlevel", O_WRONLY, text, (size_t)digits) != digits)
            return "privlevel is refused";
        writes++;
    }
    /* (4) */
    if (clo_file(dir, "inblob", O_WRONLY, data, sizeof data) != 64)
        return "inblob is refused";
    /* (5) */
    ssize_t report = clo_file(dir, "outblob", O_RDONLY, out, cap);
    if (report < 0)
        return errno == EFBIG ? "the report is too long" : "no report was made";
    if (report == 0)
        return "the report is empty";
    ssize_t more = clo_file(dir, "auxblob", O_RDONLY, out + report, cap - (size_t)report);
    /* (6) */
    memset(text, 0, sizeof text);
    if (clo_file(dir, "generation", O_RDONLY, text, sizeof text - 1) < 0)
        return "generation cannot be read";
    snprintf(expected, sizeof expected, "%u\n", writes);
    *n = (size_t)report + (more > 0 ? (size_t)more : 0);
    return strcmp(text, expected) == 0 ? NULL : DISTURBED;
}

const char *clo_tsm_quote(clo_evidence *e, const uint8_t report_data[64], uint8_t *out, size_t cap,
                          size_t *n) {
    const char *wrong = DISTURBED;
    char name[32];
    uint64_t random;
    for (int i = 0; i < TRIES && wrong == DISTURBED; i++) {
        if (getentropy(&random, sizeof random) != 0)
            return "no random numbers";
        snprintf(name, sizeof name, "cloister-%016llx", (unsigned long long)random);
        /* (1) */
        for (unsigned round = 0; mkdirat(e->fd, name, 0700) != 0; round++)
            if (!clo_again(round))
                return "no report can be asked for";
        int dir = openat(e->fd, name, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        wrong = dir < 0 ? "no report can be asked for" : ask(e, dir, report_data, out, cap, n);
        if (dir >= 0)
            (void)close(dir);
        /* (7) */
        for (unsigned round = 0; unlinkat(e->fd, name, AT_REMOVEDIR) != 0 && clo_again(round);)
            round++;
    }
    return wrong;
}
