"""Who is attacked and what the attacker has learnt from: sets that share no picture.

Rules kept:
* The sets are disjoint by content: a picture is known by SHA-256 of its pixels as the network
  sees them, so that two files of one picture are one picture.
* Which picture falls into which set depends on its content and the seed alone, not on names.
* Where attacker pictures of another source are given, both assumptions are tried: the attacker has
  pictures of the same source (where enough are left over), or only of the other.

It does not find near duplicates (a crop, another JPEG quality).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cloister.errors import UserError

Pixels = NDArray[np.uint8]

SAME: Final = "same source"
VICTIMS_MAX: Final = 1000
ATTACKER_MAX: Final = 5000
VALIDATION_MAX: Final = 500
# Fewer pictures than these cannot be split into an attacker's, a validation and a victim's part.
PICTURES_MIN: Final = 10
# An attacker who has learnt from fewer pictures is no attacker worth the name.
ATTACKER_MIN: Final = 8


@dataclass(frozen=True)
class Pictures:
    """Pictures of one source, as the network sees them.

    Args:
        source: For people: where they come from.
        names: File names.
        pixels_NHWC: uint8, at the network's size.
    """

    source: str
    names: tuple[str, ...]
    pixels_NHWC: Pixels

    def __len__(self) -> int:
        return len(self.names)

    def digests(self) -> list[str]:
        """SHA-256 of each picture's pixels."""
        return [hashlib.sha256(picture.tobytes()).hexdigest() for picture in self.pixels_NHWC]


@dataclass(frozen=True)
class Assumption:
    """What the attacker has learnt from.

    Args:
        source: `SAME`, or the name of the other source.
        train: Pictures that the attack is fitted on.
        validation: Pictures that choose its strength; never victims.
    """

    source: str
    train: Pixels
    validation: Pixels


@dataclass(frozen=True)
class Sets:
    """The pictures of an audit.

    Args:
        victims: Names and pictures that are attacked; touched once.
        assumptions: What attackers may have learnt from.
        duplicates: Pictures that were removed because another has the same pixels.
        digest: Of all of it, in order.
    """

    victims: Pictures
    assumptions: tuple[Assumption, ...]
    duplicates: int
    digest: str


def make_sets(
    images: Pictures,
    others: Sequence[Pictures] = (),
    *,
    seed: int = 0,
    victims_max: int = VICTIMS_MAX,
    attacker_max: int = ATTACKER_MAX,
) -> Sets:
    """Divides pictures into victims and what the attackers learn from.

    Without other sources a fifth are victims, a tenth validates, the attacker has the rest. With
    them all pictures are victims up to `victims_max`; what is left over is the attacker's of the
    same source.

    Args:
        images: Pictures like those that will be protected.
        others: Pictures that the attacker has instead, one entry a source.
        seed: Of the division.
        victims_max: At most so many victims.
        attacker_max: At most so many pictures an attacker learns from.

    Raises:
        UserError: There are too few pictures, or all of them are alike.
    """
    seen: set[str] = set()
    own, dropped = _unique(images, seen, seed)
    if len(own) < (1 if others else PICTURES_MIN):
        raise _too_few(images, len(own), dropped)
    share = len(own) if others else max(2, len(own) // 5)
    count = min(victims_max, share)
    victims = own[:count]
    assumptions = []
    rest = images.pixels_NHWC[own[count:]]
    if not others or len(rest) >= 2 * ATTACKER_MIN:
        assumptions.append(_assumption(SAME, rest, attacker_max))
    for other in others:
        kept, more = _unique(other, seen, seed)
        dropped += more
        if len(kept) < ATTACKER_MIN + 2:
            raise _too_few(other, len(kept), more)
        assumptions.append(_assumption(other.source, other.pixels_NHWC[kept], attacker_max))
    victim = Pictures(
        images.source, tuple(images.names[i] for i in victims), images.pixels_NHWC[victims]
    )
    return Sets(victim, tuple(assumptions), dropped, _digest(victim, assumptions))


def _unique(pictures: Pictures, seen: set[str], seed: int) -> tuple[list[int], int]:
    """Places of pictures that were not seen before, in the order of their seeded digests."""
    kept: list[tuple[str, int]] = []
    for place, digest in enumerate(pictures.digests()):
        if digest not in seen:
            seen.add(digest)
            order = hashlib.sha256(f"{seed} {digest}".encode()).hexdigest()
            kept.append((order, place))
    return [place for _, place in sorted(kept)], len(pictures) - len(kept)


def _assumption(source: str, pixels: Pixels, attacker_max: int) -> Assumption:
    validation = max(2, min(VALIDATION_MAX, len(pixels) // 9))
    return Assumption(
        source, pixels[validation:][:attacker_max], np.ascontiguousarray(pixels[:validation])
    )


def _digest(victims: Pictures, assumptions: Sequence[Assumption]) -> str:
    state = hashlib.sha256(victims.pixels_NHWC.tobytes())
    for assumption in assumptions:
        state.update(assumption.source.encode())
        state.update(np.ascontiguousarray(assumption.train).tobytes())
        state.update(assumption.validation.tobytes())
    return state.hexdigest()


def _too_few(pictures: Pictures, kept: int, dropped: int) -> UserError:
    alike = f" ({dropped} more have the same pixels as another)" if dropped else ""
    return UserError(
        f"{pictures.source}: {kept} different picture(s){alike}, expected at least {PICTURES_MIN}",
        code="too-few-images",
        hint="1,000 and more give narrow intervals; below 75 victims nothing can be shown not to "
        "leak.",
    )
