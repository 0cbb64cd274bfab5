/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c: one instance, as a state machine: one frame in, one frame out
 * (docs/formats/frames.md).
 *
 * Rules it keeps:
 *   1. A container is loaded once, its header before keys are made; a load that fails is final.
 *   2. A frame that is not allowed now is answered by CLO_E_STATE and changes nothing.
 *   3. A request that fails is gone: its arena and its keys are wiped, and the instance is ready
 * again.
 *   4. `in` is read once, byte by byte, into trusted memory; `out` is written and never read, and
 * gets no secret.
 *   5. What runs, and in which order memory is touched, depends on the plan and the frame's kind
 * and length only.
 */
#include "bytes.h"
#include "claims.h"
#include "hpke.h"
#include "message.h"

#define KEY_N 32u /* AES-256-GCM is all that the wire offers */
#define REQUEST_LABEL "cloister tensor request"
#define RESPONSE_LABEL "cloister tensor response"
#define KEY_LABEL "cloister/v1 model key" /* its final zero byte included */
#define TABLE_ENTRY 16u

/* LOCKED: the page key is missing; PROVEN: still, but claims were answered, to which it can be
 * sealed. */
enum { DEAD, EMPTY, LOCKED, PROVEN, LOADING, READY, RUNNING, TAIL };

/* What one call of clo_step works on. */
typedef struct step {
    clo_session *s;
    clo_frame head; /* of the frame that came */
    clo_reader in;  /* its payload */
    uint8_t *out;
    size_t out_bytes;
} step;

typedef clo_err handler(step *t);

static uint64_t now(const clo_session *s) {
    return s->config.port->now_ns(s->config.port->ctx);
}

static void wipe(const clo_session *s, void *p, size_t n) {
    s->config.port->wipe(s->config.port->ctx, p, n);
}

static clo_err draw(const clo_session *s, uint8_t *out, size_t n) {
    return s->config.port->random(s->config.port->ctx, out, n) == 0 ? CLO_OK : CLO_E_PORT;
}

static clo_key_pair pair(const clo_session *s) {
    return (clo_key_pair){s->kem_secret, s->kem_public};
}

/* A place in the arena, as bytes. */
static uint8_t *message_at(const clo_session *s, uint32_t at) {
    return (uint8_t *)(s->arena + at);
}

/* Writes the answer's head; its payload of `length` bytes stands, or will stand, at out + 64. */
static void answer(step *t, clo_frame head, uint32_t type, size_t length) {
    head.magic = CLO_FRAME_MAGIC;
    head.type = type;
    head.length = length;
    memcpy(t->out, &head, sizeof head);
    t->out_bytes = sizeof head + length;
}

/* Bytes behind the arena: scratch of the threads but the first. */
static size_t shares(const clo_session *s) {
    const clo_port *port = s->config.port;
    return port->parallel ? (port->threads - 1) * (size_t)clo_round(s->plan.header->scratch_bytes)
                          : 0;
}

/* Ends the request in flight and wipes what it left. */
static void drop(clo_session *s) {
    wipe(s, s->arena, (size_t)clo_round(s->plan.header->arena_bytes) + CLO_ALIGN + shares(s));
    wipe(s, s->response_key, sizeof s->response_key);
    wipe(s, s->response_nonce, sizeof s->response_nonce);
    s->state = READY;
}

/* ----------------------------------------------------------------------------------------------
 * pages */

/* Bytes of the file from the start of page `first` to the end of the last of `count` pages, without
 * its padding. */
static uint64_t pages_span(const clo_session *s, uint32_t first, uint32_t count) {
    const clo_page *p = &s->plan.pages[first], *last = p + count - 1;
    return last->offset + last->stored - p->offset;
}

/* The pages that the instance waits for, in LOADING and RUNNING: as many in a row as the window
 * takes, in RUNNING also of the operators that follow, as long as they use the next pages. */
