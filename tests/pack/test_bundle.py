"""A bundle appears whole or not at all, and any change to it is found and named."""

from __future__ import annotations

import hashlib
import json
import resource
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import FILES, load_bundle, to_sign, write_bundle
from cloister.pack.manifest import File, Manifest, Parity, Tensor
from cloister.preprocess import imagenet_default

HEAD = struct.pack("<8sII", b"CLOISTER", 1, 192) + bytes(176) + b"pages" * 20
TAIL = b"tail of the network" * 9


def manifest(**changes: Any) -> Manifest:  # noqa: ANN401
    made = Manifest(
        name="net",
        mode="split",
        cut="relu_1",
        head=File.of("head.clo", HEAD),
        model_digest=hashlib.sha256(HEAD[:192]).hexdigest(),
        tail=File.of("tail.onnx", TAIL),
        inputs=(Tensor("image", (1, 3, 8, 8)),),
        crossing=(Tensor("relu_1", (1, 4, 8, 8)),),
        outputs=(Tensor("logits", (1, 2)),),
        preprocess=imagenet_default((1, 3, 8, 8)),
        labels=("cat", "Hündin"),
        engine="0.1.0",
        model_name="net.onnx",
        model_sha256="ab" * 32,
        parity=Parity(5, "photographs", 1e-4),
    )
    return replace(made, **changes)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "bundle", manifest(), HEAD, TAIL).path


def test_load_gives_back_what_was_written(bundle: Path) -> None:
    loaded = load_bundle(bundle)
    assert loaded.manifest == manifest()
    assert loaded.manifest_bytes == (bundle / "manifest.json").read_bytes()
    assert loaded.manifest_digest.hex() == manifest().digest
    assert loaded.head.read_bytes() == HEAD
    assert loaded.tail is not None and loaded.tail.read_bytes() == TAIL
    assert sorted(path.name for path in bundle.iterdir()) == sorted(FILES)
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_whole_has_no_tail(tmp_path: Path) -> None:
    whole = manifest(mode="whole", cut=None, tail=None, crossing=())
    write_bundle(tmp_path / "bundle", whole, HEAD, None)
    assert load_bundle(tmp_path / "bundle").tail is None


