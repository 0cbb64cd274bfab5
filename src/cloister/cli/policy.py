"""`cloister policy`: make, explain and check what a client accepts."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from rich.console import Console
from rich.markup import escape

from cloister.attest.devices import load_devices, policy_table
from cloister.attest.fields import BadPolicy
from cloister.attest.policy import FILL_IN, Policy, policy_skeleton
from cloister.attest.tees import TEES
from cloister.cli.schema import PolicyReport
from cloister.errors import UserError
from cloister.files import read_file, write_whole
from cloister.pack.manifest import MANIFEST_MAX_BYTES, Manifest

_MANIFEST: Final = "manifest.json"


def run(
    *,
    action: Literal["new", "from-bundle", "explain", "lint"],
    path: Path | None,
    kinds: list[str] | None = None,
    devices: Path | None = None,
    save: Path | None = None,
) -> PolicyReport:
    """Does one of the actions."""
    if action in ("new", "from-bundle"):
        tables = {} if devices is None else {"optee": policy_table(load_devices(devices))}
        text = _make(path, kinds or list(tables) or ["sandbox"], tables)
        if save is not None:
            _write(save, text)
        return PolicyReport(
            action=action, ok=FILL_IN not in text, text=text, saved=str(save) if save else None
        )
    assert path is not None
    if action == "lint":
        try:
            policy = Policy.load(path)
        except BadPolicy as error:
            where = [error.hint] if FILL_IN in error.hint else []
            return PolicyReport(action=action, ok=False, problems=[error.message, *where])
        return PolicyReport(action=action, ok=True, remarks=policy.remarks())
    policy = Policy.load(path)
    return PolicyReport(
        action=action, ok=True, sentences=policy.explain(), remarks=policy.remarks()
    )


def _make(bundle: Path | None, kinds: list[str], tables: dict[str, str]) -> str:
    for kind in kinds:
        if kind not in TEES:
            raise UserError(f"--kind is {kind!r}, expected {' or '.join(TEES)}", code="usage")
    if bundle is None:
        return policy_skeleton(
            f"{FILL_IN}: sha256sum manifest.json", model_digest="(see the manifest)", tees=kinds
        )
    file = bundle / _MANIFEST if bundle.is_dir() else bundle
    manifest = Manifest.from_bytes(read_file(file, MANIFEST_MAX_BYTES))
    return policy_skeleton(
        manifest.digest,
        model_digest=manifest.model_digest,
        name=manifest.name,
        mode=manifest.mode,
        engine=manifest.engine,
        tees=kinds,
        tables=tables,
    )


def _write(path: Path, text: str) -> None:
    if path.exists():
        raise UserError(f"{path} exists already", code="exists", hint="Give another name.")
    write_whole(path, text.encode())


def show(result: PolicyReport, console: Console) -> None:
    """Prints it for people."""
    if result.text is not None:
        if result.saved is None:
            console.print(result.text, markup=False, highlight=False, soft_wrap=True, end="")
        else:
            console.print(f"policy: {escape(result.saved)}")
        if not result.ok:
            console.print(
                f"# What says {FILL_IN} only you know; until then it is refused.", markup=False
            )
        return
    for sentence in result.sentences:
        console.print(f"• {escape(sentence)}", soft_wrap=True)
    for problem in result.problems:
        console.print(f"[bold red]✘[/] {escape(problem)}", soft_wrap=True)
    for remark in result.remarks:
        console.print(f"[yellow]![/] {escape(remark)}", soft_wrap=True)
    if result.action == "lint":
        words = "no policy" if not result.ok else "a policy"
        more = f", {len(result.remarks)} remarks" if result.remarks else ""
        console.print(f"{words}{more}")
