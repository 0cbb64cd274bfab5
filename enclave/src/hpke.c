/* SPDX-License-Identifier: Apache-2.0 */
/* hpke.c: see hpke.h. Numbers in brackets are sections of RFC 9180, with O of RFC 9458. */
#include "hpke.h"
#include "bytes.h"

#define ID_KEM 0x0020u
#define ID_KDF 0x0001u
#define BUFFER 256u /* the longest input of an HMAC here is 2 + 7 + 10 + 13 + 65 + 1 bytes */

static uint16_t id_aead(size_t key_n) {
    return key_n == 16 ? 1 : 2;
}

/* HKDF-Extract and HKDF-Expand to one block are one HMAC each: over what the writer holds. */
static clo_err hmac(const clo_port *port, uint8_t out[32], const uint8_t *key, size_t key_n,
                    clo_writer *w) {
    clo_err err = CLO_E_PORT;
    if (clo_fits(w) && port->hmac_sha256(port->ctx, out, key, key_n, w->out, w->n) == 0)
        err = CLO_OK;
    port->wipe(port->ctx, w->out, w->cap);
    return err;
}

/* "HPKE-v1" || suite_id || label; the suite is the KEM's own when key_n is 0 [4, 5.1]. */
static void labeled(clo_writer *w, size_t key_n, const char *label) {
    clo_put_text(w, "HPKE-v1");
    clo_put_text(w, key_n == 0 ? "KEM" : "HPKE");
    clo_put_be(w, ID_KEM, 2);
    if (key_n != 0) {
        clo_put_be(w, ID_KDF, 2);
        clo_put_be(w, id_aead(key_n), 2);
    }
    clo_put_text(w, label);
}

/* LabeledExtract [4]; salt: 32 bytes. */
static clo_err extract(const clo_port *port, size_t key_n, const uint8_t salt[32],
                       const char *label, const void *ikm, size_t ikm_n, uint8_t out[32]) {
    uint8_t buffer[BUFFER];
    clo_writer w = {buffer, sizeof buffer, 0};
    labeled(&w, key_n, label);
    clo_put(&w, ikm, ikm_n);
    return hmac(port, out, salt, 32, &w);
}

/* LabeledExpand [4] to n <= 32 bytes. */
static clo_err expand(const clo_port *port, size_t key_n, const uint8_t prk[32], const char *label,
                      const void *info, size_t info_n, size_t n, uint8_t out[32]) {
    uint8_t buffer[BUFFER];
    clo_writer w = {buffer, sizeof buffer, 0};
    clo_put_be(&w, n, 2);
    labeled(&w, key_n, label);
    clo_put(&w, info, info_n);
    clo_put_be(&w, 1, 1);
    return hmac(port, out, prk, 32, &w);
}

/* Decap [4.1]: the shared secret of enc. */
static clo_err decap(const clo_port *port, clo_key_pair pair, const uint8_t enc[32],
                     uint8_t shared[32]) {
    static const uint8_t empty[32];
    uint8_t dh[32], prk[32], context[64];
    clo_err err = CLO_E_CRYPTO;
    memcpy(context, enc, 32);
    memcpy(context + 32, pair.public_key, 32);
    if (port->x25519(port->ctx, dh, pair.secret, enc) == 0)
        err = extract(port, 0, empty, "eae_prk", dh, sizeof dh, prk);
    if (err == CLO_OK)
        err = expand(port, 0, prk, "shared_secret", context, sizeof context, 32, shared);
    port->wipe(port->ctx, dh, sizeof dh);
    port->wipe(port->ctx, prk, sizeof prk);
    return err;
}

/* KeySchedule [5.1], mode base: no psk. */
static clo_err schedule(clo_hpke *h, const uint8_t shared[32], const void *info, size_t info_n) {
    static const uint8_t empty[32];
    uint8_t context[65] = {0}, secret[32];
    const clo_port *port = h->port;
    clo_err err = extract(port, h->key_n, empty, "psk_id_hash", NULL, 0, context + 1);
    if (err == CLO_OK)
        err = extract(port, h->key_n, empty, "info_hash", info, info_n, context + 33);
    if (err == CLO_OK)
        err = extract(port, h->key_n, shared, "secret", NULL, 0, secret);
    if (err == CLO_OK)
        err = expand(port, h->key_n, secret, "key", context, 65, h->key_n, h->key);
    if (err == CLO_OK)
        err = expand(port, h->key_n, secret, "base_nonce", context, 65, 12, h->nonce);
    if (err == CLO_OK)
        err = expand(port, h->key_n, secret, "exp", context, 65, 32, h->exporter);
    port->wipe(port->ctx, secret, sizeof secret);
    return err;
}

