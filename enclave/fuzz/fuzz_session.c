/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_session.c: one instance against a hostile host that also knows how to seal.
 *
 * The input is: options (4 bytes), length of a container's header (u16, little-endian), the header,
 * then commands, one byte and its arguments each. The harness fills in the digests of the header's
 * pages, whose bytes it makes up, and seals where the header says so, so that mutations get past
 * them. Sealed requests and page keys are made with the instance's own secret, which only a harness
 * can see.
 *
 * Options: replay entries 2^(0 % 8); (0) & 8: the port keeps page keys, & 16: a wrong one, & 32:
 * none yet; window smallest + (1) KiB; memory less 64 x (2); (3) & 1: keep the digests as they are;
 * (3) >> 1: a configuration that must be refused.
 *
 * After every step: the answer fits, the state is one of eight, an instance without a request has
 * an empty arena, sealed pages were opened with their key only, that key stays only where pages
 * come again, and a response has a receipt of its request and of itself.
 */
#define _GNU_SOURCE
#include "bytes.h"
#include "claims.h"
#include "cpu.h"
#include "crypto.h"
#include "evidence.h"
#include "fuzz.h"
#include "hpke.h"
#include "message.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX (1u << 21)
#define MEMORY_MAX (8u << 20)

enum { DEAD, EMPTY, LOCKED, PROVEN, LOADING, READY, RUNNING, TAIL };

static clo_port real;
static uint32_t fail_in; /* the port call, counted from now, that fails; 0: none */
static uint64_t drawn;
static const uint8_t page_key[32] = "the page key of all containers."; /* 31 letters and a zero */
static const uint8_t wrong_key[32] = "another";
static const uint8_t *kept; /* what the port keeps for every name */

static int fails(void) {
    return fail_in != 0 && --fail_in == 0;
}

static int fake_random(void *ctx, uint8_t *out, size_t n) {
    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        drawn = drawn * 6364136223846793005u + 1442695040888963407u;
        out[i] = (uint8_t)(drawn >> 56);
    }
    return fails();
}

static int fake_x25519(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point) {
    return fails() || real.x25519(ctx, out, scalar, point);
}

static int fake_sha256(void *ctx, uint8_t out[32], const void *data, size_t n) {
    return fails() || real.sha256(ctx, out, data, n);
}

static int fake_sha512(void *ctx, uint8_t out[64], const void *data, size_t n) {
    return fails() || real.sha512(ctx, out, data, n);
}

static int fake_hmac(void *ctx, uint8_t out[32], const uint8_t *key, size_t key_n, const void *data,
                     size_t n) {
    return fails() || real.hmac_sha256(ctx, out, key, key_n, data, n);
}

static int fake_seal(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                     const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n, uint8_t tag[16]) {
    return fails() || real.aes_gcm_seal(ctx, key, key_n, nonce, aad, aad_n, buf, n, tag);
}

static int fake_open(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                     const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                     const uint8_t tag[16]) {
    return fails() || real.aes_gcm_open(ctx, key, key_n, nonce, aad, aad_n, buf, n, tag);
}

static int fake_sign(void *ctx, uint8_t sig[64], const uint8_t seed[32],
                     const uint8_t public_key[32], const void *data, size_t n) {
    return fails() || real.ed25519_sign(ctx, sig, seed, public_key, data, n);
}

static int fake_key_get(void *ctx, const uint8_t id[16], uint8_t key[32]) {
    (void)ctx;
    (void)id;
    if (kept == NULL)
        return -1;
    memcpy(key, kept, 32);
    return fails();
}

static int fake_key_put(void *ctx, const uint8_t id[16], const uint8_t key[32]) {
    (void)ctx;
    (void)id;
    if (memcmp(key, page_key, 32) != 0)
        abort(); /* it is not the key of these pages */
    return fails();
}

static int fake_pair(void *ctx, uint8_t public_key[32], uint8_t seed[32]) {
    return fails() || real.ed25519_pair(ctx, public_key, seed);
}

static int fake_evidence(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                         size_t *n) {
    (void)ctx;
    if (cap < 64 || fails())
        return -1;
    memcpy(out, report_data, 64);
    *n = 64;
    return 0;
}

static void check(int ok, const char *what) {
    if (!ok) {
        fprintf(stderr, "broken rule: %s\n", what);
        abort();
    }
}

