"""`cloister optee enrol`: takes a device's keys into the owner's list, once, on a trusted bench."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.attest.claims import Claims, report_data
from cloister.attest.devices import Device, add_device, policy_table
from cloister.attest.evidence import Evidence
from cloister.attest.optee import OpteePolicy, OpteeProof
from cloister.attest.tee import Finding, Outcome
from cloister.cli import output
from cloister.cli.schema import OpteeEnrol
from cloister.client.optee import OpteeService
from cloister.errors import Refused, UserError

TIMEOUT_S: Final = 60.0
NONCE_BYTES: Final = 32


def run(
    address: str, devices: Path, name: str, ta_memory: str | None, attestation_key: str | None
) -> OpteeEnrol:
    """Enrols one device.

    1. It is asked for evidence, with a nonce of our own.
    2. Where it attests, its memory must be what `--ta-memory` says; the attestation key is taken
       on first use, unless it is named, too.
    3. The device key must have signed, or be attested.
    4. What was learnt is entered; a name or key that the list has otherwise is refused.
    """
    memory, service_key = _hex("--ta-memory", ta_memory), _hex("--attestation-key", attestation_key)
    nonce = secrets.token_bytes(NONCE_BYTES)
    service = OpteeService(address, timeout_s=TIMEOUT_S)
    try:
        with output.progress("asking the device") as step:
            step(address)
            evidence = Evidence.from_bytes(service.evidence("", nonce))
    finally:
        service.close()
    device = examine(name, evidence, nonce, memory, service_key)
    added = add_device(devices, device)
    return OpteeEnrol(
        devices=str(devices),
        name=name,
        kind="attested" if device.attestation_key else "unattested, enrolled",
        device_key=device.device_key.hex(),
        attestation_key=device.attestation_key.hex() if device.attestation_key else None,
        ta_memory=device.ta_memory.hex() if device.ta_memory else None,
        added=added,
        policy_table=policy_table([device]),
    )


def examine(
    name: str, evidence: Evidence, nonce: bytes, memory: bytes | None, service_key: bytes | None
) -> Device:
    """What the evidence says of the device.

    Raises:
        UserError: It attests, and nobody said what its memory must be.
        Refused: It is not genuine, or of other claims, or of another application.
    """
    claims = Claims.from_bytes(evidence.claims)
    facts = OpteeProof(evidence.evidence, (), OpteePolicy(unsafe_development=True), 0.0)
    _require(facts.form())
    _require(facts.genuine())
    found = {key: bytes.fromhex(value) for key, value in facts.facts().items() if key != "kind"}
    if not facts.attested:
        if memory is not None or service_key is not None:
            raise Refused(
                "the device does not attest, so nothing is known of its memory",
                code="unattested",
                hint="Leave --ta-memory and --attestation-key out to enrol it without.",
            )
        device = Device(name, found["device_key"])
        rules = OpteePolicy(device_keys=frozenset({device.device_key}), allow_unattested=True)
    else:
        if memory is None:
            raise UserError(
                f"nobody said what the device's memory must be; it is {found['ta_memory'].hex()}",
                code="usage",
                hint="Give --ta-memory HEX: the digest of the application that you built.",
            )
        device = Device(name, found["device_key"], service_key or found["attestation_key"], memory)
        rules = OpteePolicy(
            attestation_keys=frozenset({device.attestation_key or b""}),
            ta_memory=frozenset({memory}),
        )
    proof = OpteeProof(evidence.evidence, (), rules, 0.0)
    for finding in (proof.form(), proof.genuine(), proof.measurement()):
        _require(finding)
    _require(proof.binding(report_data(evidence.claims)))
    if claims.nonce != nonce or claims.tee != "optee":
        raise Refused("the device's claims are of another question", code="nonce")
    return device


def _require(finding: Finding) -> None:
    if finding.outcome is Outcome.FAILED:
        raise Refused(
            f"the device is refused: {finding.reason}", code=finding.code, hint=finding.hint
        )


def _hex(option: str, text: str | None) -> bytes | None:
    try:
        value = None if text is None else bytes.fromhex(text)
    except ValueError:
        value = b""
    if value is not None and len(value) != 32:
        raise UserError(f"{option} {text!r:.80}, expected 64 hex digits", code="usage")
    return value


def show(result: OpteeEnrol, console: Console) -> None:
    """Prints it for people."""
    word = "enrolled" if result.added else "enrolled already"
    console.print(f"[bold green]{word}[/]: [bold]{escape(result.name)}[/], {result.kind}")
    for field in ("device_key", "attestation_key", "ta_memory"):
        value = getattr(result, field)
        if value:
            console.print(f"[dim]{field:16}{value}[/]", soft_wrap=True)
    console.print(
        f"In {escape(result.devices)}. For policies: cloister pack … --tee optee --devices"
        f" {escape(result.devices)}, or [tee.optee] of an existing one:\n",
        soft_wrap=True,
        markup=False,
    )
    console.print(result.policy_table, markup=False, highlight=False, soft_wrap=True, end="")
    if result.kind != "attested":
        console.print(
            "[yellow]It does not attest: from now on it is known again, but nothing proves which"
            " application runs there. That the bench was trusted is your word.[/]"
        )
