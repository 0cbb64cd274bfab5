"""OP-TEE built anew with the numbers of a plan, from Debian's source: secure memory, page tables,
the attestation service, and the processor's instructions for ciphers.

    (1) source     of OP-TEE (Debian sid) and Trusted Firmware (trixie), through the mirror of this
        machine's apt, digests checked against its signed lists; kept for the next image
    (2) OP-TEE     built with `settings`
    (3) firmware   built around it, and for `sbsa` the board's device tree

An image is kept under the digest of its settings: the same numbers are built once. Applications are
built with the image's own dev kit.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final

from cloister.errors import UserError
from cloister.optee.boards import BOARDS
from cloister.optee.lab import (
    CROSS,
    FIRMWARE_SOURCE,
    SUITE,
    Apt,
    Lab,
    NoLab,
    Say,
    firmware,
    host_tools,
    locked,
    place,
    run,
    set_up,
)
from cloister.optee.plan import PLATFORMS, TABLE, Plan, Platform

OPTEE_SOURCE: Final = "optee-os"
OPTEE_SUITE: Final = "sid"
FORMAT: Final = 1  # of an image's folder; a new number makes new ones
MIB: Final = 1 << 20
BUILD_S: Final = 3600.0  # a minute and a half where the processor is free
PAGE_TABLES_MIN: Final = 8
_PYTHON: Final = "/usr/bin/python3"  # its packages are Debian's
_DIST: Final = "/usr/lib/python3/dist-packages"
TOOLS: Final = {"dtc": "device-tree-compiler", "patch": "patch", _PYTHON: "python3"}
FILES: Final = {
    f"{_DIST}/elftools/__init__.py": "python3-pyelftools",
    f"{_DIST}/cryptography/__init__.py": "python3-cryptography",
}


@dataclass(frozen=True)
class Profile:
    """What an OP-TEE is built for.

    Args:
        board: The machine.
        flavor: OP-TEE's name for it.
        dram_at: Start of the isolated memory that OP-TEE gets.
        dram_most: Its length, at most.
        ram: Of it, for OP-TEE itself.
        settings: Further lines of its configuration.
    """

    board: str
    flavor: str
    dram_at: int
    dram_most: int
    ram: int
    settings: tuple[str, ...] = ()


PROFILES: Final = {
    "planned": Profile("virt", "qemu_armv8a", 0x0E10_0000, 15 * MIB, 2 * MIB),
    "sbsa": Profile(
        "sbsa", "qemu_sbsa", 0x2010_0000, 496 * MIB, 4 * MIB, ("CFG_CORE_HEAP_SIZE=1048576",)
    ),
}
COMMON: Final = (
    "CFG_ARM64_core=y",
    "CFG_USER_TA_TARGETS=ta_arm64",
    "CFG_ARM_GICV3=y",
    "CFG_BUILD_IN_TREE_TA=n",
    "CFG_PKCS11_TA=n",
    "CFG_TEE_CORE_LOG_LEVEL=1",
    "CFG_ATTESTATION_PTA=y",
    "CFG_ATTESTATION_PTA_KEY_SIZE=2048",
    "CFG_CRYPTO_WITH_CE=y",
)


def settings(name: str, planned: Plan | None = None) -> tuple[str, ...]:
    """OP-TEE's configuration.

    Args:
        name: Of the profile.
        planned: What has to fit; None: as much as the board has.
    """
    profile, platform = profile_of(name), PLATFORMS[name]
    size, tables = profile.dram_most, platform.page_tables
    if planned is not None:
        needed = profile.ram + planned.data_bytes + planned.aside_bytes
        size = min(size, -(-needed // MIB) * MIB)
        tables = max(PAGE_TABLES_MIN, planned.tables)
    return (
        *COMMON,
        *profile.settings,
        f"CFG_TZDRAM_START={profile.dram_at:#010x}",
        f"CFG_TZDRAM_SIZE={size:#010x}",
        f"CFG_TEE_RAM_VA_SIZE={profile.ram:#010x}",
        f"CFG_PGT_CACHE_ENTRIES={tables}",
    )


def profile_of(name: str) -> Profile:
    """The profile of this name.

    Raises:
        UserError: There is none.
    """
    try:
        return PROFILES[name]
    except KeyError:
        raise UserError(
            f"no OP-TEE can be built for {name!r}, expected one of {', '.join(PROFILES)}",
            code="optee-profile",
            hint="`stock` is Debian's own, which is not built.",
        ) from None


def find(lab: Lab, name: str, planned: Plan | None = None) -> Lab | None:
    """The laboratory with an image that has room for the plan, if one was built.

    Args:
        lab: Debian's own.
        name: Of the profile.
        planned: What has to fit.
    """
    exact = _folder(name, settings(name, planned))
    for folder in (exact, _folder(name, settings(name))):
        with contextlib.suppress(OSError, ValueError):
            versions = json.loads((folder / "versions.json").read_text())
            board = BOARDS[profile_of(name).board]
            return replace(
                lab, versions=lab.versions | versions, image=folder, profile=name, board=board
            )
    return None


def opened(profile: str, planned: Plan | None = None, say: Say = lambda _: None) -> Lab:
    """The laboratory of a profile: Debian's own is set up where it is not there, an image must have
    been built.

    Args:
        profile: A row of `PLATFORMS`.
        planned: What has to fit.
        say: Told what is being done.

    Raises:
        NoLab: It is not there.
    """
    lab = set_up(say)
    if profile == lab.profile:
        return lab
    found = find(lab, profile, planned)
    if found is None:
        raise NoLab(
            f"no OP-TEE was built for {profile}",
            f"Build it, in minutes: cloister optee image --profile {profile}",
        )
    return found


def make(name: str, planned: Plan | None = None, say: Say = lambda _: None) -> Lab:
    """Builds an image, or finds that it was built; minutes.

    Args:
        name: Of the profile.
        planned: What has to fit; None: as much as the board has.
        say: Told what is being done.

    Raises:
        NoLab: It is not possible here; the reason says why.
    """
    lines = settings(name, planned)
    lab = set_up(say)
    host_tools(say, TOOLS, FILES)
    folder = _folder(name, lines)
    with locked(place() / "lock-image"):
        if not (folder / "versions.json").exists():
            work = Path(tempfile.mkdtemp(prefix="new-", dir=place()))
            try:
                _build(work, profile_of(name), lines, say)
                work.rename(folder)
            finally:
                shutil.rmtree(work, ignore_errors=True)
    made = find(lab, name, planned)
    if made is None:
        raise NoLab(f"what was made in {folder} cannot be read")
    return made


def _folder(name: str, lines: tuple[str, ...]) -> Path:
    digest = hashlib.sha256("\n".join((str(FORMAT), name, *lines)).encode()).hexdigest()
    return place() / f"image-{name}-{digest[:16]}"


def _build(work: Path, profile: Profile, lines: tuple[str, ...], say: Say) -> None:
    board = BOARDS[profile.board]
    # (1) source
    optee = _source(OPTEE_SOURCE, OPTEE_SUITE, say, _prepare_optee)
    trusted_firmware = _source(FIRMWARE_SOURCE, SUITE, say, lambda _: None)
    version = _version(optee.parent)
    # (2) OP-TEE
    say(f"building OP-TEE {version} for {profile.flavor}: {' '.join(lines)}")
    built = work / "optee"
    run(
        [
            *("make", "-s", "-C", str(optee), f"-j{os.cpu_count() or 1}", f"O={built}"),
            *(f"PLATFORM=vexpress-{profile.flavor}", "DEBUG=0", f"PYTHON3={_PYTHON}"),
            *(f"CROSS_COMPILE={CROSS}", f"CROSS_COMPILE64={CROSS}", *lines),
        ],
        timeout_s=BUILD_S,
    )
    # (3) firmware
    say("building the firmware around it")
    flash = firmware(trusted_firmware, board, built / "core", work)
    (work / "flash.bin").write_bytes(flash)
    if board.tree_at is not None:
        _device_tree(f"{profile.board}.dts", work / "board.dtb")
    (built / "export-ta_arm64").rename(work / "kit")
    shutil.copyfile(built / "conf.mk", work / "conf.mk")
    for done in ("optee", "firmware"):
        shutil.rmtree(work / done)
    (work / "versions.json").write_text(json.dumps({"optee-os": version}) + "\n")


def _source(name: str, suite: str, say: Say, prepare: Callable[[Path], None]) -> Path:
    """The unpacked source of a package; brought once."""
    kept = place() / f"source-{name}-{suite}-{FORMAT}"
    if not kept.exists():
        say(f"downloading the source of {name} (Debian {suite})")
        work = Path(tempfile.mkdtemp(prefix="new-", dir=place()))
        try:
            prepare(Apt(work / "apt", suite).fresh().source(name, work))
            shutil.rmtree(work / "apt")
            work.rename(kept)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    (tree,) = (path for path in kept.iterdir() if path.is_dir())
    return tree


def _prepare_optee(tree: Path) -> None:
    """On sbsa-ref Trusted Firmware hands the device tree on; OP-TEE's own settings forbid it, and
    then it would offer Linux no shared memory.
    """
    settings_of_boards = tree / "core/arch/arm/plat-vexpress/conf.mk"
    text = settings_of_boards.read_text()
    settings_of_boards.write_text(text.replace("$(call force,CFG_DT_ADDR,0)\n", ""))


def _version(folder: Path) -> str:
    (description,) = folder.glob("*.dsc")
    for line in description.read_text().splitlines():
        if line.startswith("Version: "):
            return line.removeprefix("Version: ").strip()
    raise NoLab(f"{description} names no version")


def _device_tree(name: str, target: Path) -> None:
    source = files("cloister.optee") / name
    text = target.with_suffix(".dts")
    text.write_bytes(source.read_bytes())
    run(["dtc", "-q", "-O", "dtb", "-o", str(target), str(text)])


def platform_of(lab: Lab) -> Platform:
    """The bounds of a laboratory's OP-TEE, as it was built.

    Args:
        lab: Of `find`, `make` or `set_up`.
    """
    platform = PLATFORMS[lab.profile]
    if lab.image is None:
        return platform
    lines = dict(
        line.split("=", 1)
        for line in (lab.image / "conf.mk").read_text().splitlines()
        if "=" in line
    )
    profile, tables = profile_of(lab.profile), int(lines["CFG_PGT_CACHE_ENTRIES"])
    given = int(lines["CFG_TZDRAM_SIZE"], 0) - profile.ram
    data = min(platform.data_bytes, given, tables * TABLE)
    return replace(platform, data_bytes=data, page_tables=tables)