typedef struct host {
    clo_session s;
    clo_reader in;   /* commands */
    uint8_t *header; /* of the container, digests filled in */
    size_t header_n;
    uint32_t sealed;    /* the header says so */
    uint8_t aad[40];    /* of the header's pages; index and length are filled in */
    uint8_t digest[32]; /* of the request in flight */
    uint64_t time;      /* of requests */
    int given;          /* the right page key was given, or is kept */
    clo_frame asked;    /* the last NEED_PAGE */
    uint8_t *request;   /* the last sealed request */
    size_t request_n;
} host;

static uint8_t byte(host *h) {
    uint8_t b = 0;
    clo_take(&h->in, &b, 1);
    return b;
}

/* A sealed response and its receipt, which holds the digests of the request and of the response. */
static void receipt(const host *h, const uint8_t *answer, size_t n) {
    size_t sealed = h->s.plan.response_bytes + CLO_RESPONSE_OVERHEAD;
    uint8_t digest[32];
    check(n > sealed && n <= sealed + CLO_RECEIPT_MAX, "a receipt comes with a response");
    real.sha256(NULL, digest, answer, sealed);
    check(memmem(answer + sealed, n - sealed, digest, 32) != NULL, "a receipt of this response");
    check(memmem(answer + sealed, n - sealed, h->digest, 32) != NULL, "a receipt of the request");
}

/* One frame to the instance, from a buffer of exactly its size. */
static void send(host *h, clo_frame head, const uint8_t *payload, size_t n, size_t cut) {
    size_t cap = clo_out_bytes(&h->s), out_n = 0, in_n = sizeof head + n;
    uint8_t *in = fuzz_alloc(in_n), *out = fuzz_alloc(cap);
    int before = (int)h->s.state;
    head.magic ^= CLO_FRAME_MAGIC;
    head.length += n;
    memcpy(in, &head, sizeof head);
    if (n > 0)
        memcpy(in + sizeof head, payload, n);
    clo_err err = clo_step(&h->s, in, in_n - (cut < in_n ? cut : in_n), out, cap, &out_n);
    fail_in = 0;
    clo_frame answer;
    check(out_n >= sizeof answer && out_n <= cap, "the answer fits");
    memcpy(&answer, out, sizeof answer);
    check(answer.magic == CLO_FRAME_MAGIC && answer.length == out_n - sizeof answer,
          "the answer is a frame");
    check((err == CLO_OK) == (answer.type != CLO_ERROR) && (err == CLO_OK || answer.a == err),
          "error frames");
    if (head.type == CLO_REQUEST && before == READY && err == CLO_OK)
        real.sha256(NULL, h->digest, payload, n);
    if (answer.type == CLO_RESPONSE)
        receipt(h, out + sizeof answer, out_n - sizeof answer);
    check(h->s.state <= TAIL, "the state is known");
    check(err != CLO_E_STATE || (int)h->s.state == before, "what is not allowed changes nothing");
    if (answer.type == CLO_NEED_PAGE)
        h->asked = answer;
    if (h->s.state == READY) {
        const clo_header *plan = h->s.plan.header;
        check(clo_is_zero(h->s.arena, (size_t)clo_round(plan->arena_bytes) + CLO_ALIGN),
              "the arena is wiped");
        check(!plan->sealed || h->given, "sealed pages need their key");
        check(plan->page_slot > 0 || clo_is_zero(h->s.page_key, 32), "the page key is wiped");
    }
    free(in);
    free(out);
}

/* What page `index` holds, n bytes and a tag where it is sealed: floats that no operator minds. */
static void fill_page(host *h, uint8_t *out, uint32_t index, uint32_t n) {
    uint8_t nonce[12] = {0};
    clo_writer w = {nonce, sizeof nonce, 8};
    for (uint32_t i = 0; i + 4 <= n; i += 4) {
        float f = (float)((i / 4 + index) % 5) * 0.25f;
        memcpy(out + i, &f, 4);
    }
    if (!h->sealed)
        return;
    clo_put_be(&w, index, 4);
    memcpy(h->aad + 32, &index, 4);
    memcpy(h->aad + 36, &n, 4);
    real.aes_gcm_seal(NULL, page_key, 32, nonce, h->aad, 40, out, n, out + n);
}

