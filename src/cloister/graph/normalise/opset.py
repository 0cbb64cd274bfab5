"""One opset for everything that follows, so that each operator has one form.

Conversion is onnxscript's (opset 18 and up) with ONNX's own converter for older models. Newer
models keep their opset: the operators that Cloister knows have not changed their form since OPSET.
"""

from __future__ import annotations

import onnx_ir as ir
from onnxscript import version_converter

from cloister.errors import UserError
from cloister.graph.normalise.quiet import quiet

OPSET = 20  # the first with HardSwish, LayerNormalization and Gelu
IR_VERSION = 10  # what servers of OPSET's time read
NEWEST_IR_VERSION = 13


def convert_opset(model: ir.Model) -> None:
    """Brings an older model to OPSET, with its functions inlined.

    Raises:
        UserError: An operator of the model has no form in OPSET.
    """
    opset = model.opset_imports.get("", OPSET)
    before = {v.name for node in model.graph for v in node.outputs}
    try:
        with quiet("onnxscript.version_converter"):
            version_converter.convert_version(
                model, target_version=max(opset, OPSET), fallback=True
            )
    except Exception as error:
        raise _not_converted(opset, str(error)) from error
    got = model.graph.opset_imports.get("", OPSET)
    if got < OPSET and model.graph.num_nodes() > 0:
        raise _not_converted(opset, "an operator has no adapter")
    _name_new_values(model, before)
    model.ir_version = IR_VERSION if got <= 21 else NEWEST_IR_VERSION


def _name_new_values(model: ir.Model, before: set[str | None]) -> None:
    """Names what the converter made after what it leads to, not after the converter's counters."""
    taken = {v.name for node in model.graph for v in node.outputs}
    for node in reversed(list(model.graph)):
        for value in node.outputs:
            reader = next(iter(value.consumers()), None)
            if value.name in before or value.is_graph_output() or reader is None:
                continue
            name = stem = f"{reader.outputs[0].name}_{node.op_type.lower()}"
            count = 1
            while name in taken:
                count += 1
                name = f"{stem}_{count}"
            taken.add(name)
            value.name = name


def _not_converted(opset: int, why: str) -> UserError:
    return UserError(
        f"the model uses ONNX opset {opset}, which does not convert to {OPSET}: {why}",
        code="opset-not-converted",
        hint=f"export the model again with opset {OPSET}",
    )
