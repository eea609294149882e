"""Products with a constant for each of a batch, of several scales: one product for each of them.

A tensor has one scale. A constant of [..., K, N] whose channels have scales of their own keeps them
as the weights of products with [K, N], one for each index of the axes before.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from tinyrig.generator.frontends.folding import moved_constant
from tinyrig.generator.frontends.source import Source, SourceNode, Value


def products_apart(source: Source) -> Source:
    """Return the source with such a MatMul as one for each matrix of its constant, and a Concat."""
    values = dict(source.values)
    nodes: list[SourceNode] = []
    for node in source.nodes:
        slot = _slot(node, values) if node.op == "MatMul" else None
        nodes += [node] if slot is None else _Apart(node, slot, values).nodes()
    return replace(source, values=values, nodes=tuple(nodes))


def _slot(node: SourceNode, values: dict[str, Value]) -> int | None:
    """Return which operand is a constant of several matrices and scales, but not along K."""
    for slot, name in enumerate(node.inputs[:2]):
        codes, shape = values[name].codes, values[name].shape
        if codes is None or math.prod(shape[:-2]) == 1:
            continue
        if codes.scale.size > 1 and codes.scale.shape[-2 if slot else -1] == 1:
            return slot
    return None


@dataclass(frozen=True)
class _Apart:
    """A MatMul, the operand that is constant, and the source's values, to which those here go."""

    node: SourceNode
    slot: int
    values: dict[str, Value]

    def nodes(self) -> list[SourceNode]:
        """Return the nodes that stand for it."""
        names = self.node.inputs
        other, constant = self.values[names[1 - self.slot]], self.values[names[self.slot]]
        return list(self._of(other, constant, self.values[self.node.outputs[0]], self.node.name))

    def _of(self, x: Value, constant: Value, y: Value, label: str) -> Iterator[SourceNode]:
        rank = len(constant.shape)
        axis = next((one for one in range(-rank, -2) if constant.shape[one] > 1), None)
        if axis is None:
            inputs = (constant.name, x.name) if self.slot == 0 else (x.name, constant.name)
            yield replace(self.node, name=label, inputs=inputs, outputs=(y.name,))
            return
        parts = []
        for index in range(constant.shape[axis]):
            name = f"{y.name}:{index}"
            taken = partial(np.take, indices=[index], axis=axis)
            own = self._kept(moved_constant(constant, f"{name}.weight", taken))
            cut = x
            if -axis <= len(x.shape) and x.shape[axis] > 1:
                cut = self._kept(Value(f"{name}.in", _one(x.shape, axis), affine=x.affine))
                yield self._slice(x, cut, axis, index)
            part = self._kept(Value(name, _one(y.shape, axis), affine=y.affine))
            parts.append(name)
            yield from self._of(cut, own, part, f"{label}.{index}")
        yield SourceNode("Concat", label, tuple(parts), (y.name,), {"axis": axis})

    def _slice(self, x: Value, cut: Value, axis: int, index: int) -> SourceNode:
        bounds = {"starts": index, "ends": index + 1, "axes": axis + len(x.shape)}
        names = [
            self._kept(Value(f"{cut.name}:{what}", (1,), np.array([number]))).name
            for what, number in bounds.items()
        ]
        return SourceNode("Slice", f"{cut.name}.slice", (x.name, *names), (cut.name,))

    def _kept(self, value: Value) -> Value:
        self.values[value.name] = value
        return value


def _one(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    return (*shape[:axis], 1, *shape[len(shape) + axis + 1 :])
