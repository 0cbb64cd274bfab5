"""The bundle: a directory with manifest.json, head.clo, tail.onnx (`split` only) and SHA256SUMS.

Rules kept:
* A bundle appears whole or not at all: everything is written to a directory beside it, synced,
  then renamed. A full disk leaves nothing behind, and an older bundle of the same name as it was.
* `load_bundle` trusts nothing: every file is compared with its digest, the manifest with its one
  form and with SHA256SUMS (`sha256sum -c SHA256SUMS` says the same), the model digest with the
  head's header. What differs is named.

SHA256SUMS finds damage; it is no signature. The owner's signature says who sealed a bundle. What
binds it for a client is the manifest's digest in its policy. Needs neither onnx nor torch: a
service loads bundles with it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloister.errors import UserError
from cloister.files import writing
from cloister.pack.manifest import HEAD_FILE, MANIFEST_MAX_BYTES, TAIL_FILE, Manifest

MANIFEST_FILE: Final = "manifest.json"
SUMS_FILE: Final = "SHA256SUMS"
SIGNATURE_FILE: Final = "manifest.sig"
FILES: Final = (MANIFEST_FILE, HEAD_FILE, TAIL_FILE, SUMS_FILE)
# Application and daemon for a device with OP-TEE (cloister.optee.parts); no digest binds them.
DEVICE_FOLDER: Final = "optee"
_OURS: Final = (*FILES, SIGNATURE_FILE, DEVICE_FOLDER)
SUMS_MAX_BYTES: Final = 4096
SIGNATURE_BYTES: Final = 64
_CHUNK: Final = 1 << 20
# clo_header: magic[8], version, header_bytes (docs/formats/container.md).
_CONTAINER_START: Final = struct.Struct("<8sII")
_CONTAINER_MAGIC: Final = b"CLOISTER"
_SIGNED: Final = b"cloister/v1 manifest\x00"


@dataclass(frozen=True)
class Bundle:
    """A bundle whose every byte was compared with its digests.

    Args:
        path: The directory.
        manifest: What stands in manifest.json.
        manifest_bytes: Its exact bytes: what is served and hashed.
    """

    path: Path
    manifest: Manifest
    manifest_bytes: bytes

    @property
    def manifest_digest(self) -> bytes:
        """SHA-256 of manifest.json: what the claims carry."""
        return hashlib.sha256(self.manifest_bytes).digest()

    @property
    def head(self) -> Path:
        """The container."""
        return self.path / HEAD_FILE

    @property
    def tail(self) -> Path | None:
        """The tail; None in `whole`."""
        return None if self.manifest.tail is None else self.path / TAIL_FILE


def load_bundle(path: str | Path) -> Bundle:
    """Reads and verifies a bundle.

    1. It is a directory with a manifest in its one form.
    2. SHA256SUMS names exactly the bundle's files, with the digests that they have.
    3. Head and tail have the digests and lengths of the manifest.
    4. The head's header has the model digest of the manifest.
    5. The owner that the manifest names, if any, signed it.

    Raises:
        UserError: Anything differs; the message names the file.
    """
    path = Path(path)
    # (1) manifest
    if not path.is_dir():
        raise UserError(
            f"bundle {path}: there is no such directory",
            code="no-such-file",
            hint="`cloister pack MODEL --cut ID -o DIR` makes one.",
        )
    manifest_bytes = _read_small(path / MANIFEST_FILE, MANIFEST_MAX_BYTES)
    manifest = Manifest.from_bytes(manifest_bytes)
    files = {manifest.head.file: manifest.head}
    if manifest.tail is not None:
        files[manifest.tail.file] = manifest.tail
    # (2) sums
    digests = {name: _digest(path / name, entry.size_bytes) for name, entry in files.items()}
    digests[MANIFEST_FILE] = hashlib.sha256(manifest_bytes).hexdigest()
    signature = b""
    if manifest.owner is not None:
        signature = _read_small(path / SIGNATURE_FILE, SIGNATURE_BYTES)
        digests[SIGNATURE_FILE] = hashlib.sha256(signature).hexdigest()
    expected = _sums(digests)
    found = _read_small(path / SUMS_FILE, SUMS_MAX_BYTES)
    # (3) digests of the manifest: named first, because they say more
    for name, entry in files.items():
        if digests[name] != entry.sha256:
            raise _changed(path / name, f"SHA-256 is {digests[name]}, expected {entry.sha256}")
    if found != expected:
        named = dict(line.split("  ")[::-1] for line in expected.decode().splitlines())
        lines = found.decode("utf-8", "replace").splitlines()
        wrong = next((n for n, digest in named.items() if f"{digest}  {n}" not in lines), SUMS_FILE)
        raise _changed(path / wrong, f"{SUMS_FILE} says otherwise (or was changed itself)")
    # (4) model digest
    if _model_digest(path / HEAD_FILE) != manifest.model_digest:
        raise _changed(path / HEAD_FILE, "its header has another digest than the manifest says")
    # (5) signature
    if manifest.owner is not None and not signed_by(manifest.owner, manifest_bytes, signature):
        raise _changed(path / SIGNATURE_FILE, f"it is not the signature of owner {manifest.owner}")
    return Bundle(path, manifest, manifest_bytes)


def to_sign(manifest: bytes) -> bytes:
    """What the owner signs of manifest.json (Ed25519): its digest, with a prefix of its own."""
    return _SIGNED + hashlib.sha256(manifest).digest()


def signed_by(owner: str, manifest: bytes, signature: bytes) -> bool:
    """Whether this owner (public key, hex) signed these bytes of manifest.json."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(owner))
        key.verify(signature, to_sign(manifest))
    except (InvalidSignature, ValueError):
        return False
    return True


