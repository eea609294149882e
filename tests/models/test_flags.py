"""Functions of one tensor written as a choice by flags: each is part of one table."""

from __future__ import annotations

import numpy as np
import pytest
from float_models import FEEDS, SHAPE, SQUARE, calibrated, model_of, steps_off
from onnx import NodeProto, TensorProto, helper

from tinyrig.generator.errors import UnsupportedError

N = helper.make_node
CONSTANTS = {
    "zero": np.float32(0),
    "one": np.float32(1),
    "slope": np.float32(0.1),
    "zeros": np.zeros((1, 6, 16), np.float32),
    "W": SQUARE,
}
LEAKY = [N("Greater", ["x", "zero"], ["f"]), N("Mul", ["x", "slope"], ["s"])]
FORMS: dict[str, list[NodeProto]] = {
    "leaky": [*LEAKY, N("Where", ["f", "x", "s"], ["y"])],
    "leaky by Less": [
        N("Less", ["x", "zero"], ["f"]),
        N("Mul", ["x", "slope"], ["s"]),
        N("Where", ["f", "s", "x"], ["y"]),
    ],
    "softplus with a threshold": [
        N("GreaterOrEqual", ["x", "one"], ["f"]),
        N("Softplus", ["x"], ["s"]),
        N("Where", ["f", "x", "s"], ["y"]),
    ],
    "a constant of one number": [
        N("LessOrEqual", ["x", "zeros"], ["f"]),
        N("Where", ["f", "zeros", "x"], ["y"]),
    ],
    "a flag as a number": [
        N("Greater", ["x", "zero"], ["f"]),
        N("Cast", ["f"], ["n"], to=TensorProto.FLOAT),
        N("Mul", ["n", "x"], ["y"]),
    ],
    "a flag made one again": [
        N("Greater", ["x", "zero"], ["g"]),
        N("Cast", ["g"], ["f"], to=TensorProto.BOOL),
        N("Where", ["f", "x", "zero"], ["y"]),
    ],
    **{
        op: [
            N("Greater", ["x", "zero"], ["g"]),
            N("Less", ["x", "one"], ["h"]),
            N(op, ["g", "h"], ["b"]),
            N("Not", ["b"], ["f"]),
            N("Where", ["f", "x", "slope"], ["y"]),
        ]
        for op in ("And", "Or", "Xor")
    },
}


@pytest.mark.parametrize("opset", [12, 17, 23])
@pytest.mark.parametrize("form", FORMS)
def test_a_choice_by_flags_of_one_tensor_is_a_table(form: str, opset: int) -> None:
    model = model_of(FORMS[form], CONSTANTS, opset=opset)
    # An input half a step beside a threshold may fall on its other side.
    near = (np.abs(FEEDS) < 0.03) | (np.abs(FEEDS - 1) < 0.03)
    feeds = np.where(near, np.float32(0.5), FEEDS)
    worst, ops = steps_off(model, feeds)
    assert ops == ["unary"]
    assert worst < 5.0  # a step of x is four of what ends at 1


def test_a_choice_between_tensors_is_refused_and_named() -> None:
    nodes = [N("MatMul", ["x", "W"], ["m"]), N("Greater", ["x", "m"], ["f"])]
    model = model_of([*nodes, N("Where", ["f", "x", "m"], ["y"])], CONSTANTS, out=SHAPE)
    with pytest.raises(
        UnsupportedError, match="Greater node 'Greater_1' joins two tensors to flags"
    ):
        calibrated(model)
