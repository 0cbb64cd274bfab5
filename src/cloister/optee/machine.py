"""A machine with a real OP-TEE: QEMU, booted with a trusted application and the daemon in it.

QEMU enforces the split: the normal world cannot read secure memory. What its constant hardware key
means: secure storage and attestation on this machine prove nothing to anyone; docs/optee.md.

Rules kept:
* The machine ends with this object, and the guest ends by itself when this process is gone: its
  shell's line closes.
* Everything that is started is ended by its own process id.
* Nothing listens but one port, on this machine's loopback unless told otherwise; it leads to the
  daemon.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cloister.child import Child
from cloister.errors import OutsideError
from cloister.files import aside
from cloister.optee import cpio
from cloister.optee.build import UUID
from cloister.optee.lab import MKE2FS, Lab

BOOT_S: Final = 90.0
GUEST_PORT: Final = 7000
PORT_TRIES: Final = 5
_STOP_S: Final = 3.0
_KEPT: Final = 4096
_STORAGE_AT: Final = "/var/lib/optee-client/data"
_STORAGE_BYTES: Final = 8 << 20
# Clients on other hosts come with their own addresses.
_ROUTE: Final = "ip route add default via 10.0.2.2\n"
_LOG_LINES: Final = 1000
_LISTENING: Final = "cloister-optee: listening"
_LOADED: Final = "cloister-optee: the bundle "  # is loaded, or waits for its key
_ENDED: Final = "cloister-optee: ended"


class MachineEnded(OutsideError):
    """The machine does not boot, ended, or does not answer."""

    def __init__(self, what: str, said: str = "") -> None:
        words = " ".join(said.split())[-600:]
        super().__init__(
            f"the OP-TEE machine {what}" + (f": {words}" if words else ""), code="optee-machine"
        )


@dataclass(frozen=True)
class Boot:
    """What a machine is booted with.

    Args:
        application: The signed trusted application.
        daemon: `cloister-optee`.
        arguments: Further arguments of the daemon.
        files: Further files of the guest: path without leading slash -> bytes; may be run.
        storage: A file with the device's secure storage, made where it is not there: keys in it
            outlive the machine. None: storage ends with the machine.
        qemu: Further arguments of QEMU.
    """

    application: bytes
    daemon: bytes
    arguments: tuple[str, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    storage: Path | None = None
    qemu: tuple[str, ...] = ()

    @property
    def ready(self) -> str:
        """How the daemon's line begins that says that clients or hosts may come."""
        return _LOADED if "--bundle" in self.arguments else _LISTENING

    def archive(self) -> bytes:
        """Files that come on top of the laboratory's root."""
        arguments = " ".join(("--listen", f"tcp:0.0.0.0:{GUEST_PORT}", *self.arguments))
        # A daemon that ends is started anew; what it held is lost with its session.
        start = (
            f"#!/bin/busybox sh\n{_clock()}{self._mount()}{_ROUTE}while true; do\n"
            f'cloister-optee {arguments}\necho "cloister-optee: ended with $?"\n'
            "usleep 100000\ndone\n"
        )
        folders = sorted(
            {str(parent) for path in self.files for parent in Path(path).parents} - {"."}
        )
        return cpio.archive(
            [
                *(cpio.directory(folder) for folder in folders),
                cpio.Entry(f"lib/optee_armtz/{UUID}.ta", self.application),
                cpio.program("usr/bin/cloister-optee", self.daemon),
                cpio.program("boot/start", start.encode()),
                *(cpio.program(path, content) for path, content in self.files.items()),
            ]
        )

    def _mount(self) -> str:
        """A line that puts secure storage on the disk: written through, so that a machine may be
        ended at any time.
        """
        if self.storage is None:
            return ""
        return (
            f"mount -t ext4 -o sync,dirsync /dev/vda {_STORAGE_AT} && mkdir -p {_STORAGE_AT}/tee"
            " || { echo cloister-optee: no storage >/dev/console; poweroff -f; }\n"
        )


def _clock() -> str:
    """A line that tells a guest the time whose own clock is behind: sbsa-ref's has none for Linux,
    and evidence of 1970 is expired.
    """
    now = int(time.time())
    return f"[ $(date +%s) -ge {now} ] || date -s @{now} >/dev/null\n"


