"""`deploy`: what it writes is run, as far as a machine without the hardware can: the program with
exactly the options that the manifest and the unit hold, on fake kernels.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time
import tomllib
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import tiny_bundle
from enclaves.fake_kernel import Gramine, TsmKernel, running
from enclaves.test_attested import amd, intel, td_quote
from pack.test_bundle import disk_of

from cloister.attest.claims import Claims
from cloister.cli.main import run
from cloister.cli.schema import Deploy
from cloister.enclaves import attested
from cloister.enclaves.attested import Place
from cloister.enclaves.deploy import FILES
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.protocol import EnclaveLink
from cloister.enclaves.sandbox import REPLAY_ENTRIES
from cloister.pack.bundle import Bundle


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return tiny_bundle.write(tmp_path / "bundle")


def deploy(
    bundle: Bundle, folder: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    assert run(["deploy", str(bundle.path), "--tee", tee, "-o", str(folder), "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    Deploy.model_validate(told)
    return told


def manifest_of(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "cloister-enclave.manifest.template").read_text())


@pytest.mark.parametrize("tee", FILES)
def test_it_writes_every_file_with_nothing_left_to_fill_in(
    bundle: Bundle, tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = deploy(bundle, tmp_path / "out", tee, capsys)
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(told["files"])
    for name in FILES[tee]:
        assert not re.search(r"@[a-z_]+@", (tmp_path / "out" / name).read_text())
    assert os.access(tmp_path / "out" / "cloister-enclave", os.X_OK)
    with HeadFile(bundle.head) as head:
        assert told["memory_bytes"] == head.memory_bytes(REPLAY_ENTRIES)


def test_the_manifest_opens_nothing_to_the_host(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = deploy(bundle, tmp_path / "out", "sgx", capsys)
    made = manifest_of(tmp_path / "out")
    assert "insecure" not in (tmp_path / "out" / "cloister-enclave.manifest.template").read_text()
    assert made["sgx"]["debug"] is False
    assert made["sgx"]["remote_attestation"] == "dcap"
    assert not set(made["sgx"]) & {"allowed_files", "file_check_policy"}
    assert made["loader"]["argv"] == told["command"]
    size = told["enclave_bytes"]
    assert made["sgx"]["enclave_size"] == f"{size >> 20}M"
    assert size & (size - 1) == 0
    assert size >= 3 * told["memory_bytes"] + (128 << 20)
    mounted = {mount["path"] for mount in made["fs"]["mounts"]}
    trusted = made["sgx"]["trusted_files"]
    assert "/cloister-enclave" in mounted and "file:cloister-enclave" in trusted


def loaded(link: EnclaveLink, bundle: Bundle) -> Claims:
    with HeadFile(bundle.head) as head:
        deadline = time.monotonic() + 60
        link.load(head, bundle.manifest_digest, answer_bytes=1 << 16, deadline=deadline)
        now = int(time.time())
        found = link.attest(bytes(32), now, now + 60, deadline=deadline)
    return Claims.from_bytes(found.claims)


def test_the_manifests_program_runs_with_exactly_its_options(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(bundle, tmp_path / "out", "sgx", capsys)
    argv = manifest_of(tmp_path / "out")["loader"]["argv"]
    world = intel(False)
    gramine = Gramine(
        tmp_path / "attestation", lambda data: world.quote(world.body(report_data=data))
    )
    ours, theirs = socket.socketpair()
    with running(gramine), ours, theirs:
        command = [str(tmp_path / "out" / argv[0]), *argv[1:], "--source", str(gramine.base)]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, env={}) as process:
            theirs.close()
            assert loaded(EnclaveLink(ours), bundle).tee == "sgx"
            ours.shutdown(socket.SHUT_RDWR)
            assert process.wait(20) == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="looks into a process that hides itself")
@pytest.mark.parametrize("tee", ["tdx", "snp"])
def test_the_units_program_runs_with_exactly_its_options(
    bundle: Bundle, tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As systemd runs it: the accepted connection on standard input."""
    deploy(bundle, tmp_path / "out", tee, capsys)
    unit = (tmp_path / "out" / "cloister-enclave@.service").read_text()
    program, *options = shlex.split(re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0])
    assert program == "/usr/lib/cloister/cloister-enclave"
    kernel = (
        TsmKernel(tmp_path, "tdx_guest", lambda data: (td_quote(data), b""))
        if tee == "tdx"
        else TsmKernel(tmp_path, "sev_guest", lambda data: (amd().report(report_data=data), b""))
    )
    with ExitStack() as undo:
        undo.enter_context(running(kernel))
        door = undo.enter_context(socket.socket(socket.AF_UNIX))
        door.bind(str(tmp_path / "vm"))
        door.listen()
        started: list[subprocess.Popen[bytes]] = []

        def accept() -> None:
            stream, _ = door.accept()
            with stream:
                command = [str(kernel.program), *options, "--source", str(kernel.base)]
                started.append(subprocess.Popen(command, stdin=stream, env={}))

        threading.Thread(target=accept, daemon=True).start()
        with HeadFile(bundle.head) as head:
            place = Place(at=f"unix://{tmp_path / 'vm'}")
            enclave = attested.start(tee, head, place=place)
            undo.callback(enclave.close)
        assert loaded(enclave.link, bundle).tee == tee
        enclave.stop()
        assert started[0].wait(20) == 0


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
@pytest.mark.parametrize("tee", ["tdx", "snp"])
def test_systemd_takes_the_units(
    bundle: Bundle, tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(bundle, tmp_path / "out", tee, capsys)
    service = tmp_path / "out" / "cloister-enclave@.service"
    program = str(tmp_path / "out" / "cloister-enclave")
    text = service.read_text().replace("/usr/lib/cloister/cloister-enclave", program)
    service.write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no",
         str(tmp_path / "out" / "cloister-enclave.socket"), str(service)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "cloister" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("tee", ["tdx", "snp"])
def test_the_container_file_names_only_files_that_are_there(
    bundle: Bundle, tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(bundle, tmp_path / "out", tee, capsys)
    text = (tmp_path / "out" / "Containerfile").read_text()
    copied = [word for line in re.findall(r"^COPY (.*)$", text, re.MULTILINE)
              for word in line.split()[:-1]]  # fmt: skip
    assert copied and all((tmp_path / "out" / name).is_file() for name in copied)


@pytest.mark.parametrize("tee", ["sandbox", "tpm", "optee", "x"])
def test_other_kinds_are_a_mistake_of_the_user(
    bundle: Bundle, tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["deploy", str(bundle.path), "--tee", tee, "-o", str(tmp_path / "out")]) == 2
    assert "nothing to deploy" in " ".join(capsys.readouterr().err.split())


def test_a_directory_in_use_is_left_as_it_is(
    bundle: Bundle, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["deploy", str(bundle.path), "--tee", "sgx", "-o", str(bundle.path)]) == 2
    assert "is not empty" in " ".join(capsys.readouterr().err.split())
    assert not (bundle.path / "build.sh").exists()


def test_a_full_disk_leaves_no_half_deployment(bundle: Bundle, tmp_path: Path) -> None:
    with disk_of(2000):
        assert run(["deploy", str(bundle.path), "--tee", "tdx", "-o", str(tmp_path / "vm")]) == 3
    assert list((tmp_path / "vm").iterdir()) == []
