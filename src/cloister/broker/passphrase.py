"""Where the passphrase of keys/ comes from: a file descriptor, the environment, or a person.

A command line shows in the list of processes, so it is never an argument.
"""

from __future__ import annotations

import getpass
import os
import sys
from typing import Final

from cloister.errors import UserError

VARIABLE: Final = "CLOISTER_KEYS_PASSPHRASE"
_MOST: Final = 4096


def read_passphrase(descriptor: int | None, *, twice: bool = False) -> str:
    """The passphrase.

    Args:
        descriptor: An open file descriptor that holds it (one newline at its end is left out);
            None: `$CLOISTER_KEYS_PASSPHRASE`, else the terminal.
        twice: A person types it twice, because it is new.

    Raises:
        UserError: There is none.
    """
    if descriptor is not None:
        return _from(descriptor)
    if VARIABLE in os.environ:
        return os.environ[VARIABLE]
    if not sys.stdin.isatty():
        raise UserError(
            "there is no passphrase for keys/, and nobody to ask",
            code="no-passphrase",
            hint=f"Set {VARIABLE}, or give --passphrase-fd N.",
        )
    found = getpass.getpass("passphrase of keys/: ")
    if twice and getpass.getpass("once more: ") != found:
        raise UserError("the two passphrases differ", code="no-passphrase")
    return found


def _from(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb") as file:
            content = file.read(_MOST + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"--passphrase-fd {descriptor} cannot be read: {error}", code="no-passphrase"
        ) from error
    if len(content) > _MOST:
        raise UserError(f"--passphrase-fd holds more than {_MOST} bytes", code="no-passphrase")
    return text.removesuffix("\n")
