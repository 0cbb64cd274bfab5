"""What verbs write with -o: whole or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cloister.errors import OutsideError, UserError
from cloister.files import writable_folder, write_whole, writing

LIMIT_BYTES = 4096


# In a process of its own: the limit would hold for what the tests print, too.
FULL_DISK = f"""
import resource, sys
from pathlib import Path
from cloister.files import write_whole
from cloister.errors import OutsideError
resource.setrlimit(resource.RLIMIT_FSIZE, ({LIMIT_BYTES}, {LIMIT_BYTES}))
try:
    write_whole(Path(sys.argv[1]), bytes({LIMIT_BYTES} + 1))
except OutsideError as error:
    print(error.code, error)
"""


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """No file can grow beyond a limit: write() fails as on a full disk."""
    path = tmp_path / "report.html"
    assert write_whole(path, b"earlier") == 7
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("disk-full ") and "was not written" in done.stdout
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


def test_a_badly_chosen_place_is_the_users_mistake(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    for place in (file / "below", tmp_path / "no" / "report.html"):
        with pytest.raises(UserError, match="was not written") as caught:
            write_whole(place, b"page")
        assert caught.value.code == "not-writable" and str(place) in caught.value.message
    with pytest.raises(UserError) as caught:
        writable_folder(file / "demo")
    assert caught.value.code == "not-writable"
    assert list(writable_folder(tmp_path / "a" / "b").iterdir()) == []


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk-full"), (errno.EIO, "disk-failed")]
)
def test_a_disk_that_is_full_or_fails_is_not(number: int, code: str) -> None:
    with pytest.raises(OutsideError) as caught, writing("page"):
        raise OSError(number, os.strerror(number))
    assert caught.value.code == code
