"""The speed benchmark: its JSON, its peers, the share of the peak."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from bench import peers, speed
from bench.data import Absent
from bench.limited import LIMITS, Limited, as_it_comes
from bench.networks import NETWORKS
from bench.peak import peak
from cloister.enclaves.engine import kernel_names
from cloister.graph.calibrate import calibrated
from cloister.graph.load import from_proto
from cloister.graph.reference import Reference


def measured(*names: str) -> speed.Measured:
    try:
        return speed.measure(NETWORKS["resnet8"], 1, names, "auto")
    except Absent as reason:
        pytest.skip(str(reason))


def test_prints_the_times_of_each_peer_and_their_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(model: bytes, inputs: object) -> peers.Run:
        raise ImportError("no such engine")

    monkeypatch.setitem(peers.PEERS, "missing", missing)
    net = json.loads(speed.as_json([measured("onnxruntime", "missing")]))["nets"]["resnet8"]
    assert net["ratio"].keys() == {"onnxruntime"}
    assert net["ratio"]["onnxruntime"] == pytest.approx(
        net["enclave_ms"] / net["onnxruntime"], rel=0.05
    )
    assert net["unable"] == {"missing": "not installed: no such engine"}


def test_refuses_a_peer_that_computes_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(model: bytes, inputs: object) -> peers.Run:
        return lambda x: [np.full((1, 10), 0.1, np.float32)]

    monkeypatch.setitem(peers.PEERS, "wrong", wrong)
    assert "off" in measured("wrong").unable["wrong"]


def test_onnx_runtime_can_be_limited_to_avx2() -> None:
    network = NETWORKS["resnet8"]
    try:
        model, x = network.build(), network.inputs(1).inputs[:1]
        run = Limited(model)
    except (Absent, RuntimeError) as reason:
        pytest.skip(str(reason))
    wanted = Reference(model, threads=1).run(x)[0]
    np.testing.assert_allclose(run(x)[0], wanted, atol=1e-5)  # it checks itself what was in use
    assert run.timed_ms(x) > 0 and run.in_use == 0
    run.close()
    if "avx512" in kernel_names():  # the check sees a process that is not limited
        free = Limited(model, limit="")
        free(x)
        assert free.in_use
        free.close()


def test_onnx_runtime_can_be_limited_to_what_has_no_amx() -> None:
    network = NETWORKS["resnet8"]
    try:
        graph, examples = from_proto(onnx.load_from_string(network.build())), network.inputs(3)
        x = examples.inputs[:1]
        pairs = calibrated(graph, [[i] for i in examples.inputs])
        run = Limited(pairs, limit="no-amx")
    except (Absent, RuntimeError) as reason:
        pytest.skip(str(reason))
    wanted = as_it_comes(pairs)(x)[0]
    assert int(run(x)[0].argmax()) == int(wanted.argmax())  # it checks itself what was in use
    run.close()
    if "amx_int8" in Path("/proc/cpuinfo").read_text():  # the check sees one that is not limited
        free = Limited(pairs, limit="")
        free.limit = LIMITS["no-amx"]
        with pytest.raises(RuntimeError, match="more was used"):
            free(x)
        free.close()


def test_direct_has_no_convolution_in_the_transform_domain() -> None:
    one = speed.measure(NETWORKS["resnet8"], 1, (), "auto", direct=True)
    functions = {layer["function"] for layer in one.layers if layer["operator"] == "conv"}
    assert functions == {"direct"}


def test_layers_have_their_operations_and_share_of_the_peak() -> None:
    one = measured()
    layers = [layer for layer in one.layers if layer["operator"] == "conv"]
    assert len(layers) == 10  # nine convolutions, one fully connected
    first = layers[0]["fastest_ms"] * layers[0]["gflops"] * 1e6  # type: ignore[operator]
    assert first == pytest.approx(2 * 27 * 32 * 32 * 16, rel=0.1)
    if one.peak_gflops is not None:
        assert layers[0]["of_peak"] == pytest.approx(
            layers[0]["gflops"] / one.peak_gflops,
            abs=1e-3,  # type: ignore[operator]
        )


def test_there_is_a_peak_for_the_kernels_of_this_machine() -> None:
    name = kernel_names()[0]
    best = peak(name, speed.WIDTHS[name])
    if best is None:
        pytest.skip("there is no C compiler")
    assert best() > 1.0
    assert set(kernel_names()) <= set(speed.WIDTHS)