class Machine:
    """A booted machine.

    Args:
        lab: The laboratory.
        boot: What it is booted with.
        host: Address of this machine to listen on.
        port: There, leads to the daemon; 0: any free one.
        boot_s: How long a boot may take.

    Raises:
        MachineEnded: It does not boot.
    """

    def __init__(
        self,
        lab: Lab,
        boot: Boot,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        boot_s: float = BOOT_S,
    ) -> None:
        self._host = host
        self._said = b""
        self.daemon_log: list[str] = []
        if boot.storage is not None:
            _make_disk(boot.storage)
        self.port = port or _free_port(host)
        self._folder = tempfile.TemporaryDirectory(prefix="cloister-optee-")
        place = Path(self._folder.name)
        initrd = place / "root.cpio"
        initrd.write_bytes(lab.root.read_bytes() + boot.archive())
        began = time.monotonic()
        for left in range(PORT_TRIES - 1, -1, -1):
            self._start(lab, boot, place, initrd)
            try:
                self._wait_for_daemon(time.monotonic() + boot_s, boot.ready)
                break
            except MachineEnded:
                taken = b"Could not set up host forwarding" in self._words()
                self.close(keep_folder=bool(left and taken and not port))
                if not (left and taken) or port:
                    raise
                self.port = _free_port(host)
        self.boot_s = time.monotonic() - began

    def _start(self, lab: Lab, boot: Boot, place: Path, initrd: Path) -> None:
        ours, theirs = socket.socketpair()
        control, monitor = socket.socketpair()
        with theirs, monitor, (place / "qemu.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *("qemu-system-aarch64", *lab.board.qemu),
                    *("-cpu", "cortex-a57", "-smp", "1", "-nodefaults", "-nographic"),
                    *(
                        "-serial",
                        f"file:{place}/console.log",
                        "-serial",
                        f"file:{place}/secure.log",
                    ),
                    *("-bios", str(lab.flash), *_linux(lab, place, initrd)),
                    *("-chardev", f"socket,id=shell,fd={theirs.fileno()}"),
                    *(
                        "-device",
                        "virtio-serial-pci",
                        "-device",
                        "virtserialport,chardev=shell,name=shell",
                    ),
                    "-netdev",
                    f"user,id=net,restrict=on,hostfwd=tcp:{self._host}:{self.port}-:{GUEST_PORT}",
                    *("-device", "virtio-net-pci,netdev=net,romfile="),
                    *(
                        "-chardev",
                        f"socket,id=qmp,fd={monitor.fileno()}",
                        "-mon",
                        "chardev=qmp,mode=control",
                    ),
                    *(_disk(boot.storage) if boot.storage else ()),
                    *("-no-reboot", *boot.qemu),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(), monitor.fileno()),
                process_group=0,
            )
        self._shell, self._control = ours, control
        self._qmp_ready = False
        leave = contextlib.ExitStack()
        leave.callback(ours.close)
        leave.callback(control.close)
        # The guest has nothing to save.
        self._child = Child(process, process.terminate, _STOP_S, leave)

    # ---------------------------------------------------------------------------------- state
    @property
    def pid(self) -> int:
        """QEMU's process."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether QEMU has not ended."""
        return self._child.running

    def exit_status(self) -> str:
        """How it ended, in words."""
        if self._child.closed:
            return "stopped"
        how = self._child.how_ended()
        if how is None:
            last = self.daemon_log[-1:] or ["still runs"]
            return last[0]
        words = " ".join(self._words().decode("utf-8", "replace").split())
        return f"QEMU: {how}" + (f": {words}" if words else "")

    def console(self, name: str = "console") -> str:
        """What Linux (`console`) or OP-TEE (`secure`) wrote."""
        return (Path(self._folder.name) / f"{name}.log").read_text(errors="replace")

    # ---------------------------------------------------------------------------------- talk
    def connect(self) -> socket.socket:
        """A stream to the daemon: one instance of the trusted application."""
        try:
            return socket.create_connection((self._host, self.port), 10)
        except OSError as error:
            raise MachineEnded(f"does not take a connection ({error})") from error

    def shell(self, command: str, *, timeout_s: float = 30.0) -> tuple[int, str]:
        """Runs a command as root of the normal world: as the attacker.

        Returns:
            Its exit code and what it said.
        """
        mark = f"done-{secrets.token_hex(6)}"
        line = f"{{ {command}\n}} </dev/null 2>&1; code=$?; echo; echo {mark} $code\n"
        deadline = time.monotonic() + timeout_s
        self._shell.settimeout(timeout_s)
        self._shell.sendall(line.encode())
        said: list[str] = []
        while True:
            text = self._line(deadline)
            if text.startswith(mark):
                return int(text.split()[1]), "\n".join(said).rstrip("\n")
            if text.startswith("cloister-optee:"):
                self.daemon_log.append(text)
            else:
                said.append(text)

    def hear(self, timeout_s: float) -> None:
        """Takes in what the daemon says meanwhile: its line must not fill up."""
        ready, _, _ = select.select([self._shell], [], [], timeout_s)
        while ready or b"\n" in self._said:
            self.daemon_log = [*self.daemon_log, self._line(time.monotonic())][-_LOG_LINES:]
            ready, _, _ = select.select([self._shell], [], [], 0)

    def wait_for(self, prefix: str, *, timeout_s: float = 30.0) -> str:
        """Waits for a line of the daemon."""
        deadline = time.monotonic() + timeout_s
        while True:
            text = self._line(deadline)
            self.daemon_log.append(text)
            if text.startswith(prefix):
                return text

    def qmp(self, command: str, **arguments: object) -> Any:  # noqa: ANN401 - QEMU's JSON
        """Asks QEMU itself (QMP)."""
        self._control.settimeout(60)
        with self._control.makefile("rwb", buffering=0) as stream:
            if not self._qmp_ready:
                stream.readline()
                _qmp(stream, {"execute": "qmp_capabilities"})
                self._qmp_ready = True
            return _qmp(stream, {"execute": command, "arguments": arguments})

    # ---------------------------------------------------------------------------------- end
    def stop(self) -> None:
        """Ends QEMU and waits until it has ended; may be called twice."""
        self._child.stop()

    def close(self, *, keep_folder: bool = False) -> None:
        """Ends it and gives everything back; may be called twice."""
        self._child.close()
        if not keep_folder:
            self._folder.cleanup()

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------------------------- parts
    def _wait_for_daemon(self, deadline: float, ready: str) -> None:
        while not (line := self._line(deadline)).startswith(ready):
            self.daemon_log.append(line)
            if line.startswith(_ENDED):
                raise MachineEnded("does not take the bundle", " ".join(self.daemon_log))

    def _line(self, deadline: float) -> str:
        while b"\n" not in self._said:
            left = deadline - time.monotonic()
            if left <= 0:
                raise MachineEnded("does not answer", self._last())
            self._shell.settimeout(left)
            try:
                got = self._shell.recv(65536)
            except TimeoutError:
                continue
            except OSError as error:
                raise MachineEnded(f"ended ({error})", self._last()) from error
            if not got:
                raise MachineEnded("ended", self._last())
            self._said += got
        line, _, self._said = self._said.partition(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r")

    def _words(self) -> bytes:
        with contextlib.suppress(OSError):
            return (Path(self._folder.name) / "qemu.log").read_bytes()[-_KEPT:]
        return b""

    def _last(self) -> str:
        words = self._words().decode("utf-8", "replace")
        with contextlib.suppress(OSError):
            words += self.console()[-_KEPT:]
        return words


def _make_disk(file: Path) -> None:
    """A disk with an empty file system, this user's alone, where there is none yet."""
    if file.exists():
        return
    try:
        with aside(file) as disk:
            os.close(os.open(disk, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
            os.truncate(disk, _STORAGE_BYTES)
            made = subprocess.run(
                [MKE2FS, "-q", "-F", "-t", "ext4", str(disk)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if made.returncode != 0:
                raise OSError(made.stderr.strip() or f"mke2fs: {made.returncode}")
            disk.rename(file)
    except OSError as error:
        raise OutsideError(
            f"storage {file} cannot be made: {error.strerror or error}", code="optee-storage"
        ) from error


def _disk(file: Path) -> tuple[str, ...]:
    # A comma in a file name is written twice.
    name = str(file).replace(",", ",,")
    return (
        *("-drive", f"if=none,id=storage,format=raw,file={name}"),
        *("-device", "virtio-blk-pci,drive=storage"),
    )


def _linux(lab: Lab, place: Path, initrd: Path) -> list[str]:
    """QEMU's arguments that put Linux, its files and its command line into memory."""
    board, size = lab.board, initrd.stat().st_size
    put = {board.kernel_at: lab.kernel, board.initrd_at: initrd}
    words = f"initrdmem={board.initrd_at:#x},{size:#010x}"
    arguments = []
    if board.tree_at is None:
        # QEMU puts the command line into its device tree, if it knows of a kernel.
        line = f"console=ttyAMA0 quiet panic=-1 {words}"
        arguments += ["-kernel", str(lab.kernel), "-append", line]
    else:
        tree = (lab.flash.parent / "board.dtb").read_bytes()
        put[board.tree_at] = place / "board.dtb"
        put[board.tree_at].write_bytes(tree.replace(words[:-8].encode() + b"0" * 8, words.encode()))
    for address, file in put.items():
        arguments += ["-device", f"loader,file={file},addr={address:#x},force-raw=on"]
    return arguments


def _free_port(host: str) -> int:
    with socket.socket() as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise OutsideError(
                f"cannot listen on {host!r}: {error.strerror or error}", code="bad-address"
            ) from error
        port: int = probe.getsockname()[1]
        return port


def _qmp(stream: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
    stream.write(json.dumps(request).encode() + b"\n")
    while True:
        line = stream.readline()
        if not line:
            raise MachineEnded("ended")
        answer = json.loads(line)
        if "return" in answer:
            return answer["return"]
        if "error" in answer:
            raise MachineEnded(f"refused {request['execute']}", str(answer["error"]))
