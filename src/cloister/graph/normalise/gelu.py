"""Recognises Gelu written as arithmetic: the exact form (erf) and the approximation (tanh).

onnxscript has such rules, but they write ONNX Runtime's own operator; ours write the standard's
Gelu.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import onnx_ir as ir
from onnxscript.rewriter import RewriteRuleSet, pattern

from cloister.graph.normalise.rewrite import Op

Pattern = Callable[[Op, ir.Value], ir.Value]


def _erf(op: Op, x: ir.Value) -> ir.Value:
    return op.Add(op.Erf(op.Div(x, math.sqrt(2))), 1.0)


def _erf_of_product(op: Op, x: ir.Value) -> ir.Value:
    return op.Add(op.Erf(op.Mul(x, math.sqrt(0.5))), 1.0)


def _one_plus_tanh(op: Op, inner: ir.Value) -> ir.Value:
    return op.Add(op.Tanh(op.Mul(inner, math.sqrt(2 / math.pi))), 1.0)


def _tanh(op: Op, x: ir.Value) -> ir.Value:
    return _one_plus_tanh(op, op.Add(x, op.Mul(op.Pow(x, 3.0), 0.044715)))


def _tanh_of_products(op: Op, x: ir.Value) -> ir.Value:
    cube = op.Mul(op.Mul(x, x), x)
    return _one_plus_tanh(op, op.Add(x, op.Mul(cube, 0.044715)))


def _tanh_factored(op: Op, x: ir.Value) -> ir.Value:
    square = op.Mul(op.Mul(x, x), 0.044715)
    inner = op.Mul(op.Mul(x, math.sqrt(2 / math.pi)), op.Add(square, 1.0))
    return op.Add(op.Tanh(inner), 1.0)


def _gelu(op: Op, x: ir.Value) -> ir.Value:
    return op.Gelu(x)


def _gelu_tanh(op: Op, x: ir.Value) -> ir.Value:
    return op.Gelu(x, approximate="tanh")


def _halves(inner: Pattern) -> list[Pattern]:
    """x * inner / 2 in the orders that exporters write."""

    def last(op: Op, x: ir.Value) -> ir.Value:
        return op.Mul(op.Mul(x, inner(op, x)), 0.5)

    def first(op: Op, x: ir.Value) -> ir.Value:
        return op.Mul(op.Mul(x, 0.5), inner(op, x))

    def within(op: Op, x: ir.Value) -> ir.Value:
        return op.Mul(x, op.Mul(inner(op, x), 0.5))

    return [last, first, within]


FORMS: dict[Pattern, Pattern] = {
    _erf: _gelu,
    _erf_of_product: _gelu,
    _tanh: _gelu_tanh,
    _tanh_of_products: _gelu_tanh,
    _tanh_factored: _gelu_tanh,
}


@functools.cache
def _rules() -> RewriteRuleSet:
    rules = [
        pattern.RewriteRule(half, result)
        for inner, result in FORMS.items()
        for half in _halves(inner)
    ]
    return RewriteRuleSet(rules, commute=True)


def fuse_gelu(model: ir.Model) -> None:
    """Writes Gelu for its decompositions."""
    if any(node.op_type in ("Erf", "Tanh") for node in model.graph):
        _rules().apply_to_model(model)
