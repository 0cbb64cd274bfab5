"""manifest.json: what a bundle is, in one file whose SHA-256 the enclave's claims carry.

Rules kept:
* One form: `Manifest.from_bytes(m.to_bytes()) == m`, and bytes that are not exactly what
  `to_bytes` writes are refused, so that one manifest has one digest.
* Strict: an unknown, missing or ill-typed member is an error that names it. Digests are
  lower-case hex of SHA-256.
* Deterministic: no time, no machine, no measured figure. The same network, cut and tools give the
  same manifest everywhere.
* Version 1 of the format is read, too, and written as it was.

The bytes are specified in docs/formats/manifest.md. It does not read the other files of a bundle:
bundle.py does.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

from cloister.errors import UserError
from cloister.preprocess.labels import check_count
from cloister.preprocess.photo import Preprocess

FORMAT: Final = "cloister-bundle/2"
FIRST_FORMAT: Final = "cloister-bundle/1"
MODES: Final = ("split", "whole")
HEAD_FILE: Final = "head.clo"
TAIL_FILE: Final = "tail.onnx"
MANIFEST_MAX_BYTES: Final = 4 << 20
# A name is a path segment of the service's URLs.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
T = TypeVar("T")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")


def bad(where: str, what: str) -> UserError:
    """The error for a manifest that breaks a rule."""
    return UserError(
        f"manifest.json: {where}: {what}",
        code="bad-manifest",
        hint="The bundle was changed or is of another version: pack the network again.",
    )


@dataclass(frozen=True)
class Tensor:
    """Name, dtype and shape of an input, crossing tensor or output, in ONNX order."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"

    def to_json(self) -> dict[str, Any]:
        """The manifest's form."""
        return {"name": self.name, "dtype": self.dtype, "shape": list(self.shape)}


@dataclass(frozen=True)
class File:
    """A file of the bundle.

    Args:
        file: Its name.
        sha256: Digest of all its bytes.
        size_bytes: Its length.
    """

    file: str
    sha256: str
    size_bytes: int

    @classmethod
    def of(cls, file: str, content: bytes) -> File:
        """Describes these bytes."""
        return cls(file, hashlib.sha256(content).hexdigest(), len(content))


@dataclass(frozen=True)
class Parity:
    """Which parity gate the bundle passed; the measured error is not here, it differs between
    machines.

    Args:
        inputs: Number of real inputs compared.
        source: Where they came from.
        tolerance: Largest allowed max |error| / max |reference|.
    """

    inputs: int
    source: str
    tolerance: float


@dataclass(frozen=True)
class RoundedWeights:
    """What `pack` made of the head's weights.

    Args:
        dtype: `int8`.
        same_answers: Of the inputs of the parity gate, those whose arg-max rounding did not change.
    """

    dtype: str
    same_answers: int


