"""Inputs for a comparison where the caller brings none: photographs that are here anyway, else
drawn numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from cloister.graph.graph import Graph
from cloister.preprocess import Inputs, Preprocess

# scikit-image's wheel brings these photographs; no download.
PHOTOS: Final = ("astronaut", "chelsea", "coffee", "motorcycle_left", "rocket")
DRAWN_INPUTS: Final = 8
SEED: Final = 0


def sample_inputs(graph: Graph, preprocess: Preprocess | None) -> Inputs:
    """Inputs for the gate where the caller gave none: photographs where the network takes
    them, else drawn numbers.
    """
    if preprocess is not None:
        photos = _photographs(preprocess)
        if photos is not None:
            return photos
    random = np.random.default_rng(SEED)
    items = tuple(
        [random.standard_normal(info.shape, dtype=np.float32) for info in graph.inputs]
        for _ in range(DRAWN_INPUTS)
    )
    names = tuple(f"drawn {index}" for index in range(DRAWN_INPUTS))
    return Inputs(f"drawn numbers, standard normal, seed {SEED}", names, items)


def _photographs(preprocess: Preprocess) -> Inputs | None:
    try:
        import skimage.data  # noqa: PLC0415 - only in the extra `demo`
    except ImportError:
        return None
    folder = Path(skimage.data.__file__).parent
    found = [path for name in PHOTOS for path in sorted(folder.glob(f"{name}.*"))]
    if not found:
        return None
    items = tuple([preprocess.apply(path)] for path in found)
    return Inputs("photographs of scikit-image", tuple(path.name for path in found), items)
