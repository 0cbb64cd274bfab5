"""The arena of a head as a picture needs it: what lies where, from when to when."""

from __future__ import annotations

from dataclasses import dataclass

from cloister.graph.cuts import find_cut
from cloister.graph.graph import Graph
from cloister.graph.split import split
from cloister.memory.liveness import parts
from cloister.pack.container import compile_container


@dataclass(frozen=True)
class Block:
    """One buffer, a part of it that is needed at other times than the rest, or an operator's
    scratch.

    Args:
        name: Of the tensor, or of the operator with "scratch".
        offset: Bytes from the arena's start.
        size_bytes: Its length.
        first: 0: the request is there; 1..n: the operators; then the answer.
        last: The last time at which it is needed.
    """

    name: str
    offset: int
    size_bytes: int
    first: int
    last: int


@dataclass(frozen=True)
class ArenaMap:
    """All blocks.

    Args:
        arena_bytes: Its length.
        lower_bound_bytes: No placement of the same buffers is smaller.
        steps: Names of the operators, in the order in which they run.
        blocks: What lies in it.
    """

    arena_bytes: int
    lower_bound_bytes: int
    steps: tuple[str, ...]
    blocks: tuple[Block, ...]


def arena_map(graph: Graph, cut: str | None) -> ArenaMap:
    """Lays out the head of a cut as `pack` does, all weights resident.

    Args:
        graph: The network.
        cut: None: the whole network.

    Raises:
        UserError: There is no such cut, or the enclave cannot run its head.
    """
    head = graph if cut is None else split(graph, find_cut(graph, cut)).head
    made = compile_container(head, mode="whole" if cut is None else "split", answers=graph.outputs)
    program, placement = made.program, made.placement
    blocks = [
        Block(buffer.name, placement.offsets[buffer] + part.at, part.end - part.at,
              part.live.start, part.live.end)
        for buffer, found in parts(program).items()
        for part in found
    ]  # fmt: skip
    blocks += [
        Block(f"{op.name}, scratch", placement.scratch_at, op.scratch_bytes, time, time)
        for time, op in enumerate(program.ops, start=1)
        if op.scratch_bytes
    ]
    return ArenaMap(
        placement.arena_bytes, placement.lower_bound_bytes,
        tuple(op.name for op in program.ops), tuple(blocks),
    )  # fmt: skip