@dataclass(frozen=True)
class Manifest:
    """What stands in manifest.json.

    Args:
        name: Name under which the service offers it.
        mode: `split` or `whole`.
        cut: Identifier of the cut; None in `whole`.
        head: The container.
        model_digest: SHA-256 of the container's header, as the enclave will claim it.
        tail: The tail; None in `whole`.
        inputs: The network's inputs.
        crossing: What leaves the enclave in the open; empty in `whole`.
        outputs: The network's outputs.
        preprocess: How a photograph becomes the input; None for networks that take no images.
        labels: One name for each answer, or None.
        engine: Version of the engine that it was packed for.
        model_name: Name of the network it was made from.
        model_sha256: Digest of that network's file.
        parity: The gate it passed.
        plan: SHA-256 of the plan, where there is one.
        audit: SHA-256 of the audit, where there is one.
        version: Counts the bundles of one name and owner; clients refuse to go back.
        key_id: Names the key that the head's pages are sealed with, 32 hex digits; None: plain.
        owner: The owner's Ed25519 public key, hex, whose signature is in `manifest.sig`; None:
            unsigned. Whoever seals signs.
        model_key: SHA-256 of the public key (DER SubjectPublicKeyInfo) that signed the network it
            was made from (OpenSSF model signing); None: not signed, or not checked.
        weights: Where `pack` rounded the head's weights; None: they are the network's own.
        format: `FORMAT`, or `FIRST_FORMAT` as it was read.
    """

    name: str
    mode: str
    cut: str | None
    head: File
    model_digest: str
    tail: File | None
    inputs: tuple[Tensor, ...]
    crossing: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    preprocess: Preprocess | None
    labels: tuple[str, ...] | None
    engine: str
    model_name: str
    model_sha256: str
    parity: Parity
    plan: str | None = None
    audit: str | None = None
    version: int = 1
    key_id: str | None = None
    owner: str | None = None
    model_key: str | None = None
    weights: RoundedWeights | None = None
    format: str = FORMAT

    def __post_init__(self) -> None:
        split = self.mode == "split"
        if not 1 <= self.version < 1 << 31:
            raise bad("version", f"{self.version}, expected 1 to 2^31 - 1")
        if self.key_id is not None and self.owner is None:
            raise bad("owner", "is null, but the head is sealed: whoever seals signs")
        if not NAME.fullmatch(self.name):
            raise bad("name", f"{self.name!r}, expected letters, digits, dots, dashes; 1 to 64")
        if self.mode not in MODES:
            raise bad("mode", f"{self.mode!r}, expected {' or '.join(MODES)}")
        if split != (self.tail is not None and self.cut is not None and bool(self.crossing)):
            raise bad("mode", f"{self.mode}, but cut, tail and crossing say otherwise")
        if not split and (self.tail is not None or self.cut is not None or self.crossing):
            raise bad("mode", "whole, but there is a cut, a tail or a crossing tensor")
        if not self.inputs or not self.outputs:
            raise bad("inputs", "a network has inputs and outputs")
        if self.labels is not None:
            check_count(self.labels, self.answers, "manifest.json: labels")
        if self.preprocess is not None and self.preprocess.shape != self.inputs[0].shape:
            raise bad(
                "preprocess",
                f"makes {list(self.preprocess.shape)}, the input is {list(self.inputs[0].shape)}",
            )

    @property
    def answers(self) -> int:
        """Length of the first output's last dimension: how many labels there must be."""
        return self.outputs[0].shape[-1] if self.outputs[0].shape else 1

    @property
    def digest(self) -> str:
        """SHA-256 of manifest.json, hex: what policies name and claims carry."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The members of manifest.json, in their order."""
        tail = self.tail
        second = self.format == FORMAT
        return {
            "format": self.format,
            "name": self.name,
            **({"version": self.version} if second else {}),
            "mode": self.mode,
            "cut": self.cut,
            "head": {
                "file": self.head.file,
                "sha256": self.head.sha256,
                "model_digest": self.model_digest,
                "bytes": self.head.size_bytes,
                **({"key_id": self.key_id} if second else {}),
            },
            "tail": tail and {"file": tail.file, "sha256": tail.sha256, "bytes": tail.size_bytes},
            "inputs": [tensor.to_json() for tensor in self.inputs],
            "crossing": [tensor.to_json() for tensor in self.crossing],
            "outputs": [tensor.to_json() for tensor in self.outputs],
            "preprocess": self.preprocess and self.preprocess.to_manifest(),
            "labels": None if self.labels is None else list(self.labels),
            "plan": self.plan,
            "audit": self.audit,
            "engine": self.engine,
            "model": {
                "name": self.model_name,
                "sha256": self.model_sha256,
                **({"key_sha256": self.model_key} if second else {}),
            },
            "parity": {
                "inputs": self.parity.inputs,
                "source": self.parity.source,
                "tolerance": self.parity.tolerance,
            },
            **({} if self.weights is None else {"weights": asdict(self.weights)}),
            **({"owner": self.owner} if second else {}),
        }

    def to_bytes(self) -> bytes:
        """The bytes of manifest.json: JSON in UTF-8, one space of indent, a newline at the
        end.
        """
        text = json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False)
        return text.encode("utf-8") + b"\n"

    @classmethod
    def from_bytes(cls, content: bytes) -> Manifest:
        """Reads manifest.json.

        Raises:
            UserError: It is no manifest of this version, or not in its one form.
        """
        if len(content) > MANIFEST_MAX_BYTES:
            raise bad("length", f"{len(content)} bytes, at most {MANIFEST_MAX_BYTES}")
        try:
            fields = json.loads(content.decode("utf-8"))
        except (ValueError, RecursionError) as error:
            raise bad("whole", f"is not JSON: {error}") from error
        manifest = _read(fields)
        try:
            same = manifest.to_bytes() == content
        except (ValueError, UnicodeEncodeError) as error:
            raise bad("whole", f"holds text or a number that has no one form: {error}") from error
        if not same:
            raise bad("whole", "is not in the form in which `cloister pack` writes it")
        return manifest


# ------------------------------------------------------------------------------------- reading
_TOP: Final = (
    "format", "name", "mode", "cut", "head", "tail", "inputs", "crossing", "outputs", "preprocess",
    "labels", "plan", "audit", "engine", "model", "parity",
)  # fmt: skip
# What version 2 of the format has more: in the whole, in the head, in the model.
_SECOND: Final = (("version", "owner"), ("key_id",), ("key_sha256",))


