/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz.h: what the fuzz targets share. */
#ifndef CLO_FUZZ_H
#define CLO_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* n bytes at a multiple of 64, with the sanitizer's guard right behind the last. */
static inline void *fuzz_alloc(size_t n) {
    void *p = NULL;
    if (posix_memalign(&p, 64, n > 0 ? n : 1) != 0)
        abort();
    return p;
}

#endif
