"""The grammar of the command line: each verb's options and help, no logic.

A verb's code stands in a file of its own and is loaded when the verb runs, so that `cloister
--help` and `cloister infer` start quickly and need no onnx. Each verb returns a model of
schema.py; `_finish` prints it, as JSON or through the verb's `show`.
"""

# ruff: noqa: PLR0917 - a verb has as many parameters as options
from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from cloister import __version__
from cloister.cli.optee import app as optee_app
from cloister.cli.options import Json, Model, RandomWeights, Shape
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
AcceptOlder = Annotated[
    bool,
    typer.Option(
        "--accept-older", help="Take an older bundle than one that was seen, and remember it."
    ),
]
Collateral = Annotated[
    list[Path] | None,
    typer.Option("--collateral", metavar="FILE", help="What vouches for the platform; repeatable."),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="Appraise as of then, e.g. 2026-11-21T10:00:00Z."),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--memory",
        metavar="SIZE",
        help="Trusted memory for the head, e.g. 16MiB: where it is too small, layers run in bands"
        " of rows and weights are streamed.",
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
    tee: Annotated[
        str | None,
        typer.Option(
            "--tee", metavar="optee", help="Count instructions and bytes in a real OP-TEE instead."
        ),
    ] = None,
    memory: Budget = None,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Time and memory of each layer and each cut, beside ONNX Runtime's time."""
    options = locals()
    unused = ("runs", "threads", "cuts") if tee else ("tee", "memory")
    options = {name: value for name, value in options.items() if name not in unused}
    _finish("profile_optee" if tee else "profile", options)


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
    weights: Annotated[
        str,
        typer.Option(
            "--weights",
            metavar="float32|int8",
            help="int8: round the head's weights to a byte each, a quarter of the size.",
        ),
    ] = "float32",
    preprocess: PreprocessFile = None,
    labels: LabelsFile = None,
    images: Images = None,
    inputs: InputsFile = None,
    memory: Budget = None,
    rows: Annotated[
        bool, typer.Option("--rows", help="Run layers in bands of rows: the smallest arena.")
    ] = False,
    name: Annotated[
        str | None, typer.Option("--name", help="Name under which it is served.")
    ] = None,
    version: Annotated[
        int | None,
        typer.Option(
            "--bundle-version",
            metavar="N",
            min=1,
            max=2**31 - 1,
            help="Clients refuse to go back; without it one more than the bundle it replaces.",
        ),
    ] = None,
    replace_policy: Annotated[
        bool,
        typer.Option(
            "--replace-policy", help="Also one beside the bundle that accepts more than it."
        ),
    ] = False,
    plan: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="plan.json of `plan -o`, which chose the cut."),
    ] = None,
    audit: Annotated[
        Path | None,
        typer.Option("--audit", metavar="RUN", help="The finished run of `audit`."),
    ] = None,
    model_signature: Annotated[
        Path | None,
        typer.Option("--model-signature", metavar="FILE", help="OpenSSF signature of MODEL."),
    ] = None,
    model_key: Annotated[
        Path | None,
        typer.Option("--model-key", metavar="PEM", help="Whose signature it must be."),
    ] = None,
    tee: Annotated[
        str | None,
        typer.Option(
            "--tee",
            metavar="optee",
            help="Whole, for a device with OP-TEE: with its signed application and daemon.",
        ),
    ] = None,
    dev_kit: Annotated[
        Path | None,
        typer.Option("--dev-kit", metavar="DIR", help="The board's (TA_DEV_KIT_DIR), for --tee."),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option("--key", metavar="PEM", help="Signs the application; else the dev kit's."),
    ] = None,
    devices: Annotated[
        Path | None,
        typer.Option("--devices", metavar="FILE", help="Enrolled devices, for the policy."),
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
def quantise(
    model: Model,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="An ONNX file.")],
    images: Images = None,
    inputs: InputsFile = None,
    preprocess: PreprocessFile = None,
    limit: Annotated[int, typer.Option("--limit", min=2, help="At most so many inputs.")] = 100,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Round weights and activations to 8 bits, by what real inputs show; say what that changes."""
    _finish("quantise", locals())


PassphraseFd = Annotated[
    int | None,
    typer.Option(
        "--passphrase-fd",
        metavar="N",
        min=0,
        help="Read the passphrase of keys/ from this file descriptor; else "
        "$CLOISTER_KEYS_PASSPHRASE, else the terminal.",
    ),
]
LogLevel = Annotated[str, typer.Option("--log-level", help="Of the JSON lines on standard error.")]


@app.command()
def seal(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `pack` wrote.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="KEYS", help="Where the key goes, wrapped; made if new.")
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Default: sealed_BUNDLE beside it."),
    ] = None,
    passphrase_fd: PassphraseFd = None,
    as_json: Json = False,
) -> None:
    """Encrypt a bundle's weights: only enclaves to which a broker releases the key can load it."""
    _finish("seal", locals())


