"""Axes of elementwise operators: every element once, in the order of memory."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.operators.axes import MAX_AXES, block, broadcast_strides
from tinyrig.generator.planning.view import View

_CHANNELS_LAST = (0, 2, 3, 1)


@st.composite
def operands(draw: st.DrawFn) -> list[View]:
    """An output in any order and inputs in others, with axes that broadcast or are left out."""
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    views = []
    for name in draw(st.sampled_from(["x", "ab"])):
        first = draw(st.integers(0, len(shape) - 1)) if draw(st.booleans()) else 0
        kept = [1 if draw(st.booleans()) and draw(st.booleans()) else e for e in shape[first:]]
        views.append(View.contiguous(name, kept, draw(st.permutations(range(len(kept))))))
    return [*views, View.contiguous("y", shape, draw(st.permutations(range(len(shape)))))]


def walked(extents: list[int], strides: list[list[int]]) -> Counter[tuple[int, ...]]:
    """The elements of every operand that meet, however they are walked."""
    return Counter(
        tuple(sum(i * s for i, s in zip(index, steps, strict=True)) for steps in strides)
        for index in itertools.product(*map(range, extents))
    )


@given(operands())
def test_the_same_elements_meet_in_any_order(views: list[View]) -> None:
    extents, strides = block(views, "step")
    shape = list(views[-1].shape)
    expected = walked(shape, [broadcast_strides(view, shape) for view in views])
    assert walked(extents, strides) == expected
    assert len(extents) == MAX_AXES


@given(operands())
def test_the_output_is_written_as_it_lies(views: list[View]) -> None:
    """Its smallest step is the last axis's; only the axis before it may be an input's."""
    extents, (*_, y) = block(views, "step")
    steps = [step for extent, step in zip(extents, y, strict=True) if extent > 1]
    assert not steps or steps[-1] == 1
    outer = steps[:-2]
    assert outer == sorted(outer, reverse=True)


@given(st.lists(st.integers(1, 4), min_size=4, max_size=4))
@example([1, 16, 32, 32])
def test_images_that_lie_alike_are_one_axis(shape: list[int]) -> None:
    views = [View.contiguous(name, shape, _CHANNELS_LAST) for name in "aby"]
    extents, strides = block(views, "add")
    assert extents[:-1] == [1] * (MAX_AXES - 1)
    assert all(steps[-1] == (extents[-1] > 1) for steps in strides)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_transpose_turns_the_last_two_axes(order: tuple[int, ...]) -> None:
    """The innermost axes of both are the last two, so that squares of four can be turned."""
    x = View.contiguous("x", (2, 3, 4, 5), order)
    extents, (steps, y) = block([x, View.contiguous("y", (2, 3, 4, 5))], "copy")
    assert y[-1] == 1 and 1 in steps[-2:]
    assert extents[-1] == 120 or order[-1] == 3 or steps[-2] == 1


def test_more_axes_than_kernels_walk_are_refused() -> None:
    shape = (2,) * (MAX_AXES + 1)
    order = (6, 4, 2, 0, 5, 3, 1)
    with pytest.raises(UnsupportedError, match="'turned' walks 7 axes"):
        block([View.contiguous("x", shape, order), View.contiguous("y", shape)], "turned")
