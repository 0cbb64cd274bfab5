"""From what a person has (a photograph, a table) to what a network takes (float32 tensors).

One code for `check`, `pack`, `infer` and the demo: how a photograph becomes a tensor stands in
the manifest, and a client uses only a verified one. Needs numpy and Pillow, nothing else.
"""

from cloister.preprocess.inputs import Inputs, TensorLike, Unreadable, read_arrays, read_images
from cloister.preprocess.labels import read_labels
from cloister.preprocess.photo import Preprocess, imagenet_default

__all__ = [
    "Inputs",
    "Preprocess",
    "TensorLike",
    "Unreadable",
    "imagenet_default",
    "read_arrays",
    "read_images",
    "read_labels",
]
