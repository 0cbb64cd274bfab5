"""Names that the tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# Runs a verb with --json: (exit code, the one object).
Json = Callable[..., tuple[int, dict[str, Any]]]
