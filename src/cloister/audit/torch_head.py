"""The head as a torch module, for attackers who use its gradients (white box).

Rules kept:
* It is made from the same normalised graph as everything else, by one row for each operator of
  `graph.operators`; an operator without a row is an error that names it.
* Shapes are static and the batch axis is 1, as in the graph; `Head.batch` maps it over pictures.
* `parity` compares it with ONNX Runtime; `checked_head` refuses to give one that differs.

Why a table and not onnx2torch: its last release is of 2024, it asks for another version of onnx,
and lacks operators that normalised graphs hold (Gelu, LayerNormalization, HardSwish of opset 20).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import onnx_ir as ir
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from cloister.errors import UserError
from cloister.graph.graph import Graph, value_name
from cloister.graph.reference import Reference
from cloister.graph.rounding import rounds
from cloister.lower.window import window

Tensor = Any
Floats = NDArray[np.float32]

# Largest difference to ONNX Runtime, relative to the largest number of the tensor.
PARITY: Final = 1e-3


class Node:
    """One node as its rule sees it: attributes, static shapes, constants."""

    def __init__(self, graph: Graph, node: ir.Node) -> None:
        self.graph, self.node = graph, node
        self.out_shape = graph.shape(value_name(node.outputs[0]))

    def integer(self, name: str, default: int) -> int:
        """An integer attribute."""
        value = self.node.attributes.get_int(name, default)
        return default if value is None else value

    def number(self, name: str, default: float) -> float:
        """A float attribute."""
        value = self.node.attributes.get_float(name, default)
        return default if value is None else value

    def text(self, name: str, default: str) -> str:
        """A text attribute."""
        return self.node.attributes.get_string(name, default) or default

    def integers(self, name: str) -> list[int] | None:
        """An attribute of integers; None where it is absent."""
        value = self.node.attributes.get_ints(name, None)
        return None if value is None else list(value)

    def constant(self, index: int) -> NDArray[Any] | None:
        """A constant input; None where it is absent."""
        inputs = self.node.inputs
        return self.graph.constant(inputs[index]) if index < len(inputs) else None

    def shape(self, index: int) -> tuple[int, ...]:
        """Shape of an input."""
        value = self.node.inputs[index]
        assert value is not None
        return self.graph.shape(value_name(value))


Rule = Callable[[Node, Sequence[Tensor]], Any]


def _planes(x: Tensor) -> Tensor:
    """[1, C, W] as [1, C, 1, W]."""
    if x.ndim not in (3, 4):
        raise UserError(
            f"windows over {x.ndim - 2} axes have no torch form here", code="no-torch-head"
        )
    return x[:, :, None] if x.ndim == 3 else x


def _conv(node: Node, x: Sequence[Tensor]) -> Tensor:
    weight = x[1]
    planes, kernel = _planes(x[0]), tuple(weight.shape[2:])
    place = window(node.node, kernel, node.shape(0)[2:], node.out_shape[2:])
    padded = _pad_planes(planes, place.before, place.after, 0.0)
    y = F.conv2d(
        padded, _planes(weight), x[2] if len(x) > 2 else None, place.stride, 0, place.dilation,
        node.integer("group", 1),
    )  # fmt: skip
    return y.reshape(node.out_shape)


def _pad_planes(x: Tensor, before: Sequence[int], after: Sequence[int], value: float) -> Tensor:
    if not any((*before, *after)):
        return x
    return F.pad(x, (before[1], after[1], before[0], after[0]), value=value)


def _window_of(node: Node) -> tuple[Any, list[int]]:
    """The window, and the padding after that its last place needs (ceil_mode asks for more)."""
    kernel = tuple(node.integers("kernel_shape") or ())
    place = window(node.node, kernel, node.shape(0)[2:], node.out_shape[2:])
    size, out = ([1, 1, *s][-2:] for s in (node.shape(0)[2:], node.out_shape[2:]))
    reach = [
        max(a, (o - 1) * s + (k - 1) * d + 1 - i - b)
        for a, o, s, k, d, i, b in zip(
            place.after, out, place.stride, place.kernel, place.dilation, size, place.before,
            strict=True,
        )
    ]  # fmt: skip
    return place, reach


def _max_pool(node: Node, x: Sequence[Tensor]) -> Tensor:
    planes = _planes(x[0])
    place, reach = _window_of(node)
    padded = _pad_planes(planes, place.before, reach, float("-inf"))
    y = F.max_pool2d(padded, place.kernel, place.stride, 0, place.dilation)
    return _corner(y, node.out_shape)


def _average_pool(node: Node, x: Sequence[Tensor]) -> Tensor:
    planes = _planes(x[0])
    place, reach = _window_of(node)
    ones = torch.ones_like(planes[:, :1])
    if node.integer("count_include_pad", 0):
        ones = _pad_planes(ones, place.before, place.after, 1.0)
        more = [r - a for r, a in zip(reach, place.after, strict=True)]
        ones = _pad_planes(ones, (0, 0), more, 0.0)
    else:
        ones = _pad_planes(ones, place.before, reach, 0.0)
    total, count = (
        F.conv2d(
            t, t.new_ones(t.shape[1], 1, *place.kernel), None, place.stride, 0, place.dilation,
            t.shape[1],
        )
        for t in (_pad_planes(planes, place.before, reach, 0.0), ones)
    )  # fmt: skip
    return _corner(total / count, node.out_shape)


def _corner(y: Tensor, out_shape: tuple[int, ...]) -> Tensor:
    h, w = [1, *out_shape[2:]][-2:]
    return y[:, :, :h, :w].reshape(out_shape)


def _gemm(node: Node, x: Sequence[Tensor]) -> Tensor:
    a = x[0].transpose(0, 1) if node.integer("transA", 0) else x[0]
    b = x[1].transpose(0, 1) if node.integer("transB", 0) else x[1]
    y = node.number("alpha", 1.0) * (a @ b)
    return y + node.number("beta", 1.0) * x[2] if len(x) > 2 and x[2] is not None else y


def _batch_norm(node: Node, x: Sequence[Tensor]) -> Tensor:
    shape = [1, -1] + [1] * (x[0].ndim - 2)
    scale, bias, mean, variance = (t.reshape(shape) for t in x[1:5])
    return (x[0] - mean) / torch.sqrt(variance + node.number("epsilon", 1e-5)) * scale + bias


def _layer_norm(node: Node, x: Sequence[Tensor]) -> Tensor:
    axis = node.integer("axis", -1) % x[0].ndim
    axes = list(range(axis, x[0].ndim))
    centred = x[0] - x[0].mean(axes, keepdim=True)
    power = centred.square().mean(axes, keepdim=True)
    y = centred / torch.sqrt(power + node.number("epsilon", 1e-5)) * x[1]
    return y + x[2] if len(x) > 2 and x[2] is not None else y


def _clip(node: Node, x: Sequence[Tensor]) -> Tensor:
    low, high = (node.constant(i) for i in (1, 2))
    return torch.clamp(
        x[0], -math.inf if low is None else float(low), math.inf if high is None else float(high)
    )


def _softmax(function: Callable[[Tensor, int], Tensor]) -> Rule:
    return lambda node, x: function(x[0], node.integer("axis", -1))


def _reduce(function: Callable[[Tensor, list[int], bool], Tensor]) -> Rule:
    def rule(node: Node, x: Sequence[Tensor]) -> Tensor:
        axes = node.constant(1)
        given = node.integers("axes") if axes is None else [int(a) for a in axes]
        if not given and node.integer("noop_with_empty_axes", 0):
            return x[0]
        found = given or list(range(x[0].ndim))
        return function(x[0], found, bool(node.integer("keepdims", 1)))

    return rule


def _reshape(node: Node, x: Sequence[Tensor]) -> Tensor:
    return x[0].reshape(node.out_shape)


def _transpose(node: Node, x: Sequence[Tensor]) -> Tensor:
    return x[0].permute(node.integers("perm") or list(reversed(range(x[0].ndim))))


def _concat(node: Node, x: Sequence[Tensor]) -> Tensor:
    return torch.cat(list(x), node.integer("axis", 0))


def _split(node: Node, x: Sequence[Tensor]) -> Any:  # noqa: ANN401
    axis = node.integer("axis", 0)
    sizes = [node.graph.shape(value_name(v))[axis % x[0].ndim] for v in node.node.outputs if v.name]
    return list(torch.split(x[0], sizes, axis))


def _slice(node: Node, x: Sequence[Tensor]) -> Tensor:
    starts, ends, axes, steps = (node.constant(i) for i in (1, 2, 3, 4))
    assert starts is not None and ends is not None
    y = x[0]
    for place, (start, end) in enumerate(zip(starts, ends, strict=True)):
        axis = int(axes[place]) % y.ndim if axes is not None else place
        step = int(steps[place]) if steps is not None else 1
        length = y.shape[axis]
        stop = None if step < 0 and end < -length else int(end)
        picked = list(range(length))[slice(int(start), stop, step)]
        y = torch.index_select(y, axis, torch.tensor(picked, dtype=torch.int64, device=y.device))
    return y


def _pad(node: Node, x: Sequence[Tensor]) -> Tensor:
    pads, value, axes = node.constant(1), node.constant(2), node.constant(3)
    assert pads is not None
    wanted = list(range(x[0].ndim)) if axes is None else [int(a) % x[0].ndim for a in axes]
    half = len(wanted)
    mode = {"edge": "replicate", "wrap": "circular"}.get(found := node.text("mode", "constant"))
    y = x[0]
    for place, axis in enumerate(wanted):
        before, after = int(pads[place]), int(pads[place + half])
        if before == after == 0:
            continue
        moved = y.movedim(axis, -1)
        if found == "constant":
            moved = F.pad(moved, (before, after), value=0.0 if value is None else float(value))
        else:
            flat = moved.reshape(1, -1, moved.shape[-1])
            flat = F.pad(flat, (before, after), mode=mode or found)
            moved = flat.reshape(*moved.shape[:-1], -1)
        y = moved.movedim(-1, axis)
    return y


def _gather(node: Node, x: Sequence[Tensor]) -> Tensor:
    indices = node.constant(1)
    assert indices is not None
    axis = node.integer("axis", 0) % x[0].ndim
    index = torch.from_numpy(np.asarray(indices, np.int64) % x[0].shape[axis]).to(x[0].device)
    return torch.index_select(x[0], axis, index.reshape(-1)).reshape(node.out_shape)


def _tile(node: Node, x: Sequence[Tensor]) -> Tensor:
    repeats = node.constant(1)
    assert repeats is not None
    return x[0].repeat([int(r) for r in repeats])


def _depth_to_space(node: Node, x: Sequence[Tensor]) -> Tensor:
    n, c, h, w = x[0].shape
    b = node.integer("blocksize", 1)
    if node.text("mode", "DCR") == "DCR":
        y = x[0].reshape(n, b, b, c // b**2, h, w).permute(0, 3, 4, 1, 5, 2)
    else:
        y = x[0].reshape(n, c // b**2, b, b, h, w).permute(0, 1, 4, 2, 5, 3)
    return y.reshape(node.out_shape)


def _space_to_depth(node: Node, x: Sequence[Tensor]) -> Tensor:
    n, c, h, w = x[0].shape
    b = node.integer("blocksize", 1)
    return (
        x[0].reshape(n, c, h // b, b, w // b, b).permute(0, 3, 5, 1, 2, 4).reshape(node.out_shape)
    )


def _one(function: Callable[[Tensor], Tensor]) -> Rule:
    return lambda _, x: function(x[0])


def _two(function: Callable[[Tensor, Tensor], Tensor]) -> Rule:
    def rule(_: Node, x: Sequence[Tensor]) -> Tensor:
        y = x[0]
        for other in x[1:]:
            y = function(y, other)
        return y

    return rule


def _hard_sigmoid(node: Node, x: Sequence[Tensor]) -> Tensor:
    return torch.clamp(node.number("alpha", 0.2) * x[0] + node.number("beta", 0.5), 0, 1)


def _gelu(node: Node, x: Sequence[Tensor]) -> Tensor:
    return F.gelu(x[0], approximate=node.text("approximate", "none"))


def _selu(node: Node, x: Sequence[Tensor]) -> Tensor:
    alpha = node.number("alpha", 1.6732632423543772)
    return node.number("gamma", 1.0507009873554805) * F.elu(x[0], alpha)


def _codes(node: Node, x: Sequence[Tensor]) -> Tensor:
    """Codes of 8 bits as floats; gradients pass the rounding as if it were none."""
    scale, zero = _along(node, x)
    ends = torch.iinfo(torch.uint8 if len(x) < 3 or x[2] is None else x[2].dtype)
    exact = torch.clamp(x[0] / scale + zero, ends.min, ends.max)
    return exact + (torch.round(exact) - exact).detach()


def _decoded(node: Node, x: Sequence[Tensor]) -> Tensor:
    scale, zero = _along(node, x)
    return (x[0].float() - zero) * scale


def _along(node: Node, x: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Scale and zero point, each one number or one along the node's axis."""
    shape = [1] * x[0].ndim
    if x[1].numel() > 1:
        shape[node.integer("axis", 1)] = -1
    zero = x[2].float() if len(x) > 2 and x[2] is not None else torch.zeros_like(x[1])
    return x[1].reshape(shape), zero.reshape(shape)


