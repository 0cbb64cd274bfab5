/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe.c: the attacker in the normal world: calls the trusted application through libteec with
 * what it should refuse, and counts what came back. One line on standard output, "NAME COUNT" in
 * pairs. An application that panics counts as `dead`.
 *
 *   probe opens       sessions with wrong parameters, and a second one beside the first
 *   probe open        one session; its result
 *   probe params      every command with every kind of parameter and many sizes
 *   probe frames SEED N   random frames, some with a right head
 *   probe race SEED N     frames that another thread changes while they are read
 *   probe door PATH       asks a daemon at a unix socket for its claims; type and error of the
 * answer
 */
#define _GNU_SOURCE
#include "clo.h"
#include "ta_uuid.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <tee_client_api.h>
#include <unistd.h>

enum { ROOM = 1 << 16 };
#define RIGHT TEEC_PARAM_TYPES(TEEC_VALUE_INPUT, TEEC_MEMREF_TEMP_INPUT, TEEC_NONE, TEEC_NONE)
static TEEC_Context context;
static TEEC_Session session;
static struct { unsigned calls, ok, refused, small, dead, other; } seen;
static uint8_t in[ROOM], out[ROOM];
static uint64_t state;

static uint32_t draw(uint32_t n) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)((state >> 11) % n);
}

static void count(TEEC_Result result) {
    seen.calls++;
    if (result == TEEC_SUCCESS)
        seen.ok++;
    else if (result == TEEC_ERROR_BAD_PARAMETERS || result == TEEC_ERROR_NOT_SUPPORTED)
        seen.refused++;
    else if (result == TEEC_ERROR_SHORT_BUFFER)
        seen.small++;
    else if (result == TEEC_ERROR_TARGET_DEAD)
        seen.dead++;
    else
        seen.other++;
}

static TEEC_Result open_with(TEEC_Session *s, uint32_t types, uint32_t a, uint32_t b) {
    const TEEC_UUID application = CLO_TA_UUID;
    TEEC_Operation op = {.paramTypes = types};
    uint32_t origin;
    for (int i = 0; i < 4; i++)
        if (((types >> (4 * i)) & 15) >= TEEC_MEMREF_TEMP_INPUT)
            op.params[i].tmpref = (TEEC_TempMemoryReference){in, sizeof in};
        else
            op.params[i].value = (TEEC_Value){a, b};
    return TEEC_OpenSession(&context, s, &application, TEEC_LOGIN_PUBLIC, NULL, &op, &origin);
}

static TEEC_Result open_rightly(TEEC_Session *s) {
    return open_with(s, RIGHT, 64, CLO_PAGE_MAX + CLO_ALIGN);
}

static void opens(void) {
    static const uint32_t numbers[] = {0, 1, 3, 64, 0x7fffffff, 0x80000000, 0xffffffff};
    TEEC_Session second;
    for (uint32_t types = 0; types < 8 * 8; types++) {
        uint32_t t = TEEC_PARAM_TYPES(types % 8, types / 8, TEEC_NONE, TEEC_NONE);
        if (types % 8 == 4 || types / 8 == 4 || t == RIGHT ||
            (types / 8 != 0 && types % 8 != TEEC_VALUE_INPUT))
            continue;
        TEEC_Result result = open_with(&second, t, 64, CLO_PAGE_MAX + CLO_ALIGN);
        count(result);
        if (result == TEEC_SUCCESS)
            TEEC_CloseSession(&second);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        TEEC_Result result = open_with(&second, RIGHT, numbers[i], 4096);
        count(result);
        if (numbers[i] != 1 && numbers[i] != 64)
            count(open_with(&second, RIGHT, numbers[i], CLO_PAGE_MAX + CLO_ALIGN));
    }
    TEEC_Result first = open_rightly(&session);
    TEEC_Result beside = open_rightly(&second);
    printf("first %u busy %d ", first, beside == TEEC_ERROR_BUSY);
    TEEC_CloseSession(&session);
    first = open_rightly(&session);
    printf("again %u ", first);
    TEEC_CloseSession(&session);
}

static void invoke(uint32_t command, uint32_t types, const size_t sizes[4]) {
    TEEC_Operation op = {.paramTypes = types};
    uint32_t origin;
    for (int i = 0; i < 4; i++)
        if (((types >> (4 * i)) & 15) >= TEEC_MEMREF_TEMP_INPUT)
            op.params[i].tmpref = (TEEC_TempMemoryReference){i == 0 ? in : out, sizes[i]};
        else
            op.params[i].value = (TEEC_Value){0xffffffff, (uint32_t)sizes[i]};
    TEEC_Result result = TEEC_InvokeCommand(&session, command, &op, &origin);
    count(result);
    if (result == TEEC_ERROR_TARGET_DEAD)
        (void)open_rightly(&session);
}

