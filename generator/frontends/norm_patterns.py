"""LayerNorm and RMSNorm written in parts, as one node each.

Both end in x / sqrt(mean(x^2) + epsilon) over the last axes: LayerNorm of x - mean(x), RMSNorm of
x itself. Exporters write the square as Pow or Mul; the root as Sqrt, Pow 0.5 or Pow -0.5; the
division as Div, as Reciprocal and Mul, or as 1 / root and Mul. A variance that a constant scales
(torch.var, unbiased) and an epsilon of its own scale go into epsilon and the gain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tinyrig.generator.frontends.matching import Group, View, apply_pattern, axes_of, row_shapes
from tinyrig.generator.frontends.source import Source, SourceNode, Value


def apply_norms(source: Source) -> Source:
    """Return the source with every norm in parts as a LayerNormalization or RMSNormalization."""
    return apply_pattern(source, _norm)


@dataclass(frozen=True)
class _Power:
    """epsilon + factor * mean(x^2) over the axes from `axis` on, and the nodes that compute it."""

    nodes: tuple[SourceNode, ...]
    squared: str
    axis: int
    factor: float
    epsilon: float


def _norm(view: View, node: SourceNode) -> Group | None:
    power = _power(view, node) if _exponent_of_root(view, node) is not None else None
    divided = None if power is None else _divided(view, node, power.squared)
    if power is None or divided is None:
        return None
    parts, other = divided
    nodes = [*power.nodes, node, *parts]
    centred = _centred(view, power, other)
    nodes += centred or ()
    last = parts[-1]
    extents = view.source.values[last.outputs[0]].shape[power.axis :]
    gain, last = _row_factor(view, last, "Mul", nodes, extents)
    shift = ""
    if centred:
        shift, last = _row_factor(view, last, "Add", nodes, extents)
    source = centred[-1].inputs[0] if centred else other
    scaled = _scaled_gain(view, f"{last.outputs[0]}:gain", gain, power.factor, extents)
    attributes = {"axis": power.axis - len(view.source.values[source].shape)}
    merged = SourceNode(
        "LayerNormalization" if centred else "RMSNormalization",
        last.name,
        (source, gain if scaled is None else scaled.name, *([shift] if shift else [])),
        last.outputs,
        {**attributes, "epsilon": power.epsilon / power.factor},
    )
    return Group(tuple(dict.fromkeys(nodes)), last, merged, () if scaled is None else (scaled,))


def _scaled_gain(
    view: View, name: str, gain: str, factor: float, extents: tuple[int, ...]
) -> Value | None:
    """Return the gain a variance scaled by `factor` needs; None when the graph's own will do."""
    own = view.constant(gain) if gain else None
    if own is not None and factor == 1.0:
        return None
    data = np.ones(extents) if own is None or own.data is None else own.data
    scaled = np.asarray(data / math.sqrt(factor))
    return Value(name, scaled.shape, scaled)


def _scalar(view: View, name: str) -> float | None:
    value = view.constant(name)
    if value is None or value.data is None or not value.is_scalar:
        return None
    return float(value.data.reshape(-1)[0])


def _exponent_of_root(view: View, node: SourceNode) -> float | None:
    """Return 0.5 for a square root, -0.5 for its inverse, None for another node."""
    if node.op == "Sqrt":
        return 0.5
    power = _scalar(view, node.inputs[1]) if node.op == "Pow" else None
    return power if power in (0.5, -0.5) else None


def _power(view: View, root: SourceNode) -> _Power | None:
    """Return what stands before the root."""
    add = view.writer(root.inputs[0], "Add")
    parts = view.split_constant(add) if add is not None else None
    epsilon = None if parts is None else _scalar(view, parts[1].name)
    if add is None or parts is None or epsilon is None or epsilon < 0.0:
        return None
    nodes, factor, name = [add], 1.0, parts[0]
    while (scale := view.writer(name, "Mul", "Div")) is not None:
        step = _scale_of(view, scale)
        if step is None:
            return None
        nodes.append(scale)
        name, factor = step[0], factor * step[1]
    mean = view.writer(name, "ReduceMean")
    axis = None if mean is None else _first_axis(view, mean)
    square = None if mean is None else view.writer(mean.inputs[0], "Pow", "Mul")
    squared = None if square is None else _squared(view, square)
    if mean is None or axis is None or square is None or squared is None:
        return None
    return _Power((*nodes, mean, square), squared, axis, factor, epsilon)


