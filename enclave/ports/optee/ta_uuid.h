/* SPDX-License-Identifier: Apache-2.0 */
/* ta_uuid.h: names the trusted application, to OP-TEE and to the daemon; and its one command. */
#ifndef CLO_OPTEE_TA_UUID_H
#define CLO_OPTEE_TA_UUID_H

/* 66f6840e-d334-4fa3-9a0f-a558c8c39e89 */
/* clang-format off */
#define CLO_TA_UUID {0x66f6840e, 0xd334, 0x4fa3, {0x9a, 0x0f, 0xa5, 0x58, 0xc8, 0xc3, 0x9e, 0x89}}
/* clang-format on */

/* Opening a session: parameter 0 is a value, a = entries of the replay table, b = window in bytes
 * (clo_config); parameter 1 is input memory, 32 random bytes that are mixed into OP-TEE's own; the
 * others are none. A second session is refused by OP-TEE (TEE_ERROR_BUSY). */

/* clo_step: parameter 0 a frame (input memory), parameter 1 room for the answer (output memory),
 * the others none. TEE_SUCCESS: the answer stands in parameter 1, an ERROR frame included.
 * TEE_ERROR_SHORT_BUFFER: nothing happened, parameter 1 must have the size it says now. Anything
 * else: nothing happened. */
#define CLO_TA_STEP 0u

#endif
