/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine_probe.c: confines itself as the enclave does, then tries one thing.
 * tests/enclave/test_confinement.py compiles it with ports/posix/confine.c and looks at how it
 * ended.
 *
 *   confine_probe NUMBER [ARGUMENT...]    a system call; exit code 0 when it returned, whatever it
 * returned confine_probe none                    nothing: exit code 0 confine_probe heap takes heap
 * until it gets no more: exit code 0 when that happened
 */
#include "confine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int pair[2];
    long a[6] = {0};
    static char command[16];
    if (argc < 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 90;
    snprintf(command, sizeof command, "%s", argv[1]);
    for (int i = 2; i < argc && i < 8; i++)
        a[i - 2] = strcmp(argv[i], "fd") == 0 ? pair[0] : strtol(argv[i], NULL, 0);
    const char *missing = clo_confine(pair[0], -1);
    if (missing != NULL) {
        fprintf(stderr, "%s\n", missing);
        return 91;
    }
    if (strcmp(command, "heap") == 0)
        while (sbrk(1 << 20) != (void *)-1)
            ;
    else if (strcmp(command, "none") != 0)
        syscall(strtol(command, NULL, 0), a[0], a[1], a[2], a[3], a[4], a[5]);
    _exit(0);
}
