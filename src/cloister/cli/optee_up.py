"""`cloister optee up`: a real OP-TEE under QEMU on this machine, until interrupted."""

# ruff: noqa: PLR0917 - a verb has as many parameters as options
from __future__ import annotations

import signal
import threading
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.output import note
from cloister.cli.schema import OpteeUp
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES
from cloister.errors import UserError
from cloister.optee import parts
from cloister.optee.image import opened, platform_of
from cloister.optee.lab import Lab
from cloister.optee.machine import Boot, Machine
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, Plan, largest, plan
from cloister.pack.bundle import Bundle, load_bundle

TICK_S: Final = 0.2


def run(
    bundle: Path | None,
    host: str,
    port: int,
    storage: Path | None,
    profile: str,
    as_json: bool,
) -> None:
    """Boots, prints the address, ends when interrupted."""
    if profile not in PLATFORMS:
        raise UserError(f"--profile {profile!r}, expected {', '.join(PLATFORMS)}", code="usage")
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    loaded = None if bundle is None else load_bundle(bundle)
    if loaded is not None and loaded.manifest.mode != "whole":
        raise UserError(
            f"bundle {bundle} is cut: a device runs whole networks",
            code="bundle-is-split",
            hint="Pack it with --tee optee; or `cloister serve BUNDLE --enclave optee`.",
        )
    need = None if loaded is None else _need(loaded)
    fit = None if need is None else plan(need, PLATFORMS[profile]).require()
    lab = opened(profile, fit, note)
    note("booting OP-TEE")
    with Machine(lab, _boot(lab, loaded, need, storage), host=host, port=port) as machine:
        told = OpteeUp(
            address=f"optee://{host}:{machine.port}",
            name=loaded.manifest.name if loaded else None,
            manifest_sha256=loaded.manifest_digest.hex() if loaded else None,
            storage=None if storage is None else str(storage),
        )
        output.emit(told, show, as_json=as_json)
        while machine.running and not ended.is_set():
            machine.hear(TICK_S)


def _need(bundle: Bundle) -> Need:
    with HeadFile(bundle.head) as head:
        return Need.of(head, REPLAY_ENTRIES)


def _boot(lab: Lab, bundle: Bundle | None, need: Need | None, storage: Path | None) -> Boot:
    if bundle is None or need is None:
        fit = largest(platform_of(lab))
        made = Parts.make(lab, fit.sizes)
        return Boot(made.application, made.daemon, fit.daemon_arguments, storage=storage)
    # A bundle's own application is signed for the OP-TEE of its dev kit, not for one built here.
    packed = Parts.read(bundle.path) if lab.image is None else None
    fit = plan(need, platform_of(lab)).require()
    made = packed or _made(lab, fit)
    return Boot(
        made.application,
        made.daemon,
        ("--bundle", f"/{parts.GUEST_BUNDLE}", *fit.daemon_arguments),
        parts.guest_files(bundle.path),
        storage,
    )


def _made(lab: Lab, fit: Plan) -> Parts:
    """For a bundle that was packed without them."""
    note("building the trusted application")
    return Parts.make(lab, fit.sizes)


def show(result: OpteeUp, console: Console) -> None:
    """Prints it for people."""
    if result.name:
        console.print(
            f"[bold green]serving[/] [bold]{escape(result.name)}[/] inside OP-TEE at"
            f" [bold]{result.address}[/]"
        )
        console.print(
            f"ask it:    cloister infer {result.address} PHOTO --policy POLICY", soft_wrap=True
        )
        console.print(
            f"enrol it:  cloister optee enrol {result.address} --devices devices.toml",
            soft_wrap=True,
        )
    else:
        console.print(
            f"[bold green]OP-TEE is up[/]; a host drives it at [bold]{result.address}[/]:"
            f" cloister serve BUNDLE --enclave {result.address}",
            soft_wrap=True,
        )
    console.print(
        "[yellow]Under QEMU its hardware key is a public constant: it protects from nobody who has"
        " this machine.[/]"
    )
    console.print("[dim]Ctrl-C ends it.[/]")
