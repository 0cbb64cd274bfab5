"""The laboratory: what it takes to boot a real OP-TEE under QEMU on this machine, from Debian's
packages.

    (1) host tools     QEMU, a cross compiler; installed by apt when root, else the missing ones are
        named
    (2) lists          of Debian trixie for arm64, signatures checked by apt; the mirror is the one
        of this machine's apt
    (3) packages       kernel, busybox, libc, libteec, tee-supplicant, OP-TEE and its dev kit:
        downloaded, unpacked privately
    (4) firmware       Arm's Trusted Firmware for QEMU, built from Debian's source around Debian's
        OP-TEE
    (5) root           the guest's files, as an archive

Rules kept:
* Nothing of the guest is installed on this machine; all of it lies in one folder, `place()`, which
  can be deleted.
* A laboratory is whole or not there: it is made in a folder beside and renamed at the end; two
  makers wait for one another.
* What is not possible is `NoLab`, with the reason and what to do: tests skip with it.

OP-TEE and the dev kit must be of one release: trusted applications are signed with the kit's key.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cloister.errors import OutsideError
from cloister.optee import cpio
from cloister.optee.boards import BOARDS, Board

PLACE_ENV: Final = "CLOISTER_OPTEE_LAB"
SUITE: Final = "trixie"
FORMAT: Final = 2  # of the laboratory's folder; a new number makes a new one
KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
CROSS: Final = "aarch64-linux-gnu-"
PLATFORM: Final = "vexpress-qemu_armv8a"
# program -> Debian's package
HOST_TOOLS: Final = {
    "qemu-system-aarch64": "qemu-system-arm",
    f"{CROSS}gcc": "gcc-aarch64-linux-gnu",
    "make": "make",
    "patch": "patch",
    "gcc": "gcc",
    "dpkg-deb": "dpkg",
    "apt-get": "apt",
}
MKE2FS: Final = "/usr/sbin/mke2fs"
# file -> Debian's package
HOST_FILES: Final = {
    "/usr/aarch64-linux-gnu/include/stdio.h": "libc6-dev-arm64-cross",
    "/usr/include/openssl/evp.h": "libssl-dev",
    MKE2FS: "e2fsprogs",
    str(KEYRING): "debian-archive-keyring",
}
GUEST_PACKAGES: Final = (
    "busybox-static", "libc6", "libteec2", "tee-supplicant", "optee-client-dev", "optee-os",
    "optee-os-dev",
)  # fmt: skip
KERNEL_PACKAGE: Final = "linux-image-cloud-arm64"
FIRMWARE_SOURCE: Final = "arm-trusted-firmware"
MODULES: Final = (
    "tee",
    "optee",
    "failover",
    "net_failover",
    "virtio_net",
    "virtio_blk",
)  # in the order in which they load
_LIBRARIES: Final = ("ld-linux-aarch64.so.1", "libc.so.6", "libteec.so.2")
_TIMEOUT_S: Final = 900
_TAIL: Final = 600

Say = Callable[[str], None]


class NoLab(OutsideError):
    """The laboratory cannot be set up here."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(f"no OP-TEE laboratory: {why}", code="no-optee-lab", hint=hint)


@dataclass(frozen=True)
class Lab:
    """A laboratory that is set up.

    Args:
        place: Its folder.
        versions: Debian package -> version.
        image: Folder of an OP-TEE that was built here (image.py); None: Debian's.
        profile: What the image is built for, a row of `PLATFORMS` (plan.py).
        board: The machine.
    """

    place: Path
    versions: dict[str, str]
    image: Path | None = None
    profile: str = "stock"
    board: Board = BOARDS["virt"]

    @property
    def kernel(self) -> Path:
        """Linux, as QEMU's loader takes it."""
        return self.place / "vmlinuz"

    @property
    def flash(self) -> Path:
        """Trusted Firmware and OP-TEE."""
        return (self.image or self.place) / "flash.bin"

    @property
    def root(self) -> Path:
        """The guest's files but for a boot's own."""
        return self.place / "root.cpio"

    @property
    def dev_kit(self) -> Path:
        """OP-TEE's kit for trusted applications."""
        if self.image is not None:
            return self.image / "kit"
        return self.place / "guest/usr/lib/optee-os-dev" / PLATFORM

    @property
    def guest(self) -> Path:
        """Unpacked packages: headers and libraries for programs of the normal world."""
        return self.place / "guest"

    @property
    def optee_version(self) -> str:
        """Debian's version of OP-TEE."""
        return self.versions["optee-os"]


