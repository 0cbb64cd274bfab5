"""gcc's static analyzer has nothing to say of core and POSIX port; the kernels take it minutes:
`make analyse`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="the analyzer is gcc's")


def analyse(root: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CC": "gcc"}
    command = [root / "tools" / "analyse.sh", "quick"]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_core_and_port_are_clean_under_the_analyzer() -> None:
    done = analyse(ROOT)
    assert done.returncode == 0, done.stderr


def test_the_analyzer_sees_a_leak(tmp_path: Path) -> None:
    """The command can fail: a file that is opened and not closed."""
    for folder in ("tools", "enclave/src", "enclave/ports/posix", "enclave/include"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "tools" / "analyse.sh", tmp_path / "tools")
    (tmp_path / "enclave/ports/posix/port.c").write_text("int port;\n")
    leak = '#include <stdio.h>\nint f(void);\nint f(void) { return fopen("a", "r") != NULL; }\n'
    (tmp_path / "enclave/src/leak.c").write_text(leak)
    done = analyse(tmp_path)
    assert done.returncode == 1 and "-Werror=analyzer-" in done.stderr
