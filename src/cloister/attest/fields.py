"""Reading a policy's tables: every field must be taken, and each has one type and one form.

Rules kept: what is missing is an error unless the caller asked `has`; what is left over is an
error; the message names the field by its whole path.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from cloister.errors import UserError

HINT: Final = (
    "docs/formats/policy.md lists every field; `cloister pack` writes a policy beside the bundle."
)


class BadPolicy(UserError):
    """A policy that cannot be used."""

    def __init__(self, field: str, what: str) -> None:
        super().__init__(f"policy: {field} {what}", code="bad-policy", hint=HINT)


class Fields:
    """A TOML table whose every field must be taken."""

    def __init__(self, table: dict[str, Any], where: str) -> None:
        self._table = dict(table)
        self.where = where

    def name(self, field: str) -> str:
        """The field's whole path."""
        return f"{self.where}.{field}" if self.where else field

    def has(self, field: str) -> bool:
        """The field is there and was not taken."""
        return field in self._table

    def _take(self, field: str, kind: type, said: str) -> Any:  # noqa: ANN401
        if field not in self._table:
            raise BadPolicy(self.name(field), "is missing")
        value = self._table.pop(field)
        if type(value) is not kind:
            raise BadPolicy(self.name(field), f"is {value!r:.80}, expected {said}")
        return value

    def text(self, field: str) -> str:
        """A text."""
        value: str = self._take(field, str, "text")
        return value

    def flag(self, field: str) -> bool:
        """true or false."""
        value: bool = self._take(field, bool, "true or false")
        return value

    def allowance(self, field: str) -> bool:
        """A switch that widens what is accepted: off unless it is written down."""
        return self.flag(field) if self.has(field) else False

    def integer(self, field: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value: int = self._take(field, int, "a whole number")
        if not least <= value <= most:
            raise BadPolicy(self.name(field), f"is {value}, expected {least} to {most}")
        return value

    def texts(self, field: str) -> list[str]:
        """A list of texts."""
        values: list[str] = self._take(field, list, "a list of texts")
        if not all(type(value) is str for value in values):
            raise BadPolicy(self.name(field), "is not a list of texts")
        return values

    def choices(self, field: str, known: Iterable[str]) -> frozenset[str]:
        """A list of known words."""
        words = tuple(known)
        values = self.texts(field)
        for value in values:
            if value not in words:
                raise BadPolicy(
                    self.name(field), f"holds {value!r:.80}, expected {' or '.join(words)}"
                )
        return frozenset(values)

    def hexes(self, field: str, size_bytes: int) -> frozenset[bytes]:
        """A list, at least one long, of lower-case hex of this many bytes each."""
        values = self.texts(field)
        if not values:
            raise BadPolicy(self.name(field), "names none: it would accept nothing, or any")
        return frozenset(self._hex(field, value, size_bytes) for value in values)

    def hex(self, field: str, size_bytes: int) -> bytes:
        """One lower-case hex text of this many bytes."""
        return self._hex(field, self.text(field), size_bytes)

    def _hex(self, field: str, text: str, size_bytes: int) -> bytes:
        if not re.fullmatch(r"[0-9a-f]*", text) or len(text) != 2 * size_bytes:
            raise BadPolicy(
                self.name(field),
                f"holds {text!r:.120}, expected {2 * size_bytes} lower-case hex digits",
            )
        return bytes.fromhex(text)

    def table(self, field: str) -> Fields:
        """A table."""
        return Fields(self._take(field, dict, f"a table [{field}]"), self.name(field))

    def tables(self) -> list[tuple[str, Fields]]:
        """All fields, which must be tables."""
        return [(name, self.table(name)) for name in list(self._table)]

    def end(self) -> None:
        """Nothing may be left."""
        for field in self._table:
            raise BadPolicy(self.name(field), "is unknown")
