/* SPDX-License-Identifier: Apache-2.0 */
/* crypto.c: see crypto.h. No primitive reads a configuration file, and none needs one after the
 * self-test. */
#include "crypto.h"
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

static int random_bytes(void *ctx, uint8_t *out, size_t n) {
    (void)ctx;
    while (n > 0) {
        ssize_t got = getrandom(out, n, 0);
        if (got <= 0)
            return -1;
        out += got;
        n -= (size_t)got;
    }
    return 0;
}

static int x25519(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point) {
    (void)ctx;
    size_t n = 32;
    bool ok = false;
    EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, scalar, 32);
    EVP_PKEY *peer = point ? EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, point, 32) : NULL;
    EVP_PKEY_CTX *derive = own ? EVP_PKEY_CTX_new(own, NULL) : NULL;
    if (own && !point)
        ok = EVP_PKEY_get_raw_public_key(own, out, &n) == 1;
    else if (derive && peer)
        ok = EVP_PKEY_derive_init(derive) == 1 && EVP_PKEY_derive_set_peer(derive, peer) == 1 &&
             EVP_PKEY_derive(derive, out, &n) == 1;
    EVP_PKEY_CTX_free(derive);
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    return ok && n == 32 ? 0 : -1;
}

static int sha256(void *ctx, uint8_t out[32], const void *data, size_t n) {
    (void)ctx;
    return EVP_Digest(data, n, out, NULL, EVP_sha256(), NULL) == 1 ? 0 : -1;
}

static int sha512(void *ctx, uint8_t out[64], const void *data, size_t n) {
    (void)ctx;
    return EVP_Digest(data, n, out, NULL, EVP_sha512(), NULL) == 1 ? 0 : -1;
}

static int hmac_sha256(void *ctx, uint8_t out[32], const uint8_t *key, size_t key_n,
                       const void *data, size_t n) {
    (void)ctx;
    return key_n <= INT_MAX && HMAC(EVP_sha256(), key, (int)key_n, data, n, out, NULL) ? 0 : -1;
}

/* One pass of AES-GCM over buf, in place; libcrypto takes lengths as int. */
static bool aes_gcm(EVP_CIPHER_CTX *gcm, bool seal, const uint8_t *key, size_t key_n,
                    const uint8_t nonce[12], const uint8_t *aad, size_t aad_n, uint8_t *buf,
                    size_t n) {
    const EVP_CIPHER *cipher = key_n == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    int done = 0;
    if (!gcm || (key_n != 16 && key_n != 32) || aad_n > INT_MAX || n > INT_MAX ||
        EVP_CipherInit_ex(gcm, cipher, NULL, key, nonce, seal) != 1)
        return false;
    if (aad_n > 0 && EVP_CipherUpdate(gcm, NULL, &done, aad, (int)aad_n) != 1)
        return false;
    return EVP_CipherUpdate(gcm, buf, &done, buf, (int)n) == 1 && (size_t)done == n;
}

static int aes_gcm_seal(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                        uint8_t tag[CLO_TAG]) {
    (void)ctx;
    int rest = 0;
    EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
    bool ok = aes_gcm(gcm, true, key, key_n, nonce, aad, aad_n, buf, n) &&
              EVP_CipherFinal_ex(gcm, tag, &rest) == 1 &&
              EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, CLO_TAG, tag) == 1;
    EVP_CIPHER_CTX_free(gcm);
    return ok ? 0 : -1;
}

static int aes_gcm_open(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                        const uint8_t tag[CLO_TAG]) {
    (void)ctx;
    int rest = 0;
    uint8_t expected[CLO_TAG];
    memcpy(expected, tag, sizeof expected);
    EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
    bool ok = aes_gcm(gcm, false, key, key_n, nonce, aad, aad_n, buf, n) &&
              EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_SET_TAG, CLO_TAG, expected) == 1 &&
              EVP_CipherFinal_ex(gcm, expected, &rest) == 1;
    EVP_CIPHER_CTX_free(gcm);
    return ok ? 0 : -1;
}

