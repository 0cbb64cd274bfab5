/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ta_plan.h: the sizes of a trusted application for any network that fits a stock OP-TEE.
 * `cloister optee plan` writes such a file for one network; the build takes it from another folder
 * (make PLAN=FOLDER).
 */
#ifndef CLO_TA_PLAN_H
#define CLO_TA_PLAN_H

#define CLO_TA_MEMORY (12800u * 1024u) /* bytes of the instance: clo_plan_memory() */
#define CLO_TA_HEAP (32u * 1024u)      /* bytes for the objects of the GlobalPlatform API */
#define CLO_TA_CRYPTO_EXTENSIONS 1     /* the processor has AES, SHA and PMULL */
#define CLO_TA_STACK (32u * 1024u)     /* bytes */

#endif
