/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hpke.h: the receiving side of HPKE (RFC 9180): base mode, DHKEM(X25519, HKDF-SHA256),
 * HKDF-SHA256, AES-GCM, one message per context; and of Oblivious HTTP's encapsulation (RFC 9458,
 * section 4). The port does the primitives.
 *
 * key_n is 32 (AES-256-GCM, the only one on Cloister's wire) or 16 (AES-128-GCM, with which the
 * RFCs' vectors run).
 */
#ifndef CLO_HPKE_H
#define CLO_HPKE_H

#include "clo.h"

#define CLO_OHTTP_HEAD 7u /* key id, KEM, KDF, AEAD */
#define CLO_OHTTP_ENC 32u /* the encapsulated key */
#define CLO_KEY_CONFIG 41u
#define CLO_REQUEST_OVERHEAD (CLO_OHTTP_HEAD + CLO_OHTTP_ENC + CLO_TAG)
#define CLO_RESPONSE_OVERHEAD (32u + CLO_TAG)

typedef struct clo_hpke { /* secret; wipe it */
    const clo_port *port;
    size_t key_n;
    uint8_t key[32], nonce[32], exporter[32]; /* nonce: 12 bytes used */
} clo_hpke;

typedef struct clo_key_pair {
    const uint8_t *secret, *public_key; /* 32 bytes each */
} clo_key_pair;

/* SetupBaseR. info_n <= 128. CLO_E_CRYPTO when enc is no usable key. */
clo_err clo_hpke_receive(clo_hpke *h, const clo_port *port, size_t key_n, clo_key_pair pair,
                         const uint8_t enc[32], const void *info, size_t info_n);

/* Opens buf[n] in place. On CLO_E_CRYPTO buf is garbage and must be wiped. */
clo_err clo_hpke_open(const clo_hpke *h, const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                      const uint8_t tag[CLO_TAG]);

/* Context.Export; context_n <= 64, n <= 32. out has room for 32 bytes, n of them meant. */
clo_err clo_hpke_export(const clo_hpke *h, const void *context, size_t context_n, uint8_t out[32],
                        size_t n);

/* The 7 bytes that lead a request to this key. */
void clo_ohttp_head(uint8_t head[CLO_OHTTP_HEAD], uint8_t key_id, size_t key_n);

/* The key config, one suite (RFC 9458, section 3). */
void clo_ohttp_config(uint8_t config[CLO_KEY_CONFIG], uint8_t key_id, const uint8_t public_key[32],
                      size_t key_n);

/* Context of a request: info = label || 0 || head. */
clo_err clo_ohttp_receive(clo_hpke *h, const clo_port *port, size_t key_n, clo_key_pair pair,
                          const char *label, const uint8_t head[CLO_OHTTP_HEAD],
                          const uint8_t enc[32]);

/* Key and nonce of the response, of which key_n and 12 bytes are used; salt (the response nonce) is
 * key_n random bytes. */
clo_err clo_ohttp_answer(const clo_hpke *h, const char *label, const uint8_t enc[32],
                         const uint8_t *salt, uint8_t key[32], uint8_t nonce[32]);

#endif
