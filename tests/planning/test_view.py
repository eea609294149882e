"""Views against NumPy's own strides."""

import math

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.planning.view import View, merge_axes


def elements(view: View, memory: np.ndarray) -> np.ndarray:
    """Read a view element by element, by its definition."""
    found = np.empty(view.shape, dtype=memory.dtype)
    for index in np.ndindex(*view.shape):
        place = sum(i * s for i, s in zip(index, view.strides, strict=True))
        found[index] = memory[view.offset + place]
    return found


@st.composite
def permuted_views(draw: st.DrawFn) -> View:
    shape = draw(st.lists(st.sampled_from([1, 2, 3, 4, 6]), min_size=1, max_size=4))
    order = draw(st.permutations(range(len(shape))))
    return View.contiguous("s", shape, order)


def factors(total: int, draw: st.DrawFn) -> list[int]:
    shape = []
    while total > 1:
        part = draw(st.sampled_from([k for k in range(2, total + 1) if total % k == 0]))
        shape.append(part)
        total //= part
    shape.insert(draw(st.integers(0, len(shape))), 1)
    return shape


@given(st.data())
def test_reshape_agrees_with_numpy_or_declines(data: st.DataObject) -> None:
    view = data.draw(permuted_views())
    shape = factors(math.prod(view.shape), data.draw)
    memory = np.arange(math.prod(view.shape))
    reshaped = view.reshaped(shape)
    if reshaped is None:
        assert not view.is_row_major()
    else:
        assert np.array_equal(elements(reshaped, memory), elements(view, memory).reshape(shape))


@given(permuted_views(), st.data())
def test_transpose_then_slice(view: View, data: st.DataObject) -> None:
    memory = np.arange(math.prod(view.shape))
    perm = data.draw(st.permutations(range(len(view.shape))))
    moved = view.transposed(perm)
    expected = elements(view, memory).transpose(perm)
    starts = [data.draw(st.integers(0, extent - 1)) for extent in moved.shape]
    extents = [extent - start for extent, start in zip(moved.shape, starts, strict=True)]
    part = moved.sliced(starts, [1] * len(starts), extents)
    cut = expected[tuple(slice(start, None) for start in starts)]
    assert np.array_equal(elements(part, memory), cut)
    backwards = moved.sliced([e - 1 for e in moved.shape], [-1] * len(starts), moved.shape)
    assert np.array_equal(elements(backwards, memory), np.flip(expected))


@given(permuted_views())
def test_rows_walk_the_same_elements(view: View) -> None:
    rows = view.rows()
    memory = np.arange(math.prod(view.shape))
    if rows is None:
        assert len(merge_axes(view.shape[:-1], [view.strides[:-1]])) > 1
        return
    count, row, columns, column = rows
    walked = [memory[i * row + j * column] for i in range(count) for j in range(columns)]
    assert np.array_equal(np.reshape(walked, view.shape), elements(view, memory))


def test_row_major_is_recognised_whatever_the_stride_of_single_axes() -> None:
    assert View("s", 0, (1, 3, 1, 2), (99, 2, 7, 1)).is_row_major()
    assert not View("s", 0, (3, 2), (1, 3)).is_row_major()


def test_axes_merge_only_when_every_operand_agrees() -> None:
    assert merge_axes((2, 3), [(3, 1)]) == [(6, (1,))]
    assert merge_axes((2, 3), [(3, 1), (0, 1)]) == [(2, (3, 0)), (3, (1, 1))]


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(-9, 24)), max_size=3),
    st.integers(0, 64),
)
@example([(4, 0), (8, 1)], 32)
@example([(2, 3), (3, 1)], 6)
@example([(2, 2), (3, 1)], 6)
@example([(2, -3), (3, 1)], 6)
@example([(1, 0), (3, 1)], 3)
@example([], 1)
def test_injective_views_name_no_byte_twice(axes: list[tuple[int, int]], size: int) -> None:
    view = View("s", 0, tuple(e for e, _ in axes), tuple(s for _, s in axes))
    places = [
        sum(i * s for i, s in zip(index, view.strides, strict=True))
        for index in np.ndindex(*view.shape)
    ]
    if view.is_injective:
        assert len(set(places)) == len(places)
    assert view.fills(size) == (view.is_injective and len(places) == size)


@given(permuted_views())
def test_dense_views_fill_their_storage_in_any_order(view: View) -> None:
    assert view.fills(view.size)
    assert not view.fills(view.size + 1)
    backwards = view.sliced(
        [extent - 1 for extent in view.shape], [-1] * len(view.shape), view.shape
    )
    assert backwards.fills(view.size)


def test_a_row_for_all_and_overlapping_windows_fill_nothing() -> None:
    whole = View.contiguous("s", (4, 8))
    assert not whole.sliced((0, 0), (0, 1), (4, 8)).fills(32)
    assert not View("s", 0, (4, 8), (4, 1)).fills(32)
