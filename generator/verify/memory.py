"""Memory as the verifier sees it: the number of the value that every byte holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.operators.accesses import Block
from tinyrig.generator.operators.values import NOTHING, Ids

_ITEM = 8
UNWRITTEN = -1

Range = tuple[int, int]


def block_at(memory: Ids, at: int, block: Block) -> Ids:
    """Return the numbers of a block whose operand lies at byte `at`; a view where it can be one.

    The block must lie inside the memory.
    """
    shape = block.shape
    if block.index is not None:
        shape = (shape[0], int(block.index.max()) + 1, *shape[2:])
    strides = tuple(step * _ITEM for step in block.strides)
    found: Ids = np.ndarray(shape, np.uint64, memory, at * _ITEM, strides)
    return found if block.index is None else found[:, block.index]


@dataclass(eq=False)
class Arena:
    """One build's arena: `size` bytes, storages and scratch at `offsets`.

    `guards` are (first byte, end, step that sets it, step that checks it); `set_in` and
    `checked_in` their ranges by step.
    `writers` is the step that wrote each byte last, to tell who was too early. Behind the first
    `fast` bytes lie the storages of slow memory.
    """

    title: str
    offsets: Mapping[str, int]
    size: int
    guards: tuple[tuple[int, int, int, int], ...] = ()
    fast: int = 0
    set_in: Mapping[int, Sequence[Range]] = field(init=False)
    checked_in: Mapping[int, Sequence[Range]] = field(init=False)
    values: Ids = field(init=False)
    writers: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        self.set_in = _by_step((step, (start, end)) for start, end, step, _ in self.guards)
        self.checked_in = _by_step((step, (start, end)) for start, end, _, step in self.guards)
        self.values = np.full(self.size, NOTHING, np.uint64)
        self.writers = np.full(self.size, UNWRITTEN, np.int32)

    def write(self, at: int, block: Block, values: Ids, writer: int) -> None:
        """Put numbers into a block's bytes."""
        block_at(self.values, at, block)[...] = values
        strides = tuple(step * self.writers.itemsize for step in block.strides)
        place = np.ndarray(block.shape, np.int32, self.writers, at * self.writers.itemsize, strides)
        place[...] = writer

    def spoil(self, start: int, end: int, value: np.uint64, writer: int) -> None:
        """Put one number into every byte of a range."""
        self.values[start:end] = value
        self.writers[start:end] = writer


def _by_step(guards: Iterable[tuple[int, Range]]) -> dict[int, list[Range]]:
    found: dict[int, list[Range]] = {}
    for step, span in guards:
        found.setdefault(step, []).append(span)
    return found
