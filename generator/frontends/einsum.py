"""Einsum of two tensors, written as what runs: a MatMul of both laid out anew, or a Mul.

The labels that only one tensor and the result have are the rows and columns of a product over the
labels that only both tensors have; those of all three are its batch.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.folding import moved_constant
from tinyrig.generator.frontends.source import Parts, SourceNode, Value

Labels = tuple[str, ...]
_Step = tuple[str, tuple[int, ...]]
"""Transpose with its permutation, or Reshape with its shape."""
_TERM = re.compile(r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*")


def summed_product(node: SourceNode, operands: Sequence[Value | None]) -> Parts:
    """Return an Einsum as nodes that run.

    Raises UnsupportedError for one tensor or more than two, a label twice in one (a diagonal), a
    sum along a label of one tensor alone, and a label of which one tensor has a single element
    where the product sums.
    """
    given = [value for value in operands if value is not None]
    terms, result = _terms(node, [len(value.shape) for value in given])
    if len(given) != 2:
        raise UnsupportedError(f"{node} takes {len(given)} tensors; supported are two.")
    for term in terms:
        _require_plain(node, term, [*terms, result])
    left, right = (_Operand(value, term) for value, term in zip(given, terms, strict=True))
    if left.value.data is not None:  # a product takes its constant from the right
        left, right = right, left
    return _Written(node, result).of(left, right)


@dataclass(frozen=True)
class _Operand:
    value: Value
    labels: Labels

    def extents(self, labels: Labels) -> tuple[int, ...]:
        return tuple(self.value.shape[self.labels.index(label)] for label in labels)


@dataclass
class _Written:
    """The nodes and values of one Einsum."""

    node: SourceNode
    result: Labels
    nodes: list[SourceNode] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def of(self, left: _Operand, right: _Operand) -> Parts:
        summed = tuple(label for label in left.labels if label not in self.result)
        if summed:
            self._matmul(left, right, summed)
        else:
            self._mul(left, right)
        return Parts(tuple(self.nodes), tuple(self.values))

    def _matmul(self, left: _Operand, right: _Operand, summed: Labels) -> None:
        if left.extents(summed) != right.extents(summed):
            raise UnsupportedError(
                f"{self.node} sums over a label of which one tensor has a single element; "
                "supported are equal extents."
            )
        batch = tuple(one for one in self.result if one in left.labels and one in right.labels)
        rows = tuple(one for one in self.result if one not in right.labels)
        columns = tuple(one for one in self.result if one not in left.labels)
        deep, high = (math.prod(left.extents(labels)) for labels in (summed, rows))
        wide = math.prod(right.extents(columns))
        operands = (
            self._laid(left, batch + rows + summed, (*left.extents(batch), high, deep), "left"),
            self._laid(
                right, batch + summed + columns, (*right.extents(batch), deep, wide), "right"
            ),
        )
        shared = np.broadcast_shapes(left.extents(batch), right.extents(batch))
        whole = (*shared, *left.extents(rows), *right.extents(columns))
        order = batch + rows + columns
        steps = self._steps(
            (*shared, high, wide),
            ("Reshape", whole),
            ("Transpose", tuple(order.index(label) for label in self.result)),
        )
        product = f"{self.node.outputs[0]}:product" if steps else self.node.outputs[0]
        self.nodes.append(SourceNode("MatMul", self.node.name, operands, (product,)))
        if steps:
            self.values.append(Value(product, (*shared, high, wide)))
            self._walk(product, steps, "result", self.node.outputs[0])

    def _mul(self, left: _Operand, right: _Operand) -> None:
        names = []
        for operand, side in ((left, "left"), (right, "right")):
            labels = tuple(one for one in self.result if one in operand.labels)
            extents = (operand.extents((one,))[0] if one in labels else 1 for one in self.result)
            names.append(self._laid(operand, labels, tuple(extents), side))
        self.nodes.append(SourceNode("Mul", self.node.name, tuple(names), self.node.outputs))

    def _laid(self, operand: _Operand, order: Labels, shape: tuple[int, ...], side: str) -> str:
        """Return a tensor with its labels in an order, then in a shape."""
        value = operand.value
        perm = tuple(operand.labels.index(label) for label in order)
        if value.data is not None:
            name = f"{self.node.outputs[0]}:{side}"
            made = moved_constant(value, name, lambda data: data.transpose(perm).reshape(shape))
            self.values.append(made)
            return made.name
        steps = self._steps(value.shape, ("Transpose", perm), ("Reshape", shape))
        return self._walk(value.name, steps, side)

    def _steps(self, shape: tuple[int, ...], *steps: _Step) -> list[tuple[_Step, tuple[int, ...]]]:
        """Return those of the steps that change a layout, each with the shape behind it."""
        found = []
        for op, said in steps:
            turned = op == "Transpose"
            behind = tuple(shape[axis] for axis in said) if turned else said
            if said != tuple(range(len(shape))) if turned else behind != shape:
                found.append(((op, said), behind))
            shape = behind
        return found

    def _walk(
        self, name: str, steps: list[tuple[_Step, tuple[int, ...]]], side: str, last: str = ""
    ) -> str:
        """Append the nodes of steps from `name` on; return what the last of them writes."""
        for number, ((op, said), shape) in enumerate(steps, 1):
            label = f"{self.node.name}.{side}_{op.lower()}"
            to = (
                last
                if last and number == len(steps)
                else f"{self.node.outputs[0]}:{side}_{op.lower()}"
            )
            if to != last:
                self.values.append(Value(to, shape))
            if op == "Transpose":
                self.nodes.append(SourceNode(op, label, (name,), (to,), {"perm": said}))
            else:
                target = Value(f"{to}:shape", (len(said),), np.asarray(said, dtype=np.int64))
                self.values.append(target)
                self.nodes.append(SourceNode(op, label, (name, target.name), (to,)))
            name = to
        return name


def _terms(node: SourceNode, ranks: Sequence[int]) -> tuple[list[Labels], Labels]:
    """Return the labels of all tensors and of the result; those of '...' count from its end."""
    sides = node.text("equation", "").replace(" ", "").split("->")
    texts = sides[0].split(",")
    if len(texts) != len(ranks) or not all(map(_TERM.fullmatch, sides[0].split(",") + sides[1:])):
        raise UnsupportedError(
            f"{node} has an equation that is none: {node.text('equation', '')!r}."
        )
    terms = [_labels(text, rank) for text, rank in zip(texts, ranks, strict=True)]
    spread = max((sum(one.isdigit() for one in term) for term in terms), default=0)
    if len(sides) > 1:
        return terms, _labels(sides[1], len(sides[1].replace("...", "")) + spread)
    named = [one for term in terms for one in term if not one.isdigit()]
    once = sorted(one for one in set(named) if named.count(one) == 1)
    return terms, (*map(str, reversed(range(spread))), *once)


def _labels(text: str, rank: int) -> Labels:
    head, dots, tail = text.partition("...")
    spread = rank - len(head) - len(tail) if dots else 0
    return (*head, *map(str, reversed(range(spread))), *tail)


def _require_plain(node: SourceNode, term: Labels, all_terms: list[Labels]) -> None:
    if len(set(term)) < len(term):
        raise UnsupportedError(f"{node} takes a diagonal; supported is each label once a tensor.")
    alone = [one for one in term if sum(one in other for other in all_terms) == 1]
    if alone:
        raise UnsupportedError(
            f"{node} sums one tensor alone along {alone[0]!r}; put a ReduceSum before it."
        )
