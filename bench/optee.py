"""Whole networks in a stock OP-TEE under QEMU: secure memory and instructions, by world.

Instructions are counted by a QEMU plugin (cloister.optee.count); ``ta_spread`` is how much two runs
differ. Time under emulation says nothing and is not written. ``load`` and ``first`` are
the cold start, ``further`` each later answer. Answers are compared with the engine of this machine,
bit for bit.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench import results
from bench.data import Absent
from bench.networks import Network, networks
from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.enclaves.protocol import Response
from cloister.graph.load import load
from cloister.optee import build
from cloister.optee.build import Sizes
from cloister.optee.count import Counter, Counts
from cloister.optee.lab import NoLab, set_up
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, largest_instance
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor

BUDGET = 13_200 << 10
DEADLINE_S = 600.0
NETWORKS = "lenet,resnet20,squeezenet1_1,mobilenet_v2"


def soon() -> float:
    """A deadline."""
    return time.monotonic() + DEADLINE_S


def measure(network: Network, machine: Machine, counter: Counter, budget: int) -> dict[str, object]:
    """One row."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / f"{network.name}.onnx"
        model.write_bytes(network.build())
        graph = load(model)
        container = compile_container(
            graph, mode="whole", answers=graph.outputs, memory_budget=budget, replay=REPLAY_ENTRIES
        )
        path = Path(folder) / "head.clo"
        path.write_bytes(container.to_bytes())
        x = network.inputs(1).inputs[0]
        outputs = tuple(Tensor(t.name, t.shape) for t in graph.outputs)
        with HeadFile(path) as head:
            enclave = OpteeEnclave(head, machine=machine)
            before = counter.read()
            ready = enclave.link.load(head, bytes(32), answer_bytes=1 << 20, deadline=soon())
            steps: list[Counts] = [counter.read() - before]
            equal = True
            for number in (1, 2, 3):
                request, exchange = seal_request(
                    KeyConfig.from_bytes(ready.key_config), write_message([x])
                )
                before = counter.read()
                response = enclave.link.request(number, request, deadline=soon())
                steps.append(counter.read() - before)
                assert isinstance(response, Response)
                plain = exchange.open_response(bytes(response.sealed))
                (y,) = read_message(plain, outputs, allowed_flags=0).tensors
                equal &= bool(np.array_equal(y, Engine(path).run([x])[0]))
            enclave.close()
            memory, weights = head.memory_bytes(REPLAY_ENTRIES), head.file_bytes - head.header_bytes
    macs = sum(graph.macs(node) for node in graph.nodes)
    loaded, first, second, third = steps
    return {
        "network": network.name,
        "instance_bytes": memory,
        "weights_bytes": weights,
        "streamed_bytes": max(weights - head.resident_bytes, 0),
        "macs": macs,
        "ta_load": loaded.application,
        "ta_first": first.application,
        "ta_further": third.application,
        "ta_spread": abs(second.application / third.application - 1),
        "ta_per_mac": round(third.application / macs, 3),
        "secure_load": loaded.secure,
        "secure_further": third.secure,
        "answers_equal": equal,
    }


def main() -> int:
    """Returns 1 when an answer differs or no laboratory can be set up."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", default=NETWORKS)
    parser.add_argument("--budget", type=int, default=BUDGET, help="bytes of the instance")
    arguments = parser.parse_args()
    try:
        lab = set_up(print)
    except NoLab as reason:
        print(reason)
        return 1
    application = build.trusted_application(lab, Sizes(largest_instance(PLATFORMS["stock"])))
    rows = []
    with Counter() as counter:
        boot = Boot(application, build.daemon(lab), qemu=counter.qemu)
        with Machine(lab, boot) as machine:
            for network in networks(arguments.networks):
                try:
                    rows.append(measure(network, machine, counter, arguments.budget))
                except Absent as reason:
                    print(f"{network.name}: {reason}")
    results.write("optee", rows, budget_bytes=arguments.budget, optee=lab.optee_version)
    return 0 if all(row["answers_equal"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
