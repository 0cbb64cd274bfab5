"""PyTorch modules and torchvision's networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloister.errors import OutsideError, UserError
from cloister.graph.cuts import find_cut, find_cuts
from cloister.graph.graph import Graph
from cloister.graph.load import load
from cloister.graph.operators import unsupported
from cloister.graph.reference import Reference
from cloister.graph.split import split

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra `audit`)")
zoo = pytest.importorskip("cloister.graph.zoo")
try:
    zoo.names()
except UserError as missing:
    pytest.skip(f"torchvision is not installed: {missing}", allow_module_level=True)


class Small(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, 3)
        self.norm = torch.nn.BatchNorm2d(4)
        self.fc = torch.nn.Linear(4, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.nn.functional.silu(self.norm(self.conv(x)))
        return self.fc(x.mean((2, 3)))


def agree(module: torch.nn.Module, graph: Graph) -> None:
    x = np.random.default_rng(0).standard_normal(graph.inputs[0].shape).astype(np.float32)
    with torch.no_grad():
        expected = module(torch.from_numpy(x)).numpy()
    got = Reference(graph).run([x])[0]
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())


def test_loads_a_module_without_changing_it() -> None:
    module = Small()
    module.train()
    graph = load(module, input_shape=(1, 3, 8, 8))
    assert module.training
    assert graph.name == "Small"
    assert graph.inputs[0].shape == (1, 3, 8, 8)
    assert "BatchNormalization" not in {n.op_type for n in graph.nodes}
    agree(module.eval(), graph)


def test_the_same_module_gives_the_same_digest() -> None:
    module = Small()
    assert (
        load(module, input_shape=(1, 3, 8, 8)).sha256
        == load(module, input_shape=(1, 3, 8, 8)).sha256
    )


def test_refuses_a_module_that_does_not_run_on_the_shape() -> None:
    with pytest.raises(UserError, match="cannot export Small") as caught:
        load(Small(), input_shape=(1, 4, 8, 8))
    assert caught.value.code == "export-failed"
    assert "(1, 4, 8, 8)" in caught.value.hint


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small", "squeezenet1_1"])
def test_loads_networks_of_torchvision_by_name(name: str) -> None:
    graph = load(f"torchvision:{name}", random_weights=True)
    assert graph.name == f"torchvision:{name}"
    assert unsupported(graph) == []
    assert len(find_cuts(graph)) > 15
    module = zoo.build(name, random_weights=True)
    if name == "resnet18":
        found = [cut.id for cut in find_cuts(graph)]
        assert found[:6] == [
            "bn1",
            "relu",
            "maxpool",
            "layer1.0.add",
            "layer1.0.relu_1",
            "layer1.1.add",
        ]
        agree(module, graph)


def test_a_vision_transformer_is_cut_between_its_blocks() -> None:
    module = zoo.build(
        "vit",
        random_weights=True,
        image_size=32,
        patch_size=8,
        num_layers=2,
        num_heads=2,
        hidden_dim=16,
        mlp_dim=32,
        num_classes=7,
    )
    graph = load(module, input_shape=(1, 3, 32, 32))
    agree(module, graph)
    assert unsupported(graph) == []
    assert {"LayerNormalization", "Gelu", "Softmax"} <= {n.op_type for n in graph.nodes}
    x = np.random.default_rng(1).standard_normal((1, 3, 32, 32)).astype(np.float32)
    expected = Reference(graph).run([x])[0]
    assert np.abs(expected).max() > 0
    for cut in find_cuts(graph):
        parts = split(graph, cut)
        got = Reference(parts.tail_bytes()).run(Reference(parts.head).run([x]))[0]
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_drawn_weights_are_the_same_each_time() -> None:
    a, b = (zoo.build("squeezenet1_1", random_weights=True).state_dict() for _ in range(2))
    assert all(torch.equal(a[k], b[k]) for k in a)


def test_refuses_a_name_that_torchvision_does_not_know() -> None:
    with pytest.raises(UserError, match="'resnet51'") as caught:
        load("torchvision:resnet51")
    assert caught.value.code == "unknown-model"
    assert "resnet50" in caught.value.hint


def test_says_what_to_do_where_weights_cannot_be_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")  # nobody answers there
    with pytest.raises(OutsideError) as caught:
        load("torchvision:squeezenet1_1")
    assert caught.value.code == "weights-unavailable"
    assert "--random-weights" in caught.value.hint


def test_calibration_gives_batch_norms_the_statistics_of_the_images() -> None:
    module = Small().eval()
    images = [torch.randn(8, 3, 8, 8) * 3 + 5 for _ in range(3)]
    assert zoo.calibrate_batch_norm(module, images) == 1
    assert not module.training
    with torch.no_grad():
        y = torch.cat([module.norm(module.conv(x)) for x in images])
    torch.testing.assert_close(y.mean((0, 2, 3)), torch.zeros(4), atol=1e-3, rtol=0)
    torch.testing.assert_close(y.std((0, 2, 3)), torch.ones(4), atol=2e-2, rtol=0)


def test_calibration_of_a_network_without_batch_norm_does_nothing() -> None:
    assert zoo.calibrate_batch_norm(torch.nn.Linear(2, 2), []) == 0


def test_cut_ids_of_a_module_are_its_layers_names() -> None:
    graph = load(Small(), input_shape=(1, 3, 8, 8))
    assert [cut.id for cut in find_cuts(graph)] == ["norm", "silu", "mean"]
    assert graph.outputs[0].name == "fc"
    assert all(find_cut(graph, cut.id) == cut for cut in find_cuts(graph))
