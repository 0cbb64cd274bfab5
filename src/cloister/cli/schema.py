"""What each verb prints with ``--json``: the one source of docs/formats/json.md.

Rules kept:
* A member that stands here keeps its name and meaning while the number in `format` stays; members
  may be added.
* Numbers that are not finite are null. Sizes are bytes, times are milliseconds, as the names say.
* ``python -m cloister.cli.schema`` writes the page; a test compares it with the file.
"""

from __future__ import annotations

import math
import sys
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, field_validator

CheckResult = Literal["passed", "failed", "not checked"]


class Part(BaseModel):
    """An object inside a result."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    @field_validator("*", mode="before")
    @classmethod
    def _finite(cls, value: Any) -> Any:  # noqa: ANN401
        return None if isinstance(value, float) and not math.isfinite(value) else value


class Result(Part):
    """What a verb returns."""

    @property
    def exit_code(self) -> int:
        """0, or 1 where a check said no."""
        return 0

    def to_json(self) -> dict[str, Any]:
        """The JSON object."""
        return self.model_dump(mode="json")


class Tensor(Part):
    """A tensor's name, shape and type."""

    name: str
    shape: list[int]
    dtype: str


class Check(Part):
    """One step of the Verifier."""

    name: str
    result: CheckResult
    reason: str
    code: str = Field(default="", description="of a failure: stable, for scripts; docs/verify.md")
    hint: str = Field(default="", description="of a failure: what to do")


class Skipped(Part):
    """A file that was left out."""

    file: str
    why: str


# ------------------------------------------------------------------------------------------
# inspect
class InspectedModel(Part):
    """The network."""

    name: str
    sha256: str = Field(description="of the source file")
    params: int
    macs: int = Field(description="multiply-accumulates of one inference")
    inputs: list[Tensor]
    outputs: list[Tensor]


class Operator(Part):
    """How often an operator occurs."""

    op: str
    count: int
    macs: int
    supported: bool = Field(description="the enclave runs all of them")


class Unsupported(Part):
    """A node that the enclave cannot run."""

    node: str
    op: str
    why: str


class Cut(Part):
    """A place where the network can be cut."""

    id: str
    crossing: list[Tensor]
    head_macs: int
    head_weight_bytes: int | None = Field(description="null: the head cannot run in the enclave")
    head_arena_bytes: int | None = Field(description="null: the head cannot run in the enclave")


class Inspect(Result):
    """`cloister inspect`."""

    format: Literal["cloister-inspect/1"] = "cloister-inspect/1"
    model: InspectedModel
    operators: list[Operator]
    unsupported: list[Unsupported]
    cuts: list[Cut] = Field(description="in the order of the network")


# --------------------------------------------------------------------------------------------
# check
class CheckedCut(Part):
    """Parity of one cut."""

    id: str
    max_rel_error: float | None = Field(
        description="largest max |error| by max |reference|, or by its mean over the inputs, over "
        "all of them; null: not a number"
    )
    argmax_equal: bool = Field(description="wherever the margin exceeds the tolerance")
    argmax_compared: int = Field(description="number of inputs whose margin exceeds it")
    ok: bool = Field(description="the error is within the tolerance and the arg-max equal")


class CheckReport(Result):
    """`cloister check`; exit code 1 when not ok."""

    format: Literal["cloister-check/1"] = "cloister-check/1"
    ok: bool
    inputs: int = Field(description="number of inputs compared")
    source: str = Field(description="where they came from")
    skipped: list[Skipped] = Field(description="files that are no photographs")
    preprocess: Literal["default", "file", "model", "none"]
    tolerance: float
    cuts: list[CheckedCut]

    @property
    def exit_code(self) -> int:
        """1 when a cut is beyond the tolerance."""
        return 0 if self.ok else 1


# ------------------------------------------------------------------------------------------
# profile
class ProfileTotal(Part):
    """The whole network, or the largest part of it that the enclave runs."""

    part: str = Field(description="`whole`, or the cut whose head was measured")
    enclave_ms: float
    onnxruntime_ms: float
    ratio: float = Field(description="enclave_ms / onnxruntime_ms")
    arena_bytes: int
    weight_bytes: int


class Layer(Part):
    """One operator of the enclave's plan, with what was fused into it."""

    name: str
    op: str
    enclave_ms: float
    macs: int
    arena_bytes: int = Field(description="bytes of the arena that are in use while it runs")


