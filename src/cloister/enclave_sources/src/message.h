/* SPDX-License-Identifier: Apache-2.0 */
/* message.h: tensors as bytes (docs/formats/message.md). A plan fixes every byte but the data and
 * the flags. */
#ifndef CLO_MESSAGE_H
#define CLO_MESSAGE_H

#include "clo.h"
#include <stdbool.h>

enum { CLO_FLAG_HOST = 1, CLO_FLAG_NAN = 2 };

/* Bytes of prefix and records of n tensors: where the data begins. */
static inline uint64_t clo_message_data(uint32_t n) {
    return 64 + 64 * (uint64_t)n;
}

/* Writes prefix and records of a message of n <= CLO_IO_MAX tensors, `total` bytes long; never
 * reads out. */
void clo_message_begin(uint8_t *out, const clo_io *io, uint32_t n, uint32_t flags, size_t total);

/* True when msg[total] (trusted memory) is the message of these tensors, without flags, its padding
 * zero. */
bool clo_message_ok(const uint8_t *msg, const clo_io *io, uint32_t n, size_t total);

/* Zeroes the padding behind each tensor of msg (trusted memory) and returns CLO_FLAG_NAN when a
 * tensor holds a NaN, else 0. Takes the same time for all data. */
uint32_t clo_message_finish(uint8_t *msg, const clo_io *io, uint32_t n);

/* Writes the whole message, its data taken from the arena; never reads out. */
void clo_message_write(uint8_t *out, const clo_io *io, uint32_t n, size_t total,
                       const float *arena);

#endif