/* Fills the digests in, when the page table can be found. */
static void seal_digests(host *h) {
    clo_header head;
    if (h->header_n < sizeof head)
        return;
    memcpy(&head, h->header, sizeof head);
    uint64_t at = sizeof head + clo_mul(head.n_ops, sizeof(clo_op)) +
                  ((uint64_t)head.n_inputs + head.n_crossing + head.n_outputs) * sizeof(clo_io);
    h->sealed = head.sealed == 1;
    if (h->sealed) {
        real.sha256(NULL, head.key_digest, page_key, sizeof page_key);
        memcpy(h->header, &head, sizeof head);
    }
    if (h->sealed && at <= h->header_n)
        real.sha256(NULL, h->aad, h->header, at);
    for (uint32_t i = 0; i < head.n_pages && at + sizeof(clo_page) <= h->header_n;
         i++, at += sizeof(clo_page)) {
        clo_page page;
        memcpy(&page, h->header + at, sizeof page);
        if (page.plain <= CLO_PAGE_MAX) {
            uint8_t *bytes = calloc(1, page.plain + 4 + CLO_TAG);
            fill_page(h, bytes, i, page.plain);
            real.sha256(NULL, page.digest, bytes, page.plain + h->sealed * CLO_TAG);
            free(bytes);
        }
        memcpy(h->header + at, &page, sizeof page);
    }
}

static void load(host *h) {
    size_t n = 32 + h->header_n;
    uint8_t *payload = calloc(1, n);
    memcpy(payload + 32, h->header, h->header_n);
    send(h, (clo_frame){.type = CLO_LOAD}, payload, n, 0);
    free(payload);
}

/* The pages asked for, with the byte at `spoil` changed when it is inside. */
static void bring_pages(host *h, uint32_t spoil) {
    const clo_page *pages = h->s.plan.pages;
    clo_frame a = h->asked;
    if (h->s.state != LOADING && h->s.state != RUNNING) {
        send(h, (clo_frame){.type = CLO_PAGES, .a = a.a, .b = a.b}, NULL, 0, 0);
        return;
    }
    uint64_t start = pages[a.a].offset,
             n = pages[a.a + a.b - 1].offset + pages[a.a + a.b - 1].stored - start;
    uint8_t *payload = calloc(1, n + 1 + CLO_TAG);
    for (uint32_t i = a.a; i < a.a + a.b; i++)
        fill_page(h, payload + (pages[i].offset - start), i, pages[i].plain);
    if (spoil < n)
        payload[spoil] ^= 1;
    send(h, (clo_frame){.type = CLO_PAGES, .a = a.a, .b = a.b}, payload, n, 0);
    free(payload);
}

/* The page key, sealed to the instance and its last claims; one byte of it, if `flip` is not 0,
 * changed. */
static void key(host *h, const uint8_t *secret, uint32_t at, uint8_t flip) {
    clo_session *s = &h->s;
    uint8_t payload[80], own[32], info[22 + 32 + 16] = "cloister/v1 model key";
    clo_key_pair pair = {s->kem_secret, s->kem_public};
    clo_hpke hpke;
    if (s->state == DEAD || s->state == EMPTY)
        return;
    memcpy(info + 22, s->claims_digest, 32);
    memcpy(info + 54, s->plan.header->key_id, 16);
    fake_random(NULL, own, 32);
    real.x25519(NULL, payload, own, NULL);
    check(clo_hpke_receive(&hpke, &real, 32, pair, payload, info, sizeof info) == CLO_OK, "seal");
    memcpy(payload + 32, secret, 32);
    real.aes_gcm_seal(NULL, hpke.key, 32, hpke.nonce, NULL, 0, payload + 32, 32, payload + 64);
    payload[at % 80] ^= flip;
    h->given |= s->state == PROVEN && flip == 0 && secret == page_key;
    send(h, (clo_frame){.type = CLO_KEY}, payload, sizeof payload, 0);
}

