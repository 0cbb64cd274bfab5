"""seal, broker, serve --broker, infer --receipt, verify FILE: as processes, the way people run
them.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_kit import Json

from cloister.broker.passphrase import VARIABLE
from cloister.cli.broker import parse_address
from cloister.cli.main import run
from cloister.errors import UserError

PASSPHRASE = "six random words of this test"


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, PASSPHRASE)


@pytest.fixture
def bundle(records: Path, tmp_path: Path) -> Path:
    assert run(["pack", str(records), "-o", f"{tmp_path}/bundle", "--cut", "r"]) == 0
    return tmp_path / "bundle"


@contextmanager
def process(log: Path, *arguments: object) -> Iterator[tuple[dict[str, Any], Path]]:
    """A verb that serves, until it is interrupted: what it printed, and its log."""
    command = [sys.executable, "-m", "cloister.cli.main", *map(str, arguments), "--json"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=env
        ) as running,
    ):
        assert running.stdout is not None
        line = running.stdout.readline()
        assert line, log.read_text()
        yield json.loads(line), log
        running.send_signal(signal.SIGINT)
        assert running.wait(20) == 0


def test_the_whole_way_from_seal_to_an_appraised_receipt(
    as_json: Json, bundle: Path, tmp_path: Path
) -> None:
    keys, policy = tmp_path / "keys", tmp_path / "policy.toml"
    code, sealed = as_json("seal", bundle, "--to", keys)
    assert code == 0 and sealed["version"] == 1 and sealed["live_keys"] == [sealed["key_id"]]
    assert sealed["bundle"] == str(tmp_path / "sealed_bundle")
    np.savez(tmp_path / "x.npz", x=np.ones((1, 4), np.float32))
    code, refused = as_json("serve", sealed["bundle"], "--port", "0")
    assert code == 2 and refused["error"]["code"] == "sealed-bundle"
    brokering = ["broker", "--policy", policy, "--keys", keys, "--listen", "127.0.0.1:0"]
    serving = ["serve", sealed["bundle"], "--port", "0", "--broker"]
    with (
        process(tmp_path / "broker.log", *brokering) as broker,
        process(tmp_path / "serve.log", *serving, broker[0]["url"]) as served,
    ):
        assert broker[0]["live_keys"] == [sealed["key_id"]]
        assert any("UNSAFE" in remark for remark in broker[0]["remarks"])
        url, receipt = served[0]["url"], tmp_path / "receipt.json"
        asked = ["infer", url, "--inputs", tmp_path / "x.npz", "--policy", policy]
        code, answer = as_json(*asked, "--receipt", receipt)
        assert code == 0 and answer["manifest_sha256"] == sealed["manifest_sha256"]
        code, again = as_json(*asked, "--receipt", receipt)
        assert code == 2 and again["error"]["code"] == "output-exists"
        assert "key-released" in broker[1].read_text()
    for log in (broker[1], served[1]):
        assert PASSPHRASE not in log.read_text()
    code, found = as_json("verify", receipt, "--policy", policy)
    assert code == 0 and found["verdict"] == "passed"
    assert found["facts"]["receipt_tail_check"] == "unchecked"
    code, found = as_json("verify", receipt, "--policy", policy, "--at", "2020-01-01")
    assert code == 1


def test_serve_says_that_it_is_locked(as_json: Json, bundle: Path, tmp_path: Path) -> None:
    _, sealed = as_json("seal", bundle, "--to", tmp_path / "keys")
    nobody = ["serve", sealed["bundle"], "--port", "0", "--broker", "http://127.0.0.1:9"]
    with process(tmp_path / "serve.log", *nobody) as (served, _):
        assert "http://127.0.0.1:9 cannot be reached" in served["locked"]


def test_sealing_mistakes_are_named(
    as_json: Json, bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    monkeypatch.setenv(VARIABLE, "short")
    code, found = as_json("seal", bundle, "--to", keys)
    assert code == 2 and found["error"]["code"] == "weak-passphrase"
    monkeypatch.setenv(VARIABLE, PASSPHRASE)
    assert as_json("seal", bundle, "--to", keys, "-o", tmp_path / "one")[0] == 0
    monkeypatch.setenv(VARIABLE, PASSPHRASE + "!")
    code, found = as_json("seal", bundle, "--to", keys, "-o", tmp_path / "two")
    assert code == 2 and found["error"]["code"] == "wrong-passphrase"
    monkeypatch.setenv(VARIABLE, PASSPHRASE)
    code, found = as_json("seal", tmp_path / "one", "--to", keys, "-o", tmp_path / "three")
    assert code == 2 and found["error"]["code"] == "sealed-already"
    code, found = as_json("seal", bundle, "--to", keys, "-o", tmp_path / "one")
    assert code == 2 and found["error"]["code"] == "output-exists"
    for arguments in (["--kbs", "http://x", "--broker", "http://y"], ["--broker", "x"]):
        code, found = as_json("serve", tmp_path / "one", *arguments)
        assert code == 2 and found["error"]["code"] in ("usage", "bad-url")
    elsewhere = ["--kbs", "http://x", "--tee", "snp", "--enclave", "vsock://3:8401"]
    code, found = as_json("serve", tmp_path / "one", *elsewhere)
    assert code == 2 and found["error"]["code"] == "kbs-kind"
    code, found = as_json("broker", "--policy", tmp_path / "none", "--keys", keys)
    assert code == 2 and found["error"]["code"] == "no-such-file"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8500", ("127.0.0.1", 8500)),
        ("[::1]:0", ("::1", 0)),
        ("8500", ("127.0.0.1", 8500)),
        (":80", ("127.0.0.1", 80)),
    ],
)
def test_addresses_to_listen_on(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "host", "host:", "host:99999", "host:-1", "host:²"])
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UserError):
        parse_address(text)
