"""Recognises HardSigmoid and HardSwish written as arithmetic (ReLU6 of x + 3), with onnxscript's
rules and two more.
"""

from __future__ import annotations

import onnx_ir as ir
from onnxscript.rewriter import RewriteRuleSet, pattern
from onnxscript.rewriter.rules.common import fuse_hardswish_rules

from cloister.graph.normalise.rewrite import Op


def _scaled_before_product(op: Op, x: ir.Value) -> ir.Value:
    return op.Mul(
        op.Mul(op.Clip(op.Add(x, 3.0), 0.0, 6.0), 1 / 6), x
    )  # PyTorch writes / 6 so at times


def _product_before_scale(op: Op, x: ir.Value) -> ir.Value:
    return op.Mul(op.Mul(x, op.Clip(op.Add(x, 3.0), 0.0, 6.0)), 1 / 6)


def _hard_swish(op: Op, x: ir.Value) -> ir.Value:
    return op.HardSwish(x)


_OURS = RewriteRuleSet(
    [
        pattern.RewriteRule(_scaled_before_product, _hard_swish),
        pattern.RewriteRule(_product_before_scale, _hard_swish),
    ],
    commute=True,
)


def fuse_hard_swish(model: ir.Model) -> None:
    """Writes HardSwish and HardSigmoid for their decompositions."""
    for rules in (_OURS, fuse_hardswish_rules()):
        rules.apply_to_model(model)
