"""`cloister serve`: starts the enclave, loads the head into it, serves until interrupted."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import Serve
from cloister.errors import UserError
from cloister.pack.bundle import POLICY_FILE
from cloister.serve.service import Service, Settings, serve

LEVELS: Final = ("debug", "info", "warning", "error", "critical")


def run(*, bundle: Path, host: str, port: int, threads: int, log_level: str, as_json: bool) -> None:
    """Serves until interrupted; prints one result when requests are answered."""
    if log_level.lower() not in LEVELS:
        raise UserError(f"--log-level {log_level!r}, expected {', '.join(LEVELS)}", code="usage")

    def ready(service: Service) -> None:
        about = service.about
        told = Serve(
            url=service.url,
            name=about["name"],
            mode="split" if about["mode"] == "split" else "whole",
            manifest_sha256=about["manifest_sha256"],
            model_digest=about["model_digest"],
            tee=about["tee"],
            policy=_policy(bundle),
        )
        output.emit(told, show, as_json=as_json)

    level = logging.getLevelNamesMapping()[log_level.upper()]
    serve(bundle, host, port, settings=Settings(threads=threads), on_ready=ready, log_level=level)


def _policy(bundle: Path) -> str | None:
    """The policy that `pack` wrote beside the bundle, if it is still there."""
    beside = bundle.resolve().parent / POLICY_FILE
    return str(beside) if beside.is_file() else None


def show(result: Serve, console: Console) -> None:
    """Prints it for people."""
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
    policy = result.policy or "policy.toml"
    console.print(
        f"ask it:  cloister infer {escape(result.url)} PHOTO --policy {escape(policy)}",
        soft_wrap=True,
    )
    console.print("[dim]Ctrl-C ends it.[/]")
