"""Labels: one name for each of the network's answers."""

from __future__ import annotations

import json
from pathlib import Path

from cloister.errors import UserError


def read_labels(path: str | Path, expected: int | None = None) -> tuple[str, ...]:
    """Reads a labels file.

    Args:
        path: A text file with one label per line (empty lines at the end do not count), or a JSON
            list of texts when its name ends in ``.json``.
        expected: Number of the network's answers; None does not check.

    Raises:
        UserError: The file cannot be read, holds no labels, or their number differs from
            `expected`.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        labels = json.loads(text) if path.suffix == ".json" else text.rstrip("\r\n").splitlines()
    except OSError as error:
        raise UserError(
            f"labels file {path}: {error.strerror or error}", code="no-such-file"
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(
            f"labels file {path} cannot be read: {error}",
            code="bad-labels",
            hint="One label per line in UTF-8, or a JSON list of texts in a file named *.json.",
        ) from error
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        raise UserError(
            f"labels file {path} holds no list of texts",
            code="bad-labels",
            hint='A JSON list looks like ["cat", "dog"].',
        )
    check_count(labels, expected, str(path))
    return tuple(label.strip() for label in labels)


def check_count(labels: list[str] | tuple[str, ...], expected: int | None, source: str) -> None:
    """Refuses labels whose number is not that of the network's answers."""
    if expected is not None and len(labels) != expected:
        raise UserError(
            f"{source} has {len(labels)} label(s), the network has {expected} answer(s)",
            code="bad-labels",
            hint="One label for each element of the output's last dimension, in its order.",
        )
