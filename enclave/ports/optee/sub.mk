# The core, one set of kernels (NEON), and this port. The flags are those of CMakeLists.txt.
global-incdirs-y += . ../../include ../../src
srcs-y += ta.c crypto.c device.c memory.c armv8.c x25519.c
srcs_ext_base-y := ../../src
srcs_ext-y += kernels.c kernels_gemm.c session.c plan.c message.c claims.c hpke.c

cflags-y += -std=gnu11 -O2 -ffp-contract=off
# Warnings of the dev kit that this project's own build (CMakeLists.txt) does not have.
cflags-y += -Wno-switch-default -Wno-declaration-after-statement -Wno-unused-parameter -Wno-c2x-extensions
# memcpy and memset of our own must not be compiled into calls of themselves.
cflags-memory.c-y += -ffreestanding -fno-tree-loop-distribute-patterns

# Vectors of floats are aligned to 4 bytes: without -mstrict-align they are loaded whole.
kernel-flags := -O3 -ffp-contract=fast -fno-math-errno -fno-stack-protector -fno-schedule-insns
kernel-flags += -DCLO_NAME=neon -DCLO_VL=4 -DCLO_ROWS=9 -DCLO_NV=2
cflags-kernels.c-y += $(kernel-flags)
cflags-kernels_gemm.c-y += $(kernel-flags)
cflags-remove-kernels.c-y += -mstrict-align
cflags-remove-kernels_gemm.c-y += -mstrict-align
cflags-armv8.c-y += -O3 -march=armv8-a+crypto -fno-stack-protector
cflags-x25519.c-y += -O3
cflags-remove-armv8.c-y += -mstrict-align
cflags-remove-memory.c-y += -mstrict-align