static void params(void) {
    static const uint32_t kinds[] = {0, 1, 2, 3, 5, 6, 7}, commands[] = {0, 1, 0xffffffff};
    static const size_t sizes[] = {0, 1, 63, 64, 65, 4096, 32767, 32768, ROOM};
    const size_t n_kinds = sizeof kinds / sizeof *kinds;
    for (size_t c = 0; c < 3; c++)
        for (size_t k = 0; k < n_kinds * n_kinds * n_kinds * n_kinds; k++) {
            uint32_t types = TEEC_PARAM_TYPES(kinds[k % n_kinds], kinds[k / n_kinds % n_kinds],
                                              kinds[k / n_kinds / n_kinds % n_kinds],
                                              kinds[k / n_kinds / n_kinds / n_kinds]);
            size_t four[4];
            for (int i = 0; i < 4; i++)
                four[i] = sizes[draw(sizeof sizes / sizeof *sizes)];
            if (draw(c == 0 ? 3 : 24) == 0)
                invoke(commands[c], types, four);
        }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (size_t j = 0; j < sizeof sizes / sizeof *sizes; j++) {
            const size_t four[4] = {sizes[i], sizes[j], 0, 0};
            invoke(CLO_TA_STEP,
                   TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, 0, 0), four);
        }
}

/* A frame that is right here and there. */
static size_t make_frame(void) {
    clo_frame head = {.magic = draw(8) ? CLO_FRAME_MAGIC : draw(1u << 31),
                      .type = draw(8),
                      .id = draw(3),
                      .a = draw(4),
                      .b = draw(4)};
    size_t n = draw(2) ? draw(512) : draw(ROOM - sizeof head);
    clo_header container = {.magic = "CLOISTER", .version = draw(3), .n_ops = draw(1u << 31)};
    container.header_bytes = draw(2) ? (uint32_t)(n < 32 ? 0 : n - 32) : draw(1u << 31);
    for (size_t i = 0; i < n; i++)
        in[sizeof head + i] = (uint8_t)draw(256);
    if (n >= 32 + sizeof container)
        memcpy(in + sizeof head + 32, &container, sizeof container);
    head.length = draw(8) ? n : draw(1u << 31);
    memcpy(in, &head, sizeof head);
    return sizeof head + n;
}

static void frames(unsigned n) {
    for (unsigned i = 0; i < n; i++) {
        const size_t four[4] = {make_frame(), ROOM, 0, 0};
        invoke(CLO_TA_STEP, TEEC_PARAM_TYPES(TEEC_MEMREF_TEMP_INPUT, TEEC_MEMREF_TEMP_OUTPUT, 0, 0),
               four);
        if (draw(4) == 0) { /* a failed load is final: start anew */
            TEEC_CloseSession(&session);
            if (open_rightly(&session) != TEEC_SUCCESS)
                seen.other++;
        }
    }
}

static atomic_bool stop;
static void *change(void *unused) {
    volatile uint8_t *bytes = in;
    for (uint32_t i = 0; !stop; i = i * 1664525u + 1013904223u)
        bytes[(i >> 8) % 4096] ^= (uint8_t)(1 + i % 255);
    return unused;
}

static int door(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    clo_frame head = {.magic = CLO_FRAME_MAGIC, .type = CLO_ATTEST, .length = sizeof(clo_attest)};
    clo_attest times = {0};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries = 0;
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 && tries++ < 1000)
        usleep(10000);
    if (write(fd, &head, sizeof head) != sizeof head ||
        write(fd, &times, sizeof times) != sizeof times ||
        recv(fd, &head, sizeof head, MSG_WAITALL) != sizeof head)
        return 3;
    printf("type %u error %u\n", head.type, head.a);
    return 0;
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    pthread_t thread;
    unsigned n = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 100;
    state = 88172645463325252u + (argc > 2 ? strtoull(argv[2], NULL, 10) : 0);
    if (argc == 3 && strcmp(what, "door") == 0)
        return door(argv[2]);
    if (TEEC_InitializeContext(NULL, &context) != TEEC_SUCCESS)
        return 3;
    if (strcmp(what, "opens") == 0) {
        opens();
    } else {
        TEEC_Result result = open_rightly(&session);
        printf("open 0x%08x ", result);
        if (result != TEEC_SUCCESS || strcmp(what, "open") == 0) {
            printf("\n");
            return 0;
        }
        if (strcmp(what, "params") == 0)
            params();
        if (strcmp(what, "frames") == 0)
            frames(n);
        if (strcmp(what, "race") == 0 && pthread_create(&thread, NULL, change, NULL) == 0) {
            frames(n);
            stop = true;
            pthread_join(thread, NULL);
        }
        TEEC_CloseSession(&session);
    }
    printf("calls %u ok %u refused %u small %u dead %u other %u\n", seen.calls, seen.ok,
           seen.refused, seen.small, seen.dead, seen.other);
    return 0;
}
