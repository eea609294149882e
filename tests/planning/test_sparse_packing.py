"""Streams of sparse weights: their bytes, what they hold, and that none leads outside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.planning.sparse_format import SPARSE_FORMATS, SparseFormat
from tinyrig.generator.planning.sparse_packing import (
    decoded,
    fits,
    is_balanced,
    sparse_stream,
    stored,
    stream_bytes,
)

_FORMS = st.sampled_from(list(SPARSE_FORMATS.values()))
_FOUR, _TWO, _BOTH = (SPARSE_FORMATS[f"sparse{name}"] for name in ("4", "2", "2x4"))


def _weights(n: int, k: int, size: int, density: float, seed: int) -> Int8Array:
    """Weights whose blocks are zero but for a share; a block that is kept may begin with zeros."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-127, 128, (n, k), dtype=np.int8)
    kept = np.repeat(rng.random((n, -(-k // size))) < density, size, axis=1)[:, :k]
    return weight * kept * (rng.random((n, k)) < 0.7).astype(np.int8)


def _walked(stream: Int8Array, n: int, k: int, form: SparseFormat) -> Int8Array:
    """The weights as a kernel meets them: one gap after the other, until a zero."""
    sums = np.zeros((form.groups(n) * form.rows, k), np.int64)
    values, gaps = 4, int.from_bytes(stream[:4].tobytes(), "little")
    balanced = gaps >> 31
    gaps &= 2**31 - 1
    each = (gaps - 4) // form.groups(n)
    for first in range(0, n, form.rows):
        block = -1
        end = values + each
        while values < end if balanced else stream[gaps] != 0:
            stored = stream[values : values + form.step * form.block_bytes]
            values_in_order = stored[np.argsort(form.order)].astype(int)
            if form.rows > 1:
                pair = values_in_order.reshape(form.rows, form.size)
                pair[1] += pair[0] < 0
            in_order = iter(values_in_order)
            for gap in stream[gaps : gaps + form.step].view(np.uint8):
                block += int(gap) // 3
                for row in range(first, first + form.rows):
                    for column in range(form.size * block, form.size * (block + 1)):
                        value = int(next(in_order))
                        if column < k:
                            sums[row, column] += value
            values, gaps = values + len(stored), gaps + form.step
        gaps += 1 - balanced
    return sums[:n].astype(np.int8)


@given(
    n=st.integers(1, 9),
    k=st.integers(1, 60),
    form=_FORMS,
    density=st.floats(0, 1),
    seed=st.integers(0, 999),
)
@example(n=1, k=1, form=_FOUR, density=0.0, seed=0)
@example(n=3, k=7, form=_FOUR, density=1.0, seed=0)
@example(n=2, k=2200, form=_FOUR, density=0.004, seed=5)
@example(n=5, k=2 * 175, form=_TWO, density=0.004, seed=5)
@example(n=3, k=4 * 90, form=_BOTH, density=0.01, seed=2)
@example(n=2, k=4 * 86, form=_FOUR, density=0.0, seed=0)
def test_a_stream_is_the_weights(
    n: int, k: int, form: SparseFormat, density: float, seed: int
) -> None:
    rows = _weights(n, k, form.size, density, seed)
    stream = sparse_stream(rows, form)
    np.testing.assert_array_equal(_walked(stream, n, k, form), rows)
    np.testing.assert_array_equal(decoded(stream, n, k, form), rows)
    blocks = stored(rows, form).blocks
    assert stored(stream, form).blocks == blocks
    assert len(stream) == stream_bytes(rows, form)
    assert blocks % form.step == 0
    ends = 1 if is_balanced(stream) else form.groups(n)
    assert 0 <= len(stream) - (4 + blocks * form.stored_bytes + ends) < 4


@pytest.mark.parametrize("form", SPARSE_FORMATS.values(), ids=lambda form: form.name)
@pytest.mark.parametrize(
    ("place", "blocks"), [(84, 1), (85, 2), (169, 2), (170, 3), (255, 4), (600, 8)]
)
def test_a_long_run_passes_through_zeros(form: SparseFormat, place: int, blocks: int) -> None:
    """85 blocks are the farthest a gap leads."""
    rows = np.zeros((2, form.size * (place + 1)), np.int8)
    rows[1, -1] = 7
    stream = sparse_stream(rows, form)
    blocks = -(-blocks // form.step) * form.step
    assert stored(rows, form).blocks == blocks
    assert stream.nbytes == stream_bytes(rows, form)
    assert is_balanced(stream) == (form.groups(2) == 1)
    np.testing.assert_array_equal(_walked(stream, *rows.shape, form), rows)


@given(
    n=st.integers(1, 9),
    across=st.integers(1, 200),
    form=_FORMS,
    kept=st.integers(1, 9),
    seed=st.integers(0, 999),
)
def test_balanced_rows_have_no_end(
    n: int, across: int, form: SparseFormat, kept: int, seed: int
) -> None:
    """Rows of as many blocks take a byte a block and one word at most beside the values."""
    rng = np.random.default_rng(seed)
    grid = np.zeros((n, across, form.size), np.int8)
    for first in range(0, n, form.rows):
        places = rng.permutation(across)[:kept]
        grid[first : first + form.rows, places] = 1
    rows = grid.reshape(n, -1)
    stream = sparse_stream(rows, form)
    np.testing.assert_array_equal(_walked(stream, n, across * form.size, form), rows)
    if across <= 85:
        blocks = form.groups(n) * -(-min(kept, across) // form.step) * form.step
        assert stored(rows, form).blocks == blocks
        assert is_balanced(stream)
        assert len(stream) <= 4 + form.stored_bytes * blocks + 4


def test_rows_are_filled_up_where_that_is_no_longer() -> None:
    """Five bytes of a block stand for five ends of rows; an empty row has its first block."""
    rows = np.zeros((5, 12), np.int8)
    rows[:4, 8] = 7
    stream = sparse_stream(rows, _FOUR)
    assert stream.tolist()[:4] == [4 + 5 * 4, 0, 0, -128]
    assert stream.tolist()[24:] == [9, 9, 9, 9, 3, 0, 0, 0]
    rows[:4, 0] = 7
    assert not is_balanced(sparse_stream(rows, _FOUR))
    assert not is_balanced(sparse_stream(np.zeros_like(rows), _FOUR))


@pytest.mark.parametrize("place", [3, 4, 8, 16, 20])
def test_rows_that_share_no_blocks_equally(place: int) -> None:
    rows = np.ones((2, 4), np.int8)
    stream = sparse_stream(rows, _FOUR)
    assert decoded(stream, 2, 4, _FOUR).tolist() == rows.tolist()
    stream[0] = place
    with pytest.raises(InternalError):
        decoded(stream, 2, 4, _FOUR)


def test_a_balanced_row_begins_inside_the_layer() -> None:
    stream = sparse_stream(np.ones((2, 4), np.int8), _FOUR)
    stream[-3] = 0
    with pytest.raises(InternalError):
        decoded(stream, 2, 4, _FOUR)


_ORDERS = {
    "sparse4": [12, 0, 0, -128, 1, 0, 2, 3, 0, 5, 0, 0, 6, 9, 0, 0],
    "sparse2": [12, 0, 0, -128, 1, 2, 0, 3, 0, 0, 5, 0, 9, 3, 15, 0, 0, 0, 0, 0],
    "sparse2x4": [20, 0, 0, -128, 1, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 5, 0, 0, 6, 3, 0, 0],
}


@pytest.mark.parametrize("name", _ORDERS)
def test_the_order_of_bytes(name: str) -> None:
    rows = np.zeros((2, 10), np.int8)
    rows[0, 4:8], rows[1, 9] = [1, 0, 2, 3], 5
    assert sparse_stream(rows, SPARSE_FORMATS[name]).tolist() == _ORDERS[name]


def test_the_order_of_bytes_of_rows_with_ends() -> None:
    rows = np.zeros((2, 10), np.int8)
    rows[0, 0], rows[0, 4:8], rows[1, 9] = 9, [1, 0, 2, 3], 5
    values = [9, 0, 0, 0, 1, 0, 2, 3, 0, 5, 0, 0]
    assert sparse_stream(rows, _FOUR).tolist() == [16, 0, 0, 0, *values, 3, 3, 0, 9, 0, 0, 0, 0]


def test_blocks_across_a_kernel() -> None:
    """Of weights [n, rows, columns, channels] three neighbours along the columns are a block."""
    form = SPARSE_FORMATS["sparse3"]
    weight = np.zeros((1, 2, 3, 4), np.int8)
    weight[0, 1, :, 2] = [7, 8, 9]
    assert stored(weight, form).blocks == 1
    stream = sparse_stream(weight, form)
    assert stream.tolist() == [7, 0, 0, -128, 7, 8, 9, 3 * (1 + 4 + 2), 0, 0, 0, 0]
    assert stored(stream, form).blocks == 1


def test_two_channels_as_one_number_of_16_bits() -> None:
    form = SPARSE_FORMATS["sparse2x4"]
    rows = np.array([[-1, 3, 0, 0], [5, -128, 0, 0]], np.int8)
    stream = sparse_stream(rows, form)
    assert stream[4:12].view("<i2").tolist() == [5 * 256 - 1, 0, -128 * 256 + 3, 0]
    assert fits(rows, form)
    rows[0, 1] = -1
    assert not fits(rows, form)
    assert fits(rows, SPARSE_FORMATS["sparse4"])
    with pytest.raises(InternalError):
        sparse_stream(rows, form)
    rows[0, 1] = 0
    assert fits(rows, form)
    assert decoded(sparse_stream(rows, form), 2, 4, form).tolist() == rows.tolist()


def test_sums_of_24_bits() -> None:
    rows = np.full((2, 517), 127, np.int8)
    assert not fits(rows, SPARSE_FORMATS["sparse2x4"])
    assert fits(rows[:, :516], SPARSE_FORMATS["sparse2x4"])
    rows = np.zeros((2, 512), np.int8)
    rows[1] = -128
    assert not fits(rows, SPARSE_FORMATS["sparse2x4"])
    assert fits(rows[:, 1:], SPARSE_FORMATS["sparse2x4"])


@given(
    n=st.integers(1, 5),
    k=st.integers(1, 30),
    form=_FORMS,
    density=st.floats(0, 1),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_a_changed_stream_never_leads_outside(
    n: int, k: int, form: SparseFormat, density: float, seed: int, data: st.DataObject
) -> None:
    """A stream of any bytes is refused, or is one that is read inside itself and its columns."""
    rows = _weights(n, k, form.size, density, seed)
    stream = sparse_stream(rows, form)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at] = data.draw(st.integers(-128, 127))
    stream = stream[: data.draw(st.sampled_from([len(stream), len(stream) - 4, len(stream) - 1]))]
    try:
        found = decoded(stream, n, k, form)
    except InternalError:
        return
    gaps = int.from_bytes(stream[:4].tobytes(), "little") & (2**31 - 1)
    assert gaps == 4 + form.block_bytes * stored(stream, form).blocks <= len(stream)
    np.testing.assert_array_equal(_walked(stream, n, k, form), found)
