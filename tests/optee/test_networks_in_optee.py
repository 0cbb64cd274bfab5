"""Whole networks inside a stock OP-TEE, against the engine of this machine and ONNX Runtime.

The kernels are the same sources, each output one chain of fused operations in one order, so where
this machine has fused operations (AVX2, AVX-512, NEON) answers are equal bit for bit.
"""

# ruff: noqa: PLR0917 - fixtures are parameters
from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from optee_kit import X, ask, load, soon

from bench import data
from cloister.attest.claims import DEBUG_ENABLED, Claims
from cloister.attest.optee import UNATTESTED
from cloister.enclaves.engine import Engine, kernel_names
from cloister.enclaves.head_file import HeadFile
from cloister.enclaves.optee import REPLAY_ENTRIES, OpteeEnclave
from cloister.graph.load import load as load_graph
from cloister.graph.reference import Reference
from cloister.optee.build import Sizes
from cloister.optee.machine import Machine
from cloister.optee.plan import WINDOW
from cloister.pack.bundle import Bundle
from cloister.pack.container import compile_container
from cloister.pack.manifest import Tensor
from cloister.pack.prefix import calls
from cloister.pack.room import Room

HEAP_MOST = 13_200 << 10  # the heap of a stock OP-TEE, in bytes
TOLERANCE = 1e-4  # against ONNX Runtime, whose order of sums is another


class Frames:
    """Of pages, that went to an enclave."""

    count = 0


def count_pages(enclave: OpteeEnclave, monkeypatch: pytest.MonkeyPatch) -> Frames:
    sent, send = Frames(), enclave.link._send_pages

    def counted(first: int, count: int, deadline: float) -> None:
        sent.count += 1
        send(first, count, deadline)

    monkeypatch.setattr(enclave.link, "_send_pages", counted)
    return sent


@pytest.mark.parametrize(
    ("name", "count", "budget"),
    [
        ("lenet", 3, HEAP_MOST),
        ("lenet", 1, 1080 << 10),  # its fully connected weights streamed
        ("resnet20", 3, HEAP_MOST),
        ("squeezenet1_1", 3, HEAP_MOST),
        ("squeezenet1_1", 1, 4 << 20),  # some weights streamed
    ],
)
def test_answers_are_those_of_the_engine_bit_for_bit(
    machine: Machine, sizes: Sizes, tmp_path: Path, name: str, count: int, budget: int,
    real_network: Callable[[str], bytes], real_inputs: Callable[[str, int], data.Labelled],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """And world switches are those that the plan foretells: at most two, and one for each window of
    streamed weights.
    """
    if not {"avx2", "neon"} & set(kernel_names()):
        pytest.skip("this machine has no fused operations: its own last bits differ")
    model = tmp_path / f"{name}.onnx"
    model.write_bytes(real_network(name))
    graph = load_graph(model)
    container = compile_container(
        graph,
        mode="whole",
        answers=graph.outputs,
        memory_budget=(Room(budget, WINDOW),),
        replay=REPLAY_ENTRIES,
    )
    asked = calls(container, WINDOW)
    streamed = sum(call.stored_bytes for call in asked)
    assert 1 + len(asked) <= 2 + -(-streamed // WINDOW)
    assert (streamed > 0) == (budget < HEAP_MOST)
    path = tmp_path / "head.clo"
    path.write_bytes(container.to_bytes())
    engine, reference = Engine(path), Reference(graph)
    outputs = tuple(Tensor(t.name, t.shape) for t in graph.outputs)
    with HeadFile(path) as head:
        assert head.memory_bytes(REPLAY_ENTRIES) <= min(budget, sizes.memory_bytes)
        enclave = OpteeEnclave(head, machine=machine)
        ready = load(enclave, head)
        sent = count_pages(enclave, monkeypatch)
        for number, x in enumerate(real_inputs(name, count).inputs, 1):
            before = sent.count
            (y,) = ask(enclave, ready, number, x, outputs)
            assert sent.count - before == len(asked)
            np.testing.assert_array_equal(y, engine.run([x])[0])
            np.testing.assert_allclose(
                y, reference.run([x])[0], rtol=0, atol=TOLERANCE * max(1, float(abs(y).max()))
            )
        enclave.close()


def test_claims_say_optee_and_that_nobody_attests(
    machine: Machine, head: HeadFile, enclave: OpteeEnclave
) -> None:
    ready = load(enclave, head)
    attested = enclave.link.attest(b"n" * 32, 100, 200, deadline=soon())
    claims = Claims.from_bytes(attested.claims)
    assert (claims.tee, claims.kernels, claims.debug_status) == ("optee", "neon", DEBUG_ENABLED)
    assert claims.model_digest == hashlib.sha256(head.header).digest()
    assert claims.key_config == ready.key_config
    assert claims.level == "unattested"
    assert attested.evidence.startswith(UNATTESTED + attested.evidence[32:64])


def test_receipt_keys_are_points_of_ed25519(machine: Machine, head: HeadFile) -> None:
    """OP-TEE makes them: they must be on the curve, and new each time."""
    keys = set()
    for _ in range(3):
        enclave = OpteeEnclave(head, machine=machine)
        load(enclave, head)
        claims = Claims.from_bytes(enclave.link.attest(None, 1, 2, deadline=soon()).claims)
        enclave.close()
        keys.add(claims.receipt_key)
        assert _on_curve(claims.receipt_key)
    assert len(keys) == 3


def _on_curve(key: bytes) -> bool:
    """RFC 8032, section 5.1.3: (y^2 - 1) / (d y^2 + 1) has a square root."""
    p = 2**255 - 19
    d = -121665 * pow(121666, -1, p)
    y = int.from_bytes(key, "little") & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
    return y < p and pow(x2, (p - 1) // 2, p) in (0, 1)


def test_without_the_processors_instructions_op_tees_own_ciphers_do_the_same(
    machine: Machine,
    other_application: Callable[[str], None],
    head: HeadFile,
    bundle: Bundle,
) -> None:
    other_application("portable")
    enclave = OpteeEnclave(head, machine=machine)
    (y,) = ask(enclave, load(enclave, head), 1, X, bundle.manifest.outputs)
    enclave.close()
    np.testing.assert_array_equal(y, X * tiny_bundle.weights_of())