class ProfiledCut(Part):
    """The head of one cut."""

    id: str
    enclave_ms: float
    onnxruntime_ms: float
    weight_bytes: int
    arena_bytes: int
    crossing_bytes: int
    tail_ms: float = Field(description="the rest in ONNX Runtime, in the same turns")


class Profile(Result):
    """`cloister profile`; times are medians."""

    format: Literal["cloister-profile/1"] = "cloister-profile/1"
    total: ProfileTotal
    layers: list[Layer]
    cuts: list[ProfiledCut]
    model_sha256: str = Field("", description="of the source file")
    runs: int
    threads: int
    engine_threads: int = Field(description="threads of the enclave's engine")
    kernels: str
    versions: dict[str, str]


# ---------------------------------------------------------------------------------------------
# pack
class PackedParity(Part):
    """The gate that the bundle passed."""

    inputs: int
    source: str
    tolerance: float
    max_rel_error: float
    argmax_equal: bool


class PackedRounding(Part):
    """What rounding the weights to 8 bits changed, on the inputs of the gate."""

    inputs: int
    same_answers: int = Field(description="inputs with the arg-max of the float32 network")
    max_rel_error: float = Field(description="of the outputs, beside the float32 network's")


class Bands(Part):
    """Layers that the enclave runs in bands of rows."""

    first: str = Field(description="ONNX node")
    last: str
    rows: int = Field(description="rows of a band, of each layer's input")


class Pack(Result):
    """`cloister pack`."""

    format: Literal["cloister-pack/1"] = "cloister-pack/1"
    bundle: str = Field(description="directory")
    policy: str = Field(description="file for the clients")
    device: str | None = Field(
        default=None, description="of --tee optee: folder with application and daemon"
    )
    name: str
    version: int = Field(description="of the bundle; clients refuse to go back")
    mode: Literal["split", "whole"]
    cut: str | None
    manifest_sha256: str
    model_digest: str = Field(description="what the enclave will claim to run")
    plan_sha256: str | None = Field(description="of --plan")
    audit_sha256: str | None = Field(description="of the summary of --audit")
    model_key_sha256: str | None = Field(description="whose signature of the network was verified")
    head_bytes: int
    tail_bytes: int
    arena_bytes: int
    memory_bytes: int = Field(description="trusted memory that the head needs")
    streamed_bytes: int = Field(description="weights that are asked for in each request")
    bands: list[Bands] = Field(description="where the arena would be too large otherwise")
    preprocess: Literal["default", "file", "model", "none"]
    labels: int = Field(description="number of labels; 0: none")
    int8_weights: int = Field(description="operators whose weights are bytes")
    rounding: PackedRounding | None = Field(description="of --weights int8")
    parity: PackedParity


# --------------------------------------------------------------------------------------------
# quantise
class Quantise(Result):
    """`cloister quantise`."""

    format: Literal["cloister-quantise/1"] = "cloister-quantise/1"
    output: str = Field(description="ONNX file with QuantizeLinear and DequantizeLinear")
    source: str = Field(description="where the inputs came from")
    calibrated: int = Field(description="inputs that the ranges of activations were taken from")
    compared: int = Field(description="other inputs, on which both networks were run")
    same_answers: int = Field(description="of these, those with the arg-max of the float32 network")
    max_rel_error: float = Field(description="of the outputs, beside the float32 network's")
    model_bytes: int
    output_bytes: int
    preprocess: Literal["default", "file", "model", "none"]


# --------------------------------------------------------------------------------------------
# seal, broker
class Seal(Result):
    """`cloister seal`."""

    format: Literal["cloister-seal/1"] = "cloister-seal/1"
    bundle: str = Field(description="directory")
    policy: str = Field(description="file for clients and broker")
    keys: str = Field(description="directory of the wrapped keys")
    key_id: str = Field(description="of the new key, hex")
    owner: str = Field(description="public key that signed the manifest, hex")
    name: str
    version: int = Field(description="of the bundle; clients refuse to go back")
    manifest_sha256: str
    model_digest: str = Field(description="what the enclave will claim to run")
    head_bytes: int
    live_keys: list[str] = Field(description="key ids of this name that a broker releases")


