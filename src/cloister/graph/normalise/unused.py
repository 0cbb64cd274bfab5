"""Removes what no output needs, and puts the rest in topological order."""

from __future__ import annotations

import onnx_ir as ir
from onnx_ir.passes.common import (
    RemoveUnusedFunctionsPass,
    RemoveUnusedNodesPass,
    RemoveUnusedOpsetsPass,
    TopologicalSortPass,
)


def remove_unused(model: ir.Model) -> None:
    """Drops nodes, initializers, functions and opsets that no output needs."""
    for one in (
        RemoveUnusedNodesPass(),
        RemoveUnusedFunctionsPass(),  # type: ignore[no-untyped-call]
        RemoveUnusedOpsetsPass(),
        TopologicalSortPass(),
    ):
        one(model)
