"""From an ONNX file to a sealed answer: packed, served, verified by its policy, asked, compared
with ONNX Runtime on the whole network.
"""

from __future__ import annotations

import importlib.resources
from pathlib import Path

import numpy as np
import pytest
from serve_kit import Serve

from cloister.attest.policy import Policy
from cloister.client import Client
from cloister.enclaves.engine import Engine
from cloister.errors import Refused
from cloister.graph.cuts import find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.packing import Packed, pack

SOURCE = Path(str(importlib.resources.files("cloister.demo") / "cifar.onnx"))
# Of max |reference|: the parity gate's tolerance.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def network() -> Graph:
    return load(SOURCE)


def ask_and_compare(serve: Serve, network: Graph, packed: Packed, answer: str) -> None:
    service, _ = serve(packed.bundle.path)
    x = np.random.default_rng(11).normal(size=network.inputs[0].shape).astype(np.float32)
    (expected,) = Reference(SOURCE).run([x])
    with Client(service.url, Policy.load(packed.policy)) as client:
        got = client.infer(x)
    assert got.evidence.passed
    assert got.answer.startswith(answer)
    error = np.abs(got.outputs[0] - expected).max() / np.abs(expected).max()
    assert error <= TOLERANCE
    assert got.bytes.request == service.face.sizes.request
    assert got.bytes.response == service.face.sizes.response


@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_network_cut_anywhere_answers_as_the_whole(
    serve: Serve, network: Graph, tmp_path: Path, place: float
) -> None:
    cuts = find_cuts(network)
    cut = cuts[round(place * (len(cuts) - 1))]
    packed = pack(network, cut, tmp_path / "bundle", engine=Engine)
    ask_and_compare(serve, network, packed, "answer: visible to and chosen by the host")


def test_weights_that_do_not_fit_are_streamed(serve: Serve, network: Graph, tmp_path: Path) -> None:
    cut = find_cuts(network)[-1]
    roomy = pack(network, cut, tmp_path / "roomy", engine=Engine)
    budget = roomy.memory_bytes * 3 // 4
    tight = pack(network, cut, tmp_path / "b" / "tight", engine=Engine, memory_budget=budget)
    assert tight.memory_bytes < roomy.memory_bytes
    ask_and_compare(serve, network, tight, "answer: visible to and chosen by the host")


def test_a_whole_network_answers_from_the_enclave(
    serve: Serve, network: Graph, tmp_path: Path
) -> None:
    packed = pack(network, None, tmp_path / "bundle", engine=Engine, mode="whole")
    ask_and_compare(serve, network, packed, "answer: computed and sealed")


def test_a_policy_for_another_bundle_sends_nothing(
    serve: Serve, network: Graph, tmp_path: Path
) -> None:
    cuts = find_cuts(network)
    served = pack(network, cuts[0], tmp_path / "served" / "bundle", engine=Engine)
    other = pack(network, cuts[1], tmp_path / "other" / "bundle", engine=Engine)
    service, caller = serve(served.bundle.path)
    with Client(service.url, Policy.load(other.policy)) as client, pytest.raises(Refused):
        client.infer(np.zeros(network.inputs[0].shape, np.float32))
    assert "cloister_requests_total" not in [
        line.split("{")[0] for line in caller.http.get("/metrics").text.splitlines()
    ]