class BrokerReady(Result):
    """`cloister broker`, printed when it answers."""

    format: Literal["cloister-broker/1"] = "cloister-broker/1"
    url: str
    policy: str
    keys: str
    owner: str
    live_keys: list[str]
    remarks: list[str] = Field(description="what the policy accepts more than it need")


# --------------------------------------------------------------------------------------------
# serve
class Serve(Result):
    """`cloister serve`, printed when the service is ready."""

    format: Literal["cloister-serve/1"] = "cloister-serve/1"
    url: str
    name: str
    mode: Literal["split", "whole"]
    manifest_sha256: str
    model_digest: str
    tee: str = Field(description="kind of enclave; `sandbox` protects nothing against the host")
    policy: str | None = Field(description="the policy beside the bundle, if one there names it")
    locked: str | None = Field(
        default=None, description="why the key of sealed weights has not come; null: it is ready"
    )


# ------------------------------------------------------------------------------------ infer,
# verify
class Answer(Part):
    """One of the best answers."""

    index: int
    label: str | None
    score: float | None = Field(description="as `score_kind` says")


class Evidence(Part):
    """What was checked before the input left."""

    kind: str = Field(description="`sandbox`, ...; the kind of TEE")
    verdict: Literal["passed", "failed"]
    checks: list[Check]
    facts: dict[str, str] = Field(
        default_factory=dict,
        description="what the TEE's evidence says, once its manufacturer's signature was verified",
    )


class Bytes(Part):
    """Sizes on the wire."""

    request: int
    crossing: int = Field(description="what the host sees in the open; 0 in `whole`")
    response: int


class SignedReceipt(Part):
    """What the enclave signed about the answer; checked."""

    host_time: int = Field(description="seconds since 1970: the host's word")
    request_sha256: str = Field(description="of the sealed request")
    response_sha256: str = Field(description="of the sealed response")
    tail_check: Literal["unchecked", "none"]


class Output(Part):
    """One of the network's outputs, as it is."""

    name: str
    shape: list[int]
    values: list[float | None] = Field(
        description="flat, at most the first 1,000; null: not a number, or infinite"
    )


class Infer(Result):
    """`cloister infer`."""

    format: Literal["cloister-infer/1"] = "cloister-infer/1"
    model: str
    top: list[Answer]
    score_kind: Literal["softmax", "output"] = Field(
        description="`softmax` of the first output, where the bundle has a label for each of its "
        "numbers; `output`: the numbers themselves, also where they already sum to 1"
    )
    outputs: list[Output] = Field(description="all of them; `top` is of the first")
    answer: str = Field(description="who can see and change the answer")
    nan: bool = Field(description="an output is not a number")
    evidence: Evidence
    timings_ms: dict[str, float] = Field(
        description="`verify`, `seal`, `round_trip`, `unseal`: the client's own; `host_queue`, "
        "`host_open`, `host_head`, `host_crossing`, `host_tail`, `host_seal`: the host's word"
    )
    bytes: Bytes
    manifest_sha256: str
    receipt: SignedReceipt


class Verify(Result):
    """`cloister verify`; exit code 1 when failed."""

    format: Literal["cloister-verify/1"] = "cloister-verify/1"
    verdict: Literal["passed", "failed"]
    kind: str
    checks: list[Check]
    facts: dict[str, str] = Field(
        default_factory=dict,
        description="what the TEE's evidence says, once its manufacturer's signature was verified",
    )

    @property
    def exit_code(self) -> int:
        """1 when the verdict is failed."""
        return 0 if self.verdict == "passed" else 1


# ---------------------------------------------------------------------------------------------
# policy, collateral
class PolicyReport(Result):
    """`cloister policy new|from-bundle|explain|lint`; exit code 1 when `lint` finds no policy."""

    format: Literal["cloister-policy-report/1"] = "cloister-policy-report/1"
    action: Literal["new", "from-bundle", "explain", "lint"]
    ok: bool = Field(description="it is a policy; of `new`: nothing is left to fill in")
    text: str | None = Field(default=None, description="of `new` and `from-bundle`: the policy")
    saved: str | None = Field(default=None, description="the file it was written to")
    sentences: list[str] = Field(default_factory=list, description="of `explain`")
    problems: list[str] = Field(default_factory=list, description="why it is refused")
    remarks: list[str] = Field(
        default_factory=list, description="what in it accepts more than it need"
    )

    @property
    def exit_code(self) -> int:
        """1 when it is no policy."""
        return 1 if self.action == "lint" and not self.ok else 0


