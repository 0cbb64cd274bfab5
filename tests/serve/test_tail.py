"""The tail: what it gives is checked, by the host and again by the enclave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tiny_bundle
from caller import problem
from serve_kit import Serve

from cloister.channel.message import (
    HAS_NAN,
    HOST_CHOSEN,
    RESPONSE_FLAGS,
    Array,
    read_message,
)
from cloister.errors import OutsideError, UserError
from cloister.pack.bundle import Bundle
from cloister.pack.manifest import Tensor
from cloister.serve.tail import LocalTail, check_outputs

Y = np.random.default_rng(2).normal(size=(1, tiny_bundle.FEATURES)).astype(np.float32)
OUTPUT = (Tensor("sums", (1, tiny_bundle.OUTPUTS)),)


class Double:
    """A tail that gives what it is told, once, and then does its work."""

    def __init__(self, give: Callable[[], list[Array]]) -> None:
        self._give = give
        self._calls = 0

    def run(self, crossing: list[Array]) -> list[Array]:
        self._calls += 1
        if self._calls == 1:
            return self._give()
        return [crossing[0].reshape(1, tiny_bundle.OUTPUTS, -1).sum(axis=2, dtype=np.float32)]


def broken() -> list[Array]:
    raise OutsideError("it broke", code="tail-failed")


def test_the_tail_computes_the_layers_after_the_cut(bundle: Bundle) -> None:
    assert bundle.tail is not None
    (sums,) = LocalTail(bundle.tail, bundle.manifest).run([Y])
    np.testing.assert_allclose(
        sums, Y.reshape(1, tiny_bundle.OUTPUTS, -1).sum(axis=2), rtol=1e-5, atol=1e-4
    )


@pytest.mark.parametrize(
    "give",
    [
        broken,
        list,
        lambda: [np.zeros((1, 9), np.float32)],
        lambda: [np.zeros((8,), np.float32)],
        lambda: [np.zeros((1, 8), np.float64)],
        lambda: [np.zeros((1, 8), np.float32)] * 2,
    ],
)
def test_outputs_that_are_not_the_manifests_end_their_request_only(
    serve: Serve, give: Callable[[], list[Array]]
) -> None:
    """The double skips the host's check: it is the enclave that refuses (or the message)."""
    _, caller = serve(tail=Double(give))
    key = caller.key()
    problem(caller.post(caller.seal(Y, key)[0]), 500, "internal")
    (answer,) = caller.ask(Y)
    np.testing.assert_allclose(answer, tiny_bundle.answer(Y), rtol=1e-5, atol=1e-3)
    assert caller.key() == key  # the same enclave


def test_an_unexpected_fault_of_the_tail_is_a_500_without_its_words(serve: Serve) -> None:
    def fault() -> list[Array]:
        raise ZeroDivisionError("secret words")

    _, caller = serve(tail=Double(fault))
    got = caller.post(caller.seal(Y)[0])
    problem(got, 500, "internal")
    assert "secret" not in got.text
    caller.ask(Y)


def test_nan_from_the_tail_is_passed_on_and_flagged(serve: Serve) -> None:
    given = np.zeros((1, tiny_bundle.OUTPUTS), np.float32)
    given[0, 3] = np.nan
    _, caller = serve(tail=Double(lambda: [given]))
    sealed, exchange = caller.seal(Y)
    opened = read_message(
        exchange.open_response(caller.post(sealed).content),
        caller.manifest.outputs,
        allowed_flags=RESPONSE_FLAGS,
    )
    assert opened.flags == HAS_NAN | HOST_CHOSEN
    np.testing.assert_array_equal(opened.tensors[0], given)


@pytest.mark.parametrize(
    "found",
    [
        [],
        [np.zeros((1, 8), np.float32)] * 2,
        [np.zeros((1, 8), np.float64)],
        [np.zeros((8, 1), np.float32)],
        [[0.0] * 8],
    ],
)
def test_outputs_are_compared_with_the_manifest(found: list[object]) -> None:
    with pytest.raises(OutsideError, match="the tail"):
        check_outputs(found, OUTPUT)


def test_a_tail_that_is_no_network_is_a_clear_error(bundle: Bundle, tmp_path: Path) -> None:
    path = tmp_path / "tail.onnx"
    path.write_bytes(b"no network")
    with pytest.raises(UserError, match="ONNX Runtime does not take it"):
        LocalTail(path, bundle.manifest)


def test_a_tail_for_another_crossing_tensor_is_found_at_the_start(
    bundle: Bundle, tmp_path: Path
) -> None:
    path = tmp_path / "tail.onnx"
    path.write_bytes(tiny_bundle.tail(512))
    with pytest.raises(UserError, match=r"input y has shape \[1, 512\]"):
        LocalTail(path, bundle.manifest)
