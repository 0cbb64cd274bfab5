"""What ``cloister inspect`` tells about a network, as the object of its ``--json``
(docs/formats/json.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import NamedTuple

from cloister.errors import CloisterError
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers, reason, unsupported


class Memory(NamedTuple):
    """Bytes of a head in the enclave: its weights, and what it works in."""

    weights: int
    arena: int


Planner = Callable[[Graph, Cut], Memory]


def inspect(
    graph: Graph, *, all_cuts: bool = False, plan: Planner | None = None
) -> dict[str, object]:
    """Describes operators, parameters, multiply-accumulates, every cut, and what cannot run and
    why.

    Args:
        all_cuts: Minimal multi-tensor cuts too.
        plan: Says what the head of a cut takes; the compiler brings it.
    """
    return {
        "format": "cloister-inspect/1",
        "model": {
            "name": graph.name,
            "sha256": graph.sha256,
            "params": graph.params,
            "macs": graph.total_macs,
            "inputs": [info.to_json() for info in graph.inputs],
            "outputs": [info.to_json() for info in graph.outputs],
        },
        "operators": _operators(graph),
        "unsupported": [one.to_json() for one in unsupported(graph)],
        "cuts": [_cut(graph, cut, plan) for cut in find_cuts(graph, all_cuts)],
    }


def _operators(graph: Graph) -> list[dict[str, object]]:
    """How often each operator occurs, most work first."""
    rows: dict[str, dict[str, object]] = {}
    counts: dict[str, list[int]] = {}
    for node in graph.nodes:
        op = f"{node.domain}::{node.op_type}" if node.domain else node.op_type
        count = counts.setdefault(op, [0, 0, 0])
        count[0] += 1
        count[1] += graph.macs(node)
        count[2] += reason(node) is not None
        rows[op] = {"op": op, "count": count[0], "macs": count[1], "supported": count[2] == 0}
    return sorted(rows.values(), key=lambda r: (-counts[str(r["op"])][1], str(r["op"])))


def _cut(graph: Graph, cut: Cut, plan: Planner | None) -> dict[str, object]:
    memory: Memory | None = None
    if plan is not None and not blockers(cut):
        # The compiler has limits of its own; `pack` says which.
        with contextlib.suppress(CloisterError):
            memory = plan(graph, cut)
    return {
        "id": cut.id,
        "crossing": [info.to_json() for info in cut.crossing],
        "head_macs": cut.head_macs,
        "head_weight_bytes": memory.weights if memory else None,
        "head_arena_bytes": memory.arena if memory else None,
    }
