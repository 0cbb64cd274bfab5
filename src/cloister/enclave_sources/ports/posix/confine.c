/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.c: see confine.h. Numbered steps of clo_confine:
 *   1. the descriptor is a local socket: nothing that reaches a network
 *   2. the environment is forgotten
 *   3. no new privileges, no core file, no ptrace or /proc access by others of this user
 *   4. memory: what is mapped now, and a little heap for libcrypto
 *   5. every other descriptor is closed
 *   6. the seccomp filter
 *
 * Not done: PR_SET_PDEATHSIG. It follows the parent's thread, not its process, and would end an
 * enclave whose starter is a worker thread. The end of the stream ends the process instead.
 */
#define _GNU_SOURCE
#include "confine.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HEAP (1u << 20)  /* bytes that libcrypto may still take */
#define SLACK (4u << 20) /* bytes of address space above what is mapped: stack, heap */

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#error "say how system calls are named here"
#endif

/* All that the process does afterwards. read and write: on the socket alone. */
static const uint16_t CALLS[] = {__NR_exit_group,    __NR_exit,  __NR_rt_sigreturn, __NR_getrandom,
                                 __NR_clock_gettime, __NR_futex, __NR_brk};
#define N_CALLS (sizeof CALLS / sizeof CALLS[0])

extern char **environ;

static void forget_environment(void) {
    for (char **e = environ; e != NULL && *e != NULL; e++)
        memset(*e, 0, strlen(*e));
    clearenv();
}

/* Limits the address space to what is mapped now; the heap is grown first, so that free memory lies
 * ready. */
static int limit_memory(void) {
    unsigned long pages = 0;
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    void *heap = malloc(HEAP);
    free(heap);
    FILE *f = fopen("/proc/self/statm", "re");
    if (f == NULL)
        return -1;
    int read = fscanf(f, "%lu", &pages);
    fclose(f);
    rlim_t bytes = pages * (rlim_t)sysconf(_SC_PAGESIZE) + SLACK;
    struct rlimit limit = {bytes, bytes};
    return read == 1 && heap != NULL ? setrlimit(RLIMIT_AS, &limit) : -1;
}

static int close_others(int fd) {
    unsigned int keep = (unsigned int)fd;
    if (keep > 0 && syscall(__NR_close_range, 0u, keep - 1, 0u) != 0)
        return -1;
    return (int)syscall(__NR_close_range, keep + 1, ~0u, 0u);
}

static void emit(struct sock_fprog *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
    p->filter[p->len++] = (struct sock_filter){code, yes, no, k};
}

/* The filter: another architecture, another call, another descriptor end the process. */
static int filter_calls(int fd) {
    struct sock_filter code[2 * N_CALLS + 16];
    struct sock_fprog p = {0, code};
    const uint16_t load = BPF_LD | BPF_W | BPF_ABS, equal = BPF_JMP | BPF_JEQ | BPF_K,
                   give = BPF_RET | BPF_K;
    emit(&p, load, offsetof(struct seccomp_data, arch), 0, 0);
    emit(&p, equal, ARCH, 1, 0);
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    emit(&p, load, offsetof(struct seccomp_data, nr), 0, 0);
    for (size_t i = 0; i < N_CALLS; i++) {
        emit(&p, equal, CALLS[i], 0, 1);
        emit(&p, give, SECCOMP_RET_ALLOW, 0, 0);
    }
    emit(&p, equal, __NR_read, 2, 0);
    emit(&p, equal, __NR_write, 1, 0);
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    emit(&p, load, offsetof(struct seccomp_data, args[0]), 0, 0);
    emit(&p, equal, (uint32_t)fd, 0, 1);
    emit(&p, give, SECCOMP_RET_ALLOW, 0, 0);
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p);
}

const char *clo_confine(int fd) {
    const struct rlimit none = {0, 0};
    int domain = 0;
    socklen_t n = sizeof domain;
    /* (1) */
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) != 0 || domain != AF_UNIX)
        return "the descriptor is no local socket";
    /* (2) */
    forget_environment();
    /* (3) */
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        return "privileges and core files cannot be given up";
    /* (4) */
    if (limit_memory() != 0)
        return "memory cannot be limited";
    if (prctl(PR_GET_SECCOMP, 0, 0, 0, 0) < 0)
        return "this kernel has no seccomp";
    /* (5) */
    if (close_others(fd) != 0 || setrlimit(RLIMIT_NOFILE, &none) != 0)
        return "other descriptors cannot be closed";
    /* (6) */
    return filter_calls(fd) == 0 ? NULL : "system calls cannot be filtered";
}
