/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloister-optee: carries frames between a host and the trusted application, in the normal world.
 *
 *   cloister-optee --listen tcp:[ADDRESS:]PORT | unix:PATH | device:PATH
 *                  [--replay ENTRIES] [--window BYTES] [--frame BYTES]
 *
 * It is not trusted: it sees sealed messages, weights as they are stored, and crossing tensors, as
 * every host of an enclave does. Rules it keeps:
 *   1. One host at a time; each connection is a session of the application of its own: a new
 *      instance, new keys. The next host waits until the one before has gone.
 *   2. A frame's length is checked before memory is used for it.
 *   3. The application's end (a panic, a kill) ends the connection, not the daemon.
 * Exit code: 2 usage, 3 the machine lacks something.
 */
#define _GNU_SOURCE
#include "../ta_uuid.h"
#include "clo.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <tee_client_api.h>
#include <unistd.h>

enum { USAGE = 2, MACHINE = 3 };
#define FRAME_MAX (64u << 20)

typedef struct options {
    const char *listen;
    uint32_t replay, window, frame;
} options;

typedef struct daemon_state {
    const options *o;
    TEEC_Context context;
    TEEC_Session session;
    TEEC_SharedMemory in, out; /* what the application sees */
} daemon_state;

static void say(const char *what, TEEC_Result result, uint32_t origin) {
    fprintf(stderr, "cloister-optee: %s: 0x%08x, origin %u\n", what, result, origin);
}

/* ----------------------------------------------------------------------------------------------
 * the application */

static bool share(daemon_state *d, TEEC_SharedMemory *memory, size_t size, uint32_t flags) {
    *memory = (TEEC_SharedMemory){.size = size, .flags = flags};
    TEEC_Result result = TEEC_AllocateSharedMemory(&d->context, memory);
    if (result != TEEC_SUCCESS)
        say("shared memory", result, 0);
    return result == TEEC_SUCCESS;
}

static bool open_session(daemon_state *d) {
    const TEEC_UUID application = CLO_TA_UUID;
    TEEC_Operation op = {.paramTypes =
                             TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_NONE, TEEC_NONE, TEEC_NONE),
                         .params = {{.value = {d->o->replay, d->o->window}}}};
    uint32_t origin = 0;
    TEEC_Result result = TEEC_OpenSession(&d->context, &d->session, &application, TEEC_LOGIN_PUBLIC,
                                          NULL, &op, &origin);
    if (result != TEEC_SUCCESS)
        say("the application does not open", result, origin);
    return result == TEEC_SUCCESS;
}

/* One frame of n bytes in d->in; the answer stands in d->out and has *answer bytes. */
static bool step(daemon_state *d, size_t n, size_t *answer) {
    for (int attempt = 0; attempt < 2; attempt++) {
        TEEC_Operation op = {
            .paramTypes = TEEC_PARAM_TYPES(TEEC_MEMREF_PARTIAL_INPUT, TEEC_MEMREF_PARTIAL_OUTPUT,
                                           TEEC_NONE, TEEC_NONE),
            .params = {{.memref = {&d->in, n, 0}}, {.memref = {&d->out, d->out.size, 0}}}};
        uint32_t origin = 0;
        TEEC_Result result = TEEC_InvokeCommand(&d->session, CLO_TA_STEP, &op, &origin);
        *answer = op.params[1].memref.size;
        if (result == TEEC_SUCCESS && *answer <= d->out.size)
            return true;
        if (result != TEEC_ERROR_SHORT_BUFFER || *answer > FRAME_MAX) {
            say("the application ended", result, origin);
            return false;
        }
        TEEC_ReleaseSharedMemory(&d->out);
        if (!share(d, &d->out, *answer, TEEC_MEM_OUTPUT))
            return false;
    }
    return false;
}

/* ----------------------------------------------------------------------------------------------
 * the stream */

static bool read_all(int fd, uint8_t *to, size_t n) {
    while (n > 0) {
        ssize_t got = read(fd, to, n);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        to += got > 0 ? got : 0;
        n -= got > 0 ? (size_t)got : 0;
    }
    return true;
}

