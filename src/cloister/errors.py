"""Every error that a person can meet.

    CloisterError
    ├── UserError      the caller's mistake: a file, an argument, a model       exit code 2
    ├── OutsideError   a fault outside: network, disk, a dead process           exit code 3
    └── Refused        a verification or the enclave said no                    exit code 1

A message says what was wrong, the value, what was expected, and the thing's name; `hint` says what
to do. Messages never hold tensors, keys, nonces or plaintext. Code below the boundary raises these
directly; no ValueError, KeyError or struct.error leaves a parser of outside data.
"""

from __future__ import annotations

from typing import Any, ClassVar


class CloisterError(Exception):
    """Base of all errors that Cloister raises on purpose.

    Args:
        message: What was wrong: thing, value, expectation. One sentence.
        code: Stable name for scripts, kebab-case, e.g. ``"unsupported-operator"``.
        hint: What to do about it; may be empty.
    """

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, code: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint

    def __reduce__(self) -> tuple[Any, ...]:
        """It survives pickling, and so the way from a worker process."""
        return _again, (type(self), self.message, self.code, self.hint)

    def to_json(self) -> dict[str, dict[str, str]]:
        """The stable form of ``--json``: ``{"error": {"code", "message", "hint"}}``."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class UserError(CloisterError):
    """The caller's mistake: a file, an argument, a model that cannot be used."""

    exit_code = 2


class OutsideError(CloisterError):
    """A fault outside: the network, a disk, a process that died."""

    exit_code = 3


class Refused(CloisterError):
    """A verification failed, or the enclave refused: nothing was sent, or nothing is to be
    believed.
    """

    exit_code = 1


def _again(kind: type[CloisterError], message: str, code: str, hint: str) -> CloisterError:
    return kind(message, code=code, hint=hint)
