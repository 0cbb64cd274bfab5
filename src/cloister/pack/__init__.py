"""From a network and a cut to a bundle: manifest, head, tail.

`manifest` and `bundle` need numpy and Pillow only, so that a service and a client read bundles
without onnx; `packing` and `container` make them. The names below are loaded when they are first
asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Bundle": "bundle",
    "Manifest": "manifest",
    "Packed": "packing",
    "check": "parity",
    "load_bundle": "bundle",
    "pack": "packing",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
