"""The few moves that passes share: take a value's place, add a constant, read a constant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnx_ir as ir


class Op(Protocol):
    """What a pattern of onnxscript's rewriter is written with: one function for each operator."""

    def __getattr__(self, name: str) -> Callable[..., ir.Value]: ...


def take_place(graph: ir.Graph, old: ir.Value, new: ir.Value) -> None:
    """Lets ``new`` stand everywhere where ``old`` stood, under old's name; old's node goes."""
    name, node = old.name, old.producer()
    assert node is not None
    ir.convenience.replace_all_uses_with(old, new, replace_graph_outputs=True)
    new.shape, new.type = old.shape, old.type
    graph.remove(node, safe=True)
    old.name = None
    new.name = name


def add_constant(graph: ir.Graph, name: str, array: npt.NDArray[np.generic]) -> ir.Value:
    """A new initializer; ``name`` is made unique."""
    taken = set(graph.initializers) | {v.name for node in graph for v in node.outputs}
    taken |= {v.name for v in graph.inputs}
    unique, count = name, 0
    while unique in taken:
        count += 1
        unique = f"{name}_{count}"
    tensor = ir.tensor(np.asarray(array, order="C"), name=unique)
    value = ir.Value(name=unique, const_value=tensor)
    value.shape, value.dtype = ir.Shape(array.shape), tensor.dtype
    graph.register_initializer(value)
    return value


def constant(value: ir.Value | None) -> npt.NDArray[np.generic] | None:
    """The elements of a constant; None where the value is absent or computed."""
    if value is None or value.const_value is None:
        return None
    return value.const_value.numpy()


def static_shape(value: ir.Value | None) -> tuple[int, ...] | None:
    """The static shape; None where the value is absent or its shape open."""
    if value is None or value.shape is None or not value.shape.is_static():
        return None
    return tuple(int(d) for d in value.shape.numpy())


def only_consumer(value: ir.Value) -> ir.Node | None:
    """The node that alone reads ``value``, once; None where others do or the value is an output."""
    uses = value.uses()
    if len(uses) != 1 or value.is_graph_output():
        return None
    return next(iter(uses)).node
