"""The program `cloister-enclave`: what it has given up before it reads a byte, and how it ends."""

from __future__ import annotations

import os
import platform
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from cloister._clo import ffi, lib
from containers import EXAMPLES, Container, every_kind, plus_constant
from instance import MANIFEST, Answer, Instance, memory_for, sealed

from cloister.attest.receipt import Receipt
from cloister.channel.frames import FrameType, attest_payload, frame
from cloister.channel.message import message_bytes, write_message
from cloister.channel.ohttp import RESPONSE_OVERHEAD, KeyConfig
from cloister.enclaves.sandbox import program

ROOT = Path(__file__).parents[2]
LEVEL = "seccomp,nofiles,nonet,nnp,nodump,nocore,memlimit"
CANARY = "canary-of-the-environment"


class Program(Instance):
    """The program at the other end of a socket, driven like an instance in this process."""

    def __init__(self, memory_bytes: int, *options: str) -> None:
        ours, theirs = socket.socketpair()
        self.stream = ours
        ours.settimeout(20)
        self.leak = os.open("/dev/null", os.O_RDONLY)  # a descriptor that somebody forgot
        fd = theirs.fileno()
        command = [program(), "--fd", str(fd), "--memory", str(memory_bytes), *options]
        with theirs:
            self.process = subprocess.Popen(
                command,
                pass_fds=[fd, self.leak],
                env={"CLOISTER_TEST": CANARY},
                stderr=subprocess.PIPE,
            )

    def step(self, data: bytes, *, out_cap: int | None = None) -> Answer:
        self.stream.sendall(data)
        return self.receive()

    def receive(self) -> Answer:
        raw = self._read(64)
        head = ffi.cast("clo_frame *", ffi.from_buffer(raw))
        times = (head.open_ns, head.run_ns, head.seal_ns)
        err = head.a if head.type == lib.CLO_ERROR else 0
        payload = self._read(head.length)
        return Answer(FrameType(head.type), head.id, head.a, head.b, payload, times, err)

    def _read(self, n: int) -> bytes:
        out = b""
        while len(out) < n:
            got = self.stream.recv(n - len(out))
            if not got:
                raise EOFError
            out += got
        return out

    def proc(self, name: str) -> Path:
        return Path("/proc") / str(self.process.pid) / name

    def wait(self) -> int:
        return self.process.wait(20)

    def close(self) -> None:
        self.stream.close()
        os.close(self.leak)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        assert self.process.stderr
        self.process.stderr.close()


@pytest.fixture
def start() -> Iterator[type[Program]]:
    running: list[Program] = []

    class Started(Program):
        def __init__(self, memory_bytes: int, *options: str) -> None:
            super().__init__(memory_bytes, *options)
            running.append(self)

    yield Started
    for one in running:
        one.close()


def confined(process: Program) -> Program:
    """Waits for an answer: the first byte is read after the confinement."""
    assert process.send(FrameType.CANCEL).type is FrameType.ERROR
    return process


def needed(container: Container) -> int:
    return memory_for(container, 65536)


@pytest.mark.parametrize("example", EXAMPLES)
def test_serves_a_request(start: type[Program], example: str) -> None:
    container = EXAMPLES[example]()
    process = start(needed(container))
    config = process.load(container)
    shapes = [
        tuple(io.dims[0 : io.rank])
        for io in (container.io(i) for i in range(container.view().n_inputs))
    ]
    message, exchange = sealed(config, *[np.ones(s, np.float32) for s in shapes])
    answer = process.feed(container, process.send(FrameType.REQUEST, message, id=1))
    if container.view().mode == lib.CLO_MODE_SPLIT:
        answer = process.send(FrameType.TAIL, write_message([np.ones((1, 4), np.float32)]), id=1)
    assert answer.type is FrameType.RESPONSE
    h = container.view()
    outputs = (container.io(h.n_inputs + h.n_crossing + i) for i in range(h.n_outputs))
    size = message_bytes([tuple(io.dims[0 : io.rank]) for io in outputs]) + RESPONSE_OVERHEAD
    exchange.open_response(answer.payload[:size])
    Receipt.from_bytes(answer.payload[size:])


def test_status_shows_seccomp_and_no_new_privileges(start: type[Program]) -> None:
    status = confined(start(1 << 20)).proc("status").read_text()
    assert re.search(r"^Seccomp:\s+2$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\s+1$", status, re.MULTILINE)
    assert re.search(r"^Threads:\s+1$", status, re.MULTILINE)


def test_no_descriptor_is_open_but_the_socket(start: type[Program]) -> None:
    process = confined(start(1 << 20))
    try:
        open_now = list(process.proc("fd").iterdir())
    except PermissionError:
        pytest.skip("not root: the process is not dumpable, its descriptors cannot be listed")
    assert len(open_now) == 1
    assert str(open_now[0].readlink()).startswith("socket:")


