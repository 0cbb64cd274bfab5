"""Builds for OP-TEE: the trusted application for one memory plan, the daemon, programs of the
normal world.

What was built is kept beside the laboratory under the digest of all that it was built from, so that
the same sources, plan, dev kit and key are compiled once.
"""

from __future__ import annotations

import hashlib
import importlib.resources
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cloister.errors import OutsideError, UserError
from cloister.optee.lab import CROSS, Lab, locked

SOURCES_ENV: Final = "CLOISTER_ENCLAVE_SOURCES"
UUID: Final = "66f6840e-d334-4fa3-9a0f-a558c8c39e89"  # enclave/ports/optee/ta_uuid.h
PORT: Final = "ports/optee"
_PT_LOAD: Final = 1
_PF_W: Final = 2
_TIMEOUT_S: Final = 300
_TAIL: Final = 1500
# Of a dev kit, beside its key: what every build with it reads.
_OF_KIT: Final = (
    "mk/ta_dev_kit.mk",
    "mk/conf.mk",
    "mk/compile.mk",
    "mk/link.mk",
    "include/tee_internal_api.h",
    "lib/libutee.a",
    "lib/libutils.a",
    "scripts/sign_encrypt.py",
    "src/user_ta_header.c",
)
_KIT_KEY: Final = "keys/default_ta.pem"
_KEY_MAX_BYTES: Final = 64 << 10
_KEY_BITS: Final = 2048  # at least: OP-TEE calls less weak and loads nothing (signed_hdr.c)


@dataclass(frozen=True)
class Sizes:
    """What is fixed when a trusted application is built.

    Args:
        memory_bytes: Of the instance (`clo_plan_memory`), a multiple of 64.
        heap_bytes: For the objects of the GlobalPlatform API (TA_DATA_SIZE).
        stack_bytes: TA_STACK_SIZE.
        crypto_extensions: The processor has instructions for AES, SHA-256 and PMULL.
    """

    memory_bytes: int
    heap_bytes: int = 32 << 10
    stack_bytes: int = 32 << 10
    crypto_extensions: bool = True

    def header(self) -> str:
        """ta_plan.h, which the build includes."""
        return (
            "/* Written by `cloister optee plan`; see enclave/ports/optee/default/ta_plan.h. */\n"
            "#ifndef CLO_TA_PLAN_H\n#define CLO_TA_PLAN_H\n"
            f"#define CLO_TA_MEMORY {self.memory_bytes}u\n"
            f"#define CLO_TA_HEAP {self.heap_bytes}u\n"
            f"#define CLO_TA_CRYPTO_EXTENSIONS {int(self.crypto_extensions)}\n"
            f"#define CLO_TA_STACK {self.stack_bytes}u\n#endif\n"
        )


@dataclass(frozen=True)
class Loaded:
    """What an application takes beside its instance, heap and stack.

    Args:
        code_bytes: Code and constants.
        data_bytes: Data of the port and the libraries.
    """

    code_bytes: int
    data_bytes: int

    @classmethod
    def of(cls, application: bytes, sizes: Sizes) -> Self:
        """Of an application that was built with these sizes: from the segments of its ELF image."""
        image = application[application.index(b"\x7fELF") :]
        at, size, count = struct.unpack_from("<Q14xHH", image, 32)
        code = data = 0
        for index in range(count):
            kind, flags, *_, memory, _ = struct.unpack_from("<2I6Q", image, at + index * size)
            if kind == _PT_LOAD and flags & _PF_W:
                data += memory
            elif kind == _PT_LOAD:
                code += memory
        return cls(code, data - sizes.memory_bytes - sizes.heap_bytes)


def sources() -> Path:
    """The enclave's C sources: $CLOISTER_ENCLAVE_SOURCES, the package's copy, or this checkout's.

    Raises:
        OutsideError: They are not there.
    """
    packaged = Path(str(importlib.resources.files("cloister") / "enclave_sources"))
    given = os.environ.get(SOURCES_ENV)
    checkouts = [Path.cwd() / "enclave", Path(__file__).resolve().parents[3] / "enclave"]
    for place in [Path(given)] if given else [packaged, *checkouts]:
        if (place / PORT / "ta.c").is_file():
            return place.resolve()
    raise OutsideError(
        "the enclave's C sources are not here",
        code="no-enclave-sources",
        hint=f"Run this in a checkout of Cloister, or name its `enclave` folder in {SOURCES_ENV}.",
    )


def trusted_application(
    lab: Lab, sizes: Sizes, *, key: Path | None = None, dev_kit: Path | None = None
) -> bytes:
    """The signed application (`UUID`.ta).

    Args:
        lab: Brings the compiler, and the dev kit unless another is named.
        sizes: The memory plan.
        key: Signs it, an RSA key (PEM); None: the dev kit's own, which everyone has.
        dev_kit: A board's (TA_DEV_KIT_DIR).

    Raises:
        UserError: The dev kit is not whole, or the key cannot sign.
        OutsideError: It does not compile.
    """
    return _application(lab, sizes, "ta", key=key, dev_kit=dev_kit)


def require_dev_kit(kit: Path, *, with_key: bool = False) -> None:
    """Looks whether a dev kit is whole.

    Args:
        kit: Its folder (TA_DEV_KIT_DIR).
        with_key: Its own key is needed, too.

    Raises:
        UserError: It is not; names what is missing.
    """
    for name in (*_OF_KIT, *((_KIT_KEY,) if with_key else ())):
        if not (kit / name).is_file():
            raise UserError(
                f"--dev-kit {kit} is no whole dev kit of OP-TEE: there is no {name} in it",
                code="no-such-file",
                hint="Name the folder export-ta_arm64 of the board's OP-TEE build.",
            )


