/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count.c: a QEMU plugin that counts the guest's instructions, by whose they are, in a file that
 * another process maps while the machine runs.
 *
 *   -plugin file=count.so,path=FILE[,blocks=N]
 *       FILE has 9 counts: normal world; four times a gigabyte of the secure world; the starts of
 *       these four. Then N places for blocks of instructions of the secure world: address, first
 *       instruction, count; of the address 0: free.
 *
 * Linux is above 2^63 and its position-independent programs are above 2^40; what lies below is the
 * secure world. OP-TEE maps applications into one of the lowest four gigabytes, which differs from
 * boot to boot, as does its own; at the start of that gigabyte lies its code for entry and exit, by
 * which the reader knows it (count.py). One processor, so nothing is counted twice.
 *
 * A block of instructions runs whole, with one exception: after an interrupt OP-TEE hands out the
 * vector registers again only when they are used, so the block is cut short before its last
 * instruction, which runs again, in a block of its own. Without that one the application's count is
 * the same in each run, to the instruction.
 *
 * The prototypes are those of the plugin API's version 1 (QEMU up to 9.0), whose header Debian does
 * not package.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void tb_translated(plugin_id id, struct qemu_plugin_tb *tb);
enum { INLINE_ADD_U64 = 0 };
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, tb_translated *callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *ptr,
                                              uint64_t imm);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv);

enum { NORMAL, SECURE, ENTRY = 5, PLACES = 9, START = 0x4000, PAGE = 4096 };
typedef struct block {
    uint64_t address, code, instructions;
} block;
static uint64_t *counts;
static size_t n_blocks;

static unsigned place(uint64_t address) {
    if (address >> 32)
        return NORMAL;
    return (unsigned)(address >> 30) + ((address & 0x3fffffffu) < START ? ENTRY : SECURE);
}

/* Whether an instruction uses vector registers or their control register (A64: op0 is x111, or x1x0
 * with bit 26 set; MRS and MSR of FPCR and FPSR). */
static int is_vector(uint32_t code) {
    const uint32_t group = code & 0x0e000000u;
    return group == 0x0e000000u || group == 0x0c000000u || (code & 0xffdfffc0u) == 0xd51b4400u;
}

static uint32_t code_at(const struct qemu_plugin_tb *tb, size_t index) {
    uint32_t code;
    memcpy(&code, qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, index)), sizeof code);
    return code;
}

/* Whether a block was cut short before its last instruction: one of its own accord ends with a
 * branch, at the end of a page, or at a length that is a power of two. */
static int cut(const struct qemu_plugin_tb *tb, size_t n) {
    const uint64_t end = qemu_plugin_tb_vaddr(tb) + 4 * n;
    return is_vector(code_at(tb, n - 1)) && end % PAGE != 0 && (n < 64 || (n & (n - 1)) != 0);
}

/* The place of a block, whenever it is translated anew; ends the machine when there is none. */
static block *block_of(uint64_t address, uint32_t code) {
    block *blocks = (block *)(counts + PLACES);
    for (size_t i = 0; i < n_blocks; i++) {
        block *b = &blocks[(address / 4 + i) % n_blocks];
        if (b->address == 0)
            *b = (block){address, code, 0};
        if (b->address == address && b->code == code)
            return b;
    }
    abort();
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb) {
    const uint64_t address = qemu_plugin_tb_vaddr(tb);
    const unsigned where = place(address);
    const size_t n = qemu_plugin_tb_n_insns(tb),
                 whole = n - (size_t)(where != NORMAL && cut(tb, n));
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(tb, INLINE_ADD_U64, &counts[where], whole);
    if (n_blocks > 0 && where != NORMAL)
        qemu_plugin_register_vcpu_tb_exec_inline(
            tb, INLINE_ADD_U64, &block_of(address, code_at(tb, 0))->instructions, whole);
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    int fd = -1;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "path=", 5) == 0)
            fd = open(argv[i] + 5, O_RDWR | O_CLOEXEC);
        else if (strncmp(argv[i], "blocks=", 7) == 0)
            n_blocks = strtoul(argv[i] + 7, NULL, 10);
        else
            return 1;
    }
    counts = mmap(NULL, PLACES * sizeof *counts + n_blocks * sizeof(block), PROT_READ | PROT_WRITE,
                  MAP_SHARED, fd, 0);
    if (counts == MAP_FAILED)
        return 1;
    close(fd);
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