def _read(fields: object) -> Manifest:
    form = fields.get("format") if isinstance(fields, dict) else FORMAT
    if form not in (FORMAT, FIRST_FORMAT):
        raise bad("format", f"{form!r:.80}, expected {FORMAT!r}")
    of_top, of_head, of_model = _SECOND if form == FORMAT else ((), (), ())
    optional = (
        ("weights",) if form == FORMAT and isinstance(fields, dict) and "weights" in fields else ()
    )
    top = _members(fields, "whole", (*_TOP, *of_top, *optional))
    head = _members(top["head"], "head", ("file", "sha256", "model_digest", "bytes", *of_head))
    model = _members(top["model"], "model", ("name", "sha256", *of_model))
    parity = _members(top["parity"], "parity", ("inputs", "source", "tolerance"))
    labels = top["labels"]
    return Manifest(
        name=_text(top["name"], "name"),
        mode=_text(top["mode"], "mode"),
        cut=_maybe(top["cut"], "cut", _text),
        head=_file(head, "head", HEAD_FILE),
        model_digest=_hex(head["model_digest"], "head.model_digest"),
        tail=_maybe(top["tail"], "tail", _tail),
        inputs=_tensors(top["inputs"], "inputs"),
        crossing=_tensors(top["crossing"], "crossing"),
        outputs=_tensors(top["outputs"], "outputs"),
        preprocess=None
        if top["preprocess"] is None
        else Preprocess.from_manifest(top["preprocess"]),
        labels=None if labels is None else tuple(_list(labels, "labels", _text)),
        engine=_text(top["engine"], "engine"),
        model_name=_text(model["name"], "model.name"),
        model_sha256=_hex(model["sha256"], "model.sha256"),
        parity=Parity(
            _count(parity["inputs"], "parity.inputs"),
            _text(parity["source"], "parity.source"),
            _number(parity["tolerance"], "parity.tolerance"),
        ),
        plan=_maybe(top["plan"], "plan", _hex),
        audit=_maybe(top["audit"], "audit", _hex),
        version=_count(top.get("version", 1), "version"),
        key_id=_maybe(head.get("key_id"), "head.key_id", _key_id),
        owner=_maybe(top.get("owner"), "owner", _hex),
        weights=_weights(top["weights"]) if optional else None,
        model_key=_maybe(model.get("key_sha256"), "model.key_sha256", _hex),
        format=form,
    )


def _weights(value: object) -> RoundedWeights:
    members = _members(value, "weights", ("dtype", "same_answers"))
    if members["dtype"] != "int8":
        raise bad("weights.dtype", f"{members['dtype']!r}, expected 'int8'")
    return RoundedWeights("int8", _count(members["same_answers"], "weights.same_answers"))


def _members(value: object, where: str, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise bad(where, f"is {type(value).__name__}, expected an object")
    for name in value:
        if name not in names:
            raise bad(where, f"has an unknown member {name!r}")
    for name in names:
        if name not in value:
            raise bad(where, f"lacks the member {name!r}")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise bad(where, f"is {type(value).__name__}, expected text")
    return value


def _hex(value: object, where: str) -> str:
    text = _text(value, where)
    if not _HEX.fullmatch(text):
        raise bad(where, f"{text[:80]!r}, expected 64 lower-case hex digits")
    return text


def _key_id(value: object, where: str) -> str:
    text = _text(value, where)
    if not _KEY_ID.fullmatch(text):
        raise bad(where, f"{text[:80]!r}, expected 32 lower-case hex digits")
    return text


def _count(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63:
        raise bad(where, f"{value!r}, expected a count")
    return value


def _number(value: object, where: str) -> float:
    if not isinstance(value, float) or not 0 < value < 1:
        raise bad(where, f"{value!r}, expected a number between 0 and 1")
    return value


def _maybe(value: object, where: str, read: Callable[[object, str], T]) -> T | None:
    return None if value is None else read(value, where)


def _list(value: object, where: str, read: Callable[[object, str], T]) -> list[T]:
    if not isinstance(value, list):
        raise bad(where, f"is {type(value).__name__}, expected a list")
    return [read(entry, f"{where}[{index}]") for index, entry in enumerate(value)]


def _tail(value: object, where: str) -> File:
    return _file(_members(value, where, ("file", "sha256", "bytes")), where, TAIL_FILE)


def _file(members: dict[str, Any], where: str, name: str) -> File:
    if members["file"] != name:
        raise bad(f"{where}.file", f"{members['file']!r}, expected {name!r}")
    return File(
        name,
        _hex(members["sha256"], f"{where}.sha256"),
        _count(members["bytes"], f"{where}.bytes"),
    )


def _tensors(value: object, where: str) -> tuple[Tensor, ...]:
    return tuple(_list(value, where, _tensor))


def _tensor(value: object, where: str) -> Tensor:
    members = _members(value, where, ("name", "dtype", "shape"))
    if members["dtype"] != "float32":
        raise bad(f"{where}.dtype", f"{members['dtype']!r}, expected 'float32'")
    shape = tuple(_list(members["shape"], f"{where}.shape", _count))
    if not all(1 <= side < 1 << 31 for side in shape) or len(shape) > 8:
        raise bad(f"{where}.shape", f"{list(shape)}, expected at most 8 sides of 1 to 2^31 - 1")
    return Tensor(_text(members["name"], f"{where}.name"), shape)
