"""The Verifier: appraises evidence against a policy, step by step, and fails closed.

    (1) document     the evidence document and the claims in it are of this version's one form
    (2) tee          the policy names this kind of TEE, and the evidence is of this kind
    (3) form         the TEE's evidence has the one form of its kind, to the last byte
    (4) debug        no debugger can look into the TEE: by its evidence and by the claims
    (5) collateral   what vouches for the platform is complete, of it, valid now, revokes nothing
    (6) evidence     the manufacturer's keys signed the evidence
    (7) tcb          the platform's firmware is as new as the policy demands
    (8) platform     the platform is of a make and configuration that the policy names
    (9) measurement  what was loaded into the TEE is what the policy names
    (10) binding     the evidence signs these claims (their report data)
    (11) nonce       the claims hold the client's own nonce
    (12) lifetime    the key's life is not over, has begun, is not longer than the policy allows
    (13) manifest    the policy names this manifest
    (14) model       these are the manifest's bytes, and the enclave loaded the manifest's model
    (15) engine      the enclave's engine is not older than the policy allows
    (16) confinement the TEE did to confine itself what the policy demands
    (17) version     the bundle is not older than the policy allows, or than one that was seen

Rules kept: the first failed step ends it, later ones are "not checked"; an exception that no step
foresaw cannot lead to "passed", because claims are handed out only after the last step. Time, nonce
and collateral are arguments; nothing is fetched. What steps 3 to 10 do stands in the kind's file.

`appraise_quote` runs steps 3 to 9 on a bare quote or report, without a service.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from cloister.attest.claims import DEBUG_DISABLED, Claims, report_data
from cloister.attest.evidence import Evidence
from cloister.attest.policy import Policy, parse_version
from cloister.attest.tee import (
    Finding,
    Outcome,
    Proof,
    Tee,
    failed,
    first,
    not_checked,
    passed,
)
from cloister.attest.tees import TEES
from cloister.channel.ohttp import KeyConfig
from cloister.errors import Refused

MANIFEST_MAX_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class Check:
    """One step's name, outcome and reason; of a failure its code, and what to do."""

    name: str
    result: Outcome
    reason: str
    code: str = ""
    hint: str = ""

    def to_json(self) -> dict[str, str]:
        """The member of `checks` in docs/formats/json.md."""
        return {
            "name": self.name,
            "result": self.result.value,
            "reason": self.reason,
            "code": self.code,
            "hint": self.hint,
        }


