"""The runtime figure: each cut's head, crossing and tail, beside all inside and all outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from cloister.report.charts import Bar, bars

PARTS: Final = ("head inside", "crossing", "tail outside")


@dataclass(frozen=True)
class Ways:
    """Ways to run one network, milliseconds.

    Args:
        cuts: Head, crossing and tail of each cut, in the order of the network.
        inside_ms: The whole network inside; None where the enclave cannot run all of it.
        outside_ms: The whole network outside.
    """

    cuts: Mapping[str, tuple[float, float, float]]
    inside_ms: float | None
    outside_ms: float


def runtime(ways: Ways) -> Markup:
    """As stacked bars."""
    inside = [] if ways.inside_ms is None else [Bar("all inside", [(PARTS[0], ways.inside_ms)])]
    some = [
        *(Bar(name, list(zip(PARTS, ms, strict=True))) for name, ms in ways.cuts.items()),
        *inside,
        Bar("all outside", [(PARTS[2], ways.outside_ms)]),
    ]
    return bars("Time of each cut, all inside and all outside", "ms", some)
