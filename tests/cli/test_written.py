"""What verbs write with -o: whole or not at all."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from cloister.cli.written import write_whole
from cloister.errors import OutsideError

LIMIT_BYTES = 4096


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file can grow beyond this: write() fails as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert write_whole(path, b"earlier") == 7
    with pytest.raises(OutsideError, match="was not written") as caught:
        write_whole(path, bytes(LIMIT_BYTES + 1))
    assert caught.value.code == "disk-failed"
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("file")
    write_whole(link, b"new")
    assert link.is_symlink() and (tmp_path / "file").read_bytes() == b"new"


def test_what_is_no_regular_file_is_written_as_it_is() -> None:
    read, write = os.pipe()
    try:
        assert write_whole(Path(f"/dev/fd/{write}"), b"page") == 4
        assert os.read(read, 9) == b"page"
    finally:
        os.close(read)
        os.close(write)