def place() -> Path:
    """Where the laboratory is: $CLOISTER_OPTEE_LAB, else in the user's cache."""
    given = os.environ.get(PLACE_ENV)
    if given:
        return Path(given)
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "cloister" / "optee"


def open_lab() -> Lab | None:
    """The laboratory, if it was set up."""
    folder = place() / f"{SUITE}-{FORMAT}"
    try:
        versions = json.loads((folder / "versions.json").read_text())
    except (OSError, ValueError):
        return None
    return Lab(folder, versions)


def set_up(say: Say = lambda _: None) -> Lab:
    """Sets the laboratory up, or finds that it is.

    Args:
        say: Told what is being done.

    Raises:
        NoLab: It is not possible here; the reason says why.
    """
    # (1) host tools
    host_tools(say)
    folder = place()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        lab = open_lab()
        if lab is not None:
            return lab
        work = Path(tempfile.mkdtemp(prefix="new-", dir=folder))
        try:
            _make(work, say)
            target = folder / f"{SUITE}-{FORMAT}"
            if target.exists():
                shutil.rmtree(target)
            work.rename(target)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    made = open_lab()
    if made is None:
        raise NoLab(f"what was made in {folder} cannot be read")
    return made


def _make(work: Path, say: Say) -> None:
    guest, packages, source = work / "guest", work / "packages", work / "source"
    for made in (guest, packages, source):
        made.mkdir()
    # (2) lists
    say(f"reading the lists of Debian {SUITE} for arm64")
    apt = Apt(work / "apt").fresh()
    # (3) packages
    kernel = apt.kernel()
    say(f"downloading {kernel}, {', '.join(GUEST_PACKAGES)}")
    apt.run("download", *(f"{name}/{SUITE}" for name in (kernel, *GUEST_PACKAGES)), cwd=packages)
    versions = _unpack(packages, guest)
    # (4) firmware
    say(f"building {FIRMWARE_SOURCE} for QEMU around OP-TEE {versions['optee-os']}")
    optee = guest / "usr/lib/optee" / PLATFORM
    tree = apt.source(FIRMWARE_SOURCE, source)
    (work / "flash.bin").write_bytes(firmware(tree, BOARDS["virt"], optee, source))
    # (5) root
    (image,) = (guest / "boot").glob("vmlinuz-*")
    shutil.copyfile(image, work / "vmlinuz")
    (work / "root.cpio").write_bytes(cpio.archive(_root(guest)))
    for done in (packages, source, work / "apt", guest / "boot", guest / "usr/lib/modules"):
        shutil.rmtree(done)
    (work / "versions.json").write_text(json.dumps(versions, indent=1, sort_keys=True) + "\n")


# ---------------------------------------------------------------------------- (1) host tool
def missing_tools(
    tools: Mapping[str, str] = HOST_TOOLS, files: Mapping[str, str] = HOST_FILES
) -> list[str]:
    """Debian packages of the host that are not there.

    Args:
        tools: Program -> package.
        files: File -> package.
    """
    missing = [package for tool, package in tools.items() if shutil.which(tool) is None]
    return missing + [package for file, package in files.items() if not Path(file).exists()]


def host_tools(
    say: Say,
    tools: Mapping[str, str] = HOST_TOOLS,
    files: Mapping[str, str] = HOST_FILES,
) -> None:
    """Installs by apt what is missing, as root; else says what that is.

    Raises:
        NoLab: It is missing still.
    """
    missing = missing_tools(tools, files)
    if not missing:
        return
    hint = f"Install them: apt-get install {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NoLab(f"this machine lacks {', '.join(missing)}", hint)
    say(f"installing {', '.join(missing)}")
    options = ("-qq", "-oDPkg::Lock::Timeout=120")
    run(["apt-get", *options, "update"])
    run(["apt-get", *options, "install", "-y", "--no-install-recommends", *missing])
    missing = missing_tools(tools, files)
    if missing:
        raise NoLab(f"apt did not bring {', '.join(missing)}", hint)


