"""Where a network can be cut: sets of tensors whose removal separates its inputs from its outputs.

Single-tensor cuts are all found: in a topological order without dead nodes, exactly one tensor is
live after the node that makes it. Minimal multi-tensor cuts are the live sets along a few
topological orders (as the file says, as early, as late as possible): for a graph of n nodes at
most 3 n, where all there are could be exponentially many.

A cut's id is the names of its crossing tensors, joined by ``+``. Neither the inputs nor the final
outputs are a cut, and constants never cross.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import onnx_ir as ir

from cloister.errors import UserError
from cloister.graph.graph import Graph, TensorInfo, value_name

SEPARATOR = "+"
CROSSING_MAX = 16  # CLO_IO_MAX of the container format
NEAREST = 5


@dataclass(frozen=True)
class Cut:
    """One place to cut.

    Args:
        id: Names of the crossing tensors, joined by ``+``, in the order of the graph.
        crossing: What leaves the head.
        head_nodes: All nodes before the cut, in topological order.
        head_macs: Multiply-accumulates of the head.
    """

    id: str
    crossing: tuple[TensorInfo, ...]
    head_nodes: tuple[ir.Node, ...] = field(repr=False, compare=False)
    head_macs: int

    @property
    def crossing_bytes(self) -> int:
        """Bytes that cross for one input."""
        return sum(info.size_bytes for info in self.crossing)


def find_cuts(graph: Graph, all_cuts: bool = False) -> list[Cut]:
    """All single-tensor cuts in the order of the graph; with ``all_cuts`` minimal multi-tensor
    ones too.
    """
    flow = _Flow(graph)
    orders = [flow.order, flow.by_depth(), flow.by_height()] if all_cuts else [flow.order]
    found: dict[frozenset[str], list[str]] = {}
    for order in orders:
        for live in flow.live_sets(order):
            if not all_cuts and len(live) > 1:
                continue
            names = frozenset(live)
            if names not in found and len(live) <= CROSSING_MAX and flow.is_cut(names):
                found[names] = sorted(live, key=flow.place)
    cuts = [cut for names in found.values() if not _of_codes(cut := flow.cut(names))]
    return sorted(cuts, key=lambda c: (len(c.head_nodes), c.id))


def _of_codes(cut: Cut) -> bool:
    """True where codes of 8 bits would cross: float32 does, one step earlier or later."""
    return any(info.dtype in ("int8", "uint8") for info in cut.crossing)


def find_cut(graph: Graph, id: str) -> Cut:
    """The cut called ``id``; its names may come in any order.

    Raises:
        UserError: There is no such cut; the hint lists the nearest.
    """
    flow = _Flow(graph)
    names = [id] if id in graph.values else id.split(SEPARATOR)
    unknown = [name for name in names if name not in flow.makers]
    if not unknown and flow.is_cut(frozenset(names)):
        return flow.cut(sorted(set(names), key=flow.place))
    known = [cut.id for cut in find_cuts(graph)]
    near = difflib.get_close_matches(id, known, n=NEAREST, cutoff=0.0)
    if unknown:
        why = f"{graph.name} computes no tensor named {', '.join(map(repr, unknown))}"
    else:
        why = f"{id!r} is no minimal cut of {graph.name}: it does not separate inputs from outputs"
        if flow.separates(frozenset(names)):
            why = f"{id!r} is no minimal cut of {graph.name}: fewer of its tensors would do"
    hint = f"the nearest: {', '.join(near)}" if near else "the network has no single-tensor cut"
    raise UserError(why, code="unknown-cut", hint=hint)


def captured(node: ir.Node) -> list[ir.Value]:
    """Every value that a node reads: its inputs, and outer values that its subgraphs (If, Loop)
    read.
    """
    values = [v for v in node.inputs if v is not None]
    for attribute in node.attributes.values():
        for subgraph in _subgraphs(attribute):
            inner = {id(v) for v in subgraph.inputs} | {
                id(v) for v in subgraph.initializers.values()
            }
            for child in subgraph:
                values += [v for v in captured(child) if id(v) not in inner]
                inner |= {id(v) for v in child.outputs}
            values += [v for v in subgraph.outputs if id(v) not in inner]
    return values


def _subgraphs(attribute: ir.Attr) -> Iterable[ir.Graph]:
    if attribute.is_ref():
        return ()
    if attribute.type == ir.AttributeType.GRAPH:
        return (attribute.as_graph(),)
    if attribute.type == ir.AttributeType.GRAPHS:
        return tuple(attribute.as_graphs())
    return ()


class _Flow:
    """How values that depend on the input flow through the nodes; nodes and value sets by
    position.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.order = list(range(len(graph.nodes)))
        self.inputs = {info.name for info in graph.inputs}
        self.outputs = {info.name for info in graph.outputs}
        self.reads: list[list[str]] = []  # of each node: names that depend on the input
        self.writes: list[list[str]] = []
        self.constants: list[list[ir.Value]] = []
        self.makers: dict[
            str, int
        ] = {}  # values that depend on the input: the node that makes them
        self.ancestors: list[int] = []  # bit sets of nodes; each contains itself
        self.producers: dict[str, int] = {}  # all values that nodes make
        self.readers: dict[str, int] = {}  # how many nodes read a value
        for index, node in enumerate(graph.nodes):
            self._add(index, node)

    def _add(self, index: int, node: ir.Node) -> None:
        values = captured(node)
        names = list(dict.fromkeys(value_name(v) for v in values))
        reads = [n for n in names if n in self.inputs or n in self.makers]
        ancestors = 1 << index
        for value in values:
            producer = self.producers.get(value_name(value))
            if producer is not None:
                ancestors |= self.ancestors[producer]
        self.reads.append(reads)
        self.ancestors.append(ancestors)
        self.constants.append([v for v in values if v.const_value is not None])
        writes = [v.name for v in node.outputs if v.name]
        for name in writes:
            self.producers[name] = index
            if reads:
                self.makers[name] = index
        self.writes.append(writes if reads else [])
        for name in reads:
            self.readers[name] = self.readers.get(name, 0) + 1

    def place(self, name: str) -> tuple[int, int]:
        """Position of a value in the graph: its node, and which of the node's outputs."""
        maker = self.makers[name]
        return maker, self.writes[maker].index(name)

    def by_depth(self) -> list[int]:
        """Topological order that runs every node as early as it can."""
        depth: list[int] = []
        for reads in self.reads:
            before = [depth[self.makers[n]] for n in reads if n in self.makers]
            depth.append(1 + max(before, default=0))
        return sorted(self.order, key=lambda i: (depth[i], i))

    def by_height(self) -> list[int]:
        """Topological order that runs every node as late as it can."""
        height = [0] * len(self.order)
        for index in reversed(self.order):
            for name in self.reads[index]:
                if name in self.makers:
                    maker = self.makers[name]
                    height[maker] = max(height[maker], height[index] + 1)
        return sorted(self.order, key=lambda i: (-height[i], i))

    def live_sets(self, order: Sequence[int]) -> Iterable[list[str]]:
        """After each node of ``order``: the computed values that a later node or the caller still
        reads.
        """
        waiting = dict(self.readers)
        live: dict[str, None] = {name: None for name in self.inputs if name in waiting}
        for index in order:
            for name in self.reads[index]:
                waiting[name] -= 1
                if waiting[name] == 0 and name not in self.outputs:
                    live.pop(name, None)
            for name in self.writes[index]:
                if waiting.get(name, 0) or name in self.outputs:
                    live[name] = None
            if not self.inputs & live.keys() and not self.outputs <= live.keys():
                yield list(live)

    def is_cut(self, names: frozenset[str]) -> bool:
        """True where ``names`` separate inputs from outputs and no fewer of them do."""
        if not names or len(names) > CROSSING_MAX or self.outputs <= names:
            return False
        return self.separates(names) and all(not self.separates(names - {n}) for n in names)

    def separates(self, names: frozenset[str]) -> bool:
        """True where every way from an input to an output passes one of ``names``."""
        reached = set(self.inputs)
        for reads, writes in zip(self.reads, self.writes, strict=True):
            if any(n in reached and n not in names for n in reads):
                reached.update(writes)
        return not any(n in reached and n not in names for n in self.outputs)

    def cut(self, names: Sequence[str]) -> Cut:
        """Describes the cut through ``names``."""
        bits = 0
        for name in names:
            bits |= self.ancestors[self.makers[name]]
        head = [i for i in self.order if bits >> i & 1]
        return Cut(
            id=SEPARATOR.join(names),
            crossing=tuple(self.graph.info(name) for name in names),
            head_nodes=tuple(self.graph.nodes[i] for i in head),
            head_macs=sum(self.graph.macs(self.graph.nodes[i]) for i in head),
        )
