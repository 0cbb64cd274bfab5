"""`cloister optee image`: OP-TEE built anew with the numbers of a plan."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.cli.output import note
from cloister.cli.schema import OpteeImage
from cloister.enclaves.head_file import HeadFile
from cloister.optee import image
from cloister.optee.plan import PLATFORMS, Need, plan
from cloister.pack.bundle import load_bundle


def run(bundle: Path | None, profile: str, replay: int) -> OpteeImage:
    """Builds it, or finds that it was built."""
    image.profile_of(profile)
    planned = None
    if bundle is not None:
        with HeadFile(load_bundle(bundle).head) as head:
            planned = plan(Need.of(head, replay), PLATFORMS[profile]).require()
    lab = image.make(profile, planned, note)
    bounds = image.platform_of(lab)
    return OpteeImage(
        profile=profile,
        about=bounds.about,
        optee=lab.optee_version,
        data_limit_bytes=bounds.data_bytes,
        page_tables=bounds.page_tables,
        settings=list(image.settings(profile, planned)),
        path=str(lab.image),
    )


def show(result: OpteeImage, console: Console) -> None:
    """Prints it for people."""
    console.print(
        f"[bold green]OP-TEE {escape(result.optee)}[/], {escape(result.about)}:"
        f" {result.data_limit_bytes:,} bytes for an application's data, {result.page_tables} page"
        " tables of 2 MiB"
    )
    for line in result.settings:
        console.print(f"  {escape(line)}")
    console.print(f"[dim]{escape(result.path)}[/]", soft_wrap=True)
    console.print(f"run it:  cloister optee up --profile {result.profile} BUNDLE", soft_wrap=True)
