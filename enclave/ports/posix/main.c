/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: cloister-enclave, one instance of the enclave in a process of its own, on an inherited
 * local stream socket.
 *
 *   cloister-enclave --fd N --memory BYTES [--replay ENTRIES] [--window BYTES] [--threads N]
 *                    [--kernels NAME] [--tee NAME] [--source PATH] [--privlevel N] [--tpm-key N]
 *                    [--pcrs BITS]
 *
 * It maps all memory, makes one piece of evidence to see that it can, confines itself (confine.h),
 * and only then reads its first byte. Frames are those of docs/formats/frames.md; a frame that the
 * stream cannot continue after ends the process. Under Gramine, which hands no descriptor down, it
 * reads from N and writes to standard output.
 * Exit code: 0 the stream ended, 2 usage, 3 the machine lacks something, 4 the stream broke its
 * rules or failed.
 */
#define _GNU_SOURCE
#include "confine.h"
#include "cpu.h"
#include "crypto.h"
#include "evidence.h"
#include "stream.h"
#include "threads.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { USAGE = 2, MACHINE = 3, STREAM = 4 };

typedef struct options {
    uint64_t fd, memory, replay, window, threads, privlevel, tpm_key, pcrs;
    const char *kernels, *tee, *source;
} options;

typedef struct buffer {
    uint8_t *at;
    size_t n;
} buffer;

/* Decimal digits only. */
static bool number(const char *text, uint64_t *out) {
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0;
}

static bool parse(int argc, char **argv, options *o) {
    const struct {
        const char *name;
        uint64_t *value; /* of a number */
        const char **text;
    } known[] = {{"--fd", &o->fd, NULL},           {"--memory", &o->memory, NULL},
                 {"--replay", &o->replay, NULL},   {"--window", &o->window, NULL},
                 {"--threads", &o->threads, NULL}, {"--privlevel", &o->privlevel, NULL},
                 {"--tpm-key", &o->tpm_key, NULL}, {"--pcrs", &o->pcrs, NULL},
                 {"--kernels", NULL, &o->kernels}, {"--tee", NULL, &o->tee},
                 {"--source", NULL, &o->source}};
    const size_t n = sizeof known / sizeof known[0];
    for (int i = 1; i + 1 < argc; i += 2) {
        size_t j = 0;
        while (j < n && strcmp(argv[i], known[j].name) != 0)
            j++;
        if (j == n || (known[j].value != NULL && !number(argv[i + 1], known[j].value)))
            return false;
        if (known[j].text != NULL)
            *known[j].text = argv[i + 1];
    }
    return argc % 2 == 1 && o->fd <= 1u << 20 && o->memory > 0 && o->memory < 1ull << 40 &&
           o->replay <= 1u << 28 && o->window >= CLO_PAGE_MAX + CLO_TAG && o->window <= 1u << 30 &&
           o->threads >= 1 && o->threads <= CLO_THREADS_MAX && o->privlevel <= CLO_NO_PRIVLEVEL &&
           o->tpm_key <= UINT32_MAX && o->pcrs < 1u << 24 && clo_tee_named(o->tee) != NULL;
}