RULES: Final[dict[str, Rule]] = {
    "Conv": _conv,
    "Gemm": _gemm,
    "MatMul": _two(torch.matmul),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "Relu": _one(torch.relu),
    "LeakyRelu": lambda n, x: F.leaky_relu(x[0], n.number("alpha", 0.01)),
    "PRelu": lambda _, x: torch.where(x[0] < 0, x[0] * x[1], x[0]),
    "Clip": _clip,
    "Celu": lambda n, x: F.celu(x[0], n.number("alpha", 1.0)),
    "Elu": lambda n, x: F.elu(x[0], n.number("alpha", 1.0)),
    "Selu": _selu,
    "Sigmoid": _one(torch.sigmoid),
    "Tanh": _one(torch.tanh),
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _one(F.hardswish),
    "Gelu": _gelu,
    "Erf": _one(torch.erf),
    "Exp": _one(torch.exp),
    "Log": _one(torch.log),
    "Sqrt": _one(torch.sqrt),
    "Reciprocal": _one(torch.reciprocal),
    "Abs": _one(torch.abs),
    "Neg": _one(torch.neg),
    "Softplus": _one(F.softplus),
    "Softsign": _one(F.softsign),
    "Mish": _one(F.mish),
    "Swish": lambda n, x: x[0] * torch.sigmoid(n.number("alpha", 1.0) * x[0]),
    "Pow": _two(torch.pow),
    "Softmax": _softmax(torch.softmax),
    "LogSoftmax": _softmax(torch.log_softmax),
    "Add": _two(torch.add),
    "Sub": _two(torch.sub),
    "Mul": _two(torch.mul),
    "Div": _two(torch.div),
    "Min": _two(torch.minimum),
    "Max": _two(torch.maximum),
    "MaxPool": _max_pool,
    "AveragePool": _average_pool,
    "GlobalAveragePool": lambda _, x: x[0].mean(list(range(2, x[0].ndim)), keepdim=True),
    "GlobalMaxPool": lambda _, x: x[0].amax(list(range(2, x[0].ndim)), keepdim=True),
    "ReduceMean": _reduce(lambda x, a, k: x.mean(a, keepdim=k)),
    "ReduceSum": _reduce(lambda x, a, k: x.sum(a, keepdim=k)),
    "ReduceMax": _reduce(lambda x, a, k: x.amax(a, keepdim=k)),
    "ReduceMin": _reduce(lambda x, a, k: x.amin(a, keepdim=k)),
    "ReduceL1": _reduce(lambda x, a, k: x.abs().sum(a, keepdim=k)),
    "ReduceL2": _reduce(lambda x, a, k: x.square().sum(a, keepdim=k).sqrt()),
    "ReduceSumSquare": _reduce(lambda x, a, k: x.square().sum(a, keepdim=k)),
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Pad": _pad,
    "Gather": _gather,
    "Tile": _tile,
    "DepthToSpace": _depth_to_space,
    "SpaceToDepth": _space_to_depth,
    "Expand": lambda n, x: x[0].expand(n.out_shape),
    "Transpose": _transpose,
    "Flatten": _reshape,
    "Reshape": _reshape,
    "Squeeze": _reshape,
    "Unsqueeze": _reshape,
    "QuantizeLinear": _codes,
    "DequantizeLinear": _decoded,
    "Identity": _one(lambda x: x),
    "Dropout": _one(lambda x: x),
    # Only planted networks hold it.
    "Sin": _one(torch.sin),
}