class CollateralPart(Part):
    """A document or certificate of the collateral."""

    name: str
    issued: str | None = Field(description="UTC, ISO 8601")
    until: str | None = Field(description="UTC, ISO 8601; null: it does not end")
    valid: bool = Field(description="at the time that was asked for")


class CollateralReport(Result):
    """`cloister collateral show|fetch`; exit code 1 when a part is not valid."""

    format: Literal["cloister-collateral/1"] = "cloister-collateral/1"
    action: Literal["show", "fetch"]
    files: list[str]
    at: str = Field(description="the time for which `valid` holds")
    valid: bool = Field(description="all parts are")
    until: str | None = Field(description="when the first part ends")
    parts: list[CollateralPart]

    @property
    def exit_code(self) -> int:
        """1 when a part is not valid."""
        return 0 if self.valid else 1


class Deploy(Result):
    """`cloister deploy`."""

    format: Literal["cloister-deploy/1"] = "cloister-deploy/1"
    folder: str
    tee: str
    files: list[str]
    command: list[str] = Field(description="the program with its options, as the files have it")
    memory_bytes: int = Field(description="trusted memory of an instance")
    enclave_bytes: int | None = Field(description="size of the SGX enclave; null: another kind")
    next: list[str] = Field(description="what to do then")


# ---------------------------------------------------------------------------------------------
# demo
class HostSaw(Part):
    """What the host held in the open."""

    request_bytes: int = Field(description="sealed: it cannot open them")
    crossing: list[Tensor]
    crossing_bytes: int
    picture: str = Field(description="file: the crossing tensor's channels, tiled")
    output_bytes: int


# ---------------------------------------------------------------------------------------------
# audit, gate
VerdictWord = Literal["LEAKS", "NOT SHOWN TO LEAK", "INCONCLUSIVE"]


class Tried(Part):
    """One attacker with one seed at one cut."""

    attacker: str
    seed: int
    validation_psnr_db: float | None = Field(description="null: refused")
    psnr_db: float | None = Field(description="mean over victims; null: they were not attacked")
    seconds: float
    refused: str = Field(description="why it did not attack; empty where it did")


class Seeds(Part):
    """The judged attacker with several seeds."""

    count: int
    psnr_db_max: float
    psnr_db_spread: float = Field(description="best less worst")


class FeatureError(Part):
    """One column of a table."""

    name: str
    error_percentiles: float = Field(description="mean absolute error, of the column's ranks")
    floor_percentiles: float = Field(description="the same of the attacker's mean record")


class Recogniser(Part):
    """Another classifier, asked of originals and reconstructions."""

    name: str
    sha256: str
    chance: float = Field(description="share of the label that it gives most originals")


class Spectrum(Part):
    """An error that no attacker goes below on average, if the prior were true: never a verdict."""

    prior: str
    mse: float = Field(description="the bound, of a pixel in 0..1")
    ceiling_mse: float = Field(description="without the tensors: the prior's variance")
    rtc: float | None = Field(description="ln(ceiling / bound); null: the bound is 0")
    dimensions: int = Field(description="numbers of a picture, averaged over blocks")
    rank: int = Field(description="of them, those that the tensors tell")
    block: int = Field(description="side of the blocks, pixels")
    pictures: int = Field(description="whose gradients were taken")
    rows: int = Field(description="of all their Jacobians")


class Assumed(Part):
    """What an attacker has at a cut who learnt from one of the sources."""

    source: str
    attacker: str = Field(description="the best on validation, with this source")
    psnr_db: float = Field(description="mean over victims")
    thumbnail_p95: float
    match: float = Field(description="share of victims found from the reconstruction")