# ---------------------------------------------------------------------------- (2) lists
class Apt:
    """apt for arm64 with lists and a cache of its own; proxies and credentials are the machine's.

    Args:
        folder: Its own.
        suite: Of Debian.
    """

    def __init__(self, folder: Path, suite: str = SUITE) -> None:
        self._suite = suite
        for part in ("lists/partial", "cache/archives/partial"):
            (folder / part).mkdir(parents=True)
        sources = folder / "sources.list"
        entry = f"[signed-by={KEYRING}] {_mirror()} {suite} main\n"
        sources.write_text(f"deb {entry}deb-src {entry}")
        self._options = [
            "-qq",
            *("-oAPT::Architecture=arm64", "-oAPT::Architectures=arm64"),
            *(f"-oDir::Etc::sourcelist={sources}", "-oDir::Etc::sourceparts=/dev/null"),
            *("-oDir::Etc::preferencesparts=/dev/null", "-oDir::Etc::preferences=/dev/null"),
            *(f"-oDir::State::Lists={folder}/lists", "-oDir::State::status=/dev/null"),
            *(f"-oDir::Cache={folder}/cache", "-oAPT::Sandbox::User=root"),
            *("-oAcquire::Retries=3", "-oAPT::Update::Error-Mode=any"),
        ]

    def fresh(self) -> Self:
        """With the lists as they are now."""
        self.run("update")
        return self

    def run(self, *arguments: str, cwd: Path | None = None) -> str:
        """Runs apt-get."""
        return run(["apt-get", *self._options, *arguments], cwd=cwd)

    def source(self, name: str, folder: Path) -> Path:
        """Brings the source of a package, whose digests a signed list has; unpacked, with Debian's
        patches, in a folder of its own under `folder`.
        """
        self.run("source", "--download-only", f"{name}/{self._suite}", cwd=folder)
        (tar,) = folder.glob("*.orig.tar.*")
        run(["tar", "-xf", tar.name], cwd=folder)
        (tree,) = (path for path in folder.iterdir() if path.is_dir() and path.name != "apt")
        for debian in folder.glob("*.debian.tar.*"):
            run(["tar", "-xf", str(debian)], cwd=tree)
        series = tree / "debian/patches/series"
        names = series.read_text().splitlines() if series.exists() else []
        for patch in (name.split()[0] for name in names if name.strip() and name[0] != "#"):
            run(["patch", "-s", "-p1", "-i", f"debian/patches/{patch}"], cwd=tree)
        return tree

    def kernel(self) -> str:
        """The package of the newest cloud kernel."""
        shown = run(["apt-cache", *self._options, "depends", f"{KERNEL_PACKAGE}/{SUITE}"])
        for line in shown.splitlines():
            kind, _, name = line.strip().partition(": ")
            if kind == "Depends" and name.startswith("linux-image-"):
                return name
        raise NoLab(f"{KERNEL_PACKAGE} of Debian {SUITE} names no kernel")


def _mirror() -> str:
    """The Debian mirror that this machine's apt is set up with."""
    shown = run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)|$(LABEL)", "Created-By: Packages"]
    )
    rows = [line.split("|") for line in shown.splitlines() if "|" in line]
    labelled = [uri for uri, label in rows if label == "Debian"]
    others = [uri for uri, _ in rows if uri.rstrip("/").endswith("/debian")]
    for uri in (*labelled, *others):
        return uri
    raise NoLab(
        "this machine's apt knows no Debian mirror",
        "Add one to apt's sources, or run `make optee` on a Debian machine.",
    )


# ---------------------------------------------------------------------------- (3) packages
def _unpack(packages: Path, guest: Path) -> dict[str, str]:
    versions = {}
    for package in sorted(packages.glob("*.deb")):
        fields = run(["dpkg-deb", "-f", str(package), "Package", "Version"]).splitlines()
        name, version = (line.partition(": ")[2] for line in fields)
        versions["linux" if name.startswith("linux-image-") else name] = version
        run(["dpkg-deb", "-x", str(package), str(guest)])
    absent = [name for name in ("linux", *GUEST_PACKAGES) if name not in versions]
    if absent:
        raise NoLab(f"apt did not bring {', '.join(absent)}")
    return versions


