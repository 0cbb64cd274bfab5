"""Arguments that verbs of more than one grammar take (app.py, optee.py)."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, nothing else.")]
Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="An ONNX file, or a name such as torchvision:resnet50."),
]
Shape = Annotated[
    list[str] | None,
    typer.Option("--shape", metavar="NAME=N", help="Length of an axis that the file leaves open."),
]
RandomWeights = Annotated[
    bool, typer.Option("--random-weights", help="A named model without its published weights.")
]
