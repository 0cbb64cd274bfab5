/* SPDX-License-Identifier: Apache-2.0 */
/* message.c: see message.h. */
#include "message.h"
#include "bytes.h"

#define HEAD_MAX (64 + 64 * CLO_IO_MAX)

typedef struct prefix {
    uint8_t magic[4];
    uint16_t version, count;
    uint32_t flags, reserved;
    uint64_t total;
    uint8_t zero[40];
} prefix;

typedef struct record {
    uint32_t dtype, rank, dims[8];
    uint64_t offset, bytes, reserved;
} record;
_Static_assert(sizeof(prefix) == 64 && sizeof(record) == 64, "message.md");

void clo_message_begin(uint8_t *out, const clo_io *io, uint32_t n, uint32_t flags, size_t total) {
    prefix p = {{'C', 'L', 'O', 'T'}, 1, (uint16_t)n, flags, 0, total, {0}};
    uint64_t offset = clo_message_data(n);
    memcpy(out, &p, sizeof p);
    for (uint32_t i = 0; i < n; i++) {
        record r = {.dtype = io[i].dtype, .rank = io[i].rank, .offset = offset};
        memcpy(r.dims, io[i].dims, sizeof r.dims);
        r.bytes = 4 * (uint64_t)io[i].n;
        memcpy(out + 64 + 64 * i, &r, sizeof r);
        offset += clo_round(r.bytes);
    }
}

bool clo_message_ok(const uint8_t *msg, const clo_io *io, uint32_t n, size_t total) {
    uint8_t head[HEAD_MAX];
    uint64_t at = clo_message_data(n);
    clo_message_begin(head, io, n, 0, total);
    bool ok = memcmp(head, msg, (size_t)at) == 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bytes = 4 * (uint64_t)io[i].n;
        ok = clo_is_zero(msg + at + bytes, (size_t)(clo_round(bytes) - bytes)) && ok;
        at += clo_round(bytes);
    }
    return ok;
}

uint32_t clo_message_finish(uint8_t *msg, const clo_io *io, uint32_t n) {
    uint64_t at = clo_message_data(n);
    uint32_t nan = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bytes = 4 * (uint64_t)io[i].n;
        for (uint64_t j = 0; j < bytes; j += 4) {
            uint32_t bits;
            memcpy(&bits, msg + at + j, 4);
            nan |= (0x7f800000u - (bits & 0x7fffffffu)) >> 31;
        }
        memset(msg + at + bytes, 0, (size_t)(clo_round(bytes) - bytes));
        at += clo_round(bytes);
    }
    return nan * CLO_FLAG_NAN;
}

void clo_message_write(uint8_t *out, const clo_io *io, uint32_t n, size_t total,
                       const float *arena) {
    uint64_t at = clo_message_data(n);
    clo_message_begin(out, io, n, 0, total);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bytes = 4 * (uint64_t)io[i].n;
        memcpy(out + at, arena + io[i].at, (size_t)bytes);
        memset(out + at + bytes, 0, (size_t)(clo_round(bytes) - bytes));
        at += clo_round(bytes);
    }
}