static void wanted(const clo_session *s, uint32_t *first, uint32_t *count) {
    uint32_t end = s->plan.header->n_pages;
    *first = s->page;
    *count = 1;
    if (s->state == RUNNING) {
        const clo_op *op = &s->plan.ops[s->op], *last = s->plan.ops + s->plan.header->n_ops - 1;
        *first += op->first_page;
        for (end = op->first_page + op->n_pages;
             op < last && (op[1].n_pages == 0 || op[1].first_page == end); op++)
            end += op[1].n_pages;
    }
    while (*first + *count < end && pages_span(s, *first, *count + 1) <= s->config.window &&
           s->plan.pages[*first + *count].resident == s->plan.pages[*first].resident)
        ++*count;
}

static void ask(step *t) {
    clo_frame head = {.id = t->s->state == RUNNING ? t->s->request_id : 0};
    wanted(t->s, &head.a, &head.b);
    answer(t, head, CLO_NEED_PAGE, 0);
}

/* Opens a sealed page in place. Behind it stood its tag: of a resident page in memory that is still
 * free, the next page's, the slot's or the arena's, which is zero again afterwards. */
static clo_err open_page(clo_session *s, uint32_t index, uint8_t *page) {
    const clo_port *port = s->config.port;
    uint32_t plain = s->plan.pages[index].plain;
    uint8_t nonce[12] = {0}, tag[CLO_TAG];
    clo_writer w = {nonce, sizeof nonce, 8}, a = {s->page_aad, sizeof s->page_aad, CLO_DIGEST};
    clo_put_be(&w, index, 4);
    clo_put(&a, &index, 4);
    clo_put(&a, &plain, 4);
    memcpy(tag, page + plain, sizeof tag);
    memset(page + plain, 0, sizeof tag);
    int bad = port->aes_gcm_open(port->ctx, s->page_key, KEY_N, nonce, s->page_aad,
                                 sizeof s->page_aad, page, plain, tag);
    return bad ? CLO_E_DIGEST : CLO_OK;
}

/* Copies the next page of the payload to dst, in trusted memory, checks it there and opens it. */
static clo_err page_in(step *t, uint32_t index, uint8_t *dst) {
    const clo_port *port = t->s->config.port;
    const clo_page *page = &t->s->plan.pages[index];
    uint8_t digest[CLO_DIGEST];
    if (!clo_take(&t->in, dst, page->stored) ||
        port->sha256(port->ctx, digest, dst, page->stored) != 0)
        return CLO_E_PORT;
    clo_skip(&t->in, clo_round(page->stored) - page->stored);
    if (memcmp(digest, page->digest, sizeof digest) != 0)
        return CLO_E_DIGEST;
    return t->s->plan.header->sealed ? open_page(t->s, index, dst) : CLO_OK;
}

/* Where a resident page stands. Pages are used in rising order but for shared ones, so this takes
 * few steps. */
static uint8_t *resident(clo_session *s, uint32_t index) {
    if (index < s->resident_page) {
        s->resident_page = 0;
        s->resident_at = 0;
    }
    for (; s->resident_page < index; s->resident_page++)
        if (s->plan.pages[s->resident_page].resident)
            s->resident_at += clo_round(s->plan.pages[s->resident_page].plain);
    return s->resident + s->resident_at;
}

/* ----------------------------------------------------------------------------------------------
 * load */

/* Lays out the caller's memory (clo_plan_memory) for the plan and clears it. */
static void lay_out(clo_session *s) {
    const clo_header *h = s->plan.header;
    size_t table = (size_t)clo_round(TABLE_ENTRY * (uint64_t)s->config.replay);
    s->replay = s->header + h->header_bytes;
    s->resident = s->replay + table;
    s->slot = s->resident + h->resident_bytes;
    s->arena = (float *)(void *)(s->slot + h->page_slot);
    memset(s->replay, 0, table);
    memset(s->arena, 0, (size_t)clo_round(h->arena_bytes) + CLO_ALIGN + shares(s));
}

