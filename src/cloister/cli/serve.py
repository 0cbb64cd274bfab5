"""`cloister serve`: starts the enclave, loads the head into it, serves until interrupted."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.attest.tees import TEES
from cloister.broker.direct import UnsafeKeys
from cloister.broker.kbs import KbsKeys
from cloister.broker.keyring import Keyring
from cloister.broker.passphrase import read_passphrase
from cloister.cli import output
from cloister.cli.schema import Serve
from cloister.enclaves.attested import Place
from cloister.enclaves.optee import OpteeEnclave, is_device
from cloister.errors import UserError
from cloister.pack.policy_beside import policy_of
from cloister.serve.keys import BrokerKeys, KeySource
from cloister.serve.service import Service, Settings, serve

LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def run(
    *,
    bundle: Path,
    host: str,
    port: int,
    tee: str,
    enclave: str | None,
    collateral: list[Path] | None,
    source: Path | None,
    privlevel: int | None,
    tpm_key: str | None,
    pcrs: str | None,
    threads: int,
    broker: str | None,
    kbs: str | None,
    unsafe_keys: Path | None,
    passphrase_fd: int | None,
    log_level: str,
    as_json: bool,
) -> None:
    """Serves until interrupted; prints one result when requests are answered."""
    if enclave is not None and is_device(enclave):
        tee = OpteeEnclave.tee
    level = level_of(log_level)
    if sum(given is not None for given in (broker, kbs, unsafe_keys)) > 1:
        raise UserError("--broker, --kbs and --unsafe-keys exclude each other", code="usage")
    keys = _source(broker, kbs, tee, enclave) or _unsafe(unsafe_keys, passphrase_fd)

    def ready(service: Service) -> None:
        about = service.about
        told = Serve(
            url=service.url,
            name=about["name"],
            mode="split" if about["mode"] == "split" else "whole",
            manifest_sha256=about["manifest_sha256"],
            model_digest=about["model_digest"],
            tee=about["tee"],
            policy=_policy(bundle, about["manifest_sha256"]),
            locked=service.locked,
        )
        photos = service.bundle.manifest.preprocess is not None
        output.emit(told, partial(show, photos=photos), as_json=as_json)

    place = Place(
        at=enclave,
        source=source and source.resolve(),
        privlevel=privlevel,
        tpm_key=None if tpm_key is None else _number("--tpm-key", tpm_key),
        pcrs=tuple(_number("--pcrs", word) for word in pcrs.split(",")) if pcrs else (),
    )
    settings = Settings(
        threads=threads,
        enclave=tee,
        place=None if place == Place() else place,
        collateral=tuple(collateral or ()),
        keys=keys,
    )
    serve(bundle, host, port, settings=settings, on_ready=ready, log_level=level)


def _number(option: str, text: str) -> int:
    """A number in decimal or, with 0x, hex.

    Raises:
        UserError: It is none, or negative or beyond 32 bits.
    """
    try:
        value = int(text, 0)
    except ValueError:
        value = -1
    if not 0 <= value < 1 << 32:
        raise UserError(
            f"{option} {text!r:.40}: expected a number, e.g. 7 or 0x81000003", code="usage"
        )
    return value


def level_of(name: str) -> int:
    """A level of `logging` by its name.

    Raises:
        UserError: There is none.
    """
    if name.lower() not in LEVELS:
        raise UserError(f"--log-level {name!r}, expected {', '.join(LEVELS)}", code="usage")
    return logging.getLevelNamesMapping()[name.upper()]


def _source(broker: str | None, kbs: str | None, tee: str, enclave: str | None) -> KeySource | None:
    """Who releases the key of sealed weights."""
    if broker is not None:
        return BrokerKeys(broker)
    if kbs is None:
        return None
    if enclave is not None:
        raise UserError(
            f"--kbs does not go with --enclave {enclave}: this process is outside the TEE and "
            "would hold the key",
            code="kbs-kind",
            hint="Let a broker release it: serve --broker URL.",
        )
    return KbsKeys(kbs, tee)


def _unsafe(keys: Path | None, passphrase_fd: int | None) -> KeySource | None:
    """This host itself, for development."""
    if keys is None:
        return None
    output.err().print(
        "[bold red]warning:[/] UNSAFE: this host opens the keys itself, and has the weights"
    )
    return UnsafeKeys(Keyring.open(keys, read_passphrase(passphrase_fd)))


def _policy(bundle: Path, manifest_sha256: str) -> str | None:
    """The policy that `pack` wrote beside the bundle, if it is still there: the next bundle that
    was packed into the same folder has its own there.
    """
    beside = policy_of(bundle.resolve())
    try:
        named = manifest_sha256 in beside.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return str(beside) if named else None


def show(result: Serve, console: Console, *, photos: bool = True) -> None:
    """Prints it for people.

    Args:
        result: What is served.
        console: Standard output.
        photos: The network takes photographs.
    """
    console.print(
        f"[bold green]serving[/] [bold]{escape(result.name)}[/] ({result.mode}) at"
        f" [bold]{escape(result.url)}[/]"
    )
    console.print(f"[dim]model digest    {result.model_digest}[/]", soft_wrap=True)
    console.print(f"[dim]manifest sha256 {result.manifest_sha256}[/]", soft_wrap=True)
    if result.tee == "sandbox":
        console.print(
            "[yellow]The enclave is a sandbox: it protects nothing against whoever runs this"
            " machine.[/]"
        )
    elif TEES[result.tee].development:
        console.print(f"[yellow]{escape(TEES[result.tee].protects_not)}[/]")
    if result.locked is not None:
        console.print(
            f"[yellow]not ready: the weights are sealed, and {escape(result.locked)}."
            " Asked again with growing pauses.[/]",
            soft_wrap=True,
        )
    policy = result.policy or "POLICY"
    asked = "PHOTO" if photos else "--inputs FILE"
    console.print(
        f"ask it:  cloister infer {escape(result.url)} {asked} --policy {escape(policy)}",
        soft_wrap=True,
    )
    if result.policy is None:
        console.print(
            "[dim]No policy beside the bundle names it: `cloister policy from-bundle` does.[/]"
        )
    console.print("[dim]Ctrl-C ends it.[/]")
