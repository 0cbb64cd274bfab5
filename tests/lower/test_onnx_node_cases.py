"""ONNX's own node cases, in two forms: all but the first input constant, and all float inputs
computed at run time.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from lower_kit import agree
from onnx import helper, numpy_helper

from cloister.errors import UserError
from cloister.graph.graph import Graph
from cloister.graph.load import from_proto
from cloister.lower import SUPPORTED

# The newest opset that the installed ONNX Runtime and onnx both know.
NEWEST_OPSET = 23
RELATIVE, ABSOLUTE = 1e-3, 1e-5  # ONNX's own backend tests use 1e-3 and 1e-7

# Cases of supported operators that are outside of what the enclave does, by a part of their name,
# with the reason.
EXCLUDED = {
    "int8": "integers: the engine is float32",
    "int16": "integers: the engine is float32",
    "int32": "integers: the engine is float32",
    "int64": "integers: the engine is float32",
    "uint": "integers: the engine is float32",
    "float16": "float16: the engine is float32",
    "bfloat16": "bfloat16: the engine is float32",
    "float64": "float64: the engine is float32",
    "bool": "booleans: the engine is float32",
    "_3d_default": "windows over three axes",
    "_3d_dilations": "windows over three axes",
    "training_mode": "training",
    "training_dropout": "training",
    "dropout_default_mask": "Dropout's mask is boolean",
    "with_argmax": "MaxPool's indices are integers",
    "empty_set": "tensors without elements",
    "zero_size_splits": "tensors without elements",
    "start_out_of_bounds": "tensors without elements",
    "allowzero_reordered": "tensors without elements",
    "identity_sequence": "sequences are no tensors",
    "identity_opt": "optionals are no tensors",
    "pow_example": "an exponent for each element",
    "pow_bcast_array": "an exponent for each element",
    "pow_types": "an exponent for each element",
    "edge_pad": "integers: the engine is float32",
    "reflect_pad": "integers: the engine is float32",
    "wrap_pad": "integers: the engine is float32",
    "starts_on_pad": "its expected values are rounded to four digits",
}
EXCLUDED_EXACTLY = {
    "test_pow": "an exponent for each element",
    "test_spacetodepth_dcr_mode_example": "SpaceToDepth's mode is newer than ONNX Runtime",
    "test_spacetodepth_crd_mode_example": "SpaceToDepth's mode is newer than ONNX Runtime",
}
# Codes for themselves neither come nor leave; pairs that round are in test_int8.py.
CODES = {"QuantizeLinear", "DequantizeLinear"}
# Operators whose second input must be constant: weights, statistics, scale, exponent.
WEIGHTED = {"Conv", "BatchNormalization", "LayerNormalization", "Pow"}

Keep = Callable[[int, object], bool]


def first_only(index: int, _: object) -> bool:
    return index == 0


def all_floats(_: int, value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype == np.float32


VARIANTS: dict[str, Keep] = {"constants": first_only, "computed": all_floats}


@functools.cache
def cases(operators: frozenset[str] = frozenset(SUPPORTED - CODES)) -> dict[str, object]:
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numpy on overflows that the cases provoke
        found = collect_testcases(None)
    return {
        case.name: case
        for case in found
        if {n.op_type for n in case.model.graph.node} <= operators
        and len(case.model.graph.node) == 1
        and case.name not in EXCLUDED_EXACTLY
        and not any(part in case.name for part in EXCLUDED)
    }


def arranged(
    model: onnx.ModelProto, values: list[object], keep: Keep
) -> tuple[onnx.ModelProto, list[object]]:
    """The model with the inputs that are not kept as initializers, in an opset that everybody
    reads.
    """
    result = onnx.ModelProto()
    result.CopyFrom(model)
    graph = result.graph
    kept = []
    infos = list(graph.input)
    del graph.input[:]
    for index, (info, value) in enumerate(zip(infos, values, strict=True)):
        if keep(index, value):
            graph.input.append(info)
            kept.append(value)
        else:
            graph.initializer.append(numpy_helper.from_array(np.asarray(value), info.name))
    if graph.node[0].op_type == "LayerNormalization":
        del graph.output[1:]
        del graph.node[0].output[1:]
    opset = min(result.opset_import[0].version, NEWEST_OPSET)
    if "Swish" not in {n.op_type for n in graph.node}:
        del result.opset_import[:]
        result.opset_import.append(helper.make_opsetid("", opset))
        result.ir_version = min(result.ir_version, 10)
    return result, kept


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", cases())
def test_agrees_with_onnx_node_case(name: str, variant: str) -> None:
    case = cases()[name]
    if variant == "computed" and case.model.graph.node[0].op_type in WEIGHTED:
        pytest.skip("weights computed at run time are not supported")
    for values, expected in case.data_sets:
        model, inputs = arranged(case.model, list(values), VARIANTS[variant])
        graph = from_proto(model)
        agree(
            graph,
            inputs,
            expected[: len(graph.outputs)],
            relative=RELATIVE,
            absolute=ABSOLUTE,
            every_kernel=True,
        )


def test_every_supported_operator_has_a_node_case() -> None:
    covered = {case.model.graph.node[0].op_type for case in cases().values()}
    assert SUPPORTED - covered == CODES


@pytest.mark.parametrize("name", cases(frozenset(CODES)))
def test_codes_alone_are_refused(name: str) -> None:
    from lower_kit import compiled

    with pytest.raises(UserError):
        compiled(case_graph(name, lambda *_: True))


def test_lowers_every_operator_of_the_graph_table() -> None:
    from cloister.graph.operators import OPERATORS

    assert set(OPERATORS) <= SUPPORTED


def case_graph(name: str, keep: Keep = first_only) -> Graph:
    from onnx.backend.test.case.node import collect_testcases

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = next(c for c in collect_testcases(None) if c.name == name)
    model, _ = arranged(case.model, list(case.data_sets[0][0]), keep)
    return from_proto(model)


@pytest.mark.parametrize(
    ("name", "keep", "why"),
    [
        ("test_maxpool_3d_default", first_only, "3 spatial axes"),
        ("test_basic_conv_with_padding", all_floats, "weights are computed at run time"),
        ("test_pow", all_floats, "exponent"),
    ],
)
def test_names_what_it_cannot_lower(name: str, keep: Keep, why: str) -> None:
    from lower_kit import compiled

    graph = case_graph(name, keep)
    with pytest.raises(UserError, match=why) as raised:
        compiled(graph)
    assert raised.value.code == "unsupported-operator"
    assert graph.nodes[0].op_type in raised.value.message
    assert str(graph.nodes[0].name) in raised.value.message
