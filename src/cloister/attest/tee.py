"""What the Verifier must know of a kind of TEE: the row of its table, and the steps of its proof.

A kind is one file with one row, entered in `tees.TEES`. A row makes a `Proof` for each piece of
evidence; the Verifier calls the proof's steps in the order in which they stand below, and never a
step after one that failed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloister.attest.fields import Fields

CONFINEMENT: Final = ("seccomp", "nofiles", "nonet", "nnp", "nodump", "nocore", "memlimit")


class Outcome(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Args:
        outcome: How it ended.
        reason: Why, in words for a person: what was expected, what was found.
        code: Of a failure: stable, for scripts; docs/verify.md has a line for each.
        hint: Of a failure: what to do about it; may be empty.
    """

    outcome: Outcome
    reason: str
    code: str = ""
    hint: str = ""


def passed(reason: str) -> Finding:
    """The check was made and found nothing wrong."""
    return Finding(Outcome.PASSED, reason)


def failed(reason: str, code: str = "", hint: str = "") -> Finding:
    """The check was made and refuses."""
    return Finding(Outcome.FAILED, reason, code, hint)


def not_checked(reason: str) -> Finding:
    """The check could not be made, or does not apply; it does not refuse."""
    return Finding(Outcome.NOT_CHECKED, reason)


def zero(name: str, value: bytes) -> Finding | None:
    """A register that must be zero unless the policy names values for it."""
    if any(value):
        return failed(
            f"{name} is {value.hex()}, and the policy names no value for it: it must be zero",
            name.replace("_", "-"),
        )
    return None


def among(name: str, value: bytes, accepted: frozenset[bytes]) -> Finding | None:
    """A register that must hold one of these values."""
    if value in accepted:
        return None
    return failed(
        f"{name} is {value.hex()}, accepted are "
        + ", ".join(sorted(one.hex() for one in accepted))[:400],
        name.replace("_", "-"),
        "It is another build than the policy's, or the policy is of another build.",
    )


def first(*findings: Finding | None) -> Finding | None:
    """The first failure, if there is one."""
    return next((f for f in findings if f is not None and f.outcome is Outcome.FAILED), None)


@dataclass(frozen=True)
class TeePolicy:
    """What is accepted of one kind of TEE; kinds with more to say have a class of their own.

    Args:
        unsafe_development: Accept it although it protects nothing against the host.
        confinement: Parts of the claim `level` that must be there.
    """

    unsafe_development: bool = False
    confinement: frozenset[str] = frozenset()

    def explain(self) -> list[str]:
        """What it accepts, a sentence each."""
        return []

    def remarks(self) -> list[str]:
        """What in it accepts more than it need, a sentence each; for `cloister policy lint`."""
        return []


def read_confinement(fields: Fields) -> frozenset[str]:
    """The optional field `confinement`."""
    if not fields.has("confinement"):
        return frozenset()
    return fields.choices("confinement", CONFINEMENT)


class Proof(ABC):
    """One piece of evidence on its way through the steps.

    Args:
        evidence: The TEE's evidence.
        endorsements: What its manufacturer says about the platform: collateral, certificates.
        policy: What is accepted of this kind; None: a raw quote without a policy, of which nothing
            is believed but what its manufacturer vouches for.
        now: Seconds since 1970.
        padded: A raw quote as a kernel hands it out, perhaps with zeros after it.
    """

    def __init__(
        self,
        evidence: bytes,
        endorsements: Sequence[bytes],
        policy: TeePolicy | None,
        now: float,
        *,
        padded: bool = False,
    ) -> None:
        self.evidence = evidence
        self.endorsements = tuple(endorsements)
        self.policy = policy
        self.now = now
        self.padded = padded

    @property
    def development(self) -> bool:
        """This evidence, unlike other of its kind, protects nothing against the host."""
        return False

    @abstractmethod
    def form(self) -> Finding:
        """The bytes have the one form of this kind's evidence."""

    @abstractmethod
    def debug(self) -> Finding:
        """No debugger can look into the TEE."""

    @abstractmethod
    def collateral(self) -> Finding:
        """The endorsements are complete, of this platform, valid now and revoke nothing."""

    @abstractmethod
    def genuine(self) -> Finding:
        """The manufacturer's keys signed this evidence."""

    @abstractmethod
    def tcb(self) -> Finding:
        """The platform's firmware is as new as the policy demands."""

    @abstractmethod
    def platform(self) -> Finding:
        """The platform is of a make and configuration that the policy names."""

    @abstractmethod
    def measurement(self) -> Finding:
        """What was loaded into the TEE is what the policy names."""

    @abstractmethod
    def binding(self, report_data: bytes) -> Finding:
        """The evidence signs this report data."""

    def facts(self) -> dict[str, str]:
        """What the evidence says, once `genuine` has passed."""
        return {}


class UnattestedProof(Proof):
    """Evidence for which no manufacturer vouches: of kinds for development.

    Such a kind has `form` and `binding` of its own, and a name.
    """

    name: str

    def debug(self) -> Finding:
        """Always open."""
        return not_checked(
            f"{self.name} is open to debuggers; the policy accepts that (unsafe_development)"
        )

    def collateral(self) -> Finding:
        """There is none."""
        return not_checked(f"{self.name}: there is no manufacturer who could vouch for it")

    def genuine(self) -> Finding:
        """Nobody vouches."""
        return not_checked(
            f"{self.name}: vouched for by nobody; this protects nothing against the host"
        )

    def tcb(self) -> Finding:
        """There is none."""
        return not_checked(f"{self.name}: nobody vouches for its firmware")

    def platform(self) -> Finding:
        """Any machine."""
        return not_checked(f"{self.name}: it runs on any machine")

    def measurement(self) -> Finding:
        """Nothing measures it."""
        return not_checked(f"{self.name}: nobody measured the program that runs")


def read_development_policy(fields: Fields) -> TeePolicy:
    """The table of a kind for development."""
    return TeePolicy(fields.allowance("unsafe_development"), read_confinement(fields))


@dataclass(frozen=True)
class Tee:
    """A kind of TEE.

    Args:
        name: In claims and policies.
        media_type: Of its evidence.
        endorsements_type: Media type of what vouches for it; empty if there is no such thing.
        development: Its evidence protects nothing against the host; a policy must say
            `unsafe_development = true`.
        own_clock: The TEE knows the time, so iat and exp are not just the host's word.
        protects_not: What it does not protect, one sentence for policy files.
        read_policy: Reads its table of a policy.
        proof: Makes a proof.
        template: Its table of a new policy, with what must be filled in.
    """

    name: str
    media_type: str
    endorsements_type: str
    development: bool
    own_clock: bool
    protects_not: str
    read_policy: Callable[[Fields], TeePolicy]
    proof: Callable[..., Proof]
    template: str