def test_limits_leave_no_core_no_files_and_little_memory(start: type[Program]) -> None:
    memory = 8 << 20
    limits = confined(start(memory)).proc("limits").read_text()
    rows = {m[1].strip(): m[2] for m in re.finditer(r"^(Max .{22})(\S+)", limits, re.MULTILINE)}
    assert rows["Max core file size"] == rows["Max open files"] == "0"
    # memory + input and output buffers + libraries and stack
    assert int(rows["Max address space"]) < 3 * memory + (64 << 20)


def test_environment_is_forgotten(start: type[Program]) -> None:
    process = confined(start(1 << 20))
    try:
        environment = process.proc("environ").read_bytes()
    except PermissionError:
        pytest.skip("not root: the process is not dumpable, its environment cannot be read")
    assert CANARY.encode() not in environment


def test_process_is_not_dumpable(start: type[Program]) -> None:
    owner = confined(start(1 << 20)).proc("mem").stat().st_uid
    assert owner == 0  # root's, whoever runs it


def test_evidence_states_the_level_reached_and_is_signed(start: type[Program]) -> None:
    import hashlib

    import cbor2
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    container = plus_constant()
    process = start(needed(container))
    process.load(container)
    answer = process.send(FrameType.ATTEST, attest_payload(1, 2, b"a nonce!"))
    claims, evidence = answer.payload[: answer.a], answer.payload[answer.a :]
    decoded = cbor2.loads(claims)
    assert (decoded[-70006], decoded[-70007], decoded[263]) == ("sandbox", LEVEL, 0)
    assert decoded[-70003] == MANIFEST
    report_data = hashlib.sha512(b"cloister/v1 report-data\0" + claims).digest()
    assert len(evidence) == 128 and not any(evidence[96:])
    key = Ed25519PublicKey.from_public_bytes(evidence[:32])
    key.verify(evidence[32:96], b"cloister/v1 sandbox evidence\0" + report_data)


def test_ends_when_the_stream_ends(start: type[Program]) -> None:
    process = confined(start(1 << 20))
    process.stream.close()
    assert process.wait() == 0


@pytest.mark.parametrize(
    "bad",
    [
        b"X" * 64,
        frame(FrameType.LOAD)[:16] + (1 << 40).to_bytes(8, "little") + bytes(40),
        frame(FrameType.LOAD)[:16] + b"\xff" * 8 + bytes(40),
    ],
    ids=["magic", "length", "length-max"],
)
def test_frame_that_the_stream_cannot_continue_after_ends_the_process(
    start: type[Program], bad: bytes
) -> None:
    process = confined(start(1 << 20))
    with pytest.raises((EOFError, ConnectionResetError)):
        process.step(bad)
    assert process.wait() == 4


@pytest.mark.parametrize("size", [1, 63, 64, 80])
def test_stream_that_ends_inside_a_frame_ends_the_process(start: type[Program], size: int) -> None:
    process = confined(start(1 << 20))
    process.stream.sendall(frame(FrameType.ATTEST, bytes(17))[:size])
    process.stream.close()
    assert process.wait() == 4


def test_frame_in_single_bytes_is_read(start: type[Program]) -> None:
    container = plus_constant(resident=True)
    process = start(needed(container))
    for byte in frame(FrameType.LOAD, MANIFEST + bytes(container.header)):
        process.stream.sendall(bytes([byte]))
    assert process.receive().type is FrameType.NEED_PAGE


def test_largest_header_is_read_and_refused_by_the_core(start: type[Program]) -> None:
    process = start(1 << 20)
    answer = process.send(FrameType.LOAD, bytes(32 + lib.CLO_HEADER_MAX))
    assert (answer.type, answer.a) == (FrameType.ERROR, lib.CLO_E_MEMORY)


def test_memory_64_bytes_smaller_is_refused(start: type[Program]) -> None:
    container = every_kind()
    process = start(needed(container) - 64)
    answer = process.start_load(container)
    assert (answer.type, answer.a) == (FrameType.ERROR, lib.CLO_E_MEMORY)


