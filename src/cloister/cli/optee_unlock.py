"""`cloister optee unlock`: brings a device the key of its sealed weights, from the owner's broker.

The device asks for nothing: whoever runs this carries its evidence to the broker and the sealed key
back, and can neither open nor make either. The device keeps the key in secure storage, so that this
is needed once.
"""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.schema import OpteeUnlock
from cloister.client.optee import OpteeService
from cloister.errors import UserError
from cloister.pack.manifest import Manifest
from cloister.serve.keys import BrokerKeys

TIMEOUT_S: Final = 120.0  # every page is opened before the device answers


def run(address: str, broker: str) -> OpteeUnlock:
    """Brings the key, if the device lacks it."""
    source = BrokerKeys(broker)
    service = OpteeService(address, timeout_s=TIMEOUT_S)
    try:
        with output.progress("asking the broker") as step:
            step(broker)
            manifest = Manifest.from_bytes(service.manifest(""))
            if manifest.key_id is None:
                raise UserError(
                    f"the weights of {manifest.name} are not sealed: there is no key to bring",
                    code="not-sealed",
                    hint="`cloister seal BUNDLE` seals them.",
                )
            key = source.fetch(
                bytes.fromhex(manifest.key_id), lambda nonce: service.evidence("", nonce)
            )
            brought = service.key(key)
    finally:
        service.close()
    return OpteeUnlock(address=address, name=manifest.name, key_id=manifest.key_id, brought=brought)


def show(result: OpteeUnlock, console: Console) -> None:
    """Prints it for people."""
    word = "unlocked" if result.brought else "had its key already"
    console.print(
        f"[bold green]{word}[/]: {escape(result.name)} at {escape(result.address)}, key"
        f" {result.key_id}",
        soft_wrap=True,
    )