/* Makes the keys of the instance: the plan that it will ever run was checked before. */
static clo_err make_keys(clo_session *s) {
    const clo_port *port = s->config.port;
    clo_err err = draw(s, s->kem_secret, sizeof s->kem_secret);
    if (err == CLO_OK)
        err = draw(s, &s->key_id, 1);
    if (err == CLO_OK && (port->x25519(port->ctx, s->kem_public, s->kem_secret, NULL) != 0 ||
                          port->ed25519_pair(port->ctx, s->receipt_public, s->receipt_seed) != 0))
        err = CLO_E_PORT;
    return err;
}

/* Answers with the key config. */
static void show_key(step *t, clo_frame head, uint32_t type) {
    clo_ohttp_config(t->out + sizeof head, t->s->key_id, t->s->kem_public, KEY_N);
    answer(t, head, type, CLO_KEY_CONFIG);
}

/* Copies pages in until the payload ends; asks for more, or is ready. Streamed pages are checked
 * where they are used, each time, and not here, but for the first page: the host shows early that
 * it has the right file. The page key stays only where pages come again. */
static clo_err load_pages(step *t) {
    clo_session *s = t->s;
    clo_err err = CLO_OK;
    for (; err == CLO_OK && t->in.left > 0; s->page++) {
        bool keep = s->plan.pages[s->page].resident;
        err = page_in(t, s->page, keep ? resident(s, s->page) : s->slot);
    }
    if (err != CLO_OK)
        return err;
    while (s->page > 0 && s->page < s->plan.header->n_pages && !s->plan.pages[s->page].resident)
        s->page++;
    if (s->page < s->plan.header->n_pages) {
        ask(t);
        return CLO_OK;
    }
    if (s->plan.header->page_slot == 0)
        wipe(s, s->page_key, sizeof s->page_key);
    s->state = READY;
    show_key(t, (clo_frame){.a = s->replay_used, .b = s->config.replay}, CLO_READY);
    return CLO_OK;
}

/* The page key is the one that the pages were sealed with: AES-GCM's tags do not say so. */
static bool key_ok(const clo_session *s) {
    const clo_port *port = s->config.port;
    uint8_t digest[CLO_DIGEST];
    return port->sha256(port->ctx, digest, s->page_key, sizeof s->page_key) == 0 &&
           memcmp(digest, s->plan.header->key_digest, CLO_DIGEST) == 0;
}

/* Takes the page key, sealed to this instance's key and to the claims that it answered last. */
static clo_err take_key(step *t) {
    clo_session *s = t->s;
    const clo_port *port = s->config.port;
    const clo_header *h = s->plan.header;
    uint8_t enc[CLO_OHTTP_ENC], tag[CLO_TAG],
        info[sizeof KEY_LABEL + CLO_DIGEST + sizeof h->key_id] = KEY_LABEL;
    clo_writer w = {info, sizeof info, sizeof KEY_LABEL};
    clo_hpke hpke;
    s->state = LOADING; /* there is one try */
    if (!clo_take(&t->in, enc, sizeof enc) || !clo_take(&t->in, s->page_key, sizeof s->page_key) ||
        !clo_take(&t->in, tag, sizeof tag) || t->in.left > 0)
        return CLO_E_SIZE;
    clo_put(&w, s->claims_digest, sizeof s->claims_digest);
    clo_put(&w, h->key_id, sizeof h->key_id);
    clo_err err = clo_hpke_receive(&hpke, port, KEY_N, pair(s), enc, info, w.n);
    if (err == CLO_OK)
        err = clo_hpke_open(&hpke, NULL, 0, s->page_key, sizeof s->page_key, tag);
    wipe(s, &hpke, sizeof hpke);
    if (err == CLO_OK && !key_ok(s))
        err = CLO_E_CRYPTO;
    if (err == CLO_OK && port->key_put && port->key_put(port->ctx, h->key_id, s->page_key) != 0)
        err = CLO_E_PORT;
    return err == CLO_OK ? load_pages(t) : err;
}

