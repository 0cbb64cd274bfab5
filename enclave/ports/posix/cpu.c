/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpu.c: chooses the widest kernels that the machine can run.
 */
#include "cpu.h"

#include <string.h>

typedef struct choice {
    const clo_kernels *kernels;
    int usable;
} choice;

const clo_kernels *clo_kernels_best(const char *name) {
#if defined(__x86_64__)
    const int avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                       __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    const int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    const int vnni = avx512 && __builtin_cpu_supports("avx512vnni");
    const choice choices[] = {{&clo_kernels_avx512vnni, vnni},
                              {&clo_kernels_avx512, avx512},
                              {&clo_kernels_avx2, avx2},
                              {&clo_kernels_portable, 1}};
#elif defined(__aarch64__)
    const choice choices[] = {{&clo_kernels_neon, 1}, {&clo_kernels_portable, 1}};
#else
    const choice choices[] = {{&clo_kernels_portable, 1}};
#endif
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const int named = strcmp(name, "auto") == 0 || strcmp(name, choices[i].kernels->name) == 0;
        if (named && choices[i].usable)
            return choices[i].kernels;
    }
    return NULL;
}
