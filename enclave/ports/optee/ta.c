/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ta.c: the trusted application: one instance of the enclave core inside OP-TEE.
 *
 * Rules it keeps:
 *   1. One instance with one session (user_ta_header_defines.h); a session carries no authority:
 *      whoever opened it may only bring frames, and what counts is sealed.
 *   2. The kind of every parameter is checked before any is used; the core checks every byte.
 *   3. Memory is one array whose length the plan fixes at build time: nothing is taken later.
 *   4. The session's end wipes everything; a new session makes new keys.
 */
#include "crypto.h"
#include "device.h"
#include "ta_plan.h"
#include "ta_uuid.h"
#include <string.h>
#include <tee_internal_api.h>

static uint8_t memory[CLO_TA_MEMORY] __attribute__((aligned(CLO_ALIGN)));
static clo_session session;

TEE_Result TA_CreateEntryPoint(void) {
    return TEE_SUCCESS;
}

void TA_DestroyEntryPoint(void) {
}

TEE_Result TA_OpenSessionEntryPoint(uint32_t types, TEE_Param params[TEE_NUM_PARAMS], void **ctx) {
    static clo_port port = {.ctx = &port,
                            .evidence = clo_device_evidence,
                            .key_get = clo_device_key_get,
                            .key_put = clo_device_key_put};
    const uint32_t expected =
        TEE_PARAM_TYPES(TEE_PARAM_TYPE_VALUE_INPUT, TEE_PARAM_TYPE_MEMREF_INPUT,
                        TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
    (void)ctx;
    if (types != expected || params[0].value.a > sizeof memory / 16)
        return TEE_ERROR_BAD_PARAMETERS;
    clo_optee_crypto(&port);
    const char *level = clo_device_open(params[1]);
    const clo_config config = {.port = &port,
                               .kernels = &clo_kernels_neon,
                               .memory = memory,
                               .bytes = sizeof memory,
                               .replay = params[0].value.a,
                               .window = params[0].value.b,
                               .tee = "optee",
                               .level = level,
                               .debug = level == NULL || strcmp(level, "attested") != 0};
    if (level != NULL && clo_session_init(&session, &config) == CLO_OK)
        return TEE_SUCCESS;
    clo_device_close();
    return level == NULL ? TEE_ERROR_STORAGE_NOT_AVAILABLE : TEE_ERROR_BAD_PARAMETERS;
}

void TA_CloseSessionEntryPoint(void *ctx) {
    (void)ctx;
    clo_session_end(&session);
    clo_device_close();
}

TEE_Result TA_InvokeCommandEntryPoint(void *ctx, uint32_t command, uint32_t types,
                                      TEE_Param params[TEE_NUM_PARAMS]) {
    const uint32_t expected =
        TEE_PARAM_TYPES(TEE_PARAM_TYPE_MEMREF_INPUT, TEE_PARAM_TYPE_MEMREF_OUTPUT,
                        TEE_PARAM_TYPE_NONE, TEE_PARAM_TYPE_NONE);
    (void)ctx;
    if (command != CLO_TA_STEP)
        return TEE_ERROR_NOT_SUPPORTED;
    if (types != expected || params[0].memref.buffer == NULL || params[1].memref.buffer == NULL)
        return TEE_ERROR_BAD_PARAMETERS;
    size_t cap = params[1].memref.size, n = 0;
    params[1].memref.size = clo_out_bytes(&session);
    if (cap < params[1].memref.size)
        return TEE_ERROR_SHORT_BUFFER;
    (void)clo_step(&session, params[0].memref.buffer, params[0].memref.size,
                   params[1].memref.buffer, cap, &n); /* the frame says */
    params[1].memref.size = n;
    return n > 0 ? TEE_SUCCESS : TEE_ERROR_GENERIC;
}
