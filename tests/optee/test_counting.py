"""Instructions are told apart by world and by function, and are the same each time."""

from __future__ import annotations

from collections import Counter as Tally

import pytest
from optee_kit import X, ask, load

from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.count import Counter, Functions
from cloister.optee.lab import Lab
from cloister.optee.machine import Boot, Machine
from cloister.pack.bundle import Bundle

# A public key whose first byte is one of five takes another way in a comparison.
RARE = 200
BOOT_S = 240.0  # with the counter a machine runs about half as fast


@pytest.mark.timeout(600)
def test_answers_take_the_same_instructions_inside_in_each_boot(
    lab: Lab, head: HeadFile, bundle: Bundle
) -> None:
    sizes = Sizes(4 << 20)
    application = build.trusted_application(lab, sizes)
    functions = Functions(build.unstripped(lab, sizes))
    inside: list[int] = []
    for _boot in range(2):  # OP-TEE and the application lie elsewhere each time
        with (
            Counter(blocks=True) as counter,
            Machine(
                lab, Boot(application, build.daemon(lab), qemu=counter.qemu), boot_s=BOOT_S
            ) as machine,
        ):
            enclave = OpteeEnclave(head, machine=machine)
            ready = load(enclave, head)
            for number in range(1, 5):
                before, blocks = counter.read(), counter.blocks()
                ask(enclave, ready, number, X, bundle.manifest.outputs)
                taken = counter.read() - before
                split = functions.split(blocks, counter.blocks())
                assert sum(split.values()) == taken.application
                assert min(split[name] for name in ("clo_armv8_gcm", "sha256_blocks")) > 0
                assert split["clo_x25519"] + split["multiply"] > taken.application // 2
                assert taken.secure > taken.application > 0
                assert taken.normal > 0
                inside.append(taken.application)
            enclave.close()
    usual, times = Tally(inside).most_common(1)[0]
    assert times >= len(inside) - 2
    assert max(abs(count - usual) for count in inside) <= RARE
