"""Masks of scores, however many and wherever they are put on, as one right before the Softmax.

Graphs scale, bias, floor or reshape scores that a mask was added to, put on two masks, or add a
bias that is a mask in places (ALiBi). A tensor between a mask and its Softmax has no range that 8
bits could hold; so the mask is taken off, and put on where nothing is left behind it. Where the
model quantizes between them all the same, the masks stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tinyrig.generator.frontends.masks import LEAST_SCORE, Bools, filled
from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.source import Source, SourceNode, Value
from tinyrig.generator.graph.tensor import Affine

HIDDEN = -1e9
"""What is added to a masked score."""

_LEAST_SCALED = -1e3
"""What is left of a mask that is scaled, at most: float32 has no exponential of it."""

_LAYOUT = frozenset({"Reshape", "Squeeze", "Unsqueeze", "Flatten", "Transpose"})


@dataclass(frozen=True, eq=False)
class _Mask:
    """One node's: the scores it reads, those it keeps, how far it sends others down, and what it
    adds to the kept ones, if anything."""

    scores: str
    kept: Bools
    low: float
    bias: NDArray[np.float64] | None = None


def masks_last(source: Source) -> Source:
    """Return the source with masked scores that go straight into their Softmax."""
    view = View(source)
    chains = {chain[0]: chain for node in source.nodes if (chain := _chain(view, node))}
    swaps: dict[SourceNode, list[SourceNode]] = {}
    values = dict(source.values)
    for chain in chains.values():
        if not swaps.keys() & set(chain):
            made = _Rewriting(view, values).of(chain)
            if made:
                swaps.update({node: [] for node in chain})
                swaps[chain[-1]] = made
    nodes = tuple(new for node in source.nodes for new in swaps.get(node, [node]))
    return replace(source, nodes=nodes, values=values) if swaps else source


def _chain(view: View, first: SourceNode) -> tuple[SourceNode, ...]:
    """Return the nodes from a mask to before its Softmax, () where there is none.

    A mask alone and right there is as it should be.
    """
    if _mask(view, first) is None:
        return ()
    chain = [first]
    shown = {name for _, name in view.source.outputs}
    while True:
        name = chain[-1].outputs[0]
        readers = view.readers[name]
        if name in shown or len(readers) != 1 or view.source.values[name].affine is not None:
            return ()
        if readers[0].op == "Softmax":
            break
        chain.append(readers[0])
    mask = _mask(view, first)
    alone = len(chain) == 1 and mask is not None and mask.bias is None
    return () if alone else tuple(chain)


class _Rewriting:
    """What a chain becomes: its nodes without masks, and one mask at the end."""

    def __init__(self, view: View, values: dict[str, Value]) -> None:
        self._view = view
        self._values = values
        self._made: list[SourceNode] = []
        self._new: dict[str, Value] = {}

    def of(self, chain: tuple[SourceNode, ...]) -> list[SourceNode]:
        """Return the chain's nodes anew, [] where one of them is in a mask's way."""
        kept: Bools | None = None
        low, name, before = HIDDEN, "", ""
        for node in chain:
            shape = self._view.source.values[node.outputs[0]].shape
            mask = _mask(self._view, node)
            name = name or (mask.scores if mask is not None else "")
            if mask is not None:
                if self._value(name).shape != shape:
                    return []
                low = max(low, mask.low) if kept is not None else mask.low
                spread = np.broadcast_to(mask.kept, shape)
                kept = spread if kept is None else kept & spread
                if mask.bias is not None and self._value(name).affine is not None:
                    return []
                name = name if mask.bias is None else self._biased(node, name, mask.bias)
            elif kept is not None and (factor := _factor(self._view, node)) is not None:
                low *= factor
                name = self._again(node, before, name, factor)
            elif kept is not None and self._adds(node, name, shape):
                name = self._again(node, before, name)
            elif kept is not None and node.op in _LAYOUT:
                kept = _moved(node, kept, shape)
                name = self._again(node, before, name)
            elif not _is_floor(self._view, node):
                return []
            before = node.outputs[0]
        if kept is None or low > _LEAST_SCALED:
            return []
        return self._masked(chain[-1], name, kept)

    def _value(self, name: str) -> Value:
        return self._new.get(name) or self._values[name]

    def _adds(self, node: SourceNode, name: str, shape: tuple[int, ...]) -> bool:
        """Whether a node only adds to scores that are real numbers as yet."""
        scores = self._value(name)
        adds = _is_bias(self._view, node) or (node.op == "Add" and len(set(node.inputs)) == 2)
        return adds and scores.shape == shape and scores.affine is None

    def _again(self, node: SourceNode, before: str, name: str, factor: float = 1.0) -> str:
        """Repeat a node that scales at most on scores without a mask; return what it writes."""
        old, affine = node.outputs[0], self._value(name).affine
        inputs = tuple(name if one == before else one for one in node.inputs)
        scaled = affine and Affine(affine.scale * factor, affine.zero_point)
        made = replace(node, inputs=inputs, outputs=(f"{old}:unmasked",))
        return self._written(made, old, scaled)

    def _biased(self, node: SourceNode, name: str, bias: NDArray[np.float64]) -> str:
        old = node.outputs[0]
        added = Value(f"{old}:bias", bias.shape, bias)
        self._new[added.name] = added
        made = SourceNode("Add", f"{node.name}:bias", (name, added.name), (f"{old}:unmasked",))
        return self._written(made, old)

    def _written(self, node: SourceNode, old: str, affine: Affine | None = None) -> str:
        (name,) = node.outputs
        self._made.append(node)
        self._new[name] = Value(name, self._view.source.values[old].shape, affine=affine)
        return name

    def _masked(self, last: SourceNode, name: str, kept: Bools) -> list[SourceNode]:
        whole = np.where(kept, 0.0, HIDDEN)
        added = Value(f"{last.outputs[0]}:mask", whole.shape, whole)
        self._values.update(self._new)
        self._values[added.name] = added
        mask = SourceNode("Add", f"{last.name}:mask", (name, added.name), last.outputs[:1])
        return [*self._made, mask]


def _mask(view: View, node: SourceNode) -> _Mask | None:
    """Return what a node is as a mask, None where it is none."""
    if node.op == "Where":
        return _chosen(view, node)
    slots = {"Add": (0, 1), "Sub": (1,)}.get(node.op, ())
    for slot in slots:
        other, constant = view.constant(node.inputs[1 - slot]), view.constant(node.inputs[slot])
        if other is not None or constant is None or constant.data is None:
            continue
        added = constant.data * (1.0 if node.op == "Add" else -1.0)
        kept = added > LEAST_SCORE
        if added.dtype.kind != "f" or kept.all():
            continue
        bias = np.where(kept, added, 0.0)
        low = float(added[~kept].max())
        return _Mask(node.inputs[1 - slot], kept, low, bias if bias.any() else None)
    return None


def _chosen(view: View, node: SourceNode) -> _Mask | None:
    for name, kept, other in filled(view, node):
        if other.dtype.kind == "f" and np.all(other <= LEAST_SCORE):
            return _Mask(name, kept, float(other.max()))
    return None


def _factor(view: View, node: SourceNode) -> float | None:
    """Return the positive number a Mul or Div scales by."""
    if node.op not in ("Mul", "Div"):
        return None
    slots = (0, 1) if node.op == "Mul" else (1,)
    found = [one for slot in slots if (one := view.constant(node.inputs[slot])) is not None]
    if len(found) != 1 or found[0].data is None or not found[0].is_scalar:
        return None
    number = float(found[0].data.reshape(-1)[0])
    if not number > 0.0:
        return None
    return number if node.op == "Mul" else 1.0 / number


def _is_bias(view: View, node: SourceNode) -> bool:
    """Whether a node adds a constant that is no mask, or subtracts one."""
    slots = {"Add": (0, 1), "Sub": (1,)}.get(node.op, ())
    return sum(view.constant(node.inputs[slot]) is not None for slot in slots) == 1


def _is_floor(view: View, node: SourceNode) -> bool:
    """Whether a node limits nothing but masked scores."""
    if node.op == "Clip":
        bounds = [view.constant(name) if name else None for name in node.inputs[1:]]
        above = len(bounds) > 1 and bool(node.inputs[2])
    else:
        bounds = [view.constant(name) for name in node.inputs]
        above = node.op != "Max"
    known = [one.data for one in bounds if one is not None and one.data is not None]
    return not above and len(known) == 1 and bool(np.all(known[0] <= LEAST_SCORE))


def _moved(node: SourceNode, kept: Bools, shape: tuple[int, ...]) -> Bools:
    if node.op != "Transpose":
        return kept.reshape(shape)
    return np.transpose(kept, node.integers("perm"))