@app.command()
def broker(
    policy: Annotated[
        Path, typer.Option("--policy", metavar="FILE", help="What must be true of an enclave.")
    ],
    keys: Annotated[Path, typer.Option("--keys", metavar="KEYS", help="What `seal --to` made.")],
    listening: Annotated[
        str, typer.Option("--listen", metavar="HOST:PORT", help="Port 0: any free one.")
    ] = "127.0.0.1:8500",
    collateral: Collateral = None,
    passphrase_fd: PassphraseFd = None,
    log_level: LogLevel = "info",
    as_json: Json = False,
) -> None:
    """The owner's side: release page keys to enclaves that pass the policy, until interrupted."""
    options = locals()
    import_module("cloister.cli.broker").run(**options)


@app.command()
def serve(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `pack` wrote.")],
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8400,
    tee: Annotated[
        str, typer.Option("--tee", metavar="KIND", help="sandbox, optee, sgx, tdx, snp or tpm.")
    ] = "sandbox",
    enclave: Annotated[
        str | None,
        typer.Option(
            "--enclave",
            metavar="WHERE",
            help="sgx: the directory of a signed Gramine manifest. tdx, snp, tpm: vsock://CID:PORT"
            " or unix:///PATH of a confidential VM. optee://HOST:PORT of a device that has no"
            " bundle of its own. Else on this machine.",
        ),
    ] = None,
    collateral: Collateral = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="PATH", help="Directory or device that makes quotes."),
    ] = None,
    privlevel: Annotated[
        int | None, typer.Option("--privlevel", min=0, max=3, help="VMPL of an SNP report.")
    ] = None,
    tpm_key: Annotated[
        str | None,
        typer.Option("--tpm-key", metavar="HANDLE", help="Of the TPM's key, e.g. 0x81000003."),
    ] = None,
    pcrs: Annotated[
        str | None, typer.Option("--pcrs", metavar="N,N", help="PCRs that the TPM quotes.")
    ] = None,
    threads: Threads = 1,
    broker: Annotated[
        str | None,
        typer.Option("--broker", metavar="URL", help="Releases the key of a sealed bundle."),
    ] = None,
    kbs: Annotated[
        str | None,
        typer.Option(
            "--kbs",
            metavar="URL",
            help="The same from a Trustee KBS: the key passes through this process, so only where "
            "it is inside the measured image (tdx, snp), or in the sandbox.",
        ),
    ] = None,
    unsafe_keys: Annotated[
        Path | None,
        typer.Option(
            "--unsafe-keys",
            metavar="KEYS",
            help="UNSAFE, sandbox only: open keys/ here, without any broker.",
        ),
    ] = None,
    passphrase_fd: PassphraseFd = None,
    log_level: LogLevel = "info",
    as_json: Json = False,
) -> None:
    """Start the enclave, load the head into it, serve until interrupted."""
    options = locals()
    import_module("cloister.cli.serve").run(**options)


@app.command()
def deploy(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `pack` wrote.")],
    tee: Annotated[str, typer.Option("--tee", metavar="KIND", help="sgx, tdx or snp.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="A new directory.")],
    as_json: Json = False,
) -> None:
    """Write what runs the bundle's enclave under Gramine, or in a confidential virtual machine."""
    _finish("deploy", locals())


@app.command()
def infer(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="The service, e.g. http://host:8400; or a device, optee://host:7000.",
        ),
    ],
    photo: Annotated[
        Path | None, typer.Argument(metavar="[PHOTO]", help="The photograph to classify.")
    ] = None,
    policy: Policy = None,
    inputs: InputsFile = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="If the service has several.")
    ] = None,
    top: Annotated[int, typer.Option("--top", min=1, help="So many answers.")] = 5,
    receipt: Annotated[
        Path | None,
        typer.Option(
            "--receipt", metavar="FILE", help="Keep the enclave's receipt, for `verify FILE`."
        ),
    ] = None,
    accept_older: AcceptOlder = False,
    pad: Annotated[
        bool, typer.Option("--pad", help="Send and receive in size classes: lengths tell less.")
    ] = False,
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
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[URL|FILE]",
            help="The service, e.g. http://host:8400; its evidence, or a receipt, in a file.",
        ),
    ] = None,
    policy: Policy = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="If the service has several.")
    ] = None,
    quote: Annotated[
        Path | None,
        typer.Option("--quote", metavar="FILE", help="A bare quote or report, without a service."),
    ] = None,
    collateral: Collateral = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="sgx|tdx|snp", help="What --quote must be.")
    ] = None,
    at: At = None,
    manifest: Annotated[
        Path | None,
        typer.Option("--manifest", metavar="FILE", help="With an evidence file: manifest.json."),
    ] = None,
    nonce: Annotated[
        str | None,
        typer.Option("--nonce", metavar="HEX", help="With an evidence file: what was asked with."),
    ] = None,
    report_data: Annotated[
        str | None,
        typer.Option("--report-data", metavar="HEX", help="With --quote: what it must sign."),
    ] = None,
    accept_older: AcceptOlder = False,
    as_json: Json = False,
) -> None:
    """Appraise evidence, step by step: of a service, of a file, or a bare quote; send nothing
    else.
    """
    _finish("verify", locals())