static int ed25519_pair(void *ctx, uint8_t public_key[32], uint8_t seed[32]) {
    size_t n = 32;
    if (random_bytes(ctx, seed, n) != 0)
        return -1;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, n);
    bool ok = key && EVP_PKEY_get_raw_public_key(key, public_key, &n) == 1;
    EVP_PKEY_free(key);
    return ok ? 0 : -1;
}

static int ed25519_sign(void *ctx, uint8_t sig[64], const uint8_t seed[32],
                        const uint8_t public_key[32], const void *data, size_t n) {
    (void)ctx;
    (void)public_key; /* libcrypto makes it anew */
    size_t sig_n = 64;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = key && md && EVP_DigestSignInit(md, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestSign(md, sig, &sig_n, data, n) == 1;
    EVP_MD_CTX_free(md);
    EVP_PKEY_free(key);
    return ok ? 0 : -1;
}

static void wipe(void *ctx, void *p, size_t n) {
    (void)ctx;
    OPENSSL_cleanse(p, n);
}

static uint64_t now_ns(void *ctx) {
    (void)ctx;
    struct timespec t = {0};
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t fp_mode(void *ctx, uint32_t mode) {
    (void)ctx;
#if defined(__x86_64__)
    uint32_t old = _mm_getcsr();
    _mm_setcsr(mode == CLO_FP_DEFAULT ? 0x1f80u : mode); /* all exceptions masked, nearest */
#elif defined(__aarch64__)
    uint64_t old;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode == CLO_FP_DEFAULT ? 0 : (uint64_t)mode));
#else
#error "say how the floating-point control word is set here"
#endif
    return (uint32_t)old;
}

int clo_posix_crypto(clo_port *port) {
    clo_port p = {port->ctx,      random_bytes,   x25519,        sha256,       sha512,
                  hmac_sha256,    aes_gcm_seal,   aes_gcm_open,  ed25519_pair, ed25519_sign,
                  port->evidence, port->key_get,  port->key_put, wipe,         now_ns,
                  fp_mode,        port->parallel, port->threads};
    *port = p;
    return OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL) != 1;
}

int clo_posix_self_test(const clo_port *p) {
    /* Zero keys, nonces and data; made with Python's `hashlib` and `cryptography`. The two X25519
     * scalars are 0 and, in its last byte, 1. */
    static const uint8_t hash[] = {0xe3, 0xb0, 0xc4, 0x42}, wide[] = {0xcf, 0x83, 0xe1, 0x35},
                         mac[] = {0xb6, 0x13, 0x67, 0x9a}, tag_0[] = {0x53, 0x0f, 0x8a, 0xfb},
                         shared[] = {0x85, 0xde, 0xaa, 0xd5}, sig[] = {0x8f, 0x89, 0x5b, 0x3c};
    static const uint8_t zero[32], one[32] = {[31] = 1};
    uint8_t out[64], point[32], tag[CLO_TAG], data[1] = {0};
    bool ok = p->sha256(p->ctx, out, "", 0) == 0 && memcmp(out, hash, 4) == 0;
    ok = ok && p->sha512(p->ctx, out, "", 0) == 0 && memcmp(out, wide, 4) == 0;
    ok = ok && p->hmac_sha256(p->ctx, out, zero, 32, "", 0) == 0 && memcmp(out, mac, 4) == 0;
    ok = ok && p->x25519(p->ctx, point, one, NULL) == 0;
    ok = ok && p->x25519(p->ctx, out, zero, point) == 0 && memcmp(out, shared, 4) == 0;
    ok = ok && p->aes_gcm_seal(p->ctx, zero, 32, zero, NULL, 0, data, 0, tag) == 0 &&
         memcmp(tag, tag_0, 4) == 0;
    ok = ok && p->aes_gcm_seal(p->ctx, zero, 32, zero, zero, 1, data, 1, tag) == 0;
    ok = ok && p->aes_gcm_open(p->ctx, zero, 32, zero, zero, 1, data, 1, tag) == 0 && data[0] == 0;
    ok = ok && p->ed25519_pair(p->ctx, point, out) == 0;
    ok = ok && p->ed25519_sign(p->ctx, out, zero, point, "", 0) == 0 && memcmp(out, sig, 4) == 0;
    return ok && p->random(p->ctx, out, sizeof out) == 0 && p->now_ns(p->ctx) > 0 ? 0 : -1;
}
