"""Operators that move elements or only rename axes: views where strides can say it, copies
where not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import onnx_ir as ir

from cloister.lower.builder import Builder, Padded, input_of, need, permutation
from cloister.lower.program import FillParams, Kind
from cloister.lower.views import Map, View

Lower = Callable[[Builder, ir.Node], None]


def reshape(b: Builder, node: ir.Node) -> None:
    """Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout: the same elements in ONNX
    order.
    """
    if any(v.uses() or v.is_graph_output() for v in node.outputs[1:]):
        raise b.unsupported(node, "its second output")
    if node.op_type == "Dropout":
        mode = input_of(node, 2)
        training = b.constant(mode)
        if mode is not None and (training is None or training.any()):
            raise b.unsupported(node, "training mode")
    source, out = need(node), node.outputs[0]
    if b.constant(source) is not None:
        array = np.asarray(b.constant(source), np.float32).reshape(b.shape(out))
        b.define(out, b.constant_view(str(out.name), array))
    else:
        b.reshape(out, source)


def transpose(b: Builder, node: ir.Node) -> None:
    """Transpose is another order of strides."""
    rank = len(b.shape(need(node)))
    b.define(node.outputs[0], b.view(need(node)).permute(permutation(node, rank)))


def concat(b: Builder, node: ir.Node) -> None:
    """Concat: what its producers did not write in place is copied in.

    A Concat that begins a longer one (DenseNet's) is a slice of that one's buffer.
    """
    out = node.outputs[0]
    home = b.prefixes.get(node, node).outputs[0]
    if (home.name or "") not in b.views:
        first = next((v for v in node.inputs if v is not None and b.constant(v) is None), None)
        if first is None:
            b.out(home)
        else:
            b.out(home, b.view(first).order if Map.of(b.view(first)) else None)
    for index, value in enumerate(node.inputs):
        if value is None:
            continue
        piece = b.concat_piece(node, index, None)
        array = b.constant(value)
        if array is not None and piece.dense:
            b.constant_view(str(value.name), np.asarray(array), piece.order, piece)
            continue
        source = b.view(value)
        known = b.views.get(value.name or "", [source])
        if not any(_same(view, piece) for view in known):
            b.copy(source, piece)
            if array is None:
                b.define(value, piece)
    if home is not out:
        whole = b.views[str(home.name)][0]
        axis = (node.attributes.get_int("axis", 0) or 0) % len(whole.shape)
        b.define(out, whole.slice(axis, 0, b.shape(out)[axis]))


def _same(a: View, b: View) -> bool:
    return (a.buffer, a.at) == (b.buffer, b.at) and a.strides_like(b)


def split(b: Builder, node: ir.Node) -> None:
    """Split: views."""
    view = b.view(need(node))
    axis = (node.attributes.get_int("axis", 0) or 0) % len(view.shape)
    start = 0
    for value in node.outputs:
        length = b.shape(value)[axis]
        b.define(value, view.slice(axis, start, length))
        start += length


def slice_(b: Builder, node: ir.Node) -> None:
    """Slice with constant bounds: a view, also with steps, also backwards."""
    view, out = b.view(need(node)), node.outputs[0]
    if len(node.inputs) < 2:  # before opset 10
        starts, ends = (list(node.attributes.get_ints(n, ()) or ()) for n in ("starts", "ends"))
        axes, steps = list(node.attributes.get_ints("axes", ()) or ()) or None, None
    else:
        starts, ends = (b.ints(node, 1) or [], b.ints(node, 2) or [])
        axes, steps = b.ints(node, 3), b.ints(node, 4)
    axes = list(range(len(starts))) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        a = axis % len(view.shape)
        picked = range(view.shape[a])[slice(start, _end(end, view.shape[a], step), step)]
        if len(picked) == 0:
            raise b.unsupported(node, "its result is empty")
        view = view.slice(a, picked.start, len(picked), picked.step)
    b.define(out, view)


def _end(end: int, length: int, step: int) -> int | None:
    """ONNX's end as Python's: with a negative step, "before the first" is far below -length."""
    return None if step < 0 and end < -length else end


def expand(b: Builder, node: ir.Node) -> None:
    """Expand: strides of 0."""
    b.define(node.outputs[0], b.view(need(node)).broadcast(b.shape(node.outputs[0])))


def tile(b: Builder, node: ir.Node) -> None:
    """Tile: a copy of a broadcast."""
    view, repeats = b.view(need(node)), b.ints(node, 1) or []
    wide: list[int] = []
    for axis, times in reversed(list(enumerate(repeats))):
        view = view.insert(axis)
        wide = [times, view.shape[axis + 1], *wide]
    _copied(b, node, view.broadcast(wide))


def _copied(b: Builder, node: ir.Node, view: View) -> None:
    """Copies a view, then takes it under the output's shape."""
    shape = b.shape(node.outputs[0])
    made = view.reshape(shape)
    if made is None:
        made = b.dense(view, range(len(view.shape)), str(node.outputs[0].name)).reshape(shape)
    assert made is not None
    b.define(node.outputs[0], made)


def gather(b: Builder, node: ir.Node) -> None:
    """Gather with constant indices: runs of equal steps are one copy; a single run is a view."""
    view, out = b.view(need(node)), node.outputs[0]
    indices = b.constant(need(node, 1))
    if indices is None:
        raise b.unsupported(node, "its indices are computed at run time")
    axis = (node.attributes.get_int("axis", 0) or 0) % len(view.shape)
    where = [int(i) % view.shape[axis] for i in np.asarray(indices).reshape(-1)]
    runs = list(_runs(where))
    if len(runs) == 1:
        start, length, step = runs[0]
        picked = view.slice(axis, start, length, step)
    else:
        shape = (*view.shape[:axis], len(where), *view.shape[axis + 1 :])
        order = view.order if Map.of(view) is not None else None
        picked, at = b.fresh(str(out.name), shape, order), 0
        for start, length, step in runs:
            b.copy(view.slice(axis, start, length, step), picked.slice(axis, at, length))
            at += length
    if indices.ndim == 0:
        b.define(out, picked.index(axis, 0))
    else:
        _copied(b, node, picked)


def _runs(where: list[int]) -> list[tuple[int, int, int]]:
    """(start, length, step) of runs with one step."""
    runs: list[tuple[int, int, int]] = []
    for i in where:
        if runs:
            start, length, step = runs[-1]
            if length == 1 or i == start + length * step:
                runs[-1] = (start, length + 1, i - start if length == 1 else step)
                continue
        runs.append((i, 1, 1))
    return runs


# ---------------------------------------------------------------------- padding


def pad(b: Builder, node: ir.Node) -> None:
    """Pad: zeros before a convolution become its own padding; else a fill and copies."""
    shape, out = b.shape(need(node)), node.outputs[0]
    rank = len(shape)
    pads = b.ints(node, 1)
    if pads is None:
        pads = [int(p) for p in node.attributes.get_ints("pads", ()) or ()]
    axes = b.ints(node, 3)
    begins, ends = [0] * rank, [0] * rank
    for i, axis in enumerate(range(rank) if axes is None else axes):
        begins[axis % rank] = pads[i]
        ends[axis % rank] = pads[i + len(pads) // 2]
    mode = node.attributes.get_string("mode", "constant")
    value = _pad_value(b, node)
    if mode == "constant" and value == 0.0 and _into_conv(b, node, begins, ends):
        b.lazy[str(out.name)] = Padded(need(node), tuple(begins[2:]), tuple(ends[2:]))
        return
    if mode not in REGIONS:
        raise b.unsupported(node, f"mode {mode}")
    view = b.view(need(node))
    ascending = all(s > 0 for d, s in zip(view.shape, view.strides, strict=True) if d > 1)
    order = view.order if ascending else None
    y = b.out(out, order, (lambda v: v.dense) if mode == "constant" else (lambda _: True))
    if mode == "constant":
        b.emit(Kind.FILL, FillParams(value), y=y.span)
    per_axis = [REGIONS[mode](view.shape[a], begins[a], ends[a]) for a in range(rank)]
    for regions in itertools.product(*per_axis):
        source, target = view, y
        for axis, (at, start, length, step) in enumerate(regions):
            source = source.slice(axis, start, length, step)
            target = target.slice(axis, at, length)
        b.copy(source, target)


def _pad_value(b: Builder, node: ir.Node) -> float:
    given = input_of(node, 2)
    if given is None:
        return float(node.attributes.get_float("value", 0.0) or 0.0)
    array = b.constant(given)
    if array is None:
        raise b.unsupported(node, "its value is computed at run time")
    number = float(np.asarray(array).reshape(-1)[0]) if array.size else 0.0
    if not np.isfinite(number):
        raise b.unsupported(node, f"the value {number}")
    return number


def _into_conv(b: Builder, node: ir.Node, begins: list[int], ends: list[int]) -> bool:
    out = node.outputs[0]
    uses = list(out.uses())
    if len(uses) != 1 or out.is_graph_output() or uses[0].node.op_type != "Conv":
        return False
    conv = uses[0].node
    weight = b.constant(conv.inputs[1])
    if uses[0].idx != 0 or weight is None or len(begins) not in (3, 4):
        return False
    if any(begins[:2]) or any(ends[:2]) or min(*begins, *ends) < 0:
        return False
    return conv.attributes.get_string("auto_pad", "NOTSET") in ("NOTSET", "VALID")


Region = tuple[int, int, int, int]  # at in the output; start, length, step in the input


def _inside(n: int, begin: int, end: int) -> Region:
    """The part of the input that is kept; negative padding cuts."""
    start = max(0, -begin)
    return max(0, begin), start, n - start - max(0, -end), 1


def _constant_regions(n: int, begin: int, end: int) -> list[Region]:
    return [_inside(n, begin, end)]


def _edge_regions(n: int, begin: int, end: int) -> list[Region]:
    inside = _inside(n, begin, end)
    found = [inside]
    if begin > 0:
        found.append((0, 0, begin, 0))
    if end > 0:
        found.append((inside[0] + inside[2], n - 1, end, 0))
    return found


def _reflect_regions(n: int, begin: int, end: int) -> list[Region]:
    inside = _inside(n, begin, end)
    found = [inside]
    if begin > 0:
        found.append((0, begin, begin, -1))
    if end > 0:
        found.append((inside[0] + inside[2], n - 2, end, -1))
    return found


def _wrap_regions(n: int, begin: int, end: int) -> list[Region]:
    inside = _inside(n, begin, end)
    found = [inside]
    if begin > 0:
        found.append((0, n - begin, begin, 1))
    if end > 0:
        found.append((inside[0] + inside[2], 0, end, 1))
    return found


REGIONS = {
    "constant": _constant_regions,
    "edge": _edge_regions,
    "reflect": _reflect_regions,
    "wrap": _wrap_regions,
}


# ---------------------------------------------------------------------- between channels and
# pixels


def depth_to_space(b: Builder, node: ir.Node) -> None:
    """DepthToSpace: a transpose between two reshapes."""
    n, c, h, w = b.shape(need(node))
    s = int(node.attributes.get_int("blocksize", 1) or 1)
    dcr = node.attributes.get_string("mode", "DCR") == "DCR"
    parts = (n, s, s, c // (s * s), h, w) if dcr else (n, c // (s * s), s, s, h, w)
    order = (0, 3, 4, 1, 5, 2) if dcr else (0, 1, 4, 2, 5, 3)
    view = b.view(need(node)).reshape(parts)  # splitting an axis always has strides
    assert view is not None
    _copied(b, node, view.permute(order))


def space_to_depth(b: Builder, node: ir.Node) -> None:
    """SpaceToDepth: a transpose between two reshapes."""
    n, c, h, w = b.shape(need(node))
    s = int(node.attributes.get_int("blocksize", 1) or 1)
    view = b.view(need(node)).reshape((n, c, h // s, s, w // s, s))
    assert view is not None
    _copied(b, node, view.permute((0, 3, 5, 1, 2, 4)))
