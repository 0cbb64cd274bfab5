"""A device that runs a bundle by itself: its daemon owns the session and serves many clients.

One machine with storage of its own; a client asks it directly, from here and from another host.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X, invoke
from typer.testing import CliRunner

from cloister.attest.devices import load_devices, policy_table
from cloister.attest.policy import Policy, policy_text
from cloister.channel.frames import MAGIC, EnclaveError, FrameType, frame, parse_head
from cloister.cli.optee import app
from cloister.client import Client
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES
from cloister.errors import CloisterError, OutsideError, Refused, UserError
from cloister.optee import parts
from cloister.optee.lab import Lab
from cloister.optee.machine import Boot, Machine, MachineEnded
from cloister.optee.parts import Parts
from cloister.optee.plan import PLATFORMS, Need, plan
from cloister.pack.bundle import Bundle

LOADED = "cloister-optee: the bundle is loaded"
GONE_S = 30.0
COUNTED_BOOT_S = 240.0


@dataclass
class Device:
    """A machine with a bundle and storage; `boot` starts it anew."""

    lab: Lab
    bundle: Bundle
    storage: Path
    made: Parts
    machine: Machine = field(init=False)
    arguments = ("--bundle", f"/{parts.GUEST_BUNDLE}")

    def boot(self) -> None:
        files = parts.guest_files(self.bundle.path)
        self.machine = Machine(
            self.lab,
            Boot(self.made.application, self.made.daemon, self.arguments, files, self.storage),
            host="0.0.0.0",
        )

    @property
    def address(self) -> str:
        return f"optee://127.0.0.1:{self.machine.port}"

    def policy(self, fields: str = "unsafe_development = true\n") -> Policy:
        digest, model = self.bundle.manifest_digest.hex(), self.bundle.manifest.model_digest
        text = policy_text(digest, model_digest=model, tees=("optee",), tables={"optee": fields})
        return Policy.from_toml(text)

    def client(self, fields: str = "unsafe_development = true\n") -> Client:
        return Client(self.address, self.policy(fields))


@pytest.fixture(scope="module")
def device(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    folder = tmp_path_factory.mktemp("device")
    bundle = tiny_bundle.write(folder / "bundle", whole=True)
    with HeadFile(bundle.head) as head:
        sizes = plan(Need.of(head, REPLAY_ENTRIES), PLATFORMS["stock"]).require().sizes
    made = Device(lab, bundle, folder / "storage.disk", Parts.make(lab, sizes))
    made.boot()
    yield made
    made.machine.close()


def assert_right(client: Client, x: np.ndarray = X) -> None:
    (y,) = client.infer(x).outputs
    np.testing.assert_array_equal(y, x * tiny_bundle.weights_of())


def enrol(device: Device, devices: Path, name: str = "bench") -> dict[str, object]:
    return invoke("enrol", device.address, "--devices", str(devices), "--name", name)


# ---------------------------------------------------------------------------- clients
def test_a_client_asks_the_device_directly(device: Device) -> None:
    with device.client() as client:
        assert client.verify().facts["kind"] == "unattested"
        assert_right(client)
        assert client.manifest() == device.bundle.manifest


def test_the_claims_times_are_the_daemons(device: Device) -> None:
    """What a client writes into ATTEST does not decide how long its key seems to live."""
    with device.client() as client:
        claims, _ = client.verify().require()
    assert claims.exp - claims.iat == 86_400


def test_many_clients_at_once_are_all_answered(device: Device) -> None:
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            with device.client() as client:
                for turn in range(3):
                    assert_right(client, X * np.float32(number + turn))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_client_that_sends_half_a_frame_holds_up_nobody(device: Device) -> None:
    half = frame(FrameType.REQUEST, bytes(1000))[:500]
    with socket.create_connection(("127.0.0.1", device.machine.port), 10) as slow:
        slow.sendall(half)
        with device.client() as client:
            assert_right(client)


def test_clients_can_neither_load_nor_end_anything(device: Device) -> None:
    with device.client() as client:
        assert_right(client)
        kinds = (FrameType.LOAD, FrameType.PAGES, FrameType.TAIL, FrameType.CANCEL, FrameType.READY)
        with socket.create_connection(("127.0.0.1", device.machine.port), 10) as stream:
            for kind in kinds:
                stream.sendall(frame(kind, bytes(64)))
                head = parse_head(stream.recv(64, socket.MSG_WAITALL), limit=64)
                assert (head.type, head.a) == (FrameType.ERROR, EnclaveError.STATE)
        for length in (4 << 20, 1 << 63):
            with socket.create_connection(("127.0.0.1", device.machine.port), 10) as stream:
                stream.sendall(MAGIC.to_bytes(4, "little") + (3).to_bytes(4, "little") + bytes(8))
                stream.sendall(length.to_bytes(8, "little") + bytes(40))
                assert stream.recv(1) == b""
        before = client.verify().require()[1]
        assert_right(client)
        assert client.verify().require()[1] == before  # one instance all the while


def test_a_full_replay_table_means_a_new_instance_and_clients_appraise_again(
    device: Device, lab: Lab
) -> None:
    arguments = ("--bundle", f"/{parts.GUEST_BUNDLE}", "--replay", "4")
    boot = Boot(
        device.made.application,
        device.made.daemon,
        arguments,
        parts.guest_files(device.bundle.path),
    )
    with (
        Machine(lab, boot) as machine,
        Client(f"optee://127.0.0.1:{machine.port}", device.policy()) as client,
    ):
        keys = set()
        for _ in range(9):
            try:
                assert_right(client)
            except OutsideError as ended:  # the connection ended with its instance
                assert ended.code == "unreachable"
            keys.add(client.verify().require()[0].key_config)
        assert len(keys) >= 2


def test_a_killed_daemon_means_a_new_key_and_clients_appraise_again(device: Device) -> None:
    with device.client() as client:
        assert_right(client)
        first = client.verify().require()[0]
        device.machine.shell("kill -9 $(pidof cloister-optee)")
        device.machine.wait_for(LOADED, timeout_s=GONE_S)
        with pytest.raises(OutsideError, match="ended"):
            client.infer(X)
        assert_right(client)  # it notices that its key is gone
        second = client.verify().require()[0]
    assert first.key_config != second.key_config
    assert first.receipt_key != second.receipt_key


def test_without_the_supplicant_answers_go_on_and_a_new_instance_waits_for_it(
    device: Device,
) -> None:
    machine = device.machine
    with device.client() as client:
        assert_right(client)
        machine.shell("kill $(pidof tee-supplicant)")
        assert_right(client)
        client.verify().require()  # the device's key is signed with, all the same
    machine.shell("tee-supplicant -d /dev/teepriv0")
    machine.shell("kill -9 $(pidof cloister-optee)")
    machine.wait_for(LOADED, timeout_s=GONE_S)
    with device.client() as client:
        assert_right(client)


# ---------------------------------------------------------------------------- enrolment
def test_a_device_is_enrolled_once_and_known_again_after_a_reboot(
    device: Device, tmp_path: Path
) -> None:
    devices = tmp_path / "devices.toml"
    told = enrol(device, devices)
    assert (told["kind"], told["added"]) == ("unattested, enrolled", True)
    fields = policy_table(load_devices(devices))
    with device.client(fields) as client:
        assert client.verify().facts["kind"] == "unattested, enrolled"
        assert_right(client)
    device.machine.close()
    device.boot()
    assert enrol(device, devices)["added"] is False  # the same key
    with device.client(fields) as client:
        assert_right(client)


def test_another_device_is_refused_by_a_policy_and_by_the_list(
    device: Device, tmp_path: Path
) -> None:
    devices = tmp_path / "devices.toml"
    enrol(device, devices)
    fields = policy_table(load_devices(devices))
    other = replace(device, storage=tmp_path / "other.disk")
    other.boot()
    with closing(other.machine):
        with other.client(fields) as client, pytest.raises(Refused, match="none that the policy"):
            client.infer(X)
        with pytest.raises(UserError) as caught:
            enrol(other, devices)
        assert caught.value.code == "device-changed"


@pytest.mark.timeout(600)
def test_machines_that_start_alike_to_the_tick_make_different_keys(device: Device) -> None:
    """Time counts instructions here, so OP-TEE's own generator, which begins with the time of its
    start, gives both machines the same numbers: without the daemon's seed device and enclave had
    one key on both, three times of four.
    """
    still = Boot(
        device.made.application,
        device.made.daemon,
        device.arguments,
        parts.guest_files(device.bundle.path),
        qemu=("-icount", "shift=2,sleep=off"),
    )
    keys: list[bytes] = []
    for _ in range(2):
        with (
            Machine(device.lab, still, boot_s=COUNTED_BOOT_S) as machine,
            Client(f"optee://127.0.0.1:{machine.port}", device.policy()) as client,
        ):
            verdict = client.verify()
            claims = verdict.require()[0]
            keys += [
                claims.key_config,
                claims.receipt_key,
                bytes.fromhex(verdict.facts["device_key"]),
            ]
    assert len(set(keys)) == 6


def test_a_device_that_does_not_attest_is_not_enrolled_as_one_that_does(
    device: Device, tmp_path: Path
) -> None:
    arguments = ["enrol", device.address, "--devices", str(tmp_path / "d"), "--ta-memory"]
    done = CliRunner().invoke(app, [*arguments, "00" * 32])
    assert isinstance(done.exception, Refused)
    assert done.exception.code == "unattested"
    done = CliRunner().invoke(app, [*arguments, "00"])
    assert isinstance(done.exception, UserError)
    assert list(tmp_path.iterdir()) == []


def test_storage_that_is_no_disk_is_an_error(device: Device, lab: Lab, tmp_path: Path) -> None:
    bad = tmp_path / "bad.disk"
    bad.write_bytes(bytes(1 << 20))
    boot = Boot(device.made.application, device.made.daemon, storage=bad)
    with pytest.raises(MachineEnded):
        Machine(lab, boot, boot_s=60)
    with pytest.raises(CloisterError, match="cannot be made"):
        Machine(lab, Boot(b"", b"", storage=tmp_path / "none" / "disk"))


def test_a_changed_bundle_is_not_served(device: Device, lab: Lab) -> None:
    files = parts.guest_files(device.bundle.path)
    head = bytearray(files[f"{parts.GUEST_BUNDLE}/head.clo"])
    head[128] ^= 64  # kind of the first operator
    files[f"{parts.GUEST_BUNDLE}/head.clo"] = bytes(head)
    boot = Boot(
        device.made.application,
        device.made.daemon,
        ("--bundle", f"/{parts.GUEST_BUNDLE}"),
        files,
    )
    with pytest.raises(MachineEnded, match="refuses the bundle"):
        Machine(lab, boot)


# ---------------------------------------------------------------------------- another host
@pytest.fixture
def other_host() -> Iterator[tuple[str, str]]:
    """A network namespace, joined to this one by a cable; its name, and our address on it."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root and iproute2 for a network namespace")
    name = f"clo{os.getpid()}"

    def ip(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)

    made = ip("netns", "add", name)
    if made.returncode != 0:
        pytest.skip(f"no network namespace here: {made.stderr.strip()}")
    try:
        link = ("link", "add", f"{name}a", "type", "veth", "peer", "name", f"{name}b")
        for step in (
            (*link, "netns", name),
            ("addr", "add", "10.213.77.1/24", "dev", f"{name}a"),
            ("link", "set", f"{name}a", "up"),
            ("-n", name, "addr", "add", "10.213.77.2/24", "dev", f"{name}b"),
            ("-n", name, "link", "set", f"{name}b", "up"),
        ):
            done = ip(*step)
            if done.returncode != 0:
                pytest.skip(f"no virtual cable here: {done.stderr.strip()}")
        yield name, "10.213.77.1"
    finally:
        ip("netns", "del", name)


def test_a_client_on_another_host_is_answered(
    device: Device, other_host: tuple[str, str], tmp_path: Path
) -> None:
    """A client in a network of its own, which shares nothing with the device but a cable."""
    name, address = other_host
    policy = tmp_path / "policy.toml"
    digest, model = device.bundle.manifest_digest.hex(), device.bundle.manifest.model_digest
    tables = {"optee": "unsafe_development = true\n"}
    policy.write_text(policy_text(digest, model_digest=model, tees=("optee",), tables=tables))
    np.savez(tmp_path / "x.npz", **{device.bundle.manifest.inputs[0].name: X})
    command = ["infer", f"optee://{address}:{device.machine.port}", "--policy", str(policy)]
    done = subprocess.run(
        [
            *("ip", "netns", "exec", name, sys.executable, "-m", "cloister.cli.main", *command),
            *("--inputs", str(tmp_path / "x.npz"), "--json"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["evidence"]["kind"] == "optee"
