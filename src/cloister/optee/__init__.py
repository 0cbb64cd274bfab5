"""OP-TEE: the laboratory that boots a real one under QEMU, the builds for it, its memory plan."""
