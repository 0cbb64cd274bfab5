"""The kinds of TEE that this version knows: a row for each file."""

from __future__ import annotations

from typing import Final

from cloister.attest.sandbox import SANDBOX
from cloister.attest.tee import Tee

TEES: Final[dict[str, Tee]] = {row.name: row for row in (SANDBOX,)}