class AuditedCut(Part):
    """What was rebuilt from one cut, by the attack that served the attacker best."""

    id: str
    verdict: VerdictWord
    reason: str
    attacker: str = Field(description="chosen on validation pictures")
    source: str = Field(description="of the attacker's pictures")
    assumptions: list[Assumed] = Field(description="one for each source; `source` is judged")
    psnr_db: float | None = Field(description="mean over victims, as are the next four")
    psnr_db_interval: list[float | None] = Field(description="bootstrap, 95 %")
    ssim: float | None
    ms_ssim: float | None
    gmsd: float | None = Field(description="gradient magnitude similarity deviation; 0 is best")
    similarity_attacker: str | None = Field(
        description="the best on validation by SSIM, whose SSIM, MS-SSIM and GMSD are told; null: "
        "there are none"
    )
    ssim_floor: float | None = Field(description="of the attacker's mean picture")
    thumbnail_p50: float = Field(description="side of the equivalent thumbnail")
    thumbnail_p95: float
    thumbnail_p95_interval: list[float | None] = Field(description="exact, 95 %; null: open")
    thumbnail_p99: float
    thumbnail_max: float
    match_reconstruction_top1: float = Field(description="share of victims found, as the next four")
    match_reconstruction_top10: float
    match_changed_top1: float
    match_changed_top10: float
    match_chance: float = Field(description="what guessing finds at the first place")
    leaked: int = Field(description="victims whose reconstruction is worth more than the limit")
    leaked_fraction_lower: float = Field(description="Clopper-Pearson, 95 %")
    leaked_fraction_upper: float
    holm_p: float = Field(description='of "5 % or more leak", corrected over all cuts')
    worst_cut: str = Field(description="the cut at or after this one where most was had")
    control_found: bool = Field(description="the planted leak of this tensor's size was found")
    attackers: list[Tried] = Field(description="all of them, the best on validation first")
    seeds: Seeds | None = Field(description="null: one seed")
    features: list[FeatureError] | None = Field(description="null: pictures")
    lpips: float | None = Field(description="mean over victims; null: no weights were given")
    recognised: float | None = Field(
        description="share in which the other classifier sees what it sees in the original"
    )
    recognised_interval: list[float] | None = Field(description="Clopper-Pearson, 95 %")
    spectrum: Spectrum | None
    no_spectrum: str | None = Field(description="why there is no spectrum bound")
    flags: list[str]


class AuditReference(Part):
    """A guess without the features (floor) or one that no attacker has (oracle)."""

    name: str
    kind: Literal["floor", "oracle"]
    psnr_db: float | None
    ssim: float | None
    thumbnail: float | None
    match_reconstruction_top1: float
    lpips: float | None = Field(description="null: no weights were given")
    recognised: float | None = Field(description="null: no other classifier was given")


class AuditSource(Part):
    """What an attacker learnt from."""

    source: str
    train: int
    validation: int


class SelfChecked(Part):
    """One planted network."""

    name: str
    expected: str
    said: str
    ok: bool


class Audit(Result):
    """`cloister audit`; exit code 1 when the self-check is not ok. `gate` judges."""

    format: Literal["cloister-audit/1"] = "cloister-audit/1"
    run: str | None = Field(description="folder of the run; null: self-check")
    model: str | None
    model_sha256: str | None
    tier: Literal["fast", "standard", "deep"] | None
    unit: Literal["thumbnail", "features"] = Field(description="what `thumbnail` members count")
    max_thumbnail: float
    max_match: float | None = Field(description="null: matches are told, not judged")
    victims: int
    sources: list[AuditSource]
    duplicates: int = Field(description="pictures left out because another has the same pixels")
    near_duplicates: int = Field(description="the attacker's that nearly are one of the victims")
    skipped: list[Skipped]
    references: list[AuditReference]
    recogniser: Recogniser | None = Field(description="null: none was given")
    cuts: list[AuditedCut] = Field(description="in the order of the network")
    seconds: float = Field(description="of all attacks")
    self_check: list[SelfChecked] | None

    @property
    def exit_code(self) -> int:
        """1 when a planted network got a wrong answer."""
        return 0 if all(entry.ok for entry in self.self_check or []) else 1


class GatedCut(Part):
    """The verdict on one cut."""

    id: str
    verdict: VerdictWord
    reason: str


class Gate(Result):
    """`cloister gate`; exit code 1 unless every cut asked for is NOT SHOWN TO LEAK."""

    format: Literal["cloister-gate/1"] = "cloister-gate/1"
    ok: bool
    run: str
    max_thumbnail: float
    max_match: float | None
    cuts: list[GatedCut]

    @property
    def exit_code(self) -> int:
        """1 when a cut did not pass."""
        return 0 if self.ok else 1


