/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_plan.c: the validator against hostile headers. The input is a container's header.
 *
 * What the validator accepts is then run, by the real kernels, on memory of exactly the size that
 * the plan states; before each operator all of the arena but its operands and scratch is poisoned.
 * So a bound that the validator does not prove is a crash here. Plans that would run for long are
 * only validated.
 */
#include "cpu.h"
#include "fuzz.h"
#include "message.h"
#include <stdlib.h>
#include <string.h>
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_MAX (4u << 20)
#define WORK_MAX (1u << 22)

static uint64_t mul(uint64_t a, uint64_t b) {
    uint64_t r;
    return __builtin_mul_overflow(a, b, &r) ? UINT64_MAX : r;
}

/* An upper bound of the inner steps of an operator: windows and broadcasts let small plans run for
 * ages. */
static uint64_t work(const clo_op *op) {
    const uint32_t *w = op->u.words;
    uint64_t n = 1;
    switch (op->kind) {
    case CLO_CONV:
        n = mul(mul(mul(w[13], w[14]), mul(w[5], w[6])), mul(w[2], mul(w[4], w[3] + 32)));
        return mul(n, op->u.conv.slice ? op->n_pages : 1);
    case CLO_DWCONV:
        return mul(mul(mul(w[11], w[12]), mul(w[3], w[4])), w[2] + 32);
    case CLO_POOL:
        return mul(mul(mul(w[13], w[14]), mul(w[3], w[4])), w[2]);
    case CLO_MATMUL:
        return mul(mul(w[0], w[1]), mul(mul(w[2], w[3]), w[4] + 32));
    case CLO_UNARY:
    case CLO_NORM:
        return mul(w[0], w[1]);
    case CLO_BINARY:
        return mul(mul(mul(w[0], w[1]), mul(w[2], w[3])), w[4]);
    case CLO_COPY:
        for (int i = 0; i < 6; i++)
            n = mul(n, w[i]);
        return n;
    case CLO_SOFTMAX:
    case CLO_REDUCE:
        return mul(mul(w[0], w[1]), w[2]);
    default:
        return op->y.n;
    }
}

static int worth_running(const clo_plan *plan) {
    uint64_t total = 0;
    if (plan->header->arena_bytes > ARENA_MAX || plan->header->n_ops > 256)
        return 0;
    for (uint32_t i = 0; i < plan->header->n_ops; i++) {
        uint64_t n = work(&plan->ops[i]);
        if (n > WORK_MAX - total)
            return 0;
        total += n;
    }
    return 1;
}

static void open_span(float *arena, clo_span span) {
    if (span.n > 0)
        ASAN_UNPOISON_MEMORY_REGION(arena + span.at, 4 * (size_t)span.n);
}

static void run_op(const clo_plan *plan, const clo_kernels *kernels, const clo_op *op,
                   float *arena) {
    size_t bytes = plan->header->arena_bytes;
    float *scratch = arena + plan->header->scratch_at;
    ASAN_POISON_MEMORY_REGION(arena, bytes);
    open_span(arena, op->x);
    open_span(arena, op->y);
    open_span(arena, op->z);
    if (op->scratch <= plan->header->scratch_bytes)
        ASAN_UNPOISON_MEMORY_REGION(scratch, op->scratch);
    if (op->n_pages == 0)
        kernels->run[op->kind](op, arena, scratch, NULL, 0, (clo_share){0, 1});
    for (uint32_t i = 0; i < op->n_pages; i++) {
        size_t n = plan->pages[op->first_page + i].plain;
        float *page = fuzz_alloc(n);
        for (size_t j = 0; j < n / 4; j++)
            page[j] = (float)(j % 7) - 3.0f;
        kernels->run[op->kind](op, arena, scratch, page, i, (clo_share){0, 1});
        free(page);
    }
    ASAN_UNPOISON_MEMORY_REGION(arena, bytes);
}

