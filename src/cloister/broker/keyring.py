"""keys/: the owner's signing key and the page keys, each wrapped; never in the clear on a disk.

    keys/owner.json            Ed25519 key that signs manifests, wrapped; the passphrase's salt
    keys/KEY_ID.json           one page key, wrapped, and which manifest it belongs to
    keys/KEY_ID.manifest.json  that manifest, byte for byte: what the broker appraises against

Specified in docs/formats/keys.md. Rules kept:
* One passphrase; scrypt (RFC 7914) makes the key that wraps all others, with AES-256-GCM. All that
  stands beside a wrapped key is its associated data: no member can be changed or moved to another
  file.
* Page keys are read anew for each release. Whoever removes a file has revoked its key, at once.
* Files appear whole or not at all, for their owner's eyes only; none is ever written over.

Why a passphrase and not an age identity or a KMS: docs/design/0006-keys-under-a-passphrase.md.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from cloister.errors import UserError
from cloister.files import aside, writing
from cloister.pack.manifest import MANIFEST_MAX_BYTES, NAME

OWNER_FORMAT: Final = "cloister-owner/1"
KEY_FORMAT: Final = "cloister-key/1"
OWNER_FILE: Final = "owner.json"
KEY_BYTES: Final = 32
KEY_ID_BYTES: Final = 16
PASSPHRASE_MIN: Final = 12
FILE_MAX_BYTES: Final = 16 * 1024
# RFC 7914 as OWASP advises it: 128 MiB and a third of a second. Read files must say the same.
SCRYPT: Final = {"name": "scrypt", "n": 1 << 17, "r": 8, "p": 1}
_NONCE_BYTES: Final = 12
_TAG_BYTES: Final = 16
_SALT_BYTES: Final = 16


@dataclass(frozen=True)
class PageKey:
    """A page key and what it belongs to. Its bytes show in no repr.

    Args:
        key_id: Names it in containers and manifests, 16 bytes.
        key: AES-256-GCM, 32 bytes.
        manifest: Bytes of the one manifest that is sealed with it.
        name: Of the model.
        version: Of the manifest.
    """

    key_id: bytes
    key: bytes
    manifest: bytes
    name: str
    version: int

    def __repr__(self) -> str:
        return f"<PageKey {self.key_id.hex()} of {self.name} {self.version}>"


@dataclass(frozen=True)
class Listed:
    """What a key's file says without the passphrase."""

    key_id: str
    name: str
    version: int
    manifest_sha256: str


class Keyring:
    """An opened keys/.

    Args:
        folder: The directory.
        kek: Wraps all keys.
        signer: The owner's.
    """

    def __init__(self, folder: Path, kek: AESGCM, signer: Ed25519PrivateKey) -> None:
        self.folder = folder
        self._kek = kek
        self._signer = signer

    def __repr__(self) -> str:
        return f"<Keyring {self.folder}>"

    @property
    def owner(self) -> str:
        """The owner's public key, hex."""
        return self._signer.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> bytes:
        """The owner's Ed25519 signature, 64 bytes."""
        return self._signer.sign(content)

    @classmethod
    def create(cls, folder: str | Path, passphrase: str) -> Self:
        """Makes keys/ with a new owner.

        Raises:
            UserError: The passphrase is too short, or there is something else in the folder.
            OutsideError: The disk fails.
        """
        folder = Path(folder)
        if len(passphrase) < PASSPHRASE_MIN:
            raise UserError(
                f"the passphrase has {len(passphrase)} characters, expected {PASSPHRASE_MIN} or "
                "more",
                code="weak-passphrase",
                hint="Whoever copies keys/ may guess for years: take six random words.",
            )
        salt = secrets.token_bytes(_SALT_BYTES)
        ring = cls(folder, _stretch(passphrase, salt), Ed25519PrivateKey.generate())
        with writing(str(folder)):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise UserError(
                    f"{folder} holds files, but no {OWNER_FILE}: it is no keys/ of Cloister",
                    code="bad-keys",
                    hint="Give an empty or new directory.",
                )
            about = {
                "format": OWNER_FORMAT,
                "owner": ring.owner,
                "kdf": {**SCRYPT, "salt": salt.hex()},
            }
            ring._write(OWNER_FILE, _to_bytes(ring._wrap(about, ring._signer.private_bytes_raw())))
        return ring

    @classmethod
    def open(cls, folder: str | Path, passphrase: str) -> Self:
        """Opens keys/.

        Raises:
            UserError: It is none, was changed, or the passphrase is another.
        """
        folder = Path(folder)
        fields = _read(folder / OWNER_FILE, OWNER_FORMAT, ("owner", "kdf"))
        kdf = dict(fields["kdf"]) if isinstance(fields["kdf"], dict) else {}
        salt = _hex(kdf.pop("salt", None), _SALT_BYTES)
        if kdf != SCRYPT or salt is None or _hex(fields["owner"], 32) is None:
            raise _bad(folder / OWNER_FILE, "its kdf or owner is not of this version")
        kek = _stretch(passphrase, salt)
        raw = _unwrap(kek, fields)
        if raw is None or len(raw) != KEY_BYTES:
            raise UserError(
                f"{folder / OWNER_FILE} does not open: another passphrase, or it was changed",
                code="wrong-passphrase",
            )
        return cls(folder, kek, Ed25519PrivateKey.from_private_bytes(raw))

    def add(self, key: PageKey, manifest_sha256: str) -> None:
        """Keeps a new page key with its manifest.

        Raises:
            OutsideError: The disk is full or fails; nothing of it was kept.
        """
        about = {
            "format": KEY_FORMAT,
            "key_id": key.key_id.hex(),
            "name": key.name,
            "version": key.version,
            "manifest_sha256": manifest_sha256,
        }
        with writing(str(self.folder)):
            self._write(f"{key.key_id.hex()}.manifest.json", key.manifest)
            try:
                content = _to_bytes(self._wrap(about, key.key))
                self._write(f"{key.key_id.hex()}.json", content)
            except OSError:
                self.remove(key.key_id)
                raise

    def remove(self, key_id: bytes) -> None:
        """Forgets a key: what was sealed with it cannot be opened again, and no broker releases
        it.
        """
        for suffix in (".json", ".manifest.json"):
            (self.folder / f"{key_id.hex()}{suffix}").unlink(missing_ok=True)

    def get(self, key_id: bytes) -> PageKey | None:
        """Reads a key anew; None if there is none of this id.

        Raises:
            UserError: Its files were changed, or belong to another key or owner.
        """
        path = self.folder / f"{key_id.hex()}.json"
        if len(key_id) != KEY_ID_BYTES or not path.exists():
            return None
        fields = _read(path, KEY_FORMAT, ("key_id", "name", "version", "manifest_sha256"))
        listed = _listed(path, fields)
        raw = _unwrap(self._kek, fields)
        if raw is None or listed.key_id != key_id.hex():
            raise _bad(path, "it was changed, or wrapped under another passphrase")
        if len(raw) != KEY_BYTES:
            raise _bad(path, f"its key has {len(raw)} bytes, expected {KEY_BYTES}")
        manifest = _read_bytes(path.with_suffix(".manifest.json"), MANIFEST_MAX_BYTES)
        return PageKey(key_id, raw, manifest, listed.name, listed.version)

    def list(self) -> list[Listed]:
        """What is here, oldest version first; needs no passphrase.

        Raises:
            UserError: A file was changed.
        """
        names = [path for path in self.folder.glob("*.json") if _KEY_FILE.fullmatch(path.name)]
        members = ("key_id", "name", "version", "manifest_sha256")
        found = [_listed(path, _read(path, KEY_FORMAT, members)) for path in names]
        return sorted(found, key=lambda one: (one.name, one.version))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else seals: two would give two bundles one version."""
        with writing(str(self.folder)):
            handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    # ------------------------------------------------------------------------------- wrapping
    def _wrap(self, about: dict[str, Any], secret: bytes) -> dict[str, Any]:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        wrapped = self._kek.encrypt(nonce, secret, _to_bytes(about))
        return {**about, "nonce": nonce.hex(), "wrapped": wrapped.hex()}

    def _write(self, name: str, content: bytes) -> None:
        """Writes a file for the owner's eyes, whole, where there is none."""
        path = self.folder / name
        with aside(path) as made:
            handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.link(made, path)  # fails where something is there already


