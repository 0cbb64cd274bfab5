"""Measures a network in the enclave's engine and in ONNX Runtime.

Rules kept:
* The two are timed in turns within one run, because the machine changes under us; medians are
  told, and the first round is not counted.
* What is timed is the very container that would be packed, with the enclave's kernels, in this
  process: the same instructions as in the enclave, without its start, pages already resident,
  nothing sealed.
* Memory is the plan's, to the byte.

The planner draws on `Profiled`; the command line prints it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from cloister import __version__
from cloister.enclaves.engine import THREADS_MAX, Engine
from cloister.errors import UserError
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers, last_working_cut, unsupported
from cloister.graph.reference import Reference
from cloister.graph.split import split
from cloister.lower.codes import FOUR
from cloister.lower.program import ConvParams, DwconvParams, Kind, MatmulParams, Op, Program
from cloister.memory import Placement
from cloister.memory.liveness import parts
from cloister.pack.container import Container, compile_container

Tensors = list[NDArray[np.float32]]
WHOLE: Final = "whole"
SEED: Final = 0


@dataclass(frozen=True)
class Layer:
    """One operator of the plan.

    Args:
        name: Its ONNX node; the last one where several were fused.
        op: That node's operator.
        enclave_ms: Median.
        macs: Multiply-accumulates that it does.
        arena_bytes: Bytes of the arena in use while it runs, scratch included.
    """

    name: str
    op: str
    enclave_ms: float
    macs: int
    arena_bytes: int


@dataclass(frozen=True)
class Part:
    """A head, or the whole network.

    Args:
        id: The cut, or `whole`.
        enclave_ms: Median of the engine.
        onnxruntime_ms: Median of ONNX Runtime on the same part.
        weight_bytes: Bytes of the weights in the container, padding of panels included.
        arena_bytes: Bytes of the arena, messages included.
        crossing_bytes: What leaves in the open; 0 for `whole`.
        tail_ms: Median of ONNX Runtime on the rest, in the same turns; 0 for `whole`.
    """

    id: str
    enclave_ms: float
    onnxruntime_ms: float
    weight_bytes: int
    arena_bytes: int
    crossing_bytes: int
    tail_ms: float


@dataclass(frozen=True)
class Profiled:
    """All that was measured.

    Args:
        total: The whole network, or the largest head that the enclave runs.
        layers: Its operators, in the order in which they run.
        cuts: Each head, in the order of the network; empty where only the total was asked for.
        runs: Runs behind each median.
        threads: Threads of ONNX Runtime and of the engine.
        engine_threads: Threads of the engine.
        kernels: The engine's kernels.
        versions: Of what was measured.
    """

    total: Part
    layers: tuple[Layer, ...]
    cuts: tuple[Part, ...]
    runs: int
    threads: int
    engine_threads: int
    kernels: str
    versions: dict[str, str]


def profile(
    graph: Graph,
    runs: int = 7,
    threads: int = 1,
    *,
    cuts: bool = True,
    inputs: Tensors | None = None,
    step: Callable[[str], None] = lambda _: None,
) -> Profiled:
    """Profiles a network.

    Args:
        graph: The network.
        runs: Runs behind each median, at least 1.
        threads: Threads of ONNX Runtime and of the engine.
        cuts: Time each head, too.
        inputs: One input; drawn numbers where absent (time does not depend on the data).
        step: Called with the name of each part before it is measured.

    Raises:
        UserError: The enclave can run neither the network nor a head of it.
    """
    if inputs is None:
        random = np.random.default_rng(SEED)
        inputs = [random.standard_normal(info.shape, np.float32) for info in graph.inputs]
    working = [cut for cut in find_cuts(graph) if not blockers(cut)]
    largest = _largest(graph, working)
    step(WHOLE if largest is None else largest.id)
    total, container, engine = _measure(graph, largest, inputs, runs, threads)
    layers = _layers(container, engine, inputs, runs)
    parts = []
    for cut in working if cuts else []:
        step(cut.id)
        parts.append(_measure(graph, cut, inputs, runs, threads)[0])
    return Profiled(
        total=total,
        layers=layers,
        cuts=tuple(parts),
        runs=runs,
        threads=threads,
        engine_threads=engine.threads,
        kernels=engine.kernels,
        versions={"cloister": __version__, "onnxruntime": onnxruntime.__version__},
    )


def _largest(graph: Graph, working: Sequence[Cut]) -> Cut | None:
    """The largest head that runs; None where the whole network does."""
    missing = unsupported(graph)
    if not missing:
        return None
    last = last_working_cut(working)
    if last is None:
        raise UserError(
            f"the enclave runs no head of {graph.name}: {missing[0].node} "
            f"({missing[0].op}): {missing[0].why}",
            code="unsupported-operator",
            hint="`cloister inspect` lists all that cannot run.",
        )
    return last


def _measure(
    graph: Graph, cut: Cut | None, inputs: Tensors, runs: int, threads: int
) -> tuple[Part, Container, Engine]:
    parts = None if cut is None else split(graph, cut)
    head = graph if parts is None else parts.head
    mode = "whole" if cut is None else "split"
    container = compile_container(head, mode=mode, answers=graph.outputs)
    engine = Engine(container.to_bytes(), threads=min(threads, THREADS_MAX))
    reference = Reference(head, threads=threads)
    works: list[Callable[[], object]] = [
        lambda: engine.run(inputs),
        lambda: reference.run(inputs),
    ]
    if parts is not None:
        tail, crossing = Reference(parts.tail, threads=threads), reference.run(inputs)
        works.append(lambda: tail.run(crossing))
    ours, theirs, *rest = in_turns(works, runs)
    part = Part(
        id=WHOLE if cut is None else cut.id,
        enclave_ms=ours,
        onnxruntime_ms=theirs,
        weight_bytes=sum(len(page) for page in container.pages),
        arena_bytes=container.arena_bytes,
        crossing_bytes=0 if cut is None else cut.crossing_bytes,
        tail_ms=sum(rest),
    )
    return part, container, engine


def in_turns(works: Sequence[Callable[[], object]], runs: int) -> list[float]:
    """Median milliseconds of each of several works, run in turns; the first round is not
    counted.
    """
    times: list[list[float]] = [[] for _ in works]
    for round_ in range(runs + 1):
        for work, taken in zip(works, times, strict=True):
            start = time.perf_counter()
            work()
            if round_ > 0:
                taken.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(taken) for taken in times]


def _layers(container: Container, engine: Engine, inputs: Tensors, runs: int) -> tuple[Layer, ...]:
    medians_ns = np.median(engine.profile(inputs, runs), axis=0)
    ops = container.program.ops
    return tuple(
        Layer(op.name, op_label(op), float(ns) / 1e6, op_macs(op), used)
        for op, ns, used in zip(
            ops, medians_ns, live_bytes(container.program, container.placement), strict=True
        )
    )


def live_bytes(program: Program, placement: Placement) -> list[int]:
    """For each operator the bytes of the arena in use while it runs, its scratch included.

    Buffers that share a place (in-place results, concatenations) count once.
    """
    pieces = [
        (placement.offsets[buffer] + part.at, placement.offsets[buffer] + part.end, part.live)
        for buffer, found in parts(program).items()
        for part in found
    ]
    used = []
    for time_, op in enumerate(program.ops, start=1):
        extents = sorted(
            (low, high) for low, high, when in pieces if when.start <= time_ <= when.end
        )
        covered, end = op.scratch_bytes, 0
        for low, high in extents:
            covered += max(0, high - max(low, end))
            end = max(end, high)
        used.append(covered)
    return used


def op_label(op: Op) -> str:
    """The ONNX operator; what only moves data for it (layouts, padding, constants) says so."""
    moves = op.kind in (Kind.COPY, Kind.FILL, Kind.CONST)
    return f"{op.op_type}: {op.kind.name.lower()}" if moves else op.op_type


def op_macs(op: Op) -> int:
    """Multiply-accumulates of one operator of the plan, the taps in the padding included."""
    match op.params:
        case ConvParams() as p:
            return p.oh * p.ow * p.groups * p.n * p.kh * p.kw * p.c * (FOUR if op.int8 == 2 else 1)
        case DwconvParams() as p:
            return p.oh * p.ow * p.c * p.kh * p.kw
        case MatmulParams() as p:
            return p.b0 * p.b1 * p.m * p.k * p.n
        case _:
            return 0
