"""Masks that are computed or come in: a range that held their -1e4 would leave nothing for scores.

What is added to scores before a Softmax, and lies so far below another number of its row in
calibration that scores cannot make up for it, hides them. Ranges go down by what hides any score
from the least one that may be shown: a mask that hides others in use finds the room to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.masks import FAR, Bools, masking
from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.source import Source, SourceNode
from tinyrig.generator.frontends.targets import scale_factor
from tinyrig.suite.models.ranges import widened

_MASKING = ("Add", "Sub", "Where")
_MARGIN = 2.0
"""How much farther than in calibration scores may lie apart."""

Arrays = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class _Sum:
    """A tensor: a sum times `scale`, and constants from `low` to `high` added to it."""

    name: str
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0

    def scaled(self, name: str, factor: float) -> _Sum:
        return _Sum(name, *(factor * number for number in (self.scale, self.low, self.high)))

    def moved(self, name: str, added: NDArray[Any]) -> _Sum:
        return replace(self, name=name, low=self.low + added.min(), high=self.high + added.max())

    def span(self, low: float, high: float) -> Interval:
        """Return the range for sums from `low` to `high`."""
        return widened(low * self.scale + self.low, high * self.scale + self.high)


@dataclass(frozen=True, eq=False)
class Masking:
    """A sum of scores and, `sign` times, what may hide some of them.

    `sums` are the sum and what constants make of it up to a Softmax. That takes those where `kept`
    holds, all of them where it is None.
    """

    scores: str
    mask: str
    sign: float
    sums: tuple[_Sum, ...]
    kept: Bools | None

    @property
    def far(self) -> float:
        """How far below others of the sum a number hides itself."""
        last = self.sums[-1]
        return (FAR + last.high - last.low) / last.scale


def maskings(source: Source) -> list[Masking]:
    """Return the sums before every Softmax, each operand in turn as what hides the other."""
    view = View(source)
    found: list[Masking] = []
    for node in source.nodes:
        if node.op not in ("Add", "Sub") or any(map(view.constant, node.inputs)):
            continue
        behind = _behind(view, node)
        first, second = node.inputs
        if behind is None or first == second:
            continue
        found.append(Masking(first, second, 1.0 if node.op == "Add" else -1.0, *behind))
        if node.op == "Add":
            found.append(Masking(second, first, 1.0, *behind))
    return found


def _behind(view: View, node: SourceNode) -> tuple[tuple[_Sum, ...], Bools | None] | None:
    """Return `sums` and `kept` of a sum, None where no Softmax over the last axis ends them."""
    shown = {name for _, name in view.source.outputs}
    name = node.outputs[0]
    shape = view.source.values[name].shape
    sums, kept = [_Sum(name)], None
    while name not in shown and view.source.values[name].shape == shape:
        reader = view.only_reader(name, "Softmax", "Add", "Sub", "Where", "Mul", "Div")
        if reader is None:
            return None
        if reader.op == "Softmax":
            last = reader.integer("axis", -1) in (-1, len(shape) - 1)
            return (tuple(sums), kept) if last else None
        if kept is not None:
            return None
        mask = masking(view, reader) if reader.op in _MASKING else None
        if mask is None:
            made = _made(view, reader, sums[-1])
            if made is None:
                return None
            sums.append(made)
        else:
            kept = mask[1]
        name = reader.outputs[0]
    return None


def _made(view: View, node: SourceNode, before: _Sum) -> _Sum | None:
    """Return what a node makes of a sum with a constant, None where it turns it upside down."""
    scale = scale_factor(view.source, node, before.name)
    if scale is not None:
        return before.scaled(node.outputs[0], scale) if scale > 0.0 else None
    constants = [view.constant(name) for name in node.inputs]
    added = next((one.data for one in constants if one is not None), None)
    if added is None or node.op not in ("Add", "Sub") or (node.op == "Sub" and constants[0]):
        return None
    return before.moved(node.outputs[0], added if node.op == "Add" else -added)


def without_depths(
    source: Source, ranges: Mapping[str, Interval], seen: Sequence[Arrays]
) -> dict[str, Interval]:
    """Return the ranges with those of masks, and of scores behind them, no deeper than they hide.

    `seen` are the scores and masks of `maskings`, of one calibration input after the other.
    """
    found = dict(ranges)
    view = View(source)
    shown = {name for _, name in source.outputs}
    needed: dict[str, list[Interval]] = {}
    for one in maskings(source):
        needs = _needs(one, ranges[one.scores], seen)
        if needs is None:
            continue
        mask, (low, high) = needs
        needed.setdefault(one.mask, []).append(mask)
        for made in one.sums:
            _raise(found, made.name, made.span(low, high))
    for name, given in needed.items():
        # Others have use for all of it.
        if len(given) == len(view.readers[name]) and name not in shown:
            lows, highs = zip(*given, strict=True)
            _raise(found, name, widened(min(lows), max(highs)))
    return found


def _needs(
    one: Masking, scores: Interval, seen: Sequence[Arrays]
) -> tuple[Interval, Interval] | None:
    """Return the ranges that a mask and its sum need, None where the mask hides nothing."""
    reach = one.far + _MARGIN * (scores[1] - scores[0])
    masks, sums = [np.zeros(1)], [np.zeros(1)]
    hides = False
    for arrays in seen:
        plain, added = np.broadcast_arrays(arrays[one.scores], one.sign * arrays[one.mask])
        plain, added = plain.astype(np.float64), added.astype(np.float64)
        kept = np.broadcast_to(True if one.kept is None else one.kept, added.shape)
        most = np.max(added, axis=-1, keepdims=True, initial=-np.inf, where=kept)
        hidden = added < most - reach
        hides |= bool(hidden[kept].any())
        # Any score may be shown in use, hidden as it is here.
        shown = np.where(hidden, most, added)
        masks.append(shown[kept])
        sums.append((plain + shown)[kept])
    if not hides:
        return None
    ends = _span(masks, reach)
    return (ends if one.sign > 0.0 else (-ends[1], -ends[0])), _span(sums, one.far)


def _span(values: Sequence[NDArray[np.float64]], reach: float) -> Interval:
    whole = np.concatenate(values)
    return float(whole.min()) - reach, float(whole.max())


def _raise(ranges: dict[str, Interval], name: str, needed: Interval) -> None:
    """Give a tensor the range it needs, if what it has goes farther out."""
    has = ranges[name]
    if has[1] - has[0] > needed[1] - needed[0]:
        ranges[name] = needed
