"""What verbs write with -o: whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from cloister.files import write_whole

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
    assert done.stdout.startswith("disk-failed ") and "was not written" in done.stdout
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
