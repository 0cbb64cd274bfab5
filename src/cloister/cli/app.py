"""The grammar of the command line: each verb's options and help, no logic.

A verb's code stands in a file of its own and is loaded when the verb runs, so that `cloister
--help` and `cloister infer` start quickly and need no onnx. Each verb returns a model of
schema.py; `_finish` prints it, as JSON or through the verb's `show`.
"""

# ruff: noqa: PLR0917 - a verb has as many parameters as options
from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cloister import __version__
from cloister.cli.output import emit

app = typer.Typer(
    name="cloister",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Run a trained neural network privately: the layers that still show the input run inside "
    "an enclave, which the client checks before its data leaves.",
    epilog="Each verb takes --json: one object on standard output, as docs/formats/json.md says.",
)

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
Images = Annotated[
    Path | None, typer.Option("--images", metavar="DIR", help="Photographs as real inputs.")
]
InputsFile = Annotated[
    Path | None,
    typer.Option("--inputs", metavar="FILE", help="Inputs as numbers: .npz or .csv."),
]
PreprocessFile = Annotated[
    Path | None,
    typer.Option(
        "--preprocess", metavar="FILE", help="How a photograph becomes the input: JSON or TOML."
    ),
]
LabelsFile = Annotated[
    Path | None,
    typer.Option("--labels", metavar="FILE", help="One label per line, or a JSON list (.json)."),
]
Threads = Annotated[int, typer.Option("--threads", min=1, max=256, help="Threads of each engine.")]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy", metavar="FILE", help="What must be true of the enclave; `pack` writes one."
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Trusted memory for the head, e.g. 16MiB: weights beyond it are streamed.",
    ),
]


def _finish(verb: str, arguments: dict[str, Any]) -> None:
    """Runs a verb's file, prints its result, ends with its exit code."""
    as_json = arguments.pop("as_json")
    module = import_module(f"cloister.cli.{verb}")
    result = module.run(**arguments)
    emit(result, module.show, as_json=as_json)
    raise typer.Exit(result.exit_code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cloister {__version__}")
        raise typer.Exit()


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    pass


@app.command()
def inspect(
    model: Model,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    all_cuts: Annotated[
        bool, typer.Option("--all-cuts", help="Minimal cuts of several tensors, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Operators, parameters, MACs; every cut with its head's memory; what cannot run, and why."""
    _finish("inspect", locals())


@app.command()
def check(
    model: Model,
    images: Images = None,
    inputs: InputsFile = None,
    cut: Annotated[str, typer.Option("--cut", metavar="ID", help="One cut, or `all`.")] = "all",
    preprocess: PreprocessFile = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many inputs.")] = 20,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Parity: head in the enclave engine and tail in ONNX Runtime, against the whole network."""
    _finish("check", locals())


@app.command()
def profile(
    model: Model,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Runs behind each median.")] = 7,
    threads: Threads = 1,
    cuts: Annotated[bool, typer.Option("--cuts/--no-cuts", help="Time each head, too.")] = True,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Time and memory of each layer and each cut, beside ONNX Runtime's time."""
    _finish("profile", locals())


@app.command()
def pack(
    model: Model,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="The bundle.")],
    cut: Annotated[
        str | None, typer.Option("--cut", metavar="ID", help="Where to cut; `inspect` lists them.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="The whole network in the enclave, no tail.")
    ] = False,
    preprocess: PreprocessFile = None,
    labels: LabelsFile = None,
    images: Images = None,
    inputs: InputsFile = None,
    memory: Budget = None,
    name: Annotated[
        str | None, typer.Option("--name", help="Name under which it is served.")
    ] = None,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Cut the network, compile its head, check parity, write the bundle and the client's
    policy.
    """
    _finish("pack", locals())


@app.command()
def serve(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `pack` wrote.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8400,
    threads: Threads = 1,
    log_level: Annotated[
        str, typer.Option("--log-level", help="Of the JSON lines on standard error.")
    ] = "info",
    as_json: Json = False,
) -> None:
    """Start the enclave, load the head into it, serve until interrupted."""
    options = locals()
    import_module("cloister.cli.serve").run(**options)


@app.command()
def infer(
    url: Annotated[str, typer.Argument(metavar="URL", help="The service, e.g. http://host:8400.")],
    photo: Annotated[
        Path | None, typer.Argument(metavar="[PHOTO]", help="The photograph to classify.")
    ] = None,
    policy: Policy = None,
    inputs: InputsFile = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="If the service has several.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="So many answers.")] = 5,
    unsafe_any_model: Annotated[
        bool,
        typer.Option(
            "--unsafe-any-model",
            help="UNSAFE: without a policy, believe any model in any sandbox; for trying out only.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check the enclave, then send a sealed photograph and open the sealed answer."""
    _finish("infer", locals())


@app.command()
def verify(
    url: Annotated[str, typer.Argument(metavar="URL", help="The service, e.g. http://host:8400.")],
    policy: Policy = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="If the service has several.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask the service for evidence and appraise it, step by step; send nothing else."""
    _finish("verify", locals())


@app.command()
def demo(
    model: Annotated[
        str | None, typer.Option("--model", metavar="MODEL", help="Another network than ours.")
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option("--photo", metavar="FILE", help="Another photograph than the cat."),
    ] = None,
    cut: Annotated[
        str | None, typer.Option("--cut", metavar="ID", help="Another cut than the first stage's.")
    ] = None,
    random_weights: RandomWeights = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Keep the pictures here.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The whole way once, for real: pack, serve, verify, a sealed photograph, what the host
    saw.
    """
    _finish("demo", locals())
