/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c: runs a fuzz target on the files that are named, for compilers without libFuzzer and for
 * coverage. */
#include "fuzz.h"
#include <stdio.h>

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        FILE *f = fopen(argv[i], "rb");
        if (f == NULL || fseek(f, 0, SEEK_END) != 0)
            return 2;
        long n = ftell(f);
        rewind(f);
        uint8_t *data = fuzz_alloc((size_t)n);
        if (n < 0 || fread(data, 1, (size_t)n, f) != (size_t)n)
            return 2;
        fclose(f);
        LLVMFuzzerTestOneInput(data, (size_t)n);
        free(data);
    }
    printf("%d inputs\n", argc - 1);
    return 0;
}
