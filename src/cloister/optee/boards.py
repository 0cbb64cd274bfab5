"""QEMU's machines with a secure world: where their memory is, how firmware is built for them, and
how they are started.

    virt   16 MiB of isolated memory; what Debian's OP-TEE is built for
    sbsa   512 MiB of isolated memory; only for an OP-TEE of one's own (`cloister optee image`)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Board:
    """A machine.

    Args:
        qemu: How QEMU is told.
        kernel_at: Where Linux is put; the firmware jumps there.
        initrd_at: Where its files are put.
        tree_at: Where the device tree is put; None: QEMU makes one.
        firmware: Arguments of Trusted Firmware's make.
        sources: Lines added to the firmware's platform: file -> line.
        package_at: Offset in the flash of all boot stages but the first.
    """

    qemu: tuple[str, ...]
    kernel_at: int
    initrd_at: int
    tree_at: int | None
    firmware: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    package_at: int


BOARDS: Final = {
    "virt": Board(
        qemu=("-M", "virt,secure=on,gic-version=3", "-m", "768"),
        kernel_at=0x6000_0000,
        initrd_at=0x6800_0000,
        tree_at=None,
        firmware=("PLAT=qemu", "BL32_RAM_LOCATION=tdram", "QEMU_USE_GIC_DRIVER=QEMU_GICV3"),
        sources=(),
        package_at=256 << 10,
    ),
    # The graphics card that it always has would ask for a program of a package of its own.
    "sbsa": Board(
        qemu=("-M", "sbsa-ref", "-m", "2048", "-global", "VGA.romfile="),
        kernel_at=0x100_1000_0000,
        initrd_at=0x100_1800_0000,
        tree_at=0x100_0800_0000,
        firmware=("PLAT=qemu_sbsa", "NEED_BL32=yes", "ARM_PRELOADED_DTB_BASE=0x10008000000ULL"),
        sources=(("plat/qemu/qemu_sbsa/platform.mk", "BL2_SOURCES += lib/optee/optee_utils.c\n"),),
        package_at=0x12000,
    ),
}
