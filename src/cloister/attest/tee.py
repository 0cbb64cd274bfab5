"""What the Verifier must know of a kind of TEE: the row of its table.

A kind is one file with one row, entered in `tees.TEES`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check and its reason, in words for a person."""

    outcome: Outcome
    reason: str


def passed(reason: str) -> Finding:
    """The check was made and found nothing wrong."""
    return Finding(Outcome.PASSED, reason)


def failed(reason: str) -> Finding:
    """The check was made and refuses."""
    return Finding(Outcome.FAILED, reason)


def not_checked(reason: str) -> Finding:
    """The check could not be made, or does not apply; it does not refuse."""
    return Finding(Outcome.NOT_CHECKED, reason)


@dataclass(frozen=True)
class Tee:
    """A kind of TEE.

    Args:
        name: In claims and policies.
        media_type: Of its evidence.
        development: Its evidence protects nothing against the host; a policy must say
            `unsafe_development = true`.
        own_clock: The TEE knows the time, so iat and exp are not just the host's word.
        protects_not: What it does not protect, one sentence for policy files.
        signature: Check 3: is this genuine evidence of this kind? Gets the evidence.
        binding: Check 4: does the evidence sign this report data? Gets evidence, report data;
            called only when `signature` did not fail.
    """

    name: str
    media_type: str
    development: bool
    own_clock: bool
    protects_not: str
    signature: Callable[[bytes], Finding]
    binding: Callable[[bytes, bytes], Finding]
