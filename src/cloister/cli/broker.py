"""`cloister broker`: releases page keys to enclaves that pass the owner's policy."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.attest.policy import Policy
from cloister.broker.app import Broker, app
from cloister.broker.keyring import Keyring
from cloister.broker.passphrase import read_passphrase
from cloister.cli import output
from cloister.cli.schema import BrokerReady
from cloister.cli.serve import level_of
from cloister.cli.verify import FILE_MAX_BYTES
from cloister.errors import UserError
from cloister.files import read_file
from cloister.serve.http import Server, configuration, listen, url_of
from cloister.serve.logs import log_to, stop_logging

_GRACEFUL_S = 10.0


def run(
    *,
    policy: Path,
    keys: Path,
    listening: str,
    collateral: list[Path] | None,
    passphrase_fd: int | None,
    log_level: str,
    as_json: bool,
) -> None:
    """Serves until interrupted; prints one result when requests are answered."""
    host, port = parse_address(listening)
    level = level_of(log_level)
    remarks = Policy.load(policy).remarks()
    vouching = tuple(read_file(path, FILE_MAX_BYTES) for path in collateral or [])
    keyring = Keyring.open(keys, read_passphrase(passphrase_fd))
    live = [one.key_id for one in keyring.list()]
    with listen(host, port) as taken:
        told = BrokerReady(
            url=url_of(taken),
            policy=str(policy),
            keys=str(keys),
            owner=keyring.owner,
            live_keys=live,
            remarks=remarks,
        )
        configured = configuration(app(Broker(policy, keyring, vouching)), _GRACEFUL_S)
        server = Server(configured, lambda: output.emit(told, show, as_json=as_json))
        handler = log_to(level=level)
        try:
            server.run(sockets=[taken])
        finally:
            stop_logging(handler)


def parse_address(text: str) -> tuple[str, int]:
    """`HOST:PORT`, `[IPv6]:PORT` or `PORT`.

    Raises:
        UserError: It is none.
    """
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UserError(
            f"--listen {text!r:.80} is no address",
            code="usage",
            hint="For example 127.0.0.1:8500; port 0 takes any free one.",
        )
    return host.strip("[]") or "127.0.0.1", int(port)


def show(result: BrokerReady, console: Console) -> None:
    """Prints it for people."""
    console.print(f"[bold green]releasing keys[/] at [bold]{escape(result.url)}[/]")
    console.print(f"[dim]policy {escape(result.policy)}, {len(result.live_keys)} live key(s)[/]")
    for remark in result.remarks:
        console.print(f"[yellow]![/] {escape(remark)}", soft_wrap=True)
    console.print(
        f"serve with:  cloister serve SEALED_BUNDLE --broker {escape(result.url)}", soft_wrap=True
    )
    console.print("[dim]Policy and keys are read anew for each release. Ctrl-C ends it.[/]")
