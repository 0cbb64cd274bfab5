"""What each layer of a network costs inside OP-TEE: instructions, world switches, bytes.

Time under emulation says nothing. Instructions do, and are counted in a real OP-TEE by a QEMU
plugin (cloister.optee.count): of the beginning of the network with a layer, less those of the
beginning without it. The application is the one that is deployed. Energy is not measured:
instructions stand for it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from cloister.channel.message import Array, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import Ready
from cloister.errors import OutsideError, UserError
from cloister.graph.graph import Graph
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.count import Counter, Counts
from cloister.optee.lab import Say, set_up
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, WINDOW, largest_instance
from cloister.pack.container import Container, compile_container
from cloister.pack.prefix import calls, prefix
from cloister.profile.measure import op_label, op_macs

DEADLINE_S: Final = 600.0
LAYERS_MAX: Final = 160  # each is a load and a request
SEED: Final = 0


@dataclass(frozen=True)
class DeviceLayer:
    """A layer: operators in a row that come from one node.

    Args:
        name: The ONNX node.
        op: Its operator.
        macs: Multiply-accumulates.
        instructions: In the application.
        world_switches: Calls of the application, to bring its weights and perhaps those of layers
            that follow.
        streamed_bytes: Weights that come anew with each request, as stored: shared memory.
    """

    name: str
    op: str
    macs: int
    instructions: int
    world_switches: int
    streamed_bytes: int


@dataclass(frozen=True)
class DeviceProfile:
    """A network in OP-TEE.

    Args:
        layers: In the order in which they run.
        around: Instructions in the application beside them: opening the request, sealing the
            answer.
        request: Of all worlds, in one whole request.
        load: Of all worlds, to load it.
        message_bytes: Sealed request and answer: shared memory, too.
        memory_bytes: Of the instance.
        optee: Debian's version of OP-TEE.
    """

    layers: tuple[DeviceLayer, ...]
    around: int
    request: Counts
    load: Counts
    message_bytes: int
    memory_bytes: int
    optee: str


@dataclass(frozen=True)
class _Run:
    load: Counts
    request: Counts
    message_bytes: int


def profile_device(
    graph: Graph,
    *,
    memory_budget: int | None = None,
    say: Say = lambda _: None,
    step: Callable[[str], None] = lambda _: None,
) -> DeviceProfile:
    """Profiles a network in a stock OP-TEE.

    Args:
        graph: The network.
        memory_budget: Of the instance; None: all that a stock OP-TEE has.
        say: Told what is being done.
        step: Called before each layer.

    Raises:
        UserError: It does not fit, or has too many layers.
        OutsideError: There can be no laboratory or no counter here.
    """
    most = largest_instance(PLATFORMS["stock"])
    budget = min(memory_budget or most, most)
    container = compile_container(
        graph, mode="whole", answers=graph.outputs, memory_budget=budget, replay=REPLAY_ENTRIES
    )
    ends = _ends(container)
    lab = set_up(say)
    application = build.trusted_application(lab, Sizes(most))
    say("booting OP-TEE with a counter")
    with (
        TemporaryDirectory(prefix="cloister-profile-") as folder,
        Counter() as counter,
        Machine(lab, Boot(application, build.daemon(lab), qemu=counter.qemu)) as machine,
    ):
        drawn = np.random.default_rng(SEED)
        inputs = [drawn.normal(size=t.shape).astype(np.float32) for t in graph.inputs]
        path = Path(folder) / "prefix.clo"

        def run(n_ops: int) -> _Run:
            path.write_bytes(prefix(container, n_ops))
            return _run(path, machine, counter, inputs)

        before = first = run(0)
        layers = []
        for start, end in itertools.pairwise([0, *ends]):
            step(container.op_names[start])
            after = run(end)
            layers.append(_layer(container, start, end, before.request, after.request))
            before = after
    return DeviceProfile(
        tuple(layers),
        first.request.application,
        before.request,
        before.load,
        before.message_bytes,
        container.memory_bytes(REPLAY_ENTRIES),
        lab.optee_version,
    )


def _ends(container: Container) -> list[int]:
    """Where layers end, as numbers of operators."""
    names = container.op_names
    ends = [i + 1 for i in range(len(names)) if i + 1 == len(names) or names[i] != names[i + 1]]
    if len(ends) > LAYERS_MAX:
        raise UserError(
            f"the plan has {len(ends)} pieces of layers, at most {LAYERS_MAX} are measured",
            code="too-many-layers",
            hint="With less memory layers run in bands of rows: give more, with --memory.",
        )
    return ends


def _layer(
    container: Container, start: int, end: int, before: Counts, after: Counts
) -> DeviceLayer:
    ops = container.program.ops[start:end]
    asked = calls(container, WINDOW)
    return DeviceLayer(
        ops[-1].name,
        op_label(ops[-1]),
        sum(op_macs(op) for op in ops),
        (after - before).application,
        sum(start <= call.op < end for call in asked),
        sum(size for call in asked for op, size in call.parts if start <= op < end),
    )


def _run(path: Path, machine: Machine, counter: Counter, inputs: list[Array]) -> _Run:
    """Loads a container and asks once."""
    with HeadFile(path) as head, closing(OpteeEnclave(head, machine=machine)) as enclave:
        start = counter.read()
        ready = enclave.link.load(
            head, bytes(32), answer_bytes=1 << 24, deadline=time.monotonic() + DEADLINE_S
        )
        loaded = counter.read()
        if not isinstance(ready, Ready):
            raise OutsideError("a container of our own is sealed", code="internal")
        request, _ = seal_request(KeyConfig.from_bytes(ready.key_config), write_message(inputs))
        ready_to_ask = counter.read()
        answer = enclave.link.request(1, request, deadline=time.monotonic() + DEADLINE_S)
        answered = counter.read()
    sealed = getattr(answer, "sealed", b"")
    return _Run(loaded - start, answered - ready_to_ask, len(request) + len(sealed))
