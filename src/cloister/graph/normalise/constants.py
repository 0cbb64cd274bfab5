"""Computes what does not depend on the input, and keeps it as initializers."""

from __future__ import annotations

import onnx_ir as ir
from onnx_ir.passes.common import LiftConstantsToInitializersPass
from onnxscript.optimizer import fold_constants as fold

from cloister.graph.normalise.quiet import quiet
from cloister.graph.normalise.shapes import infer_shapes
from cloister.graph.normalise.unused import remove_unused

# onnxscript's defaults keep the file small; here weights may be made by nodes (ConstantOfShape,
# DequantizeLinear).
NO_LIMIT_BYTES = 1 << 31
ROUNDS = 5  # folding a Shape can make the next one static; real models settle in two


def fold_constants(model: ir.Model) -> None:
    """Folds until nothing changes; constants that are left as nodes become initializers."""
    for _ in range(ROUNDS):
        before = model.graph.num_nodes()
        with quiet("onnxscript.optimizer"):
            fold(model, output_size_limit=NO_LIMIT_BYTES, should_fold=lambda _: True)
        LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)(model)
        remove_unused(model)
        infer_shapes(model)
        if model.graph.num_nodes() == before:
            break
    for value in model.graph.initializers.values():
        if value.const_value is not None:  # folding leaves what inference had guessed before
            value.shape = ir.Shape(value.const_value.shape.numpy())
            value.dtype = value.const_value.dtype
