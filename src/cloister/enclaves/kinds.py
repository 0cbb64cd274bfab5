"""The kinds of enclave that can be started: one row and one file each.

A kind is a class that takes an open container and the size of the replay table, and has what
`Enclave` says. Nothing else in Cloister asks what kind an enclave is.
"""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

from cloister.enclaves import attested
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.enclaves.protocol import EnclaveLink
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.errors import UserError


class Enclave(Protocol):
    """A running instance, before or after its container was loaded."""

    @property
    def link(self) -> EnclaveLink:
        """How to talk with it."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""

    def exit_status(self) -> str:
        """How it ended, in words."""

    def stop(self) -> None:
        """Ends it; threads that wait on its link are told. May be called twice."""

    def close(self) -> None:
        """Stops it and gives everything back, once no thread uses its link; may be called twice."""


class EnclaveKind(Protocol):
    """Starts an enclave."""

    def __call__(
        self, head: HeadFile, *, replay: int = ..., kernels: str = ..., hang_s: float = ...
    ) -> Enclave:
        """Starts it for this container; nothing is loaded yet."""


# Those that run at a `Place`.
PLACED: Final = ("sgx", "tdx", "snp", "tpm")
ENCLAVES: Final[dict[str, EnclaveKind]] = {
    "sandbox": SandboxEnclave,
    "optee": OpteeEnclave,
    **{tee: partial(attested.start, tee) for tee in PLACED},
    "optee-planned": partial(OpteeEnclave, profile="planned"),
    "optee-sbsa": partial(OpteeEnclave, profile="sbsa"),
}


def enclave_kind(name: str, place: attested.Place | None = None, threads: int = 1) -> EnclaveKind:
    """The row of this name.

    Args:
        name: Of the kind.
        place: Where its enclaves run; None: on this machine, as the kind does by itself.
        threads: Of an enclave that is a process of this machine; others have one.

    Raises:
        UserError: There is none; or it has no place of its own.
    """
    if name == OpteeEnclave.tee and place is not None and place == attested.Place(at=place.at):
        return partial(OpteeEnclave, address=place.at)
    if place is not None and name in ENCLAVES:
        if name not in PLACED:
            raise UserError(f"{name} has no place of its own", code="usage")
        return partial(attested.start, name, place=place)
    if name == SandboxEnclave.tee and threads > 1:
        return partial(SandboxEnclave, threads=threads)
    try:
        return ENCLAVES[name]
    except KeyError:
        raise UserError(
            f"no kind of enclave is called {name!r}, expected one of {', '.join(ENCLAVES)}",
            code="unknown-enclave",
        ) from None