def write_bundle(
    path: str | Path,
    manifest: Manifest,
    head: bytes,
    tail: bytes | None,
    signature: bytes | None = None,
    *,
    fill: Callable[[Path], None] | None = None,
) -> Bundle:
    """Writes a bundle, whole or not at all.

    Args:
        path: The directory to make. A bundle that is there is replaced; anything else there is an
            error.
        manifest: Describes `head` and `tail`.
        head: Bytes of the container.
        tail: Bytes of the tail; None in `whole`.
        signature: Of the owner that the manifest names; None if it names none.
        fill: Puts what no digest binds into the new directory, before that takes its place.

    Raises:
        UserError: Something that is no bundle is at `path`, or it cannot be written there.
        OutsideError: The disk is full or fails.
    """
    path = Path(path)
    path = path if path.name not in ("", "..") else path.resolve()
    contents = {MANIFEST_FILE: manifest.to_bytes(), HEAD_FILE: head}
    if tail is not None:
        contents[TAIL_FILE] = tail
    if signature is not None:
        contents[SIGNATURE_FILE] = signature
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    contents[SUMS_FILE] = _sums(sums)
    _refuse_to_overwrite(path)
    if path.resolve() == Path.cwd():
        raise UserError(
            f"{path} is the current directory, which a bundle would replace",
            code="bad-output",
            hint="name a directory in it, e.g. -o bundle",
        )
    with writing(str(path)):
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.parent / f".{path.name}.{secrets.token_hex(4)}"
        try:
            _write_synced(aside, contents)
            if fill is not None:
                fill(aside)
            _swap(aside, path)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return Bundle(path, manifest, contents[MANIFEST_FILE])


def _sums(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digests[name]}  {name}\n" for name in sorted(digests)).encode()


def _changed(file: Path, what: str) -> UserError:
    return UserError(
        f"bundle file {file} was changed: {what}",
        code="bundle-changed",
        hint="Copy the bundle again, or pack the network again.",
    )


def _missing(file: Path, error: OSError) -> UserError:
    return UserError(
        f"bundle file {file}: {error.strerror or error}",
        code="bundle-incomplete",
        hint="Copy the bundle again, or pack the network again.",
    )


def _read_small(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise _missing(file, error) from error
    if len(content) > limit:
        raise _changed(file, f"it is longer than {limit} bytes")
    return content


def _digest(file: Path, size_bytes: int) -> str:
    """SHA-256 of a file that must have this length; longer ones are not read to their end."""
    digest = hashlib.sha256()
    try:
        length = file.stat().st_size
        if length != size_bytes:
            raise _changed(file, f"it has {length} bytes, expected {size_bytes}")
        with file.open("rb") as stream:
            while block := stream.read(_CHUNK):
                digest.update(block)
    except OSError as error:
        raise _missing(file, error) from error
    return digest.hexdigest()


def _model_digest(file: Path) -> str:
    with file.open("rb") as stream:
        start = stream.read(_CONTAINER_START.size)
        if len(start) < _CONTAINER_START.size:
            raise _changed(file, "it is shorter than a container's header")
        magic, _, header_bytes = _CONTAINER_START.unpack(start)
        if magic != _CONTAINER_MAGIC:
            raise _changed(file, "it does not begin as a container")
        return hashlib.sha256(start + stream.read(header_bytes - len(start))).hexdigest()


# --------------------------------------------------------------------------------------- writing
def _refuse_to_overwrite(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir() or any(entry.name not in _OURS for entry in path.iterdir()):
        raise UserError(
            f"{path} is there already and is no bundle: it stays as it is",
            code="output-exists",
            hint="Choose another name with -o.",
        )


def _write_synced(directory: Path, contents: Mapping[str, bytes]) -> None:
    directory.mkdir()
    for name, content in contents.items():
        with (directory / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    _sync_directory(directory)


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(aside: Path, path: Path) -> None:
    """Puts the new directory in the old one's place; the old one goes only after the new one
    is there.
    """
    old = path.parent / f"{aside.name}.old"
    if path.exists():
        path.rename(old)
    try:
        aside.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
    _sync_directory(path.parent)
