"""Refuses a head that the enclave cannot run, in words that say where to cut instead."""

from __future__ import annotations

from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers, unsupported


def require_runnable(graph: Graph, cut: Cut | None) -> None:
    """Refuses a head with an operator that the enclave lacks.

    Args:
        graph: The network.
        cut: Where its head ends; None: the whole network.

    Raises:
        UserError: Names the first such node, its operator, attributes, the reason, and the last
            cut before it that works.
    """
    found = unsupported(graph)
    if cut is not None:
        inside = {node.name for node in blockers(cut)}
        found = [one for one in found if one.node in inside]
    if not found:
        return
    first, more = found[0], len(found) - 1
    raise UserError(
        f"the enclave cannot run node {first.node!r} ({first.op}): {first.to_json()['why']}"
        + (f" ({more} more node(s) cannot run)" if more else ""),
        code="unsupported-operator",
        hint=f"Cut there: --cut {first.last_cut}; what follows runs in the tail."
        if first.last_cut
        else "`cloister inspect` lists what cannot run, and all cuts.",
    )
