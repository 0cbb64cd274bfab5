/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count.c: a QEMU plugin that counts the guest's instructions, by whose they are, in a file that
 * another process maps while the machine runs.
 *
 *   -plugin file=count.so,path=FILE      FILE has 24 bytes: trusted application, rest of the secure
 * world, normal world
 *
 * Whose they are is told by the address: on QEMU's virt machine OP-TEE 4 maps an application at 1
 * GiB to 1.5 GiB and itself below 2^32; Linux is above 2^63, and its position-independent programs
 * are above 2^40. One processor, so nothing is counted twice.
 *
 * The prototypes are those of the plugin API's version 1 (QEMU up to 9.0), whose header Debian does
 * not package.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
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
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;
__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info,
                                                               int argc, char **argv);

enum { APPLICATION, SECURE, NORMAL, WORLDS };
static uint64_t *counts;

static int world(uint64_t address) {
    if (address >= 0x40000000u && address < 0x60000000u)
        return APPLICATION;
    return address >> 40 ? NORMAL : SECURE;
}

static void translated(plugin_id id, struct qemu_plugin_tb *tb) {
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(
        tb, INLINE_ADD_U64, &counts[world(qemu_plugin_tb_vaddr(tb))], qemu_plugin_tb_n_insns(tb));
}

int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv) {
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "path=", 5) != 0)
            return 1;
        int fd = open(argv[i] + 5, O_RDWR | O_CLOEXEC);
        counts = mmap(NULL, WORLDS * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (counts == MAP_FAILED)
            return 1;
        close(fd);
    }
    if (counts == NULL)
        return 1;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