@dataclass(frozen=True)
class AttestationResult:
    """What the Verifier found.

    Args:
        kind: The kind of TEE that the claims name; empty if no claims could be read.
        checks: One for each step, in order.
        claims: Appraised claims; None unless every step passed or did not apply.
        key_config: To which requests may be sealed; None with `claims`.
        facts: What the TEE's evidence says (measurements, TCB, platform); empty unless its
            manufacturer's signature was verified.
        complete: Every step was reached and none failed.
        development: The evidence protects nothing against the host.
    """

    kind: str
    checks: tuple[Check, ...]
    claims: Claims | None = None
    key_config: KeyConfig | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    development: bool = False

    @property
    def passed(self) -> bool:
        """No step failed, and all were reached."""
        return self.complete

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
            "facts": dict(self.facts),
        }

    def require(self) -> tuple[Claims, KeyConfig]:
        """The appraised claims and key.

        Raises:
            Refused: A step failed; the message holds its name and reason.
        """
        if not self.complete or self.claims is None or self.key_config is None:
            failures = [check for check in self.checks if check.result is Outcome.FAILED]
            check = failures[0] if failures else Check("claims", Outcome.FAILED, "there are none")
            raise Refused(
                f"the enclave is refused ({check.name}): {check.reason}",
                code=f"refused-{check.name}",
                hint="Nothing of the input was sent. "
                + (check.hint or "`cloister verify` lists every check."),
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
    collateral: Sequence[bytes]
    seen: Callable[[str, str], int] | None
    tees: Mapping[str, Tee]
    evidence: Evidence = field(init=False)  # (1)
    claims: Claims = field(init=False)  # (1)
    key_config: KeyConfig = field(init=False)  # (1)
    row: Tee = field(init=False)  # (2)
    proof: Proof = field(init=False)  # (2)
    bundle: Mapping[str, Any] = field(init=False)  # (14)

    @property
    def development(self) -> bool:
        """The kind, or this evidence of it, protects nothing against the host."""
        return self.row.development or self.proof.development


def appraise(
    document: bytes,
    manifest: bytes,
    policy: Policy,
    *,
    nonce: bytes | None,
    now: float,
    collateral: Sequence[bytes] = (),
    seen: Callable[[str, str], int] | None = None,
    tees: Mapping[str, Tee] = TEES,
) -> AttestationResult:
    """Appraises evidence, by the steps of this module's head.

    Args:
        document: The evidence document, as the host handed it out.
        manifest: Bytes of manifest.json, as the host handed them out.
        policy: What is accepted.
        nonce: What the client sent when it asked for the document; None if nothing.
        now: Seconds since 1970, by the client's clock.
        collateral: Endorsements of the caller's own, instead of those in the document.
        seen: The highest version of a bundle that the caller has seen, by owner (hex, or empty)
            and name; None: it remembers nothing.
        tees: The kinds of TEE; for tests with a PKI of their own.

    Returns:
        The result, also when it is a failure: nothing is raised for hostile bytes.
    """
    case = _Case(document, manifest, policy, nonce, now, collateral, seen, tees)
    checks = run_steps([(name, partial(step, case)) for name, step in STEPS])
    complete = all(check.result is not Outcome.FAILED for check in checks)
    kind = case.claims.tee if checks[0].result is not Outcome.FAILED else ""
    facts = case.proof.facts() if _reached(checks, "evidence") else {}
    if not complete:
        return AttestationResult(kind, tuple(checks), facts=facts)
    return AttestationResult(
        kind, tuple(checks), case.claims, case.key_config, facts, True, case.development
    )


def appraise_quote(
    kind: str,
    quote: bytes,
    collateral: Sequence[bytes],
    policy: Policy | None,
    *,
    now: float,
    report_data: bytes | None = None,
    tees: Mapping[str, Tee] = TEES,
) -> AttestationResult:
    """Appraises a bare quote or report: steps 3 to 9 of this module's head.

    Args:
        kind: `sgx`, `tdx` or `snp`.
        quote: As the TEE's driver handed it out; zeros after a TDX quote are left out.
        collateral: What vouches for the platform.
        policy: What is accepted; None: what it measures is not looked at, and its firmware must be
            up to date.
        now: Seconds since 1970.
        report_data: What it must sign, 64 bytes; None: it is only shown.
        tees: As for `appraise`.

    Returns:
        The result, without claims: a bare quote has none.
    """
    if policy is not None and kind not in policy.tees:
        finding = Check("tee", Outcome.FAILED, f"the policy does not name {kind}", "kind")
        return AttestationResult(kind, (finding,))
    rules = policy.tees[kind] if policy is not None else None
    proof = tees[kind].proof(quote, collateral, rules, now, padded=True)
    steps: list[tuple[str, Callable[[], Finding]]] = [
        ("form", proof.form),
        ("debug", proof.debug),
        ("collateral", proof.collateral),
        ("evidence", proof.genuine),
        ("tcb", proof.tcb),
        ("platform", proof.platform),
        ("measurement", proof.measurement),
    ]
    if report_data is None:
        steps.append(("binding", lambda: not_checked("nobody said what it must sign")))
    else:
        steps.append(("binding", lambda: proof.binding(report_data)))
    checks = run_steps(steps)
    complete = all(check.result is not Outcome.FAILED for check in checks)
    facts = proof.facts() if _reached(checks, "evidence") else {}
    return AttestationResult(kind, tuple(checks), facts=facts, complete=complete)


def run_steps(steps: Sequence[tuple[str, Callable[[], Finding]]]) -> list[Check]:
    """Runs steps up to the first that fails."""
    checks: list[Check] = []
    for name, step in steps:
        if checks and (stop := _stopped(checks)):
            checks.append(Check(name, Outcome.NOT_CHECKED, f"not reached: {stop} failed"))
            continue
        try:
            finding = step()
        except Refused as error:
            finding = failed(error.message, error.code, error.hint)
        code = (finding.code or name) if finding.outcome is Outcome.FAILED else ""
        checks.append(Check(name, finding.outcome, finding.reason, code, finding.hint))
    return checks


def _stopped(checks: Sequence[Check]) -> str:
    return next((check.name for check in checks if check.result is Outcome.FAILED), "")


def _reached(checks: Sequence[Check], name: str) -> bool:
    """This step and all before it did not fail."""
    for check in checks:
        if check.result is Outcome.FAILED:
            return False
        if check.name == name:
            return True
    return False


# (1) document
def _document(case: _Case) -> Finding:
    case.evidence = Evidence.from_bytes(case.document)
    case.claims = Claims.from_bytes(case.evidence.claims)
    case.key_config = KeyConfig.from_bytes(case.claims.key_config)
    return passed("document, claims and key config are of version 1, in their one form")


# (2) tee
def _tee(case: _Case) -> Finding:
    kind = case.claims.tee
    if kind not in case.policy.tees or kind not in case.tees:
        return failed(
            f"the evidence is of kind {kind!r:.40}, the policy names "
            + ", ".join(sorted(case.policy.tees))
        )
    case.row = case.tees[kind]
    if case.evidence.media_type != case.row.media_type:
        return failed(
            f"the claims say {kind}, the evidence is {case.evidence.media_type!r:.80}, expected "
            + case.row.media_type
        )
    if case.row.development and not case.policy.tees[kind].unsafe_development:
        return failed(f"{kind} is for development, and the policy does not say that it may be")
    endorsements = case.evidence.endorsements
    if endorsements is not None and endorsements[0] != case.row.endorsements_type:
        return failed(
            f"the endorsements are {endorsements[0]!r:.80}, expected "
            + (case.row.endorsements_type or "none"),
            "endorsements-type",
        )
    collateral = tuple(case.collateral) or ((endorsements[1],) if endorsements else ())
    rules = case.policy.tees[kind]
    case.proof = case.row.proof(case.evidence.evidence, collateral, rules, case.now)
    return passed(f"the policy names {kind}")


# (4) debug
def _debug(case: _Case) -> Finding:
    off = case.claims.debug_status == DEBUG_DISABLED
    if case.development and off:
        return failed(f"{case.row.name} claims to be closed to debuggers: it cannot be")
    if not case.development and not off:
        return failed("the claims say that the TEE is open to debuggers", "debug-enabled")
    return case.proof.debug()


# (11) nonce
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


# (12) lifetime
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
    if case.development:
        return passed("the key's life has begun and is not over, by the host's word")
    return not_checked("host clock: by the host's word the key's life has begun and is not over")


# (13) manifest
def _manifest(case: _Case) -> Finding:
    return case.policy.judge_manifest(case.claims.manifest_digest)


# (14) model
def _model(case: _Case) -> Finding:
    if len(case.manifest) > MANIFEST_MAX_BYTES:
        return failed(f"the manifest has more than {MANIFEST_MAX_BYTES} bytes")
    if hashlib.sha256(case.manifest).digest() != case.claims.manifest_digest:
        return failed("the manifest that the host handed out is not the one in the claims")
    try:
        manifest = json.loads(case.manifest.decode("utf-8"))
        model_digest = manifest["head"]["model_digest"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return failed("the manifest does not say which model it is of")
    if model_digest != case.claims.model_digest.hex():
        return failed("the enclave loaded another model than the manifest's")
    case.bundle = manifest
    wrong = first(
        case.policy.judge_report("plan", manifest.get("plan")),
        case.policy.judge_report("audit", manifest.get("audit")),
        case.policy.judge_model_key(manifest.get("model")),
    )
    return wrong or passed("the enclave loaded the model of this manifest")


# (15) engine
def _engine(case: _Case) -> Finding:
    version = parse_version(case.claims.engine_version)
    if version is None:
        return failed(f"the engine's version is {case.claims.engine_version!r:.40}")
    least = ".".join(map(str, case.policy.engine_at_least))
    if version < case.policy.engine_at_least:
        return failed(f"the engine is {case.claims.engine_version}, the policy wants {least}")
    return passed(f"the engine is {case.claims.engine_version}, at least {least}")


# (16) confinement
def _confinement(case: _Case) -> Finding:
    wanted = case.policy.tees[case.claims.tee].confinement
    missing = sorted(wanted - case.claims.levels)
    if missing:
        return failed(f"the TEE did not confine itself as demanded: {', '.join(missing)} missing")
    if not wanted:
        return not_checked("the policy demands no confinement of this kind of TEE")
    word = "by its own word" if case.development else "as demanded"
    return passed(f"confined ({word}): {case.claims.level}")


# (17) version
def _version(case: _Case) -> Finding:
    owner, name = case.bundle.get("owner") or "", case.bundle.get("name")
    version = case.bundle.get("version", 1)
    if type(version) is not int or not isinstance(owner, str) or not isinstance(name, str):
        return failed("the manifest's version, owner or name is not what it should be")
    least = case.policy.version_at_least
    if version < least:
        return failed(f"the bundle is version {version}, the policy wants {least}", "too-old")
    if case.seen is None:
        return not_checked(f"version {version}; nobody remembers which versions were seen before")
    highest = case.seen(owner, name)
    if version < highest:
        return failed(
            f"the bundle is version {version}, and version {highest} was seen before: somebody "
            "went back",
            "rollback",
            "Ask the owner. If going back is meant: `--accept-older` once.",
        )
    return passed(f"version {version}; the highest seen before is {highest or 'none'}")


STEPS: Final[tuple[tuple[str, Callable[[_Case], Finding]], ...]] = (
    ("document", _document),
    ("tee", _tee),
    ("form", lambda case: case.proof.form()),
    ("debug", _debug),
    ("collateral", lambda case: case.proof.collateral()),
    ("evidence", lambda case: case.proof.genuine()),
    ("tcb", lambda case: case.proof.tcb()),
    ("platform", lambda case: case.proof.platform()),
    ("measurement", lambda case: case.proof.measurement()),
    ("binding", lambda case: case.proof.binding(report_data(case.evidence.claims))),
    ("nonce", _nonce),
    ("lifetime", _lifetime),
    ("manifest", _manifest),
    ("model", _model),
    ("engine", _engine),
    ("confinement", _confinement),
    ("version", _version),
)
