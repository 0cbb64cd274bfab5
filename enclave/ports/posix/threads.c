/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c: see threads.h. Who waits looks for a while, for jobs follow each other closely and
 * waking takes long, and sleeps then: a worker for the next turn, who gave the job out and took
 * part 0 for what is left.
 */
#define _GNU_SOURCE
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define LOOKS 8000        /* before a thread sleeps: less than 0.5 ms */
#define STACK (64u << 10) /* kernels take 8 KiB at most */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    atomic_uint turn, left; /* jobs so far; parts that still run */
    atomic_int looks;       /* LOOKS, or none where parts share processors */
    uint32_t threads, workers;
    cpu_set_t processors; /* that the process could use at first */
    void (*job)(void *arg, clo_share share);
    void *arg;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER,
          .threads = 1};

/* Between two looks: leaves the core to its other thread. */
static void rest(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* One part is done, or one worker is up. */
static void leave(void) {
    if (atomic_fetch_sub(&pool.left, 1) > 1)
        return;
    pthread_mutex_lock(&pool.lock);
    pthread_cond_signal(&pool.done);
    pthread_mutex_unlock(&pool.lock);
}

static void wait_for_all(void) {
    for (int i = 0; i < atomic_load(&pool.looks) && atomic_load(&pool.left) > 0; i++)
        rest();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.left) > 0)
        pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

/* Leaves the calling thread every so many of the processors, and none that another part has, if
 * there are enough: Linux may else run two threads on one processor in turns for long, and leave
 * another idle. */
static void keep_apart(uint32_t part) {
    const uint32_t n = (uint32_t)CPU_COUNT(&pool.processors);
    const uint32_t step = pool.threads < n ? pool.threads : n;
    uint32_t at = 0;
    cpu_set_t mine;
    CPU_ZERO(&mine);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &pool.processors) && at++ % step == part % step)
            CPU_SET(i, &mine);
    (void)sched_setaffinity(0, sizeof mine, &mine); /* of none is refused, and changes nothing */
}

static void *work(void *part) {
    const uint32_t mine = (uint32_t)(uintptr_t)part;
    keep_apart(mine);
    unsigned seen = atomic_load(&pool.turn);
    leave();
    for (;; seen++) {
        for (int i = 0; i < atomic_load(&pool.looks) && atomic_load(&pool.turn) == seen; i++)
            rest();
        pthread_mutex_lock(&pool.lock);
        while (atomic_load(&pool.turn) == seen)
            pthread_cond_wait(&pool.wake, &pool.lock);
        pthread_mutex_unlock(&pool.lock);
        if (mine < pool.threads)
            pool.job(pool.arg, (clo_share){mine, pool.threads});
        leave();
    }
    return NULL;
}

int clo_threads_start(uint32_t threads) {
    pthread_attr_t attributes;
    pthread_t thread;
    int failed = threads < 1 || threads > CLO_THREADS_MAX || pthread_attr_init(&attributes) != 0;
    if (failed)
        return -1;
    failed = pthread_attr_setstacksize(&attributes, STACK);
    if (pool.workers == 0)
        (void)sched_getaffinity(0, sizeof pool.processors, &pool.processors);
    pool.threads = threads;
    atomic_store(&pool.looks, threads <= (uint32_t)CPU_COUNT(&pool.processors) ? LOOKS : 0);
    while (!failed && pool.workers + 1 < threads) {
        atomic_store(&pool.left, 1);
        failed = pthread_create(&thread, &attributes, work, (void *)(uintptr_t)(pool.workers + 1));
        if (!failed)
            wait_for_all();
        pool.workers += !failed;
    }
    pthread_attr_destroy(&attributes);
    pool.threads = failed ? 1 : threads;
    if (pool.threads > 1)
        keep_apart(0);
    return failed ? -1 : 0;
}

void clo_threads_run(void *ctx, void (*job)(void *arg, clo_share share), void *arg) {
    (void)ctx;
    pool.job = job;
    pool.arg = arg;
    atomic_store(&pool.left, pool.workers);
    pthread_mutex_lock(&pool.lock);
    atomic_fetch_add(&pool.turn, 1);
    pthread_cond_broadcast(&pool.wake);
    pthread_mutex_unlock(&pool.lock);
    job(arg, (clo_share){0, pool.threads});
    wait_for_all();
}
