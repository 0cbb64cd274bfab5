"""The state of one lowering: where each value lies, which operators were emitted, and how to get
a value in another layout.

A value may lie in several places: the view that its producer wrote, and copies in other layouts
that consumers asked for (emitted on demand, once). `out` decides where a producer writes:
straight into the response message, straight into its slice of a Concat, or into a buffer of its
own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import onnx_ir as ir

from cloister.errors import UserError
from cloister.graph.graph import Array, Graph, value_name
from cloister.graph.int8 import Int8Tensor
from cloister.lower.codes import FOUR, Coded, coded, coding_of
from cloister.lower.fuse import Fusion, fusions, schedule
from cloister.lower.program import (
    NO_CLIP,
    Buffer,
    ByteArray,
    Clip,
    ConstParams,
    CopyParams,
    Five,
    FloatArray,
    Kind,
    Op,
    Params,
    Six,
    Span,
    Unary,
    UnaryParams,
    Weights,
)
from cloister.lower.views import Map, Rows, View, coalesce, map_order, row_major, strides_in_order

COPY_DIMS, BINARY_DIMS = 6, 5
MAP_RANK = 4
RESHAPES = {
    "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "DequantizeLinear",
}  # fmt: skip
Accept = Callable[[View], bool]


def anywhere(_: View) -> bool:
    """Accepts every view."""
    return True


@dataclass(frozen=True)
class Reshaped:
    """A value whose elements are those of ``source`` in ONNX order; made real when someone
    needs it.
    """

    source: ir.Value


@dataclass(frozen=True)
class Padded:
    """A value that is ``source`` with zeros around its spatial axes; only a convolution reads
    it.
    """

    source: ir.Value
    begins: tuple[int, ...]
    ends: tuple[int, ...]


@dataclass(frozen=True)
class Numbers:
    """A value whose elements lie as codes; made real when someone needs the numbers."""

    source: Coded


@dataclass
class Builder:
    """Collects the operators of one program.

    Args:
        graph: What is lowered.
        fusion: For each node that heads a fused group, what it takes in; see fuse.py.
        absorbed: Nodes that are part of another's group.
    """

    graph: Graph
    nodes: list[ir.Node] = field(init=False)
    fusion: dict[ir.Node, Fusion] = field(init=False)
    absorbed: set[ir.Node] = field(init=False)
    ops: list[Op] = field(default_factory=list)
    views: dict[str, list[View]] = field(default_factory=dict)
    lazy: dict[str, Reshaped | Padded | Numbers] = field(default_factory=dict)
    in_codes: set[ir.Node] = field(init=False)
    codes: dict[ir.Node, Coded] = field(default_factory=dict)
    targets: dict[str, View] = field(default_factory=dict)
    concats: dict[str, tuple[ir.Node, int]] = field(default_factory=dict)
    prefixes: dict[ir.Node, ir.Node] = field(default_factory=dict)
    weights: dict[tuple[object, ...], Weights] = field(default_factory=dict)
    node: ir.Node | None = None

    def __post_init__(self) -> None:
        self.nodes = schedule(self.graph)
        self.in_codes = coded(self.graph)
        self.fusion, self.absorbed = fusions(self.graph, self.nodes, self.in_codes)
        self._find_concats()

    # ------------------------------------------------------------------ the graph

    def shape(self, value: ir.Value) -> tuple[int, ...]:
        """Static shape of a value."""
        return self.graph.shape(value)

    def constant(self, value: ir.Value | None) -> Array | None:
        """Elements of a constant; None where the value is absent or computed."""
        return None if value is None else self.graph.constant(value)

    def weights_of(
        self, value: ir.Value, axis: int
    ) -> tuple[FloatArray | ByteArray, FloatArray | None]:
        """Constant weights with the output channels along `axis`: as bytes and the step of each
        channel where they are stored so, else as floats.
        """
        tensor = value.const_value
        steps = tensor.steps_along(axis) if isinstance(tensor, Int8Tensor) else None
        if isinstance(tensor, Int8Tensor) and steps is not None:
            return tensor.codes, steps
        return np.asarray(self.constant(value), np.float32), None

    def ints(self, node: ir.Node, index: int) -> list[int] | None:
        """A constant integer input; None where it is absent.

        Raises:
            UserError: It is computed at run time.
        """
        value = input_of(node, index)
        if value is None:
            return None
        array = self.constant(value)
        if array is None:
            raise self.unsupported(node, f"input {value.name!r} is computed at run time")
        return [int(v) for v in array.reshape(-1)]

    def fused(self, node: ir.Node) -> Fusion:
        """What ``node`` takes in; at least its own output."""
        return self.fusion.get(node) or Fusion(node.outputs[0])

    def unsupported(self, node: ir.Node, why: str) -> UserError:
        """The error that names node, operator, attributes and reason."""
        attributes = ", ".join(
            f"{name}={attr.value!r}"
            for name, attr in sorted(node.attributes.items())
            if isinstance(attr, ir.Attr) and attr.type.name in ("INT", "INTS", "FLOAT", "STRING")
        )
        return UserError(
            f"node {node.name!r}: the enclave cannot run operator {node.op_type}"
            f"{f' ({attributes})' if attributes else ''}: {why}",
            code="unsupported-operator",
            hint="cut the network before this node (`cloister inspect` lists the cuts)",
        )

    def _find_concats(self) -> None:
        """Finds the Concat into which each value is written, and Concats that are the
        beginning of a longer one.
        """
        concats = [n for n in self.graph.nodes if n.op_type == "Concat" and is_standard(n)]
        for node in concats:
            longer = [n for n in concats if _begins(node, n)]
            if longer and not node.outputs[0].is_graph_output():
                self.prefixes[node] = max(longer, key=lambda n: len(n.inputs))
        for node in concats:
            for index, value in enumerate(node.inputs):
                if value is None or value.const_value is not None or value.is_graph_output():
                    continue
                home = self.prefixes.get(node, node)
                self.concats.setdefault(value_name(value), (home, index))

    # ------------------------------------------------------------------ reading

    def view(self, value: ir.Value) -> View:
        """Where a value lies, in whatever layout; constants are put into the arena in ONNX
        order.
        """
        name = value_name(value)
        array = self.constant(value)
        if array is not None:
            return self.constant_view(name, np.asarray(array, np.float32))
        if name not in self.views:
            self._make_real(name, value)
        return self.views[name][0]

    def _make_real(self, name: str, value: ir.Value) -> None:
        lazy = self.lazy[name]
        if isinstance(lazy, Numbers):
            self._decode(lazy.source, value)
            return
        assert isinstance(lazy, Reshaped)
        shape = self.shape(value)
        for view in self._known(lazy.source):
            reshaped = view.reshape(shape)
            if reshaped is not None:
                self.views[name] = [reshaped]
                return
        reshaped = self.contiguous(lazy.source).reshape(shape)
        assert reshaped is not None
        self.views[name] = [reshaped]

    def _decode(self, source: Coded, value: ir.Value) -> None:
        x, y, coding = Map.of(source.view), self.map_out(value), source.coding
        assert x is not None
        for item in range(y.items):
            params = UnaryParams(y.h * y.w, y.c, x.ld, y.ld, coding.step, coding.low)
            self.emit(
                Kind.UNARY, params, x=x.span(item), y=y.span(item), fn=Unary.NUMBERS
            )  # fmt: skip

    def codes_out(self, node: ir.Node) -> Map:
        """Where the codes of a QuantizeLinear are written: a map with a quarter of the channels."""
        value = node.outputs[0]
        n, c, *space = self.shape(value)
        shape = (n, c // FOUR, *space)
        view = self.fresh(value_name(value), shape, map_order(len(shape)))
        self.codes[node] = Coded(view, coding_of(node))
        found = Map.of(view)
        assert found is not None
        return found

    def _known(self, value: ir.Value) -> list[View]:
        self.view(value)
        return self.views.get(value_name(value), [])

    def reshape(self, value: ir.Value, source: ir.Value) -> None:
        """Says that ``value`` is ``source`` under another shape; costs nothing until someone
        needs it.
        """
        self.lazy[value_name(value)] = Reshaped(source)

    def define(self, value: ir.Value, view: View) -> None:
        """Says where ``value`` lies."""
        assert view.shape == self.shape(value), (value.name, view.shape, self.shape(value))
        self.views.setdefault(value_name(value), []).append(view)

    def constant_view(
        self,
        name: str,
        array: np.ndarray,
        order: Sequence[int] = (),
        view: View | None = None,
    ) -> View:
        """Emits a constant into the arena: a buffer for each use, so that none lives longer than
        its use.

        Args:
            name: Of the value; with the order it names the weights, which are stored once.
            array: The elements.
            order: Axes, outermost first; default: ONNX order.
            view: A place without gaps, in this order; default: a buffer of its own.
        """
        array = np.ascontiguousarray(array, np.float32)
        order = tuple(order) or tuple(range(array.ndim))
        key = ("const", name, order, array.shape)
        if key not in self.weights:
            self.weights[key] = Weights(Kind.CONST, array.transpose(order))
        view = self.fresh(name, array.shape, order) if view is None else view
        self.emit(Kind.CONST, ConstParams(), y=view.span, weights=self.weights[key])
        return view

    def acceptable(self, value: ir.Value, accept: Accept, order: Sequence[int]) -> View:
        """A view of ``value`` that ``accept`` takes: one that is there, or a copy with its
        axes in ``order``.
        """
        if self.constant(value) is not None:
            array = np.asarray(self.constant(value), np.float32)
            return self.constant_view(value_name(value), array, order)
        for view in self._known(value):
            if accept(view):
                return view
        made = self.dense(self.view(value), order, value_name(value))
        assert accept(made), (value.name, order)
        self.views[value_name(value)].append(made)
        return made

    def contiguous(self, value: ir.Value) -> View:
        """A view in ONNX order without gaps."""
        return self.acceptable(value, lambda v: v.contiguous, range(len(self.shape(value))))

    def map(self, value: ir.Value) -> Map:
        """A view as a map: channels innermost."""
        order = map_order(len(self.shape(value)))
        found = Map.of(self.acceptable(value, lambda v: Map.of(v) is not None, order))
        assert found is not None
        return found

    def matrix(self, view: View, last: int = 1) -> tuple[View, Rows]:
        """A view as a matrix whose columns are its last axes; copied where it is none."""
        rows = view.rows(last)
        if rows is None:
            view = self.dense(view, range(len(view.shape)), view.buffer.name)
            rows = view.rows(last)
        assert rows is not None
        return view, rows

    # ------------------------------------------------------------------ writing

    def fresh(self, name: str, shape: Sequence[int], order: Sequence[int] | None = None) -> View:
        """A new buffer with axes in ``order`` (default: ONNX order)."""
        shape = tuple(shape)
        strides = row_major(shape) if order is None else strides_in_order(shape, order)
        return View(Buffer(name, max(1, math.prod(shape))), 0, shape, strides)

    def out(
        self, value: ir.Value, order: Sequence[int] | None = None, accept: Accept = anywhere
    ) -> View:
        """Where the producer of ``value`` writes, and defines it.

        Args:
            value: The value.
            order: Axes of a buffer of its own, outermost first; default: ONNX order.
            accept: What the producer can write into; a dense buffer in ``order`` always.
        """
        view = self.place(value, order, accept) or self.fresh(
            value_name(value), self.shape(value), order
        )
        self.define(value, view)
        return view

    def place(self, value: ir.Value, order: Sequence[int] | None, accept: Accept) -> View | None:
        """A place that is set aside for ``value`` (in the response, in a Concat) and that
        ``accept`` takes.
        """
        found = self._set_aside(value, order)
        return found if found is not None and accept(found) else None

    def _set_aside(self, value: ir.Value, order: Sequence[int] | None) -> View | None:
        """The value's own place, or that of its only reader where this one moves nothing
        (Transpose, Reshape).
        """
        name = value_name(value)
        if name in self.targets:
            return self.targets[name]
        if name in self.concats:
            node, index = self.concats[name]
            return self.concat_piece(node, index, order)
        uses = list(value.uses())
        if len(uses) != 1 or uses[0].idx != 0 or value.is_graph_output():
            return None
        reader = uses[0].node
        if not is_standard(reader):
            return None
        if reader.op_type == "Transpose":
            return self._before_transpose(value, reader, order)
        return self._before_reshape(value, reader) if reader.op_type in RESHAPES else None

    def _before_transpose(
        self, value: ir.Value, reader: ir.Node, order: Sequence[int] | None
    ) -> View | None:
        perm = permutation(reader, len(self.shape(value)))
        inner_order = None if order is None else [perm.index(a) for a in order]
        inner = self._set_aside(reader.outputs[0], inner_order)
        back = [perm.index(a) for a in range(len(perm))]
        return None if inner is None else inner.permute(back)

    def _before_reshape(self, value: ir.Value, reader: ir.Node) -> View | None:
        result = reader.outputs[0]
        if value_name(result) in self.concats and len(self.shape(result)) == MAP_RANK:
            return None  # others will want channels innermost there
        inner = self._set_aside(result, None)
        return None if inner is None else inner.reshape(self.shape(value))

    def concat_piece(self, node: ir.Node, index: int, order: Sequence[int] | None) -> View:
        """The slice of a Concat's output that belongs to its input ``index``."""
        node = self.prefixes.get(node, node)
        whole = node.outputs[0]
        if value_name(whole) not in self.views:
            self.out(whole, order, anywhere if order is None else (lambda v: has_order(v, order)))
        view = self.views[value_name(whole)][0]
        axis = node.attributes.get_int("axis", 0) % len(view.shape)
        start = 0
        for value in node.inputs[:index]:
            assert value is not None
            start += self.shape(value)[axis]
        piece = node.inputs[index]
        assert piece is not None
        return view.slice(axis, start, self.shape(piece)[axis])

    def map_out(self, value: ir.Value) -> Map:
        """Where a producer of maps writes ``value``."""
        view = self.out(value, map_order(len(self.shape(value))), lambda v: Map.of(v) is not None)
        found = Map.of(view)
        assert found is not None
        return found

    def rows_out(self, value: ir.Value, last: int = 1) -> tuple[View, Rows]:
        """Where a producer of matrices writes ``value``."""
        view = self.out(value, None, lambda v: v.rows(last) is not None)
        rows = view.rows(last)
        assert rows is not None
        return view, rows

    # ------------------------------------------------------------------ operators

    def emit(
        self,
        kind: Kind,
        params: Params,
        *,
        y: Span,
        x: Span | None = None,
        z: Span | None = None,
        fn: int = 0,
        clip: Clip = NO_CLIP,
        weights: Weights | None = None,
        scratch_bytes: int = 0,
        act: Unary | None = None,
    ) -> None:
        """Appends one operator."""
        name, op_type = ("", "") if self.node is None else (self.node.name, self.node.op_type)
        self.ops.append(
            Op(kind, name or "", op_type, params, y, x, z, fn, *clip, weights, scratch_bytes, act)
        )

    def copy(self, source: View, target: View) -> None:
        """Emits target[...] = source[...]: same shape, any strides."""
        assert source.shape == target.shape
        if source.buffer is target.buffer:  # two slices of one Concat: their spans may interleave
            source = self.dense(source, target.order, source.buffer.name)
        axes = sorted(range(len(target.shape)), key=lambda a: -target.strides[a])
        dims = coalesce(
            [target.shape[a] for a in axes],
            [[v.strides[a] for a in axes] for v in (source, target)],
        )
        if len(dims) > COPY_DIMS:
            longest = max(axes, key=lambda a: (target.shape[a] > 1, target.strides[a]))
            for i in range(target.shape[longest]):
                self.copy(source.slice(longest, i, 1), target.slice(longest, i, 1))
            return
        x, y = source.span, target.span
        d, xs, ys = padded(dims, 2, COPY_DIMS)
        self.emit(Kind.COPY, CopyParams(six(d), six(xs), six(ys), source.at - x.at), x=x, y=y)

    def dense(self, view: View, order: Sequence[int], name: str) -> View:
        """Emits a copy without gaps, with axes in ``order``."""
        made = self.fresh(name, view.shape, order)
        self.copy(view, made)
        return made

    def unary(self, fn: Unary, x: View, y: View, *p: float) -> None:
        """Emits y = f(x), element by element; x and y have one shape, y any order that x has
        too.
        """
        axes = sorted(range(len(y.shape)), key=lambda a: -y.strides[a])
        dims = coalesce([y.shape[a] for a in axes], [[v.strides[a] for a in axes] for v in (x, y)])
        if not dims:
            dims = [(1, (1, 1))]
        if dims[-1][1] != (1, 1):
            dims.append((1, (1, 1)))
        while len(dims) > 2:
            axis = max(axes, key=lambda a: (y.shape[a] > 1, y.strides[a]))
            for i in range(y.shape[axis]):
                self.unary(fn, x.slice(axis, i, 1), y.slice(axis, i, 1), *p)
            return
        cols = dims[-1][0]
        rows, (x_ld, y_ld) = (1, (cols, cols)) if len(dims) == 1 else dims[0]
        p0, p1 = (*p, 0.0, 0.0)[:2]
        params = UnaryParams(rows, cols, x_ld, y_ld, p0, p1)
        self.emit(Kind.UNARY, params, x=x.span, y=y.span, fn=fn)


