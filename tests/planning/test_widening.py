"""Which layers get 16-bit weights: most cycles saved a byte first, until flash is full."""

from __future__ import annotations

import numpy as np
import pytest

from tinyrig.generator.graph.requant import Requant
from tinyrig.generator.planning.call import Call, Table, requant_params
from tinyrig.generator.planning.view import View
from tinyrig.generator.planning.widening import Choice, narrow_choice, widen

ISAS = ("m4", "ref")


def layer(rows: int, k: int, n: int) -> Call:
    requant = Requant(np.array([1 << 20], np.int32), 32, True, 0)
    params = {
        "m": rows, "k": k, "n": n, "x_row": k, "x_col": 1, "y_row": n, "y_col": 1,
        "weight": Table(np.ones((n, k), np.int8), "weights"),
        "start": Table(np.zeros(n, np.int32), "weights"),
        "requant": requant_params(requant), "lut": None,
    }  # fmt: skip
    x, y = View("x", 0, (rows, k), (k, 1)), View("y", 0, (rows, n), (n, 1))
    return Call("linear_s8", params, (x,), (y,))


def choices(*layers: tuple[int, int, int, int]) -> list[Choice]:
    """Layers as (executions, rows, k, n)."""
    return [narrow_choice((layer(*shape),), times, ISAS) for times, *shape in layers]


def widened(found: list[Choice], room: int) -> list[int]:
    """The places of the layers that are wide."""
    result = widen(found, ISAS, room)
    return [i for i, (old, new) in enumerate(zip(found, result, strict=True)) if new is not old]


def extra(choice: Choice) -> int:
    (wide,) = widen([choice], ISAS, 1 << 40)
    assert wide is not choice
    return wide.weight_bytes - choice.weight_bytes


def test_a_layer_is_widened_when_its_last_byte_fits() -> None:
    found = choices((1, 12, 64, 64))
    assert widened(found, extra(found[0])) == [0]
    assert widened(found, extra(found[0]) - 1) == []
    assert widened(found, 0) == []


@pytest.mark.parametrize("busiest", [0, 1, 2])
def test_the_layer_that_saves_most_for_a_byte_comes_first(busiest: int) -> None:
    found = choices(*((9 if i == busiest else 1 + i % 2, 12, 64, 64) for i in range(3)))
    assert widened(found, extra(found[0])) == [busiest]


def test_a_byte_decides_and_not_the_whole_saving() -> None:
    found = choices((1, 24, 128, 128), (3, 12, 64, 32))
    large, small = (extra(choice) for choice in found)
    assert large > small
    assert widened(found, large) == [1], "less is saved in all, and more for each byte"


def test_a_layer_that_does_not_fit_is_passed_over() -> None:
    found = choices((9, 12, 128, 128), (1, 12, 64, 64))
    large, small = (extra(choice) for choice in found)
    assert widened(found, small) == [1]
    assert widened(found, large) == [0]
    assert widened(found, large + small - 1) == [0]
    assert widened(found, large + small) == [0, 1]


def test_the_earlier_of_two_equal_layers_comes_first() -> None:
    found = choices((2, 12, 64, 64), (2, 12, 64, 64))
    assert widened(found, extra(found[0])) == [0]
