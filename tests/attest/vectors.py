"""Real evidence of real machines, read where it lies and never copied; and policies for it.

The folder is ``../shared/vectors`` beside the checkout, or below what ``CLOISTER_SHARED`` names.
Tests skip, saying so, where a file is not here. What each verifies to, and when, was found by the
people who recorded it; the tests state it once more.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloister.attest.policy import Policy

ROOT = Path(__file__).resolve().parents[2]
_HEAD = """\
format = "cloister-policy/1"
freshness = "nonce"
max_key_lifetime = "24h"
max_clock_skew = "5m"
engine_at_least = "0.1.0"
[model]
manifest_sha256 = ["%s"]
""" % ("ab" * 32)


def vector(name: str) -> bytes:
    """A file of the vectors."""
    root = Path(os.environ.get("CLOISTER_SHARED", ROOT.parent / "shared"))
    path = root / "vectors" / name
    if not path.exists():
        pytest.skip(f"{path} is not on this machine")
    return path.read_bytes()


def vcek_of_azure(name: str) -> bytes:
    """The chip's certificate inside Azure's evidence."""
    evidence = json.loads(vector(name))
    found = evidence.get("vcek")
    assert isinstance(found, str)
    if "BEGIN" in found:
        return found.encode()
    import base64

    return base64.urlsafe_b64decode(found + "=" * (-len(found) % 4))


def policy(kind: str, table: str) -> Policy:
    """A policy of one kind of TEE."""
    return Policy.from_toml(f"{_HEAD}[tee.{kind}]\n{table}")


def at(date: str) -> float:
    """Noon of a day, in seconds since 1970."""
    return datetime.fromisoformat(date).replace(hour=12, tzinfo=UTC).timestamp()
