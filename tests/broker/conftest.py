"""keys/, made once: scrypt takes a third of a second."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from broker_kit import PASSPHRASE, Asker, keep, policy_toml

from cloister.broker.keyring import Keyring


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    return Keyring.create(tmp_path_factory.mktemp("made") / "keys", PASSPHRASE)


@pytest.fixture
def keyring(made: Keyring, tmp_path: Path) -> Keyring:
    """A copy of its own, opened."""
    shutil.copytree(made.folder, tmp_path / "keys")
    return Keyring(tmp_path / "keys", made._kek, made._signer)


@pytest.fixture
def asker(keyring: Keyring, tmp_path: Path) -> Asker:
    key, manifest = keep(keyring)
    policy = tmp_path / "policy.toml"
    policy.write_text(policy_toml(manifest))
    return Asker(keyring, policy, key, manifest)
