"""Masked softmax: scores that a constant of the model sends to minus infinity take no part.

Exporters write it as Where(mask, scores, c), as Where(mask, c, scores) or as scores plus a mask
of 0 and c, c being minus infinity, the least float, -1e9, -1e4 or such. No real score outweighs
that, so a masked score has probability 0, exactly. What follows against rows without any score,
Where(IsNaN(p), 0, p), is taken in: such a row has only zeros here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.context import Lowering
from tinyrig.generator.frontends.matching import Group, View
from tinyrig.generator.frontends.rules import lowers
from tinyrig.generator.frontends.source import SourceNode, Value
from tinyrig.generator.graph.tensor import Affine, Tensor

LEAST_SCORE = -9e3
"""What is added to a masked score, or stands for it, at most: exporters write -1e4 and less."""

FAR = 16.0
"""How far below another a score has no probability that any quantizer of it shows."""

Bools = NDArray[np.bool_]


def masked_softmax(view: View, node: SourceNode) -> Group | None:
    """Where or Add (Sub) of a constant mask before a Softmax."""
    if node.op != "Softmax":
        return None
    before = view.writer(node.inputs[0], "Where", "Add", "Sub")
    found = masking(view, before) if before is not None else None
    if before is None or found is None:
        return None
    name, kept = found
    scores, masked = view.source.values[name], view.source.values[before.outputs[0]]
    if scores.shape != masked.shape:
        return None
    if not _out_of_reach(scores.affine, masked.affine, _depth(view, before)):
        return None
    mask = Value(f"{node.outputs[0]}:kept", kept.shape, kept)
    values = [mask]
    attributes = dict(node.attributes)
    if masked.affine is not None and scores.affine is None:
        values.append(replace(scores, affine=masked.affine))
    elif masked.affine is not None:
        attributes["score_scale"] = masked.affine.scale
        attributes["score_zero_point"] = masked.affine.zero_point
    merged = SourceNode("Softmax", node.name, (name, mask.name), node.outputs, attributes)
    return Group((before, node), node, merged, tuple(values))


def _depth(view: View, node: SourceNode) -> float:
    """Return how far a mask sends scores down, at least."""
    constants = (view.constant(name) for name in node.inputs)
    sizes = [
        np.abs(one.data.astype(np.float64))
        for one in constants
        if one is not None and one.data is not None
    ]
    return min(float(size[size >= -LEAST_SCORE].min(initial=np.inf)) for size in sizes)


def _out_of_reach(scores: Affine | None, masked: Affine | None, depth: float) -> bool:
    """Whether what goes down by `depth` is masked, although a quantizer stands behind it.

    It is where the quantizer's range ends far below every score, and where no scores are as large
    as the constant. Otherwise masked scores are as good as others to the graph, and it is no mask.
    """
    if scores is None or masked is None:
        return True
    least, end = (one.scale * (-128 - one.zero_point) for one in (scores, masked))
    return end <= least - FAR or depth >= FAR * 255 * scores.scale


def guarded_softmax(view: View, node: SourceNode) -> Group | None:
    """Where(IsNaN(p), 0, p) behind a Softmax, perhaps with other steps than those of p."""
    if node.op != "Where":
        return None
    condition = view.writer(node.inputs[0], "IsNaN")
    zero, name = view.constant(node.inputs[1]), node.inputs[2]
    softmax = view.writer(name, "Softmax")
    if condition is None or softmax is None or condition.inputs != (name,):
        return None
    if zero is None or zero.data is None or np.any(zero.data):
        return None
    inner, outer = view.source.values[name], view.source.values[node.outputs[0]]
    if inner.shape != outer.shape:
        return None
    if inner.affine is not None and outer.affine not in (None, inner.affine):
        rounded = SourceNode("Requantize", node.name, (name,), node.outputs)
        return Group((condition, node), node, rounded)
    merged = replace(softmax, outputs=node.outputs)
    values = (replace(outer, affine=outer.affine or inner.affine),)
    return Group((softmax, condition, node), node, merged, values)


@lowers("IsNaN")
def refuse_alone(_: Lowering, node: SourceNode) -> NoReturn:
    """Refuse an IsNaN that is no part of a masked softmax."""
    raise UnsupportedError(
        f"{node} is not a mask of a Softmax; supported are Where(mask, scores, c) with a constant "
        f"mask and a constant c of at most {LEAST_SCORE:g} whose result only a Softmax reads, "
        "also with the branches exchanged, and Where(IsNaN(p), 0, p) of a Softmax's result p."
    )


def masked_scores(at: Lowering, node: SourceNode) -> Tensor:
    """Return a softmax's scores in the affine in which the source rounds them behind the mask."""
    name = node.inputs[0]
    if "score_scale" not in node.attributes:
        return at.tensor(name)
    rounded = Affine(node.real("score_scale", 1.0), node.integer("score_zero_point", 0))
    return at.in_affine(name, rounded)


def kept_scores(at: Lowering, node: SourceNode, shape: tuple[int, ...]) -> Bools | None:
    """Return which scores a softmax over scores of `shape` keeps; None for all."""
    mask = at.constant(node.input(1))
    if mask is None or mask.data is None:
        return None
    scores = at.value(node.inputs[0]).shape
    kept = mask.data.astype(np.bool_)
    if shape != scores:
        return np.broadcast_to(kept, scores).reshape(shape)
    return kept.reshape((1,) * (len(shape) - kept.ndim) + kept.shape)


def masking(view: View, node: SourceNode) -> tuple[str, Bools] | None:
    """Return the scores' name and which of them are kept, None where the mask is another thing."""
    if node.op == "Where":
        return _chosen(view, node)
    constants = [view.constant(name) for name in node.inputs]
    slot = 0 if constants[1] is not None else 1
    mask = constants[1 - slot]
    if mask is None or mask.data is None or constants[slot] is not None:
        return None
    if node.op == "Sub" and slot == 1:
        return None
    added = -mask.data if node.op == "Sub" else mask.data
    kept = added == 0
    if not np.all(kept | (added <= LEAST_SCORE)):
        return None
    return node.inputs[slot], kept


def _chosen(view: View, node: SourceNode) -> tuple[str, Bools] | None:
    for name, kept, other in filled(view, node):
        least = np.broadcast_arrays(other, kept)
        if np.all(least[1] | (least[0] <= LEAST_SCORE)):
            return name, least[1] if other.size > 1 else kept
    return None


def filled(view: View, node: SourceNode) -> Iterator[tuple[str, Bools, NDArray[Any]]]:
    """Yield a Where's branch that is computed, where it is taken, and the constant elsewhere.

    Nothing where the condition is computed too, or both branches are.
    """
    condition, *branches = (view.constant(name) for name in node.inputs)
    if condition is None or condition.data is None:
        return
    holds = condition.data.astype(np.bool_)
    for slot, kept in ((0, holds), (1, ~holds)):
        other = branches[1 - slot]
        if branches[slot] is None and other is not None and other.data is not None:
            yield node.inputs[1 + slot], kept, other.data
