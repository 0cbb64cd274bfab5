"""The Verifier: appraises evidence against a policy, step by step, and fails closed.

    (1) document     the evidence document and the claims in it are of this version's one form
    (2) tee          the policy names this kind of TEE, and the evidence is of this kind
    (3) evidence     the evidence is genuine evidence of this kind
    (4) binding      the evidence signs these claims (their report data)
    (5) nonce        the claims hold the client's own nonce
    (6) lifetime     the key's life is not over, has begun, and is not longer than the policy allows
    (7) debug        no debugger can look into the TEE
    (8) manifest     the policy names this manifest
    (9) model        these are the manifest's bytes, and the enclave loaded the manifest's model
    (10) engine      the enclave's engine is not older than the policy allows
    (11) confinement the TEE did to confine itself what the policy demands

Rules kept: the first failed step ends it, later ones are "not checked"; an exception that no step
foresaw cannot lead to "passed", because claims are handed out only after the last step. Time and
nonce are arguments.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cloister.attest.claims import DEBUG_DISABLED, Claims, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.policy import Policy, parse_version
from cloister.attest.tee import Finding, Outcome, Tee, failed, not_checked, passed
from cloister.attest.tees import TEES
from cloister.channel.ohttp import KeyConfig
from cloister.errors import Refused

MANIFEST_MAX_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class Check:
    """One step's name, outcome and reason."""

    name: str
    result: Outcome
    reason: str

    def to_json(self) -> dict[str, str]:
        """The member of `checks` in docs/formats/json.md."""
        return {"name": self.name, "result": self.result.value, "reason": self.reason}


@dataclass(frozen=True)
class AttestationResult:
    """What the Verifier found.

    Args:
        kind: The kind of TEE that the claims name; empty if no claims could be read.
        checks: One for each step, in order.
        claims: Appraised claims; None unless every step passed or did not apply.
        key_config: To which requests may be sealed; None with `claims`.
    """

    kind: str
    checks: tuple[Check, ...]
    claims: Claims | None = None
    key_config: KeyConfig | None = None

    @property
    def passed(self) -> bool:
        """No step failed, and all were reached."""
        return self.claims is not None

    @property
    def verdict(self) -> str:
        """`passed` or `failed`."""
        return "passed" if self.passed else "failed"

    def to_json(self) -> dict[str, Any]:
        """Members of `cloister verify --json` (docs/formats/json.md)."""
        return {
            "verdict": self.verdict,
            "kind": self.kind,
            "checks": [check.to_json() for check in self.checks],
        }

    def require(self) -> tuple[Claims, KeyConfig]:
        """The appraised claims and key.

        Raises:
            Refused: A step failed; the message holds its name and reason.
        """
        if self.claims is None or self.key_config is None:
            check = next(check for check in self.checks if check.result is Outcome.FAILED)
            raise Refused(
                f"the enclave is refused ({check.name}): {check.reason}",
                code=f"refused-{check.name}",
                hint="Nothing of the input was sent. `cloister verify` lists every check.",
            )
        return self.claims, self.key_config


@dataclass
class _Case:
    """What the steps share. Fields without a value are set by the step that says so."""

    document: bytes
    manifest: bytes
    policy: Policy
    nonce: bytes | None
    now: float
    evidence: Evidence = field(init=False)  # (1)
    claims: Claims = field(init=False)  # (1)
    key_config: KeyConfig = field(init=False)  # (1)
    row: Tee = field(init=False)  # (2)


def appraise(
    document: bytes, manifest: bytes, policy: Policy, *, nonce: bytes | None, now: float
) -> AttestationResult:
    """Appraises evidence, by the steps of this module's head.

    Args:
        document: The evidence document, as the host handed it out.
        manifest: Bytes of manifest.json, as the host handed them out.
        policy: What is accepted.
        nonce: What the client sent when it asked for the document; None if nothing.
        now: Seconds since 1970, by the client's clock.

    Returns:
        The result, also when it is a failure: nothing is raised for hostile bytes.
    """
    case = _Case(document, manifest, policy, nonce, now)
    checks: list[Check] = []
    kind = ""
    for index, (name, step) in enumerate(STEPS):
        try:
            finding = step(case)
        except Refused as error:
            finding = failed(error.message)
        checks.append(Check(name, finding.outcome, finding.reason))
        if index == 0 and finding.outcome is not Outcome.FAILED:
            kind = case.claims.tee
        if finding.outcome is Outcome.FAILED:
            reason = f"not reached: {name} failed"
            checks += [Check(later, Outcome.NOT_CHECKED, reason) for later, _ in STEPS[index + 1 :]]
            return AttestationResult(kind, tuple(checks))
    return AttestationResult(kind, tuple(checks), case.claims, case.key_config)


# (1) document
def _document(case: _Case) -> Finding:
    case.evidence = Evidence.from_bytes(case.document)
    case.claims = Claims.from_bytes(case.evidence.claims)
    case.key_config = KeyConfig.from_bytes(case.claims.key_config)
    return passed("document, claims and key config are of version 1, in their one form")