def test_kernels_can_be_chosen(start: type[Program]) -> None:
    import cbor2

    container = plus_constant()
    process = start(needed(container), "--kernels", "portable")
    process.load(container)
    answer = process.send(FrameType.ATTEST, attest_payload(1, 2, None))
    assert cbor2.loads(answer.payload[: answer.a])[-70008] == "portable"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--kernels", "mmx"], 3, "no such kernels"),
        (["--replay", "1000"], 3, "power of two"),
        (["--replay", "0"], 3, "power of two"),
        (["--window", "1048591"], 2, "usage"),
        (["--window", "0x1000000"], 2, "usage"),
        (["--replay", "-1"], 2, "usage"),
        (["--replay"], 2, "usage"),
        (["--speed", "9"], 2, "usage"),
        (["--memory", "0"], 2, "usage"),
        (["--memory", "99999999999999999999999"], 2, "usage"),
        (["--tee", "sgx9"], 2, "usage"),
        (["--privlevel", "256"], 2, "usage"),
        (["--tpm-key", "4294967296"], 2, "usage"),
        (["--pcrs", "16777216"], 2, "usage"),
        (["--tee", "snp", "--source", "/nowhere"], 3, "is configfs mounted"),
        (["--tee", "tpm", "--source", "/nowhere"], 3, "there is no such TPM"),
        (["--tee", "tpm", "--source", "/dev/null"], 3, "the TPM does not answer"),
        (["--fd", "0"], 3, "no local socket"),
        (["--fd", "77"], 3, "no local socket"),
    ],
)
def test_bad_option_is_told_and_nothing_starts(
    start: type[Program], options: list[str], code: int, says: str
) -> None:
    process = start(1 << 20, *options)
    assert process.wait() == code
    assert process.process.stderr and says in process.process.stderr.read().decode()


def test_network_socket_is_refused() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        fd = client.fileno()
        done = subprocess.run(
            [program(), "--fd", str(fd), "--memory", "65536"],
            pass_fds=[fd],
            capture_output=True,
            timeout=20,
            check=False,
        )
    assert done.returncode == 3 and b"no local socket" in done.stderr


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that confines itself by the same code and then makes one system call."""
    out = tmp_path_factory.mktemp("probe") / "probe"
    posix = ROOT / "enclave/ports/posix"
    sources = [ROOT / "enclave/test/confine_probe.c", posix / "confine.c"]
    flags = ["-std=gnu11", "-Wall", "-Wextra", "-Werror", f"-I{posix}"]
    subprocess.run(["cc", *flags, "-o", out, *sources], check=True)
    return out


def probed(probe: Path, *arguments: str) -> int:
    return subprocess.run([probe, *arguments], check=False, timeout=20).returncode


CALLS = {  # x86-64, aarch64
    "openat": (257, 56),
    "socket": (41, 198),
    "connect": (42, 203),
    "sendto": (44, 206),
    "recvmsg": (47, 212),
    "clone": (56, 220),
    "execve": (59, 221),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "ptrace": (101, 117),
    "kill": (62, 129),
    "prctl": (157, 167),
    "setrlimit": (160, 164),
    "dup": (32, 23),
    "ioctl": (16, 29),
    "process_vm_readv": (310, 270),
    "io_uring_setup": (425, 425),
}


@pytest.mark.parametrize("call", CALLS)
def test_any_other_system_call_ends_the_process(probe: Path, call: str) -> None:
    x86, arm = CALLS[call]
    number = arm if platform.machine() == "aarch64" else x86
    assert probed(probe, str(number)) == -signal.SIGSYS


def test_reading_and_writing_elsewhere_ends_the_process(probe: Path) -> None:
    read, write = ("63", "64") if platform.machine() == "aarch64" else ("0", "1")
    assert probed(probe, "none") == 0
    assert probed(probe, read, "fd", "0", "0") == 0
    for call in (read, write):
        assert probed(probe, call, "999", "0", "0") == -signal.SIGSYS


@pytest.mark.skipif(platform.machine() != "x86_64", reason="x32 is an ABI of x86-64")
def test_calls_of_the_x32_abi_end_the_process(probe: Path) -> None:
    assert probed(probe, str(0x40000000 + 231), "0") == -signal.SIGSYS


def test_memory_above_the_limit_is_not_given(probe: Path) -> None:
    assert probed(probe, "heap") == 0


def test_killed_enclave_leaves_a_closed_stream(start: type[Program]) -> None:
    container = plus_constant()
    process = start(needed(container))
    config = process.load(container)
    message, _ = sealed(config, np.ones((1, 4), np.float32))
    assert process.send(FrameType.REQUEST, message, id=1).type is FrameType.NEED_PAGE
    process.process.kill()
    with pytest.raises((EOFError, ConnectionError)):
        process.send(FrameType.CANCEL, id=1)


def test_two_starts_have_different_evidence_keys(start: type[Program]) -> None:
    container = plus_constant()
    keys = set()
    for _ in range(2):
        process = start(needed(container))
        config: KeyConfig = process.load(container)
        answer = process.send(FrameType.ATTEST, attest_payload(1, 2, None))
        keys |= {answer.payload[answer.a :][:32], config.public_key}
    assert len(keys) == 4
