"""What of Resize, DepthToSpace and SpaceToDepth is refused, with the node and what is taken."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from qdq_models import QdqModel, compare

from tinyrig.generator.errors import InputError, UnsupportedError
from tinyrig.generator.frontends import graph_from_model
from tinyrig.generator.frontends.resampling import TRANSFORMS, Axis, Between, weights
from tinyrig.generator.operators.resize import ONE, taps_of


@pytest.mark.parametrize(
    ("shape", "attributes", "words"),
    [
        ((1, 2, 4, 4, 4), {"mode": "linear"}, "3 axes"),
        (
            (1, 2, 4, 4),
            {"coordinate_transformation_mode": "half_pixel_symmetric", "nearest_mode": "floor"},
            "rounding to the nearest",
        ),
    ],
)
def test_resize_is_refused(shape: tuple[int, ...], attributes: dict[str, Any], words: str) -> None:
    m = QdqModel(np.random.default_rng(1))
    scales = m.floats([1, 1, *[2.0] * (len(shape) - 2)])
    case = m.case(m.quantised(m.node("Resize", m.activation(shape), "", scales, **attributes)))
    with pytest.raises(UnsupportedError, match=f"Resize node .*{words}"):
        graph_from_model(case.model, "case")


def test_a_resize_of_a_region_is_refused() -> None:
    m = QdqModel(np.random.default_rng(1))
    region, scales = m.floats([0, 0, 0, 0, 1, 1, 1, 1]), m.floats([1, 1, 2, 2])
    how = {"coordinate_transformation_mode": "tf_crop_and_resize"}
    y = m.node("Resize", m.activation((1, 2, 4, 4)), region, scales, **how)
    with pytest.raises(UnsupportedError, match=r"Resize node .*tf_crop_and_resize"):
        graph_from_model(m.case(m.quantised(y)).model, "case")


@pytest.mark.parametrize(
    ("extent", "out", "transform", "nearest"),
    [
        # The middle of two cells, which float32 misses by its last bit.
        (7, 2, "asymmetric", "round_prefer_ceil"),
        (14, 19, "half_pixel", "round_prefer_floor"),
        (20, 6, "half_pixel", "round_prefer_ceil"),
        (40, 48, "asymmetric", "round_prefer_ceil"),
        (1, 5, "align_corners", "floor"),
        (9, 1, "pytorch_half_pixel", "ceil"),
    ],
)
def test_the_nearest_cell_is_onnx_runtimes(
    extent: int, out: int, transform: str, nearest: str
) -> None:
    m = QdqModel(np.random.default_rng(1))
    x, sizes = m.activation((1, 1, 1, extent)), m.ints([1, 1, 1, out])
    how = {"coordinate_transformation_mode": transform, "nearest_mode": nearest}
    y = m.node("Resize", x, "", "", sizes, mode="nearest", **how)
    assert compare(m.case(y)).different == 0


def test_factors_that_change_no_extent_change_nothing() -> None:
    m = QdqModel(np.random.default_rng(1))
    y = m.node("Resize", m.activation((1, 2, 4, 4)), "", m.floats([1, 1, 1.24, 1.1]))
    assert compare(m.case(y)).different == 0


def test_between_cells_asks_for_the_range_of_what_is_read() -> None:
    """What comes out between cells is less than what went in: its range would cut the input."""
    m = QdqModel(np.random.default_rng(1))
    x = m.node("MatMul", m.activation((1, 2, 8, 4)), m.weight((4, 8)))
    y = m.node("Resize", x, "", m.floats([1, 1, 0.5, 0.5]), mode="linear")
    with pytest.raises(UnsupportedError, match="stays float"):
        graph_from_model(m.case(m.quantised(y)).model, "case")


@pytest.mark.parametrize("policy", ["not_larger", "not_smaller"])
def test_an_image_keeps_its_aspect(policy: str) -> None:
    m = QdqModel(np.random.default_rng(2))
    sizes, how = m.ints([7, 11]), {"axes": [2, 3], "keep_aspect_ratio_policy": policy}
    y = m.node("Resize", m.activation((1, 3, 5, 6)), "", "", sizes, mode="linear", **how)
    assert compare(m.case(m.quantised(y))).largest <= 1


@pytest.mark.parametrize("shape", [(5, 6), (3, 5, 6), (1, 5, 6, 3), (2, 1, 3, 5, 6)])
def test_any_two_axes_are_an_image(shape: tuple[int, ...]) -> None:
    m = QdqModel(np.random.default_rng(3))
    at = shape.index(5)
    scales = [2.5 if axis == at else 0.5 if axis == at + 1 else 1 for axis in range(len(shape))]
    y = m.node("Resize", m.activation(shape), "", m.floats(scales), mode="linear")
    assert compare(m.case(m.quantised(y))).largest <= 1


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


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from(sorted(TRANSFORMS)),
    st.booleans(),
    st.booleans(),
)
@example(1, 40, "half_pixel", True, True)
@example(40, 1, "asymmetric", True, True)
@example(1, 1, "align_corners", False, False)
def test_weights_are_whole_steps_inside_the_image_that_sum_to_one(
    extent: int, out: int, transform: str, cubic: bool, antialias: bool
) -> None:
    axis = Axis(extent, out, np.float32(out / extent))
    exact = weights(axis, transform, Between(cubic, antialias=antialias))
    taps = taps_of(exact)
    reach = taps.weight.shape[1]
    assert taps.first.min() >= 0
    assert taps.first.max() + reach <= extent
    np.testing.assert_array_equal(taps.weight.sum(axis=1, dtype=np.int64), ONE)
    for row, first, codes in zip(exact, taps.first, taps.weight, strict=True):
        kept = np.zeros(extent)
        kept[first : first + reach] = codes / ONE
        assert np.abs(kept - row).max() <= (reach + 1) / ONE
