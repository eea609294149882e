"""A dialect model's source form: sums joined with the RequantShift that brings them to 8 bits.

What is stored has an affine of scale 1: signed integers as they are, unsigned ones lowered by 128.
A product, or a sum of several tensors, has none and is read by a RequantShift alone; both become a
node `<operator>+RequantShift`, whose inputs are the operands, a bias, `mul` and `add`. What is
computed of one tensor has none either: it becomes a table (context.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tinyrig.generator.errors import UnsupportedError
from tinyrig.generator.frontends.bounds import Interval
from tinyrig.generator.frontends.dialect.requant_shift import is_signed, stored
from tinyrig.generator.frontends.dialect.standard import DOMAIN
from tinyrig.generator.frontends.source import Attribute, Source, SourceNode
from tinyrig.generator.graph.tensor import INT8_MAX, Affine

JOINED = "+RequantShift"
MEAN = "IntegerMean"
_SHIFT = f"{DOMAIN}.RequantShift"
_PRODUCTS = frozenset({"Conv", "Gemm", "MatMul"})
_DIVISIONS = frozenset({f"{DOMAIN}.IntegerDiv", f"{DOMAIN}.TrueIntegerDiv"})
_KEPT = frozenset(
    {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Expand", "Tile", "Slice", "Split"}
    | {"Gather", "MaxPool", "GlobalMaxPool", "Concat", "Pad", "ReduceMean", "ReduceMax"}
    | {"ReduceMin", "Max", "Min"}
)
_AFFINES: Mapping[str, Affine] = {
    f"{DOMAIN}.iSoftmax": stored(False),
    f"{DOMAIN}.ITAMax": stored(False),
    f"{DOMAIN}.ITAPartialMax": stored(True),
    f"{DOMAIN}.iLayerNorm": stored(True),
    f"{DOMAIN}.iRMSNorm": stored(True),
}


@dataclass(frozen=True)
class _Sum:
    """What a RequantShift reads: the node that makes it, its operands, and a bias added to it."""

    node: SourceNode
    op: str
    operands: tuple[str, ...]
    bias: str


def input_affines(
    source: Source, seen: Mapping[str, Interval]
) -> tuple[Mapping[str, Affine], tuple[str, ...]]:
    """Return how the inputs are stored, by the values seen of them, and a line for those unseen.

    Without values they are taken to be signed. Raises UnsupportedError for more than 8 bits.
    """
    found, notes = {}, []
    for name in source.inputs:
        low, high = seen.get(name, (-1.0, 0.0))
        signed = low < 0 or high <= INT8_MAX
        affine = stored(signed)
        if not affine.zero_point * -1 - 128 <= low <= high <= affine.zero_point * -1 + 127:
            raise UnsupportedError(
                f"The model input {name!r} was given integers from {low:g} to {high:g}; supported "
                "are 8 bits, signed or unsigned."
            )
        found[name] = affine
        if name not in seen:
            notes.append(
                f"the input {name!r} is taken as signed 8-bit integers: the file does not say. "
                "--inputs or --calibration FILE.npz tells by its values."
            )
    return found, tuple(notes)


def fused(source: Source, inputs: Mapping[str, Affine]) -> Source:
    """Return the source with sums and their RequantShift as one node, and an affine on all stored.

    Raises UnsupportedError, naming the node, for a sum that anything else reads.
    """
    walk = _Walk(source, inputs)
    nodes = [walk.taken(node) for node in source.nodes]
    values = {
        name: replace(value, affine=walk.affines.get(name)) for name, value in source.values.items()
    }
    made = tuple(node for node in nodes if node is not None)
    walk.check(made)
    return replace(source, values=values, nodes=made)


class _Walk:
    """Nodes in execution order, and the affines of what they store."""

    def __init__(self, source: Source, inputs: Mapping[str, Affine]) -> None:
        self._source = source
        self._writers = source.producers()
        self._sums: set[str] = set()
        self.affines = dict(inputs)

    def taken(self, node: SourceNode) -> SourceNode | None:
        """Return a node as it is lowered, None for one that makes a sum."""
        if node.op == _SHIFT:
            self.affines[node.outputs[0]] = stored(is_signed(node))
            return self._joined(node)
        if self._makes_sum(node):
            self._sums.update(node.outputs)
            return None
        affine = self._affine_of(node)
        if affine is not None:
            self.affines.update(dict.fromkeys(filter(None, node.outputs), affine))
        return replace(node, op=MEAN) if node.op == "ReduceMean" else node

    def check(self, nodes: tuple[SourceNode, ...]) -> None:
        """Refuse what reads a sum as it is."""
        read = [(str(node), name) for node in nodes for name in node.inputs]
        read += [(f"The model output {own!r}", name) for own, name in self._source.outputs]
        for reader, name in read:
            if name in self._sums:
                raise UnsupportedError(
                    f"{reader} is made of the sums of {self._writers[name]} as they are, of more "
                    "than 8 bits; supported is a RequantShift of at most 256 levels after them."
                )
        for own, name in self._source.outputs:
            if name not in self.affines:
                raise UnsupportedError(
                    f"The model output {own!r}, written by {self._writers[name]}, has more than 8 "
                    "bits; supported is a RequantShift of at most 256 levels before it."
                )

    def _makes_sum(self, node: SourceNode) -> bool:
        active = self._active(node)
        if node.op in _PRODUCTS:
            return True
        if node.op in _DIVISIONS:
            return len(node.inputs) > 1
        if node.op not in ("Add", "Mul"):
            return False
        with_sum = any(name in self._sums for name in node.inputs)
        return with_sum or len(set(active)) > 1

    def _affine_of(self, node: SourceNode) -> Affine | None:
        if node.op in _AFFINES:
            return _AFFINES[node.op]
        if node.op not in _KEPT:
            return None
        found = {self.affines.get(name) for name in self._active(node)}
        if len(found) > 1:
            raise UnsupportedError(
                f"{node} joins signed and unsigned integers; supported are operands of one kind."
            )
        return found.pop() if found else None

    def _active(self, node: SourceNode) -> list[str]:
        values = self._source.values
        return [name for name in node.inputs if name and values[name].data is None]

    def _joined(self, shift: SourceNode) -> SourceNode:
        """Return a RequantShift with the sum it reads; itself where it reads a stored tensor."""
        name = shift.inputs[0]
        if name not in self._sums:
            return shift
        found = self._sum(name)
        attributes: dict[str, Attribute] = {**found.node.attributes, **shift.attributes}
        return SourceNode(
            f"{found.op}{JOINED}",
            found.node.name,
            (*found.operands, found.bias, *shift.inputs[1:3]),
            shift.outputs,
            attributes,
        )

    def _sum(self, name: str) -> _Sum:
        node = self._writers[name]
        if node.op in _PRODUCTS:
            bias = node.input(2)
            return _Sum(node, node.op, node.inputs[:2], bias)
        if node.op in _DIVISIONS:
            return _Sum(node, "IntegerDiv", node.inputs[:2], "")
        sums = [one for one in node.inputs if one in self._sums]
        constants = [one for one in node.inputs if self._source.values[one].data is not None]
        if node.op == "Add" and len(sums) == len(constants) == 1:
            found = self._sum(sums[0])
            if found.op in _PRODUCTS and not found.bias:
                return replace(found, bias=constants[0])
        if node.op == "Add" and not constants:
            leaves = tuple(self._leaves(name))
            if not self._sums.intersection(leaves):
                return _Sum(node, "Add", leaves, "")
        if node.op == "Mul" and not sums and not constants:
            return _Sum(node, "Mul", node.inputs, "")
        raise UnsupportedError(
            f"{node} combines sums of more than 8 bits; supported are a constant bias on a "
            "product, sums of 8-bit tensors and products of two, with a RequantShift after each."
        )

    def _leaves(self, name: str) -> Iterator[str]:
        """Yield the operands of a tree of additions."""
        node = self._writers.get(name)
        if name in self._sums and node is not None and node.op == "Add":
            for operand in node.inputs:
                yield from self._leaves(operand)
        else:
            yield name
