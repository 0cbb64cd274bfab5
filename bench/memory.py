"""Is the secure memory of every head what the plan says, to the byte?

For each single-tensor cut of each network, and the whole inside: the arena stands between guard
pages and is filled with a pattern; after a run on a real input the highest byte that changed must
be `arena_bytes - 1`, messages and scratch included, and two fills must give the same results
(nothing is read before it is written). An instance that gets one 64-byte unit less than
`memory_bytes` must refuse the container before anything runs, and take it with exactly that much.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from cloister._clo import ffi, lib

from bench import results
from bench.data import Absent, Floats
from bench.networks import networks
from cloister.channel.frames import FrameType, frame, parse_head
from cloister.enclaves.engine import Engine
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.split import split
from cloister.pack.container import Container, compile_container

REPLAY = 64
UNIT = 64  # bytes: alignment of everything that an instance keeps


def _none(*_: object) -> int:
    return 1


def load_code(container: Container, memory_bytes: int) -> int:
    """What an instance with so much memory says to the container's header: a `clo_err`, 0 if it
    goes on.
    """
    port, config = ffi.new("clo_port *"), ffi.new("clo_config *")
    session, size = ffi.new("clo_session *"), ffi.new("size_t *")
    assert lib.clo_posix_crypto(port) == 0
    # Never asked for: the instance ends before it attests.
    evidence = ffi.callback("int(void *, const uint8_t *, uint8_t *, size_t, size_t *)", _none)
    port.evidence = evidence
    memory = np.zeros(memory_bytes + UNIT, np.uint8)
    texts = ffi.new("char[]", b"sandbox"), ffi.new("char[]", b"none")
    config.port, config.kernels = port, lib.clo_kernels_best(b"auto")
    config.memory = ffi.cast("void *", memory.ctypes.data + -memory.ctypes.data % UNIT)
    config.bytes, config.replay = memory_bytes, REPLAY
    config.window = lib.CLO_PAGE_MAX + lib.CLO_TAG
    config.tee, config.level = texts
    assert lib.clo_session_init(session, config) == lib.CLO_OK
    request = frame(FrameType.LOAD, bytes(32) + bytes(container.header))
    out = ffi.new("uint8_t[]", lib.CLO_OUT_MIN)
    code = lib.clo_step(session, request, len(request), out, lib.CLO_OUT_MIN, size)
    answer = parse_head(bytes(ffi.buffer(out, UNIT)), limit=lib.CLO_OUT_MIN)
    assert (answer.type is FrameType.ERROR) == (code != lib.CLO_OK)
    return int(code)


def heads(graph: Graph) -> Iterator[tuple[str, Container]]:
    """Every head, and the whole network."""
    for cut in find_cuts(graph):
        yield cut.id, compile_container(split(graph, cut).head, mode="split", answers=graph.outputs)
    yield "whole", compile_container(graph, mode="whole", answers=graph.outputs)


def faults(graph: Graph, x: list[Floats]) -> Iterator[tuple[str, str | None]]:
    """(head, None), or (head, what is wrong with it)."""
    for name, container in heads(graph):
        engine = Engine(container.to_bytes(), guard=True)
        written = engine.highest_byte_written(x)
        filled = [engine.run(x, poison=fill) for fill in (0x00, 0xFF)]
        needed = container.memory_bytes(REPLAY)
        if written != container.arena_bytes - 1:
            yield name, f"predicted {container.arena_bytes} bytes, the highest written is {written}"
        elif not all(np.array_equal(a, b) for a, b in zip(*filled, strict=True)):
            yield name, "the result depends on what lay in the arena"
        elif load_code(container, needed - UNIT) != lib.CLO_E_MEMORY:
            yield name, f"{needed - UNIT} bytes were not refused"
        elif load_code(container, needed) != lib.CLO_OK:
            yield name, f"{needed} bytes were refused"
        else:
            yield name, None


def main() -> int:
    """Prints and stores the table; returns 1 when a prediction is wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--nets", help="comma-separated names; all by default")
    arguments = parser.parse_args()
    rows = []
    for network in networks(arguments.nets):
        try:
            with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
                file.write(network.build())
                file.flush()
                graph = load(Path(file.name))
            found = list(faults(graph, network.inputs(1).inputs))
        except (Absent, ImportError) as reason:
            print(f"skipped {network.name}: {reason}", file=sys.stderr)
            continue
        wrong = [f"{head}: {fault}" for head, fault in found if fault]
        rows.append(
            {"network": network.name, "heads": len(found), "exact": len(found) - len(wrong)}
        )
        print(rows[-1], *wrong, sep="\n", flush=True)
    results.write("memory", rows)
    return int(any(row["heads"] != row["exact"] for row in rows))


if __name__ == "__main__":
    sys.exit(main())
