"""What a TEE costs: a table of `platforms.toml`, or a file of one's own."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Literal

from cloister.errors import UserError

TABLES: Final = Path(__file__).with_name("platforms.toml")


@dataclass(frozen=True)
class Platform:
    """One TEE.

    Args:
        name: Its table.
        basis: Whether its factors were measured.
        latency_factor: Time in it of what takes 1 in the profile.
        call_ms: Once for each input.
        crossing_ms_per_mib: For what leaves it.
        cache_mib: Protected memory; what needs more is paged, all of it once an input.
        paging_ms_per_mib: Of that.
        note: Where the factors come from.
    """

    name: str
    basis: Literal["measured", "modelled"]
    latency_factor: float
    call_ms: float
    crossing_ms_per_mib: float
    cache_mib: float
    paging_ms_per_mib: float
    note: str

    def enclave_ms(self, engine_ms: float, memory_bytes: int) -> float:
        """Time in it of a part that takes so long in the profile and so much protected memory."""
        mib = memory_bytes / (1 << 20)
        paging_ms = mib * self.paging_ms_per_mib if mib > self.cache_mib else 0.0
        return engine_ms * self.latency_factor + self.call_ms + paging_ms


NUMBERS: Final = (
    "latency_factor", "call_ms", "crossing_ms_per_mib", "cache_mib", "paging_ms_per_mib",
)  # fmt: skip


def find_platform(name: str) -> Platform:
    """The platform of a name, or of a TOML file with one table.

    Raises:
        UserError: There is none of this name, or the file is not of this form.
    """
    path = Path(name) if name.endswith(".toml") else TABLES
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"--tee {path}: {error.strerror}", code="no-such-file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"--tee {path} is not TOML: {error}", code="bad-platform") from error
    if name == "optee":
        raise UserError(
            "--tee optee has no times: its costs are instructions, world switches and bytes",
            code="unknown-tee",
            hint="`cloister optee plan MODEL` says whether it fits, `cloister profile MODEL --tee "
            "optee` counts.",
        )
    if path == TABLES and name not in tables:
        raise UserError(
            f"--tee {name!r} is not known, expected one of {', '.join(tables)}",
            code="unknown-tee",
            hint="Or a file KIND.toml with a table of your own, such as those of platforms.toml.",
        )
    if path != TABLES and len(tables) != 1:
        raise UserError(f"--tee {path} has {len(tables)} tables, expected 1", code="bad-platform")
    key = name if path == TABLES else next(iter(tables))
    return _read(key, tables[key], path)


def _read(name: str, table: Any, path: Path) -> Platform:  # noqa: ANN401
    wanted = {field.name for field in fields(Platform)} - {"name"}
    if not isinstance(table, dict) or table.keys() != wanted:
        raise UserError(
            f"--tee {path}: {name} must have exactly {', '.join(sorted(wanted))}",
            code="bad-platform",
        )
    for key in NUMBERS:
        value = table[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        finite = number and (math.isfinite(value) or (key == "cache_mib" and value == math.inf))
        if not finite or value < 0:
            raise UserError(
                f"--tee {path}: {name}.{key} is {value!r}, expected a number from 0",
                code="bad-platform",
            )
    if table["basis"] not in ("measured", "modelled") or not isinstance(table["note"], str):
        raise UserError(
            f"--tee {path}: {name}.basis must be measured or modelled, and note a text",
            code="bad-platform",
        )
    return Platform(name, **table)
