"""The network as the rest of Cloister sees it: typed, static, normalised.

Rules it keeps: every value has a name, a dtype and a static shape; nodes stand in topological
order and have unique names; constants are initializers; names of the source file survive, because
the names of crossing tensors are the identifiers of cuts. It does not load (load.py), rewrite
(normalise/) or cut (cuts.py, split.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx_ir as ir

from cloister.errors import UserError
from cloister.graph.macs import node_macs

Array = npt.NDArray[np.generic]


@dataclass(frozen=True)
class TensorInfo:
    """Name, dtype and static shape of one tensor.

    Args:
        name: The value's name in the graph.
        dtype: numpy's name of the element type, e.g. ``"float32"``.
        shape: Axis lengths as ONNX orders them.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def size_bytes(self) -> int:
        """Bytes of the plain, contiguous tensor."""
        return self.elements * np.dtype(self.dtype).itemsize

    def to_json(self) -> dict[str, object]:
        """``{"name", "dtype", "shape"}``, as manifests and ``--json`` write it."""
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}


class Graph:
    """One normalised network.

    Args:
        model: The normalised model; owned by the graph from here on, not to be changed.
        name: What people call it: file stem or name in the zoo.
        sha256: Digest (hex) of the source that it was loaded from.
        source: The file as it came, where there is one of the same shapes: for `Reference`, a
            witness that normalising has not touched.
    """

    def __init__(
        self, model: ir.Model, *, name: str, sha256: str, source: Path | None = None
    ) -> None:
        self.model = model
        self.name = name
        self.sha256 = sha256
        self.source = source
        self.nodes: list[ir.Node] = list(model.graph)
        self.inputs: list[TensorInfo] = [
            self.info(v) for v in model.graph.inputs if v.name not in model.graph.initializers
        ]
        self.outputs: list[TensorInfo] = [self.info(v) for v in model.graph.outputs]

    @cached_property
    def values(self) -> dict[str, ir.Value]:
        """Every value by its name: inputs, initializers, node outputs."""
        return {value_name(v): v for v in self._all_values()}

    def _all_values(self) -> Iterator[ir.Value]:
        yield from self.model.graph.inputs
        yield from self.model.graph.initializers.values()
        for node in self.nodes:
            yield from (v for v in node.outputs if v.name)

    def value(self, name: str) -> ir.Value:
        """The value called ``name``.

        Raises:
            UserError: The graph has no such value.
        """
        try:
            return self.values[name]
        except KeyError:
            raise UserError(
                f"{self.name} has no tensor named {name!r}",
                code="unknown-tensor",
                hint="`cloister inspect` lists the tensors at which the network can be cut",
            ) from None

    def info(self, value: ir.Value | str) -> TensorInfo:
        """Name, dtype and shape of a value (given itself or by name)."""
        v = self.value(value) if isinstance(value, str) else value
        return tensor_info(v)

    def shape(self, name: ir.Value | str) -> tuple[int, ...]:
        """The static shape of a value (given itself or by name)."""
        return self.info(name).shape

    def constant(self, value: ir.Value | str | None) -> Array | None:
        """The elements of a constant; None where the value is absent or computed from the input."""
        if value is None or value == "":
            return None
        v = self.values.get(value) if isinstance(value, str) else value
        if v is None or v.const_value is None:
            return None
        return v.const_value.numpy()

    def macs(self, node: ir.Node) -> int:
        """Multiply-accumulates of one run of ``node``."""
        return node_macs(node)

    @cached_property
    def total_macs(self) -> int:
        """Multiply-accumulates of one run of the whole graph."""
        return sum(node_macs(n) for n in self.nodes)

    @cached_property
    def params(self) -> int:
        """Floating-point numbers in the weights, after normalising."""
        return sum(
            v.const_value.size
            for v in self.model.graph.initializers.values()
            if v.const_value is not None and v.const_value.dtype.is_floating_point()
        )

    def to_bytes(self) -> bytes:
        """The graph as a standard ONNX file."""
        return bytes(ir.to_proto(self.model).SerializeToString())


def value_name(value: ir.Value) -> str:
    """A value's name; normalised graphs have no unnamed ones."""
    if not value.name:
        raise UserError("a tensor without a name", code="invalid-model", hint="export it again")
    return value.name


def tensor_info(value: ir.Value) -> TensorInfo:
    """Name, dtype and static shape of a typed value.

    Raises:
        UserError: The value has no dtype, or an axis of it is open.
    """
    name = value_name(value)
    if value.dtype is None or value.shape is None or not value.shape.is_static():
        shape = "unknown" if value.shape is None else str(value.shape)
        raise UserError(
            f"tensor {name!r} has no static shape: {shape}",
            code="open-axes",
            hint="give its open axes with --shape NAME=LENGTH",
        )
    dims = tuple(int(d) for d in value.shape.numpy())
    return TensorInfo(name, value.dtype.numpy().name, dims)
