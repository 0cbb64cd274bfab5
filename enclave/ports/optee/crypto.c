/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.c: see crypto.h.
 *
 * The GlobalPlatform API panics on most mistakes of its caller, so each call here has fixed sizes
 * and what comes from outside is checked before it gets there. Objects and operations are made for
 * each call and freed on every way out: OP-TEE wipes their keys then.
 *
 * Ed25519: the API signs with a key pair but does not tell the public key of a seed. The public key
 * is found through X25519, which it does compute: for a = SHA-512(seed)[0..32], clamped by both,
 * u = X25519(a, 9) is the Montgomery form of the same point, and y = (u - 1) / (u + 1) mod 2^255 -
 * 19 (RFC 7748, section 4.1). Of the two signs of x the one is right under which a signature
 * verifies.
 */
#include "crypto.h"
#include "armv8.h"
#include "ta_plan.h"
#include <stdbool.h>
#include <string.h>
#include <tee_internal_api.h>

#define CURVE_BITS 256u
#define HMAC_KEY 64u /* bytes; the hash's block: shorter keys end in zeros (RFC 2104) */

/* ----------------------------------------------------------------------------------------------
 * objects of the API */

static void release(TEE_OperationHandle op, TEE_ObjectHandle key) {
    if (op != TEE_HANDLE_NULL)
        TEE_FreeOperation(op);
    TEE_FreeTransientObject(key);
}

/* A key with one or two attributes of n bytes. On failure *key is TEE_HANDLE_NULL or to be
 * released. */
static bool make_key(TEE_ObjectHandle *key, uint32_t type, uint32_t bits, const TEE_Attribute *a,
                     uint32_t count) {
    return TEE_AllocateTransientObject(type, bits, key) == TEE_SUCCESS &&
           TEE_PopulateTransientObject(*key, a, count) == TEE_SUCCESS;
}

static bool make_operation(TEE_OperationHandle *op, uint32_t algorithm, uint32_t mode,
                           uint32_t bits, TEE_ObjectHandle key) {
    return TEE_AllocateOperation(op, algorithm, mode, bits) == TEE_SUCCESS &&
           (key == TEE_HANDLE_NULL || TEE_SetOperationKey(*op, key) == TEE_SUCCESS);
}

/* ----------------------------------------------------------------------------------------------
 * primitives */

static int random_bytes(void *ctx, uint8_t *out, size_t n) {
    (void)ctx;
    TEE_GenerateRandom(out, n);
    return 0;
}

static int digest(uint32_t algorithm, uint8_t *out, size_t out_n, const void *data, size_t n) {
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    size_t got = out_n;
    bool ok = make_operation(&op, algorithm, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL) &&
              TEE_DigestDoFinal(op, data, n, out, &got) == TEE_SUCCESS && got == out_n;
    release(op, TEE_HANDLE_NULL);
    return ok ? 0 : -1;
}

static int sha256(void *ctx, uint8_t out[32], const void *data, size_t n) {
    (void)ctx;
    if (!CLO_TA_CRYPTO_EXTENSIONS)
        return digest(TEE_ALG_SHA256, out, 32, data, n);
    clo_armv8_sha256(out, data, n);
    return 0;
}

static int sha512(void *ctx, uint8_t out[64], const void *data, size_t n) {
    (void)ctx;
    return digest(TEE_ALG_SHA512, out, 64, data, n);
}

static void wipe(void *ctx, void *p, size_t n) {
    (void)ctx;
    memset(p, 0, n);
    __asm__ volatile("" : : "r"(p) : "memory");
}

