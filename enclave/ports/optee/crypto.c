/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crypto.c: see crypto.h.
 *
 * The GlobalPlatform API panics on most mistakes of its caller, so each call here has fixed sizes
 * and what comes from outside is checked before it gets there. Objects and operations are made for
 * each call and freed on every way out: OP-TEE wipes their keys then.
 */
#include "crypto.h"
#include "primitives.h"
#include "ta_plan.h"
#include <stdbool.h>
#include <string.h>
#include <tee_internal_api.h>

#define CURVE_BITS 256u
#define HMAC_KEY                                                                                   \
    64u /* bytes, the hash's block: shorter keys end in zeros, the core has no longer */

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
    bool ok = key_n <= sizeof block;
    if (ok && key_n > 0)
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

/* ----------------------------------------------------------------------------------------------
 * Ed25519 */

bool clo_optee_sign(TEE_ObjectHandle pair, const void *data, size_t n, uint8_t sig[64]) {
    TEE_OperationHandle op = TEE_HANDLE_NULL;
    size_t sig_n = 64;
    bool ok = make_operation(&op, TEE_ALG_ED25519, TEE_MODE_SIGN, CURVE_BITS, pair) &&
              TEE_AsymmetricSignDigest(op, NULL, 0, data, n, sig, &sig_n) == TEE_SUCCESS &&
              sig_n == 64;
    release(op, TEE_HANDLE_NULL);
    return ok;
}

TEE_Result clo_optee_pair(TEE_ObjectHandle *pair) {
    TEE_Result result = TEE_AllocateTransientObject(TEE_TYPE_ED25519_KEYPAIR, CURVE_BITS, pair);
    return result == TEE_SUCCESS ? TEE_GenerateKey(*pair, CURVE_BITS, NULL, 0) : result;
}

bool clo_optee_half(TEE_ObjectHandle pair, uint32_t attribute, uint8_t out[32]) {
    size_t n = 32;
    return TEE_GetObjectBufferAttribute(pair, attribute, out, &n) == TEE_SUCCESS && n == 32;
}

static int ed25519_pair(void *ctx, uint8_t public_key[32], uint8_t seed[32]) {
    TEE_ObjectHandle pair = TEE_HANDLE_NULL;
    (void)ctx;
    bool ok = clo_optee_pair(&pair) == TEE_SUCCESS &&
              clo_optee_half(pair, TEE_ATTR_ED25519_PRIVATE_VALUE, seed) &&
              clo_optee_half(pair, TEE_ATTR_ED25519_PUBLIC_VALUE, public_key);
    release(TEE_HANDLE_NULL, pair);
    return ok ? 0 : -1;
}

static int ed25519_sign(void *ctx, uint8_t sig[64], const uint8_t seed[32],
                        const uint8_t public_key[32], const void *data, size_t n) {
    TEE_ObjectHandle pair = TEE_HANDLE_NULL;
    TEE_Attribute a[2];
    (void)ctx;
    TEE_InitRefAttribute(&a[0], TEE_ATTR_ED25519_PRIVATE_VALUE, seed, 32);
    TEE_InitRefAttribute(&a[1], TEE_ATTR_ED25519_PUBLIC_VALUE, public_key, 32);
    bool ok = make_key(&pair, TEE_TYPE_ED25519_KEYPAIR, CURVE_BITS, a, 2) &&
              clo_optee_sign(pair, data, n, sig);
    release(TEE_HANDLE_NULL, pair);
    return ok ? 0 : -1;
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
    port->x25519 = clo_x25519;
    port->sha256 = sha256;
    port->sha512 = sha512;
    port->hmac_sha256 = hmac_sha256;
    port->aes_gcm_seal = aes_gcm_seal;
    port->aes_gcm_open = aes_gcm_open;
    port->ed25519_pair = ed25519_pair;
    port->ed25519_sign = ed25519_sign;
    port->wipe = wipe;
    port->now_ns = now_ns;
    port->fp_mode = fp_mode;
}
