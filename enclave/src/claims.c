/* SPDX-License-Identifier: Apache-2.0 */
/* claims.c: see claims.h. Deterministic CBOR (RFC 8949, section 4.2.1): shortest heads, keys in
 * order of their bytes. */
#include "claims.h"
#include "hpke.h"

#define PREFIX "cloister/v1 report-data" /* its final zero byte included */
#define PROFILE "tag:cloister.example,2026:eat/1"

/* RFC 9052, section 4.2: tag 18 of [<{1: -8}>, {}, payload, signature], up to the payload, of which
 * the last byte will be the length; and section 4.4, what is signed: ["Signature1", <{1: -8}>, "",
 * payload], up to the payload. */
#define SIGN1 "\xd2\x84\x43\xa1\x01\x27\xa0\x58\x00"
#define SIGNED "\x84\x6aSignature1\x43\xa1\x01\x27\x40"

enum { UNSIGNED = 0, NEGATIVE = 1, BYTES = 2, TEXT = 3, MAP = 5 };

/* The head of an item: its type, and its value in as few bytes as it takes. */
static void head(clo_writer *w, uint32_t type, uint64_t value) {
    uint32_t extra = 0; /* 2^extra bytes follow */
    if (value < 24) {
        clo_put_be(w, type << 5 | value, 1);
        return;
    }
    while (extra < 3 && value >> (8u << extra) != 0)
        extra++;
    clo_put_be(w, type << 5 | (24 + extra), 1);
    clo_put_be(w, value, (size_t)1 << extra);
}

static void bytes(clo_writer *w, const void *value, size_t n) {
    head(w, BYTES, n);
    clo_put(w, value, n);
}

static void text(clo_writer *w, const char *value) {
    head(w, TEXT, strlen(value));
    clo_put_text(w, value);
}

/* Cloister's own keys are -70001, -70002, ...; a negative key k is written as -1 - k. */
static void own_key(clo_writer *w, uint64_t number) {
    head(w, NEGATIVE, 70000 + number - 1);
}

/* With a value of 32 bytes. */
static void own_32(clo_writer *w, uint64_t number, const uint8_t *value) {
    own_key(w, number);
    bytes(w, value, 32);
}

static void map(clo_writer *w, const clo_claims *c) {
    head(w, MAP, c->nonce_n != 0 ? 13 : 12);
    head(w, UNSIGNED, 4);
    head(w, UNSIGNED, c->exp);
    head(w, UNSIGNED, 6);
    head(w, UNSIGNED, c->iat);
    if (c->nonce_n != 0) {
        head(w, UNSIGNED, 10);
        bytes(w, c->nonce, c->nonce_n);
    }
    head(w, UNSIGNED, 263);
    head(w, UNSIGNED, c->debug ? 0 : 1);
    head(w, UNSIGNED, 265);
    text(w, PROFILE);
    own_key(w, 1);
    bytes(w, c->key_config, CLO_KEY_CONFIG);
    own_32(w, 2, c->receipt_key);
    own_32(w, 3, c->manifest_digest);
    own_32(w, 4, c->model_digest);
    own_key(w, 5);
    text(w, CLO_ENGINE_VERSION);
    own_key(w, 6);
    text(w, c->tee);
    own_key(w, 7);
    text(w, c->level);
    own_key(w, 8);
    text(w, c->kernels);
}

clo_err clo_claims_write(const clo_claims *c, const clo_port *port, uint8_t out[CLO_CLAIMS_MAX],
                         size_t *n, uint8_t report_data[64]) {
    uint8_t buffer[sizeof PREFIX + CLO_CLAIMS_MAX] = PREFIX;
    clo_writer w = {buffer, sizeof buffer, sizeof PREFIX};
    map(&w, c);
    if (!clo_fits(&w))
        return CLO_E_SIZE;
    if (port->sha512(port->ctx, report_data, buffer, w.n) != 0)
        return CLO_E_PORT;
    *n = w.n - sizeof PREFIX;
    memcpy(out, buffer + sizeof PREFIX, *n);
    return CLO_OK;
}

clo_err clo_receipt_write(const clo_receipt *r, const clo_port *port, const uint8_t seed[32],
                          const uint8_t public_key[32], clo_writer *out) {
    uint8_t receipt[CLO_RECEIPT_MAX], structure[sizeof SIGNED + 1 + 255], sig[64];
    const size_t at = sizeof SIGN1 - 1;
    clo_writer w = {receipt, sizeof receipt, 0}, s = {structure, sizeof structure, 0};
    clo_put(&w, SIGN1, at);
    head(&w, MAP, 6);
    head(&w, UNSIGNED, 6);
    head(&w, UNSIGNED, r->host_time);
    own_32(&w, 3, r->manifest_digest);
    own_32(&w, 4, r->model_digest);
    own_32(&w, 9, r->request_digest);
    own_32(&w, 10, r->response_digest);
    own_key(&w, 11);
    text(&w, r->tail_check);
    receipt[at - 1] = (uint8_t)(w.n - at);
    clo_put(&s, SIGNED, sizeof SIGNED - 1);
    clo_put(&s, receipt + at - 2, w.n - at + 2);
    if (!clo_fits(&s) || port->ed25519_sign(port->ctx, sig, seed, public_key, structure, s.n) != 0)
        return CLO_E_PORT;
    bytes(&w, sig, sizeof sig);
    clo_put(out, receipt, w.n);
    return CLO_OK;
}
