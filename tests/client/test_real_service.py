"""The client against the real service and the real enclave program; no fakes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
import tiny_bundle

from cloister.attest.policy import Policy, policy_text
from cloister.client import Client, UnsafeWarning
from cloister.enclaves.sandbox import SandboxEnclave
from cloister.errors import Refused
from cloister.pack.bundle import Bundle
from cloister.serve.service import Service, Settings

X = np.random.default_rng(3).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return tiny_bundle.write(tmp_path_factory.mktemp("tiny") / "bundle")


@pytest.fixture(scope="module")
def service(bundle: Bundle) -> Iterator[Service]:
    with Service(bundle.path, settings=Settings(replay=64)).start() as running:
        yield running


def policy(bundle: Bundle, *, digest: str | None = None) -> Policy:
    made = bundle.manifest
    text = policy_text(
        digest or made.digest, model_digest=made.model_digest, name=made.name, mode=made.mode
    )
    return Policy.from_toml(text)


def test_the_policy_that_pack_writes_accepts_the_real_enclave(
    service: Service, bundle: Bundle
) -> None:
    with Client(service.url, policy(bundle)) as client:
        result = client.verify()
        assert result.passed, result.to_json()
        claims, _ = result.require()
        assert claims.manifest_digest == bundle.manifest_digest
        assert claims.model_digest.hex() == bundle.manifest.model_digest
        one, two = client.infer(X), client.infer(X)
    assert (one.outputs[0] == two.outputs[0]).all()
    assert one.answer == "answer: visible to and chosen by the host (tail unchecked)"
    assert {"host_open", "host_head", "host_tail", "host_seal"} <= set(one.timings_ms)
    assert one.bytes.crossing == 128 + 4 * tiny_bundle.FEATURES


def test_a_policy_for_another_model_refuses_the_real_enclave(
    service: Service, bundle: Bundle
) -> None:
    with (
        Client(service.url, policy(bundle, digest="ab" * 32)) as client,
        pytest.raises(Refused) as caught,
    ):
        client.infer(X)
    assert caught.value.code == "refused-manifest"


def test_without_a_policy_the_unsafe_choice_works_and_warns(service: Service) -> None:
    with pytest.warns(UnsafeWarning):
        client = Client(service.url, unsafe_any_model=True)
    with client:
        assert client.infer(X).evidence.passed


def test_a_client_goes_on_with_the_next_enclave_when_one_is_killed(bundle: Bundle) -> None:
    with (
        Service(bundle.path, settings=Settings(replay=1024)).start() as service,
        Client(service.url, policy(bundle)) as client,
    ):
        before = client.infer(X)
        instance = service._keeper.current()
        assert instance is not None
        assert isinstance(instance.enclave, SandboxEnclave)
        os.kill(instance.enclave.pid, signal.SIGKILL)
        after = client.infer(X)
    assert (before.outputs[0] == after.outputs[0]).all()
    assert before.evidence.claims is not None and after.evidence.claims is not None
    assert before.evidence.claims.key_config != after.evidence.claims.key_config


def test_a_client_does_not_notice_that_enclaves_wear_out(service: Service, bundle: Bundle) -> None:
    """The replay table has 64 entries: more requests than one instance answers."""
    keys = set()
    with Client(service.url, policy(bundle)) as client:
        for _ in range(150):
            claims = client.infer(X).evidence.claims
            assert claims is not None
            keys.add(claims.key_config)
    assert len(keys) >= 2
