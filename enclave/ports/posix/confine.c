/* SPDX-License-Identifier: Apache-2.0 */
/*
 * confine.c: see confine.h. Numbered steps:
 *   1. the descriptors are local sockets: nothing that reaches a network
 *   2. the environment is forgotten
 *   3. no new privileges, no core file, no ptrace or /proc access by others of this user
 *   4. memory: what is mapped now, and a little heap for libcrypto
 *   5. every other descriptor is closed
 *   6. files: none, or below one directory (the helper)
 *   7. the seccomp filter
 *
 * Not done: PR_SET_PDEATHSIG. It follows the parent's thread, not its process, and would end an
 * enclave whose starter is a worker thread. The end of the stream ends the process instead.
 */
#define _GNU_SOURCE
#include "confine.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
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
#include <sys/stat.h>
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

/* All that the process does afterwards. read and write: on its sockets alone. */
static const uint16_t CALLS[] = {__NR_exit_group,    __NR_exit,  __NR_rt_sigreturn, __NR_getrandom,
                                 __NR_clock_gettime, __NR_futex, __NR_brk};
/* And the quote helper: files, where Landlock lets it. */
static const uint16_t HELPER_CALLS[] = {
    __NR_exit_group,      __NR_exit,  __NR_rt_sigreturn, __NR_getrandom,
    __NR_clock_nanosleep, __NR_brk,   __NR_read,         __NR_write,
    __NR_openat,          __NR_close, __NR_mkdirat,      __NR_unlinkat};
#define N(array) (sizeof(array) / sizeof(array)[0])
#define CALLS_MAX 16u
#define HELPER_FILES 16u

/* All rights over files that the oldest Landlock knows, and those that the helper has. */
#define FILES (LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1)
#define HELPER_RIGHTS                                                                              \
    (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_DIR |  \
     LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR)

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

/* Closes all but these, which are in ascending order. */
static int close_others(const int *fds, size_t n) {
    unsigned int from = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned int keep = (unsigned int)fds[i];
        if (keep > from && syscall(__NR_close_range, from, keep - 1, 0u) != 0)
            return -1;
        from = keep + 1;
    }
    return (int)syscall(__NR_close_range, from, ~0u, 0u);
}

static void emit(struct sock_fprog *p, uint16_t code, uint32_t k, uint8_t yes, uint8_t no) {
    p->filter[p->len++] = (struct sock_filter){code, yes, no, k};
}

/* The filter: another architecture, another call end the process; reading and writing is allowed on
 * these descriptors, or where `calls` has it. */
static int filter_calls(const uint16_t *calls, size_t n_calls, const int *fds, size_t n_fds) {
    struct sock_filter code[2 * CALLS_MAX + 16];
    struct sock_fprog p = {0, code};
    const uint16_t load = BPF_LD | BPF_W | BPF_ABS, equal = BPF_JMP | BPF_JEQ | BPF_K,
                   give = BPF_RET | BPF_K;
    emit(&p, load, offsetof(struct seccomp_data, arch), 0, 0);
    emit(&p, equal, ARCH, 1, 0);
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    emit(&p, load, offsetof(struct seccomp_data, nr), 0, 0);
    for (size_t i = 0; i < n_calls; i++) {
        emit(&p, equal, calls[i], 0, 1);
        emit(&p, give, SECCOMP_RET_ALLOW, 0, 0);
    }
    emit(&p, equal, __NR_read, 2, 0);
    emit(&p, equal, __NR_write, 1, 0);
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    emit(&p, load, offsetof(struct seccomp_data, args[0]), 0, 0);
    for (size_t i = 0; i < n_fds; i++) {
        emit(&p, equal, (uint32_t)fds[i], 0, 1);
        emit(&p, give, SECCOMP_RET_ALLOW, 0, 0);
    }
    emit(&p, give, SECCOMP_RET_KILL_PROCESS, 0, 0);
    return (int)syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &p);
}

static int is_local(int fd) {
    int domain = 0;
    socklen_t n = sizeof domain;
    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
           (domain == AF_UNIX || domain == AF_VSOCK);
}

/* (2) to (5). */
static const char *give_up(const int *fds, size_t n, rlim_t files) {
    const struct rlimit none = {0, 0}, few = {files, files};
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
    if (close_others(fds, n) != 0 || setrlimit(RLIMIT_NOFILE, &few) != 0)
        return "other descriptors cannot be closed";
    return NULL;
}

const char *clo_confine(int stream, int helper) {
    const int fds[] = {stream < helper || helper < 0 ? stream : helper,
                       stream < helper ? helper : stream};
    const size_t n = helper < 0 ? 1 : 2;
    /* (1) */
    for (size_t i = 0; i < n; i++)
        if (!is_local(fds[i]))
            return "the descriptor is no local socket";
    const char *missing = give_up(fds, n, 0);
    if (missing != NULL)
        return missing;
    /* (7) */
    return filter_calls(CALLS, N(CALLS), fds, n) == 0 ? NULL : "system calls cannot be filtered";
}

/* (6): no file, but what is below the directory, if it is one. */
static int only_below(int fd) {
    struct landlock_ruleset_attr all = {.handled_access_fs = FILES};
    struct landlock_path_beneath_attr below = {HELPER_RIGHTS, fd};
    struct stat about;
    int rules = (int)syscall(__NR_landlock_create_ruleset, &all, sizeof all, 0);
    if (rules < 0 || fstat(fd, &about) != 0 ||
        (S_ISDIR(about.st_mode) &&
         syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0) ||
        syscall(__NR_landlock_restrict_self, rules, 0) != 0)
        return -1;
    return close(rules);
}

const char *clo_confine_helper(int stream, int source) {
    const int fds[] = {STDERR_FILENO, stream < source ? stream : source,
                       stream < source ? source : stream};
    const char *missing = give_up(fds, N(fds), HELPER_FILES + (rlim_t)fds[2]);
    if (missing != NULL)
        return missing;
    if (only_below(source) != 0)
        return "this kernel has no Landlock";
    return filter_calls(HELPER_CALLS, N(HELPER_CALLS), NULL, 0) == 0
               ? NULL
               : "system calls cannot be filtered";
}
