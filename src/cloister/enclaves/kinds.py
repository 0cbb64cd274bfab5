"""The kinds of enclave that can be started: one row and one file each.

A kind is a class that takes an open container and the size of the replay table, and has what
`Enclave` says. Nothing else in Cloister asks what kind an enclave is.
"""

from __future__ import annotations

from typing import Final, Protocol

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


ENCLAVES: Final[dict[str, EnclaveKind]] = {
    "sandbox": SandboxEnclave,
    "optee": OpteeEnclave,
}


def enclave_kind(name: str) -> EnclaveKind:
    """The row of this name.

    Raises:
        UserError: There is none.
    """
    try:
        return ENCLAVES[name]
    except KeyError:
        raise UserError(
            f"no kind of enclave is called {name!r}, expected one of {', '.join(ENCLAVES)}",
            code="unknown-enclave",
        ) from None
