"""One laboratory and one booted machine for all tests here; skipped, with the reason, where there
can be none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tiny_bundle
from optee_kit import APPLICATION, PRIMITIVES, PROBE, flipped, seal, signed_by_another_key

from cloister.channel.message import ALIGN
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import OpteeEnclave
from cloister.optee import build
from cloister.optee.build import Loaded, Sizes
from cloister.optee.lab import Lab, NoLab, set_up
from cloister.optee.machine import Boot, Machine
from cloister.optee.plan import PLATFORMS, largest_instance
from cloister.pack.bundle import Bundle


@pytest.fixture(scope="session")
def lab() -> Lab:
    try:
        return set_up()
    except NoLab as reason:
        pytest.skip(f"{reason.message} {reason.hint}")


@pytest.fixture(scope="session")
def sizes() -> Sizes:
    """The largest application that a stock OP-TEE takes."""
    return Sizes(largest_instance(PLATFORMS["stock"]))


@pytest.fixture(scope="session")
def application(lab: Lab, sizes: Sizes) -> bytes:
    return build.trusted_application(lab, sizes)


@pytest.fixture(scope="session")
def serial_line(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A socket that ends in a virtio-serial port of the machine."""
    return tmp_path_factory.mktemp("serial") / "line"


@pytest.fixture(scope="session")
def machine(lab: Lab, application: bytes, sizes: Sizes, serial_line: Path) -> Iterator[Machine]:
    exact = largest_instance(PLATFORMS["stock"], Loaded.of(application, sizes))
    files = {
        "usr/bin/probe": build.guest_program(lab, PROBE),
        "usr/bin/primitives": build.guest_program(lab, PRIMITIVES),
        "ta/right": application,
        "ta/exact": build.trusted_application(lab, Sizes(exact)),
        "ta/beyond": build.trusted_application(lab, Sizes(exact + ALIGN)),
        "ta/portable": build.trusted_application(lab, Sizes(4 << 20, crypto_extensions=False)),
        "ta/shallow": build.trusted_application(lab, Sizes(4 << 20, stack_bytes=1024)),
        "ta/starved": build.trusted_application(lab, Sizes(4 << 20, heap_bytes=1024)),
        "ta/flipped": flipped(application),
        "ta/foreign": signed_by_another_key(application),
    }
    line = f"socket,id=line,path={serial_line},server=on,wait=off"
    qemu = ("-chardev", line, "-device", "virtserialport,chardev=line,name=line")
    with Machine(lab, Boot(application, build.daemon(lab), files=files, qemu=qemu)) as booted:
        yield booted


@pytest.fixture
def other_application(machine: Machine) -> Iterator[Callable[[str], None]]:
    """Puts another file in the application's place, until the test ends."""

    def put(name: str) -> None:
        assert machine.shell(f"cp /ta/{name} {APPLICATION}") == (0, "")

    yield put
    put("right")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    """y = x * w, wholly inside, its weights streamed."""
    return tiny_bundle.write(tmp_path / "bundle", whole=True)


@pytest.fixture
def head(bundle: Bundle) -> Iterator[HeadFile]:
    with HeadFile(bundle.head) as file:
        yield file


@pytest.fixture
def enclave(machine: Machine, head: HeadFile) -> Iterator[OpteeEnclave]:
    started = OpteeEnclave(head, machine=machine)
    yield started
    started.close()


@pytest.fixture
def sealed_head(bundle: Bundle, tmp_path: Path) -> Iterator[HeadFile]:
    """The same with sealed pages, under a name that no device knows yet."""
    with HeadFile(seal(bundle, tmp_path / "sealed.clo", key_id=os.urandom(16))) as file:
        yield file
