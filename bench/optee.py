"""Whole networks in a real OP-TEE under QEMU: secure memory and instructions, by world.

    networks     the networks of the accuracy tables, in a stock OP-TEE
    comparison   those of the published artifact (arXiv 2403.12568), against its figures
    choices      our own choices, one by one
    convolution  instructions per multiply-add of single layers
    vgg          VGG-16 on sbsa-ref in 64 MiB and in 32 MiB
    photos       answers on photographs: bits of the engine, and accuracy beside ONNX Runtime's
    times        from cached packages to the first answer, and the first set-up

Weights are sealed. Instructions are counted by a QEMU plugin (cloister.optee.count), the
application's to the instruction: `spread` is what two answers differ by. Time under emulation says
nothing and is written by `times` alone. `cold` is opening the session, which loads the application,
weights and the first answer, on a device that has its keys: the session before it, in which the
device's key is made, once in its life, and the weights' is released, once, is counted by itself
(`once`: what it takes more). `further` is each later answer. Answers are compared with the engine
of this machine, bit for bit. `ta_streamed_byte` is what a byte of streamed weights takes, by
function: of an answer with them, less one without, to the instruction.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench import results
from bench.data import Absent, Floats
from bench.networks import NETWORKS, Builder, networks
from cloister.attest.policy import Policy
from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.channel.page_key import seal_page_key
from cloister.client import Client
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import Locked, Ready, Response
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.lower import conv, paging, winograd
from cloister.lower.program import Conv
from cloister.optee import build, image
from cloister.optee import lab as laboratory
from cloister.optee.count import Counter, Counts, Functions
from cloister.optee.lab import Lab, NoLab
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import Need, largest, plan, rooms
from cloister.pack.budget import Plans
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor
from cloister.pack.packing import Packed, pack
from cloister.pack.room import Room
from cloister.pack.sealing import seal_container

BUDGET: Final = 13_200 << 10
DEADLINE_S: Final = 3000.0
BOOT_S: Final = 600.0  # a busy machine, counted, may take its time
KEY: Final = bytes(range(32))
KEY_ID: Final = bytes(range(1, 17))
MIB: Final = 1 << 20
MILLION: Final = 1_000_000
SETTLED_S: Final = 1.0
SHORT_PAGE: Final = 4096
# Of the application: what makes trusted plaintext of a page in shared memory.
OPENING: Final = {
    "gcm": ("clo_armv8_gcm",),
    "sha256": ("clo_armv8_sha256", "sha256_blocks"),
    "copy": ("memcpy",),
}
# Of the published artifact, as built and run whole in OP-TEE 4.10 on sbsa-ref: heap in MiB;
# millions of instructions, application: cold, further; all worlds: cold, further.
ARTIFACT: Final = {
    "mobilenet_v1": (153, 2883, 1800, 2980, 1860),
    "resnet18": (154, 6257, 4667, 6320, 4670),
    "darknet_reference": (104, 2199, 1162, 2240, 1163),
}
Row = dict[str, object]


@dataclass(frozen=True)
class Measured:
    """Of one container in one machine.

    Args:
        memory: Of the instance, bytes.
        weights: As stored, bytes.
        streamed: Of them, those that come with each request.
        switches: World switches of an answer.
        window: Bytes of streamed weights in one frame, at most.
        macs: Multiply-adds.
        once: Making and releasing keys.
        start: Session and weights.
        answers: Each answer.
        equal: Bits are those of the engine.
        outputs: First output of each answer.
        pages: Lengths of the pages.
        functions: Instructions of the last answer by function of the application, if counted.
    """

    memory: int
    weights: int
    streamed: int
    switches: int
    window: int
    macs: int
    once: Counts
    start: Counts
    answers: tuple[Counts, ...]
    equal: bool
    outputs: tuple[Floats, ...]
    pages: tuple[int, ...]
    functions: Mapping[str, int]

    @property
    def further(self) -> Counts:
        """The last answer."""
        return self.answers[-1]

    @property
    def cold(self) -> Counts:
        """Start and first answer."""
        return Counts(
            *(a + b for a, b in zip(parts(self.start), parts(self.answers[0]), strict=True))
        )

    def crossings(self) -> Row:
        """World switches of an answer, and what they should be at most."""
        bound = 2 + -(-self.streamed // self.window)
        return {"window_bytes": self.window, "switches_bound": bound, "switches": self.switches}

    def row(self, name: str) -> Row:
        """As it is printed; instructions in millions."""
        cold, further = self.cold, self.further
        return {
            "network": name,
            "instance_bytes": self.memory,
            "weights_bytes": self.weights,
            "streamed_bytes": self.streamed,
            **self.crossings(),
            "macs": self.macs,
            "ta_start": self.start.application,
            "ta_cold": cold.application,
            "ta_further": further.application,
            "spread": further.application - self.answers[-2].application,
            "ta_per_mac": round(further.application / self.macs, 3),
            "core_cold": cold.secure,
            "core_further": further.secure,
            "normal_cold": cold.normal,
            "normal_further": further.normal,
            "once": total(self.once),
            "answers_equal": self.equal,
        }


def parts(counts: Counts) -> tuple[int, int, int]:
    """The three worlds."""
    return counts.application, counts.secure, counts.normal


def total(counts: Counts) -> int:
    """All worlds."""
    return sum(parts(counts))


def soon() -> float:
    """A deadline."""
    return time.monotonic() + DEADLINE_S


def streamed_byte(streamed: Measured, resident: Measured) -> dict[str, float]:
    """Instructions of the application for a byte of streamed weights: opening it, and the rest."""
    more = {
        name: streamed.functions.get(name, 0) - resident.functions.get(name, 0)
        for name in {*streamed.functions, *resident.functions}
    }
    opening = {part: sum(more.pop(n, 0) for n in names) for part, names in OPENING.items()}
    return {
        part: round(taken / streamed.streamed, 3)
        for part, taken in {**opening, "rest": sum(more.values())}.items()
    }


class CountedHead(HeadFile):
    """Counts how often pages were asked for."""

    asked = 0

    def span(self, first: int, count: int) -> tuple[int, int]:
        """As asked."""
        self.asked += 1
        return super().span(first, count)


class Compiled:
    """A network in a container, to be closed.

    Args:
        graph: The network.
        budget: Bytes of the instance, or what it may take.
        sealed: Weights are.
    """

    def __init__(
        self, graph: Graph, budget: int | tuple[Room, ...] = BUDGET, *, sealed: bool = True
    ) -> None:
        self.graph = graph
        container = compile_container(
            graph, mode="whole", answers=graph.outputs, memory_budget=budget, replay=REPLAY_ENTRIES
        )
        self.streamed = container.streamed_bytes
        self.pages = tuple(map(len, container.pages))
        self._folder = tempfile.TemporaryDirectory()
        self.plain, path = Path(self._folder.name) / "plain.clo", Path(self._folder.name) / "head"
        with self.plain.open("wb") as file:
            file.writelines(container.chunks())
        if sealed:
            seal_container(self.plain, KEY, KEY_ID, path)
        else:
            shutil.copy(self.plain, path)
        self.head = CountedHead(path)
        self.memory = Need.of(self.head, REPLAY_ENTRIES).memory_bytes

    def __enter__(self) -> Compiled:
        return self

    def __exit__(self, *_: object) -> None:
        self.head.close()
        self._folder.cleanup()


class Bench:
    """A machine with an application of so many bytes, or the largest that its OP-TEE takes, and a
    counter, by function or not.
    """

    def __init__(
        self,
        lab: Lab,
        memory: int = 0,
        *,
        crypto_extensions: bool = True,
        counted: bool = True,
        by_function: bool = False,
    ) -> None:
        platform = image.platform_of(lab)
        fit = plan(Need(memory, 0, 0, 0, 0, 0, 0), platform) if memory else largest(platform)
        self.window = fit.window_bytes
        sizes = replace(fit.sizes, crypto_extensions=crypto_extensions)
        self.counter = Counter(blocks=by_function) if counted else None
        self.functions = Functions(build.unstripped(lab, sizes)) if by_function else None
        application = build.trusted_application(lab, sizes)
        qemu = self.counter.qemu if self.counter else ()
        boot = Boot(application, build.daemon(lab), fit.daemon_arguments, qemu=qemu)
        self.machine = Machine(lab, boot, boot_s=BOOT_S)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.machine.close()
        if self.counter:
            self.counter.close()

    def read(self) -> Counts:
        """What was executed so far."""
        return self.counter.read() if self.counter else Counts(0, 0, 0)

    def settled(self) -> Counts:
        """The same, once the application stands still: it wipes itself after its session's end."""
        before = self.read()
        while self.counter:
            time.sleep(SETTLED_S)
            if (now := self.read()).application == before.application:
                return now
            before = now
        return before

    def measure(self, packed: Compiled, inputs: list[Floats]) -> Measured:
        """Loads twice, and asks as often as there are inputs."""
        head, graph = packed.head, packed.graph
        first, *_ = self._run(head, graph, [])
        start, answers, outputs, functions = self._run(head, graph, inputs)
        engine = Engine(packed.plain)
        equal = all(
            np.array_equal(y, engine.run([x])[0]) for x, y in zip(inputs, outputs, strict=True)
        )
        return Measured(
            memory=packed.memory,
            weights=head.file_bytes - head.header_bytes,
            streamed=packed.streamed,
            switches=1 + head.asked // len(inputs),
            window=self.window,
            macs=sum(graph.macs(node) for node in graph.nodes),
            once=first - start,
            start=start,
            answers=answers,
            equal=equal,
            outputs=tuple(outputs),
            pages=packed.pages,
            functions=functions,
        )

    def _run(
        self, head: CountedHead, graph: Graph, inputs: list[Floats]
    ) -> tuple[Counts, tuple[Counts, ...], list[Floats], Mapping[str, int]]:
        shapes = tuple(Tensor(t.name, t.shape) for t in graph.outputs)
        functions: Mapping[str, int] = {}
        before = self.settled()
        enclave = OpteeEnclave(head, machine=self.machine)
        ready = self._load(enclave, head)
        head.asked = 0
        start, counted, outputs = self.read() - before, [], []
        for number, x in enumerate(inputs, 1):
            config = KeyConfig.from_bytes(ready.key_config)
            request, exchange = seal_request(config, write_message([x]))
            before, blocks = self.read(), self.counter and self.counter.blocks()
            response = enclave.link.request(number, request, deadline=soon())
            counted.append(self.read() - before)
            if self.counter and self.functions and blocks is not None:
                functions = self.functions.split(blocks, self.counter.blocks())
            assert isinstance(response, Response)
            plain = exchange.open_response(bytes(response.sealed))
            outputs.append(read_message(plain, shapes, allowed_flags=0).tensors[0])
        enclave.close()
        return start, tuple(counted), outputs, functions

    @staticmethod
    def _load(enclave: OpteeEnclave, head: HeadFile) -> Ready:
        link = enclave.link
        state = link.load(head, bytes(32), answer_bytes=MIB, deadline=soon())
        if isinstance(state, Locked):
            claims = link.attest(None, 1, 2, deadline=soon()).claims
            config = KeyConfig.from_bytes(state.key_config)
            key = seal_page_key(KEY, config=config, claims=claims, key_id=KEY_ID)
            state = link.key(key, deadline=soon())
        return state


