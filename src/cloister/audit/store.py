"""A run on disk: sqlite for what was asked and found, files named by their content for arrays.

Rules kept:
* A cell (`Key`: what, cut, source, attacker, seed) is either wholly there or not at all: its
  arrays are written under another name, renamed to their SHA-256, and only then does one
  transaction record the cell. A kill at any moment loses at most the cells being computed.
* A run knows the question it answers. Another question, or another version of the method, is
  refused, never mixed in.
* Features are a cache: bounded, removed when their cut is done, never part of the result.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cloister.audit import VERSION
from cloister.errors import OutsideError, UserError
from cloister.files import writable_folder

Arrays = dict[str, NDArray[Any]]
DIGESTS: Final = ("model", "pictures")
DATABASE: Final = "audit.sqlite"
FREE: Final = "Free space; nothing that was finished is lost, --resume continues."


@dataclass(frozen=True)
class Cell:
    """One finished piece of work.

    Args:
        facts: Numbers and texts.
        arrays: What is per picture.
        seconds: What it took.
        kept: What later cells begin with (weights); read only where asked for.
    """

    facts: dict[str, Any]
    arrays: Arrays
    seconds: float
    kept: Arrays = field(default_factory=dict)


@dataclass(frozen=True, order=True)
class Key:
    """Which piece of work.

    Args:
        kind: "reference", "match", "control", "attack" or "spectrum".
        cut: Id of the cut; a control's: the shape of the planted tensor.
        source: Of the attacker's pictures.
        attacker: Row of `attackers.ATTACKERS`.
        seed: The attacker's.
    """

    kind: str
    cut: str = ""
    source: str = ""
    attacker: str = ""
    seed: int = 0

    def __str__(self) -> str:
        """For people."""
        seed = f", seed {self.seed}" if self.seed else ""
        parts = [self.cut, self.attacker or self.kind]
        if self.kind == "control":
            parts = [f"control {self.cut}", self.attacker]
        return f"{' · '.join(part for part in parts if part)} ({self.source}{seed})"


class Store:
    """One run's folder; use `Store.create` or `Store.open`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = folder / "files"
        self.cache = folder / "cache"

    @classmethod
    def create(cls, folder: Path, question: Mapping[str, Any]) -> Store:
        """A new run, or the old one of the same question.

        Raises:
            UserError: The folder holds a run of another question or version, or cannot be made.
            OutsideError: The disk is full, or fails.
        """
        store = cls(folder)
        for path in (folder, store.files, store.cache):
            writable_folder(path)
        with store._connection() as db:
            db.execute("CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT)")
            db.execute(
                "CREATE TABLE IF NOT EXISTS cells (kind TEXT, cut TEXT, source TEXT, attacker "
                "TEXT, seed INTEGER, facts TEXT, arrays TEXT, seconds REAL, kept TEXT, "
                "PRIMARY KEY (kind, cut, source, attacker, seed))"
            )
            db.execute(
                "INSERT OR IGNORE INTO facts VALUES ('question', ?)",
                (json.dumps(dict(question), sort_keys=True),),
            )
        store._check(question)
        return store

    @classmethod
    def open(cls, folder: str | Path) -> Store:
        """A run that is there.

        Raises:
            UserError: There is none, or it is of another version.
        """
        store = cls(Path(folder))
        if not (store.folder / DATABASE).is_file():
            raise UserError(
                f"{folder} is no audit run: it has no {DATABASE}",
                code="no-such-run",
                hint="`cloister audit` says at its end where its run lies.",
            )
        store._check(None)
        return store

    def _check(self, question: Mapping[str, Any] | None) -> None:
        own = self.question
        if own.get("version") != VERSION:
            raise UserError(
                f"{self.folder} was made by version {own.get('version')} of the audit, this is "
                f"{VERSION}",
                code="other-version",
                hint="Run the audit again in another folder.",
            )
        wanted = json.loads(json.dumps(dict(question))) if question is not None else own
        names = [n for n in {**own, **wanted} if own.get(n) != wanted.get(n)]
        if names:
            names.sort(key=lambda name: not name.startswith("model"))
            raise UserError(
                f"{self.folder} answers another question: "
                + "; ".join(_difference(n, own.get(n), wanted.get(n)) for n in names),
                code="other-run",
                hint="Give the same model, images and options, or start a run elsewhere.",
            )

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self.folder / DATABASE, timeout=30)
            try:
                with db:
                    yield db
            finally:
                db.close()
        except sqlite3.DatabaseError as error:
            full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
            raise OutsideError(
                f"{self.folder / DATABASE} cannot be used: {error}",
                code="disk-full" if full else "damaged-run",
                hint=FREE if full else "A new run in another folder will do.",
            ) from error

    @property
    def question(self) -> dict[str, Any]:
        """What the run was asked: model, pictures, cuts, seed, version."""
        return dict(self.fact("question") or {})

    def fact(self, name: str) -> Any:  # noqa: ANN401
        """A named fact; None where it is not known."""
        with self._connection() as db:
            row = db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_fact(self, name: str, value: Any) -> None:  # noqa: ANN401
        """Records a named fact."""
        with self._connection() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    def done(self) -> set[Key]:
        """All finished cells."""
        with self._connection() as db:
            rows = db.execute("SELECT kind, cut, source, attacker, seed FROM cells").fetchall()
        return {Key(*row) for row in rows}

    def has(self, key: Key) -> bool:
        """Whether a cell is done."""
        return key in self.done()

    def seconds(self) -> float:
        """Time of all finished cells."""
        with self._connection() as db:
            row = db.execute("SELECT total(seconds) FROM cells").fetchone()
        return float(row[0])

    def put(self, key: Key, cell: Cell) -> None:
        """Records a finished cell."""
        digest = self._write(cell.arrays)
        kept = self._write(cell.kept) if cell.kept else None
        row = (*astuple(key), json.dumps(cell.facts), digest, cell.seconds, kept)
        with self._connection() as db:
            db.execute("INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def get(self, key: Key) -> Cell:
        """A finished cell, without what it kept for later ones.

        Raises:
            UserError: It is not done: the run is incomplete.
            OutsideError: Its file is gone or changed.
        """
        facts, digest, seconds, _ = self._row(key)
        return Cell(json.loads(facts), self._read(digest), float(seconds))

    def kept(self, key: Key) -> Arrays:
        """What a finished cell kept for later ones; raises as `get`."""
        digest = self._row(key)[3]
        return {} if digest is None else self._read(digest)

    def _row(self, key: Key) -> tuple[Any, ...]:
        with self._connection() as db:
            query = (
                "SELECT facts, arrays, seconds, kept FROM cells "
                "WHERE kind=? AND cut=? AND source=? AND attacker=? AND seed=?"
            )
            row = db.execute(query, astuple(key)).fetchone()
        if row is None:
            raise UserError(
                f"{self.folder} is not finished: {key} is missing",
                code="unfinished-run",
                hint="`cloister audit` with the same options, or --resume, continues it.",
            )
        return tuple(row)

    def _write(self, arrays: Arrays) -> str:
        handle, name = tempfile.mkstemp(dir=self.files)
        try:
            with os.fdopen(handle, "wb") as file:
                _write_npz(file, arrays)
            digest = hashlib.sha256(Path(name).read_bytes()).hexdigest()
            Path(name).replace(self.files / f"{digest}.npz")
        except OSError as error:
            Path(name).unlink(missing_ok=True)
            raise OutsideError(
                f"cannot write to {self.files}: {error.strerror or error}",
                code="disk-full",
                hint=FREE,
            ) from error
        return digest

    def _read(self, digest: str) -> Arrays:
        path = self.files / f"{digest}.npz"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise OutsideError(f"{path} is gone: {error.strerror}", code="damaged-run") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise OutsideError(
                f"{path} was changed: its content does not have its name", code="damaged-run"
            )
        with np.load(path, allow_pickle=False) as members:
            return {name: members[name] for name in members.files}


def _write_npz(file: Any, arrays: Arrays) -> None:  # noqa: ANN401
    """An npz whose bytes depend on the arrays alone: numpy's own holds the time of writing."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            entry = zipfile.ZipInfo(f"{name}.npy")
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.ascontiguousarray(arrays[name]))


def _difference(name: str, own: object, now: object) -> str:
    """In words: both values where they are short, and of lists what one has and the other not."""
    if isinstance(own, list) and isinstance(now, list):
        gone, new = ([str(v) for v in a if v not in b] for a, b in ((own, now), (now, own)))
        said = [f"{len(v)} {word}, as {v[0]}" for v, word in ((gone, "gone"), (new, "new")) if v]
        return f"{name}: {', '.join(said) or 'in another order'}"
    both = [f"{value}"[:16] if name in DIGESTS else f"{value}" for value in (own, now)]
    if any(len(text) > 60 for text in both):
        return f"another {name}"
    return f"its {name} is {both[0]}, now {both[1]}"