/* Goes on with a sealed container: with the key that the port keeps, or locked. */
static clo_err load_sealed(step *t) {
    clo_session *s = t->s;
    const clo_port *port = s->config.port;
    size_t before = (size_t)((const uint8_t *)s->plan.pages - s->header);
    if (port->sha256(port->ctx, s->page_aad, s->header, before) != 0)
        return CLO_E_PORT;
    if (port->key_get && port->key_get(port->ctx, s->plan.header->key_id, s->page_key) == 0 &&
        key_ok(s))
        return load_pages(t);
    s->state = LOCKED;
    show_key(t, (clo_frame){0}, CLO_NEED_KEY);
    return CLO_OK;
}

static clo_err load(step *t) {
    clo_session *s = t->s;
    const clo_port *port = s->config.port;
    if (!clo_take(&t->in, s->manifest_digest, sizeof s->manifest_digest))
        return CLO_E_SIZE;
    size_t bytes = t->in.left;
    if (bytes > CLO_HEADER_MAX)
        return CLO_E_SIZE;
    s->header = s->config.memory;
    if (bytes > s->config.bytes)
        return CLO_E_MEMORY;
    clo_take(&t->in, s->header, bytes);
    clo_err err = clo_plan_open(&s->plan, s->header, bytes);
    if (err != CLO_OK)
        return err;
    if (clo_add(clo_plan_memory(&s->plan, s->config.replay), shares(s)) > s->config.bytes)
        return CLO_E_MEMORY;
    lay_out(s);
    if (port->sha256(port->ctx, s->model_digest, s->header, bytes) != 0)
        return CLO_E_PORT;
    err = make_keys(s);
    if (err != CLO_OK)
        return err;
    s->state = LOADING;
    return s->plan.header->sealed ? load_sealed(t) : load_pages(t);
}

/* ----------------------------------------------------------------------------------------------
 * attest */

static clo_err attest(step *t) {
    clo_session *s = t->s;
    const clo_port *port = s->config.port;
    uint8_t config[CLO_KEY_CONFIG], nonce[CLO_NONCE_MAX], claims[CLO_CLAIMS_MAX], report_data[64];
    clo_attest times;
    size_t n = 0, evidence = 0;
    if (!clo_take(&t->in, &times, sizeof times))
        return CLO_E_SIZE;
    size_t nonce_n = t->in.left;
    if (nonce_n > CLO_NONCE_MAX || (nonce_n > 0 && nonce_n < CLO_NONCE_MIN))
        return CLO_E_SIZE;
    clo_take(&t->in, nonce, nonce_n);
    if (times.exp <= times.iat)
        return CLO_E_FORMAT;
    clo_ohttp_config(config, s->key_id, s->kem_public, KEY_N);
    clo_claims c = {times.iat,
                    times.exp,
                    nonce,
                    nonce_n,
                    config,
                    s->receipt_public,
                    s->manifest_digest,
                    s->model_digest,
                    s->config.tee,
                    s->config.level,
                    s->config.kernels->name,
                    s->config.debug};
    clo_err err = clo_claims_write(&c, port, claims, &n, report_data);
    if (err != CLO_OK)
        return err;
    uint8_t *payload = t->out + sizeof(clo_frame);
    memcpy(payload, claims, n);
    if (port->evidence(port->ctx, report_data, payload + n, CLO_OUT_MIN - sizeof(clo_frame) - n,
                       &evidence) != 0 ||
        port->sha256(port->ctx, s->claims_digest, claims, n) != 0)
        return CLO_E_PORT;
    s->state = s->state == LOCKED ? PROVEN : s->state;
    answer(t, (clo_frame){.a = (uint32_t)n}, CLO_CLAIMS, n + evidence);
    return CLO_OK;
}

/* ----------------------------------------------------------------------------------------------
 * requests */