_KEY_FILE: Final = re.compile(r"[0-9a-f]{32}\.json")


def _stretch(passphrase: str, salt: bytes) -> AESGCM:
    kdf = Scrypt(salt=salt, length=32, n=1 << 17, r=8, p=1)
    return AESGCM(kdf.derive(passphrase.encode("utf-8")))


def _unwrap(kek: AESGCM, fields: dict[str, Any]) -> bytes | None:
    about = {name: value for name, value in fields.items() if name not in ("nonce", "wrapped")}
    nonce = _hex(fields["nonce"], _NONCE_BYTES)
    wrapped = _hex(fields["wrapped"], None)
    if nonce is None or wrapped is None:
        return None
    try:
        return kek.decrypt(nonce, wrapped, _to_bytes(about))
    except InvalidTag:
        return None


def _to_bytes(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, indent=1).encode("ascii") + b"\n"


def _read(path: Path, form: str, members: Iterable[str]) -> dict[str, Any]:
    """A file in its one form."""
    content = _read_bytes(path, FILE_MAX_BYTES)
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _bad(path, "it is not JSON") from error
    expected = ["format", *members, "nonce", "wrapped"]
    if not isinstance(fields, dict) or list(fields) != expected or fields["format"] != form:
        raise _bad(path, f"expected the members of {form}: {', '.join(expected)}")
    if _to_bytes(fields) != content:
        raise _bad(path, "it is not in the form in which it was written")
    return fields


def _listed(path: Path, fields: dict[str, Any]) -> Listed:
    name, version = fields["name"], fields["version"]
    if (
        _hex(fields["key_id"], KEY_ID_BYTES) is None
        or f"{fields['key_id']}.json" != path.name
        or _hex(fields["manifest_sha256"], 32) is None
        or not (isinstance(name, str) and NAME.fullmatch(name))
        or not (type(version) is int and 1 <= version < 1 << 31)
    ):
        raise _bad(path, "a member is not what it should be")
    return Listed(fields["key_id"], name, version, fields["manifest_sha256"])


def _hex(value: object, size_bytes: int | None) -> bytes | None:
    if not isinstance(value, str) or not re.fullmatch(r"([0-9a-f]{2})*", value):
        return None
    data = bytes.fromhex(value)
    return data if size_bytes is None or len(data) == size_bytes else None


def _read_bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UserError(
            f"{path}: {error.strerror or error}",
            code="no-keys",
            hint="`cloister seal BUNDLE --to keys/` makes keys/.",
        ) from error
    if len(content) > limit:
        raise _bad(path, f"it is longer than {limit} bytes")
    return content


def _bad(path: Path, what: str) -> UserError:
    return UserError(f"{path}: {what}", code="bad-keys", hint="Take it from your backup of keys/.")
