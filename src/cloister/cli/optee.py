"""The grammar of `cloister optee …`: a network inside Arm TrustZone, planned and run; no logic.

As in app.py, a verb's code stands in a file of its own and is loaded when it runs.
"""

# ruff: noqa: PLR0917 - a verb has as many parameters as options
from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from cloister.cli.options import Json, Model, RandomWeights, Shape
from cloister.cli.output import emit

app = typer.Typer(
    no_args_is_help=True, help="A whole network inside Arm TrustZone: plan its memory, run it."
)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The device: optee://HOST:PORT.")]
Replay = Annotated[int, typer.Option("--replay", min=1, help="Answers that one key may give.")]


@app.command()
def plan(
    model: Model,
    board: Annotated[str, typer.Option("--board", metavar="NAME", help="Whose memory.")] = "stock",
    memory: Annotated[
        str | None,
        typer.Option(
            "--memory",
            metavar="SIZE",
            help="Of the instance, e.g. 8MiB; else all that the board has.",
        ),
    ] = None,
    replay: Replay = 1024,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Write ta_plan.h here, for the build."),
    ] = None,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Memory before any build: heap, stack, page tables, shared memory, streamed weights; fits, or
    by how much not.
    """
    module = import_module("cloister.cli.optee_plan")
    result = module.run(model, board, memory, replay, output, shape, random_weights)
    emit(result, module.show, as_json=as_json)
    raise typer.Exit(result.exit_code)


@app.command()
def up(
    bundle: Annotated[
        Path | None,
        typer.Argument(
            metavar="[BUNDLE]", help="Packed whole; none: the machine only, for `serve --enclave`."
        ),
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address of this machine to listen on.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 0,
    storage: Annotated[
        Path | None,
        typer.Option(
            "--storage",
            metavar="FILE",
            help="The device's secure storage, made if it is not there: its keys outlive the"
            " machine.",
        ),
    ] = None,
    profile: Annotated[
        str,
        typer.Option(
            "--profile", metavar="NAME", help="stock, or what `optee image` built: planned, sbsa."
        ),
    ] = "stock",
    as_json: Json = False,
) -> None:
    """Boot a real OP-TEE under QEMU, the bundle served from inside it, until interrupted."""
    import_module("cloister.cli.optee_up").run(bundle, host, port, storage, profile, as_json)


@app.command()
def enrol(
    address: Address,
    devices: Annotated[
        Path, typer.Option("--devices", metavar="FILE", help="Your device list (TOML).")
    ],
    name: Annotated[str, typer.Option("--name", help="What you call the device.")] = "device",
    ta_memory: Annotated[
        str | None,
        typer.Option(
            "--ta-memory",
            metavar="HEX",
            help="What an attested device's memory must be: the digest of your build.",
        ),
    ] = None,
    attestation_key: Annotated[
        str | None,
        typer.Option(
            "--attestation-key", metavar="HEX", help="Its SHA-256, where you know it; else taken."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Take a device's keys into your list: once, on a bench you trust (trust on first use)."""
    module = import_module("cloister.cli.optee_enrol")
    result = module.run(address, devices, name, ta_memory, attestation_key)
    emit(result, module.show, as_json=as_json)


@app.command()
def image(
    bundle: Annotated[
        Path | None,
        typer.Option("--for", metavar="BUNDLE", help="What has to fit; none: all the board has."),
    ] = None,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="planned (virt) or sbsa.")
    ] = "planned",
    replay: Replay = 1024,
    as_json: Json = False,
) -> None:
    """Build OP-TEE anew with the plan's numbers, from Debian's source; takes minutes, once."""
    module = import_module("cloister.cli.optee_image")
    emit(module.run(bundle, profile, replay), module.show, as_json=as_json)


@app.command()
def unlock(
    address: Address,
    broker: Annotated[
        str, typer.Option("--broker", metavar="URL", help="The owner's, of `cloister broker`.")
    ],
    as_json: Json = False,
) -> None:
    """Bring a device the key of its sealed weights: once, it keeps the key."""
    module = import_module("cloister.cli.optee_unlock")
    emit(module.run(address, broker), module.show, as_json=as_json)
