"""The daemon's other doors: a virtio-serial port and a unix socket, with the frames of TCP."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import tiny_bundle
from optee_kit import ANSWER_BYTES, X, sealed, soon

from cloister.channel.frames import EnclaveError, FrameType
from cloister.channel.message import read_message
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import EnclaveLink, Response
from cloister.optee.machine import Machine
from cloister.pack.bundle import Bundle

DOOR = "/tmp/door"


@contextmanager
def daemon(machine: Machine, listen: str) -> Iterator[None]:
    """One more in the guest."""
    command = f"cloister-optee --listen {listen} >/tmp/said 2>&1 & echo $!"
    code, pid = machine.shell(command)
    assert code == 0
    try:
        yield
    finally:
        machine.shell(f"kill {pid}")


def test_a_host_at_a_serial_line_drives_the_application(
    machine: Machine, serial_line: Path, head: HeadFile, bundle: Bundle
) -> None:
    with (
        daemon(machine, "device:/dev/vport0p2"),
        socket.socket(socket.AF_UNIX) as stream,
    ):
        stream.connect(str(serial_line))
        with closing(EnclaveLink(stream)) as link:
            ready = link.load(head, bytes(32), answer_bytes=ANSWER_BYTES, deadline=soon())
            request, exchange = sealed(ready, X)
            response = link.request(1, request, deadline=soon())
            assert isinstance(response, Response)
            plain = exchange.open_response(bytes(response.sealed))
            (y,) = read_message(plain, bundle.manifest.outputs, allowed_flags=0).tensors
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())


def test_a_unix_socket_is_its_owners_alone_and_has_the_same_frames(machine: Machine) -> None:
    with daemon(machine, f"unix:{DOOR}"):
        code, said = machine.shell(f"probe door {DOOR}")
        assert machine.shell(f"stat -c %a {DOOR}") == (0, "600")
    # A question before there is a network is refused, in a frame.
    assert (code, said) == (0, f"type {FrameType.ERROR} error {EnclaveError.STATE}")
