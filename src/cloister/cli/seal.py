"""`cloister seal`: encrypts a bundle's weights; the key goes to keys/, wrapped."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.broker.keyring import OWNER_FILE, Keyring
from cloister.broker.passphrase import read_passphrase
from cloister.broker.seal import seal
from cloister.cli import output
from cloister.cli.schema import Seal


def run(*, bundle: Path, to: Path, output: Path | None, passphrase_fd: int | None) -> Seal:
    """Seals a bundle."""
    new = not (to / OWNER_FILE).exists()
    passphrase = read_passphrase(passphrase_fd, twice=new)
    keyring = Keyring.create(to, passphrase) if new else Keyring.open(to, passphrase)
    out = output or bundle.resolve().with_name(f"sealed_{bundle.resolve().name}")
    sealed = seal(bundle, keyring, out)
    manifest = sealed.bundle.manifest
    return Seal(
        bundle=str(sealed.bundle.path),
        policy=str(sealed.policy),
        keys=str(to),
        key_id=sealed.key_id.hex(),
        owner=keyring.owner,
        name=manifest.name,
        version=manifest.version,
        manifest_sha256=manifest.digest,
        model_digest=manifest.model_digest,
        head_bytes=manifest.head.size_bytes,
        live_keys=[one.key_id for one in keyring.list() if one.name == manifest.name],
    )


def show(result: Seal, console: Console) -> None:
    """Prints it for people."""
    console.print(f"[bold green]sealed[/] [bold]{escape(result.name)}[/], version {result.version}")
    rows = (
        ("bundle", result.bundle),
        ("policy, for clients and broker", result.policy),
        ("key id", result.key_id),
        ("owner", result.owner),
        ("live keys of this name", str(len(result.live_keys))),
        ("model digest", result.model_digest),
        ("manifest sha256", result.manifest_sha256),
    )
    console.print(output.facts(rows))
    console.print(
        f"\nrelease its key:  cloister broker --policy {escape(result.policy)} --keys"
        f" {escape(result.keys)}",
        soft_wrap=True,
    )
    console.print(
        f"serve it:         cloister serve {escape(result.bundle)} --broker URL", soft_wrap=True
    )
    if len(result.live_keys) > 1:
        console.print(
            f"[yellow]{len(result.live_keys)} keys of this name are live. When every service serves"
            " the new one, take the old digest out of the policy and its KEY_ID.json out of"
            f" {escape(result.keys)}.[/]",
            soft_wrap=True,
        )
    console.print(
        f"[yellow]Who loses {escape(result.keys)} or its passphrase cannot open the weights"
        " again: back it up.[/]",
        soft_wrap=True,
    )
