"""`seal`: a bundle whose weights no host can read, and the key in keys/.

1. The bundle is compared with its digests; one that is sealed already is refused.
2. The head's pages are sealed with a fresh key, under a fresh key id.
3. The manifest names the new head, the key id and the owner; its version is above all of this name
   that keys/ knows.
4. The owner signs the manifest.
5. The key goes to keys/, then the bundle is written; if that fails, the key is forgotten.
6. policy.toml beside it names the new manifest, too.

Sealing the same bundle again gives another key and a version above: that is how keys are rotated.
The old key lives until its file is removed from keys/, and the policy accepts the old manifest
until its owner takes it out.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cloister.attest.policy import POLICY_MAX_BYTES, write_policy, write_policy_text
from cloister.broker.keyring import KEY_BYTES, KEY_ID_BYTES, Keyring, PageKey
from cloister.errors import CloisterError, OutsideError, UserError
from cloister.pack.bundle import (
    DEVICE_FOLDER,
    Bundle,
    load_bundle,
    to_sign,
    write_bundle,
)
from cloister.pack.manifest import HEAD_FILE, File, Manifest
from cloister.pack.policy_beside import accepted_manifests, policy_of, require_own_policy
from cloister.pack.sealing import seal_container


@dataclass(frozen=True)
class Sealed:
    """What `seal` made.

    Args:
        bundle: The sealed bundle.
        policy: Of its clients and of the broker, beside it.
        key_id: Of its key.
    """

    bundle: Bundle
    policy: Path
    key_id: bytes


@dataclass(frozen=True, repr=False)
class _Head:
    """A sealed container, and its key."""

    key_id: bytes
    key: bytes
    content: bytes
    model_digest: str


def seal(path: str | Path, keyring: Keyring, out_dir: str | Path) -> Sealed:
    """Seals a bundle, by the steps of this module's head.

    Args:
        path: What `pack` wrote.
        keyring: Gets the key; its owner signs.
        out_dir: The sealed bundle; nothing may be there.

    Raises:
        UserError: The bundle was changed or is sealed already, or something is at `out_dir`.
        OutsideError: The disk is full or fails; nothing was kept.
    """
    out_dir = Path(out_dir)
    # (1) bundle
    bundle = load_bundle(path)
    if bundle.manifest.key_id is not None:
        raise UserError(
            f"bundle {path} is sealed already, with key {bundle.manifest.key_id}",
            code="sealed-already",
            hint="Seal the bundle that `cloister pack` wrote; it can be sealed again and again.",
        )
    if out_dir.exists():
        raise UserError(
            f"{out_dir} is there already: it stays as it is",
            code="output-exists",
            hint="Choose another name with -o.",
        )
    _require_renewable(policy_of(out_dir), keyring, bundle)
    # (2) pages
    head = _seal_head(bundle.head, out_dir)
    with keyring.alone():
        return _write(bundle, head, keyring, out_dir)


def _write(bundle: Bundle, head: _Head, keyring: Keyring, out_dir: Path) -> Sealed:
    """Steps 3 to 6."""
    # (3) manifest
    manifest = replace(
        bundle.manifest,
        head=File.of(HEAD_FILE, head.content),
        model_digest=head.model_digest,
        key_id=head.key_id.hex(),
        owner=keyring.owner,
        version=_next_version(keyring, bundle.manifest),
    )
    content = manifest.to_bytes()
    # (4) signature
    signature = keyring.sign(to_sign(content))
    # (5) key, bundle
    page_key = PageKey(head.key_id, head.key, content, manifest.name, manifest.version)
    keyring.add(page_key, hashlib.sha256(content).hexdigest())
    tail = None if bundle.tail is None else bundle.tail.read_bytes()
    try:
        written = write_bundle(
            out_dir, manifest, head.content, tail, signature, fill=partial(_copy_device, bundle)
        )
    except (CloisterError, OSError):
        keyring.remove(head.key_id)
        raise
    # (6) policy
    policy = policy_of(written.path)
    _renew_policy(policy, keyring, bundle.manifest, manifest)
    return Sealed(written, policy, head.key_id)


def _copy_device(bundle: Bundle, folder: Path) -> None:
    """A device's application is of the same plan: a sealed page's tag has its room."""
    if (bundle.path / DEVICE_FOLDER).is_dir():
        shutil.copytree(bundle.path / DEVICE_FOLDER, folder / DEVICE_FOLDER)


def _seal_head(plain: Path, out_dir: Path) -> _Head:
    """Seals the pages with a fresh key, on the disk of the result, so that a full one is known
    before the key is kept.
    """
    key, key_id = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(KEY_ID_BYTES)
    try:
        out_dir.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out_dir.name}.", dir=out_dir.parent) as aside:
            path = Path(aside) / HEAD_FILE
            sealed = seal_container(plain, key, key_id, path)
            return _Head(key_id, key, path.read_bytes(), sealed.model_digest)
    except OSError as error:
        raise OutsideError(
            f"{out_dir} cannot be written: {error.strerror or error}", code="disk-failed"
        ) from error


def _next_version(keyring: Keyring, manifest: Manifest) -> int:
    versions = [listed.version + 1 for listed in keyring.list() if listed.name == manifest.name]
    return max([manifest.version, *versions])


def _require_renewable(policy: Path, keyring: Keyring, bundle: Bundle) -> None:
    """There is no policy, or one that accepts this bundle or a sealed one of its name."""
    name = bundle.manifest.name
    known = {one.manifest_sha256 for one in keyring.list() if one.name == name}
    known.add(bundle.manifest.digest)
    if not policy.exists() or not known.isdisjoint(accepted_manifests(policy)):
        return
    require_own_policy(policy, bundle.path, "Seal into another folder with -o.")


def _renew_policy(path: Path, keyring: Keyring, plain: Manifest, sealed: Manifest) -> None:
    """The policy that is there, with the new manifest before the last sealed one, which is accepted
    until its owner takes it out, or else in the place of the plain one; a new policy where neither
    stands in it.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.stat().st_size < POLICY_MAX_BYTES else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    for one in reversed(keyring.list()):
        if one.name == plain.name and one.manifest_sha256 != sealed.digest:
            quoted = re.compile(rf"([\"']){one.manifest_sha256}\1")
            both, found = quoted.subn(rf"\g<1>{sealed.digest}\1, \g<0>", text)
            if found:
                last = keyring.get(bytes.fromhex(one.key_id))
                loaded = Manifest.from_bytes(last.manifest).model_digest if last else ""
                names = f"{sealed.model_digest} or {loaded}"
                write_policy_text(path, both.replace(loaded, names) if loaded else both)
                return
    if plain.digest in text:
        renewed = text.replace(plain.digest, sealed.digest)
        write_policy_text(path, renewed.replace(plain.model_digest, sealed.model_digest))
        return
    write_policy(
        path,
        manifest_digest=sealed.digest,
        model_digest=sealed.model_digest,
        name=sealed.name,
        mode=sealed.mode,
    )