# ---------------------------------------------------------------------------------------------
# plan
class PlannedPart(Part):
    """One way to run the network: a cut, or the whole of it inside."""

    mode: Literal["split", "whole"]
    cut: str | None
    latency_ms: float = Field(description="the sum of the next three")
    head_ms: float = Field(description="in this TEE")
    crossing_ms: float
    tail_ms: float
    secure_bytes: int
    leak: float | None = Field(
        description="p95 of the thumbnail, upper confidence limit; null: open; 0 in `whole`"
    )
    match: float | None = Field(
        description="share of victims found, upper confidence limit; 0 in `whole`"
    )
    verdict: str
    passes: bool
    best: bool = Field(description="no other is better in one thing and as good in the others")


class Excluded(Part):
    """A limit that a cut misses."""

    cut: str
    limit: Literal["memory", "latency", "thumbnail", "match", "verdict"]
    value: float | str | None = Field(
        description="of `thumbnail` and `match` the part's `leak` and `match`; null: open"
    )
    bound: float | str
    over: float | None = Field(description="value divided by bound; null: no finite number")
    reason: str = Field("", description="of a leak: why; else empty")


class PlanLimits(Part):
    """What was demanded of a plan; null demands nothing."""

    memory_bytes: int | None = Field(description="`--memory`")
    latency_ms: float | None = Field(description="`--latency`")
    thumbnail: float = Field(description="`--max-thumbnail`; of a table, what the audit counts")
    match: float | None = Field(description="`--max-match`")


class ArenaBlock(Part):
    """What lies at one place of the arena, for a while."""

    name: str
    offset: int = Field(description="bytes from the arena's start")
    bytes: int
    first: int = Field(description="0: the request arrives; 1..n: the operators; then the answer")
    last: int


class Arena(Part):
    """The memory of the chosen head, over its run."""

    bytes: int
    lower_bound_bytes: int = Field(description="no placement of these tensors is smaller")
    steps: list[str] = Field(description="names of the operators")
    blocks: list[ArenaBlock]


class Plan(Result):
    """`cloister plan`; exit code 1 when nothing passes."""

    format: Literal["cloister-plan/1"] = "cloister-plan/1"
    model_sha256: str
    tee: str
    cost_basis: Literal["measured", "modelled"]
    cost_note: str
    outside_ms: float = Field(description="the whole network outside, in ONNX Runtime")
    limits: PlanLimits
    chosen: PlannedPart | None
    arena: Arena | None = Field(description="of the chosen part")
    parts: list[PlannedPart] = Field(description="all of them, chosen or not")
    excluded: list[Excluded]
    advice: list[str]
    caveats: list[str]
    written: str | None = Field(description="plan.json, where it was asked for")

    @property
    def exit_code(self) -> int:
        """1 when nothing passes."""
        return 0 if self.chosen is not None else 1


class Defend(Result):
    """`cloister defend`: the network whose cut sends less."""

    format: Literal["cloister-defend/1"] = "cloister-defend/1"
    output: str
    cut: str
    projected: str = Field(description="the cut to take in the new network")
    channels: int = Field(description="numbers a place that left before")
    rank: int = Field(description="numbers a place that leave now")
    places: int = Field(description="pixels or tokens of the crossing tensor; 1: a vector")
    readers: list[str] = Field(description="the linear layers that read them")
    max_rel_error: float = Field(description="of the new network, by its largest answer")


class Demo(Result):
    """`cloister demo`."""

    format: Literal["cloister-demo/1"] = "cloister-demo/1"
    model: str
    photo: str
    cut: str
    head_share: float = Field(description="of all multiply-adds, before the cut")
    top: list[Answer]
    plain_top: list[Answer] = Field(description="ONNX Runtime, the whole network in the open")
    answer: str
    evidence: Evidence
    host_saw: HostSaw
    timings_ms: dict[str, float]
    plain_ms: float = Field(description="ONNX Runtime, whole network in the open, one run")
    bytes: Bytes
    max_rel_error: float | None = Field(description="sealed answer against the plain run")
    pictures: list[str]
    audit: Audit | None = Field(description="null: not asked for, or another network than ours")
    plan: Plan | None
    report: str | None = Field(description="the HTML file")
    statement: str


# ---------------------------------------------------------------------------------------------
# report
class Report(Result):
    """`cloister report`."""

    format: Literal["cloister-report/1"] = "cloister-report/1"
    output: str
    bytes: int
    runs: list[str]
    cuts: int


