"""The records of a container's header as numpy sees them: the structs of
enclave/include/clo.h, field by field.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from cloister.lower.program import PARAMS, Kind, Params

MAGIC = b"CLOISTER"
VERSION = 1
HEADER_MAX_BYTES = 16 << 20
MODES = ("split", "whole")
DTYPE_F32 = 1
SEALING_BYTES = 64  # behind the arena: what sealing adds to a message

HEADER = np.dtype(
    [
        ("magic", "S8"), ("version", "<u4"), ("header_bytes", "<u4"), ("mode", "<u4"),
        ("sealed", "<u4"), ("n_ops", "<u4"), ("n_inputs", "<u4"), ("n_crossing", "<u4"),
        ("n_outputs", "<u4"), ("n_pages", "<u4"), ("page_slot", "<u4"),
        ("resident_bytes", "<u8"), ("arena_bytes", "<u8"), ("request_at", "<u4"),
        ("response_at", "<u4"), ("scratch_at", "<u4"), ("scratch_bytes", "<u4"),
        ("key_id", "u1", 16), ("key_digest", "u1", 32),
    ]
)  # fmt: skip
SPAN = [("at", "<u4"), ("n", "<u4")]
OP = np.dtype(
    [
        ("kind", "<u4"), ("fn", "<u4"), ("lo", "<f4"), ("hi", "<f4"), ("x", SPAN), ("y", SPAN),
        ("z", SPAN), ("first_page", "<u4"), ("n_pages", "<u4"), ("scratch", "<u4"),
        ("act", "<u4"), ("int8", "<u4"), ("reserved", "<u4"), ("words", "<u4", 32),
    ]
)  # fmt: skip
IO = np.dtype(
    [
        ("dtype", "<u4"), ("rank", "<u4"), ("dims", "<u4", 8), ("at", "<u4"), ("n", "<u4"),
        ("reserved", "<u4", 4),
    ]
)  # fmt: skip
PAGE = np.dtype(
    [
        ("offset", "<u8"), ("plain", "<u4"), ("stored", "<u4"), ("resident", "<u4"),
        ("reserved", "<u4", 3), ("digest", "u1", 32),
    ]
)  # fmt: skip
assert (HEADER.itemsize, OP.itemsize, IO.itemsize, PAGE.itemsize) == (128, 192, 64, 64)

Records = npt.NDArray[np.void]


def params_to_words(params: Params) -> npt.NDArray[np.uint32]:
    """The union's words, field by field."""
    words: list[int] = []
    for field in dataclasses.fields(params):
        value = getattr(params, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, float):
                words.append(int(np.array(item, "<f4").view("<u4")))
            else:
                words.append(int(item) & 0xFFFFFFFF)
    return np.array(words, np.uint32)


def words_to_params(kind: Kind, words: npt.NDArray[np.uint32]) -> Params:
    """The reverse of `params_to_words`."""
    cls = PARAMS[kind]
    values: list[object] = []
    at = 0
    for field in dataclasses.fields(cls):
        length = {"Five": 5, "Six": 6}.get(str(field.type), 1)
        piece = words[at : at + length]
        at += length
        if field.type == "float":
            values.append(float(piece.view("<f4")[0]))
        elif length == 1:
            values.append(int(piece[0]))
        else:
            signed = kind is Kind.COPY and field.name == "xs"
            values.append(tuple(int(v) for v in (piece.view("<i4") if signed else piece)))
    return cls(*values)  # type: ignore[arg-type]  # the fields say what each word is
