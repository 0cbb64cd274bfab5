"""The whole way, from a client's policy to its answer, with a real OP-TEE behind the service."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X

from cloister.attest.policy import Policy, policy_text
from cloister.client import Client
from cloister.errors import Refused
from cloister.optee.lab import Lab
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
