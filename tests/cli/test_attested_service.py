"""`serve --tee` and `infer` with a policy, the whole way: kernels that make quotes are doubles (for
a TPM: swtpm), the PKIs are the tests' own; all else is real.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pytest
import tiny_bundle
from attest.test_dcap import SGX_TABLE, TDX_TABLE
from attest.test_snp import TABLE as SNP_TABLE
from enclaves.fake_kernel import Gramine, TsmKernel, running
from enclaves.test_attested import SPAN, amd, helper_of, intel, td_quote
from enclaves.test_attested_tpm import EC, TOOLS, SoftwareTpm, table

from cloister.attest.tees import TEES
from cloister.cli.main import run
from cloister.client import Client
from cloister.enclaves.attested import Place
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.pack.bundle import Bundle
from cloister.serve.keeper import Lifetimes
from cloister.serve.service import Service, Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="looks into a process that hides itself")
X = np.random.default_rng(5).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


@dataclass
class Served:
    """A running `cloister serve`."""

    url: str
    policy: Path
    inputs: Path


def policy_file(path: Path, tee: str, rules: str, bundle: Bundle) -> Path:
    path.write_text(
        'format = "cloister-policy/1"\nfreshness = "nonce"\nmax_key_lifetime = "24h"\n'
        'max_clock_skew = "5m"\nengine_at_least = "0.1.0"\n[model]\n'
        f'manifest_sha256 = ["{bundle.manifest_digest.hex()}"]\n[tee.{tee}]\n{rules}'
    )
    return path


@contextlib.contextmanager
def serving(bundle: Bundle, program: Path | None, *options: str) -> Iterator[str]:
    """`cloister serve` as a process of its own; its address."""
    command = [sys.executable, "-m", "cloister.cli.main", "serve", str(bundle.path), "--port", "0"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    env |= {} if program is None else {"CLOISTER_ENCLAVE": str(program)}
    with (
        (bundle.path.parent / "service.log").open("wb") as log,
        subprocess.Popen(
            [*command, "--json", *options], stdout=subprocess.PIPE, stderr=log, text=True, env=env
        ) as process,
    ):
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line, (bundle.path.parent / "service.log").read_text()
            told = json.loads(line)
            assert "url" in told, told
            yield told["url"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


Start = Callable[[str], Served]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    with ExitStack() as undo:

        def made(tee: str) -> Served:
            program, options, rules = None, [], ""
            files: list[bytes] = []
            if tee == "sgx":
                world = intel(False)
                gramine = Gramine(
                    tmp_path / "attestation", lambda data: world.quote(world.body(report_data=data))
                )
                undo.enter_context(running(gramine))
                source, rules, files = gramine.base, SGX_TABLE, [world.collateral()]
                monkeypatch.setitem(TEES, tee, world.row())
            elif tee == "tpm":
                tpm = undo.enter_context(contextlib.closing(SoftwareTpm(tmp_path)))
                files = [tpm.key(EC, "ecc").read_bytes()]
                source, rules = tpm.socket, table(tpm, EC, {7: tpm.pcr(7)})
                options = ["--tpm-key", hex(EC), "--pcrs", "7"]
            else:
                if tee == "tdx":
                    tsm = TsmKernel(tmp_path, "tdx_guest", lambda data: (td_quote(data), b""))
                    rules, files = TDX_TABLE, [intel(True).collateral()]
                    monkeypatch.setitem(TEES, tee, intel(True).row())
                else:
                    tsm = TsmKernel(
                        tmp_path, "sev_guest", lambda data: (amd().report(report_data=data), b"")
                    )
                    rules = SNP_TABLE
                    files = [amd().pem(), amd().crl(begin=SPAN[0], end=SPAN[1])]
                    monkeypatch.setitem(TEES, tee, amd().row())
                undo.enter_context(running(tsm))
                source, program = tsm.base, tsm.program
            for n, content in enumerate(files):
                path = tmp_path / f"collateral{n}"
                path.write_bytes(content)
                options += ["--collateral", str(path)]
            url = undo.enter_context(
                serving(bundle, program, "--tee", tee, "--source", str(source), *options)
            )
            np.savez(tmp_path / "x.npz", x=X)
            rules_file = policy_file(tmp_path / "policy.toml", tee, rules, bundle)
            return Served(url, rules_file, tmp_path / "x.npz")

        yield made


def answered(served: Served) -> int:
    text = httpx.get(f"{served.url}/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("cloister_requests_total{")]
    return int(sum(float(line.rpartition(" ")[2]) for line in lines))


KINDS = [
    "sgx", "tdx", "snp",
    pytest.param("tpm", marks=pytest.mark.skipif(
        not all(os.access(f"/usr/bin/{tool}", os.X_OK) for tool in TOOLS),
        reason="needs swtpm and tpm2-tools",
    )),
]  # fmt: skip


@pytest.mark.parametrize("tee", KINDS)
def test_infer_answers_after_it_appraised_the_services_quote(
    start: Start, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    served = start(tee)
    options = ["--policy", str(served.policy)]
    assert run(["verify", served.url, *options, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["verdict"], told["kind"]) == ("passed", tee)
    command = ["infer", served.url, "--inputs", str(served.inputs), *options, "--json"]
    assert run(command) == 0, capsys.readouterr()
    capsys.readouterr()
    assert answered(served) == 1


@pytest.mark.parametrize("tee", KINDS)
def test_infer_sends_nothing_where_the_measurement_is_another(
    start: Start, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    served = start(tee)
    names = {"sgx": "mr_enclave", "tdx": "mr_td", "snp": "measurement", "tpm": "7"}
    text = served.policy.read_text()
    at = text.index('"', text.index(f"\n{names[tee]} = ") + 1) + 1
    served.policy.write_text(text[:at] + ("1" if text[at] == "0" else "0") + text[at + 1 :])
    command = ["infer", served.url, "--inputs", str(served.inputs), "--policy", str(served.policy)]
    assert run([*command, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "refused-measurement"
    assert answered(served) == 0


@contextlib.contextmanager
def in_tdx(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[TsmKernel, Service, Client]]:
    """A service in this process, its enclave on a kernel's double, and a client of it."""
    bundle = tiny_bundle.write(folder / "bundle")
    kernel = TsmKernel(folder, "tdx_guest", lambda data: (td_quote(data), b""))
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(kernel.program))
    monkeypatch.setitem(TEES, "tdx", intel(True).row())
    rules = policy_file(folder / "policy.toml", "tdx", TDX_TABLE, bundle)
    settings = Settings(enclave="tdx", place=Place(source=kernel.base), replay=1024)
    with (
        running(kernel),
        Service(bundle.path, settings=settings).start() as service,
        Client(service.url, rules, collateral=[intel(True).collateral()]) as client,
    ):
        yield kernel, service, client


