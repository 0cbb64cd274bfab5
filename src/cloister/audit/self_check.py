"""Is the audit itself to be trusted? Planted networks whose answer is known.

* Leaks must be found: a network that copies its input past the cut, plainly, with permuted
  channels and places, through a random orthogonal map, or added to features as a skip.
* What carries nothing must not be called a leak: a cut of noise (a hash of the picture, so that
  the network stays deterministic), of a constant.
* The same of a table's records, through an orthogonal map and as noise.
* The same seed must give the same numbers, and an attacker that knows nothing must not pass as
  competent.

With a tier above fast the trained attackers answer for themselves: each planted network is audited
by them alone, with a small budget.

The pictures are drawn, so that it runs anywhere: smooth random fields with sharp edges.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from cloister.audit.attackers import ATTACKERS, Budget
from cloister.audit.cells import Job, Worker
from cloister.audit.intervals import clopper_pearson
from cloister.audit.outcome import Outcome, outcome
from cloister.audit.records import records_of
from cloister.audit.run import run
from cloister.audit.sets import SAME, Pictures, make_sets
from cloister.audit.store import Cell, Key, Store
from cloister.audit.task import Task
from cloister.audit.verdict import BEATS_FLOOR, SHARE, Limits
from cloister.graph.cuts import find_cut
from cloister.graph.load import from_proto
from cloister.preprocess import imagenet_default

SIDE: Final = 16
COLUMNS: Final = 16
PICTURES: Final = 1400
SMALL: Final = 400
CUT: Final = "crossing"
SMALL_BUDGET: Final = Budget(pairs=320, epochs=4, width_max=64, steps=120, tried=16)
Weights = NDArray[np.float32]


@dataclass(frozen=True)
class Planted:
    """A network whose verdict is known.

    Args:
        name: For people.
        leaks: Whether the cut gives the picture away.
        nodes: Adds the nodes that make the crossing tensor of the input `image`.
        table: The input is a record, not a picture.
    """

    name: str
    leaks: bool
    nodes: Callable[[_Net], None]
    table: bool = False


@dataclass(frozen=True)
class SelfCheck:
    """One answer: what was planted, what the audit said, whether that is right."""

    name: str
    expected: str
    said: str
    ok: bool


class _Net:
    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape, self.numbers = shape, math.prod(shape)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(11)

    def constant(self, value: NDArray[np.generic]) -> str:
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:  # noqa: ANN401
        self.nodes.append(helper.make_node(op, inputs, [output], output, **attributes))
        return output

    def conv(self, weights: Weights, inputs: str, output: str) -> str:
        return self.add("Conv", [inputs, self.constant(weights)], output, pads=[1, 1, 1, 1])

    def model(self) -> onnx.ModelProto:
        """With a tail that reads the crossing tensor: its mean."""
        self.add("Flatten", [CUT], "flat")
        self.add("ReduceMean", ["flat", self.constant(np.array([1]))], "answer", keepdims=1)
        graph = helper.make_graph(
            self.nodes,
            "planted",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info("answer", TensorProto.FLOAT, [1, 1])],
            self.constants,
        )
        opset = [helper.make_opsetid("", 18)]
        return helper.make_model(graph, opset_imports=opset, ir_version=9)


def _plain(net: _Net) -> None:
    weights = np.zeros((3, 3, 3, 3), np.float32)
    weights[range(3), range(3), 1, 1] = 2
    net.conv(weights, "image", CUT)


def _permuted(net: _Net) -> None:
    net.add("Flatten", ["image"], "row")
    order = net.random.permutation(net.numbers).astype(np.int64)
    net.add("Gather", ["row", net.constant(order)], "mixed", axis=1)
    shape = np.array(net.shape, np.int64)
    net.add("Reshape", ["mixed", net.constant(shape)], CUT)


def _orthogonal(net: _Net) -> None:
    square, _ = np.linalg.qr(net.random.standard_normal((net.numbers, net.numbers)))
    net.add("Flatten", ["image"], "row")
    net.add("MatMul", ["row", net.constant(square.astype(np.float32))], CUT)


def _skip(net: _Net) -> None:
    weights = net.random.standard_normal((3, 3, 3, 3)).astype(np.float32) * np.float32(0.3)
    net.conv(weights, "image", "features")
    net.add("Relu", ["features"], "active")
    net.add("Add", ["active", "image"], CUT)


def _noise(net: _Net) -> None:
    """Sines of large random sums: equal for equal pictures, without a pattern otherwise."""
    weights = net.random.standard_normal((net.numbers, 256)).astype(np.float32) * np.float32(1e4)
    net.add("Flatten", ["image"], "row")
    net.add("MatMul", ["row", net.constant(weights)], "sums")
    net.add("Sin", ["sums"], CUT)


def _constant(net: _Net) -> None:
    net.add("Mul", ["image", net.constant(np.zeros((), np.float32))], "nothing")
    net.add("Add", ["nothing", net.constant(np.ones((1, 3, 1, 1), np.float32))], CUT)


PLANTED: Final = (
    Planted("the input itself, copied past the cut", True, _plain),
    Planted("the input, channels and places permuted", True, _permuted),
    Planted("the input through a random orthogonal map", True, _orthogonal),
    Planted("features with the input added as a skip", True, _skip),
    Planted("noise only", False, _noise),
    Planted("a constant", False, _constant),
    Planted("records through a random orthogonal map", True, _orthogonal, table=True),
    Planted("noise only, of records", False, _noise, table=True),
)


# What each trained attacker is asked: leaks that it should find, and tensors that tell nothing.
# Decoders that look around places do not find what was carried to another place of the picture.
_DECODED: Final = (PLANTED[0].name, PLANTED[3].name, PLANTED[4].name, PLANTED[5].name)
TRIED_ALONE: Final = {
    "psdec": _DECODED,
    "psdec MS-SSIM": _DECODED,
    "conditional GAN": _DECODED,
    "white box": (PLANTED[0].name, PLANTED[1].name, PLANTED[2].name, PLANTED[5].name),
    "white box from psdec": (PLANTED[1].name, PLANTED[5].name),
    "deep image prior": (PLANTED[0].name, PLANTED[5].name),
}


def drawn_pictures(count: int, seed: int, side: int = SIDE) -> Pictures:
    """Smooth random fields with one sharp-edged patch each, uint8."""
    random = np.random.default_rng(seed)
    grid = np.arange(side, dtype=np.float64) / side
    out = np.zeros((count, side, side, 3))
    for wave_y in range(4):
        for wave_x in range(4):
            size = 0.5 / (1 + wave_y + wave_x)
            rows = np.cos(np.pi * wave_y * grid)[:, None] * np.cos(np.pi * wave_x * grid)[None]
            out += random.normal(0, size, (count, 1, 1, 3)) * rows[None, :, :, None]
    for picture in out:
        top, left = random.integers(0, side - 5, 2)
        picture[top : top + 5, left : left + 5] += random.normal(0, 0.6, 3)
    pixels = np.clip(np.rint(127.5 + 90 * out), 0, 255).astype(np.uint8)
    return Pictures("drawn pictures", tuple(f"drawn {i}" for i in range(count)), pixels)


def drawn_records(count: int, seed: int) -> Pictures:
    """Records of uniform columns, each with a range of its own."""
    random = np.random.default_rng(seed)
    rows = random.random((count, 1, COLUMNS, 1)) * np.arange(1, COLUMNS + 1)[:, None]
    names = tuple(f"drawn {i}" for i in range(count))
    return Pictures("drawn records", names, rows.astype(np.float32))


def planted_task(planted: Planted, seed: int = 0, count: int = PICTURES) -> Task:
    """The audit of one planted network."""
    shape = (1, COLUMNS) if planted.table else (1, 3, SIDE, SIDE)
    net = _Net(shape)
    planted.nodes(net)
    graph = from_proto(net.model(), name="planted")
    drawn = (drawn_records if planted.table else drawn_pictures)(count, seed)
    how = records_of(shape, [drawn]) if planted.table else imagenet_default(shape)
    return Task(graph, how, make_sets(drawn, seed=seed), [find_cut(graph, CUT)], seed=seed)


def audit_planted(planted: Planted, folder: Path, seed: int = 0, count: int = PICTURES) -> Outcome:
    """Audits one planted network by the fast tier."""
    return outcome(run(planted_task(planted, seed, count), folder))


def attack_planted(
    planted: Planted, attacker: str, folder: Path, seed: int = 0, count: int = SMALL
) -> Alone:
    """One trained attacker against one planted network, judged by what it alone finds."""
    task = replace(planted_task(planted, seed, count), tier="standard", budget=SMALL_BUDGET)
    store = Store.create(folder, task.question())
    worker = Worker(task, store.cache)
    row = ATTACKERS[attacker]
    key = Key("attack", CUT, SAME, attacker)
    start = {}
    if row.starts_from:
        begun = worker.compute(Job(Key("attack", CUT, SAME, row.starts_from)))
        start = begun.kept
    cell = worker.compute(Job(key, start))
    store.put(key, cell)
    beats = cell.arrays["mse"] < BEATS_FLOOR * cell.arrays["floor_mse"]
    leaked = int(((cell.arrays["thumbnail"] > Limits().thumbnail) & beats).sum())
    low, high = clopper_pearson(leaked, len(beats))
    return Alone(store, cell, low > SHARE, high <= SHARE)


@dataclass(frozen=True)
class Alone:
    """What one attacker found by itself."""

    store: Store
    cell: Cell
    leaks: bool
    nothing: bool

    @property
    def said(self) -> str:
        """In the words of verdicts."""
        if self.leaks:
            return "LEAKS"
        return "NOT SHOWN TO LEAK" if self.nothing else "INCONCLUSIVE"


def self_check(
    step: Callable[[str], None] = lambda _: None,
    planted: tuple[Planted, ...] = PLANTED,
    tier: str = "fast",
) -> list[SelfCheck]:
    """Audits every planted network, and one of them twice; above fast by the trained attackers
    too.
    """
    found: list[SelfCheck] = []
    with tempfile.TemporaryDirectory() as folder:
        for place, one in enumerate(planted):
            step(one.name)
            said = audit_planted(one, Path(folder) / str(place)).cuts[0].judged.verdict
            found.append(_right(one.name, one.leaks, said))
        step("the same seed again")
        twice = planted[-1 if len(planted) < 4 else 3]
        first, again = (
            audit_planted(twice, Path(folder) / name).cuts[0].cell for name in ("once", "again")
        )
        found.append(_same("the same seed twice", first, again))
        for name in () if tier == "fast" else TRIED_ALONE:
            found += _alone(name, planted, Path(folder), step)
    return found


def steps(tier: str) -> int:
    """How many steps `self_check` announces."""
    alone = 0 if tier == "fast" else sum(len(names) for names in TRIED_ALONE.values())
    return len(PLANTED) + 1 + alone


def _alone(
    attacker: str, planted: tuple[Planted, ...], folder: Path, step: Callable[[str], None]
) -> list[SelfCheck]:
    """One trained attacker: a leak, nothing, and the same seed twice."""
    found = []
    asked = [p for p in planted if p.name in TRIED_ALONE[attacker]]
    for place, one in enumerate(asked):
        step(f"{attacker}: {one.name}")
        alone = attack_planted(one, attacker, folder / f"{attacker} {place}")
        found.append(_right(f"{attacker}: {one.name}", one.leaks, alone.said))
        if one is asked[0]:
            again = attack_planted(one, attacker, folder / f"{attacker} again")
            found.append(_same(f"{attacker}: the same seed twice", alone.cell, again.cell))
    return found


def _right(name: str, leaks: bool, said: str) -> SelfCheck:
    expected = "LEAKS" if leaks else "NOT SHOWN TO LEAK"
    return SelfCheck(name, expected, said, said == expected)


def _same(name: str, first: Cell, again: Cell) -> SelfCheck:
    # Records have no SSIM: NaN on both sides.
    same = all(
        np.array_equal(a, again.arrays[k], equal_nan=a.dtype.kind == "f")
        for k, a in first.arrays.items()
    )
    return SelfCheck(name, "equal numbers", "equal" if same else "different", same)
