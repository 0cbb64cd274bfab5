"""Weights released to what hardware vouches for, and to nothing else: a sealed bundle, the real
broker and service, the real enclave program, and a kernel's double that signs its quotes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
import tiny_bundle
from attest.intel_world import MR_TD
from attest.test_dcap import TDX_TABLE
from broker.test_sealed_service import World
from cli.test_attested_service import policy_file
from enclaves.fake_kernel import TsmKernel, running
from enclaves.test_attested import intel, td_quote
from serve.http_kit import serving

from cloister.attest.tees import TEES
from cloister.broker.app import Broker, app
from cloister.broker.keyring import Keyring
from cloister.broker.seal import seal
from cloister.client import Client
from cloister.enclaves.attested import Place
from cloister.serve.keys import BrokerKeys
from cloister.serve.service import Service, Settings

X = np.random.default_rng(6).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="looks into a process that hides itself")


@pytest.fixture
def world(keyring: Keyring, tmp_path: Path) -> World:
    plain = tiny_bundle.write(tmp_path / "bundle").path
    return World(plain, seal(plain, keyring, tmp_path / "sealed"), keyring)


@contextmanager
def served(world: World, kernel: TsmKernel, rules: Path) -> Iterator[Service]:
    """The sealed bundle in an enclave on this kernel, its broker with these rules."""
    collateral = rules.with_name("collateral.json")
    collateral.write_bytes(intel(True).collateral())
    with running(kernel), serving(app(Broker(rules, world.keyring))) as url:
        settings = Settings(
            enclave="tdx",
            place=Place(source=kernel.base),
            collateral=(collateral,),
            replay=64,
            keys=BrokerKeys(url),
        )
        with Service(world.sealed.bundle.path, settings=settings).start() as service:
            yield service


def kernel_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> TsmKernel:
    kernel = TsmKernel(folder, "tdx_guest", lambda data: (td_quote(data), b""))
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(kernel.program))
    monkeypatch.setitem(TEES, "tdx", intel(True).row())
    return kernel


def test_weights_are_released_to_a_quote_that_passes_the_owners_policy(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = kernel_of(tmp_path, monkeypatch)
    rules = policy_file(tmp_path / "hardware.toml", "tdx", TDX_TABLE, world.sealed.bundle)
    with served(world, kernel, rules) as service, Client(service.url, rules) as client:
        answer = client.infer(X)
    assert answer.evidence.kind == "tdx"
    np.testing.assert_allclose(answer.outputs[0], tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)


def withheld(service: Service) -> str:
    """Why there is no key, as the service tells it."""
    got = httpx.get(f"{service.url}/v2/health/ready")
    assert got.status_code == 503
    assert httpx.get(f"{service.url}/v2/models/tiny/evidence").status_code == 503
    return str(got.json()["detail"])


def test_weights_are_withheld_from_another_image(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = kernel_of(tmp_path, monkeypatch)
    other = TDX_TABLE.replace(MR_TD.hex(), "ab" * 48)
    rules = policy_file(tmp_path / "hardware.toml", "tdx", other, world.sealed.bundle)
    with served(world, kernel, rules) as service:
        assert "broker-refused-measurement" in withheld(service)


def test_weights_are_withheld_from_a_quote_of_nobodys_keys(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same program, its quote signed by a root that is not Intel's."""
    kernel = kernel_of(tmp_path, monkeypatch)
    monkeypatch.undo()
    monkeypatch.setenv("CLOISTER_ENCLAVE", str(kernel.program))
    rules = policy_file(tmp_path / "hardware.toml", "tdx", TDX_TABLE, world.sealed.bundle)
    with served(world, kernel, rules) as service:
        assert "broker-refused-form" in withheld(service)
