"""Threads: the same bits for any number of them, in the enclave's process and in this one; clean
under ThreadSanitizer; gone with their process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from cloister.channel.message import read_message, write_message
from cloister.channel.ohttp import KeyConfig, seal_request
from cloister.enclaves.engine import Engine
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import Response
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.errors import CloisterError, UserError
from cloister.graph.load import load
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor
from tests.engine.kernel import NAMES, Floats

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo network, wholly inside."""
    folder = tmp_path_factory.mktemp("threads")
    (folder / "cifar.onnx").write_bytes(
        (resources.files("cloister.demo") / "cifar.onnx").read_bytes()
    )
    graph = load(folder / "cifar.onnx")
    made = compile_container(graph, mode="whole", answers=graph.outputs)
    (folder / "head.clo").write_bytes(made.to_bytes())
    return folder / "head.clo"


def drawn(container: Path) -> list[Floats]:
    random = np.random.default_rng(7)
    return [random.standard_normal(t.shape, np.float32) for t in Engine(container).inputs]


@pytest.mark.parametrize("kernels", NAMES)
def test_engine_gives_the_same_bits_for_any_number_of_threads(
    container: Path, kernels: str
) -> None:
    x = drawn(container)
    answers = {
        Engine(container, kernels=kernels, threads=n, guard=True).run(x)[0].tobytes()
        for n in (1, 2, 3, 16, 2)
    }
    assert len(answers) == 1


def test_engine_refuses_more_threads_than_there_can_be(container: Path) -> None:
    with pytest.raises(UserError, match="17 threads"):
        Engine(container, threads=17).run(drawn(container))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_enclave_with_threads_answers_with_the_bits_of_one(container: Path, threads: int) -> None:
    x = drawn(container)
    expected = Engine(container).run(x)[0]
    shape = (Tensor("y", expected.shape),)
    with HeadFile(container) as head:
        enclave = SandboxEnclave(head, replay=64, threads=threads)
        deadline = time.monotonic() + 60
        tasks = Path(f"/proc/{enclave.pid}/task")
        ready = enclave.link.load(head, bytes(32), answer_bytes=1 << 16, deadline=deadline)
        assert len(list(tasks.iterdir())) == threads
        # TSYNC: each thread is filtered, and may gain no privileges
        for status in tasks.glob("*/status"):
            lines = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
            assert (lines["Seccomp"], lines["NoNewPrivs"]) == ("2", "1")
        for number in (1, 2, 3):
            sealed, exchange = seal_request(
                KeyConfig.from_bytes(ready.key_config), write_message(x)
            )
            response = enclave.link.request(number, sealed, deadline=deadline)
            assert isinstance(response, Response)
            plain = exchange.open_response(bytes(response.sealed))
            (y,) = read_message(plain, shape, allowed_flags=0).tensors
            assert y.tobytes() == expected.tobytes()
        pid = enclave.pid
        enclave.close()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_enclave_refuses_a_number_of_threads_it_cannot_have(container: Path) -> None:
    with HeadFile(container) as head:
        enclave = SandboxEnclave(head, replay=64, threads=17)
        with pytest.raises(CloisterError):
            enclave.link.load(head, bytes(32), answer_bytes=1 << 16, deadline=time.monotonic() + 9)
        while enclave.running:
            time.sleep(0.01)
        assert "exit status 2" in enclave.exit_status()
        enclave.close()


HAMMER = """
#include "threads.h"
static unsigned done[16], sum;
static void job(void *arg, clo_share s) { done[s.part] += *(unsigned *)arg + s.parts; }
int main(void) {
    for (unsigned n = 1; n <= 4; n++) {
        if (clo_threads_start(n) != 0) return 2;
        for (unsigned i = 0; i < 3000; i++) {
            unsigned before = 0, after = 0;
            for (unsigned p = 0; p < 16; p++) before += done[p];
            clo_threads_run(0, job, &i);
            for (unsigned p = 0; p < 16; p++) after += done[p];
            if (after - before != n * (i + n)) return 1;
        }
    }
    return clo_threads_start(17) == -1 ? 0 : 3;
}
"""


def test_threads_are_clean_under_thread_sanitizer(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    posix = ROOT / "enclave" / "ports" / "posix"
    (tmp_path / "hammer.c").write_text(HAMMER)
    command = [
        "gcc", "-std=gnu11", "-O1", "-fsanitize=thread", f"-I{posix}",
        f"-I{ROOT / 'enclave' / 'include'}", tmp_path / "hammer.c", posix / "threads.c",
        "-o", tmp_path / "hammer",
    ]  # fmt: skip
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    if "libtsan" in built.stderr:
        pytest.skip("gcc's ThreadSanitizer is not installed")
    assert built.returncode == 0, built.stderr
    done = subprocess.run([tmp_path / "hammer"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