def test_a_killed_quote_helper_is_healed_with_another_enclave_and_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_tdx(tmp_path, monkeypatch) as (_, service, client):
        before = client.verify().require()[1]
        instance = service._keeper.current()
        assert instance is not None and isinstance(instance.enclave, SandboxEnclave)
        os.kill(helper_of(instance.enclave), signal.SIGKILL)
        assert client.verify().require()[1] != before
        answer = client.infer(X)
    np.testing.assert_allclose(answer.outputs[0], tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)


def test_a_platform_that_makes_no_quote_is_a_retryable_503_and_the_log_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with in_tdx(tmp_path, monkeypatch) as (kernel, service, client):
        kernel.errors = {"read outblob": [errno.EIO] * 2}
        got = httpx.post(
            f"{service.url}/v2/models/tiny/evidence",
            content=bytes(32),
            headers={"Content-Type": "application/octet-stream"},
        )
        assert (got.status_code, got.json()["code"]) == (503, "no-quote")
        assert "retry-after" in got.headers
        assert client.verify().passed  # after one more failure
    told = [vars(record) for record in caplog.records if record.getMessage() == "no-quote"]
    assert len(told) == 2
    assert "no report was made" in str(told)


@pytest.mark.skipif(
    not shutil.which("systemd-socket-activate"), reason="needs systemd-socket-activate"
)
def test_a_service_outside_the_machine_has_an_instance_for_each_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """systemd starts the unit's program for each connection; keys rotate over them."""
    bundle = tiny_bundle.write(tmp_path / "bundle")
    assert run(["deploy", str(bundle.path), "--tee", "tdx", "-o", str(tmp_path / "vm")]) == 0
    capsys.readouterr()
    unit = (tmp_path / "vm" / "cloister-enclave@.service").read_text()
    _, *options = shlex.split(re.findall(r"^ExecStart=(.*)$", unit, re.MULTILINE)[0])
    kernel = TsmKernel(tmp_path, "tdx_guest", lambda data: (td_quote(data), b""))
    monkeypatch.setitem(TEES, "tdx", intel(True).row())
    rules = policy_file(tmp_path / "policy.toml", "tdx", TDX_TABLE, bundle)
    door = tmp_path / "door.vm"
    command = ["systemd-socket-activate", "-l", str(door), "--accept", "--inetd"]
    command += [str(kernel.program), *options, "--source", str(kernel.base)]
    settings = Settings(
        enclave="tdx", place=Place(at=f"unix://{door}"), lifetimes=Lifetimes(2.0, 0.2)
    )
    with ExitStack() as undo:
        undo.enter_context(running(kernel))
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        undo.callback(process.wait)
        undo.callback(process.terminate)
        end = time.monotonic() + 20
        while not door.exists():
            assert time.monotonic() < end
            time.sleep(0.01)
        service = undo.enter_context(Service(bundle.path, settings=settings).start())
        files = [intel(True).collateral()]
        client = undo.enter_context(Client(service.url, rules, collateral=files))
        keys = set()
        until = time.monotonic() + 6
        while time.monotonic() < until:
            answer = client.infer(X)
            expected = tiny_bundle.answer(X)
            np.testing.assert_allclose(answer.outputs[0], expected, rtol=1e-5, atol=1e-3)
            keys.add(answer.evidence.require()[1].public_key)
            time.sleep(0.1)
        assert len(keys) >= 2