policy_app = typer.Typer(no_args_is_help=True, help="Make, explain and check a client's policy.")
app.add_typer(policy_app, name="policy")
app.add_typer(optee_app, name="optee")
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="sandbox, optee, sgx, tdx, snp, tpm; repeatable."),
]
Save = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")]
PolicyFile = Annotated[Path, typer.Argument(metavar="POLICY", help="The policy's file.")]


@policy_app.command("new")
def policy_new(kinds: Kinds = None, save: Save = None, as_json: Json = False) -> None:
    """A policy to fill in, with a sentence for each choice."""
    _finish("policy", {"action": "new", "path": None, **locals()})


@policy_app.command("from-bundle")
def policy_from_bundle(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `pack` wrote.")],
    kinds: Kinds = None,
    devices: Annotated[
        Path | None,
        typer.Option("--devices", metavar="FILE", help="Enrolled devices, for --kind optee."),
    ] = None,
    save: Save = None,
    as_json: Json = False,
) -> None:
    """A policy with the reference values of what was built."""
    options = {"kinds": kinds, "devices": devices, "save": save, "as_json": as_json}
    _finish("policy", {"action": "from-bundle", "path": bundle, **options})


@policy_app.command("explain")
def policy_explain(path: PolicyFile, as_json: Json = False) -> None:
    """Say in words what a policy accepts."""
    _finish("policy", {"action": "explain", **locals()})


@policy_app.command("lint")
def policy_lint(path: PolicyFile, as_json: Json = False) -> None:
    """Is it a policy, and what in it accepts more than it need?"""
    _finish("policy", {"action": "lint", **locals()})


collateral_app = typer.Typer(
    no_args_is_help=True, help="What vouches for a platform, for offline use."
)
app.add_typer(collateral_app, name="collateral")


@collateral_app.command("show")
def collateral_show(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="JSON, PEM or DER.")],
    at: At = None,
    as_json: Json = False,
) -> None:
    """Each part's lifetime."""
    _finish("collateral", {"action": "show", **locals()})


