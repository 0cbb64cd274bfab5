"""The highest version of each bundle that this user's clients have seen: against rollback.

A policy may name several manifests, as during a rotation; a host could then go back to the older
one, or to weights whose key was withdrawn. The client remembers, for each owner and name, the
highest version that passed, and refuses an older one.

    $XDG_STATE_HOME/cloister/versions.json      (default: ~/.local/state)

Rules kept:
* At most `MOST` entries; the ones not seen for longest go first.
* Whole or not at all (written beside, renamed), one writer at a time (flock): processes do not lose
  each other's entries.
* A file that cannot be read or written is an error, not a silent beginning from nothing.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from cloister.errors import OutsideError
from cloister.files import aside

FORMAT: Final = "cloister-versions/1"
FILE: Final = "versions.json"
MOST: Final = 1024
FILE_MAX_BYTES: Final = 1 << 20
# An entry's time is for the order in which they go; it is not renewed more often.
_DAY_S: Final = 86_400
_ENTRY: Final = {"owner": str, "name": str, "version": int, "seen": int}


def default_folder() -> Path:
    """`$XDG_STATE_HOME/cloister`, by the XDG base directory specification.

    Raises:
        OutsideError: The user has no home.
    """
    given = os.environ.get("XDG_STATE_HOME", "")
    if given.startswith("/"):
        return Path(given) / "cloister"
    try:
        return Path.home() / ".local" / "state" / "cloister"
    except RuntimeError as error:
        raise OutsideError(
            "this user has no home, so there is no place to remember which versions were seen",
            code="versions-file",
            hint="Name one with XDG_STATE_HOME.",
        ) from error


class Versions:
    """What was seen.

    Args:
        folder: Where the file lies.
        clock: Seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder / FILE

    def highest(self, owner: str, name: str) -> int:
        """The highest version seen of this owner's bundle; 0 if none was.

        Raises:
            OutsideError: The file cannot be read, or is no such file.
        """
        found = [e["version"] for e in self._read() if (e["owner"], e["name"]) == (owner, name)]
        return max(found, default=0)

    def saw(self, owner: str, name: str, version: int, *, lower: bool = False) -> None:
        """Remembers a version that passed.

        Args:
            owner: Public key, hex; empty for a bundle without one.
            name: Of the bundle.
            version: Of the bundle.
            lower: Also where a higher one was seen: the user accepts going back.

        Raises:
            OutsideError: The file cannot be written.
        """
        now = int(self._clock())
        entry = {"owner": owner, "name": name, "version": version, "seen": now}
        if any(
            {**one, "seen": now} == entry and now - one["seen"] < _DAY_S for one in self._read()
        ):
            return
        with self._locked():
            mine: list[dict[str, Any]] = []
            others: list[dict[str, Any]] = []
            for one in self._read():
                (mine if (one["owner"], one["name"]) == (owner, name) else others).append(one)
            if not lower:
                entry["version"] = max([version, *(one["version"] for one in mine)])
            others.sort(key=lambda one: -one["seen"])
            self._write([entry, *others[: MOST - 1]])

    def _read(self) -> list[dict[str, Any]]:
        try:
            with self.path.open("rb") as file:
                content = file.read(FILE_MAX_BYTES + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._bad(error.strerror or str(error)) from error
        try:
            fields = json.loads(content.decode("utf-8")) if len(content) <= FILE_MAX_BYTES else None
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict) or set(fields) != {"format", "seen"}:
            raise self._bad("it is not of the form that Cloister writes")
        entries = fields["seen"]
        if (
            fields["format"] != FORMAT
            or not isinstance(entries, list)
            or len(entries) > MOST
            or not all(_is_entry(entry) for entry in entries)
        ):
            raise self._bad("it is not of the form that Cloister writes")
        return entries

    def _write(self, entries: list[dict[str, Any]]) -> None:
        content = json.dumps({"format": FORMAT, "seen": entries}, indent=1) + "\n"
        try:
            with aside(self.path) as made:
                with made.open("x", encoding="utf-8") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                made.replace(self.path)
        except OSError as error:
            raise self._bad(error.strerror or str(error)) from error

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._folder / f"{FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._bad(error.strerror or str(error)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _bad(self, what: str) -> OutsideError:
        return OutsideError(
            f"{self.path}, which remembers the highest versions seen, cannot be used: {what}",
            code="versions-file",
            hint="Mend or remove it, or choose another place with XDG_STATE_HOME. Without it an "
            "older bundle could be served unseen; nothing was sent.",
        )


def _is_entry(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and set(entry) == set(_ENTRY)
        and all(type(entry[name]) is kind for name, kind in _ENTRY.items())
    )