def test_newer_collateral_is_handed_out_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    kernel = TsmKernel(tmp_path, "tdx_guest", lambda data: (td_quote(data), b""))
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(kernel.program))
    monkeypatch.setitem(TEES, "tdx", intel(True).row())
    rules = policy_file(tmp_path / "policy.toml", "tdx", TDX_TABLE, bundle)
    file = tmp_path / "collateral.json"
    expired = (SPAN[0] - timedelta(days=9), SPAN[0] - timedelta(days=1))
    world = intel(True)
    file.write_bytes(replace(world, tcb_dates=expired).collateral())
    settings = Settings(
        enclave="tdx", place=Place(source=kernel.base), collateral=(file,), replay=1024
    )
    with (
        running(kernel),
        Service(bundle.path, settings=settings).start() as service,
        Client(service.url, rules) as client,
    ):
        (failed,) = [c for c in client.verify().checks if c.result.value == "failed"]
        assert failed.code == "tcb-info-expired"
        file.write_bytes(world.collateral())
        assert client.verify().passed


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tee", "sgx9"], "no kind of enclave"),
        (["--tee", "tpm"], "a TPM's key and PCRs"),
        (["--tee", "tpm", "--tpm-key", "x", "--pcrs", "1"], "--tpm-key 'x'"),
        (["--tee", "sandbox", "--source", "/tmp"], "no place of its own"),
        (["--tee", "sandbox", "--collateral", "/etc/passwd"], "nothing vouches for sandbox"),
        (["--tee", "tdx", "--collateral", "/nowhere"], "collateral /nowhere"),
        (["--tee", "tdx", "--enclave", "/tmp"], "no place of an enclave"),
    ],
)
def test_options_that_contradict_each_other_are_a_mistake_of_the_user(
    tmp_path: Path, options: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    assert run(["serve", str(bundle.path), "--port", "0", *options]) == 2
    assert words in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("tee", ["sgx", "tdx", "snp"])
def test_serve_without_the_hardware_says_what_is_missing(
    tmp_path: Path, tee: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")
    assert hashlib.sha256(bundle.manifest_bytes).digest() == bundle.manifest_digest
    assert run(["serve", str(bundle.path), "--port", "0", "--tee", tee]) == 3
    assert "there is no such directory" in " ".join(capsys.readouterr().err.split())
