/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c: see threads.h. Who waits looks for some microseconds, for jobs follow each other
 * closely, and sleeps then: a worker for the next turn, who gave the job out and took part 0 for
 * what is left.
 */
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>

#define LOOKS 20000       /* at the turn or at what is left, before a thread sleeps */
#define STACK (64u << 10) /* kernels take 8 KiB at most */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake, done;
    atomic_uint turn, left; /* jobs so far; parts that still run */
    uint32_t threads, workers;
    void (*job)(void *arg, clo_share share);
    void *arg;
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .wake = PTHREAD_COND_INITIALIZER,
          .done = PTHREAD_COND_INITIALIZER,
          .threads = 1};

/* One part is done, or one worker is up. */
static void leave(void) {
    if (atomic_fetch_sub(&pool.left, 1) > 1)
        return;
    pthread_mutex_lock(&pool.lock);
    pthread_cond_signal(&pool.done);
    pthread_mutex_unlock(&pool.lock);
}

static void wait_for_all(void) {
    for (int i = 0; i < LOOKS && atomic_load(&pool.left) > 0; i++)
        ;
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.left) > 0)
        pthread_cond_wait(&pool.done, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
}

static void *work(void *part) {
    const uint32_t mine = (uint32_t)(uintptr_t)part;
    unsigned seen = atomic_load(&pool.turn);
    leave();
    for (;; seen++) {
        for (int i = 0; i < LOOKS && atomic_load(&pool.turn) == seen; i++)
            ;
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
    while (!failed && pool.workers + 1 < threads) {
        atomic_store(&pool.left, 1);
        failed = pthread_create(&thread, &attributes, work, (void *)(uintptr_t)(pool.workers + 1));
        if (!failed)
            wait_for_all();
        pool.workers += !failed;
    }
    pthread_attr_destroy(&attributes);
    pool.threads = failed ? 1 : threads;
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
