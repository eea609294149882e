"""Bands: the rows of a streamed input that a strip needs, asked for as the strips go on.

A band lies at one place for all strips of an image. Rows that the next strip reads too move to its
front, so that the caller is asked for every row once and for rows in their order, as a camera or
a sensor has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import Node, Reshape, Transpose, Window
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.planning.streams.stream import ScheduleBuilder
from tinyrig.generator.planning.streams.strips import AXIS, Run, Strip
from tinyrig.generator.planning.view import View

_OUTSIDE_ROWS = (0, 1)
"""Axes that may lie outside the rows: images, and channels of an image kept by planes."""


@dataclass(frozen=True)
class Feed:
    """What a strip's rows are made of: `kept` of the strip before, then `fresh` ones.

    They begin at row `first` of the band; those that are kept lie `shift` rows behind their new
    place. `start` is the first fresh row of the image.
    """

    first: int
    kept: int
    shift: int
    start: int
    fresh: int

    def shape(self) -> tuple[int, ...]:
        """What the feeds of two strips must share to be executed by one loop body."""
        return (self.first, self.kept, self.shift, self.fresh)


def feeds(windows: Sequence[Window], side: int, parts: Sequence[Strip]) -> tuple[int, list[Feed]]:
    """Return the rows of a band and what each strip does to it.

    Row 0 of the band moves by as many rows of the image from strip to strip, also where an edge of
    the image cuts a strip, so that a loop moves all rows alike; but not where the band were larger
    for that.
    """
    needed = [part.rows[0] for part in parts]
    most = max(rows.count for rows in needed)
    tops = [_top(windows, side, part.rows[-1].start) for part in parts]
    base = min(rows.start - top for rows, top in zip(needed, tops, strict=True))
    height = max(rows.stop - top for rows, top in zip(needed, tops, strict=True)) - base
    if height > most:
        tops, base, height = [rows.start for rows in needed], 0, most
    found = []
    for index, (rows, top) in enumerate(zip(needed, tops, strict=True)):
        kept = max(0, needed[index - 1].stop - rows.start) if index else 0
        shift = top - tops[index - 1] if kept else 0
        start = rows.start + kept
        found.append(Feed(rows.start - top - base, kept, shift, start, rows.stop - start))
    return height, found


def _top(windows: Sequence[Window], side: int, row: int) -> int:
    """The first row of the input below the windows of an output row, were there no edges."""
    for window in reversed(windows):
        row = row * window.strides[side] - window.pads[side]
    return row


def new_band(builder: ScheduleBuilder, source: View, height: int) -> View:
    """Return a band of some rows, its axes in the order of the source's."""
    shape = list(source.shape)
    shape[0], shape[AXIS] = 1, height
    order = sorted(range(len(shape)), key=lambda axis: -source.strides[axis])
    return builder.new(bytes_of(source.storage, "band"), shape, order)


def feed_band(
    builder: ScheduleBuilder,
    ends: tuple[View, View],
    feed: Feed,
    run: Run,
    loop: int | None,
    suffix: str,
) -> View:
    """Append what brings a strip's rows from the source into the band; return where they lie."""
    source, band = ends
    name = source.storage
    for at in range(0, feed.kept if feed.shift else 0, feed.shift or 1):
        count = min(feed.shift, feed.kept - at)  # no more than lie apart from their new place
        old, new = (rows_at(band, feed.first + by + at, count) for by in (feed.shift, 0))
        builder.copy(f"{name}.kept{suffix}" + (f".{at}" if at else ""), old, new)
    if feed.fresh:
        fresh = rows_at(source, feed.start, feed.fresh, loop, run.step_in)
        place = rows_at(band, feed.first + feed.kept, feed.fresh)
        _read(builder, f"{name}.read{suffix}", fresh, place)
    return rows_at(band, feed.first, feed.kept + feed.fresh)


def _read(builder: ScheduleBuilder, name: str, source: View, target: View) -> None:
    """Append a reading of each run of bytes, in loops over the axes outside the rows."""
    outside = _outside(source)
    if not outside:
        builder.read(name, source, target)
        return
    axis = outside[0]
    with builder.loop(source.shape[axis]) as loop:
        _read(builder, name, _one(source, axis, loop), _one(target, axis, loop))


def _outside(view: View) -> list[int]:
    """Axes outside the rows, outermost first."""
    row = view.strides[AXIS]
    axes = [
        axis
        for axis, (extent, stride) in enumerate(zip(view.shape, view.strides, strict=True))
        if extent > 1 and stride > row
    ]
    return sorted(axes, key=lambda axis: -view.strides[axis])


def _one(view: View, axis: int, loop: int) -> View:
    advances = (*view.advances, (loop, view.strides[axis]))
    return replace(view.cut(axis, 0, 1), advances=advances)


def rows_at(view: View, start: int, count: int, loop: int | None = None, step: int = 0) -> View:
    """Return rows [start, start + count) of an image, `step` rows further each turn of a loop."""
    found = view.cut(AXIS, start, count)
    if loop is None:
        return found
    return replace(found, advances=(*view.advances, (loop, step * view.strides[AXIS])))


def streamed_input(graph: Graph, node: Node) -> str | None:
    """Return the model's input that a node of windows reads by rows, alone, or None."""
    producers, consumers = graph.producers(), graph.consumers()
    tensor, between = node.inputs[0], list[Reshape | Transpose]()
    while tensor in producers:
        maker = producers[tensor]
        if len(consumers[tensor]) != 1 or not isinstance(maker, Reshape | Transpose):
            return None
        between.insert(0, maker)
        tensor = maker.inputs[0]
    if len(consumers[tensor]) != 1 or graph.tensors[node.outputs[0]].shape[AXIS] == 1:
        return None
    if {tensor, *(name for maker in between for name in maker.outputs)} & set(graph.outputs):
        return None
    view: View | None = View.contiguous(tensor, graph.tensors[tensor].shape)
    for maker in between:
        assert view is not None
        if isinstance(maker, Transpose):
            view = view.transposed(maker.perm)
        else:
            view = view.reshaped(graph.tensors[maker.outputs[0]].shape)
        if view is None:
            return None
    assert view is not None
    return tensor if set(_outside(view)) <= set(_OUTSIDE_ROWS) else None
