"""The whole way, from a client's policy to its answer, with a real OP-TEE behind the service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X

from cloister.attest.policy import Policy, policy_text
from cloister.client import Client
from cloister.enclaves.attested import Place
from cloister.errors import Refused
from cloister.optee.lab import Lab
from cloister.optee.machine import Machine
from cloister.serve.service import Service, Settings


def test_a_client_is_answered_from_inside_op_tee_only_if_its_policy_says_so(
    lab: Lab, tmp_path: Path
) -> None:
    bundle = tiny_bundle.write(tmp_path / "bundle")  # split: the tail runs in ONNX Runtime
    digest, model = bundle.manifest_digest.hex(), bundle.manifest.model_digest

    def policy(tee: str) -> Policy:
        tables = {"optee": "unsafe_development = true\n"}
        return Policy.from_toml(
            policy_text(digest, model_digest=model, name="tiny", tees=(tee,), tables=tables)
        )

    with Service(bundle.path, settings=Settings(enclave="optee", deadline_s=60)) as service:
        service.start()
        with Client(service.url, policy("optee")) as client:
            (answer,) = client.infer(X).outputs
        np.testing.assert_allclose(answer, tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)
        with (
            Client(service.url, policy("sandbox")) as client,
            pytest.raises(Refused, match="optee"),
        ):
            client.infer(X)


def test_a_service_here_drives_a_device_elsewhere(machine: Machine, tmp_path: Path) -> None:
    """`cloister serve BUNDLE --enclave optee://…`: the device has no bundle of its own."""
    bundle = tiny_bundle.write(tmp_path / "bundle")
    tables = {"optee": "unsafe_development = true\n"}
    text = policy_text(
        bundle.manifest_digest.hex(),
        model_digest=bundle.manifest.model_digest,
        tees=("optee",),
        tables=tables,
    )
    place = Place(at=f"optee://127.0.0.1:{machine.port}")
    settings = Settings(enclave="optee", place=place, deadline_s=60)
    with Service(bundle.path, settings=settings) as service:
        service.start()
        with Client(service.url, Policy.from_toml(text)) as client:
            (answer,) = client.infer(X).outputs
    np.testing.assert_allclose(answer, tiny_bundle.answer(X), rtol=1e-5, atol=1e-3)
