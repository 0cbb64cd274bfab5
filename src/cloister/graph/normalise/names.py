"""Gives every node and value a unique name; names that are there and unique stay."""

from __future__ import annotations

import onnx_ir as ir
from onnx_ir.passes.common import NameFixPass


def fix_names(model: ir.Model) -> None:
    """Names what has no name: a node after its first output, where that name is free."""
    used = {node.name for node in model.graph if node.name}
    for node in model.graph:
        output = node.outputs[0].name if node.outputs else None
        if not node.name and output and output not in used:
            node.name = output
            used.add(output)
    NameFixPass()(model)
