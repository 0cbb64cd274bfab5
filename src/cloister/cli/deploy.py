"""`cloister deploy`: what runs a bundle's enclave under Gramine or in a confidential VM."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.console import Console
from rich.markup import escape

from cloister.cli.schema import Deploy
from cloister.enclaves.deploy import write_deployment
from cloister.enclaves.head_file import HeadFile
from cloister.pack.bundle import load_bundle

NEXT: Final = {
    "sgx": (
        "GRAMINE_KEY=key.pem {folder}/build.sh",
        "cloister serve {bundle} --tee sgx --enclave {folder} --collateral collateral.json",
    ),
    "tdx": (
        "build the machine's image from {folder}/Containerfile, launch it measured",
        "cloister serve {bundle} --tee tdx --enclave vsock://CID:8401 --collateral collateral.json",
    ),
    "snp": (
        "build the machine's image from {folder}/Containerfile, launch it measured",
        "cloister serve {bundle} --tee snp --enclave vsock://CID:8401 --collateral chain.pem",
    ),
}


def run(*, bundle: Path, tee: str, output: Path) -> Deploy:
    """Writes the directory."""
    loaded = load_bundle(bundle)
    with HeadFile(loaded.head) as head:
        made = write_deployment(tee, head, output)
    steps = [step.format(folder=output, bundle=bundle) for step in NEXT[tee]]
    if loaded.manifest.key_id is not None:
        steps[-1] += " --broker URL"
    return Deploy(
        folder=str(made.folder),
        tee=tee,
        files=list(made.files),
        command=list(made.command),
        memory_bytes=made.memory_bytes,
        enclave_bytes=made.enclave_bytes or None,
        next=[f"cloister policy from-bundle {bundle} --kind {tee} -o policy.toml", *steps],
    )


def show(result: Deploy, console: Console) -> None:
    """Prints it for people."""
    console.print(f"[bold]{escape(result.folder)}[/]: {escape(', '.join(result.files))}")
    console.print(f"[dim]{escape(' '.join(result.command))}[/]", soft_wrap=True)
    console.print("next (docs/deploy.md):")
    for step in result.next:
        console.print(f"  {escape(step)}", soft_wrap=True)