/* Enters a request that opened into the replay table: open addressing, nothing is ever taken out.
 * An entry of zeros is free: that a digest begins with 16 zero bytes does not happen. */
static clo_err remember(clo_session *s, const uint8_t enc[CLO_OHTTP_ENC]) {
    const clo_port *port = s->config.port;
    uint8_t digest[CLO_DIGEST];
    uint32_t first;
    if (port->sha256(port->ctx, digest, enc, CLO_OHTTP_ENC) != 0)
        return CLO_E_PORT;
    memcpy(&first, digest, sizeof first);
    for (uint32_t i = 0; i < s->config.replay; i++) {
        size_t at = (first + i) & (s->config.replay - 1);
        uint8_t *entry = s->replay + TABLE_ENTRY * at;
        if (clo_is_zero(entry, TABLE_ENTRY)) {
            memcpy(entry, digest, TABLE_ENTRY);
            s->replay_used++;
            return CLO_OK;
        }
        if (memcmp(entry, digest, TABLE_ENTRY) == 0)
            return CLO_E_REPLAY;
    }
    return CLO_E_FULL;
}

/* Signs what was asked and answered: sealed[n] is the sealed response. */
static clo_err sign_receipt(const clo_session *s, const uint8_t *sealed, size_t n, clo_writer *w) {
    const clo_port *port = s->config.port;
    uint8_t digest[CLO_DIGEST];
    if (port->sha256(port->ctx, digest, sealed, n) != 0)
        return CLO_E_PORT;
    clo_receipt r = {
        s->host_time,    s->manifest_digest,
        s->model_digest, s->request_digest,
        digest,          s->plan.header->mode == CLO_MODE_WHOLE ? "none" : "unchecked"};
    return clo_receipt_write(&r, port, s->receipt_seed, s->receipt_public, w);
}

/* Seals the outputs, which stand in the response message, at the start of the arena, where nothing
 * is needed any more; then copies them out with their receipt. Ends the request. */
static clo_err respond(step *t, uint32_t flags) {
    clo_session *s = t->s;
    const clo_port *port = s->config.port;
    const clo_header *h = s->plan.header;
    clo_frame head = {.id = s->request_id,
                      .a = s->replay_used,
                      .b = s->config.replay,
                      .open_ns = s->open_ns,
                      .run_ns = s->run_ns,
                      .seal_ns = now(s)};
    size_t n = s->plan.response_bytes;
    uint8_t *msg = message_at(s, h->response_at), *sealed = message_at(s, 0),
            *body = sealed + sizeof s->response_salt;
    clo_writer w = {t->out + sizeof head, n + CLO_RESPONSE_OVERHEAD + CLO_RECEIPT_MAX, 0};
    flags |= clo_message_finish(msg, s->plan.outputs, h->n_outputs);
    clo_message_begin(msg, s->plan.outputs, h->n_outputs, flags, n);
    memmove(body, msg, n);
    memcpy(sealed, s->response_salt, sizeof s->response_salt);
    if (port->aes_gcm_seal(port->ctx, s->response_key, KEY_N, s->response_nonce, NULL, 0, body, n,
                           body + n) != 0)
        return CLO_E_PORT;
    clo_put(&w, sealed, n + CLO_RESPONSE_OVERHEAD);
    clo_err err = sign_receipt(s, sealed, n + CLO_RESPONSE_OVERHEAD, &w);
    if (err != CLO_OK)
        return err;
    drop(s);
    head.seal_ns = now(s) - head.seal_ns;
    answer(t, head, CLO_RESPONSE, w.n);
    return CLO_OK;
}

static void send_crossing(step *t) {
    clo_session *s = t->s;
    clo_frame head = {.id = s->request_id, .open_ns = s->open_ns, .run_ns = s->run_ns};
    clo_message_write(t->out + sizeof head, s->plan.crossing, s->plan.header->n_crossing,
                      s->plan.crossing_bytes, s->arena);
    s->state = TAIL;
    answer(t, head, CLO_CROSSING, s->plan.crossing_bytes);
}

