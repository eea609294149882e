"""What of a float graph is never quantized: constants that are no data, and steps within a table.

An exponent, a bound, a slope or any scalar of a pointwise operator is a parameter of a function;
its 8-bit code would make another function of it. A mask is one too: where it lies, the score
takes no part, and a range that held its -1e9 would leave nothing for the scores. A tensor that
only pointwise operators read, all of them functions of one and the same tensor, becomes part of
that function's table, so it needs no 8-bit form (Gelu, SiLU and the like in parts). Nor does a
product that only its bias is added to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from tinyrig.generator.frontends.lower_safe_division import safe_quotient
from tinyrig.generator.frontends.matching import View
from tinyrig.generator.frontends.patterns import biased_product
from tinyrig.generator.frontends.pointwise import JOINING, UNARY
from tinyrig.generator.frontends.source import Source, SourceNode, Value

# A score this low has a softmax weight of exactly 0 in float32.
MASKED = -1e4

# Operand slots that hold a parameter of the operator, whatever their shape.
_MASKING = ("Add", "Sub", "Where")
_PARAMETERS = {"Pow": (1,), "PRelu": (1,), "Clip": (1, 2), "Pad": (2,), "Where": (0,)}
# Weights of a recurrent step are quantized where it is lowered, a scale a row of each gate.
_PARAMETERS |= {"GRU": (1, 2, 3, 4, 5), "LSTM": (1, 2, 3, 4, 5, 6, 7)}


@dataclass(frozen=True)
class Exact:
    """A source whose exact constants have readers of their own, and the names left as they are."""

    source: Source
    constants: frozenset[str]
    activations: frozenset[str]


def exact_parts(source: Source) -> Exact:
    """Return what the quantizer must leave alone.

    A constant that is data to one node and a parameter to another becomes two.
    """
    view = View(source)
    values = dict(source.values)
    constants: set[str] = set()
    nodes = []
    for node in source.nodes:
        slots = _exact_slots(view, node)
        inputs = list(node.inputs)
        for slot in slots:
            inputs[slot] = f"{node.inputs[slot]}:exact"
            constants.add(inputs[slot])
            values[inputs[slot]] = replace(values[node.inputs[slot]], name=inputs[slot])
        nodes.append(replace(node, inputs=tuple(inputs)))
    inner = _within_tables(view) | _masked_scores(view) | _guarded(view) | _before_biases(view)
    changed = replace(source, nodes=tuple(nodes), values=values)
    return Exact(changed, frozenset(constants), frozenset(inner))


def _exact_slots(view: View, node: SourceNode) -> list[int]:
    """Return the operands of a node that are constants and parameters."""
    found = []
    for slot, name in enumerate(node.inputs):
        value = view.constant(name)
        if value is None:
            continue
        parameter = slot in _PARAMETERS.get(node.op, ())
        if parameter or _is_parameter_scalar(view, node, value) or _is_mask(view, node, slot):
            found.append(slot)
    return found


def _is_parameter_scalar(view: View, node: SourceNode, value: Value) -> bool:
    result = view.source.values[node.outputs[0]]
    others = [view.source.values[name] for name in node.inputs if name not in ("", value.name)]
    return (
        node.op in JOINING
        and value.is_scalar
        and (node.op != "Where" or view.constant(node.inputs[0]) is None)
        and any(other.data is None and other.shape == result.shape for other in others)
    )


def _is_mask(view: View, node: SourceNode, slot: int) -> bool:
    """Whether an operand hides scores before a Softmax: added to them, or taken in their place."""
    if node.op == "Add" or (node.op == "Sub" and slot == 1):
        sign = 1.0 if node.op == "Add" else -1.0
        return _lowest(view, node.inputs[slot], sign) <= MASKED and _ends_in_softmax(view, node)
    if node.op == "Where" and slot > 0:
        value = view.constant(node.inputs[slot])
        hides = value is not None and value.data is not None and np.all(value.data <= MASKED)
        return bool(hides) and _ends_in_softmax(view, node)
    return False


def _lowest(view: View, name: str, sign: float) -> float:
    value = view.constant(name)
    if value is None or value.data is None or value.data.dtype.kind != "f" or not value.data.size:
        return 0.0
    return float((sign * value.data).min())


def _ends_in_softmax(view: View, node: SourceNode) -> bool:
    """Whether all readers are a Softmax, or put one more mask on before it."""
    readers = view.readers[node.outputs[0]]
    return bool(readers) and all(
        reader.op == "Softmax" or (reader.op in _MASKING and _ends_in_softmax(view, reader))
        for reader in readers
    )


def _masked_scores(view: View) -> set[str]:
    """Return the tensors that hold a mask's value where it lies."""
    found: set[str] = set()
    for node in view.source.nodes:
        masks = any(_is_mask(view, node, slot) for slot in range(len(node.inputs)))
        joins = node.op in _MASKING and not found.isdisjoint(node.inputs)
        if masks or joins:
            found.add(node.outputs[0])
    return found