def require_key(key: Path) -> None:
    """Looks whether OP-TEE's sign tool takes a key, and OP-TEE what was signed with it.

    Raises:
        UserError: Not so; says what the file is instead.
    """
    try:
        with key.open("rb") as file:
            found = load_pem_private_key(file.read(_KEY_MAX_BYTES), None)
    except OSError as error:
        raise UserError(f"--key {key}: {error.strerror or error}", code="no-such-file") from error
    except TypeError as error:  # it is encrypted
        raise _bad_key(key, "it is encrypted, and the tool asks for no password") from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _bad_key(key, "it is no private key in PEM") from error
    if not isinstance(found, RSAPrivateKey):
        raise _bad_key(key, "it is of another kind than RSA")
    if found.key_size < _KEY_BITS:
        raise _bad_key(key, f"it has {found.key_size} bits")


def _bad_key(key: Path, why: str) -> UserError:
    return UserError(
        f"--key {key} cannot sign an application for OP-TEE: {why}; expected a private RSA key in"
        f" PEM, not encrypted, of {_KEY_BITS} bits or more",
        code="bad-key",
        hint="`openssl genrsa -out key.pem 3072` makes one; OP-TEE is built with its public half.",
    )


def unstripped(lab: Lab, sizes: Sizes) -> bytes:
    """The same application as an ELF file with the names of its functions."""
    return _application(lab, sizes, "elf")


def _application(
    lab: Lab, sizes: Sizes, form: str, *, key: Path | None = None, dev_kit: Path | None = None
) -> bytes:
    tree = sources()
    port = tree / PORT
    kit = (dev_kit or lab.dev_kit).resolve()
    signing = (key or kit / _KIT_KEY).resolve()
    require_dev_kit(kit)
    require_key(signing)
    of_kit = (kit / "mk/conf.mk", kit / "lib/libutee.a")
    compiled = [*_c_files(tree), port / "Makefile", port / "sub.mk", *of_kit]

    def make(work: Path) -> Path:
        # Objects are kept, too: between two plans only what includes ta_plan.h is compiled.
        objects = work.parent / f"objects-{_digest(lab, compiled, '')}"
        objects.mkdir(exist_ok=True)
        with locked(objects / "lock"):
            (objects / "ta_plan.h").write_text(sizes.header())
            _run(
                [
                    *("make", "-s", f"-j{os.cpu_count() or 1}", "-C", str(port)),
                    *(f"O={objects}", f"PLAN={objects}"),
                    *(f"TA_DEV_KIT_DIR={kit}", f"CROSS_COMPILE={CROSS}"),
                    *(f"TA_SIGN_KEY={signing}", f"PYTHON3={sys.executable}"),
                ]
            )
            return Path(shutil.copy(objects / f"{UUID}.{form}", work))

    return _kept(lab, form, [*compiled, signing], sizes.header(), make)


def daemon(lab: Lab) -> bytes:
    """`cloister-optee` for the guest."""
    tree = sources()
    return guest_program(lab, tree / PORT / "daemon/main.c")


def guest_program(lab: Lab, source: Path) -> bytes:
    """A program of the normal world from one C file, with libteec."""
    tree = sources()

    def make(work: Path) -> Path:
        made = work / "program"
        _run(
            [
                *(
                    f"{CROSS}gcc",
                    "-std=gnu11",
                    "-O2",
                    "-Wall",
                    "-Wextra",
                    "-Werror",
                    "-Wconversion",
                ),
                *(f"-I{tree}/include", f"-I{tree / PORT}", f"-I{lab.guest}/usr/include"),
                *(str(source), "-o", str(made)),
                str(lab.guest / "usr/lib/aarch64-linux-gnu/libteec.so.2"),
                *("-Wl,--allow-shlib-undefined", "-s"),
            ]
        )
        return made

    port = [tree / PORT / name for name in ("ta_uuid.h", "primitives.h", "armv8.c", "x25519.c")]
    files = [source, tree / "include/clo.h", *port]
    return _kept(lab, source.parent.name, files, "", make)


def _c_files(tree: Path) -> Iterable[Path]:
    for folder in ("include", "src", PORT):
        yield from sorted(path for path in (tree / folder).iterdir() if path.suffix in (".c", ".h"))


def _digest(lab: Lab, files: Iterable[Path], text: str) -> str:
    image = lab.image.name if lab.image else ""
    digest = hashlib.sha256(f"{lab.place.name} {image} {lab.versions} {text}".encode())
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:32]


def _kept(
    lab: Lab, name: str, files: Iterable[Path], text: str, make: Callable[[Path], Path]
) -> bytes:
    """What `make` builds from these files and this text, from the cache if it was built before."""
    kept = lab.place / "built" / f"{name}-{_digest(lab, files, text)}"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix="build-", dir=kept.parent))
        try:
            make(work).replace(kept)  # at once: another maker has the same bytes
        finally:
            shutil.rmtree(work)
    return kept.read_bytes()


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
            check=False, timeout=_TIMEOUT_S,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OutsideError(f"{command[0]} cannot be run: {error}", code="optee-build") from error
    if done.returncode != 0:
        words = (done.stderr or done.stdout)[-_TAIL:].strip()
        raise OutsideError(f"{command[0]} failed:\n{words}", code="optee-build")
