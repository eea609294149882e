"""Constants of TFLite files that are stored sparse."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import onnx
import pytest
from frontends.qdq_models import Case, run_onnx
from frontends.tflite_files import TfliteFile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError
from tinyrig.generator.frontends.tflite.convert import onnx_of_tflite
from tinyrig.generator.frontends.tflite.sparse import SparseAxis, SparseForm, densified

Stored = tuple[SparseForm, NDArray[np.float32]]


def stored(
    dense: NDArray[np.float32],
    order: tuple[int, ...],
    blocks: dict[int, int],
    sparse: frozenset[int],
) -> Stored:
    """Return a constant as a file has it: axes gone through in `order`, those in `sparse` listed.

    `blocks` are extents of blocks by axis.
    """
    rank, blocked = dense.ndim, tuple(blocks)
    split: list[int] = [extent // blocks.get(axis, 1) for axis, extent in enumerate(dense.shape)]
    split += [blocks[axis] for axis in blocked]
    parts: list[tuple[int, ...]] = [()]
    axes = []

    def cells(part: tuple[int, ...]) -> NDArray[np.float32]:
        """All elements under the coordinates of the first axes in order."""
        at = dict(zip(order, part, strict=False))
        index = []
        for axis, extent in enumerate(dense.shape):
            size = blocks.get(axis, 1)
            inner = rank + blocked.index(axis) if axis in blocks else -1
            outer = [at[axis]] if axis in at else range(extent // size)
            within = [at[inner]] if inner in at else range(size)
            index.append([o * size + i for o, i in product(outer, within)])
        return dense[np.ix_(*index)]

    for level, axis in enumerate(order):
        found, ends, indices = [], [0], []
        for part in parts:
            for n in range(split[axis]):
                if axis not in sparse or cells((*part, n)).any():
                    found.append((*part, n))
                    indices.append(n)
            ends.append(len(indices))
        lists = (np.array(ends), np.array(indices, np.int64)) if axis in sparse else (None, None)
        axes.append(SparseAxis(0 if axis in sparse else split[axis], *lists))
        parts = found
        assert level < len(order)
    values = np.array([cells(part).item() for part in parts], np.float32)
    return SparseForm(order, blocked, tuple(axes)), values


@st.composite
def constants(draw: st.DrawFn) -> tuple[NDArray[np.float32], Stored]:
    blocks = {axis: draw(st.integers(2, 3)) for axis in range(3) if draw(st.booleans())}
    shape = tuple(draw(st.integers(1, 3)) * blocks.get(axis, 1) for axis in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    dense = (rng.integers(1, 9, shape) * (rng.random(shape) < 0.4)).astype(np.float32)
    inner = range(3, 3 + len(blocks))
    order = (*draw(st.permutations(range(3))), *draw(st.permutations(inner)))
    listed = frozenset(axis for axis in range(3) if draw(st.booleans()))
    return dense, stored(dense, order, blocks, listed)


@given(constants())
def test_every_value_lies_where_the_file_says(made: tuple[NDArray[np.float32], Stored]) -> None:
    dense, (form, values) = made
    assert np.array_equal(densified("w", form, dense.shape, values), dense)


def weights() -> tuple[NDArray[np.float32], Stored]:
    dense = np.random.default_rng(2).normal(0, 1, (3, 8)).astype(np.float16).astype(np.float32)
    dense[:, 1:4] = 0
    dense[1] = 0
    return dense, stored(dense, (0, 1, 2), {1: 2}, frozenset({1}))


def network(form: SparseForm, values: NDArray[np.float32]) -> bytes:
    """DENSIFY and DEQUANTIZE of a constant, as weights."""
    f = TfliteFile(3)
    x = f.tensor((2, 8), kind="FLOAT32", name="x")
    w = f.tensor((3, 8), kind="FLOAT16", data=values, sparse=form)
    half, whole = f.tensor((3, 8), kind="FLOAT16"), f.tensor((3, 8), kind="FLOAT32")
    f.operator("DENSIFY", [w], [half], "DensifyOptions")
    f.operator("DEQUANTIZE", [half], [whole])
    y = f.tensor((2, 3), kind="FLOAT32", name="y")
    f.operator("FULLY_CONNECTED", [x, whole, -1], [y], "FullyConnectedOptions")
    return f.data([x], [y])


def test_a_layer_of_sparse_weights_is_the_dense_one() -> None:
    dense, made = weights()
    model = onnx_of_tflite(network(*made))
    onnx.checker.check_model(model)
    x = np.random.default_rng(4).normal(0, 1, (2, 8)).astype(np.float32)
    (y,) = run_onnx(Case(model, {"x": x}))
    assert np.allclose(y, x @ dense.T, atol=1e-6)


def broken(form: SparseForm) -> dict[str, SparseForm]:
    first, lists, last = form.axes
    assert lists.ends is not None
    assert lists.indices is not None

    def with_lists(ends: NDArray[np.int64], indices: NDArray[np.int64]) -> SparseForm:
        return replace(form, axes=(first, replace(lists, ends=ends, indices=indices), last))

    return {
        "an order of other axes": replace(form, order=(0, 1, 1)),
        "a block of no axis": replace(form, blocked=(5,)),
        "an axis too few": replace(form, axes=form.axes[:2]),
        "coordinates outside": with_lists(lists.ends, lists.indices + 4),
        "negative coordinates": with_lists(lists.ends, lists.indices - 1),
        "lists that end before they begin": with_lists(lists.ends[::-1].copy(), lists.indices),
        "lists behind the last": with_lists(lists.ends + 1, lists.indices),
        "too few lists": with_lists(lists.ends[:3], lists.indices),
        "more values than there are": replace(form, axes=(first, lists, SparseAxis(3))),
        "a huge axis": replace(form, axes=(SparseAxis(2**31 - 1), lists, last)),
        "a negative axis": replace(form, axes=(SparseAxis(-1), lists, last)),
    }


@pytest.mark.parametrize("what", broken(weights()[1][0]))
def test_a_form_that_does_not_fit_is_refused(what: str) -> None:
    _, (form, values) = weights()
    with pytest.raises(InputError, match="values that lie nowhere"):
        onnx_of_tflite(network(broken(form)[what], values))


def test_a_sparse_constant_larger_than_any_memory_is_refused() -> None:
    f = TfliteFile()
    lists = SparseAxis(0, np.array([0, 1]), np.array([7]))
    form = SparseForm((0,), (), (lists,))
    w = f.tensor((2**30,), kind="FLOAT16", data=np.ones(1), sparse=form)
    y = f.tensor((2**30,), kind="FLOAT16")
    f.operator("DENSIFY", [w], [y], "DensifyOptions")
    with pytest.raises(InputError, match="stand for over"):
        onnx_of_tflite(f.data([], [y]))
