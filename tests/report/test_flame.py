"""Frames of a flamegraph: nothing lost, nothing over anything else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyrig.suite.report.flame import frames

STACKS = st.dictionaries(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(tuple),
    st.integers(0, 10**9),
    max_size=20,
)


@given(STACKS, st.booleans())
def test_frames_tile_what_is_below_them(counts: dict[tuple[str, ...], int], ordered: bool) -> None:
    total = sum(counts.values())
    found = list(frames(counts, least=0, by_value=ordered))
    if total == 0:
        assert found == []
        return
    roots = [frame for frame in found if frame.depth == 0]
    assert sum(frame.value for frame in roots) == total
    for depth in range(4):
        row = sorted((f for f in found if f.depth == depth), key=lambda f: (f.left, f.width))
        for one, other in pairwise(row):
            assert one.left + one.width <= other.left + 1e-9
        below = sum(count for stack, count in counts.items() if len(stack) > depth)
        assert sum(frame.value for frame in row) == below
    assert all(frame.width == pytest.approx(frame.value / total) for frame in found)


def test_order_and_least() -> None:
    counts = {("m", "small"): 10, ("m", "large"): 989, ("m", "tiny"): 1}
    names = [frame.name for frame in frames(counts, least=0.005)]
    assert names == ["m", "large", "small"]
    kept = list(frames(counts, least=0.005, by_value=False))
    assert [frame.name for frame in kept] == ["m", "small", "large"]
    assert kept[2].left == pytest.approx(0.01)
