"""Chains of convolutions and poolings, image by image and strip by strip.

Every image of a batch goes alone through the chain, and within an image a few rows at a time go
through the layers up to the next small map (the patch-based inference of MCUNetV2, with strips
of full width). Rows that two strips need are computed twice; a strip is as thin as the limit on
that extra work allows. A streamed input comes in bands, as the strips of the first layers need it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tinyrig.generator.graph.graph import Graph
from tinyrig.generator.graph.ops import AvgPool, Conv, Linear, MaxPool, Node, Reshape
from tinyrig.generator.graph.planned_names import bytes_of
from tinyrig.generator.planning.streams.bands import Feed, feed_band, feeds, new_band, rows_at
from tinyrig.generator.planning.streams.stream import ScheduleBuilder
from tinyrig.generator.planning.streams.strips import AXIS, Run, Strip, padded, runs, strips
from tinyrig.generator.planning.streams.ways import Way
from tinyrig.generator.planning.view import View

_WINDOWS = (Conv, MaxPool, AvgPool)
WindowNode = Conv | MaxPool | AvgPool

_PANEL = 3
"""Cells that most kernels do at a time."""


@dataclass(frozen=True, eq=False)
class Segment:
    """Layers executed strip by strip; `rows` of the last one's output a strip."""

    nodes: tuple[WindowNode, ...]
    rows: int


@dataclass(frozen=True, eq=False)
class WindowChainStream:
    """Segments one after another; `tail` flattens each image into a fully connected layer.

    The first segment of a `banded` one reads an input of the model that is streamed.
    """

    segments: tuple[Segment, ...]
    images: int
    tail: tuple[Reshape, Linear] | None
    banded: bool = False

    @property
    def members(self) -> frozenset[str]:
        """Names of the nodes the stream executes."""
        windows = {node.name for segment in self.segments for node in segment.nodes}
        return frozenset(windows | {node.name for node in self.tail or ()})

    @property
    def last(self) -> str:
        """The last node of the chain."""
        return self.tail[1].name if self.tail else self.segments[-1].nodes[-1].name

    def emit(self, builder: ScheduleBuilder) -> None:
        """Append the loop over the images, and in it the strips of every segment."""
        source = builder.view(self.segments[0].nodes[0].inputs[0])
        target = self._target(builder, source)
        if self.images == 1:
            self._image(builder, source, target, None)
            return
        with builder.loop(self.images) as image:
            self._image(builder, _one(source, image), target, image)

    def _target(self, builder: ScheduleBuilder, source: View) -> View:
        last: Node = self.tail[1] if self.tail else self.segments[-1].nodes[-1]
        target = builder.destination(last, (source,))
        builder.place(last.outputs[0], target)
        return target

    def _image(self, builder: ScheduleBuilder, x: View, target: View, image: int | None) -> None:
        for index, segment in enumerate(self.segments):
            node = segment.nodes[-1]
            final = index + 1 == len(self.segments)
            if final and self.tail is None:
                y = target if image is None else _one(target, image)
            else:
                shape = (1, *builder.graph.tensors[node.outputs[0]].shape[1:])
                order = None if final else (0, *range(2, len(shape)), 1)
                y = builder.new(bytes_of(node.name, "map"), shape, order)
            emit_segment(builder, segment, x, y, banded=self.banded and index == 0)
            x = y
        if self.tail is not None:
            flat = x.reshaped((1, x.size))
            assert flat is not None
            linear = self.tail[1]
            width = linear.weight.shape[0]
            whole = target.reshaped((self.images, width))
            assert whole is not None
            row = whole if image is None else _one(whole, image)
            builder.compute(linear.name, [linear], [flat], [row])


def emit_segment(
    builder: ScheduleBuilder, segment: Segment, x: View, y: View, *, banded: bool = False
) -> None:
    """Append a segment's strips for one image."""
    side, parts = _parts(builder.graph, segment)
    source = None
    if banded:
        height, found = feeds([node.window for node in segment.nodes], side, parts)
        source = _Banded(x, new_band(builder, x, height), tuple(found))
    keys = [feed.shape() for feed in source.feeds] if source else None
    grouped = list(runs(parts, keys))
    main = max(range(len(grouped)), key=lambda i: grouped[i].count)
    for index, run in enumerate(grouped):
        suffix = "" if index == main else f".part{index}"
        if run.count == 1:
            _emit_run(builder, segment, run, (source or x, y), side, suffix, None)
        else:
            with builder.loop(run.count) as loop:
                _emit_run(builder, segment, run, (source or x, y), side, suffix, loop)


