"""What clients remember: the highest version of each bundle, for good or until it is accepted."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from attest.fake_enclave import FakeEnclave, manifest, policy_of
from client.fake_host import FakeHost

from cloister.client import Client
from cloister.client.versions import MOST, Versions, default_folder
from cloister.errors import OutsideError, Refused

OWNER = "ab" * 32


def versions(folder: Path, now: float = 1e9) -> Versions:
    return Versions(folder, lambda: now)


def test_the_highest_version_stays(tmp_path: Path) -> None:
    memory = versions(tmp_path)
    assert memory.highest(OWNER, "net") == 0
    for version in (3, 5, 4):
        memory.saw(OWNER, "net", version)
    assert memory.highest(OWNER, "net") == 5
    assert memory.highest("", "net") == 0 and memory.highest(OWNER, "other") == 0
    memory.saw(OWNER, "net", 2, lower=True)
    assert memory.highest(OWNER, "net") == 2


def test_it_is_bounded_and_forgets_what_was_not_seen_for_longest(tmp_path: Path) -> None:
    entries = [
        {"owner": "", "name": f"n{number}", "version": 1, "seen": number} for number in range(MOST)
    ]
    path = versions(tmp_path).path
    path.write_text(json.dumps({"format": "cloister-versions/1", "seen": entries}))
    versions(tmp_path, 1e9).saw("", "new", 1)
    found = json.loads(path.read_text())["seen"]
    assert len(found) == MOST
    assert {"n0", "new"} - {entry["name"] for entry in found} == {"n0"}


def remember(folder: Path, number: int) -> None:
    for version in range(1, 6):
        versions(folder).saw("", f"net{number}", version)


def test_processes_do_not_lose_each_others_entries(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        list(pool.map(remember, [tmp_path] * 8, range(8)))
    assert [versions(tmp_path).highest("", f"net{number}") for number in range(8)] == [5] * 8


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"format": "cloister-versions/2", "seen": []}',
        b'{"format": "cloister-versions/1", "seen": [1]}',
        b'{"format": "cloister-versions/1", "seen": [{"owner": "", "name": "n", "version": "1", '
        b'"seen": 1}]}',
        b'{"format": "cloister-versions/1", "seen": [{"owner": "", "name": "n", "version": true, '
        b'"seen": 1}]}',
        b" " * (1 << 21),
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_is_an_error_and_no_new_beginning(tmp_path: Path, content: bytes) -> None:
    memory = versions(tmp_path)
    memory.path.write_bytes(content)
    for ask in (lambda: memory.highest("", "n"), lambda: memory.saw("", "n", 1)):
        with pytest.raises(OutsideError) as caught:
            ask()
        assert caught.value.code == "versions-file"
    assert memory.path.read_bytes() == content


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be used"):
        versions(tmp_path / "file" / "folder").saw("", "n", 1)


def test_its_place_is_that_of_the_xdg_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/var/state")
    assert default_folder() == Path("/var/state/cloister")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # must be ignored, by the specification
    monkeypatch.setenv("HOME", "/home/somebody")
    assert default_folder() == Path("/home/somebody/.local/state/cloister")


# ----------------------------------------------------------------------------------- the client
def test_a_client_refuses_to_go_back_until_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    old, new = manifest(version=1), manifest(version=2)
    both = policy_of(old, manifest_digests=frozenset(map(bytes.fromhex, (old.digest, new.digest))))

    def ask(enclave: FakeEnclave, *, accept_older: bool = False) -> FakeHost:
        host = FakeHost(enclave)
        with Client(
            "http://host:8400",
            both,
            transport=host.transport,
            clock=lambda: host.now,
            accept_older=accept_older,
        ) as client:
            result = client.verify()
            assert not host.posted()
            result.require()
        return host

    ask(FakeEnclave(old))
    ask(FakeEnclave(new))
    with pytest.raises(Refused) as caught:
        ask(FakeEnclave(old))
    assert caught.value.exit_code == 1 and caught.value.code == "refused-version"
    assert "--accept-older" in caught.value.hint
    ask(FakeEnclave(old), accept_older=True)
    ask(FakeEnclave(old))
    assert (tmp_path / "cloister").stat().st_mode & 0o077 == 0
