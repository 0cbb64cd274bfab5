"""Short names of cuts for the axes of charts: each different, each telling its place.

torch writes `/layer1/layer1.0/conv1/Conv_output_0`: what every name has and what stands twice is
left out (`layer1.0/conv1/Conv`); what is still long loses its middle. The part that is left out
never makes a label fit the name of another cut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

LETTERS: Final = 20
SUFFIX: Final = "_output_0"


def labels(names: Sequence[str], letters: int = LETTERS) -> list[str]:
    """One for each name, of at most so many letters where that tells it from the others."""
    bare = {name: "+".join(_bare(part) for part in name.split("+")) for name in names}
    count = Counter(bare.values())
    plain = [bare[name] if count[bare[name]] == 1 or not bare[name] else name for name in bare]
    if len(set(plain)) < len(plain):  # one name is another's bare form
        plain = list(bare)
    short = dict(zip(bare, [_short(name, plain, letters) for name in plain], strict=True))
    return [short[name] for name in names]


def _bare(name: str) -> str:
    """Without the suffix of torch, the leading slash and scopes that the next one repeats."""
    steps = name.removesuffix(SUFFIX).strip("/").split("/")
    kept = [a for a, b in pairwise(steps) if not b.startswith(f"{a}.")]
    return "/".join([*kept, steps[-1]])


def _short(name: str, all_names: Sequence[str], letters: int) -> str:
    """Its middle left out where it is long; as much of it as no other name fits."""
    others = [other for other in all_names if other != name]
    for size in range(letters - 1, len(name) - 1):
        for head in sorted(range(2, size - 1), key=lambda head: abs(2 * head - size)):
            start, end = name[:head], name[head - size :]
            if not any(o.startswith(start) and o.endswith(end) for o in others):
                return f"{start}…{end}"
    return name