def of_network(name: str, count: int) -> tuple[Graph, list[Floats]]:
    """Its graph, and the first input so often."""
    network = NETWORKS[name]
    return of_model(network.build()), network.inputs(1).inputs * count


def of_model(content: bytes) -> Graph:
    """The graph of an ONNX file."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.onnx"
        model.write_bytes(content)
        return load(model)


# ---------------------------------------------------------------------------- parts
def networks_part(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """The networks of the accuracy tables."""
    rows = []
    with Bench(lab) as bench:
        for network in networks(options.networks or "lenet,resnet20,squeezenet1_1,mobilenet_v2"):
            try:
                graph, inputs = of_network(network.name, 3)
                with Compiled(graph) as packed:
                    rows.append(bench.measure(packed, inputs).row(network.name))
            except Absent as reason:
                print(f"{network.name}: {reason}")
    return rows


def comparison_part(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """Beside the published artifact: how many times fewer."""
    rows: list[Row] = []
    within = rooms(image.platform_of(lab), BUDGET)
    for network in networks(options.networks or ",".join(ARTIFACT)):
        graph, inputs = of_network(network.name, 3)
        with Compiled(graph, within) as packed, Bench(lab, packed.memory) as bench:
            measured = bench.measure(packed, inputs)
            heap, cold, further, all_cold, all_further = ARTIFACT[network.name]
            need = measured.memory
            rows.append(
                measured.row(network.name)
                | {
                    "artifact_heap_mib": heap,
                    "memory_times": round(heap * MIB / need, 1),
                    "ta_cold_times": times(cold, measured.cold.application),
                    "ta_further_times": times(further, measured.further.application),
                    "all_cold_times": times(all_cold, total(measured.cold)),
                    "all_cold_once_times": times(
                        all_cold, total(measured.cold) + total(measured.once)
                    ),
                    "all_further_times": times(all_further, total(measured.further)),
                }
            )
            print(rows[-1], flush=True)
    return rows


def times(millions: int, instructions: int) -> float:
    """How many times fewer."""
    return round(millions * MILLION / instructions, 2)


def choices_part(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """One choice changed at a time."""
    name = options.networks or "squeezenet1_1"
    graph, inputs = of_network(name, 2)
    rows: list[Row] = []

    def add(
        choice: str,
        bench: Bench,
        budget: int = BUDGET,
        *,
        resident: Measured | None = None,
        **changes: bool,
    ) -> Measured:
        with (
            replaced(Plans, ladder=lambda plans: iter((plans.whole,))),  # no bands of rows instead
            Compiled(graph, budget, **changes) as packed,
        ):
            measured = bench.measure(packed, inputs)
        assert measured.equal, choice
        row = {"choice": choice, **measured.row(name)}
        row |= {"pages": len(measured.pages), "longest_page_bytes": max(measured.pages)}
        rows.append(row | {"ta_streamed_byte": resident and streamed_byte(measured, resident)})
        print(rows[-1], flush=True)
        return measured

    with Bench(lab, by_function=True) as bench:
        usual = add("as it is", bench)
        add("pages not sealed", bench, sealed=False)
        half = usual.memory - usual.weights // 2
        add("half of the weights streamed", bench, half, resident=usual)
        with without_winograd():
            add("without Winograd", bench)
        with short_pages():
            short = add("pages of 4 KiB", bench)
            add("pages of 4 KiB, half of the weights streamed", bench, half, resident=short)
    with Bench(lab, crypto_extensions=False) as bench:
        add("ciphers of OP-TEE's core", bench)
    with kernels_of("-march=armv8-a+nosimd"), Bench(lab) as bench:
        add("scalar", bench)
    return rows


@contextmanager
def short_pages() -> Iterator[None]:
    """Pages of 4 KiB, or of one kernel position of 32 channels where that is longer: as short as
    the format has them. Such pages exclude Winograd.
    """

    def short(k: int, n_panels: int, *, c: int, taps: int) -> paging.Paging | None:
        rows = max(SHORT_PAGE // paging.ROW_BYTES, 1 + (c if taps > 1 else 1))
        with replaced(paging, PAGE_ROWS=rows):
            return paging.panel_paging(k, n_panels, c=c, taps=taps)

    with replaced(conv, panel_paging=short), without_winograd():
        yield


@contextmanager
def without_winograd() -> Iterator[None]:
    """Convolutions are all direct."""
    with replaced(winograd, algorithm=lambda _: Conv.DIRECT):
        yield


@contextmanager
def kernels_of(flags: str) -> Iterator[None]:
    """Kernels are compiled with these flags, too."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "enclave"
        shutil.copytree(build.sources(), tree)
        make = tree / build.PORT / "sub.mk"
        make.write_text(make.read_text().replace("kernel-flags :=", f"kernel-flags := {flags}"))
        os.environ[build.SOURCES_ENV] = str(tree)
        try:
            yield
        finally:
            del os.environ[build.SOURCES_ENV]


