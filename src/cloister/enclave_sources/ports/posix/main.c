/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: cloister-enclave, one instance of the enclave in a process of its own, on an inherited
 * local stream socket.
 *
 *   cloister-enclave --fd N --memory BYTES [--replay ENTRIES] [--window BYTES] [--kernels NAME]
 *
 * It maps all memory, confines itself (confine.h), and only then reads its first byte. Frames are
 * those of docs/formats/frames.md; a frame that the stream cannot continue after ends the process.
 * Exit code: 0 the stream ended, 2 usage, 3 the machine lacks something, 4 the stream broke its
 * rules or failed.
 */
#define _GNU_SOURCE
#include "confine.h"
#include "cpu.h"
#include "crypto.h"
#include "evidence.h"
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { USAGE = 2, MACHINE = 3, STREAM = 4 };

typedef struct options {
    uint64_t fd, memory, replay, window;
    const char *kernels;
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
        uint64_t *value;
    } numbers[] = {{"--fd", &o->fd},
                   {"--memory", &o->memory},
                   {"--replay", &o->replay},
                   {"--window", &o->window}};
    for (int i = 1; i + 1 < argc; i += 2) {
        bool known = strcmp(argv[i], "--kernels") == 0;
        if (known)
            o->kernels = argv[i + 1];
        for (size_t j = 0; j < sizeof numbers / sizeof numbers[0]; j++)
            if (strcmp(argv[i], numbers[j].name) == 0)
                known = number(argv[i + 1], numbers[j].value);
        if (!known)
            return false;
    }
    return argc % 2 == 1 && o->fd <= 1u << 20 && o->memory > 0 && o->memory < 1ull << 40 &&
           o->replay <= 1u << 28 && o->window >= CLO_PAGE_MAX + CLO_TAG && o->window <= 1u << 30;
}

static buffer map(uint64_t n) {
    void *p =
        mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return (buffer){p == MAP_FAILED ? NULL : p, n};
}

static uint64_t larger(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

/* Reads exactly n bytes; 0 at the end of the stream, -1 when it fails or ends in between. */
static int read_all(int fd, uint8_t *to, size_t n) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = read(fd, to + done, n - done);
        if (got == 0 && done == 0)
            return 0;
        if (got <= 0 && !(got < 0 && errno == EINTR))
            return -1;
        done += got > 0 ? (size_t)got : 0;
    }
    return 1;
}

static int write_all(int fd, const uint8_t *from, size_t n) {
    while (n > 0) {
        ssize_t put = write(fd, from, n);
        if (put < 0 && errno != EINTR)
            return -1;
        from += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

/* Takes frames until the stream ends. */
static int serve(int fd, clo_session *s, buffer in, buffer out) {
    for (;;) {
        clo_frame head;
        size_t n = 0;
        int got = read_all(fd, in.at, sizeof head);
        if (got <= 0)
            return got == 0 ? 0 : STREAM;
        memcpy(&head, in.at, sizeof head);
        if (head.magic != CLO_FRAME_MAGIC || head.length > in.n - sizeof head)
            return STREAM;
        if (head.length > 0 && read_all(fd, in.at + sizeof head, head.length) != 1)
            return STREAM;
        (void)clo_step(s, in.at, sizeof head + head.length, out.at, out.n, &n); /* the frame says */
        if (n == 0 || write_all(fd, out.at, n) != 0)
            return STREAM;
    }
}

static int start(const options *o) {
    static clo_session session;
    static clo_evidence_dev dev;
    static clo_port port = {.ctx = &dev, .evidence = clo_evidence_dev_make};
    const clo_kernels *kernels = clo_kernels_best(o->kernels);
    /* A frame holds at most a container's header, the window, or a message, which lies in the
     * arena; an answer the crossing tensors or a message. Only what is touched takes memory. */
    buffer memory = map(o->memory),
           in = map(larger(larger(CLO_HEADER_MAX, o->window), o->memory) + 4096),
           out = map(o->memory + CLO_OUT_MIN);
    clo_config config = {
        &port,     kernels,           memory.at, memory.n, (uint32_t)o->replay, (uint32_t)o->window,
        "sandbox", CLO_CONFINE_LEVEL, 1};
    const char *missing = NULL;
    if (kernels == NULL)
        missing = "no such kernels on this machine";
    else if (memory.at == NULL || in.at == NULL || out.at == NULL)
        missing = "memory cannot be mapped";
    else if (clo_posix_crypto(&port) != 0 || clo_posix_self_test(&port) != 0 ||
             clo_evidence_dev_init(&dev, &port) != 0)
        missing = "libcrypto does not do what it should";
    else if (clo_session_init(&session, &config) != CLO_OK)
        missing = "--replay must be a power of two";
    if (missing == NULL) {
        (void)madvise(memory.at, memory.n, MADV_HUGEPAGE);
        (void)mlock(memory.at, memory.n); /* as far as the machine lets us: not part of the level */
        missing = clo_confine((int)o->fd);
    }
    if (missing != NULL) {
        fprintf(stderr, "cloister-enclave: %s\n", missing);
        return MACHINE;
    }
    int code = serve((int)o->fd, &session, in, out);
    clo_session_end(&session);
    return code;
}

int main(int argc, char **argv) {
    options o = {0, 0, 65536, 16u << 20, "auto"};
    int code = USAGE;
    if (parse(argc, argv, &o))
        code = start(&o);
    else
        fprintf(stderr,
                "usage: cloister-enclave --fd N --memory BYTES [--replay ENTRIES] [--window BYTES] "
                "[--kernels auto|portable|avx2|avx512|neon]\n");
    _exit(code);
}
