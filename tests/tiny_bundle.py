"""A bundle made by hand, byte by byte from docs/formats, so that tests of the enclave's host need
no compiler: the head computes y = x * w, the tail sums neighbours of y.
"""

from __future__ import annotations

import hashlib
import math
import struct
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

from cloister.channel.message import Array
from cloister.pack.bundle import Bundle, write_bundle
from cloister.pack.manifest import File, Manifest, Parity, Tensor

FEATURES = 1024
OUTPUTS = 8
_CONST, _BINARY, _MUL = 0, 6, 2
_PAGE_FLOATS = 262_144


def _up(n: int) -> int:
    return (n + 15) // 16 * 16


def _op(kind: int, fn: int, spans: tuple[int, ...], pages: tuple[int, int], *words: int) -> bytes:
    head = struct.pack("<2I2f6I6I", kind, fn, -math.inf, math.inf, *spans, *pages, 0, 0, 0, 0)
    return head + struct.pack(f"<{len(words)}I", *words) + bytes(4 * (32 - len(words)))


def _io(shape: tuple[int, ...], at: int) -> bytes:
    dims = (*shape, *(0,) * (8 - len(shape)))
    return struct.pack("<2I8I2I16x", 1, len(shape), *dims, at, math.prod(shape))


def container(weights: Array, *, resident: bool = False, whole: bool = False) -> bytes:
    """head.clo for y = x * weights.

    Args:
        weights: 1-D.
        resident: Pages are kept in the enclave; otherwise asked for in each request.
        whole: y is the network's output; otherwise it leaves the enclave.
    """
    n = weights.size
    outputs = n if whole else OUTPUTS
    response_at = _up(32 + n)
    w_at = _up(response_at + 32 + outputs)
    y_at = response_at + 32 if whole else w_at + _up(n)
    end = w_at + 2 * _up(n)
    content = weights.astype("<f4").tobytes()
    pages = [content[i : i + 4 * _PAGE_FLOATS] for i in range(0, len(content), 4 * _PAGE_FLOATS)]
    ops = _op(_CONST, 0, (0, 0, w_at, n, 0, 0), (0, len(pages)))
    steps = (1, 1, 1, 1, n, *(0, 0, 0, 0, 1) * 3)
    ops += _op(_BINARY, _MUL, (32, n, y_at, n, w_at, n), (0, 0), *steps)
    tensors = _io((1, n), 32)
    tensors += b"" if whole else _io((1, n), y_at)
    tensors += _io((1, outputs), response_at + 32)
    header_bytes = 128 + len(ops) + len(tensors) + 64 * len(pages)
    table, stored = b"", b""
    for page in pages:
        table += struct.pack(
            "<Q4I8x", header_bytes + len(stored), len(page), len(page), resident, 0
        )
        table += hashlib.sha256(page).digest()
        stored += page + bytes(-len(page) % 64)
    header = struct.pack(
        "<8s10I2Q4I16x32x",
        b"CLOISTER", 1, header_bytes, int(whole), 0, 2, 1, 0 if whole else 1, 1, len(pages),
        0 if resident else _up(len(pages[0]) // 4) * 4,
        sum(_up(len(page) // 4) * 4 for page in pages) if resident else 0,
        4 * end, 0, response_at, 0, 0,
    )  # fmt: skip
    return header + ops + tensors + table + stored


def tail(n: int = FEATURES) -> bytes:
    """tail.onnx: OUTPUTS sums over neighbours."""
    shape = helper.make_tensor("shape", TensorProto.INT64, [3], [1, OUTPUTS, n // OUTPUTS])
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [2])
    nodes = [
        helper.make_node("Reshape", ["y", "shape"], ["rows"]),
        helper.make_node("ReduceSum", ["rows", "axes"], ["sums"], keepdims=0),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "tail",
        [value("y", TensorProto.FLOAT, [1, n])],
        [value("sums", TensorProto.FLOAT, [1, OUTPUTS])],
        [shape, axes],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model.SerializeToString()


def weights_of(n: int = FEATURES) -> Array:
    """The head's weights: none is 1, so that no input value leaves the enclave as it came."""
    return np.random.default_rng(7).uniform(1.5, 2.5, n).astype(np.float32)


def answer(x: Array) -> Array:
    """What the network computes."""
    y = (x * weights_of(x.size)).reshape(OUTPUTS, -1)
    return y.sum(axis=1, dtype=np.float32).reshape(1, OUTPUTS)


def write(path: Path, *, n: int = FEATURES, resident: bool = False, whole: bool = False) -> Bundle:
    """Writes the bundle."""
    head = container(weights_of(n), resident=resident, whole=whole)
    end = None if whole else tail(n)
    header_bytes = struct.unpack_from("<I", head, 12)[0]
    manifest = Manifest(
        name="tiny",
        mode="whole" if whole else "split",
        cut=None if whole else "y",
        head=File.of("head.clo", head),
        model_digest=hashlib.sha256(head[:header_bytes]).hexdigest(),
        tail=None if end is None else File.of("tail.onnx", end),
        inputs=(Tensor("x", (1, n)),),
        crossing=() if whole else (Tensor("y", (1, n)),),
        outputs=(Tensor("y", (1, n)) if whole else Tensor("sums", (1, OUTPUTS)),),
        preprocess=None,
        labels=None,
        engine="0.1.0",
        model_name="tiny",
        model_sha256="00" * 32,
        parity=Parity(1, "none", 1e-4),
    )
    return write_bundle(path, manifest, head, end)
