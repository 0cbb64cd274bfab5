"""Which cut the demo takes when nobody says: after the network's first stage.

A stage is what runs at one size of the maps. The first one ends where maps get smaller than a
quarter of the input (half, for inputs below 128 pixels); its last cut is taken. It is a place to
look at, not advice: what leaks there is the audit's question.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cloister.errors import UserError
from cloister.graph.cuts import Cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.operators import blockers

SMALL_INPUT: Final = 128
# Where the network has no maps: the first cut with this share of the work before it.
HEAD_SHARE: Final = 0.1


def first_stage(graph: Graph) -> Cut:
    """The last cut of the first stage.

    Raises:
        UserError: The enclave runs no head of the network.
    """
    cuts = [cut for cut in find_cuts(graph) if not blockers(cut)]
    if not cuts:
        raise UserError(
            f"{graph.name} has no cut whose head the enclave can run",
            code="no-cut",
            hint="`cloister inspect` names what cannot run.",
        )
    side = _side(graph.inputs[0].shape)
    staged = _of_first_stage(cuts, side // (2 if side < SMALL_INPUT else 4)) if side else []
    if staged:
        return staged[-1]
    return next((cut for cut in cuts if cut.head_macs >= HEAD_SHARE * graph.total_macs), cuts[-1])


def _of_first_stage(cuts: Sequence[Cut], side: int) -> list[Cut]:
    return [cut for cut in cuts if side <= min(_side(info.shape) for info in cut.crossing)]


def _side(shape: tuple[int, ...]) -> int:
    """Height of maps; 0 for what is none."""
    return shape[2] if len(shape) == 4 else 0
