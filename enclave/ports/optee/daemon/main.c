/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloister-optee: carries frames between others and the trusted application, in the normal world.
 *
 *   cloister-optee --listen tcp:[ADDRESS:]PORT | unix:PATH | device:PATH [--bundle FOLDER]
 *                  [--replay ENTRIES] [--window BYTES] [--frame BYTES] [--life SECONDS]
 *
 * Without a bundle a host drives the application, one at a time: each connection is a session of
 * its own, a new instance with new keys, which the host loads; the next host waits.
 *
 * With a bundle (head.clo, manifest.json, SHA256SUMS) the daemon itself is the host: it owns
 * the session, loads the bundle, and carries sealed messages of many clients, one after the other.
 * Clients may send ATTEST and REQUEST, KEY while the bundle waits for the key of its pages, and
 * MANIFEST, which the daemon answers from its file. When the application ends, its key is over
 * --life or its replay table is full, all clients are sent away and a new instance is loaded.
 *
 * It is not trusted: it sees sealed messages and weights as they are stored, as every host of an
 * enclave does. Rules it keeps:
 *   1. A frame's length is checked before memory is used for it.
 *   2. The application's end (a panic, a kill) ends connections, not the daemon.
 *   3. A client that sends slowly or reads nothing holds up nobody: a frame goes to the application
 *      when it is complete, and an answer that is not taken in time ends its connection.
 * Exit code: 2 usage, 3 the machine or the bundle lacks something.
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
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <tee_client_api.h>
#include <time.h>
#include <unistd.h>

enum { USAGE = 2, MACHINE = 3 };
enum { CLIENTS = 64, SILENT_S = 60, TAKE_S = 10 };
#define FRAME_MAX (64u << 20)
#define MANIFEST 32u /* a client's question for manifest.json, and its answer */
#define MANIFEST_MAX (4u << 20)
#define SUMS_MAX 4096u

typedef struct options {
    const char *listen, *bundle;
    uint32_t replay, window, frame, life;
} options;

typedef struct bundle {
    uint8_t *header, *manifest, digest[CLO_DIGEST];
    size_t header_n, manifest_n;
    const clo_page *pages;
    uint32_t n_pages;
    int file;
} bundle;

typedef struct client {
    int fd;         /* -1: none */
    uint8_t *frame; /* of `need` bytes; NULL until its head is there */
    size_t have, need;
    clo_frame head;
    time_t heard;
} client;

typedef struct daemon_state {
    const options *o;
    TEEC_Context context;
    TEEC_Session session;
    TEEC_SharedMemory in, out; /* what the application sees */
    bundle bundle;
    client clients[CLIENTS];
    clo_attest times; /* of the instance */
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
    uint8_t seed[32];
    TEEC_Operation op = {
        .paramTypes =
            TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE),
        .params = {{.value = {d->o->replay, d->o->window}}, {.tmpref = {seed, sizeof seed}}}};
    uint32_t origin = 0;
    if (getrandom(seed, sizeof seed, 0) != sizeof seed) {
        fprintf(stderr, "cloister-optee: Linux gives no random numbers\n");
        return false;
    }
    TEEC_Result result = TEEC_OpenSession(&d->context, &d->session, &application, TEEC_LOGIN_PUBLIC,
                                          NULL, &op, &origin);
    explicit_bzero(seed, sizeof seed);
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
        if (result == TEEC_SUCCESS && *answer <= d->out.size && *answer >= sizeof(clo_frame))
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

static bool head_ok(const daemon_state *d, const clo_frame *head) {
    if (head->magic == CLO_FRAME_MAGIC && head->length <= d->in.size - sizeof *head)
        return true;
    fprintf(stderr, "cloister-optee: a frame of %llu bytes ends the connection\n",
            (unsigned long long)head->length);
    return false;
}

/* ----------------------------------------------------------------------------------------------
 * a host drives the application */

/* Frames of one host, until it goes or breaks the stream. */
static void serve_host(daemon_state *d, int fd) {
    clo_frame head;
    size_t answer;
    if (!open_session(d))
        return;
    while (read_all(fd, (uint8_t *)&head, sizeof head) && head_ok(d, &head)) {
        uint8_t *in = d->in.buffer;
        memcpy(in, &head, sizeof head);
        if (!read_all(fd, in + sizeof head, head.length) ||
            !step(d, sizeof head + head.length, &answer) || !write_all(fd, d->out.buffer, answer))
            break;
    }
    TEEC_CloseSession(&d->session);
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
        serve_host(d, fd);
    }
}

