"""Runs the enclave inside a real OP-TEE: booted here under QEMU, or on a device where
`cloister-optee` listens.

Stock OP-TEE proves to nobody what it runs: its evidence is unsigned, and policies refuse it unless
they say otherwise (docs/optee.md).

A machine of one's own is booted for each instance, with a trusted application that has exactly the
memory that the container asks for; whoever has a machine already hands it over, and several
instances may follow one another on it.
"""

from __future__ import annotations

import select
import socket
from typing import Final

from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import HANG_S, EnclaveLink
from cloister.errors import OutsideError, UserError
from cloister.optee import build
from cloister.optee.image import opened, platform_of
from cloister.optee.lab import Say
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, Need, plan

REPLAY_ENTRIES: Final = 1024
ADDRESS_PREFIX: Final = "optee://"
KERNELS: Final = ("auto", "neon")


def boot(
    head: HeadFile,
    *,
    replay: int = REPLAY_ENTRIES,
    profile: str = "stock",
    port: int = 0,
    say: Say = lambda _: None,
) -> Machine:
    """Boots a machine whose trusted application is built for this container.

    Args:
        head: The container.
        replay: Entries of the replay table.
        profile: Which OP-TEE, a row of `PLATFORMS`.
        port: On this machine's loopback, leads to the daemon; 0: any free one.
        say: Told what is being done.

    Raises:
        UserError: The container does not fit this OP-TEE; the message says by how much.
        NoLab: There can be no laboratory here.
    """
    need = Need.of(head, replay)
    fit = plan(need, PLATFORMS[profile]).require()
    lab = opened(profile, fit, say)
    fit = plan(need, platform_of(lab)).require()
    say("building the trusted application")
    application = build.trusted_application(lab, fit.sizes)
    say(f"booting OP-TEE {lab.optee_version}")
    arguments = ("--replay", str(replay), *fit.daemon_arguments)
    return Machine(lab, Boot(application, build.daemon(lab), arguments), port=port)


class OpteeEnclave:
    """An instance in OP-TEE with its link.

    Args:
        head: The container that it will be given.
        replay: Entries of the replay table, a power of two; only of a machine of its own.
        profile: Which OP-TEE, a row of `PLATFORMS`; only of a machine of its own.
        kernels: `auto` or `neon`.
        hang_s: See `EnclaveLink`.
        machine: A booted machine; None: one of its own.
        address: `optee://HOST:PORT` of a daemon elsewhere, instead of a machine.
    """

    tee: Final = "optee"

    def __init__(
        self,
        head: HeadFile,
        *,
        replay: int = REPLAY_ENTRIES,
        profile: str = "stock",
        kernels: str = "auto",
        hang_s: float = HANG_S,
        machine: Machine | None = None,
        address: str | None = None,
    ) -> None:
        if kernels not in KERNELS:
            raise UserError(f"OP-TEE has no kernels {kernels!r}, expected neon", code="no-kernels")
        entries = min(replay, REPLAY_ENTRIES)
        self._own = None if machine or address else boot(head, replay=entries, profile=profile)
        self._machine = machine or self._own
        try:
            stream = self._machine.connect() if self._machine else connect(address or "")
        except OutsideError:
            if self._own is not None:
                self._own.close()
            raise
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream: socket.socket | None = stream
        self.link = EnclaveLink(stream, hang_s=hang_s)

    @property
    def machine(self) -> Machine | None:
        """The machine under QEMU; None where a daemon elsewhere was named."""
        return self._machine

    @property
    def running(self) -> bool:
        """Whether machine and connection have not ended."""
        if self._stream is None or (self._machine is not None and not self._machine.running):
            return False
        poll = select.poll()
        poll.register(self._stream.fileno(), select.POLLRDHUP)
        return not poll.poll(0)

    def exit_status(self) -> str:
        """How it ended, in words."""
        if self._machine is not None:
            return self._machine.exit_status()
        return "still runs" if self.running else "the daemon closed the connection"

    def stop(self) -> None:
        """Ends the instance, and a machine of its own; threads that wait on the link are told."""
        self.link.close()
        if self._own is not None:
            self._own.stop()

    def close(self) -> None:
        """Stops it and gives everything back; no thread may use the link any more."""
        self.link.close()
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self._own is not None:
            self._own.close()


def is_device(address: str) -> bool:
    """Whether this is the address of a device: `optee://…`."""
    return address.startswith(ADDRESS_PREFIX)


def connect(address: str) -> socket.socket:
    """A stream to `cloister-optee`.

    Args:
        address: `optee://HOST:PORT`.

    Raises:
        UserError: It is no such address.
        OutsideError: Nothing answers there.
    """
    host, _, port = address.removeprefix(ADDRESS_PREFIX).rpartition(":")
    if not address.startswith(ADDRESS_PREFIX) or not host or not port.isdigit():
        raise UserError(f"address {address!r}, expected optee://HOST:PORT", code="bad-address")
    try:
        stream = socket.create_connection((host.strip("[]"), int(port)), 10)
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return stream
    except (OSError, OverflowError) as error:
        raise OutsideError(
            f"no cloister-optee answers at {address}: {error}", code="no-optee-daemon"
        ) from error