/* Finds the data of the operator's next page; false when the host must bring it first. */
static bool next_page(step *t, const clo_op *op, const uint8_t **data, clo_err *err) {
    clo_session *s = t->s;
    uint32_t index = op->first_page + s->page;
    *err = CLO_OK;
    *data = NULL;
    if (op->n_pages == 0)
        return true;
    if (s->plan.pages[index].resident) {
        *data = resident(s, index);
        return true;
    }
    if (t->in.left == 0)
        return false;
    *err = page_in(t, index, s->slot);
    *data = s->slot;
    return *err == CLO_OK;
}

/* One operator, or some pages of it, one behind the other, as threads share it. */
typedef struct work {
    const clo_session *s;
    const clo_op *op;
    const uint8_t *page;
    uint32_t pages;
} work;

static void run_part(void *arg, clo_share share) {
    const work *w = arg;
    const clo_session *s = w->s;
    const clo_header *h = s->plan.header;
    float *scratch = s->arena + h->scratch_at;
    if (share.part > 0)
        scratch = s->arena + (clo_round(h->arena_bytes) + CLO_ALIGN +
                              (share.part - 1) * clo_round(h->scratch_bytes)) /
                                 sizeof *scratch;
    const uint8_t *page = w->page;
    for (uint32_t i = s->page, end = i + w->pages; i < end; i++) {
        s->config.kernels->run[w->op->kind](w->op, s->arena, scratch,
                                            (const float *)(const void *)page, i, share);
        if (i + 1 < end) /* an operator without pages has NULL here */
            page += clo_round(s->plan.pages[w->op->first_page + i].plain);
    }
}

/* Runs operators from where the run stands until a page is missing or all are done. */
static bool run_ops(step *t, clo_err *err) {
    clo_session *s = t->s;
    const clo_header *h = s->plan.header;
    const clo_port *port = s->config.port;
    for (; s->op < h->n_ops; s->op++, s->page = 0) {
        const clo_op *op = &s->plan.ops[s->op];
        /* All pages at once, where none is streamed: threads meet once for an operator. */
        work w = {s, op, NULL, h->page_slot == 0 && op->n_pages > 1 ? op->n_pages : 1};
        for (; s->page < op->n_pages + (op->n_pages == 0); s->page += w.pages) {
            if (!next_page(t, op, &w.page, err))
                return false;
            if (port->parallel && s->config.kernels->shared & 1u << op->kind)
                port->parallel(port->ctx, run_part, &w);
            else
                run_part(&w, (clo_share){0, 1});
        }
    }
    return true;
}

static clo_err run(step *t) {
    clo_session *s = t->s;
    clo_err err = CLO_OK;
    uint64_t start = now(s);
    bool done = run_ops(t, &err);
    s->run_ns += now(s) - start;
    if (err != CLO_OK)
        return err;
    if (!done)
        ask(t);
    else if (s->plan.header->mode == CLO_MODE_WHOLE)
        err = respond(t, 0);
    else
        send_crossing(t);
    return err;
}

/* Opens the sealed request that stands at the start of the arena, and makes the keys of its answer.
 */