static int take_connection(int listening) {
    const int one = 1;
    const struct timeval most = {.tv_sec = TAKE_S};
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
    }
    return fd;
}

static void serve_hosts(daemon_state *d, int listening) {
    for (;;) {
        int fd = take_connection(listening);
        if (fd < 0)
            continue;
        serve_host(d, fd);
        close(fd);
    }
}

/* ----------------------------------------------------------------------------------------------
 * a bundle: the daemon is the host */

static bool read_file(int folder, const char *name, size_t most, uint8_t **data, size_t *n) {
    struct stat about;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &about) == 0 && (size_t)about.st_size <= most;
    *n = ok ? (size_t)about.st_size : 0;
    *data = malloc(*n + 1);
    ok = ok && *data != NULL && read_all(fd, *data, *n);
    if (*data != NULL)
        (*data)[ok ? *n : 0] = 0;
    if (fd >= 0)
        close(fd);
    return ok;
}

/* The container's header and page table; what they say is checked where this program would trip
 * over it, and judged by the application. */
static bool open_container(bundle *b, int folder) {
    clo_header h;
    struct stat about;
    b->file = openat(folder, "head.clo", O_RDONLY | O_CLOEXEC);
    if (b->file < 0 || fstat(b->file, &about) != 0 ||
        pread(b->file, &h, sizeof h, 0) != (ssize_t)sizeof h || h.header_bytes < sizeof h ||
        h.header_bytes > CLO_HEADER_MAX || h.mode != CLO_MODE_WHOLE)
        return false;
    uint64_t ios = (uint64_t)h.n_inputs + h.n_crossing + h.n_outputs;
    uint64_t at = sizeof h + h.n_ops * (uint64_t)sizeof(clo_op) + ios * sizeof(clo_io);
    if (at + h.n_pages * (uint64_t)sizeof(clo_page) > h.header_bytes)
        return false;
    b->header_n = h.header_bytes;
    b->header = malloc(b->header_n);
    if (b->header == NULL || pread(b->file, b->header, b->header_n, 0) != (ssize_t)b->header_n)
        return false;
    b->pages = (const clo_page *)(const void *)(b->header + at);
    b->n_pages = h.n_pages;
    return true;
}

/* The digest of manifest.json, from a line "HEX  manifest.json" of SHA256SUMS. */
static bool manifest_digest(const char *sums, uint8_t digest[CLO_DIGEST]) {
    const char *name = strstr(sums, "  manifest.json");
    unsigned byte;
    for (size_t i = 0; i < CLO_DIGEST; i++) {
        if (name == NULL || name < sums + 2 * CLO_DIGEST ||
            sscanf(name - 2 * CLO_DIGEST + 2 * i, "%2x", &byte) != 1)
            return false;
        digest[i] = (uint8_t)byte;
    }
    return true;
}

static bool open_bundle(bundle *b, const char *path) {
    uint8_t *sums = NULL;
    size_t n = 0;
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = folder >= 0 && open_container(b, folder) &&
              read_file(folder, "manifest.json", MANIFEST_MAX, &b->manifest, &b->manifest_n) &&
              read_file(folder, "SHA256SUMS", SUMS_MAX, &sums, &n) &&
              manifest_digest((const char *)sums, b->digest);
    free(sums);
    if (folder >= 0)
        close(folder);
    if (!ok)
        fprintf(stderr, "cloister-optee: %s is no bundle that was packed whole\n", path);
    return ok;
}

/* Puts pages that the application asks for into d->in; returns the frame's bytes, or 0. */
static size_t put_pages(daemon_state *d, uint32_t first, uint32_t count) {
    const bundle *b = &d->bundle;
    if (count == 0 || first >= b->n_pages || count > b->n_pages - first)
        return 0;
    const clo_page *from = &b->pages[first], *last = from + count - 1;
    uint64_t n = last->offset + last->stored - from->offset;
    clo_frame head = {
        .magic = CLO_FRAME_MAGIC, .type = CLO_PAGES, .length = n, .a = first, .b = count};
    if (n > d->in.size - sizeof head)
        return 0;
    memcpy(d->in.buffer, &head, sizeof head);
    ssize_t got = pread(b->file, (uint8_t *)d->in.buffer + sizeof head, n, (off_t)from->offset);
    return got == (ssize_t)n ? sizeof head + n : 0;
}

/* Gives the application the frame of n bytes in d->in, and pages as long as it asks for them.
 * False: it ended, or the file did. */