@contextmanager
def replaced(module: Any, **values: object) -> Iterator[None]:  # noqa: ANN401 - any module
    """Names of a module mean something else for a while."""
    before = {name: getattr(module, name) for name in values}
    try:
        for name, value in values.items():
            setattr(module, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(module, name, value)


# channels, pixels along a side, kernel
LAYERS: Final = ((64, 64, 1), (256, 32, 1), (512, 16, 1), (64, 32, 3), (128, 32, 3), (256, 16, 3))


def convolution_part(lab: Lab, _: argparse.Namespace) -> list[Row]:
    """Two layers more than one: what they take, by multiply-add."""
    rows: list[Row] = []
    with Bench(lab) as bench:
        for channels, side, kernel in LAYERS:
            for fast in (False, True)[: 1 + kernel // 3]:
                taken = []
                for layers in (1, 3):
                    graph = of_model(chain(layers, channels, side, kernel))
                    x = np.ones((1, channels, side, side), np.float32)
                    with contextlib.nullcontext() if fast else without_winograd():
                        packed = Compiled(graph)
                    with packed:
                        measured = bench.measure(packed, [x, x])
                    taken.append((measured.further.application, measured.macs))
                (few, few_macs), (many, many_macs) = taken
                per_mac = (many - few) / (many_macs - few_macs)
                rows.append(
                    {
                        "channels": channels,
                        "side": side,
                        "kernel": kernel,
                        "winograd": fast,
                        "ta_per_mac": round(per_mac, 3),
                        "answers_equal": measured.equal,
                    }
                )
                print(rows[-1], flush=True)
    return rows


def chain(layers: int, channels: int, side: int, kernel: int) -> bytes:
    """So many equal convolutions, one after another, then a mean: a short answer."""
    rng, shape = np.random.default_rng(0), (1, channels, side, side)
    net = Builder("x", shape)
    x = "x"
    scale = (channels * kernel * kernel) ** -0.5
    for layer in range(layers):
        w = rng.standard_normal((channels, channels, kernel, kernel), np.float32) * scale
        x = net.conv(f"conv{layer}", x, w.astype(np.float32), None, pads=[kernel // 2] * 4)
    return net.finish(net.add("GlobalAveragePool", "mean", x), (1, channels, 1, 1))


def vgg_part(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """VGG-16, all layers inside; minutes each, so nothing is counted."""
    graph, inputs = of_network("vgg16", 1)
    rows: list[Row] = []
    with Bench(lab, counted=False) as bench:
        for mib in map(int, options.budgets.split(",")):
            began = time.monotonic()
            with Compiled(graph, mib * MIB) as packed:
                measured = bench.measure(packed, inputs)
            rows.append(
                {
                    "network": "vgg16",
                    "budget_mib": mib,
                    "instance_bytes": measured.memory,
                    "weights_bytes": measured.weights,
                    "streamed_bytes": measured.streamed,
                    **measured.crossings(),
                    "macs": measured.macs,
                    "minutes_emulated": round((time.monotonic() - began) / 60, 1),
                    "answers_equal": measured.equal,
                }
            )
            print(rows[-1], flush=True)
    return rows


def photos_part(lab: Lab, options: argparse.Namespace) -> list[Row]:
    """Photographs inside, bit for bit those of the engine, and what they are taken for; beside it
    the network as it is, in ONNX Runtime.
    """
    rows: list[Row] = []
    with Bench(lab, counted=False) as bench:
        for network in networks(options.networks or "squeezenet1_1,mobilenet_v2"):
            model, photos = network.build(), network.inputs(options.photos)
            with Compiled(of_model(model)) as packed:
                measured = bench.measure(packed, photos.inputs)
            reference = Reference(model)
            plain = classes(reference.run([x])[0] for x in photos.inputs)
            inside = classes(measured.outputs)
            rows.append(
                {
                    "network": network.name,
                    "photos_inside": len(photos.inputs),
                    "accuracy_inside": float(np.mean(inside == photos.labels)),
                    "accuracy_plain": float(np.mean(plain == photos.labels)),
                    "same_class_as_plain": int(np.sum(inside == plain)),
                    "answers_equal": measured.equal,
                }
            )
            print(rows[-1], flush=True)
    return rows


def classes(outputs: Iterable[npt.NDArray[np.generic]]) -> npt.NDArray[np.int64]:
    """The class of each answer."""
    return np.array([y.argmax() for y in outputs])


def times_part(_: Lab, __: argparse.Namespace) -> list[Row]:
    """Seconds: packages to a laboratory; with it, `cloister optee up` to a client's first answer,
    compiling the application, and with one that was compiled before.
    """
    network = NETWORKS["lenet"]
    (x,) = network.inputs(1).inputs
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "lenet.onnx"
        model.write_bytes(network.build())
        packed = pack(
            load(model), None, Path(folder) / "bundle",
            engine=Engine, mode="whole", memory_budget=BUDGET, replay=REPLAY_ENTRIES,
            tee="optee", policy_fields="unsafe_development = true\n",
        )  # fmt: skip
        os.environ[laboratory.PLACE_ENV] = str(Path(folder) / "laboratory")
        try:
            began = time.monotonic()
            laboratory.set_up(print)
            set_up_s = time.monotonic() - began
            compiled_s, again_s = (first_answer_s(packed, x) for _ in range(2))
        finally:
            del os.environ[laboratory.PLACE_ENV]
    return [
        {
            "set_up_s": round(set_up_s, 1),
            "build_boot_answer_s": round(compiled_s, 1),
            "boot_answer_s": round(again_s, 1),
            "answers_equal": True,
        }
    ]


def first_answer_s(packed: Packed, x: Floats) -> float:
    """From the verb's start to an answer, which must be the engine's."""
    command = [sys.executable, "-m", "cloister.cli.main", "optee", "up", str(packed.bundle.path)]
    began = time.monotonic()
    with subprocess.Popen([*command, "--json"], stdout=subprocess.PIPE, text=True) as machine:
        try:
            assert machine.stdout is not None
            address = json.loads(machine.stdout.readline())["address"]
            with Client(address, Policy.load(packed.policy)) as client:
                (y,) = client.infer(x).outputs
            taken_s = time.monotonic() - began
        finally:
            machine.terminate()
    assert np.array_equal(y, Engine(packed.bundle.head).run([x])[0])
    return taken_s


PARTS: Final[dict[str, tuple[str, Callable[[Lab, argparse.Namespace], list[Row]]]]] = {
    "networks": ("stock", networks_part),
    "comparison": ("stock", comparison_part),
    "choices": ("stock", choices_part),
    "convolution": ("stock", convolution_part),
    "vgg": ("sbsa", vgg_part),
    "photos": ("stock", photos_part),
    "times": ("stock", times_part),
}


def main() -> int:
    """Returns 1 when an answer differs or a laboratory is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=",".join(PARTS))
    parser.add_argument("--networks", help="instead of the part's own")
    parser.add_argument("--profile", help="instead of the part's own: stock, planned, sbsa")
    parser.add_argument("--budgets", default="64,32", help="of vgg, MiB")
    parser.add_argument("--photos", type=int, default=200, help="asked inside")
    options = parser.parse_args()
    good = True
    for part in options.parts.split(","):
        profile, run = PARTS[part]
        try:
            lab = image.opened(options.profile or profile, say=print)
        except NoLab as reason:
            print(f"{part}: {reason.message} {reason.hint}")
            good = False
            continue
        rows = run(lab, options)
        name = "optee" if part == "networks" else f"optee_{part}"
        if lab.image is not None and profile == "stock":
            name += f"_{lab.profile}"
        results.write(name, rows, budget_bytes=BUDGET, optee=lab.optee_version)
        good &= all(row["answers_equal"] for row in rows)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