static bool write_all(int fd, const uint8_t *from, size_t n) {
    while (n > 0) {
        ssize_t put = write(fd, from, n);
        if (put < 0 && errno != EINTR)
            return false;
        from += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* Frames of one host, until it goes or breaks the stream. */
static void serve(daemon_state *d, int fd) {
    clo_frame head;
    size_t answer;
    if (!open_session(d))
        return;
    while (read_all(fd, (uint8_t *)&head, sizeof head)) {
        if (head.magic != CLO_FRAME_MAGIC || head.length > d->in.size - sizeof head) {
            fprintf(stderr, "cloister-optee: a frame of %llu bytes ends the connection\n",
                    (unsigned long long)head.length);
            break;
        }
        uint8_t *in = d->in.buffer;
        memcpy(in, &head, sizeof head);
        if (!read_all(fd, in + sizeof head, head.length) ||
            !step(d, sizeof head + head.length, &answer) || !write_all(fd, d->out.buffer, answer))
            break;
    }
    TEEC_CloseSession(&d->session);
}

/* ----------------------------------------------------------------------------------------------
 * where hosts come from */

static bool number(const char *text, uint32_t most, uint32_t *out) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *out = (uint32_t)value;
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0 && value <= most;
}

/* "[ADDRESS:]PORT"; without an address, this machine's loopback only. */
static int listen_tcp(const char *where) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64] = "127.0.0.1";
    const char *colon = strrchr(where, ':'), *port_text = colon ? colon + 1 : where;
    const int one = 1;
    uint32_t port;
    if (colon != NULL && (size_t)(colon - where) < sizeof host) {
        memcpy(host, where, (size_t)(colon - where));
        host[colon - where] = 0;
    }
    if (!number(port_text, 65535, &port) || inet_pton(AF_INET, host, &address.sin_addr) != 1)
        return -1;
    address.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 8) != 0)
        return -1;
    return fd;
}

static int listen_unix(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    (void)unlink(path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        chmod(path, 0600) != 0 || listen(fd, 8) != 0)
        return -1;
    return fd;
}

/* A character device such as a virtio-serial port is there once; its host comes and goes. */
static bool host_there(int fd) {
    struct pollfd p = {fd, POLLIN, 0};
    return poll(&p, 1, 100) > 0 && (p.revents & POLLIN) != 0 && (p.revents & POLLHUP) == 0;
}

static void serve_device(daemon_state *d, int fd) {
    for (;;) {
        while (!host_there(fd))
            usleep(10000);
        serve(d, fd);
    }
}

static void serve_socket(daemon_state *d, int listening) {
    const int one = 1;
    for (;;) {
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            continue;
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        serve(d, fd);
        close(fd);
    }
}

static int run(const options *o) {
    static daemon_state d;
    const char *what = strchr(o->listen, ':');
    bool device = strncmp(o->listen, "device:", 7) == 0;
    d.o = o;
    TEEC_Result result = TEEC_InitializeContext(NULL, &d.context);
    if (result != TEEC_SUCCESS) {
        say("there is no OP-TEE here", result, 0);
        return MACHINE;
    }
    if (!share(&d, &d.in, o->frame, TEEC_MEM_INPUT) ||
        !share(&d, &d.out, CLO_OUT_MIN, TEEC_MEM_OUTPUT))
        return MACHINE;
    int fd = -1;
    if (device)
        fd = open(what + 1, O_RDWR | O_CLOEXEC);
    else if (strncmp(o->listen, "unix:", 5) == 0)
        fd = listen_unix(what + 1);
    else if (strncmp(o->listen, "tcp:", 4) == 0)
        fd = listen_tcp(what + 1);
    if (fd < 0) {
        fprintf(stderr, "cloister-optee: cannot listen on %s\n", o->listen);
        return MACHINE;
    }
    fprintf(stderr, "cloister-optee: listening on %s\n", o->listen);
    if (device)
        serve_device(&d, fd);
    serve_socket(&d, fd);
    return MACHINE;
}

int main(int argc, char **argv) {
    options o = {NULL, 1024, CLO_PAGE_MAX + CLO_ALIGN, 2u << 20};
    bool ok = argc % 2 == 1;
    for (int i = 1; ok && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0)
            o.listen = argv[i + 1];
        else if (strcmp(argv[i], "--replay") == 0)
            ok = number(argv[i + 1], 1u << 28, &o.replay);
        else if (strcmp(argv[i], "--window") == 0)
            ok = number(argv[i + 1], FRAME_MAX, &o.window);
        else if (strcmp(argv[i], "--frame") == 0)
            ok = number(argv[i + 1], FRAME_MAX, &o.frame);
        else
            ok = false;
    }
    if (!ok || o.listen == NULL || strchr(o.listen, ':') == NULL ||
        o.frame < o.window + sizeof(clo_frame)) {
        fprintf(stderr, "usage: cloister-optee --listen tcp:[ADDRESS:]PORT|unix:PATH|device:PATH "
                        "[--replay ENTRIES] [--window BYTES] [--frame BYTES]\n");
        return USAGE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return run(&o);
}
