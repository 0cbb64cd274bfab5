"""`cloister verify`: appraises evidence step by step, and sends nothing else.

Four sources, one verifier: a service (asked with a nonce of our own), an evidence document or an
answer's receipt in a file, or a bare quote or report. Nothing is fetched but from the service that
was named.
"""

# ruff: noqa: PLR0917 - a source has as many parameters as options
from __future__ import annotations

import struct
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.attest.policy import Policy
from cloister.attest.snp_report import REPORT_BYTES
from cloister.attest.tees import TEES
from cloister.attest.verifier import (
    MANIFEST_MAX_BYTES,
    AttestationResult,
    appraise,
    appraise_quote,
)
from cloister.cli import output
from cloister.cli.schema import Verify
from cloister.client import Client
from cloister.client.proof import FILE_MAX_BYTES as PROOF_MAX_BYTES
from cloister.client.proof import Proof, is_proof
from cloister.errors import UserError
from cloister.files import read_file

KINDS: Final = tuple(
    name for name, row in TEES.items() if row.endorsements_type and not row.development
)
FILE_MAX_BYTES: Final = 1 << 20
_QUOTES: Final = {(3, 0): "sgx", (4, 0x81): "tdx", (5, 0x81): "tdx"}


def run(
    *,
    target: str | None,
    policy: Path | None,
    model: str | None,
    quote: Path | None,
    collateral: list[Path] | None,
    kind: str | None,
    at: str | None,
    manifest: Path | None,
    nonce: str | None,
    report_data: str | None,
    accept_older: bool,
) -> Verify:
    """Verifies once."""
    now = time.time() if at is None else parse_time(at)
    vouching = [read_file(path, FILE_MAX_BYTES) for path in collateral or []]
    if (target is None) == (quote is None):
        raise _usage("one source is needed: a service's URL, an evidence file, or --quote FILE")
    if quote is not None:
        _only_for(model=model, manifest=manifest, nonce=nonce)
        result = _quote(quote, vouching, kind, policy, now, _hex("--report-data", report_data, 64))
    elif target is not None and "://" not in target:
        if not Path(target).is_file():
            raise _no_source(target)
        _only_for(model=model, kind=kind, report_data=report_data)
        result = _document(Path(target), policy, manifest, nonce, vouching, now)
    else:
        _only_for(manifest=manifest, nonce=nonce, kind=kind, report_data=report_data)
        clock = time.time if at is None else lambda: now
        with Client(
            str(target),
            policy,
            model=model,
            collateral=vouching,
            clock=clock,
            accept_older=accept_older,
        ) as client:
            result = client.verify()
    return Verify.model_validate(result.to_json())


def _quote(
    path: Path,
    collateral: Sequence[bytes],
    kind: str | None,
    policy: Path | None,
    now: float,
    report_data: bytes | None,
) -> AttestationResult:
    data = read_file(path, FILE_MAX_BYTES)
    rules = None if policy is None else Policy.load(policy)
    kind = kind or kind_of(data)
    if kind not in KINDS:
        raise _usage(f"--kind is {kind!r}, expected {' or '.join(KINDS)}")
    return appraise_quote(kind, data, collateral, rules, now=now, report_data=report_data)


def _document(
    path: Path,
    policy: Path | None,
    manifest: Path | None,
    nonce: str | None,
    collateral: Sequence[bytes],
    now: float,
) -> AttestationResult:
    if policy is None:
        raise UserError(
            "there is no policy: nothing says what is to be believed",
            code="no-policy",
            hint="`cloister pack` writes policy.toml beside the bundle; give it with --policy.",
        )
    content = read_file(path, PROOF_MAX_BYTES)
    if is_proof(content):
        _only_for(manifest=manifest)
        proof, rules = Proof.from_bytes(content), Policy.load(policy)
        asked = _hex("--nonce", nonce)
        return proof.appraise(rules, now=now, nonce=asked, collateral=collateral)
    if manifest is None:
        raise _usage("an evidence file needs --manifest FILE: the manifest.json that it names")
    return appraise(
        content,
        read_file(manifest, MANIFEST_MAX_BYTES),
        Policy.load(policy),
        nonce=_hex("--nonce", nonce),
        now=now,
        collateral=collateral,
    )


def kind_of(data: bytes) -> str:
    """Which kind of TEE a quote or report is of.

    Raises:
        UserError: It is none that is known.
    """
    if len(data) >= 8:
        version, _, tee = struct.unpack_from("<HHI", data, 0)
        if (version, tee) in _QUOTES:
            return _QUOTES[version, tee]
    if len(data) == REPORT_BYTES:
        return "snp"
    raise UserError(
        "the file is no quote of SGX or TDX and no report of SEV-SNP that is known",
        code="unknown-quote",
        hint="A quote is binary: as the driver gave it, not as text. --kind says which it must be.",
    )


def parse_time(text: str) -> float:
    """Seconds since 1970 of a time: ISO 8601 (UTC unless it says otherwise), or seconds.

    Raises:
        UserError: It is neither.
    """
    try:
        if text.isdecimal() and len(text) > 8:
            moment = datetime.fromtimestamp(int(text), UTC)
        else:
            moment = datetime.fromisoformat(text)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if seconds < 0:
            raise ValueError("before 1970")
        return seconds
    except (ValueError, OverflowError, OSError) as error:
        raise _usage(f"--at is {text!r}, expected such as 2026-11-21T10:00:00Z") from error


def _hex(option: str, text: str | None, size_bytes: int | None = None) -> bytes | None:
    if text is None:
        return None
    try:
        value = bytes.fromhex(text)
    except ValueError as error:
        raise _usage(f"{option} is no hex") from error
    if size_bytes is not None and len(value) != size_bytes:
        raise _usage(f"{option} has {len(value)} bytes, expected {size_bytes}")
    return value


def _only_for(**given: object) -> None:
    for name, value in given.items():
        if value is not None:
            raise _usage(f"--{name.replace('_', '-')} does not go with this source")


def _no_source(target: str) -> UserError:
    what = "is a folder" if Path(target).is_dir() else "is no file here"
    return UserError(
        f"{target!r:.200} {what}, and no address of a service",
        code="no-such-file",
        hint="Give a file with evidence, or with a receipt of `infer --receipt`, or an address such"
        " as http://host:8400; a quote or report goes with --quote.",
    )


def _usage(message: str) -> UserError:
    return UserError(message, code="usage", hint="`cloister verify --help` lists what it takes.")


def show(result: Verify, console: Console) -> None:
    """Prints it for people."""
    console.print(output.checks_table(f"Evidence of a {result.kind or 'TEE'}", result.checks))
    for check in result.checks:
        if check.result == "failed":
            console.print(f"\n[bold red]{escape(check.code)}[/]: {escape(check.reason)}")
            if check.hint:
                console.print(f" [bold]hint:[/] {escape(check.hint)}")
    if result.facts:
        grid = output.table("What the evidence says", "fact", "value")
        for name, value in result.facts.items():
            grid.add_row(name, escape(value) or "-")
        console.print()
        console.print(grid)
    console.print(f"\nverdict: {output.RESULTS[result.verdict]}")
    open_ends = [check.name for check in result.checks if check.result == "not checked"]
    if result.verdict == "passed" and open_ends:
        console.print(f"[yellow]Not checked: {', '.join(open_ends)}; the reasons stand above.[/]")
    if result.kind in TEES and not TEES[result.kind].endorsements_type:
        console.print(f"[yellow]{escape(TEES[result.kind].protects_not)}[/]")