/* A request that opens; its message is that of the plan but for the word at `spoil`. */
static void request(host *h, uint64_t id, uint32_t spoil, uint32_t value) {
    clo_session *s = &h->s;
    if (s->state < READY)
        return;
    size_t n = s->plan.request_bytes;
    clo_hpke hpke;
    clo_key_pair pair = {s->kem_secret, s->kem_public};
    free(h->request);
    h->request_n = n + CLO_REQUEST_OVERHEAD;
    h->request = calloc(1, h->request_n);
    uint8_t *head = h->request, *enc = head + 7, *msg = enc + 32, own[32];
    clo_ohttp_head(head, s->key_id, 32);
    fake_random(NULL, own, 32);
    real.x25519(NULL, enc, own, NULL);
    clo_message_begin(msg, s->plan.inputs, s->plan.header->n_inputs, 0, n);
    if (spoil < n / 4)
        memcpy(msg + 4 * spoil, &value, 4);
    check(clo_ohttp_receive(&hpke, &real, 32, pair, "cloister tensor request", head, enc) == CLO_OK,
          "seal");
    real.aes_gcm_seal(NULL, hpke.key, 32, hpke.nonce, NULL, 0, msg, n, msg + n);
    clo_frame frame = {.type = CLO_REQUEST, .id = id, .a = (uint32_t)h->time, .b = h->time >> 32};
    send(h, frame, h->request, h->request_n, 0);
}

static void tail(host *h, uint64_t id, uint32_t spoil, uint32_t value) {
    clo_session *s = &h->s;
    if (s->state < READY)
        return;
    size_t n = s->plan.response_bytes;
    uint8_t *payload = calloc(1, n);
    clo_message_begin(payload, s->plan.outputs, s->plan.header->n_outputs, 0, n);
    if (spoil < n / 4)
        memcpy(payload + 4 * spoil, &value, 4);
    send(h, (clo_frame){.type = CLO_TAIL, .id = id}, payload, n, 0);
    free(payload);
}

static void raw(host *h, int whole_head) {
    clo_frame head = {.type = byte(h)};
    uint8_t payload[512], n = 0, cut = byte(h);
    if (whole_head) {
        clo_take(&h->in, &head, sizeof head);
    } else {
        head.id = byte(h);
        head.a = byte(h);
        head.b = byte(h);
    }
    n = byte(h);
    n = n < h->in.left ? n : (uint8_t)h->in.left;
    clo_take(&h->in, payload, n);
    send(h, head, payload, n, cut);
}

static void command(host *h) {
    uint32_t word = 0, value = 0;
    switch (byte(h)) {
    case 'L':
        load(h);
        break;
    case 'P': /* pages until no more are asked for */
        for (int i = 0; i < 64 && (h->s.state == LOADING || h->s.state == RUNNING); i++)
            bring_pages(h, UINT32_MAX);
        break;
    case 'p':
        clo_take(&h->in, &word, 2);
        bring_pages(h, word);
        break;
    case 'K':
        key(h, page_key, 0, 0);
        break;
    case 'W': /* a wrong page key, well sealed */
        key(h, wrong_key, 0, 0);
        break;
    case 'k': /* with a changed byte */
        word = byte(h);
        key(h, page_key, word, byte(h));
        break;
    case 'D': /* the time of requests */
        clo_take(&h->in, &h->time, 8);
        break;
    case 'R':
        request(h, byte(h), UINT32_MAX, 0);
        break;
    case 'r':
        clo_take(&h->in, &word, 2);
        clo_take(&h->in, &value, 4);
        request(h, 1, word, value);
        break;
    case 'q': /* the last request again, or with a changed byte */
        clo_take(&h->in, &word, 2);
        if (word < h->request_n)
            h->request[word] ^= byte(h);
        send(h, (clo_frame){.type = CLO_REQUEST, .id = 3}, h->request, h->request_n, 0);
        break;
    case 'T':
        tail(h, byte(h), UINT32_MAX, 0);
        break;
    case 't':
        clo_take(&h->in, &word, 2);
        clo_take(&h->in, &value, 4);
        tail(h, 1, word, value);
        break;
    case 'C':
        send(h, (clo_frame){.type = CLO_CANCEL, .id = byte(h)}, NULL, 0, 0);
        break;
    case 'F':
        raw(h, 0);
        break;
    case 'H':
        raw(h, 1);
        break;
    case 'Z': /* the port fails at its n-th call of the next frame */
        fail_in = byte(h);
        break;
    case 'E':
        clo_session_end(&h->s);
        check(clo_is_zero(h->s.config.memory, h->s.config.bytes), "the end wipes the memory");
        break;
    default:
        break;
    }
}