# (2) tee
def _tee(case: _Case) -> Finding:
    kind = case.claims.tee
    if kind not in case.policy.tees or kind not in TEES:
        return failed(
            f"the evidence is of kind {kind!r:.40}, the policy names "
            + ", ".join(sorted(case.policy.tees))
        )
    case.row = TEES[kind]
    if case.evidence.media_type != case.row.media_type:
        return failed(
            f"the claims say {kind}, the evidence is {case.evidence.media_type!r:.80}, expected "
            + case.row.media_type
        )
    if case.row.development and not case.policy.tees[kind].unsafe_development:
        return failed(f"{kind} is for development, and the policy does not say that it may be")
    return passed(f"the policy names {kind}")


# (3) evidence
def _evidence(case: _Case) -> Finding:
    return case.row.signature(case.evidence.evidence)


# (4) binding
def _binding(case: _Case) -> Finding:
    return case.row.binding(case.evidence.evidence, report_data(case.evidence.claims))


# (5) nonce
def _nonce(case: _Case) -> Finding:
    if case.policy.freshness == "host-clock" and case.nonce is None:
        return not_checked('the policy says freshness = "host-clock": no nonce was sent')
    if case.nonce is None:
        return failed('the policy says freshness = "nonce", but no nonce was sent')
    if case.claims.nonce is None:
        return failed("the claims hold no nonce")
    if case.claims.nonce != case.nonce:
        return failed("the claims hold another nonce than the one that was sent")
    return passed("the claims hold the nonce that was sent")


# (6) lifetime
def _lifetime(case: _Case) -> Finding:
    iat, exp, policy = case.claims.iat, case.claims.exp, case.policy
    wrong = ""
    if exp <= iat:
        wrong = "the key's life ends before it begins"
    elif exp - iat > policy.max_key_lifetime_s:
        wrong = f"the key lives {exp - iat} seconds, the policy allows {policy.max_key_lifetime_s}"
    elif case.now > exp + policy.max_clock_skew_s:
        wrong = f"the evidence expired {case.now - exp:.0f} seconds ago"
    elif case.now < iat - policy.max_clock_skew_s:
        wrong = f"the evidence is made {iat - case.now:.0f} seconds in the future"
    if wrong:
        return failed(wrong)
    if case.row.own_clock:
        return passed("the key's life has begun and is not over, by the TEE's clock")
    if case.row.development:
        return passed("the key's life has begun and is not over, by the host's word")
    return not_checked("host clock: by the host's word the key's life has begun and is not over")


# (7) debug
def _debug(case: _Case) -> Finding:
    off = case.claims.debug_status == DEBUG_DISABLED
    if case.row.development:
        if off:
            return failed(f"{case.row.name} claims to be closed to debuggers: it cannot be")
        return not_checked(f"{case.row.name} is open to debuggers; unsafe_development accepts that")
    return passed("closed to debuggers") if off else failed("the TEE is open to debuggers")


# (8) manifest
def _manifest(case: _Case) -> Finding:
    return case.policy.judge_manifest(case.claims.manifest_digest)


# (9) model
def _model(case: _Case) -> Finding:
    if len(case.manifest) > MANIFEST_MAX_BYTES:
        return failed(f"the manifest has more than {MANIFEST_MAX_BYTES} bytes")
    if hashlib.sha256(case.manifest).digest() != case.claims.manifest_digest:
        return failed("the manifest that the host handed out is not the one in the claims")
    try:
        model_digest = json.loads(case.manifest.decode("utf-8"))["head"]["model_digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return failed("the manifest does not say which model it is of")
    if model_digest != case.claims.model_digest.hex():
        return failed("the enclave loaded another model than the manifest's")
    return passed("the enclave loaded the model of this manifest")


# (10) engine
def _engine(case: _Case) -> Finding:
    version = parse_version(case.claims.engine_version)
    if version is None:
        return failed(f"the engine's version is {case.claims.engine_version!r:.40}")
    least = ".".join(map(str, case.policy.engine_at_least))
    if version < case.policy.engine_at_least:
        return failed(f"the engine is {case.claims.engine_version}, the policy wants {least}")
    return passed(f"the engine is {case.claims.engine_version}, at least {least}")


# (11) confinement
def _confinement(case: _Case) -> Finding:
    wanted = case.policy.tees[case.claims.tee].confinement
    missing = sorted(wanted - case.claims.levels)
    if missing:
        return failed(f"the TEE did not confine itself as demanded: {', '.join(missing)} missing")
    if not wanted:
        return not_checked("the policy demands no confinement of this kind of TEE")
    word = "by its own word" if case.row.development else "as demanded"
    return passed(f"confined ({word}): {case.claims.level}")


STEPS: Final[tuple[tuple[str, Callable[[_Case], Finding]], ...]] = (
    ("document", _document),
    ("tee", _tee),
    ("evidence", _evidence),
    ("binding", _binding),
    ("nonce", _nonce),
    ("lifetime", _lifetime),
    ("debug", _debug),
    ("manifest", _manifest),
    ("model", _model),
    ("engine", _engine),
    ("confinement", _confinement),
)
