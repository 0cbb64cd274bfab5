"""The networks and pictures of the published audits are what they are said to be."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest

from bench import data, networks, ton_pictures


@pytest.fixture(autouse=True)
def _real_data() -> None:
    try:
        data.shared("weights/resnet50v2_imagenet_stem_stage1-3_fp16.npz")
    except data.Absent as reason:
        pytest.skip(str(reason))


def test_resnet50_v2_sees_what_its_batch_norms_saw_in_training() -> None:
    """A wrong order, stride or padding would put activations elsewhere than the statistics say."""
    watched = {"pool0": "stage1_batchnorm0", "stage3_conv17": "stage3_batchnorm17"}
    model = onnx.load_from_string(networks.resnet50_v2())
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in watched)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    seen = [session.run(list(watched), {"image": x}) for x in data.imagenet(8).inputs]
    known = data.weights("resnet50v2_imagenet_stem_stage1-3_fp16")
    for place, name in enumerate(watched.values()):
        mean = np.concatenate([maps[place] for maps in seen]).mean((0, 2, 3))
        assert np.corrcoef(mean, known[f"{name}_running_mean"])[0, 1] > 0.9


def test_resnet56_names_what_it_sees() -> None:
    session = onnxruntime.InferenceSession(networks.resnet56())
    some = data.cifar10(100)
    told = [session.run(None, {"image": x})[0].argmax() for x in some.inputs]
    assert (np.array(told) == some.labels).mean() > 0.85


def test_flows_become_pictures_without_what_gives_the_answer_away() -> None:
    pixels, labels, classes = ton_pictures.pictures(300, 200)
    assert pixels.shape == (300, 32, 32, 3) and pixels.dtype == np.uint8
    assert len(classes) == 10 and len(set(labels)) >= 8
    numbers = pixels[:, ::4, ::4]
    assert np.array_equal(numbers.repeat(4, 1).repeat(4, 2), pixels)
    again, _, _ = ton_pictures.pictures(300, 200)
    assert np.array_equal(pixels, again)
    assert {"src_ip", "dst_ip", "src_port", "dst_port", "label", "type"} <= ton_pictures.LEFT_OUT


def test_quantiles_are_those_of_the_training_records() -> None:
    """Half of them lie below the middle of the scale, whatever a column's values are."""
    pixels, _, _ = ton_pictures.pictures(1000, 1000)
    flows = pixels[:, ::4, ::4].transpose(0, 3, 1, 2).reshape(-1, 32)
    assert np.abs(flows.mean(0) / 255 - 0.5).max() < 0.01
    few, _, _ = ton_pictures.pictures(1000, 30)
    assert not np.array_equal(few, pixels)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_values_are_named_after_their_modules() -> None:
    torch = pytest.importorskip("torch", reason="networks are exported by torch")
    from bench import audit_trained

    block = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.SiLU())
    net = torch.nn.Sequential(block, torch.nn.Flatten(), torch.nn.Linear(3600, 10)).eval()
    graph = audit_trained.exported(net, "net")
    from cloister.graph.cuts import find_cuts

    assert [cut.id for cut in find_cuts(graph)] == ["0.0", "0.1", "1"]
