"""From options to a network, its preprocessing, labels and real inputs: what several verbs share.

Needs the extra `model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from cloister.cli.output import note, progress
from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.pack.samples import sample_inputs
from cloister.preprocess import Inputs, Preprocess, imagenet_default, read_arrays, read_images

Source = Literal["default", "file", "model", "none"]
ZOO: Final = "torchvision:"
# Skipped files that are named one by one; the rest are counted.
NAMED_SKIPS: Final = 5
_UNITS: Final = {"": 1, "b": 1, "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "k": 1 << 10,
                 "m": 1 << 20, "g": 1 << 30, "kb": 1000, "mb": 1000**2, "gb": 1000**3}  # fmt: skip


@dataclass(frozen=True)
class Preprocessing:
    """How photographs become inputs, and who said so."""

    how: Preprocess | None
    source: Source


def load_network(model: str, shape: list[str] | None, random_weights: bool) -> Graph:
    """Loads a network; says what a long load is doing, and that drawn weights mean nothing."""
    if random_weights:
        note("the weights are drawn, not trained: its answers mean nothing")
    with progress(f"loading {model}") as step:
        step("")
        return load(model, shapes=_shapes(shape), random_weights=random_weights)


def _shapes(options: list[str] | None) -> dict[str, int]:
    shapes: dict[str, int] = {}
    for option in options or []:
        name, equals, value = option.partition("=")
        if not equals or not name or not value.isdecimal() or int(value) < 1:
            raise UserError(
                f"--shape {option!r} is not NAME=LENGTH",
                code="usage",
                hint="For example --shape batch=1; each open axis is given once.",
            )
        shapes[name] = int(value)
    return shapes


def find_preprocess(graph: Graph, model: str, file: Path | None) -> Preprocessing:
    """The preprocessing of a network: the file's, the named model's own, the default, or none.

    Raises:
        UserError: The file's does not make the network's input.
    """
    shape = tuple(graph.inputs[0].shape)
    if file is not None:
        how = Preprocess.from_file(file)
        if how.shape != shape or len(graph.inputs) != 1:
            raise UserError(
                f"preprocess file {file} makes {list(how.shape)}, the network takes "
                f"{[list(info.shape) for info in graph.inputs]}",
                code="bad-preprocess",
                hint="Set `size` and `colour` to those of the network's input.",
            )
        return Preprocessing(how, "file")
    if model.startswith(ZOO):
        from cloister.cli.named import preprocess  # noqa: PLC0415 - needs torchvision

        own = preprocess(model.removeprefix(ZOO), shape)
        if own is not None:
            return Preprocessing(own, "model")
    try:
        if len(graph.inputs) != 1:
            return Preprocessing(None, "none")
        return Preprocessing(imagenet_default(shape), "default")
    except UserError:
        return Preprocessing(None, "none")


def say_default(preprocessing: Preprocessing) -> None:
    """Says so where photographs go through the default."""
    how = preprocessing.how
    if preprocessing.source == "default" and how is not None:
        height, width = how.size
        scaled = "ImageNet's mean and deviation" if how.channels == 3 else "0..1"
        note(
            f"no --preprocess given: photographs are resized to {height} x {width} and scaled to "
            f"{scaled} (a file of your own: docs/formats/manifest.md)"
        )


def find_inputs(
    graph: Graph,
    preprocessing: Preprocessing,
    images: Path | None,
    inputs: Path | None,
    limit: int | None = None,
) -> Inputs:
    """Real inputs: of `--images`, of `--inputs`, or, where neither is given, what `pack`
    checks with.
    """
    if images is not None and inputs is not None:
        raise UserError("--images and --inputs exclude each other", code="usage")
    if inputs is not None:
        found = read_arrays(inputs, graph.inputs)
        return Inputs(found.source, found.names[:limit], found.items[:limit])
    if images is None:
        found = sample_inputs(graph, preprocessing.how)
        found = Inputs(found.source, found.names[:limit], found.items[:limit])
        note(f"no --images or --inputs given: {len(found)} inputs are {found.source}")
        return found
    # Where the network takes no photographs, this names the reason.
    how = preprocessing.how or imagenet_default(tuple(graph.inputs[0].shape))
    say_default(preprocessing)
    found = read_images(images, how, limit)
    _say_skipped(found)
    return found


def _say_skipped(inputs: Inputs) -> None:
    for entry in inputs.skipped[:NAMED_SKIPS]:
        note(f"skipped {entry.path.name}: {entry.why}")
    if len(inputs.skipped) > NAMED_SKIPS:
        note(f"skipped {len(inputs.skipped) - NAMED_SKIPS} more")


def parse_size(text: str | None) -> int | None:
    """`16MiB` as bytes.

    Raises:
        UserError: It is no size.
    """
    if text is None:
        return None
    digits = text.rstrip("BKMGIbkmgi")
    unit = text[len(digits) :].lower()
    try:
        size = round(float(digits) * _UNITS[unit])
    except (ValueError, KeyError, OverflowError):
        size = 0
    if size <= 0:
        raise UserError(
            f"--memory {text!r} is no size", code="usage", hint="For example 16MiB or 4000000."
        )
    return size
