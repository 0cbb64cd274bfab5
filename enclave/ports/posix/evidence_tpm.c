/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evidence_tpm.c: quotes of a TPM 2.0 by one command, TPM2_Quote (TPM 2.0 library, part 3, section
 * 18.4), with a key that lies in the TPM, is restricted, needs no password and has its scheme; see
 * evidence.h.
 */
#include "evidence.h"
#include "stream.h"
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RESPONSE_MAX 4096u
#define RETRY 0x922u
#define HEAD 10u /* tag, size, code */

/* TPM2_Quote in one session with an empty password, the key's own scheme, PCRs in SHA-256; with
 * room for key, data and PCRs. */
static const uint8_t COMMAND[] = {
    0x80,         2,        0,        0, 0, 105, 0,         0,           1,
    0x58,         [17] = 9, 0x40,     0, 0, 9,   [28] = 64, [94] = 0x10, [98] = 1,
    [100] = 0x0b, 3,        [104] = 0};
enum { KEY_AT = 10, DATA_AT = 29, PCRS_AT = 102 };

const char *clo_tpm_open(clo_evidence *e) {
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    e->fd = open(e->source, O_RDWR | O_CLOEXEC);
    if (e->fd < 0 && errno == ENXIO && strlen(e->source) < sizeof at.sun_path) {
        memcpy(at.sun_path, e->source, strlen(e->source) + 1);
        const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, (const struct sockaddr *)&at, sizeof at) != 0) {
            close(fd);
            return "nobody answers at the TPM's socket";
        }
        e->fd = fd;
    }
    return e->fd >= 0 ? NULL : "there is no such TPM";
}

static uint32_t number(const uint8_t *at, size_t n) {
    uint32_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | at[i];
    return value;
}

/* One response: its length, 0 if there is none. A device gives it in one piece, a socket may not.
 */
static size_t respond(int fd, uint8_t *in) {
    size_t n = 0;
    while (n < HEAD || n < number(in + 2, 4)) {
        ssize_t got = read(fd, in + n, RESPONSE_MAX - n);
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return 0;
        n += got > 0 ? (size_t)got : 0;
    }
    return n == number(in + 2, 4) ? n : 0;
}

const char *clo_tpm_quote(clo_evidence *e, const uint8_t report_data[64], uint8_t *out, size_t cap,
                          size_t *n) {
    uint8_t command[sizeof COMMAND], in[RESPONSE_MAX];
    const uint32_t key = htobe32((uint32_t)e->tpm_key), pcrs = htole32((uint32_t)e->pcrs);
    memcpy(command, COMMAND, sizeof command);
    memcpy(command + KEY_AT, &key, sizeof key);
    memcpy(command + DATA_AT, report_data, 64);
    memcpy(command + PCRS_AT, &pcrs, 3);
    unsigned round = 0;
    do {
        if (clo_write_all(e->fd, command, sizeof command) != 0 || respond(e->fd, in) < HEAD)
            return "the TPM does not answer";
        errno = EBUSY;
    } while (number(in + 6, 4) == RETRY && clo_again(round++));
    if (number(in + 6, 4) != 0)
        return "the TPM refuses: is --tpm-key a restricted signing key without a password?";
    /* Parameters: TPM2B of the quote, TPMT_SIGNATURE; then the session's. */
    size_t total = number(in + 2, 4), length = number(in + HEAD, 4);
    const uint8_t *at = in + HEAD + 4;
    if (total < HEAD + 6 || length > total - HEAD - 4 || length > cap - 2 ||
        2 + number(at, 2) >= length)
        return "the TPM's answer has another form";
    const size_t quoted = 2 + number(at, 2);
    const uint16_t rest = htobe16((uint16_t)(length - quoted));
    memcpy(out, at, quoted);
    memcpy(out + quoted, &rest, sizeof rest);
    memcpy(out + quoted + 2, at + quoted, length - quoted);
    *n = length + 2;
    return NULL;
}