def _scale_of(view: View, node: SourceNode) -> tuple[str, float] | None:
    """Return (what it scales, by which positive constant) of a Mul or Div."""
    if node.op == "Mul":
        found = view.split_constant(node)
        name, factor = ("", None) if found is None else (found[0], _scalar(view, found[1].name))
    else:
        name, factor = node.inputs[0], _scalar(view, node.inputs[1])
        factor = 1.0 / factor if factor else None
    return (name, factor) if factor is not None and factor > 0.0 else None


def _squared(view: View, node: SourceNode) -> str | None:
    """Return what a Pow 2 or a Mul squares: two differences of the same tensors are one."""
    first, second = node.inputs[:2]
    if node.op == "Pow":
        return first if _scalar(view, second) == 2.0 else None
    subs = [view.writer(name, "Sub") for name in (first, second)]
    return first if first == second or _equal(*subs) else None


def _equal(first: SourceNode | None, second: SourceNode | None) -> bool:
    return first is not None and second is not None and first.inputs == second.inputs


def _first_axis(view: View, node: SourceNode) -> int | None:
    """Return the axis from which on a mean is taken to the end, None for another mean."""
    rank = len(view.source.values[node.inputs[0]].shape)
    axes = axes_of(node, view.source, rank)
    if not axes or axes != tuple(range(axes[0], rank)):
        return None
    return axes[0] if node.integer("keepdims", 1) == 1 else None


def _divided(
    view: View, root: SourceNode, squared: str
) -> tuple[tuple[SourceNode, ...], str] | None:
    """Return the nodes that divide by the root, and what they divide: `squared` or its double."""
    nodes: list[SourceNode] = []
    name, inverted = root.outputs[0], _exponent_of_root(view, root) == -0.5
    inverse = None if inverted else view.only_reader(name, "Reciprocal", "Div")
    if inverse is not None and (
        inverse.op == "Reciprocal" or _scalar(view, inverse.inputs[0]) == 1
    ):
        nodes.append(inverse)
        name, inverted = inverse.outputs[0], True
    last = view.only_reader(name, "Mul" if inverted else "Div")
    if last is None or (not inverted and last.inputs[1] != name) or last.inputs.count(name) != 1:
        return None
    other = last.inputs[0] if last.inputs[1] == name else last.inputs[1]
    if other != squared and not _equal(view.writer(other, "Sub"), view.writer(squared, "Sub")):
        return None
    return (*nodes, last), other


def _centred(view: View, power: _Power, divided: str) -> tuple[SourceNode, ...] | None:
    """Return the nodes that subtract the mean over the same axes, the last one a Sub."""
    names = dict.fromkeys((*power.nodes[-1].inputs, divided))
    subs = [sub for name in names if (sub := view.writer(name, "Sub")) is not None]
    mean = view.writer(subs[0].inputs[1], "ReduceMean") if subs else None
    if mean is None or mean.inputs[0] != subs[0].inputs[0]:
        return None
    return (mean, *subs) if _first_axis(view, mean) == power.axis else None


def _row_factor(
    view: View, last: SourceNode, op: str, nodes: list[SourceNode], extents: tuple[int, ...]
) -> tuple[str, SourceNode]:
    """Take in a Mul or Add by a row of constants, if that is what follows `last`."""
    reader = view.only_reader(last.outputs[0], op)
    found = view.split_constant(reader) if reader is not None else None
    if reader is None or found is None:
        return "", last
    value = view.source.values[reader.outputs[0]]
    if value.shape != view.source.values[last.outputs[0]].shape:
        return "", last
    if not _is_row(found[1].shape, extents, len(value.shape)):
        return "", last
    nodes.append(reader)
    return found[1].name, reader


def _is_row(shape: tuple[int, ...], extents: tuple[int, ...], rank: int) -> bool:
    """Whether a constant of this shape changes along the normalised axes only."""
    if len(extents) == 1:
        return shape in row_shapes(extents[0], rank)
    inner = shape[-len(extents) :] if len(shape) >= len(extents) else shape
    outer = shape[: len(shape) - len(inner)]
    kept = extents[len(extents) - len(inner) :]
    fits = all(own in (1, extent) for own, extent in zip(inner, kept, strict=True))
    return fits and len(shape) <= rank and set(outer) <= {1}