class Head(torch.nn.Module):  # type: ignore[misc, unused-ignore]
    """A head: the input [1, ...] to its outputs, in the graph's order.

    Raises:
        UserError: It has an operator without a row in `RULES`.
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self.graph = graph
        self.nodes = [Node(graph, node) for node in graph.nodes]
        for node in graph.nodes:
            if node.domain or node.op_type not in RULES:
                raise UserError(
                    f"{node.name}: the operator {node.op_type} has no torch form",
                    code="no-torch-head",
                    hint="--attacker blackbox needs no gradients of the head.",
                )
        self.names = {n: f"c{i}" for i, n in enumerate(graph.model.graph.initializers)}
        for name, buffer in self.names.items():
            value = np.array(graph.constant(name))
            self.register_buffer(buffer, torch.from_numpy(value))

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """One picture."""
        values: dict[str, Tensor] = {self.graph.inputs[0].name: x}

        def read(value: ir.Value | None) -> Tensor:
            if value is None:
                return None
            name = value_name(value)
            return values[name] if name in values else getattr(self, self.names[name])

        for node in self.nodes:
            made = RULES[node.node.op_type](node, [read(v) for v in node.node.inputs])
            made = made if isinstance(made, list) else [made]
            for value, result in zip(node.node.outputs, made, strict=False):
                if value.name:
                    values[value.name] = result
        return tuple(values[info.name] for info in self.graph.outputs)

    def batch(self, x_BCHW: Tensor) -> tuple[Tensor, ...]:
        """Several pictures [B, ...]: outputs [B, 1, ...]."""
        return tuple(torch.func.vmap(self)(x_BCHW[:, None]))


def parity(head: Head, reference: Reference, x_NCHW: Floats) -> float:
    """Largest difference to ONNX Runtime over pictures, relative to each tensor's largest number.

    Where the graph rounds to 8 bits it is the mean difference: a sum that lies between two codes
    falls to either.

    Args:
        head: What is checked.
        reference: The same graph in ONNX Runtime.
        x_NCHW: Inputs.
    """
    worst, most = 0.0, np.mean if rounds(head.graph) else np.max
    with torch.no_grad():
        ours = [t.cpu().numpy() for t in head.batch(torch.from_numpy(x_NCHW).to(device_of(head)))]
    for place, x in enumerate(x_NCHW):
        named = dict(zip(reference.output_names, reference.run([x[None]]), strict=True))
        for info, mine in zip(head.graph.outputs, ours, strict=True):
            wanted = named[info.name].astype(np.float64)
            level = max(float(np.abs(wanted).max(initial=0)), 1e-6)
            gap = (
                most(np.abs(mine[place].astype(np.float64) - wanted)) / level if wanted.size else 0
            )
            worst = max(worst, float(gap) if np.isfinite(gap) else float("inf"))
    return worst


def device_of(module: torch.nn.Module) -> Any:  # noqa: ANN401
    """Where a module lies."""
    return next((t.device for t in module.buffers()), torch.device("cpu"))


def checked_head(graph: Graph, x_NCHW: Floats, device: str = "cpu") -> Head:
    """The head, after it was found to compute what ONNX Runtime computes.

    Args:
        graph: The head alone.
        x_NCHW: Pictures to compare on.
        device: Where it is to run.

    Raises:
        UserError: An operator has no torch form, or the numbers differ: no attack is made with
            a head that is not the network's.
    """
    head: Head = Head(graph).to(device).eval()
    gap = parity(head, Reference(graph), x_NCHW)
    if not gap <= PARITY:
        raise UserError(
            f"the torch form of {graph.name} differs from ONNX Runtime by {gap:.2g} of the largest "
            f"number, at most {PARITY:g} expected",
            code="no-torch-head",
            hint="--attacker blackbox needs no gradients of the head.",
        )
    return head
