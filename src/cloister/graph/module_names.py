"""Names the tensors of an exported PyTorch module after the layers that make them.

The exporter calls them ``getitem_6`` or ``val_13``, which says nothing and changes with its
version. Here the result of a layer gets the layer's name (``layer1.0.bn1``, ``layer1.0.relu_1`` for
the second use), what a block computes itself the block's name and the operation
(``layer1.0.add``), and steps within one operation add ONNX's operator (``mlp.0.matmul``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

import onnx_ir as ir

SCOPES = "pkg.torch.onnx.name_scopes"  # the modules around a node, then the call's own label


class Call(NamedTuple):
    """One operation of PyTorch: the module that makes it, and its label there."""

    module: str
    label: str

    @property
    def operation(self) -> str:
        """The label without its number: ``relu_1`` is a ``relu``."""
        return re.sub(r"_\d+$", "", self.label).strip("_") or "value"


def name_after_modules(model: ir.Model) -> None:
    """Renames the values of ``model``, in place, where the exporter said which module made them."""
    calls = dict(_calls(model))
    operations: dict[str, set[str]] = {}
    for call in calls.values():
        operations.setdefault(call.module, set()).add(call.operation)
    taken = {v.name for v in model.graph.inputs} | set(model.graph.initializers)
    for node in model.graph:
        taken |= {v.name for v in node.outputs if node not in calls}
    named: set[Call] = set()
    for node in reversed(list(calls)):  # the last node of a call makes its result
        call = calls[node]
        stem = _stem(call, operations)
        if call in named:
            stem = f"{stem}.{node.op_type.lower()}"
        named.add(call)
        for value in node.outputs:
            value.name = f"{stem}\n{len(taken)}"  # unique for now; numbered below from the front
            taken.add(value.name)
    for value in (v for node in calls for v in node.outputs):
        stem, count = str(value.name).split("\n")[0], 0
        name = stem
        while name in taken:
            count += 1
            name = f"{stem}_{count}"
        taken.add(name)
        value.name = name
    for node in calls:
        node.name = node.outputs[0].name


def _calls(model: ir.Model) -> Iterator[tuple[ir.Node, Call]]:
    for node in model.graph:
        try:
            scopes = ast.literal_eval(node.metadata_props[SCOPES])
            yield node, Call(str(scopes[-2]), str(scopes[-1]))
        except (KeyError, ValueError, SyntaxError, IndexError, TypeError):
            continue  # a node of the exporter's own keeps its name


def _stem(call: Call, operations: dict[str, set[str]]) -> str:
    """The module's name where it does one thing, else the module's and the operation's."""
    if not call.module:
        return call.operation
    inner = any(m.startswith(f"{call.module}.") for m in operations)
    if len(operations[call.module]) == 1 and not inner:
        return call.module
    return f"{call.module}.{call.operation}"
