"""keys/: what is wrapped opens with the passphrase alone, and nothing in it can be changed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from broker_kit import PASSPHRASE, keep
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloister.broker.keyring import Keyring
from cloister.broker.passphrase import VARIABLE, read_passphrase
from cloister.errors import CloisterError, UserError


def test_a_key_comes_back_after_opening_again(keyring: Keyring) -> None:
    key, manifest = keep(keyring, version=4)
    found = Keyring.open(keyring.folder, PASSPHRASE).get(key.key_id)
    assert found == key
    assert found is not None and found.manifest == manifest.to_bytes()
    [listed] = keyring.list()
    assert (listed.key_id, listed.version) == (key.key_id.hex(), 4)
    assert listed.manifest_sha256 == manifest.digest


def test_no_key_lies_in_the_clear_and_files_are_the_owners_alone(keyring: Keyring) -> None:
    key, _ = keep(keyring)
    secrets = [key.key, keyring._signer.private_bytes_raw()]
    for path in keyring.folder.iterdir():
        content = path.read_bytes()
        for secret in secrets:
            assert secret not in content and secret.hex().encode() not in content
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key.key.hex() not in repr(key) + repr(keyring)


def test_the_owner_signs(keyring: Keyring) -> None:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keyring.owner))
    public.verify(keyring.sign(b"content"), b"content")


def test_another_passphrase_and_a_short_one_are_refused(keyring: Keyring, tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        Keyring.open(keyring.folder, PASSPHRASE + " ")
    assert caught.value.code == "wrong-passphrase"
    with pytest.raises(UserError) as caught:
        Keyring.create(tmp_path / "new", "short")
    assert caught.value.code == "weak-passphrase" and not (tmp_path / "new").exists()


def test_no_byte_of_a_keys_file_can_be_changed(keyring: Keyring) -> None:
    key, _ = keep(keyring)
    path = keyring.folder / f"{key.key_id.hex()}.json"
    content = path.read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << (at % 7)
        path.write_bytes(changed)
        with pytest.raises(UserError) as caught:
            keyring.get(key.key_id)
        assert caught.value.code == "bad-keys"
    for cut in (content[:-1], content + b"\n", b"", b"\xff", b"[" * 9999, b"x" * 20_000):
        path.write_bytes(cut)
        with pytest.raises(UserError):
            keyring.get(key.key_id)
    path.write_bytes(content)
    assert keyring.get(key.key_id) == key


def test_a_keys_file_under_another_name_is_refused(keyring: Keyring) -> None:
    one, _ = keep(keyring)
    two, _ = keep(keyring)
    path = keyring.folder / f"{one.key_id.hex()}.json"
    path.write_bytes((keyring.folder / f"{two.key_id.hex()}.json").read_bytes())
    with pytest.raises(UserError, match="a member is not"):
        keyring.get(one.key_id)
    fields = json.loads(path.read_bytes()) | {"key_id": one.key_id.hex()}
    path.write_bytes(json.dumps(fields, indent=1).encode() + b"\n")
    with pytest.raises(UserError, match="was changed"):
        keyring.get(one.key_id)


@pytest.mark.parametrize("member", ["owner", "kdf", "nonce", "wrapped", "n", "salt"])
def test_no_member_of_the_owners_file_can_be_changed(keyring: Keyring, member: str) -> None:
    path = keyring.folder / "owner.json"
    fields = json.loads(path.read_bytes())
    if member in ("n", "salt"):
        fields["kdf"][member] = 1 << 30 if member == "n" else "00" * 16
    elif member == "kdf":
        fields["kdf"] = None
    else:
        fields[member] = "00" * (len(fields[member]) // 2)
    path.write_bytes(json.dumps(fields, indent=1).encode() + b"\n")
    with pytest.raises(UserError):
        Keyring.open(keyring.folder, PASSPHRASE)


def test_a_removed_key_is_gone(keyring: Keyring) -> None:
    key, _ = keep(keyring)
    keyring.remove(key.key_id)
    assert keyring.get(key.key_id) is None and keyring.list() == []
    assert [path.name for path in keyring.folder.iterdir()] == ["owner.json"]


def test_nothing_is_written_over(keyring: Keyring, tmp_path: Path) -> None:
    key, manifest = keep(keyring)
    with pytest.raises(UserError):
        keyring.add(key, manifest.digest)
    assert keyring.get(key.key_id) == key
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("")
    with pytest.raises(UserError, match="no keys/"):
        Keyring.create(tmp_path / "other", PASSPHRASE)


# ------------------------------------------------------------------------------- passphrases
def test_a_passphrase_comes_from_a_descriptor_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    os.write(writing, "wörds\n".encode())
    os.close(writing)
    assert read_passphrase(reading) == "wörds"
    monkeypatch.setenv(VARIABLE, "of the environment")
    assert read_passphrase(None) == "of the environment"


def test_without_a_passphrase_and_a_person_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    with open(os.devnull) as nobody:  # noqa: PTH123
        monkeypatch.setattr("sys.stdin", nobody)
        for descriptor in (None, 999):
            with pytest.raises(CloisterError) as caught:
                read_passphrase(descriptor)
            assert caught.value.code == "no-passphrase"
