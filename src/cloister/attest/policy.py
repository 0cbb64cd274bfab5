"""The Appraisal Policy: what must be true of an enclave before anything is sent to it.

Specified in docs/formats/policy.md. Rules kept:
* No default is "any": each field is there, and what it names is all that is accepted. An unknown
  field is an error.
* A policy names the manifests that it accepts. The exception is a class of its own,
  `UnsafeAnyModelPolicy`, that no file can ask for.
* A kind of TEE that protects nothing needs `unsafe_development = true`.

It judges nothing but what is said here: verifier.py does.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cloister import __version__
from cloister.attest.fields import HINT, BadPolicy, Fields
from cloister.attest.tee import Finding, TeePolicy, failed, not_checked, passed
from cloister.attest.tees import TEES
from cloister.errors import UserError
from cloister.files import write_whole, writing

FORMAT: Final = "cloister-policy/1"
# What a new policy says where only its owner knows what must stand there.
FILL_IN: Final = "FILL IN"
FRESHNESS: Final = ("nonce", "host-clock")
KEY_LIFETIME_MAX_S: Final = 7 * 86_400
CLOCK_SKEW_MAX_S: Final = 3600
POLICY_MAX_BYTES: Final = 1 << 20
VERSION_MAX: Final = (1 << 31) - 1
DEFAULT_KEY_LIFETIME: Final = "24h"
DEFAULT_CLOCK_SKEW: Final = "5m"
_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"([0-9]{1,9})([smhd])")
_VERSION: Final = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Policy:
    """What a client accepts.

    Args:
        manifest_digests: SHA-256 of each manifest.json that is accepted; at least one.
        tees: Kinds of TEE that are accepted; at least one.
        max_key_lifetime_s: Longest life of a key, and longest use of a verdict, in seconds.
        max_clock_skew_s: Tolerated difference between clocks, in seconds.
        engine_at_least: Oldest accepted version of the enclave core.
        freshness: `nonce`: the evidence holds a nonce of the client's own. `host-clock`: it is as
            fresh as the host says.
        model_name: Under which name services offer the model; None: the caller says it.
        plan_digests: SHA-256 of accepted plans, hex; empty: the manifest's digest covers it.
        audit_digests: SHA-256 of accepted audit reports, hex; empty: as above.
        model_keys: SHA-256 of public keys (SubjectPublicKeyInfo), hex, one of which must have
            signed the network that the bundle was made from; empty: as above.
        version_at_least: Oldest accepted version of the bundle.

    Raises:
        BadPolicy: A field is out of range, or names what this version does not know.
    """

    manifest_digests: frozenset[bytes]
    tees: Mapping[str, TeePolicy]
    max_key_lifetime_s: int
    max_clock_skew_s: int
    engine_at_least: Version
    freshness: str = "nonce"
    model_name: str | None = None
    plan_digests: frozenset[str] = frozenset()
    audit_digests: frozenset[str] = frozenset()
    model_keys: frozenset[str] = frozenset()
    version_at_least: int = 1

    def __post_init__(self) -> None:
        self._check_manifests()
        if not self.tees:
            raise BadPolicy("tee", f"names no kind of TEE; known are {', '.join(TEES)}")
        for name, tee in self.tees.items():
            if name not in TEES:
                raise BadPolicy(f"tee.{name}", f"is unknown; known are {', '.join(TEES)}")
            if TEES[name].development and tee.unsafe_development is not True:
                raise BadPolicy(
                    f"tee.{name}",
                    "must say unsafe_development = true: it protects nothing against the host",
                )
        if not 1 <= self.max_key_lifetime_s <= KEY_LIFETIME_MAX_S:
            raise BadPolicy("max_key_lifetime", "is not between 1 second and 7 days")
        if not 0 <= self.max_clock_skew_s <= CLOCK_SKEW_MAX_S:
            raise BadPolicy("max_clock_skew", "is longer than an hour")
        if self.freshness not in FRESHNESS:
            raise BadPolicy("freshness", f"is {self.freshness!r}, expected {_or(FRESHNESS)}")

    def _check_manifests(self) -> None:
        if not self.manifest_digests:
            raise BadPolicy("model.manifest_sha256", "names no manifest: it would accept any model")
        if not all(len(digest) == 32 for digest in self.manifest_digests):
            raise BadPolicy("model.manifest_sha256", "holds something that is no SHA-256")

    def judge_manifest(self, digest: bytes) -> Finding:
        """Check 8: is this one of the manifests that the policy names?"""
        if digest in self.manifest_digests:
            return passed(f"manifest {digest.hex()[:16]}... is one that the policy names")
        return failed(f"manifest {digest.hex()} is none that the policy names")

    def judge_report(self, name: str, digest: object) -> Finding | None:
        """Part of check 9: plan and audit are ones that the policy names, where it names any."""
        accepted = self.plan_digests if name == "plan" else self.audit_digests
        if not accepted or digest in accepted:
            return None
        return failed(
            f"the manifest's {name} is {digest!r:.80}, none that the policy names", f"{name}-digest"
        )

    def judge_model_key(self, model: object) -> Finding | None:
        """Part of check 14: a key that the policy names signed the original network."""
        digest = model.get("key_sha256") if isinstance(model, dict) else None
        if not self.model_keys or digest in self.model_keys:
            return None
        found = "nobody" if digest is None else f"key {digest!r:.80}"
        named = " or ".join(sorted(self.model_keys))
        return failed(
            f"the network was signed by {found}, the policy names {named}",
            "model-key",
            "Pack it with --model-signature and --model-key.",
        )

    def explain(self) -> list[str]:
        """What it accepts, in sentences."""
        hours = self.max_key_lifetime_s / 3600
        lines = [
            f"Networks: {len(self.manifest_digests)} manifest(s), "
            + ", ".join(sorted(d.hex() for d in self.manifest_digests))
            + ".",
            "Evidence is made for a nonce of the client's own."
            if self.freshness == "nonce"
            else "Evidence is as fresh as the HOST says: an old one could be shown again.",
            f"A key lives at most {hours:g} hours; clocks may differ by {self.max_clock_skew_s} "
            "seconds.",
            f"The engine is {'.'.join(map(str, self.engine_at_least))} or newer.",
        ]
        for name, digests in (("plan", self.plan_digests), ("audit report", self.audit_digests)):
            if digests:
                lines.append(f"Its {name} is {' or '.join(sorted(digests))}.")
        if self.version_at_least > 1:
            lines.append(f"The bundle is of version {self.version_at_least} or newer.")
        if self.model_keys:
            lines.append(f"Its network was signed by key {' or '.join(sorted(self.model_keys))}.")
        for kind, tee in self.tees.items():
            row = TEES[kind]
            lines.append(f"[{kind}] {row.protects_not}")
            lines += [f"[{kind}] {line}" for line in tee.explain()]
            if tee.confinement:
                lines.append(f"[{kind}] It must confine itself: {', '.join(tee.confinement)}.")
        return lines

    def remarks(self) -> list[str]:
        """What in it accepts more than it need; for `cloister policy lint`."""
        found = []
        if self.freshness == "host-clock":
            found.append('freshness = "host-clock": the host can show old evidence again')
        if self.max_key_lifetime_s > 2 * 86_400:
            found.append("max_key_lifetime is longer than two days")
        for kind, tee in self.tees.items():
            if TEES[kind].development:
                found.append(f"[{kind}] UNSAFE: {TEES[kind].protects_not}")
            found += [f"[{kind}] {remark}" for remark in tee.remarks()]
        return found

    @classmethod
    def load(cls, path: str | Path) -> Policy:
        """Reads a policy file.

        Raises:
            UserError: It cannot be read, is not TOML, or is no policy of this version.
        """
        path = Path(path)
        try:
            with path.open("rb") as file:
                content = file.read(POLICY_MAX_BYTES + 1)
        except OSError as error:
            raise UserError(
                f"policy {path}: {error.strerror or error}", code="no-such-file", hint=HINT
            ) from error
        if len(content) > POLICY_MAX_BYTES:
            raise BadPolicy("file", f"{path} is longer than {POLICY_MAX_BYTES} bytes")
        try:
            text = content.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadPolicy("file", f"{path} is not UTF-8") from error
        try:
            return cls.from_toml(text)
        except BadPolicy as error:
            error.hint = _to_fill_in(path, text) or error.hint
            raise

    @classmethod
    def from_toml(cls, text: str) -> Policy:
        """Reads a policy.

        Raises:
            BadPolicy: It is not TOML, or a field is missing, unknown, ill-typed or out of range.
        """
        try:
            top = tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise BadPolicy("file", f"is not TOML: {error}") from error
        fields = Fields(top, "")
        if fields.text("format") != FORMAT:
            raise BadPolicy("format", f"is {top['format']!r:.80}, expected {FORMAT!r}")
        model = fields.table("model")
        manifest_digests = model.texts("manifest_sha256")
        model_name = model.text("name") if model.has("name") else None
        digests = {
            name: frozenset(one.hex() for one in model.hexes(f"{name}_sha256", 32))
            for name in ("plan", "audit", "model_key")
            if model.has(f"{name}_sha256")
        }
        least = 1
        if model.has("version_at_least"):
            least = model.integer("version_at_least", 1, VERSION_MAX)
        model.end()
        _newer_verifier(fields)
        tees = {name: _tee(name, table) for name, table in fields.table("tee").tables()}
        policy = cls(
            manifest_digests=frozenset(_digest(digest) for digest in manifest_digests),
            tees=tees,
            max_key_lifetime_s=_duration("max_key_lifetime", fields.text("max_key_lifetime")),
            max_clock_skew_s=_duration("max_clock_skew", fields.text("max_clock_skew")),
            engine_at_least=_version("engine_at_least", fields.text("engine_at_least")),
            freshness=fields.text("freshness"),
            model_name=model_name,
            plan_digests=digests.get("plan", frozenset()),
            audit_digests=digests.get("audit", frozenset()),
            model_keys=digests.get("model_key", frozenset()),
            version_at_least=least,
        )
        fields.end()
        if model_name is not None and not _NAME.fullmatch(model_name):
            raise BadPolicy("model.name", f"is {model_name!r:.80}, expected letters, digits, dots")
        return policy


class UnsafeAnyModelPolicy(Policy):
    """Accepts any model in any sandbox: whoever answers may run whatever it likes on the input.

    For trying out only. No file can ask for it.
    """

    def __init__(self) -> None:
        super().__init__(
            manifest_digests=frozenset(),
            tees={
                name: TeePolicy(unsafe_development=True)
                for name, row in TEES.items()
                if row.development
            },
            max_key_lifetime_s=_duration("max_key_lifetime", DEFAULT_KEY_LIFETIME),
            max_clock_skew_s=_duration("max_clock_skew", DEFAULT_CLOCK_SKEW),
            engine_at_least=(0, 0, 0),
        )

    def _check_manifests(self) -> None:
        """There is nothing to check: any is accepted."""

    def judge_manifest(self, digest: bytes) -> Finding:
        """Check 8, not made."""
        return not_checked(f"UNSAFE: any model is accepted; this is manifest {digest.hex()}")


def _to_fill_in(path: Path, text: str) -> str:
    """Which lines wait for what only the owner knows; nothing where none does."""
    lines = [f"line {n}: {line}" for n, line in enumerate(text.splitlines(), 1) if FILL_IN in line]
    return f"{path} is still to be filled in: {'; '.join(lines):.400}" if lines else ""


def parse_version(text: str) -> Version | None:
    """`major.minor.patch`; None if it is not of this form."""
    match = _VERSION.fullmatch(text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def policy_text(
    manifest_digest: str,
    *,
    model_digest: str,
    name: str | None = None,
    mode: str | None = None,
    engine: str = __version__,
    tees: Iterable[str] = ("sandbox",),
    tables: Mapping[str, str] | None = None,
) -> str:
    """Makes the policy for the clients of one bundle.

    Args:
        manifest_digest: SHA-256 of manifest.json, hex.
        model_digest: SHA-256 of the head's header, hex; for people: the manifest binds it.
        name: Under which name services offer it; None: the client asks or says.
        mode: `split` or `whole`; None warns of both.
        engine: Version of the engine that the bundle was packed for.
        tees: Kinds of TEE to accept; those whose measurements must be filled in by hand are made
            by `policy_skeleton`.
        tables: Kind of TEE -> fields of its table, where they are known.

    Returns:
        TOML with a sentence for each choice; `Policy.from_toml` reads it.

    Raises:
        BadPolicy: An argument is none that a policy can hold.
    """
    text = policy_skeleton(
        manifest_digest,
        model_digest=model_digest,
        name=name,
        mode=mode,
        engine=engine,
        tees=tees,
        tables=tables,
    )
    if Policy.from_toml(text).model_name != name:
        raise BadPolicy("model.name", f"cannot be {name!r:.80}")
    return text


def policy_skeleton(
    manifest_digest: str,
    *,
    model_digest: str,
    name: str | None = None,
    mode: str | None = None,
    engine: str = __version__,
    tees: Iterable[str] = ("sandbox",),
    tables: Mapping[str, str] | None = None,
) -> str:
    """As `policy_text`, for any kind of TEE: what nobody but the owner knows says FILL IN, and is
    refused until it is.

    Raises:
        BadPolicy: A kind is unknown.
    """
    parts = [
        _HEADER.format(
            limits=_SPLIT_LIMIT if mode != "whole" else "",
            format=FORMAT,
            lifetime=DEFAULT_KEY_LIFETIME,
            skew=DEFAULT_CLOCK_SKEW,
            engine=engine,
            name="" if name is None else f'name = "{name}"\n',
            model=model_digest,
            manifest=manifest_digest,
        )
    ]
    for tee in tees:
        row = TEES.get(tee)
        if row is None:
            raise BadPolicy(f"tee.{tee}", f"is unknown; known are {', '.join(TEES)}")
        parts.append(
            f"\n{_comment(row.protects_not)}[tee.{tee}]\n{(tables or {}).get(tee, row.template)}"
        )
    return "".join(parts)


def write_policy(
    path: str | Path,
    *,
    manifest_digest: str,
    model_digest: str,
    name: str | None = None,
    mode: str | None = None,
    tee: str = "sandbox",
    fields: str | None = None,
) -> Path | None:
    """Writes the policy for one kind of TEE to a file, whole or not at all; a file that said
    something else is kept beside it, with ``.bak``, ``.bak2``... added to its name.

    Returns:
        Where what was there is kept; None: nothing else was there.

    Raises:
        BadPolicy: An argument is none that a policy can hold.
        UserError: The place may not be written to.
        OutsideError: The disk is full, or fails.
    """
    tables = None if fields is None else {tee: fields}
    made = policy_text if tee == "sandbox" or tables else policy_skeleton
    text = made(
        manifest_digest, model_digest=model_digest, name=name, mode=mode, tees=(tee,), tables=tables
    )
    return write_policy_text(path, text)


def write_policy_text(path: str | Path, text: str) -> Path | None:
    """Writes a policy's text as `write_policy` does.

    Raises:
        UserError: The place may not be written to.
        OutsideError: The disk is full, or fails.
    """
    path, content = Path(path), text.encode()
    kept = _keep(path, content)
    write_whole(path, content, "policy")
    return kept


def _keep(path: Path, content: bytes) -> Path | None:
    with writing(f"policy {path}"):
        before = path.read_bytes() if path.exists() else content
        if before == content:
            return None
        for number in itertools.count(1):
            kept = path.with_name(f"{path.name}.bak{number if number > 1 else ''}")
            if not kept.exists():
                write_whole(kept, before, "policy")
                return kept
            if kept.read_bytes() == before:
                return kept
    raise AssertionError


_SPLIT_LIMIT: Final = """\
# * The answer, where the network is split: its tail runs outside the TEE, so the host sees the
#   answer and can change it. What leaves the head may give part of the input away; how much
#   depends on the cut.
"""
_HEADER: Final = """\
# What this client demands before anything of its input leaves it. Written by `cloister pack`.
# Take it from whoever packed the network, by a way that you trust: who can change this file
# chooses what sees your input.
#
# It accepts the manifests (network, cut, preprocessing, labels) and the kinds of TEE named below,
# with evidence that was made for a nonce of the client's own.
#
# It does not protect:
{limits}\
# * Sizes and times: who watches the network sees how long messages are and when they pass.
# * Against a host that stops answering.

