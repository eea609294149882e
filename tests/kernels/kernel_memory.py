"""Guarded host memory."""

from __future__ import annotations

import os

import numpy as np
from kernel_library import SANITIZED
from numpy.typing import NDArray

from tinyrig.suite.studies.kernels.checking.operand import CANARY

FRONT = 16


class Guarded:
    """A block of bytes between canaries, starting `misalign` bytes after a 4-byte boundary.

    Under the sanitizers nothing follows the block, so that a read behind it is caught too.
    """

    def __init__(self, size: int, misalign: int = 0) -> None:
        self._size = size
        back = 0 if os.environ.get(SANITIZED) else 16
        start = FRONT + misalign
        self._memory = np.full(start + size + back, CANARY, dtype=np.uint8)
        assert self._memory.ctypes.data % 4 == 0
        self._start = start

    @property
    def address(self) -> int:
        """Address of the block's first byte."""
        return int(self._memory.ctypes.data) + self._start

    @property
    def bytes(self) -> NDArray[np.int8]:
        """The block."""
        return self._memory[self._start : self._start + self._size].view(np.int8)

    def assert_intact(self) -> None:
        """The canaries before and behind the block are unharmed."""
        assert (self._memory[: self._start] == CANARY).all(), "bytes before the block changed"
        behind = self._memory[self._start + self._size :]
        assert (behind == CANARY).all(), "bytes behind the block changed"