class ErrorBody(Part):
    """What went wrong."""

    code: str = Field(description="stable, for scripts")
    message: str
    hint: str


class ErrorReport(Result):
    """Any verb that could not do its work; exit code 2 (a mistake), 3 (a fault outside) or 1
    (refused).
    """

    error: ErrorBody


# ---------------------------------------------------------------------------------------------
# optee
class OpteePlan(Result):
    """`cloister optee plan`; exit code 1 when it does not fit: then this is the plan that takes the
    least memory. Sizes are bytes.
    """

    format: Literal["cloister-optee-plan/1"] = "cloister-optee-plan/1"
    model: str
    board: str
    about: str = Field(description="the board, for people")
    fits: bool
    memory_bytes: int = Field(description="of the instance: what follows, rounded up to 64, and 64")
    header_bytes: int
    replay_bytes: int
    resident_bytes: int = Field(description="weights that stay")
    slot_bytes: int = Field(description="room for one page of streamed weights")
    arena_bytes: int
    streamed_bytes: int = Field(description="weights that come anew with each request")
    heap_bytes: int = Field(description="TA_DATA_SIZE")
    stack_bytes: int = Field(description="TA_STACK_SIZE")
    code_bytes: int
    data_bytes: int = Field(description="instance, heap and libraries, as loaded")
    data_limit_bytes: int
    room_bytes: int = Field(
        description="what is left of it; below 0: lacking, of it or of the memory that was given"
    )
    largest_memory_bytes: int = Field(description="of an instance on this board")
    page_tables: int = Field(description="of 2 MiB each, of one call")
    page_tables_limit: int
    shared_bytes: int = Field(description="shared memory of one call")
    world_switches: int = Field(description="of one request, one, and one for each frame of pages")
    instructions: int = Field(
        description="of the application for one answer, estimated: to within a third"
    )
    settings: list[str] = Field(description="of OP-TEE's configuration, for which this holds")
    bands: list[Bands] = Field(description="layers in bands of rows: to fit, or to stream less")
    would_help: list[str] = Field(description="what would make it fit; empty where it does")
    written: str | None = Field(
        description="ta_plan.h, if it was written; never if it does not fit"
    )

    @property
    def exit_code(self) -> int:
        """0: it fits; 1: it does not."""
        return 0 if self.fits else 1


class OpteeImage(Result):
    """`cloister optee image`: OP-TEE built with a plan's numbers."""

    format: Literal["cloister-optee-image/1"] = "cloister-optee-image/1"
    profile: str
    about: str
    optee: str = Field(description="Debian's version of its source")
    data_limit_bytes: int = Field(description="for an application's data")
    page_tables: int = Field(description="of 2 MiB")
    settings: list[str] = Field(description="of OP-TEE's configuration")
    path: str = Field(description="folder of what was built")


class OpteeUp(Result):
    """`cloister optee up`, printed once when the machine answers."""

    format: Literal["cloister-optee-up/1"] = "cloister-optee-up/1"
    address: str = Field(description="of clients; without a bundle: of a host")
    name: str | None = Field(description="of the model; null without a bundle")
    manifest_sha256: str | None
    storage: str | None = Field(description="file of the device's secure storage, if it is kept")


class OpteeEnrol(Result):
    """`cloister optee enrol`."""

    format: Literal["cloister-optee-enrol/1"] = "cloister-optee-enrol/1"
    devices: str = Field(description="the device list")
    name: str
    kind: Literal["attested", "unattested, enrolled"]
    device_key: str = Field(description="Ed25519 public key, hex")
    attestation_key: str | None = Field(description="SHA-256 of its SubjectPublicKeyInfo")
    ta_memory: str | None = Field(description="digest of the application's memory")
    added: bool = Field(description="false: the list held the same already")
    policy_table: str = Field(description="fields of a policy's [tee.optee] for this device")


class OpteeLayer(Part):
    """A layer inside OP-TEE."""

    name: str = Field(description="the ONNX node")
    op: str
    macs: int
    instructions: int = Field(description="in the application")
    world_switches: int = Field(description="to bring its weights, and perhaps the next layers'")
    streamed_bytes: int = Field(description="weights that come anew, through shared memory")