/* Memory for the header's plan, if it has one, less what the options take away. */
static size_t memory_for(const host *h, uint32_t replay, uint32_t less) {
    clo_plan plan;
    uint8_t *header = fuzz_alloc(h->header_n);
    size_t n = h->header_n + 4096;
    memcpy(header, h->header, h->header_n);
    if (clo_plan_open(&plan, header, h->header_n) == CLO_OK)
        n = clo_plan_memory(&plan, replay);
    free(header);
    n = n > MEMORY_MAX ? MEMORY_MAX : n;
    return n > 64 * less ? n - 64 * less : 64;
}

/* A configuration that clo_session_init must refuse. */
static void refuse(clo_config c, uint32_t which) {
    clo_session s;
    clo_port port = *c.port;
    if (which == 1)
        c.replay = 3;
    else if (which == 2)
        c.window = CLO_PAGE_MAX;
    else if (which == 3)
        c.memory = (uint8_t *)c.memory + 8;
    else if (which == 4)
        c.kernels = NULL;
    else
        port.wipe = NULL;
    c.port = &port;
    check(clo_session_init(&s, &c) != CLO_OK, "refuses what cannot work");
    clo_session_end(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    host h = {.in = {data, size}};
    uint8_t options[4] = {0};
    uint16_t n = 0;
    clo_take(&h.in, options, 4);
    clo_take(&h.in, &n, 2);
    h.header_n = n < h.in.left ? n : h.in.left;
    h.header = calloc(1, h.header_n + 1);
    clo_take(&h.in, h.header, h.header_n);
    if (real.random == NULL && (clo_posix_crypto(&real) != 0 || clo_posix_self_test(&real) != 0))
        abort();
    fail_in = 0;
    drawn = 1;
    if ((options[3] & 1) == 0)
        seal_digests(&h);
    clo_port port = real;
    port.random = fake_random;
    port.x25519 = fake_x25519;
    port.sha256 = fake_sha256;
    port.sha512 = fake_sha512;
    port.hmac_sha256 = fake_hmac;
    port.aes_gcm_seal = fake_seal;
    port.aes_gcm_open = fake_open;
    port.ed25519_sign = fake_sign;
    kept = options[0] & 32 ? NULL : options[0] & 16 ? wrong_key : page_key;
    h.given = (options[0] & 56) == 8;
    if (options[0] & 8) {
        port.key_get = fake_key_get;
        port.key_put = fake_key_put;
    }
    port.ed25519_pair = fake_pair;
    port.evidence = fake_evidence;
    uint32_t replay = 1u << (options[0] % 8), window = CLO_PAGE_MAX + CLO_TAG + 1024u * options[1];
    size_t bytes = memory_for(&h, replay, options[2]);
    clo_config config = {&port,
                         clo_kernels_best("portable"),
                         fuzz_alloc(bytes),
                         bytes,
                         replay,
                         window,
                         "sandbox",
                         "none",
                         1};
    if (options[3] >> 1 != 0)
        refuse(config, options[3] >> 1);
    else if (clo_session_init(&h.s, &config) != CLO_OK)
        abort();
    for (int i = 0; i < 64 && h.in.left > 0 && options[3] >> 1 == 0; i++)
        command(&h);
    free(config.memory);
    free(h.header);
    free(h.request);
    return 0;
}

#ifdef FUZZ_MUTATOR
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/* Most mutations change the commands: headers are fuzz_plan's. Some put a whole one in: what sealed
 * pages, their key and the time of a request need is seldom met by chance. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed) {
    static const char *const whole[] = {"F\3\0\0\0\0\x10\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0",
                                        "K",
                                        "W",
                                        "k\x21\1",
                                        "D\xff\xff\xff\xff\1\0\0\0",
                                        "P"};
    static const uint8_t length[] = {23, 1, 1, 3, 9, 1};
    uint16_t n = 0;
    if (size > 6)
        memcpy(&n, data + 4, 2);
    size_t start = 6 + (size_t)n;
    if (seed % 8 == 0 || size <= start || max_size <= start)
        return LLVMFuzzerMutate(data, size, max_size);
    size_t which = seed / 8 % 16, at = start + seed / 128 % (size - start);
    if (which < sizeof length && size + length[which] <= max_size) {
        memmove(data + at + length[which], data + at, size - at);
        memcpy(data + at, whole[which], length[which]);
        return size + length[which];
    }
    return start + LLVMFuzzerMutate(data + start, size - start, max_size - start);
}
#endif
