"""Layout operators against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_cases import Codes, Quantized, run_one, wires

from tinyrig.generator.graph.ops import (
    Concat,
    Constant,
    Gather,
    Layout,
    Pad,
    Reshape,
    Slice,
    Transpose,
)
from tinyrig.generator.graph.tensor import Affine

AFFINE = Affine(0.1, 4)
SHAPE = (3, 4, 5)


def codes(seed: int = 0) -> Codes:
    return np.random.default_rng(seed).integers(-128, 128, SHAPE, dtype=np.int8)


def check(node: Layout, inputs: list[Codes], expected: Codes) -> None:
    given = [Quantized(part, AFFINE) for part in inputs]
    assert np.array_equal(run_one(node, given, expected.shape, AFFINE), expected)


def test_reshape_keeps_row_major_order() -> None:
    check(Reshape(**wires(1)), [codes()], codes().reshape(5, 12))


def test_reshape_after_a_transposed_view_reads_logical_order() -> None:
    turned = np.transpose(codes(), (2, 0, 1))
    check(Reshape(**wires(1)), [turned], turned.reshape(-1))


@pytest.mark.parametrize("perm", [(0, 2, 1), (2, 0, 1), (1, 2, 0)])
def test_transpose(perm: tuple[int, ...]) -> None:
    check(Transpose(perm=perm, **wires(1)), [codes()], np.transpose(codes(), perm))


@given(st.data())
def test_slice_with_steps_of_both_signs(data: st.DataObject) -> None:
    starts, steps, slices = [], [], []
    for extent in SHAPE:
        start = data.draw(st.integers(0, extent - 1))
        step = data.draw(st.sampled_from((-2, -1, 1, 2, 3)))
        room = (extent - start + step - 1) // step if step > 0 else start // -step + 1
        count = data.draw(st.integers(1, room))
        starts.append(start)
        steps.append(step)
        slices.append([start + step * i for i in range(count)])
    node = Slice(starts=tuple(starts), steps=tuple(steps), **wires(1))
    check(node, [codes()], codes()[np.ix_(*slices)])


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_concat_and_gather(axis: int) -> None:
    parts = [codes(seed) for seed in range(3)]
    check(Concat(axis=axis, **wires(3)), parts, np.concatenate(parts, axis=axis))
    indices = (2, 0, 0, 1)
    check(
        Gather(axis=axis, indices=indices, **wires(1)), [codes()], np.take(codes(), indices, axis)
    )


def test_pad_fills_with_its_value() -> None:
    before, after = (1, 0, 2), (0, 3, 1)
    expected = np.pad(codes(), list(zip(before, after, strict=True)), constant_values=-7)
    check(Pad(before=before, after=after, value=-7, **wires(1)), [codes()], expected)


def test_constant_gives_its_data() -> None:
    data = codes()
    data.flags.writeable = False
    check(Constant(data=data, **wires(0)), [], data)
