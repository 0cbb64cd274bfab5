"""Does another classifier see the same thing in the reconstruction as in the original?

Rules kept:
* The classifier is not the audited network: it would be asked what it was attacked with.
* The original is the victim at the network's size, the reconstruction is scaled up to what the
  classifier takes; what averaging alone costs is told by the oracles (own thumbnails).
* Chance is what always naming the originals' most frequent label agrees with.
* It is shown, never judged by: a classifier may be wrong on both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cloister.audit.pictures import as_inputs
from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.reference import Reference
from cloister.preprocess import Preprocess

Labels = NDArray[np.intp]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Recogniser:
    """An independent classifier; it travels with a task.

    Args:
        model: ONNX bytes.
        name: For people.
        sha256: Of its file.
        how: How pictures become its input.
    """

    model: bytes = field(repr=False)
    name: str
    sha256: str
    how: Preprocess

    @classmethod
    def of(cls, graph: Graph, how: Preprocess, audited: Graph) -> Recogniser:
        """A network as a judge of another.

        Raises:
            UserError: It is the audited one, takes other colours, or gives no scores.
        """
        if graph.sha256 == audited.sha256:
            raise UserError(
                f"--recognise {graph.name} is the audited network itself",
                code="same-model",
                hint="Another network, trained apart from it, says whether people would see it.",
            )
        channels = int(audited.inputs[0].shape[1])
        if how.channels != channels:
            raise UserError(
                f"--recognise {graph.name} takes {how.channels} channels, the audited network "
                f"{channels}",
                code="bad-recogniser",
                hint="Give a classifier of the same colours.",
            )
        scores = math.prod(graph.outputs[0].shape)
        if scores < 2:
            raise UserError(
                f"--recognise {graph.name} gives {scores} number, expected a score for each label",
                code="bad-recogniser",
                hint="Its first output is read: the largest score names the label.",
            )
        return cls(graph.to_bytes(), graph.name, graph.sha256, how)

    def to_json(self) -> dict[str, Any]:
        """For the run's question."""
        return {"name": self.name, "sha256": self.sha256, "preprocess": self.how.to_manifest()}


class Recognition:
    """What a classifier says of the victims, and whether it says the same of reconstructions.

    Args:
        recogniser: Who is asked.
        victims_NHWC: The originals.
        threads: Of ONNX Runtime.
    """

    def __init__(self, recogniser: Recogniser, victims_NHWC: Pixels, threads: int = 1) -> None:
        self.how = recogniser.how
        self.victims_NHWC = victims_NHWC
        self.session = Reference(recogniser.model, threads=threads)

    def labels(self, pixels_NHWC: Pixels) -> Labels:
        """The label of each picture."""
        height, width = self.how.size
        found = np.empty(len(pixels_NHWC), np.intp)
        for place, picture in enumerate(pixels_NHWC):
            image = Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture)
            scaled = np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))
            x = as_inputs(scaled.reshape(1, height, width, -1), self.how)
            found[place] = int(np.argmax(self.session.run([x])[0]))
        return found

    @cached_property
    def truth(self) -> Labels:
        """The victims' own labels."""
        return self.labels(self.victims_NHWC)

    @property
    def chance(self) -> float:
        """Share of the victims' most frequent label."""
        return float(np.bincount(self.truth).max()) / len(self.truth)

    def agrees(self, made_NCHW: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whether each reconstruction (0..1) has its victim's label."""
        pixels = np.rint(np.clip(made_NCHW, 0, 1) * 255).astype(np.uint8)
        return np.asarray(self.labels(pixels.transpose(0, 2, 3, 1)) == self.truth)