@dataclass(frozen=True)
class _Banded:
    """A streamed source with the band its rows lie in, and what each strip does to that."""

    source: View
    band: View
    feeds: tuple[Feed, ...]

    def rows(self, builder: ScheduleBuilder, run: Run, loop: int | None, suffix: str) -> View:
        """Append what brings the rows of a run's strips; return where they lie."""
        feed = self.feeds[run.number]
        return feed_band(builder, (self.source, self.band), feed, run, loop, suffix)


def _emit_run(
    builder: ScheduleBuilder,
    segment: Segment,
    run: Run,
    ends: tuple[View | _Banded, View],
    side: int,
    suffix: str,
    loop: int | None,
) -> None:
    strip, source = run.first, ends[0]
    if isinstance(source, _Banded):
        current = source.rows(builder, run, loop, suffix)
    else:
        current = rows_at(source, strip.rows[0].start, strip.rows[0].count, loop, run.step_in)
    for index, node in enumerate(segment.nodes):
        rows = strip.rows[index + 1]
        if index + 1 == len(segment.nodes):
            written = rows_at(ends[1], rows.start, rows.count, loop, rows.count)
        else:
            shape = list(builder.graph.tensors[node.outputs[0]].shape)
            shape[0], shape[AXIS] = 1, rows.count
            order = (0, *range(2, len(shape)), 1)
            written = builder.new(bytes_of(node.name, "rows", suffix=suffix), shape, order)
        window = padded(node.window, side, strip.pads[index])
        part = replace(node, window=window)
        builder.compute(f"{node.name}{suffix}", [part], [current], [written])
        current = written


def _one(view: View, loop: int) -> View:
    """The first image, moving on with the loop."""
    shape = (1, *view.shape[1:])
    return replace(view, shape=shape, advances=(*view.advances, (loop, view.strides[0])))


def _parts(graph: Graph, segment: Segment) -> tuple[int, list[Strip]]:
    shapes = [graph.tensors[name].shape for name in _chain_tensors(segment.nodes)]
    side = 0 if len(shapes[0]) == 4 else 1
    windows = [node.window for node in segment.nodes]
    return side, strips(windows, side, [shape[AXIS] for shape in shapes], segment.rows)


def _chain_tensors(nodes: Sequence[WindowNode]) -> list[str]:
    return [nodes[0].inputs[0], *(node.outputs[0] for node in nodes)]


def find_window_chains(graph: Graph) -> list[tuple[WindowNode, ...]]:
    """Return every chain of windows in which nobody else reads what is between them."""
    consumers = graph.consumers()
    found: list[tuple[WindowNode, ...]] = []
    taken: set[str] = set()
    for node in graph.nodes:
        if not isinstance(node, _WINDOWS) or node.name in taken:
            continue
        chain = [node]
        while (following := _next(graph, chain[-1], consumers)) is not None:
            chain.append(following)
        taken.update(member.name for member in chain)
        found.append(tuple(chain))
    return found


def _next(graph: Graph, node: WindowNode, consumers: dict[str, list[Node]]) -> WindowNode | None:
    readers = consumers[node.outputs[0]]
    if len(readers) == 1 and node.outputs[0] not in graph.outputs:
        reader = readers[0]
        if isinstance(reader, _WINDOWS):
            return reader
    return None


