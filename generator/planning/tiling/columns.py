"""Parts of a layer by the channels of its output: each part reads weights that no other does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tinyrig.generator.graph.ops import Conv, Linear
from tinyrig.generator.graph.requant import Requant
from tinyrig.generator.planning.step import Compute, Step

_COUNTS = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_OFFERED = 6
_FINE_COUNTS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64)
"""Of one row, whose weights are all traffic: parts that just fit are worth most."""

_CHANNELS, _FINE = 16, 4
"""Channels of a part are a multiple of it, so that all cores have tiles of four; of one row, where
few have any, a whole tile is enough."""

_LONG_ROW = 256
"""Bytes of a channel's weights beyond which windows are long."""

_CHANNEL_AXIS = 1


@dataclass(frozen=True)
class Columns:
    """`size` output channels a part, of all there are.

    Of `long` windows a channel's products take much longer than its store to slow memory.
    """

    extent: int
    size: int
    long: bool

    @property
    def count(self) -> int:
        """How many parts that makes."""
        return -(-self.extent // self.size)


def columns_of(step: Step, room: int) -> Iterator[Columns]:
    """Yield ways to divide a layer by its output's channels, the fewest parts first.

    None where `room` bytes hold all its weights, for other steps and for those in loops. One part's
    weights have room.
    """
    if not isinstance(step, Compute) or step.loops or not isinstance(step.node, Linear | Conv):
        return
    node, extent = step.node, len(step.node.weight)
    rows = all(view.rows() is not None for view in (*step.reads, *step.writes))
    if not (rows if isinstance(node, Linear) else node.groups == 1):
        return
    row = node.weight.nbytes // extent
    if node.weight.nbytes <= room // 4:
        return
    y = step.writes[0]
    one_row = isinstance(node, Linear) and y.size == y.shape[-1]
    counts, unit = (_FINE_COUNTS, _FINE) if one_row else (_COUNTS, _CHANNELS)
    found = {_even(extent, count, unit) for count in counts}
    fitting = [size for size in found if size < extent and size * row <= room]
    for size in sorted(fitting, reverse=True)[:_OFFERED]:
        yield Columns(extent, size, isinstance(node, Conv) and row > _LONG_ROW)


def _even(extent: int, count: int, unit: int) -> int:
    return -(-extent // (count * unit)) * unit


def column_parts(step: Step, columns: Columns) -> list[Step]:
    """Return the parts of a layer, its own operands and what each writes."""
    return [_part(step, columns, number) for number in range(columns.count)]


def kinds_of_columns(step: Step, columns: Columns) -> list[tuple[Step, int]]:
    """Return the first part, another of its size, as each writes elsewhere, and the rest, with how
    many of each there are."""
    whole = columns.extent // columns.size
    another = [(1, whole - 1)] if whole > 1 else []
    rest = [(whole, 1)] if whole < columns.count else []
    return [(_part(step, columns, number), many) for number, many in ((0, 1), *another, *rest)]


def _part(step: Step, columns: Columns, number: int) -> Step:
    assert isinstance(step, Compute)
    node, y = step.node, step.writes[0]
    assert isinstance(node, Linear | Conv)
    first = number * columns.size
    last = min(first + columns.size, columns.extent)
    own = replace(
        node,
        weight=node.weight[first:last],
        start=node.start[first:last],
        requant=_requant(node.requant, first, last),
    )
    axis = len(y.shape) - 1 if isinstance(node, Linear) else _CHANNEL_AXIS
    return replace(step, nodes=(own,), writes=(y.cut(axis, first, last - first),))


def _requant(requant: Requant, first: int, last: int) -> Requant:
    if requant.multiplier.size == 1:
        return requant
    return replace(requant, multiplier=requant.multiplier[first:last])
