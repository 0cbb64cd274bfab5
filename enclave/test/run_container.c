/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_container.c: runs a container on one input, for machines that tests only emulate: prints the
 * results' bytes.
 *
 *   run_container CONTAINER INPUT [TIMES] > RESULTS
 *
 * INPUT: float32 of all inputs, in order. With TIMES it runs that often: what one more run costs is
 * what the operators cost.
 */
#include "clo.h"
#include "cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *read_file(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        exit(2);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    void *bytes = aligned_alloc(CLO_ALIGN, (*size + CLO_ALIGN) / CLO_ALIGN * CLO_ALIGN);
    if (bytes == NULL || fread(bytes, 1, *size, file) != *size)
        exit(2);
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    clo_plan plan;
    size_t size;
    size_t input_size;
    if (argc < 3)
        return 2;
    const long times = argc > 3 ? atol(argv[3]) : 1;
    const uint8_t *file = read_file(argv[1], &size);
    const float *input = read_file(argv[2], &input_size);
    uint32_t header_bytes;
    memcpy(&header_bytes, file + offsetof(clo_header, header_bytes), sizeof header_bytes);
    if (clo_plan_open(&plan, file, header_bytes) != CLO_OK)
        return 1;
    const clo_header *h = plan.header;
    const clo_kernels *kernels = clo_kernels_best("auto");
    float *arena = aligned_alloc(CLO_ALIGN, (h->arena_bytes + CLO_ALIGN) / CLO_ALIGN * CLO_ALIGN);
    if (arena == NULL)
        return 2;
    for (uint32_t i = 0; i < h->n_inputs; input += plan.inputs[i].n, i++)
        memcpy(arena + plan.inputs[i].at, input, plan.inputs[i].n * sizeof *arena);
    for (uint64_t step = 0; step < (uint64_t)times * h->n_ops; step++) {
        const uint32_t i = (uint32_t)(step % h->n_ops);
        const clo_op *op = &plan.ops[i];
        for (uint32_t p = 0; p < op->n_pages || p == 0; p++) {
            const void *page = op->n_pages ? file + plan.pages[op->first_page + p].offset : NULL;
            kernels->run[op->kind](op, arena, arena + h->scratch_at, page, p, (clo_share){0, 1});
        }
    }
    const uint32_t n = h->mode == CLO_MODE_WHOLE ? h->n_outputs : h->n_crossing;
    const clo_io *results = h->mode == CLO_MODE_WHOLE ? plan.outputs : plan.crossing;
    for (uint32_t i = 0; i < n; i++)
        fwrite(arena + results[i].at, sizeof *arena, results[i].n, stdout);
    fprintf(stderr, "%s\n", kernels->name);
    return 0;
}