def window_stream(
    graph: Graph, chain: Sequence[WindowNode], way: Way, *, banded: bool = False
) -> WindowChainStream | None:
    """Return a chain executed in a way; None where that is node by node.

    `strips`: with at most `size` per cent more work than in one go. `bands`, of a chain whose input
    is streamed: the first layer alone in strips, of at most `size` rows; the others whole.
    """
    consumers = graph.consumers()
    images = graph.tensors[chain[0].inputs[0]].shape[0]
    if way.how == "bands":
        segments = [Segment((node,), _total(graph, node)) for node in chain]
        segments[0] = replace(segments[0], rows=min(way.size, segments[0].rows // 2))
    else:
        segments = [
            Segment(tuple(nodes), _strip_rows(graph, nodes, way.size))
            for nodes in _cut(graph, chain)
        ]
    if banded:
        segments = _cut_by_bands(graph, segments, way.size)
    tail = _tail(graph, chain[-1], consumers) if images > 1 else None
    whole = all(segment.rows >= _total(graph, segment.nodes[-1]) for segment in segments)
    if images == 1 and whole:
        return None
    return WindowChainStream(tuple(segments), images, tail, banded)


def _total(graph: Graph, node: WindowNode) -> int:
    return graph.tensors[node.outputs[0]].shape[AXIS]


def _cut_by_bands(graph: Graph, segments: Sequence[Segment], more: int) -> list[Segment]:
    """Part the first layer from those behind it where its segment would read the whole input."""
    first, *others = segments
    if first.rows < _total(graph, first.nodes[-1]):
        return list(segments)
    alone, *rest = first.nodes
    behind = [Segment(tuple(rest), _strip_rows(graph, rest, more))] if rest else []
    return [Segment((alone,), _filled_rows(graph, alone, more)), *behind, *others]


def _filled_rows(graph: Graph, node: WindowNode, more: int) -> int:
    """Return the fewest rows, of at most half, that fill kernels' panels of cells well enough."""
    most = _total(graph, node) // 2
    row = math.prod(graph.tensors[node.outputs[0]].shape[AXIS + 1 :])
    for rows in range(1, most):
        if -(-rows * row // _PANEL) * _PANEL * 100 <= (100 + more) * rows * row:
            return rows
    return most


def _cut(graph: Graph, chain: Sequence[WindowNode]) -> list[list[WindowNode]]:
    """Cut behind every map that is smaller than the one before it and no larger than the next."""
    sizes = [graph.tensors[name].elements for name in _chain_tensors(chain)]
    parts: list[list[WindowNode]] = [[]]
    for index, node in enumerate(chain):
        parts[-1].append(node)
        here, following = sizes[index + 1], sizes[index + 2 : index + 3]
        if following and here < sizes[index] and here <= following[0]:
            parts.append([])
    return parts


def _strip_rows(graph: Graph, nodes: Sequence[WindowNode], more: int) -> int:
    """Return the fewest output rows a strip may have within the limit on extra work."""
    shapes = [graph.tensors[name].shape for name in _chain_tensors(nodes)]
    total = shapes[-1][AXIS]
    if len(nodes) == 1:
        return total
    costs = [_row_cost(graph, node) for node in nodes]
    once = sum(cost * shape[AXIS] for cost, shape in zip(costs, shapes[1:], strict=True))
    for rows in range(1, total):
        _, parts = _parts(graph, Segment(tuple(nodes), rows))
        done = sum(p.rows[i + 1].count * cost for p in parts for i, cost in enumerate(costs))
        if 100 * done <= (100 + more) * once:
            return rows
    return total


def _row_cost(graph: Graph, node: WindowNode) -> int:
    """Operations of one row of a layer's output."""
    shape = graph.tensors[node.outputs[0]].shape
    cells = math.prod(node.window.kernel)
    depth = node.weight.shape[-1] if isinstance(node, Conv) else 1
    return math.prod(shape[1:]) // shape[AXIS] * cells * depth


def _tail(
    graph: Graph, node: WindowNode, consumers: dict[str, list[Node]]
) -> tuple[Reshape, Linear] | None:
    """The layers that flatten every image and multiply it: [N, ...] to [N, K] to [N, M]."""
    if node.outputs[0] in graph.outputs or len(consumers[node.outputs[0]]) != 1:
        return None
    flatten = consumers[node.outputs[0]][0]
    shape = graph.tensors[node.outputs[0]].shape
    if not isinstance(flatten, Reshape) or flatten.outputs[0] in graph.outputs:
        return None
    readers = consumers[flatten.outputs[0]]
    flat = graph.tensors[flatten.outputs[0]].shape
    if flat != (shape[0], math.prod(shape[1:])) or len(readers) != 1:
        return None
    return (flatten, readers[0]) if isinstance(readers[0], Linear) else None