static int hmac_sha256(void *ctx, uint8_t out[32], const uint8_t *key, size_t key_n,
                       const void *data, size_t n) {
    TEE_ObjectHandle object = TEE_HANDLE_NULL;
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    TEE_Attribute a;
    uint8_t block[HMAC_KEY] = {0};
    size_t got = 32;
    bool ok = true;
    if (key_n > sizeof block)
        ok = sha256(ctx, block, key, key_n) == 0;
    else if (key_n > 0)
        memcpy(block, key, key_n);
    TEE_InitRefAttribute(&a, TEE_ATTR_SECRET_VALUE, block, sizeof block);
    ok = ok && make_key(&object, TEE_TYPE_HMAC_SHA256, 8 * HMAC_KEY, &a, 1) &&
         make_operation(&op, TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, 8 * HMAC_KEY, object);
    if (ok) {
        TEE_MACInit(op, NULL, 0);
        ok = TEE_MACComputeFinal(op, data, n, out, &got) == TEE_SUCCESS && got == 32;
    }
    release(op, object);
    wipe(ctx, block, sizeof block);
    return ok ? 0 : -1;
}

static bool aes_gcm(bool seal, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                    const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                    uint8_t tag[CLO_TAG]) {
    const uint32_t mode = seal ? TEE_MODE_ENCRYPT : TEE_MODE_DECRYPT, bits = 8 * (uint32_t)key_n;
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    TEE_ObjectHandle object = TEE_HANDLE_NULL;
    TEE_Attribute a;
    size_t done = n, tag_n = CLO_TAG;
    if (CLO_TA_CRYPTO_EXTENSIONS && key_n == 32)
        return clo_armv8_gcm(seal, key, nonce, aad, aad_n, buf, n, tag);
    TEE_InitRefAttribute(&a, TEE_ATTR_SECRET_VALUE, key, key_n);
    bool ok = (key_n == 16 || key_n == 32) && make_key(&object, TEE_TYPE_AES, bits, &a, 1) &&
              make_operation(&op, TEE_ALG_AES_GCM, mode, bits, object) &&
              TEE_AEInit(op, nonce, 12, 8 * CLO_TAG, aad_n, n) == TEE_SUCCESS;
    if (ok && aad_n > 0)
        TEE_AEUpdateAAD(op, aad, aad_n);
    ok = ok &&
         (seal ? TEE_AEEncryptFinal(op, buf, n, buf, &done, tag, &tag_n)
               : TEE_AEDecryptFinal(op, buf, n, buf, &done, tag, tag_n)) == TEE_SUCCESS &&
         done == n && tag_n == CLO_TAG;
    release(op, object);
    return ok;
}

static int aes_gcm_seal(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                        uint8_t tag[CLO_TAG]) {
    (void)ctx;
    return aes_gcm(true, key, key_n, nonce, aad, aad_n, buf, n, tag) ? 0 : -1;
}

static int aes_gcm_open(void *ctx, const uint8_t *key, size_t key_n, const uint8_t nonce[12],
                        const uint8_t *aad, size_t aad_n, uint8_t *buf, size_t n,
                        const uint8_t tag[CLO_TAG]) {
    uint8_t expected[CLO_TAG]; /* the API takes it as memory that it may write */
    (void)ctx;
    memcpy(expected, tag, sizeof expected);
    return aes_gcm(false, key, key_n, nonce, aad, aad_n, buf, n, expected) ? 0 : -1;
}

/* True for the points of small order, whose product with any scalar is zero (RFC 7748,
 * section 6.1), in all their encodings: 0, 1, two of order 8, p - 1, p and p + 1, each with either
 * top bit. OP-TEE does not refuse them but panics the application (TEE_DeriveKey): any client could
 * end it. */
static bool small_order(const uint8_t point[32]) {
    static const uint8_t order_8[2][32] = {
        {0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3,
         0xfa, 0xf1, 0x9f, 0xc4, 0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32,
         0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49, 0xb8, 0x00},
        {0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1,
         0x55, 0x9c, 0x83, 0xef, 0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c,
         0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f, 0x11, 0x57}};
    static const uint8_t zeros[31] = {0};
    uint8_t u[32], ones[31];
    memcpy(u, point, sizeof u);
    u[31] &= 0x7f;
    memset(ones, 0xff, sizeof ones);
    ones[30] = 0x7f;
    return (u[0] <= 1 && memcmp(u + 1, zeros, 31) == 0) ||
           (u[0] >= 0xec && u[0] <= 0xee && memcmp(u + 1, ones, 31) == 0) ||
           memcmp(u, order_8[0], 32) == 0 || memcmp(u, order_8[1], 32) == 0;
}