static clo_err open_request(clo_session *s) {
    const clo_port *port = s->config.port;
    const clo_header *h = s->plan.header;
    size_t n = s->plan.request_bytes;
    uint8_t *msg = message_at(s, h->request_at), *sealed = message_at(s, 0),
            head[CLO_OHTTP_HEAD + CLO_OHTTP_ENC], *enc = head + CLO_OHTTP_HEAD, tag[CLO_TAG];
    clo_hpke hpke;
    if (port->sha256(port->ctx, s->request_digest, sealed, n + CLO_REQUEST_OVERHEAD) != 0)
        return CLO_E_PORT;
    memcpy(head, sealed, sizeof head);
    memcpy(tag, sealed + sizeof head + n, sizeof tag);
    memmove(msg, sealed + sizeof head, n);
    clo_err err = clo_ohttp_receive(&hpke, port, KEY_N, pair(s), REQUEST_LABEL, head, enc);
    if (err == CLO_OK)
        err = clo_hpke_open(&hpke, NULL, 0, msg, n, tag);
    if (err == CLO_OK)
        err = remember(s, enc);
    if (err == CLO_OK && !clo_message_ok(msg, s->plan.inputs, h->n_inputs, s->plan.request_bytes))
        err = CLO_E_SHAPE;
    if (err == CLO_OK)
        err = draw(s, s->response_salt, sizeof s->response_salt);
    if (err == CLO_OK)
        err = clo_ohttp_answer(&hpke, RESPONSE_LABEL, enc, s->response_salt, s->response_key,
                               s->response_nonce);
    wipe(s, &hpke, sizeof hpke);
    return err;
}

static clo_err request(step *t) {
    clo_session *s = t->s;
    uint8_t own[CLO_OHTTP_HEAD], *sealed = message_at(s, 0);
    uint64_t start = now(s);
    if (t->in.left != s->plan.request_bytes + CLO_REQUEST_OVERHEAD)
        return CLO_E_SIZE;
    s->state = RUNNING;
    clo_take(&t->in, sealed, t->in.left);
    clo_ohttp_head(own, s->key_id, KEY_N);
    if (memcmp(sealed, own, sizeof own) != 0)
        return CLO_E_KEY;
    s->request_id = t->head.id;
    s->host_time = (uint64_t)t->head.b << 32 | t->head.a;
    s->op = s->page = 0;
    s->run_ns = 0;
    clo_err err = open_request(s);
    s->open_ns = now(s) - start;
    return err == CLO_OK ? run(t) : err;
}

static clo_err tail(step *t) {
    clo_session *s = t->s;
    const clo_header *h = s->plan.header;
    uint8_t *msg = message_at(s, h->response_at);
    if (t->in.left != s->plan.response_bytes)
        return CLO_E_SIZE;
    clo_take(&t->in, msg, s->plan.response_bytes);
    if (!clo_message_ok(msg, s->plan.outputs, h->n_outputs, s->plan.response_bytes))
        return CLO_E_SHAPE;
    return respond(t, CLO_FLAG_HOST);
}

static clo_err cancel(step *t) {
    drop(t->s);
    answer(t, (clo_frame){.id = t->s->request_id}, CLO_IDLE, 0);
    return CLO_OK;
}

static clo_err pages(step *t) {
    if (t->in.left != pages_span(t->s, t->head.a, t->head.b))
        return CLO_E_SIZE;
    return t->s->state == LOADING ? load_pages(t) : run(t);
}

/* ----------------------------------------------------------------------------------------------
 * frames */

#define IN(state) (1u << (state))
static const struct frame_row {
    handler *handle;
    uint32_t states;
} FRAMES[] = {
    [0] = {NULL, 0},
    [CLO_LOAD] = {load, IN(EMPTY)},
    [CLO_PAGES] = {pages, IN(LOADING) | IN(RUNNING)},
    [CLO_ATTEST] = {attest, IN(LOCKED) | IN(PROVEN) | IN(READY)},
    [CLO_REQUEST] = {request, IN(READY)},
    [CLO_TAIL] = {tail, IN(TAIL)},
    [CLO_CANCEL] = {cancel, IN(RUNNING) | IN(TAIL)},
    [CLO_KEY] = {take_key, IN(PROVEN)},
};
_Static_assert(sizeof(clo_frame) == 64, "frames.md");
_Static_assert(CLO_REQUEST_OVERHEAD <= CLO_ALIGN && CLO_RESPONSE_OVERHEAD <= CLO_ALIGN, "memory");

