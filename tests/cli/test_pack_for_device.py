"""`pack --tee optee`: a bundle with its device's parts or none, and keys that can sign; without a
laboratory.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_kit import Json
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from cloister.cli import pack_device
from cloister.errors import OutsideError
from cloister.optee.build import require_key
from cloister.optee.lab import Lab
from cloister.optee.parts import Parts
from cloister.pack.bundle import DEVICE_FOLDER, load_bundle

LAB = Lab(Path("/nowhere"), {})


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a network is read nor a laboratory made."""

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("cloister.cli.pack.load_network", never)
    monkeypatch.setattr(pack_device, "set_up", never)


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack_device, "set_up", lambda _: LAB)


def made(*_: object, **__: object) -> Parts:
    return Parts(b"application", b"daemon", "plan")


def broken(*_: object, **__: object) -> Parts:
    raise OutsideError("make failed", code="optee-build")


@pytest.mark.usefixtures("no_work")
def test_a_dev_kit_that_is_not_there_or_not_whole_is_told_before_any_work(
    as_json: Json, records: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "bundle"
    told = ["pack", records, "--tee", "optee", "-o", out, "--dev-kit"]
    code, found = as_json(*told, "/nowhere")
    assert code == 2 and "/nowhere" in found["error"]["message"]
    half = tmp_path / "half"
    (half / "mk").mkdir(parents=True)
    (half / "mk/ta_dev_kit.mk").touch()
    code, found = as_json(*told, half)
    assert code == 2 and "no mk/conf.mk in it" in found["error"]["message"]
    assert not out.parent.exists()


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("network", "no private key in PEM"),
        ("long", "no private key in PEM"),
        ("public", "no private key in PEM"),
        ("absent", "No such file"),
        ("encrypted", "encrypted"),
        ("ec", "another kind than RSA"),
        ("small", "1024 bits"),
    ],
)
def test_a_key_that_cannot_sign_is_told_before_any_work(
    kind: str, why: str, as_json: Json, records: Path, tmp_path: Path
) -> None:
    content = {
        "network": records.read_bytes,
        "long": lambda: bytes(1 << 20),
        "public": lambda: (
            rsa.generate_private_key(65537, 2048)
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        ),
        "encrypted": lambda: pem(
            rsa.generate_private_key(65537, 2048), BestAvailableEncryption(b"word")
        ),
        "ec": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
        "small": lambda: pem(rsa.generate_private_key(65537, 1024)),
    }
    key = tmp_path / "key.pem"
    if kind in content:
        key.write_bytes(content[kind]())
    out = tmp_path / "new" / "bundle"
    code, found = as_json("pack", records, "--tee", "optee", "--key", key, "-o", out)
    message = found["error"]["message"]
    assert code == 2 and str(key) in message and why in message and "\n" not in message
    assert kind == "absent" or "expected a private RSA key in PEM" in message
    assert not out.parent.exists()


@pytest.mark.parametrize("bits", [2048, 3072])
def test_rsa_keys_sign(bits: int, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(pem(rsa.generate_private_key(65537, bits)))
    require_key(tmp_path / "key.pem")


@pytest.mark.usefixtures("lab")
def test_too_little_memory_names_the_verb_that_says_more(
    as_json: Json, records: Path, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "bundle"
    code, found = as_json("pack", records, "--tee", "optee", "--memory", "9KiB", "-o", out)
    assert (code, found["error"]["code"]) == (2, "memory-budget")
    assert "cloister optee plan" in found["error"]["hint"]
    assert not out.parent.exists()


@pytest.mark.usefixtures("lab")
def test_a_build_that_fails_leaves_nothing_and_an_older_bundle_as_it_was(
    as_json: Json, records: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "new" / "bundle"
    told = ["pack", records, "--tee", "optee", "-o", out]
    monkeypatch.setattr(Parts, "make", broken)
    code, found = as_json(*told)
    assert (code, found["error"]["code"]) == (3, "optee-build")
    assert not out.parent.exists()

    monkeypatch.setattr(Parts, "make", made)
    code, found = as_json(*told)
    assert code == 0 and found["device"] == str(out / DEVICE_FOLDER)
    assert load_bundle(out).manifest.version == 1
    assert Parts.read(out) == made()
    assert (out / DEVICE_FOLDER / "cloister-optee").stat().st_mode & 0o111

    before = tree(out.parent)
    monkeypatch.setattr(Parts, "make", broken)
    code, _ = as_json(*told, "--weights", "int8")
    assert code == 3 and tree(out.parent) == before
