"""The in-process engine on whole containers: ONNX Runtime's answers, exact memory, refusals."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from cloister.enclaves.engine import Engine, kernel_names
from cloister.errors import Refused, UserError
from cloister.graph.load import load
from cloister.graph.reference import Reference
from cloister.pack.container import Container, compile_container
from tests.enclave.containers import every_kind, winograd

MODEL = resources.files("cloister.demo") / "cifar.onnx"
# float32 sums in another order, through a whole network.
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """The demo network, wholly inside the enclave."""
    path = tmp_path_factory.mktemp("engine") / "cifar.onnx"
    path.write_bytes(MODEL.read_bytes())
    graph = load(path)
    return compile_container(graph, mode="whole", answers=graph.outputs)


def images(engine: Engine, count: int = 3) -> list[np.ndarray]:
    shape = engine.inputs[0].shape
    return [np.random.default_rng(i).standard_normal(shape, np.float32) for i in range(count)]


@pytest.mark.parametrize("kernels", kernel_names())
def test_answers_are_those_of_onnx_runtime(container: Container, kernels: str) -> None:
    engine = Engine(container.to_bytes(), kernels=kernels, guard=True)
    reference = Reference(MODEL.read_bytes(), threads=1)
    for x in images(engine):
        expected = np.asarray(next(iter(reference.run([x]))))
        error = np.abs(engine.run([x])[0] - expected).max()
        assert error <= TOLERANCE * np.abs(expected).max()


def test_every_width_with_fma_gives_the_same_bits(container: Container) -> None:
    names = [name for name in kernel_names() if name != "portable"]
    engines = [Engine(container.to_bytes(), kernels=name) for name in names]
    for x in images(engines[0]):
        assert len({engine.run([x])[0].tobytes() for engine in engines}) == 1


def test_every_kind_of_operator_gives_the_same_bits_in_every_width_with_fma() -> None:
    plan = every_kind().to_bytes()
    engines = [Engine(plan, kernels=name) for name in kernel_names() if name != "portable"]
    rng = np.random.default_rng(5)
    inputs = [rng.standard_normal(t.shape, np.float32) for t in engines[0].inputs]
    found = {b"".join(y.tobytes() for y in engine.run(inputs)) for engine in engines}
    assert len(found) == 1


@pytest.mark.parametrize("kernels", kernel_names())
def test_the_highest_byte_written_is_the_predicted_one(container: Container, kernels: str) -> None:
    engine = Engine(container.to_bytes(), kernels=kernels, guard=True)
    assert engine.highest_byte_written(images(engine, 1)) == engine.arena_bytes - 1
    assert engine.arena_bytes == container.arena_bytes


def test_what_lay_in_the_arena_does_not_matter(container: Container) -> None:
    engine = Engine(container.to_bytes())
    x = images(engine, 1)
    assert engine.run(x, poison=0xFF)[0].tobytes() == engine.run(x, poison=0)[0].tobytes()


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e-45, -0.0, 3e38])
def test_results_do_not_depend_on_what_ran_before(value: float, threads: int) -> None:
    for plan in (every_kind(), winograd()):
        fresh, used = (Engine(plan.to_bytes(), threads=threads) for _ in range(2))
        rng = np.random.default_rng(5)
        x = [rng.standard_normal(t.shape, np.float32) for t in fresh.inputs]
        used.run([np.full(t.shape, value, np.float32) for t in used.inputs])
        found, expected = used.run(x), fresh.run(x)
        assert [y.tobytes() for y in found] == [y.tobytes() for y in expected]


SPECIAL = np.array(
    [1e-45, -1e-40, 1.1754942e-38, -0.0, 0.0, np.nan, np.inf, -np.inf, 3e38, 2.5, -1.5], np.float32
)


@pytest.mark.parametrize("kernels", kernel_names())
@pytest.mark.parametrize("operator", ["Add", "Sub", "Mul", "Div"])
def test_denormals_nan_infinities_and_minus_zero_as_onnx_runtime(
    tmp_path: Path, operator: str, kernels: str
) -> None:
    """Every pair of them, and that result through a 1 x 1 convolution and a sum: the bits of ONNX
    Runtime, but for which NaN it is. Denormals are neither taken for zero nor flushed.
    """
    n = SPECIAL.size
    a, b = np.meshgrid(SPECIAL, SPECIAL)
    shape = [1, 1, n, n]
    weight = onnx.numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "w")
    nodes = [
        helper.make_node(operator, ["a", "b"], ["c"]),
        helper.make_node("Conv", ["c", "w"], ["d"]),
        helper.make_node("Add", ["d", "c"], ["y"]),
    ]
    values = [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name in "abcy"]
    graph = helper.make_graph(nodes, "special", values[:2], values[2:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "special.onnx"
    path.write_bytes(model.SerializeToString())
    lowered = load(path)
    plan = compile_container(lowered, mode="whole", answers=lowered.outputs)
    x = [v.reshape(shape) for v in (a, b)]
    with np.errstate(all="ignore"):
        answers = Engine(plan.to_bytes(), kernels=kernels).run(x)
        references = [np.asarray(y) for y in Reference(path.read_bytes(), threads=1).run(x)]
    for found, expected in zip(answers, references, strict=True):
        nan = np.isnan(expected)
        assert np.array_equal(np.isnan(found), nan)
        assert np.array_equal(found[~nan].view(np.uint32), expected[~nan].view(np.uint32))
        assert np.any((expected != 0) & (np.abs(expected) < np.finfo(np.float32).tiny))


def test_a_mapped_file_gives_the_same_bits(container: Container, tmp_path: Path) -> None:
    path = tmp_path / "head.clo"
    path.write_bytes(container.to_bytes())
    whole, mapped = Engine(container.to_bytes()), Engine(path)
    x = images(whole, 1)
    assert whole.run(x)[0].tobytes() == mapped.run(x)[0].tobytes()


def test_profile_times_every_operator(container: Container) -> None:
    engine = Engine(container.to_bytes())
    times = engine.profile(images(engine, 1), runs=2)
    assert times.shape == (2, engine.n_ops)
    assert (times > 0).all()


def test_refuses_a_page_without_its_digest(container: Container) -> None:
    damaged = bytearray(container.to_bytes())
    damaged[len(container.header)] ^= 1
    with pytest.raises(Refused, match="page 0 does not have its digest"):
        Engine(bytes(damaged))


def test_refuses_a_damaged_header(container: Container) -> None:
    damaged = bytearray(container.to_bytes())
    damaged[0] ^= 1
    with pytest.raises(Refused, match="not a container"):
        Engine(bytes(damaged))


@pytest.mark.parametrize("size", [0, 1, 15, 16, 100, 127])
def test_refuses_a_truncated_header(container: Container, size: int) -> None:
    with pytest.raises(Refused):
        Engine(container.to_bytes()[:size])


@pytest.mark.parametrize("size", [0, 1, 15, 127])
def test_refuses_a_truncated_file(container: Container, tmp_path: Path, size: int) -> None:
    path = tmp_path / "head.clo"
    path.write_bytes(container.to_bytes()[:size])
    with pytest.raises(Refused):
        Engine(path)


def test_refuses_a_container_without_its_last_page(container: Container) -> None:
    with pytest.raises(Refused, match="does not have its digest"):
        Engine(container.to_bytes()[: len(container.header) + 64])


def test_a_wrong_input_is_the_callers_mistake(container: Container) -> None:
    engine = Engine(container.to_bytes())
    with pytest.raises(UserError, match="expected"):
        engine.run([np.zeros((1, 2), np.float32)])
    with pytest.raises(UserError, match="0 inputs, expected 1"):
        engine.run([])


def test_unknown_kernels_are_the_callers_mistake(container: Container) -> None:
    with pytest.raises(UserError, match="'sse9' do not run"):
        Engine(container.to_bytes(), kernels="sse9")
