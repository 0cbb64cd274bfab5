"""A hostile normal world: wrong calls, changed applications, ended programs; and what it cannot
read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X, ask, load, sealed, soon

from cloister.channel.frames import MAGIC, EnclaveError
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.enclaves.protocol import EnclaveDied, EnclaveRefused
from cloister.optee.build import Loaded, Sizes
from cloister.optee.machine import Machine
from cloister.optee.plan import CODE
from cloister.pack.bundle import Bundle

P = 2**255 - 19
ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
BUS_ERROR = 128 + 7  # the shell's word for SIGBUS


def counts(said: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"([a-z]+) (\d+)", said)}


# ---------------------------------------------------------------------------- calls
def test_sessions_with_wrong_parameters_are_refused_and_a_second_is_busy(machine: Machine) -> None:
    code, said = machine.shell("probe opens", timeout_s=120)
    got = counts(said)
    assert code == 0
    assert (got["first"], got["busy"], got["again"]) == (0, 1, 0)
    assert got["calls"] == got["refused"] > 20


def test_no_kind_of_parameter_and_no_size_ends_the_application(machine: Machine) -> None:
    code, said = machine.shell("probe params", timeout_s=120)
    got = counts(said)
    assert code == 0
    assert got["calls"] > 900
    assert got["dead"] == got["other"] == 0
    assert got["ok"] + got["refused"] + got["small"] == got["calls"]


@pytest.mark.parametrize("seed", [1, 2])
def test_random_frames_do_not_end_the_application(machine: Machine, seed: int) -> None:
    code, said = machine.shell(f"probe frames {seed} 80", timeout_s=120)
    got = counts(said)
    assert (code, got["dead"], got["other"]) == (0, 0, 0)
    assert got["ok"] == got["calls"]


def test_points_of_small_order_do_not_end_the_application(
    machine: Machine, head: HeadFile, bundle: Bundle, enclave: OpteeEnclave
) -> None:
    """OP-TEE's X25519 panics an application on these: any client could have ended the instance."""
    ready = load(enclave, head)
    request, _ = sealed(ready, X)
    points = [u + top for u in (0, 1, *ORDER_8, P - 1, P, P + 1) for top in (0, 1 << 255)]
    for number, point in enumerate(points, 1):
        hostile = bytearray(request)
        hostile[7:39] = point.to_bytes(32, "little")
        with pytest.raises(EnclaveRefused) as caught:
            enclave.link.request(number, hostile, deadline=soon())
        assert caught.value.error is EnclaveError.CRYPTO
    ask(enclave, ready, 100, X, bundle.manifest.outputs)


def test_a_frame_longer_than_the_daemons_room_ends_the_connection_only(
    machine: Machine, head: HeadFile, bundle: Bundle
) -> None:
    for length in (4 << 20, 1 << 63):
        with machine.connect() as stream:
            stream.sendall(MAGIC.to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(8))
            stream.sendall(length.to_bytes(8, "little") + bytes(40))
            stream.settimeout(30)
            assert stream.recv(1) == b""
    enclave = OpteeEnclave(head, machine=machine)
    ask(enclave, load(enclave, head), 1, X, bundle.manifest.outputs)
    enclave.close()


# ---------------------------------------------------------------------------- the applicati
@pytest.mark.parametrize(
    ("name", "code"), [("flipped", 0xFFFF000F), ("foreign", 0xFFFF000F), ("beyond", 0xFFFF000C)]
)
def test_applications_that_op_tee_must_not_load(
    machine: Machine, head: HeadFile, other_application: Callable[[str], None], name: str, code: int
) -> None:
    """One flipped bit and another key: TEE_ERROR_SECURITY. 64 bytes too many for the last page:
    TEE_ERROR_OUT_OF_MEMORY.
    """
    other_application(name)
    enclave = OpteeEnclave(head, machine=machine)
    with pytest.raises(EnclaveDied):
        load(enclave, head)
    enclave.close()
    assert f"0x{code:08x}" in machine.wait_for("cloister-optee: the application does not open")


def test_the_plan_is_right_to_the_byte(
    machine: Machine, other_application: Callable[[str], None], application: bytes, sizes: Sizes
) -> None:
    """The largest instance that the plan allows loads; with 64 bytes more (`beyond`, above) OP-TEE
    has no memory.
    """
    other_application("exact")
    assert machine.shell("probe open")[1].strip() == "open 0x00000000"
    loaded = Loaded.of(application, sizes)
    assert loaded.code_bytes <= CODE.code_bytes
    assert loaded.data_bytes <= CODE.data_bytes


# ---------------------------------------------------------------------------- ends
def test_a_killed_daemon_means_a_new_instance_with_a_new_key(
    machine: Machine, head: HeadFile, bundle: Bundle
) -> None:
    enclave = OpteeEnclave(head, machine=machine)
    ready = load(enclave, head)
    machine.shell("kill -9 $(pidof cloister-optee)")
    with pytest.raises(EnclaveDied):
        enclave.link.attest(None, 1, 2, deadline=soon())
    enclave.close()
    machine.wait_for("cloister-optee: listening")
    enclave = OpteeEnclave(head, machine=machine)
    again = load(enclave, head)
    assert again.key_config != ready.key_config
    (y,) = ask(enclave, again, 1, X, bundle.manifest.outputs)
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())
    enclave.close()


def test_a_second_host_waits_until_the_first_has_gone(machine: Machine, head: HeadFile) -> None:
    first = OpteeEnclave(head, machine=machine)
    load(first, head)
    second = OpteeEnclave(head, machine=machine)
    first.close()
    load(second, head)
    second.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [("shallow", "the application ended"), ("starved", "the application does not open")],
)
def test_an_application_that_panics_takes_nothing_with_it(
    machine: Machine,
    head: HeadFile,
    other_application: Callable[[str], None],
    name: str,
    said: str,
) -> None:
    """Its stack overflows after the load, or its heap is used up: OP-TEE ends it
    (TEE_ERROR_TARGET_DEAD), the daemon lives, and the next instance works.
    """
    other_application(name)
    with closing(OpteeEnclave(head, machine=machine)) as enclave, pytest.raises(EnclaveDied):
        load(enclave, head)
        enclave.link.attest(None, 1, 2, deadline=soon())
    assert "0xffff3024" in machine.wait_for(f"cloister-optee: {said}")
    other_application("right")
    with closing(OpteeEnclave(head, machine=machine)) as enclave:
        load(enclave, head)
        enclave.link.attest(None, 1, 2, deadline=soon())


def test_a_container_that_is_too_large_for_the_application_is_refused(
    machine: Machine, head: HeadFile
) -> None:
    """The core runs out of its memory: an error, not a panic."""
    header = bytearray(head.header)
    header[56:64] = (64 << 20).to_bytes(8, "little")  # arena_bytes
    with closing(OpteeEnclave(head, machine=machine)) as enclave:
        head.header = bytes(header)
        with pytest.raises(EnclaveRefused) as caught:
            load(enclave, head)
        assert caught.value.error is EnclaveError.MEMORY


# ---------------------------------------------------------------------------- memory
def test_root_cannot_read_secure_memory(machine: Machine) -> None:
    assert machine.shell("devmem 0x0a000000 32") == (
        0,
        "0x74726976",
    )  # a device of the normal world can be read so
    for address in (
        0x0E100040,
        0x0E300000,
        0x0EF00000,
    ):  # OP-TEE, its applications' memory, the end of it
        code, said = machine.shell(f"devmem {address:#x} 32")
        assert (code, said) == (BUS_ERROR, "Bus error")
