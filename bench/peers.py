"""Other engines on the same ONNX model: one thread, batch 1, float32, as their makers advise.

Each is optional. `Unable` says why one does not take part: it is not installed, has no way from
ONNX, or does not load the network. Its first answer is compared with ONNX Runtime's, so that none
is fast because it computes something else.

    onnxruntime   the reference
    onnxruntime-avx2
                  the same in a process whose CPUID knows AVX2 only (`limited`); not by default
    openvino      latency hint, float32 (no bfloat16)
    ncnn          converted by pnnx; float32 (no fp16, no bf16)
    litert        ai-edge-litert with XNNPACK; converted by onnx2tf where that is on the PATH
    torch         onnx2torch, channels last, traced, optimize_for_inference
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.data import Floats
from bench.limited import Limited
from cloister.graph.reference import Reference

Run = Callable[[list[Floats]], list[Floats]]
TOLERANCE = 2e-3  # of the largest answer: all compute in float32, in other orders
CONVERSION_S = 900
ONNX2TORCH_OPSET = 17  # the newest whose operators it knows


class Unable(Exception):
    """A peer that does not take part, and why."""


def peer(name: str, model: bytes, inputs: Sequence[Floats]) -> Run:
    """A function that runs the model.

    Args:
        name: Of `PEERS`.
        model: ONNX.
        inputs: Real ones, for shapes and for the comparison with ONNX Runtime.

    Raises:
        Unable: It is not installed, does not load the network, or computes something else.
    """
    try:
        run = PEERS[name](model, inputs)
        got = run(list(inputs))
    except Unable:
        raise
    except ImportError as error:
        raise Unable(f"not installed: {error}") from error
    except Exception as error:  # whatever a foreign engine throws
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unable(f"cannot load it: {first[:200]}") from error
    wanted = Reference(model, threads=1).run(list(inputs))
    for a, b in zip(got, wanted, strict=True):
        if np.size(a) != b.size:
            raise Unable(f"gives {np.size(a)} numbers, expected {b.size}")
        error = np.abs(np.reshape(a, -1) - b.reshape(-1)).max() / max(np.abs(b).max(), 1e-30)
        if not error <= TOLERANCE:
            raise Unable(f"its answer is {error:.2g} of the largest off")
    return run


def version(name: str) -> str:
    """The installed version, empty where there is none."""
    try:
        return importlib.metadata.version(PACKAGES[name])
    except importlib.metadata.PackageNotFoundError:
        return ""


def _onnxruntime(model: bytes, inputs: Sequence[Floats]) -> Run:
    return Reference(model, threads=1).run  # type: ignore[return-value]  # float32 outputs


def _onnxruntime_avx2(model: bytes, inputs: Sequence[Floats]) -> Run:
    return Limited(model)


def _openvino(model: bytes, inputs: Sequence[Floats]) -> Run:
    import openvino as ov

    core = ov.Core()
    read = core.read_model(model)
    read.reshape({port: list(x.shape) for port, x in zip(read.inputs, inputs, strict=True)})
    settings = {
        "INFERENCE_NUM_THREADS": "1",
        "NUM_STREAMS": "1",
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
    }
    request = core.compile_model(read, "CPU", settings).create_infer_request()

    def run(x: list[Floats]) -> list[Floats]:
        found = request.infer(x)
        return [np.array(found[port]) for port in request.model_outputs]

    return run


def _ncnn(model: bytes, inputs: Sequence[Floats]) -> Run:
    import ncnn
    import pnnx

    if len(inputs) != 1:
        raise Unable("several inputs")
    folder = Path(tempfile.mkdtemp(prefix="pnnx-"))
    (folder / "net.onnx").write_bytes(model)
    shape = "[" + ",".join(map(str, inputs[0].shape)) + "]f32"
    command = [pnnx.EXEC_PATH, "net.onnx", f"inputshape={shape}", "fp16=0"]
    done = _convert(command, folder)
    net = ncnn.Net()
    net.opt.num_threads = 1
    net.opt.use_vulkan_compute = False
    for name in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_storage"):
        setattr(net.opt, f"use_{name}", False)
    if net.load_param(str(folder / "net.ncnn.param")) or net.load_model(
        str(folder / "net.ncnn.bin")
    ):
        raise Unable(f"pnnx wrote nothing that ncnn loads: {done[-200:]!r}")
    shutil.rmtree(folder)
    first, last = net.input_names()[0], net.output_names()

    def run(x: list[Floats]) -> list[Floats]:
        extractor = net.create_extractor()
        extractor.input(first, ncnn.Mat(x[0][0]))
        return [np.array(extractor.extract(name)[1]) for name in last]

    return run


def _convert(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=CONVERSION_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unable(f"its converter {Path(command[0]).name} does not end well: {error}") from error
    return done.stdout + done.stderr


def _litert(model: bytes, inputs: Sequence[Floats]) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    converter = shutil.which("onnx2tf") or shutil.which("onnx2tf", path=_beside_python())
    if converter is None:
        raise Unable("no way from ONNX: onnx2tf (it brings TensorFlow) is not on the PATH")
    folder = Path(tempfile.mkdtemp(prefix="onnx2tf-"))
    (folder / "net.onnx").write_bytes(model)
    # It would fetch these pictures, to compare its own result with ONNX Runtime's.
    pictures = np.random.default_rng(0).random((20, 128, 128, 3), np.float32)
    np.save(folder / "calibration_image_sample_data_20x128x128x3_float32.npy", pictures)
    done = _convert([converter, "-i", "net.onnx", "-o", "out", "-n"], folder)
    found = sorted((folder / "out").glob("*float32.tflite"))
    if not found:
        raise Unable(f"onnx2tf does not convert it: {done.strip()[-200:]!r}")
    interpreter = Interpreter(model_content=found[0].read_bytes(), num_threads=1)
    shutil.rmtree(folder)
    interpreter.allocate_tensors()
    ins, outs = interpreter.get_input_details(), interpreter.get_output_details()

    def run(x: list[Floats]) -> list[Floats]:
        for one, tensor in zip(x, ins, strict=True):
            same = tuple(tensor["shape"]) == one.shape
            # Maps come as NHWC; putting them in order is part of the run, as it is in the enclave.
            interpreter.set_tensor(tensor["index"], one if same else one.transpose(0, 2, 3, 1))
        interpreter.invoke()
        return [interpreter.get_tensor(tensor["index"]) for tensor in outs]

    return run


def _beside_python() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])


def _torch(model: bytes, inputs: Sequence[Floats]) -> Run:
    import onnx.version_converter
    import torch

    from cloister.graph import zoo

    zoo.names()  # makes torchvision, which onnx2torch imports, load on any build of torch
    import onnx2torch

    torch.set_num_threads(1)

    def tensors(arrays: Sequence[Floats]) -> list[torch.Tensor]:
        found = [torch.from_numpy(a) for a in arrays]
        return [t.to(memory_format=torch.channels_last) if t.ndim == 4 else t for t in found]

    proto = onnx.load_from_string(model)
    if proto.opset_import[0].version > ONNX2TORCH_OPSET:
        proto = onnx.version_converter.convert_version(proto, ONNX2TORCH_OPSET)
    module = onnx2torch.convert(proto).eval()
    module = module.to(memory_format=torch.channels_last)
    with torch.inference_mode():
        traced = torch.jit.trace(module, tuple(tensors(inputs)), check_trace=False)
        fast = torch.jit.optimize_for_inference(torch.jit.freeze(traced))

    def run(x: list[Floats]) -> list[Floats]:
        with torch.inference_mode():
            found = fast(*tensors(x))
        return [t.numpy() for t in (found if isinstance(found, tuple) else (found,))]

    return run


# A row makes a peer: an ONNX model and inputs in, a function of inputs out.
PEERS: dict[str, Callable[[bytes, Sequence[Floats]], Run]] = {
    "onnxruntime": _onnxruntime,
    "onnxruntime-avx2": _onnxruntime_avx2,
    "openvino": _openvino,
    "ncnn": _ncnn,
    "litert": _litert,
    "torch": _torch,
}
PACKAGES = {
    "onnxruntime": "onnxruntime",
    "onnxruntime-avx2": "onnxruntime",
    "openvino": "openvino",
    "ncnn": "ncnn",
    "litert": "ai-edge-litert",
    "torch": "torch",
}
USUAL = tuple(name for name in PEERS if name != "onnxruntime-avx2")
