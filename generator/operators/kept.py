"""The scores a mask keeps, as the runs of each row that kernels walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.graph.requant import Int32Array
from tinyrig.generator.planning.view import merge_axes


@dataclass(frozen=True, eq=False)
class KeptRuns:
    """Row m of the mask keeps runs first[m] to first[m + 1]; run n is [runs[2n], runs[2n + 1]).

    `strides` lead over the leading axes of the scores to a row of the mask.
    """

    first: Int32Array
    runs: Int32Array
    strides: tuple[int, ...]


def kept_runs(
    kept: NDArray[np.bool_], shape: Sequence[int], walked: Sequence[Sequence[int]] = ()
) -> KeptRuns:
    """Return the runs of a mask over scores of `shape`, to which it broadcasts; rows come last.

    A mask that is alike along several leading axes is stored once, unless kernels, which walk two
    leading axes, could not pass it beside the scores, whose strides are `walked`: then it is stored
    for every row.
    """
    strides = _strides(kept.shape[:-1])
    whole = _strides(shape[:-1])
    if len(merge_axes(shape[:-1], [strides, whole, *walked])) > 2:
        kept, strides = np.broadcast_to(kept, (*shape[:-1], kept.shape[-1])), whole
    rows = np.broadcast_to(kept, (*kept.shape[:-1], shape[-1])).reshape(-1, shape[-1])
    edges = np.diff(np.pad(rows, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, begin = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]
    first = np.searchsorted(row, np.arange(len(rows) + 1))
    runs = np.stack([begin, end], axis=1).reshape(-1)
    if not runs.size:
        runs = np.zeros(2, np.int64)  # C has no empty arrays, and no row names this run
    return KeptRuns(first.astype(np.int32), runs.astype(np.int32), strides)


def _strides(extents: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of contiguous rows, 0 along axes of extent 1."""
    steps = np.cumprod([1, *reversed(extents)])[:-1][::-1]
    return tuple(
        0 if extent == 1 else int(step) for extent, step in zip(extents, steps, strict=True)
    )
