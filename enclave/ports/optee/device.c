/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.c: see device.h.
 *
 * The device's key is an Ed25519 pair that OP-TEE makes, keeps and signs with: its secret half is
 * never in this application's memory. Storage belongs to this application alone
 * (TEE_STORAGE_PRIVATE) and is encrypted and authenticated by OP-TEE; that old contents are not
 * shown again depends on the platform (docs/optee.md).
 *
 * Of the attestation service only HASH_TA_MEMORY is called, which OP-TEE answers to applications
 * and for their own memory alone. What it signs as a nonce is 64 bytes, always: a digest of report
 * data and device key, under a prefix that nothing else has.
 */
#include "device.h"
#include "crypto.h"
#include <pta_attestation.h>
#include <pta_system.h>
#include <string.h>
#include <tee_internal_api.h>

enum { PUBLIC = 32, SIGNATURE = 64, DIGEST = 32, MODULUS_MAX = 512, POURINGS = 64 };
enum { PREFIX = 32, KEY_NAME = 4 + 16 }; /* PREFIX: with zeros at its end; KEY_NAME: "key", 0, id */
static const char UNATTESTED[PREFIX] = "cloister/v1 optee unattested";
static const char ATTESTED[PREFIX] = "cloister/v1 optee attested";
static const char DEVICE_KEY[] = "device key";

static TEE_ObjectHandle pair = TEE_HANDLE_NULL;
static TEE_TASessionHandle service = TEE_HANDLE_NULL;
static uint8_t public_key[PUBLIC];

/* ----------------------------------------------------------------------------------------------
 * storage */

static TEE_Result find(const void *id, size_t n, TEE_ObjectHandle *object) {
    return TEE_OpenPersistentObject(TEE_STORAGE_PRIVATE, id, n, TEE_DATA_FLAG_ACCESS_READ, object);
}

static TEE_Result make_pair(void) {
    TEE_ObjectHandle made = TEE_HANDLE_NULL;
    TEE_Result result = clo_optee_pair(&made);
    if (result == TEE_SUCCESS)
        result = TEE_CreatePersistentObject(TEE_STORAGE_PRIVATE, DEVICE_KEY, sizeof DEVICE_KEY,
                                            TEE_DATA_FLAG_ACCESS_READ, made, NULL, 0, &pair);
    TEE_FreeTransientObject(made);
    return result;
}

int clo_device_key_get(void *ctx, const uint8_t id[16], uint8_t key[32]) {
    TEE_ObjectHandle object = TEE_HANDLE_NULL;
    uint8_t name[KEY_NAME] = "key";
    size_t n = 0;
    (void)ctx;
    memcpy(name + KEY_NAME - 16, id, 16);
    bool ok = find(name, sizeof name, &object) == TEE_SUCCESS &&
              TEE_ReadObjectData(object, key, 32, &n) == TEE_SUCCESS && n == 32;
    TEE_CloseObject(object);
    return ok ? 0 : -1;
}

int clo_device_key_put(void *ctx, const uint8_t id[16], const uint8_t key[32]) {
    uint8_t name[KEY_NAME] = "key";
    (void)ctx;
    memcpy(name + KEY_NAME - 16, id, 16);
    TEE_Result result = TEE_CreatePersistentObject(
        TEE_STORAGE_PRIVATE, name, sizeof name, TEE_DATA_FLAG_ACCESS_READ | TEE_DATA_FLAG_OVERWRITE,
        TEE_HANDLE_NULL, key, 32, NULL);
    return result == TEE_SUCCESS ? 0 : -1;
}

/* ----------------------------------------------------------------------------------------------
 * evidence */

/* TEE_HANDLE_NULL where there is none. */
static TEE_TASessionHandle open_service(const TEE_UUID *uuid) {
    TEE_TASessionHandle to = TEE_HANDLE_NULL;
    TEE_Param none[TEE_NUM_PARAMS] = {0};
    TEE_Result result = TEE_OpenTASession(uuid, TEE_TIMEOUT_INFINITE, 0, none, &to, NULL);
    return result == TEE_SUCCESS ? to : TEE_HANDLE_NULL;
}

