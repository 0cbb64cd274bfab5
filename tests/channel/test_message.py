"""Messages: one form, strict reader."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cloister.channel.message import (
    HAS_NAN,
    HOST_CHOSEN,
    RESPONSE_FLAGS,
    Array,
    BadMessage,
    message_bytes,
    read_message,
    write_message,
)
from cloister.errors import UserError


@dataclass(frozen=True)
class Info:
    shape: tuple[int, ...]
    name: str = "x"
    dtype: str = "float32"


SHAPES = [Info((1, 3, 5), "image"), Info((), "scale"), Info((7,), "more")]
TENSORS = [
    np.arange(15, dtype=np.float32).reshape(1, 3, 5),
    np.array(2.5, np.float32),
    np.ones(7, np.float32),
]


def test_bytes_are_those_of_the_format() -> None:
    message = write_message([np.array([[1.0, -2.0]], np.float32)], flags=HOST_CHOSEN)
    assert message.hex(" ", 8) == (
        "434c4f5401000100 0100000000000000 c000000000000000 0000000000000000 "
        "0000000000000000 0000000000000000 0000000000000000 0000000000000000 "
        "0100000002000000 0100000002000000 0000000000000000 0000000000000000 "
        "0000000000000000 8000000000000000 0800000000000000 0000000000000000 "
        "0000803f000000c0 0000000000000000 0000000000000000 0000000000000000 "
        "0000000000000000 0000000000000000 0000000000000000 0000000000000000"
    )


@given(
    st.lists(
        hnp.arrays(
            np.float32,
            hnp.array_shapes(min_dims=0, max_dims=8, max_side=3),
            elements=st.floats(width=32),
        ),
        min_size=1,
        max_size=16,
    ),
    st.integers(0, 3),
)
def test_read_gives_back_what_was_written_bit_for_bit(tensors: list[Array], flags: int) -> None:
    data = write_message(tensors, flags=flags)
    assert len(data) == message_bytes([tensor.shape for tensor in tensors])
    assert len(data) % 64 == 0
    message = read_message(
        data, [Info(tensor.shape) for tensor in tensors], allowed_flags=RESPONSE_FLAGS
    )
    assert message.flags == flags
    for ours, theirs in zip(message.tensors, tensors, strict=True):
        assert ours.shape == theirs.shape
        assert ours.tobytes() == theirs.tobytes()
    assert write_message(message.tensors, flags=flags) == data


def test_writes_tensors_that_are_not_contiguous() -> None:
    wide = np.arange(12, dtype=np.float32).reshape(3, 4)
    data = write_message([wide.T, wide[:, ::2]])
    read = read_message(data, [Info((4, 3)), Info((3, 2))]).tensors
    assert (read[0] == wide.T).all()
    assert (read[1] == wide[:, ::2]).all()


def test_refuses_a_message_with_any_byte_of_its_head_or_padding_flipped() -> None:
    data = write_message(TENSORS)
    numbers = (
        {256 + i for i in range(60)} | {320 + i for i in range(4)} | {384 + i for i in range(28)}
    )
    for at in range(len(data)):
        flipped = bytearray(data)
        flipped[at] ^= 1 << (at % 8)
        if at in numbers:
            assert read_message(flipped, SHAPES).tensors
        else:
            with pytest.raises(BadMessage):
                read_message(flipped, SHAPES, allowed_flags=0)


def test_refuses_a_message_cut_at_any_length() -> None:
    data = write_message(TENSORS)
    for length in range(len(data)):
        with pytest.raises(BadMessage):
            read_message(data[:length], SHAPES)


def test_refuses_a_message_with_bytes_added() -> None:
    with pytest.raises(BadMessage, match="512 bytes, expected 448"):
        read_message(write_message(TENSORS) + bytes(64), SHAPES)


@pytest.mark.parametrize(
    "expected",
    [
        [Info((1, 3, 5)), Info(())],
        [*SHAPES, Info(())],
        [Info((1, 5, 3)), Info(()), Info((7,))],
        [Info((3, 5)), Info(()), Info((7,))],
        [Info((1, 1, 3, 5)), Info(()), Info((7,))],
        [Info((15,)), Info((1,)), Info((7,))],
        [Info((7,)), Info(()), Info((1, 3, 5))],
    ],
    ids=["fewer", "more", "transposed", "rank-1", "rank+1", "flat", "reordered"],
)
def test_refuses_other_tensors_than_expected(expected: list[Info]) -> None:
    with pytest.raises(BadMessage):
        read_message(write_message(TENSORS), expected)


def test_names_the_tensor_whose_shape_differs() -> None:
    data = write_message([np.zeros((2, 3), np.float32)])
    with pytest.raises(BadMessage, match=r"logits has shape \[2, 3\], expected \[3, 2\]"):
        read_message(data, [Info((3, 2), "logits")])


def test_refuses_flags_where_none_are_allowed() -> None:
    data = write_message(TENSORS, flags=HOST_CHOSEN)
    with pytest.raises(BadMessage, match="flags"):
        read_message(data, SHAPES)


def test_refuses_flags_that_have_no_meaning() -> None:
    with pytest.raises(BadMessage, match="flags"):
        read_message(write_message(TENSORS, flags=4), SHAPES, allowed_flags=RESPONSE_FLAGS)


def test_nan_is_passed_on_and_noticed_even_without_its_flag() -> None:
    tensor = np.array([1.0, np.nan], np.float32)
    for flags in (0, HAS_NAN):
        data = write_message([tensor], flags=flags)
        message = read_message(data, [Info((2,))], allowed_flags=RESPONSE_FLAGS)
        assert message.nan
        assert np.isnan(message.tensors[0][1])
    data = write_message([np.array([np.inf], np.float32)])
    assert not read_message(data, [Info((1,))]).nan


@pytest.mark.parametrize("dtype", ["float64", "float16", "int32", "bool", "complex64"])
def test_refuses_to_write_another_dtype(dtype: str) -> None:
    with pytest.raises(UserError, match=rf"{dtype}, expected float32"):
        write_message([np.zeros(3, dtype)])


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,) * 9])
def test_refuses_to_write_shapes_that_no_message_holds(shape: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="shape"):
        write_message([np.zeros(shape, np.float32)])


@pytest.mark.parametrize("count", [0, 17])
def test_refuses_to_write_no_tensors_or_too_many(count: int) -> None:
    with pytest.raises(UserError, match="1 to 16 tensors"):
        write_message([np.zeros(1, np.float32)] * count)


def test_refuses_expectations_whose_product_overflows() -> None:
    with pytest.raises(UserError):
        message_bytes([((1 << 31) - 1,) * 8])


def test_what_is_read_cannot_be_written_to() -> None:
    message = read_message(bytearray(write_message(TENSORS)), SHAPES)
    with pytest.raises(ValueError, match="read-only"):
        message.tensors[0][0] = 0


@given(st.binary(max_size=700))
def test_random_bytes_are_refused_with_our_error_only(data: bytes) -> None:
    with pytest.raises(BadMessage):
        read_message(data, SHAPES)
