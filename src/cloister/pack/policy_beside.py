"""The policy beside a bundle, and whose it is.

A broker reads its policy anew for each release, clients read the one that they are pointed to: what
lies there may be in use. Therefore nothing that names anything but the bundle to be replaced is
replaced, unless its owner says so.
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path
from typing import Final

from cloister.attest.policy import POLICY_MAX_BYTES
from cloister.errors import UserError
from cloister.files import read_file
from cloister.pack.bundle import MANIFEST_FILE
from cloister.pack.manifest import MANIFEST_MAX_BYTES

# For the clients; beside the bundle, not in it: it names the manifest's digest.
POLICY_FILE: Final = "policy.toml"


def policy_of(bundle: str | Path) -> Path:
    """Where the policy of a bundle lies."""
    path = Path(bundle)
    return (path if path.name not in ("", "..") else path.resolve()).parent / POLICY_FILE


def require_own_policy(policy: Path, bundle: Path, what_else: str) -> None:
    """Nothing lies there, or a policy that accepts the bundle to be replaced and no other.

    Args:
        policy: The file.
        bundle: The bundle to be replaced; there may be none.
        what_else: What the user can do; for the hint.

    Raises:
        UserError: It accepts something else, or is no policy.
    """
    if not policy.exists():
        return
    manifest = bundle / MANIFEST_FILE
    own = set()
    if manifest.is_file():
        own = {hashlib.sha256(read_file(manifest, MANIFEST_MAX_BYTES)).hexdigest()}
    others = accepted_manifests(policy) - own
    if others:
        raise UserError(
            f"{policy} is in use elsewhere: it accepts manifest {min(others)}, not only that of"
            f" {bundle}",
            code="policy-in-use",
            hint=f"A broker or client that reads it would refuse what it accepts now. {what_else}",
        )


def accepted_manifests(policy: Path) -> set[str]:
    """The manifests that a policy accepts, be it complete or still to be filled in.

    Raises:
        UserError: It is no policy.
    """
    try:
        text = read_file(policy, POLICY_MAX_BYTES).decode()
        named = tomllib.loads(text)["model"]["manifest_sha256"]
        return {str(digest) for digest in named}
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UserError(
            f"{policy} is there, and is no policy",
            code="bad-policy",
            hint="A bundle's policy is written beside it: choose another folder with -o.",
        ) from error