def permutation(node: ir.Node, rank: int) -> list[int]:
    """A Transpose's permutation."""
    perm = node.attributes.get_ints("perm", ())
    return [int(a) for a in perm] if perm else list(reversed(range(rank)))


def has_order(view: View, order: Sequence[int]) -> bool:
    """True where the axes lie in ``order``, outermost first; those of length 1 lie anywhere."""
    strides = [view.strides[a] for a in order if view.shape[a] > 1]
    return strides == sorted(strides, reverse=True)


def is_standard(node: ir.Node) -> bool:
    """True for operators of ONNX itself."""
    return node.domain in ("", "ai.onnx")


def _begins(short: ir.Node, long: ir.Node) -> bool:
    """True where a Concat's inputs are the first ones of a longer Concat along the same axis."""
    n = len(short.inputs)
    return (
        n < len(long.inputs)
        and all(a is b for a, b in zip(short.inputs, long.inputs, strict=False))
        and short.attributes.get_int("axis", 0) == long.attributes.get_int("axis", 0)
    )


def input_of(node: ir.Node, index: int) -> ir.Value | None:
    """Input ``index`` of a node; None where it is absent."""
    return node.inputs[index] if index < len(node.inputs) else None


def need(node: ir.Node, index: int = 0) -> ir.Value:
    """Input ``index`` of a node, which ONNX demands."""
    value = input_of(node, index)
    assert value is not None, (node.name, index)
    return value


def padded(
    dims: list[tuple[int, tuple[int, ...]]], operands: int, to: int
) -> tuple[list[int], ...]:
    """Coalesced axes as ``to`` of them, unused ones (length 1, stride 0) in front; the
    innermost strides are kept.
    """
    if not dims:
        dims = [(1, (1,) * operands)]
    rest = to - len(dims)
    lengths = [1] * rest + [d for d, _ in dims]
    strides = [[0] * rest + [s[i] for _, s in dims] for i in range(operands)]
    return lengths, *strides


def five(v: Sequence[int]) -> Five:
    """As a tuple of five."""
    a, b, c, d, e = v
    return a, b, c, d, e


def six(v: Sequence[int]) -> Six:
    """As a tuple of six."""
    a, b, c, d, e, f = v
    return a, b, c, d, e, f