static bool exchange(daemon_state *d, size_t n, size_t *answer) {
    for (;;) {
        clo_frame head;
        if (!step(d, n, answer))
            return false;
        memcpy(&head, d->out.buffer, sizeof head);
        if (head.type != CLO_NEED_PAGE)
            return true;
        n = put_pages(d, head.a, head.b);
        if (n == 0) {
            fprintf(stderr, "cloister-optee: pages that are asked for are not there\n");
            return false;
        }
    }
}

static void say_loaded(uint32_t answer) {
    fprintf(stderr, "cloister-optee: the bundle %s\n",
            answer == CLO_NEED_KEY ? "waits for its key" : "is loaded");
}

static bool load(daemon_state *d) {
    const bundle *b = &d->bundle;
    uint8_t *in = d->in.buffer;
    size_t answer;
    clo_frame head = {
        .magic = CLO_FRAME_MAGIC, .type = CLO_LOAD, .length = sizeof b->digest + b->header_n};
    if (head.length > d->in.size - sizeof head)
        return false;
    memcpy(in, &head, sizeof head);
    memcpy(in + sizeof head, b->digest, sizeof b->digest);
    memcpy(in + sizeof head + sizeof b->digest, b->header, b->header_n);
    if (!exchange(d, sizeof head + head.length, &answer))
        return false;
    memcpy(&head, d->out.buffer, sizeof head);
    if (head.type == CLO_ERROR)
        fprintf(stderr, "cloister-optee: the application refuses the bundle: %u\n", head.a);
    d->times.iat = (uint64_t)time(NULL);
    d->times.exp = d->times.iat + d->o->life;
    if (head.type != CLO_ERROR)
        say_loaded(head.type);
    return head.type != CLO_ERROR;
}

/* ----------------------------------------------------------------------------------------------
 * clients */

static void forget(client *c) {
    if (c->fd >= 0)
        close(c->fd);
    free(c->frame);
    *c = (client){.fd = -1};
}

static bool send_error(const client *c, uint32_t error) {
    clo_frame head = {.magic = CLO_FRAME_MAGIC, .type = CLO_ERROR, .id = c->head.id, .a = error};
    return write_all(c->fd, (const uint8_t *)&head, sizeof head);
}

static bool send_manifest(const client *c, const bundle *b) {
    clo_frame head = {.magic = CLO_FRAME_MAGIC, .type = MANIFEST, .length = b->manifest_n};
    return write_all(c->fd, (const uint8_t *)&head, sizeof head) &&
           write_all(c->fd, b->manifest, b->manifest_n);
}

/* A whole frame of a client. False: the instance is over. Whether the client still is there shows
 * when it is read from next. */
static bool answer_client(daemon_state *d, client *c) {
    clo_frame head;
    size_t answer;
    if (c->head.type == MANIFEST) {
        if (!send_manifest(c, &d->bundle))
            forget(c);
        return true;
    }
    if (c->head.type != CLO_ATTEST && c->head.type != CLO_REQUEST && c->head.type != CLO_KEY) {
        if (!send_error(c, CLO_E_STATE))
            forget(c);
        return true;
    }
    head = c->head;
    if (head.type == CLO_REQUEST) { /* the time in its receipt is the host's word */
        head.a = (uint32_t)time(NULL);
        head.b = (uint32_t)((uint64_t)time(NULL) >> 32);
    }
    memcpy(d->in.buffer, c->frame, c->need);
    memcpy(d->in.buffer, &head, sizeof head);
    if (c->head.type == CLO_ATTEST && c->head.length >= sizeof d->times)
        memcpy((uint8_t *)d->in.buffer + sizeof head, &d->times, sizeof d->times);
    if (!exchange(d, c->need, &answer))
        return false;
    memcpy(&head, d->out.buffer, sizeof head);
    if (head.type == CLO_ERROR && head.a == CLO_E_FULL) {
        (void)send_error(c, CLO_E_KEY);
        return false;
    }
    if (head.type == CLO_READY)
        say_loaded(head.type);
    bool dead = c->head.type == CLO_KEY && head.type == CLO_ERROR && head.a != CLO_E_STATE;
    if (!write_all(c->fd, d->out.buffer, answer))
        forget(c);
    return !dead; /* a key that does not open the pages ends the load */
}

