"""PyTorch modules to ONNX. The only file of the package, with zoo.py, that imports torch."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import cast

import onnx
import onnx_ir as ir
import torch

from cloister.errors import UserError
from cloister.graph.module_names import name_after_modules
from cloister.graph.normalise import OPSET


def export_module(module: torch.nn.Module, input_shape: Sequence[int]) -> onnx.ModelProto:
    """Exports ``module`` in eval mode for one float32 input of ``input_shape``; its mode is put
    back.

    Raises:
        UserError: PyTorch cannot export the module.
    """
    training = module.training
    example = torch.zeros(tuple(input_shape), dtype=torch.float32)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")  # the exporter's own, about its own internals
            program = torch.onnx.export(
                module.eval(),
                (example,),
                dynamo=True,
                opset_version=OPSET,
                input_names=["input"],
                verbose=False,
            )
    except Exception as error:
        raise UserError(
            f"PyTorch cannot export {type(module).__name__}: {str(error).splitlines()[0]}",
            code="export-failed",
            hint=f"check that it runs on one float32 tensor of shape {tuple(input_shape)}",
        ) from error
    finally:
        module.train(training)
    if program is None:
        raise UserError("PyTorch exported nothing", code="export-failed", hint="update PyTorch")
    name_after_modules(program.model)
    return cast(onnx.ModelProto, ir.to_proto(program.model))
