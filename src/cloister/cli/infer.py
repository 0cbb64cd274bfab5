"""`cloister infer`: checks the enclave, then sends a sealed input and opens the sealed answer.

Loads neither torch nor onnx nor onnxruntime: this verb is the client.
"""

from __future__ import annotations

import math
import warnings
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.channel.message import Array
from cloister.cli import output
from cloister.cli.schema import Infer, Output
from cloister.client import Client, UnsafeWarning
from cloister.client.proof import Proof
from cloister.errors import OutsideError, UserError
from cloister.pack.manifest import Manifest
from cloister.preprocess import read_arrays

# Of each output, for people; --json has more.
NUMBERS_SHOWN: Final = 8
# How the parts of the time are called for people. The host's are its word.
PARTS: Final = {
    "verify": "client: check the enclave",
    "seal": "client: seal the input",
    "host_queue": "host: wait",
    "host_open": "enclave: open",
    "host_head": "enclave: head",
    "host_crossing": "enclave to host and back",
    "host_tail": "host: tail",
    "host_seal": "enclave: seal",
    "unseal": "client: open the answer",
}


def run(
    *,
    url: str,
    photo: Path | None,
    policy: Path | None,
    inputs: Path | None,
    model: str | None,
    top: int,
    receipt: Path | None,
    accept_older: bool,
    pad: bool,
    unsafe_any_model: bool,
) -> Infer:
    """Asks once."""
    if (photo is None) == (inputs is None):
        raise UserError(
            "one input is needed: a photograph, or --inputs FILE.npz|csv",
            code="usage",
            hint="cloister infer URL photo.jpg --policy policy.toml",
        )
    if receipt is not None and receipt.exists():  # known before anything is sent
        raise _there_already(receipt)
    with (
        open_client(
            url, policy, model, unsafe_any_model, accept_older=accept_older, pad=pad
        ) as client,
        output.progress("asking") as step,
    ):
        step(url)
        answer = client.infer(photo or partial(_numbers, inputs))
    if receipt is not None:
        _keep(receipt, answer.proof)
    return Infer.model_validate(answer.to_json(top))


def _keep(path: Path, proof: Proof) -> None:
    try:
        with path.open("xb") as file:
            file.write(proof.to_bytes())
    except FileExistsError as error:
        raise _there_already(path) from error
    except OSError as error:
        raise OutsideError(
            f"--receipt {path} was not written: {error.strerror or error}", code="disk-failed"
        ) from error


def _there_already(path: Path) -> UserError:
    return UserError(
        f"--receipt {path} is there already: it stays as it is",
        code="output-exists",
        hint="Give another name.",
    )


def open_client(
    url: str,
    policy: Path | None,
    model: str | None,
    unsafe_any_model: bool = False,
    *,
    accept_older: bool = False,
    pad: bool = False,
) -> Client:
    """A client; what is unsafe about it is said on standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UnsafeWarning)
        client = Client(
            url,
            policy,
            model=model,
            accept_older=accept_older,
            pad=pad,
            unsafe_any_model=unsafe_any_model,
        )
    for warning in caught:
        output.err().print(f"[bold red]warning:[/] {escape(str(warning.message))}")
    return client


def _numbers(inputs: Path | None, manifest: Manifest) -> list[Array]:
    assert inputs is not None
    found = read_arrays(inputs, manifest.inputs)
    if len(found) != 1:
        raise UserError(
            f"inputs {inputs}: it holds {len(found)} inputs, `infer` sends one",
            code="bad-inputs",
            hint="Give a file with one row; from Python, call Client.infer for each.",
        )
    return found.items[0]


def show(result: Infer, console: Console) -> None:
    """Prints it for people."""
    evidence = result.evidence
    console.print(output.checks_table("What was checked before the input left", evidence.checks))
    console.print()
    console.print(output.answers_table(f"Answer of {escape(result.model)}", result.top))
    if len(result.outputs) > 1 or not any(entry.label for entry in result.top):
        _show_numbers(result.outputs, console)
    if result.nan:
        console.print("[bold yellow]An output is not a number.[/]")
    console.print(f"[yellow]{escape(result.answer)}[/]\n")
    show_times(result.timings_ms, console)
    sizes = result.bytes
    console.print(
        f"[dim]receipt: signed by the enclave over request {result.receipt.request_sha256[:16]}..."
        f" and answer {result.receipt.response_sha256[:16]}...[/]"
    )
    console.print(
        f"[dim]sealed request {output.size(sizes.request)}, in the open between enclave and host"
        f" {output.size(sizes.crossing)}, sealed answer {output.size(sizes.response)}[/]"
    )


def _show_numbers(outputs: list[Output], console: Console) -> None:
    """What a network without labels, or with several outputs, says: no classes, perhaps."""
    for part in outputs:
        shown = ["not finite" if v is None else f"{v:.6g}" for v in part.values[:NUMBERS_SHOWN]]
        rest = ", …" if math.prod(part.shape) > len(shown) else ""
        console.print(f"{escape(part.name)} {output.shape(part.shape)}: {', '.join(shown)}{rest}")


def show_times(timings_ms: dict[str, float], console: Console) -> None:
    """Where the time went; parts of other names come last, as they are."""
    parts = {name: timings_ms[key] for key, name in PARTS.items() if key in timings_ms}
    total = sum(timings_ms.get(key, 0.0) for key in ("verify", "seal", "round_trip", "unseal"))
    inside = sum(value for key, value in timings_ms.items() if key.startswith("host_"))
    if "round_trip" in timings_ms:
        parts["network and HTTP"] = max(timings_ms["round_trip"] - inside, 0.0)
    console.print(output.times_table("Where the time went", {**parts, "total": total}))
