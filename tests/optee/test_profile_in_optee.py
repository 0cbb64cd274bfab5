"""`profile --tee optee`: counts of each layer, in a real OP-TEE with the counting plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cloister.graph.load import load
from cloister.optee.lab import Lab
from cloister.profile.device import profile_device

BUDGET = 1300 << 10  # LeNet's fully connected weights are streamed


def test_each_layers_share_is_counted(
    lab: Lab, tmp_path: Path, real_network: Callable[[str], bytes]
) -> None:
    model = tmp_path / "lenet.onnx"
    model.write_bytes(real_network("lenet"))
    found = profile_device(load(model), memory_budget=BUDGET)
    layers = {layer.name: layer for layer in found.layers}
    assert [layer.op for layer in found.layers].count("Conv") == 2
    for layer in found.layers:
        # A layer costs at least a tenth of an instruction for each multiply-add.
        assert layer.instructions > layer.macs / 10
    dense = layers["fc1"]
    assert dense.macs == 400_000
    assert dense.streamed_bytes > 1_600_000
    assert 1 <= sum(layer.world_switches for layer in found.layers) <= 2
    whole = found.around + sum(layer.instructions for layer in found.layers)
    assert whole == found.request.application
    assert found.request.secure > found.request.application  # opening and sealing are OP-TEE's
