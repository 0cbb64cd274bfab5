"""The HTTP service: carries sealed requests to an enclave, runs the tail, carries sealed answers.

It holds no key and cannot open what it carries: nothing here imports the sealing side of
`cloister.channel` (import-linter). Needs the extra `serve`; the names below are loaded when they
are first asked for.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Observation": "instance",
    "Service": "service",
    "Tail": "tail",
    "serve": "service",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
