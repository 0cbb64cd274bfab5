"""Kernels that make quotes, faked at the border between program and kernel.

`TsmKernel` is configfs-tsm (Linux, Documentation/ABI/testing/configfs-tsm-report): the program's
own system calls run, on a real directory, under its own confinement; a seccomp listener holds each
call for a moment, in which the kernel's part is done: attributes appear in a new directory, what
was written counts when the file is closed, the report is made when it is first read. A call may
also be answered with an error instead. `Gramine` is /dev/attestation: a quote is made when it is
opened, over what was written last.

What a test wants to be wrong is an argument.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cloister.enclaves.sandbox import program

Make = Callable[[bytes], tuple[bytes, bytes]]  # report data: outblob, auxblob

_CALLS = {
    "x86_64": {"read": 0, "write": 1, "close": 3, "openat": 257, "mkdirat": 258, "unlinkat": 263},
    "aarch64": {"read": 63, "write": 64, "close": 57, "openat": 56, "mkdirat": 34, "unlinkat": 35},
}[os.uname().machine]
_NAMES = {number: name for name, number in _CALLS.items()}
_SECCOMP = {"x86_64": 317, "aarch64": 277}[os.uname().machine]
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_NOTICE = struct.Struct("<QIIiIQ6Q")
_CONTINUE = 1


def listen_and_run(path: str, command: list[str]) -> None:
    """Becomes the command; who listens at path holds a listener on its system calls."""
    libc = ctypes.CDLL(None, use_errno=True)
    numbers = list(_CALLS.values())
    code = struct.pack("<HBBI", 0x20, 0, 0, 0)
    for number in numbers:
        code += struct.pack("<HBBI", 0x15, 0, 1, number)
        code += struct.pack("<HBBI", 0x06, 0, 0, 0x7FC00000)  # SECCOMP_RET_USER_NOTIF
    code += struct.pack("<HBBI", 0x06, 0, 0, 0x7FFF0000)
    buffer = ctypes.create_string_buffer(code)
    program = struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    with socket.socket(socket.AF_UNIX) as stream:
        stream.connect(path)
        libc.prctl(38, 1, 0, 0, 0)
        listener = libc.syscall(_SECCOMP, 1, 8, program)
        assert listener >= 0, os.strerror(ctypes.get_errno())
        socket.send_fds(stream, [b"x"], [listener])
        os.execv(command[0], command)


@dataclass
class TsmKernel:
    """A kernel with a configfs-tsm directory at `base`.

    Args:
        folder: Of its files.
        provider: `tdx_guest` or `sev_guest`.
        make: Makes the report.
        errors: By call and name, e.g. "read outblob": errors that the next such calls get.
        jumps: In so many directories somebody else writes, too.
    """

    folder: Path
    provider: str
    make: Make
    errors: dict[str, list[int]] = field(default_factory=dict)
    jumps: int = 0
    directories: list[str] = field(default_factory=list)
    privlevels: list[bytes] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    _generations: dict[Path, int] = field(default_factory=dict)
    _reported: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.base = self.folder / "report"
        self.base.mkdir()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(self.folder / "door"))
        self._door.listen()
        self.program = self.folder / "listened"
        self.program.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path[:0] = {sys.path!r}\n"
            "from enclaves.fake_kernel import listen_and_run\n"
            f"listen_and_run({str(self.folder / 'door')!r}, [{str(program())!r}, *sys.argv[1:]])\n"
        )
        self.program.chmod(0o700)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                stream, _ = self._door.accept()
                with stream:
                    _, (listener,), _, _ = socket.recv_fds(stream, 1, 1)
                threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def _listen(self, listener: int) -> None:
        with contextlib.suppress(OSError), os.fdopen(listener):
            while True:
                notice = bytearray(_NOTICE.size)
                try:
                    fcntl.ioctl(listener, _RECEIVE, notice)
                except OSError as error:
                    if error.errno in (errno.EINTR, errno.ENOENT) and _any_process(listener):
                        continue
                    return
                id_, pid, _, number, _, _, *arguments = _NOTICE.unpack(notice)
                failure = self._call(pid, _NAMES[number], arguments)
                answer = struct.pack("<QqiI", id_, 0, -failure, 0 if failure else _CONTINUE)
                with contextlib.suppress(OSError):  # it was killed meanwhile
                    fcntl.ioctl(listener, _SEND, answer)

    # ------------------------------------------------------------------------ the kernel's part
    def _call(self, pid: int, call: str, arguments: list[int]) -> int:
        """What happens before the call goes on; an error to answer it with, or 0."""
        try:
            place = Path(f"/proc/{pid}/fd/{arguments[0] & 0xFFFFFFFF}").readlink()
        except OSError:
            return 0
        if place != self.base and self.base not in place.parents:
            return 0
        name = "" if place == self.base else place.name if place.is_file() else "directory"
        what = f"{call} {name}".strip()
        self.calls.append(what)
        if self.errors.get(what):
            return self.errors[what].pop(0)
        done = {
            "openat": self._opened,
            "unlinkat": self._removing,
            "close inblob": lambda: self._written(place),
            "close privlevel": lambda: self._written(place),
            "read outblob": lambda: self._report(place.parent),
        }
        done.get(what, lambda: None)()
        return 0

    def _opened(self) -> None:
        for directory in self.base.iterdir():
            if directory not in self._generations:
                self.directories.append(directory.name)
                self._generations[directory] = 0
                names = ["inblob", "outblob", "generation"]
                names += ["auxblob", "privlevel"] if self.provider == "sev_guest" else []
                for name in names:
                    (directory / name).touch()
                (directory / "provider").write_text(f"{self.provider}\n")
                (directory / "generation").write_text("0\n")

    def _removing(self) -> None:
        for directory in self.base.iterdir():
            for file in directory.iterdir():
                file.unlink()
            self._generations.pop(directory, None)
            self._reported.discard(directory)

    def _written(self, place: Path) -> None:
        if place.name == "privlevel":
            self.privlevels.append(place.read_bytes())
        self._generations[place.parent] += 1
        (place.parent / "generation").write_text(f"{self._generations[place.parent]}\n")

    def _report(self, directory: Path) -> None:
        if directory in self._reported:
            return
        self._reported.add(directory)
        outblob, auxblob = self.make((directory / "inblob").read_bytes())
        (directory / "outblob").write_bytes(outblob)
        if self.provider == "sev_guest":
            (directory / "auxblob").write_bytes(auxblob)
        if self.jumps > 0:
            self.jumps -= 1
            self._written(directory / "inblob")


def _any_process(listener: int) -> bool:
    """Whether anybody still runs under the filter."""
    import select

    poll = select.poll()
    poll.register(listener, select.POLLIN)
    return not any(event & select.POLLHUP for _, event in poll.poll(0))


@dataclass
class Gramine:
    """/dev/attestation at `base`.

    Args:
        base: The directory.
        make: Makes the quote.
        kind: What attestation_type says.
        piece: So many bytes are given at once.
    """

    base: Path
    make: Callable[[bytes], bytes]
    kind: str = "dcap"
    piece: int = 1 << 20

    def __post_init__(self) -> None:
        self.base.mkdir()
        (self.base / "attestation_type").write_text(self.kind)
        (self.base / "user_report_data").write_bytes(bytes(64))
        os.mkfifo(self.base / "quote")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._over.wait(0.002):
            try:
                fd = os.open(self.base / "quote", os.O_WRONLY | os.O_NONBLOCK)
            except OSError:  # nobody has opened it
                continue
            with contextlib.suppress(BrokenPipeError):
                os.set_blocking(fd, True)
                quote = self.make((self.base / "user_report_data").read_bytes())
                for at in range(0, len(quote), self.piece):
                    os.write(fd, quote[at : at + self.piece])
            os.close(fd)
            # The reader sees the end of the file before another quote is begun.
            self._over.wait(0.02)


@contextlib.contextmanager
def running(kernel: TsmKernel | Gramine) -> Iterator[None]:
    """Ends it afterwards."""
    try:
        yield
    finally:
        kernel.close()
