"""LPIPS (Zhang et al., CVPR 2018; version 0.1, SqueezeNet 1.1) from weight files of the user.

Rules kept:
* No weights are shipped and none are downloaded: SqueezeNet's features and the linear heads come
  from npz files, by the names that torchvision and the package `lpips` give them.
* It is one ONNX graph, so that the fast tier needs no torch.
* It is shown, never judged by: a perceptual distance says little of what a thumbnail gives away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.measures import Doubles
from cloister.errors import UserError
from cloister.graph.reference import Reference

Floats = NDArray[np.float32]
Arrays = dict[str, NDArray[Any]]

SIDE_MIN: Final = 28  # smaller pictures have nothing left after the third pooling
SHIFT: Final = (-0.030, -0.088, -0.188)
SCALE: Final = (0.458, 0.448, 0.450)
EPSILON: Final = 1e-10
# Layers of torchvision's squeezenet1_1.features, and those after which LPIPS looks.
POOLS: Final = (2, 5, 8)
FIRES: Final = (3, 4, 6, 7, 9, 10, 11, 12)
TAPS: Final = (1, 4, 7, 9, 10, 11, 12)
HINT: Final = "Give --lpips twice: SqueezeNet 1.1's weights, and the heads of LPIPS 0.1."
HEADS: Final = ("squeeze/lin{0}.model.1.weight", "lin{0}.model.1.weight")


@dataclass(frozen=True)
class Lpips:
    """The distance as ONNX bytes; it travels with a task.

    Args:
        model: Pictures [2, 3, H, W] in 0..1 to one number.
        sha256: Of it.
    """

    model: bytes = field(repr=False)
    sha256: str

    @classmethod
    def read(cls, files: Sequence[Path]) -> Lpips:
        """From npz files that together hold SqueezeNet's features and the linear heads.

        Raises:
            UserError: A file is no npz, or an array is missing or of another shape.
        """
        arrays: Arrays = {}
        for file in files:
            arrays |= _arrays(file)
        model = _Builder(arrays).model()
        found = cls(model, hashlib.sha256(model).hexdigest())
        nothing = np.zeros((1, 3, SIDE_MIN, SIDE_MIN), np.float32)
        try:
            Distance(found)(nothing, nothing)
        except UserError as error:
            raise UserError(
                f"--lpips: the arrays do not fit each other: {error.message}",
                code="bad-lpips",
                hint=HINT,
            ) from error
        return found


class Distance:
    """The distance of pictures, by one session.

    Args:
        lpips: What is computed.
        threads: Of ONNX Runtime.
    """

    def __init__(self, lpips: Lpips, threads: int = 1) -> None:
        self.session = Reference(lpips.model, threads=threads)

    def __call__(self, made_NCHW: Floats, truth_NCHW: Floats) -> Doubles:
        """Of each pair of pictures in 0..1; gray ones count as three equal colours."""
        pairs = np.stack([np.clip(made_NCHW, 0, 1), truth_NCHW], 1).astype(np.float32)
        shape = (pairs.shape[0], 2, 3, *pairs.shape[3:])
        rows = np.broadcast_to(pairs, shape)
        return np.array([float(self.session.run([np.ascontiguousarray(r)])[0]) for r in rows])


def _arrays(file: Path) -> Arrays:
    try:
        with np.load(file, allow_pickle=False) as members:
            return {name: np.asarray(members[name]) for name in members.files}
    except (OSError, ValueError, AttributeError) as error:
        raise UserError(
            f"--lpips {file} is no npz of arrays: {error}",
            code="bad-lpips",
            hint="np.savez(FILE, **{k: v.numpy() for k, v in torch.load(PTH).items()})",
        ) from error


class _Builder:
    """Builds the graph node by node."""

    def __init__(self, arrays: Arrays) -> None:
        self.arrays = arrays
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def node(self, op: str, *inputs: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's
        name = f"{op}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], name, **attributes))
        return name

    def constant(self, value: Any, kind: type = np.float32) -> str:  # noqa: ANN401
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def weight(self, *names: str) -> str:
        found = next((self.arrays[name] for name in names if name in self.arrays), None)
        if found is None or found.dtype.kind != "f" or not np.isfinite(found).all():
            raise UserError(
                f"--lpips: no file holds finite numbers named {names[-1]}",
                code="bad-lpips",
                hint=HINT,
            )
        return self.constant(found)

    def conv(self, x: str, name: str, **attributes: Any) -> str:  # noqa: ANN401 - ONNX's
        weight, bias = (self.weight(f"features.{name}.{part}") for part in ("weight", "bias"))
        return self.node("Relu", self.node("Conv", x, weight, bias, **attributes))

    def fire(self, x: str, place: int) -> str:
        squeezed = self.conv(x, f"{place}.squeeze")
        wide = [
            self.conv(squeezed, f"{place}.expand1x1"),
            self.conv(squeezed, f"{place}.expand3x3", pads=[1] * 4),
        ]
        return self.node("Concat", *wide, axis=1)

    def distance(self, x: str, tap: int) -> str:
        """What one layer adds: of features of length one, weighted by channel."""
        axis, halves = self.constant([1], np.int64), self.constant([1, 1], np.int64)
        power = self.node("ReduceSum", self.node("Mul", x, x), axis, keepdims=1)
        length = self.node("Add", self.node("Sqrt", power), self.constant(EPSILON))
        unit = self.node("Div", x, length)
        split = [f"{unit}_{i}" for i in range(2)]
        self.nodes.append(helper.make_node("Split", [unit, halves], split, f"{unit}_s", axis=0))
        gap = self.node("Sub", *split)
        weight = self.weight(*(name.format(tap) for name in HEADS))
        mixed = self.node("Conv", self.node("Mul", gap, gap), weight)
        return self.node("ReduceMean", mixed, keepdims=0)

    def model(self) -> bytes:
        two, one = self.constant(2.0), self.constant(1.0)
        x = self.node("Sub", self.node("Mul", "pair", two), one)
        x = self.node("Sub", x, self.constant(np.reshape(SHIFT, (1, 3, 1, 1))))
        x = self.node("Div", x, self.constant(np.reshape(SCALE, (1, 3, 1, 1))))
        parts = []
        for place in range(1, max(FIRES) + 1):
            if place == 1:
                x = self.conv(x, "0", strides=[2, 2])
            elif place in POOLS:
                x = self.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
            else:
                x = self.fire(x, place)
            if place in TAPS:
                parts.append(self.distance(x, TAPS.index(place)))
        total = self.node("Sum", *parts)
        graph = helper.make_graph(
            self.nodes, "lpips",
            [helper.make_tensor_value_info("pair", TensorProto.FLOAT, [2, 3, "H", "W"])],
            [helper.make_tensor_value_info(total, TensorProto.FLOAT, [])],
            self.constants,
        )  # fmt: skip
        opsets = [helper.make_opsetid("", 18)]
        made = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        return bytes(made.SerializeToString())
