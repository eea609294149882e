"""What of Resize, DepthToSpace and SpaceToDepth is refused, with the node and what is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from qdq_models import QdqModel, compare

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model


@pytest.mark.parametrize(
    ("factor", "attributes", "words"),
    [
        (2.0, {"mode": "cubic"}, "mode 'cubic'"),
        (1.5, {"mode": "linear"}, "whole factors"),
        (8.0, {"mode": "linear"}, "factors up to 6"),
        (2.0, {"mode": "linear", "coordinate_transformation_mode": "align_corners"}, "whole"),
        (1.5, {}, "whole factors"),
        (0.5, {}, "whole factors"),
        (1.24, {}, "whole factors"),  # 4 cells to 4, but not each to itself
        (2.0, {"coordinate_transformation_mode": "asymmetric"}, "repeats each cell"),
        (2.0, {"nearest_mode": "floor"}, "repeats each cell"),
        (2.0, {"coordinate_transformation_mode": "align_corners"}, "repeats each cell"),
    ],
)
def test_resize_that_does_not_repeat_cells_is_refused(
    factor: float, attributes: dict[str, Any], words: str
) -> None:
    m = QdqModel(np.random.default_rng(1))
    x = m.activation((1, 2, 4, 4))
    scales = m.floats([1, 1, factor, factor])
    case = m.case(m.quantised(m.node("Resize", x, "", scales, **attributes)))
    with pytest.raises(UnsupportedError, match=f"Resize node .*{words}"):
        graph_from_model(case.model, "case")


@pytest.mark.parametrize(
    ("op", "shape"), [("DepthToSpace", (1, 6, 2, 2)), ("SpaceToDepth", (1, 2, 3, 4))]
)
def test_blocks_that_do_not_divide_are_refused(op: str, shape: tuple[int, ...]) -> None:
    m = QdqModel(np.random.default_rng(1))
    model = m.model([m.node(op, m.activation(shape), blocksize=2)])
    with pytest.raises(InputError, match=op):
        graph_from_model(model, "case")


def test_an_image_is_enlarged_through_float_operators() -> None:
    m = QdqModel(np.random.default_rng(5))
    x = m.node("Relu", m.activation((1, 3, 5, 4)))
    y = m.node("Resize", x, "", "", m.ints([1, 3, 10, 12]), mode="nearest")
    assert compare(m.case(m.quantised(y))).largest <= 1
