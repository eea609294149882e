"""Which blocks of a layer's weights to keep: the largest, of the whole layer or of every row."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError

Kind = Literal["magnitude", "balanced"]


def block_mask(
    rows: NDArray[np.floating | np.integer], size: int, sparsity: float, kind: Kind = "magnitude"
) -> NDArray[np.bool_]:
    """Return True where weights [n, k] are kept, in whole blocks of `size` along k.

    A share `sparsity`, in [0, 1], of the blocks is not: those of the smallest sums of squares in
    the layer or, balanced, in each row, the later of equal ones. The last block of a row may be
    short. InputError for a share or a size out of range.
    """
    if not 0.0 <= sparsity <= 1.0:
        raise InputError(f"A sparsity lies between 0 and 1, not at {sparsity:g}.")
    if size < 1:
        raise InputError(f"A block has one weight or more, not {size}.")
    n, k = rows.shape
    padded = np.pad(rows.astype(np.float64), ((0, 0), (0, -k % size)))
    energy = np.square(padded.reshape(n, -1, size)).sum(axis=2)
    groups = energy if kind == "balanced" else energy.reshape(1, -1)
    kept = groups.shape[1] - round(sparsity * groups.shape[1])
    order = np.argsort(-groups, axis=1, kind="stable")[:, :kept]
    mask = np.zeros(groups.shape, np.bool_)
    np.put_along_axis(mask, order, True, axis=1)
    return np.repeat(mask.reshape(n, -1), size, axis=1)[:, :k]
