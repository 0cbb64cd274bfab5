/* SPDX-License-Identifier: Apache-2.0 */
/*
 * primitives.c: the application's own SHA-256, AES-256-GCM and X25519 (enclave/ports/optee/armv8.c,
 * x25519.c) as a program of the normal world, to compare with others' implementations. All
 * arguments are hexadecimal, "-" for none.
 *
 *   primitives sha DATA
 *   primitives seal KEY NONCE AAD PLAIN        prints ciphertext and tag
 *   primitives open KEY NONCE AAD CIPHER TAG   prints the plaintext, or "refused"
 *   primitives x25519 SCALAR [POINT]...        prints the product with each, or "refused"
 */
#pragma GCC target("+crypto")
#include "armv8.c"
#include "x25519.c"
#include <stdio.h>

typedef struct bytes {
    uint8_t at[8192];
    size_t n;
} bytes;

static void read_hex(bytes *b, const char *text) {
    unsigned value;
    for (b->n = 0; text[0] != '-' && sscanf(text + 2 * b->n, "%2x", &value) == 1; b->n++)
        b->at[b->n] = (uint8_t)value;
}

static void print_hex(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        printf("%02x", p[i]);
}

int main(int argc, char **argv) {
    static bytes in[64];
    uint8_t out[32];
    for (int i = 0; i < 64 && i + 2 < argc; i++)
        read_hex(&in[i], argv[i + 2]);
    if (argc == 3 && strcmp(argv[1], "sha") == 0) {
        clo_armv8_sha256(out, in[0].at, in[0].n);
        print_hex(out, 32);
    } else if (argc == 6 && strcmp(argv[1], "seal") == 0) {
        (void)clo_armv8_gcm(true, in[0].at, in[1].at, in[2].at, in[2].n, in[3].at, in[3].n, out);
        print_hex(in[3].at, in[3].n);
        print_hex(out, 16);
    } else if (argc == 7 && strcmp(argv[1], "open") == 0) {
        if (clo_armv8_gcm(false, in[0].at, in[1].at, in[2].at, in[2].n, in[3].at, in[3].n,
                          in[4].at))
            print_hex(in[3].at, in[3].n);
        else
            printf("refused");
    } else if (argc == 3 && strcmp(argv[1], "x25519") == 0) {
        (void)clo_x25519(NULL, out, in[0].at, NULL);
        print_hex(out, 32);
    } else if (argc > 3 && argc < 66 && strcmp(argv[1], "x25519") == 0) {
        for (int i = 3; i < argc; i++) {
            if (clo_x25519(NULL, out, in[0].at, in[i - 2].at) == 0)
                print_hex(out, 32);
            else
                printf("refused");
            printf(i + 1 < argc ? " " : "");
        }
    } else {
        return 2;
    }
    printf("\n");
    return 0;
}
