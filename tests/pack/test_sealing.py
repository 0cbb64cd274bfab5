"""Sealing a packed container: the same plan, pages that only the key opens; whole or not at all."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_container import c_plan_memory, network, pack

from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.errors import CloisterError, Refused, UserError
from cloister.pack.container import Container, parse
from cloister.pack.sealing import page_cipher, seal_container

KEY, KEY_ID = bytes(range(32)), bytes(range(16))


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """Four pages, some of them streamed, one of nearly a megabyte."""
    return write(tmp_path, streamed())


def streamed() -> Container:
    graph = network(40, 2000, 40)
    return pack(graph, budget=pack(graph).memory_bytes(65536) - 1)


def write(folder: Path, container: Container) -> Path:
    path = folder / "head.clo"
    path.write_bytes(container.to_bytes())
    return path


def test_sealed_container_has_the_plan_of_the_plain_one(plain: Path, tmp_path: Path) -> None:
    done = seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    data = (tmp_path / "sealed.clo").read_bytes()
    before, after = parse(plain.read_bytes()), parse(data)
    assert (after.sealed, after.key_id) == (True, KEY_ID)
    assert (done.size_bytes, done.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert done.model_digest == after.model_digest != before.model_digest
    assert replace(
        after,
        sealed=False,
        key_id=bytes(16),
        page_slot=before.page_slot,
        pages=before.pages,
        model_digest=before.model_digest,
    ) == before  # fmt: skip
    for old, new in zip(before.pages, after.pages, strict=True):
        assert (new.plain, new.stored, new.resident) == (old.plain, old.plain + 16, old.resident)


def test_pages_are_stored_one_after_the_other(plain: Path, tmp_path: Path) -> None:
    seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    data = (tmp_path / "sealed.clo").read_bytes()
    read = parse(data)
    at = read.header_bytes
    for page in read.pages:
        stored = data[at : at + page.stored]
        assert page.offset == at and hashlib.sha256(stored).digest() == page.digest
        end = at + -(-page.stored // 64) * 64
        assert not any(data[at + page.stored : end])
        at = end
    assert at == len(data)


def test_no_page_is_in_the_sealed_file_in_the_clear(plain: Path, tmp_path: Path) -> None:
    seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    data, sealed = plain.read_bytes(), (tmp_path / "sealed.clo").read_bytes()
    for page in parse(data).pages:
        weights = data[page.offset : page.offset + page.plain]
        assert weights[:32] in data and weights[:32] not in sealed


def test_engine_gives_the_same_bits_with_the_key(plain: Path, tmp_path: Path) -> None:
    seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    x = [np.linspace(-1, 1, 8, dtype=np.float32).reshape(1, 8)]
    expected = Engine(plain).run(x)
    got = Engine(tmp_path / "sealed.clo", page_key=KEY).run(x)
    assert [y.tobytes() for y in got] == [y.tobytes() for y in expected]


def test_engine_without_the_key_says_so(plain: Path, tmp_path: Path) -> None:
    seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    with pytest.raises(UserError, match="sealed") as raised:
        Engine(tmp_path / "sealed.clo")
    assert raised.value.code == "sealed-container"
    with pytest.raises(Refused, match="does not open"):
        Engine(tmp_path / "sealed.clo", page_key=bytes(32))


@pytest.mark.parametrize("replay", [1, 65536])
def test_memory_of_a_sealed_container_is_what_the_core_says(
    plain: Path, tmp_path: Path, replay: int
) -> None:
    path = tmp_path / "sealed.clo"
    seal_container(plain, KEY, KEY_ID, path)
    expected = c_plan_memory(path.read_bytes(), replay)
    assert parse(path.read_bytes()).memory_bytes(replay) == expected
    with HeadFile(path) as head:
        assert head.memory_bytes(replay) == expected
        assert (head.sealed, head.key_id) == (True, KEY_ID)


@pytest.mark.parametrize("slack", [0, 1, 64, 5000])
def test_container_that_keeps_a_budget_keeps_it_sealed(tmp_path: Path, slack: int) -> None:
    graph = network(40, 2000, 40)
    budget = pack(graph).memory_bytes(65536) - 1 - slack
    path = write(tmp_path, pack(graph, budget=budget))
    seal_container(path, KEY, KEY_ID, path)
    assert parse(path.read_bytes()).memory_bytes(65536) <= budget


def test_a_container_can_take_its_own_place(plain: Path) -> None:
    assert seal_container(plain, KEY, KEY_ID, plain).size_bytes == plain.stat().st_size
    assert parse(plain.read_bytes()).sealed


def test_each_page_opens_at_its_own_place_only(plain: Path, tmp_path: Path) -> None:
    path = tmp_path / "sealed.clo"
    seal_container(plain, KEY, KEY_ID, path)
    data = path.read_bytes()
    cipher, read = page_cipher(data, KEY), parse(data)
    stored = [data[p.offset : p.offset + p.stored] for p in read.pages]
    assert len(cipher.open(1, stored[1])) == read.pages[1].plain
    for index, page in ((0, stored[1]), (1, stored[1][:-1]), (1, b""), (1, bytes(32))):
        with pytest.raises(Refused, match="does not open"):
            cipher.open(index, page)


def test_key_is_nowhere_on_the_disk(plain: Path, tmp_path: Path) -> None:
    seal_container(plain, KEY, KEY_ID, tmp_path / "sealed.clo")
    assert all(KEY not in file.read_bytes() for file in tmp_path.iterdir())


# ---- bad input


def refused(path: Path, code: str, *, key: bytes = KEY, key_id: bytes = KEY_ID) -> str:
    """The message; nothing is left behind."""
    there = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    with pytest.raises(CloisterError) as raised:
        seal_container(path, key, key_id, path.parent / "sealed.clo")
    assert raised.value.code == code
    assert {file.name: file.read_bytes() for file in path.parent.iterdir()} == there
    return raised.value.message


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_refuses_a_key_of_another_length(plain: Path, size: int) -> None:
    assert str(size) in refused(plain, "bad-key-length", key=bytes(size))


@pytest.mark.parametrize("size", [0, 15, 17])
def test_refuses_a_key_id_of_another_length(plain: Path, size: int) -> None:
    refused(plain, "bad-key-length", key_id=bytes(size))


def test_refuses_a_key_id_of_zeros(plain: Path) -> None:
    refused(plain, "bad-key-id", key_id=bytes(16))


def test_refuses_a_sealed_container(plain: Path) -> None:
    seal_container(plain, KEY, KEY_ID, plain)
    assert "already" in refused(plain, "nothing-to-seal")


def test_refuses_what_is_no_container(plain: Path) -> None:
    for content in (b"", b"CLOISTER", b"x" * 500):
        plain.write_bytes(content)
        refused(plain, "bad-container")
    plain.unlink()
    refused(plain, "bad-container")


def test_refuses_a_page_that_was_changed(plain: Path) -> None:
    data = bytearray(plain.read_bytes())
    data[parse(bytes(data)).pages[2].offset] ^= 1
    plain.write_bytes(data)
    assert "page 2" in refused(plain, "bad-container")


@pytest.mark.parametrize("change", [-64, -1, 1, 64])
def test_refuses_a_file_of_another_length(plain: Path, change: int) -> None:
    data = plain.read_bytes()
    plain.write_bytes(data[:change] if change < 0 else data + bytes(change))
    refused(plain, "bad-container")


def test_a_place_that_cannot_be_written_is_named(plain: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere") as raised:
        seal_container(plain, KEY, KEY_ID, tmp_path / "nowhere" / "sealed.clo")
    assert raised.value.code == "not-writable"
