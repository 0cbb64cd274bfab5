"""Networks in, and every way in which a file can be bad."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from graph_nets import LIGHT, Net, chain, draw_input
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from cloister.errors import UserError
from cloister.graph.graph import TensorInfo
from cloister.graph.load import from_proto, load
from cloister.graph.reference import Reference

ENV = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def expect(code: str, source: Path, *words: str, **arguments: object) -> UserError:
    with pytest.raises(UserError) as caught:
        load(source, **arguments)
    assert caught.value.code == code, caught.value
    assert caught.value.hint
    for word in words:
        assert word in caught.value.message + caught.value.hint
    return caught.value


def test_loads_a_file_with_its_name_digest_inputs_and_outputs(tmp_path: Path) -> None:
    path = write(tmp_path / "small.onnx", chain())
    graph = load(str(path))
    assert graph.name == "small"
    assert graph.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert graph.inputs == [TensorInfo("x", "float32", (1, 3, 8, 8))]
    assert graph.outputs == [TensorInfo("fc", "float32", (1, 5))]
    assert [n.op_type for n in graph.nodes] == ["Conv", "Relu", "MaxPool", "Flatten", "Gemm"]


LOADED = """
import resource, sys
from cloister.graph.load import load
def peak(): return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
graph = load(sys.argv[1])
print(peak() - before, graph.params)
"""
# What lies in memory besides the weights: ONNX Runtime's session, Python's objects.
BESIDES_BYTES = 64 << 20


def test_a_large_network_lies_in_memory_about_twice_at_most(tmp_path: Path) -> None:
    side = 5000
    weights = [np.full((side, side), n, np.float32) for n in (1, 2)]
    nodes = [helper.make_node("MatMul", [x, w], [y]) for x, w, y in ("xah", "hby")]
    graph = helper.make_graph(
        nodes, "large",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, side])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, side])],
        [numpy_helper.from_array(w, name) for w, name in zip(weights, "ab", strict=True)],
    )  # fmt: skip
    opset = [helper.make_opsetid("", 17)]
    path = write(tmp_path / "large.onnx", helper.make_model(graph, opset_imports=opset))
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(path)],
        capture_output=True, text=True, check=True, env=ENV,
    )  # fmt: skip
    more, params = map(int, done.stdout.split())
    assert params == 2 * side * side
    assert more < 2 * path.stat().st_size + BESIDES_BYTES


def test_weights_live_while_onnx_runtime_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[weakref.ref[np.ndarray]] = []
    value, session = onnxruntime.OrtValue.ortvalue_from_numpy, onnxruntime.InferenceSession

    def note(array: np.ndarray) -> onnxruntime.OrtValue:
        held.append(weakref.ref(array))
        return value(array)

    def watch(*given: object, **options: object) -> onnxruntime.InferenceSession:
        assert held and all(array() is not None for array in held)
        return session(*given, **options)

    monkeypatch.setattr(onnxruntime.OrtValue, "ortvalue_from_numpy", note)
    monkeypatch.setattr(onnxruntime, "InferenceSession", watch)
    net = Net([1, 4])
    net.add("MatMul", "y", "x", net.draw("w", 4, 50_000))
    from_proto(net.finish())


def test_a_files_name_need_not_be_utf_8(tmp_path: Path) -> None:
    path = write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/n\xff.onnx")), chain())
    graph = load(path)
    assert graph.name == "n\ufffd"
    x = np.ones((1, 3, 8, 8), np.float32)
    np.testing.assert_array_equal(Reference(path).run([x]), Reference(graph).run([x]))


def test_counts_parameters_and_multiply_accumulates() -> None:
    graph = from_proto(chain())
    assert graph.params == 4 * 3 * 9 + 4 + 64 * 5 + 5
    assert graph.total_macs == 4 * 64 * 27 + 64 * 5
    assert [graph.macs(n) for n in graph.nodes] == [4 * 64 * 27, 0, 0, 0, 64 * 5]


@pytest.mark.parametrize(("op", "gates"), [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
@pytest.mark.parametrize("directions", [1, 2])
def test_counts_what_recurrent_layers_multiply(op: str, gates: int, directions: int) -> None:
    steps, batch, wide, hidden = 7, 1, 5, 6
    weights = {
        "w": np.ones((directions, gates * hidden, wide), np.float32),
        "r": np.ones((directions, gates * hidden, hidden), np.float32),
    }
    direction = ("forward", "bidirectional")[directions - 1]
    node = helper.make_node(op, ["x", "w", "r"], ["y"], hidden_size=hidden, direction=direction)
    shapes = {"x": [steps, batch, wide], "y": [steps, directions, batch, hidden]}
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in shapes.items())
    given = [numpy_helper.from_array(array, name) for name, array in weights.items()]
    graph = helper.make_graph([node], "r", [x], [y], given)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    expected = steps * batch * directions * gates * hidden * (wide + hidden)
    assert from_proto(model).total_macs == expected


def test_gives_shapes_and_constants_by_name() -> None:
    graph = from_proto(chain())
    assert graph.shape("pool") == (1, 4, 4, 4)
    bias = graph.constant("conv.b")
    assert bias is not None
    assert bias.shape == (4,)
    assert graph.constant("relu") is None
    assert graph.constant(None) is None
    with pytest.raises(UserError, match="no tensor named 'nothing'"):
        graph.shape("nothing")


def test_refuses_a_missing_file(tmp_path: Path) -> None:
    expect("file-missing", tmp_path / "none.onnx", "none.onnx", "torchvision:")


def test_refuses_a_folder(tmp_path: Path) -> None:
    expect("not-a-file", tmp_path)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + bytes(100), b"{}"])
def test_refuses_what_is_not_onnx(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "photo.onnx"
    path.write_bytes(data)
    expect("not-onnx", path, "photo.onnx")


def test_refuses_every_truncation_of_a_model(tmp_path: Path) -> None:
    data = chain().SerializeToString()
    path = tmp_path / "short.onnx"
    for end in [1, 2, 3, 17, len(data) // 2, len(data) - 200, len(data) - 20]:
        path.write_bytes(data[:end])
        expect("truncated-model", path, "short.onnx")


def external(tmp_path: Path) -> Path:
    path = tmp_path / "big.onnx"
    onnx.save_model(
        chain(), path, save_as_external_data=True, location="big.data", size_threshold=0
    )
    return path


def test_reads_external_data_and_puts_it_into_the_digest(tmp_path: Path) -> None:
    path = external(tmp_path)
    graph, inside = load(path), from_proto(chain())
    x = draw_input((1, 3, 8, 8))
    np.testing.assert_array_equal(Reference(graph).run([x])[0], Reference(inside).run([x])[0])
    parts = path.read_bytes() + (tmp_path / "big.data").read_bytes()
    assert graph.sha256 == hashlib.sha256(parts).hexdigest()


def test_refuses_missing_external_data(tmp_path: Path) -> None:
    path = external(tmp_path)
    (tmp_path / "big.data").unlink()
    expect("external-data-missing", path, "big.data")


def test_refuses_truncated_external_data(tmp_path: Path) -> None:
    path = external(tmp_path)
    data = tmp_path / "big.data"
    data.write_bytes(data.read_bytes()[:-1])
    expect("external-data-truncated", path, "big.data")


def test_refuses_external_data_outside_the_models_folder(tmp_path: Path) -> None:
    path = external(tmp_path)
    model = onnx.load(path, load_external_data=False)
    for entry in model.graph.initializer[0].external_data:
        if entry.key == "location":
            entry.value = "../elsewhere"
    write(path, model)
    expect("external-data-outside", path)


def test_an_open_batch_axis_becomes_one(tmp_path: Path) -> None:
    net = Net(["batch", 3, 8, 8])
    net.conv("y", "x", 3, 2)
    graph = load(write(tmp_path / "m.onnx", net.finish()))
    assert graph.inputs[0].shape == (1, 3, 8, 8)
    assert graph.shape("y") == (1, 2, 8, 8)


def open_net(tmp_path: Path) -> Path:
    net = Net(["batch", 3, "height", None])
    net.conv("y", "x", 3, 2)
    return write(tmp_path / "open.onnx", net.finish())


def test_names_every_axis_that_stays_open(tmp_path: Path) -> None:
    path = open_net(tmp_path)
    expect("open-axes", path, "height", "x.3", "--shape height=")
    expect("open-axes", path, "x.3", shapes={"height": 8})


def test_closes_axes_by_name_and_by_place(tmp_path: Path) -> None:
    graph = load(open_net(tmp_path), shapes={"height": 8, "x.3": 6})
    assert graph.shape("y") == (1, 2, 8, 6)


def test_refuses_shapes_for_axes_that_are_not_there(tmp_path: Path) -> None:
    expect("unknown-axis", open_net(tmp_path), "width", "height", shapes={"width": 8})


def test_refuses_lengths_below_one(tmp_path: Path) -> None:
    expect("bad-shape", open_net(tmp_path), "height", shapes={"height": 0, "x.3": 4})


def test_a_place_changes_a_fixed_axis(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", chain_without_fc())
    assert load(path, shapes={"x.2": 16}).shape("relu") == (1, 4, 16, 8)


def chain_without_fc() -> onnx.ModelProto:
    net = Net([1, 3, 8, 8])
    net.conv("conv", "x", 3, 4)
    net.add("Relu", "relu")
    return net.finish()


@pytest.mark.parametrize("dtype", [TensorProto.FLOAT16, TensorProto.INT64, TensorProto.DOUBLE])
def test_refuses_inputs_that_are_not_float32(tmp_path: Path, dtype: int) -> None:
    info = helper.make_tensor_value_info("tokens", dtype, [1, 4])
    out = helper.make_tensor_value_info("y", dtype, [1, 4])
    graph = helper.make_graph([helper.make_node("Identity", ["tokens"], ["y"])], "g", [info], [out])
    path = write(
        tmp_path / "m.onnx",
        helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 20)]),
    )
    expect("unsupported-dtype", path, "tokens")


def test_refuses_an_operator_that_onnx_does_not_have(tmp_path: Path) -> None:
    net = Net([1, 3])
    net.add("Frobnicate", "y")
    expect("invalid-model", write(tmp_path / "m.onnx", net.finish()), "Frobnicate")


def test_refuses_shapes_that_do_not_fit(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.conv("y", "x", 5, 2)
    expect("invalid-model", write(tmp_path / "m.onnx", net.finish()))


def test_refuses_nan_in_the_weights(tmp_path: Path) -> None:
    model = chain()
    weight = numpy_helper.to_array(model.graph.initializer[0]).copy()
    weight.flat[3] = np.nan
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weight, "conv.w"))
    expect("nan-weights", write(tmp_path / "m.onnx", model), "conv.w")


def test_refuses_shapes_that_depend_on_the_data(tmp_path: Path) -> None:
    net = Net([1, 3])
    net.add("NonZero", "where")
    net.add("Cast", "y", "where", to=TensorProto.FLOAT)
    expect("open-axes", write(tmp_path / "m.onnx", net.finish()), "NonZero")


def test_takes_operators_of_other_domains_that_onnx_runtime_knows(tmp_path: Path) -> None:
    net = Net([1, 3, 8, 8])
    net.conv("conv", "x", 3, 4)
    net.add("Gelu", "gelu", domain="com.microsoft")
    net.add("Relu", "y")
    graph = load(write(tmp_path / "m.onnx", net.finish()))
    assert graph.info("gelu") == TensorInfo("gelu", "float32", (1, 4, 8, 8))


def test_weights_that_are_inputs_too_are_no_inputs(tmp_path: Path) -> None:
    model = chain_without_fc()
    for tensor in model.graph.initializer:
        model.graph.input.append(
            helper.make_tensor_value_info(tensor.name, TensorProto.FLOAT, tensor.dims)
        )
    assert [i.name for i in load(write(tmp_path / "m.onnx", model)).inputs] == ["x"]


# VGG-19 and AlexNet have half a gigabyte of weights and nothing that the others lack.
OLD = [
    p for p in sorted(LIGHT.glob("*.onnx")) if p.stem not in ("light_vgg19", "light_bvlc_alexnet")
]


@pytest.mark.parametrize("path", OLD, ids=lambda p: p.stem)
def test_loads_old_models_of_onnx_and_computes_the_same(path: Path) -> None:
    graph = load(path)
    x = draw_input(graph.inputs[0].shape)
    got, expected = Reference(graph).run([x])[0], Reference(path).run([x])[0]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-6 * np.abs(expected).max())


def test_a_loaded_file_stays_at_hand_as_a_witness(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", chain())
    graph = load(path)
    assert graph.source == path
    x = draw_input((1, 3, 8, 8))
    np.testing.assert_allclose(
        Reference(graph.source).run([x])[0], Reference(graph).run([x])[0], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("part", ["zoo", "export"])
def test_says_how_to_get_pytorch_where_it_is_missing(
    part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, f"cloister.graph.{part}", raising=False)
    with pytest.raises(UserError, match="PyTorch") as caught:
        load("torchvision:resnet18" if part == "zoo" else object())
    assert caught.value.code == "torch-missing"
    assert "pip install" in caught.value.hint


def test_loading_a_file_does_not_import_torch(tmp_path: Path) -> None:
    path = write(tmp_path / "m.onnx", chain())
    program = f"""
import sys
from cloister.graph.load import load
load({str(path)!r})
sys.exit("torch" in sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_damage_is_refused_or_harmless(tmp_path: Path, data: st.DataObject) -> None:
    """Bytes are overwritten, most in the structure at the front; only a UserError leaves."""
    damaged = bytearray(chain().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, 600) | st.integers(0, len(damaged) - 1))
        damaged[at] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.onnx"
    path.write_bytes(damaged)
    with contextlib.suppress(UserError):
        load(path)
