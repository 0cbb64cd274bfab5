"""`cloister optee up`: a real OP-TEE under QEMU on this machine, until interrupted."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.output import note
from cloister.cli.schema import Result
from cloister.enclaves.optee import REPLAY_ENTRIES
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.lab import set_up
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, largest_instance
from cloister.serve.service import Service, Settings, serve


class OpteeUp(Result):
    """What `optee up --json` prints, once.

    `url` answers clients (`cloister infer`); `address` takes a host's frames, where no bundle was
    given.
    """

    format: str = "cloister-optee-up/1"
    url: str | None
    address: str | None
    name: str | None
    manifest_sha256: str | None


def run(bundle: Path | None, port: int, as_json: bool) -> None:
    """Boots, serves, ends."""
    if bundle is None:
        _machine(port, as_json)
        return
    note("setting up, building and booting OP-TEE")

    def ready(service: Service) -> None:
        told = OpteeUp(
            url=service.url, address=None, name=service.about["name"],
            manifest_sha256=service.about["manifest_sha256"],
        )  # fmt: skip
        output.emit(told, show, as_json=as_json)

    settings = Settings(enclave="optee", replay=REPLAY_ENTRIES, deadline_s=300.0)
    serve(bundle, port=port, settings=settings, on_ready=ready, log_level="WARNING")


def _machine(port: int, as_json: bool) -> None:
    lab = set_up(note)
    sizes = Sizes(largest_instance(PLATFORMS["stock"]))
    ended = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: ended.set())
    with Machine(
        lab, Boot(build.trusted_application(lab, sizes), build.daemon(lab)), port=port
    ) as machine:
        told = OpteeUp(
            url=None, address=f"optee://127.0.0.1:{machine.port}", name=None, manifest_sha256=None
        )
        output.emit(told, show, as_json=as_json)
        while machine.running and not ended.wait(0.2):
            pass


def show(result: OpteeUp, console: Console) -> None:
    """Prints it for people."""
    if result.url:
        console.print(
            f"[bold green]serving[/] [bold]{escape(result.name or '')}[/] inside OP-TEE at"
            f" [bold]{result.url}[/]"
        )
        console.print(f"ask it:  cloister infer {result.url} PHOTO --policy POLICY", soft_wrap=True)
    else:
        console.print(f"[bold green]OP-TEE is up[/], its daemon at [bold]{result.address}[/]")
    console.print(
        "[yellow]Under QEMU, and without attestation: policies refuse it unless they say "
        "unsafe_development = true for tee.optee.[/]"
    )
    console.print("[dim]Ctrl-C ends it.[/]")