/* Takes what there is of a client's frame. False: the instance is over. */
static bool hear(daemon_state *d, client *c) {
    uint8_t *to = c->frame ? c->frame : (uint8_t *)&c->head;
    ssize_t got = recv(c->fd, to + c->have, c->need - c->have, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    c->have += got > 0 ? (size_t)got : 0;
    c->heard = time(NULL);
    if (got <= 0) {
        forget(c);
    } else if (c->frame == NULL && c->have == sizeof c->head) {
        c->need = sizeof c->head + (size_t)c->head.length;
        c->frame = head_ok(d, &c->head) ? malloc(c->need) : NULL;
        if (c->frame == NULL)
            forget(c);
        else
            memcpy(c->frame, &c->head, sizeof c->head);
    }
    if (c->fd < 0 || c->frame == NULL || c->have < c->need)
        return true;
    bool goes_on = answer_client(d, c);
    free(c->frame);
    c->frame = NULL;
    c->have = 0;
    c->need = sizeof c->head;
    return goes_on;
}

static client *free_place(daemon_state *d) {
    time_t now = time(NULL);
    for (int i = 0; i < CLIENTS; i++)
        if (d->clients[i].fd >= 0 && now - d->clients[i].heard > SILENT_S)
            forget(&d->clients[i]);
    for (int i = 0; i < CLIENTS; i++)
        if (d->clients[i].fd < 0)
            return &d->clients[i];
    return NULL;
}

/* Clients of one instance, until it is over. */
static void serve_clients(daemon_state *d, int listening) {
    struct pollfd wait[CLIENTS + 1];
    bool goes_on = true;
    while (goes_on && (uint64_t)time(NULL) < d->times.exp) {
        client *place = free_place(d);
        wait[CLIENTS] = (struct pollfd){place ? listening : -1, POLLIN, 0};
        for (int i = 0; i < CLIENTS; i++)
            wait[i] = (struct pollfd){d->clients[i].fd, POLLIN, 0};
        if (poll(wait, CLIENTS + 1, 1000) <= 0)
            continue;
        for (int i = 0; goes_on && i < CLIENTS; i++)
            if (wait[i].revents != 0)
                goes_on = hear(d, &d->clients[i]);
        int fd = wait[CLIENTS].revents != 0 ? take_connection(listening) : -1;
        if (fd >= 0 && place->fd < 0)
            *place = (client){.fd = fd, .need = sizeof(clo_frame), .heard = time(NULL)};
    }
    for (int i = 0; i < CLIENTS; i++)
        forget(&d->clients[i]);
}

static void serve_bundle(daemon_state *d, int listening) {
    for (int i = 0; i < CLIENTS; i++)
        d->clients[i].fd = -1;
    while (open_session(d)) {
        bool loaded = load(d);
        if (loaded)
            serve_clients(d, listening);
        TEEC_CloseSession(&d->session);
        if (!loaded)
            return;
    }
}

/* ----------------------------------------------------------------------------------------------
 * where hosts and clients come from */

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

static int run(const options *o) {
    static daemon_state d;
    const char *what = strchr(o->listen, ':');
    bool device = strncmp(o->listen, "device:", 7) == 0;
    d.o = o;
    if (o->bundle != NULL && !open_bundle(&d.bundle, o->bundle))
        return MACHINE;
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
    else if (o->bundle != NULL)
        serve_bundle(&d, fd);
    else
        serve_hosts(&d, fd);
    return MACHINE;
}

int main(int argc, char **argv) {
    /* a frame of pages and the room for answers: one page table of OP-TEE's */
    const uint32_t frame = (2u << 20) - 32768;
    options o = {NULL, NULL, 1024, frame - 4096, frame, 86400};
    bool ok = argc % 2 == 1;
    for (int i = 1; ok && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--listen") == 0)
            o.listen = argv[i + 1];
        else if (strcmp(argv[i], "--bundle") == 0)
            o.bundle = argv[i + 1];
        else if (strcmp(argv[i], "--replay") == 0)
            ok = number(argv[i + 1], 1u << 28, &o.replay);
        else if (strcmp(argv[i], "--window") == 0)
            ok = number(argv[i + 1], FRAME_MAX, &o.window);
        else if (strcmp(argv[i], "--frame") == 0)
            ok = number(argv[i + 1], FRAME_MAX, &o.frame);
        else if (strcmp(argv[i], "--life") == 0)
            ok = number(argv[i + 1], 7 * 86400, &o.life) && o.life > 0;
        else
            ok = false;
    }
    if (!ok || o.listen == NULL || strchr(o.listen, ':') == NULL ||
        o.frame < o.window + sizeof(clo_frame) ||
        (o.bundle != NULL && strncmp(o.listen, "device:", 7) == 0)) {
        fprintf(stderr, "usage: cloister-optee --listen tcp:[ADDRESS:]PORT|unix:PATH|device:PATH "
                        "[--bundle FOLDER] [--replay ENTRIES] [--window BYTES] [--frame BYTES] "
                        "[--life SECONDS]\n");
        return USAGE;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return run(&o);
}
