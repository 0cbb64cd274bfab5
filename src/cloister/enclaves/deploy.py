"""Writes what is needed to run the enclave of one bundle in a TEE: a directory to build from.

| tee | files |
|---|---|
| sgx | the program, a Gramine manifest template, build.sh |
| tdx, snp | the program, a socket and a service for systemd, a Containerfile |

The templates stand in `deployment/`; @NAME@ is filled in. The program's options are those that
`cloister serve` gives it on one machine: memory for exactly this container.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloister.enclaves.attested import Place
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.sandbox import REPLAY_ENTRIES, WINDOW_BYTES, program
from cloister.errors import OutsideError, UserError

FILES: Final = {
    "sgx": ("cloister-enclave.manifest.template", "build.sh"),
    "tdx": ("cloister-enclave.socket", "cloister-enclave@.service", "Containerfile"),
    "snp": ("cloister-enclave.socket", "cloister-enclave@.service", "Containerfile"),
}
PROGRAM: Final = "cloister-enclave"
# Libraries, Gramine itself, stacks.
GRAMINE_BYTES: Final = 128 << 20
_TEMPLATES: Final = Path(__file__).parent / "deployment"


@dataclass(frozen=True)
class Deployment:
    """What was written.

    Args:
        folder: Where.
        files: Their names.
        command: The program with its options.
        memory_bytes: Trusted memory of an instance.
        enclave_bytes: Size of the SGX enclave; 0 for other kinds.
    """

    folder: Path
    files: tuple[str, ...]
    command: tuple[str, ...]
    memory_bytes: int
    enclave_bytes: int


def write_deployment(tee: str, head: HeadFile, folder: Path) -> Deployment:
    """Writes the directory.

    Args:
        tee: sgx, tdx or snp.
        head: The container that the enclave will be given.
        folder: Must not exist, or be empty.

    Raises:
        UserError: There is nothing to write for this kind, or the directory is in use.
        OutsideError: It cannot be written, or the program is not there; no file is left.
    """
    if tee not in FILES:
        raise UserError(
            f"there is nothing to deploy for {tee!r:.40}, expected one of {', '.join(FILES)}",
            code="usage",
            hint="The sandbox and a TPM's machine run the program as it is installed.",
        )
    memory = head.memory_bytes(REPLAY_ENTRIES)
    sizes = ("--memory", memory, "--replay", REPLAY_ENTRIES, "--window", WINDOW_BYTES)
    command = (PROGRAM, "--fd", "0", *map(str, sizes), *Place().options(tee))
    # The program maps its memory and two buffers of that size for frames; see its main.c.
    enclave = 1 << (3 * memory + WINDOW_BYTES + GRAMINE_BYTES - 1).bit_length()
    values = {
        "tee": tee,
        "argv": json.dumps(list(command)),
        "command": shlex.join(command),
        "memory_bytes": str(memory),
        "enclave_bytes": f"{enclave >> 20}M",
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise UserError(
                f"{folder} is not empty", code="folder-in-use", hint="Name a new directory."
            )
        _write_files(tee, folder, values)
    except OSError as error:
        raise OutsideError(f"{error.filename}: {error.strerror}", code="not-written") from error
    files = (PROGRAM, *FILES[tee])
    return Deployment(folder, files, command, memory, enclave if tee == "sgx" else 0)


def _write_files(tee: str, folder: Path, values: dict[str, str]) -> None:
    """All files, or none: the folder is empty before."""
    try:
        for name in FILES[tee]:
            (folder / name).write_text(_filled(_TEMPLATES / name, values), encoding="utf-8")
        shutil.copyfile(program(), folder / PROGRAM)
        for name in (PROGRAM, *(name for name in FILES[tee] if name.endswith(".sh"))):
            (folder / name).chmod(0o755)
    except BaseException:
        for name in (PROGRAM, *FILES[tee]):
            (folder / name).unlink(missing_ok=True)
        raise


def _filled(template: Path, values: dict[str, str]) -> str:
    return re.sub(r"@([a-z_]+)@", lambda m: values[m[1]], template.read_text(encoding="utf-8"))
