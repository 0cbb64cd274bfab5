"""From any valid ONNX model to the form that the rest of Cloister reads.

`normalise` runs PASSES in order, each in its own file, and promises afterwards: one opset (OPSET
or the model's own if newer), no functions, every value named, typed and static, constants are
initializers, no Identity or Dropout on the way, batch norm inside the convolutions where that is
possible, and one operator for each of HardSwish, Gelu and LayerNormalization. Tensor names of the
source survive. ONNX Runtime computes the same from the result as from the source, rounding aside.

SiLU stays as Sigmoid and Mul: the standard operator for it (Swish) came with opset 24, which few
servers run, and tail.onnx is to run anywhere; lowering fuses the pair inside the enclave
(`patterns.silu_input`).
"""

from __future__ import annotations

from collections.abc import Callable

import onnx_ir as ir

from cloister.graph.normalise.affine import fold_affine
from cloister.graph.normalise.attributes import plain_attributes
from cloister.graph.normalise.constants import fold_constants
from cloister.graph.normalise.gelu import fuse_gelu
from cloister.graph.normalise.hard_swish import fuse_hard_swish
from cloister.graph.normalise.layer_norm import fuse_layer_norm
from cloister.graph.normalise.names import fix_names
from cloister.graph.normalise.opset import OPSET, convert_opset
from cloister.graph.normalise.pass_through import drop_pass_through
from cloister.graph.normalise.shapes import complete_shapes, infer_shapes, set_input_shapes
from cloister.graph.normalise.stored_bytes import keep_stored_bytes
from cloister.graph.normalise.unused import remove_unused
from cloister.graph.normalise.variadic import pair_variadic

Pass = Callable[[ir.Model], None]

PASSES: tuple[Pass, ...] = (
    fix_names,
    convert_opset,
    infer_shapes,
    keep_stored_bytes,
    fold_constants,
    complete_shapes,
    pair_variadic,
    infer_shapes,
    drop_pass_through,
    plain_attributes,
    fuse_hard_swish,
    fuse_gelu,
    fuse_layer_norm,
    fold_affine,
    remove_unused,
    fix_names,
    complete_shapes,
)

__all__ = ["OPSET", "PASSES", "normalise", "set_input_shapes"]


def normalise(model: ir.Model) -> ir.Model:
    """Runs all passes on ``model``, in place; its inputs must have static shapes
    (`set_input_shapes`).
    """
    for one in PASSES:
        one(model)
    return model