static buffer map(uint64_t n) {
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return (buffer){p == MAP_FAILED ? NULL : p, n};
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Takes frames until the stream ends. */
static int serve(int fd, int to, clo_session *s, buffer in, buffer out) {
    for (;;) {
        clo_frame head;
        size_t n = 0;
        int got = clo_read_all(fd, in.at, sizeof head);
        if (got <= 0)
            return got == 0 ? 0 : STREAM;
        memcpy(&head, in.at, sizeof head);
        if (head.magic != CLO_FRAME_MAGIC || head.length > in.n - sizeof head)
            return STREAM;
        if (head.length > 0 && clo_read_all(fd, in.at + sizeof head, head.length) != 1)
            return STREAM;
        (void)clo_step(s, in.at, sizeof head + head.length, out.at, out.n, &n); /* the frame says */
        if (n == 0 || clo_write_all(to, out.at, n) != 0)
            return STREAM;
    }
}

/* Finds where evidence comes from, before there is any secret. */
static const char *open_evidence(clo_evidence *e, const options *o, clo_port *port) {
    const clo_tee *tee = clo_tee_named(o->tee);
    const char *source = o->source != NULL ? o->source : tee->source;
    *e = (clo_evidence){port, tee, source, o->privlevel, o->tpm_key, o->pcrs, -1, {0}, {0}};
    port->ctx = e;
    port->evidence = tee->helper ? clo_evidence_by_helper : clo_evidence_own;
    if (clo_posix_crypto(port) != 0 || clo_posix_self_test(port) != 0)
        return "libcrypto does not do what it should";
    return tee->helper ? clo_helper_start(e) : tee->open(e);
}

/* Starts the session, sees that evidence can be made, and confines the process, where it can. */
static const char *prepare(clo_session *session, const clo_config *config, buffer in, buffer out,
                           const clo_evidence *e, int fd) {
    static const uint8_t nothing[64];
    size_t n = 0;
    if (config->kernels == NULL)
        return "no such kernels on this machine";
    if (config->memory == NULL || in.at == NULL || out.at == NULL)
        return "memory cannot be mapped";
    if (clo_session_init(session, config) != CLO_OK)
        return "--replay must be a power of two";
    if (config->port->evidence(config->port->ctx, nothing, out.at, CLO_EVIDENCE_MAX, &n) != 0)
        return "no evidence can be made";
    if (config->level[0] == 0)
        return NULL;
    (void)madvise(config->memory, config->bytes, MADV_HUGEPAGE);
    (void)mlock(config->memory, config->bytes); /* as far as the machine lets us */
    return clo_confine(fd, e->tee->helper ? e->fd : -1);
}

static int start(const options *o) {
    static clo_session session;
    static clo_evidence evidence;
    static clo_port port;
    const clo_tee *tee = clo_tee_named(o->tee);
    const int fd = (int)o->fd, to = tee->level[0] == 0 ? STDOUT_FILENO : fd;
    const char *missing = open_evidence(&evidence, o, &port);
    /* A frame holds at most a container's header, the window, or a message, which lies in the
     * arena; an answer the crossing tensors or a message. Only what is touched takes memory. */
    buffer memory = map(o->memory),
           in = map(larger(larger(CLO_HEADER_MAX, o->window), o->memory) + 4096),
           out = map(o->memory + CLO_OUT_MIN);
    clo_config config = {&port,
                         clo_kernels_best(o->kernels),
                         memory.at,
                         memory.n,
                         (uint32_t)o->replay,
                         (uint32_t)o->window,
                         tee->name,
                         tee->level,
                         tee->debug};
    port.parallel = o->threads > 1 ? clo_threads_run : NULL;
    port.threads = (uint32_t)o->threads;
    if (missing == NULL && clo_threads_start(port.threads) != 0)
        missing = "threads cannot be started";
    if (missing == NULL)
        missing = prepare(&session, &config, in, out, &evidence, fd);
    if (missing != NULL) {
        fprintf(stderr, "cloister-enclave: %s\n", missing);
        return MACHINE;
    }
    int code = serve(fd, to, &session, in, out);
    clo_session_end(&session);
    return code;
}

int main(int argc, char **argv) {
    options o = {.replay = 65536,
                 .window = 16u << 20,
                 .threads = 1,
                 .privlevel = CLO_NO_PRIVLEVEL,
                 .kernels = "auto",
                 .tee = "sandbox"};
    int code = USAGE;
    if (parse(argc, argv, &o))
        code = start(&o);
    else
        fprintf(stderr,
                "usage: cloister-enclave --fd N --memory BYTES [--replay ENTRIES] [--window BYTES] "
                "[--threads N] [--kernels auto|portable|avx2|avx512|neon] [--tee "
                "sandbox|sgx|tdx|snp|tpm] "
                "[--source PATH] [--privlevel N] [--tpm-key HANDLE] [--pcrs BITS]\n");
    _exit(code);
}
