"""Streams of sparse weights: their bytes, what they hold, and that none leads outside."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tinyrig.generator.errors import InternalError
from tinyrig.generator.graph.requant import Int8Array
from tinyrig.generator.planning.sparse_packing import (
    SPARSE_FORMATS,
    decoded,
    sparse_stream,
    stored_blocks,
    stream_bytes,
)

_SIZES = st.sampled_from(sorted(SPARSE_FORMATS.values()))


def _weights(n: int, k: int, size: int, density: float, seed: int) -> Int8Array:
    """Weights whose blocks are zero but for a share; a block that is kept may begin with zeros."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(-128, 128, (n, k), dtype=np.int8)
    kept = np.repeat(rng.random((n, -(-k // size))) < density, size, axis=1)[:, :k]
    return weight * kept * (rng.random((n, k)) < 0.7).astype(np.int8)


def _walked(stream: Int8Array, n: int, k: int, size: int) -> Int8Array:
    """The weights as a kernel meets them: one gap after the other, until a zero."""
    rows = np.zeros((n, k), np.int8)
    values, gaps = 4, int.from_bytes(stream[:4].tobytes(), "little")
    for row in rows:
        block = -1
        while stream[gaps] != 0:
            block += int(stream[gaps : gaps + 1].view(np.uint8)[0]) // 3
            left = min(size, k - size * block)
            row[size * block :][:left] = stream[values : values + left]
            values, gaps = values + size, gaps + 1
        gaps += 1
    return rows


@given(
    n=st.integers(1, 9),
    k=st.integers(1, 60),
    size=_SIZES,
    density=st.floats(0, 1),
    seed=st.integers(0, 999),
)
@example(n=1, k=1, size=4, density=0.0, seed=0)
@example(n=3, k=7, size=4, density=1.0, seed=0)
@example(n=2, k=2200, size=4, density=0.004, seed=5)
@example(n=2, k=4 * 86, size=4, density=0.0, seed=0)
def test_a_stream_is_the_weights(n: int, k: int, size: int, density: float, seed: int) -> None:
    rows = _weights(n, k, size, density, seed)
    stream = sparse_stream(rows, size)
    np.testing.assert_array_equal(_walked(stream, n, k, size), rows)
    np.testing.assert_array_equal(decoded(stream, n, k, size), rows)
    blocks = stored_blocks(rows, size)
    assert stored_blocks(stream, size) == blocks
    assert len(stream) == stream_bytes(n, blocks, size)
    assert 0 <= len(stream) - (4 + blocks * (size + 1) + n) < 4


@pytest.mark.parametrize("size", SPARSE_FORMATS.values())
@pytest.mark.parametrize(
    ("place", "blocks"), [(84, 1), (85, 2), (169, 2), (170, 3), (255, 4), (600, 8)]
)
def test_a_long_run_passes_through_zeros(size: int, place: int, blocks: int) -> None:
    """85 blocks are the farthest a gap leads."""
    rows = np.zeros((2, size * (place + 1)), np.int8)
    rows[1, -1] = 7
    stream = sparse_stream(rows, size)
    assert stored_blocks(rows, size) == blocks
    assert stream.nbytes == stream_bytes(2, blocks, size)
    np.testing.assert_array_equal(_walked(stream, *rows.shape, size), rows)


def test_the_order_of_bytes() -> None:
    rows = np.zeros((2, 10), np.int8)
    rows[0, 4:8], rows[1, 9] = [1, 0, 2, 3], 5
    expected = [12, 0, 0, 0, 1, 0, 2, 3, 0, 5, 0, 0, 6, 0, 9, 0]
    assert sparse_stream(rows, 4).tolist() == expected


@given(
    n=st.integers(1, 5),
    k=st.integers(1, 30),
    size=_SIZES,
    density=st.floats(0, 1),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_a_changed_stream_never_leads_outside(
    n: int, k: int, size: int, density: float, seed: int, data: st.DataObject
) -> None:
    """A stream of any bytes is refused, or is one that is read inside itself and its columns."""
    rows = _weights(n, k, size, density, seed)
    stream = sparse_stream(rows, size)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at] = data.draw(st.integers(-128, 127))
    stream = stream[: data.draw(st.sampled_from([len(stream), len(stream) - 4, len(stream) - 1]))]
    try:
        found = decoded(stream, n, k, size)
    except InternalError:
        return
    gaps = int.from_bytes(stream[:4].tobytes(), "little")
    assert gaps == 4 + size * stored_blocks(stream, size) <= len(stream)
    np.testing.assert_array_equal(_walked(stream, n, k, size), found)