static bool call(TEE_TASessionHandle to, uint32_t command, uint32_t types,
                 TEE_Param params[TEE_NUM_PARAMS]) {
    return TEE_InvokeTACommand(to, TEE_TIMEOUT_INFINITE, command, types, params, NULL) ==
           TEE_SUCCESS;
}

/* OP-TEE spreads what it is given over 32 pools in turn and makes its generator anew from the first
 * when that has got 64 bytes: so the seed is given as often as fills it. Nothing is lost where it
 * is not taken: such an OP-TEE has a source of its own. */
static void stir(TEE_Param seed) {
    static const TEE_UUID uuid = PTA_SYSTEM_UUID;
    TEE_TASessionHandle system = open_service(&uuid);
    TEE_Param params[TEE_NUM_PARAMS] = {seed};
    bool taken = system != TEE_HANDLE_NULL;
    for (int i = 0; taken && i < POURINGS; i++)
        taken = call(system, PTA_SYSTEM_ADD_RNG_ENTROPY, TEE_PARAM_TYPE_MEMREF_INPUT, params);
    TEE_CloseTASession(system);
}

const char *clo_device_open(TEE_Param seed) {
    static const TEE_UUID uuid = PTA_ATTESTATION_UUID;
    stir(seed);
    TEE_Result result = find(DEVICE_KEY, sizeof DEVICE_KEY, &pair);
    if (result == TEE_ERROR_ITEM_NOT_FOUND)
        result = make_pair();
    if (result != TEE_SUCCESS || !clo_optee_half(pair, TEE_ATTR_ED25519_PUBLIC_VALUE, public_key))
        return NULL;
    service = open_service(&uuid);
    return service == TEE_HANDLE_NULL ? "unattested" : "attested";
}

void clo_device_close(void) {
    TEE_CloseTASession(service);
    TEE_CloseObject(pair);
    service = TEE_HANDLE_NULL;
    pair = TEE_HANDLE_NULL;
}

/* modulus || digest of this application's memory || signature over nonce || digest */
static bool attest(uint8_t nonce[64], uint8_t *out, size_t *n) {
    static const uint8_t f4[3] = {1, 0, 1};
    uint8_t exponent[8];
    TEE_Param key[TEE_NUM_PARAMS] = {{.memref = {exponent, sizeof exponent}},
                                     {.memref = {out, MODULUS_MAX}}};
    if (!call(service, PTA_ATTESTATION_GET_PUBKEY,
              TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_OUTPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
                              TEE_PARAM_TYPE_VALUE_OUTPUT, TEE_PARAM_TYPE_NONE),
              key) ||
        key[0].memref.size != sizeof f4 || memcmp(exponent, f4, sizeof f4) != 0)
        return false;
    size_t modulus = key[1].memref.size;
    TEE_Param hash[TEE_NUM_PARAMS] = {{.memref = {nonce, 64}},
                                      {.memref = {out + modulus, DIGEST + MODULUS_MAX}}};
    *n = modulus + DIGEST + modulus;
    return call(service, PTA_ATTESTATION_HASH_TA_MEMORY,
                TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
                                TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE),
                hash) &&
           hash[1].memref.size == DIGEST + modulus;
}

/* What is said, then a proof of it. Said is prefix || device key || report data; the proof is the
 * device key's signature over it, or that of the attestation service, whose nonce is its SHA-512.
 */
int clo_device_evidence(void *ctx, const uint8_t report_data[64], uint8_t *out, size_t cap,
                        size_t *n) {
    const clo_port *port = ctx;
    const bool serviced = service != TEE_HANDLE_NULL;
    uint8_t said[PREFIX + PUBLIC + 64], nonce[64];
    if (cap < sizeof said + DIGEST + 2 * MODULUS_MAX)
        return -1;
    memcpy(said, serviced ? ATTESTED : UNATTESTED, PREFIX);
    memcpy(said + PREFIX, public_key, PUBLIC);
    memcpy(said + PREFIX + PUBLIC, report_data, 64);
    memcpy(out, said, sizeof said);
    out += sizeof said;
    *n = SIGNATURE;
    bool ok = serviced
                  ? port->sha512(port->ctx, nonce, said, sizeof said) == 0 && attest(nonce, out, n)
                  : clo_optee_sign(pair, said, sizeof said, out);
    *n += sizeof said;
    return ok ? 0 : -1;
}
