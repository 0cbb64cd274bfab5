"""`pack`: cut, compile, check, write.

Rules kept:
* A bundle is written only after it passed the parity gate on inputs that are named: the caller's,
  scikit-image's photographs, or drawn numbers, in this order.
* What is written is what was checked: the engine ran the very bytes of head.clo, ONNX Runtime
  those of tail.onnx. A network that rounds activations to 8 bits is held to the usual tolerance
  without the rounding, too: there one bit in a sum can be a step of a code.
* The same network, cut and tools give the same bundle, byte for byte. In the place of a bundle
  that differs it gets the next version.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from cloister import __version__
from cloister.attest.policy import write_policy
from cloister.errors import Refused, UserError
from cloister.graph.cuts import Cut, find_cut
from cloister.graph.graph import Graph, TensorInfo
from cloister.graph.reference import Reference
from cloister.graph.rounding import rounds, with_int8_weights, without_rounding
from cloister.graph.split import split
from cloister.pack.bundle import MANIFEST_FILE, Bundle, write_bundle
from cloister.pack.container import Container, compile_container
from cloister.pack.manifest import (
    HEAD_FILE,
    MANIFEST_MAX_BYTES,
    NAME,
    TAIL_FILE,
    File,
    Manifest,
    Parity,
    RoundedWeights,
    Tensor,
)
from cloister.pack.parity import (
    CutParity,
    Engine,
    EngineMaker,
    compare,
    references,
    tolerance_of,
)
from cloister.pack.policy_beside import policy_of, require_own_policy
from cloister.pack.room import Room
from cloister.pack.runnable import require_runnable
from cloister.pack.samples import sample_inputs
from cloister.preprocess import Inputs, Preprocess
from cloister.preprocess.labels import check_count

# As the POSIX port keeps it (docs/formats/message.md); a budget has to hold it.
REPLAY_ENTRIES: Final = 65_536
# From the container to what puts its further files into a directory.
PartsMaker = Callable[[Container], Callable[[Path], None]]
_WHAT_ELSE: Final = (
    "Pack into another folder, or give --replace-policy: what it says is then kept as .bak."
)


@dataclass(frozen=True)
class Rounding:
    """What rounding the head's weights to 8 bits changed, on the inputs of the gate.

    Args:
        inputs: So many.
        same_answers: Of them, those with the arg-max of the float32 network.
        max_rel_error: Of the outputs, beside the float32 network's.
    """

    inputs: int
    same_answers: int
    max_rel_error: float


@dataclass(frozen=True)
class Packed:
    """A bundle that passed, and what is known of it.

    Args:
        bundle: The bundle.
        policy: The client's policy, beside it.
        kept: What that file said before, if it said something else.
        parity: What the gate measured.
        container: What the enclave runs.
        rounding: What rounding the weights to 8 bits changed; None: they were not rounded here.
        replay: Entries of the replay table.
    """

    bundle: Bundle
    policy: Path
    kept: Path | None
    parity: CutParity
    container: Container
    rounding: Rounding | None
    replay: int

    @property
    def arena_bytes(self) -> int:
        """Trusted memory for tensors."""
        return self.container.arena_bytes

    @property
    def memory_bytes(self) -> int:
        """Trusted memory in all, replay table included."""
        return self.container.memory_bytes(self.replay)


def pack(
    graph: Graph,
    cut: Cut | str | None,
    out_dir: str | Path,
    *,
    engine: EngineMaker,
    preprocess: Preprocess | None = None,
    labels: tuple[str, ...] | None = None,
    mode: str = "split",
    int8: bool = False,
    memory_budget: int | Sequence[Room] | None = None,
    rows: bool = False,
    inputs: Inputs | None = None,
    name: str | None = None,
    version: int | None = None,
    plan: str | None = None,
    audit: str | None = None,
    model_key: str | None = None,
    replay: int = REPLAY_ENTRIES,
    tee: str = "sandbox",
    policy_fields: str | None = None,
    replace_policy: bool = False,
    parts: PartsMaker | None = None,
) -> Packed:
    """Makes a bundle and the client's policy.

    Args:
        graph: The network.
        cut: Where to cut it; None in `whole`.
        out_dir: The bundle's directory; `policy.toml` is written beside it.
        engine: `cloister.enclaves.engine.Engine`, for the parity gate.
        preprocess: How a photograph becomes the input; None for networks that take no images.
        labels: One for each answer.
        mode: `split` or `whole`.
        int8: Round the head's weights to a byte, with a scale for each output channel. The gate
            then compares with the network whose weights are so rounded.
        memory_budget: Trusted memory in bytes, or what the instance may take (pack.budget);
            layers run in bands of rows and weights are streamed where it is too small. None: no
            limit.
        rows: Run layers in bands of rows, so that the arena is about as small as it can be.
        inputs: Real inputs for the parity gate.
        name: Under which it is served; by default made from the network's name.
        version: Of the bundle; None: that of the bundle at `out_dir` with this name, and one more
            if that one differs; 1 where there is none.
        plan: SHA-256 of the plan that chose the cut, hex.
        audit: SHA-256 of the audit's summary, hex.
        model_key: SHA-256 of the public key that signed the network, hex; the caller checked it.
        replay: Entries of the replay table that the budget has to hold.
        tee: Kind of TEE that the policy accepts.
        policy_fields: Fields of its table there; None: those of a new policy.
        replace_policy: Also a policy that accepts more than the bundle at `out_dir`; what it said
            is kept beside it.
        parts: Makes what else the bundle's directory holds, before anything is written.

    Raises:
        UserError: The cut, labels or preprocessing do not fit the network; the policy beside
            `out_dir` may be in use elsewhere.
        Refused: The parity gate failed; nothing was written.
        OutsideError: The disk is full; nothing was kept.
    """
    name = served_name(graph.name if name is None else name, explicit=name is not None)
    if labels is not None:
        answers = graph.outputs[0].shape
        check_count(labels, answers[-1] if answers else 1, "labels:")
    policy = policy_of(out_dir)
    if not replace_policy:
        require_own_policy(policy, Path(out_dir), _WHAT_ELSE)
    cut = find_cut(graph, cut) if isinstance(cut, str) else cut
    require_runnable(graph, cut)
    compiler = partial(
        compile_container,
        answers=graph.outputs,
        memory_budget=memory_budget,
        replay=replay,
        rows=rows,
    )
    inputs = sample_inputs(graph, preprocess) if inputs is None else inputs
    rounding = None
    if int8:
        before = graph
        graph, cut = with_int8_weights(graph, cut)
        rounding = _effect(before, graph, inputs)
    if rounds(graph):
        plain = without_rounding(graph)
        exact = _compile(plain, None if cut is None else find_cut(plain, cut.id), mode, compiler)
        _gate(plain, cut, engine(exact[0]), exact[1], inputs)
    head, tail, container = _compile(graph, cut, mode, compiler)
    measured = _gate(graph, cut, engine(head), tail, inputs)
    manifest = Manifest(
        name=name,
        mode=mode,
        cut=None if cut is None else cut.id,
        head=File.of(HEAD_FILE, head),
        model_digest=container.model_digest,
        tail=None if tail is None else File.of(TAIL_FILE, tail),
        inputs=_tensors(graph.inputs),
        crossing=() if cut is None else _tensors(cut.crossing),
        outputs=_tensors(graph.outputs),
        preprocess=preprocess,
        labels=labels,
        engine=__version__,
        model_name=graph.name,
        model_sha256=graph.sha256,
        parity=Parity(len(inputs), inputs.source, measured.tolerance),
        weights=None if rounding is None else RoundedWeights("int8", rounding.same_answers),
        plan=plan,
        audit=audit,
        model_key=model_key,
        version=1 if version is None else version,
    )
    if version is None:
        manifest = _in_turn(manifest, Path(out_dir))
    fill = None if parts is None else parts(container)
    bundle = write_bundle(out_dir, manifest, head, tail, fill=fill)
    kept = write_policy(
        policy,
        manifest_digest=manifest.digest,
        model_digest=manifest.model_digest,
        name=name,
        mode=mode,
        tee=tee,
        fields=policy_fields,
    )
    return Packed(bundle, policy, kept, measured, container, rounding, replay)


def _in_turn(manifest: Manifest, out_dir: Path) -> Manifest:
    """The manifest with the version after that of the bundle that it replaces."""
    try:
        with (out_dir / MANIFEST_FILE).open("rb") as file:
            there = Manifest.from_bytes(file.read(MANIFEST_MAX_BYTES + 1))
    except (OSError, UserError):
        return manifest
    if there.name != manifest.name:
        return manifest
    same = replace(manifest, version=there.version)
    return same if same == there else replace(manifest, version=there.version + 1)


def _compile(
    graph: Graph, cut: Cut | None, mode: str, compiler: Callable[..., Container]
) -> tuple[bytes, bytes | None, Container]:
    """Head and tail as bytes."""
    if (mode == "whole") != (cut is None):
        raise UserError(
            "a network is either cut or packed whole",
            code="usage",
            hint="Give --cut ID, or --whole; `cloister inspect` lists the cuts.",
        )
    if cut is None:
        container = compiler(graph, mode="whole")
        return container.to_bytes(), None, container
    parts = split(graph, cut)
    container = compiler(parts.head, mode="split")
    return container.to_bytes(), parts.tail_bytes(), container


def _effect(before: Graph, after: Graph, inputs: Inputs) -> Rounding:
    """The rounded network beside the one that it was made of, both in ONNX Runtime."""
    expected, got = references(before, inputs.items), references(after, inputs.items)
    same = sum(bool(np.argmax(a[0]) == np.argmax(b[0])) for a, b in zip(expected, got, strict=True))
    return Rounding(len(inputs), same, compare("", expected, iter(got)).max_rel_error)


def _gate(
    graph: Graph, cut: Cut | None, head: Engine, tail: bytes | None, inputs: Inputs
) -> CutParity:
    expected = references(graph, inputs.items)
    rest = None if tail is None else Reference(tail)
    crossings = (head.run(item) for item in inputs.items)
    measured = compare(
        "whole" if cut is None else cut.id,
        expected,
        iter(crossings) if rest is None else (rest.run(crossing) for crossing in crossings),
        tolerance_of(graph),
    )
    if not measured.ok:
        raise Refused(
            f"parity failed at {measured.id}: max |error| is {measured.max_rel_error:.2g} of "
            f"max |reference| on {len(inputs)} inputs ({inputs.source}), allowed "
            f"{measured.tolerance:g}; "
            f"arg-max {'equal' if measured.argmax_equal else 'differs'}. Nothing was written",
            code="parity-failed",
            hint="`cloister check` measures every cut. This is a fault of Cloister: report it.",
        )
    return measured


def served_name(wanted: str, *, explicit: bool = True) -> str:
    """A name that can stand in a URL.

    Args:
        wanted: The network's name, or what the user asked for.
        explicit: The user asked for it: then it is taken as it is or refused.

    Raises:
        UserError: An explicit name cannot stand in a URL.
    """
    if NAME.fullmatch(wanted):
        return wanted
    if explicit:
        raise UserError(
            f"the name {wanted!r} cannot stand in a URL",
            code="bad-name",
            hint="Letters, digits, dots, dashes and underscores; 1 to 64; a letter or digit first.",
        )
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", wanted).strip("-._")[:64]
    return plain or "model"


def _tensors(infos: list[TensorInfo] | tuple[TensorInfo, ...]) -> tuple[Tensor, ...]:
    return tuple(Tensor(info.name, tuple(info.shape), info.dtype) for info in infos)
