"""Where a step can be divided, and its parts: each computes some rows of the output by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tinyrig.generator.graph.ops import (
    Attention,
    AvgPool,
    Conv,
    LayerNorm,
    Linear,
    MatMul,
    MaxPool,
    Node,
    Softmax,
)
from tinyrig.generator.operators.table import operator_of
from tinyrig.generator.planning.step import Compute, Step
from tinyrig.generator.planning.streams.strips import AXIS, Rows, padded, strip
from tinyrig.generator.planning.view import View

Kind = Literal["axis", "rows", "queries", "strips"]

_ROWS = (Linear, LayerNorm)
_PRODUCTS = (Attention, MatMul)
_WINDOWS = (Conv, MaxPool, AvgPool)
_IMAGE_RANK = 4
_ACROSS = (1, 2, 4)
"""Heads of which queries are divided, where not all are taken at once."""


@dataclass(frozen=True)
class Division:
    """A way to divide a step: `extent` rows of its output, any number of which are a part.

    axis: along axis `axis` of the output, and of every operand that has it. rows: of matrices,
    leading axes merged. queries: rows of the first operand, all of the others; with `across`, of
    so many entries of axis `axis` at a time, all queries of these one after the other. strips: of
    an image, with the rows under their windows; with `across`, of one image after the other.
    """

    kind: Kind
    extent: int
    axis: int = 0
    across: int = 0


def divisions(step: Step) -> Iterator[Division]:
    """Yield the ways to divide a step, none for one that stands in a loop."""
    if step.loops or not step.writes[0].shape:
        return
    y = step.writes[0]
    if not isinstance(step, Compute):
        yield from _along(y)
        return
    node = step.node
    if isinstance(node, _ROWS):
        if all(view.rows() is not None for view in (*step.reads, y)):
            yield Division("rows", y.size // y.shape[-1])
    elif isinstance(node, _WINDOWS):
        if y.shape[0] > 1:
            yield Division("axis", y.shape[0], 0)
            yield Division("strips", y.shape[AXIS], 0, 1)
        else:
            yield Division("strips", y.shape[AXIS])
    elif isinstance(node, _PRODUCTS):
        yield from _products(y)
    elif isinstance(node, Softmax):
        if node.kept is None:
            yield from _along(y, node.axis)
    elif operator_of(node).calls[0].order == "same":
        yield from _along(y)


def _products(y: View) -> Iterator[Division]:
    """By heads, by queries of all heads, and by queries of some heads at a time."""
    queries, lead = y.shape[-2], len(y.shape) - 3
    yield Division("queries", queries)
    if lead < 0 or y.shape[lead] == 1:
        return
    yield Division("axis", y.shape[lead], lead)
    for heads in _ACROSS:
        if heads < y.shape[lead] and y.shape[lead] % heads == 0:
            yield Division("queries", queries, lead, heads)


def _along(y: View, without: int | None = None) -> Iterator[Division]:
    """Along the axis whose steps in memory are the longest."""
    axes = [axis for axis, extent in enumerate(y.shape) if extent > 1 and axis != without]
    if axes:
        axis = max(axes, key=lambda one: abs(y.strides[one]))
        yield Division("axis", y.shape[axis], axis)


def parts(step: Step, division: Division, size: int) -> list[Step]:
    """Return the parts of a step, `size` rows each, the last one what remains."""
    every = range(division.extent)
    return [
        part for base in groups(step, division) for part, _ in _parts(base, division, size, every)
    ]


def groups(step: Step, division: Division) -> list[Step]:
    """Return what is divided: the step, or what it does for so many entries of an axis."""
    if not division.across:
        return [step]
    count = step.writes[0].shape[division.axis]
    along = Division("axis", count, division.axis)
    return [
        _part(step, along, first, division.across) for first in range(0, count, division.across)
    ]


def kinds_of_parts(step: Step, division: Division, size: int) -> list[tuple[Step, int]]:
    """Return a part of each kind with how many of it there are: those at the ends, and between.

    Those of the first group stand for the others'.
    """
    count = -(-division.extent // size)
    places = sorted({0, 1, count - 2, count - 1} & set(range(count)))
    base, *others = groups(step, division)
    found = list(_parts(base, division, size, places))
    between = count - len(found)
    times = 1 + len(others)
    return [(part, times * (1 + (between if place == 1 else 0))) for part, place in found]


def _parts(
    step: Step, division: Division, size: int, places: Iterable[int]
) -> Iterator[tuple[Step, int]]:
    """Yield the parts of some places with their place."""
    for place in places:
        first = place * size
        if first >= division.extent:
            return
        count = min(size, division.extent - first)
        if division.kind == "strips":
            assert isinstance(step, Compute)
            yield _strip(step, first, count), place
        else:
            yield _part(step, division, first, count), place


def _part(step: Step, division: Division, first: int, count: int) -> Step:
    y = step.writes[0]
    reads: Sequence[View]
    match division.kind:
        case "rows":
            reads = [view.matrix().cut(0, first, count) for view in step.reads]
            write = y.matrix().cut(0, first, count)
        case "queries":
            q = step.reads[0]
            reads = [q.cut(len(q.shape) - 2, first, count), *step.reads[1:]]
            write = y.cut(len(y.shape) - 2, first, count)
        case _:
            reads = [_aligned(view, y, division.axis, first, count) for view in step.reads]
            write = y.cut(division.axis, first, count)
    return _with(step, reads, write)


def _with(step: Step, reads: Sequence[View], write: View, node: Node | None = None) -> Step:
    if isinstance(step, Compute):
        return replace(step, nodes=(node or step.node,), reads=tuple(reads), writes=(write,))
    return replace(step, reads=tuple(reads), writes=(write,))  # type: ignore[arg-type]


def _aligned(view: View, y: View, axis: int, first: int, count: int) -> View:
    """Cut an operand whose axes are aligned with the output's at the end, as NumPy does."""
    own = axis - len(y.shape) + len(view.shape)
    whole = own < 0 or view.shape[own] != y.shape[axis]
    return view if whole else view.cut(own, first, count)


def _strip(step: Compute, first: int, count: int) -> Step:
    """Rows of an image's output, with the rows under their windows and the padding of these."""
    node, x, y = step.node, step.reads[0], step.writes[0]
    assert isinstance(node, _WINDOWS)
    side = 0 if len(y.shape) == _IMAGE_RANK else 1
    found = strip(node.window, side, x.shape[AXIS], Rows(first, first + count))
    before, _ = found.rows
    part = replace(node, window=padded(node.window, side, found.pads[0]))
    read = x.cut(AXIS, before.start, before.count)
    return _with(step, [read], y.cut(AXIS, first, count), part)