static int x25519(void *ctx, uint8_t out[32], const uint8_t scalar[32], const uint8_t *point) {
    static const uint8_t base[32] = {9};
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    TEE_ObjectHandle own = TEE_HANDLE_NULL, secret = TEE_HANDLE_NULL;
    TEE_Attribute a[2], peer;
    size_t n = 32;
    (void)ctx;
    if (point != NULL && small_order(point))
        return -1;
    TEE_InitRefAttribute(&peer, TEE_ATTR_X25519_PUBLIC_VALUE, point ? point : base, 32);
    /* The pair's public part takes no part in the derivation. */
    TEE_InitRefAttribute(&a[0], TEE_ATTR_X25519_PRIVATE_VALUE, scalar, 32);
    TEE_InitRefAttribute(&a[1], TEE_ATTR_X25519_PUBLIC_VALUE, base, 32);
    bool ok =
        make_key(&own, TEE_TYPE_X25519_KEYPAIR, CURVE_BITS, a, 2) &&
        make_operation(&op, TEE_ALG_X25519, TEE_MODE_DERIVE, CURVE_BITS, own) &&
        TEE_AllocateTransientObject(TEE_TYPE_GENERIC_SECRET, CURVE_BITS, &secret) == TEE_SUCCESS;
    if (ok) {
        TEE_DeriveKey(op, &peer, 1, secret);
        ok = TEE_GetObjectBufferAttribute(secret, TEE_ATTR_SECRET_VALUE, out, &n) == TEE_SUCCESS &&
             n == 32;
    }
    release(op, own);
    release(TEE_HANDLE_NULL, secret);
    return ok ? 0 : -1;
}

/* ----------------------------------------------------------------------------------------------
 * Ed25519 */

#define BIG TEE_BigIntSizeInU32(CURVE_BITS)

static void reverse(uint8_t to[32], const uint8_t from[32]) {
    for (size_t i = 0; i < 32; i++)
        to[i] = from[31 - i];
}

/* y = (u - 1) / (u + 1) mod p, little-endian. u is no secret. */
static bool montgomery_to_edwards(uint8_t y[32], const uint8_t u[32]) {
    static const uint8_t prime[32] = {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xed};
    TEE_BigInt p[BIG], v[BIG], one[BIG], above[BIG], below[BIG];
    uint8_t big_endian[32] = {0};
    size_t n = 32;
    TEE_BigIntInit(p, BIG);
    TEE_BigIntInit(v, BIG);
    TEE_BigIntInit(one, BIG);
    TEE_BigIntInit(above, BIG);
    TEE_BigIntInit(below, BIG);
    reverse(big_endian, u);
    if (TEE_BigIntConvertFromOctetString(p, prime, 32, 0) != TEE_SUCCESS ||
        TEE_BigIntConvertFromOctetString(v, big_endian, 32, 0) != TEE_SUCCESS)
        return false;
    TEE_BigIntConvertFromS32(one, 1);
    TEE_BigIntSubMod(above, v, one, p);
    TEE_BigIntAddMod(below, v, one, p);
    if (TEE_BigIntCmpS32(below, 0) == 0)
        return false;
    TEE_BigIntInvMod(below, below, p);
    TEE_BigIntMulMod(v, above, below, p);
    if (TEE_BigIntConvertToOctetString(big_endian, &n, v) != TEE_SUCCESS || n > 32)
        return false;
    memmove(big_endian + 32 - n, big_endian, n);
    memset(big_endian, 0, 32 - n);
    reverse(y, big_endian);
    return true;
}

