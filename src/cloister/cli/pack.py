"""`cloister pack`: a bundle, and the policy for its clients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from cloister.cli import output
from cloister.cli.bound import audit_digest, plan_digest, verified_signer
from cloister.cli.output import note
from cloister.cli.pack_device import Device
from cloister.cli.schema import Bands, Pack, PackedParity, PackedRounding
from cloister.cli.sources import (
    ZOO,
    Source,
    find_inputs,
    find_preprocess,
    load_network,
    parse_size,
    say_default,
)
from cloister.enclaves.engine import Engine
from cloister.errors import UserError
from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.pack.bundle import DEVICE_FOLDER
from cloister.pack.packing import Packed, pack
from cloister.pack.runnable import require_runnable
from cloister.preprocess import read_labels


def run(
    *,
    model: str,
    output: Path,
    cut: str | None,
    whole: bool,
    weights: str,
    preprocess: Path | None,
    labels: Path | None,
    images: Path | None,
    inputs: Path | None,
    memory: str | None,
    rows: bool,
    name: str | None,
    version: int | None,
    replace_policy: bool,
    plan: Path | None,
    audit: Path | None,
    model_signature: Path | None,
    model_key: Path | None,
    tee: str | None,
    dev_kit: Path | None,
    key: Path | None,
    devices: Path | None,
    shape: list[str] | None,
    random_weights: bool,
) -> Pack:
    """Packs a network."""
    device = Device.of(tee, dev_kit, key, devices)
    whole = whole or (device is not None and cut is None)
    _require_usage(cut, whole, weights, device)
    limit = parse_size(memory)
    budget = limit if device is None else device.rooms(limit)
    graph = load_network(model, shape, random_weights)
    chosen = None if cut is None else find_cut(graph, cut)
    require_runnable(graph, chosen)
    preprocessing = find_preprocess(graph, model, preprocess)
    found_labels = _labels(graph, model, labels)
    if images is None and inputs is None:
        say_default(preprocessing)
    cut_id = None if chosen is None else chosen.id
    plan_sha256 = None if plan is None else plan_digest(plan, graph.sha256, cut_id)
    audit_sha256 = None if audit is None else audit_digest(audit, graph.sha256, cut_id)
    signer = verified_signer(model, graph.sha256, model_signature, model_key)
    with _hint_for(device):
        packed = pack(
            graph,
            chosen,
            output,
            engine=Engine,
            preprocess=preprocessing.how,
            labels=found_labels,
            mode="whole" if whole else "split",
            int8=weights == "int8",
            memory_budget=budget,
            rows=rows,
            inputs=find_inputs(graph, preprocessing, images, inputs),
            name=name,
            version=version,
            plan=plan_sha256,
            audit=audit_sha256,
            model_key=signer,
            replace_policy=replace_policy,
            **({} if device is None else device.options()),
        )
    if device is not None:
        device.remark()
    if packed.kept is not None:
        note(f"{packed.policy} was there and said something else: that is now {packed.kept}")
    return _told(packed, preprocessing.source, device)


@contextmanager
def _hint_for(device: Device | None) -> Iterator[None]:
    """For a device whole networks are packed only: `optee plan` knows what helps there."""
    try:
        yield
    except UserError as error:
        if device is not None and error.code == "memory-budget":
            error.hint = "`cloister optee plan MODEL` says what the network takes, and what helps."
        raise


def _require_usage(cut: str | None, whole: bool, weights: str, device: Device | None) -> None:
    if device is not None and cut is not None:
        raise UserError("--tee optee packs whole networks: leave --cut out", code="usage")
    if whole == (cut is not None):
        raise UserError(
            "a network is either cut or packed whole",
            code="usage",
            hint="Give --cut ID or --whole; `cloister inspect MODEL` lists the cuts.",
        )
    if weights not in ("float32", "int8"):
        raise UserError(
            f"--weights {weights!r}, expected float32 or int8",
            code="usage",
            hint="int8 takes a quarter of the bytes; pack says what the rounding changes.",
        )


def _told(packed: Packed, source: Source, device: Device | None) -> Pack:
    manifest = packed.bundle.manifest
    return Pack(
        bundle=str(packed.bundle.path),
        policy=str(packed.policy),
        device=None if device is None else str(packed.bundle.path / DEVICE_FOLDER),
        name=manifest.name,
        version=manifest.version,
        mode="split" if manifest.cut else "whole",
        cut=manifest.cut,
        manifest_sha256=manifest.digest,
        model_digest=manifest.model_digest,
        plan_sha256=manifest.plan,
        audit_sha256=manifest.audit,
        model_key_sha256=manifest.model_key,
        head_bytes=manifest.head.size_bytes,
        tail_bytes=manifest.tail.size_bytes if manifest.tail else 0,
        arena_bytes=packed.arena_bytes,
        memory_bytes=packed.memory_bytes,
        streamed_bytes=packed.container.streamed_bytes,
        bands=[Bands(first=s.first, last=s.last, rows=s.rows) for s in packed.container.stages],
        preprocess=source,
        labels=len(manifest.labels or ()),
        int8_weights=sum(op.int8 for op in packed.container.program.ops),
        rounding=None if packed.rounding is None else PackedRounding(**asdict(packed.rounding)),
        parity=PackedParity(
            inputs=manifest.parity.inputs,
            source=manifest.parity.source,
            tolerance=manifest.parity.tolerance,
            max_rel_error=packed.parity.max_rel_error,
            argmax_equal=packed.parity.argmax_equal,
        ),
    )


def _labels(graph: Graph, model: str, file: Path | None) -> tuple[str, ...] | None:
    shape = graph.outputs[0].shape
    answers = shape[-1] if shape else 1
    if file is not None:
        return read_labels(file, answers)
    if model.startswith(ZOO):
        from cloister.cli import named  # noqa: PLC0415 - needs torchvision

        return named.labels(model.removeprefix(ZOO), answers)
    return None


def _rounding(result: Pack) -> str:
    """What was rounded, and what that changed."""
    if result.rounding is None:
        return (
            f"of {result.int8_weights} operators, as in the network" if result.int8_weights else ""
        )
    r = result.rounding
    return (
        f"of {result.int8_weights} operators, rounded here: {r.same_answers} of {r.inputs} answers"
        f" as in float32, outputs up to {r.max_rel_error:.1e} apart"
    )


def show(result: Pack, console: Console) -> None:
    """Prints it for people."""
    parity = result.parity
    where = "whole inside the enclave" if result.cut is None else f"cut at {result.cut}"
    console.print(f"[bold green]packed[/] [bold]{escape(result.name)}[/], {escape(where)}")
    tail = f"{output.size(result.tail_bytes)}, ONNX, for any server"
    rows = [
        ("bundle", f"{result.bundle}, version {result.version}"),
        ("policy for clients", result.policy),
        ("for the device", result.device or ""),
        ("head", f"{output.size(result.head_bytes)}, for the enclave"),
        ("tail", tail if result.cut is not None else ""),
        (
            "trusted memory",
            f"{output.size(result.memory_bytes)}, {output.size(result.arena_bytes)} of it arena",
        ),
        *(
            ("in bands of rows", f"{b.first} to {b.last}, {b.rows} rows at a time")
            for b in result.bands
        ),
        ("model digest", result.model_digest),
        ("manifest sha256", result.manifest_sha256),
        ("plan sha256", result.plan_sha256 or ""),
        ("audit sha256", result.audit_sha256 or ""),
        ("network signed by", result.model_key_sha256 or ""),
        (
            "parity",
            f"max error {parity.max_rel_error:.1e} (allowed {parity.tolerance:g}) on"
            f" {parity.inputs} inputs: {parity.source}",
        ),
        ("weights in 8 bits", _rounding(result)),
        ("labels", str(result.labels) if result.labels else "none (--labels FILE)"),
    ]
    console.print(output.facts(rows))
    if result.device:
        console.print(f"\nrun it:    cloister optee up {escape(result.bundle)}", soft_wrap=True)
        return
    console.print(f"\nserve it:  cloister serve {escape(result.bundle)}", soft_wrap=True)
    asked = "--inputs FILE" if result.preprocess == "none" else "PHOTO"
    console.print(
        f"ask it:    cloister infer URL {asked} --policy {escape(result.policy)}", soft_wrap=True
    )