clo_err clo_hpke_receive(clo_hpke *h, const clo_port *port, size_t key_n, clo_key_pair pair,
                         const uint8_t enc[32], const void *info, size_t info_n) {
    uint8_t shared[32];
    memset(h, 0, sizeof *h);
    h->port = port;
    h->key_n = key_n;
    clo_err err = decap(port, pair, enc, shared);
    if (err == CLO_OK)
        err = schedule(h, shared, info, info_n);
    port->wipe(port->ctx, shared, sizeof shared);
    return err;
}

clo_err clo_hpke_open(const clo_hpke *h, const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                      const uint8_t tag[CLO_TAG]) {
    const clo_port *port = h->port;
    int bad = port->aes_gcm_open(port->ctx, h->key, h->key_n, h->nonce, aad, aad_n, buf, n, tag);
    return bad ? CLO_E_CRYPTO : CLO_OK;
}

clo_err clo_hpke_export(const clo_hpke *h, const void *context, size_t context_n, uint8_t out[32],
                        size_t n) {
    return expand(h->port, h->key_n, h->exporter, "sec", context, context_n, n, out);
}

void clo_ohttp_head(uint8_t head[CLO_OHTTP_HEAD], uint8_t key_id, size_t key_n) {
    clo_writer w = {head, CLO_OHTTP_HEAD, 0};
    clo_put_be(&w, key_id, 1);
    clo_put_be(&w, ID_KEM, 2);
    clo_put_be(&w, ID_KDF, 2);
    clo_put_be(&w, id_aead(key_n), 2);
}

void clo_ohttp_config(uint8_t config[CLO_KEY_CONFIG], uint8_t key_id, const uint8_t public_key[32],
                      size_t key_n) {
    clo_writer w = {config, CLO_KEY_CONFIG, 0};
    clo_put_be(&w, key_id, 1);
    clo_put_be(&w, ID_KEM, 2);
    clo_put(&w, public_key, 32);
    clo_put_be(&w, 4, 2);
    clo_put_be(&w, ID_KDF, 2);
    clo_put_be(&w, id_aead(key_n), 2);
}

clo_err clo_ohttp_receive(clo_hpke *h, const clo_port *port, size_t key_n, clo_key_pair pair,
                          const char *label, const uint8_t head[CLO_OHTTP_HEAD],
                          const uint8_t enc[32]) {
    uint8_t info[64];
    clo_writer w = {info, sizeof info, 0};
    clo_put_text(&w, label);
    clo_put_be(&w, 0, 1);
    clo_put(&w, head, CLO_OHTTP_HEAD);
    return clo_fits(&w) ? clo_hpke_receive(h, port, key_n, pair, enc, info, w.n) : CLO_E_PORT;
}

/* [O 4.4]; max(Nn, Nk) is Nk for both key sizes. The HKDF is plain here, without HPKE's labels. */
clo_err clo_ohttp_answer(const clo_hpke *h, const char *label, const uint8_t enc[32],
                         const uint8_t *salt, uint8_t key[32], uint8_t nonce[32]) {
    uint8_t secret[32], prk[32], salts[64], buffer[32];
    const clo_port *port = h->port;
    clo_err err = clo_hpke_export(h, label, strlen(label), secret, h->key_n);
    memcpy(salts, enc, 32);
    memcpy(salts + 32, salt, h->key_n);
    clo_writer w = {secret, sizeof secret, h->key_n};
    if (err == CLO_OK)
        err = hmac(port, prk, salts, 32 + h->key_n, &w);
    for (int i = 0; i < 2 && err == CLO_OK; i++) {
        w = (clo_writer){buffer, sizeof buffer, 0};
        clo_put_text(&w, i == 0 ? "key" : "nonce");
        clo_put_be(&w, 1, 1);
        err = hmac(port, i == 0 ? key : nonce, prk, sizeof prk, &w);
    }
    port->wipe(port->ctx, secret, sizeof secret);
    port->wipe(port->ctx, prk, sizeof prk);
    return err;
}
