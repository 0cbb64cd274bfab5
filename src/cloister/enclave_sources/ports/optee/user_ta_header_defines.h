/* SPDX-License-Identifier: Apache-2.0 */
/* user_ta_header_defines.h: what OP-TEE's dev kit puts into the application's head. */
#ifndef USER_TA_HEADER_DEFINES_H
#define USER_TA_HEADER_DEFINES_H

#include "ta_plan.h"
#include "ta_uuid.h"

#define TA_UUID CLO_TA_UUID
/* One instance, one session: whoever comes second is refused, and nothing is shared. The instance
 * ends with its session. */
#define TA_FLAGS TA_FLAG_SINGLE_INSTANCE
#define TA_STACK_SIZE CLO_TA_STACK
#define TA_DATA_SIZE CLO_TA_HEAP
#define TA_VERSION "0.1.0"
#define TA_DESCRIPTION "Cloister: sealed inference"

#endif
