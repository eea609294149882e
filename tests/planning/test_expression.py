"""Registry expressions."""

import numpy as np
import pytest

from tinyrig.generator.planning.call import Table
from tinyrig.generator.planning.expression import ExpressionError, evaluate

FIELDS = {
    "m": 5,
    "k": 32,
    "window": {"in_c": 3, "x_stride": [9, 1, 3, 1]},
    "lut": None,
    "weight": Table(np.zeros(4, dtype=np.int8), "weights"),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("m * k + 7", 167),
        ("(m + 1) // 2 % 2", 1),
        ("-m", -5),
        ("window.in_c", 3),
        ("window.x_stride[0] == 9 and m != 4", 1),
        ("lut == 0 or m > 100", 1),
        ("not lut", 1),
        ("weight", 1),
        ("m <= 4", 0),
    ],
)
def test_values(text: str, value: int) -> None:
    assert evaluate(text, FIELDS) == value


@pytest.mark.parametrize("text", ["unknown", "m +", "__import__('os')", "m ** 2", "1.5", "'a'"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        evaluate(text, FIELDS)
