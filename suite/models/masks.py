"""Which blocks of a layer's weights to keep: the largest, of the whole layer or of every row."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import InputError

Kind = Literal["magnitude", "balanced"]


def block_mask(
    rows: NDArray[np.floating | np.integer],
    size: int,
    sparsity: float,
    kind: Kind = "magnitude",
    *,
    shared: int = 1,
    step: int = 1,
) -> NDArray[np.bool_]:
    """Return True where weights [n, k] are kept, in whole blocks of `size` along k.

    A block is of `shared` neighbouring rows. A share `sparsity`, in [0, 1], of the blocks is not
    kept: those of the smallest sums of squares in the layer or, balanced, in each row, the later
    of equal ones. Balanced rows keep whole steps of `step` blocks, where there are so many. The
    last blocks may be short. InputError for a number out of range.
    """
    if not 0.0 <= sparsity <= 1.0:
        raise InputError(f"A sparsity lies between 0 and 1, not at {sparsity:g}.")
    if size < 1 or shared < 1:
        raise InputError(f"A block has one weight or more, not {shared}x{size}.")
    n, k = rows.shape
    padded = np.pad(rows.astype(np.float64), ((0, -n % shared), (0, -k % size)))
    blocks = padded.reshape(-(-n // shared), shared, -1, size)
    energy = np.square(blocks).sum(axis=(1, 3))
    groups = energy if kind == "balanced" else energy.reshape(1, -1)
    kept = groups.shape[1] - round(sparsity * groups.shape[1])
    if kind == "balanced":
        kept = min(groups.shape[1], -(-kept // step) * step)
    order = np.argsort(-groups, axis=1, kind="stable")[:, :kept]
    mask = np.zeros(groups.shape, np.bool_)
    np.put_along_axis(mask, order, True, axis=1)
    return mask.reshape(energy.shape).repeat(shared, axis=0).repeat(size, axis=1)[:n, :k]