# ---------------------------------------------------------------------------- (4) firmware
def firmware(tree: Path, board: Board, optee: Path, work: Path) -> bytes:
    """The flash: first boot stage, and behind it a package of all later ones with OP-TEE.

    Args:
        tree: Source of Trusted Firmware.
        board: For which it is built.
        optee: Holds OP-TEE's images.
        work: Where what is built may lie.
    """
    header, pager = optee / "tee-header_v2.bin", optee / "tee-pager_v2.bin"
    for file, line in board.sources:
        if line not in (tree / file).read_text():
            with (tree / file).open("a") as out:
                out.write(line)
    run(
        [
            *("make", "-s", "-C", str(tree), f"-j{os.cpu_count() or 1}", f"CROSS_COMPILE={CROSS}"),
            *(f"BUILD_BASE={work / 'firmware'}", "DEBUG=0", "LOG_LEVEL=20", "E=0", "SPD=opteed"),
            *(*board.firmware, "ARM_LINUX_KERNEL_AS_BL33=1"),
            *(f"PRELOADED_BL33_BASE={board.kernel_at:#x}", f"BL32={header}"),
            *(f"BL32_EXTRA1={pager}", "bl1", "bl2", "bl31", "fiptool"),
        ]
    )
    (built,), package = (work / "firmware").glob("*/release"), work / "fip.bin"
    run(
        [
            *(str(tree / "tools/fiptool/fiptool"), "create"),
            *("--tb-fw", str(built / "bl2.bin"), "--soc-fw", str(built / "bl31.bin")),
            *("--tos-fw", str(header), "--tos-fw-extra1", str(pager), str(package)),
        ]
    )
    return (built / "bl1.bin").read_bytes().ljust(board.package_at, b"\0") + package.read_bytes()


# ---------------------------------------------------------------------------- (5) root
# A shell of root listens on the port that QEMU connects to the host's process: it is how a test
# acts as the attacker in the normal world, and when the host's process is gone the guest ends.
INIT: Final = f"""#!/bin/busybox sh
/bin/busybox mount -t proc p /proc; /bin/busybox mount -t sysfs s /sys
/bin/busybox mount -t devtmpfs d /dev; /bin/busybox --install -s
export PATH=/usr/bin:/usr/sbin:/bin:/sbin
for m in {" ".join(MODULES)}; do insmod /lib/modules/$m.ko; done
while [ ! -e /dev/tee0 ]; do usleep 10000; done
tee-supplicant -d /dev/teepriv0
ip link set lo up; ip link set eth0 up 2>/dev/null && ip addr add 10.0.2.15/24 dev eth0
while [ ! -e /dev/vport0p1 ]; do usleep 10000; done
exec 3<>/dev/vport0p1
[ -x /boot/start ] && /boot/start >&3 2>&1 3>&- &
sh <&3 >&3 2>&1 3>&-
poweroff -f
"""


def _root(guest: Path) -> Iterator[cpio.Entry]:
    for folder in (
        "bin", "sbin", "boot", "dev", "proc", "sys", "tmp", "usr", "usr/bin", "usr/sbin", "lib",
        "lib/modules",
        "lib/aarch64-linux-gnu", "lib/optee_armtz", "var", "var/lib", "var/lib/optee-client",
        "var/lib/optee-client/data", "var/lib/optee-client/data/tee",
    ):  # fmt: skip
        yield cpio.directory(folder)
    yield cpio.program("init", INIT.encode())
    yield cpio.program("bin/busybox", (guest / "usr/bin/busybox").read_bytes())
    yield cpio.program("usr/sbin/tee-supplicant", (guest / "usr/sbin/tee-supplicant").read_bytes())
    for library in _LIBRARIES:
        content = (guest / "usr/lib/aarch64-linux-gnu" / library).read_bytes()
        yield cpio.program(f"lib/aarch64-linux-gnu/{library}", content)
    yield cpio.link("lib/ld-linux-aarch64.so.1", "aarch64-linux-gnu/ld-linux-aarch64.so.1")
    found = {path.name.split(".")[0]: path for path in (guest / "usr/lib/modules").rglob("*.ko.xz")}
    for module in MODULES:
        if module not in found:
            raise NoLab(f"Debian's kernel has no module {module}")
        yield cpio.Entry(f"lib/modules/{module}.ko", lzma.decompress(found[module].read_bytes()))


# ---------------------------------------------------------------------------- parts
def run(command: Sequence[str], *, cwd: Path | None = None, timeout_s: float = _TIMEOUT_S) -> str:
    """Runs a program quietly; its words are in the error when it fails."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True,
            errors="replace", check=False, timeout=timeout_s,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoLab(f"{command[0]} cannot be run or does not end: {error}") from error
    if done.returncode != 0:
        words = " ".join((done.stderr or done.stdout).split())[-_TAIL:]
        raise NoLab(f"{Path(command[0]).name} failed: {words or done.returncode}")
    return done.stdout


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a file's lock: two makers of the same thing wait for one another."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """`python -m cloister.optee.lab`: sets the laboratory up and says where it is."""
    try:
        lab = set_up(lambda text: print(f"optee: {text}", flush=True))
    except NoLab as error:
        print(f"{error.message}\n{error.hint}".rstrip(), file=sys.stderr)
        return error.exit_code
    print(f"optee: OP-TEE {lab.optee_version}, Linux {lab.versions['linux']}: {lab.place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