def test_sha256sums_is_that_of_coreutils(bundle: Path) -> None:
    for line in (bundle / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert digest == hashlib.sha256((bundle / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", FILES)
def test_any_byte_changed_is_found_and_the_file_named(bundle: Path, name: str) -> None:
    content = (bundle / name).read_bytes()
    for at in range(len(content)):
        changed = bytearray(content)
        changed[at] ^= 1 << (at % 8)
        (bundle / name).write_bytes(changed)
        with pytest.raises(UserError) as caught:
            load_bundle(bundle)
        assert caught.value.code in (
            "bundle-changed",
            "bad-manifest",
            "bad-preprocess",
            "bad-labels",
        )
        if name in ("head.clo", "tail.onnx"):
            assert name in caught.value.message
    (bundle / name).write_bytes(content)
    load_bundle(bundle)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["shorter", "longer", "gone", "a folder"])
def test_a_file_cut_grown_or_gone_is_found(bundle: Path, name: str, how: str) -> None:
    path = bundle / name
    content = path.read_bytes()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how != "gone":
        path.write_bytes(content[:-1] if how == "shorter" else content + b"\n")
    with pytest.raises(UserError) as caught:
        load_bundle(bundle)
    assert "manifest" in caught.value.message or name in caught.value.message


def test_head_of_another_model_digest_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle", manifest(model_digest="00" * 32), HEAD, TAIL)
    with pytest.raises(UserError, match=r"head\.clo was changed: its header"):
        load_bundle(tmp_path / "bundle")


def test_no_bundle_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such directory"):
        load_bundle(tmp_path / "none")
    with pytest.raises(UserError, match=r"manifest\.json"):
        load_bundle(tmp_path)


# --------------------------------------------------------------------------------------- writing
def test_an_older_bundle_is_replaced(bundle: Path) -> None:
    write_bundle(bundle, manifest(name="second"), HEAD, TAIL)
    assert load_bundle(bundle).manifest.name == "second"
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_what_is_no_bundle_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "thesis.tex").write_text("years of work")
    (tmp_path / "file").write_text("work, too")
    for name in ("thesis", "file"):
        with pytest.raises(UserError, match="is no bundle: it stays as it is"):
            write_bundle(tmp_path / name, manifest(), HEAD, TAIL)
    assert (tmp_path / "thesis" / "thesis.tex").read_text() == "years of work"


@contextmanager
def disk_of(size_bytes: int) -> Iterator[None]:
    """No file can grow beyond this: write() fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_no_half_bundle(tmp_path: Path) -> None:
    big = TAIL * 1000
    with disk_of(len(TAIL) * 500), pytest.raises(OutsideError) as caught:
        write_bundle(tmp_path / "bundle", manifest(tail=File.of("tail.onnx", big)), HEAD, big)
    assert caught.value.code == "disk-full"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_older_bundle(bundle: Path) -> None:
    big = TAIL * 1000
    with disk_of(len(TAIL) * 500), pytest.raises(OutsideError):
        write_bundle(bundle, manifest(tail=File.of("tail.onnx", big)), HEAD, big)
    assert load_bundle(bundle).manifest == manifest()
    assert [path.name for path in bundle.parent.iterdir()] == ["bundle"]


def test_a_parent_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((UserError, OutsideError), match="file"):
        write_bundle(tmp_path / "file" / "bundle", manifest(), HEAD, TAIL)


# -------------------------------------------------------------------------------------- manifest
def test_manifest_has_one_form(bundle: Path) -> None:
    content = manifest().to_bytes()
    assert Manifest.from_bytes(content) == manifest()
    for other in (
        json.dumps(json.loads(content)).encode(),
        content + b" ",
        content.replace(b'"name": "net"', b'"name":  "net"'),
        content.replace("ü".encode(), b"\\u00fc"),
        b"\xef\xbb\xbf" + content,
    ):
        assert other != content
        with pytest.raises(UserError):
            Manifest.from_bytes(other)


def test_manifest_is_the_same_every_time() -> None:
    assert manifest().digest == manifest().digest


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "cloister-bundle/3"),
        (("name",), "../net"),
        (("name",), ""),
        (("mode",), "sandwich"),
        (("mode",), "whole"),
        (("cut",), None),
        (("cut",), 5),
        (("head",), None),
        (("head", "file"), "../../etc/passwd"),
        (("head", "sha256"), "AB" * 32),
        (("head", "bytes"), -1),
        (("head", "bytes"), True),
        (("tail",), None),
        (("tail", "file"), "/tail.onnx"),
        (("inputs",), []),
        (("inputs",), {}),
        (("inputs", 0, "dtype"), "float64"),
        (("inputs", 0, "shape"), [1, 3, 0, 8]),
        (("inputs", 0, "shape"), [1] * 9),
        (("inputs", 0, "shape"), [1, 3, 9, 8]),
        (("outputs", 0, "shape"), [1, 3]),
        (("labels",), ["cat"]),
        (("labels", 0), 7),
        (("preprocess", "std"), [1, 1, 0]),
        (("parity", "tolerance"), 1),
        (("parity", "tolerance"), float("nan")),
        (("plan",), "x"),
        (("model", "extra"), 1),
        (("extra",), 1),
    ],
)
def test_manifest_refuses(path: tuple[str | int, ...], value: object) -> None:
    fields = json.loads(manifest().to_bytes())
    place: Any = fields
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(UserError):
        Manifest.from_bytes(json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n")


@pytest.mark.parametrize("name", list(json.loads(manifest().to_bytes())))
def test_manifest_refuses_a_missing_member(name: str) -> None:
    fields = json.loads(manifest().to_bytes())
    del fields[name]
    with pytest.raises(UserError, match=name):
        Manifest.from_bytes(json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b"NaN"])
def test_manifest_refuses_what_is_no_manifest(content: bytes) -> None:
    with pytest.raises(UserError) as caught:
        Manifest.from_bytes(content)
    assert caught.value.code == "bad-manifest"


@pytest.mark.parametrize("surrogate", ["\\ud800", "\\udfff"])
def test_manifest_refuses_text_that_is_no_unicode(surrogate: str) -> None:
    content = manifest().to_bytes().replace(b'"cat"', f'"{surrogate}"'.encode())
    with pytest.raises(UserError):
        Manifest.from_bytes(content)


# ------------------------------------------------------------------------------------ owner
def signed(path: Path, signature: bytes | None = None, **changes: Any) -> Path:  # noqa: ANN401
    owner = Ed25519PrivateKey.generate()
    made = manifest(owner=owner.public_key().public_bytes_raw().hex(), **changes)
    if signature is None:
        signature = owner.sign(to_sign(made.to_bytes()))
    return write_bundle(path, made, HEAD, TAIL, signature).path


def test_the_owners_signature_is_checked(tmp_path: Path) -> None:
    assert load_bundle(signed(tmp_path / "good", key_id="ab" * 16)).manifest.key_id == "ab" * 16
    for name, signature in (("other", bytes(64)), ("short", b""), ("long", bytes(65))):
        with pytest.raises(UserError, match=r"manifest\.sig"):
            load_bundle(signed(tmp_path / name, signature))
    path = signed(tmp_path / "gone")
    (path / "manifest.sig").unlink()
    with pytest.raises(UserError, match=r"manifest\.sig"):
        load_bundle(path)


def test_a_sealed_bundle_has_an_owner() -> None:
    with pytest.raises(UserError, match="whoever seals signs"):
        manifest(key_id="ab" * 16)


def test_version_1_of_the_format_is_read_as_it_was_written() -> None:
    old = manifest(format="cloister-bundle/1").to_bytes()
    assert b'"version"' not in old and b"owner" not in old and b"key_id" not in old
    assert Manifest.from_bytes(old).to_bytes() == old
    assert Manifest.from_bytes(old).version == 1
    mixed = old.replace(b"cloister-bundle/1", b"cloister-bundle/2")
    with pytest.raises(UserError, match="lacks the member 'version'"):
        Manifest.from_bytes(mixed)
