"""Masks that send scores down by less than any score could outweigh, as far down as the others.

Swin adds -100 to the scores of another window's tokens. Where calibration sees no scores so far
apart, such a one has probability 0 in every quantizer; but a tensor that holds scores with and
without it has steps too coarse for those that count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.mask_order import HIDDEN
from tinyrig.generator.frontends.masks import FAR, LEAST_SCORE, filled
from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.source import Source, SourceNode, Value

_LAYOUT = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten"})
_MARGIN = 2.0
"""How much farther than in calibration scores may lie apart."""


@dataclass(frozen=True, eq=False)
class _Shallow:
    """What a node adds to the tensor `scores`, or puts in its place, that may hide some of it.

    `slot` is the input with the constant, `kept` is None where the constant is added, `sign` times;
    `apart` is how far constants behind the node may move scores of a row apart.
    """

    node: SourceNode
    scores: str
    slot: int
    constant: NDArray[np.float64]
    apart: float
    sign: float = 1.0
    kept: NDArray[np.bool_] | None = None

    def hidden(self, low: float, high: float) -> NDArray[np.bool_]:
        """Return where the constant hides scores from `low` to `high`."""
        reach = FAR + _MARGIN * (high - low) + self.apart
        if self.kept is not None:
            return self.constant <= low - reach
        added = self.sign * self.constant
        most = added.max(axis=-1, keepdims=True)
        return np.asarray((added > LEAST_SCORE) & (added <= most - reach))


def shallow_scores(source: Source) -> frozenset[str]:
    """Return the tensors whose ranges `with_deep_masks` needs."""
    return frozenset(one.scores for one in _found(source))


def with_deep_masks(source: Source, ranges: Mapping[str, tuple[float, float]]) -> Source:
    """Return a float source in which constants that hide scores of such ranges are masks."""
    values = dict(source.values)
    swaps: dict[SourceNode, SourceNode] = {}
    for one in _found(source):
        hidden = one.hidden(*ranges[one.scores])
        if not hidden.any() or (one.kept is not None and not hidden.all()):
            continue
        deep = np.where(hidden, one.sign * HIDDEN, one.constant)
        made = Value(f"{one.node.outputs[0]}:deep", deep.shape, deep)
        values[made.name] = made
        inputs = (*one.node.inputs[: one.slot], made.name, *one.node.inputs[one.slot + 1 :])
        swaps[one.node] = replace(one.node, inputs=inputs)
    nodes = tuple(swaps.get(node, node) for node in source.nodes)
    return replace(source, nodes=nodes, values=values) if swaps else source


def _found(source: Source) -> Sequence[_Shallow]:
    view = View(source)
    found = (_shallow(view, node) for node in source.nodes)
    return [one for one in found if one is not None]


def _shallow(view: View, node: SourceNode) -> _Shallow | None:
    if node.op not in ("Add", "Sub", "Where"):
        return None
    apart = _apart(view, node)
    if apart is None:
        return None
    if node.op == "Where":
        return _filled(view, node, apart)
    added = _added(view, node)
    if added is None:
        return None
    slot, constant = added
    sign = -1.0 if node.op == "Sub" else 1.0
    shallow = (sign * constant)[sign * constant > LEAST_SCORE]
    if (
        not shallow.size
        or np.ptp(shallow) < FAR
        or view.source.values[node.inputs[1 - slot]].shape != _shape(view, node)
    ):
        return None
    return _Shallow(node, node.inputs[1 - slot], slot, constant, apart, sign)


def _filled(view: View, node: SourceNode, apart: float) -> _Shallow | None:
    """A Where of scores and one number, which leaves every row a score."""
    for name, kept, other in filled(view, node):
        rows = np.broadcast_to(kept, _shape(view, node)).any(axis=-1)
        if other.size == 1 and other.dtype.kind == "f" and rows.all() and other > LEAST_SCORE:
            slot = 3 - node.inputs.index(name)
            constant = np.asarray(other, np.float64)
            return _Shallow(node, name, slot, constant, apart, kept=kept)
    return None


def _apart(view: View, node: SourceNode) -> float | None:
    """Return how far constants between a node and its Softmax move a row's scores apart.

    None where something else stands between, or what is a row to one of them is none to another.
    """
    apart, row = 0.0, _shape(view, node)[-1:]
    shown = {name for _, name in view.source.outputs}
    while True:
        name = node.outputs[0]
        if name in shown or not row or _shape(view, node)[-1:] != row:
            return None
        reader = view.only_reader(name, "Softmax", "Add", "Sub", *_LAYOUT)
        if reader is None:
            return None
        if reader.op == "Softmax":
            last = len(_shape(view, node)) - 1
            return apart if reader.integer("axis", -1) in (-1, last) else None
        if reader.op in ("Add", "Sub"):
            added = _added(view, reader)
            if added is None:
                return None
            apart += float(np.ptp(np.maximum(added[1], LEAST_SCORE)))
        node = reader


def _added(view: View, node: SourceNode) -> tuple[int, NDArray[np.float64]] | None:
    """Return the slot and numbers of what a node adds to a tensor, or subtracts from it."""
    for slot in (0, 1) if node.op == "Add" else (1,):
        other, constant = view.constant(node.inputs[1 - slot]), view.constant(node.inputs[slot])
        if other is None and constant is not None and constant.data is not None:
            data = constant.data
            return (slot, np.asarray(data, np.float64)) if data.dtype.kind == "f" else None
    return None


def _shape(view: View, node: SourceNode) -> tuple[int, ...]:
    return view.source.values[node.outputs[0]].shape