/* Copies the head in and checks what all frames share. */
static clo_err read_head(step *t) {
    clo_frame *h = &t->head;
    if (!clo_take(&t->in, h, sizeof *h))
        return CLO_E_SIZE;
    if (h->magic != CLO_FRAME_MAGIC || (h->open_ns | h->run_ns | h->seal_ns | h->reserved) != 0)
        return CLO_E_FORMAT;
    return h->length == t->in.left ? CLO_OK : CLO_E_SIZE;
}

/* True when the frame is allowed now: by its type, and where it answers something, by what it
 * answers. */
static bool allowed(const step *t) {
    const clo_session *s = t->s;
    uint32_t type = t->head.type, first, count;
    if (type >= sizeof FRAMES / sizeof FRAMES[0] || (FRAMES[type].states & IN(s->state)) == 0)
        return false;
    if (type == CLO_PAGES) {
        wanted(s, &first, &count);
        return t->head.a == first && t->head.b == count;
    }
    return (type != CLO_TAIL && type != CLO_CANCEL) || t->head.id == s->request_id;
}

/* An allowed frame failed: the load is over, or the request is. */
static void fail(clo_session *s) {
    if (s->state == EMPTY || s->state == LOADING)
        clo_session_end(s);
    else if (s->state == RUNNING || s->state == TAIL)
        drop(s);
}

clo_err clo_step(clo_session *s, const uint8_t *in, size_t in_bytes, uint8_t *out, size_t out_cap,
                 size_t *out_bytes) {
    const clo_port *port = s->config.port;
    step t = {.s = s, .in = {in, in_bytes}, .out = out};
    *out_bytes = 0;
    if (out_cap < clo_out_bytes(s))
        return CLO_E_SIZE;
    uint32_t mode = port->fp_mode(port->ctx, CLO_FP_DEFAULT);
    clo_err err = read_head(&t);
    if (err == CLO_OK && !allowed(&t)) {
        err = CLO_E_STATE;
    } else if (err == CLO_OK) {
        err = FRAMES[t.head.type].handle(&t);
        if (err != CLO_OK)
            fail(s);
    }
    if (err != CLO_OK)
        answer(&t, (clo_frame){.id = t.head.id, .a = err}, CLO_ERROR, 0);
    port->fp_mode(port->ctx, mode);
    *out_bytes = t.out_bytes;
    return err;
}

size_t clo_out_bytes(const clo_session *s) {
    size_t n = CLO_OUT_MIN, crossing = sizeof(clo_frame) + s->plan.crossing_bytes,
           response =
               sizeof(clo_frame) + CLO_RESPONSE_OVERHEAD + CLO_RECEIPT_MAX + s->plan.response_bytes;
    if (s->state == DEAD || s->state == EMPTY)
        return n;
    n = n < crossing ? crossing : n;
    return n < response ? response : n;
}

static bool port_ok(const clo_port *p) {
    return p != NULL && p->random && p->x25519 && p->sha256 && p->sha512 && p->hmac_sha256 &&
           p->aes_gcm_seal && p->aes_gcm_open && p->ed25519_pair && p->ed25519_sign &&
           p->evidence && p->wipe && p->now_ns && p->fp_mode && (!p->parallel || p->threads > 0);
}

clo_err clo_session_init(clo_session *s, const clo_config *config) {
    memset(s, 0, sizeof *s);
    if (!port_ok(config->port) || config->kernels == NULL || !config->tee || !config->level)
        return CLO_E_PORT;
    if (config->memory == NULL || (uintptr_t)config->memory % CLO_ALIGN != 0)
        return CLO_E_MEMORY;
    if (config->replay == 0 || (config->replay & (config->replay - 1)) != 0 ||
        config->window < CLO_PAGE_MAX + CLO_TAG)
        return CLO_E_SIZE;
    s->config = *config;
    s->state = EMPTY;
    return CLO_OK;
}

void clo_session_end(clo_session *s) {
    clo_config config = s->config;
    if (config.port == NULL)
        return;
    wipe(s, config.memory, config.bytes);
    wipe(s, s, sizeof *s);
    s->config = config;
}
