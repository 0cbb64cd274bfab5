"""Real inputs in bulk: a folder of photographs, or a table of numbers for networks that take no
images.

Rules kept:
* The order is the sorted order of names, so that two runs see the same inputs.
* A file in the folder that is no photograph is named, counted and skipped; a folder without any
  photograph is an error.
* A table must fit the network's inputs exactly; NaN and infinities are passed on (the network's
  business), text is an error.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from cloister.errors import UserError
from cloister.preprocess.photo import Preprocess

Tensors = list[NDArray[np.float32]]


class TensorLike(Protocol):
    """A network's input as this file needs it."""

    @property
    def name(self) -> str:
        """Name of the tensor."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Static shape."""


@dataclass(frozen=True)
class Unreadable:
    """A file that was skipped, and why."""

    path: Path
    why: str


@dataclass(frozen=True)
class Inputs:
    """Inputs of a network, each a list of tensors in the order of the network's inputs.

    Args:
        source: Where they come from, for people.
        names: One name each: file name, or row number.
        items: The tensors.
        skipped: What was left out.
    """

    source: str
    names: tuple[str, ...]
    items: tuple[Tensors, ...]
    skipped: tuple[Unreadable, ...] = ()

    def __len__(self) -> int:
        return len(self.items)


def read_images(folder: str | Path, preprocess: Preprocess, limit: int | None = None) -> Inputs:
    """Reads all photographs of a folder (not of the folders in it), or the one photograph that
    `folder` names.

    Args:
        folder: The folder, or a file.
        preprocess: How each becomes a tensor.
        limit: Stop after so many photographs; None reads all.

    Raises:
        UserError: There is no such folder, or no photograph in it.
    """
    folder = Path(folder)
    if not folder.exists():
        raise UserError(f"images {folder}: there is no such folder", code="no-such-file")
    files = (
        sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else [folder]
    )
    names: list[str] = []
    items: list[Tensors] = []
    skipped: list[Unreadable] = []
    for path in files:
        if limit is not None and len(items) >= limit:
            break
        try:
            items.append([preprocess.apply(path)])
            names.append(path.name)
        except UserError as error:
            skipped.append(Unreadable(path, error.message))
    if not items:
        why = f"; the first of {len(skipped)}: {skipped[0].why}" if skipped else ""
        raise UserError(
            f"no photograph in {folder}{why}",
            code="no-images",
            hint="Folders inside it are not searched.",
        )
    return Inputs(f"photographs of {folder}", tuple(names), tuple(items), tuple(skipped))


def read_arrays(path: str | Path, inputs: Sequence[TensorLike]) -> Inputs:
    """Reads a table of inputs.

    Args:
        path: ``*.npz`` with one array for each input of the network (one array of any name will
            do when the network has one input), [N, ...] or one alone; or ``*.csv`` with one row
            for each input, as many numbers in a row as the inputs have elements, a first line of
            names allowed.
        inputs: The network's inputs.

    Raises:
        UserError: The file cannot be read, or its arrays do not fit the inputs.
    """
    path = Path(path)
    if not path.is_file():
        raise UserError(f"inputs {path}: there is no such file", code="no-such-file")
    readers = {".npz": _npz, ".csv": _csv}
    if path.suffix not in readers:
        raise UserError(
            f"inputs {path}: the name ends in {path.suffix or 'nothing'!r}, expected .npz or .csv",
            code="bad-inputs",
        )
    columns = readers[path.suffix](path, inputs)
    counts = {len(column) for column in columns}
    if len(counts) != 1:
        raise _bad(
            path, f"its arrays have {sorted(counts)} entries, expected the same number in each"
        )
    items = tuple([column[row] for column in columns] for row in range(counts.pop()))
    if not items:
        raise _bad(path, "it holds no input")
    return Inputs(str(path), tuple(f"row {row}" for row in range(len(items))), items)


def _bad(path: Path, why: str, hint: str = "") -> UserError:
    return UserError(f"inputs {path}: {why}", code="bad-inputs", hint=hint)


def _npz(path: Path, inputs: Sequence[TensorLike]) -> list[NDArray[np.float32]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as members:
            names = list(members.files)
            arrays = {name: members[name] for name in names}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise _bad(path, f"it is not an .npz file of plain arrays: {error}") from error
    if len(inputs) == 1 and inputs[0].name not in arrays and len(arrays) == 1:
        arrays = {inputs[0].name: next(iter(arrays.values()))}
    missing = [tensor.name for tensor in inputs if tensor.name not in arrays]
    if missing:
        raise _bad(
            path,
            f"no array named {missing[0]!r}; it has {', '.join(map(repr, names)) or 'none'}",
            "Name each array as the network names its input (`cloister inspect` shows the names).",
        )
    return [_stack(path, arrays[tensor.name], tensor) for tensor in inputs]


def _stack(path: Path, array: NDArray[Any], tensor: TensorLike) -> NDArray[np.float32]:
    """[N, *shape] from [N, *shape], from [N, *shape[1:]] where shape[0] is 1, or from one
    alone.
    """
    if array.dtype.kind not in "fiu":
        raise _bad(path, f"{tensor.name} is {array.dtype}, expected numbers")
    shape = tuple(tensor.shape)
    forms = [shape] if array.shape == shape else []
    if array.ndim == len(shape) + 1 and array.shape[1:] == shape:
        forms = [array.shape]
    elif array.ndim == len(shape) and shape[:1] == (1,) and array.shape[1:] == shape[1:]:
        forms = [(array.shape[0], *shape)]
    if not forms:
        raise _bad(
            path,
            f"{tensor.name} is {list(array.shape)}, expected {list(shape)} or [N, ...] of it",
        )
    return np.ascontiguousarray(array, dtype=np.float32).reshape(-1, *shape)


def _csv(path: Path, inputs: Sequence[TensorLike]) -> list[NDArray[np.float32]]:
    sizes = [int(np.prod(tensor.shape)) for tensor in inputs]
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, ValueError, csv.Error) as error:
        raise _bad(path, f"it is not a CSV file: {error}") from error
    # A header names every column: a row with a number or an empty cell is data, and checked.
    header = bool(rows) and not any(_is_number(text) or not text.strip() for text in rows[0])
    first = 1 if header and len(rows[0]) == sum(sizes) else 0
    table = np.empty((len(rows) - first, sum(sizes)), np.float32)
    for number, row in enumerate(rows[first:], start=first + 1):
        if len(row) != sum(sizes):
            other = ";" in row[0] or "\t" in row[0]
            hint = "; values are separated by commas" if other else ""
            raise _bad(path, f"row {number} has {len(row)} values, expected {sum(sizes)}{hint}")
        wrong = next((text for text in row if not _is_number(text)), None)
        if wrong is not None:
            raise _bad(path, f"row {number} holds {wrong!r}, expected a number")
        with np.errstate(over="ignore"):
            table[number - first - 1] = np.asarray([float(text) for text in row], np.float64)
    edges = np.cumsum([0, *sizes])
    return [
        np.ascontiguousarray(table[:, low:high]).reshape(-1, *tensor.shape)
        for tensor, low, high in zip(inputs, edges[:-1], edges[1:], strict=True)
    ]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
