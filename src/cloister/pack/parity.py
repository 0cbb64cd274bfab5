"""Does head (enclave engine) then tail (ONNX Runtime) compute what the whole network computes?

Rules kept:
* The reference is ONNX Runtime on the whole network as it came, before it was normalised, on
  real inputs.
* Error of an output = max |got - reference| / max |reference| over its elements; of a cut, the
  largest over outputs and inputs. A reference that is smaller than usual is measured by the mean
  of max |reference| over the inputs: one number that happens to lie near zero, as a regression
  gives, is what is left of larger terms. Where the reference is NaN or infinite, the other must
  be the same there.
* The arg-max of the first output must be equal wherever the reference's margin (best minus
  second) exceeds the tolerance of its max |reference|; the number of such inputs is told.

The engine comes in as an argument (`cloister.enclaves.engine.Engine`): this package stands below
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from cloister.errors import UserError
from cloister.graph.cuts import Cut
from cloister.graph.graph import Graph
from cloister.graph.reference import Reference
from cloister.graph.rounding import rounds
from cloister.graph.split import split
from cloister.pack.container import compile_container
from cloister.pack.runnable import require_runnable

Tensors = list[NDArray[np.float32]]
# Float32 sums in another order differ by about 1e-6 of the largest term; deep networks gather
# some of that. The same limit as the project's published parity table.
TOLERANCE: Final = 1e-4
# Of networks that round activations to 8 bits: a sum that lies between two codes goes to the one
# or the other by its last bit, and deep networks make more of a step. ONNX Runtime's own two ways
# to run a MobileNetV2 in 8 bits are 0.19 apart. What the gate is strict about is the same network
# without the rounding.
ROUNDED_TOLERANCE: Final = 0.25


class Engine(Protocol):
    """Runs one container in this process."""

    def run(self, inputs: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Crossing tensors of a head, or outputs of a whole network, in ONNX order."""


EngineMaker = Callable[[bytes], Engine]


@dataclass(frozen=True)
class CutParity:
    """Parity of one cut.

    Args:
        id: The cut; `whole` for the network inside the enclave without a tail.
        max_rel_error: Largest error over inputs and outputs; infinite where only one side is
            finite.
        argmax_equal: The answer is the same wherever the margin exceeds the tolerance.
        argmax_compared: Number of inputs whose margin does.
        tolerance: What is allowed.
    """

    id: str
    max_rel_error: float
    argmax_equal: bool
    argmax_compared: int
    tolerance: float = TOLERANCE

    @property
    def ok(self) -> bool:
        """Within the tolerance."""
        return self.max_rel_error <= self.tolerance and self.argmax_equal


def check(
    graph: Graph, cuts: Sequence[Cut], inputs: Sequence[Tensors], engine: EngineMaker
) -> Iterator[CutParity]:
    """Compares each cut with the whole network, one after the other.

    Args:
        graph: The network.
        cuts: Where to cut it.
        inputs: Real inputs, each a list of tensors in the order of the network's inputs.
        engine: Makes an engine of a container's bytes.

    Raises:
        UserError: An input does not fit the network, or the enclave cannot run a head.
    """
    expected = references(graph, inputs)
    for cut in cuts:
        require_runnable(graph, cut)
        parts = split(graph, cut)
        container = compile_container(parts.head, mode="split", answers=graph.outputs)
        runner = engine(container.to_bytes())
        tail = Reference(parts.tail_bytes())
        got = (tail.run(runner.run(item)) for item in inputs)
        yield compare(cut.id, expected, got, tolerance_of(graph))


def tolerance_of(graph: Graph) -> float:
    """What is allowed of a network."""
    return ROUNDED_TOLERANCE if rounds(graph) else TOLERANCE


def references(graph: Graph, inputs: Sequence[Tensors]) -> list[list[NDArray[Any]]]:
    """What ONNX Runtime computes of each input with the whole network.

    Raises:
        UserError: An input does not fit the network.
    """
    for item in inputs:
        check_shapes(graph, item)
    # The file as it came, where there is one: what normalising broke would show.
    whole = Reference(graph.source or graph)
    return [whole.run(item) for item in inputs]


def check_shapes(graph: Graph, item: Sequence[NDArray[Any]]) -> None:
    """Refuses tensors that are not those of the network's inputs."""
    if len(item) != len(graph.inputs):
        raise UserError(
            f"{len(item)} input tensor(s), the network takes {len(graph.inputs)}", code="bad-inputs"
        )
    for tensor, info in zip(item, graph.inputs, strict=True):
        if tensor.shape != tuple(info.shape) or tensor.dtype != np.float32:
            raise UserError(
                f"input {info.name!r} is {tensor.dtype} {list(tensor.shape)}, "
                f"expected float32 {list(info.shape)}",
                code="bad-inputs",
                hint="A preprocess file's `size` must be that of the network's input.",
            )


def compare(
    id: str,
    expected: Sequence[Sequence[NDArray[Any]]],
    got: Iterator[Sequence[NDArray[Any]]],
    tolerance: float = TOLERANCE,
) -> CutParity:
    """Sums up one cut over all inputs."""
    worst, equal, compared = 0.0, True, 0
    usual = [fmean(map(largest, outputs)) for outputs in zip(*expected, strict=True)]
    for reference, answer in zip(expected, got, strict=True):
        errors = [rel_error(*three) for three in zip(reference, answer, usual, strict=True)]
        worst = max(worst, *errors)
        if margin(reference[0]) > tolerance * largest(reference[0]):
            compared += 1
            equal = equal and bool(np.argmax(reference[0]) == np.argmax(answer[0]))
    return CutParity(id, worst, equal, compared, tolerance)


def rel_error(reference: NDArray[Any], got: NDArray[Any], usual: float = 0.0) -> float:
    """max |got - reference| / max |reference|, or / `usual` where that is more; infinite where the
    two are not finite in the same places.
    """
    if reference.shape != got.shape:
        return math.inf
    finite = np.isfinite(reference)
    if not np.array_equal(finite, np.isfinite(got)) or not np.array_equal(
        reference[~finite], got[~finite], equal_nan=True
    ):
        return math.inf
    difference = float(np.abs(got[finite].astype(np.float64) - reference[finite]).max(initial=0.0))
    if difference == 0:
        return 0.0
    scale = max(largest(reference), usual)
    return difference / scale if scale > 0 else math.inf


def largest(reference: NDArray[Any]) -> float:
    """max |reference| over its finite elements."""
    return float(np.abs(reference[np.isfinite(reference)]).max(initial=0.0))


def margin(reference: NDArray[Any]) -> float:
    """Best minus second of all elements; 0 where there is no second or no number."""
    flat = reference.reshape(-1)
    if flat.size < 2 or not np.isfinite(flat).all():
        return 0.0
    second, best = np.partition(flat, -2)[-2:]
    return float(best) - float(second)
