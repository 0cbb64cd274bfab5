"""Who is attacked and what the attacker has learnt from: sets that share no picture.

Rules kept:
* The sets are disjoint by content: a picture is known by SHA-256 of its pixels as the network
  sees them, so that two files of one picture are one picture.
* Which picture falls into which set depends on its content and the seed alone, not on names.
* Where attacker pictures of another source are given, both assumptions are tried: the attacker has
  pictures of the same source (where enough are left over), or only of the other.

* Near duplicates of victims (another JPEG quality, a little light, another size) leave the
  attacker's pictures: those whose 16 x 16 thumbnail differs from a victim's by at most 1 % of what
  the victim's differs from the mean victim's (energies). Crops and flips are not found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cloister.audit.verdict import victims_needed
from cloister.errors import UserError

Pixels = NDArray[Any]  # uint8; float32 for records

SAME: Final = "same source"
VICTIMS_MAX: Final = 1000
ATTACKER_MAX: Final = 5000
VALIDATION_MAX: Final = 500
# Fewer pictures than these cannot be split into an attacker's, a validation and a victim's part.
PICTURES_MIN: Final = 10
# Near duplicates: side of the thumbnails, and the share of a victim's energy that they may differ.
NEAR_SIDE: Final = 16
NEAR: Final = 0.01
_LOT: Final = 512
# An attacker who has learnt from fewer pictures is no attacker worth the name.
ATTACKER_MIN: Final = 8


@dataclass(frozen=True)
class Pictures:
    """Pictures of one source, as the network sees them.

    Args:
        source: For people: where they come from.
        names: File names.
        pixels_NHWC: uint8, at the network's size; records: float32 [N, 1, features, 1].
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
        near_duplicates: The attacker's pictures that were removed because a victim is nearly so.
    """

    victims: Pictures
    assumptions: tuple[Assumption, ...]
    duplicates: int
    digest: str
    near_duplicates: int = 0


def make_sets(
    images: Pictures,
    others: Sequence[Pictures] = (),
    *,
    seed: int = 0,
    victims_max: int = VICTIMS_MAX,
    attacker_max: int = ATTACKER_MAX,
    cuts: int = 1,
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
        cuts: That will be attacked, for what is said where there are too few pictures.

    Raises:
        UserError: There are too few pictures, or all of them are alike.
    """
    seen: set[str] = set()
    own, dropped = _unique(images, seen, seed)
    if len(own) < (1 if others else PICTURES_MIN):
        raise _too_few(images, len(own), cuts, dropped)
    share = len(own) if others else max(2, len(own) // 5)
    count = min(victims_max, share)
    victims = own[:count]
    assumptions = []
    victim_pixels = images.pixels_NHWC[victims]
    rest, nearly = _without_near(images.pixels_NHWC[own[count:]], victim_pixels)
    if not others and len(rest) < ATTACKER_MIN:
        raise _too_few(images, count + len(rest), cuts, dropped, nearly)
    if not others or len(rest) >= 2 * ATTACKER_MIN:
        assumptions.append(_assumption(SAME, rest, attacker_max))
    for other in others:
        kept, more = _unique(other, seen, seed)
        dropped += more
        pixels, close = _without_near(other.pixels_NHWC[kept], victim_pixels)
        nearly += close
        if len(pixels) < ATTACKER_MIN + 2:
            raise _too_few(other, len(pixels), cuts, more, close)
        assumptions.append(_assumption(other.source, pixels, attacker_max))
    victim = Pictures(images.source, tuple(images.names[i] for i in victims), victim_pixels)
    return Sets(victim, tuple(assumptions), dropped, _digest(victim, assumptions), nearly)


def _without_near(pixels: Pixels, victims: Pixels) -> tuple[Pixels, int]:
    """Pictures without those that nearly are a victim, and how many went."""
    if not len(pixels) or pixels.dtype != np.uint8:
        return pixels, 0
    own, others = _small(victims), _small(pixels)
    middle = own.mean(0)
    own, others = own - middle, others - middle
    power = np.square(own).sum(1)
    keep = np.ones(len(pixels), bool)
    for start in range(0, len(pixels), _LOT):
        lot = others[start : start + _LOT]
        distance = np.square(lot).sum(1)[:, None] + power - 2 * lot @ own.T
        keep[start : start + _LOT] = (distance > NEAR * power).all(1)
    return pixels[keep], int((~keep).sum())


def _small(pixels_NHWC: Pixels) -> NDArray[np.float32]:
    """Thumbnails as rows."""
    out = []
    for picture in pixels_NHWC:
        image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture)
        small = image.resize((NEAR_SIDE, NEAR_SIDE), Image.Resampling.BOX)
        out.append(np.asarray(small, np.float32).reshape(-1))
    return np.stack(out)


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


def _too_few(pictures: Pictures, kept: int, cuts: int, dropped: int, nearly: int = 0) -> UserError:
    needed, whose = victims_needed(cuts), "1 cut" if cuts == 1 else f"{cuts} cuts"
    alike = f" ({dropped} more have the same pixels as another)" if dropped else ""
    alike += f" ({nearly} more nearly are one of the victims)" if nearly else ""
    return UserError(
        f"{pictures.source}: {kept} different picture(s){alike}, expected at least {PICTURES_MIN}",
        code="too-few-images",
        hint=f"1,000 and more give narrow intervals; that {whose} do not leak cannot be shown "
        f"with fewer than {needed} victims.",
    )