/* Moves messages and pages as the session does, through buffers of exactly the stated size. */
static void move_data(const clo_plan *plan, float *arena) {
    const clo_header *h = plan->header;
    size_t resident = 0;
    uint8_t *out = fuzz_alloc(plan->crossing_bytes), *page = calloc(1, CLO_PAGE_MAX + CLO_TAG);
    /* The tag of a sealed page that is kept stands in what comes next: here in room of its own. */
    uint8_t *kept = h->resident_bytes <= ARENA_MAX
                        ? fuzz_alloc(h->resident_bytes + (h->sealed ? CLO_TAG : 0))
                        : NULL;
    uint8_t *slot = fuzz_alloc(h->page_slot);
    memset(arena + h->request_at, 0, plan->request_bytes);
    clo_message_begin((uint8_t *)(arena + h->request_at), plan->inputs, h->n_inputs, 0,
                      plan->request_bytes);
    clo_message_begin((uint8_t *)(arena + h->response_at), plan->outputs, h->n_outputs, 0,
                      plan->response_bytes);
    (void)clo_message_finish((uint8_t *)(arena + h->response_at), plan->outputs, h->n_outputs);
    if (plan->crossing_bytes > 0)
        clo_message_write(out, plan->crossing, h->n_crossing, plan->crossing_bytes, arena);
    for (uint32_t i = 0; i < h->n_pages && kept != NULL; i++) {
        memcpy(plan->pages[i].resident ? kept + resident : slot, page, plan->pages[i].stored);
        resident += plan->pages[i].resident ? (plan->pages[i].plain + 63u) / 64 * 64 : 0;
    }
    free(out);
    free(page);
    free(kept);
    free(slot);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const widths[] = {"portable", "avx2", "avx512", "avx512vnni", "neon"};
    clo_plan plan;
    void *header = fuzz_alloc(size);
    memcpy(header, data, size);
    if (clo_plan_open(&plan, header, size) == CLO_OK) {
        (void)clo_plan_memory(&plan, 1024);
        if (worth_running(&plan)) {
            float *arena = fuzz_alloc(plan.header->arena_bytes);
            memset(arena, 0, plan.header->arena_bytes);
            move_data(&plan, arena);
            for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
                const clo_kernels *kernels = clo_kernels_best(widths[w]);
                for (uint32_t i = 0; kernels != NULL && i < plan.header->n_ops; i++)
                    run_op(&plan, kernels, &plan.ops[i], arena);
            }
            free(arena);
        }
    }
    free(header);
    return 0;
}

#ifdef FUZZ_MUTATOR
/* Fields are words: most mutations set a word to a value that is likely to matter. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Makes the arena end near where something in it ends. */
static void cut_arena(uint8_t *data, size_t size, unsigned int seed) {
    clo_header h;
    memcpy(&h, data, sizeof h);
    size_t at = 4 * (seed % (size / 4 - 1));
    uint32_t span[2];
    memcpy(span, data + at, sizeof span);
    h.arena_bytes = 4 * ((uint64_t)span[0] + span[1] + seed / 1000 % 16);
    memcpy(data, &h, sizeof h);
}

/* Makes the container one with plain pages (0), sealed ones (1), or what there is not (more). */
static void seal(uint8_t *data, size_t size, uint32_t sealed) {
    clo_header h;
    memcpy(&h, data, sizeof h);
    uint64_t at = sizeof h + h.n_ops * (uint64_t)sizeof(clo_op) +
                  ((uint64_t)h.n_inputs + h.n_crossing + h.n_outputs) * sizeof(clo_io),
             offset = size;
    h.sealed = sealed;
    h.key_id[0] = (uint8_t)h.sealed;
    memset(h.key_digest, (int)h.sealed, sizeof h.key_digest);
    h.page_slot = 0;
    for (uint32_t i = 0; i < h.n_pages && at + sizeof(clo_page) <= size; i++) {
        clo_page page;
        memcpy(&page, data + at, sizeof page);
        page.stored = page.plain + h.sealed * CLO_TAG;
        page.offset = offset;
        uint64_t room = (page.stored + 63ull) / 64 * 64;
        if (page.resident == 0 && h.page_slot < room)
            h.page_slot = (uint32_t)room;
        offset += room;
        memcpy(data + at, &page, sizeof page);
        at += sizeof page;
    }
    memcpy(data, &h, sizeof h);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    static const uint32_t values[] = {0,          1,          2,          3,         5,  9,
                                      17,         31,         32,         33,        64, 0x10000000,
                                      0x40000000, 0x7fffffff, 0x80000000, 0xffffffff};
    if (size < 128 || seed % 8 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    if (seed % 16 == 1)
        cut_arena(data, size, seed / 16);
    if (seed % 16 == 3)
        seal(data, size, seed / 16 % 3);
    for (unsigned int n = 1 + seed / 8 % 3; n > 0; n--) {
        seed = seed * 1103515245u + 12345u;
        size_t at = 4 * (seed / 7 % (size / 4)), other = 4 * (seed / 11 % (size / 4));
        uint32_t word, from;
        memcpy(&word, data + at, 4);
        memcpy(&from, data + other, 4);
        switch (seed / 65536 % 6) {
        case 0:
            word = values[seed / 13 % (sizeof values / 4)];
            break;
        case 1:
            word += 1 + seed / 17 % 4;
            break;
        case 2:
            word -= 1 + seed / 17 % 4;
            break;
        case 3:
            word *= 2;
            break;
        case 4:
            word = from;
            break;
        default:
            word = seed / 19 % 64;
        }
        memcpy(data + at, &word, 4);
    }
    return size;
}
#endif