@collateral_app.command("fetch")
def collateral_fetch(
    quote: Annotated[Path, typer.Argument(metavar="QUOTE", help="The quote or report.")],
    save: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Write it here.")],
    product: Annotated[
        str | None,
        typer.Option("--product", metavar="Milan|Genoa|Turin", help="Of a report of version 2."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Ask Intel or AMD for what vouches for this quote's platform."""
    _finish("collateral", {"action": "fetch", **locals()})


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
        Path | None,
        typer.Option("--output", "-o", metavar="DIR", help="Keep pictures, audit, report here."),
    ] = None,
    audit: Annotated[
        bool, typer.Option("--audit/--no-audit", help="Attack every cut of our network, and plan.")
    ] = True,
    as_json: Json = False,
) -> None:
    """The whole way once, for real: pack, serve, verify, a sealed photograph, what the host
    saw, how much of the photograph that gives away.
    """
    _finish("demo", locals())


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise typer.BadParameter("expected a finite number")
    return value


MaxThumbnail = Annotated[
    float,
    typer.Option(
        "--max-thumbnail",
        min=0,
        callback=_finite,
        help="Side of the thumbnail that may be rebuilt.",
    ),
]
MaxMatch = Annotated[
    float | None,
    typer.Option("--max-match", min=0, max=1, help="Share of victims that may be found again."),
]


@app.command()
def audit(
    model: Annotated[
        str | None, typer.Argument(metavar="MODEL", help="An ONNX file, or a torchvision: name.")
    ] = None,
    images: Images = None,
    inputs: InputsFile = None,
    attacker_images: Annotated[
        list[Path] | None,
        typer.Option(
            "--attacker-images",
            metavar="DIR",
            help="Pictures (with --inputs: a table) that an attacker learns from; another source "
            "each time it is given.",
        ),
    ] = None,
    cuts: Annotated[
        str,
        typer.Option(
            "--cuts",
            metavar="IDS",
            help="`all`: of one tensor; `every`: of several too; or a,b+c.",
        ),
    ] = "all",
    tier: Annotated[
        str,
        typer.Option(
            "--tier",
            help="`fast`: linear attackers, no torch; `standard`: trained ones at all cuts, more "
            "where the first cut passes; `deep`: everything everywhere.",
        ),
    ] = "fast",
    attacker: Annotated[
        str,
        typer.Option(
            "--attacker", help="`whitebox`: knows the head's weights too; `blackbox`: pairs only."
        ),
    ] = "whitebox",
    recognise: Annotated[
        str | None,
        typer.Option(
            "--recognise",
            metavar="MODEL",
            help="Another classifier: does it see in the reconstruction what it sees in the "
            "original? Shown, never judged by.",
        ),
    ] = None,
    recognise_preprocess: Annotated[
        Path | None,
        typer.Option(
            "--recognise-preprocess", metavar="FILE", help="How pictures become its input."
        ),
    ] = None,
    lpips: Annotated[
        list[Path] | None,
        typer.Option(
            "--lpips",
            metavar="NPZ",
            help="LPIPS too, from weight files: SqueezeNet 1.1's, and the heads'; repeatable.",
        ),
    ] = None,
    spectrum: Annotated[
        bool,
        typer.Option(
            "--spectrum",
            help="Also the error that no attacker goes below if pictures were Gaussian: a "
            "secondary column, never a verdict. Needs torch.",
        ),
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, help="Cells attacked at once, each in its process.")
    ] = 1,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS", help="Ray: `ray://HOST:10001`, or `local`."),
    ] = None,
    run: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="Folder of the run.")
    ] = None,
    resume: Annotated[
        Path | None, typer.Option("--resume", metavar="RUN", help="Go on with this run.")
    ] = None,
    preprocess: PreprocessFile = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=10, help="At most so many pictures of each folder.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of all that is drawn.")] = 0,
    threads: Threads = 1,
    cache: Annotated[
        str, typer.Option("--cache", metavar="SIZE", help="Bound of features kept on disk.")
    ] = "4GiB",
    max_thumbnail: MaxThumbnail = 4.0,
    max_match: MaxMatch = None,
    self_check: Annotated[
        bool, typer.Option("--self-check", help="Audit planted networks whose answer is known.")
    ] = False,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """How much of the input an attacker rebuilds at every cut: verdicts with their statistics."""
    _finish("audit", locals())


@app.command()
def gate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="What `audit` wrote.")],
    cut: Annotated[
        list[str] | None, typer.Option("--cut", metavar="ID", help="Only this cut; repeatable.")
    ] = None,
    max_thumbnail: MaxThumbnail = 4.0,
    max_match: MaxMatch = None,
    as_json: Json = False,
) -> None:
    """For a pipeline: exit code 0 only if every cut asked for is NOT SHOWN TO LEAK."""
    _finish("gate", locals())


@app.command()
def plan(
    model: Model,
    audit: Annotated[Path, typer.Option("--audit", metavar="RUN", help="What `audit` wrote.")],
    profile: Annotated[
        Path, typer.Option("--profile", metavar="FILE", help="What `profile --json` printed.")
    ],
    tee: Annotated[
        str,
        typer.Option(
            "--tee",
            metavar="KIND",
            help="sandbox, sgx, sgx-server, tdx, snp, tpm, or a file KIND.toml.",
        ),
    ],
    memory: Budget = None,
    max_thumbnail: MaxThumbnail = 4.0,
    max_match: MaxMatch = None,
    latency: Annotated[
        str | None, typer.Option("--latency", metavar="TIME", help="For one input, e.g. 50ms.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write plan.json.")
    ] = None,
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Choose a cut that passes every limit, or say by how much each limit is missed."""
    _finish("plan", locals())


@app.command()
def defend(
    model: Model,
    cut: Annotated[str, typer.Option("--cut", metavar="ID", help="Where the network is cut.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The new network, ONNX.")
    ],
    shape: Shape = None,
    random_weights: RandomWeights = False,
    as_json: Json = False,
) -> None:
    """Send only what the layers after the cut read: the same answers, fewer numbers outside."""
    _finish("defend", locals())


@app.command()
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="What `audit` wrote.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE")] = Path("report.html"),
    plan: Annotated[
        Path | None, typer.Option("--plan", metavar="FILE", help="plan.json of `plan -o`.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(
            "--profile", metavar="FILE", help="What `profile --json` printed, where no plan is."
        ),
    ] = None,
    max_thumbnail: MaxThumbnail = 4.0,
    max_match: MaxMatch = None,
    as_json: Json = False,
) -> None:
    """One HTML file that shows what can be rebuilt: pictures, charts, verdicts, what is untested.

    It holds pictures of the victims: treat it as you treat them.
    """
    _finish("report", locals())
