"""Constants that a TFLite file stores sparse: their values, and where each lies.

The axes are gone through in an order of the file's, blocks of elements as axes of their own behind
them. At each one every coordinate is stored (dense), or for each place so far a list of those that
are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError

_DENSE = tflite.DimensionType.DENSE
_VECTORS = {
    tflite.SparseIndexVector.Int32Vector: tflite.Int32Vector,
    tflite.SparseIndexVector.Uint16Vector: tflite.Uint16Vector,
    tflite.SparseIndexVector.Uint8Vector: tflite.Uint8Vector,
}

Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SparseAxis:
    """Of one axis: its extent where all is stored, else the lists' ends and the coordinates."""

    extent: int
    ends: Whole | None = None
    indices: Whole | None = None


@dataclass(frozen=True, eq=False)
class SparseForm:
    """`order` has the axes as they are gone through; those from the rank on are of blocks, of the
    axes `blocked`."""

    order: tuple[int, ...]
    blocked: tuple[int, ...]
    axes: tuple[SparseAxis, ...]


def sparse_form(table: Any) -> SparseForm:
    """Return how the file says that a constant is stored."""
    axes = [table.DimMetadata(n) for n in range(table.DimMetadataLength())]
    return SparseForm(
        tuple(int(one) for one in _listed(table.TraversalOrderAsNumpy())),
        tuple(int(one) for one in _listed(table.BlockMapAsNumpy())),
        tuple(_axis(one) for one in axes),
    )


def _axis(table: Any) -> SparseAxis:
    if table.Format() == _DENSE:
        return SparseAxis(table.DenseSize())
    ends = _vector(table.ArraySegmentsType(), table.ArraySegments())
    return SparseAxis(0, ends, _vector(table.ArrayIndicesType(), table.ArrayIndices()))


def _vector(kind: int, union: Any) -> Whole:
    found = _VECTORS[kind]()
    found.Init(union.Bytes, union.Pos)
    return _listed(found.ValuesAsNumpy())


def _listed(values: Any) -> Whole:
    """The flatbuffer library gives 0 for a list of nothing."""
    return np.zeros(0, np.int64) if isinstance(values, int) else np.asarray(values, np.int64)


def densified(
    name: str, form: SparseForm, shape: Sequence[int], values: NDArray[Any]
) -> NDArray[Any]:
    """Return a constant of a shape with its stored values in place and zeros between.

    Raises InputError for a form that does not fit.
    """
    ranks = len(shape), len(shape) + len(form.blocked)
    fits = (
        sorted(form.order) == list(range(ranks[1]))
        and len(form.axes) == ranks[1]
        and all(0 <= axis < ranks[0] for axis in form.blocked)
        and len(set(form.blocked)) == len(form.blocked)
    )
    found = _places(form, math.prod(shape)) if fits else None
    if found is None or len(found[0]) != values.size:
        raise _damaged(name)
    places, coordinates = found
    whole = [np.zeros(len(places), np.int64) for _ in shape]
    block = dict(zip(form.blocked, range(ranks[0], ranks[1]), strict=True))
    by_axis = dict(zip(form.order, zip(coordinates, form.axes, strict=True), strict=True))
    for axis in range(ranks[0]):
        whole[axis] += by_axis[axis][0]
        if axis in block:
            inner, stored = by_axis[block[axis]]
            whole[axis] = whole[axis] * stored.extent + inner
    if any((n < 0).any() or (n >= extent).any() for n, extent in zip(whole, shape, strict=True)):
        raise _damaged(name)
    dense = np.zeros(tuple(shape), values.dtype)
    dense[tuple(whole)] = values[places]
    return dense


def _places(form: SparseForm, most: int) -> tuple[Whole, list[Whole]] | None:
    """Return for each value its number and its coordinate on every axis gone through, in order."""
    places, coordinates = np.zeros(1, np.int64), list[Whole]()
    for axis in form.axes:
        if axis.ends is None or axis.indices is None:
            counts = np.full(len(places), axis.extent)
            first = places * axis.extent
        else:
            if len(axis.ends) <= int(places.max(initial=-1)) + 1:
                return None
            first, counts = axis.ends[places], np.diff(axis.ends)[places]
        if counts.min(initial=0) < 0 or counts.sum() > most:
            return None
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        places, coordinates = (
            np.repeat(first, counts) + within,
            [np.repeat(one, counts) for one in coordinates],
        )
        if axis.indices is not None:
            if (places < 0).any() or (places >= len(axis.indices)).any():
                return None
            within = axis.indices[places]
        coordinates.append(within)
    return places, coordinates


def _damaged(name: str) -> InputError:
    return InputError(
        f"The TFLite model is damaged: its sparse tensor {name!r} has values that lie nowhere."
    )
