"""What a stream is, and what it may ask of the schedule that is being built."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node
from tinyrig.generator.planning.view import View

_ROW_TILE = 3


class ScheduleBuilder(Protocol):
    """The part of the layout builder that streams use."""

    graph: Graph

    def view(self, tensor: str) -> View:
        """Return where a tensor lies."""

    def place(self, tensor: str, view: View) -> None:
        """Say where a tensor lies."""

    def new(
        self, name: str, shape: Sequence[int], order: Sequence[int] | None = None, *, item: int = 1
    ) -> View:
        """Return a dense view of a new storage with elements of `item` bytes."""

    def destination(self, node: Node, reads: Sequence[View]) -> View:
        """Return where a node's output is best placed."""

    def dense_rows(self, view: View, name: str) -> View:
        """Return the view, or a copy of it, with rows that merge and contiguous columns."""

    def is_last_use(self, tensor: str, members: Collection[str]) -> bool:
        """True when nothing but the named nodes still reads what the tensor's storage holds."""

    def loop(self, count: int) -> AbstractContextManager[int]:
        """Open a loop; steps appended inside belong to it."""

    def copy(self, name: str, source: View, target: View) -> None:
        """Append a copy of a view into another one."""

    def read(self, name: str, source: View, target: View) -> None:
        """Append the reading of a run of a streamed input's bytes into a view."""

    def compute(
        self,
        name: str,
        nodes: Sequence[Node],
        reads: Sequence[View],
        writes: Sequence[View],
        varies: int | None = None,
    ) -> None:
        """Append a step."""


class Stream(Protocol):
    """A group of nodes with its own way of being executed."""

    @property
    def members(self) -> frozenset[str]:
        """Names of the nodes the stream executes."""

    @property
    def last(self) -> str:
        """Name of the member whose place in the order the stream takes."""

    def emit(self, builder: ScheduleBuilder) -> None:
        """Append the stream's steps and place its output."""


def chunks(rows: int, most: int) -> tuple[int, int]:
    """Return (rows a chunk, remainder), at most `most` rows a chunk.

    A divisor of `rows` that is at least half of that leaves no remainder, best a multiple of the
    row tile; without one, chunks of `most` rows do.
    """
    if rows <= most:
        return rows, 0
    large = [size for size in range(most, (most - 1) // 2, -1) if rows % size == 0]
    whole = [size for size in large if size % _ROW_TILE == 0]
    best = next(iter(whole or large), None)
    return (best, 0) if best is not None else (most, rows % most)


def row_parts(
    builder: ScheduleBuilder, rows: int, most: int
) -> Iterator[tuple[int | None, int, int]]:
    """Yield (loop, first row, rows a part) for the chunks of `rows`; steps go inside."""
    size, rest = chunks(rows, most)
    count = rows // size
    if count > 1:
        with builder.loop(count) as loop:
            yield loop, 0, size
    else:
        yield None, 0, size
    if rest:
        yield None, rows - rest, rest


def rows_of(view: View, loop: int | None, first: int, size: int, item: int = 1) -> View:
    """Return rows [first, first + size) of a [rows, columns] view, moving on with the loop."""
    stride = view.strides[-2] * item
    advances = view.advances if loop is None else (*view.advances, (loop, size * stride))
    return View(
        view.storage,
        view.offset + first * stride,
        (*view.shape[:-2], size, view.shape[-1]),
        view.strides,
        advances,
    )