format = "{format}"

# Evidence must hold a nonce that the client has just made.
freshness = "nonce"
# Longest life of an enclave's key, and how long the client trusts evidence, by its own clock.
max_key_lifetime = "{lifetime}"
# Tolerated difference between the host's clock and the client's.
max_clock_skew = "{skew}"
# Oldest accepted version of the enclave's engine.
engine_at_least = "{engine}"

[model]
{name}\
# SHA-256 of manifest.json. The enclave will say that it loaded model {model}.
manifest_sha256 = ["{manifest}"]
"""


def _comment(text: str) -> str:
    """As lines of a comment."""
    lines, line = [], "#"
    for word in text.split():
        if len(line) + 1 + len(word) > 96:
            lines.append(line)
            line = "#"
        line += " " + word
    return "\n".join([*lines, line]) + "\n"


def _tee(name: str, fields: Fields) -> TeePolicy:
    row = TEES.get(name)
    if row is None:
        raise BadPolicy(f"tee.{name}", f"is unknown; known are {', '.join(TEES)}")
    policy = row.read_policy(fields)
    fields.end()
    return policy


def _newer_verifier(fields: Fields) -> None:
    if not fields.has("verifier_at_least"):
        return
    least = _version("verifier_at_least", fields.text("verifier_at_least"))
    mine = parse_version(__version__)
    if mine is None or mine < least:
        raise BadPolicy(
            "verifier_at_least", f"wants a newer Cloister than this one, {__version__}: update it"
        )


def _digest(text: str) -> bytes:
    if not _HEX.fullmatch(text):
        raise BadPolicy(
            "model.manifest_sha256", f"holds {text!r:.80}, expected 64 lower-case hex digits"
        )
    return bytes.fromhex(text)


def _duration(field: str, text: str) -> int:
    match = _DURATION.fullmatch(text)
    if not match:
        raise BadPolicy(field, f'is {text!r:.80}, expected a duration such as "90s" or "24h"')
    return int(match[1]) * _UNITS_S[match[2]]


def _version(field: str, text: str) -> Version:
    version = parse_version(text)
    if version is None:
        raise BadPolicy(field, f'is {text!r:.80}, expected a version such as "0.1.0"')
    return version


def _or(words: Iterable[str]) -> str:
    return " or ".join(words)