bool clo_optee_ed25519(uint32_t mode, TEE_ObjectHandle pair, const void *data, size_t n,
                       uint8_t sig[64]) {
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    size_t sig_n = 64;
    bool ok = make_operation(&op, TEE_ALG_ED25519, mode, CURVE_BITS, pair);
    if (ok && mode == TEE_MODE_SIGN)
        ok = TEE_AsymmetricSignDigest(op, NULL, 0, data, n, sig, &sig_n) == TEE_SUCCESS &&
             sig_n == 64;
    else if (ok)
        ok = TEE_AsymmetricVerifyDigest(op, NULL, 0, data, n, sig, sig_n) == TEE_SUCCESS;
    release(op, TEE_HANDLE_NULL);
    return ok;
}

static bool ed25519_pass(uint32_t mode, const uint8_t public_key[32], const uint8_t seed[32],
                         const void *data, size_t n, uint8_t sig[64]) {
    TEE_ObjectHandle pair = TEE_HANDLE_NULL;
    TEE_Attribute a[2];
    TEE_InitRefAttribute(&a[0], TEE_ATTR_ED25519_PRIVATE_VALUE, seed, 32);
    TEE_InitRefAttribute(&a[1], TEE_ATTR_ED25519_PUBLIC_VALUE, public_key, 32);
    bool ok = make_key(&pair, TEE_TYPE_ED25519_KEYPAIR, CURVE_BITS, a, 2) &&
              clo_optee_ed25519(mode, pair, data, n, sig);
    release(TEE_HANDLE_NULL, pair);
    return ok;
}

static int ed25519_public(void *ctx, uint8_t out[32], const uint8_t seed[32]) {
    uint8_t scalar[64], u[32], sig[64];
    bool ok = sha512(ctx, scalar, seed, 32) == 0 && x25519(ctx, u, scalar, NULL) == 0 &&
              montgomery_to_edwards(out, u) && ed25519_pass(TEE_MODE_SIGN, out, seed, "", 0, sig);
    if (ok && !ed25519_pass(TEE_MODE_VERIFY, out, seed, "", 0, sig))
        out[31] |= 0x80; /* the other x, then */
    wipe(ctx, scalar, sizeof scalar);
    return ok ? 0 : -1;
}

static int ed25519_sign(void *ctx, uint8_t sig[64], const uint8_t seed[32],
                        const uint8_t public_key[32], const void *data, size_t n) {
    (void)ctx;
    return ed25519_pass(TEE_MODE_SIGN, public_key, seed, data, n, sig) ? 0 : -1;
}

/* ----------------------------------------------------------------------------------------------
 * machine */

/* Milliseconds are the finest that the API tells. */
static uint64_t now_ns(void *ctx) {
    TEE_Time t;
    (void)ctx;
    TEE_GetSystemTime(&t);
    return (uint64_t)t.seconds * 1000000000u + (uint64_t)t.millis * 1000000u;
}

static uint32_t fp_mode(void *ctx, uint32_t mode) {
    uint64_t old;
    (void)ctx;
    __asm__ volatile("mrs %0, fpcr" : "=r"(old));
    __asm__ volatile("msr fpcr, %0" : : "r"(mode == CLO_FP_DEFAULT ? 0 : (uint64_t)mode));
    return (uint32_t)old;
}

void clo_optee_crypto(clo_port *port) {
    port->random = random_bytes;
    port->x25519 = x25519;
    port->sha256 = sha256;
    port->sha512 = sha512;
    port->hmac_sha256 = hmac_sha256;
    port->aes_gcm_seal = aes_gcm_seal;
    port->aes_gcm_open = aes_gcm_open;
    port->ed25519_public = ed25519_public;
    port->ed25519_sign = ed25519_sign;
    port->wipe = wipe;
    port->now_ns = now_ns;
    port->fp_mode = fp_mode;
}
