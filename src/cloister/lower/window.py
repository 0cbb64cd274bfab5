"""Kernel, stride, dilation and padding of Conv and pools, as ONNX spells them, for two spatial
axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import onnx_ir as ir

Pair = tuple[int, int]


@dataclass(frozen=True)
class Window:
    """(kernel, stride, dilation, padding before, padding after), each for (height, width)."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair
    after: Pair

    @property
    def taps(self) -> int:
        """Kernel positions."""
        return self.kernel[0] * self.kernel[1]


def window(
    node: ir.Node, kernel: tuple[int, ...], size: tuple[int, ...], out: tuple[int, ...]
) -> Window:
    """Reads the attributes; one spatial axis becomes the width.

    Args:
        node: Conv, MaxPool or AveragePool.
        kernel: Kernel lengths.
        size: Spatial lengths of the input.
        out: Spatial lengths of the output.
    """
    rank = len(kernel)
    ones, zeros = [1] * rank, [0] * 2 * rank
    stride = list(node.attributes.get_ints("strides", ones) or ones)
    dilation = list(node.attributes.get_ints("dilations", ones) or ones)
    pads = list(node.attributes.get_ints("pads", zeros) or zeros)
    auto = node.attributes.get_string("auto_pad", "NOTSET")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        for i, o, k, s, d in zip(size, out, kernel, stride, dilation, strict=True):
            total = max(0, (o - 1) * s + (k - 1) * d + 1 - i)
            small = total // 2
            before.append(small if auto == "SAME_UPPER" else total - small)
            after.append(total - before[-1])
    elif auto == "VALID":
        before, after = [0] * rank, [0] * rank
    else:
        before, after = pads[:rank], pads[rank:]
    return Window(
        _pair(kernel, 1), _pair(stride, 1), _pair(dilation, 1), _pair(before, 0), _pair(after, 0)
    )


def _pair(values: tuple[int, ...] | list[int], missing: int) -> Pair:
    h, w = values if len(values) == 2 else (missing, *values)
    return int(h), int(w)
