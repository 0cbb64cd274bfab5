"""The small network that Cloister brings, and what is needed to use it.

Trained by tools/train_demo.py on CIFAR-10's photographs; cifar.json is its model card.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from cloister.errors import OutsideError, UserError
from cloister.preprocess import Preprocess

CARD = "cifar.json"
FILE = "cifar.onnx"
CAT = "chelsea"


@dataclass(frozen=True)
class DemoNetwork:
    """A network with its preprocessing and labels.

    Args:
        path: The ONNX file.
        preprocess: How a photograph becomes its input.
        labels: Its classes.
        accuracy: On the photographs that it was not trained on.
    """

    path: Path
    preprocess: Preprocess
    labels: tuple[str, ...]
    accuracy: float


def shipped_network() -> DemoNetwork:
    """The network that came with the package.

    Raises:
        OutsideError: The installation is damaged.
    """
    here = Path(str(files("cloister.demo")))
    try:
        card: dict[str, Any] = json.loads((here / CARD).read_text(encoding="utf-8"))
        return DemoNetwork(
            path=here / FILE,
            preprocess=Preprocess.from_manifest(card["preprocess"]),
            labels=tuple(card["classes"]),
            accuracy=float(card["evaluation"]["accuracy"]),
        )
    except (OSError, ValueError, KeyError, UserError) as error:
        raise OutsideError(
            f"the demo's network is not as it should be: {error}",
            code="internal",
            hint="Install Cloister again.",
        ) from error


def photo_folder() -> Path:
    """Where scikit-image's wheel keeps its photographs; no download.

    Raises:
        UserError: scikit-image is not installed.
    """
    try:
        import skimage.data  # noqa: PLC0415 - only in the extra `demo`
    except ImportError as error:
        raise UserError(
            "the demo's photographs are in scikit-image, which is not installed",
            code="missing-extra",
            hint="pip install 'cloister[demo]', or give one of yours with --photo FILE",
        ) from error
    return Path(skimage.data.__file__).parent


def cat_photo() -> Path:
    """A photograph of a cat.

    Raises:
        UserError: scikit-image is not installed, or has no such file.
    """
    path = photo_folder() / f"{CAT}.png"
    if not path.is_file():
        raise UserError(
            f"scikit-image has no {path.name} here",
            code="missing-extra",
            hint="Give a photograph of yours with --photo FILE.",
        )
    return path