def _before_biases(view: View) -> set[str]:
    """Return the products of a MatMul that only its bias is added to: one operator with it."""
    shown = {value for _, value in view.source.outputs}
    found = {node.outputs[0] for node in view.source.nodes if biased_product(view, node)}
    return found - shown


def _guarded(view: View) -> set[str]:
    """Return what stands between a Softmax and its guard, Where(IsNaN(p), 0, p), or a Div and its
    own, Where(Equal(b, 0), 0, Div(a, b)): one operator."""
    found: set[str] = set()
    for node in view.source.nodes:
        safe = safe_quotient(view, node)
        if safe is not None:
            found.update(one.outputs[0] for one in safe.nodes if one is not node)
            continue
        condition = view.writer(node.inputs[0], "IsNaN") if node.op == "Where" else None
        name = node.inputs[2] if condition is not None else ""
        if condition is None or condition.inputs != (name,) or not view.writer(name, "Softmax"):
            continue
        if len(view.readers[name]) == 2:
            found.update((name, condition.outputs[0]))
    return found


def _within_tables(view: View) -> set[str]:
    """Return the tensors that are steps of a function of one tensor, and read as nothing else.

    What is shown, or read by others too, has codes of its own, of which its readers are functions.
    """
    coded = {value for _, value in view.source.outputs}
    while True:
        roots = _roots(view, coded)
        inner = {name for name in roots if name not in coded and _is_step(view, name, roots)}
        if coded.issuperset(more := roots.keys() - inner):
            return inner
        coded |= more


def _roots(view: View, coded: Collection[str]) -> dict[str, str]:
    """Return the tensor of which each result of a pointwise operator is a function."""
    roots: dict[str, str] = {}
    starts: dict[str, str] = {}
    for node in view.source.nodes:
        root = _root(view, node, starts)
        if root is not None:
            name = node.outputs[0]
            roots[name] = root
            if name not in coded:
                starts[name] = root
    return roots


def _is_step(view: View, name: str, roots: Mapping[str, str]) -> bool:
    readers = view.readers[name]
    return bool(readers) and all(roots.get(one.outputs[0]) == roots[name] for one in readers)


def _root(view: View, node: SourceNode, roots: Mapping[str, str]) -> str | None:
    """Return the one tensor whose elements alone decide a node's, None when there is none."""
    if node.op not in UNARY and node.op not in JOINING and node.op != "Clip":
        return None
    values = view.source.values
    operands = [values[name] for name in dict.fromkeys(filter(None, node.inputs))]
    active = [value for value in operands if value.data is None]
    result = values[node.outputs[0]].shape
    constant = all(value.is_scalar for value in operands if value.data is not None)
    found = {roots.get(value.name, value.name) for value in active}
    if node.op in ("Relu", "Clip") and _limits_its_writer(view, active, roots):
        return None
    if len(found) != 1 or not constant or any(value.shape != result for value in active):
        return None
    return found.pop()


def _limits_its_writer(view: View, active: list[Value], roots: Mapping[str, str]) -> bool:
    """Whether a Relu or Clip is the clamp of the operator before it, and so starts a table."""
    names = [value.name for value in active]
    return all(
        name in view.writers and name not in roots and len(view.readers[name]) == 1
        for name in names
    )