class Worlds(Part):
    """Instructions by whose they are."""

    application: int
    secure: int = Field(description="OP-TEE and firmware")
    normal: int = Field(description="Linux and the daemon, idle turns included")


class OpteeProfile(Result):
    """`cloister profile --tee optee`."""

    format: Literal["cloister-profile-optee/1"] = "cloister-profile-optee/1"
    model_sha256: str | None
    layers: list[OpteeLayer]
    around: int = Field(description="application instructions to open and seal, beside the layers")
    request: Worlds
    load: Worlds
    world_switches: int = Field(description="of one request")
    streamed_bytes: int
    message_bytes: int = Field(description="sealed request and answer")
    memory_bytes: int = Field(description="of the instance")
    optee: str = Field(description="Debian's version of OP-TEE")


class OpteeUnlock(Result):
    """`cloister optee unlock`."""

    format: Literal["cloister-optee-unlock/1"] = "cloister-optee-unlock/1"
    address: str
    name: str = Field(description="of the model")
    key_id: str
    brought: bool = Field(description="false: the device had its key already")


RESULTS: Final[dict[str, type[Result]]] = {
    "inspect": Inspect,
    "check": CheckReport,
    "profile": Profile,
    "pack": Pack,
    "quantise": Quantise,
    "seal": Seal,
    "broker": BrokerReady,
    "serve": Serve,
    "infer": Infer,
    "verify": Verify,
    "policy": PolicyReport,
    "collateral": CollateralReport,
    "deploy": Deploy,
    "demo": Demo,
    "audit": Audit,
    "gate": Gate,
    "plan": Plan,
    "report": Report,
    "defend": Defend,
    "optee plan": OpteePlan,
    "optee up": OpteeUp,
    "optee image": OpteeImage,
    "optee enrol": OpteeEnrol,
    "optee unlock": OpteeUnlock,
    "profile --tee optee": OpteeProfile,
    "error": ErrorReport,
}


# ------------------------------------------------------------------------------------- the page
_INTRODUCTION: Final = """\
# `--json`: the stable face of every verb, version 1

One object on standard output, nothing else there; progress and remarks go to standard error.
`format` names the verb and the version: members keep name and meaning within a version, members
may be added. Exit codes: 0 done, 1 a check said no (`check` not ok, `verify` failed, a refusal),
2 the caller's mistake, 3 a fault outside, 130 interrupted.

This page is written by `python -m cloister.cli.schema` from `src/cloister/cli/schema.py`; a test
compares the two.
"""


def page() -> str:
    """docs/formats/json.md."""
    lines = [_INTRODUCTION]
    shown: set[type[Part]] = set()
    for verb, model in RESULTS.items():
        lines.append(f"## {verb}\n\n{_sentence(model)}\n")
        pending: list[type[Part]] = [model]
        while pending:
            part = pending.pop(0)
            if part in shown:
                continue
            shown.add(part)
            if part is not model:
                lines.append(f"### {part.__name__}\n\n{_sentence(part)}\n")
            lines.append(_rows(part))
            pending += _parts(part)
    return "\n".join(lines)


def _sentence(part: type[Part]) -> str:
    return " ".join((part.__doc__ or "").split())


def _rows(part: type[Part]) -> str:
    rows = ["| member | type | meaning |", "|---|---|---|"]
    for name, field in part.model_fields.items():
        rows.append(f"| `{name}` | {_type(field.annotation)} | {field.description or ''} |")
    return "\n".join(rows) + "\n"


_WORDS: Final[dict[Any, str]] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    type(None): "null",
}


def _type(annotation: Any) -> str:  # noqa: ANN401
    origin, inside = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f'`"{value}"`' for value in inside)
    if origin is list:
        return f"list of {_type(inside[0])}"
    if origin is dict:
        return f"object: name to {_type(inside[1])}"
    if inside:
        return " or ".join(_type(entry) for entry in inside)
    return _WORDS.get(annotation) or str(annotation.__name__)


def _parts(part: type[Part]) -> list[type[Part]]:
    found: list[type[Part]] = []
    for field in part.model_fields.values():
        for entry in (field.annotation, *get_args(field.annotation)):
            if isinstance(entry, type) and issubclass(entry, Part):
                found.append(entry)
    return found


if __name__ == "__main__":
    sys.stdout.write(page())
