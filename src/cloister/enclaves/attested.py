"""Starts `cloister-enclave` where a TEE's manufacturer vouches for it: SGX, TDX, SEV-SNP, a TPM.

| tee | runs |
|---|---|
| sgx | under Gramine: `gramine-sgx cloister-enclave` in the directory of its signed manifest |
| tdx, snp, tpm | in a confidential VM that listens on a socket; or on this machine, if it is one |

The program, its frames and its confinement are the sandbox's; what differs is where its evidence
comes from. docs/deploy.md says what each promises.
"""

from __future__ import annotations

import select
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import HANG_S, EnclaveLink
from cloister.enclaves.sandbox import REPLAY_ENTRIES, SandboxEnclave
from cloister.errors import OutsideError, UserError

GRAMINE: Final = ("gramine-sgx", "cloister-enclave")
_CONNECT_S: Final = 10.0
_PCRS: Final = 24


@dataclass(frozen=True)
class Place:
    """Where an enclave runs, and where its quotes come from.

    Args:
        at: The directory of a signed Gramine manifest (sgx), or `vsock://CID:PORT` or
            `unix:///PATH` of an enclave elsewhere, whose own options say the rest, or
            `optee://HOST:PORT` of a device; None: the program on this machine.
        source: Directory or device of quotes; None: the kind's own.
        privlevel: VMPL of an SNP report, 0 to 3; None: the kernel's choice.
        tpm_key: Handle of the TPM's attestation key.
        pcrs: Which PCRs the TPM quotes.
    """

    at: str | None = None
    source: Path | None = None
    privlevel: int | None = None
    tpm_key: int | None = None
    pcrs: tuple[int, ...] = ()

    def options(self, tee: str) -> list[str]:
        """Of `cloister-enclave`.

        Raises:
            UserError: They contradict the kind of TEE.
        """
        if (self.tpm_key is None or not self.pcrs) is (tee == "tpm"):
            raise UserError(
                "a TPM's key and PCRs are needed for the kind tpm, and for no other",
                code="usage",
                hint="E.g. --tee tpm --tpm-key 0x81000003 --pcrs 7,11.",
            )
        if self.privlevel is not None and (tee != "snp" or not 0 <= self.privlevel <= 3):
            raise UserError("a privilege level is 0 to 3, and of snp alone", code="usage")
        if not all(0 <= pcr < _PCRS for pcr in self.pcrs):
            raise UserError(f"PCRs are 0 to {_PCRS - 1}", code="usage")
        given = {
            "--source": self.source,
            "--privlevel": self.privlevel,
            "--tpm-key": self.tpm_key,
            "--pcrs": sum(1 << pcr for pcr in set(self.pcrs)) or None,
        }
        pairs = (("--tee", tee), *((name, value) for name, value in given.items()))
        return [word for name, value in pairs if value is not None for word in (name, str(value))]


class ConnectedEnclave:
    """An instance behind a socket, e.g. in a virtual machine: a connection of its own for each.

    Args:
        address: `vsock://CID:PORT` or `unix:///PATH`.
        hang_s: See `EnclaveLink`.

    Raises:
        UserError: It is no address.
        OutsideError: Nobody answers there.
    """

    def __init__(self, address: str, *, hang_s: float = HANG_S) -> None:
        self._stream: socket.socket | None = _connect(address)
        self._address = address
        self.link = EnclaveLink(self._stream, hang_s=hang_s)

    @property
    def running(self) -> bool:
        """Whether the connection has not ended."""
        if self._stream is None:
            return False
        poll = select.poll()
        poll.register(self._stream.fileno(), select.POLLRDHUP)
        return not poll.poll(0)

    def exit_status(self) -> str:
        """How it ended, in words."""
        return "still runs" if self.running else f"{self._address} closed the connection"

    def stop(self) -> None:
        """Ends the instance, by the end of its stream."""
        self.link.close()

    def close(self) -> None:
        """Stops it and gives the connection back; may be called twice."""
        self.link.close()
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def start(
    tee: str,
    head: HeadFile,
    *,
    place: Place | None = None,
    replay: int = REPLAY_ENTRIES,
    kernels: str = "auto",
    hang_s: float = HANG_S,
) -> SandboxEnclave | ConnectedEnclave:
    """Starts an enclave of this kind for a container.

    Args:
        tee: sgx, tdx, snp or tpm.
        head: The container.
        place: Where it runs.
        replay: Entries of the replay table, a power of two.
        kernels: `auto`, `portable`, `avx2`, `avx512`.
        hang_s: See `EnclaveLink`.
    """
    place = place or Place()
    if place.at is not None and place != Place(at=place.at):
        raise UserError(
            f"the enclave at {place.at} has its own options: source, privilege level, key and PCRs "
            "are not for `serve` to say",
            code="usage",
            hint="Leave them out here; `cloister deploy` writes them where they belong.",
        )
    if place.at is not None and "://" in place.at:
        return ConnectedEnclave(place.at, hang_s=hang_s)
    if place.at is not None and tee != "sgx":
        raise _bad_address(place.at)
    return SandboxEnclave(
        head,
        replay=replay,
        kernels=kernels,
        hang_s=hang_s,
        command=GRAMINE if place.at is not None else None,
        options=place.options(tee),
        # Gramine hands no descriptor down but the standard ones.
        standard_streams=tee == "sgx",
        folder=place.at or "/",
    )


def _connect(address: str) -> socket.socket:
    scheme, _, rest = address.partition("://")
    cid, _, port = rest.partition(":")
    target: tuple[int, int] | str = rest
    if scheme == "vsock" and cid.isdecimal() and port.isdecimal():
        family, target = socket.AF_VSOCK, (int(cid), int(port))
    elif scheme == "unix" and rest.startswith("/"):
        family = socket.AF_UNIX
    else:
        raise _bad_address(address)
    stream = socket.socket(family, socket.SOCK_STREAM)
    stream.settimeout(_CONNECT_S)
    try:
        stream.connect(target)
    except (OSError, OverflowError) as error:
        stream.close()
        raise OutsideError(
            f"no enclave answers at {address}: {error}",
            code="no-enclave-there",
            hint="Does the virtual machine run, and its unit cloister-enclave@? docs/deploy.md",
        ) from error
    return stream


def _bad_address(address: str) -> UserError:
    return UserError(
        f"{address!r:.80} is no place of an enclave",
        code="bad-address",
        hint="For sgx the directory of a signed Gramine manifest; else vsock://CID:PORT or "
        "unix:///PATH.",
    )
