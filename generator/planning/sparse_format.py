"""The forms of sparse weights: which weights share an index, and the order of their bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class SparseFormat:
    """Blocks of `size` weights along the reduction axis in each of `rows` output channels.

    `step` blocks are stored together; where a row's last ones are fewer, blocks of zeros follow.
    `order` names the weights of a step as they are stored, in [block][channel][weight]. Of two
    channels, the second's weight is stored less by one where the first's is negative: behind each
    other they are 256 times the second's plus the first's, a number of 16 bits. `across`: blocks
    lie along the width of a convolution's kernel, which is `size`, instead of its channels.
    """

    name: str
    rows: int
    size: int
    step: int
    order: tuple[int, ...]
    across: bool = False

    @property
    def block_bytes(self) -> int:
        """Bytes of a block's values."""
        return self.rows * self.size

    @property
    def stored_bytes(self) -> int:
        """Bytes of a block with its index."""
        return self.block_bytes + 1

    def groups(self, n: int) -> int:
        """How many rows of blocks n channels have."""
        return -(-n // self.rows)


_ALL = (
    SparseFormat("sparse4", rows=1, size=4, step=1, order=(0, 1, 2, 3)),
    SparseFormat("sparse2", rows=1, size=2, step=2, order=(0, 2, 1, 3)),
    SparseFormat("sparse2x4", rows=2, size=4, step=1, order=(0, 4, 2, 6, 1, 5, 3, 7)),
    SparseFormat("sparse3", rows=1, size=3, step=1, order=(0, 1, 2), across=True),
)

SPARSE_FORMATS: Mapping[str, SparseFormat] = {found.name: found for found in _ALL}
"""The forms by the name of their packing."""
